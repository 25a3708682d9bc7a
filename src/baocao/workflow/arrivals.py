"""One file in hand, and its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from baocao.delivery.context import Letterhead
from baocao.model.cascade import Origin
from baocao.model.regime import Regime
from baocao.model.submission import Submission
from baocao.settings import ConfigurationError
from baocao.store import submissions
from baocao.workflow.workplace import Workplace

DUPLICATE, FAILED = "duplicate", "failed"
"""Outcomes beside the decided statuses: the same bytes were sent before; our own failure, nothing is decided."""


@dataclass(frozen=True)
class File:
    """One file in hand, already in the raw store."""

    data: bytes
    filename: str
    sha256: str
    received_at: datetime
    sender_hint: str
    """unit code of the folder it lay in; empty when it lay in the inbox itself"""
    channel: str = "folder"


def receive(
    conn: Connection,
    file: File,
    regime: str,
    period: str,
    unit: str,
    *,
    form_versions: Mapping[str, str] | None = None,
    origin: Origin | None = None,
) -> tuple[Submission, bool]:
    """Write the arrival down (RECEIVED), or find the row of the same bytes sent before (then False)."""
    return submissions.receive(
        conn,
        regime=regime,
        period=period,
        unit=unit,
        channel=file.channel,
        filename=file.filename,
        sha256=file.sha256,
        size=len(file.data),
        received_at=file.received_at,
        info={"sender_hint": file.sender_hint, **({"origin": origin.as_meta()} if origin else {})},
        form_versions=form_versions,
    )


def own_head(place: Workplace, regime: str = "") -> Letterhead:
    """The letterhead of our own alarm: of that regime, or of the only one; of none where several share the machine or
    the pack cannot be read, for an alarm must go out also then."""
    known = sorted(place.folders)
    if regime or len(known) == 1:
        try:
            return Letterhead.of(place.pack(regime or known[0]).regime, None)
        except ConfigurationError:
            return head_without_pack(place, regime or known[0])
    return head_without_pack(place)


def head_without_pack(place: Workplace, regime: str = "") -> Letterhead:
    """The letterhead of an alarm that needs no pack."""
    return Letterhead(
        regime=regime or "(không gắn với chế độ nào)",
        programme=regime,
        office="Hệ thống báo cáo",
        contact=place.settings.mail_from,
        period="",
        period_code="",
        time_zone=Regime.model_fields["time_zone"].default,
        submit_via="",
    )
