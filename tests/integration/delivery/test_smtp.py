"""Mail over a real SMTP server on loopback: plain, STARTTLS with a login, SSL; refusals, outages, a crash."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from demo.ports import free_port
from sqlalchemy import select

from baocao.delivery.letters import render
from baocao.delivery.message import AttachedFile, compose, message_id, named
from baocao.delivery.outbox import Attachment, enqueue
from baocao.delivery.sending import backoff, flush
from baocao.delivery.transport import DeliveryError, SmtpServer, SmtpTransport, UnavailableError
from baocao.settings import ConfigurationError
from baocao.store.database import Store
from baocao.store.tables import outbox
from builders.mail.delivery import TEMPLATES, at, contexts
from builders.mail.tls import Certificates, make_certificates

SENDER = "Cơ quan thường trực Chương trình <bao-cao@tinh.example>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
USER, PASSWORD = "bao-cao@tinh.example", "mat-khau/co:dau @%"


class PostOffice:
    """What arrived, and whom the server refuses."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.recipients: list[list[str]] = []
        self.secure: list[bool] = []
        self.refused: dict[str, str] = {}
        self.data_answer = "250 OK"
        self.connections = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.messages.append(message_from_bytes(envelope.content, policy=default))
            self.recipients.append(list(envelope.rcpt_tos))
            self.secure.append(session.ssl is not None)
        return self.data_answer


