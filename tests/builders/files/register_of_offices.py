"""What an office's document never says: a linter over built Word files and over templates."""

from __future__ import annotations

import io
import re

from docx import Document
from docx.oxml.ns import qn

FORBIDDEN = {
    r"\btử số\b|\bmẫu số\b": "nói bằng lời thường thay cho tử số, mẫu số",
    r"dựng lại": "lập lại, hoàn chỉnh, không phải dựng lại",
    r"- -": "hai gạch đầu dòng liền nhau",
    r"(?<![\d,.])00 (?:mức|đơn vị|điểm|báo cáo)\b": "không có thì viết bằng lời",
    r"[Mm]ục tiêu số \d": "nêu tên mục tiêu, không nêu số thứ tự",
    r"\(CT\d\d - CT\d\d\)": "nêu tên chỉ tiêu, không nêu mã",
    r"\{\{|\}\}|\{%": "thẻ của mẫu còn sót",
    "[\ue000\ue001\ue002]": "dấu số liệu còn sót",
    r"\b0/0\b(?! người| đơn vị)": "không có ai thì viết bằng lời",
    r"  +\S": "hai dấu cách liền nhau",
}
COMMANDS = r"(?:^|[.;:,] )[Hh]ãy "
"""What a text that goes to a superior never does."""


def texts_of(docx: bytes) -> list[str]:
    """Every paragraph, those of tables included."""
    body = Document(io.BytesIO(docx)).element.body
    return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


def faults_in(texts: list[str], *, commands: bool = True) -> list[str]:
    """`why: text` of each fault."""
    rules = {**FORBIDDEN, **({COMMANDS: "kính đề nghị, không ra lệnh"} if commands else {})}
    return [f"{why}: {text[:120]}" for text in texts for found, why in rules.items() if re.search(found, text)]


def faults_of(docx: bytes) -> list[str]:
    return faults_in(texts_of(docx))
