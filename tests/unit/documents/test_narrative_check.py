"""Rule V51: a figure in a generated sentence that the tables do not contain is found, in the finished document."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document

from baocao.documents.word_report.narrative_check import check_narrative, narrative_figures
from baocao.documents.word_report.report import build_report
from builders.files.documents import report_input
from builders.packs.consolidation import key

TEMPLATES = Path(__file__).resolve().parents[3] / "include" / "templates"


def edited(change: Callable[[str], str], start: str) -> bytes:
    """The report after somebody changed one paragraph in Word."""
    doc = Document(io.BytesIO(build_report(report_input(), TEMPLATES)))
    paragraph = next(p for p in doc.paragraphs if p.text.startswith(start))
    text = change(paragraph.text)
    for run in paragraph.runs[1:]:
        run.text = ""
    paragraph.runs[0].text = text
    data = io.BytesIO()
    doc.save(data)
    return data.getvalue()


def test_a_report_as_built_has_no_finding() -> None:
    source = report_input()
    assert check_narrative(build_report(source, TEMPLATES), source) == []


def test_digits_in_names_are_not_read_as_figures() -> None:
    source = report_input()
    sentences = narrative_figures(build_report(source, TEMPLATES), source)
    (found,) = [s for s in sentences if s.subject == "Số người có hồ sơ quản lý"]
    total = source.result.number(key("PL01/CT01/TH"))
    assert found.figures[0] == str(total)
    assert len(found.figures) == 5, "figure, change, its percent, and of how many of how many units"


@pytest.mark.parametrize(
    "start",
    [
        "- Số người có hồ sơ quản lý",
        "- Tổng số:",
        "- Đơn vị không ma túy",
        "Số liệu được tổng hợp",
        "Chưa có báo cáo của",
    ],
)
def test_a_finding_names_the_sentence_changed_by_hand(start: str) -> None:
    (finding,) = check_narrative(edited(lambda text: text + " Thêm 987.654.", start), report_input())
    assert (finding.rule, finding.severity, finding.actual) == ("V51", "blocks", "987.654")
    assert start.removeprefix("- ") in finding.message


def test_a_figure_of_another_row_is_still_wrong() -> None:
    source = report_input()
    cases = source.result.number(key("PL01/CT13/TH"))
    people = source.result.number(key("PL01/CT01/TH"))
    assert cases != people
    (finding,) = check_narrative(
        edited(lambda t: t.replace(f" {people} người,", f" {cases} người,"), "- Số người có hồ sơ quản lý"), source
    )
    assert finding.actual == str(cases)


def test_a_sentence_removed_by_hand_is_found() -> None:
    (finding,) = check_narrative(edited(lambda _: "", "- Lớp tập huấn"), report_input())
    assert finding.subject == "Lớp tập huấn"


def test_values_that_changed_after_building_are_findings() -> None:
    built = build_report(report_input(), TEMPLATES)
    findings = check_narrative(built, report_input(communes_in=7))
    assert {f.rule for f in findings} == {"V51"}
    assert "Số người có hồ sơ quản lý" in {f.subject for f in findings}
