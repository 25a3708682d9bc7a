"""`succession.csv`: renamed, merged and split units, checked against `units.csv`."""

from __future__ import annotations

import csv
import logging
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from baocao.model.pack_parts.succession import Succession
from baocao.model.unit import Unit
from baocao.regimes.errors import PackError
from baocao.text import day_text, nfc

HEADER = ("on", "from", "to", "basis")
log = logging.getLogger(__name__)


def load_succession(file: Path, units: Sequence[Unit]) -> tuple[Succession, ...]:
    """The lines in file order; none when there is no such file. A unit that ends without a successor is warned of.

    Raises PackError with the line: a date that cannot be, an unknown code, a line that stands twice, a unit whose
    validity contradicts it, a circle.
    """
    lines = _read(file) if file.is_file() else []
    known = {u.code: u for u in units}
    for number, line in lines:
        for key, code in (("from", line.old), ("to", line.new)):
            if code not in known:
                raise PackError(file, number, key, f"không có đơn vị {code} trong units.csv", "hãy thêm vào units.csv")
        if next(n for n, other in lines if (other.on, other.old, other.new) == (line.on, line.old, line.new)) != number:
            raise PackError(file, number, "", "dòng bị ghi hai lần", "hãy xóa một dòng")
        _check_dates(file, number, line, known, [other for _, other in lines])
    _check_no_circle(file, lines)
    changes = tuple(line for _, line in lines)
    for warning in without_successor(units, changes):
        # No fault: a unit may end for good (an office that is dissolved), but its figures then go nowhere.
        log.warning("%s", warning)
    return changes


def without_successor(units: Sequence[Unit], changes: Sequence[Succession]) -> list[str]:
    """One line for each unit that ends and in whose place nobody stands."""
    followed = {c.old for c in changes if c.old != c.new}
    return [
        f"units.csv: {u.full_name} ({u.code}) hết hiệu lực {day_text(u.valid_to)} mà succession.csv không ghi đơn vị "
        "kế thừa; số liệu đã báo cáo của đơn vị này sẽ không nối tiếp vào đâu"
        for u in units
        if u.valid_to is not None and u.code not in followed
    ]


def _read(file: Path) -> list[tuple[int, Succession]]:
    """The lines of the file, each with its number; PackError at the first that is wrong."""
    result = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if tuple(reader.fieldnames or ()) != HEADER:
                raise PackError(file, 1, "", "dòng tiêu đề sai", f"phải là: {','.join(HEADER)}")
            for record in reader:
                number = reader.line_num
                if None in record or None in record.values():
                    cure = "hãy kiểm tra dấu phẩy và dấu ngoặc kép"
                    raise PackError(file, number, "", "số ô không khớp dòng tiêu đề", cure)
                values = {key: nfc(value).strip() for key, value in record.items()}
                try:
                    on = date.fromisoformat(values["on"])
                except ValueError:
                    reason = f"giá trị {values['on']!r} không hợp lệ"
                    raise PackError(file, number, "on", reason, "ngày dạng YYYY-MM-DD") from None
                if not values["basis"]:
                    raise PackError(file, number, "basis", "chưa ghi căn cứ", "hãy ghi số, ngày của nghị quyết")
                result.append((number, Succession(on, values["from"], values["to"], values["basis"])))
    except (UnicodeDecodeError, csv.Error) as error:
        raise PackError(file, 1, "", f"không đọc được: {error}", "hãy lưu lại tệp CSV dạng UTF-8") from None
    return result


def _check_dates(
    file: Path, number: int, line: Succession, known: dict[str, Unit], lines: Sequence[Succession]
) -> None:
    """The old unit is there on the day before, the new one from the day on; what goes on says so by its own line."""
    old, new, eve = known[line.old], known[line.new], line.on - timedelta(days=1)
    goes_on = any(c.on == line.on and c.old == c.new == line.old for c in lines)
    if not old.valid_on(eve):
        raise PackError(file, number, "from", f"{old.full_name} không còn hiệu lực ngày {eve}", "hãy sửa on")
    # Both at once would owe two reports for one area.
    if old.valid_on(line.on) and not goes_on:
        cure = f"hãy ghi valid_to {eve} trong units.csv, hoặc thêm dòng {line.on},{old.code},{old.code}"
        raise PackError(file, number, "from", f"{old.full_name} vẫn còn hiệu lực ngày {line.on}", cure)
    if goes_on and not old.valid_on(line.on):
        raise PackError(file, number, "from", f"{old.full_name} hết hiệu lực ngày {line.on}", "hãy sửa valid_to")
    if not new.valid_on(line.on):
        raise PackError(file, number, "to", f"{new.full_name} chưa có hiệu lực ngày {line.on}", "hãy sửa valid_from")
    # Else its own past would be left out of the sum (ADR 0017: nothing is guessed).
    if line.old != line.new and new.valid_on(eve) and not any(c.on == line.on and c.old == new.code for c in lines):
        cure = f"hãy thêm dòng {line.on},{new.code},{new.code} để nói đơn vị này tiếp tục"
        raise PackError(file, number, "to", f"{new.full_name} đã có từ trước ngày {line.on}", cure)


def _check_no_circle(file: Path, lines: Sequence[tuple[int, Succession]]) -> None:
    goes_to: dict[str, set[str]] = {}
    for number, line in lines:
        if line.old == line.new:
            continue
        reached, ahead = set(), [line.new]
        while ahead:
            code = ahead.pop()
            if code == line.old:
                raise PackError(file, number, "to", f"{line.old} kế thừa chính mình qua {line.new}", "hãy sửa mã")
            if code not in reached:
                reached.add(code)
                ahead += goes_to.get(code, ())
        goes_to.setdefault(line.old, set()).add(line.new)
