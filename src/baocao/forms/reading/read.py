"""From tables found by codes to the unit's answers, typed by the form definitions of that unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field

from baocao.forms.blank_workbook.layout import CODE, place
from baocao.forms.contract import (
    FINGERPRINT_KEY,
    FORM_KEY,
    INDEX_EXPLANATION_COLUMN,
    INDEX_FORM,
    INDEX_KEY_COLUMN,
    INFO_COLUMN,
    INFO_FORM,
    INFO_ROWS,
    NIL_COLUMN,
    NIL_TABLE,
    address,
)
from baocao.forms.reading.cell_answers import clean_text, computed_figure, is_nil, raw_text
from baocao.forms.reading.grid import read_workbook
from baocao.forms.reading.list_answers import read_lists
from baocao.forms.reading.plan import PlacedTable, PlannedTable, placed, planned_tables
from baocao.forms.reading.raw import RawTable, RawWorkbook, Unreadable
from baocao.forms.reading.unread import loose_in, mark_merged, shown_as_percent, unread_in_table, with_unclaimed_sheets
from baocao.model.form import CellKey, Form
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by, once_per_slice
from baocao.model.submission import Answer, Cell, ListName, ListRow, Problem, StructureProblem, Workbook
from baocao.model.unit import Unit
from baocao.text import fold, nfc, says_something

__all__ = ["Unreadable", "read_workbook", "type_workbook"]


@dataclass(slots=True)
class _Result:
    cells: dict[CellKey, Cell] = field(default_factory=dict)
    nil_forms: dict[str, str] = field(default_factory=dict)
    nil_places: dict[str, tuple[str, str]] = field(default_factory=dict)
    row_explanations: dict[tuple[str, str], str] = field(default_factory=dict)
    problems: list[StructureProblem] = field(default_factory=list)
    formulas: set[CellKey] = field(default_factory=set)
    lists: dict[ListName, tuple[ListRow, ...]] = field(default_factory=dict)
    nil_lists: dict[ListName, tuple[str, str, str]] = field(default_factory=dict)


def type_workbook(raw: RawWorkbook, pack: Pack) -> Workbook:
    """The answers of the forms that the workbook's unit must fill.

    Cells of a sheet, table, row or column that is not there are absent; `problems` names what is missing. Entered
    cells are always present otherwise, BLANK included. Derived cells hold the value the spreadsheet last computed
    (BLANK when it did not), to be compared with ours.
    Raises Unreadable (UNKNOWN_UNIT) when the unit is not one of the pack's: identify the workbook first.
    """
    unit = pack.unit(raw.meta.get("unit", ""))
    if unit is None:
        raise Unreadable("unknown_unit", f"Mã đơn vị {raw.meta.get('unit', '')!r} không có trong danh sách đơn vị.")
    result = _Result()
    for form, planned in _plans(pack, unit):
        _read_form(raw, form, planned, result)
    if any(problem.kind == "missing_sheet" for problem in result.problems):
        result.problems = with_unclaimed_sheets(result.problems, raw, sheet_names(pack))
    if raw.loose:
        result.problems.extend(loose_in(raw, {form.code for form in entered_by(pack, unit)}))
    return Workbook(
        regime=raw.meta.get("regime", ""),
        period=raw.meta.get("period", ""),
        unit=unit.code,
        form_versions=_with_prefix(raw.meta, FORM_KEY),
        fingerprints=_with_prefix(raw.meta, FINGERPRINT_KEY),
        layout=raw.meta.get("layout", ""),
        unit_name=nfc(raw.meta.get("unit_name", "")),
        cells=result.cells,
        nil_forms=result.nil_forms,
        nil_places=result.nil_places,
        info=information(raw),
        explanations=_explanations(raw),
        row_explanations=result.row_explanations,
        problems=tuple(result.problems),
        formulas=frozenset(result.formulas),
        lists=result.lists,
        nil_lists=result.nil_lists,
    )


def sheet_names(pack: Pack) -> set[str]:
    """The folded names of the sheets that the pack's forms and lists have."""
    return {fold(name) for form in pack.forms for name in (form.short, *(one.short for one in form.lists))}


def _with_prefix(meta: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in meta.items() if key.startswith(prefix)}


@once_per_slice
def _plans(pack: Pack, unit: Unit) -> tuple[tuple[Form, tuple[PlannedTable, ...]], ...]:
    return tuple((form, planned_tables(form)) for form in entered_by(pack, unit))


