"""Filling the forms in the browser: a draft of texts as typed, and the workbook made of it.

The workbook is the unit's own blank with these answers in it, so what is checked and what is sent is what any unit
sends. What cannot be read as its cell's type is written as the text it is: the rules say what is wrong with it, as they
do in a workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from baocao.checks.reading import printed
from baocao.forms.contract import INFO_ROWS, NIL_MARK
from baocao.forms.derivation import derived_values, slice_derivations
from baocao.forms.reading.cell_answers import CONVERTERS
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.numbers import format_value
from baocao.forms.reading.raw import Unreadable, from_wire
from baocao.forms.reading.read import type_workbook
from baocao.intake.inbox_names import printable
from baocao.intake.opening import open_arrival
from baocao.model.form import CellKey, Form, ValueType
from baocao.model.pack_views import entered_by
from baocao.model.submission import Answer, Cell, Status, Workbook
from baocao.store.portal import drafts
from baocao.text import yes_or_no
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.intake.checking import Checked
from baocao.workflow.mail.personal_links import Holder
from baocao.workflow.periods.windows import blank_for, workbook_with
from baocao.workflow.portal.draft_lists import Rows, named, rows_from, values_of
from baocao.workflow.portal.sending import try_file
from baocao.workflow.portal.standing import sent_by

LONGEST_TEXT = 20_000
"""Characters of one narrative; a workbook's cell holds 32,767."""


@dataclass(frozen=True)
class FormDraft:
    """What stands in the forms now."""

    texts: Mapping[CellKey, str] = field(default_factory=dict)
    """entry cell -> the text as typed; blank cells are absent"""
    nil_forms: Mapping[str, str] = field(default_factory=dict)
    """form -> reason why the whole form has no figures"""
    info: Mapping[str, str] = field(default_factory=dict)
    """the information sheet: `signer_name`, …"""
    rows: Rows = field(default_factory=dict)
    """`FORM/LIST` -> rows of the list as typed"""
    nil_lists: Mapping[str, str] = field(default_factory=dict)
    """`FORM/LIST` -> reason why the list has no row"""
    revision: int = 0
    """0: not saved yet"""
    saved_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """As the row of the draft keeps it."""
        return {
            "texts": {str(key): text for key, text in self.texts.items()},
            "nil_forms": dict(self.nil_forms),
            "info": dict(self.info),
            "rows": {name: [dict(row) for row in rows] for name, rows in self.rows.items()},
            "nil_lists": dict(self.nil_lists),
        }

    def answered(self, form: Form) -> int:
        """How many of the form's required cells are answered."""
        lists = [named(form, one) for one in form.lists if one.required]
        listed = sum(bool(self.rows.get(name)) or name in self.nil_lists for name in lists)
        return sum(key in self.texts for key in required(form)) + listed

    def asked(self, form: Form) -> int:
        """How many answers the form requires: its cells, and one for each list."""
        return len(required(form)) + sum(one.required for one in form.lists)


def required(form: Form) -> list[CellKey]:
    """The cells of a form's tables that must be answered."""
    return [key for key, (table, row, column) in form.cells.items() if table.is_required(row, column)]


def entry_cells(form: Form) -> list[CellKey]:
    """The cells of a form that are typed, in printed order."""
    return [key for key, (table, row, column) in form.cells.items() if table.is_entered(row, column)]


def draft_of(place: Installation, reader: ReaderProcess, holder: Holder) -> FormDraft:
    """The unit's draft; where it has none, its blank with what is known filled in."""
    with place.store.read() as conn:
        kept = drafts.draft_of(conn, holder.regime, holder.period, holder.draft_key)
    if kept is None:
        return from_workbook(place, reader, holder, blank_for(place, holder.regime, holder.period, holder.unit)[1])
    texts = {CellKey.parse(key): text for key, text in kept.content["texts"].items()}
    said = kept.content
    rows, nil_lists = said.get("rows", {}), said.get("nil_lists", {})  # drafts from before lists have none
    return FormDraft(texts, said["nil_forms"], said["info"], rows, nil_lists, kept.revision, kept.saved_at)


