from __future__ import annotations

from baocao.consolidation.recipients import check_recipients
from baocao.model.period import PeriodKind
from baocao.model.regime import Recipient
from builders.packs.consolidation import pack, regime


def recipient(code: str, *, verified: bool = True, email: str | None = None) -> Recipient:
    address = f"{code}@bo.example" if email is None else email
    return Recipient(id=code, name=f"Bộ {code}", email=address, verified=verified, anchor="KH.V")


KNOWN = (recipient("a"), recipient("b"), recipient("c"))


def found(*chosen: str, known=KNOWN, receives=("a", "b")):
    law = pack((), law=regime(known, receives))
    return [(f.subject, f.severity) for f in check_recipients(law, PeriodKind.ANNUAL, chosen or None)]


def test_the_recipients_of_the_regime_raise_nothing():
    assert found() == []


def test_a_ministry_of_other_reports_must_be_explained():
    assert found("a", "b", "c") == [("Bộ c", "explain")]


def test_a_recipient_left_out_blocks():
    assert found("a") == [("Bộ b", "blocks")]


def test_an_unknown_recipient_blocks():
    assert found("a", "b", "x") == [("x", "blocks")]


def test_an_unverified_or_missing_address_is_pointed_out():
    known = (recipient("a", verified=False), recipient("b", email=""))
    assert found(known=known) == [("Bộ a", "explain"), ("Bộ b", "blocks")]
