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
from baocao.text import short_moment_text
from baocao.web.common.pages import ZONE
from baocao.web.desk.cures import on_desk

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
TRUST: Mapping[str, tuple[str, str]] = {
    "confirmed": ("đã xác nhận", "good"),
    "secondary": ("nguồn dẫn lại", "info"),
    "assumed": ("giả định", "mild"),
}
"""How far a provision of the law is known: read in the original, known from elsewhere, assumed."""
CHANNELS: Mapping[str, str] = {
    "folder": "Thư mục",
    "mail": "Thư điện tử",
    "portal": "Trang nộp",
    "office": "Cơ quan tổng hợp nhập",
}
_STEPS: tuple[tuple[str, str], ...] = (
    ("remind:copy", "Nhắc gửi bản ký"),
    ("remind:t-", "Nhắc trước hạn"),
    ("remind:t+", "Nhắc quá hạn"),
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
    ("given-back", "Thư trả lại báo cáo đã tiếp nhận"),
    ("misaddressed", "Thư báo tệp gửi nhầm nơi"),
    ("sent-by-another", "Thư báo tệp do nơi khác gửi"),
    ("comments", "Biên nhận ý kiến"),
    ("comment", "Thư về ý kiến của đơn vị chủ trì"),
    ("mended", "Thư về phản đối đã được sửa"),
    ("correction", "Thư về đính chính"),
    ("newer", "Thư báo có báo cáo mới hơn"),
    ("mail-", "Thư trả lời thư đến"),
    ("inspection", "Thư về kiểm tra"),
    ("report", "Thư về báo cáo tổng hợp"),
    ("dispatch", "Thư gửi báo cáo"),
    ("slice", "Phần số liệu của đơn vị chủ trì"),
    ("alarm", "Báo động"),
)
"""How a letter's step begins -> what people call the letter."""
ACTIONS: Mapping[str, str] = {
    "audit_chain_keyed": "Bắt đầu dùng khóa nhật ký",
    "audit_key_rotated": "Đổi khóa nhật ký",
    "audit_verified": "Kiểm tra nhật ký",
    "address_bounced": "Ghi địa chỉ thư hỏng",
    "address_corrected": "Sửa địa chỉ thư",
    "address_unbounced": "Dùng lại địa chỉ thư",
    "backup_made": "Sao lưu",
    "baseline_loaded": "Nạp số liệu kỳ trước",
    "correction_opened": "Mở đính chính",
    "correction_extended": "Thêm đơn vị vào đính chính",
    "coverage_overruled": "Chấp nhận thiếu đơn vị",
    "dispatch_started": "Bắt đầu gửi báo cáo",
    "extension_asked": "Đơn vị xin gia hạn",
    "extension_declined": "Không đồng ý gia hạn",
    "extension_granted": "Gia hạn",
    "extension_withdrawn": "Thu hồi gia hạn",
    "waiver_granted": "Miễn báo cáo",
    "waiver_withdrawn": "Thu hồi việc miễn",
    "gate_agreed": "Cổng kiểm tra khớp",
    "gate_disagreed": "Cổng kiểm tra không khớp",
    "inspection_cancelled": "Hủy cuộc kiểm tra",
    "inspection_concluded": "Kết luận kiểm tra",
    "inspection_finished": "Kết thúc cuộc kiểm tra",
    "inspection_notified": "Thông báo kiểm tra",
    "inspection_started": "Bắt đầu cuộc kiểm tra",
    "lead_comments_received": "Nhận ý kiến đơn vị chủ trì",
    "link_renewed": "Cấp liên kết mới",
    "link_revoked": "Thu hồi liên kết",
    "link_shown": "Xem liên kết của đơn vị",
    "long_work_started": "Bắt đầu tổng hợp hoặc thử biểu",
    "mail_readdressed": "Đổi địa chỉ một thư",
    "mail_retried": "Gửi lại thư",
    "narrative_imported": "Nhận lời văn báo cáo",
    "narrative_dropped": "Bỏ lời văn báo cáo",
    "receipt_recorded": "Ghi xác nhận của nơi nhận",
    "rehearsal_called": "Mở diễn tập",
    "report_approve": "Duyệt báo cáo",
    "report_cascaded": "Chuyển báo cáo lên cấp trên",
    "report_decision_refused": "Từ chối một quyết định",
    "report_dispatched": "Đã gửi báo cáo",
    "report_drafted": "Tổng hợp báo cáo",
    "report_frozen": "Niêm phong báo cáo",
    "report_requested": "Mở kỳ đột xuất",
    "report_return": "Trả lại báo cáo",
    "report_revoke": "Thu hồi chữ ký",
    "report_sign": "Ký báo cáo",
    "rows_begun": "Bắt đầu ghi vết các dòng",
    "rows_written": "Ghi các dòng",
    "signed_copy_attached": "Gắn bản đã ký",
    "slice_shared": "Gửi phần số liệu cho đơn vị chủ trì",
    "source_decided": "Chọn nguồn số liệu",
    "submission_accepted": "Tiếp nhận bài nộp",
    "submission_attributed": "Ghi người gửi của tệp",
    "submission_comments": "Nhận ý kiến",
    "submission_duplicate": "Bài gửi trùng",
    "submission_entered": "Nhập hộ báo cáo",
    "submission_quarantined": "Không nhận tệp",
    "submission_returned": "Trả lại bài nộp",
    "submission_waiting": "Tệp chờ ghi người gửi",
    "unit_copy_received": "Nhận bản ký của đơn vị",
    "unit_enrolled": "Thêm đơn vị vào kỳ",
    "window_opened": "Mở kỳ",
}
"""What an event of the trail is called; one that nobody named is shown as it is written."""
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
    return "–" if moment is None else short_moment_text(moment.astimezone(zone))


def role_name(value: str) -> str:
    """What the holder of a role does, as a column head says it."""
    return {Role.STANDING_OFFICE.value: "Duyệt", Role.PEOPLES_COMMITTEE.value: "Ký"}[value]


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
    "on_desk": on_desk,
    "step_name": step_name,
    "decision_name": lambda value: DECISIONS[value],
    "action_name": lambda value: ACTIONS.get(value, value),
    "trust_name": lambda value: TRUST[value][0],
    "trust_tone": lambda value: TRUST[value][1],
    "channel_name": lambda value: CHANNELS.get(value, value),
}
