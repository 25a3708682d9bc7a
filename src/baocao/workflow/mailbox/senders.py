"""Who wrote a message: the address a unit registered, else the token of its reply address, else nobody we know."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from baocao.delivery.message import is_address, parse_address
from baocao.intake.mail.authentication import why_not_authentic
from baocao.intake.mail.opened import OpenedMail
from baocao.model.unit import Unit
from baocao.workflow.arrivals.received import packs
from baocao.workflow.installation import Installation
from baocao.workflow.mail.reply_addresses import Addressed, addressed


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose message it is, and how sure that is."""

    unit: str
    """The code of the unit; empty: the office has to say."""
    token: Addressed | None
    distrusted: str
    """Why the address cannot be believed; empty when it can."""
    several: tuple[str, ...] = ()
    """Codes of the units that all registered this address."""

    @property
    def may_be_answered(self) -> bool:
        """An address that may be forged gets no answer: it would reach whoever was named in the forger's place."""
        return not self.distrusted

    def about(self, mail: OpenedMail) -> dict[str, str]:
        """What is known of a message nobody can be named for, in words for the office."""
        found = {"thư từ": mail.sender or "(không có địa chỉ)"}
        if self.token is not None:
            found["trả lời thư gửi đơn vị"] = f"{self.token.unit}, kỳ {self.token.period}"
        if self.several:
            found["địa chỉ này của"] = ", ".join(self.several)
        if self.distrusted:
            found["cảnh báo"] = self.distrusted
        return found


def sender_of_mail(place: Installation, conn: Connection, mail: OpenedMail) -> Sender:
    """The unit that registered the address in From. A token alone names nobody: it is told to the office."""
    mailbox = place.settings.mailbox
    assert mailbox is not None
    # Only our own relay's verdict counts: every other Authentication-Results line may come from the sender. Without a
    # relay named in the settings nobody has checked, and From is believed as written.
    doubt = why_not_authentic(mail.authentication, mailbox.relay) if mailbox.relay else ""
    if not mail.sender:
        doubt = doubt or "thư không ghi rõ một người gửi"
    token = addressed(place, conn, mail.addressed_to)
    codes = registered(place, mail.sender)
    # One mailbox for two units: here the token chooses between addresses that are believed; alone it names nobody.
    if len(codes) > 1 and token is not None and token.unit in codes:
        codes = {token.unit}
    if doubt or len(codes) != 1:
        return Sender("", token, doubt, tuple(sorted(codes)) if len(codes) > 1 else ())
    return Sender(codes.pop(), token, "")


def registered(place: Installation, address: str) -> set[str]:
    """The codes of the units that write from this address; where none has named it itself, from its domain."""
    units = [unit for pack in packs(place) for unit in pack.units] if address else []
    exact = {unit.code for unit in units if address in _addresses(unit)}
    # A whole domain counts only where a unit has said so in its list of senders; an exact address of another goes
    # first.
    domain = "@" + address.partition("@")[2]
    return exact or {unit.code for unit in units if domain in unit.senders}


def _addresses(unit: Unit) -> set[str]:
    written = [a for a in (unit.email, unit.head_email) if is_address(a)]
    return {parse_address(a).addr_spec.lower() for a in written} | set(unit.senders)
