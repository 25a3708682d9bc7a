"""Who may be excused or given more time, what the grantor is warned of, and what holds after it is taken back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from baocao.model.report import ReportStatus
from baocao.store import waivers
from baocao.store.portal import requests
from baocao.store.reports import reports
from baocao.store.tables import obligation
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.mailing import list_mails, show_mail
from baocao.workflow.periods.waiving import waive, withdraw_waiver
from builders.packs.quarterly import CODE
from builders.sites.store import CONTENT, accepted, sha

Q1, UNIT = "2027-Q1", "00001"
HOUR = timedelta(hours=1)


def due(place: Installation) -> datetime:
    return place.period(CODE, Q1).unit.due_at


def granted(place: Installation, unit: str = UNIT, until: date | None = None, **more: Any) -> dict[str, Any]:
    at = more.pop("at", due(place) - HOUR)
    return waive(place, CODE, Q1, unit, until=until, reason="Mưa lũ", by="van-thu", as_of=at)


def taken_back(place: Installation, at: datetime | None = None) -> dict[str, Any]:
    return withdraw_waiver(place, CODE, Q1, UNIT, reason="Đã hết lũ", by="van-thu", as_of=at or due(place) - HOUR)


def reported(place: Installation) -> None:
    with place.store.begin() as conn:
        accepted(conn, UNIT, regime=CODE, period=Q1)


def report(place: Installation, frozen: bool) -> None:
    at = due(place)
    with place.store.begin() as conn:
        draft = reports.draft(conn, regime=CODE, period=Q1, created_at=at, as_of=at, input_sha256=sha("inputs"))
        if frozen:
            reports.freeze(conn, draft.id, content_sha256=CONTENT, manifest={"files": {"a.xlsx": CONTENT}})


def test_an_excused_unit_owes_nothing_and_is_told(office: Installation) -> None:
    answer = granted(office)
    assert (answer["kind"], answer["until"], answer["warnings"]) == ("waiver", None, [])
    with office.store.read() as conn:
        own = waivers.deadline_of(conn, CODE, Q1, UNIT, due(office))
        (event,) = (e for e in events.events(conn, regime=CODE, period=Q1) if e.action == "waiver_granted")
    assert own is not None and not own.owes
    assert (event.actor, event.subject, event.payload["reason"], event.payload["until"]) == (
        "van-thu",
        f"unit/{UNIT}",
        "Mưa lũ",
        "",
    )
    assert [m["step"][:7] for m in list_mails(office, CODE, Q1, unit=UNIT, statuses=["SENT"])] == ["waiver-"]


def test_an_extension_ends_with_its_days_last_second(office: Installation) -> None:
    answer = granted(office, until=due(office).date() + timedelta(days=1))
    assert answer["kind"] == "extension"
    assert answer["until"] == due(office) + timedelta(days=1)
    assert answer["warnings"] == []


@pytest.mark.parametrize(
    ("unit", "days", "said"),
    [("09999", None, "Không có đơn vị mã '09999'"), (UNIT, 0, "Gia hạn phải muộn hơn hạn hiện nay")],
)
def test_an_impossible_grant_is_refused_with_its_reason(
    office: Installation, unit: str, days: int | None, said: str
) -> None:
    until = None if days is None else due(office).date() + timedelta(days=days)
    with pytest.raises(Refused, match=said):
        granted(office, unit, until)
    assert list_mails(office, CODE, Q1, unit=None, statuses=["SENT"]) == []


def test_an_excused_unit_gets_no_second_grant(office: Installation) -> None:
    granted(office)
    with pytest.raises(Refused, match="đã được miễn báo cáo kỳ này từ trước"):
        granted(office, at=due(office))
    with pytest.raises(Refused, match="hãy thu hồi việc miễn trước"):
        granted(office, until=due(office).date() + timedelta(days=9))


def test_before_the_window_opens_the_coming_deadline_counts(unopened: Installation) -> None:
    early = unopened.period(CODE, Q1).opens_at - timedelta(days=3)
    assert granted(unopened, at=early)["kind"] == "waiver"
    with pytest.raises(Refused, match="từ trước"):
        granted(unopened, at=early + HOUR)


def test_a_unit_without_obligation_cannot_be_excused(office: Installation) -> None:
    with office.store.begin() as conn:
        conn.execute(delete(obligation).where(obligation.c.unit == UNIT))
    with pytest.raises(Refused, match="không có nghĩa vụ báo cáo trong kỳ 2027-Q1"):
        granted(office)


def test_figures_already_accepted_stay_counted_when_excused(office: Installation) -> None:
    reported(office)
    (warning,) = granted(office)["warnings"]
    assert "số liệu đó vẫn được tổng hợp" in warning
    with office.store.begin() as conn:
        accepted(conn, "00002", regime=CODE, period=Q1)
    assert granted(office, "00002", due(office).date() + timedelta(days=1))["warnings"] == []


def test_extensions_past_the_provinces_deadline_give_a_warning(office: Installation) -> None:
    province = office.period(CODE, Q1).province.due_at.date()
    assert granted(office, "00002", province)["warnings"] == []
    (warning,) = granted(office, UNIT, province + timedelta(days=1))["warnings"]
    assert "sau hạn gửi báo cáo của tỉnh" in warning


@pytest.mark.parametrize("frozen", [True, False])
def test_only_a_frozen_report_is_warned_of(office: Installation, frozen: bool) -> None:
    report(office, frozen)
    warnings = granted(office)["warnings"]
    assert [f"đã chốt ({ReportStatus.FROZEN.value})" in w for w in warnings] == ([True] if frozen else [])


def test_a_withdrawn_waiver_gives_the_old_deadline_back(office: Installation) -> None:
    with pytest.raises(Refused, match="không có miễn hoặc gia hạn nào đang có hiệu lực"):
        taken_back(office)
    granted(office)
    answer = taken_back(office)
    assert (answer["withdrawn"], answer["owes"], answer["due_at"]) == ("waiver", True, due(office))
    assert answer["warnings"] == []
    with pytest.raises(Refused, match="không có miễn"):
        taken_back(office)
    steps = [m["step"].rpartition("-")[0] for m in list_mails(office, CODE, Q1, unit=UNIT, statuses=["SENT"])]
    assert "waiver-withdrawn" in steps


@pytest.mark.parametrize(
    ("after_due", "words"),
    [(0, []), (1, ["đã qua: báo cáo nộp sau đó là trễ hạn"])],
)
def test_a_withdrawal_warns_of_a_passed_deadline(office: Installation, after_due: int, words: list[str]) -> None:
    granted(office)
    warnings = taken_back(office, due(office) + timedelta(seconds=after_due))["warnings"]
    assert [w in said for w, said in zip(words, warnings, strict=True)] == [True] * len(words)


@pytest.mark.parametrize(("seconds", "word"), [(0, "trễ hạn"), (1, "Kỳ báo cáo đã khóa với đơn vị này")])
def test_a_withdrawal_warns_of_a_locked_period(office: Installation, seconds: int, word: str) -> None:
    granted(office)
    locked = office.period(CODE, Q1).unit.locked_after
    (warning,) = taken_back(office, locked + timedelta(seconds=seconds))["warnings"]
    assert word in warning


def test_a_unit_that_has_reported_needs_no_warning(office: Installation) -> None:
    reported(office)
    granted(office)
    assert taken_back(office, due(office) + HOUR)["warnings"] == []


def letter(place: Installation, step: str) -> str:
    found = [m for m in list_mails(place, CODE, Q1, unit=UNIT, statuses=["SENT"]) if m["step"].startswith(step)]
    return str(show_mail(place, found[-1]["id"])["text"])


def test_the_letter_says_whether_figures_stay_counted(office: Installation) -> None:
    granted(office)
    without = letter(office, "waiver-")
    taken_back(office)
    reported(office)
    granted(office, at=due(office))
    assert letter(office, "waiver-2") != without


def test_the_withdrawal_letter_says_what_is_overdue(office: Installation) -> None:
    granted(office)
    taken_back(office, due(office))
    in_time = letter(office, "waiver-withdrawn")
    granted(office, at=due(office) + HOUR / 2)
    taken_back(office, due(office) + HOUR)
    assert letter(office, "waiver-withdrawn") != in_time
    with office.store.read() as conn:
        actions = [e.action for e in events.events(conn, regime=CODE, period=Q1)]
    assert actions.count("waiver_withdrawn") == 2


def test_a_grant_answers_the_units_own_request(office: Installation) -> None:
    with office.store.begin() as conn:
        until = due(office).date() + timedelta(days=1)
        asked = {"until": until, "reason": "Mưa lũ", "asked_by": "Xã", "asked_at": due(office) - 2 * HOUR}
        requests.ask(conn, regime=CODE, period=Q1, unit=UNIT, **asked)  # type: ignore[arg-type]
        requests.ask(conn, regime=CODE, period=Q1, unit="00002", **asked)  # type: ignore[arg-type]
    granted(office, until=until)
    with office.store.read() as conn:
        (waiting,) = requests.requests(conn, CODE, Q1, open_only=True)
        answered = list(requests.requests(conn, CODE, Q1, UNIT, open_only=False))
    assert waiting.unit == "00002"
    assert [(r.decision, r.decided_by) for r in answered] == [("granted", "van-thu")]


def test_withdrawing_an_extension_before_the_deadline_warns_nothing(office: Installation) -> None:
    granted(office, until=due(office).date() + timedelta(days=1))
    answer = taken_back(office)
    assert (answer["withdrawn"], answer["owes"], answer["due_at"]) == ("extension", True, due(office))
