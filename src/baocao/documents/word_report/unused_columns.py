"""Columns of a template's tables that no form of the report has figures for are not printed.

The template marks the head of such a column (`{{ unused.plan }}Kế hoạch năm`); an office's own template that does not
prints every column, as it says.
"""

from __future__ import annotations

from collections.abc import Iterable

from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table

from baocao.model.form import ColumnRole, Form

_MARK = "\u2063"
"""An invisible separator, which no text of ours holds."""
_COLUMNS = {
    "plan": {ColumnRole.PLAN_YEAR},
    "bottom": {ColumnRole.DENOMINATOR},
    # The one ratio column of the table prints either (`row_figures.ratio_figure`).
    "ratio": {ColumnRole.PLAN_YEAR, ColumnRole.RATIO},
    "year": {ColumnRole.CUMULATIVE_YEAR},
    "term": {ColumnRole.CUMULATIVE_TERM},
}
"""column of the result tables -> roles of the forms' columns that fill it"""


def unused_columns(forms: Iterable[Form]) -> dict[str, str]:
    """What the head of each column begins with: nothing, or the mark of one that these forms have no figures for."""
    roles = {column.role for form in forms for table in form.tables for column in table.columns}
    return {name: "" if roles & filled else _MARK for name, filled in _COLUMNS.items()}


def take_out_marked(document: Document) -> None:
    """Take the marked columns out of every table; their room goes to the widest column that stays."""
    for table in document.tables:
        head = table._tbl.tr_lst[0].tc_lst if table._tbl.tr_lst else []
        marked = [at for at, cell in enumerate(head) if _text(cell).startswith(_MARK)]
        if marked:
            _take_out(table, marked)


def _text(cell: object) -> str:
    return "".join(t.text or "" for t in cell.iter(qn("w:t")))  # type: ignore[attr-defined]


def _take_out(table: Table, marked: list[int]) -> None:
    grid = table._tbl.tblGrid.gridCol_lst
    freed = sum(grid[at].w or 0 for at in marked)
    # Usually the names; spread over all columns, every one would be a little too wide.
    widest = max((at for at in range(len(grid)) if at not in marked), key=lambda at: grid[at].w or 0)
    for row in table._tbl.tr_lst:
        cells = row.tc_lst
        if len(cells) != len(grid):  # a heading over the whole width
            cells[0].grid_span = len(grid) - len(marked)
            continue
        cells[widest].width = (cells[widest].width or 0) + freed
        for at in marked:
            row.remove(cells[at])
    _number(table)
    grid[widest].w = (grid[widest].w or 0) + freed
    for at in marked:
        table._tbl.tblGrid.remove(grid[at])


def _number(table: Table) -> None:
    """The row of column numbers `(1) (2) …`, where there is one, has no gap."""
    rows = table._tbl.tr_lst
    texts = [[t for t in cell.iter(qn("w:t")) if t.text] for cell in rows[1].tc_lst] if len(rows) > 1 else []
    if texts and all(len(found) == 1 and found[0].text.strip("()").isdigit() for found in texts):
        for number, (found,) in enumerate(texts, start=1):
            found.text = f"({number})"
