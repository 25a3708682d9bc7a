"""`units.csv`: who reports, where they are written to, and which projects a lead body leads."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from baocao.model.unit import Unit, UnitKind
from baocao.regimes.errors import PackError
from baocao.text import nfc

HEADER = ("code", "name", "kind", "email", "head_email", "projects", "valid_from", "valid_to")
RESIDENTS = ("population", "population_source")
"""Columns that a list of units may have besides: how many people live there, and which document says so."""
SENDERS = ("senders",)
"""A column besides: from where else the unit writes, addresses or whole domains (`@xa.example`), parted by `;`."""
# Official codes of communes have five digits with their zeros, those of provinces two: text, never numbers, which
# Excel would shorten. Offices have the code of their place and a name of their own.
_CODE = re.compile(r"[0-9]{5}|[0-9]{2}(?:[0-9]{3})?-[A-Z0-9]+")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
Parsed = TypeVar("Parsed")


def read_units(file: Path) -> tuple[tuple[Unit, ...], list[PackError]]:
    """The units that are right, and everything that is wrong."""
    units: list[Unit] = []
    faults: list[PackError] = []
    lines: dict[str, int] = {}
    try:
        # Excel writes a byte-order mark into "CSV UTF-8"; it would become a part of the first heading.
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            allowed = {HEADER + more for more in ((), RESIDENTS, SENDERS, RESIDENTS + SENDERS)}
            if tuple(reader.fieldnames or ()) not in allowed:
                cure = f"phải là: {','.join(HEADER)}; có thể thêm ở cuối: {','.join(RESIDENTS)} và {SENDERS[0]}"
                return (), [PackError(file, 1, "", "dòng tiêu đề sai", cure)]
            for record in reader:
                unit = _unit(file, reader.line_num, record, faults)
                if unit is None:
                    continue
                if unit.code in lines:
                    reason = f"mã {unit.code} đã có ở dòng {lines[unit.code]}"
                    faults.append(PackError(file, reader.line_num, "code", reason, "mỗi đơn vị một mã riêng"))
                    continue
                lines[unit.code] = reader.line_num
                units.append(unit)
    except FileNotFoundError:
        faults.append(PackError(file, 1, "", "không có tệp này", "hãy tạo tệp danh sách đơn vị"))
    except (UnicodeDecodeError, csv.Error) as error:
        faults.append(PackError(file, 1, "", f"không đọc được: {error}", "hãy lưu lại tệp CSV dạng UTF-8"))
    if not units and not faults:
        faults.append(PackError(file, 1, "", "chưa có đơn vị nào", "hãy thêm đơn vị"))
    return tuple(units), faults


def _unit(file: Path, line: int, record: dict[str, Any], faults: list[PackError]) -> Unit | None:
    """The unit of one line; None when something is wrong with it, which is added to `faults`."""
    before = len(faults)
    record = {**dict.fromkeys(RESIDENTS + SENDERS, ""), **record}

    def wrong(key: str, reason: str, cure: str) -> None:
        faults.append(PackError(file, line, key, reason, cure))

    # How csv.DictReader shows it: surplus cells stand under the key None, missing ones have the value None.
    if None in record or None in record.values():
        wrong("", "số ô không khớp dòng tiêu đề", "hãy kiểm tra dấu phẩy và dấu ngoặc kép")
        return None

    def parsed(key: str, parse: Callable[[str], Parsed], cure: str) -> Any:
        text = nfc(record[key])
        try:
            return parse(text)
        except ValueError:
            return wrong(key, f"giá trị {text!r} không hợp lệ", cure)

    kind = parsed("kind", UnitKind, f"hãy dùng một trong: {', '.join(UnitKind)}")
    projects = tuple(p.strip() for p in record["projects"].split(";") if p.strip())
    if kind is not None and kind.is_territorial and projects:
        wrong("projects", "xã, phường, đặc khu không chủ trì dự án", "hãy để trống")
    shape = "mã đơn vị hành chính 5 chữ số, hoặc dạng 00-SNV, 00001-VP cho cơ quan, phòng ban"
    address = "hãy ghi một địa chỉ thư điện tử hoặc để trống"
    unit = Unit(
        code=parsed("code", _matching(_CODE), shape),
        name=parsed("name", _matching(re.compile(".+")), "hãy ghi tên đơn vị"),
        kind=kind,
        email=parsed("email", _empty_or(_matching(_EMAIL), ""), address),
        head_email=parsed("head_email", _empty_or(_matching(_EMAIL), ""), address),
        projects=projects,
        valid_from=parsed("valid_from", _empty_or(date.fromisoformat, None), "ngày dạng YYYY-MM-DD hoặc để trống"),
        valid_to=parsed("valid_to", _empty_or(date.fromisoformat, None), "ngày dạng YYYY-MM-DD hoặc để trống"),
        population=parsed("population", _empty_or(_people, None), "số người, viết liền, lớn hơn 0, hoặc để trống"),
        population_source=nfc(record["population_source"]).strip(),
        senders=parsed("senders", _senders, "địa chỉ thư hoặc tên miền dạng @xa.example, cách nhau bằng dấu chấm phẩy"),
    )
    if unit.population is not None and not unit.population_source:
        wrong("population_source", "có số dân mà không có nguồn", "hãy ghi văn bản hoặc sổ nào, ngày nào")
    return unit if len(faults) == before else None


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return text

    return parse


def _senders(text: str) -> tuple[str, ...]:
    found = tuple(part.strip().lower() for part in text.split(";") if part.strip())
    for part in found:
        if not _EMAIL.fullmatch(f"x{part}" if part.startswith("@") else part):
            raise ValueError(part)
    return found


def _people(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise ValueError(text)
    return int(text)


def _empty_or(parse: Callable[[str], Parsed], empty: Parsed | None) -> Callable[[str], Any]:
    return lambda text: parse(text) if text else empty
