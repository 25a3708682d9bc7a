"""Lines around the table: number and title of the form, unit, provision, notes; the rest is named and not used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from baocao.text import fold, nfc
from baocao_authoring.draft.grid import CannotLearn, Doubt, Grid
from baocao_authoring.draft.regions import Region
from baocao_authoring.draft.words import type_of_unit

_NUMBER = re.compile(
    r"^((?:biểu|mẫu|phụ lục)(?:\s+(?:mẫu|biểu|số))*)\s*[:.]?\s*(?:số\s*[:.]?\s*)?([\w./-]*\d[\w./-]*|[IVX]+\b)",
    re.IGNORECASE,
)
_UNIT = re.compile(r"^\(?\s*(?:đơn vị tính|đvt|đơn vị)\s*:\s*([^)]+?)\s*\)?$", re.IGNORECASE)
# Beginnings of lines that the blank prints itself (unit, period, letterhead): read, named to the person, not taken
# over.
_FURNITURE = (
    "đơn vị báo cáo", "đơn vị nhận báo cáo", "ngày nhận báo cáo", "đơn vị gửi", "đơn vị nhận", "kỳ báo cáo", "cộng hòa",
    "cộng hoà", "độc lập", "số:", "tháng ", "quý ", "năm ", "từ ngày", "(từ ngày", "(kỳ ", "(tháng", "(6 tháng",
    "6 tháng",
    "nơi gửi", "nơi nhận", "ủy ban nhân dân", "uỷ ban nhân dân", "ubnd", "công an ", "sở ", "bộ ", "tỉnh ", "xã ",
    "(số liệu",
    "kính gửi", "tỉnh/", "xã/", "(từ", "(năm", "(quý", "___", "---", "báo cáo năm", "cơ quan", "người nhận",
)  # fmt: skip
_PROVISION = re.compile(r"(ban hành|kèm theo|thông tư|quyết định|nghị định|hướng dẫn số|công văn)", re.IGNORECASE)
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})|ngày\s+(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})", re.IGNORECASE)


@dataclass
class Around:
    """What the lines above and below a table say. Pairs are (text, A1)."""

    number: tuple[str, str] = ("", "")
    """`Biểu số 10/ABC`"""
    title: list[tuple[str, str]] = field(default_factory=list)
    unit: tuple[str, str] = ("", "")
    provisions: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def read_around(grid: Grid, region: Region) -> Around:
    """The lines above and below one table, each recognised by its words or its look."""
    found = Around()
    for row in range(region.above, region.top):
        if row in region.notes:
            continue
        for column in range(grid.columns):
            raw = grid.texts.get((row, column), "")
            # A provision and its date often stand on two lines of one cell; other line breaks part two facts.
            for line in re.sub(r"\n(?=ngày \d)", " ", raw).split("\n"):
                if text := nfc(line):
                    _line_above(found, text, grid.a1(row, column), grid, (row, column))
    for row in region.notes:
        text = nfc(" ".join(t for _, t in grid.cells(row)))
        bare = re.sub(r"^(ghi chú|lưu ý|giải thích)\s*:?\s*", "", text, flags=re.IGNORECASE)
        if bare:
            found.notes.append((bare, grid.a1(row, grid.cells(row)[0][0])))
    for row in region.furniture:
        found.passed_over += [(t, grid.a1(row, c)) for c, t in grid.cells(row)]
    return found


def _line_above(found: Around, text: str, a1: str, grid: Grid, place: tuple[int, int]) -> None:
    """Take one line above the tables as number, unit, provision or title of the form, or pass it over."""
    folded = fold(text)
    number, unit = _NUMBER.match(text), _UNIT.match(text)
    # A longer line that begins with "Biểu" is a sentence about the form.
    if number and not found.number[0] and len(text) < 60:
        found.number = (text, a1)
    elif unit and type_of_unit(unit[1].split(",")[0]) is not None:
        found.unit = (nfc(unit[1]), a1)
        if "," in unit[1] or ";" in unit[1]:
            found.doubts.append(Doubt(f"bảng ghi nhiều đơn vị tính «{unit[1]}»; lấy đơn vị đầu tiên", a1))
            found.unit = (nfc(re.split(r"[,;]", unit[1])[0]), a1)
    elif _PROVISION.search(text) and not text.isupper():
        found.provisions.append((text.strip("() "), a1))
    elif folded.startswith(_FURNITURE) or re.fullmatch(r"[-_.…*\s]+", text):
        found.passed_over.append((text, a1))
    # A title is recognised by its look alone: in capitals, bold, or merged over several columns.
    elif (text.isupper() or place in grid.bold or grid.right(*place) - place[1] >= 3) and len(text) > 3:
        found.title.append((text, a1))
    else:
        found.passed_over.append((text, a1))


def code_of(number: str, given: str | None) -> tuple[str, list[Doubt]]:
    """The form's code: as given, else from the printed number (`Biểu số 10` is B and 10, `Phụ lục 03` PL and 03).

    Raises CannotLearn when it cannot be found out.
    """
    if given:
        if not re.fullmatch(r"[A-Z][A-Z0-9-]*", given):
            raise CannotLearn(f"--code: {given!r} sai dạng; hãy dùng chữ hoa không dấu, chữ số và gạch nối, ví dụ B10")
        return given, []
    found = _NUMBER.match(number)
    if not found:
        raise CannotLearn(
            "không thấy số biểu («Biểu số …», «Phụ lục …») ở đầu trang; hãy nêu mã biểu bằng --code, ví dụ --code B10"
        )
    kind = "PL" if fold(found[1]).startswith("phụ lục") else "M" if fold(found[1]).startswith("mẫu") else "B"
    digits = re.match(r"(\d+)([A-Za-z]?)", found[2])
    # Two digits, so that codes sort as the forms are numbered.
    suffix = f"{int(digits[1]):02d}{digits[2].upper()}" if digits else re.sub(r"[^A-Z0-9]", "", found[2].upper())
    return f"{kind}{suffix}", [Doubt(f"mã biểu suy từ «{number}»")]


def day_in(text: str) -> str:
    """The first date a line names, as YYYY-MM-DD; empty when it names none."""
    found = _DATE.search(text)
    if not found:
        return ""
    day, month, year = (found[1], found[2], found[3]) if found[1] else (found[4], found[5], found[6])
    return f"{year}-{int(month):02d}-{int(day):02d}"
