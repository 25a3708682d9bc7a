"""Texts that can be read where they arrive: no older character table, no lost letters, no unfilled places.

What a unit writes is printed in the report to the ministry as it stands, so a text that is broken here is broken there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from baocao.checks.cell_specs import CellSpec
from baocao.checks.reading import Reading
from baocao.forms.contract import INDEX_SHEET, INFO_SHEET
from baocao.legacy_text import legacy_of
from baocao.model.form import CellKey, ColumnRole
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Answer
from baocao.orthography import is_syllable
from baocao.text import lowered, says_something

_WANTED = "chữ Việt Unicode"
_LOST = "\ufffd"
_QUESTION_MARKS = re.compile(r"\?{3,}")
_WITH_QUESTION_MARKS = re.compile(r"[^\W\d_]*(?:\?+[^\W\d_]+)+")
_UNFILLED = re.compile(r"\.{3,}|…|_{2,}")
_LINK = re.compile(r"\S*(?:://|=)\S*")


@dataclass(frozen=True, slots=True)
class TextFault:
    """Why a text cannot be read, and what to do about a cell that holds it."""

    what: str
    how: str
    actual: str
    suggestion: str = ""
    """the text in Unicode, where it follows"""

    @property
    def message(self) -> str:
        return f"{self.what} {self.how}"


def fault_of(text: str) -> TextFault | None:
    """What is wrong with the letters of a text; None when it can be read."""
    lost = lost_letters(text)
    if lost:
        return TextFault(
            f"Chữ ở đây đã mất dấu khi chép hoặc chuyển tệp, nay còn «{lost}», không đoán lại được.",
            "Hãy gõ lại đoạn này, hoặc chép lại từ văn bản gốc sau khi đổi văn bản gốc sang phông Unicode (Times New "
            "Roman).",
            lost,
        )
    legacy = legacy_of(text)
    if legacy is None:
        return None
    seen = "; máy của đơn vị có thể vẫn hiện đúng vì có phông cũ" if legacy.encoding.letters else ""
    return TextFault(
        f"Chữ ở đây không phải chữ Việt Unicode mà là {legacy.encoding.name} ({legacy.encoding.cause}), nơi nhận đọc "
        f"ra «{legacy.sample}»{seen}.",
        "Hãy đọc lại đoạn đã chuyển sang Unicode ở mục gợi ý; nếu đúng, chép đè vào ô và chọn phông Times New Roman.",
        legacy.sample,
        legacy.text,
    )


def why_unreadable(text: str) -> str:
    """The same about a text that stands in no cell (a comment, a reason, a signer); empty when it can be read."""
    text = unicodedata.normalize("NFC", text.strip())
    if text and not says_something(text):
        return f"«{text}» chưa có nội dung. Hãy ghi rõ."
    fault = fault_of(text)
    if fault is None:
        return ""
    converted = f" Đoạn đã chuyển sang Unicode: «{fault.suggestion}»." if fault.suggestion else ""
    return f"{fault.what} Hãy gõ lại bằng Unicode.{converted}"


def lost_letters(text: str) -> str:
    """The first word with letters that were replaced by `?` or by the replacement character; empty when none."""
    if _LOST in text:
        return next((word for word in text.split() if _LOST in word), _LOST)
    if "?" not in text:
        return ""
    # `?id=3` in an address is no lost letter.
    text = _LINK.sub(" ", text)
    for match in _WITH_QUESTION_MARKS.finditer(text):
        parts = [part for part in match.group().split("?") if part]
        # `không?Nếu` only lacks a blank: both sides are words.
        # A capital after the mark begins a new sentence.
        if not all(map(is_syllable, parts)) and any(part[0].islower() for part in parts[-1:]):
            return match.group()
    run = _QUESTION_MARKS.search(text)
    return run.group() if run else ""


def check_wording(reading: Reading, texts: Iterable[tuple[CellSpec, str]]) -> None:
    """Every text somebody wrote: cells, explanation columns, the information sheet, explanations of findings."""
    for spec, text in texts:
        if not _says_enough(reading, spec, text):
            continue
        fault = fault_of(text)
        if fault is not None:
            reading.report(
                RuleKind.LEGIBLE_TEXT,
                spec,
                fault.message,
                expected=_WANTED,
                actual=fault.actual,
                suggestion=fault.suggestion,
            )
    for code, info in reading.workbook.info.items():
        fault = fault_of(str(info.value)) if info.answer is Answer.VALUE else None
        if fault is not None:
            reading.report_whole(
                RuleKind.LEGIBLE_TEXT,
                fault.message,
                sheet=info.sheet or INFO_SHEET,
                a1=info.a1,
                expected=_WANTED,
                actual=fault.actual,
                suggestion=fault.suggestion,
                tag=code,
            )
    for key, text in reading.workbook.explanations.items():
        fault = fault_of(text)
        if fault is not None:
            reading.report_whole(
                RuleKind.LEGIBLE_TEXT,
                f"Lời giải trình cho điểm này: {lowered(fault.message)}",
                sheet=INDEX_SHEET,
                item=_item_of(reading, key),
                name="Giải trình của đơn vị",
                expected=_WANTED,
                actual=fault.actual,
                suggestion=fault.suggestion,
                tag=key,
            )


def _says_enough(reading: Reading, spec: CellSpec, text: str) -> bool:
    """False when the text only fills the place, and reports it; an explanation that says nothing explains nothing."""
    # Nobody must explain, so filling the place is no fault of its own.
    if spec.column.role is ColumnRole.EXPLANATION:
        return says_something(text)
    if not says_something(text):
        how = "không có thì nhập NP" if spec.required else "không có thì để trống hoặc nhập NP"
        message = f"Ô này chỉ ghi «{text}», chưa có nội dung. Hãy viết nội dung; {how}."
    # In the narrative dots are punctuation.
    elif spec.column.role is not ColumnRole.TEXT and (gap := _UNFILLED.search(text)):
        message = f"«{text}» còn chỗ chưa điền («{gap.group()}»). Hãy điền đủ; không có thì nhập NP."
    else:
        return True
    reading.report(RuleKind.ANSWERED, spec, message, expected="nội dung bằng chữ", actual=text)
    return False


def _item_of(reading: Reading, key: str) -> str:
    """The printed number of the row that a finding's key names."""
    name = key.split("|")[1] if "|" in key else ""
    spec = reading.layout.specs.get(CellKey.parse(name)) if name.count("/") == 2 else None
    return spec.row.item if spec is not None else ""
