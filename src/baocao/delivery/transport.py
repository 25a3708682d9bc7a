"""How mail leaves: as `.eml` files in a folder, or over SMTP. One message, one recipient, one answer."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from baocao.delivery.message import Message
from baocao.settings import ConfigurationError


class DeliveryError(Exception):
    """This message was not taken. `permanent`: trying again is useless (unknown mailbox, refused content)."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class ConnectionLost(Exception):  # noqa: N818
    """The server hung up, or did not answer, while it had this message. Others may go over a new connection.

    `perhaps_sent`: the content was on its way, so the server may have taken it without our hearing of it.
    """

    def __init__(self, message: str, *, perhaps_sent: bool) -> None:
        super().__init__(message)
        self.perhaps_sent = perhaps_sent


class UnavailableError(Exception):
    """The server cannot be reached or does not let us in: not this message's fault, the others need not be tried."""


class Transport(Protocol):
    """What the outbox needs from a way to send."""

    sender: str

    def session(self) -> AbstractContextManager[None]:
        """A context manager around several sends (one connection). Raises UnavailableError."""
        ...

    def send(self, message: Message, recipient: str) -> None:
        """Hand over one message for one bare address; returning means it was taken.

        Raises DeliveryError, ConnectionLost or UnavailableError.
        """
        ...


class EmlTransport:
    """Writes each message to `<message id>.eml`; the same message gives the same bytes under the same name."""

    def __init__(self, folder: Path, *, sender: str) -> None:
        self.folder = folder
        self.sender = sender

    @contextmanager
    def session(self) -> Iterator[None]:
        """There is no server to keep open."""
        yield

    def send(self, message: Message, recipient: str) -> None:
        """Write the file whole or not at all. Raises UnavailableError when the folder cannot be written."""
        target = self.folder / eml_name(message.identity)
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, exist_ok=True)
            # Whole or not at all: other programs read this folder, and a letter met half written would be a letter
            # lost.
            partial.write_bytes(message.content)
            partial.replace(target)
        except OSError as error:
            raise UnavailableError(f"không ghi được thư vào thư mục {self.folder}: {error}") from error


