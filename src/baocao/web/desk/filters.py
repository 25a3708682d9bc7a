"""How the desk prints values: Vietnamese numbers, names of states, sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from baocao.delivery.letters import file_size_text
from baocao.documents.word_report.numerals import count, decimal
from baocao.model.deadline import time_left
from baocao.model.report import DeliveryState, ReportStatus, Role
from baocao.model.submission import Status
from baocao.store.standing import Standing
from baocao.web.common.pages import ZONE

STANDINGS: Mapping[str, tuple[str, str, str]] = {
    Standing.MISSING: ("Chưa có báo cáo", "bad", "○"),
    Standing.RETURNED: ("Đang sửa", "mild", "◐"),
    Standing.PENDING: ("Đang kiểm tra", "info", "◔"),
    Standing.LATE: ("Đã nhận, trễ hạn", "mild", "◆"),
    Standing.ACCEPTED: ("Đã nhận", "good", "●"),
    Standing.WAIVED: ("Được miễn", "info", "–"),
}
"""Standing -> words, tone, sign: told apart without colour."""
SUBMISSIONS: Mapping[str, tuple[str, str]] = {
    Status.RECEIVED: ("Đang kiểm tra", "info"),
    Status.ACCEPTED: ("Tiếp nhận", "good"),
    Status.RETURNED: ("Trả lại để sửa", "mild"),
    Status.QUARANTINED: ("Không nhận", "bad"),
    Status.DUPLICATE: ("Gửi trùng", "info"),
    Status.COMMENTS: ("Ý kiến đơn vị chủ trì", "info"),
}
REPORTS: Mapping[str, tuple[str, str]] = {
    ReportStatus.DRAFT: ("Đang lập", "info"),
    ReportStatus.FROZEN: ("Chờ duyệt", "mild"),
    ReportStatus.APPROVED: ("Đã duyệt, chờ ký", "mild"),
    ReportStatus.SIGNED: ("Đã ký, chưa gửi xong", "mild"),
    ReportStatus.DISPATCHED: ("Đã gửi", "good"),
    ReportStatus.RETURNED: ("Bị trả lại", "bad"),
}
DELIVERIES: Mapping[str, tuple[str, str]] = {
    DeliveryState.QUEUED: ("Đang chờ gửi", "info"),
    DeliveryState.REFUSED: ("Bị từ chối", "bad"),
    DeliveryState.HANDED_OVER: ("Đã gửi", "good"),
    DeliveryState.CONFIRMED: ("Đã xác nhận", "good"),
}
MAILS: Mapping[str, tuple[str, str]] = {
    "PENDING": ("Đang chờ", "info"),
    "SENT": ("Đã gửi", "good"),
    "FAILED": ("Không gửi được", "bad"),
}
DECISIONS: Mapping[str, str] = {"approve": "Duyệt, trình ký", "sign": "Ký ban hành", "return": "Trả lại"}
CHANNELS: Mapping[str, str] = {
    "folder": "Thư mục",
    "mail": "Thư điện tử",
    "portal": "Trang nộp",
    "office": "Cơ quan tổng hợp nhập",
}
_STEPS: tuple[tuple[str, str], ...] = (
    ("window_opened", "Thư mở kỳ"),
    ("accepted", "Biên nhận"),
    ("returned", "Thư trả lại để sửa"),
    ("quarantined", "Thư báo không nhận tệp"),
    ("duplicate", "Thư báo gửi trùng"),
    ("link-renewed", "Thư gửi liên kết mới"),
    ("link-revoked", "Thư thu hồi liên kết"),
    ("extension-asked", "Đề nghị gia hạn của đơn vị"),
    ("extension-declined", "Thư không đồng ý gia hạn"),
    ("portal-code", "Mã mở trang nộp"),
    ("extension-withdrawn", "Thư thu hồi gia hạn"),
    ("waiver-withdrawn", "Thư thu hồi việc miễn"),
    ("extension", "Thư gia hạn"),
    ("waiver", "Thư miễn báo cáo"),
    ("t-", "Nhắc trước hạn"),
    ("t+", "Nhắc quá hạn"),
    ("report", "Thư về báo cáo tổng hợp"),
    ("dispatch", "Thư gửi báo cáo"),
    ("slice", "Phần số liệu của đơn vị chủ trì"),
    ("alarm", "Báo động"),
)
"""How a letter's step begins -> what people call the letter."""
_FAMILIES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "standing": STANDINGS,
    "submission": SUBMISSIONS,
    "report": REPORTS,
    "delivery": DELIVERIES,
    "mail": MAILS,
}


def state_name(value: str, family: str) -> str:
    """The words of a state of `family` (standing, submission, report, delivery, mail)."""
    return _FAMILIES[family][value][0]


def state_tone(value: str, family: str) -> str:
    """The colour of its badge: good, bad, mild, info."""
    return _FAMILIES[family][value][1]


def state_sign(value: str) -> str:
    """The sign of a standing, for whoever sees no colour."""
    return STANDINGS[value][2]


def number_text(value: object) -> str:
    """`1.234`, `0,50`, `-` for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        return str(value)
    if isinstance(value, int):
        return count(value) if value >= 0 else f"-{count(-value)}"
    if isinstance(value, Fraction) and value.denominator == 1:
        return number_text(int(value))
    return decimal(value, 2)


def short_instant(moment: datetime | None, zone: ZoneInfo = ZONE) -> str:
    """`14:05 19/06/2026`; a dash for never."""
    return "–" if moment is None else f"{moment.astimezone(zone):%H:%M %d/%m/%Y}"


def role_name(value: str) -> str:
    return {Role.POLICE_OFFICE.value: "Duyệt", Role.PEOPLES_COMMITTEE.value: "Ký"}[value]


def step_name(value: str) -> str:
    """What people call a letter of this step; the step itself where nobody calls it anything."""
    return next((name for start, name in _STEPS if value.startswith(start)), value)


FILTERS: Mapping[str, Callable[..., str]] = {
    "state_name": state_name,
    "state_tone": state_tone,
    "state_sign": state_sign,
    "number": number_text,
    "short": short_instant,
    "size": file_size_text,
    "remaining": time_left,
    "role_name": role_name,
    "step_name": step_name,
    "decision_name": lambda value: DECISIONS[value],
    "channel_name": lambda value: CHANNELS.get(value, value),
}
