"""A unit that was in time stays in time: a correction after the deadline is another fact, counted and named apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from baocao.model.form import CellKey
from baocao.store.submissions import submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.tables import outbox
from baocao.workflow.lead_bodies import sharing
from baocao.workflow.reports import replaying
from baocao.workflow.status import overview
from baocao.workflow.status.status_text import status_text
from builders.files.printed import Printed
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

pytestmark = pytest.mark.usefixtures("without_renderings")
CORRECTS, LATE, *OTHERS = COMMUNES
FOUND = CellKey.parse("PL01/CT10/MS")
APART = "Đúng hạn; đính chính sau hạn"


def test_late_correction_is_not_a_late_report(site: Site) -> None:
    site.load_baseline()
    site.open()
    site.send_all(but=[LATE])
    site.collect()
    after = site.period.unit.due_at + timedelta(hours=20)
    site.send(LATE, site.workbook(LATE), after)
    more = int(str(site.filled(CORRECTS).values[FOUND])) + 4
    site.send(CORRECTS, site.workbook(CORRECTS, {FOUND: more}), after, "dinh-chinh.xlsx")
    assert site.collect(after + timedelta(hours=1))["accepted"] == 2
    corrected, late = site.unit(CORRECTS).full_name, site.unit(LATE).full_name

    status = overview.status(site.place, REGIME, PERIOD, site.report_day)
    assert (status["late"], status["corrected_late_names"]) == (1, [corrected])
    assert "trong đó 1 trễ hạn, 1 đúng hạn nhưng đính chính sau hạn" in status_text(status)

    report = site.consolidate()
    printed = Printed.of(site.place, int(str(report["report_id"])))
    assert printed.values()[str(FOUND)]["value"]  # the corrected figure is what counts
    cover = printed.said("Tổng quan").splitlines()
    assert f"Báo cáo trễ hạn (1): {late}." in cover
    assert f"Báo cáo đúng hạn, đính chính sau hạn (1): {corrected}." in cover
    coverage = {row[1]: row[3] for row in printed.sheet("Độ phủ")}
    assert (coverage[CORRECTS], coverage[LATE], coverage[OTHERS[0]]) == (APART, "Trễ hạn", "Đúng hạn")
    sources = printed.table("§NGUON.A")
    assert (sources[CORRECTS, "DUNG_HAN"], sources[LATE, "DUNG_HAN"]) == (APART, "Trễ hạn")
    detail = {row[0]: row[2] for row in printed.sheet("CT PL01")}
    assert (detail[CORRECTS], detail[LATE]) == (APART, "Trễ hạn")

    told = "Có 01 đơn vị đã gửi báo cáo đúng hạn và gửi bản đính chính sau thời hạn"
    assert f"{told} (danh sách tại Phụ lục IV)." in printed.paragraphs
    assert f"{told}." in printed.letter and "Có 01 đơn vị gửi báo cáo sau thời hạn." in printed.letter
    names = dict(zip(printed.paragraphs, printed.paragraphs[1:], strict=False))
    assert names["2. Đơn vị gửi báo cáo sau thời hạn (01 đơn vị)"] == f"{late}."
    assert names["3. Đơn vị gửi báo cáo đúng hạn, gửi bản đính chính sau thời hạn (01 đơn vị)"] == f"{corrected}."

    with site.place.store.read() as conn:
        official = submissions.official(conn, REGIME, PERIOD, CORRECTS)
        assert official is not None
        [asked] = [f.message for f in findings_of(conn, official.id) if f.rule == "V43"]
        assert "báo cáo của đơn vị vẫn là đúng hạn" in asked
        letters = conn.execute(select(outbox.c.unit, outbox.c.text).where(outbox.c.step.like("accepted-%"))).all()
    [first, second] = [text for unit, text in letters if unit == CORRECTS]
    assert "nộp đúng hạn" in first
    assert "là bản đính chính gửi sau hạn; báo cáo đầu tiên của quý đơn vị đã nộp đúng hạn" in second
    assert "nộp quá hạn" in next(text for unit, text in letters if unit == LATE)

    sharing.share_slices(site.place, REGIME, PERIOD, site.report_day)
    assert replaying.replay(site.place, REGIME, PERIOD)["identical"]
