"""The quarterly regime with lists: the conferences behind a figure of its form, and a form that is a list alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from click.testing import CliRunner

from baocao.cli import main
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period
from baocao.model.period import Period
from baocao.model.submission import Workbook
from baocao.regimes.load import calendar_of, load_pack
from baocao.settings import load_settings
from baocao.workflow.installation import Installation
from builders.packs.quarterly import CODE, FORM, quarterly_root

CONFERENCES = """
lists:
  - code: DSHN
    title: Danh sách hội nghị tuyên truyền
    short: DS hội nghị
    key: [SO, NGAY]
    prepared: 8
    trace: KH
    columns:
      - {code: SO, title: Số kế hoạch, type: text, width: 16}
      - {code: ND, title: Nội dung, type: text}
      - {code: NGAY, title: Ngày tổ chức, type: date}
      - {code: HT, title: Hình thức, type: choice, options: [Trực tiếp, Trực tuyến]}
      - {code: SN, title: Số người dự, type: count}
      - {code: KP, title: Kinh phí, type: money, unit: triệu đồng, required: false}
      - {code: BC, title: Đã báo cáo, type: bool, required: false}
    totals:
      - {id: V65.hoi-nghi, cell: CCHC/TT03/TH, anchor: KH}
"""
DOCUMENTS = """
code: VB
version: "2027.1"
title: Văn bản đã ban hành về cải cách hành chính
short: Văn bản
official: Biểu số 02
anchor: KH
assumed: false
valid_from: "2027-01-01"
lists:
  - code: DSVB
    title: Danh sách văn bản đã ban hành
    short: DS văn bản
    key: [SO]
    prepared: 6
    columns:
      - {code: SO, title: "Số, ký hiệu", type: text, width: 20}
      - {code: NGAY, title: Ngày ban hành, type: date}
      - {code: TY, title: Trích yếu, type: text}
      - {code: DT, title: Diện tích, type: decimal, unit: ha, required: false}
