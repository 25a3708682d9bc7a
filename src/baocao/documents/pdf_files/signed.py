"""A signed PDF that came back: is it our very document with nothing but signatures added, and whose are they?

Digital signatures are PAdES (ETSI EN 319 142-1): an incremental update behind the signed bytes. What cannot be seen
here, and is said: whether a certificate was revoked (no network), and whether the person was entitled to sign.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from baocao.documents.pdf_files.same import SameContent
from baocao.forms.reading.raw import Unreadable

__all__ = [
    "DigitalSignature",
    "NotOurDocumentError",
    "SignedPdf",
    "examine_signed_pdf",
    "signatures_task",
]


class NotOurDocumentError(ValueError):
    """The file is not the report with signatures added; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class DigitalSignature:
    """One signature in the file, as its certificate names it."""

    signer: str
    """common name of the certificate's subject"""
    organisation: str
    issuer: str
    serial: str
    """hexadecimal"""
    claimed_at: datetime | None
    """the moment the signer's own machine gave; no proof"""
    trusted: bool
    """whether the signature holds and the certificate leads to one of the trust roots"""
    why_not: str = ""
    intact: bool = True
    """whether the signed bytes are those of the file, and nothing was changed after the signature"""


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """What was found in a file: its signatures in the order they were made."""

    sha256: str
    size: int
    signatures: tuple[DigitalSignature, ...]


def examine_signed_pdf(ours: bytes, given: bytes, roots: Sequence[bytes]) -> SignedPdf:
    """The signatures of `given`, after proving that it is `ours` with nothing but signatures added.

    Raises NotOurDocumentError with a sentence for the person who gave the file.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError

    if given == ours:
        raise NotOurDocumentError("Tệp chưa có chữ ký nào: đây là bản PDF chưa ký; hãy ký số tệp này rồi gửi lại")
    # PAdES signs by an incremental update: the bytes we gave out stand unchanged at the beginning. Whatever saved the
    # file anew changed them.
    if not given.startswith(ours):
        raise NotOurDocumentError(
            "Tệp không phải bản PDF của báo cáo này có thêm chữ ký (nội dung đã bị thay đổi, hoặc tệp được in, quét, "
            "lưu lại bằng chương trình khác). Hãy tải bản PDF, ký số ngay trên tệp đó; nếu là bản quét thì khai rõ"
        )
    try:
        reader = PdfFileReader(io.BytesIO(given))
        embedded = list(reader.embedded_signatures)
        if not embedded:
            raise NotOurDocumentError("Tệp có phần thêm vào nhưng không có chữ ký số nào; hãy ký số bản PDF đã tải về")
        _nothing_but_signatures(reader, ours)
        signatures = tuple(_examined(embedded, roots))
    except NotOurDocumentError:
        raise
    except (PdfError, SigningError, ValueError, KeyError, NotImplementedError) as error:
        raise NotOurDocumentError(f"Tệp PDF bị hỏng, không đọc được chữ ký: {error}") from error
    return SignedPdf(hashlib.sha256(given).hexdigest(), len(given), signatures)


def signatures_task(data: bytes, order: dict[str, Any]) -> bytes:
    """The signatures of a PDF from outside, whatever it is a report of; for the reader's process.

    `order["roots"]`: trust roots as DER, in hexadecimal. Answers JSON: a list of `DigitalSignature` as plain data,
    empty for a scan. Raises Unreadable when the file is none that pyHanko can read.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError

    try:
        # Not strict: programs of units write PDFs that do not follow the norm in every detail, and nothing is decided
        # by them here.
        embedded = list(PdfFileReader(io.BytesIO(data), strict=False).embedded_signatures)
        found = list(_examined(embedded, [bytes.fromhex(root) for root in order["roots"]], own=False))
    except (PdfError, SigningError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError) as error:
        raise Unreadable("signatures", f"Không đọc được chữ ký số của tệp PDF: {error}") from error
    return json.dumps([asdict(one) for one in found], default=str, ensure_ascii=False).encode()


def _nothing_but_signatures(reader: Any, ours: bytes) -> None:
    """What the file shows now is what ours showed: a change made in the same step as a signature is covered by that
    signature, so that checking the signature alone would not show it."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    if not SameContent(PdfFileReader(io.BytesIO(ours)), reader).holds():
        raise NotOurDocumentError(_CHANGED)


_CHANGED = (
    "Ngoài chữ ký, nội dung của bản PDF đã bị thay đổi (thêm chữ, chú thích hoặc trang). Hãy tải lại bản PDF và chỉ ký "
    "số, không sửa gì khác"
)


def _examined(embedded: Sequence[Any], roots: Sequence[bytes], *, own: bool = True) -> Iterator[DigitalSignature]:
    """Raises NotOurDocumentError at a signature that does not hold; of a file that is not our `own` it is said."""
    from asn1crypto.x509 import Certificate
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    anchors = [Certificate.load(root) for root in roots]
    for signature in embedded:
        # No network here: `soft-fail` lets a certificate pass whose revocation cannot be asked about.
        context = ValidationContext(trust_roots=anchors, allow_fetching=False, revocation_mode="soft-fail")
        status = validate_pdf_signature(signature, signer_validation_context=context)
        # `docmdp_ok`: nothing was changed after the signature beyond what it allows.
        holds = bool(status.intact and status.valid and status.docmdp_ok)
        if own and not holds:
            raise NotOurDocumentError(
                "Chữ ký số không khớp với nội dung tệp (tệp bị sửa sau khi ký, hoặc chữ ký bị hỏng)"
            )
        certificate = status.signing_cert
        subject = certificate.subject.native
        yield DigitalSignature(
            signer=_first(subject.get("common_name")),
            organisation=_first(subject.get("organization_name")),
            issuer=certificate.issuer.human_friendly,
            serial=f"{certificate.serial_number:x}",
            claimed_at=status.signer_reported_dt,
            trusted=holds and bool(status.trusted),
            why_not=_BROKEN if not holds else "" if status.trusted else _reason(bool(roots)),
            intact=holds,
        )


_BROKEN = "chữ ký số không khớp với nội dung tệp"


def _first(value: object) -> str:
    """A name that may be given several times."""
    found = value[0] if isinstance(value, list) and value else value
    return "" if found is None else str(found)


def _reason(has_roots: bool) -> str:
    if not has_roots:
        return "chưa cài đặt chứng thư gốc nên chưa kiểm tra được chứng thư của người ký"
    return (
        "chứng thư của người ký không dẫn về chứng thư gốc đã cài đặt, hoặc đã hết hạn, hoặc không dùng để ký văn bản"
    )
