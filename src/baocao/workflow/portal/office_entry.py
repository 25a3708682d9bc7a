"""Nhập hộ: the office enters a unit's report that came on paper or by hand, with the signed scan and the reason.

It is an arrival of the channel `office`; from then on it is taken as every workbook is.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from baocao.forms.reading.child import ReaderProcess
from baocao.intake.copies import NotACopyError, require_copy
from baocao.model.deadline import end_of_day
from baocao.model.signed_copy import UnitCopyRule
from baocao.store import waivers
from baocao.store.submissions import receiving
from baocao.store.submissions.receiving import Arrived
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.trail import events
from baocao.text import day_text
from baocao.workflow.arrivals.scanning import infected
from baocao.workflow.copies.units import receive_signed_copy
from baocao.workflow.installation import Installation, Refused, require_decided, require_readable
from baocao.workflow.intake.file_sweep import decide_one
from baocao.workflow.mail.mailing import flush
from baocao.workflow.mail.personal_links import Holder
from baocao.workflow.portal import drafts
from baocao.workflow.portal.sending import plain_name

CHANNEL = "office"


def office_holder(place: Installation, regime: str, period: str, unit: str, at: datetime) -> Holder:
    """The office in the place of a unit, to fill in its forms. Raises Refused for a unit that owes nothing."""
    with place.store.read() as conn:
        own = waivers.deadline_of(conn, regime, period, unit, at)
    if own is None or place.at(regime, period)[0].unit(unit) is None:
        raise Refused(f"Đơn vị mã {unit} không có nghĩa vụ báo cáo trong kỳ {period}")
    return Holder(0, regime, period, unit, own, by_office=True)


def enter(
    place: Installation,
    regime: str,
    period: str,
    unit: str,
    *,
    workbook: tuple[str, bytes] | None,
    scan: tuple[str, bytes],
    reason: str,
    by: str,
    as_of: datetime,
    arrived_on: date | None = None,
) -> dict[str, Any]:
    """Take a unit's report in for it: a workbook (name, bytes), or (None) what was typed into its forms by the office.

    `scan` is the unit's signed paper (PDF, JPEG, PNG). `arrived_on`: the day the paper came, which is the day the
    report counts as received; None: now. Screened, read and judged as every file; the unit gets the answer by letter.
    Answers `{submission_id, outcome, unit, received_at, findings}`. Raises Refused without a reason, a name or a
    readable scan, for a day in the future, and for a unit that owes nothing.
    """
    require_decided(reason, by, "Nhập hộ báo cáo phải ghi rõ lý do (--reason) và người nhập (--by)")
    require_readable("Lý do", reason)
    holder = office_holder(place, regime, period, unit, as_of)
    received_at = _received_at(place, regime, arrived_on, as_of)
    kept = _scan(place, scan)
    if workbook is None:
        workbook = drafts.workbook_of(place, holder, _typed(place, holder))
    # From here on it is an arrival like any other: if this process dies, the next sweep judges it.
    id = _write_down(place, holder, workbook, kept, reason, by, received_at, as_of)
    if place.pack(regime).regime.unit_copy is not UnitCopyRule.NONE:
        copy = plain_name(scan[0])
        receive_signed_copy(
            place, regime, period, unit, filename=copy, data=scan[1], channel=CHANNEL, as_of=received_at, by=by
        )
    with ReaderProcess() as reader:
        outcome = decide_one(place, reader, id, as_of)
    flush(place, as_of)
    # What was typed stays while it is not accepted: the office corrects it and enters again.
    if outcome == "accepted":
        drafts.discard(place, holder)
    with place.store.read() as conn:
        findings = findings_of(conn, id)
    return {
        "submission_id": id,
        "outcome": outcome,
        "unit": unit,
        "received_at": received_at,
        "findings": [f"{f.where}: {f.message}" for f in findings],
    }


def _write_down(
    place: Installation,
    holder: Holder,
    workbook: tuple[str, bytes],
    scan_sha256: str,
    reason: str,
    by: str,
    received_at: datetime,
    as_of: datetime,
) -> int:
    """The arrival, with who entered it and why; the number of its row."""
    regime, period, unit = holder.regime, holder.period, holder.unit
    sha256 = place.store.files.put(workbook[1])
    # With the moment: the same workbook entered again is another arrival, as everywhere (ADR 0021).
    key = hashlib.sha256(f"office\n{unit}\n{sha256}\n{scan_sha256}\n{as_of.isoformat()}".encode()).hexdigest()
    arrived = Arrived(
        channel=CHANNEL,
        filename=plain_name(workbook[0]),
        sha256=sha256,
        size=len(workbook[1]),
        received_at=received_at,
        arrival=key,
        regime=regime,
        period=period,
        unit=unit,
        info={
            "sender_hint": unit,
            "folder": unit,
            "entered_by": by,
            "entered_because": reason,
            "scan_sha256": scan_sha256,
        },
    )
    payload = {
        "unit": unit,
        "sha256": sha256,
        "scan_sha256": scan_sha256,
        "reason": reason,
        "received_at": received_at.isoformat(),
    }
    with place.store.begin() as conn:
        row, _ = receiving.receive(conn, arrived)
        events.append(conn, as_of, by, "submission_entered", (regime, period), f"submission/{row.id}", payload)
    return row.id


def _typed(place: Installation, holder: Holder) -> drafts.FormDraft:
    with ReaderProcess() as reader:
        found = drafts.draft_of(place, reader, holder)
    if not found.revision:
        raise Refused("Chưa điền biểu nào cho đơn vị này; hãy điền các biểu trước, hoặc chọn tệp")
    return found


def _received_at(place: Installation, regime: str, arrived_on: date | None, as_of: datetime) -> datetime:
    if arrived_on is None:
        return as_of
    if arrived_on > place.day(regime, as_of):
        raise Refused(f"Ngày bản giấy đến {day_text(arrived_on)} ở sau hôm nay")
    # Paper has a day and no hour: the day's last second, as deadlines have it, and never a moment that is still to
    # come.
    return min(as_of, end_of_day(arrived_on, place.zone(regime)))


def _scan(place: Installation, scan: tuple[str, bytes]) -> str:
    """The scan in the file store. Raises Refused for what is none."""
    if (found := infected(place, scan[1])) is not None:
        raise Refused(found.message)
    try:
        require_copy(scan[1], None)
    except NotACopyError as error:
        raise Refused(f"Bản ký của đơn vị: {error}") from error
    return place.store.files.put(scan[1])
