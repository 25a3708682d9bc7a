"""Each unit's report as a document: number, day and signer as the unit wrote them, and the signed copy beside it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from baocao.checks.own_document import day_of
from baocao.forms.reading.raw import RawWorkbook
from baocao.forms.reading.read import information
from baocao.model.signed_copy import UnitCopy, UnitPaper
from baocao.model.submission import Submission
from baocao.store.submissions import submissions
from baocao.text import day_text

_KEPT = {"number": "doc_number", "dated": "doc_date", "signer": "signer_name", "title": "signer_title"}


def paper_of(raw: RawWorkbook) -> dict[str, str]:
    """What a workbook says about itself as a document, as it is kept with the submission; empty lines left out."""
    info = information(raw)
    found = {name: cell.raw.strip() for name, code in _KEPT.items() if (cell := info.get(code)) and cell.raw.strip()}
    if (day := day_of(found.get("dated", ""))) is not None:
        found["dated"] = day_text(day)
    return found


def papers(
    conn: Connection, sent: Mapping[str, Submission], with_copies: Mapping[str, UnitCopy]
) -> dict[str, UnitPaper]:
    """The document of every unit of a report, by unit code; what an older submission did not keep is empty."""
    found = {}
    for unit, row in sent.items():
        kept = submissions.detail(conn, row.id).info.get("paper") or {}
        said = {name: str(kept.get(name, "")) for name in ("number", "dated", "signer")}
        found[unit] = UnitPaper(**said, copy=with_copies.get(unit))
    return found
