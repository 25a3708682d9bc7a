"""Periods outside the calendar on the whole road: a report somebody asks for, and a rehearsal."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from demo.figures import Figures
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.model.period import Request
from baocao.store import windows
from baocao.store.reports import reports
from baocao.store.tables import finding
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Refused
from baocao.workflow.periods.history import history_of
from baocao.workflow.periods.special import Days, rehearse, request_report
from baocao.workflow.reports import building, dispatching, issuing
from baocao.workflow.reports.replaying import replay
from baocao.workflow.sign_off import signing
from baocao.workflow.sweeps import collecting
from builders.sites.site import PERIOD, REGIME, SIGNATURE, Site, trimmed_root

ASKED = Request(
    "Văn phòng Chính phủ", "vpcp@vpcp.example", "Công văn số 45/VPCP-NC ngày 01/7/2026", "tình hình người nghiện",
    forms=("PL01", "B04", "PL03"), rows=("PL01/CT01", "PL01/CT02", "B04/NGHIEN", "B04/SUDUNG"),
    units=("14797", "14758"),
)  # fmt: skip
DAYS = Days(date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 11), date(2026, 7, 15))
WHO = {"by": "Lãnh đạo PC04", "reason": "Yêu cầu của cấp trên"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`root` with three communes, and `var` of an installation with their baseline."""
    folder = tmp_path_factory.mktemp("special")
    site = Site(trimmed_root(folder, ("14797", "14758", "14845")), folder / "var")
    site.load_baseline()
    site.place.store.close()
    return folder


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(template / "var", tmp_path / "var")
    site = Site(template / "root", tmp_path / "var")
    yield site
    site.place.store.close()


def letters(site: Site) -> list[str]:
    """Subjects of everything that was sent."""
    files = sorted(site.place.settings.outbox.rglob("*.eml"))
    return [str(message_from_bytes(f.read_bytes(), policy=policy.default)["subject"]) for f in files]


def send(site: Site, code: str, unit: str) -> None:
    pack, period = site.place.at(REGIME, code)
    who = pack.unit(unit)
    assert who is not None
    filled = Figures(pack, who, period, site.before[unit], 2026).fill()
    data = write_blank(
        pack, who, period, site.before[unit], values=filled.values, info=filled.info, nil_forms=filled.nil_forms or None
    )
    site.send(unit, data, period.opens_at + timedelta(hours=3))


def to_report(site: Site, code: str) -> dict[str, object]:
    """All who owe have sent; gate, consolidation, documents."""
    period = site.place.period(REGIME, code)
    with site.place.store.read() as conn:
        owing = [o.unit for o in windows.obligations(conn, REGIME, code)]
    for unit in owing:
        send(site, code, unit)
    counted = collecting.collect(site.place, period.opens_at + timedelta(hours=4))
    assert counted["accepted"] == len(owing), _why(site)
    at = period.consolidates_after + timedelta(hours=8)
    drafting.gate(site.place, REGIME, code, at)
    draft = drafting.consolidate(site.place, REGIME, code, at)
    return building.build(site.place, draft["report_id"], at)


def _why(site: Site) -> list[object]:
    """What the findings say that sent a workbook back."""
    with site.place.store.read() as conn:
        return list(conn.execute(select(finding.c.rule, finding.c.item, finding.c.message, finding.c.severity)).all())


def sign(site: Site, report: dict[str, object], number: str = "152") -> None:
    at = site.place.period(REGIME, PERIOD).province.due_at
    with site.place.store.read() as conn:
        sha256 = reports.report_of(conn, int(str(report["report_id"]))).content_sha256
    signing.approve(site.place, report["report_id"], sha256, "approve", by="can-bo", as_of=at)
    signature = {**SIGNATURE, "number": number, "signed_on": site.place.day(REGIME, at)}
    signing.sign(site.place, report["report_id"], sha256, "sign", by="van-thu", as_of=at, **signature)


def test_ad_hoc_report_answers_whoever_asked_for_it(site: Site) -> None:
    at = site.period.province.due_at + timedelta(days=7)
    opened = request_report(site.place, REGIME, ASKED, DAYS, **WHO, as_of=at)
    assert opened["code"] == "2026-DX1" and opened["units"] == 2
    again = request_report(site.place, REGIME, ASKED, DAYS, **WHO, as_of=at)
    assert again["code"] == "2026-DX1" and again["opened"] is False, "the same request is one period"

    pack, period = site.place.at(REGIME, "2026-DX1")
    assert [f.code for f in pack.forms] == ["PL01", "B04", "PL03", "PL04-DX"], "the narrative always goes along"
    assert (period.unit.due_at.date(), period.province.due_at.date()) == (date(2026, 7, 10), date(2026, 7, 14))

    report = to_report(site, "2026-DX1")
    sign(site, report)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(issuing, "pdf_available", lambda: False)  # the Word file is read below
        sent = dispatching.dispatch(site.place, report["report_id"], period.province.due_at - timedelta(hours=6))
    assert sent["recipients"] == ["noi-yeu-cau"] and not sent["late"]
    to = [p for p in site.place.settings.outbox.rglob("*.eml") if b"vpcp@vpcp.example" in p.read_bytes()]
    assert to, "the report went to the authority that asked"
    assert replay(site.place, REGIME, "2026-DX1")["identical"]

    word = next(p for p in Path(str(sent["package"])).rglob("*.docx"))
    text = "\n".join(p.text for p in Document(str(word)).paragraphs)
    assert "PHÁT SINH NGOÀI DỰ KIẾN" in text and "CHI PHÍ THỰC HIỆN HOẠT ĐỘNG ĐÁNH GIÁ" in text
    assert "tình hình người nghiện" in text


