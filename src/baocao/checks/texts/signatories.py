"""Who signed and who can be asked: names and titles where they belong, no placeholders."""

from __future__ import annotations

import re

from baocao.checks.reading import Reading, cell_text
from baocao.checks.texts.privacy import name_of_a_person
from baocao.forms.contract import INFO_SHEET, SIGNING_FORMS
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Severity
from baocao.text import fold, says_something

_HEADS = ("chủ tịch", "giám đốc", "trưởng", "chánh", "cục trưởng", "chi cục trưởng", "thủ trưởng", "quyền")
_DEPUTY = "phó"
_TITLES = (
    *("phó chủ tịch", "chủ tịch", "phó giám đốc", "giám đốc", "phó trưởng phòng", "trưởng phòng", "phó trưởng ban"),
    *(
        "trưởng ban",
        "phó trưởng công an",
        "trưởng công an",
        "phó chánh văn phòng",
        "chánh văn phòng",
        "chánh thanh tra",
    ),
    *("phó chi cục trưởng", "chi cục trưởng", "phó cục trưởng", "cục trưởng", "phó thủ trưởng", "thủ trưởng"),
    *("phó bí thư", "bí thư", "phó chủ nhiệm", "chủ nhiệm", "chỉ huy trưởng", "phó chỉ huy trưởng", "quyền"),
)
_OFFICES = re.compile(
    r"\b(?:ủy ban nhân dân|ủy ban|ubnd|hội đồng nhân dân|công an|sở|phòng|ban|chi cục|xã|phường|đặc khu|thị trấn|huyện|"
    r"quận|thành phố|tỉnh|tp)\b"
)
_SIGNING_FORM = re.compile(r"^(?:tm|kt|tl|tuq)\b\s*[./]?\s*")
_AUTHORITY = re.compile(r"^(?:ủy ban nhân dân|ubnd)(?: (?:xã|phường|đặc khu|thị trấn|tỉnh|thành phố))?\s*")
_INSTRUCTION_WORDS = {
    *(
        "đã",
        "ký",
        "tên",
        "và",
        "ghi",
        "rõ",
        "họ",
        "đóng",
        "dấu",
        "số",
        "điện",
        "tử",
        "chữ",
        "của",
        "người",
        "đầy",
        "đủ",
    ),
    *("vào", "đây", "hoặc", "không", "có", "chưa", "như", "trên", "trống"),
}
_SAMPLE_NAME = re.compile(r"(?:\w+ )+[abcdxz]")
_WORDS = re.compile(r"[^\W\d_]+")
_EDGES = " .…_-,;:()[]<>/*«»\"'"
_FEWEST_DIGITS = 8
_KEYBOARD_NUMBERS = ("0123456789", "123456789", "987654321", "12345678")


def check_signature(reading: Reading) -> None:
    """The information sheet: the signer's name and title, the form of signing, the person who can be asked."""
    info = reading.workbook.info
    name, title = cell_text(info.get("signer_name")), cell_text(info.get("signer_title"))
    if not name:
        _report(reading, "signer_name", "Họ và tên người ký", _missing("người ký", "Hãy ghi họ tên người ký báo cáo."))
    elif said := not_a_name(name, _names_of(reading)):
        _report(reading, "signer_name", "Họ và tên người ký", said, expected="họ và tên người ký", actual=name)
    elif _SAMPLE_NAME.fullmatch(fold(name).strip(_EDGES)):
        said = f"«{name}» giống tên mẫu. Hãy ghi đúng họ tên người ký; nếu đây là tên thật, ghi rõ ở cột giải trình."
        _report(reading, "signer_name", "Họ và tên người ký", said, actual=name, severity=Severity.EXPLAIN)
    if not title:
        how = "Hãy ghi chức vụ, ví dụ: Chủ tịch, Phó Chủ tịch."
        _report(reading, "signer_title", "Chức vụ người ký", _missing("chức vụ người ký", how))
    elif said := not_a_title(title):
        own = _without_signing_form(title)
        suggestion = own.upper() if own and not_a_title(own) == "" else ""
        _report(
            reading, "signer_title", "Chức vụ người ký", said,
            expected="chức vụ của chính người ký", actual=title, suggestion=suggestion,
        )  # fmt: skip
        # Judged further on without the form of signing, so that one slip is reported once.
        title = own
    _check_signing_form(reading, fold(title))
    _check_contact(reading)


def _missing(what: str, how: str) -> str:
    return f"Trang «{INFO_SHEET}» chưa ghi {what}. {how}"


def not_a_name(text: str, offices: tuple[str, ...] = ()) -> str:
    """Why `text` is no person's name, as a sentence; empty when it can be one. `offices`: folded names of the unit."""
    bare = fold(text).strip(_EDGES)
    words = _WORDS.findall(bare)
    if not words or not says_something(text) or len(words) == 1 or set(words) <= _INSTRUCTION_WORDS:
        what = "chưa phải là họ tên" if words else "chỉ là chỗ trống, chưa có họ tên"
        return f"«{text}» {what}. Hãy ghi đủ họ và tên người ký báo cáo."
    rest = _SIGNING_FORM.sub("", bare)
    role = next((t for t in _TITLES if rest == t or rest.startswith(f"{t} ")), "")
    if not role and rest == bare:
        return ""
    for office in offices:
        rest = rest.replace(office, " ")
    rest = _OFFICES.sub(" ", rest.removeprefix(role))
    if len(_WORDS.findall(rest)) > 1:
        return ""  # the title stands before the name
    return (
        f"«{text}» là chức vụ, không phải họ tên. Hãy ghi họ và tên người ký vào ô này, chức vụ vào ô «Chức vụ người "
        "ký»."
    )


