"""The first sheet: what an official reads before signing. Coverage, targets, and what still needs a word."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import (
    AMBER,
    GREY,
    HEADER,
    RED,
    ReportBook,
    Sheet,
    height,
    set_up_page,
)
from baocao.documents.consolidated_workbook.targets import verdict_color, wanted
from baocao.documents.word_report.correction_texts import document
from baocao.documents.word_report.nd30 import reference_line
from baocao.documents.word_report.target_texts import target_summary
from baocao.model.form import ValueType
from baocao.model.submission import AcceptedCells, Severity, Timeliness
from baocao.text import capitalised

_LAST = 7
_WIDTHS = (5, 40, 16, 12, 17, 16, 22, 22)


def write_cover(book: ReportBook, source: SheetSource, accepted: Sequence[AcceptedCells]) -> None:
    """The sheet `Tổng quan`."""
    Cover(book, source, accepted).write()


class Cover:
    """Head of the document, facts, coverage, targets, findings, signatures."""

    def __init__(self, book: ReportBook, source: SheetSource, accepted: Sequence[AcceptedCells]) -> None:
        self.source = source
        self.sent = {submission.unit: submission for submission in accepted}
        self.sheet: Sheet = book.add_sheet("Tổng quan")
        self.at = self.targets_head = 0

    def write(self) -> None:
        """From top to bottom."""
        self.sheet.widths(_WIDTHS)
        self._write_head()
        if not self.source.outgoing:
            self._write_facts()
        self._write_coverage()
        self._write_targets()
        if not self.source.outgoing:
            self._write_findings()
            self._write_overruled()
            self._write_signatures()
        # In the recipients' copy the targets are the last table: their head stands on every page.
        repeat = (self.targets_head, self.targets_head) if self.source.outgoing and self.targets_head else None
        set_up_page(self.sheet, self.source.footer, draft=self.source.meta.is_draft, repeat=repeat)

    def _write_line(self, text: str, height: float | None = None, **looks: object) -> None:
        self.sheet.merged(self.at, 0, _LAST, text, **looks)
        if height is not None:
            self.sheet.set_row(self.at, height)
        self.at += 1

    def _write_wrapped(self, text: str, **looks: object) -> None:
        self._write_line(text, height(text, sum(_WIDTHS)), text_wrap=True, valign="top", **looks)

    def _write_section(self, title: str) -> None:
        self.at += 1
        self._write_line(title, 20, bold=True, font_size=12)

    def _write_head(self) -> None:
        """Issuer on the left, national title on the right, as NĐ 30/2020/NĐ-CP, Phụ lục I lays out."""
        sheet, authority = self.sheet, self.source.pack.regime.authority
        if authority.parent:
            sheet.merged(0, 0, 2, authority.parent, align="center", font_size=13)
        # A People's Committee has no body above it in its letterhead (Phụ lục I: `nếu có`).
        below = 1 if authority.parent else 0
        sheet.merged(below, 0, 2, authority.issuer, bold=True, align="center", font_size=13)
        sheet.merged(0, 3, _LAST, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, align="center", font_size=13)
        sheet.merged(below + 1, 0, 2, "________", align="center", valign="top")
        sheet.merged(1, 3, _LAST, "Độc lập - Tự do - Hạnh phúc", bold=True, align="center", font_size=13)
        sheet.merged(2, 3, _LAST, "_______________________", align="center", valign="top")
        self.at = 4
        self._write_line("BIỂU TỔNG HỢP SỐ LIỆU", 24, bold=True, align="center", font_size=16)
        self._write_line(capitalised(self.source.pack.regime.programme), 20, bold=True, align="center", font_size=14)
        self._write_line(self.source.covered, 18, italic=True, align="center", font_size=13)
        meta = self.source.meta
        color = {"font_color": RED} if meta.is_draft else {}
        if self.source.outgoing:
            self._write_line(self._belongs_to(), 20, italic=True, align="center", font_size=13)
        else:
            self._write_line(self.source.status_line, 20, bold=True, align="center", font_size=13, **color)
        if meta.correction is not None:
            text = f"ĐÍNH CHÍNH, thay thế {document(meta.correction.replaces)}"
            self._write_line(text, 20, bold=True, align="center", font_size=13, font_color=RED)

    def _belongs_to(self) -> str:
        """The line under an appendix's title; on electronic documents its blanks are never filled in."""
        authority = self.source.pack.regime.authority
        return reference_line(authority.symbol, authority.issuer_in_sentence, self.source.period.cutoff_on.year)

    def _write_facts(self) -> None:
        meta = self.source.meta
        number = "" if meta.report_id is None else f"Báo cáo tổng hợp số {meta.report_id}, "
        self._write_line(
            f"{number}kỳ {self.source.period.code}, phiên bản {meta.version}; lập lúc {self.source.local(meta.as_of)}; "
            f"bộ biểu mẫu {self.source.pack.sha256[:12]}",
            italic=True,
            align="center",
            font_size=10,
            font_color=GREY,
        )

    def _write_coverage(self) -> None:
        """Part I: how many units reported, and the names of those that did not, were late or waived."""
        found = self.source.consolidation
        self._write_section("I. ĐỘ PHỦ SỐ LIỆU")
        words, communes, bodies = self.source.words, found.commune_coverage, found.provincial_coverage
        both = ""
        if communes.expected and bodies.expected:
            both = (
                f", gồm {words.unit_level} {communes.counted}/{communes.expected}; "
                f"{words.body} {bodies.counted}/{bodies.expected}"
            )
        self._write_wrapped(
            f"Số đơn vị có báo cáo được chấp nhận: {found.coverage.counted}/{found.coverage.expected}{both}.",
            bold=True,
        )
        self._write_names("Chưa có báo cáo", [u.full_name for u in found.missing], color=RED)
        if self.source.outgoing:
            return
        for title, which, color in (
            ("Báo cáo trễ hạn", Timeliness.LATE, RED),
            ("Báo cáo đúng hạn, đính chính sau hạn", Timeliness.CORRECTED_LATE, AMBER),
        ):
            names = [u.full_name for u in found.expected if self.source.meta.timeliness.get(u.code) is which]
            self._write_names(title, names, color=color)
        self._write_names("Được miễn báo cáo", [u.full_name for u in found.waived], color=GREY)

    def _write_names(self, title: str, names: list[str], *, color: str) -> None:
        if names:
            self._write_wrapped(f"{title} ({len(names)}): {', '.join(names)}.", font_color=color)
        else:
            self._write_wrapped(f"{title}: không có.")

    def _write_targets(self) -> None:
        """Part II: each target with what was wanted, what was reached and the verdict."""
        results = self.source.consolidation.targets
        if not self.source.pack.targets:
            return
        self._write_section("II. KẾT QUẢ THỰC HIỆN MỤC TIÊU")
        self._write_wrapped(target_summary(results) or "Không có mục tiêu áp dụng cho kỳ này.")
        self.targets_head = self.at
        self._write_table_head(("STT", "Mục tiêu", "Yêu cầu", "Kết quả", "Đánh giá", "Lưu ý"))
        for number, result in enumerate(results, start=1):
            plain = {"border": 1, "text_wrap": True}
            self.sheet.text(self.at, 0, str(number), align="center", **plain)
            self.sheet.text(self.at, 1, result.name, **plain)
            self.sheet.text(self.at, 2, wanted(result), align="center", **plain)
            self.sheet.figure(self.at, 3, result.actual, ValueType.RATIO, border=1)
            looks = plain | {"align": "center", "bold": True, "font_color": verdict_color(result)}
            self.sheet.text(self.at, 4, result.verdict.label, **looks)
            self.sheet.merged(self.at, 5, _LAST, result.reason, font_size=10, **plain)
            self.sheet.set_row(
                self.at, max(height(result.name, _WIDTHS[1]), height(result.reason, sum(_WIDTHS[5:]), 10))
            )
            self.at += 1

    def _write_table_head(self, titles: Sequence[str]) -> None:
        self.sheet.table_header(self.at, titles)
        end = len(titles) - 1
        self.sheet.merged(self.at, end, _LAST, titles[end], **HEADER)
        self.at += 1

    def _write_findings(self) -> None:
        """The last part: what whoever signs has to look at."""
        found = self.source.consolidation.findings
        self._write_section(f"{'III' if self.source.pack.targets else 'II'}. ĐIỂM CẦN LƯU Ý KHI KÝ DUYỆT")
        if not found:
            self._write_wrapped("Không có điểm nào cần lưu ý.")
            return
        self._write_table_head(("STT", "Nội dung", "Mức độ", "Quy tắc", "Chi tiết"))
        for number, finding in enumerate(found, start=1):
            blocks = finding.severity == Severity.BLOCKS
            plain = {"border": 1, "text_wrap": True}
            level = {"bold": True, "font_color": RED} if blocks else {}
            self.sheet.text(self.at, 0, str(number), align="center", **plain)
            self.sheet.text(self.at, 1, finding.subject, **plain)
            words = "Phải xử lý" if blocks else "Giải trình"
            self.sheet.text(self.at, 2, words, align="center", **(plain | level))
            self.sheet.text(self.at, 3, finding.rule, align="center", **plain)
            self.sheet.merged(self.at, 4, _LAST, finding.message, font_size=10, **plain)
            tall = max(height(finding.subject, _WIDTHS[1]), height(finding.message, sum(_WIDTHS[4:]), 10))
            self.sheet.set_row(self.at, tall)
            self.at += 1

    def _write_overruled(self) -> None:
        """Objections of lead bodies that did not prevail: nobody signs without having read them."""
        found = self.source.meta.overruled
        if not found:
            return
        self._write_section(f"{'IV' if self.source.pack.targets else 'III'}. PHẢN ĐỐI CỦA ĐƠN VỊ CHỦ TRÌ ĐÃ BỊ BÁC")
        word = self.source.pack.regime.wording.project
        self._write_table_head(
            ("Số", "Đơn vị chủ trì; đơn vị báo cáo", f"Ô hoặc {word}", "Nêu lúc", "Phản đối; lý do bác")
        )
        for objection in found:
            plain = {"border": 1, "text_wrap": True}
            who = f"{self.source.unit_name(objection.lead)}; {self.source.unit_name(objection.unit)}"
            said = f"Phản đối: {objection.text}\nLý do bác: {objection.answer}"
            self.sheet.text(self.at, 0, str(objection.id), align="center", **plain)
            self.sheet.text(self.at, 1, who, **plain)
            self.sheet.text(self.at, 2, objection.told(word), font_size=10, **plain)
            self.sheet.text(self.at, 3, self.source.local(objection.raised_at), font_size=10, **plain)
            self.sheet.merged(self.at, 4, _LAST, said, font_size=10, **plain)
            tall = max(height(who, _WIDTHS[1]), height(said, sum(_WIDTHS[4:]), 10), height(" " * 24, _WIDTHS[3], 10))
            self.sheet.set_row(self.at, tall)
            self.at += 1

    def _write_signatures(self) -> None:
        """Empty places for the hand; names are never printed before somebody signs."""
        self.at += 1
        office = self.source.pack.regime.authority.standing_office
        blocks = ((0, 2, "NGƯỜI LẬP BIỂU", "(Ký, ghi rõ họ tên)"), (4, _LAST, office.upper(), "(Ký, đóng dấu)"))
        for first, last, title, hint in blocks:
            self.sheet.merged(self.at, first, last, title, bold=True, align="center", font_size=12)
            self.sheet.merged(self.at + 1, first, last, hint, italic=True, align="center", font_size=10)
        self.at += 6
