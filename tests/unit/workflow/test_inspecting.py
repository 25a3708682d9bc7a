"""The verbs about inspections on both databases: the whole way, and two who write at once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from baocao.store.database import Store
from baocao.store.trail import events
from baocao.workflow.inspections import inspecting
from baocao.workflow.inspections.listing import inspections
from baocao.workflow.inspections.plan_file import PlanFaults
from baocao.workflow.installation import Installation, Refused
from builders.packs.inspections import moment
from builders.sites.site import REGIME

HEADER = "unit,lead,planned_from,planned_to,content,documents\n"
MONDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 13)
BY = {"by": "cán bộ thử"}


@pytest.fixture
def place(store: Store) -> Installation:
    """The project's own packs over an empty, migrated database."""
    return Installation(store.settings)


def plan(place: Installation, number: str, *lines: str) -> dict[str, Any]:
    text = HEADER + "".join(f"{line},Việc thực hiện dự án,\n" for line in lines)
    given: dict[str, Any] = {"year": 2026, "decision": number, "decided_on": date(2026, 1, 15), **BY}
    return inspecting.plan_inspections(place, REGIME, text.encode(), "kh.csv", as_of=moment(1, 20), **given)


def notify(place: Installation, id: int, number: str = "31") -> dict[str, Any]:
    signed: dict[str, Any] = {"number": number, "signed_on": date(2026, 3, 2), "signer": "Người ký (thử nghiệm)"}
    return inspecting.notify_inspection(place, REGIME, id, signer_title="Giám đốc", as_of=moment(3, 2), **signed, **BY)


def together(*calls: Any) -> list[str]:
    """What came of calls made at the same moment: `done`, or the name of what was raised."""
    barrier, outcomes = threading.Barrier(len(calls)), []

    def run(call: Any) -> None:
        barrier.wait()
        try:
            call()
            outcomes.append("done")
        except Refused as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(outcomes)


def test_every_inspection_verb_leaves_one_event_and_trail(place: Installation) -> None:
    (id,) = plan(place, "12/KH-UBND", "14797,38-CAT,2026-03-09,2026-03-13")["ids"]
    notify(place, id)
    inspecting.start(place, REGIME, id, on=MONDAY, as_of=moment(3, 9), **BY)
    inspecting.finish(place, REGIME, id, on=FRIDAY, as_of=moment(3, 13), **BY)
    concluded: dict[str, Any] = {"number": "44/KL-CAT", "on": FRIDAY, "data": b"%PDF-1.7", "filename": "kl.pdf"}
    inspecting.conclude(place, REGIME, id, as_of=moment(3, 13), **concluded, **BY)
    (row,) = inspections(place, REGIME, moment(3, 14))["inspections"]
    assert (row["status"], row["awaits"], row["overdue"]) == ("CONCLUDED", None, False)
    with place.store.read() as conn:
        assert len(events.events(conn, regime=REGIME)) == 5
        assert {e.actor for e in events.events(conn, regime=REGIME)} == {BY["by"]}
        assert events.verify(conn).ok
    assert len(list(place.settings.outbox.glob("*14797*.eml"))) == 3


def test_clashing_inspection_plans_are_refused_at_once(place: Installation) -> None:
    place.pack(REGIME)
    line = "14797,38-CAT,2026-03-09,2026-03-13"
    other = Installation(place.settings)
    outcomes = together(lambda: plan(place, "12/KH-UBND", line), lambda: plan(other, "13/KH-UBND", line))
    assert outcomes == [PlanFaults.__name__, "done"]
    assert inspections(place, REGIME, moment(2, 1))["total"] == 1


def test_a_plan_registered_twice_at_once_exists_once(place: Installation) -> None:
    line = "14797,38-CAT,2026-03-09,2026-03-13"
    other = Installation(place.settings)
    assert together(lambda: plan(place, "12/KH-UBND", line), lambda: plan(other, "12/KH-UBND", line)) == ["done"] * 2
    assert inspections(place, REGIME, moment(2, 1))["total"] == 1


def test_a_notice_sent_twice_at_once_leaves_once(place: Installation) -> None:
    (id,) = plan(place, "12/KH-UBND", "14797,38-CAT,2026-03-09,2026-03-13")["ids"]
    other = Installation(place.settings)
    assert together(lambda: notify(place, id), lambda: notify(other, id, "32")) == ["Refused", "done"]
    assert len(list(place.settings.outbox.glob("*notice.eml"))) == 1


def test_a_regime_without_inspections_says_what_is_missing(place: Installation) -> None:
    pack = place.pack(REGIME)
    without = pack.regime.model_copy(update={"inspections": None})
    place._packs[REGIME] = replace(pack, regime=without)
    with pytest.raises(Refused, match=r"inspections trong regime\.yaml"):
        plan(place, "12/KH-UBND", "14797,38-CAT,2026-03-09,2026-03-13")
