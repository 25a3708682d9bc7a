"""PDF through LibreOffice, where it is installed."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from baocao.documents.ooxml import core_day

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 180
# Debian installs both names, other builds only the first.
_PROGRAMS = ("soffice", "libreoffice")
_DATE = re.compile(rb"(/(?:CreationDate|ModDate)\s*\(D:)\d{14}")
_IDENTIFIER = re.compile(rb"(/ID\s*\[\s*<|(?<=>)\s*<(?=[0-9A-F]{32}>\s*\])|/DocChecksum\s*/)([0-9A-Fa-f]{32})")


def pdf_available() -> bool:
    """Whether LibreOffice is installed; if not, reports go out without a PDF and say so."""
    return _program() is not None


def _program() -> str | None:
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


def to_pdf(document: bytes, suffix: str = ".docx", *, timeout: float = TIMEOUT_SECONDS) -> bytes | None:
    """The document (docx or xlsx bytes, by `suffix`) as PDF, or None with the reason in the log.

    LibreOffice runs with a profile of its own, so it neither disturbs nor is disturbed by one that is open; it is
    killed with its children after `timeout` seconds. The PDF has the document's own day and an identifier that
    follows from its content: one version of LibreOffice with the same fonts gives the same bytes for the same document.
    """
    program = _program()
    if program is None:
        log.warning("Không dựng được PDF: máy này chưa cài LibreOffice (lệnh soffice)")
        return None
    with tempfile.TemporaryDirectory(prefix="baocao-pdf-") as folder:
        place = Path(folder)
        source = place / f"document{suffix}"
        source.write_bytes(document)
        dated = core_day(document) or date(1980, 1, 1)
        problem = _run(program, place, source, dated, timeout)
        result = source.with_suffix(".pdf")
        # LibreOffice answers 0 for some documents it could not load, so the file is looked for.
        if problem or not result.is_file():
            log.warning("Không dựng được PDF: %s", problem or "LibreOffice không tạo ra tệp")
            return None
        return settled(result.read_bytes(), dated)


def _run(program: str, place: Path, source: Path, dated: date, timeout: float) -> str:
    """Convert; returns what went wrong, or an empty text."""
    command = [
        program,
        f"-env:UserInstallation={(place / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        "pdf",
        "--outdir",
        str(place),
        str(source),
    ]
    # No secrets of ours in a program that opens documents; HOME inside the folder, which goes with it.
    environment = {k: v for k, v in os.environ.items() if k in {"PATH", "LANG", "LC_ALL", "FONTCONFIG_PATH"}}
    environment |= {"HOME": str(place), "SOURCE_DATE_EPOCH": str(_epoch(dated)), "TZ": "UTC"}
    process = subprocess.Popen(  # noqa: S603 (a fixed program, our own file)
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # `soffice` is a script that starts the program itself: killing only the script would leave it running, so the
        # whole group is killed.
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"LibreOffice chạy quá {timeout:.0f} giây"
    if process.returncode != 0:
        return f"LibreOffice trả mã {process.returncode}: {output.decode('utf-8', 'replace').strip()[-500:]}"
    return ""


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def settled(pdf: bytes, dated: date) -> bytes:
    """The PDF with dates and file identifiers that follow from its content; every byte keeps its place.

    LibreOffice takes the document's date from SOURCE_DATE_EPOCH but draws `/ID` and `/DocChecksum` anew each time.
    """
    pdf = _DATE.sub(rb"\g<1>" + dated.strftime("%Y%m%d000000").encode(), pdf)
    # Of equal length: the table of offsets at the end of a PDF points at bytes.
    blank = _IDENTIFIER.sub(lambda m: m.group(1) + b"0" * len(m.group(2)), pdf)
    own = sha256(blank).hexdigest().upper().encode()
    return _IDENTIFIER.sub(lambda m: m.group(1) + (own * 2)[: len(m.group(2))], blank)