def not_a_title(text: str) -> str:
    """Why `text` is no title of a signer, as a sentence; empty when it can be one."""
    bare = fold(text).strip(_EDGES)
    words = _WORDS.findall(bare)
    example = "ví dụ: CHỦ TỊCH, PHÓ CHỦ TỊCH"
    if not words or not says_something(text) or set(words) <= _INSTRUCTION_WORDS:
        return f"«{text}» chưa phải là chức vụ. Hãy ghi chức vụ của người ký, {example}."
    if _SIGNING_FORM.match(bare):
        return (
            f"«{text}»: TM., KT., TL., TUQ. ghi ở ô «Hình thức ký». Ô này chỉ ghi chức vụ của chính người ký; ký thay "
            "Chủ tịch (KT.) thì người ký là PHÓ CHỦ TỊCH."
        )
    if not any(t in bare for t in (*_TITLES, "trưởng", "phó", "lãnh đạo")) and name_of_a_person(text) is not None:
        return (
            f"«{text}» là họ tên, không phải chức vụ. Hãy ghi chức vụ vào ô này, {example}; họ tên ghi vào ô «Họ và "
            "tên người ký»."
        )
    return ""


def _without_signing_form(title: str) -> str:
    """`KT. CHỦ TỊCH PHÓ CHỦ TỊCH` -> `phó chủ tịch`; empty when no title of the signer's own is left."""
    bare = fold(title).strip(_EDGES)
    rest = _AUTHORITY.sub("", _SIGNING_FORM.sub("", bare)).strip(_EDGES)
    if not _SIGNING_FORM.match(bare):
        return ""
    if not bare.startswith("kt"):
        return rest
    deputy = rest.find(_DEPUTY)
    return rest[deputy:] if deputy >= 0 else ""


def _names_of(reading: Reading) -> tuple[str, ...]:
    return fold(reading.unit.full_name), fold(reading.unit.name)


def _check_signing_form(reading: Reading, title: str) -> None:
    form = cell_text(reading.workbook.info.get("signing_form"))
    what, code = "Hình thức ký", "signing_form"
    if not form:
        # A department works under one head, who signs without any of these.
        if not reading.layout.lead_body:
            how = "Người đứng đầu ký thì chọn TM., cấp phó ký thay thì chọn KT."
            said = f"Trang «{INFO_SHEET}» chưa chọn hình thức ký. {how}"
            _report(reading, code, what, said, expected="TM. hoặc KT.")
        return
    if form not in SIGNING_FORMS:
        said = f"«{form}» không phải là hình thức ký. Hãy chọn TM. hoặc KT."
        _report(reading, code, what, said, expected="; ".join(SIGNING_FORMS), actual=form)
    # NĐ 30/2020, Phụ lục I: the head signs for the collective (TM.), a deputy in the head's place (KT.).
    elif form == "TM." and title.startswith(_DEPUTY):
        said = "Cấp phó ký thay người đứng đầu thì hình thức ký là KT., không phải TM. Hãy chọn KT."
        _report(reading, code, what, said, expected="KT.", actual=form, suggestion="KT.")
    elif form == "KT." and title.startswith(_HEADS):
        said = "Người đứng đầu tự ký thì không ghi KT. (ký thay). Hãy chọn TM., hoặc sửa chức vụ thành cấp phó."
        _report(reading, code, what, said, expected="TM.", actual=form, suggestion="TM.")


def _check_contact(reading: Reading) -> None:
    """Both may stay empty; what stands there must be of use."""
    info = reading.workbook.info
    reporter, phone = cell_text(info.get("reporter")), cell_text(info.get("phone"))
    if reporter and (not says_something(reporter) or set(_WORDS.findall(fold(reporter))) <= _INSTRUCTION_WORDS):
        said = f"«{reporter}» chưa phải là người lập báo cáo. Hãy ghi người được phân công điền tệp này, hoặc để trống."
        _report(reading, "reporter", "Người lập báo cáo", said, actual=reporter)
    # Blanks, points, a plus or an extension may stand between.
    digits = "".join(c for c in phone if c.isdecimal())
    if phone and (len(digits) < _FEWEST_DIGITS or len(set(digits)) == 1 or digits in _KEYBOARD_NUMBERS):
        said = f"«{phone}» không phải là số điện thoại. Hãy ghi số gọi được để hỏi lại khi cần, hoặc để trống."
        _report(reading, "phone", "Số điện thoại liên hệ", said, expected="số điện thoại", actual=phone)


def _report(
    reading: Reading,
    code: str,
    title: str,
    message: str,
    *,
    expected: str = "",
    actual: str = "",
    suggestion: str = "",
    severity: Severity | None = None,
) -> None:
    cell = reading.workbook.info.get(code)
    reading.report_whole(
        RuleKind.SIGNATURE,
        message,
        sheet=cell.sheet if cell is not None else INFO_SHEET,
        a1=cell.a1 if cell is not None else "",
        name=title,
        expected=expected,
        actual=actual,
        suggestion=suggestion,
        severity=severity,
        tag=code,
    )
