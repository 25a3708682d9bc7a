"""Cutting a pack's forms down to what one unit enters, and its relations down to what that unit's workbook can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from baocao.model.form import CellKey, Column, Derive, Form, Linear, ListTable, Ratio, Relation, Row, Table

Asked = Row | ListTable
"""What somebody is asked for: both say at which `levels` and for which `project`."""


def slice_forms(forms: Sequence[Form], mine: Callable[[Asked], bool]) -> tuple[Form, ...]:
    """The forms with the rows for which `mine` holds.

    A derived row stays where something it is derived from stays, and its derivation is cut down to that; comparisons
    with last year are made at the province only. Headings stay where a row below them stays; columns that apply to no
    row, tables and forms without an entered row go.
    """
    derived = _derivable(forms, mine)
    result = []
    for form in forms:
        tables = []
        for table in form.tables:

            def kept(row: Row, form: Form = form) -> Row | None:
                # `form` is bound by the default: a closure of the loop would see the last one.
                if row.derive is None and mine(row):
                    return row
                derive = derived.get((form.code, row.code))
                return row.model_copy(update={"derive": derive}) if derive is not None else None

            rows = tuple(_kept_rows(table, kept))
            # A table of headings and totals alone would ask nobody for anything.
            if any(row.levels for row in rows):
                tables.append(table.model_copy(update={"rows": rows, "columns": _used_columns(table, rows)}))
        lists = tuple(one for one in form.lists if mine(one))
        if tables or lists:
            result.append(form.with_tables(tuple(tables), lists))
    return tuple(result)


def only_rows(forms: Sequence[Form], rows: Sequence[str]) -> tuple[Form, ...]:
    """The forms without the rows that cannot be there: of a form that `rows` (`FORM/ROW`) names, only the named rows
    are entered; what is derived from cells that are gone is cut down to what is left, or goes too."""
    named, wanted = {name.split("/")[0] for name in rows}, set(rows)

    def asked_for(form: Form) -> Form:
        if form.code not in named:
            return form
        lists = tuple(one for one in form.lists if f"{form.code}/{one.code}" in wanted)
        cut = _with_rows(form, lambda row: row if row.derive or f"{form.code}/{row.code}" in wanted else None)
        return cut.with_tables(cut.tables, lists)

    result = tuple(asked_for(form) for form in forms)
    # Again until nothing changes: a total may lead to a total that has just lost its last part.
    while (cut := tuple(_without_dangling(form, result) for form in result)) != result:
        result = cut
    return tuple(f for f in result if f.lists or any(row.levels for table in f.tables for row in table.rows))


def _without_dangling(form: Form, forms: Sequence[Form]) -> Form:
    there = {(f.code, r.code) for f in forms for t in f.tables for r in t.rows if not r.heading}

    def left(row: Row) -> Row | None:
        if row.derive is None or all(row_named(name, form.code) in there for name in row.derive.names):
            return row
        cut = _cut(row.derive, form.code, there)
        return row.model_copy(update={"derive": cut}) if cut else None

    rows = [row for table in form.tables for row in table.rows if not row.heading]
    return form if all(left(row) is row for row in rows) else _with_rows(form, left)


def _with_rows(form: Form, kept: Callable[[Row], Row | None]) -> Form:
    tables = []
    for table in form.tables:
        if rows := tuple(_kept_rows(table, kept)):
            tables.append(table.model_copy(update={"rows": rows, "columns": _used_columns(table, rows)}))
    return form.with_tables(tuple(tables))


def _used_columns(table: Table, rows: Sequence[Row]) -> tuple[Column, ...]:
    """Without the columns that are greyed out in every row that stays."""
    used = {c.code for c in table.columns if any(table.applies(row, c) for row in rows)}
    # A column nobody enters here stays where another is computed from it: its formula would point at nothing.
    sources = {name for c in table.columns if c.code in used and c.derive for name in c.derive.names}
    return tuple(c for c in table.columns if c.code in used | sources)


def _kept_rows(table: Table, kept: Callable[[Row], Row | None]) -> Iterator[Row]:
    """The rows as `kept` gives them, None for a row that goes; headings stay where a row below them stays."""
    pending: list[Row] = []
    for row in table.rows:
        if row.heading:
            # A heading replaces the pending ones at its depth: only headings with rows below are kept.
            pending = [h for h in pending if h.indent < row.indent] + [row]
        elif (stays := kept(row)) is not None:
            yield from (*pending, stays)
            pending = []


def _derivable(forms: Sequence[Form], mine: Callable[[Asked], bool]) -> dict[tuple[str, str], Derive]:
    """The derived rows that can be computed from the entered ones, with their derivation cut down to what is there."""
    rows = {(f.code, r.code): r for f in forms for t in f.tables for r in t.rows if not r.heading}
    there = {key for key, row in rows.items() if row.derive is None and mine(row)}
    result: dict[tuple[str, str], Derive] = {}
    grown = True
    # Derived rows may stand above what they are derived from, so one pass in printed order is not enough.
    while grown:
        grown = False
        for (form, code), row in rows.items():
            if row.derive is None or (kept := _cut(row.derive, form, there)) is None:
                continue
            if result.get((form, code)) != kept:
                result[form, code] = kept
                there.add((form, code))
                grown = True
    return result


def _cut(derive: Derive, form: str, there: set[tuple[str, str]]) -> Derive | None:
    """The derivation over the rows that are there; None when nothing is left to compute."""

    def left(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(n for n in names if row_named(n, form) in there)

    if derive.linear is not None:
        linear = Linear(plus=left(derive.linear.plus), minus=left(derive.linear.minus))
        # What is only subtracted is no part of a whole.
        return Derive(linear=linear) if linear.plus else None
    if derive.ratio is not None:
        ratio = Ratio(numerator=left(derive.ratio.numerator), denominator=left(derive.ratio.denominator))
        return Derive(ratio=ratio) if ratio.numerator and ratio.denominator else None
    return None


def row_named(name: str, form: str) -> tuple[str, str]:
    """(form, row) of a name in a row's derivation: a row code of the same form, or `FORM/ROW/COLUMN`."""
    if "/" not in name:
        return form, name
    key = CellKey.parse(name)
    return key.form, key.row


