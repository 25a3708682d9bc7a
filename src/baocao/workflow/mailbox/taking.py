"""The mailbox, swept: each message once, its files taken like every file, an answer in its thread.

A message is written down and its bytes are kept before anything opens them. What is in it is received under keys that
follow from those bytes, so that after a crash anywhere the same message can be gone through again and nothing is taken
twice; it is moved out of the folder only when all of it is on its way. What counts as received is INTERNALDATE, the
instant our own server took the message, which no sender can set.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import Unreadable
from baocao.intake.antivirus import ScannerAway
from baocao.intake.folder import Arrival
from baocao.intake.mail.imap import TROUBLE, Envelope, OpenMailbox, opened_mailbox, trouble_text
from baocao.intake.mail.message_opening import MAX_BYTES, open_message
from baocao.intake.mail.opened import AttachmentRemark, MailFile, MessageKind, OpenedMail, from_wire
from baocao.store.mail import bounces, messages
from baocao.text import short_moment_text
from baocao.workflow.arrivals.received import ByMail
from baocao.workflow.arrivals.scanning import infected, tell_scanner_away
from baocao.workflow.copies.inbox import awaits_copy
from baocao.workflow.installation import Installation
from baocao.workflow.intake.file_sweep import FileSweep
from baocao.workflow.mail.alarms import alarm, alarm_now
from baocao.workflow.mailbox.answering import answer, thread_of
from baocao.workflow.mailbox.bounced import take_bounce
from baocao.workflow.mailbox.senders import Sender, sender_of_mail

log = logging.getLogger(__name__)

DONE, ASIDE = "baocao-da-nhan", "baocao-can-xem"
"""The folders a message is moved to: taken; for somebody to look at."""
_ASIDE = frozenset({"unknown", "held", "unreadable", "too_large", "bounce", "infected"})
_SAID = {
    "taken": "đã nhận",
    "answered": "đã trả lời, không có tệp để nhận",
    "held": "chờ cơ quan xác định người gửi",
    "unknown": "không rõ người gửi, để riêng",
    "unreadable": "không đọc được, để riêng",
    "too_large": "quá lớn, để riêng",
    "bounce": "báo có thư không tới nơi, không rõ thư nào; để riêng",
    "bounced": "báo thư của ta không tới nơi",
    "infected": "nhiễm mã độc, để riêng",
    "auto_reply": "trả lời tự động, bỏ qua",
}
"""Outcome of a message -> what the log says."""
_HEAD_BYTES = 64_000
_ANSWERED: tuple[AttachmentRemark, ...] = (
    AttachmentRemark.WINMAIL,
    AttachmentRemark.ZIP_ENCRYPTED,
    AttachmentRemark.DRIVE_LINK,
)


def sweep_mailbox(place: Installation, reader: ReaderProcess, sweep: FileSweep, as_of: datetime) -> Counter[str]:
    """Take in what lies in the mailbox; outcomes of the files as `FileSweep` counts them, and `mails` (messages met).

    A mailbox that is away is an alarm a day, and stops nothing else.
    """
    counted: Counter[str] = Counter()
    mailbox = place.settings.mailbox
    if mailbox is None:
        return counted
    try:
        # One connection for the sweep; what it cannot finish stays in the folder and is met by the next.
        with opened_mailbox(mailbox) as box:
            for envelope in box.waiting():
                counted.update(_MailboxSweep(place, reader, sweep, box, as_of).take(envelope))
    except TROUBLE as error:
        log.exception("mailbox: %s", mailbox.name)
        counted["mailbox_away"] += 1
        alarm_now(
            place,
            subject="Không mở được hộp thư nhận báo cáo",
            text=f"Hộp thư {mailbox.name}: {trouble_text(error)}\n\nThư đã đến vẫn nằm trong hộp thư; lượt "
            "quét sau thu tiếp và tính theo thời điểm máy chủ thư đã nhận. Đơn vị vẫn nộp được bằng cách khác. "
            "Xem mục «Hộp thư đến» trong sổ tay vận hành.",
            key=f"mailbox-away/{as_of:%Y-%m-%d}",
            at=as_of,
        )
    return counted


@dataclass(frozen=True)
class _MailboxSweep:
    place: Installation
    reader: ReaderProcess
    sweep: FileSweep
    box: OpenMailbox
    as_of: datetime

    def take(self, envelope: Envelope) -> Counter[str]:
        """One message; its trouble stops no other. What cannot be finished now is met again by the next sweep."""
        try:
            return self._take(envelope)
        except ScannerAway as error:  # an OSError like those of the connection, and none of them
            tell_scanner_away(self.place, error, self.as_of)
            return Counter({"failed": 1})
        except TROUBLE:
            raise
        except Exception as error:
            log.exception("mailbox: message %s", envelope.uid)
            self._alarm(
                subject="Một thư trong hộp thư nhận báo cáo chưa xử lý được",
                text=f"Thư UID {envelope.uid}, nhận lúc {short_moment_text(envelope.received_at)} (UTC): "
                f"{type(error).__name__}: {error}\n\nThư còn nguyên trong hộp thư và được thử lại ở lượt quét sau. "
                "Xem mục «Hộp thư đến» trong sổ tay vận hành.",
                key=f"mail-stuck/{self.box.uidvalidity}/{envelope.uid}",
            )
            return Counter({"failed": 1})

    def _take(self, envelope: Envelope) -> Counter[str]:
        """One message from the folder to its outcome. Raises what `take` answers for."""
        place, mailbox = self.place, self.place.settings.mailbox
        assert mailbox is not None
        # A UID names a message only together with the folder's UIDVALIDITY (RFC 9051).
        where = messages.MessageLocation(mailbox.name, self.box.uidvalidity, envelope.uid)
        with place.store.read() as conn:
            known = messages.find(conn, where)
        if known is not None and known.outcome:  # a sweep that died has finished it; only the move is missing
            self._move(envelope.uid, known.outcome)
            return Counter()
        too_large = envelope.size > MAX_BYTES
        # The size is asked before the message: what is too large is never in memory.
        raw = self.box.fetch_head(envelope.uid) if too_large else self.box.fetch(envelope.uid)
        # Moved by another program between listing and fetching.
        if raw is None:
            return Counter()
        # Bytes, then row, then opening: killed anywhere the next sweep goes through the message again under the same
        # keys.
        sha256 = place.store.files.put(raw)
        # Never later than now: a business time that is being played has no future.
        received_at = min(envelope.received_at, self.as_of.astimezone(UTC))
        with place.store.begin() as conn:
            met = messages.write_down(
                conn, where, sha256=sha256, size=envelope.size, received_at=received_at, seen_at=self.as_of
            )
        # The whole message, before any parser of ours sees it.
        if (found := infected(place, raw)) is not None:
            outcome, counted = self._infected(met.id, raw, received_at, found.message), Counter[str]()
        else:
            counted, outcome = self._open(met.id, raw, sha256, received_at, too_large=too_large)
        # After the row says what became of it: a message that has left the folder is never looked at again.
        self._move(envelope.uid, outcome)
        counted["mails"] += 1
        return counted

    def _infected(self, id: int, raw: bytes, received_at: datetime, why: str) -> str:
        """Nothing in it is opened: its sender is read from the headers alone."""
        # Headers alone, cut off before the first body: no body of an infected message is parsed.
        head = raw[:_HEAD_BYTES].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        mail = from_wire(self.reader.run(open_message, head))
        with self.place.store.begin() as conn:
            who = sender_of_mail(self.place, conn, mail)
            alarm(
                self.place,
                conn,
                subject="Thư có mã độc trong hộp thư nhận báo cáo",
                text=f"Thư số {id} từ {mail.sender or '(không rõ)'}: {why} Thư không được mở, được chuyển sang thư mục "
                f"{ASIDE}. Xem mục «Hộp thư đến» trong sổ tay vận hành.",
                key=f"mail-infected/{id}",
                at=self.as_of,
            )
        if who.unit and mail.kind is MessageKind.REPORT:
            self._answer(id, mail, who, "infected", received_at)
        self._finish(id, mail, "infected")
        return "infected"

    def _open(
        self, id: int, raw: bytes, sha256: str, received_at: datetime, *, too_large: bool
    ) -> tuple[Counter[str], str]:
        """Open the message in the child and act on its kind; the outcomes of its files and its own outcome."""
        counted: Counter[str] = Counter()
        try:
            mail = from_wire(self.reader.run(open_message, raw))
        except Unreadable as why:
            mail, outcome = OpenedMail(MessageKind.REPORT), "unreadable"
            self._tell_unreadable(id, why.message)
            self._finish(id, mail, outcome)
            return counted, outcome
        if mail.kind is MessageKind.BOUNCE:
            outcome = take_bounce(self.place, mail, id, self.as_of)
        elif mail.kind is MessageKind.AUTO_REPLY:
            outcome = "auto_reply"
        else:
            outcome = self._letter(id, mail, sha256, received_at, counted, too_large=too_large)
        self._finish(id, mail, outcome)
        said = _SAID.get(outcome, outcome)
        log.info("Thư số %s từ %s: %s, %s tệp", id, mail.sender or "(không rõ)", said, len(mail.files))
        return counted, outcome

    def _letter(
        self, id: int, mail: OpenedMail, sha256: str, received_at: datetime, counted: Counter[str], *, too_large: bool
    ) -> str:
        """Something that somebody wrote: its files handed on, and an answer where there is none to take."""
        with self.place.store.read() as conn:
            who = sender_of_mail(self.place, conn, mail)
        if too_large:
            self._answer(id, mail, who, "too_large", received_at)
            return "too_large"
        files = list(self._files(mail, who))
        by = ByMail(thread_of(mail), {} if who.unit else who.about(mail), id)
        for number, file in enumerate(files):
            counted[
                self.sweep.deliver(self._arrival(file, who.unit, sha256, number, received_at), received_at, by)
            ] += 1
        if who.unit:
            with self.place.store.begin() as conn:
                bounces.clear(conn, mail.sender)  # whoever writes from there reads there
        if not files:
            return self._without_files(id, mail, who, received_at)
        if AttachmentRemark.TOO_MANY in mail.remarks:
            self._answer(id, mail, who, "too_many", received_at)
        # Answered as held, not as taken: whoever wrote must know that the report does not count yet.
        if not who.unit:
            self._answer(id, mail, who, "held", received_at)
            return "held"
        return "taken"

    def _without_files(self, id: int, mail: OpenedMail, who: Sender, received_at: datetime) -> str:
        if not who.unit and who.token is None:
            return "unknown"  # nobody we wrote to, nothing in it: not ours to answer
        # The most helpful sentence first: a winmail.dat looks to its sender like an attachment that was sent.
        case = next((r for r in _ANSWERED if r in mail.remarks), None)
        self._answer(id, mail, who, case.value if case else "no_file", received_at)
        return "answered"

    def _files(self, mail: OpenedMail, who: Sender) -> Iterator[MailFile]:
        """What is taken: a picture only where a signed copy is awaited, or where there is nothing else."""
        # Logos in signatures are pictures too: they would be kept as copies of a report.
        pictures = len(mail.files) == 1 or (bool(who.unit) and awaits_copy(self.place, who.unit, self.as_of))
        for file in mail.files:
            if pictures or not file.is_picture:
                yield file

    def _arrival(self, file: MailFile, unit: str, sha256: str, number: int, received_at: datetime) -> Arrival:
        # The message's bytes name it for ever; UIDs are given anew when a server is rebuilt.
        content = hashlib.sha256(file.data)
        key = hashlib.sha256(f"mail {sha256} {number}\n".encode() + content.digest()).hexdigest()
        where = Path(), Path(file.name), file.name
        return Arrival(*where, file.data, unit, key, received_at, len(file.data), content.hexdigest())

    def _answer(self, id: int, mail: OpenedMail, who: Sender, case: str, received_at: datetime) -> None:
        with self.place.store.begin() as conn:
            answer(self.place, conn, mail, who, case, id, received_at, self.as_of)  # type: ignore[arg-type]

    def _tell_unreadable(self, id: int, why: str) -> None:
        self._alarm(
            subject="Một thư trong hộp thư nhận báo cáo không mở được",
            text=f"Thư số {id}: {why} Thư được chuyển sang thư mục {ASIDE}; hãy xem và trả lời người gửi. "
            "Xem mục «Hộp thư đến» trong sổ tay vận hành.",
            key=f"mail-unreadable/{id}",
        )

    def _alarm(self, subject: str, text: str, key: str) -> None:
        alarm_now(self.place, subject=subject, text=text, key=key, at=self.as_of)

    def _finish(self, id: int, mail: OpenedMail, outcome: str) -> None:
        with self.place.store.begin() as conn:
            messages.finish(
                conn,
                id,
                outcome=outcome,
                sender=mail.sender,
                message_id=mail.message_id,
                details={"files": [f.name for f in mail.files], "remarks": list(mail.remarks)},
            )

    def _move(self, uid: int, outcome: str) -> None:
        self.box.move(uid, ASIDE if outcome in _ASIDE else DONE)
