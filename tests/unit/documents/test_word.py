"""The Word report: NĐ 30/2020, Phụ lục I line by line, and figures that equal the tables."""

import io
import re
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.report import build_report
from baocao.settings import ConfigurationError
from builders.files.documents import report_input, signature
from builders.files.layout import layout_faults
from builders.packs.consolidation import NIL, accepted, communes, key

TEMPLATES = Path(__file__).resolve().parents[3] / "include" / "templates"


def report(source: ReportInput | None = None, **changes: object) -> Doc:
    return Document(io.BytesIO(build_report(source or report_input(**changes), TEMPLATES)))


def everything(doc: Doc) -> list[Paragraph]:
    """Paragraphs in printed order, those of tables included."""
    return [Paragraph(p, doc) for p in doc.element.body.iter(qn("w:p"))]


def texts(doc: Doc) -> list[str]:
    return [p.text for p in everything(doc) if p.text.strip()]


def find(doc: Doc, start: str) -> Paragraph:
    return next(p for p in everything(doc) if p.text.strip().startswith(start))


def font(doc: Doc, paragraph: Paragraph) -> tuple[str, float, bool, bool]:
    """(name, size, bold, italic) as Word shows the first run: its own setting, else the style's."""
    run, style = paragraph.runs[0], doc.styles[paragraph.style.name]
    fonts = (run.font, style.font, doc.styles["Normal"].font)
    chosen = [
        next((v for f in fonts if (v := getattr(f, name)) is not None), None)
        for name in ("name", "size", "bold", "italic")
    ]
    return chosen[0], chosen[1].pt, bool(chosen[2]), bool(chosen[3])


def alignment(doc: Doc, paragraph: Paragraph) -> ALIGN | None:
    return paragraph.alignment if paragraph.alignment is not None else paragraph.style.paragraph_format.alignment


def test_page_size_margins_and_numbers_follow_the_decree() -> None:
    section = report().sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert (round(section.top_margin.mm), round(section.bottom_margin.mm)) == (20, 20)
    assert (round(section.left_margin.mm), round(section.right_margin.mm)) == (30, 20)
    assert section.different_first_page_header_footer
    number = section.header.paragraphs[0]
    assert "PAGE" in number._p.xml
    assert number.style.paragraph_format.alignment == ALIGN.CENTER
    assert "PAGE" not in section.first_page_header._element.xml


@pytest.mark.parametrize(
    ("text", "size", "bold", "italic", "align"),
    [
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, True, False, ALIGN.CENTER),
        ("Độc lập - Tự do - Hạnh phúc", 14, True, False, ALIGN.CENTER),
        ("ỦY BAN NHÂN DÂN", 13, True, False, ALIGN.CENTER),
        ("Số: ", 13, False, False, ALIGN.CENTER),
        ("Thử Nghiệm, ngày", 14, False, True, ALIGN.CENTER),
        ("BÁO CÁO", 14, True, False, ALIGN.CENTER),
        ("Kết quả thực hiện Chương trình thử nghiệm", 14, True, False, ALIGN.CENTER),
        ("Căn cứ Nghị quyết", 14, False, True, ALIGN.JUSTIFY),
        ("Thực hiện chế độ", 14, False, False, ALIGN.JUSTIFY),
        ("IV. TỒN TẠI", 14, True, False, ALIGN.JUSTIFY),
        ("Nơi nhận:", 12, True, True, ALIGN.LEFT),
        ("- Như trên;", 11, False, False, ALIGN.LEFT),
        ("TM. ỦY BAN NHÂN DÂN", 14, True, False, ALIGN.CENTER),
        ("Phụ lục I", 14, True, False, ALIGN.CENTER),
        ("(Kèm theo Báo cáo", 14, False, True, ALIGN.CENTER),
    ],
)
def test_every_element_has_the_font_of_the_decree(
    text: str, size: float, bold: bool, italic: bool, align: ALIGN
) -> None:
    doc = report()
    paragraph = find(doc, text)
    assert font(doc, paragraph) == ("Times New Roman", size, bold, italic)
    assert alignment(doc, paragraph) == align


def test_rules_stand_under_issuer_motto_and_abstract() -> None:
    doc = report()
    everything_ = everything(doc)
    ruled = [i for i, p in enumerate(everything_) if p._p.find(f".//{qn('w:pBdr')}/{qn('w:bottom')}") is not None]
    before = [next(p.text for p in reversed(everything_[:i]) if p.text.strip()) for i in ruled]
    assert before == ["TỈNH THỬ NGHIỆM", "Độc lập - Tự do - Hạnh phúc", find(doc, "Kết quả thực hiện").text]


