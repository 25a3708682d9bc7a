"""The desk on PostgreSQL: one walk over its steps, then every page and download of it; what SQLite forgives shows here.

Two versions of a report come out of it, so what the pages say of the difference is held to the values as well.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from baocao.delivery.letters import Letter
from baocao.delivery.outbox import enqueue
from baocao.model.form import CellKey
from baocao.model.report import Report, ReportStatus
from baocao.store import lead_comments
from baocao.store.reports import reports
from baocao.store.submissions import submissions
from baocao.store.tables import outbox
from baocao.web.desk.routes import RULES
from baocao.workflow.auditing.verifying import verify
from baocao.workflow.installation import Installation
from baocao.workflow.reports import long_work
from builders.sites.desk import Browser, asker
from builders.sites.site import PERIOD, REGIME, Site
from servers.postgres import PostgresServer

pytestmark = pytest.mark.postgres
HERE, SENT, MISSING = f"/r/{REGIME}/p/{PERIOD}", "14797", "14953"
SCAN = ("ban-giay.pdf", b"%PDF-1.4\n%%EOF\n")
SECONDS = 240


@pytest.fixture(scope="module")
def site(
    postgres_server: PostgresServer,
    migrated_postgres: str,
    trimmed: Path,
    tmp_path_factory: pytest.TempPathFactory,
    renderings_off: Any,
) -> Iterator[Site]:
    url = postgres_server.new_database(template=migrated_postgres)
    site = Site(trimmed, tmp_path_factory.mktemp("desk-postgres") / "var", url)
    with renderings_off():
        site.load_baseline()
        site.open()
        site.send_all(but={MISSING})
        site.collect()
        yield site
    site.place.store.close()
    postgres_server.drop(url)


@pytest.fixture(scope="module")
def browser(site: Site) -> Browser:
    return Browser(site.place, asker("Approver", "operator", "Signer", name="pho-phong"), site.report_day)


def consolidated(site: Site, browser: Browser) -> int:
    """The version that the desk's own consolidation made."""
    browser.followed(browser.send(f"{HERE}/do/consolidate"))
    until = time.monotonic() + SECONDS
    while (work := newest_work(site)).outcome is None and time.monotonic() < until:
        time.sleep(0.2)
    assert work.outcome == "done", work
    with site.place.store.read() as conn:
        found = reports.latest(conn, REGIME, PERIOD)
    assert found is not None and found.status is ReportStatus.FROZEN
    return found.version


def newest_work(site: Site) -> Any:
    return long_work.works_of(site.place, REGIME, PERIOD, site.report_day)[0]


def failed_letter(place: Installation) -> int:
    """A letter to a unit that was given up."""
    with place.store.begin() as conn:
        letter = Letter("Thử", "Thử", "")
        at = place.period(REGIME, PERIOD).opens_at
        id = enqueue(
            conn, regime=REGIME, period=PERIOD, unit=SENT, step="thu-nghiem", recipient="cu@xa.example", letter=letter,
            created_at=at,
        )  # fmt: skip
        conn.execute(update(outbox).where(outbox.c.id == id).values(status="FAILED", error="550 không có hộp thư này"))
    assert id is not None
    return id


