"""What people of the desk do where the verbs' sentences name a command.

A refusal, an alarm or a warning is one sentence for whoever reads it, wherever: its cure is named as the command
`baocao …` between backquotes, which is also its name here. The desk says its own page and button instead and leads
there. A command that is named nowhere below stops the tests, not a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from baocao.text import capitalised


@dataclass(frozen=True, slots=True)
class Cure:
    """`path` is below the desk's first page; what it needs stands in braces: `regime`, `period`, `unit` of the page it
    is read on, `first`: the command's first argument. Empty: nothing on the desk does it."""

    words: str
    path: str = ""


_PERIOD = "/r/{regime}/p/{period}"
_REPORT = f"{_PERIOD}/report"
CURES: Mapping[str, Cure] = {
    "accept-coverage": Cure("«Chấp nhận số đơn vị này» ở trang «Báo cáo»", f"{_PERIOD}/do/accept-coverage"),
    "approve": Cure("«Trả lại để sửa» ở trang «Báo cáo»", _REPORT),
    "attach-signed": Cure("«Gắn bản đã ký» ở trang «Báo cáo»", _REPORT),
    "audit rotate-key": Cure("việc đổi khóa nhật ký (do người vận hành máy chủ làm)", "/runbook"),
    "audit verify": Cure("«Kiểm tra nhật ký» ở trang «Nhật ký»", "/r/{regime}/audit/do/verify"),
    "consolidate": Cure("«Tổng hợp» ở trang «Tổng hợp lại, tiến độ»", f"{_PERIOD}/work"),
    "correct": Cure("«Mở đính chính» ở trang «Báo cáo»", f"{_PERIOD}/do/correct"),
    "desk": Cure("bàn làm việc từ máy chủ"),
    "extension list": Cure("trang của đơn vị", f"{_PERIOD}/units"),
    "extension decline": Cure("«Không đồng ý» ở trang của đơn vị", f"{_PERIOD}/units"),
    "inbox attribute": Cure("«Ghi người gửi» ở trang «Tệp chưa rõ người gửi»", "/r/{regime}/inbox"),
    "inbox refuse": Cure("«Từ chối» ở trang «Tệp chưa rõ người gửi»", "/r/{regime}/inbox"),
    "inspection finish": Cure("«Ghi kết thúc» ở trang «Kiểm tra»", "/r/{regime}/inspections"),
    "inspection list": Cure("trang «Kiểm tra»", "/r/{regime}/inspections"),
    "inspection notify": Cure("«Gửi thông báo» ở trang «Kiểm tra»", "/r/{regime}/inspections"),
    "inspection plan": Cure("«Nạp kế hoạch kiểm tra» ở trang «Kiểm tra»", "/r/{regime}/inspections/plan"),
    "inspection start": Cure("«Ghi bắt đầu» ở trang «Kiểm tra»", "/r/{regime}/inspections"),
    "issue": Cure("«Tải PDF để ký số» ở trang «Báo cáo»", _REPORT),
    "lead answer": Cure("«Trả lời» ở trang «Ý kiến chủ trì»", f"{_PERIOD}/objections"),
    "lead objections": Cure("trang «Ý kiến chủ trì»", f"{_PERIOD}/objections"),
    "lead overrule": Cure("«Bác, có nêu lý do» ở trang «Ý kiến chủ trì»", f"{_PERIOD}/objections"),
    "lead slice": Cure("bản xem trước do người vận hành lập"),
    "lead withdraw": Cure("«Ghi việc rút» ở trang «Ý kiến chủ trì»", f"{_PERIOD}/objections"),
    "link renew": Cure("«Cấp liên kết mới» ở trang của đơn vị", f"{_PERIOD}/u/{{unit}}/do/renew-link"),
    "mail list": Cure("trang «Thư»", f"{_PERIOD}/mail"),
    "mail readdress": Cure("«Gửi tới địa chỉ khác» ở trang của thư", f"{_PERIOD}/mail/{{first}}/readdress"),
    "mail retry": Cure("«Gửi lại» ở trang của thư", f"{_PERIOD}/mail/{{first}}/retry"),
    "mail unbounce": Cure("«Địa chỉ vẫn dùng được» ở trang «Thư»", f"{_PERIOD}/do/address-works?address={{first}}"),
    "migrate": Cure("việc nâng cơ sở dữ liệu (do người vận hành máy chủ làm)", "/runbook"),
    "narrative drop": Cure("«Trở lại bản dự thảo» ở trang «Lời văn»", f"{_REPORT}/text"),
    "narrative export": Cure("tệp Word ở trang «Lời văn»", f"{_REPORT}/text"),
    "open": Cure("việc mở kỳ (Airflow hoặc người vận hành làm, theo lịch)", "/runbook"),
    "regime address": Cure("«Sửa địa chỉ thư» ở trang «Thư»", f"{_PERIOD}/do/correct-address?who={{first}}"),
    "regime check": Cure("trang «Chế độ»", "/r/{regime}/pack"),
    "revoke": Cure("«Thu hồi chữ ký chưa gửi» ở trang «Báo cáo»", _REPORT),
    "sign": Cure("«Trả lại» ở trang «Báo cáo»", _REPORT),
    "sources decide": Cure("«Chọn nguồn» ở trang «Dòng có hai nguồn số liệu»", f"{_REPORT}/sources"),
    "status": Cure("trang của kỳ", _PERIOD),
    "waive": Cure("«Gia hạn», «Miễn báo cáo» ở trang của đơn vị", f"{_PERIOD}/units"),
}
"""Command, without its arguments -> what does the same on the desk."""
OPTIONS: Mapping[str, str] = {
    "again": "ô «Gửi thêm dù thư đã đi»",
    "as-of": "giờ của máy chủ",
    "by": "người làm việc này",
    "cell": "ô",
    "from": "ô «Kiểm tra từ ngày»",
    "knowingly": "ô «Đã biết có báo cáo mới hơn»",
    "note": "ô ghi lý do",
    "on": "ngày xác nhận",
    "reason": "ô «Lý do»",
    "receipt": "ô «Số, nội dung xác nhận»",
    "regime": "chế độ",
    "scan": "ô «Đây là bản quét của văn bản ký giấy»",
    "to": "ô «Đến hết ngày»",
    "unit": "đơn vị",
    "until": "ô chọn ngày cuối",
    "yes": "xác nhận",
}
"""Option of a command -> the field of the form."""
COMMAND = re.compile(r"`?\bbaocao ((?:[a-z]+(?:-[a-z]+)*)(?: [a-z]+(?:-[a-z]+)*)?)((?: [^`;,)]*?)?)(?:`|(?=[;,)]|$))")
"""`baocao mail retry 12`: the command and its arguments, up to the backquote that ends them."""
_OPTION = re.compile(r"`?--([a-z]+(?:-[a-z]+)*)`?")


