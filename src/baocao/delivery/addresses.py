"""Which entry of the pack a letter's address is, and what stands there today."""

from __future__ import annotations

from collections.abc import Iterator

from baocao.delivery.message import is_address, named, parse_address
from baocao.model.pack import Pack

_AUTHORITY = ("standing_email", "lead_email", "leadership_email")


def source_of(pack: Pack, key: str, to: str) -> str:
    """The entry `to` comes from, such as `unit.head_email`; empty when it is none of this pack.

    `key` is the letter's unit: the code of a unit, the id of a recipient, or a word of ours.
    """
    if not is_address(to):
        return ""
    mailbox = parse_address(to).addr_spec
    entries = _entries(pack, key)
    return next((name for name, text in entries if is_address(text) and parse_address(text).addr_spec == mailbox), "")


def awaited(pack: Pack, key: str, text: str) -> str:
    """The entry whose `text` is no address, so that a letter can wait for a better one; empty when there is none."""
    if pack.unit(key) is not None:
        return "unit.email"
    return next((f"authority.{n}" for n in _AUTHORITY if getattr(pack.regime.authority, n) == text), "")


def address_at(pack: Pack, key: str, source: str) -> str | None:
    """What stands in the entry today; None when it is no address. A head without one is written to at the unit's."""
    found = dict(_entries(pack, key))
    for name in (source, "unit.email" if source == "unit.head_email" else ""):
        if is_address(found.get(name, "")):
            return found[name]
    return None


def _entries(pack: Pack, key: str) -> Iterator[tuple[str, str]]:
    unit = pack.unit(key)
    if unit is not None:
        # The unit's own address before its head's: where both are one mailbox, the letter follows a change of the
        # unit's.
        yield "unit.email", unit.email
        yield "unit.head_email", unit.head_email
    for recipient in pack.regime.recipients:
        if recipient.id == key and is_address(recipient.email):
            yield "recipient.email", named(recipient.name, recipient.email)
    for name in _AUTHORITY:
        yield f"authority.{name}", getattr(pack.regime.authority, name)
