"""What somebody typed in a data sheet and no answer takes up: each becomes a problem that names its cell.

Left alone, because it says what the form says already: 0, NP, a dash or a cross in a cell that does not apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from baocao.forms.contract import GUIDE_SHEET, META_SHEET, NIL_TABLE, address, column_name
from baocao.forms.reading.cell_answers import is_nil, raw_text
from baocao.forms.reading.raw import RawTable, RawValue, RawWorkbook
from baocao.model.form import CellKey
from baocao.model.submission import Answer, Cell, Problem, StructureProblem
from baocao.text import fold, vietnamese_number
from baocao.xlsx.a1 import Area, Position

Spot = tuple[int, int, RawValue]
# What offices write into cells that do not apply; asking about each would bury the real questions.
_SAYS_NOTHING = frozenset({"-", "–", "—", "x", "0", "/", ".", "...", "…"})
_LISTED = 6


def is_figure(value: RawValue) -> bool:
    """Whether the value is a number, or a text that is meant as one."""
    if isinstance(value, str):
        text = value.strip().replace("\xa0", "")
        return any(c.isdigit() for c in text) and all(c.isdigit() or c in " .,+-%()" for c in text)
    return isinstance(value, int | float) and not isinstance(value, bool)


def says_nothing(text: str) -> bool:
    """What somebody writes to say that there is nothing: a dash, a cross, 0, NP."""
    return text.strip().lower() in _SAYS_NOTHING or is_nil(text)


def unread_in_table(
    form: str, table: RawTable, rows: frozenset[str], columns: frozenset[str], known: Set[Position]
) -> list[StructureProblem]:
    """Problems of one table. `rows` and `columns`: the form's codes; `known`: where its answers stand."""
    last = max((index for code, index in table.rows if code in rows), default=0)
    # Without the end mark it is not known where the table ends: what comes after its last row may be ours.
    end = table.span[1] if table.closed else last + 1
    found = _grey(form, table, rows, columns, known) + _strange(form, table, rows, columns, end)
    return found if table.code == NIL_TABLE else found + beside(form, table, end)


def _grey(
    form: str, table: RawTable, rows: frozenset[str], columns: frozenset[str], known: Set[Position]
) -> list[StructureProblem]:
    """Cells of a known row and column in which nothing is asked. A code that stands twice is reported at its second."""
    row_codes, column_codes = _firsts(table.rows, rows), _firsts(table.columns, columns)
    found = []
    for (row, column), value in table.values.items():
        if (row, column) in known or row not in row_codes or column not in column_codes:
            continue
        text = raw_text(value)
        if says_nothing(text):
            continue
        kind = "figure_in_grey" if is_figure(value) else "note_in_grey"
        name = f"{row_codes[row]}/{column_codes[column]}"
        found.append(StructureProblem(kind, form, name, table.sheet, address(row, column), text))
    return found


def _strange(
    form: str, table: RawTable, rows: frozenset[str], columns: frozenset[str], end: int
) -> list[StructureProblem]:
    """Figures under a code that is none of the form's."""
    row_codes = {index: code for code, index in table.rows}
    column_codes = {index: code for code, index in table.columns}
    groups: dict[tuple[str, str], list[Spot]] = {}
    for (row, column), value in table.values.items():
        # Words under a foreign code are remarks; figures may be answers that would be lost.
        if row >= end or not is_figure(value) or value == 0:
            continue
        if row_codes[row] not in rows:
            groups.setdefault(("unknown_row", row_codes[row]), []).append((row, column, value))
        elif column_codes[column] not in columns:
            groups.setdefault(("unknown_column", column_codes[column]), []).append((row, column, value))
    return [_grouped(kind, form, code, table.sheet, spots) for (kind, code), spots in groups.items()]


def _firsts(pairs: list[tuple[str, int]], known: frozenset[str]) -> dict[int, str]:
    """index -> code of the first place of each known code."""
    firsts: dict[str, int] = {}
    for code, index in pairs:
        if code in known:
            firsts.setdefault(code, index)
    return {index: code for code, index in firsts.items()}


def beside(form: str, table: RawTable, end: int) -> list[StructureProblem]:
    """One problem a column: an inserted column is one slip, however many rows it has."""
    groups: dict[tuple[str, int], list[Spot]] = {}
    for row, column, value in table.aside:
        if row < end:
            kind = "figure_beside" if is_figure(value) else "note_beside"
            groups.setdefault((kind, column), []).append((row, column, value))
    return [
        _grouped(kind, form, f"{table.code}.{column_name(column)}", table.sheet, spots)
        for (kind, column), spots in sorted(groups.items())
    ]


