"""Messages as units' mail programs write them, good and bad. No real address."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage

XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OURS = "bao-cao@tinh.example"


def message(
    sender: str = "xa@xa.example",
    *,
    to: str = OURS,
    subject: str = "Báo cáo 6 tháng",
    body: str = "Kính gửi quý cơ quan.",
    files: Sequence[tuple[str, bytes]] = (),
    identity: str = "<thu-1@xa.example>",
    headers: Mapping[str, str] | None = None,
) -> EmailMessage:
    """A plain message with files attached as workbooks."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"], made["Message-ID"] = sender, to, subject, identity
    for name, value in (headers or {}).items():
        made[name] = value
    made.set_content(body)
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype=XLSX, filename=name)
    return made


def raw_part(disposition: bytes, data: bytes, kind: bytes = b"application/octet-stream") -> bytes:
    """A message with one part whose headers are exactly these bytes."""
    return b"".join(
        [
            b"From: xa@xa.example\r\nTo: bao-cao@tinh.example\r\nMIME-Version: 1.0\r\n",
            b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nchao\r\n',
            b"--x\r\nContent-Type: " + kind + b"\r\nContent-Disposition: " + disposition,
            b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data) + b"\r\n--x--\r\n",
        ]
    )


def zipped(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, data in members.items():
            parcel.writestr(name, data)
    return stream.getvalue()


def bounce(original_id: str, recipient: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    """RFC 3464, as Postfix writes it."""
    return f"""From: MAILER-DAEMON@mx.example
To: {OURS}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
Message-ID: <tra-lai@mx.example>

--b
Content-Type: text/plain

This is the mail system at host mx.example.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <{recipient}>: User unknown

--b
Content-Type: message/rfc822

From: {OURS}
To: {recipient}
Message-ID: {original_id}
Subject: letter

text
--b--
""".replace("\n", "\r\n").encode()
