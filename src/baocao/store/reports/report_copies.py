"""The report as it was issued (number, day, signer printed), and its signed copy: of each round of signing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from baocao.model.signed_copy import SignedCopyRule
from baocao.store.inserts import insert_once, insert_row
from baocao.store.tables import issued_document, signed_copy


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """The report of one round of signing, as Word and (where one could be made) as PDF; both in the file store."""

    report_id: int
    round: int
    word_sha256: str
    pdf_sha256: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SignedCopy:
    """What was attached as the signed document of one round."""

    id: int
    report_id: int
    round: int
    kind: SignedCopyRule
    """`scan` or `digital`"""
    filename: str
    sha256: str
    size: int
    pdf_sha256: str | None
    signatures: Sequence[Mapping[str, Any]]
    """as `workflow.reports.attaching` found them; empty for a scan"""
    by: str
    at: datetime

    @property
    def trusted(self) -> bool:
        """Whether a signature in it leads to a trust root."""
        return any(one["trusted"] for one in self.signatures)


def issued(conn: Connection, report_id: int, round: int) -> IssuedDocument | None:
    """The document of this round; None before it was made."""
    c = issued_document.c
    row = conn.execute(
        select(c.report_id, c.round, c.word_sha256, c.pdf_sha256, c.made_at).where(
            c.report_id == report_id, c.round == round
        )
    ).first()
    return None if row is None else IssuedDocument(**row._mapping)


def record_issued(conn: Connection, document: IssuedDocument) -> IssuedDocument:
    """Write it down once: who comes second gets the first one's."""
    insert_once(conn, issued_document, asdict(document), ("report_id", "round"))
    kept = issued(conn, document.report_id, document.round)
    assert kept is not None
    return kept


def attach(conn: Connection, **row: Any) -> SignedCopy:
    """Append a signed copy: fields as of SignedCopy, without its id."""
    values = {**row, "kind": SignedCopyRule(row["kind"]).value, "signatures": [dict(s) for s in row["signatures"]]}
    id = insert_row(conn, signed_copy, values)
    return SignedCopy(**{**values, "id": id, "kind": SignedCopyRule(values["kind"])})


def attached(conn: Connection, report_id: int, round: int) -> SignedCopy | None:
    """The copy that holds for this round: the last one."""
    c = signed_copy.c
    found = conn.execute(
        select(signed_copy).where(c.report_id == report_id, c.round == round).order_by(c.id.desc()).limit(1)
    ).first()
    return None if found is None else SignedCopy(**{**found._mapping, "kind": SignedCopyRule(found.kind)})