def test_an_ad_hoc_report_leaves_the_calendar_alone(site: Site) -> None:
    request_report(site.place, REGIME, ASKED, DAYS, **WHO, as_of=site.period.province.due_at + timedelta(days=7))
    to_report(site, "2026-DX1")
    annual = site.place.period(REGIME, "2026-Y")
    with site.place.store.read() as conn:
        history = history_of(site.place, conn, site.pack, "14797", annual)
    assert history.same_year == {} and len(history.previous) > 100, "the year is compared with the year before only"
    current = site.place.current_period(REGIME, annual.opens_at)
    assert current is not None and current.code == "2026-Y"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"basis": " "}, "căn cứ"),
        ({"forms": ("B77",)}, "B77"),
        ({"rows": ("PL01/CT99",)}, "PL01/CT99"),
        ({"rows": ("B05/B05.01",)}, "không nằm trong các biểu"),
        ({"units": ("99999",)}, "99999"),
    ],
)
def test_wrong_request_is_refused_and_opens_nothing(site: Site, change: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        request_report(site.place, REGIME, replace(ASKED, **change), DAYS, **WHO, as_of=site.opens)
    assert site.place.periods(REGIME) == site.place.calendar(REGIME)


def test_a_deadline_that_has_passed_is_refused(site: Site) -> None:
    with pytest.raises(Refused, match="đã qua"):
        request_report(site.place, REGIME, ASKED, DAYS, **WHO, as_of=site.period.province.due_at + timedelta(days=60))


def test_rehearsal_is_marked_everywhere_and_never_dispatched(site: Site) -> None:
    at = site.opens - timedelta(days=30)
    opened = rehearse(
        site.place, REGIME, PERIOD, unit_before=date(2026, 5, 16), province_before=date(2026, 5, 20), **WHO, as_of=at
    )
    code = str(opened["code"])
    assert code == "2026-H1-DT1" and opened["units"] == len(site.units)
    assert all("DIỄN TẬP" in subject for subject in letters(site))

    pack, period = site.place.at(REGIME, code)
    assert [f.version for f in pack.forms] == [f.version for f in site.pack.forms]
    blank = load_workbook(io.BytesIO(write_blank(pack, site.unit("14797"), period)))
    footers = {s.title: f"{s.oddFooter.left.text}{s.oddFooter.right.text}" for s in blank if s.sheet_state == "visible"}
    assert all("DIỄN TẬP" in text for text in footers.values()), footers

    report = to_report(site, code)
    with site.place.store.read() as conn:
        files = {f["name"]: f["sha256"] for f in reports.manifest(conn, int(str(report["report_id"])))["files"]}
    book = load_workbook(io.BytesIO(site.place.store.files.get(files[f"tong-hop_{code}_v1.xlsx"])))
    for sheet in book:
        if sheet.sheet_state == "visible":
            assert "DIỄN TẬP" in (sheet.oddFooter.left.text or ""), sheet.title
    for name in (f"bao-cao_{code}_v1.docx", f"to-trinh_{code}_v1.docx"):
        word = Document(io.BytesIO(site.place.store.files.get(files[name])))
        for section in word.sections[:1]:
            for head in (section.header, section.first_page_header):
                assert 'string="DIỄN TẬP"' in head._element.xml, name

    with pytest.raises(Refused, match="bắt đầu bằng DT"):
        sign(site, report)
    with site.place.store.read() as conn:
        sha256 = reports.report_of(conn, int(str(report["report_id"]))).content_sha256
    when = site.place.period(REGIME, PERIOD).province.due_at
    signature = {**SIGNATURE, "number": "DT1", "signed_on": site.place.day(REGIME, when)}
    signing.sign(site.place, report["report_id"], sha256, "sign", by="van-thu", as_of=when, **signature)
    with pytest.raises(Refused, match="không bao giờ được phát hành"):
        dispatching.dispatch(site.place, report["report_id"], period.province.due_at)
    assert not list(site.place.settings.dispatch.rglob("*.docx"))


def test_rehearsal_leaves_no_history_for_real_periods(site: Site) -> None:
    at = site.opens - timedelta(days=30)
    days = {"unit_before": date(2026, 5, 16), "province_before": date(2026, 5, 20)}
    code = str(rehearse(site.place, REGIME, PERIOD, **days, **WHO, as_of=at)["code"])
    to_report(site, code)
    with site.place.store.read() as conn:
        rehearsed = history_of(site.place, conn, site.pack, "14797", site.period)
    assert rehearsed.previous == {k: v for k, v in rehearsed.previous.items() if k in site.before["14797"]}
    assert rehearse(site.place, REGIME, PERIOD, **days, **WHO, as_of=at)["code"] == "2026-H1-DT2"


def test_only_calendar_periods_can_be_rehearsed(site: Site) -> None:
    at = site.opens - timedelta(days=30)
    days = {"unit_before": date(2026, 5, 16), "province_before": date(2026, 5, 20)}
    code = str(rehearse(site.place, REGIME, PERIOD, **days, **WHO, as_of=at)["code"])
    with pytest.raises(Refused, match="trong lịch báo cáo"):
        rehearse(site.place, REGIME, code, **days, **WHO, as_of=at)