"""

Case = Mapping[str, object]
HELD: tuple[Case, ...] = (
    {"SO": "01/KH", "ND": "Tập huấn một cửa", "NGAY": date(2027, 1, 20), "HT": "Trực tiếp", "SN": 40, "KP": 1_500_000},
    {"SO": "02/KH", "ND": "Giới thiệu dịch vụ công", "NGAY": date(2027, 2, 10), "HT": "Trực tuyến", "SN": 120},
)
ISSUED: tuple[Case, ...] = ({"SO": "15/QĐ-UBND", "NGAY": date(2027, 1, 12), "TY": "Kiện toàn Tổ công tác"},)
FIGURES = {
    CellKey("CCHC", row, column): n for row, n in (("TT01", 100), ("TT02", 98), ("TT03", 2)) for column in ("TH", "LKN")
}
INFO = {
    "signing_form": "TM.",
    "signer_title": "CHỦ TỊCH",
    "signer_name": "Người ký (thử nghiệm)",
    "reporter": "Người lập (thử nghiệm)",
    "phone": "0200 0000 000",
}


def lists_root(folder: Path) -> Path:
    """A project root whose only pack is the quarterly one with these lists."""
    root = quarterly_root(folder)
    pack = root / "include" / "regimes" / CODE
    regime = (pack / "regime.yaml").read_text(encoding="utf-8")
    assert 'forms: {CCHC: "2027.1"}' in regime
    both = regime.replace('forms: {CCHC: "2027.1"}', 'forms: {CCHC: "2027.1", VB: "2027.1"}')
    (pack / "regime.yaml").write_text(both, encoding="utf-8")
    (pack / "forms" / "CCHC" / "2027.1.yaml").write_text(FORM + CONFERENCES, encoding="utf-8")
    (pack / "forms" / "VB").mkdir()
    (pack / "forms" / "VB" / "2027.1.yaml").write_text(DOCUMENTS, encoding="utf-8")
    return root


def list_alone_root(folder: Path) -> Path:
    """The same without the form of figures: a list is all that is asked for."""
    root = lists_root(folder)
    pack = root / "include" / "regimes" / CODE
    regime = (pack / "regime.yaml").read_text(encoding="utf-8")
    before, _, after = regime.partition("rules:")
    forms = after[after.index("forms:") :].replace('CCHC: "2027.1", ', "")
    (pack / "regime.yaml").write_text(f"{before}rules: []\n{forms}", encoding="utf-8")
    shutil.rmtree(pack / "forms" / "CCHC")
    return root


@cache
def lists_pack() -> Pack:
    return load_pack(lists_root(Path(mkdtemp(prefix="baocao-lists-"))) / "include" / "regimes" / CODE)


@cache
def first_quarter() -> Period:
    from builders.packs.pack import REFERENCE

    return next(p for p in calendar_of(lists_pack().regime, REFERENCE) if p.code == "2027-Q1")


def filled(
    held: Sequence[Case] = HELD,
    issued: Sequence[Case] = ISSUED,
    *,
    figures: Mapping[CellKey, object] | None = None,
    nil: Mapping[tuple[str, str], str] | None = None,
) -> bytes:
    """A workbook of the first unit, right but for what is given."""
    pack, period = lists_pack(), first_quarter()
    return write_blank(
        for_period(pack, period),
        pack.units[0],
        period,
        values={**FIGURES, **(figures or {})},
        info=INFO,
        lists={("CCHC", "DSHN"): held, ("VB", "DSVB"): issued},
        nil_lists=nil or {},
    )


def read(data: bytes) -> Workbook:
    return type_workbook(read_workbook(data), for_period(lists_pack(), first_quarter()))


FIRST_QUARTER = "2027-Q1"
NIL = {("CCHC", "DSHN"): "Không phát sinh", ("VB", "DSVB"): "Không phát sinh"}
NONE = {CellKey("CCHC", "TT03", column): 0 for column in ("TH", "LKN")}


class Office:
    """The installation, and `baocao` in it."""

    def __init__(self, folder: Path, root: Callable[[Path], Path] = lists_root) -> None:
        self.env = {"BAOCAO_ROOT": str(root(folder)), "BAOCAO_DATA": str(folder / "var"), "BAOCAO_REGIME": CODE}
        self.env["BAOCAO_PORTAL_URL"] = "http://testserver"
        self.place = Installation(load_settings(self.env))

    def reopen(self) -> None:
        """After packs were added."""
        self.place.store.close()
        self.place = Installation(load_settings(self.env))

    def run(self, *arguments: str, expected: int = 0) -> str:
        done = CliRunner().invoke(main, list(arguments), env=self.env)
        assert done.exit_code == expected, (arguments, done.output, done.exception)
        return done.output

    def put(
        self,
        unit: str,
        held: Sequence[Case],
        issued: Sequence[Case],
        figures: Mapping[CellKey, object] | None = None,
        *,
        regime: str = CODE,
    ) -> None:
        """The unit's workbook of the first quarter of 2027, in its folder of the inbox."""
        pack, when = self.place.at(regime, FIRST_QUARTER)
        who = pack.unit(unit)
        assert who is not None
        asked = {form.code for form in pack.forms}
        lists = {
            name: rows for name, rows in {("CCHC", "DSHN"): held, ("VB", "DSVB"): issued}.items() if name[0] in asked
        }
        nil = {name: why for name, why in NIL.items() if name in lists and not lists[name]}
        values = {cell: n for cell, n in {**FIGURES, **(figures or {})}.items() if cell.form in asked}
        data = write_blank(pack, who, when, {}, values=values, info=INFO, lists=lists, nil_lists=nil)
        folder = self.place.settings.inbox / unit
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{unit}_{FIRST_QUARTER}_{regime}.xlsx").write_bytes(data)
