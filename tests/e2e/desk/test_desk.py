"""The desk over a real period: its pages show what is in the store, its forms do what the verbs do, and no more."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from baocao.documents.charts import picture
from baocao.forms.derivation import pack_derivations
from baocao.model.form import CellKey
from baocao.model.report import ReportStatus, Role
from baocao.store import waivers
from baocao.store.browse import standings
from baocao.store.browse.standings import Wanted
from baocao.store.reports import reports
from baocao.store.standing import standing_of
from baocao.store.submissions import submissions
from baocao.store.trail import events
from baocao.web.desk.access import Asker
from baocao.workflow.auditing.verified import last_verified
from baocao.workflow.looking import pack_page, report_page
from baocao.workflow.looking.units_figures import of_units
from baocao.workflow.looking.warming import warm
from baocao.workflow.status.pack_faults import check_regime
from baocao.workflow.status.progress import accepted_by_regime, progress, progress_line
from builders.sites.desk import Browser, RememberedDecisions, asker
from builders.sites.site import PERIOD, REGIME, Site

MISSING = "14953"
RETURNED = "15349"
OFFICE, SIGNER, VIEWER = asker("Approver", name="pho-phong"), asker("Signer", name="chu-tich"), asker("viewer")
KEY = CellKey("PL01", "CT01", "TH")
HERE = f"/r/{REGIME}/p/{PERIOD}"


@pytest.fixture(scope="module")
def played(
    opened_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory, renderings_off: Any
) -> Iterator[Site]:
    """Six communes: one sent nothing, one was returned; the report waits for its approval."""
    data = tmp_path_factory.mktemp("desk") / "var"
    shutil.copytree(opened_template, data)
    site = Site(trimmed, data)
    site.send_all(but={MISSING, RETURNED})
    broken = dict.fromkeys(list(site.filled(RETURNED).values)[:1])
    site.send(RETURNED, site.workbook(RETURNED, broken), site.in_time)
    site.collect()
    with renderings_off():
        site.consolidate()
    yield site
    site.place.store.close()


@pytest.fixture
def browser(played: Site) -> Browser:
    return Browser(played.place, OFFICE, played.report_day, RememberedDecisions())


def test_every_page_opens_for_permitted_people_only(played: Site, browser: Browser) -> None:
    with played.place.store.read() as conn:
        sent = submissions.of_period(conn, REGIME, PERIOD)
        accepted = next(s for s in sent if s.status == "ACCEPTED")
        report = reports.latest(conn, REGIME, PERIOD)
        names = [f["name"] for f in reports.manifest(conn, report.id)["files"]]
    word = next(name for name in names if name.endswith(".docx"))
    pages = [
        "/", "/alarms", f"/r/{REGIME}", f"/r/{REGIME}/pack", f"/r/{REGIME}/audit", f"/r/{REGIME}/inbox", HERE,
        *(f"{HERE}/{name}" for name in ("units", "late", "map", "findings", "figures", "report", "mail", "objections")),
        *(f"{HERE}/{name}" for name in ("points", "trend", "points?chua=1")), f"/r/{REGIME}/pack/forms/B04",
        f"{HERE}/report/sources", f"{HERE}/report/1/files/{word}", f"{HERE}/report/1/read/{word}",
        f"{HERE}/u/{accepted.unit}", f"{HERE}/u/{MISSING}", f"/r/{REGIME}/s/{accepted.id}/cells",
    ]  # fmt: skip
    browser.who = OFFICE
    for page in pages:
        assert browser.get(page).status_code == 200, page
    baselines = 2 * 6  # two periods of before, of the six communes
    assert accepted_by_regime(played.place) == {REGIME: sum(s.status == "ACCEPTED" for s in sent) + baselines}
    text = browser.get(f"{HERE}/report").text
    assert "Chờ duyệt" in text
    run = f"/run/{REGIME.replace('-', '_')}__report"
    for id, there in ((PERIOD, HERE), (f"manual__{PERIOD}__20260620T010000", HERE), ("tay", f"/r/{REGIME}")):
        assert browser.get(f"{run}/{id}").headers["location"] == there, id
    assert word in text


def test_figure_links_to_the_units_cell_and_file(played: Site, browser: Browser) -> None:
    entered = pack_derivations(played.pack)
    key = next(k for k, v in _values(played).items() if k not in entered and v.coverage.counted == 4 and v.value)
    page = browser.get(f"{HERE}/cell/{key.form}/{key.row}/{key.column}").text
    links = re.findall(rf'href="(/r/{REGIME}/s/(\d+)/cells\?trang=([^&]+)&amp;o=([A-Z]+\d+)#\4)"', page)
    assert len(links) == 4
    address, id, _, place = links[0]
    opened = browser.get(address.replace("&amp;", "&")).text
    assert f'id="{place}" class="mine"' in opened
    raw = browser.get(f"/r/{REGIME}/s/{id}/file")
    with played.place.store.read() as conn:
        kept = submissions.submission_of(conn, int(id)).sha256
    assert raw.content == played.place.store.files.get(kept)
    assert raw.headers["content-disposition"].startswith("attachment")
    assert str(_values(played)[key].coverage) in page


def _values(site: Site) -> dict[Any, Any]:
    with site.place.store.read() as conn:
        newest = reports.latest(conn, REGIME, PERIOD)
        return reports.values(conn, newest.id)


def test_list_of_units_agrees_with_the_store(played: Site, browser: Browser) -> None:
    with played.place.store.read() as conn:
        whole = {u.obligation.unit: u.standing for u in standing_of(conn, REGIME, PERIOD)}
        lines, total = standings.page(conn, REGIME, PERIOD, Wanted(count=500))
    assert {line.unit: line.standing for line in lines} == whole
    assert total == len(whole)
    text = browser.get(f"{HERE}/late").text
    late = set(re.findall(rf'href="{HERE}/u/([^"/]+)"', text))
    assert late == {MISSING, RETURNED}
    name = played.unit(MISSING).name
    plain = browser.get(f"{HERE}/units?q={_without_marks(name)}").text
    assert f"{HERE}/u/{MISSING}" in plain
    assert "0 đơn vị" in browser.get(f"{HERE}/units?q=%25").text


def _without_marks(name: str) -> str:
    from baocao.text import search_key

    return search_key(name)


def test_pages_do_not_open_under_another_regimes_address(played: Site, browser: Browser) -> None:
    """The trimmed installation has one regime: another one's address is no address, whatever number stands in it."""
    with played.place.store.read() as conn:
        id = submissions.of_period(conn, REGIME, PERIOD)[0].id
    browser.who = OFFICE
    for path in (f"/r/khac/s/{id}/file", f"/r/khac/p/{PERIOD}/mail/1", f"/r/{REGIME}/p/2026-Y/mail/1"):
        assert browser.get(path).status_code == 404, path
    browser.who = asker("Approver", regimes=frozenset({"khac"}))
    assert browser.get(f"/r/{REGIME}/s/{id}/file").status_code == 404
    assert REGIME not in browser.get("/").text


