"""An address corrected by a verb: one entry of the pack's own files, everything else left byte for byte."""

from __future__ import annotations

import csv
import io
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from baocao.delivery.message import parse_address
from baocao.regimes.load import load_pack
from baocao.settings import ConfigurationError
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.mailing import flush


def correct_address(
    place: Installation, regime: str, who: str, email: str, *, head: bool, by: str, as_of: datetime
) -> dict[str, Any]:
    """Write a unit's or a recipient's address into the pack, note who did it, and send what waited for it.

    Raises Refused for a mailbox that mail cannot go to, somebody the pack does not know, or a file that the change
    would break; the file is then as it was.
    """
    if not by.strip():
        raise Refused("--by: hãy ghi người cho sửa địa chỉ")
    try:
        mailbox = parse_address(email)
    except ValueError as error:
        raise Refused(str(error)) from None
    if mailbox.display_name:
        raise Refused(f"{email}: hãy ghi địa chỉ trần, dạng ten@don-vi.example; tên lấy từ gói chế độ")
    pack, folder = place.pack(regime), place.folders[regime]
    if pack.unit(who) is not None:
        # The text and not the table: written anew as a table every line would change, and with it what a reviewer sees.
        file, former, text = _unit_row(folder / "units.csv", who, "head_email" if head else "email", email)
    elif any(r.id == who for r in pack.regime.recipients) and not head:
        file, former, text = _recipient(folder / "regime.yaml", who, email)
    else:
        known = ", ".join(r.id for r in pack.regime.recipients)
        raise Refused(f"Gói {regime} không có đơn vị hay nơi nhận mã {who!r}; nơi nhận: {known}; đơn vị: xem units.csv")
    before = file.read_bytes()
    try:
        _replace(file, text.encode("utf-8"))
    except OSError as error:
        raise Refused(
            f"Không ghi được {file} ({error.strerror}); gói chế độ chỉ được đọc ở đây: hãy sửa tệp ở nơi giữ gói"
        ) from None
    try:
        # Loaded as everybody will load it, before it is said that it worked: a wrong cell would take the regime away
        # from all.
        fresh = load_pack(folder, place.settings.reference)
    except ConfigurationError as error:
        _replace(file, before)
        raise Refused(f"Không sửa được {file}: {error}; tệp được giữ nguyên, hãy sửa tay") from None
    # Noted after the file stands: events are never changed, so one about an address that could not be written would
    # stay.
    with place.store.begin() as conn:
        payload = {"from": former, "to": email, "file": file.name, "pack_sha256": fresh.sha256}
        subject = f"{'unit' if pack.unit(who) else 'recipient'}/{who}"
        events.append(conn, as_of, by, "address_corrected", (regime, ""), subject, payload)
    # Before the letters: they take their addresses from the pack in memory.
    place.forget(regime)
    changed = {"who": who, "from": former, "to": email, "file": str(file), "pack_sha256": fresh.sha256}
    return {**changed, **flush(place, as_of)}


def _unit_row(file: Path, code: str, column: str, email: str) -> tuple[Path, str, str]:
    """The file, what stood there, and the whole text with the new value: only that unit's line is written again."""
    text = file.read_bytes().decode("utf-8")
    lines = text.splitlines(keepends=True)
    header = next(csv.reader([lines[0].lstrip("\ufeff")]))
    if column not in header:
        raise Refused(f"{file}: không có cột {column}; hãy thêm cột này rồi làm lại")
    for number, line in enumerate(lines[1:], 1):
        cells = next(csv.reader([line]), [])
        if not cells or cells[header.index("code")] != code:
            continue
        # A line of `csv` may hold line breaks inside quotes; line by line it cannot be changed.
        if len(cells) != len(header):
            raise Refused(f"{file}:{number + 1}: dòng này không đủ cột hoặc chứa dấu xuống dòng; hãy sửa tay")
        former = cells[header.index(column)]
        cells[header.index(column)] = email
        end = line[len(line.rstrip("\r\n")) :]
        written = io.StringIO()
        csv.writer(written, lineterminator=end).writerow(cells)
        lines[number] = written.getvalue()
        return file, former, "".join(lines)
    raise Refused(f"{file}: không tìm thấy dòng của đơn vị {code}; hãy sửa tay")


def _recipient(file: Path, who: str, email: str) -> tuple[Path, str, str]:
    """The same for a recipient: the `email:` that follows its `id:`."""
    text = file.read_bytes().decode("utf-8")
    entry = re.compile(
        rf"(\bid:[ ]*[\"']?{re.escape(who)}[\"']?[ ]*(?:,|\r?\n)(?:(?!\bid:).)*?\bemail:[ ]*)([^\s,}}#]+)", re.DOTALL
    )
    start = re.search(r"^recipients:", text, re.MULTILINE)
    found = entry.search(text, start.end()) if start else None
    if found is None:
        raise Refused(f"{file}: không tìm thấy recipients.{who}.email; hãy sửa tay")
    return file, found[2].strip("\"'"), text[: found.start(2)] + email + text[found.end(2) :]


def _replace(file: Path, data: bytes) -> None:
    """Whole or not at all."""
    # By process: two corrections at once must not write into one half file.
    aside = file.with_name(f".{file.name}.{os.getpid()}.partial")
    aside.write_bytes(data)
    aside.replace(file)
