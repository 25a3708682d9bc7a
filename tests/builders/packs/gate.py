"""What the gate's statements say without Great Expectations: in milliseconds, for a test of each rule at its edge."""

from __future__ import annotations

from collections.abc import Iterable

from baocao.checks.consolidation_gate.frames import Frames, build_frames
from baocao.model.pack import Pack
from baocao.model.submission import Workbook
from builders.packs.checks import accepted

Found = set[tuple[str, str, str, str]]
"""(unit, rule, cell or form, severity)"""


def frames_of(pack: Pack, books: Iterable[Workbook]) -> Frames:
    return build_frames(pack, [accepted(book, n) for n, book in enumerate(books)])


def stated(frames: Frames) -> Found:
    """What does not hold: of the statements, of the answers that are needed, and of the forms."""
    c = frames.comparisons
    broken = ((c.operator == "equal") & (c.left != c.right)) | ((c.operator == "at_most") & (c.left > c.right))
    broken |= (c.operator == "less") & (c.left >= c.right)
    found = {(r.unit, r.rule, r.cell, r.severity) for r in c[broken].itertuples()}
    missing = frames.answers[(frames.answers.needed == "yes") & frames.answers.answer.isna()]
    found |= {(r.unit, "V03", r.cell, "blocks") for r in missing.itertuples()}
    return found | {(r.unit, "V41", r.cell, "blocks") for r in frames.forms[frames.forms.answered < 1].itertuples()}
