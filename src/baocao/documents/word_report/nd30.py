"""Thể thức văn bản: the lines around the text as NĐ 30/2020/NĐ-CP, Phụ lục I wants them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from baocao.documents.word_report.numerals import long_day
from baocao.model.pack_parts.period_rules import PeriodRule
from baocao.model.period import Period
from baocao.model.regime import LegalBasis, Regime
from baocao.model.report import Signature
from baocao.text import day_text

# By rank of the act: căn cứ name the higher acts first, guidance and plans last.
_RANK = ("hiến pháp", "bộ luật", "luật", "nghị quyết", "nghị định", "quyết định", "thông tư", "hướng dẫn", "kế hoạch")
# No-break, so that the blank for a number written by hand is not cut in two at a line's end.
_BLANK = "\N{NO-BREAK SPACE}" * 7


def number_line(symbol: str, signature: Signature | None) -> str:
    """`Số: 05/BC-UBND`; the number is a blank until the registry has given it (Điều 15)."""
    if signature is None:
        return f"Số: {_BLANK}/{symbol}"
    number = signature.number.strip()
    return f"Số: {number.zfill(2) if number.isdigit() else number}/{signature.symbol or symbol}"


def place_and_day(place: str, signed_on: date | None, year: int) -> str:
    """`Huế, ngày 05 tháng 6 năm 2026`; day and month are blanks until it is signed."""
    if signed_on is not None:
        return f"{place}, {long_day(signed_on)}"
    return f"{place}, ngày{_BLANK}tháng{_BLANK}năm {year}"


def reference_line(symbol: str, issuer: str, year: int) -> str:
    """The line under an appendix's title: on electronic documents its blanks are never filled in."""
    return f"(Kèm theo Báo cáo số {_BLANK}/{symbol} ngày{_BLANK}tháng{_BLANK}năm {year} của {issuer})"


def issuer_lines(issuer: str) -> list[str]:
    """`ỦY BAN NHÂN DÂN` / `TỈNH …`: a long name breaks before the territory, not inside it."""
    return [x for x in re.split(r"\s+(?=(?:TỈNH|THÀNH PHỐ|XÃ|PHƯỜNG|ĐẶC KHU)\b)", issuer.strip(), maxsplit=1) if x]


def initials(office: str, province: str) -> str:
    """The office in a document symbol: `SNV` for `Sở Nội vụ`, `SGDĐT` for `Sở Giáo dục và Đào tạo`."""
    return "".join(word[0].upper() for word in office.replace(province, "").split() if word != "và")


def listed(lines: Sequence[str]) -> list[str]:
    """Each ends with `;`, the last with `.`."""
    bare = [line.rstrip(" .;") for line in lines if line.strip(" .;")]
    return [line + (";" if i < len(bare) - 1 else ".") for i, line in enumerate(bare)]


def legal_bases(regime: Regime, rule: PeriodRule, period: Period) -> list[str]:
    """`Căn cứ …` lines: documents cited as a whole, and those that set this period and its deadlines.

    Every document once, higher acts first, in the pack's order within a rank. Only what is law on a day of the period;
    one that begins or ends within it says from or until when. A document whose number or date the pack does not know
    is not printed as if it were complete: `unnumbered_bases` names it.
    """
    cited = _cited(regime, rule, period)
    return listed([f"Căn cứ {b.document}{_in_force(b, period)}" for b in cited if not b.wanting])


def unnumbered_bases(regime: Regime, rule: PeriodRule, period: Period) -> list[str]:
    """The documents that would stand there if the pack knew their number and date."""
    return [b.document for b in _cited(regime, rule, period) if b.wanting]


def _cited(regime: Regime, rule: PeriodRule, period: Period) -> list[LegalBasis]:
    anchors = {rule.anchor, rule.unit.anchor, rule.province.anchor}
    chosen: dict[str, LegalBasis] = {}
    for basis in regime.legal_basis:
        # An id without a dot is a document cited as a whole; of the others only the provisions this period rests on.
        cited = _rank(basis.document) < len(_RANK) and ("." not in basis.id or basis.id in anchors)
        if cited and basis.in_force_during(period.covers_from, period.cutoff_on):
            chosen.setdefault(basis.document, basis)
    return sorted(chosen.values(), key=lambda basis: _rank(basis.document))


def _in_force(basis: LegalBasis, period: Period) -> str:
    """` (từ ngày 01/07/2026)` where the law changes within the period, else nothing."""
    since, until = basis.in_force_from, basis.in_force_to
    parts = [f"từ ngày {day_text(since)}"] if since is not None and period.covers_from < since else []
    parts += [f"đến hết ngày {day_text(until)}"] if until is not None and until < period.cutoff_on else []
    return f" (áp dụng {' '.join(parts)})" if parts else ""


def _rank(document: str) -> int:
    lower = document.casefold()
    return next((i for i, kind in enumerate(_RANK) if lower.startswith(kind)), len(_RANK))


def addressees(names: Sequence[str]) -> tuple[str, list[str]]:
    """(`one recipient on the line itself`, `dash lines for two or more`)."""
    # NĐ 30/2020, Phụ lục I: one recipient on the line of "Kính gửi", two or more below it with dashes.
    if len(names) == 1:
        return f"{names[0].rstrip(' .;')}.", []
    return "", [f"- {line}" for line in listed(names)]


def receivers(copies: Sequence[str], archive_line: str) -> list[str]:
    """Nơi nhận: `Như trên;` first, `Lưu: VT, ….` last."""
    return [f"- {line}" for line in listed(["Như trên", *copies, archive_line])]


def signer_lines(block: Sequence[str], signature: Signature | None) -> list[str]:
    """`TM. …`, `KT. CHỦ TỊCH`, `PHÓ CHỦ TỊCH`: when the head signs in person the `KT.` line falls away."""
    lines = [line.upper() for line in block]
    title = signature.signer_title.strip().upper() if signature else ""
    if not title or not lines or lines[-1] == title:
        return lines
    deputising = f"KT. {title}"
    # The pack's block is that of the usual deputy; whoever signs as the head signs for nobody.
    if deputising in lines:
        return [*lines[: lines.index(deputising)], title]
    return [*lines[:-1], title]
