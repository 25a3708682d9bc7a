"""The province's own text, section by section, for a page: the draft beside what holds, and one section written anew.

What is written is taken as by `narrative import`: the same file, the same protected figures, the same questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.documents.narrative.blocks import NarrativeBlock, Section
from baocao.documents.narrative.markdown import to_markdown
from baocao.documents.narrative.office_texts import as_written
from baocao.documents.narrative.written import texts_as_markdown
from baocao.model.narrative import OfficeText
from baocao.model.report import Report
from baocao.store.reports import narrative_texts, reports
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports.narrating import drafted_of, require_open, take, whose_text

LONGEST = 60_000
"""Characters of one section."""
_MOST_DRAFTED = 4
_DRAFTED: dict[tuple[str, int, str, str], Any] = {}
"""Version, and the hash of the pack it is drafted with -> its figures and drafted sections, those asked for last."""


@dataclass(frozen=True)
class OwnSection:
    """A section of the report as the system drafts it and as the office wrote it."""

    code: str
    """form and row, as `FORM/IV`"""
    title: str
    draft: tuple[NarrativeBlock, ...]
    """as the system writes it from the figures of the version"""
    draft_text: str
    """the same as the Markdown an office edits"""
    text: str
    """what the next version is printed with"""
    by: str = ""
    """who wrote it; empty: it is the draft"""
    at: datetime | None = None
    revision: int = 0

    @property
    def row(self) -> str:
        """The part of the code an address carries: `IV`."""
        return self.code.partition("/")[2]


@dataclass(frozen=True)
class OwnText:
    """All sections, and whether they may still be written."""

    report: Report
    """the version whose figures the text is held to"""
    revision: int
    """of the text in force; 0: nobody has written anything"""
    sections: tuple[OwnSection, ...]
    closed: str
    """why nothing may be written now, with the way out; empty: it may"""
    revisions: tuple[OfficeText, ...]
    """everything that was ever taken or dropped, the newest first"""

    def section(self, row: str) -> OwnSection | None:
        """The section of that row; None where there is none."""
        return next((s for s in self.sections if s.row == row), None)


def own_text(place: Installation, regime: str, period: str) -> OwnText | None:
    """The text of the newest version; None while there is no report."""
    with place.store.read() as conn:
        report = reports.latest(conn, regime, period)
        if report is None:
            return None
        pack = place.at(regime, period)[0]
        source, drafted = _drafted(place, conn, report, pack.sha256)
        revisions = narrative_texts.revisions(conn, regime, period)
        office = revisions[-1] if revisions else None
        now = as_written(source, drafted, office)
        written = {t["section"]: t for t in whose_text(conn, pack, period, None)}
        try:
            require_open(conn, report)
            closed = ""
        except Refused as error:
            closed = str(error)
    sections = tuple(_section(d, n, written.get(d.code)) for d, n in zip(drafted, now, strict=True))
    return OwnText(report, office.revision if office else 0, sections, closed, tuple(reversed(revisions)))


def _drafted(place: Installation, conn: Connection, report: Report, pack: str) -> Any:
    """The same as `drafted_of`, which takes a second: nothing of a frozen version changes, and it is asked for with
    every look at a section."""
    if report.content_sha256 is None:
        return drafted_of(place, conn, report)
    # With the database: a process may open several installations, and in each reports are counted from one.
    version = (str(conn.engine.url), report.id, report.content_sha256, pack)
    found = _DRAFTED.get(version)
    if found is None:
        found = drafted_of(place, conn, report)
        while len(_DRAFTED) >= _MOST_DRAFTED:
            _DRAFTED.pop(next(iter(tuple(_DRAFTED))), None)
        _DRAFTED[version] = found
    return found


def _section(draft: Section, now: Section, written: dict[str, Any] | None) -> OwnSection:
    own = {k: written[k] for k in ("by", "at", "revision")} if written is not None else {}
    return OwnSection(
        draft.code, draft.title, tuple(draft.blocks), to_markdown(draft.blocks), to_markdown(now.blocks), **own
    )


def write_section(
    place: Installation,
    regime: str,
    period: str,
    row: str,
    text: str,
    *,
    report: int,
    revision: int,
    by: str,
    as_of: datetime,
    confirm: bool = False,
) -> dict[str, Any]:
    """Take a section's new text as the next revision; `report` and `revision` are those it was written over.

    Answers as `narrating.take`, and raises Refused as it does: for a protected figure that was changed, a figure that
    is none of the report's, another's revision in between, a version that is approved already.
    """
    known = own_text(place, regime, period)
    section = known.section(row) if known is not None else None
    if known is None or section is None:
        raise Refused(f"Báo cáo kỳ {period} không có mục {row}")
    if len(text) > LONGEST:
        raise Refused(f"Lời văn của mục dài quá {LONGEST} ký tự; hãy rút gọn")
    # In the file that is made of it such a line begins the next section.
    if any(line.startswith("# ") for line in text.splitlines()):
        raise Refused("Lời văn có dòng bắt đầu bằng «# »: tiêu đề trong mục ghi «## » hoặc «### »")
    source = {"regime": regime, "period": period, "report": str(report), "revision": str(revision)}
    written = [(s.code, s.title, text.strip() if s is section else s.text) for s in known.sections]
    data = texts_as_markdown(source, written)
    return take(place, data, f"ban-lam-viec_{period}_{row}.md", by=by, as_of=as_of, confirm=confirm)