def _read_form(raw: RawWorkbook, form: Form, plan: Sequence[PlannedTable], result: _Result) -> None:
    """Read the tables and lists of one form; what is missing goes into `result.problems`."""
    found = _tables_of(raw, form, result)
    nil = found.get(NIL_TABLE)
    if nil is not None:
        _read_nil(form, nil, result)
    for name, rows, said, problems in read_lists(form, found):
        result.lists[name] = rows
        result.problems.extend(problems)
        if said is not None:
            result.nil_lists[name] = said
    if not plan:
        return
    # One answer for a sheet that is gone, not one for each of its rows.
    if not any(planned.code in found for planned in plan):
        result.problems.append(_gone(raw, form))
        return
    for planned in plan:
        raw_table = found.get(planned.code)
        if raw_table is None:
            sheet = next(iter(found.values())).sheet
            where = _code_row(form, planned.code)
            result.problems.append(StructureProblem("missing_table", form.code, planned.code, sheet, where))
        else:
            formulas = raw.formulas.get(raw_table.sheet, frozenset[str]())
            _read_table(form.code, planned, raw_table, formulas, result)


def _tables_of(raw: RawWorkbook, form: Form, result: _Result) -> dict[str, RawTable]:
    """The form's tables by code, the first of each; copies of a sheet are reported once, with all their names."""
    found: dict[str, RawTable] = {}
    doubles: list[RawTable] = []
    for table in raw.tables:
        if table.form == form.code:
            (doubles.append(table) if table.code in found else found.setdefault(table.code, table))
    sheets = list(dict.fromkeys(t.sheet for t in (*found.values(), *doubles)))
    copied = [t for t in doubles if t.sheet != found[t.code].sheet]
    if copied:
        seen = next((t for t in copied if t.code != NIL_TABLE), copied[0])
        names = ", ".join(f"«{sheet}»" for sheet in sheets)
        result.problems.append(StructureProblem("duplicate_sheet", form.code, names, seen.sheet, _visible(seen)))
    for table in doubles:
        if table.sheet == found[table.code].sheet:
            where = _visible(table)
            result.problems.append(StructureProblem("duplicate_table", form.code, table.code, table.sheet, where))
    return found


def _visible(table: RawTable, column: int | None = None) -> str:
    """A place of the table that is seen: its marker stands in a hidden row, its first row code below does not."""
    row = table.rows[0][1] if table.rows else table.marker[0]
    return address(row, table.marker[1] if column is None else column)


def _gone(raw: RawWorkbook, form: Form) -> StructureProblem:
    """The sheet is not there; or it is, and the hidden row of its codes is not."""
    sheet = next((name for name in raw.sheets if fold(name) == fold(form.short)), None)
    if sheet is None:
        return StructureProblem("missing_sheet", form.code, form.short)
    return StructureProblem("missing_codes", form.code, form.short, sheet, _code_row(form, form.tables[0].code))


def _code_row(form: Form, table: str) -> str:
    """Where the hidden code row of a table stands in the workbook as it was sent out."""
    return address(next(t.code_row for t in place(form, {}, {}).tables if t.table.code == table), CODE)


def _read_nil(form: Form, table: RawTable, result: _Result) -> None:
    """The whole form's nil answer: the printed reason, or what stands there when it is none of the reasons."""
    columns = dict(table.columns)
    row = dict(table.rows).get(NIL_TABLE)
    # A damaged nil table says nothing: then the form itself must be answered (V41).
    if row is None or NIL_COLUMN not in columns:
        return
    position = row, columns[NIL_COLUMN]
    value = table.values.get(position)
    text = table.errors.get(position, "") if value is None else raw_text(value)
    if not text:
        return
    known = next((reason for reason in form.nil_reasons if fold(reason) == fold(text).strip(" .")), None)
    # `NP` typed where a reason is chosen means what it means everywhere; the form's first reason stands for it.
    if known is None and is_nil(text):
        known = form.nil_reasons[0]
    result.nil_forms[form.code] = known or text
    result.nil_places[form.code] = table.sheet, address(*position)


