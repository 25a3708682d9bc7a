"""A regime that has one of everything the rules look at, and workbooks of one commune in it.

`clean_values()` break no rule; a test changes what it needs and says the rest by leaving it alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

from baocao.checks.cell_specs import lay_out
from baocao.checks.engine import check
from baocao.checks.history import History
from baocao.forms.derivation import derived_values
from baocao.forms.reading.numbers import format_value
from baocao.model.form import CellKey, Form, Relation, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by
from baocao.model.period import Deadline, Level, Period, PeriodKind
from baocao.model.regime import Regime
from baocao.model.submission import AcceptedCells, Answer, Cell, Finding, Problem, Value, Workbook
from baocao.model.unit import Unit, UnitKind
from baocao.rounding import rounded
from builders.packs.pack import thanh_hoa

VIETNAM = timezone(timedelta(hours=7))
COMMUNE = Unit("90001", "Bình Minh", UnitKind.COMMUNE, "xa.90001@tinh.example")
COUNTED = replace(COMMUNE, population=2000, population_source="Công an xã, ngày 14/6/2026")
"""The same commune, its residents counted."""
WARD = Unit("90002", "Rạng Đông", UnitKind.WARD, "phuong.90002@tinh.example")
GONE = Unit("90003", "Xóm Cũ", UnitKind.COMMUNE, "xa.90003@tinh.example", valid_to=date(2026, 1, 31))
POLICE = Unit("T-CA", "Cơ quan công an tỉnh", UnitKind.AGENCY, "ca@tinh.example", projects=("1", "4", "5", "9"))

Figures = dict[str, Any]

_STOCK = {"columns": ["TH", "GT"], "nature": "stock"}
_RATIO = {"columns": ["TH", "MS", "TL", "GT"], "nature": "flow"}
_FLOW = {"columns": ["KHN", "TH", "LKN", "LKGD", "GT"], "nature": "flow"}
_RESULT_COLUMNS = [
    {"code": "KHN", "title": "Kế hoạch năm", "role": "plan_year"},
    {"code": "TH", "title": "Thực hiện kỳ", "role": "actual"},
    {"code": "MS", "title": "Tổng số", "role": "denominator"},
    {
        "code": "TL",
        "title": "Tỷ lệ (%)",
        "role": "ratio",
        "type": "ratio",
        "derive": {"ratio": {"numerator": ["TH"], "denominator": ["MS"]}},
    },
    {"code": "LKN", "title": "Lũy kế năm", "role": "cumulative_year"},
    {"code": "LKGD", "title": "Lũy kế giai đoạn", "role": "cumulative_term"},
    {"code": "GT", "title": "Giải trình", "role": "explanation", "type": "text"},
]
_GROUPS = {"NGHIEN": "CT01", "SUDUNG": "CT02", "DANGCAI": "CT03", "THAYTHE": "CT04", "SAUCAI": "CT05"}


def _row(code: str, name: str, shape: Mapping[str, Any] = _STOCK, **more: Any) -> dict[str, Any]:
    return {"code": code, "item": code, "name": name, "levels": ["commune"], "roll_up": "sum", **shape, **more}


def _form(code: str, short: str, tables: list[dict[str, Any]], **more: Any) -> Form:
    return Form.model_validate(
        {
            "code": code,
            "version": "2025.1",
            "title": short,
            "short": short,
            "official": short,
            "assumed": False,
            "tables": tables,
            **more,
        }
    )


_RECOGNITION = ["PL01/CT08.QD", "PL01/CT08.NGAY"]


def _indicators() -> Form:
    rows = [_row(code, f"Nhóm {code}", project="4") for code in _GROUPS.values()]
    rows += [
        _row("CT08", "Địa bàn không ma túy", type="bool", roll_up="yes_count", decided_by=_RECOGNITION),
        _row("CT08.QD", "Số quyết định", type="text", roll_up="list", required=False),
        _row("CT08.NGAY", "Ngày quyết định", type="date", roll_up="list", required=False),
        _row(
            "CT09",
            "Phân loại địa bàn",
            type="choice",
            roll_up="class_count",
            options=["Không", "Loại III", "Loại II", "Loại I"],
        ),
        _row("CT10", "Điểm phức tạp bị triệt phá", _RATIO),
        _row("CT11", "Đối tượng bán lẻ bị triệt xóa", _RATIO),
        _row("CT20", "Người được tư vấn, hỗ trợ", _RATIO, nature="stock"),
        _row("CT21", "Cơ sở giáo dục tổ chức tuyên truyền", _RATIO, nature="stock"),
        _row("CT13", "Số vụ phát hiện, bắt giữ", _FLOW, project="1"),
        {
            "code": "CT30",
            "item": "CT30",
            "name": "Tỷ lệ giải ngân",
            "type": "ratio",
            "roll_up": "derived",
            "columns": ["TH"],
            "derive": {"ratio": {"numerator": ["PL03/TONG/LKN"], "denominator": ["PL03/TONG/KH"]}},
        },
    ]
    return _form("PL01", "PL01 Chỉ số", [{"code": "A", "columns": _RESULT_COLUMNS, "rows": rows}], nil_allowed=False)


def _offences() -> Form:
    rows = [
        _row("B01.02", "Điểm bị triệt phá", _FLOW, project="1"),
        _row("B01.03b", "Đối tượng bị bắt giữ", _FLOW, project="1"),
    ]
    return _form("B01", "PL02 Biểu 01", [{"code": "A", "columns": _RESULT_COLUMNS, "rows": rows}])


def _grassroots() -> Form:
    increases = [{"code": f"T{n}", "title": f"Tăng {n}", "role": "increase", "group": "Tăng"} for n in (1, 2, 3)]
    decreases = [{"code": f"G{n}", "title": f"Giảm {n}", "role": "decrease", "group": "Giảm"} for n in (1, 2, 3, 4)]
    closing = {"linear": {"plus": ["DK", "T1", "T2", "T3"], "minus": ["G1", "G2", "G3", "G4"]}}
    movement = {
        "code": "A",
        "columns": [
            {"code": "DK", "title": "Đầu kỳ", "role": "opening"},
            *increases,
            *decreases,
            {"code": "CK", "title": "Cuối kỳ", "role": "closing", "derive": closing},
            {"code": "GT", "title": "Giải trình", "role": "explanation", "type": "text"},
        ],
        "rows": [_row(code, f"Nhóm {code}", {"nature": "stock"}, project="4") for code in _GROUPS],
    }
    rows = [
        {"code": "H1", "item": "I", "name": "Hoạt động", "heading": True},
        _row("B04.11a", "Lớp tập huấn", _FLOW, project="4"),
        _row("B04.11b", "Lượt người", _FLOW, project="4"),
        _row("B04.13a", "Hồ sơ lập", _FLOW, project="4"),
        _row("B04.13b", "Hồ sơ được duyệt", _FLOW, project="4"),
        _row("B04.16a", "Lượt xét nghiệm", _FLOW, project="4"),
        _row("B04.16b", "Dương tính", _FLOW, project="4"),
        _row("B04.24a", "Cây bị phát hiện", _FLOW, project="4"),
        _row("B04.24c", "Diện tích bị phát hiện", _FLOW, project="4", type="decimal"),
    ]
    relations = [
        {"rule": "V15", "id": "V15.it", "at_most": [["B04/B04.11a/TH"], ["B04/B04.11b/TH"]], "severity": "explain"},
        {"rule": "V15", "id": "V15.khong", "zero_implies_zero": [["B04/B04.11a/TH"], ["B04/B04.11b/TH"]]},
        {"rule": "V16", "id": "V16.duyet", "at_most": [["B04/B04.13b/TH"], ["B04/B04.13a/TH"]]},
        {"rule": "V14", "id": "V14.duong-tinh", "at_most": [["B04/B04.16b/TH"], ["B04/B04.16a/TH"]]},
        {"rule": "V17", "id": "V17.cay", "positive_implies_positive": [["B04/B04.24a/TH"], ["B04/B04.24c/TH"]]},
        {"rule": "V17", "id": "V17.dat", "positive_implies_positive": [["B04/B04.24c/TH"], ["B04/B04.24a/TH"]]},
        {"rule": "V32", "id": "V32.ky", "at_most": [["B04/*/TH"], ["B04/*/LKN"]]},
    ]
    return _form(
        "B04",
        "PL02 Biểu 04",
        [movement, {"code": "B", "columns": _RESULT_COLUMNS, "rows": rows}],
        relations=[{**r, "message": "Vế trái {left}, vế phải {right}. Hãy sửa."} for r in relations],
    )


def _centres() -> Form:
    columns = [
        {"code": "TEN", "title": "Tên", "role": "attribute", "type": "text"},
        {"code": "CS", "title": "Công suất", "role": "attribute"},
        {"code": "HA", "title": "Diện tích (ha)", "role": "attribute", "type": "decimal"},
        {"code": "DAT", "title": "Đạt", "role": "attribute", "type": "bool"},
        {"code": "GT", "title": "Giải trình", "role": "explanation", "type": "text"},
    ]
    rows = [_row("CS1", "Cơ sở số 1", {"nature": "stock"}, levels=["province"], project="5", required=False)]
    message = "Cơ sở ghi đạt nhưng chỉ có {left}, dưới {right}. Hãy sửa."
    relations = [
        {"rule": "V19", "id": "V19.nguoi", "minimum": ["B05/*/DAT", "B05/*/CS", 250], "message": message},
        {"rule": "V19", "id": "V19.ha", "minimum": ["B05/*/DAT", "B05/*/HA", 3], "message": message},
    ]
    return _form(
        "B05", "PL02 Biểu 05", [{"code": "R", "columns": columns, "rows": rows}], relations=relations, project="5"
    )


def _inspections() -> Form:
    rows = [_row("B09.03d", "Cuộc quá 05 ngày", _FLOW, levels=["commune", "province"], project="9")]
    relation = {
        "rule": "V18",
        "id": "V18.qua-han",
        "needs_note": ["B09/B09.03d/TH"],
        "message": "Có {left} cuộc quá 05 ngày làm việc. Hãy ghi lý do ở cột giải trình.",
    }
    tables = [{"code": "A", "columns": _RESULT_COLUMNS, "rows": rows}]
    return _form("B09", "PL02 Biểu 09", tables, relations=[relation])


def _register() -> dict[str, Any]:
    """The register of inspections; of its rows the small form has only the last."""
    rows = {"planned": "a", "done": "b", "bodies": "c", "conclusions": "e", "over_run": "d"}
    days = {"max_working_days": 5, "notice_working_days": 3, "conclusion_working_days": 15}
    anchors = dict.fromkeys(("max_anchor", "notice_anchor", "conclusion_anchor", "figures_anchor"), "A")
    return {**days, **anchors, "figures": {name: f"B09/B09.03{letter}" for name, letter in rows.items()}}


def _resources() -> Form:
    money = [("KH", "plan_year"), ("PB", "allocated"), ("GN", "actual"), ("LKN", "cumulative_year")]
    money += [("LKGD", "cumulative_term"), ("QT", "settled"), ("NO", "debt")]
    ratio = {"ratio": {"numerator": ["LKN"], "denominator": ["KH"]}}
    columns: list[dict[str, Any]] = [{"code": code, "title": code, "role": role} for code, role in money]
    columns += [
        {"code": "TL", "title": "Tỷ lệ", "role": "ratio", "type": "ratio", "derive": ratio},
        {"code": "GT", "title": "Giải trình", "role": "explanation", "type": "text"},
    ]
    shape = {"type": "money", "nature": "flow"}
    rows: list[dict[str, Any]] = []
    for project in ("1", "4"):
        sources = [f"DA{project}.NSTW_SN", f"DA{project}.NSDP_SN"]
        total = {"code": f"DA{project}", "item": project, "name": f"Dự án {project}", "roll_up": "derived", **shape}
        rows.append({**total, "project": project, "derive": {"linear": {"plus": sources}}})
        rows += [_row(code, f"Nguồn {code}", shape, project=project, required=False) for code in sources]
    total = {"code": "TONG", "item": "", "name": "Tổng cộng", "roll_up": "derived", **shape}
    rows.append({**total, "derive": {"linear": {"plus": ["DA1", "DA4"]}}})
    message = "{left} đồng lớn hơn {right} đồng. Hãy kiểm tra."
    relations = [
        {"rule": "V38", "id": "V38.pb", "at_most": [["PL03/*/PB"], ["PL03/*/KH"]], "message": message},
        {
            "rule": "V38",
            "id": "V38.gn",
            "at_most": [["PL03/*/LKN"], ["PL03/*/PB"]],
            "softened_by_note": True,
            "message": message,
        },
    ]
    return _form("PL03", "PL03 Nguồn lực", [{"code": "A", "columns": columns, "rows": rows}], relations=relations)


def _narrative() -> Form:
    columns = [{"code": "ND", "title": "Nội dung", "role": "text", "type": "text"}]
    rows = [_row("I", "Công tác quản lý", {}, type="text", roll_up="list")]
    return _form("PL04", "PL04 Lời văn", [{"code": "A", "columns": columns, "rows": rows}], nil_allowed=False)


def _between_forms() -> tuple[Relation, ...]:
    groups = [f"PL01/{code}/TH" for code in _GROUPS.values()]
    relations: list[dict[str, Any]] = [
        {"rule": "V21", "id": f"V21.{ct}", "equal": [[f"PL01/{ct}/TH"], [f"B04/{group}/CK"]], "fill": "left"}
        for group, ct in _GROUPS.items()
    ]
    relations += [
        {"rule": "V22", "id": "V22.diem", "equal": [["PL01/CT10/TH"], ["B01/B01.02/TH"]]},
        {"rule": "V22", "id": "V22.ke-hoach", "together": ["PL01/CT13/KHN", "B01/B01.02/KHN"]},
        {"rule": "V23", "id": "V23.vu", "at_most": [["PL01/CT13/TH"], ["B01/B01.03b/TH"]]},
        {"rule": "V24", "id": "V24.nhom", "between": [["PL01/CT20/MS"], groups, groups]},
    ]
    relations += _about_the_class()
    message = "{left} và {right} lệch nhau. Hãy sửa."
    said = {"requires": "Các câu trả lời trái nhau. Hãy sửa."}
    return tuple(
        Relation.model_validate({"message": next((said[k] for k in said if k in r), message), **r}) for r in relations
    )


def _about_the_class() -> list[dict[str, Any]]:
    free, decided = "PL01/CT08/TH", ("PL01/CT08.QD/TH", "PL01/CT08.NGAY/TH")
    yes, no = ({"cells": [free], "one_of": [said]} for said in ("Có", "Không"))
    limits = [
        {"cells": ["PL01/CT01/TH", "PL01/CT02/TH"], "share_of_residents": True, "at_least": "0.005"},
        {"cells": ["PL01/CT10/MS"], "at_least": 2},
        {"cells": ["B01/B01.03b/TH"], "share_of_residents": True, "at_least": "0.001"},
    ]
    one = {"cells": ["PL01/CT09/TH"], "one_of": ["Loại I"]}
    people = {"cells": ["PL01/CT01/TH", "PL01/CT02/TH"], "at_most": 0, "what": "{value} người"}
    places = {"cells": ["PL01/CT10/MS"], "minus": ["PL01/CT10/TH"], "at_most": 0, "what": "{value} điểm"}
    few, many = {"when": [one], "then": limits, "then_any": 1}, {"when": limits, "when_any": 3, "then": [one]}
    free_of = {"when": [yes], "then": [people, places]}
    found: list[dict[str, Any]] = [
        {"rule": "V28", "id": "V28.con", "requires": free_of, "message": "Còn {reasons}. Hãy kiểm tra."},
        {"rule": "V29", "id": "V29.it", "requires": few},
        {"rule": "V29", "id": "V29.du", "requires": many, "fill": "right"},
    ]
    with_it = {"when": [yes], "then": [{"cells": [decided[0]], "given": True}]}
    found.append({"rule": "V63", "id": "V63.co", "requires": with_it, "fill": "right"})
    for n, name in enumerate(decided):
        without = {"when": [no], "then": [{"cells": [name], "given": False}]}
        found.append({"rule": "V63", "id": f"V63.khong{n}", "requires": without, "fill": "right"})
    return found


def rules_pack(**regime_changes: Any) -> Pack:
    """The regime of this file. `regime_changes` replace fields of the regime."""
    forms = (_indicators(), _offences(), _grassroots(), _centres(), _inspections(), _resources(), _narrative())
    deadline = {"before": {"month": 6, "day": 20}, "locked_days_after_due": 10, "anchor": "A"}
    rule = {
        "covers_from": {"month": 12, "day": 15, "year": -1},
        "years": [2026],
        "unit": deadline,
        "province": deadline,
        "anchor": "A",
        "recipients": [],
    }
    june, december = {"month": 6, "day": 14}, {"month": 12, "day": 14}
    named = (
        "province",
        "parent",
        "issuer",
        "symbol",
        "place",
        "standing_office",
        "standing_unit",
        "archive_line",
        "contact",
    )
    words = dict.fromkeys(named, "thử")
    mails = {
        name: f"{name.replace('_', '-')}@tinh.example" for name in ("lead_email", "leadership_email", "standing_email")
    }
    regime = Regime.model_validate(
        {
            "code": "che-do-thu",
            "name": "Chế độ thử",
            "programme": "Chương trình thử",
            "go_live_on": "2026-01-01",
            "authority": {**words, **mails, "signer_block": []},
            "legal_basis": [],
            "periods": [
                {**rule, "kind": "six_month", "code": "{year}-H1", "name": "6 tháng", "cutoff": june, "opens": june},
                {**rule, "kind": "annual", "code": "{year}-Y", "name": "Năm", "cutoff": december, "opens": december},
            ],
            "recipients": [],
            "reminders": [],
            "projects": [
                {"code": "1", "name": "Dự án 1", "trust": "assumed", "activity": ["B01/B01.02/TH", "B01/B01.03b/TH"]},
                {"code": "4", "name": "Dự án 4", "trust": "assumed"},
                {"code": "5", "name": "Dự án 5", "trust": "assumed"},
                {"code": "9", "name": "Dự án 9", "trust": "assumed"},
            ],
            "inspections": _register(),
            "forms": {form.code: form.version for form in forms},
            "rules": [rule.model_dump() for rule in thanh_hoa().regime.rules],
            "relations": _between_forms(),
        }
    ).model_copy(update=regime_changes)
    content = regime.model_dump_json() + "".join(form.fingerprint for form in forms)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return Pack(regime, (COMMUNE, WARD, GONE, POLICE), forms, (), sha256)


PACK = rules_pack()


def _period(code: str, kind: PeriodKind, cutoff: date, due: date) -> Period:
    def deadline(level: Level) -> Deadline:
        at = datetime(due.year, due.month, due.day, 23, 59, 59, tzinfo=VIETNAM)
        return Deadline(level, at, due, at + timedelta(days=10))

    return Period(
        regime=PACK.code,
        code=code,
        kind=kind,
        year=2026,
        name=code,
        covers_from=date(2025, 12, 15),
        cutoff_on=cutoff,
        opens_at=datetime(cutoff.year, cutoff.month, 1, tzinfo=VIETNAM),
        unit=deadline(Level.UNIT),
        province=deadline(Level.PROVINCE),
    )


HALF_YEAR = _period("2026-H1", PeriodKind.SIX_MONTH, date(2026, 6, 14), date(2026, 6, 19))
FULL_YEAR = _period("2026-Y", PeriodKind.ANNUAL, date(2026, 12, 14), date(2026, 12, 19))
MID_TERM = replace(_period("2028-MID", PeriodKind.MID_TERM, date(2028, 8, 14), date(2028, 8, 24)), year=2028)
IN_TIME = datetime(2026, 6, 18, 9, 0, tzinfo=VIETNAM)


def _flow(row: str, value: Any) -> Figures:
    return {f"{row}/TH": value, f"{row}/LKN": value, f"{row}/LKGD": value}


def clean_values() -> Figures:
    """A commune's half year without a fault, name of the cell -> value; what is not named is 0 (optional: blank)."""
    values: Figures = {}
    closings = {"NGHIEN": 22, "SUDUNG": 10, "DANGCAI": 5, "THAYTHE": 4, "SAUCAI": 3}
    for group, closing in closings.items():
        values |= {f"B04/{group}/DK": closing - 1, f"B04/{group}/T1": 2, f"B04/{group}/G1": 1}
        values[f"PL01/{_GROUPS[group]}/TH"] = closing
    values |= {
        "PL01/CT08/TH": False,
        "PL01/CT09/TH": "Loại II",
        "PL01/CT10/TH": 1,
        "PL01/CT10/MS": 2,
        "PL01/CT11/TH": 3,
        "PL01/CT11/MS": 3,
        "PL01/CT20/TH": 30,
        "PL01/CT20/MS": 40,
        "PL01/CT21/TH": 8,
        "PL01/CT21/MS": 12,
        "PL04/I/ND": "Đã ban hành kế hoạch và họp Ban Chỉ đạo.",
    }
    values |= _flow("PL01/CT13", 6) | _flow("B01/B01.02", 1) | _flow("B01/B01.03b", 7)
    values |= _flow("B04/B04.11a", 2) | _flow("B04/B04.11b", 60) | _flow("B04/B04.13a", 4) | _flow("B04/B04.13b", 3)
    values |= _flow("B04/B04.16a", 50) | _flow("B04/B04.16b", 4)
    values |= _flow("B04/B04.24a", 30) | _flow("B04/B04.24c", Decimal("12.5"))
    for row in ("DA1.NSTW_SN", "DA4.NSDP_SN"):
        amounts = {"KH": 250_000_000, "PB": 200_000_000, "GN": 80_000_000, "LKN": 80_000_000, "LKGD": 80_000_000}
        values |= {f"PL03/{row}/{column}": amount for column, amount in (amounts | {"QT": 0, "NO": 0}).items()}
    return values