def test_body_text_follows_the_decrees_spacing() -> None:
    layout = report().styles["BC Nội dung"].paragraph_format
    assert Mm(10) <= layout.first_line_indent <= Mm(12.8)
    assert layout.space_after >= Pt(6)
    assert 1 <= layout.line_spacing <= 1.5


def test_a_draft_has_blanks_and_marks_every_page() -> None:
    doc = report(version=2)
    assert re.fullmatch(r"Số:\s+/BC-UBND", find(doc, "Số:").text)
    assert re.fullmatch(r"Thử Nghiệm, ngày\s+tháng\s+năm 2026", find(doc, "Thử Nghiệm, ngày").text)
    assert "DỰ THẢO LẦN 2" in texts(doc)
    section = doc.sections[0]
    for head in (section.header, section.first_page_header):
        assert 'string="DỰ THẢO"' in head._element.xml


def test_a_signed_report_has_number_day_and_signer() -> None:
    doc = report(signature=signature())
    assert find(doc, "Số:").text == "Số: 05/BC-UBND"
    assert find(doc, "Thử Nghiệm, ngày").text == "Thử Nghiệm, ngày 04 tháng 12 năm 2026"
    signed = next(t.cell(0, 1).text for t in doc.tables if "TM. ỦY BAN" in t.cell(0, 1).text)
    assert [line for line in signed.split("\n") if line] == [
        "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Người Ký Mẫu",
    ]  # fmt: skip
    assert not any("DỰ THẢO" in t for t in texts(doc))
    assert "DỰ THẢO" not in doc.sections[0].header._element.xml


def test_two_recipients_stand_on_lines_of_their_own() -> None:
    doc = report()
    lines = texts(doc)
    at = lines.index("Kính gửi: ")
    assert lines[at + 1 : at + 3] == ["- Bộ Công an;", "- Bộ Y tế."]


def test_a_single_recipient_stands_on_the_line_itself() -> None:
    source = report_input()
    rule = source.rule.model_copy(update={"recipients": ("bo-cong-an",)})
    law = source.pack.regime.model_copy(update={"periods": (rule,)})
    one = report_input(pack=type(source.pack)(law, source.pack.units, source.pack.forms, source.pack.targets, "f" * 64))
    assert "Kính gửi: Bộ Công an." in texts(report(one))


def test_legal_bases_stand_with_higher_acts_first() -> None:
    assert [t for t in texts(report()) if t.startswith("Căn cứ")] == [
        "Căn cứ Nghị quyết số 02/2024/QH15 ngày 27/11/2024;",
        "Căn cứ Kế hoạch số 01/KH-UBND ngày 05/01/2026.",
    ]


def test_the_list_of_receivers_ends_with_the_archive() -> None:
    cell = next(t.cell(0, 0) for t in report().tables if "Nơi nhận" in t.cell(0, 0).text)
    assert cell.text.split("\n") == ["Nơi nhận:", "- Như trên;", "- Công an tỉnh;", "- Lưu: VT."]


def test_appendices_have_roman_numerals_and_own_pages() -> None:
    doc = report(signature=signature())
    titles = [t for t in texts(doc) if re.fullmatch(r"Phụ lục [IVX]+", t)]
    assert titles == ["Phụ lục I", "Phụ lục II", "Phụ lục III", "Phụ lục IV", "Phụ lục V"]
    assert len(doc.sections) == 6
    for section in doc.sections:
        assert section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"
    assert re.fullmatch(
        r"\(Kèm theo Báo cáo số\s+/BC-UBND ngày\s+tháng\s+năm 2026 của Ủy ban nhân dân tỉnh Thử Nghiệm\)",
        find(doc, "(Kèm theo").text,
    )


def test_wide_tables_are_landscape_with_repeated_header_rows() -> None:
    doc = report()
    assert [s.page_width > s.page_height for s in doc.sections] == [False, True, True, True, False, False]
    for table in doc.tables:
        if table.style.name == "Table Grid":
            head = table.rows[0]._tr
            assert head.find(f".//{qn('w:tblHeader')}") is not None
            # Alone at a page's foot it would lose a single row behind it in LibreOffice's PDF.
            assert len(list(head.iter(qn("w:keepNext")))) == len(list(head.iter(qn("w:p"))))


def test_the_indicator_table_prints_the_consolidated_values() -> None:
    source = report_input()
    table = next(t for t in report(source).tables if t.cell(0, 1).text == "Chỉ tiêu")
    row = next([c.text for c in r.cells] for r in table.rows if r.cells[0].text == "CT01")
    total = source.result.number(key("PL01/CT01/TH"))
    assert row[4] == str(total)
    assert row[9] == "348"
    assert row[10] == f"{total - 348:+d}"
    assert row[11] == "8/9"
    ratio = next([c.text for c in r.cells] for r in table.rows if r.cells[0].text == "CT10")
    assert ratio[6] == f"{float(source.result.number(key('PL01/CT10/TL'))):.2f}".replace(".", ",")