def _positions(
    kind: str, form: str, table: RawTable, pairs: list[tuple[str, int]], wanted: Collection[str], result: _Result
) -> dict[str, int]:
    """code -> index of the first; a wanted code that stands twice is named at its second place."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    found = {}
    for code, index in pairs:
        if code not in found:
            found[code] = index
        elif code in wanted:
            where = address(index, table.marker[1]) if kind == "row" else _visible(table, index)
            result.problems.append(StructureProblem(f"duplicate_{kind}", form, code, table.sheet, where))
    return found


def _read_table(form: str, planned: PlannedTable, table: RawTable, formulas: Set[str], result: _Result) -> None:
    """Read one table by the codes of its rows and columns, wherever they stand on the sheet."""
    problems = result.problems
    rows = _positions("row", form, table, table.rows, planned.rows, result)
    columns = _positions("column", form, table, table.columns, planned.columns, result)
    sheet = table.sheet
    for code in planned.columns:
        if code not in columns:
            problems.append(StructureProblem("missing_column", form, code, sheet, _visible(table)))
    for row, column in table.uncoded:
        # Otherwise notes and signatures under the table.
        if table.closed or row <= max((rows[code] for code in planned.rows if code in rows), default=0):
            problems.append(StructureProblem("row_without_code", form, "", sheet, address(row, column)))
    if not rows.keys() >= planned.rows.keys():
        for code, planned_row in planned.rows.items():
            if planned_row.needed and code not in rows:
                problems.append(StructureProblem("missing_row", form, code, sheet))
    found = placed(planned, sheet, tuple(rows.items()), tuple(columns.items()), tuple(table.merges))
    _read_cells(form, found, table, formulas, result)
    _look_aside(form, planned, table, found, result)


def _look_aside(form: str, planned: PlannedTable, table: RawTable, found: PlacedTable, result: _Result) -> None:
    """What stands in the table and is no answer, and answers that share a merged cell."""
    result.problems.extend(mark_merged(form, table.sheet, found.shared, result.cells))
    if table.percents:
        result.problems.extend(shown_as_percent(form, table, found.entered))
    known = found.cells.keys()
    if table.aside or not known >= table.values.keys():
        result.problems.extend(unread_in_table(form, table, planned.every_row, planned.every_column, known))


def _read_cells(form: str, found: PlacedTable, table: RawTable, formulas: Set[str], result: _Result) -> None:
    """Read the cells of one table into `result.cells`, and the explanations that say something. Only what is filled
    costs anything: the rest is blank as it was placed."""
    cells, sheet, at = result.cells, table.sheet, found.cells
    cells.update(found.blank)
    for position, error in table.errors.items():
        # Of a derived cell an error says nothing new: it is computed anew; its parts have their own findings.
        if (place := at.get(position)) is not None and not place.derived:
            problem = Problem.ERROR_VALUE if error else Problem.FORMULA_WITHOUT_VALUE
            cells[place.key] = Cell(place.key, Answer.INVALID, None, sheet, place.a1, error, problem)
    for position, value in table.values.items():
        if (place := at.get(position)) is None:
            continue
        key, a1, convert, options, derived, explains = place
        answer, typed, fault = convert(value, options)
        if derived:
            if a1 in formulas:
                result.formulas.add(key)
            if answer is not Answer.VALUE:
                answer, typed, fault = computed_figure(value)
        text = str(typed) if typed.__class__ is int else raw_text(value)
        cells[key] = Cell(key, answer, typed, sheet, a1, text, fault)
        # A dash or "không" is no explanation, and must not answer a finding.
        if explains and answer is Answer.VALUE and says_something(str(typed)):
            result.row_explanations[form, key.row] = str(typed)


def information(raw: RawWorkbook) -> dict[str, Cell]:
    """The information sheet: code in lower letters -> text cell."""
    table = raw.table(INFO_FORM, "A")
    if table is None:
        return {}
    column = dict(table.columns).get(INFO_COLUMN)
    info = {}
    for code, row in table.rows:
        # The sheet is the unit's too: rows it adds there are no business of ours.
        if column is None or code not in INFO_ROWS:
            continue
        value = table.values.get((row, column))
        text = "" if value is None else raw_text(value)
        answer = Answer.VALUE if text else Answer.BLANK
        key = CellKey(INFO_FORM, code, INFO_COLUMN)
        info[code.lower()] = Cell(key, answer, text or None, table.sheet, address(row, column), text)
    return info


def _explanations(raw: RawWorkbook) -> dict[str, str]:
    """finding key -> what the unit wrote beside it on the index sheet of a marked-up workbook."""
    table = raw.table(INDEX_FORM, "A")
    if table is None:
        return {}
    columns = dict(table.columns)
    key_at, text_at = columns.get(INDEX_KEY_COLUMN), columns.get(INDEX_EXPLANATION_COLUMN)
    found: dict[str, str] = {}
    if key_at is None or text_at is None:
        return found
    for _, row in table.rows:
        key, text = table.values.get((row, key_at)), table.values.get((row, text_at))
        if key is not None and text is not None and says_something(clean_text(text)):
            found[raw_text(key)] = clean_text(text)
    return found
