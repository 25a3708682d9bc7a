"""Thông báo kiểm tra: the written notice to the body that will be inspected, in the form of NĐ 30/2020/NĐ-CP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from baocao.documents.word_report import nd30
from baocao.documents.word_report.numerals import two_digits
from baocao.documents.word_report.report import Stamp, fill
from baocao.model.inspection import Inspection, InspectionRules
from baocao.model.pack import Pack
from baocao.model.report import Signature
from baocao.model.unit import Unit
from baocao.text import day_text

NOTICE_TEMPLATE = Path("word/notice_letter.docx")
_TYPE = "TB"


@dataclass(frozen=True)
class NoticeInput:
    """Everything a notice says."""

    pack: Pack
    rules: InspectionRules
    inspection: Inspection
    unit: Unit
    lead: Unit
    addressee: str
    """The inspected body as `Kính gửi` names it."""
    announced: tuple[date, date]
    """First and last day."""
    working_days: int
    """Between them."""
    on: date
    """The business day; the year is printed on a draft."""
    signature: Signature | None = None
    """None: a draft, number, day and signer blank."""

    @property
    def office(self) -> str:
        """The lead body by its full name: with the province where the pack has it so."""
        full = self.pack.regime.authority.standing_office
        return full if full.startswith(self.lead.full_name) else self.lead.full_name


def notice_symbol(pack: Pack, lead: Unit) -> str:
    """`TB-SNV`: the usual symbol of a notice by that body."""
    return f"{_TYPE}-{nd30.initials(lead.full_name, pack.regime.authority.province)}"


def build_notice(source: NoticeInput, templates: Path) -> bytes:
    """The notice as docx bytes; the same input and template give the same bytes.

    `templates` is the project's `include/templates`. Raises ConfigurationError when the template is missing or broken.
    """
    authority, signature = source.pack.regime.authority, source.signature
    where = source.unit.in_sentence
    context: dict[str, Any] = {
        "parent": "",
        "issuer": nd30.issuer_lines(source.office.upper()),
        "number": nd30.number_line(notice_symbol(source.pack, source.lead), signature),
        "place_and_day": nd30.place_and_day(
            authority.place, signature.signed_on if signature else None, source.on.year
        ),
        "draft": "" if signature else "DỰ THẢO",
        "subject": f"Kiểm tra việc thực hiện {source.pack.regime.programme} tại {where}",
        "addressee": f"{source.addressee}.",
        "addressees": [],
        "bases": _bases(source),
        "opening": f"{source.office} thông báo kiểm tra việc thực hiện {source.pack.regime.programme} tại {where}, "
        "cụ thể như sau:",
        "parts": _parts(source),
        "closing": f"{source.office} thông báo để {source.addressee} biết, chuẩn bị và phối hợp thực hiện./.",
        "receivers": nd30.receivers([], "Lưu: VT"),
        "signer_block": _signer_block(signature),
        "signer": signature.signer if signature else "",
    }
    title = f"Thông báo kiểm tra {where}"
    return fill(
        templates / NOTICE_TEMPLATE,
        context,
        Stamp(title, source.office, f"Kiểm tra năm {source.inspection.year}", 1, source.on),
    )


def _bases(source: NoticeInput) -> list[str]:
    """The plan of inspections, and the provisions the limits come from."""
    found = source.inspection
    named = dict.fromkeys(b.document for b in source.pack.regime.legal_basis if b.id == source.rules.max_anchor)
    plan = f"Kế hoạch kiểm tra năm {found.year} (số {found.decision} ngày {day_text(found.decided_on)})"
    return nd30.listed([f"Căn cứ {document}" for document in (*named, plan)])


def _parts(source: NoticeInput) -> list[dict[str, Any]]:
    """The numbered parts of the notice, each `title` and `lines`, for the template."""
    found = source.inspection
    first, last = source.announced
    limit = source.rules.max_working_days
    documents = found.documents or (
        "Hồ sơ, tài liệu, sổ sách, chứng từ và báo cáo liên quan đến nội dung kiểm tra; báo cáo bằng văn bản về kết "
        "quả thực hiện, khó khăn, vướng mắc và kiến nghị"
    )
    days = f"Từ ngày {day_text(first)} đến hết ngày {day_text(last)} ({two_digits(source.working_days)} ngày làm việc)."
    over = (
        f"Thời gian kiểm tra một đối tượng không quá {two_digits(limit)} ngày làm việc; kết thúc kiểm tra có biên bản "
        "và kết luận thông báo đến đơn vị được kiểm tra."
    )
    parts = [
        ("Nội dung kiểm tra", [_sentence(found.content)]),
        ("Thời gian kiểm tra", [days, over]),
        (
            "Yêu cầu cung cấp hồ sơ",
            [
                _sentence(documents),
                f"Đề nghị chuẩn bị xong trước ngày {day_text(first)} và cử lãnh đạo, bộ phận liên quan làm việc với "
                "đoàn kiểm tra tại trụ sở đơn vị.",
            ],
        ),
    ]
    return [{"title": f"{i}. {title}", "lines": lines} for i, (title, lines) in enumerate(parts, 1)]


def _signer_block(signature: Signature | None) -> list[str]:
    """`KT. GIÁM ĐỐC`, `PHÓ GIÁM ĐỐC`: a deputy signs for the head (Phụ lục I)."""
    title = signature.signer_title.strip().upper() if signature else "THỦ TRƯỞNG"
    return [f"KT. {title.removeprefix('PHÓ ')}", title] if title.startswith("PHÓ ") else [title]


def _sentence(text: str) -> str:
    return text.strip().rstrip(".;") + "."