def test_extension_is_granted_only_after_confirmation(played: Site, browser: Browser) -> None:
    step = f"{HERE}/u/{MISSING}/do/extend"
    until = (played.report_day + timedelta(days=3)).date()
    values = {"until": until.isoformat(), "reason": "Mất điện do bão, đã xác minh"}
    unconfirmed = browser.send(step, values, confirmed=False)
    assert unconfirmed.status_code == 422
    assert "Mất điện do bão" in unconfirmed.text
    refused = browser.send(step, {**values, "until": "2026-06-01"})
    assert refused.status_code == 409
    assert "Gia hạn phải muộn hơn" in refused.text and "Mất điện do bão" in refused.text
    said = browser.followed(browser.send(step, values))
    assert "Đã gia hạn tới" in said
    with played.place.store.read() as conn:
        assert waivers.deadline_of(conn, REGIME, PERIOD, MISSING).extended
        event = [e for e in events.events(conn, regime=REGIME) if e.action == "extension_granted"][-1]
    assert (event.actor, event.subject) == (OFFICE.name, f"unit/{MISSING}")
    assert "Đã gia hạn tới" not in browser.get(f"{HERE}/u/{MISSING}").text, "said once"
    back = browser.send(f"{HERE}/u/{MISSING}/do/withdraw-waiver", {"reason": "Đơn vị xin rút"})
    assert "Đã thu hồi" in browser.followed(back)


