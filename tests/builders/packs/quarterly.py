"""A small regime that is like none of the shipped ones: administrative reform by quarters, five units, one form of
figures, no projects, no form for texts."""

from __future__ import annotations

from pathlib import Path

from builders.sites.site import PROJECT

CODE = "cai-cach-hanh-chinh"
UNITS = {f"0000{n}": name for n, name in enumerate(("An Bình", "An Hòa", "An Khánh", "An Lạc", "An Phú"), 1)}

REGIME = """
schema: 2
code: cai-cach-hanh-chinh
name: Báo cáo công tác cải cách hành chính tỉnh Mẫu
programme: công tác cải cách hành chính
receipt_prefix: CC
go_live_on: 2027-01-01
authority:
  province: Mẫu
  parent: ""
  issuer: ỦY BAN NHÂN DÂN TỈNH MẪU
  symbol: BC-UBND
  place: Mẫu
  signer_block: [TM. ỦY BAN NHÂN DÂN, CHỦ TỊCH]
  standing_office: Sở Nội vụ
  standing_unit: Phòng Cải cách hành chính
  archive_line: "Lưu: VT."
  lead_email: cchc@mau.example
  leadership_email: lanh-dao@mau.example
  standing_email: so-noi-vu@mau.example
  contact: Phòng Cải cách hành chính, Sở Nội vụ
  phone: 0200.000.0000 (số ví dụ)
  contact_email: cchc@mau.example
  anchor: KH
wording: {unit_short: xã, top_short: tỉnh, whole: toàn tỉnh, unit_level: cấp xã, top_level: cấp tỉnh, units: xã,
  approver: Sở Nội vụ, signer: Ủy ban nhân dân tỉnh}
legal_basis:
  - {id: KH, document: Kế hoạch số 10/KH-UBND ngày 05/01/2027 của Ủy ban nhân dân tỉnh Mẫu, article: Mục III,
     text: Báo cáo hằng quý, trust: confirmed}
  - {id: NĐ09.12, document: Nghị định số 09/2019/NĐ-CP ngày 24/01/2019 của Chính phủ, article: Điều 12,
     text: Thời gian chốt số liệu báo cáo định kỳ, trust: confirmed}
periods:
  - kind: quarterly
    years: [2027, 2028]
    opens: {day: 1}
    unit: {by: {day: 20}, locked_days_after_due: 10, anchor: KH}
    province: {by: {working_days: 5, after: unit_deadline}, locked_days_after_due: 30, anchor: KH}
    anchor: NĐ09.12
    recipients: [bo-noi-vu]
recipients:
  - {id: bo-noi-vu, name: Bộ Nội vụ, email: tiep-nhan@bo-noi-vu.example, verified: true, anchor: KH}
reminders:
  - {id: t-3, days_from_safe: -3, to: unit, template: reminder_before, anchor: KH}
  - {id: t+0, days_from_due: 0, to: head, template: reminder_overdue_head, anchor: KH}
rules:
  - {id: V12, kind: part_of_whole}
  - {id: V13, kind: nothing_of_nothing}
  - {id: V14, title: Số «trong đó» không lớn hơn số chung}
  - {id: V26, kind: ratio}
  - {id: V32, kind: cumulative_year}
  - {id: V35, kind: large_change}
forms: {CCHC: "2027.1"}
"""

FORM = """
code: CCHC
version: "2027.1"
title: Kết quả công tác cải cách hành chính
short: Cải cách hành chính
official: Biểu số 01
anchor: KH
assumed: false
valid_from: "2027-01-01"
tables:
  - code: A
    columns:
      - {code: TH, title: Thực hiện trong kỳ, role: actual}
      - {code: LKN, title: Lũy kế năm, role: cumulative_year}
      - {code: GT, title: "Giải trình, ghi chú", role: explanation, type: text, width: 30}
    rows:
      - {code: H1, item: "I", name: Thủ tục hành chính, heading: true}
      - {code: TT01, item: "1", name: Hồ sơ đã tiếp nhận, unit: hồ sơ, type: count, nature: flow, levels: [commune],
         roll_up: sum, trace: KH}
      - {code: TT02, item: "2", name: Hồ sơ giải quyết đúng hạn, unit: hồ sơ, type: count, nature: flow,
         levels: [commune], roll_up: sum, trace: KH}
      - {code: H2, item: "II", name: Tuyên truyền, heading: true}
      - {code: TT03, item: "3", name: Hội nghị đã tổ chức, unit: hội nghị, type: count, nature: flow, levels: [commune],
         roll_up: sum, trace: KH}
relations:
  - rule: V14
    id: V14.TT02
    at_most: [[CCHC/TT02/TH], [CCHC/TT01/TH]]
    message: "Số hồ sơ đúng hạn ({left}) lớn hơn số đã tiếp nhận ({right}). Hãy sửa một trong hai số."
"""


def quarterly_root(folder: Path) -> Path:
    """A project root whose only pack is this one."""
    root = folder / "root"
    pack = root / "include" / "regimes" / CODE
    (pack / "forms" / "CCHC").mkdir(parents=True)
    (root / "sql").symlink_to(PROJECT / "sql")
    for name in ("templates", "reference"):
        (root / "include" / name).symlink_to(PROJECT / "include" / name)
    (pack / "regime.yaml").write_text(REGIME, encoding="utf-8")
    (pack / "forms" / "CCHC" / "2027.1.yaml").write_text(FORM, encoding="utf-8")
    (pack / "targets.yaml").write_text("targets: []\n", encoding="utf-8")
    lines = [f"{c},{name},commune,{c}@mau.example,ld.{c}@mau.example,,2025-07-01," for c, name in UNITS.items()]
    header = "code,name,kind,email,head_email,projects,valid_from,valid_to"
    (pack / "units.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return root
