"""`places.csv`: where the units lie, for the schematic maps. No figure follows from it; it may be missing."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from baocao.model.unit import Unit
from baocao.regimes.errors import PackError

HEADER = ("code", "latitude", "longitude")
_WITHIN = {"latitude": (8.0, 24.0), "longitude": (102.0, 118.0)}
"""Viet Nam with its islands, in decimal degrees north and east."""


def with_places(file: Path, units: Sequence[Unit]) -> tuple[tuple[Unit, ...], list[PackError]]:
    """The units with the middle points the file gives, and everything that is wrong with the file. It may hold more
    units than report here: one list of the whole country serves every pack."""
    if not file.is_file():
        return tuple(units), []
    faults: list[PackError] = []
    places: dict[str, tuple[float, float]] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            if tuple(next(reader, ())) != HEADER:
                return tuple(units), [PackError(file, 1, "", "dòng tiêu đề sai", f"phải là: {','.join(HEADER)}")]
            for line in filter(None, reader):
                found = _place(file, reader.line_num, line, places.keys(), faults)
                if found is not None:
                    places[line[0]] = found
    except (UnicodeDecodeError, csv.Error) as error:
        faults.append(PackError(file, 1, "", f"không đọc được: {error}", "hãy lưu lại tệp CSV dạng UTF-8"))
    placed = (
        replace(u, latitude=places[u.code][0], longitude=places[u.code][1]) if u.code in places else u for u in units
    )
    return tuple(placed), faults


def _place(
    file: Path, number: int, line: list[str], seen: Collection[str], faults: list[PackError]
) -> tuple[float, float] | None:
    """The degrees of one line; None when something is wrong with it, which is added to `faults`."""
    if len(line) != len(HEADER):
        faults.append(PackError(file, number, "", f"có {len(line)} ô, cần {len(HEADER)}", "hãy kiểm tra dấu phẩy"))
        return None
    if line[0] in seen:
        faults.append(PackError(file, number, "code", f"mã {line[0]!r} đã có ở dòng trên", "hãy xóa một dòng"))
        return None
    degrees = []
    for key, text in zip(HEADER[1:], line[1:], strict=True):
        low, high = _WITHIN[key]
        try:
            value = float(text)
        except ValueError:
            # Fails every comparison below, so text and a place outside get the same answer.
            value = float("nan")
        if not low <= value <= high:
            cure = f"hãy ghi độ thập phân, từ {low:g} đến {high:g}"
            faults.append(PackError(file, number, key, f"giá trị {text!r} không hợp lệ", cure))
            return None
        degrees.append(value)
    return degrees[0], degrees[1]
