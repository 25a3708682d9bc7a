"""What differs between two versions of a report, and the units' cells behind it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from baocao.consolidation.changes import Differences, differences
from baocao.consolidation.province import consolidate
from baocao.model.report import Coverage, ProvinceValue
from baocao.model.submission import AcceptedCells
from builders.packs.consolidation import NIL, accepted, communes, full_report, key, lead_body, pack, period

UNITS = communes(3)
LEAD = lead_body()
PACK = pack((*UNITS, LEAD))
FIRST = {"PL01/CT10/TH": 2, "PL01/CT10/MS": 4, "PL01/CT26/TH": 5, "PL04/IV/ND": "Thiếu kinh phí"}


def compared(old: list[AcceptedCells], new: list[AcceptedCells], explanations: Any = None) -> Differences:
    before, after = (consolidate(PACK, period(), sent, PACK.units).values for sent in (old, new))
    return differences(PACK, before, after, old, new, explanations)


def sent(number: int, **changes: object) -> AcceptedCells:
    """The first commune's workbook; a change is named `CT10_MS`."""
    figures: dict[str, object] = dict(FIRST)
    figures.update({f"PL01/{name.replace('_', '/')}": value for name, value in changes.items()})
    return accepted(UNITS[0], figures, number=number)


def test_nothing_differs_between_a_report_and_itself() -> None:
    everybody = [full_report(u, i) for i, u in enumerate([*UNITS, LEAD])]
    found = compared(everybody, everybody)
    assert (found.changes, found.causes, found.texts, found.resent) == ((), (), (), ())


def test_a_changed_figure_brings_its_derived_cells() -> None:
    others = [full_report(u, 7) for u in UNITS[1:]]
    found = compared([sent(1), *others], [sent(2, CT10_MS=9), *others])
    assert [str(c.key) for c in found.changes] == ["PL01/CT10/MS", "PL01/CT10/TL"]
    bottom, ratio = found.changes
    assert (bottom.difference, bottom.item, bottom.measure) == (5, "CT10", "điểm")
    assert isinstance(ratio.difference, Fraction) and ratio.difference < 0 and ratio.measure == "%"
    for change in found.changes:
        (cause,) = change.causes
        assert (str(cause.key), cause.unit) == ("PL01/CT10/MS", UNITS[0].code)
        assert (cause.old_submission, cause.new_submission, cause.old, cause.new) == (1, 2, "4", "9")
        assert (cause.sheet, cause.a1) == ("PL01", "D6")


def test_changed_texts_are_told_apart_from_figures() -> None:
    new = sent(2, CT26_GT="Đã rà soát")
    new.cells[key("PL04/IV/ND")] = accepted(UNITS[0], {"PL04/IV/ND": "Hết vướng mắc"}).cells[key("PL04/IV/ND")]
    found = compared([sent(1)], [new])
    assert (found.changes, found.causes) == ((), ())
    (text,) = found.texts
    assert (text.unit, text.old, text.new) == (UNITS[0].code, "Thiếu kinh phí", "Hết vướng mắc")


def test_units_words_come_from_answer_else_row() -> None:
    old, new = sent(1), sent(2, CT26_TH=6, CT26_GT="Đếm sót một lớp")
    assert compared([old], [new]).causes[0].explanation == "Đếm sót một lớp"
    answered = {(2, key("PL01/CT26/TH")): "Lớp ngày 12/6 báo thiếu"}
    assert compared([old], [new], answered).causes[0].explanation == "Lớp ngày 12/6 báo thiếu"
    assert compared([old], [new], {(1, key("PL01/CT26/TH")): "của bản cũ"}).causes[0].explanation == "Đếm sót một lớp"


def test_rates_from_zero_are_flagged_on_both_sides() -> None:
    def at(previous: int, rate: Fraction | None) -> dict[Any, ProvinceValue]:
        of, growth = key("PL01/CT01/TH"), key("PL01/CT06/TH")
        all_units = Coverage(3, 3)
        return {
            of: ProvinceValue(of, 6, False, all_units, previous=previous),
            growth: ProvinceValue(growth, rate, False, all_units),
        }

    (rate,) = differences(PACK, at(0, None), at(4, Fraction(50)), [], []).changes
    assert (rate.old_from_zero, rate.new_from_zero) == (True, False)


