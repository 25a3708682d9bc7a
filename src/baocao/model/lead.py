"""Ý kiến của đơn vị chủ trì: which cells a lead body sees, and what it says about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from baocao.model.form import CellKey, Column, ColumnRole, Form, ListTable, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.unit import Unit


class CommentKind(StrEnum):
    """What a lead body (cơ quan chủ trì) says about a unit's figures."""

    COMMENT = "comment"
    """nhận xét: is kept and shown, holds nothing"""
    OBJECTION = "objection"
    """phản đối: holds the consolidation while it is open"""

    @property
    def label(self) -> str:
        return {"comment": "nhận xét", "objection": "phản đối"}[self.value]


class CommentStatus(StrEnum):
    """Only moves right: OPEN, then one of the other three, for ever."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    OVERRULED = "OVERRULED"
    """by the standing office, with a reason that everybody who signs reads"""
    WITHDRAWN = "WITHDRAWN"

    @property
    def label(self) -> str:
        return {"OPEN": "đang chờ", "ANSWERED": "đã trả lời", "OVERRULED": "bị bác", "WITHDRAWN": "đã rút"}[self.value]


@dataclass(frozen=True, slots=True)
class LeadComment:
    """A row of `lead_comment`. It is about one cell of one unit, or of a whole project of that unit."""

    id: int
    regime: str
    period: str
    lead: str
    """unit code of the lead body"""
    kind: CommentKind
    unit: str
    project: str
    cell: CellKey | None
    """None: the whole project"""
    text: str
    raised_at: datetime
    raised_by: str
    source_sha256: str
    """the workbook it came in; empty when it was typed into the command"""
    slice_sha256: str
    """content hash of the slice it was made on"""
    status: CommentStatus
    answered_by: str
    answered_at: datetime | None
    answer: str
    """answer, reason for overruling or for withdrawing; empty while open"""

    @property
    def subject(self) -> str:
        """`FORM/ROW/COLUMN`, or `dự án 6`: as the trail and the frozen content record it, whatever the pack's words."""
        return self.told("dự án")

    def told(self, project: str) -> str:
        """The same for people, `project` being the pack's word for what is led: `nhiệm vụ 1.2`."""
        return str(self.cell) if self.cell is not None else f"{project} {self.project}"


def cells_led(form: Form, lead: Unit) -> dict[CellKey, tuple[Table, Row, Column]]:
    """The cells of a form whose row belongs to a project the body leads, in printed order.

    Rows of no project are nobody's; ratios are left out, for they follow from the other cells. This is the one
    place that decides what a lead body may see of other units' reports (one submission of the unit, shown to the
    bodies that lead its projects; KH, IV.2).
    """
    return {
        key: (table, row, column)
        for key, (table, row, column) in form.cells.items()
        if row.project
        and row.project in lead.projects
        and column.role is not ColumnRole.EXPLANATION
        and table.type_of(row, column) is not ValueType.RATIO
    }


def lists_led(form: Form, lead: Unit) -> tuple[ListTable, ...]:
    """The lists of a form that belong to a project the body leads; a list of no project is nobody's."""
    return tuple(one for one in form.lists if one.project and one.project in lead.projects)


def forms_led(pack: Pack, lead: Unit) -> dict[str, dict[CellKey, tuple[Table, Row, Column]]]:
    """Form code -> the cells the body sees, only forms that have any, in workbook order."""
    found = {form.code: cells_led(form, lead) for form in pack.forms}
    return {code: cells for code, cells in found.items() if cells}
