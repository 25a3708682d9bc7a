"""What the pages of a draft show, on the portal and where the office types for a unit: every form, and one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baocao.forms.blank_workbook.guide_sheet import INFO_LABELS
from baocao.forms.contract import INFO_ROWS, SIGNING_FORMS
from baocao.model.form import CellKey, Form
from baocao.model.submission import Finding
from baocao.web.common.form_view import form_view, of_form
from baocao.web.common.list_view import lists_of
from baocao.workflow.portal.drafts import FormDraft


def overview_values(draft: FormDraft, forms: Sequence[Form], findings: Sequence[Finding]) -> dict[str, Any]:
    """How far each form is and how many points it has, and the information sheet."""
    return {
        "draft": draft,
        "lines": [(f, draft.answered(f), draft.asked(f), draft.nil_forms.get(f.code, "")) for f in forms],
        "by_form": {f.code: len(of_form(f, findings)) for f in forms},
        "info": [(code.lower(), *INFO_LABELS[code]) for code in INFO_ROWS],
        "signing_forms": SIGNING_FORMS,
    }


def next_page(step: str, form: Form, forms: Sequence[Form]) -> tuple[str, str]:
    """After a form was saved by the button `step`: the code of the form to show, empty for the overview, and that of
    the list that gets more empty rows."""
    more = step.removeprefix("more-")
    if more != step and more in {one.code for one in form.lists}:
        return form.code, more
    codes = [f.code for f in forms]
    following = codes[codes.index(form.code) + 1 :] if step == "next" else [form.code]
    return following[0] if following else "", ""


def form_values(
    draft: FormDraft, form: Form, computed: Mapping[CellKey, str], findings: Sequence[Finding], wants_more: str
) -> dict[str, Any]:
    """The tables and lists of one form with its points. `wants_more`: the list that gets more empty rows."""
    mine = of_form(form, findings)
    return {
        "draft": draft,
        "v": form_view(form, draft, computed, mine),
        "lists": lists_of(form, draft, mine, wants_more),
        "blocking": sum(f.severity == "blocks" for f in mine),
        "to_explain": sum(f.severity == "explain" and not f.explanation for f in mine),
    }
