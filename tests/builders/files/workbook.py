"""Workbooks for tests: a small pack of our own, and `fill`, which types into a blank as a unit would."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from openpyxl import load_workbook

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.contract import INFO_COLUMN, INFO_FORM, MARK, NIL_COLUMN, NIL_TABLE, marker
from baocao.model.form import (
    CellKey,
    Column,
    ColumnRole,
    Derive,
    EntryLevel,
    Form,
    Linear,
    Nature,
    Ratio,
    Row,
    Table,
    ValueType,
)
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import LevelDeadline, PeriodDay, PeriodRule
from baocao.model.period import Deadline, Level, Period, PeriodKind
from baocao.model.regime import Project, Regime
from baocao.model.unit import Unit, UnitKind
from builders.packs.authority import an_authority

VIETNAM = timezone(timedelta(hours=7))
BOTH = (EntryLevel.COMMUNE, EntryLevel.PROVINCE)
COMMUNE = (EntryLevel.COMMUNE,)

PLAN = Column(code="KHN", title="Kế hoạch năm", role=ColumnRole.PLAN_YEAR)
ACTUAL = Column(code="TH", title="Thực hiện kỳ", role=ColumnRole.ACTUAL)
BASE = Column(code="MS", title="Mẫu số", role=ColumnRole.DENOMINATOR)
RATIO = Column(
    code="TL",
    title="Tỷ lệ (%)",
    role=ColumnRole.RATIO,
    type=ValueType.RATIO,
    derive=Derive(ratio=Ratio(numerator=("TH",), denominator=("MS",))),
)
YEAR = Column(code="LKN", title="Lũy kế năm", role=ColumnRole.CUMULATIVE_YEAR)
TERM = Column(code="LKGD", title="Lũy kế giai đoạn", role=ColumnRole.CUMULATIVE_TERM)
NOTE = Column(code="GT", title="Giải trình", role=ColumnRole.EXPLANATION, type=ValueType.TEXT, width=24)


def _row(code: str, name: str, unit: str, columns: tuple[str, ...] | None = ("TH", "GT"), **more: Any) -> Row:
    more = {"item": code, "levels": COMMUNE, "nature": Nature.FLOW} | more
    return Row(code=code, name=name, unit=unit, columns=columns, **more)


def small_forms() -> tuple[Form, ...]:
    """Three forms that hold one of everything: movement, counts, ratios, choices, dates, money, totals, narrative."""
    movement = Table(
        code="A",
        title="A. Biến động người nghiện, người sử dụng trái phép chất ma túy",
        columns=(
            Column(code="DK", title="Đầu kỳ", role=ColumnRole.OPENING),
            Column(code="T1", title="Phát hiện mới", role=ColumnRole.INCREASE, group="Tăng trong kỳ"),
            Column(code="T2", title="Chuyển đến", role=ColumnRole.INCREASE, group="Tăng trong kỳ"),
            Column(code="G1", title="Chuyển đi", role=ColumnRole.DECREASE, group="Giảm trong kỳ"),
            Column(code="G3", title="Chết", role=ColumnRole.DECREASE, group="Giảm trong kỳ"),
            Column(
                code="CK",
                title="Cuối kỳ",
                role=ColumnRole.CLOSING,
                derive=Derive(linear=Linear(plus=("DK", "T1", "T2"), minus=("G1", "G3"))),
            ),
            NOTE,
        ),
        rows=(
            _row("NGHIEN", "Người nghiện ma túy có hồ sơ quản lý", "người", None),
            _row("SUDUNG", "Người sử dụng trái phép chất ma túy", "người", None),
        ),
    )
    results = Table(
        code="B",
        title="B. Kết quả hoạt động",
        columns=(PLAN, ACTUAL, BASE, RATIO, YEAR, TERM, NOTE),
        rows=(
            Row(code="HD1", item="I", name="Công tác cai nghiện", heading=True),
            _row("B04.11a", "Lớp tập huấn cho lực lượng cơ sở", "lớp", ("KHN", "TH", "LKN", "LKGD", "GT"), indent=1),
            _row("B04.11b", "Lượt người được tập huấn", "lượt", ("KHN", "TH", "LKN", "LKGD", "GT"), indent=1),
            _row("B04.15", "Người được phân công quản lý", "người", ("TH", "MS", "TL", "GT")),
            _row("B04.24b", "Diện tích cây có chất ma túy phát hiện", "m²", type=ValueType.DECIMAL),
            _row(
                "B04.25a",
                "Phân loại địa bàn",
                "loại",
                type=ValueType.CHOICE,
                options=("Không", "Loại III", "Loại II", "Loại I"),
            ),
            _row("B04.25b", "Số quyết định phân loại", "số", type=ValueType.TEXT, required=False),
            _row("B04.25c", "Ngày quyết định phân loại", "ngày", type=ValueType.DATE, required=False),
            _row("B04.26", "Địa bàn không ma túy", "có/không", type=ValueType.BOOL),
            Row(
                code="B04.TONG",
                item="",
                name="Tổng lớp và lượt người",
                unit="",
                columns=("TH", "LKN"),
                derive=Derive(linear=Linear(plus=("B04.11a", "B04.11b"))),
            ),
        ),
    )
    money = Table(
        code="A",
        columns=(
            Column(code="KH", title="Kế hoạch giao", role=ColumnRole.PLAN_YEAR, width=16),
            Column(code="GN", title="Giải ngân kỳ", role=ColumnRole.ACTUAL, width=16),
            Column(code="LKN", title="Lũy kế năm", role=ColumnRole.CUMULATIVE_YEAR, width=16),
            Column(
                code="TL",
                title="Tỷ lệ (%)",
                role=ColumnRole.RATIO,
                type=ValueType.RATIO,
                derive=Derive(ratio=Ratio(numerator=("LKN",), denominator=("KH",))),
            ),
            NOTE,
        ),
        rows=(
            Row(
                code="DA4",
                item="4",
                name="Dự án 4",
                unit="đồng",
                type=ValueType.MONEY,
                derive=Derive(linear=Linear(plus=("DA4.NSTW_SN", "DA4.NSDP_SN"))),
            ),
            _row("DA4.NSTW_SN", "Ngân sách trung ương, sự nghiệp", "đồng", None, type=ValueType.MONEY, required=False),
            _row("DA4.NSDP_SN", "Ngân sách địa phương, sự nghiệp", "đồng", None, type=ValueType.MONEY, required=False),
        ),
    )
    story = Table(
        code="A",
        columns=(Column(code="ND", title="Nội dung", role=ColumnRole.TEXT, type=ValueType.TEXT, width=90),),
        rows=(
            _row("I", "Công tác quản lý", "", ("ND",), type=ValueType.TEXT),
            _row("II", "Tồn tại, vướng mắc, nguyên nhân", "", ("ND",), type=ValueType.TEXT),
        ),
    )
    common: dict[str, Any] = {
        "version": "2025.1",
        "assumed": True,
        "assumption": "dựng theo đề cương, chờ mẫu chính thức",
    }
    return (
        Form(
            code="B04",
            title="Kết quả thực hiện Dự án 4: phòng, chống ma túy ở cơ sở",
            short="B04 Cơ sở",
            official="Phụ lục số 02, Biểu số 04",
            project="4",
            instructions=("Người thuộc nhiều nhóm được tính ở từng nhóm.",),
            tables=(movement, results),
            **common,
        ),
        Form(
            code="PL03",
            title="Kết quả huy động, phân bổ và thực hiện nguồn lực",
            short="PL03 Nguồn lực",
            official="Phụ lục số 03",
            tables=(money,),
            **common,
        ),
        Form(
            code="PL04",
            title="Báo cáo kết quả thực hiện",
            short="PL04 Lời văn",
            official="Phụ lục số 04",
            landscape=False,
            tables=(story,),
            **common,
        ),
    )


COMMUNE_UNIT = Unit("90001", "Hòa Bình Minh", UnitKind.COMMUNE, "xa.90001@example.example", projects=())
OTHER_UNIT = Unit("90002", "Trường Sơn", UnitKind.WARD, "phuong.90002@example.example")


def small_pack(forms: tuple[Form, ...] | None = None, default_nil: Mapping[str, str] | None = None) -> Pack:
    """A regime of two communes and the given forms."""
    forms = small_forms() if forms is None else forms
    day = PeriodDay(month=6, day=20)
    deadline = LevelDeadline(before=day, locked_days_after_due=10, anchor="KH")
    regime = Regime(
        code="che-do-thu",
        name="Chế độ báo cáo thử",
        programme="Chương trình thử",
        go_live_on=date(2026, 1, 1),
        authority=an_authority(),
        legal_basis=(),
        periods=(
            PeriodRule(  # type: ignore[call-arg]  # the kind brings its cycle and scope
                kind=PeriodKind.SIX_MONTH,
                code="{year}-H1",
                name="6 tháng đầu năm {year}",
                years=(2026,),
                covers_from=PeriodDay(month=12, day=15, year=-1),
                cutoff=PeriodDay(month=6, day=14),
                opens=PeriodDay(month=6, day=1),
                unit=deadline,
                province=deadline,
                anchor="KH",
                recipients=(),
            ),
        ),
        recipients=(),
        reminders=(),
        projects=(Project(code="4", name="Dự án 4", trust="assumed"),),
        forms={f.code: f.version for f in forms},
        default_nil=dict(default_nil or {}),
    )
    content = "".join(form.model_dump_json() for form in forms)
    return Pack(regime, (COMMUNE_UNIT, OTHER_UNIT), forms, (), sha256(content.encode()).hexdigest())


def period(code: str = "2026-H1", name: str = "6 tháng đầu năm 2026") -> Period:
    """The first half of 2026."""

    def due(level: Level, day: date) -> Deadline:
        at = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=VIETNAM)
        return Deadline(level, at, day, at + timedelta(days=10))

    return Period(
        regime="che-do-thu",
        code=code,
        kind=PeriodKind.SIX_MONTH,
        year=2026,
        name=name,
        covers_from=date(2025, 12, 15),
        cutoff_on=date(2026, 6, 14),
        opens_at=datetime(2026, 6, 1, tzinfo=VIETNAM),
        unit=due(Level.UNIT, date(2026, 6, 19)),
        province=due(Level.PROVINCE, date(2026, 6, 24)),
    )


def places(book: Any) -> dict[CellKey, tuple[str, int, int]]:
    """Where every cell of an openpyxl workbook stands, found by the codes: key -> (sheet, row, column), one-based."""
    found: dict[CellKey, tuple[str, int, int]] = {}
    for sheet in book.worksheets:
        form, mark, columns = "", 0, {}
        for cells in sheet.iter_rows():
            codes = {c.column: c.value for c in cells if isinstance(c.value, str) and c.value.startswith(MARK)}
            table = next(((at, text) for at, text in codes.items() if "." in text), None)
            if codes:
                mark, form = (table[0], table[1][1:].split(".")[0]) if table else (0, "")
                columns = {at: text[1:] for at, text in codes.items() if at != mark}
                continue
            row = cells[mark - 1].value if mark else None
            if row:
                for at, code in columns.items():
                    found[CellKey(form, str(row), code)] = (sheet.title, cells[0].row, at)
    return found


def fill(
    blank: bytes,
    values: Mapping[CellKey, object],
    nil_forms: Mapping[str, str] | None = None,
    info: Mapping[str, str] | None = None,
) -> bytes:
    """Type into a blank workbook by its codes. openpyxl drops cached formula values, as some office tools do."""
    book = load_workbook(io.BytesIO(blank))
    where = places(book)
    entries: dict[CellKey, object] = dict(values)
    entries |= {CellKey(form, NIL_TABLE, NIL_COLUMN): reason for form, reason in (nil_forms or {}).items()}
    entries |= {CellKey(INFO_FORM, code.upper(), INFO_COLUMN): text for code, text in (info or {}).items()}
    for key, value in entries.items():
        if key not in where:
            raise KeyError(f"{key}: the workbook has no such cell ({marker(key.form, '?')})")
        sheet, row, column = where[key]
        cell = book[sheet].cell(row, column)
        cell.value = ("Có" if value else "Không") if isinstance(value, bool) else value
        if isinstance(value, str) and value.startswith("="):
            cell.data_type = "s"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def small_values() -> dict[CellKey, object]:
    """Consistent entries for every required cell of `small_forms`."""

    def cell(text: str) -> CellKey:
        return CellKey.parse(text)

    values: dict[CellKey, object] = {}
    for row in ("NGHIEN", "SUDUNG"):
        for column, value in {"DK": 20, "T1": 3, "T2": 1, "G1": 2, "G3": 0}.items():
            values[cell(f"B04/{row}/{column}")] = value
    for row, value in {"B04.11a": 2, "B04.11b": 60}.items():
        for column in ("KHN", "TH", "LKN", "LKGD"):
            values[cell(f"B04/{row}/{column}")] = value
    values |= {
        cell("B04/B04.15/TH"): 18,
        cell("B04/B04.15/MS"): 22,
        cell("B04/B04.24b/TH"): 12.5,
        cell("B04/B04.25a/TH"): "Loại II",
        cell("B04/B04.25b/TH"): "12/QĐ-UBND",
        cell("B04/B04.25c/TH"): date(2026, 3, 5),
        cell("B04/B04.26/TH"): False,
        cell("B04/B04.15/GT"): "Bốn người đi làm ăn xa",
        cell("PL03/DA4.NSTW_SN/KH"): 250_000_000,
        cell("PL03/DA4.NSTW_SN/GN"): 100_000_000,
        cell("PL03/DA4.NSTW_SN/LKN"): 100_000_000,
        cell("PL04/I/ND"): "Đã ban hành kế hoạch năm.\nĐã họp Ban Chỉ đạo.",
        cell("PL04/II/ND"): "NP",
    }
    return values


def write_filled(pack: Pack, unit: Unit, period: Period, values: Mapping[CellKey, object], **more: Any) -> bytes:
    """A filled workbook in one go, formulas computed: `write_blank` with `values`."""
    return write_blank(pack, unit, period, values=values, **more)
