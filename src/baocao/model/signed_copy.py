"""Bản ký: the signed copy of a unit's report, and of the report that is dispatched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from baocao.model.pack_parts.strict import Strict


class UnitCopyRule(StrEnum):
    """Whether a unit owes the signed copy of its report beside the workbook."""

    NONE = "none"
    """nobody asks for it; a PDF or a picture in the inbox is no report"""
    ASKED = "asked"
    """asked for: the receipt says when it is missing"""
    REQUIRED = "required"
    """the report counts, but is not complete before the copy is there: the unit is reminded until it is"""


class SignedCopyRule(StrEnum):
    """What must be attached to a signed report before it is dispatched."""

    NONE = "none"
    SCAN = "scan"
    """a scan, or more: a PDF signed digitally"""
    DIGITAL = "digital"
    """a PDF signed digitally, by a certificate that leads to a trust root of the installation"""


class DispatchRules(Strict):
    """What the recipients get beside the letter."""

    units_detail: bool = False
    """Whether their workbook has the figures of every unit; else only those of the whole."""
    word: bool = False
    """Whether the Word file goes along, and stands in where no PDF can be made."""
    signed_copy: SignedCopyRule = SignedCopyRule.NONE
    anchor: str = ""


class CopyKind(StrEnum):
    """By the first bytes of the file, never by its name."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class UnitCopy:
    """A signed copy that a unit handed in. Kept as it came; only digital signatures are looked for in it."""

    id: int
    regime: str
    period: str
    unit: str
    filename: str
    sha256: str
    size: int
    """bytes"""
    kind: CopyKind
    channel: str
    received_at: datetime
    by: str
    """who handed it in, where a person did; empty for a channel without persons"""
    signatures: tuple[Mapping[str, Any], ...] | None = None
    """Of a PDF: the digital signatures found in it when it came, as plain data (signer, organisation, trusted,
    why_not); empty for a scan. None: not examined (a picture, a copy from before, a file whose signatures cannot be
    read)."""

    @property
    def signed_by(self) -> str:
        """`ký số: …, UBND xã … (chứng thư tin cậy)`, `bản quét`, `ký số: … (chưa kiểm được: …)`; one line for people.

        It never decides anything: what a unit signs with is the unit's business.
        """
        # None is "not examined", an empty list "examined, none found": a PDF must not be called a scan because it
        # could not be read.
        if self.signatures is None:
            return "bản quét" if self.kind is not CopyKind.PDF else "PDF, chưa kiểm được chữ ký số"
        if not self.signatures:
            return "bản quét (tệp PDF không có chữ ký số)"
        said = [
            ", ".join(filter(None, (str(one["signer"]) or "không rõ tên", str(one["organisation"]))))
            + (" (chứng thư tin cậy)" if one["trusted"] else f" (chưa kiểm được: {one['why_not']})")
            for one in self.signatures
        ]
        return f"ký số: {'; '.join(said)}"


@dataclass(frozen=True, slots=True)
class UnitPaper:
    """The unit's report as a document: its number and day, who signed, and the copy that belongs to it."""

    number: str
    dated: str
    """as the unit wrote it"""
    signer: str
    copy: UnitCopy | None