def eml_name(identity: str) -> str:
    """A file name from a Message-ID, readable and safe on every file system."""
    local, _, domain = identity.strip("<> ").rpartition("@")
    regime = domain.removesuffix(".baocao.example")
    # 200 characters: a file name may have 255 bytes on the usual file systems.
    return re.sub(r"[^A-Za-z0-9+_.-]", "_", f"{regime}__{local.replace('/', '__')}")[:200] + ".eml"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where and how to connect."""

    host: str
    port: int
    mode: str
    """`smtp`, `smtp+starttls` or `smtps`"""
    user: str
    password: str
    timeout: float
    ca_file: str | None

    @classmethod
    def parse(cls, url: str) -> SmtpServer:
        """`smtp+starttls://user:password@host:587/?timeout=30&password_file=...&ca_file=...`.

        Raises ConfigurationError naming the variable and the part that is wrong; the password is never printed.
        """
        parts = urlsplit(url)
        ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
        if parts.scheme not in ports or not parts.hostname:
            raise ConfigurationError(
                "BAOCAO_SMTP_URL: cần dạng smtp://máy-chủ:cổng, smtp+starttls://... hoặc smtps://...; hãy sửa biến này"
            )
        options = parse_qs(parts.query)
        unknown = set(options) - {"timeout", "password_file", "ca_file"}
        if unknown:
            raise ConfigurationError(
                f"BAOCAO_SMTP_URL: tham số lạ {', '.join(sorted(unknown))}; chỉ dùng timeout, password_file, ca_file"
            )
        try:
            port = parts.port or ports[parts.scheme]
            timeout = float(options.get("timeout", ["30"])[0])
        except ValueError:
            raise ConfigurationError("BAOCAO_SMTP_URL: cổng và timeout phải là số; hãy sửa biến này") from None
        # As every URL: an `@` or `/` in a password has to be written %40 or %2F.
        password = unquote(parts.password or "")
        if "password_file" in options:
            path = Path(options["password_file"][0])
            if not path.is_file():
                raise ConfigurationError(f"BAOCAO_SMTP_URL: password_file: không có tệp {path}; hãy tạo tệp này")
            password = path.read_text(encoding="utf-8").strip()
        user = unquote(parts.username or "")
        # smtplib encodes both as ASCII and would fail while logging in, without naming the setting.
        if not (user + password).isascii():
            raise ConfigurationError(
                "BAOCAO_SMTP_URL: tên đăng nhập và mật khẩu chỉ được gồm ký tự không dấu; hãy đổi mật khẩu hộp thư"
            )
        ca_file = options.get("ca_file", [None])[0]
        if ca_file is not None and not Path(ca_file).is_file():
            raise ConfigurationError(f"BAOCAO_SMTP_URL: ca_file: không có tệp {ca_file}; hãy tạo tệp này")
        return cls(
            host=parts.hostname,
            port=port,
            mode=parts.scheme,
            user=user,
            password=password,
            timeout=timeout,
            ca_file=ca_file,
        )

    def connect(self) -> smtplib.SMTP:
        """A connection that has greeted, secured itself and logged in. Certificates are always verified.

        Raises UnavailableError.
        """
        # There is no setting that skips verification: reports and links to the portal would go to whoever answers.
        context = ssl.create_default_context(cafile=self.ca_file)
        client: smtplib.SMTP | None = None
        try:
            if self.mode == "smtps":
                # One way of securing each, named by the address: Airflow's own SMTP connection tries SSL and STARTTLS
                # together by default, which no server does.
                client = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
            else:
                client = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
            if self.mode == "smtp+starttls":
                client.starttls(context=context)
            if self.user:
                client.login(self.user, self.password)
        except (smtplib.SMTPException, OSError) as error:
            if client is not None:
                client.close()
            raise UnavailableError(f"máy chủ thư {self.host}:{self.port}: {_reason(error)}") from error
        return client


class SmtpTransport:
    """Sends over SMTP, one transaction per message, one connection per session."""

    def __init__(self, url: str, *, sender: str) -> None:
        self.server = SmtpServer.parse(url)
        self.sender = sender
        self._client: smtplib.SMTP | None = None

    @contextmanager
    def session(self) -> Iterator[None]:
        """Keep the connection open between sends; it is opened by the first one and closed at the end."""
        try:
            yield
        finally:
            self._close()

    def send(self, message: Message, recipient: str) -> None:
        """Returns after the server's 250. Raises DeliveryError with the server's words, ConnectionLost, or
        UnavailableError (no connection, or a server that takes nothing from this sender)."""
        # A connection that was kept since the letter before may be gone: that is nobody's fault.
        client = self._client if self._client is not None and _alive(self._client) else None
        if client is None:
            self._close()
            client = self._client = self.server.connect()
        transaction = _MailTransaction(self.server, recipient)
        try:
            transaction.hand_over(client, message.sender, message.content)
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise transaction.lost(error) from error
        # The refused transaction is reset: a MAIL inside one that is open is an error of its own (RFC 5321).
        except (DeliveryError, UnavailableError):
            self._reset(client)
            raise

    def _reset(self, client: smtplib.SMTP) -> None:
        """After a refusal the session goes on, unless the server ended it with the refusal (421)."""
        try:
            client.rset()
        except (smtplib.SMTPException, OSError):
            self._close()

    def _close(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.quit()
        except (smtplib.SMTPException, OSError):
            # The mail was answered already; a server that hangs up first takes nothing away from it.
            client.close()


@dataclass
class _MailTransaction:
    """One mail transaction: one sender, one recipient, one content. Knows how far it came."""

    server: SmtpServer
    recipient: str
    content_on_its_way: bool = False

    def hand_over(self, client: smtplib.SMTP, sender: str, content: bytes) -> None:
        """MAIL, RCPT, DATA. Raises DeliveryError or UnavailableError with the server's words."""
        client.ehlo_or_helo_if_needed()
        # Said beforehand (RFC 1870), so that what is too large is refused before it is sent, with a code of its own.
        options = [f"size={len(content)}"] if client.has_extn("size") else []
        code, words = client.mail(sender, options)
        if code != 250:
            raise self._sender_refused(sender, code, words)
        code, words = client.rcpt(self.recipient)
        # 251: taken, and forwarded to where the user is now (RFC 5321).
        if code not in {250, 251}:
            raise self._refused(f"địa chỉ {self.recipient} bị từ chối", code, words)
        # Set before the call: from here on a lost connection may mean a letter that has arrived.
        self.content_on_its_way = True
        try:
            code, words = client.data(content)
        # Raised where the server refuses already the word DATA; the refusal of the content itself is returned.
        except smtplib.SMTPDataError as error:
            code, words = error.smtp_code, _bytes(error.smtp_error)
        if code != 250:
            raise self._refused("thư bị từ chối", code, words)

    def lost(self, error: Exception) -> ConnectionLost:
        where = f"máy chủ thư {self.server.host}:{self.server.port}"
        said = "ngắt kết nối hoặc không trả lời khi đang nhận thư"
        perhaps = " sau khi thư đã truyền đi (có thể đã nhận)" if self.content_on_its_way else ""
        return ConnectionLost(f"{where} {said}{perhaps}: {_reason(error)}", perhaps_sent=self.content_on_its_way)

    def _sender_refused(self, sender: str, code: int, words: bytes) -> Exception:
        """Who is not let in with this letter is not let in with the next one, unless it is the size that is refused."""
        if code in _TOO_LARGE:
            return self._refused("thư bị từ chối", code, words)
        return UnavailableError(
            f"máy chủ thư {self.server.host}:{self.server.port} không nhận thư của {sender}: {code} {_words(words)}"
        )

    def _refused(self, what: str, code: int, words: bytes) -> DeliveryError:
        # x.7.x is a matter of policy (RFC 3463): it is lifted by whoever runs the server, the letter is none the worse.
        policy = re.match(r"[45]\.7\.\d", _words(words)) is not None
        return DeliveryError(f"{what}: {code} {_words(words)}", permanent=code >= 500 and not policy)


_TOO_LARGE = {523, 552}


def _alive(client: smtplib.SMTP) -> bool:
    try:
        # Asked before each letter: a server may have hung up since the last one, and then nothing of this one was sent
        # yet.
        code, _ = client.noop()
    except (smtplib.SMTPException, OSError):
        return False
    return code == 250


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()


def _words(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_words(error.smtp_error)}"
    return str(error) or type(error).__name__
