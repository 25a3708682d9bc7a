"""A draft of a form from an official file, and whether the regime's pack would take it. Nothing is stored."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from baocao.intake.screen import screen
from baocao.model.pack import Pack
from baocao.model.pack_views import with_every_form
from baocao.regimes.errors import PackError
from baocao.settings import ConfigurationError
from baocao.text import fold
from baocao.workflow.installation import Installation, Refused
from baocao_authoring.draft.learn import CannotLearn, Learned, learn
from baocao_authoring.draft.relation_rules import rules_for
from baocao_authoring.trial import pack_with_form


@dataclass(frozen=True)
class LearnedForm:
    """What `baocao form learn` answers."""

    learned: Learned
    regime: str
    """the pack it was tried in; empty: in none"""
    pack_problem: str = ""
    """why that pack does not load with the form in it"""


def _require_new_code(place: Installation, regime: str, learned: Learned) -> None:
    """A code read from the page may be another form's. Raises Refused when it is, unless the title is the same."""
    there = next((f for f in place.pack(regime).forms if f.code == learned.code), None)
    if there is None or learned.form is None or fold(there.title) == fold(learned.form.title):
        return
    raise Refused(
        f"mã đã có, dùng --code: gói {regime} đã có biểu {there.code} «{there.title}», còn biểu đang học là "
        f"«{learned.form.title}». Biểu khác: đặt mã khác, ví dụ --code {there.code}-2; phiên bản mới của chính biểu "
        f"đó: --code {there.code}"
    )


def _pack_of(place: Installation, regime: str | None) -> Pack | None:
    """The pack the form is for; None where none is named or it does not load, which is reported with the draft."""
    try:
        return with_every_form(place.pack(regime)) if regime else None
    except PackError:
        return None


def learn_form(
    place: Installation,
    data: bytes,
    filename: str,
    *,
    version: str,
    sheet: str | None = None,
    code: str | None = None,
    levels: tuple[str, ...] = ("commune",),
    regime: str | None = None,
) -> LearnedForm:
    """Screen the file as any file from outside, draft the form, and try the draft in a copy of the pack of `regime`.

    Raises Refused with the sentence for the person when the file cannot be taken or holds no form.
    """
    # An official file comes from outside as well: the same bounds as in the inbox, before openpyxl opens it.
    rejected = screen(data, filename)
    if rejected is not None:
        raise Refused(f"{filename}: {rejected.message}")
    if regime is not None and regime not in place.folders:
        raise ConfigurationError(f"--regime: không có chế độ báo cáo {regime!r}; hiện có: {', '.join(place.folders)}")
    rules = rules_for(_pack_of(place, regime))
    try:
        learned = learn(data, filename, version=version, sheet=sheet, code=code, levels=levels, rules=rules)
    except CannotLearn as error:
        raise Refused(str(error)) from error
    if regime is None or learned.form is None:
        return LearnedForm(learned, "")
    # A code somebody gave is meant.
    if code is None:
        _require_new_code(place, regime, learned)
    with tempfile.TemporaryDirectory(prefix="baocao-draft-") as folder:
        file = Path(folder) / f"{learned.version}.yaml"
        file.write_text(learned.text, encoding="utf-8")
        try:
            pack_with_form(place.folders[regime], file, place.settings.reference)
        except PackError as error:
            # Without the path of the temporary copy, which is gone when the person reads it.
            told = PackError(error.file.name, error.line, error.key, error.reason, error.cure)
            return LearnedForm(learned, regime, str(told))
    return LearnedForm(learned, regime)
