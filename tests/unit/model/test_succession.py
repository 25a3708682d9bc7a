"""Who stood where a unit stands now, and who stands where one stood."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from baocao.model.pack_parts.succession import PredecessorUnits, Succession, changed_between, origin_of, successors_of

JUNE, JULY, DECEMBER = date(2026, 6, 14), date(2026, 7, 1), date(2026, 12, 14)


def change(old: str, new: str, on: date = JULY) -> Succession:
    return Succession(on, old, new, f"NQ {on:%Y}")


MERGER = (change("1", "9"), change("2", "9"))


@given(st.text(alphabet="0123456789", min_size=1), st.dates(), st.dates())
def test_without_changes_a_unit_is_its_own_past(code: str, then: date, now: date) -> None:
    assert origin_of(code, then, now, ()) == PredecessorUnits((code,))


def test_a_merged_unit_inherits_all_its_parts_pasts() -> None:
    found = origin_of("9", JUNE, DECEMBER, MERGER)
    assert found == PredecessorUnits(("1", "2"), basis="NQ 2026") and found.merged


def test_changes_outside_the_two_days_have_no_effect() -> None:
    assert origin_of("9", JULY, DECEMBER, MERGER) == PredecessorUnits(("9",))
    assert origin_of("9", date(2025, 1, 1), JUNE, MERGER) == PredecessorUnits(("9",))


def test_a_unit_absorbing_another_keeps_its_own_past() -> None:
    assert origin_of("1", JUNE, DECEMBER, (change("1", "1"), change("2", "1"))).units == ("1", "2")


def test_successive_changes_lead_back_to_the_first() -> None:
    later = (*MERGER, change("9", "10", date(2026, 10, 1)))
    assert origin_of("10", JUNE, DECEMBER, later) == PredecessorUnits(("1", "2"), basis="NQ 2026")
    assert successors_of("1", DECEMBER, later) == ("10",) and successors_of("1", date(2026, 8, 1), later) == ("9",)


def test_a_divided_unit_is_named_as_divided() -> None:
    parts = (change("5", "6"), change("5", "7"))
    assert origin_of("6", JUNE, DECEMBER, parts).split == "5"
    assert successors_of("5", DECEMBER, parts) == ("6", "7")


def test_mergers_change_the_number_of_units_renames_not() -> None:
    assert not changed_between(JUNE, DECEMBER, (change("1", "8"), change("2", "2")))
    assert changed_between(JUNE, DECEMBER, MERGER)
    assert changed_between(JUNE, DECEMBER, (change("5", "6"), change("5", "5")))
    assert not changed_between(JULY, DECEMBER, MERGER)
