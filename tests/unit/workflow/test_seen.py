"""When a file in the inbox counts as received, and which deadlines passed while nobody looked."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from baocao.workflow.installation import Installation
from baocao.workflow.intake.seen import DOUBT, InboxVisit, begin_look, end_look, unwatched
from builders.packs.quarterly import CODE

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MIDNIGHT = datetime(2027, 3, 21, tzinfo=HANOI)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LAST_SECOND = MIDNIGHT - SECOND


@pytest.mark.parametrize(
    ("before", "at", "counts_as"),
    [
        (MIDNIGHT - MINUTE, MIDNIGHT + MINUTE, LAST_SECOND),
        (MIDNIGHT - MINUTE, MIDNIGHT, LAST_SECOND),
        (MIDNIGHT - MINUTE, MIDNIGHT + DOUBT, LAST_SECOND),
        (MIDNIGHT - MINUTE, MIDNIGHT + DOUBT + SECOND, MIDNIGHT + DOUBT + SECOND),
        (MIDNIGHT, MIDNIGHT + MINUTE, MIDNIGHT + MINUTE),
        (LAST_SECOND, MIDNIGHT + MINUTE, LAST_SECOND),
        (MIDNIGHT - 2 * MINUTE, MIDNIGHT - MINUTE, MIDNIGHT - MINUTE),
        (None, MIDNIGHT + MINUTE, MIDNIGHT + MINUTE),
    ],
)
def test_midnight_between_two_looks_favours_the_unit(
    before: datetime | None, at: datetime, counts_as: datetime
) -> None:
    assert InboxVisit(at, before).counts_as == counts_as


def test_a_look_knows_the_one_before_it(office: Installation) -> None:
    first = begin_look(office, MIDNIGHT)
    assert first.before is None
    end_look(office, first)
    assert begin_look(office, MIDNIGHT + MINUTE).before == MIDNIGHT
    (office.settings.data / "last-look").write_text("hôm qua", encoding="utf-8")
    assert begin_look(office, MIDNIGHT).before is None


@pytest.mark.parametrize("which", ["due_at", "locked_after"])
def test_a_deadline_nobody_watched_is_named(office: Installation, which: str) -> None:
    end = getattr(office.period(CODE, "2027-Q1").unit, which)

    def named(before: timedelta | None, after: timedelta) -> list[str]:
        return unwatched(office, InboxVisit(end + after, None if before is None else end - before))

    late = DOUBT + SECOND
    assert named(SECOND, late) == [f"{CODE}/2027-Q1"]
    assert named(None, late) == named(timedelta(0), late) == named(SECOND, DOUBT) == named(SECOND, DOUBT - SECOND) == []
    assert named(timedelta(days=2), -timedelta(days=1)) == [], "it lies ahead"