def from_sending(place: Installation, reader: ReaderProcess, holder: Holder, id: int, at: datetime) -> FormDraft:
    """Go on in the browser with a workbook that was sent: its answers become the draft.

    Raises Refused when it is not the unit's, or cannot be read as its workbook of the period.
    """
    sent = sent_by(place, holder, id)
    if sent is None:
        raise Refused("Không có lần gửi này.")
    if sent.status in {Status.RECEIVED, Status.QUARANTINED}:
        raise Refused("Tệp này chưa đọc được như một báo cáo nên không lấy số liệu ra điền tiếp được.")
    found = from_workbook(place, reader, holder, place.store.files.get(sent.sha256))
    with place.store.read() as conn:
        # Over the draft that stands now: it is replaced knowingly, and a page that still shows the old one is refused.
        kept = drafts.draft_of(conn, holder.regime, holder.period, holder.draft_key)
    return save(place, holder, replace(found, revision=kept.revision if kept else 0), at)


def from_workbook(place: Installation, reader: ReaderProcess, holder: Holder, data: bytes) -> FormDraft:
    """The answers of a workbook as somebody would type them. Raises Refused."""
    pack = place.at(holder.regime, holder.period)[0]
    try:
        raw = from_wire(reader.run(open_arrival, data, filename="bao-cao.xlsx"))
        # Figures of another unit or period would otherwise become this one's by a mistaken choice of file.
        mine = (raw.meta.get("regime"), raw.meta.get("period"), raw.meta.get("unit"))
        if mine != (holder.regime, holder.period, holder.unit):
            raise Refused("Tệp này không phải biểu mẫu của đơn vị cho kỳ này.")
        workbook = type_workbook(raw, pack)
    except Unreadable as error:
        raise Refused(error.message) from error
    texts = {}
    unit = pack.unit(holder.unit)
    for form in entered_by(pack, unit) if unit else ():
        for key in entry_cells(form):
            text = _as_typed(workbook, form, key)
            if text:
                texts[key] = text
    info = {code: cell.raw for code, cell in workbook.info.items() if cell.raw}
    rows, nil_lists = rows_from(workbook, entered_by(pack, unit) if unit else ())
    return FormDraft(texts, dict(workbook.nil_forms), info, rows, nil_lists)


def _as_typed(workbook: Workbook, form: Form, key: CellKey) -> str:
    cell: Cell | None = workbook.cells.get(key)
    if cell is None or cell.answer is Answer.BLANK:
        return ""
    if cell.answer is Answer.NIL:
        return NIL_MARK
    table, row, column = form.cells[key]
    return cell.raw if cell.answer is Answer.INVALID else format_value(cell.value, table.type_of(row, column))


def changed(draft: FormDraft, form: Form, typed: Mapping[CellKey, str], nil: str) -> FormDraft:
    """The draft with one form as it was sent from the page; `nil`: the reason for the whole form, or empty."""
    # A page sends its form as a whole: what is missing in it was emptied.
    texts = {key: text for key, text in draft.texts.items() if key.form != form.code}
    for key in entry_cells(form):
        text = _clean(typed.get(key, ""))
        if text and not nil:
            texts[key] = text
    nil_forms = {code: why for code, why in draft.nil_forms.items() if code != form.code}
    if nil in form.nil_reasons and form.nil_allowed:
        nil_forms[form.code] = nil
    return replace(draft, texts=texts, nil_forms=nil_forms)


def with_lists(draft: FormDraft, form: Form, rows: Rows, nil: Mapping[str, str]) -> FormDraft:
    """The draft with the form's lists as they were sent from the page; a list with a reason has no rows."""
    own = {named(form, one) for one in form.lists}
    reasons = form.nil_reasons or ("Không phát sinh",)
    said = {name: why for name, why in nil.items() if name in own and why in reasons}
    kept = {name: found for name, found in draft.rows.items() if name not in own}
    for name in own - said.keys():
        cleaned = [{c: text for c, t in row.items() if (text := _clean(t))} for row in rows.get(name, ())]
        if found := [row for row in cleaned if row]:
            kept[name] = found
    others = {name: why for name, why in draft.nil_lists.items() if name not in own}
    return replace(draft, rows=kept, nil_lists=others | said)


