"""A letter of ours that came back: its address is marked, the operator told, and nobody is reminded there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from baocao.delivery.message import is_address, parse_address
from baocao.intake.mail.opened import Failure, OpenedMail
from baocao.store.mail import bounces, outbox_rows
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.alarms import alarm


def take_bounce(place: Installation, mail: OpenedMail, id: int, as_of: datetime) -> str:
    """`bounced` where a letter of ours came back for good from where it was sent; `bounce` for somebody to look at.

    Only a permanent failure (5.x.x) counts, and only one that names the Message-ID and the recipient of a letter we
    sent: anybody can send a message that looks like a bounce.
    """
    # It may be of spam that somebody sent under our address.
    if not mail.original_id:
        return "bounce"
    with place.store.begin() as conn:
        # Message-IDs follow from regime, period, unit and step and can be guessed; so the recipient must be right as
        # well.
        letter = outbox_rows.mail_of_message(conn, mail.original_id)
        failure = next((f for f in mail.failures if letter and _is_of(f, letter.recipient)), None)
        if letter is None or failure is None:
            return "bounce"
        found = bounces.Bounced(failure.recipient, failure.status, failure.diagnostic, letter.id, as_of)
        # A second bounce of a marked address changes nothing and is no second alarm.
        if bounces.mark(conn, found):
            alarm(
                place,
                conn,
                subject=f"Thư gửi {failure.recipient} bị trả lại",
                text=f"Thư số {letter.id} «{letter.step}» gửi {letter.unit} tới {failure.recipient} bị máy chủ nơi "
                f"nhận trả lại: {failure.status} {failure.diagnostic}\n\nTừ nay không đôn đốc tới địa chỉ này. Hãy hỏi "
                f"lại đơn vị rồi sửa địa chỉ: `baocao regime address {letter.unit} ĐỊA-CHỈ --by …`; địa chỉ vẫn đúng "
                f"thì `baocao mail unbounce {failure.recipient} --by …`. "
                "Xem mục «Hộp thư đến» trong sổ tay vận hành.",
                key=f"bounced/{failure.recipient}/{letter.id}",
                at=as_of,
            )
            payload = {"address": failure.recipient, "status": failure.status, "mail": id}
            events.append(conn, as_of, "baocao", "address_bounced", letter, f"outbox/{letter.id}", payload)
    return "bounced"


def _is_of(failure: Failure, recipient: str) -> bool:
    if not failure.status.startswith("5") or not is_address(recipient):
        return False
    return parse_address(recipient).addr_spec.lower() == failure.recipient


def unbounce(place: Installation, address: str, *, by: str, as_of: datetime) -> dict[str, Any]:
    """Somebody says the address is good: reminders go there again. Raises Refused where it was not known to bounce."""
    if not by.strip():
        raise Refused("--by: hãy ghi người xác nhận địa chỉ")
    with place.store.begin() as conn:
        if not bounces.clear(conn, address):
            known = ", ".join(b.address for b in bounces.all_bounced(conn)) or "(không có)"
            raise Refused(f"Địa chỉ {address} không bị đánh dấu trả thư; đang bị đánh dấu: {known}")
        events.append(conn, as_of, by, "address_unbounced", None, f"address/{address.strip().lower()}", {})
    return {"address": address.strip().lower(), "bounced": False}
