from __future__ import annotations

from typing import Any

from baocao.consolidation.recipients import check_recipients
from baocao.model.period import PeriodKind
from baocao.model.regime import Recipient
from baocao.model.submission import Severity
from builders.packs.consolidation import pack, regime


def recipient(code: str, *, verified: bool = True, email: str | None = None) -> Recipient:
    address = f"{code}@bo.example" if email is None else email
    return Recipient(id=code, name=f"Bộ {code}", email=address, verified=verified, anchor="KH.V")


KNOWN = (recipient("a"), recipient("b"), recipient("c"))


def found(*chosen: str, known: Any = KNOWN, receives: Any = ("a", "b")) -> list[tuple[str, Severity]]:
    law = pack((), law=regime(known, receives))
    return [(f.subject, f.severity) for f in check_recipients(law, PeriodKind.ANNUAL, chosen or None)]


def test_the_recipients_of_the_regime_raise_nothing() -> None:
    assert found() == []


def test_a_ministry_of_other_reports_must_be_explained() -> None:
    assert found("a", "b", "c") == [("Bộ c", "explain")]


def test_a_recipient_left_out_blocks() -> None:
    assert found("a") == [("Bộ b", "blocks")]


def test_an_unknown_recipient_blocks() -> None:
    assert found("a", "b", "x") == [("x", "blocks")]


def test_an_unverified_or_missing_address_is_pointed_out() -> None:
    known = (recipient("a", verified=False), recipient("b", email=""))
    assert found(known=known) == [("Bộ a", "explain"), ("Bộ b", "blocks")]
