"""The office's text: out as Word and Markdown, back the same; its figures are held, renewed, and missed when gone."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from docx import Document

from baocao.documents.narrative.draft import draft
from baocao.documents.narrative.edit_rules import NarrativeVerdict, judge
from baocao.documents.narrative.edited import Edited, from_wire, read_task
from baocao.documents.narrative.markdown import from_markdown, to_markdown
from baocao.documents.narrative.marks import figures_in, marked, plain
from baocao.documents.narrative.office_texts import catalogue, lost_figures, moved_figures, sections
from baocao.documents.narrative.written import as_markdown, as_word
from baocao.documents.pdf_files.convert import pdf_available
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.narrative_check import check_narrative, names_with_digits
from baocao.documents.word_report.report import build_report
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import Unreadable
from baocao.model.narrative import OfficeText
from builders.files.documents import report_input

TEMPLATES = Path(__file__).resolve().parents[3] / "include" / "templates"
SOURCE = {"regime": "thu-nghiem", "period": "2026-Y", "report": "1", "version": "1", "revision": "0"}
PEOPLE = "PL01/CT01/TH"
RESULTS, CAUSES = "PL04/muc-3", "PL04/IV"


def markdown(source: ReportInput) -> str:
    return as_markdown(SOURCE, draft(source)).decode()


def word(source: ReportInput) -> bytes:
    return as_word(SOURCE, draft(source), "Lời văn", date(2026, 12, 21))


def read(data: bytes, filename: str = "loi-van.md") -> Edited:
    """As the verb reads it: in the child."""
    with ReaderProcess() as reader:
        return from_wire(reader.run(read_task, data, filename=filename))


def judged(text: str | bytes, then: ReportInput, now: ReportInput | None = None) -> NarrativeVerdict:
    drafted = draft(then)
    data = text if isinstance(text, bytes) else text.encode()
    edited = from_wire(read_task(data, {"filename": "x"}))
    figures = catalogue(then)
    return judge(edited, drafted, drafted, figures, catalogue(now) if now else figures, names_with_digits(then))


def office(source: ReportInput, change: Callable[[str], str], code: str = RESULTS) -> ReportInput:
    """The report with one section as an office wrote it."""
    text = change(next(to_markdown(s.blocks) for s in draft(source) if s.code == code))
    return replace(source, office=written({code: text}))


def written(texts: dict[str, str]) -> OfficeText:
    at = datetime(2026, 12, 21, tzinfo=UTC)
    return OfficeText(1, "thu-nghiem", "2026-Y", 1, texts, (), "Văn phòng", at, "loi-van.md", "0" * 64)


def edited_word(data: bytes, change: Callable[[Document], None]) -> bytes:
    doc = Document(io.BytesIO(data))
    change(doc)
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def test_both_unedited_files_come_back_without_questions() -> None:
    source = report_input()
    drafted = {s.code: to_markdown(s.blocks) for s in draft(source)}
    for data in (markdown(source).encode(), word(source)):
        edited = read(data)
        assert edited.source == SOURCE
        assert {s.code: to_markdown(from_markdown(s.text)) for s in edited.sections} == drafted
        found = judged(data, source)
        assert (found.texts, found.faults, found.questions, found.left_out) == ({}, [], [], [])


@pytest.mark.libreoffice
@pytest.mark.skipif(not pdf_available(), reason="LibreOffice is not installed")
def test_figures_survive_a_save_by_libreoffice(tmp_path: Path) -> None:
    source = report_input()
    (tmp_path / "in").mkdir()
    file = tmp_path / "in" / "loi-van.docx"
    file.write_bytes(word(source))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    order = ["soffice", "--headless", profile, "--convert-to", "docx", "--outdir", str(tmp_path), str(file)]
    subprocess.run(order, check=True, capture_output=True, timeout=300)
    found = judged((tmp_path / "loi-van.docx").read_bytes(), source)
    assert (found.texts, found.faults, found.questions) == ({}, [], [])


def test_a_figure_changed_by_hand_is_refused() -> None:
    source = report_input()
    text = markdown(source)
    right = catalogue(source)[PEOPLE]
    [fault] = judged(text.replace(f"{{{{{PEOPLE}|{right}}}}}", f"{{{{{PEOPLE}|999}}}}"), source).faults
    assert "III. " in fault
    assert "Số người có hồ sơ quản lý" in fault
    assert "“999”" in fault
    assert f"“{right}”" in fault

    def overwrite(doc: Document) -> None:
        for control in doc.element.body.iter("{*}sdt"):
            if control.find("{*}sdtPr/{*}tag").get(control.tag.replace("sdt", "val")) == PEOPLE:
                control.find(".//{*}t").text = "999"

    [again] = judged(edited_word(word(source), overwrite), source).faults
    assert again == fault


def test_a_figure_nobody_knows_is_refused() -> None:
    source = report_input()
    text = markdown(source).replace(f"{{{{{PEOPLE}|", "{{PL01/CT99/TH|", 1)
    [fault] = judged(text, source).faults
    assert "không có số liệu mang mã PL01/CT99/TH" in fault


def test_sentences_may_change_along_with_their_figures() -> None:
    source = report_input()
    lines = markdown(source).splitlines()
    sentence = next(line for line in lines if f"{{{{{PEOPLE}|" in line)
    figure = re.search(r"\{\{[^}]*\}\}", sentence)
    assert figure is not None
    lines.remove(sentence)
    at = next(i for i, line in enumerate(lines) if line.startswith("# IV."))
    lines[at + 1 : at + 1] = ["", f"Toàn tỉnh còn {figure[0]} người phải quản lý, tập trung ở địa bàn trọng điểm."]
    found = judged("\n".join(lines), source)
    assert (found.faults, found.questions) == ([], [])
    assert set(found.texts) == {RESULTS, CAUSES}
    assert f"{{{{{PEOPLE}|" in found.texts[CAUSES]
    assert f"{{{{{PEOPLE}|" not in found.texts[RESULTS]


@pytest.mark.parametrize(
    ("sentence", "typed"),
    [
        ("Ngày 20/6/2026 Ủy ban nhân dân ban hành Kế hoạch số 46/KH-UBND, điểm 2 khoản 3 Điều 12.", ""),
        ("Giai đoạn 2026 - 2030 và trong 6 tháng đầu năm, quý II/2026.", ""),
        ("Đã mở 15 lớp tập huấn.", "15"),
        ("Đạt 87,5 % kế hoạch, tăng 1.250 người.", "87,5, 1.250"),
    ],
)
def test_typed_numbers_are_questioned_unless_dates_or_citations(sentence: str, typed: str) -> None:
    found = judged(markdown(report_input()) + f"\n\n{sentence}\n", report_input())
    assert found.faults == []
    assert [q.rpartition("”: số ")[2].split(" do người")[0] for q in found.questions] == ([typed] if typed else [])


def test_missing_or_repeated_sections_are_refused() -> None:
    text = markdown(report_input())
    cut = re.sub(r"# IV\.[^\n]*\n", "", text)
    [fault] = judged(cut, report_input()).faults
    assert fault.startswith("Thiếu mục “IV. ")
    [twice] = judged(text + "\n# IV. LẦN NỮA {#PL04/IV}\n\nThêm.\n", report_input()).faults
    assert "có hai lần" in twice
    with pytest.raises(Unreadable, match="đã mất mã"):
        read(re.sub(r" \{#PL04/IV\}", "", text).encode())


def test_left_out_pictures_and_tables_are_told() -> None:
    source = report_input()
    text = re.sub(r"\{\{bang:muc-tieu\}\}\n", "", markdown(source))
    found = judged(text, source)
    assert [line for line in found.left_out if "muc-tieu" in line and "sẽ in ở cuối mục" in line]
    edited = office(source, lambda t: t.replace("{{bang:muc-tieu}}", ""))
    (results,) = [s for s in sections(edited) if s.code == RESULTS]
    assert results.blocks[-1].name == "targets"


def test_foreign_files_are_refused_with_the_cure() -> None:
    source = report_input()
    for data, said in (
        (b"\xff\xfe\x00nothing", "UTF-8"),
        (b"# Not ours\n", "xuất lại"),
        (b"PK\x03\x04broken", "hỏng"),
        (edited_word(word(source), lambda d: d.add_table(1, 1)), "không nhận bảng"),
    ):
        with pytest.raises(Unreadable) as refused:
            read(data)
        assert said in refused.value.message


def test_tracked_changes_are_sent_back() -> None:
    def track(doc: Document) -> None:
        run = doc.paragraphs[-1].add_run("thêm")
        run._r.getparent().replace(run._r, run._r.makeelement(run._r.tag.replace("}r", "}ins"), {}))

    with pytest.raises(Unreadable) as refused:
        read(edited_word(word(report_input()), track))
    assert "Track Changes" in refused.value.message


def test_office_text_is_printed_with_current_figures() -> None:
    then, now = report_input(communes_in=8), report_input(communes_in=7)
    old, new = catalogue(then)[PEOPLE], catalogue(now)[PEOPLE]
    assert old != new
    mine = f"Tỉnh còn {{{{{PEOPLE}|{old}}}}} người nghiện phải quản lý."
    changed = replace(now, office=written({RESULTS: mine}))
    doc = Document(io.BytesIO(build_report(changed, TEMPLATES)))
    paragraphs = [p.text for p in doc.paragraphs]
    assert f"Tỉnh còn {new} người nghiện phải quản lý." in paragraphs
    assert not any(p.startswith("- Số người có hồ sơ quản lý:") for p in paragraphs)
    assert check_narrative(build_report(changed, TEMPLATES), changed) == []
    [line] = moved_figures(changed, changed.office)
    assert f"{old} nay là {new}" in line
    assert lost_figures(changed, changed.office) == []


def test_sentences_with_a_lost_figure_are_reported() -> None:
    source = report_input()
    lost = written({RESULTS: "Có {{PL01/CT77/TH|12}} vụ."})
    [line] = lost_figures(source, lost)
    assert "Có 12 vụ." in line
    assert "PL01/CT77/TH" in line


def test_a_figure_changed_in_office_text_is_found() -> None:
    source = office(report_input(), lambda _: f"Tỉnh còn {{{{{PEOPLE}|1}}}} người nghiện phải quản lý.")
    doc = Document(io.BytesIO(build_report(source, TEMPLATES)))
    paragraph = next(p for p in doc.paragraphs if p.text.startswith("Tỉnh còn"))
    paragraph.runs[0].text = "Tỉnh còn 5 người nghiện phải quản lý."
    out = io.BytesIO()
    doc.save(out)
    findings = check_narrative(out.getvalue(), source)
    assert "5" in {f.actual for f in findings}


def test_markup_signs_in_a_text_stay_text() -> None:
    text = marked("K", "1") + " và {{ x }} {% if %} | \ue000"
    [block] = from_markdown(to_markdown(from_markdown("{{K|1}} và {{ x }} {% if %} | \ue000")))
    assert [s.key for s in figures_in(block.text)] == ["K"]
    assert "{% if %}" in plain(block.text)
    assert "\ue000" not in plain(block.text)
    assert figures_in(text)[0].text == "1"


def test_a_form_of_many_headings_loses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [(f"Nhóm {number}", [f"- Dòng {number}: 1."]) for number in range(1, 26)]
    monkeypatch.setattr("baocao.documents.narrative.draft.form_statements", lambda source, form: many)

    blocks = [block for section in draft(report_input()) for block in section.blocks]
    lettered = [block.text for block in blocks if block.text.partition(") ")[2].startswith("Nhóm")]

    assert [lettered[0], *lettered[22:]] == ["a) Nhóm 1", "y) Nhóm 23", "aa) Nhóm 24", "ab) Nhóm 25"]
    assert any("Dòng 25:" in block.text for block in blocks)
