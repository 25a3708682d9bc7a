"""A Dovecot of one's own, for the demonstration and the tests: on loopback, on free ports, in a temporary folder, gone
at the end."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from demo.ports import free_ports
from demo.processes import end

PATIENCE_SECONDS = 300
# Signs that an address must quote: BAOCAO_IMAP_URL has to carry them.
USER, PASSWORD = "bao-cao", "mat khau/@%"
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
{tls}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
{users}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = {identity} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = {has_tls}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def find_dovecot() -> str | None:
    """The path of the program, None when it is not installed."""
    return shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else None)


@dataclass
class Dovecot:
    """A running server, with one mailbox in it."""

    port: int
    tls_port: int
    """encrypted from the first byte; 0: none"""
    folder: Path

    @property
    def url(self) -> str:
        return self.address("imap")

    def address(self, scheme: str, query: str = "") -> str:
        """As BAOCAO_IMAP_URL has it: `imap`, `imap+starttls`, `imaps`."""
        port = self.tls_port if scheme == "imaps" else self.port
        return f"{scheme}://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/INBOX{query}"

    @contextmanager
    def session(self) -> Iterator[imaplib.IMAP4]:
        """An IMAP connection, logged in; logged out at the end."""
        client = imaplib.IMAP4("127.0.0.1", self.port, PATIENCE_SECONDS)
        try:
            client.login(USER, PASSWORD)
            yield client
        finally:
            client.logout()

    def put(self, message: bytes, at: datetime | None = None) -> None:
        """Deliver a message, as taken by the server at that moment (INTERNALDATE)."""
        with self.session() as client:
            when = None if at is None else imaplib.Time2Internaldate(at)
            kind, said = client.append("INBOX", None, when, message)
            assert kind == "OK", said

    def messages(self, folder: str) -> list[bytes]:
        """The messages in a folder, in the order of their UIDs; none where there is no such folder."""
        with self.session() as client:
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            _, found = client.search(None, "ALL")
            return [client.fetch(n, "(BODY.PEEK[])")[1][0][1] for n in found[0].split()]  # type: ignore[index, misc]

    def clear(self, folder: str) -> None:
        """Nothing lies in the folder any more."""
        with self.session() as client:
            kind, count = client.select(folder)
            if kind == "OK" and count != [b"0"]:
                client.store("1:*", "+FLAGS", "\\Deleted")
                client.expunge()

    def logins(self) -> list[str]:
        """A line for each login the server has let in, or refused."""
        lines = (self.folder / "log").read_text().splitlines()
        return [line for line in lines if "imap-login: " in line and ("Login: " in line or "auth failed" in line)]

    def renumber(self) -> None:
        """What a rebuilt server does: another UIDVALIDITY, every UID anew. The messages stay."""
        for index in (self.folder / "mail" / USER).glob("dovecot*"):
            shutil.rmtree(index) if index.is_dir() else index.unlink()


@contextmanager
def running_dovecot(certificate: Path | None = None) -> Iterator[Dovecot]:
    """A server with one empty mailbox, until the block ends. `certificate`: a PEM file with the key in it, for STARTTLS
    and IMAPS."""
    binary = find_dovecot()
    assert binary is not None
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    try:
        port, tls_port = free_ports(2)
        if certificate is None:
            tls_port = 0
        root = os.getuid() == 0
        who = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.getuid())
        for name in ("mail", "home", "run", "state"):
            (folder / name).mkdir()
        # mkdtemp makes it 0700, and started by root Dovecot's processes run as `nobody`.
        folder.chmod(0o755)
        for name in ("mail", "home"):
            if root:
                os.chown(folder / name, who.pw_uid, who.pw_gid)
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        own = "" if root else f"default_internal_user = {who.pw_name}\ndefault_login_user = {who.pw_name}"
        config = folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                users=own,
                identity=f"uid={who.pw_uid} gid={who.pw_gid}",
                port=port,
                tls_port=tls_port,
                tls=f"ssl = yes\nssl_cert = <{certificate}\nssl_key = <{certificate}" if certificate else "ssl = no",
                has_tls="yes" if certificate else "no",
            )
        )
        process = subprocess.Popen([binary, "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _wait(process, port, folder)
            yield Dovecot(port, tls_port, folder)
        finally:
            end(process, PATIENCE_SECONDS)
            if process.stderr is not None:
                process.stderr.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as probe:
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.05)
    log = (folder / "log").read_text() if (folder / "log").exists() else ""
    said = process.stderr.read().decode() if process.poll() is not None and process.stderr else ""
    raise AssertionError(f"dovecot did not start: {said}\n{log}")
