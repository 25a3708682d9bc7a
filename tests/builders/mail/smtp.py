"""A mail server on loopback that misbehaves on order: at a stage of the conversation, for one recipient or for all."""

from __future__ import annotations

import re
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default

STAGES = ("MAIL", "RCPT", "DATA", "CONTENT")
"""Where a conversation about one letter can go wrong; CONTENT: after the whole letter was sent."""
DROP, HANG = "drop", "hang"


@dataclass
class Fault:
    """What the server does at `stage`: drop the connection, say nothing, or answer; for one recipient or for all."""

    stage: str
    does: str
    recipient: str = ""
    times: int = 10**6
    takes_it: bool = False
    """at CONTENT: the letter is taken before the connection is dropped or left without an answer"""


@dataclass
class PostOffice:
    """The server's memory and its orders."""

    faults: list[Fault] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)
    tried: Counter[str] = field(default_factory=Counter)
    """letters begun, by recipient"""
    connections: int = 0
    port: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def order(self, stage: str, recipient: str) -> Fault | None:
        for fault in self.faults:
            if fault.stage == stage and fault.recipient in {"", recipient} and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def copies(self) -> Counter[str]:
        """Message-ID -> how often it was taken."""
        return Counter(m["Message-ID"] for m in self.taken)

    def recipients(self) -> set[str]:
        return {m["To"].addresses[0].addr_spec for m in self.taken}


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        office = self.server.office
        office.connections += 1
        self.say("220 thu")
        recipient = ""
        while line := self.rfile.readline():
            verb = line[:4].upper().decode()
            if verb in {"EHLO", "HELO"}:
                self.say("250 thu")
            elif verb == "MAIL":
                # Whom the letter is for is not known yet: an order at this stage is for everybody.
                if (fault := office.order("MAIL", "")) is None:
                    self.say("250 OK")
                elif not self.obey(fault):
                    return
            elif verb == "RCPT":
                recipient = re.search(rb"<(.*?)>", line)[1].decode()  # type: ignore[index]
                office.tried[recipient] += 1
                if (fault := office.order("RCPT", recipient)) is not None:
                    if not self.obey(fault):
                        return
                else:
                    self.say("250 OK")
            elif verb == "DATA":
                if (fault := office.order("DATA", recipient)) is not None:
                    if not self.obey(fault):
                        return
                    continue
                self.say("354 go on")
                content = self.content()
                fault = office.order("CONTENT", recipient)
                if fault is None or fault.takes_it:
                    office.taken.append(message_from_bytes(content, policy=default))
                if fault is None:
                    self.say("250 taken")
                elif not self.obey(fault):
                    return
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 OK")

    def content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def obey(self, fault: Fault) -> bool:
        """False when the conversation is over."""
        if fault.does == DROP:
            return False
        if fault.does == HANG:
            self.server.office.closing.wait(5)
            return False
        self.say(fault.does)
        return not fault.does.startswith("421")

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    office: PostOffice

    def handle_error(self, request: object, client_address: object) -> None:
        """The other side hung up: that is what these tests are about."""


@contextmanager
def serving(office: PostOffice, port: int = 0) -> Iterator[PostOffice]:
    """The post office open on a port of the loopback; the same port again when it is named."""
    with _Server(("127.0.0.1", port), _Conversation) as server:
        server.office = office
        office.port = server.server_address[1]
        office.closing.clear()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield office
        finally:
            office.closing.set()
            server.shutdown()
            thread.join()
