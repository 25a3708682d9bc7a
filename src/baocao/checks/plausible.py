"""Answers that contradict one another in substance: V27 (money and activity), V28, V29 (class of the locality)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from baocao.checks.layout import CellSpec, Layout, is_money_table
from baocao.checks.reading import Reading, printed
from baocao.model.form import CellKey, ColumnRole, Nature, ValueType
from baocao.model.submission import Answer
from baocao.text import fold

ADDICTS = CellKey("PL01", "CT01", "TH")
USERS = CellKey("PL01", "CT02", "TH")
DRUG_FREE = CellKey("PL01", "CT08", "TH")
CLASS = CellKey("PL01", "CT09", "TH")
PLACES_FOUND, PLACES_CLEARED = CellKey("PL01", "CT10", "MS"), CellKey("PL01", "CT10", "TH")
RETAILERS_FOUND, RETAILERS_CLEARED = CellKey("PL01", "CT11", "MS"), CellKey("PL01", "CT11", "TH")
OFFENDERS = CellKey("B01", "B01.03b", "TH")
PLANTS, AREA = CellKey("B04", "B04.24a", "TH"), CellKey("B04", "B04.24c", "TH")

_CLASS_ONE = {"i", "loại i", "trọng điểm loại i"}
_FULL_YEAR_DAYS = 360


@dataclass(frozen=True, slots=True, eq=False)
class ProjectMoney:
    """A project's activity cells and what was paid for it."""

    code: str
    name: str
    activity: tuple[CellKey, ...]
    payments: tuple[CellSpec, ...]


def projects_with_money(layout: Layout) -> tuple[ProjectMoney, ...]:
    """Projects of which the slice shows both activity and money. Where the pack names no activity cells, every event
    counted in the project's rows is one."""
    found = []
    for project in layout.pack.regime.projects:
        mine = [s for s in layout.specs.values() if s.row.project == project.code and s.entered and s.numeric]
        payments = tuple(
            s
            for s in mine
            if is_money_table(s.table) and s.column.role in {ColumnRole.ACTUAL, ColumnRole.CUMULATIVE_YEAR}
        )
        named = tuple(k for k in map(CellKey.parse, project.activity) if k in layout.specs)
        activity = named if project.activity else tuple(s.key for s in mine if _counts_events(s))
        if activity and payments:
            found.append(ProjectMoney(project.code, project.name, activity, payments))
    return tuple(found)


def _counts_events(spec: CellSpec) -> bool:
    return (
        not is_money_table(spec.table)
        and spec.type is ValueType.COUNT
        and spec.row.nature is Nature.FLOW
        and spec.column.role is ColumnRole.ACTUAL
    )


def look_at_money_and_activity(reading: Reading, projects: tuple[ProjectMoney, ...]) -> None:
    """V27. A project whose money was left open or declared nil is not judged, nor one with an open activity cell when
    nothing else shows activity."""
    for project in projects:
        typed = [s for s in project.payments if (c := reading.cell(s.key)) is not None and c.answer is Answer.VALUE]
        if not typed:
            continue
        paid = sum(int(reading.figures.get(s.key, 0)) for s in project.payments)
        done = [reading.figures.get(key) for key in project.activity]
        active = any(done)
        if paid and not active and None not in done:
            message = (
                f"Dự án {project.code} có giải ngân nhưng không có hoạt động nào. Hãy kiểm tra số tiền, hoặc ghi hoạt "
                "động, hoặc ghi lý do ở cột giải trình."
            )
        elif active and not paid:
            message = (
                f"Dự án {project.code} có hoạt động nhưng không có tiền giải ngân. Hãy kiểm tra, hoặc ghi nguồn kinh "
                "phí ở cột giải trình."
            )
        else:
            continue
        reading.report("V27", typed[0], message, actual=paid, cells=[s.key for s in typed])


def look_at_class(reading: Reading) -> None:
    """V28 and V29: remarks only; the decision on a locality's class is never computed."""
    _look_at_drug_free(reading)
    if reading.history.population:
        _look_at_class_one(reading, reading.history.population)


def _look_at_drug_free(reading: Reading) -> None:
    spec = reading.layout.specs.get(DRUG_FREE)
    cell = reading.cell(DRUG_FREE)
    if spec is None or cell is None or cell.answer is not Answer.VALUE or cell.value is not True:
        return
    get = reading.figures.get
    people = int(get(ADDICTS, 0)) + int(get(USERS, 0))
    places = int(get(PLACES_FOUND, 0)) - int(get(PLACES_CLEARED, 0))
    retailers = int(get(RETAILERS_FOUND, 0)) - int(get(RETAILERS_CLEARED, 0))
    reasons = [
        f"{printed(count, ValueType.COUNT)} {what}"
        for count, what in (
            (people, "người nghiện, người sử dụng"),
            (places, "điểm chưa triệt phá"),
            (retailers, "đối tượng bán lẻ chưa triệt xóa"),
        )
        if count > 0
    ]
    if reasons:
        involved = (ADDICTS, USERS, PLACES_FOUND, PLACES_CLEARED, RETAILERS_FOUND, RETAILERS_CLEARED)
        reading.report(
            "V28",
            spec,
            f"Địa bàn ghi «không ma túy» nhưng còn {', '.join(reasons)}. Hãy kiểm tra lại, hoặc ghi số quyết định công "
            "nhận còn hiệu lực ở cột giải trình.",
            expected="Không, hoặc có giải trình",
            actual="Có",
            cells=[k for k in involved if k in reading.layout.specs],
        )


def _look_at_class_one(reading: Reading, population: int) -> None:
    spec, cell = reading.layout.specs.get(CLASS), reading.cell(CLASS)
    if spec is None or cell is None or cell.answer is not Answer.VALUE:
        return
    reached = _limits_reached(reading, population)
    if reached is None:
        return
    class_one = fold(str(cell.value)) in _CLASS_ONE
    if not class_one and sum(reached) >= 3:
        message = (
            "Số liệu đạt từ ba mức đã biết của địa bàn trọng điểm loại I, nhưng phân loại ghi khác. Hãy kiểm tra số "
            "liệu, hoặc ghi quyết định phân loại đang áp dụng ở cột giải trình."
        )
        expected = "Loại I, hoặc có giải trình"
    elif class_one and not any(reached) and _is_full_year(reading):
        message = (
            "Phân loại ghi loại I nhưng mọi số liệu đều dưới các mức đã biết của loại I. Hãy kiểm tra, hoặc ghi quyết "
            "định phân loại đang áp dụng ở cột giải trình."
        )
        expected = "khác loại I, hoặc có giải trình"
    else:
        return
    reading.report("V29", spec, message, expected=expected, actual=str(cell.value))


def _limits_reached(reading: Reading, population: int) -> tuple[bool, ...] | None:
    """Known limits of class I (QĐ 28/2025/QĐ-TTg): people on file, places, offenders, plants or area. None when a
    figure is missing."""
    get = reading.figures.get
    figures = [get(k) for k in (ADDICTS, USERS, PLACES_FOUND, OFFENDERS, PLANTS, AREA)]
    if any(f is None for f in figures):
        return None
    addicts, users, places, offenders, plants, area = (Fraction(f) for f in figures if f is not None)
    return (
        (addicts + users) * 1000 >= 5 * population,
        places >= 2,
        offenders * 1000 >= population,
        plants >= 3000 or area >= 750,
    )


def _is_full_year(reading: Reading) -> bool:
    return (reading.period.cutoff_on - reading.period.covers_from).days >= _FULL_YEAR_DAYS