def test_a_yes_count_is_over_all_valid_units() -> None:
    sentence = find(report(), "- Đơn vị không ma túy:").text
    assert sentence == "- Đơn vị không ma túy: 2/9 đơn vị hành chính cấp xã (22,22\xa0%)."


def test_a_change_is_told_with_its_percentage() -> None:
    source = report_input()
    total = source.result.number(key("PL01/CT01/TH"))
    change = total - 348
    share = f"{abs(change) / 348 * 100:.2f}".replace(".", ",")
    word = "tăng" if change > 0 else "giảm"
    assert find(report(source), "- Số người có hồ sơ quản lý:").text == (
        f"- Số người có hồ sơ quản lý: {total} người, {word} {abs(change)} người ({share}\xa0%) "
        "so với cùng kỳ năm trước (tính trên 8/9 đơn vị có số liệu cả hai kỳ)."
    )


def test_money_is_printed_in_rounded_millions() -> None:
    source = report_input()
    plan = source.result.number(key("PL03/TONG/KH"))
    disbursed = source.result.number(key("PL03/TONG/LKN"))
    line = find(report(source), "- Tổng số:").text
    assert f"kế hoạch vốn giao trong năm {plan / 1e6:,.1f}".translate(str.maketrans(",.", ".,")) in line
    assert f"lũy kế giải ngân từ đầu năm {disbursed / 1e6:,.1f} triệu đồng".translate(str.maketrans(",.", ".,")) in line


def test_missing_units_are_named_in_body_and_appendix() -> None:
    source = report_input(missing=2)
    names = [u.full_name for u in source.result.missing]
    doc = report(source)
    sentence = find(doc, "Chưa có báo cáo của 02 đơn vị").text
    assert all(name in sentence for name in names)
    assert "không được ước tính thay" in sentence
    listed = texts(doc)
    assert listed[listed.index("1. Đơn vị chưa có báo cáo được tiếp nhận (02 đơn vị)") + 1] == f"{'; '.join(names)}."


def test_late_units_are_counted_and_named_in_appendix() -> None:
    late = communes(9)[:1]
    lines = texts(report(late=late))
    assert "Có 01 đơn vị gửi báo cáo sau thời hạn (danh sách tại Phụ lục IV)." in lines
    assert f"{late[0].full_name}." in lines


def texts_of(texts_by_unit: dict[str, str]) -> ReportInput:
    """A report whose narrative section holds exactly these texts."""
    source = report_input()
    result = source.result
    result.texts.clear()
    result.texts[key("PL04/IV/ND")] = tuple(texts_by_unit.items())
    return source


def test_equal_texts_of_units_are_printed_once() -> None:
    units = communes(4)
    words = {
        "CAT": "Thiếu biên chế",
        units[0].code: "Thiếu kinh phí.",
        units[1].code: "thiếu  kinh phí",
        units[2].code: "Không có",
    }
    lines = texts(report(texts_of(words)))
    at = lines.index("IV. TỒN TẠI, VƯỚNG MẮC, NGUYÊN NHÂN")
    at = lines.index("2. Nội dung do các đơn vị báo cáo", at)
    assert lines[at + 1 : at + 4] == [
        f"- {units[0].full_name}, {units[1].full_name}: Thiếu kinh phí.",
        "- Cơ quan chủ trì: Thiếu biên chế",
        "Có 01 đơn vị báo cáo không có nội dung này.",
    ]


def test_long_text_is_whole_in_the_appendix() -> None:
    words = "Kinh phí còn hạn chế. " * 60
    lines = texts(report(texts_of({communes(1)[0].code: words.strip()})))
    found = [t for t in lines if "Kinh phí còn hạn chế" in t]
    assert len(found) == 2
    assert len(found[0]) < 760
    assert found[0].endswith("…")
    assert "Toàn văn và tên các đơn vị tại Phụ lục V, mục IV." in lines
    assert found[1].startswith(f"- {words.strip()} (") and found[1].endswith(")")


def test_surplus_texts_move_to_the_appendix() -> None:
    units = communes(9)
    own = (
        "kinh phí",
        "biên chế",
        "phương tiện",
        "địa bàn rộng",
        "đường sá",
        "thông tin",
        "phối hợp",
        "trụ sở",
        "tập huấn",
    )
    source = texts_of({u.code: f"Khó khăn về {word}" for u, word in zip(units, own, strict=True)})
    lines = texts(report(source))
    assert "Nội dung báo cáo của 06 lượt đơn vị khác được tổng hợp tại Phụ lục V, mục IV." in lines
    assert sum(t.startswith("- ") and "Khó khăn về" in t for t in lines) == 3 + 9


