"""A report of too few units: when it may not go on, and what it takes to let it."""

from __future__ import annotations

from typing import Any

import pytest

from baocao.model.report import Report
from baocao.store.reports import reports
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.sign_off.coverage import overrule_coverage, overruled, require_coverage, too_few
from builders.packs.quarterly import CODE
from builders.sites.store import CONTENT, minute, sha

Q1 = "2027-Q1"


def report(place: Installation, counted: int | None, expected: int = 5, content: str = CONTENT) -> Report:
    """Frozen with that coverage; None: a draft."""
    with place.store.begin() as conn:
        made = reports.draft(conn, regime=CODE, period=Q1, created_at=minute(1), as_of=minute(1), input_sha256=sha("a"))
        if counted is None:
            return made
        manifest: dict[str, Any] = {"files": {"a.xlsx": content}}
        if counted >= 0:
            manifest["coverage"] = {"counted": counted, "expected": expected}
        return reports.freeze(conn, made.id, content_sha256=content, manifest=manifest)


def overrule(place: Installation, by: str = "Lãnh đạo Sở", reason: str = "Đã hết hạn kéo dài") -> dict[str, Any]:
    return overrule_coverage(place, CODE, Q1, by=by, reason=reason, as_of=minute(9))


def refused(place: Installation, version: Report, kind: str = "quarterly") -> bool:
    with place.store.read() as conn:
        try:
            require_coverage(conn, place.pack(CODE), kind, version, "duyệt")
        except Refused as error:
            assert f"{too_few(place, CODE, Q1, version).partition(' đơn')[0]} đơn vị, dưới mức 80 %" in str(error)
            return True
    return False


@pytest.mark.parametrize(
    ("counted", "expected", "few"),
    [(4, 5, False), (3, 5, True), (79, 99, True), (80, 100, False), (0, 0, False), (0, 5, True), (-1, 0, False)],
)
def test_exactly_the_required_coverage_is_enough(office: Installation, counted: int, expected: int, few: bool) -> None:
    version = report(office, counted, expected)
    assert refused(office, version) is few
    assert too_few(office, CODE, Q1, version) == (f"{counted}/{expected} đơn vị, dưới mức 80 %" if few else "")
    assert not refused(office, version, "annual"), "a kind without a bound"


def test_somebody_may_overrule_the_bound_for_that_content(office: Installation) -> None:
    version = report(office, 3)
    answer = overrule(office)
    assert (answer["coverage"], answer["bound"], answer["version"]) == ("3/5", "80 %", 1)
    assert not refused(office, version) and too_few(office, CODE, Q1, version) == ""
    with office.store.read() as conn:
        assert overruled(conn, version) == {"by": "Lãnh đạo Sở", "reason": "Đã hết hạn kéo dài"}
        (event,) = (e for e in events.events(conn, regime=CODE) if e.action == "coverage_overruled")
    assert (event.payload["counted"], event.payload["expected"], event.payload["bound"]) == (3, 5, "80")


def test_another_content_is_not_covered_by_it(office: Installation) -> None:
    version = report(office, 3)
    with office.store.begin() as conn:
        payload = {"content_sha256": sha("another"), "reason": "bản cũ"}
        subject = f"report/{version.id}"
        events.append(conn, minute(2), "ai đó", "coverage_overruled", (CODE, Q1), subject, payload)
        events.append(conn, minute(3), "ai đó", "report_seen", (CODE, Q1), subject, {"content_sha256": CONTENT})
    with office.store.read() as conn:
        assert overruled(conn, version) is None
    assert refused(office, version)


def test_the_last_who_overruled_it_is_named(office: Installation) -> None:
    version = report(office, 3)
    overrule(office)
    overrule(office, by="Phó Giám đốc", reason="Báo cáo gấp")
    with office.store.read() as conn:
        assert overruled(conn, version) == {"by": "Phó Giám đốc", "reason": "Báo cáo gấp"}


@pytest.mark.parametrize(("by", "reason"), [(" ", "Gấp quá rồi"), ("Lãnh đạo Sở", " ")])
def test_it_takes_a_name_and_a_reason(office: Installation, by: str, reason: str) -> None:
    report(office, 3)
    with pytest.raises(Refused, match="phải ghi rõ người quyết định và lý do"):
        overrule(office, by, reason)


@pytest.mark.parametrize(("counted", "said"), [(None, "chưa có báo cáo đã chốt"), (4, "4/5 đơn vị, không dưới mức")])
def test_only_a_frozen_insufficient_report_can_be_overruled(
    office: Installation, counted: int | None, said: str
) -> None:
    report(office, counted)
    with pytest.raises(Refused, match=said):
        overrule(office)


def test_without_any_report_there_is_nothing_to_overrule(office: Installation) -> None:
    with pytest.raises(Refused, match="chưa có báo cáo đã chốt"):
        overrule(office)
