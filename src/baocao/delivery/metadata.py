"""Metadata of an outgoing electronic document, as Phụ lục VI of Nghị định 30/2020/NĐ-CP names and measures it.

Written beside the report as XML and JSON. Nothing is made up: what the registry has not given (file code, ordinal,
pages) is left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

from baocao.model.correction import Replaced
from baocao.model.period import Period
from baocao.model.regime import Recipient, Regime
from baocao.model.report import Signature
from baocao.text import day_text

Content = dict[str, Any]
"""Element name -> text, number, nested content, or a list of nested contents (a repeated element)."""

# The lengths of the appendix, not of our database.
LIMITS = {
    "FileCode.OrganId": 13,
    "FileCode.FileCatalog": 4,
    "FileCode.FileNotation": 20,
    "DocOrdinal": 3,
    "TypeName": 100,
    "CodeNumber": 11,
    "CodeNotation": 30,
    "IssuedDate": 10,
    "OrganName": 200,
    "Subject": 500,
    "Language": 30,
    "PageAmount": 3,
    "Description": 500,
    "SignerInfo.Position": 100,
    "SignerInfo.FullName": 50,
    "To.OrganId": 13,
    "To.OrganName": 200,
    "Priority": 1,
    "IssuedAmount": 3,
    "DueDate": 10,
}
"""Longest value of each element, in characters; for numbers, in digits."""
_REQUIRED = (
    "TypeName",
    "CodeNumber",
    "CodeNotation",
    "IssuedDate",
    "OrganName",
    "Subject",
    "SignerInfo.Position",
    "SignerInfo.FullName",
    "To.OrganName",
)


class MetadataError(ValueError):
    """The metadata cannot be written; the message lists every element that is wrong, and why."""


@dataclass(frozen=True, slots=True)
class FileCode:
    """Mã hồ sơ: given by the archive."""

    organ_id: str
    catalog_year: int
    notation: str


@dataclass(frozen=True, slots=True)
class DocumentMetadata:
    """One document's metadata, checked; ready to be written."""

    content: Content

    def to_json(self) -> bytes:
        """UTF-8 JSON with the element names as keys."""
        return (json.dumps(self.content, ensure_ascii=False, indent=2) + "\n").encode()

    def to_xml(self) -> bytes:
        """UTF-8 XML; a list becomes a repeated element."""
        root = ET.Element("Document")
        _fill(root, self.content)
        ET.indent(root)
        text = ET.tostring(root, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def document_metadata(
    regime: Regime,
    period: Period,
    signature: Signature,
    recipients: Sequence[Recipient],
    *,
    subject: str,
    file_code: FileCode | None = None,
    ordinal: int | None = None,
    pages: int | None = None,
    priority: int | None = None,
    description: str = "",
    due_on: date | None = None,
    replaced: Replaced | None = None,
) -> DocumentMetadata:
    """The metadata of the signed report of `period`; `subject` is its trích yếu.

    The appendix has no element for what a document replaces: a correction says it in its Description.

    Raises MetadataError listing each element that is missing, too long, or holds a character XML cannot carry.
    """
    content: Content = {}
    if file_code is not None:
        content["FileCode"] = {
            "OrganId": file_code.organ_id,
            "FileCatalog": file_code.catalog_year,
            "FileNotation": file_code.notation,
        }
    content |= {
        "DocOrdinal": ordinal,
        "TypeName": "Báo cáo",
        "CodeNumber": signature.number,
        "CodeNotation": signature.symbol,
        "IssuedDate": day_text(signature.signed_on),
        "OrganName": regime.authority.issuer_in_sentence,
        "Subject": subject,
        "Language": "Tiếng Việt",
        "PageAmount": pages,
        "Description": description or _described(regime, period, replaced),
        "SignerInfo": {"Position": signature.signer_title, "FullName": signature.signer},
        "To": [
            {"OrganId": r.organ_code, "OrganName": r.name} if r.organ_code else {"OrganName": r.name}
            for r in recipients
        ],
        "Priority": priority,
        "IssuedAmount": len(recipients),
        "DueDate": day_text(due_on) if due_on else None,
    }
    # An element that is not known is left out, not written empty: an empty one says that the value is nothing.
    content = {name: value for name, value in content.items() if value not in (None, "")}
    _check(content)
    return DocumentMetadata(content)


def _described(regime: Regime, period: Period, replaced: Replaced | None) -> str:
    text = f"{regime.name}, kỳ {period.name}"
    if replaced is None:
        return text
    named = f"Báo cáo số {replaced.number}/{replaced.symbol} ngày {day_text(replaced.signed_on)}"
    return f"{text}; đính chính, thay thế {named}"


def _check(content: Content) -> None:
    """Raises MetadataError listing every element that is missing, too long or cannot be written as XML."""
    problems = []
    leaves = list(_leaves(content))
    # All faults at once: each one costs the office another round with the registry.
    present = {name for name, value in leaves if str(value).strip()}
    problems += [f"{name}: bắt buộc phải có" for name in _REQUIRED if name not in present]
    for name, value in leaves:
        text = str(value)
        if len(text) > LIMITS[name]:
            problems.append(f"{name}: dài {len(text)} ký tự, tối đa {LIMITS[name]}; hãy rút ngắn «{text[:40]}»")
        # XML 1.0 has no way to write most of these, not even as a reference: ElementTree would write a file nobody can
        # parse.
        if any(ord(c) < 32 for c in text):
            problems.append(f"{name}: có ký tự điều khiển (xuống dòng, tab); hãy bỏ đi")
        if isinstance(value, int) and value < 0:
            problems.append(f"{name}: không được âm")
    if problems:
        raise MetadataError("Thông tin văn bản điện tử (Phụ lục VI Nghị định 30/2020/NĐ-CP): " + "; ".join(problems))


def _leaves(content: Content, prefix: str = "") -> list[tuple[str, str | int]]:
    found: list[tuple[str, str | int]] = []
    for name, value in content.items():
        for item in value if isinstance(value, list) else [value]:
            found += _leaves(item, f"{prefix}{name}.") if isinstance(item, dict) else [(prefix + name, item)]
    return found


def _fill(parent: ET.Element, content: Content) -> None:
    for name, value in content.items():
        for item in value if isinstance(value, list) else [value]:
            child = ET.SubElement(parent, name)
            if isinstance(item, dict):
                _fill(child, item)
            else:
                child.text = str(item)
