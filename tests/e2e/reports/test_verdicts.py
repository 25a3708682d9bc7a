"""The four answers to a target are the same in workbook, Word report, covering letter, question and status."""

from __future__ import annotations

import pytest

from baocao.model.report import TargetVerdict
from baocao.workflow.reports import replaying
from baocao.workflow.sign_off.summary import report_summary
from baocao.workflow.status import overview
from baocao.workflow.status.status_text import status_text
from builders.files.printed import Printed
from builders.sites.site import PERIOD, REGIME, Site

pytestmark = pytest.mark.usefixtures("without_renderings")


def test_target_verdicts_are_the_same_everywhere(collected: Site) -> None:
    report = collected.consolidate()
    printed = Printed.of(collected.place, int(str(report["report_id"])))
    rows = [row for row in printed.sheet("Mục tiêu") if str(row[0] or "").isdigit()]
    workbook = {str(row[0]): row[7] for row in rows}
    status = overview.status(collected.place, REGIME, PERIOD, collected.report_day)
    counts = status["report"]["targets"]
    labels = [v.label for v in TargetVerdict]
    assert set(workbook.values()) <= set(labels)
    assert counts == {v.value: list(workbook.values()).count(v.label) for v in TargetVerdict}
    assert counts["still_open"] > 0, "the period lies before 2030"
    # Word: the same answer in the row of the same number, with the same reason below the table.
    word = {row[0]: row[5] for row in printed.word_rows() if len(row) == 6 and row[0].isdigit() and row[5] in labels}
    assert word == workbook
    [sentence] = [p for p in printed.paragraphs if "mức mục tiêu áp dụng" in p]
    assert f"{counts['not_met']:02} mức chưa đạt, {counts['still_open']:02} mức còn hạn" in sentence
    assert sentence in printed.said("Tổng quan").splitlines()
    assert sentence in printed.letter
    # How far and until when, or why not, for each answer that is not final.
    reasons = {str(row[0]): row[8] or "" for row in rows}
    for number, answer in workbook.items():
        if answer == TargetVerdict.STILL_OPEN.label:
            assert reasons[number].startswith(("Còn thiếu", "Còn vượt", "Cách mức")) and "thời hạn" in reasons[number]
        if answer == TargetVerdict.NOT_JUDGED.label:
            assert reasons[number]
    # The same count before the decision, and for the operator.
    question = report_summary(collected.place, int(str(report["report_id"])))["body"]
    told = status_text(status)
    assert f"{counts['still_open']:02} mức còn hạn" in question and f"{counts['still_open']:02} mức còn hạn" in told
    assert replaying.replay(collected.place, REGIME, PERIOD)["identical"]


def test_row_codes_in_word_are_unique(collected: Site) -> None:
    report = collected.consolidate()
    printed = Printed.of(collected.place, int(str(report["report_id"])))
    for form in collected.pack.forms:
        wanted = {form.printed_number(row) for table in form.tables for row in table.rows if not row.heading} - {""}
        codes = [row[0] for row in printed.word_rows() if len(row) == 12 and row[0] in wanted]
        assert len(codes) == len(set(codes)), form.code
    assert printed.word_rows("CT26a") and printed.word_rows("CT26b")
