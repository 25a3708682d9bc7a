"""Builders for the consolidation and the consolidated workbook: a small regime, communes and what they sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from baocao.model.consolidated import Earlier
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
    RollUp,
    Row,
    Table,
    ValueType,
    YearOnYear,
)
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import LevelDeadline, PeriodDay, PeriodRule
from baocao.model.pack_parts.rules import Rule
from baocao.model.period import Deadline, Level, Period, PeriodKind
from baocao.model.regime import Project, Recipient, Regime, Target
from baocao.model.submission import AcceptedCells, Answer, Cell, Value
from baocao.model.unit import Unit, UnitKind
from builders.packs.authority import an_authority
from builders.packs.pack import thanh_hoa

NIL = object()
"""Declared `không phát sinh`."""
X, T = EntryLevel.COMMUNE, EntryLevel.PROVINCE


def key(name: str) -> CellKey:
    return CellKey.parse(name)


def frame_columns() -> tuple[Column, ...]:
    return (
        Column(code="KHN", title="Kế hoạch năm", role=ColumnRole.PLAN_YEAR),
        Column(code="TH", title="Thực hiện", role=ColumnRole.ACTUAL),
        Column(code="MS", title="Mẫu số", role=ColumnRole.DENOMINATOR),
        Column(
            code="TL",
            title="Tỷ lệ %",
            role=ColumnRole.RATIO,
            type=ValueType.RATIO,
            derive=Derive(ratio=Ratio(numerator=("TH",), denominator=("MS",))),
        ),
        Column(code="LKN", title="Lũy kế năm", role=ColumnRole.CUMULATIVE_YEAR),
        Column(code="LKGD", title="Lũy kế giai đoạn", role=ColumnRole.CUMULATIVE_TERM),
        Column(code="GT", title="Giải trình", role=ColumnRole.EXPLANATION, type=ValueType.TEXT),
    )


def row(code: str, name: str, *levels: EntryLevel, columns: Sequence[str], **more: Any) -> Row:
    more.setdefault("roll_up", RollUp.SUM)
    return Row(code=code, item=code, name=name, levels=levels, columns=tuple(columns), **more)


STOCK = ("TH", "GT")
FLOW = ("KHN", "TH", "LKN", "LKGD", "GT")
RATIO = ("TH", "MS", "TL", "GT")


def indicators() -> Form:
    rows = (
        row("CT01", "Số người có hồ sơ quản lý", X, columns=STOCK, unit="người", nature=Nature.STOCK),
        row(
            "CT06",
            "Mức tăng, giảm so với năm trước",
            columns=("TH", "GT"),
            type=ValueType.RATIO,
            unit="%",
            roll_up=RollUp.DERIVED,
            derive=Derive(year_on_year=YearOnYear(of="PL01/CT01/TH")),
        ),
        row("CT08", "Đơn vị không ma túy", X, columns=STOCK, type=ValueType.BOOL, roll_up=RollUp.YES_COUNT),
        row(
            "CT09",
            "Phân loại địa bàn",
            X,
            columns=STOCK,
            type=ValueType.CHOICE,
            roll_up=RollUp.CLASS_COUNT,
            options=("Không", "Loại III", "Loại II", "Loại I"),
        ),
        row("CT10", "Điểm được triệt phá", X, columns=RATIO, unit="điểm", nature=Nature.FLOW),
        row("CT12", "Diện tích được triệt phá", X, columns=RATIO, unit="m²", type=ValueType.DECIMAL),
        row(
            "CT13",
            "Số vụ được phát hiện",
            X,
            T,
            columns=FLOW,
            unit="vụ",
            nature=Nature.FLOW,
            roll_up=RollUp.PROVINCE_OVER_SUM,
            project="1",
        ),
        row("CT14", "Vụ tại biên giới", T, columns=FLOW, unit="vụ", roll_up=RollUp.PROVINCE, project="1"),
        row("CT26", "Lớp tập huấn", X, T, columns=FLOW, unit="lớp", nature=Nature.FLOW, project="4"),
    )
    return form("PL01", "Chỉ số, khung kết quả", Table(code="A", columns=frame_columns(), rows=rows))


def movement() -> Form:
    plain = [("DK", ColumnRole.OPENING), ("T1", ColumnRole.INCREASE), ("G1", ColumnRole.DECREASE)]
    columns = [Column(code=code, title=code, role=role) for code, role in plain]
    closing = Derive(linear=Linear(plus=("DK", "T1"), minus=("G1",)))
    columns.append(Column(code="CK", title="Cuối kỳ", role=ColumnRole.CLOSING, derive=closing))
    columns.append(Column(code="GT", title="Giải trình", role=ColumnRole.EXPLANATION, type=ValueType.TEXT))
    rows = (
        Row(code="I", item="I", name="Biến động", heading=True),
        Row(code="NGHIEN", item="1", name="Người nghiện", unit="người", levels=(X,), roll_up=RollUp.SUM, project="4"),
    )
    return form("B04", "Dự án 4", Table(code="A", columns=tuple(columns), rows=rows), project="4")


def resources() -> Form:
    columns = (
        Column(code="KH", title="Kế hoạch giao", role=ColumnRole.PLAN_YEAR),
        Column(code="LKN", title="Lũy kế giải ngân", role=ColumnRole.CUMULATIVE_YEAR),
        Column(
            code="TL",
            title="%",
            role=ColumnRole.RATIO,
            type=ValueType.RATIO,
            derive=Derive(ratio=Ratio(numerator=("LKN",), denominator=("KH",))),
        ),
        Column(code="GT", title="Giải trình", role=ColumnRole.EXPLANATION, type=ValueType.TEXT),
    )
    money = {"type": ValueType.MONEY, "unit": "đồng"}
    rows = (
        Row(
            code="TONG",
            item="",
            name="Tổng số",
            roll_up=RollUp.DERIVED,
            derive=Derive(linear=Linear(plus=("DA1", "DA4"))),
            **money,
        ),
        *(
            made
            for project in ("1", "4")
            for made in (
                Row(
                    code=f"DA{project}",
                    item=f"DA{project}",
                    name=f"Dự án {project}",
                    project=project,
                    roll_up=RollUp.DERIVED,
                    derive=Derive(linear=Linear(plus=(f"DA{project}.NSTW_DT", f"DA{project}.NSDP_SN"))),
                    **money,
                ),
                *(
                    Row(
                        code=f"DA{project}.{source}",
                        item="",
                        name=name,
                        indent=1,
                        project=project,
                        levels=(X, T),
                        roll_up=RollUp.SUM,
                        required=False,
                        **money,
                    )
                    for source, name in (
                        ("NSTW_DT", "NSTW - đầu tư phát triển"),
                        ("NSDP_SN", "NSĐP - sự nghiệp"),
                    )
                ),
            )
        ),
    )
    return form("PL03", "Nguồn lực", Table(code="A", columns=columns, rows=rows))


def narrative() -> Form:
    column = Column(code="ND", title="Nội dung", role=ColumnRole.TEXT, type=ValueType.TEXT, width=80)
    rows = (
        row(
            "IV",
            "Tồn tại, vướng mắc, nguyên nhân",
            X,
            T,
            columns=("ND",),
            type=ValueType.TEXT,
            roll_up=RollUp.LIST,
            required=False,
        ),
    )
    return form("PL04", "Thuyết minh", Table(code="A", columns=(column,), rows=rows))


def form(code: str, title: str, *tables: Table, project: str = "") -> Form:
    return Form(
        code=code,
        version="2025.1",
        title=title,
        short=code,
        official=f"Biểu {code}",
        project=project,
        assumed=True,
        assumption="Bố cục thử nghiệm",
        tables=tables,
    )


def target(**changes: Any) -> Target:
    fields: dict[str, Any] = {
        "id": "T2",
        "indicator": "PL01/CT08",
        "name": "Đơn vị không ma túy",
        "operator": ">=",
        "value": Decimal(50),
        "unit": "%",
        "scope": "national",
        "by_year": None,
        "wording": "ít nhất 50 %",
        "trust": "assumed",
        "anchor": "NQ",
    }
    return Target(**(fields | changes))


def communes(count: int) -> tuple[Unit, ...]:
    return tuple(
        Unit(f"{10000 + i:05d}", f"Thử {i}", UnitKind.WARD if i % 9 == 0 else UnitKind.COMMUNE, f"x{i}@xa.example")
        for i in range(count)
    )


def lead_body(code: str = "CAT", projects: tuple[str, ...] = ("1", "4")) -> Unit:
    return Unit(code, "Cơ quan chủ trì", UnitKind.AGENCY, f"{code.lower()}@tinh.example", projects=projects)


def period(kind: PeriodKind = PeriodKind.ANNUAL, year: int = 2026) -> Period:
    due = datetime(year, 12, 19, 16, 59, 59, tzinfo=UTC)
    deadline = Deadline(Level.UNIT, due, date(year, 12, 18), datetime(year, 12, 30, tzinfo=UTC))
    return Period(
        regime="thu-nghiem",
        code=f"{year}-Y",
        kind=kind,
        year=year,
        name=f"năm {year}",
        covers_from=date(year - 1, 12, 15),
        cutoff_on=date(year, 12, 14),
        opens_at=datetime(year, 11, 1, tzinfo=UTC),
        unit=deadline,
        province=Deadline(Level.PROVINCE, due, date(year, 12, 24), datetime(year, 12, 31, tzinfo=UTC)),
    )


def regime(recipients: tuple[Recipient, ...] = (), receives: tuple[str, ...] = ()) -> Regime:
    day = LevelDeadline(before=PeriodDay(month=12, day=20), locked_days_after_due=5, anchor="KH.1")
    rule = PeriodRule(  # type: ignore[call-arg]  # the kind brings its cycle and scope
        kind=PeriodKind.ANNUAL,
        code="{year}-Y",
        name="năm {year}",
        years=(2026,),
        covers_from=PeriodDay(month=12, day=15, year=-1),
        cutoff=PeriodDay(month=12, day=14),
        opens=PeriodDay(month=11, day=1),
        unit=day,
        province=day,
        anchor="KH.1",
        recipients=receives,
        narrative_form="PL04",
    )
    return Regime(
        rules=(Rule.model_validate({"id": "V34", "kind": "cumulative_term"}),),
        code="thu-nghiem",
        name="Chế độ báo cáo thử nghiệm",
        programme="Chương trình thử nghiệm",
        go_live_on=date(2026, 1, 1),
        authority=an_authority(),
        wording=thanh_hoa().regime.wording,
        report=thanh_hoa().regime.report,
        legal_basis=(),
        periods=(rule,),
        recipients=recipients,
        reminders=(),
        projects=(
            Project(code="1", name="Đấu tranh", lead="CAT", trust="assumed"),
            Project(code="4", name="Cơ sở", lead="CAT", trust="assumed"),
        ),
        forms={},
    )


def pack(
    units: Sequence[Unit],
    targets: Sequence[Target] = (),
    forms: Sequence[Form] | None = None,
    law: Regime | None = None,
) -> Pack:
    chosen = (indicators(), movement(), resources(), narrative()) if forms is None else tuple(forms)
    content = "".join(one.model_dump_json() for one in chosen)
    return Pack(law or regime(), tuple(units), chosen, tuple(targets), sha256(content.encode()).hexdigest())


def accepted(unit: Unit | str, figures: Mapping[str, Value | object], number: int = 0) -> AcceptedCells:
    """What a unit sent. A name is `FORM/ROW/COLUMN`; `NIL` is declared nil, None is a blank."""
    code = unit if isinstance(unit, str) else unit.code
    cells = {}
    for position, (name, value) in enumerate(figures.items()):
        cell_key = key(name)
        if value is NIL:
            cell = Cell(cell_key, Answer.NIL, None, cell_key.form, f"D{position + 5}")
        elif value is None:
            cell = Cell(cell_key, Answer.BLANK, None, cell_key.form, f"D{position + 5}")
        else:
            cell = Cell(cell_key, Answer.VALUE, value, cell_key.form, f"D{position + 5}")  # type: ignore[arg-type]
        cells[cell_key] = cell
    submission_id = number or 1 + sum(ord(c) * 31**i for i, c in enumerate(reversed(code))) % 1_000_000
    return AcceptedCells(
        unit=code,
        submission_id=submission_id,
        sha256=f"{submission_id:064x}",
        filename=f"bao-cao-{code}.xlsx",
        received_at=datetime(2026, 12, 10, 2, 0, tzinfo=UTC),
        cells=cells,
    )


def earlier(*reports: AcceptedCells, period: str = "2025-Y", **more: Any) -> Earlier:
    """An earlier period as the units reported it."""
    return Earlier(period, reports, **more)


def everybody_reported(units: Sequence[Unit], totals: Mapping[CellKey, int]) -> Earlier:
    """An earlier period in which every unit reported and the units together had these figures: whoever enters the cell
    first has all of it, the others nothing."""
    reports = []
    left = dict(totals)
    for unit in units:
        level = EntryLevel.PROVINCE if unit.is_lead_body else EntryLevel.COMMUNE
        mine = {}
        for name in totals:
            entered = next(f.cells[name][1] for f in (indicators(), movement(), resources()) if name in f.cells)
            if level in entered.levels:
                mine[str(name)] = left[name]
                left[name] = 0
        reports.append(accepted(unit, mine))
    return earlier(*reports)


def full_report(unit: Unit, seed: int) -> AcceptedCells:
    """A complete, plausible report of a commune or of the lead body; the same seed gives the same figures."""
    if unit.is_lead_body:
        figures: dict[str, Value | object] = {
            f"PL01/{code}/{column}": 3 + seed % 5 + i
            for code in ("CT13", "CT14", "CT26")
            for i, column in enumerate(("KHN", "TH", "LKN", "LKGD"))
        }
        return accepted(unit, figures | {"PL03/DA1.NSTW_DT/KH": 9_000_000_000, "PL03/DA1.NSTW_DT/LKN": 4_500_000_001})
    figures = {
        "PL01/CT01/TH": seed * 7 % 90,
        "PL01/CT08/TH": seed % 3 == 0,
        "PL01/CT09/TH": ("Không", "Loại III", "Loại II", "Loại I")[seed % 4],
        "PL01/CT10/TH": seed % 4,
        "PL01/CT10/MS": seed % 4 + seed % 2,
        "PL01/CT12/TH": Decimal(seed * 13 % 101) / 4,
        "PL01/CT12/MS": Decimal(seed * 13 % 101) / 2,
        "PL01/CT13/TH": seed % 6,
        "PL01/CT13/LKN": seed % 6 + 1,
        "PL01/CT13/LKGD": seed % 6 + 2,
        "PL01/CT13/GT": f"Giải trình {unit.code}" if seed % 10 == 0 else None,
        "PL01/CT26/KHN": 2,
        "PL01/CT26/TH": seed % 3 or NIL,
        "PL01/CT26/LKN": seed % 3,
        "PL01/CT26/LKGD": seed % 3,
        "B04/NGHIEN/DK": seed * 5 % 40,
        "B04/NGHIEN/T1": seed % 7,
        "B04/NGHIEN/G1": seed % 5,
        "B04/NGHIEN/CK": seed * 5 % 40 + seed % 7 - seed % 5,
        "PL03/DA4.NSDP_SN/KH": seed * 1_250_000,
        "PL03/DA4.NSDP_SN/LKN": seed * 1_000_001,
        "PL04/IV/ND": f"Khó khăn của {unit.full_name}" if seed % 4 == 0 else None,
    }
    return accepted(unit, figures)
