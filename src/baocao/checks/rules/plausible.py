"""Money and activity of a project that do not go together."""

from __future__ import annotations

from dataclasses import dataclass

from baocao.checks.cell_specs import CellSpec, Layout, is_money_table
from baocao.checks.reading import Reading
from baocao.model.form import CellKey, ColumnRole, Nature, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Answer


@dataclass(frozen=True, slots=True, eq=False)
class ProjectMoney:
    """A project's activity cells and what was paid for it."""

    called: str
    """`Dự án 6`"""
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
            found.append(ProjectMoney(project.called(layout.pack.regime.wording), activity, payments))
    return tuple(found)


def _counts_events(spec: CellSpec) -> bool:
    return (
        not is_money_table(spec.table)
        and spec.type is ValueType.COUNT
        and spec.row.nature is Nature.FLOW
        and spec.column.role is ColumnRole.ACTUAL
    )


def check_money_and_activity(reading: Reading, projects: tuple[ProjectMoney, ...]) -> None:
    """A project whose money was left open or declared nil is not judged, nor one with an open activity cell when
    nothing else shows activity."""
    for project in projects:
        typed = [s for s in project.payments if (c := reading.cell(s.key)) is not None and c.answer is Answer.VALUE]
        if not typed:
            continue
        # Either says that something was paid, but never added: the year's payments hold the period's.
        paid = _paid(reading, project, ColumnRole.ACTUAL) or _paid(reading, project, ColumnRole.CUMULATIVE_YEAR)
        done = [reading.figures.get(key) for key in project.activity]
        active = any(done)
        if paid and not active and None not in done:
            message = (
                f"{project.called} có giải ngân nhưng không có hoạt động nào. Hãy kiểm tra số tiền, hoặc ghi hoạt "
                "động, hoặc ghi lý do ở cột giải trình."
            )
        elif active and not paid:
            message = (
                f"{project.called} có hoạt động nhưng không có tiền giải ngân. Hãy kiểm tra, hoặc ghi nguồn kinh "
                "phí ở cột giải trình."
            )
        else:
            continue
        reading.report(RuleKind.MONEY_AND_ACTIVITY, typed[0], message, actual=paid, cells=[s.key for s in typed])


def _paid(reading: Reading, project: ProjectMoney, role: ColumnRole) -> int:
    """đồng, from all sources"""
    return sum(int(reading.figures.get(s.key, 0)) for s in project.payments if s.column.role is role)
