"""The indicators of a form over the periods of the term: one small curve each, with the figures behind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from baocao.documents.charts.picture import Picture
from baocao.documents.charts.small_multiples import Panel, Point, small_multiples
from baocao.documents.word_report.numerals import plain_figure
from baocao.exact import Number
from baocao.model.form import CellKey, Column, ColumnRole, Form, Row, Table, ValueType
from baocao.model.period import Period
from baocao.store.browse import report_values
from baocao.workflow.installation import Installation
from baocao.workflow.looking.kept import kept
from baocao.workflow.periods.earlier_periods import same_period_last_year

_PERIODS = 12
"""The newest that are shown."""
_FIRST = (ColumnRole.ACTUAL, ColumnRole.CLOSING, ColumnRole.CUMULATIVE_YEAR, ColumnRole.RATIO)


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: its value in each of `TrendView.periods`, None where it has none."""

    key: CellKey
    name: str
    unit: str
    values: tuple[Number | None, ...]
    coverages: tuple[str, ...]
    """`163/166`; empty where there is no report"""


@dataclass(frozen=True, slots=True)
class TrendView:
    """The figures of a form over the periods."""

    form: Form
    forms: Sequence[Form]
    columns: tuple[tuple[str, str], ...]
    """(code, title) of the columns with figures"""
    column: str
    periods: tuple[tuple[str, str, bool], ...]
    """(code, name, whether there is a report), the oldest first"""
    lines: tuple[Line, ...]
    svg: str
    """empty where nothing has a figure"""
    alt: str


def trend_view(
    place: Installation, regime: str, period: str, form: str, column: str, address: Callable[[str, CellKey], str]
) -> TrendView | None:
    """The newest version of each period's report, and for the oldest of a kind the period before it, as that report
    compares with it. The first form and column for empty codes; None for those the period does not have."""
    pack, _ = place.at(regime, period)
    chosen = next((f for f in pack.forms if f.code == form), None) if form else pack.forms[0]
    if chosen is None:
        return None
    columns = _columns(chosen)
    if column and column not in {code for code, _ in columns}:
        return None
    shown = column or (columns[0][0] if columns else "")
    with place.store.read() as conn:
        known = report_values.of_column(conn, regime, chosen.code, shown)
    calendar = {p.code: p for p in place.periods(regime) if not p.is_rehearsal and p.request is None}
    when = sorted((calendar[code] for code in known if code in calendar), key=lambda p: (p.cutoff_on, p.kind))
    # The oldest report knows what it was compared with: so the curve begins one period before our own records.
    before = {same_period_last_year(pack, p): p for p in when}
    old = [(code, p) for code, p in before.items() if code and code not in known]
    periods = [*((code, code, p.kind) for code, p in old), *((p.code, p.name, p.kind) for p in when)][-_PERIODS:]
    lines = []
    for key, (_, row, _column) in chosen.cells.items():
        if key.column != shown or not _has_figures(chosen, key):
            continue
        values, coverages = [], []
        for code, _, _ in periods:
            value = known.get(code, {}).get(key)
            after = known.get(before[code].code, {}).get(key) if code not in known else None
            values.append(value.value if value else after.previous if after else None)
            coverages.append(str(value.coverage) if value else "")
        if any(value is not None for value in values):
            lines.append(Line(key, f"{row.item} {row.name}".strip(), row.unit, tuple(values), tuple(coverages)))
    picture = _picture(chosen, lines, periods, calendar, set(known), address)
    return TrendView(
        chosen,
        pack.forms,
        columns,
        shown,
        tuple((code, name, code in known) for code, name, _ in periods),
        tuple(lines),
        _svg(place, picture) if picture else "",
        picture.alt if picture else "",
    )


def _svg(place: Installation, picture: Picture) -> str:
    """Drawn once: it changes with a new version of a report only."""
    # By the specification: the same figures give the same picture, on any server of this installation.
    return str(kept(place, "trend-1", json.dumps(picture.spec, sort_keys=True), lambda: picture.page_svg))


def _columns(form: Form) -> tuple[tuple[str, str], ...]:
    """Those with figures in at least one row; what was achieved first."""
    found: dict[str, Column] = {}
    for key, (_, _row, column) in form.cells.items():
        if _has_figures(form, key):
            found.setdefault(column.code, column)
    rank = {role: place for place, role in enumerate(_FIRST)}
    # What was achieved first: whoever opens the page looks for results, not for plans.
    inorder = sorted(found.values(), key=lambda c: rank.get(c.role, len(rank)) if c.role else len(rank))
    return tuple((column.code, column.title) for column in inorder)


def _has_figures(form: Form, key: CellKey) -> bool:
    spec: tuple[Table, Row, Column] = form.cells[key]
    table, row, column = spec
    kind = table.type_of(row, column)
    return kind.is_number or kind is ValueType.RATIO


def _picture(
    form: Form,
    lines: Sequence[Line],
    periods: Sequence[tuple[str, str, str]],
    calendar: dict[str, Period],
    known: set[str],
    address: Callable[[str, CellKey], str],
) -> Picture | None:
    """One small curve for each line; None without lines. Points of periods with a report lead to the cell's page."""
    if not lines:
        return None
    names = {code: calendar[code].name if code in calendar else code for code, _, _ in periods}
    kinds = list(dict.fromkeys(_kind_name(kind, code) for code, _, kind in periods))
    panels = tuple(
        Panel(
            line.name,
            tuple(
                Point(
                    code, _kind_name(kind, code), float(value), f"{plain_figure(value)} ({names[code]})",
                    address(code, line.key) if code in known else "",
                )
                for (code, _, kind), value in zip(periods, line.values, strict=True)
                if value is not None
            ),
        )
        for line in lines
    )  # fmt: skip
    alt = f"{form.code} {form.title}: {len(panels)} chỉ tiêu qua {len(periods)} kỳ; số liệu ở bảng bên dưới."
    return small_multiples(panels, [code for code, _, _ in periods], kinds, alt)


def _kind_name(kind: str, code: str) -> str:
    """What the codes of one kind have in common: `H1`, `Y`."""
    return code.partition("-")[2] or kind
