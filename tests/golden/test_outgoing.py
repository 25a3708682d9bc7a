"""What the recipients of the other regimes get: nothing in any part of it is meant for those who prepare and sign."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import openpyxl
import pytest

from baocao.model.report import ReportStatus
from baocao.store.reports import reports
from baocao.workflow.reports import dispatching, issuing
from builders.files.layout import layout_faults
from builders.files.outgoing import internal_words, sent_by_mail
from builders.sites.regimes import REGIMES, Story


@pytest.fixture(scope="module")
def dispatched(story: Story) -> Iterator[dict[str, dict[str, Any]]]:
    """Every report signed where it is not yet, and sent; as Word, which is read here instead of the PDF made of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuing, "pdf_available", lambda: False)
        answers = {}
        for regime in REGIMES:
            played, report = story.played(regime), story.reports[regime]
            with story.place.store.read() as conn:
                status = reports.report_of(conn, int(report["report_id"])).status
            if status is ReportStatus.FROZEN:
                # Only the city's is left unsigned; few of its units are played, so somebody answers for it by name.
                played.accept_coverage()
                played.sign(report)
            answers[regime] = dispatching.dispatch(story.place, int(report["report_id"]), played.deciding)
        yield answers


@pytest.mark.parametrize("regime", REGIMES)
def test_nothing_internal_leaves_the_house(story: Story, dispatched: dict[str, dict[str, Any]], regime: str) -> None:
    answer = dispatched[regime]
    assert answer["status"] == "DISPATCHED"
    files = sent_by_mail(story.place.settings.outbox, regime, answer["recipients"])
    assert {name.rsplit(".", 1)[1] for name in files} == {"eml", "docx", "xlsx", "xml"}
    assert internal_words(files) == []
    (word,) = {data for name, data in files.items() if name.endswith(".docx")}
    assert layout_faults(word) == []


@pytest.mark.parametrize("regime", REGIMES)
def test_recipients_workbook_shows_no_figures_of_single_units(
    story: Story, dispatched: dict[str, dict[str, Any]], regime: str
) -> None:
    files = sent_by_mail(story.place.settings.outbox, regime, dispatched[regime]["recipients"])
    (data,) = {data for name, data in files.items() if name.endswith(".xlsx")}
    book, drawn = (openpyxl.load_workbook(io.BytesIO(data), read_only=only) for only in (True, False))
    assert not [name for name in book.sheetnames if name.startswith("CT ") or name in {"Độ phủ", "Nguồn số liệu"}]
    pack, period = story.place.at(regime, REGIMES[regime])
    codes = {u.code for u in pack.units_on(period.cutoff_on)}
    cells = {str(v) for sheet in book for row in sheet.iter_rows(values_only=True) for v in row if v is not None}
    assert not codes & cells
    shown = [s for s in drawn.worksheets if s.sheet_state == "visible"]
    read = [str(c.value) for s in shown for r in s.iter_rows() if not s.row_dimensions[r[0].row].hidden for c in r]
    assert not [text for text in read if "#" in text or "phiên bản" in text.casefold()]
    places = {str(k): v for k, v in drawn["_meta"].iter_rows(values_only=True) if str(k).startswith("row.")}
    for place, row in places.items():
        title, _, line = place.removeprefix("row.").rpartition("!")
        form, _, code = str(row).partition("/")
        (known,) = (r for t in pack.form(form).tables for r in t.rows if r.code == code)
        assert drawn[title].cell(int(line), 1).value in {pack.form(form).printed_number(known) or None}
        assert known.name.lstrip("- ") in str(drawn[title].cell(int(line), 2).value)
    assert places
    for sheet in drawn.worksheets:
        places = [(i.anchor._from.row, i.anchor.to.row, i.anchor.to.col) for i in sheet._images]  # type: ignore[attr-defined]
        assert all(right <= 12 for *_, right in places), sheet.title
        assert all(end < begin for (_, end, _), (begin, *_) in pairwise(places)), f"{sheet.title}: pictures overlap"
    assert len(book.sheetnames) > 2