def concrete_relations(relations: Iterable[Relation], forms: Sequence[Form]) -> tuple[Relation, ...]:
    """The relations all of whose cells exist in `forms`, `*` replaced by every row (column) where all cells apply.

    `*` stands for entered rows only, and for columns of typed figures only: what is derived from them follows, and
    would only repeat the finding.
    """
    cells = {key: place for form in forms for key, place in form.cells.items()}
    result = []
    for relation in relations:
        for row, column in _places(relation, cells):
            concrete = relation.at(row, column)
            # A relation across two bodies' forms cannot be judged on one body's workbook; the gate judges it over all
            # (ADR 0012).
            if all(CellKey.parse(name) in cells for name in concrete.names):
                result.append(concrete)
    return tuple(result)


def _places(relation: Relation, cells: dict[CellKey, tuple[Table, Row, Column]]) -> Iterator[tuple[str, str]]:
    """Candidates for (`*` row, `*` column); one pair of empty strings when there is no `*`."""
    names = [CellKey.parse(name) for name in relation.names]
    wild_row = next((n for n in names if n.row == "*"), None)
    wild_column = next((n for n in names if n.column == "*"), None)
    rows = [""]
    if wild_row is not None:
        rows = list(
            dict.fromkeys(k.row for k, (_, r, _) in cells.items() if k.form == wild_row.form and r.derive is None)
        )
    columns = [""]
    if wild_column is not None:
        columns = list(
            dict.fromkeys(
                key.column
                for key, (table, row, column) in cells.items()
                if key.form == wild_column.form
                and table.is_entered(row, column)
                and table.type_of(row, column).is_number
            )
        )
    for row in rows:
        for column in columns:
            yield row, column
