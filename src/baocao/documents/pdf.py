"""PDF through LibreOffice, where it is installed."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 180
_PROGRAMS = ("soffice", "libreoffice")
_EPOCH = "315532800"  # 1980-01-01: what zip files of ours carry, too
_DATE = re.compile(rb"/(CreationDate|ModDate)\s*\(D:[^)]*\)")
_ID = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*\]")
_CHECKSUM = re.compile(rb"/DocChecksum\s*/([0-9A-Fa-f]+)")


def pdf_available() -> bool:
    """Whether LibreOffice is installed; if not, reports go out without a PDF and say so."""
    return _program() is not None


def _program() -> str | None:
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


def to_pdf(document: bytes, suffix: str = ".docx", *, timeout: float = TIMEOUT_SECONDS) -> bytes | None:
    """The document (docx or xlsx bytes, by `suffix`) as PDF, or None with the reason in the log.

    LibreOffice runs with a profile of its own, so it neither disturbs nor is disturbed by one that is open; it is
    killed with its children after `timeout` seconds. Document dates and the file identifier are set from the content,
    so one version of LibreOffice with the same fonts gives the same bytes for the same document.
    """
    program = _program()
    if program is None:
        log.warning("Không dựng được PDF: máy này chưa cài LibreOffice (lệnh soffice)")
        return None
    with tempfile.TemporaryDirectory(prefix="baocao-pdf-") as folder:
        place = Path(folder)
        source = place / f"document{suffix}"
        source.write_bytes(document)
        problem = _run(program, place, source, timeout)
        result = source.with_suffix(".pdf")
        if problem or not result.is_file():
            log.warning("Không dựng được PDF: %s", problem or "LibreOffice không tạo ra tệp")
            return None
        return settled(result.read_bytes())


def _run(program: str, place: Path, source: Path, timeout: float) -> str:
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
    environment = {k: v for k, v in os.environ.items() if k in {"PATH", "LANG", "LC_ALL", "FONTCONFIG_PATH"}}
    environment |= {"HOME": str(place), "SOURCE_DATE_EPOCH": _EPOCH, "TZ": "UTC"}
    process = subprocess.Popen(  # noqa: S603 (a fixed program, our own file)
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
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


def settled(pdf: bytes) -> bytes:
    """The PDF with dates and identifiers that follow from its content; lengths and offsets stay as they are."""

    def fixed_date(match: re.Match[bytes]) -> bytes:
        width = len(match.group(0)) - len(match.group(1)) - len(b"/(D:)")
        return b"/" + match.group(1) + b"(D:" + b"19800101000000Z".ljust(width, b" ")[:width] + b")"

    return _DATE.sub(fixed_date, pdf)
