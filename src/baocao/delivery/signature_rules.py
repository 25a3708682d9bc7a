"""What a signature may be: one check, asked when the report is signed and again when it is dispatched.

The number goes into file names, the metadata of NĐ 30/2020 Phụ lục VI and the printed head; the signer and the title
are printed under the report. Whatever a later step would refuse is refused here, naming the field and the cure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from baocao.calendar.workdays import WorkingDays
from baocao.delivery.metadata import LIMITS
from baocao.model.report import Signature
from baocao.text import day_text, nfc

REHEARSED = "DT"
"""How the number of a rehearsed report begins: the registry's real numbers stay free."""
_NUMBER = re.compile(rf"(?:{REHEARSED}-?)?[0-9]+[A-Za-zĐđ]?")
_SYMBOL = re.compile(r"[^\W\d_][^\W_]*(?:[-.&][^\W_]+)*")
# Unicode's categories of what prints nothing: a zero-width sign in the number would make two documents of one number.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"
"""fillers that count as letters or signs and print nothing"""
_SIGNS = set("0123456789-.&")
_PUNCTUATION = set(" .,-'’()/&")


@dataclass(frozen=True, slots=True)
class TypedSignature:
    """What was typed; None or empty where nothing was."""

    number: str | None = None
    symbol: str | None = None
    signed_on: date | str | None = None
    signer: str | None = None
    signer_title: str | None = None


@dataclass(frozen=True, slots=True)
class SignatureContext:
    """What a signature is held against."""

    symbol: str
    """the issuing authority's own, where none is typed"""
    title: str
    today: date
    not_before: date | None
    """the day the report was approved; None when that is not known"""
    rehearsal: bool = False
    working_days: WorkingDays | None = None
    """None: days off are not looked at"""


class SignatureRefused(ValueError):  # noqa: N818
    """The signature cannot be used. The message names every field that is wrong, why, and what to type instead."""


def checked_signature(given: TypedSignature, at: SignatureContext) -> tuple[Signature, tuple[str, ...]]:
    """The signature as it will be printed, and what is odd about it without being wrong (sentences).

    `151/BC-UBND` typed as the number is taken apart. Raises SignatureRefused.
    """
    # All faults are gathered: whoever signs gets one answer, not one a try.
    problems: list[str] = []
    missing = [n for n, v in (("số", given.number), ("ngày ký", given.signed_on), ("người ký", given.signer)) if not v]
    if missing:
        raise SignatureRefused(f"Chưa thể ghi nhận việc ký: thiếu {', '.join(missing)}; hãy nhập đủ rồi ký lại")
    number, symbol = _number_and_symbol(str(given.number), given.symbol, at.symbol, problems)
    _check_number(number, problems, rehearsal=at.rehearsal)
    _check_symbol(symbol, problems)
    # The widths of NĐ 30/2020, Phụ lục VI: what is longer could be signed here and never be dispatched.
    signer = _line("người ký", str(given.signer), LIMITS["SignerInfo.FullName"], problems)
    title = _line("chức vụ người ký", given.signer_title or at.title, LIMITS["SignerInfo.Position"], problems)
    if any(c.isdigit() for c in signer):
        problems.append(f"người ký: {signer!r} có chữ số; hãy nhập họ và tên")
    day = _day(given.signed_on, at, problems)
    if problems or day is None:
        raise SignatureRefused(f"Chưa thể ghi nhận việc ký: {'; '.join(problems)}")
    return Signature(number, symbol, day, signer, title), _remarks(day, at)


def recheck_signature(signature: Signature) -> None:
    """Hold a signature that is kept against the same rules, without its circumstances. Raises SignatureRefused."""
    checked_signature(
        TypedSignature(
            signature.number, signature.symbol, signature.signed_on, signature.signer, signature.signer_title
        ),
        SignatureContext(
            signature.symbol,
            signature.signer_title,
            today=signature.signed_on,
            not_before=None,
            rehearsal=signature.number.startswith(REHEARSED),
        ),
    )


def _number_and_symbol(number: str, symbol: str | None, usual: str, problems: list[str]) -> tuple[str, str]:
    """Number and symbol; a symbol typed behind the number's first stroke is the symbol."""
    number, typed = number.strip(), (symbol or "").strip()
    head, stroke, tail = (part.strip() for part in number.partition("/"))
    if not stroke:
        return number, typed or usual
    # A page proposes the usual symbol: only one that somebody typed differently contradicts.
    if typed and typed not in {tail, usual}:
        problems.append(
            f"số văn bản: {number!r} đã có ký hiệu {tail!r}, khác ký hiệu {typed!r} ghi riêng; hãy chỉ ghi một ký hiệu"
        )
    return head, tail