def test_every_desk_step_works_on_postgresql(site: Site, browser: Browser) -> None:
    place, day = site.place, site.report_day
    until = (day + timedelta(days=2)).date().isoformat()
    unit = f"{HERE}/u/{MISSING}"
    step = browser.send(f"{unit}/do/extend", {"until": until, "reason": "Mất điện do bão"})
    assert "Đã gia hạn tới" in browser.followed(step)
    assert "Đã miễn" in browser.followed(browser.send(f"{unit}/do/waive", {"reason": "Sáp nhập"}))
    assert "Đã thu hồi" in browser.followed(browser.send(f"{unit}/do/withdraw-waiver", {"reason": "Nhầm đơn vị"}))
    letter = failed_letter(place)
    moved = browser.send(f"{HERE}/mail/{letter}/readdress", {"address": "moi@xa.example"})
    assert "gửi tới moi@xa.example: đã gửi" in browser.followed(moved)
    again = browser.send(f"{HERE}/mail/{letter}/readdress", {"address": "khac@xa.example"})
    assert again.status_code == 409 and "Gửi thêm dù thư đã đi" in again.text and "--again" not in again.text
    never = browser.send(f"{HERE}/do/address-works", {"address": site.unit(SENT).email})
    assert never.status_code == 409 and "không bị đánh dấu" in never.text
    early = browser.send(f"{HERE}/do/correct", {"reason": "Sai số", "until": "", "units": ""})
    assert early.status_code == 409 and "baocao " not in early.text.partition("<footer")[0].partition("verdict")[2]

    assert consolidated(site, browser) == 1
    given = {"reason": "Nhập từ bản giấy", "arrived_on": place.day(REGIME, day).isoformat()}
    entered = browser.send(f"{unit}/do/enter-file", given, file=("x.xlsx", site.workbook(MISSING)), scan=SCAN)
    assert "đã được tiếp nhận" in browser.followed(entered)
    assert consolidated(site, browser) == 2
    lead = next(u for u in site.pack.units if u.is_lead_body)
    said = {"lead": lead.code, "kind": "comment", "unit": SENT, "subject": f"DA{lead.projects[0]}", "by": "Công văn 1"}
    browser.followed(browser.send(f"{HERE}/objections/add", {**said, "text": "Đề nghị rà soát"}))
    with place.store.read() as conn:
        (comment,) = lead_comments.of_period(conn, REGIME, PERIOD)
    browser.followed(browser.send(f"{HERE}/objections/{comment.id}/answer", {"text": "Đã rà soát"}))
    returned = browser.send(f"{HERE}/u/{SENT}/do/give-back", {"reason": "Thiếu chữ ký", "until": until})
    assert "Đã trả lại" in browser.followed(returned)
    refused = browser.send(f"{HERE}/do/approve")
    assert refused.status_code == 409 and "«Trả lại để sửa» ở trang «Báo cáo»" in refused.text, refused.text
    assert f'href="{HERE}/report"' in refused.text
    verified = browser.followed(browser.send(f"/r/{REGIME}/audit/do/verify"))
    assert "không thấy gì sai" in verified, verify(place)["problems"]


def version(report: Report) -> int:
    return report.version


def test_version_comparison_names_changed_units_and_values(site: Site, browser: Browser) -> None:
    with site.place.store.read() as conn:
        new = reports.latest(conn, REGIME, PERIOD)
        assert new is not None and new.version == 2
        old, now = (reports.values(conn, one.id) for one in sorted(reports.reports(conn, REGIME, PERIOD), key=version))
    text = browser.get(f"{HERE}/report/2/changes").text
    assert site.unit(MISSING).full_name in text
    key = next(k for k in now if old[k].value != now[k].value and isinstance(now[k].value, int))
    row = re.search(rf"<tr>(?:(?!</tr>).)*{re.escape(str(CellKey(*key)))}.*?</tr>", text, re.DOTALL)
    assert row is not None, key
    cells = re.sub(r"<[^>]+>", " ", row[0]).replace(".", "")
    assert f" {old[key].value} " in cells and f" {now[key].value} " in cells


def test_excel_list_of_units_matches_the_page(site: Site, browser: Browser) -> None:
    answer = browser.get(f"{HERE}/units-file")
    assert answer.headers["content-disposition"].endswith(f"don-vi_{PERIOD}.xlsx")
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    found = {str(row[0]): row for row in rows if row[0] and str(row[0]) in {u.code for u in site.units}}
    assert set(found) == {u.code for u in site.units if u.code in found} and {SENT, MISSING} <= set(found)
    assert found[SENT][1:3] == (site.unit(SENT).full_name, "Đang sửa")
    assert found[MISSING][2] == "Đã nhận" and found[MISSING][8] == site.unit(MISSING).email
    only = load_workbook(BytesIO(browser.get(f"{HERE}/units-file?tt=returned").content)).active
    assert [str(r[0]) for r in only.iter_rows(values_only=True) if str(r[0]) in found] == [SENT]


@pytest.mark.parametrize("rule", [r for r in RULES if r.method == "GET"], ids=lambda rule: str(rule.path))
def test_every_page_and_download_answers(site: Site, browser: Browser, rule: Any) -> None:
    with site.place.store.read() as conn:
        sent = submissions.of_period(conn, REGIME, PERIOD)
        newest = reports.latest(conn, REGIME, PERIOD)
        assert newest is not None
        names = [f["name"] for f in reports.manifest(conn, newest.id)["files"]]
    parts = {
        "regime": REGIME, "period": PERIOD, "unit": SENT, "version": "2", "form": "PL01", "row": "CT01",
        "column": "TH", "rule": "V21", "section": "I", "kind": "md", "page": "1", "mail": "1",
        "name": next(n for n in names if n.endswith(".docx")), "submission": str(sent[0].id),
    }  # fmt: skip
    path = re.sub(r"\{(\w+)\}", lambda m: parts.get(m[1], "1"), rule.path)
    answer = browser.get(path)
    assert answer.status_code in {200, 303, 404, 409}, (path, answer.status_code, answer.text[:300])