def test_declared_nil_and_zero_are_different_answers() -> None:
    found = compared([sent(1, CT26_TH=0)], [sent(2, CT26_TH=NIL)])
    (change,) = found.changes
    assert (change.old.nil, change.new.nil) == (False, True)  # type: ignore[union-attr]
    assert (found.causes[0].old, found.causes[0].new) == ("0", "không phát sinh")


def test_a_new_units_cells_are_the_causes() -> None:
    found = compared([full_report(UNITS[1], 7)], [full_report(UNITS[1], 7), sent(5)])
    (resent,) = found.resent
    assert (resent.unit, resent.old_submission, resent.new_submission) == (UNITS[0].code, None, 5)
    assert {c.unit for c in found.causes} == {UNITS[0].code}
    assert all(c.old == "" and c.old_submission is None for c in found.causes)


def test_a_workbook_sent_again_is_only_noted() -> None:
    found = compared([sent(1)], [sent(2)])
    assert (found.changes, found.causes, found.texts) == ((), (), ())
    assert [(r.old_submission, r.new_submission) for r in found.resent] == [(1, 2)]


def test_a_unit_that_changes_class_is_a_change() -> None:
    found = compared([sent(1, CT09_TH="Loại I")], [sent(2, CT09_TH="Không")])
    (change,) = found.changes
    assert str(change.key) == "PL01/CT09/TH"
    assert change.difference == 0
    assert change.old.classes != change.new.classes  # type: ignore[union-attr]


def _values(**cells: Any) -> dict[Any, ProvinceValue]:
    """A name is `KH`, of one row of resources; a value is a figure, or None."""
    names = {name: key(f"PL03/DA1.NSTW_DT/{name}") for name in cells}
    return {names[n]: ProvinceValue(names[n], v, False, Coverage(3, 3)) for n, v in cells.items()}


@pytest.mark.parametrize(
    ("old", "withheld"),
    [
        (_values(KH=9, TL=None), True),
        (_values(KH=None, TL=None), False),
        (_values(TL=None), False),
        (_values(KH=9, TL=Fraction(5)), False),
        (_values(KH=9), False),
        (_values(KH=None, LKN=9, TL=None), False),
        ({**_values(KH=9), key("PL03/DA1.NSTW_DT/TL"): ProvinceValue(
            key("PL03/DA1.NSTW_DT/TL"), None, True, Coverage(3, 3))}, False),
    ],
)  # fmt: skip
def test_a_plan_without_a_share_means_withheld(old: dict[Any, ProvinceValue], withheld: bool) -> None:
    new = {**old, **_values(TL=Fraction(77))}
    (change,) = (c for c in differences(PACK, old, new, [], []).changes if c.key.column == "TL")
    assert (change.old_withheld, change.new_withheld) == (withheld, False)


def test_a_figure_without_a_share_is_never_withheld() -> None:
    (change,) = differences(PACK, _values(KH=9, LKN=None), _values(KH=9, LKN=4), [], []).changes
    assert (change.old_withheld, change.new_withheld) == (False, False)


def test_a_rate_from_zero_needs_both_years() -> None:
    of, growth = key("PL01/CT01/TH"), key("PL01/CT06/TH")

    def at(now: int | None, previous: int | None, rate: int) -> dict[Any, ProvinceValue]:
        known = {of: ProvinceValue(of, now, False, Coverage(3, 3), previous=previous)}
        return {**known, growth: ProvinceValue(growth, Fraction(rate), False, Coverage(3, 3))}

    for now, previous, zero in ((6, 0, True), (None, 0, False), (6, None, False), (6, 3, False)):
        (rate,) = (c for c in differences(PACK, at(now, previous, 1), at(now, previous, 2), [], []).changes)
        assert (rate.old_from_zero, rate.new_from_zero) == (zero, zero)
    (alone,) = differences(PACK, {growth: at(1, 1, 1)[growth]}, {growth: at(1, 1, 2)[growth]}, [], []).changes
    assert alone.old_from_zero is False


def test_a_withdrawn_report_tells_its_old_place() -> None:
    found = compared([sent(1), full_report(UNITS[1], 7)], [full_report(UNITS[1], 7)])
    causes = {str(c.key): c for c in found.causes}
    gone = causes["PL01/CT10/MS"]
    assert (gone.old, gone.new, gone.sheet, gone.a1, gone.new_submission, gone.explanation) == (
        "4", "", "PL01", "D6", None, ""
    )  # fmt: skip
    assert [(t.old, t.new) for t in found.texts] == [("Thiếu kinh phí", "")]
