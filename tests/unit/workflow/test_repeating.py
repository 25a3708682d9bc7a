"""When the same file is the same again: nothing of the unit's own past has moved; what others sent does not count."""

from __future__ import annotations

from dataclasses import replace

from baocao.checks.history import History
from baocao.model.form import CellKey
from baocao.workflow.intake.repeating import references_of

CELL = CellKey.parse("PL01/CT01/TH")
KNOWN = History(previous={CELL: 12})


def test_others_reports_and_being_reported_change_nothing() -> None:
    later = replace(KNOWN, peers={"PL03": object()}, reported_in_time=True)  # type: ignore[dict-item]
    assert references_of(later) == references_of(KNOWN)


def test_an_earlier_figure_that_was_corrected_changes_it() -> None:
    assert references_of(History(previous={CELL: 13})) != references_of(KNOWN)
    assert references_of(History(last_year={CELL: 12})) != references_of(KNOWN)
