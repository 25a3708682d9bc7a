"""What a lead body wrote on the comment sheet of its slice, found by codes like everything else."""

from __future__ import annotations

from dataclasses import dataclass

from baocao.forms.contract import (
    COMMENT_COLUMNS,
    COMMENT_FORM,
    COMMENT_SHEET,
    PROJECT_SUBJECT,
    address,
)
from baocao.forms.reading.cell_answers import clean_text, raw_text
from baocao.forms.reading.raw import Position, RawTable, RawWorkbook
from baocao.model.form import CellKey
from baocao.model.lead import CommentKind, forms_led
from baocao.model.pack import Pack
from baocao.model.unit import Unit
from baocao.text import fold

LONGEST = 2000
"""Characters of one comment."""


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One line of the sheet that can be taken."""

    where: str
    """sheet and address of its words"""
    unit: str
    project: str
    cell: CellKey | None
    kind: CommentKind
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line that cannot be taken, and what to do."""

    where: str
    message: str


def read_remarks(raw: RawWorkbook, pack: Pack, lead: Unit) -> tuple[list[CommentLine], list[Refusal]]:
    """The lines of table `§YK.A` that say something, in order. A line never reaches beyond the body's projects."""
    table = raw.table(COMMENT_FORM, "A")
    # Without one of the columns no line can be understood; with lines missing the others are taken.
    if table is None or {code for code, _ in table.columns} < set(COMMENT_COLUMNS):
        return [], [Refusal(COMMENT_SHEET, "Không còn bảng ý kiến với đủ các cột; hãy dùng lại tệp đã nhận.")]
    columns = dict(table.columns)
    remarks: list[CommentLine] = []
    refusals = [
        Refusal(_where(table, place), "Ý kiến nằm ở dòng không có số thứ tự; hãy chuyển lên một dòng có số.")
        for place in table.uncoded
    ]
    for _, row in table.rows:
        found = _line(table, row, columns, pack, lead)
        if isinstance(found, CommentLine):
            remarks.append(found)
        elif found is not None:
            refusals.append(found)
    return remarks, refusals


def _line(table: RawTable, row: int, columns: dict[str, int], pack: Pack, lead: Unit) -> CommentLine | Refusal | None:
    """A line's remark, why it cannot be taken, or None when nothing stands there."""
    places = {code: (row, columns[code]) for code in COMMENT_COLUMNS}
    where = _where(table, places["ND"])
    # A formula whose value was lost would otherwise be an empty cell, and the objection would be gone without a word.
    faulty = [place for place in places.values() if place in table.errors]
    if faulty:
        return Refusal(_where(table, faulty[0]), "Ô có công thức lỗi hoặc chưa tính; hãy gõ trực tiếp giá trị.")
    unit_code, subject, kind_said = (_said(table, places[code]) for code in COMMENT_COLUMNS[:3])
    text = clean_text(table.values.get(places["ND"], ""))
    if not (unit_code or subject or kind_said or text):
        return None
    kind = next((k for k in CommentKind if fold(k.label) == fold(kind_said)), None)
    unit = pack.unit(_code(unit_code))
    target = subject_of(pack, lead, _code(subject))
    if not text:
        return Refusal(where, "Chưa ghi nội dung ý kiến.")
    if len(text) > LONGEST:
        return Refusal(where, f"Nội dung dài quá {LONGEST} ký tự; hãy rút gọn hoặc tách thành nhiều dòng.")
    if kind is None:
        return Refusal(_where(table, places["LOAI"]), "Chưa chọn loại ý kiến: nhận xét hoặc phản đối.")
    # Of other lead bodies the slice shows nothing, so nothing can be said about them.
    if unit is None or (unit.is_lead_body and unit.code != lead.code):
        return Refusal(_where(table, places["DON_VI"]), "Chưa chọn đơn vị có trong danh sách.")
    if target is None:
        word = pack.regime.wording.project
        message = f"Chưa chọn ô số liệu (hoặc cả {word}) thuộc {word} do đơn vị chủ trì."
        return Refusal(_where(table, places["O"]), message)
    return CommentLine(where, unit.code, target[0], target[1], kind, text)


def subject_of(pack: Pack, lead: Unit, code: str) -> tuple[str, CellKey | None] | None:
    """(project, cell) of `FORM/ROW/COLUMN`, or of mark and code of a project; None when it is nothing the body leads.

    A slice sent before its pack had a word of its own for projects says `DA`.
    """
    for mark in (pack.regime.wording.project_mark, PROJECT_SUBJECT):
        if code.startswith(mark) and code.removeprefix(mark) in lead.projects:
            return code.removeprefix(mark), None
    if code.count("/") != 2:
        return None
    key = CellKey.parse(code)
    found = forms_led(pack, lead).get(key.form, {}).get(key)
    return None if found is None else (found[1].project, key)


def _said(table: RawTable, place: Position) -> str:
    value = table.values.get(place)
    return "" if value is None else raw_text(value)


def _code(text: str) -> str:
    """A drop-down shows `00001 - Phường …`: the code is what stands before the first blank."""
    return text.split(" ", 1)[0].strip()


def _where(table: RawTable, place: Position) -> str:
    return f"{table.sheet}!{address(*place)}"