def with_info(draft: FormDraft, info: Mapping[str, str]) -> FormDraft:
    """The draft with the information sheet as it was sent from the page."""
    known = {code.lower() for code in INFO_ROWS}
    return replace(draft, info={code: _clean(text)[:200] for code, text in info.items() if code in known and text})


def _clean(text: str) -> str:
    """Line breaks stay; what nobody sees, and what XML cannot hold, goes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = "\n".join(" ".join(printable(line.replace("\t", " ")).replace("\ufffd", "").split()) for line in lines)
    return kept.strip()[:LONGEST_TEXT]


def save(place: Installation, holder: Holder, draft: FormDraft, at: datetime) -> FormDraft:
    """Keep the draft. Raises StaleStatus when it was saved elsewhere since it was shown."""
    with place.store.begin() as conn:
        # By its revision: two officers in two browsers must not overwrite each other unseen.
        revision = drafts.save(
            conn, holder.regime, holder.period, holder.draft_key, draft.as_json(), over=draft.revision, at=at
        )
    return replace(draft, revision=revision, saved_at=at)


def discard(place: Installation, holder: Holder) -> None:
    """Begin again from the blank."""
    with place.store.begin() as conn:
        drafts.remove(conn, holder.regime, holder.period, holder.draft_key)


def workbook_of(place: Installation, holder: Holder, draft: FormDraft) -> tuple[str, bytes]:
    """File name and bytes of the workbook that holds the draft."""
    pack = place.at(holder.regime, holder.period)[0]
    unit = pack.unit(holder.unit)
    values: dict[CellKey, object] = {}
    for form in entered_by(pack, unit) if unit else ():
        # Texts of a form declared nil stay in the draft, for whoever takes the declaration back, and go into no
        # workbook.
        if form.code in draft.nil_forms:
            continue
        for key in entry_cells(form):
            values[key] = value_of(form, key, draft.texts.get(key, ""))
    rows, reasons = values_of(draft.rows, draft.nil_lists, entered_by(pack, unit) if unit else ())
    whole = holder.regime, holder.period, holder.unit
    return workbook_with(place, *whole, values, draft.nil_forms, draft.info, rows, reasons)


def value_of(form: Form, key: CellKey, text: str) -> object:
    """What goes into the cell: a value of its type, `NP`, None for blank, the text itself where it is none of these."""
    if not text.strip():
        return None
    table, row, column = form.cells[key]
    type = table.type_of(row, column)
    answer, value, _ = CONVERTERS[type](text, row.options)
    # Yes and no stand in the workbook as the words of its drop-down, not as Excel's TRUE.
    if answer is Answer.VALUE and type is not ValueType.BOOL:
        return value
    if answer is Answer.VALUE:
        return yes_or_no(value)
    return {Answer.NIL: NIL_MARK, Answer.BLANK: None}.get(answer, text)


def computed(place: Installation, holder: Holder, draft: FormDraft) -> dict[CellKey, str]:
    """Totals, closing figures and ratios as they follow from the draft, as printed."""
    pack = place.at(holder.regime, holder.period)[0]
    unit = pack.unit(holder.unit)
    if unit is None:
        return {}
    forms = {form.code: form for form in entered_by(pack, unit)}
    values = {
        key: value_of(form, key, draft.texts[key])
        for form in forms.values()
        for key in entry_cells(form)
        if key in draft.texts
    }
    found = {}
    for key, figure in derived_values(slice_derivations(pack, unit), values).items():
        table, row, column = forms[key.form].cells[key]
        found[key] = printed(figure, table.type_of(row, column))
    return found


def checked(place: Installation, holder: Holder, draft: FormDraft, at: datetime) -> Checked:
    """What would be answered to the draft if it were sent now; nothing is recorded."""
    name, data = workbook_of(place, holder, draft)
    return try_file(place, holder, data, name, at)
