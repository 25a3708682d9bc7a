"""The signed copy of a unit's report: kept beside the workbook, traced, and awaited where the pack says so.

A copy belongs to the unit's report of the period. The first accepted report takes whatever copy came, before or after
it; a correction needs a copy of its own, one that came after the report it replaces.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery.contexts.common import addressee_of
from baocao.delivery.contexts.copies import UnitCopyReceived
from baocao.delivery.letters import file_size_text
from baocao.delivery.reminding import copies as copy_reminders
from baocao.documents.pdf_files.signed import signatures_task
from baocao.forms.reading.child import ReaderProcess, ReaderUnavailable, TaskFailed
from baocao.forms.reading.raw import Unreadable
from baocao.intake.copies import NotACopyError, require_copy
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.signed_copy import CopyKind, UnitCopy, UnitCopyRule
from baocao.model.submission import Submission
from baocao.model.unit import Unit
from baocao.store import waivers, windows
from baocao.store.submissions import submissions, unit_copies
from baocao.store.trail import events
from baocao.workflow.arrivals.scanning import Infected, infected
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.letters import PeriodMail

log = logging.getLogger(__name__)


def receive_signed_copy(
    place: Installation,
    regime: str,
    period: str,
    unit: str,
    *,
    filename: str,
    data: bytes,
    channel: str,
    as_of: datetime,
    by: str = "",
    arrival: str | None = None,
    size: int | None = None,
) -> dict[str, Any]:
    """Keep the signed copy of a unit's report: bytes in the file store, a row, an event, a letter to the unit.

    `channel`: `folder`, `mail`, `portal`; `by`: who handed it in, where a person did. `arrival` (at most 64
    characters) is the same for one and the same arrival however often it is met; `size` is that of the whole file,
    where `data` was cut. Idempotent for the same arrival, and for the bytes of the unit's last copy. Raises Refused
    with a sentence for whoever handed it in, ScannerAway (an OSError) when it cannot be looked at now.
    """
    pack, when = place.at(regime, period)
    sender = _require_awaited(place, pack, when, unit)
    # Before its bytes are kept or looked into.
    if (found := infected(place, data)) is not None:
        raise Infected(found.message)
    try:
        kind = require_copy(data, size)
    except NotACopyError as error:
        raise Refused(str(error)) from error
    sha256 = place.store.files.put(data)
    # Examined outside the transaction: the child takes its time over a large PDF.
    signatures = signatures_in(place, data) if kind is CopyKind.PDF else None
    came = UnitCopy(0, regime, period, unit, filename, sha256, len(data), kind, channel, as_of, by, signatures)
    with place.store.begin() as conn:
        # Idempotent here: the same copy met again after a crash is one row, one event and one letter.
        kept, is_new = unit_copies.receive(conn, came, arrival)
        official = submissions.official(conn, regime, period, unit)
        belongs = official is not None and _belongs(conn, kept, official)
        receipt = official.receipt_number or "" if official is not None and belongs else ""
        if is_new:
            _record(conn, kept, receipt, as_of)
            _tell(PeriodMail(place, pack, when), conn, sender, kept, receipt, as_of)
    return _answer(kept, receipt, repeated=not is_new)


def _answer(kept: UnitCopy, receipt: str, *, repeated: bool) -> dict[str, Any]:
    return {
        "copy_id": kept.id,
        "regime": kept.regime,
        "period": kept.period,
        "unit": kept.unit,
        "kind": kept.kind.value,
        "filename": kept.filename,
        "size": kept.size,
        "sha256": kept.sha256,
        "received_at": kept.received_at,
        "receipt_number": receipt,
        "signed_by": kept.signed_by,
        "repeated": repeated,
    }


def signatures_in(place: Installation, data: bytes) -> tuple[dict[str, Any], ...] | None:
    """The digital signatures of a PDF, looked for in the reader's process, for it is a file from outside; None when
    they cannot be read. A copy is never refused for them."""
    roots = place.settings.trusted_certificates()
    with ReaderProcess() as reader:
        try:
            found = reader.run(signatures_task, data, roots=[root.hex() for root in roots])
        except (Unreadable, ReaderUnavailable, TaskFailed) as error:
            log.warning("the signatures of a signed copy could not be examined: %s", error)
            return None
    return tuple(json.loads(found))


def _require_awaited(place: Installation, pack: Pack, period: Period, code: str) -> Unit:
    """The unit, if a copy of its report of this period can be taken. Raises Refused."""
    unit = pack.unit(code)
    if unit is None:
        raise Refused(f"Không có đơn vị mã {code} trong chế độ báo cáo {pack.regime.name}")
    if pack.regime.unit_copy is UnitCopyRule.NONE:
        raise Refused(
            f"Chế độ báo cáo {pack.regime.name} chỉ nhận tệp biểu mẫu Excel (.xlsx) đã điền, không nhận kèm bản ký"
        )
    with place.store.read() as conn:
        if not windows.obligations(conn, pack.code, period.code, code):
            raise Refused(f"{unit.full_name} không có báo cáo nào phải nộp ở kỳ {period.name}; hãy kiểm tra lại kỳ")
    return unit


def _belongs(conn: Connection, copy: UnitCopy, official: Submission) -> bool:
    """Whether the copy is one of this report, not only of the one it replaces."""
    if official.supersedes_id is None:
        return True
    return copy.received_at > submissions.submission_of(conn, official.supersedes_id).received_at


def copies_of(
    conn: Connection, regime: str, period: str, official: Mapping[str, Submission], *, until: datetime | None = None
) -> dict[str, UnitCopy]:
    """The copy that belongs to each of these reports, by unit code; units without one are left out.

    `until`: as things stood then.
    """
    # A receipt asks for one unit: then only that unit's copies are read.
    of_one = next(iter(official)) if len(official) == 1 else ""
    found = unit_copies.latest(conn, regime, period, unit=of_one, until=until)
    return {
        unit: found[unit]
        for unit, row in sorted(official.items())
        if unit in found and _belongs(conn, found[unit], row)
    }


def without_copy(conn: Connection, pack: Pack, period: str) -> tuple[str, ...]:
    """Codes of the units whose report is accepted and whose signed copy is not there; none where nobody asks."""
    if pack.regime.unit_copy is UnitCopyRule.NONE:
        return ()
    official = {s.unit: s for s in submissions.accepted(conn, pack.code, period)}
    there = copies_of(conn, pack.code, period, official)
    return tuple(sorted(official.keys() - there.keys()))


def remind_of_copies(place: Installation, pack: Pack, period: Period, as_of: datetime) -> int:
    """Remind the units whose accepted report lacks the signed copy the pack requires; how many letters."""
    if pack.regime.unit_copy is not UnitCopyRule.REQUIRED:
        return 0
    with place.store.begin() as conn:
        lacking = set(without_copy(conn, pack, period.code))
        held_to = waivers.deadlines(conn, pack.code, period.code, as_of)
        owing = [
            copy_reminders.UnitWithoutCopy(row, held_to[row.unit])
            for row in submissions.accepted(conn, pack.code, period.code)
            if row.unit in lacking and row.unit in held_to
        ]
        return copy_reminders.run(conn, place.settings, pack, period, place.working_days, owing, as_of)


def receipt_line(conn: Connection, pack: Pack, row: Submission) -> str:
    """For the unit's receipt: whether the signed copy of this report is there, or what to send; empty where nobody
    asks for one."""
    rule = pack.regime.unit_copy
    if rule is UnitCopyRule.NONE:
        return ""
    copy = copies_of(conn, row.regime, row.period, {row.unit: row}).get(row.unit)
    if copy is not None:
        return f"Bản ký của báo cáo đã có: tệp {copy.filename} ({file_size_text(copy.size)})."
    how = (
        "bản quét báo cáo đã ký, đóng dấu, hoặc tệp PDF đã ký số (PDF, JPEG hoặc PNG, tên tệp có mã kỳ), gửi vào cùng "
        "nơi đã gửi tệp biểu mẫu; không phải gửi lại tệp biểu mẫu"
    )
    if rule is UnitCopyRule.REQUIRED:
        return f"Báo cáo CHƯA ĐỦ BẢN KÝ. Đề nghị quý đơn vị gửi thêm {how}."
    return f"Chưa nhận được bản ký của báo cáo. Đề nghị quý đơn vị gửi thêm {how}."


def _record(conn: Connection, kept: UnitCopy, receipt: str, as_of: datetime) -> None:
    payload = {
        "unit": kept.unit,
        "filename": kept.filename,
        "sha256": kept.sha256,
        "size": kept.size,
        "kind": kept.kind.value,
        "channel": kept.channel,
        "receipt": receipt,
        "signed_by": kept.signed_by,
    }
    events.append(conn, as_of, kept.by or "baocao", "unit_copy_received", kept, f"unit_copy/{kept.id}", payload)


def _tell(period_mail: PeriodMail, conn: Connection, unit: Unit, kept: UnitCopy, receipt: str, as_of: datetime) -> None:
    context = UnitCopyReceived(
        head=period_mail.head,
        addressee=addressee_of(unit),
        filename=kept.filename,
        size=file_size_text(kept.size),
        sha256=kept.sha256,
        received_at=kept.received_at,
        receipt_number=receipt,
    )
    period_mail.to_unit(conn, unit, context=context, step=f"{context.outcome}-{kept.id}", at=as_of)