def test_markup_in_a_units_text_is_printed_literally() -> None:
    lines = texts(report(texts_of({communes(1)[0].code: "Thiếu <xe> & {{ dầu }} {% if %}"})))
    assert any(t.endswith("Thiếu <xe> & {{ dầu }} {% if %}") for t in lines)


def test_nil_indicators_and_unreported_indicators_are_told_apart() -> None:
    nothing = [accepted(u, {"PL01/CT10/TH": NIL, "PL01/CT10/MS": NIL}) for u in communes(3)]
    lines = texts(report(communes_in=0, missing=3, more=nothing))
    assert "- Điểm được triệt phá: không phát sinh." in lines
    (listed,) = [t for t in lines if t.startswith("Chưa có đơn vị nào báo cáo số liệu")]
    assert "“Số người có hồ sơ quản lý”" in listed
    assert "Điểm được triệt phá" not in listed
    assert "CT0" not in listed, "indicators are named, not numbered"


def test_figures_keep_their_place_without_a_narrative_section() -> None:
    titles = [p.text for p in report().paragraphs if p.style.name == "Heading 1"]
    assert titles == [
        "II. HUY ĐỘNG, PHÂN BỔ VÀ SỬ DỤNG NGUỒN VỐN",
        "III. KẾT QUẢ THỰC HIỆN MỤC TIÊU, NHIỆM VỤ",
        "IV. TỒN TẠI, VƯỚNG MẮC, NGUYÊN NHÂN",
    ]


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (build_report(report_input(), TEMPLATES) for _ in range(2))
    assert first == second
    assert Document(io.BytesIO(first)).core_properties.created.date() == report_input().as_of


def test_a_missing_template_stops_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"report_periodic\.docx"):
        build_report(report_input(), tmp_path)


def test_an_unknown_template_tag_is_named(tmp_path: Path) -> None:
    doc = Document(str(TEMPLATES / "word" / "report_periodic.docx"))
    doc.add_paragraph("{{ so_la }}")
    (tmp_path / "word").mkdir()
    doc.save(str(tmp_path / "word" / "report_periodic.docx"))
    with pytest.raises(ConfigurationError, match="so_la"):
        build_report(report_input(), tmp_path)


@pytest.mark.parametrize("signed", [False, True])
def test_no_heading_is_orphaned_and_no_page_empty(signed: bool) -> None:
    source = report_input(signature=signature()) if signed else report_input()
    assert layout_faults(build_report(source, TEMPLATES)) == []


def test_the_layout_is_seen_where_it_is_wrong() -> None:
    doc = report()
    heading = find(doc, "II. ")
    heading.paragraph_format.keep_with_next = False
    doc.add_section()
    data = io.BytesIO()
    doc.save(data)
    faults = layout_faults(data.getvalue())
    assert any("may stand alone" in f and "II. " in f for f in faults) and any("empty page" in f for f in faults)


def test_a_signed_report_meets_the_decrees_checklist() -> None:
    """NĐ 30/2020/NĐ-CP, Phụ lục I, the parts of a report in their order, each where the decree wants it."""
    doc = report(signature=signature())
    said = [p.text.replace("\N{NO-BREAK SPACE}", " ").strip() for p in everything(doc) if p.text.strip()]
    order = [
        next(n for n, text in enumerate(said) if text.startswith(start))
        for start in ("Số: ", "BÁO CÁO", "Kính gửi:", "Căn cứ ", "II. ", "Trên đây là", "Nơi nhận:")
    ]
    assert order == sorted(order)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in said and "Độc lập - Tự do - Hạnh phúc" in said
    assert said[order[0]].removeprefix("Số: ")[:2].isdigit()
    assert any(re.fullmatch(r".+, ngày \d\d tháng (0[12]|[3-9]|1[0-2]) năm \d{4}", text) for text in said)
    bases = [text for text in said if text.startswith("Căn cứ ")]
    assert all(re.search(r" số \S+ ngày \d\d/\d\d/\d{4}", text) for text in bases), "a căn cứ has number and date"
    assert all(text.endswith(";") for text in bases[:-1]) and bases[-1].endswith(".")
    receivers = said[said.index("Nơi nhận:") + 1 :]
    assert receivers[0] == "- Như trên;" and any(
        text.startswith("- Lưu: VT") and text.endswith(".") for text in receivers
    )
    assert any(text.endswith("./.") for text in said)
    assert not [text for text in said if "DỰ THẢO" in text or "{{" in text or "{%" in text]