def _check_number(number: str, problems: list[str], *, rehearsal: bool) -> None:
    """Add to `problems` what is wrong with the document's number."""
    # The number becomes a part of file names and of the metadata: digits, one letter at most, never a path.
    if not _NUMBER.fullmatch(number) or not number.strip(f"{REHEARSED}-0"):
        problems.append(
            f"số văn bản: {number!r} không đúng; hãy nhập số do văn thư cấp, chỉ gồm chữ số, thêm tối đa một chữ cái "
            "(ví dụ 151 hoặc 151a)"
        )
    elif len(number) > LIMITS["CodeNumber"]:
        problems.append(f"số văn bản: dài {len(number)} ký tự, tối đa {LIMITS['CodeNumber']}")
    if rehearsal and not number.startswith(REHEARSED):
        problems.append(f"báo cáo diễn tập không dùng số thật: số văn bản phải bắt đầu bằng {REHEARSED}")
    if not rehearsal and number.startswith(REHEARSED):
        problems.append(
            f"số văn bản bắt đầu bằng {REHEARSED} chỉ dành cho báo cáo diễn tập; hãy nhập số do văn thư cấp"
        )


def _check_symbol(symbol: str, problems: list[str]) -> None:
    if not _SYMBOL.fullmatch(symbol) or not all(c.isalpha() or c in _SIGNS for c in symbol) or not _latin(symbol):
        problems.append(
            f"ký hiệu: {symbol!r} không đúng; hãy nhập như BC-UBND (chữ cái, chữ số, dấu gạch nối, dấu chấm)"
        )
    elif len(symbol) > LIMITS["CodeNotation"]:
        problems.append(f"ký hiệu: dài {len(symbol)} ký tự, tối đa {LIMITS['CodeNotation']}")


def _line(field: str, text: str, longest: int, problems: list[str]) -> str:
    """One printed line: no line break, nothing invisible, letters of the Latin script, not only punctuation."""
    hidden = sorted({_named(c) for c in text if _invisible(c)})
    if hidden:
        problems.append(f"{field}: có xuống dòng hoặc ký tự không nhìn thấy ({', '.join(hidden)}); hãy gõ lại bằng tay")
        return text
    line = nfc(text)
    strange = sorted({c for c in line if not (c.isalpha() or c in "0123456789" or c in _PUNCTUATION)})
    if strange or not _latin(line):
        problems.append(f"{field}: {line!r} có ký tự không dùng trong tên; hãy gõ lại bằng chữ Việt")
    elif sum(c.isalpha() for c in line) < 2:
        problems.append(f"{field}: {line!r} không phải tên; hãy nhập đủ chữ")
    elif len(line) > longest:
        problems.append(f"{field}: dài {len(line)} ký tự, tối đa {longest} (Nghị định 30/2020/NĐ-CP, Phụ lục VI)")
    return line


def _day(given: date | str | None, at: SignatureContext, problems: list[str]) -> date | None:
    try:
        day = given if isinstance(given, date) else date.fromisoformat(str(given).strip())
    except ValueError:
        problems.append(f"ngày ký {given!r} không đúng; hãy nhập dạng NĂM-THÁNG-NGÀY, ví dụ 2026-06-24")
        return None
    # Of the regime's own day: on the server's clock (UTC) a document signed in the morning would lie ahead.
    if day > at.today:
        problems.append(f"ngày ký {day_text(day)} còn ở phía trước (hôm nay {day_text(at.today)}); hãy nhập ngày đã ký")
    elif at.not_before is not None and day < at.not_before:
        problems.append(f"ngày ký {day_text(day)} trước ngày báo cáo được duyệt ({day_text(at.not_before)})")
    return day


def _remarks(day: date, at: SignatureContext) -> tuple[str, ...]:
    if at.working_days is not None and not at.working_days.is_working(day):
        return (f"Ngày ký {day_text(day)} là ngày nghỉ; nếu đúng như vậy thì không phải làm gì thêm.",)
    return ()


def is_visible(text: str) -> bool:
    """Whether something of `text` can be seen, and nothing in it hides: for names that people decide under."""
    return any(c.isalnum() for c in text) and not any(_invisible(c) for c in text)


def _invisible(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN or char in _BLANK_LETTERS


def _latin(text: str) -> bool:
    return all(unicodedata.name(c, "").startswith("LATIN ") for c in text if c.isalpha())


def _named(char: str) -> str:
    return f"U+{ord(char):04X}"