Start = Callable[..., tuple[PostOffice, Controller]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers on free ports of the loopback, and stops them."""
    running: list[Controller] = []

    def begin(office: PostOffice | None = None, **options: Any) -> tuple[PostOffice, Controller]:
        office = office or PostOffice()
        server = Controller(office, hostname="127.0.0.1", port=free_port(), ready_timeout=60, **options)
        server.start()
        running.append(server)
        return office, server

    yield begin
    for server in running:
        if server.loop.is_running():
            server.stop()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A server's certificate and key, and beside them what its clients have to trust."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


def server_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    return context


def transport(server: Controller, scheme: str = "smtp", *, user: str = "", query: str = "") -> SmtpTransport:
    return SmtpTransport(f"{scheme}://{user}127.0.0.1:{server.port}/{query}", sender=SENDER)


def put(store: Store, step: str = "returned", *, to: str = "xa@xa.example", unit: str = "90001") -> None:
    sha256 = store.files.put(b"PK marked-up workbook")
    with store.begin() as conn:
        enqueue(
            conn,
            regime="che-do-thu",
            period="2026-H1",
            unit=unit,
            step=step,
            recipient=named("Ủy ban nhân dân xã Thử Nghiệm, (bộ phận tổng hợp)", to),
            letter=render(TEMPLATES, "returned", contexts()["returned"]),
            attachments=[Attachment("Báo cáo xã Thử Nghiệm đã đánh dấu.xlsx", sha256, XLSX)],
            created_at=at(16),
        )


def statuses(store: Store) -> dict[str, str]:
    with store.read() as conn:
        return {r.step: r.status for r in conn.execute(select(outbox))}


def test_a_returned_report_arrives_with_its_vietnamese_whole(store: Store, start: Start) -> None:
    office, server = start()
    put(store)

    assert flush(store, transport(server), at(16)).sent == 1

    (message,) = office.messages
    assert office.recipients == [["xa@xa.example"]]
    assert str(make_header(decode_header(message.get("Subject", "")))) == (
        "[2026-H1] Báo cáo 6 tháng đầu năm 2026 cần sửa: 9 điểm phải sửa, 3 điểm cần giải trình"
    )
    assert "xa@xa.example" in str(message["To"])
    text, html = (message.get_body([kind]) for kind in ("plain", "html"))  # type: ignore[attr-defined]
    assert "Kính gửi: Ủy ban nhân dân xã Thử Nghiệm" in text.get_content()
    assert "9 điểm phải sửa" in html.get_content()
    (attached,) = message.iter_attachments()  # type: ignore[attr-defined]
    assert attached.get_filename() == "Báo cáo xã Thử Nghiệm đã đánh dấu.xlsx"
    assert attached.get_content_type() == XLSX
    assert attached.get_content() == b"PK marked-up workbook"


def test_letters_are_separate_messages_over_one_connection(store: Store, start: Start) -> None:
    office, server = start()
    for n in range(5):
        put(store, f"t-{n}", to=f"xa{n}@xa.example")

    flush(store, transport(server), at(16))

    assert office.recipients == [[f"xa{n}@xa.example"] for n in range(5)]
    assert office.connections == 1


def test_starttls_with_a_login(store: Store, start: Start, certificates: Certificates) -> None:
    seen: list[tuple[str, str]] = []

    def login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=True)

    office, server = start(
        tls_context=server_context(certificates), require_starttls=True, authenticator=login, auth_required=True
    )
    user = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"
    put(store)

    way = transport(server, "smtp+starttls", user=user, query=f"?ca_file={certificates.authority}")
    assert flush(store, way, at(16)).sent == 1
    assert seen[-1] == (USER, PASSWORD)
    assert office.secure == [True]


def test_ssl_from_the_first_byte(store: Store, start: Start, certificates: Certificates) -> None:
    office, server = start(ssl_context=server_context(certificates))
    put(store)

    assert flush(store, transport(server, "smtps", query=f"?ca_file={certificates.authority}"), at(16)).sent == 1
    assert len(office.messages) == 1


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_nobody_vouches_for_is_refused(
    store: Store, start: Start, certificates: Certificates, scheme: str
) -> None:
    context = server_context(certificates)
    office, server = start(**({"ssl_context": context} if scheme == "smtps" else {"tls_context": context}))
    put(store)

    result = flush(store, transport(server, scheme), at(16))

    assert office.messages == []
    assert result.sent == 0
    assert statuses(store)["returned"] == "PENDING"


def test_wrong_password_is_an_outage_that_hides_it(store: Store, start: Start, certificates: Certificates) -> None:
    def login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    _, server = start(tls_context=server_context(certificates), authenticator=login, auth_required=True)
    put(store)
    flush(
        store,
        transport(server, "smtp+starttls", user="ai:matkhausai@", query=f"?ca_file={certificates.authority}"),
        at(16),
    )

    with store.read() as conn:
        error = conn.execute(select(outbox.c.error).where(outbox.c.step == "returned")).scalar_one()
    assert "535" in error
    assert "matkhausai" not in error


def test_refused_recipient_does_not_stop_the_next_letter(store: Store, start: Start) -> None:
    office, server = start()
    office.refused["khong-co@xa.example"] = "550 5.1.1 Không có hộp thư này"
    put(store, "t-3", to="khong-co@xa.example")
    put(store, "t-1", to="co@xa.example")

    flush(store, transport(server), at(16))

    assert statuses(store)["t-3"] == "FAILED"
    assert statuses(store)["t-1"] == "SENT"
    assert ["co@xa.example"] in office.recipients
    told = [r for r in office.recipients if r == [store.settings.operator_email]]
    assert len(told) == 1


def test_letter_to_busy_mailbox_is_retried_later(store: Store, start: Start) -> None:
    office, server = start()
    office.refused["ban@xa.example"] = "450 4.2.1 Thử lại sau"
    put(store, to="ban@xa.example")

    flush(store, transport(server), at(16))
    assert statuses(store) == {"returned": "PENDING"}
    office.refused.clear()
    assert flush(store, transport(server), at(16)).sent == 0
    assert flush(store, transport(server), at(16) + backoff(1)).sent == 1


def test_refused_content_fails_that_letter_for_good(start: Start) -> None:
    office, server = start()
    office.data_answer = "552 5.3.4 Thư quá lớn"
    way = transport(server)
    message = compose(
        render(TEMPLATES, "returned", contexts()["returned"]),
        [AttachedFile("a.xlsx", XLSX, b"x")],
        sender=SENDER,
        recipient="xa@xa.example",
        identity=message_id("r", "p", "u", "s"),
        date=at(16),
    )
    with way.session(), pytest.raises(DeliveryError, match="552") as caught:
        way.send(message, "xa@xa.example")
    assert caught.value.permanent


def test_a_server_that_is_down_loses_nothing(store: Store, start: Start) -> None:
    _, server = start()
    server.stop()
    put(store)

    down = flush(store, transport(server), at(16))

    assert (down.sent, statuses(store)["returned"]) == (0, "PENDING")
    office, server = start()
    assert flush(store, transport(server), at(16, 9)).sent == 2
    assert ["xa@xa.example"] in office.recipients


def test_crash_after_acceptance_resends_with_the_same_id(
    store: Store, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, server = start()
    put(store)
    sent = smtplib.SMTP.data

    def then_die(self: smtplib.SMTP, content: bytes) -> Any:
        sent(self, content)
        raise SystemExit("killed between the answer and the commit")

    monkeypatch.setattr(smtplib.SMTP, "data", then_die)
    with pytest.raises(SystemExit):
        flush(store, transport(server), at(16))
    assert statuses(store) == {"returned": "PENDING"}
    monkeypatch.undo()

    assert flush(store, transport(server), at(16)).sent == 1
    assert [m["Message-ID"] for m in office.messages] == ["<2026-H1/90001/returned@che-do-thu.baocao.example>"] * 2


def test_connection_lost_before_answer_leaves_letter_pending(store: Store, start: Start) -> None:
    class HangsUp(PostOffice):
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            answer = await super().handle_DATA(server, session, envelope)
            server.transport.close()
            return answer

    rude, server = start(HangsUp())
    put(store)
    assert flush(store, transport(server), at(16)).sent == 0
    assert statuses(store)["returned"] == "PENDING"

    polite, server = start()
    flush(store, transport(server), at(16, 9))
    assert rude.messages[0]["Message-ID"] in {m["Message-ID"] for m in polite.messages}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://mail.example", "smtp://"),
        ("smtp://", "smtp://"),
        ("smtp://mail.example:abc", "cổng"),
        ("smtp://mail.example/?timeout=lau", "timeout"),
        ("smtp://mail.example/?verify=no", "verify"),
        ("smtps://a@mail.example/?password_file=/khong/co", "password_file"),
        ("smtps://mail.example/?ca_file=/khong/co", "ca_file"),
        ("smtps://a:m%E1%BA%ADt@mail.example", "không dấu"),
    ],
)
def test_wrong_smtp_url_names_variable_and_wrong_part(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match="BAOCAO_SMTP_URL") as caught:
        SmtpServer.parse(url)
    assert words in str(caught.value)


def test_smtp_url_reads_password_file_and_default_ports(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("bi-mat\n")
    server = SmtpServer.parse(f"smtps://bao-cao%40tinh.example@mail.example/?password_file={secret}&timeout=7")

    assert (server.host, server.port, server.user) == ("mail.example", 465, "bao-cao@tinh.example")
    assert (server.password, server.timeout) == ("bi-mat", 7.0)
    assert SmtpServer.parse("smtp://mail.example").port == 25
    assert SmtpServer.parse("smtp+starttls://mail.example").port == 587


def test_an_outage_names_the_server(start: Start) -> None:
    _, server = start()
    server.stop()
    with pytest.raises(UnavailableError, match=f"127.0.0.1:{server.port}"):
        SmtpServer.parse(f"smtp://127.0.0.1:{server.port}").connect()
