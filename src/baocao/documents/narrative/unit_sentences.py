"""Sentences about units: the best and the last of each headline indicator, with the reasons the last ones gave."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from baocao.documents.narrative.marks import mark_of
from baocao.documents.narrative.unit_texts import gather, shortened
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import figure, two_digits, unit_of
from baocao.model.consolidated import share_column
from baocao.model.form import CellKey, Column, ColumnRole, Form, Row, Table, ValueType
from baocao.model.pack_parts.wording import Headline
from baocao.model.pack_views import pack_rows
from baocao.model.submission import AcceptedCells

_FEWEST = 4
"""Units from which a first and a last are named."""
_NAMED, _REASON = 3, 220


@dataclass(frozen=True, slots=True)
class _Ranked:
    value: Fraction
    unit: str
    parts: tuple[Fraction, ...]
    """of a share its numerator and denominator"""


def standing_sentences(source: ReportInput) -> list[str]:
    """One sentence a headline indicator of the pack, in its order: over the territorial units that reported a figure
    of it, the best and the last with their figures, and the reasons the last ones wrote beside it."""
    return [text for h in source.layout.headline if (text := _sentence(source, h))]


def _sentence(source: ReportInput, headline: Headline) -> str:
    code, _, wanted = headline.row.partition("/")
    found = pack_rows(source.pack).get((code, wanted))
    if found is None:
        return ""
    form, table, row = found
    share = share_column(table)
    main = next((c for c in table.columns if c.role is ColumnRole.ACTUAL), None)
    column = share if share is not None and table.applies(row, share) else main
    if column is None:
        return ""
    key, kind = CellKey(form.code, row.code, column.code), table.type_of(row, column)
    ranked = _ranked(source, _figures_of(table, row, key, column), higher=headline.better == "higher")
    # Where all are equal nobody stands first, and of three units the last is also the third.
    if len(ranked) < _FEWEST or ranked[0].value == ranked[-1].value:
        return ""
    unit = "%" if kind is ValueType.RATIO else unit_of(row.unit, kind)
    first, last = ("cao nhất", "thấp nhất") if kind is ValueType.RATIO else ("nhiều nhất", "ít nhất")
    if headline.better == "lower":
        first, last = last, first
    mark = mark_of(key)
    level = ("thấp nhất", "cao nhất") if headline.better == "lower" else ("cao nhất", "thấp nhất")
    best = mark("dung-dau", _told(source, ranked, ranked[0].value, _Said(kind, unit, first, f"đạt mức {level[0]}")))
    worst = mark("dung-cuoi", _told(source, ranked, ranked[-1].value, _Said(kind, unit, last, f"ở mức {level[1]}")))
    text = f"{row.name}: {best}; {worst}"
    why = _reasons(source, form, table, row, [r.unit for r in ranked if r.value == ranked[-1].value])
    return f"- {text}{why}."


def _figures_of(table: Table, row: Row, key: CellKey, column: Column) -> tuple[CellKey, ...]:
    """The cells a unit's figure is made of: itself, or numerator and denominator of a share nobody types."""
    if not column.derive:
        return (key,)
    columns = table.by_role(row)
    return tuple(
        CellKey(key.form, key.row, columns[role].code)
        for role in (ColumnRole.ACTUAL, ColumnRole.DENOMINATOR)
        if role in columns
    )


def _ranked(source: ReportInput, keys: tuple[CellKey, ...], *, higher: bool) -> list[_Ranked]:
    """The territorial units with a figure, the best first, then by code; of a share those with a denominator."""
    found = []
    for report in source.accepted:
        unit = source.pack.unit(report.unit)
        values = [_number(report, key) for key in keys]
        # Bodies of the province are not ranked among communes.
        if unit is None or unit.is_lead_body or not values or None in values:
            continue
        # A plain figure over 100, so that `100 * top / bottom` gives it back.
        top, bottom = values[0], values[1] if len(values) > 1 else Fraction(100)
        if top is not None and bottom:
            found.append(_Ranked(100 * top / bottom, report.unit, tuple(v for v in values if v is not None)))
    # The code breaks ties, so that the same figures always give the same sentence.
    return sorted(found, key=lambda r: (-r.value if higher else r.value, r.unit))


def _number(report: AcceptedCells, key: CellKey) -> Fraction | None:
    cell = report.cells.get(key)
    value = None if cell is None else cell.value
    return Fraction(value) if isinstance(value, (int, Decimal, Fraction)) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class _Said:
    """How a place in the order is worded: of a few units (`cao nhất`), and of many (`đạt mức cao nhất`)."""

    kind: ValueType
    unit: str
    few: str
    many: str


def _told(source: ReportInput, ranked: list[_Ranked], value: Fraction, said: _Said) -> str:
    """`cao nhất là Xã A, Xã B (100,00 %)`; of many `có 12 đơn vị cùng ở mức thấp nhất 0,00 %, trong đó Xã A có số lượng
    lớn nhất (0/14)`."""
    those = [r for r in ranked if r.value == value]
    printed = f"{figure(value, said.kind)}\N{NO-BREAK SPACE}{said.unit}".rstrip()
    if len(those) <= _NAMED:
        return f"{said.few} là {', '.join(source.name_of(r.unit) for r in those)} ({printed})"
    # Of many at 0 % the one with the largest whole is worth naming: 0 of 14 says more than 0 of 1.
    widest = max(those, key=lambda r: (r.parts[-1], r.unit))
    told = ""
    if len(widest.parts) > 1:
        parts = "/".join(figure(part, ValueType.DECIMAL) for part in widest.parts)
        biggest = f", trong đó {source.name_of(widest.unit)} có số lượng lớn nhất ({parts})"
        told = f" (mỗi đơn vị {parts})" if len({r.parts for r in those}) == 1 else biggest
    return f"có {two_digits(len(those))} đơn vị cùng {said.many} {printed}{told}"


def _reasons(source: ReportInput, form: Form, table: Table, row: Row, units: list[str]) -> str:
    """`; lý do đơn vị nêu: «…» (Xã A)`; empty where they gave none."""
    said = explanations(source, form, table, row, units)
    opinions = gather(said, source.name_of).by_weight[:2]
    quoted = [f"«{shortened(o.text, _REASON)[0].rstrip(' .;')}» ({o.sent_by(_NAMED)})" for o in opinions]
    return f"; lý do đơn vị nêu: {'; '.join(quoted)}" if quoted else ""


def explanations(
    source: ReportInput, form: Form, table: Table, row: Row, units: list[str] | None = None
) -> list[tuple[str, str]]:
    """(unit code, text) of what units wrote beside a row, of all or of `units`, in the order of the reports."""
    keys = [CellKey(form.code, row.code, c.code) for c in table.columns if c.role is ColumnRole.EXPLANATION]
    return [
        (report.unit, text)
        for report in source.accepted
        if units is None or report.unit in units
        for key in keys
        if (text := _text(report, key))
    ]


def _text(report: AcceptedCells, key: CellKey) -> str:
    cell = report.cells.get(key)
    return cell.value.strip() if cell is not None and isinstance(cell.value, str) else ""
