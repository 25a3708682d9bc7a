"""What a list says as one figure: the number of its rows, or the sum of a column, and which rows those are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from baocao.model.form import CellKey, Form, ListTable
from baocao.model.pack_parts.lists import ListTotal
from baocao.model.submission import Answer, Cell, ListRow
from baocao.text import as_answered


def counted_rows(total: ListTotal, rows: Sequence[ListRow]) -> list[ListRow] | None:
    """The rows a total counts; None while an answer it goes by is unreadable or missing."""
    counted = []
    for row in rows:
        answers = {code: row.cells.get(code) for code in total.where}
        # Whether such a row counts is not known, so neither is the total: the cell's own finding says what to correct.
        if any(c is None or c.answer in {Answer.INVALID, Answer.BLANK} for c in answers.values()):
            return None
        if all(_says(answers[code], wanted) for code, wanted in total.where.items()):
            counted.append(row)
    return counted


def _says(cell: Cell | None, wanted: tuple[str, ...]) -> bool:
    if cell is None or cell.value is None:
        return False
    return as_answered(cell.value) in wanted


def total_of(total: ListTotal, counted: Sequence[ListRow]) -> int | Decimal | None:
    """The number of rows or their sum (money in đồng); None while a summand is unreadable."""
    if not total.sum:
        return len(counted)
    cells = [c for row in counted if (c := row.cells.get(total.sum)) is not None]
    if any(c.answer is Answer.INVALID for c in cells):
        return None
    # Blank and nil summands add nothing; a required column that is blank is a finding of its own.
    return sum((c.value for c in cells if isinstance(c.value, int | Decimal)), start=0)


def totals_of_cell(key: CellKey, forms: Sequence[Form]) -> Iterator[tuple[Form, ListTable, ListTotal]]:
    """The lists whose rows stand behind a figure of a table."""
    for form in forms:
        for one in form.lists:
            for total in one.totals:
                if total.cell == str(key):
                    yield form, one, total
