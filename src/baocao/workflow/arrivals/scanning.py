"""The anti-virus daemon that sees files from outside first, where an installation has one (`BAOCAO_CLAMD`)."""

from __future__ import annotations

from datetime import datetime

from baocao.intake import refusals
from baocao.intake.antivirus import Scanner, ScannerAway
from baocao.model.submission import Rejection, Screening
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.alarms import alarm_now


class Infected(Refused):
    """Something was found in the bytes; the sentence says what."""


def infected(place: Installation, data: bytes) -> Rejection | None:
    """Why the bytes are not to be opened; None where nothing was found or nobody is asked. Raises ScannerAway."""
    if not place.settings.clamd_url:
        return None
    name = Scanner(place.settings.clamd_url).found_in(data)
    if not name:
        return None
    return Rejection(Screening.MALWARE, refusals.MALWARE.format(name=name[:80]))


def tell_scanner_away(place: Installation, error: ScannerAway, as_of: datetime) -> None:
    """One alarm a day: files wait, none is lost and none is opened."""
    alarm_now(
        place,
        subject="Không quét được virus, tệp gửi đến đang chờ",
        text=f"Lỗi: {error}\n\nTệp đã nhận được giữ nguyên, tính là nhận lúc nó đến và chưa được mở; lượt quét sau "
        "làm tiếp. Xem mục «Không quét được virus» trong sổ tay vận hành.",
        key=f"clamd-away/{as_of:%Y-%m-%d}",
        at=as_of,
    )
