"""What the operator is told about the inbox: one alarm a trouble, not one a sweep; each has its page in the runbook."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime

from baocao.intake.folder import Arrival, Obstacle, Trouble
from baocao.model.submission import Submission
from baocao.settings import ConfigurationError
from baocao.store.files import FileProblem
from baocao.text import short_moment_text
from baocao.workflow.arrivals.received import ReceivedFile
from baocao.workflow.installation import Installation
from baocao.workflow.mail.alarms import alarm_now

_TROUBLES = {
    Trouble.FOLDER: "Không mở được thư mục này trong thư mục nhận; các tệp trong đó chưa được thu.",
    Trouble.FILE: "Không đọc được tệp này trong thư mục nhận; tệp chưa được thu.",
    Trouble.LINK: "Đây là liên kết, không phải tệp; hệ thống không đi theo liên kết ra ngoài thư mục nhận.",
    Trouble.NO_FILE: "Đây không phải tệp thường (ống dẫn, thiết bị hoặc tương tự); hệ thống không mở.",
}


@dataclass(frozen=True)
class InboxAlarms:
    """The alarms of one sweep."""

    place: Installation
    as_of: datetime

    def obstacle(self, found: Obstacle) -> None:
        """Something lies in the inbox that cannot be taken."""
        detail = f" ({found.detail})" if found.detail else ""
        self._tell(
            "Có thứ nằm trong thư mục nhận mà không thu được",
            f"{found.shown}: {_TROUBLES[found.trouble]}{detail}\n\nCác tệp khác vẫn được thu. Xem mục «Không thu được "
            "một tệp "
            "hoặc thư mục» trong sổ tay vận hành.",
            f"obstacle/{found.key}",
        )

    def odd_name(self, found: Arrival) -> None:
        """Taken and answered; whoever writes such names will go on."""
        self._tell(
            "Tên tệp trong thư mục nhận không phải UTF-8",
            f"Tệp trong thư mục «{found.sender_hint}» có tên viết bằng bảng mã khác, hiện là {found.filename}. Tệp đã "
            "được thu "
            "và trả lời như mọi tệp; chỉ cái tên là không đọc được.\n\nXem mục «Tên tệp không đọc được» trong sổ tay "
            "vận hành.",
            # Over the bytes as they are: such a name holds surrogates, which cannot be encoded as UTF-8.
            f"odd-name/{hashlib.sha256(os.fsencode(found.below)).hexdigest()[:16]}",
        )

    def not_stored(self, found: Arrival, error: FileProblem | OSError) -> None:
        """The file store would not take it: damaged there, full, or away. The file stays in the inbox."""
        self._tell(
            "Không lưu được một tệp gửi đến vào kho tệp gốc",
            f"Tệp {found.filename} (sha256 {found.sha256}) còn nằm trong thư mục nhận vì kho tệp gốc không nhận: "
            f"{error}\n\n"
            "Lượt sau thử lại. Xem mục «Tệp gốc mất, hỏng hoặc không lưu được» trong sổ tay vận hành.",
            # By its content, for there is no row and no number yet.
            f"not-stored/{found.sha256}",
        )

    def raw_file(self, row: Submission, error: FileProblem | OSError) -> None:
        """A row that is not decided, and whose bytes are gone."""
        self._tell(
            "Mất tệp gốc của một bài nộp chưa xử lý",
            f"Tệp {row.filename} (số {row.id}, sha256 {row.sha256}) đã được ghi nhận nhưng kho tệp gốc không đọc "
            f"được: {error}"
            "\n\nKhôi phục tệp từ bản sao lưu thì lượt sau xử lý tiếp; không khôi phục được thì đề nghị đơn vị gửi "
            "lại và ghi "
            f"`baocao inbox refuse {row.id} --by … --reason …`. Xem mục «Tệp gốc mất, hỏng hoặc không lưu được» trong "
            "sổ tay "
            "vận hành.",
            f"raw-file/{row.id}",
        )

    def copy_not_taken(self, found: Arrival, error: Exception) -> None:
        """Our own failure with a signed copy: it stays in the inbox, and the next sweep tries again."""
        self._tell(
            "Không lưu được một bản ký gửi đến",
            f"Tệp {found.filename} trong thư mục «{found.sender_hint}» (sha256 {found.sha256}) còn nằm trong thư mục "
            f"nhận: {error}\n\nLượt sau thử lại. Xem mục «Tệp gốc mất, hỏng hoặc không lưu được» trong sổ tay vận "
            "hành.",
            f"copy-not-taken/{found.sha256}",
        )

    def stuck(self, file: ReceivedFile, error: Exception) -> None:
        """Our own failure. The file stays where it is (in the inbox, or RECEIVED): the next sweep tries again."""
        self._tell(
            "Lỗi của hệ thống khi xử lý một tệp gửi đến",
            f"Tệp {file.filename} (số {file.id}, sha256 {file.sha256}) đã được lưu nhưng chưa xử lý được do lỗi của "
            "hệ thống: "
            f"{type(error).__name__}. Tệp được giữ nguyên và thử lại ở lượt thu sau. "
            "Xem nhật ký của bước thu bài và mục «Bài nộp bị kẹt» trong sổ tay vận hành.",
            f"stuck/{file.id}",
        )

    def not_moved(self, found: Arrival, error: OSError) -> None:
        """Decided and answered, but it still lies in the inbox."""
        self._tell(
            "Tệp đã xử lý nhưng không chuyển được khỏi thư mục nhận",
            f"Tệp {found.filename} trong thư mục «{found.sender_hint}» đã được xử lý và trả lời, nhưng không chuyển "
            "được vào "
            f"_processed: {os.strerror(error.errno or 0)}. Tệp không bị xử lý lần hai.\n\nXem mục «Không chuyển được "
            "tệp đã xử "
            "lý» trong sổ tay vận hành.",
            f"not-moved/{found.key[:16]}",
        )

    def not_resumed(self, error: OSError) -> None:
        """Files of an interrupted sweep could not be put where they belong."""
        self._tell(
            "Không dọn được tệp đang chuyển dở trong _processed",
            f"Có tệp đang chuyển dở từ một lượt thu bị ngắt, chưa chuyển tiếp được: {error}\n\nCác tệp khác vẫn được "
            "thu. Xem "
            "mục «Không chuyển được tệp đã xử lý» trong sổ tay vận hành.",
            # By the kind of trouble: a full disk is one alarm however many files are affected.
            f"not-resumed/{error.errno}",
        )

    def not_enrolled(self, regime: str, error: Exception) -> None:
        """A pack that does not load, or a blank that cannot be written."""
        what = str(error) if isinstance(error, ConfigurationError) else type(error).__name__
        self._tell(
            f"Không ghi thêm được đơn vị mới của chế độ {regime}",
            f"Gói chế độ đã đổi sau khi kỳ mở, nhưng không xét được đơn vị nào mới: {what}\n\nTệp của các đơn vị khác "
            "vẫn "
            "được thu. Xem mục «Đơn vị được ghi thêm vào kỳ đang mở» trong sổ tay vận hành.",
            f"not-enrolled/{regime}/{hashlib.sha256(what.encode()).hexdigest()[:12]}",
        )

    def unwatched(self, period: str, since: datetime, until: datetime) -> None:
        """A deadline or a lock passed while no sweep ran."""
        self._tell(
            f"Hạn của kỳ {period} đã qua trong lúc không thu bài",
            f"Từ {short_moment_text(since)} tới {short_moment_text(until)} không có lượt thu nào, trong khi hạn (hoặc "
            f"ngày khóa) của kỳ {period} nằm ở giữa. Tệp đến trong khoảng đó được ghi nhận lúc "
            f"{short_moment_text(until)}, nên có thể bị tính là trễ dù đơn vị gửi đúng hạn.\n\n"
            "Xem mục «Hạn đã qua trong lúc không thu bài» trong sổ tay vận hành.",
            f"unwatched/{period}/{since:%Y-%m-%dT%H:%M}",
        )

    def _tell(self, subject: str, text: str, key: str) -> None:
        alarm_now(self.place, subject=subject, text=text, key=key, at=self.as_of)