def command_of(match: re.Match[str]) -> tuple[str, str]:
    """The command that was named, as `CURES` knows it, and its first argument; empty for none of ours."""
    words, rest = match[1].split(), match[2].split()
    # The longer name first: `lead answer` is a command, `lead` is a group.
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in CURES:
            return name, next(iter(words[length:] + rest), "")
    return "", ""


def on_desk(text: str) -> str:
    """A sentence of a verb, with the desk's pages and fields where it names commands and options."""

    def said(match: re.Match[str]) -> str:
        name, _ = command_of(match)
        return CURES[name].words if name else match[0]

    found = _OPTION.sub(lambda m: OPTIONS.get(m[1], m[0]), COMMAND.sub(said, text))
    return found if found == text else capitalised(found)


def ways_out(text: str, known: Mapping[str, str]) -> list[tuple[str, str]]:
    """(words, address) of what the sentence says can be done, where `known` (regime, period, unit) is enough to lead
    there; each address once."""
    found: dict[str, str] = {}
    for match in COMMAND.finditer(text):
        name, first = command_of(match)
        path = _filled(CURES[name].path, {**known, "first": first}) if name else ""
        if path:
            found.setdefault(path, CURES[name].words)
    return [(words, path) for path, words in found.items()]


def _filled(path: str, known: Mapping[str, str]) -> str:
    """Empty where something is not known."""
    needed = re.findall(r"\{(\w+)\}", path)
    # Words out of a sentence become a part of an address: nothing that could lead elsewhere.
    if not all(re.fullmatch(r"[\w.@+-]+", known.get(name, "")) for name in needed):
        return ""
    return re.sub(r"\{(\w+)\}", lambda m: known[m[1]], path)