def lead_body_values() -> Figures:
    """What the provincial body enters, without a fault."""
    return {
        "B05/CS1/TEN": "Cơ sở cai nghiện số 1",
        "B05/CS1/CS": 300,
        "B05/CS1/HA": Decimal("3.5"),
        "B05/CS1/DAT": True,
        **_flow("B09/B09.03d", 0),
    }


class Broken:
    """What stands in a cell that cannot be read: `Broken("#REF!", Problem.ERROR_VALUE)`."""

    def __init__(self, raw: str, problem: Problem) -> None:
        self.raw, self.problem = raw, problem


NIL, BLANK = object(), object()


def workbook(
    changes: Mapping[str, Any] | None = None,
    *,
    unit: Unit = COMMUNE,
    pack: Pack = PACK,
    base: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Workbook:
    """The clean workbook with `changes` (name of the cell -> value, NIL, BLANK or Broken); derived cells agree with
    what was typed unless a change names them. `fields` replace fields of the Workbook."""
    base = (lead_body_values() if unit.is_lead_body else clean_values()) if base is None else base
    wanted = {**base, **(changes or {})}
    forms = entered_by(pack, unit)
    cells: dict[CellKey, Cell] = {}
    for form in forms:
        for number, (key, (table, row, column)) in enumerate(form.cells.items()):
            kind = table.type_of(row, column)
            fallback: Any = BLANK
            if table.is_required(row, column):
                fallback = "Đã làm." if kind is ValueType.TEXT else False if kind is ValueType.BOOL else 0
            value = wanted.get(str(key), fallback)
            cells[key] = _cell(key, value, form.short, f"E{number + 8}", kind)
    info = {
        "signer_name": "Đại diện đơn vị",
        "signer_title": "Giám đốc" if unit.is_lead_body else "Chủ tịch",
        "signing_form": "" if unit.is_lead_body else "TM.",
    } | fields.pop("info", {})
    notes = {
        (key.form, key.row): str(cell.value)
        for key, cell in cells.items()
        if key.column == "GT" and cell.answer is Answer.VALUE
    }
    made = Workbook(
        regime=pack.code,
        period=fields.pop("period", HALF_YEAR.code),
        unit=unit.code,
        form_versions={form.code: form.version for form in forms},
        fingerprints={form.code: form.fingerprint for form in forms},
        layout="1",
        unit_name=unit.full_name,
        cells=cells,
        info={code: _info(code, text, n) for n, (code, text) in enumerate(info.items())},
        row_explanations=notes,
    )
    made = replace(made, **fields)
    for key, value in recalculated(made, pack, unit).items():
        if str(key) not in wanted:
            kind = _kind(forms, key)
            cells[key] = _cell(key, value, cells[key].sheet, cells[key].a1, kind)
    return made


def recalculated(workbook: Workbook, pack: Pack, unit: Unit) -> dict[CellKey, Value]:
    """What the derived cells of the workbook show: exact totals, ratios with two decimals."""
    layout = lay_out(pack, unit)
    typed: dict[CellKey, Any] = {}
    for key in layout.typed & workbook.cells.keys():
        cell = workbook.cells[key]
        is_nil = cell.answer is Answer.NIL or (cell.answer is Answer.BLANK and key.form in workbook.nil_forms)
        typed[key] = 0 if is_nil else cell.value
    found = derived_values(layout.derivations, typed)
    return {key: rounded(v, 2) if isinstance(v, Fraction) else v for key, v in found.items()}


def _kind(forms: Iterable[Form], key: CellKey) -> ValueType:
    table, row, column = next(form.cells[key] for form in forms if form.code == key.form)
    return table.type_of(row, column)


def _cell(key: CellKey, value: Any, sheet: str, a1: str, kind: ValueType) -> Cell:
    if value is BLANK:
        return Cell(key, Answer.BLANK, None, sheet, a1)
    if value is NIL:
        return Cell(key, Answer.NIL, None, sheet, a1, "NP")
    if isinstance(value, Broken):
        return Cell(key, Answer.INVALID, None, sheet, a1, value.raw, value.problem)
    return Cell(key, Answer.VALUE, value, sheet, a1, format_value(value, kind))


def _info(code: str, text: str, number: int) -> Cell:
    key = CellKey("TT", code.upper(), "GTRI")
    return Cell(key, Answer.VALUE if text else Answer.BLANK, text or None, "Thông tin", f"C{number + 5}", text)


def history(**figures: Mapping[str, Value]) -> History:
    """`history(previous={"B04/NGHIEN/CK": 21})`."""
    named = {name: {CellKey.parse(k): v for k, v in values.items()} for name, values in figures.items()}
    return History(**named)  # type: ignore[arg-type]


def findings(
    book: Workbook,
    *,
    unit: Unit = COMMUNE,
    pack: Pack = PACK,
    period: Period = HALF_YEAR,
    past: History | None = None,
    received_at: datetime = IN_TIME,
) -> tuple[Finding, ...]:
    return check(book, pack, unit, period, past or History(), received_at=received_at)


def accepted(book: Workbook, submission_id: int = 1) -> AcceptedCells:
    """The workbook as the store hands it on."""
    return AcceptedCells(book.unit, submission_id, "0" * 64, f"{book.unit}.xlsx", IN_TIME, dict(book.cells))
