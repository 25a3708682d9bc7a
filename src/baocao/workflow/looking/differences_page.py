"""What changed: from one of a unit's files to the next, and from one version of the report to another."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from baocao.checks.kept_cells import cells_to_keep
from baocao.documents.word_text import WordBlock
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.read import type_workbook
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_views import pack_cells
from baocao.model.report import Report
from baocao.model.submission import Answer, Rejection, Status
from baocao.model.unit import Unit
from baocao.store.browse import sendings
from baocao.store.database import StoreError
from baocao.store.reports import reports
from baocao.store.submissions import submissions
from baocao.store.submissions.submissions import SubmissionDetail
from baocao.store.values import as_text
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.intake.checking import read_file
from baocao.workflow.looking.kept import kept
from baocao.workflow.looking.report_page import ChangedValue, changed_values, report_words

_COMPARED = (Status.ACCEPTED, Status.RETURNED)
"""What was read and judged; anything else has no cells."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell in two files of a unit."""

    key: CellKey
    name: str
    before: str
    """empty: nothing was said"""
    after: str
    sheet: str
    a1: str


@dataclass(frozen=True, slots=True)
class SentChanges:
    """One of a unit's files against the one before it."""

    before: SubmissionDetail
    after: SubmissionDetail
    unit_name: str
    places: tuple[Place, ...]
    """in the order of the forms"""


def before(conn: Connection, of: SubmissionDetail) -> int | None:
    """The submission of the unit that was judged before this one, by arrival; None for the first, and for one that was
    not read."""
    mine = of.submission
    return sendings.before(conn, mine, _COMPARED) if mine.status in _COMPARED and mine.unit else None


def of_regime(conn: Connection, regime: str, id: int) -> SubmissionDetail | None:
    """A submission; None where there is none of that number, and for another regime's."""
    try:
        found = submissions.detail(conn, id)
    except StoreError:
        return None
    return found if found.submission.regime == regime else None


def sent_changes(place: Installation, regime: str, id: int) -> SentChanges | None:
    """None for a submission of another regime, and where there is nothing before it. Raises Refused where one of the
    two files cannot be read any more."""
    with place.store.read() as conn:
        after = of_regime(conn, regime, id)
        # Of another regime it is as if it were not there: the page's role was asked for this one.
        if after is None or (earlier := before(conn, after)) is None:
            return None
        first = submissions.detail(conn, earlier)
    pack, _ = place.at(regime, after.submission.period)
    unit = pack.unit(after.submission.unit)
    if unit is None:
        return None
    # Both files are read again, in the bounded child: of a returned file no cells are kept.
    with ReaderProcess() as reader:
        old, new = (_answers(place, reader, pack, unit, one) for one in (first, after))
    found = []
    for key, (_, row, column) in pack_cells(pack).items():
        was, now = old.get(str(key)), new.get(str(key))
        # The place in the newer file, where somebody would look; of an answer that went, where it stood.
        if (where := now or was) and (was and was[0]) != (now and now[0]):
            name, texts = (
                f"{row.item} {row.name}, {column.title}".strip(),
                [one[0] if one else "" for one in (was, now)],
            )
            found.append(Place(key, name, texts[0], texts[1], where[1], where[2]))
    return SentChanges(first, after, unit.full_name, tuple(found))


def _answers(
    place: Installation, reader: ReaderProcess, pack: Pack, unit: Unit, of: SubmissionDetail
) -> Mapping[str, tuple[str, str, str]]:
    """Cell -> (what it says, sheet, address), read from the file itself: of what was returned no cells are kept."""
    sha256 = of.submission.sha256

    def read() -> dict[str, list[str]]:
        raw = read_file(reader, place.store.files.get(sha256), of.submission.filename)
        if isinstance(raw, Rejection):
            raise Refused(f"Không đọc lại được tệp {of.submission.filename}: {raw.message}")
        workbook = type_workbook(raw, pack)
        found = {}
        for one in cells_to_keep(workbook, pack, unit):
            said = "không phát sinh" if one.value is None else as_text(one.value)
            found[str(one.key)] = [said, one.sheet, one.a1]
        for key, one in workbook.cells.items():
            if one.answer is Answer.INVALID:
                found[str(key)] = ["không đọc được", one.sheet, one.a1]
        return found

    # Reading takes its time and gives the same for the same bytes under the same pack.
    said = kept(place, "answers-1", f"{sha256} {pack.sha256} {pack.view} {unit.code}", read)
    return {key: (value[0], value[1], value[2]) for key, value in said.items()}


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """A version of the report against another."""

    old: Report
    new: Report
    versions: tuple[int, ...]
    values: tuple[ChangedValue, ...]
    """the first of them"""
    changes: int
    """how many cells differ"""
    units: tuple[tuple[str, str], ...]
    """(full name, what became of its report) of every unit whose report differs"""
    texts: tuple[tuple[str, str], ...]
    """(`-` or `+`, paragraph or row) of the Word report, in its order"""


def version_changes(place: Installation, regime: str, period: str, old: int, new: int) -> VersionChanges:
    """Raises Refused for a version that is not there."""
    pack, _ = place.at(regime, period)
    values, changes = changed_values(place, regime, period, old, new)
    with place.store.read() as conn:
        known = {r.version: r for r in reports.reports(conn, regime, period)}
        inputs = [dict(reports.inputs(conn, known[v].id)) for v in (old, new)]
        words = [_word_of(conn, known[v]) for v in (old, new)]
    units = []
    for code in sorted(inputs[0].keys() | inputs[1].keys()):
        was, now = inputs[0].get(code), inputs[1].get(code)
        if was != now:
            said = "thêm vào" if was is None else "bỏ ra" if now is None else f"bài gửi {was} thay bằng bài gửi {now}"
            units.append((pack.unit_name(code), said))
    texts = [_lines(report_words(place, regime, period, v, name)) for v, name in zip((old, new), words, strict=True)]
    return VersionChanges(
        known[old], known[new], tuple(sorted(known)), tuple(values), changes, tuple(units), tuple(_told(*texts))
    )


def _word_of(conn: Connection, report: Report) -> str:
    """The name of the report's Word file; empty where nothing is frozen."""
    files: list[dict[str, Any]] = (reports.sealed(conn, report.id) or {}).get("files", [])
    names = sorted(f["name"] for f in files if f["name"].endswith(".docx"))
    return next((n for n in names if n.startswith("bao-cao")), names[0] if names else "")


def _lines(blocks: list[WordBlock]) -> list[str]:
    return [line for b in blocks for line in ((b.text,) if b.text else tuple(" | ".join(row) for row in b.rows))]


def _told(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    found = []
    # Without context: what stayed is in the report itself.
    for line in difflib.unified_diff(old, new, n=0, lineterm=""):
        if line[:3] not in {"---", "+++"} and line[:2] != "@@":
            found.append((line[0], line[1:]))
    return found