def test_approver_and_signer_are_different_people(played: Site, browser: Browser) -> None:
    decisions = RememberedDecisions()
    browser = Browser(played.place, VIEWER, played.report_day, decisions)
    report = _latest(played)
    approve = f"{HERE}/do/approve"
    assert browser.get(approve).status_code == 403
    browser.who = OFFICE
    counts = "Tiếp nhận 10/12 · phải sửa 1 · báo cáo bản 1"
    assert _note(played) == f"{counts}: chờ duyệt"
    stale = browser.send(approve, {"content": "0" * 64})
    assert stale.status_code == 409 and _latest(played).status is ReportStatus.FROZEN
    early = Browser(played.place, SIGNER, played.report_day).send(f"{HERE}/do/sign", _signature(played))
    assert early.status_code == 409
    few = browser.send(approve, {"note": "Số liệu đã đối chiếu."})
    assert few.status_code == 409 and "10/12 đơn vị, dưới mức 90 %" in few.text
    reason = "Hai xã không kịp gửi lại"
    stale = browser.send(f"{HERE}/do/accept-coverage", {"reason": reason, "content": "0" * 64})
    assert stale.status_code == 409 and "10/12 đơn vị, dưới mức 90 %" in browser.get(f"{HERE}/report").text
    accepted = browser.followed(browser.send(f"{HERE}/do/accept-coverage", {"reason": reason}))
    assert "Đã chấp nhận phiên bản 1" in accepted and "dưới mức" not in accepted
    assert "Đã duyệt" in browser.followed(browser.send(approve, {"note": "Số liệu đã đối chiếu."}))
    browser.who = both = Asker(OFFICE.name, OFFICE.account, frozenset({"Approver", "Signer"}))
    same = browser.send(f"{HERE}/do/sign", _signature(played))
    assert same.status_code == 409 and "hai người khác nhau" in same.text, both
    browser.who = SIGNER
    unsigned = browser.send(f"{HERE}/do/sign", {**_signature(played), "number": ""})
    assert unsigned.status_code == 422 and "Số văn bản: hãy điền" in unsigned.text
    assert "Đã ghi chữ ký" in browser.followed(browser.send(f"{HERE}/do/sign", _signature(played)))
    assert _latest(played).status is ReportStatus.SIGNED
    assert _note(played) == f"{counts}: đã ký, chờ gửi"
    assert decisions.told == [
        (REGIME, PERIOD, report.id, Role.STANDING_OFFICE.value),
        (REGIME, PERIOD, report.id, Role.PEOPLES_COMMITTEE.value),
    ]
    with played.place.store.read() as conn:
        signed = [e for e in events.events(conn, subject=f"report/{report.id}") if e.action == "report_sign"][-1]
    assert (signed.actor, signed.payload["user"]) == (SIGNER.name, SIGNER.account)


def _note(site: Site) -> str:
    """What Airflow shows beside the run."""
    return progress_line(progress(site.place, REGIME, PERIOD))


def _signature(site: Site) -> dict[str, str]:
    day = site.place.day(REGIME, site.report_day).isoformat()
    return {"number": "151", "signed_on": day, "signer": "Người ký (thử nghiệm)"}


def _latest(site: Site) -> Any:
    with site.place.store.read() as conn:
        return reports.latest(conn, REGIME, PERIOD)


def test_only_the_operator_may_readdress_a_letter(played: Site, browser: Browser) -> None:
    with played.place.store.begin() as conn:
        mail = standings.last_letters(conn, REGIME, PERIOD, [MISSING])[MISSING]
    step = f"{HERE}/mail/{mail.id}/readdress"
    browser.who = SIGNER
    assert browser.get(step).status_code == 403
    browser.who = asker("operator", name="truc-may")
    wrong = browser.send(step, {"address": "khong phai dia chi"})
    assert wrong.status_code == 409
    assert f"{HERE}/mail/{mail.id}" in browser.get(f"{HERE}/mail?q={MISSING}").text


def test_curve_and_map_are_drawn_from_received_reports(played: Site, browser: Browser) -> None:
    page = browser.get(HERE).text
    assert "<svg" in page and "Nhịp nhận báo cáo" in page
    drawn = browser.get(f"{HERE}/map").text
    assert f'xlink:href="{HERE}/u/{MISSING}"' in drawn
    assert "vega.github.io" not in drawn


def test_the_first_page_names_what_waits_for_whom(played: Site) -> None:
    at: datetime = played.report_day
    text = Browser(played.place, SIGNER, at).get("/").text
    assert "Tổng quan các kỳ báo cáo" in text
    assert played.place.pack(REGIME).regime.name in text


def test_year_calendar_marks_every_date_of_every_period(played: Site) -> None:
    at: datetime = played.report_day
    text = Browser(played.place, OFFICE, at).get("/?nam=2026").text
    year = text.partition('class="year"')[2]
    months = dict(enumerate(year.split('aria-label="Tháng ')[1:], 1))
    assert len(months) == 12
    for period in played.place.calendar(REGIME):
        kinds = {
            "Mở kỳ": period.opens_at.date(), "Chốt số liệu": period.cutoff_on,
            "Đơn vị nên gửi": period.unit.safe_on, "Hạn của đơn vị": period.unit.due_at.date(),
            "Nên gửi lên trên": period.province.safe_on, "Hạn gửi lên trên": period.province.due_at.date(),
        }  # fmt: skip
        for what, on in kinds.items():
            if on.year != 2026:
                continue
            of_day = months[on.month].partition(f">{on.day}/{on.month}</p>")[2].partition('<p class="strong')[0]
            said = next((line for line in of_day.splitlines() if f"{what}: " in line), "")
            assert f"/r/{REGIME}/p/{period.code}" in said, (period.code, what, on)