def _grouped(kind: str, form: str, name: str, sheet: str, spots: list[Spot]) -> StructureProblem:
    first = spots[0]
    said = ", ".join(f"{address(r, c)} ({raw_text(v)[:60]})" for r, c, v in spots[:_LISTED])
    more = f" và {len(spots) - _LISTED} ô nữa" if len(spots) > _LISTED else ""
    return StructureProblem(kind, form, name, sheet, address(first[0], first[1]), said + more)


def loose_in(raw: RawWorkbook, forms: set[str]) -> list[StructureProblem]:
    """Numbers on the forms' sheets above, between and below the tables."""
    of_sheet: dict[str, str] = {}
    for table in raw.tables:
        if table.form in forms:
            of_sheet.setdefault(table.sheet, table.form)
    groups: dict[tuple[str, int], list[Spot]] = {}
    for sheet, row, column, value in raw.loose:
        if sheet in of_sheet:
            groups.setdefault((sheet, row), []).append((row, column, value))
    return [
        _grouped("figure_outside", of_sheet[sheet], f"dòng {row + 1}", sheet, spots)
        for (sheet, row), spots in groups.items()
    ]


Shared = tuple[Area, list[CellKey], list[CellKey]]
"""A merged area, every cell in it, and those of them that are no explanations."""


def shared_cells(
    merges: Iterable[Area], places: Mapping[Position, CellKey], notes: Set[CellKey] = frozenset()
) -> Iterator[Shared]:
    """The merged areas in which answers share a cell. `places`: where the answers to give stand; `notes`: those that
    are explanations."""
    for area in merges:
        inside = _inside(places, area)
        answers = [key for key in inside.values() if key not in notes]
        # One answer in the area's own cell is just a wide cell.
        if answers and not (len(inside) == 1 and area[:2] in inside):
            yield area, list(inside.values()), answers


def mark_merged(form: str, sheet: str, shared: Iterable[Shared], cells: dict[CellKey, Cell]) -> list[StructureProblem]:
    """Answers that share a merged cell are no answers: it is not known whose the figure is, or sees a second one.
    Changes `cells`."""
    found = []
    for area, inside, answers in shared:
        name = f"{address(*area[:2])}:{address(*area[2:])}"
        seen = [f"{cells[k].a1} ({cells[k].raw[:60]})" for k in inside if k in cells and cells[k].raw]
        found.append(StructureProblem("merged_cells", form, name, sheet, address(*area[:2]), ", ".join(seen[:_LISTED])))
        for key in answers:
            if key in cells:
                cells[key] = replace(cells[key], answer=Answer.INVALID, value=None, problem=Problem.MERGED)
    return found


def _inside(places: Mapping[Position, CellKey], area: Area) -> dict[Position, CellKey]:
    """Looked for from the smaller side: most areas are headings and names of a few cells."""
    top, left, bottom, right = area
    if (bottom - top + 1) * (right - left + 1) < len(places):
        every = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
        return {place: places[place] for place in every if place in places}
    return {(r, c): key for (r, c), key in places.items() if top <= r <= bottom and left <= c <= right}


def shown_as_percent(form: str, table: RawTable, places: Mapping[Position, CellKey]) -> list[StructureProblem]:
    """Figures of answers whose cell shows a percentage: one problem a column, for a format is set by the column."""
    groups: dict[str, list[str]] = {}
    firsts: dict[str, Position] = {}
    for place in table.percents:
        value = table.values[place]
        if place not in places or not isinstance(value, int | float) or isinstance(value, bool) or value == 0:
            continue
        column = places[place].column
        firsts.setdefault(column, place)
        shown = vietnamese_number(f"{value * 100:.10g}%")
        stored = vietnamese_number(f"{value:.10g}")
        groups.setdefault(column, []).append(f"{address(*place)} đang hiện {shown}, số lưu trong ô là {stored}")
    found = []
    for column, said in groups.items():
        more = f"; và {len(said) - _LISTED} ô nữa" if len(said) > _LISTED else ""
        name, first = f"{table.code}/{column}", address(*firsts[column])
        detail = "; ".join(said[:_LISTED]) + more
        found.append(StructureProblem("shown_as_percent", form, name, table.sheet, first, detail))
    return found


def with_unclaimed_sheets(
    problems: list[StructureProblem], raw: RawWorkbook, named: set[str]
) -> list[StructureProblem]:
    """Each missing sheet, reported with the sheets that have neither a table nor a form's name: it may be one of them.

    `named`: the folded names of the forms' sheets.
    """
    own = {table.sheet for table in raw.tables}
    known = named | {fold(name) for name in (META_SHEET, GUIDE_SHEET)}
    unclaimed = [f"«{name}»" for name in raw.sheets if name not in own and fold(name) not in known]
    detail = ", ".join(unclaimed[:_LISTED])
    return [replace(p, detail=detail) if p.kind == "missing_sheet" else p for p in problems]