def test_map_ranks_the_units_by_the_chosen_indicator(played: Site, browser: Browser) -> None:
    with played.place.store.read() as conn:
        figures = of_units(conn, played.pack, PERIOD, KEY)
    assert len(figures) == 4 and figures == sorted(figures, key=lambda one: (-one.value, one.unit))
    text = browser.get(f"{HERE}/map?theo={KEY}").text
    told = re.findall(rf'data-label="Đơn vị"><a href="{HERE}/u/(\w+)"', text)
    assert told == [one.unit for one in figures]
    assert "không phải bản đồ hành chính" in text and played.unit(MISSING).full_name in text
    assert browser.get(f"{HERE}/map?theo=PL01/KHONG/CO").status_code == 404


def test_files_and_versions_are_compared_with_their_predecessors(played: Site, browser: Browser) -> None:
    site = played
    with site.place.store.read() as conn:
        first = next(s for s in submissions.of_period(conn, REGIME, PERIOD) if s.unit == RETURNED)
    assert browser.get(f"/r/{REGIME}/s/{first.id}/changes").status_code == 404, "nothing before it"
    site.send(RETURNED, site.workbook(RETURNED), site.report_day)
    site.collect(site.report_day)
    with site.place.store.read() as conn:
        second = next(s for s in reversed(submissions.of_period(conn, REGIME, PERIOD)) if s.unit == RETURNED)
    assert (first.status, second.status) == ("RETURNED", "ACCEPTED")
    text = browser.get(f"/r/{REGIME}/s/{second.id}/changes").text
    assert text.count('data-label="Trước"') == 1, "one cell was left blank the first time"
    assert '<td class="n" data-label="Trước">(trống)' in text
    assert f"/s/{second.id}/changes" in browser.get(f"{HERE}/u/{RETURNED}").text
    assert browser.get(f"{HERE}/report/1/changes").status_code == 409, "there is no version before the first"


def test_audit_page_names_last_verification_and_verifier(played: Site, browser: Browser) -> None:
    assert "chưa được kiểm tra" in browser.get(f"/r/{REGIME}/audit").text
    said = browser.followed(browser.send(f"/r/{REGIME}/audit/do/verify"))
    assert "không thấy gì sai" in said
    assert f"người kiểm tra: {OFFICE.name}" in said
    with played.place.store.begin() as conn:
        last = last_verified(conn)
        assert last is not None and last.ok and last.by == OFFICE.name
        for (name,) in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            conn.exec_driver_sql(f'DROP TRIGGER "{name}"')
        conn.exec_driver_sql("UPDATE event SET actor = 'ai đó' WHERE seq = 2")
    said = browser.followed(browser.send(f"/r/{REGIME}/audit/do/verify"))
    assert "CHỖ SAI" in said and re.search(r"Có \d+ chỗ sai khi kiểm tra", said)
    assert re.search(r'class="verdict bad" role="alert">\s*<strong>Đã kiểm tra', said), "a fault is not told in green"


def test_pack_page_shows_rules_assumptions_and_warnings(played: Site, browser: Browser) -> None:
    text = browser.get(f"/r/{REGIME}/pack").text
    found = check_regime(played.place, REGIME)[0]
    assert f"Lưu ý: {len(found['warnings'])}" in text
    for basis in played.place.pack(REGIME).regime.legal_basis:
        assert f'id="{basis.id}"' in text
    assert "giả định" in text and 'id="V21"' in text
    assert str(played.place.folders[REGIME]) not in text, "no path of the machine"


def test_starting_server_prepares_its_first_pages(
    played: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warm(played.place, "", played.report_day, lambda: True) == 0
    with TestClient(browser.app):
        (behind,) = (t for t in threading.enumerate() if t.name == "warm up the desk")
        behind.join(240)
        assert not behind.is_alive()
    monkeypatch.setattr(pack_page, "check_regime", None)
    monkeypatch.setattr(picture, "_converter", None)
    for page in (HERE, f"{HERE}/map", f"{HERE}/trend", f"{HERE}/trend?bieu=B04", f"/r/{REGIME}/pack"):
        assert browser.get(page).status_code == 200, page


def test_words_of_a_document_are_read_once(played: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    with played.place.store.read() as conn:
        newest = reports.latest(conn, REGIME, PERIOD)
        names = [f["name"] for f in reports.manifest(conn, newest.id)["files"]]
    page = f"{HERE}/report/{newest.version}/read/{next(n for n in names if n.endswith('.docx'))}"
    first = browser.get(page).text
    monkeypatch.setattr(report_page, "word_blocks", None)
    assert browser.get(page).text == first
