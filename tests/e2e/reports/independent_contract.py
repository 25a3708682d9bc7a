"""The documented contracts of the workbooks, the form files and the list of units, read without the program.

Used by independent_sum.py alone; nothing of `baocao` is imported.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from openpyxl import load_workbook

Key = tuple[str, str, str]
NUMBERS = {"count", "decimal", "money"}
NIL_SIGN = "–"
NIL_SAID = {"np", "không phát sinh", "không thuộc phạm vi"}


@dataclass(frozen=True)
class Spot:
    """A cell found by its codes, and where it stands."""

    value: Any
    where: str


def tables_of(sheet: Any, ends: bool) -> Iterator[tuple[str, dict[tuple[str, str], Spot]]]:
    """Every coded table of a sheet: its marker, and (row code, column code) -> cell.

    A units' table ends at the next row that holds a mark (`ends`); a consolidated one runs to the end of its sheet.
    """
    marker, at, columns, found = "", -1, {}, {}
    for row in sheet.iter_rows():
        codes = {c.column - 1: c.value[1:] for c in row if isinstance(c.value, str) and c.value.startswith("§")}
        if codes and (ends or not marker):
            if marker:
                yield marker, found
            begun = next(((i, code) for i, code in codes.items() if "." in code.lstrip(".") and code != "HET"), None)
            at, marker = begun if begun else (-1, "")
            columns, found = {i: code for i, code in codes.items() if i != at}, {}
        elif marker and row[at].value is not None:
            for i, code in columns.items():
                found[str(row[at].value), code] = Spot(row[i].value, f"{sheet.title}!{row[i].coordinate}")
    if marker:
        yield marker, found


@dataclass(frozen=True)
class Raw:
    """One unit's answers. A declared nil is the text `NP`."""

    unit: str
    sha256: str
    cells: dict[Key, Any]


def read_raw(path: Path) -> Raw:
    """A unit's workbook by docs/workbook.md."""
    data = path.read_bytes()
    book = load_workbook(path, data_only=True)
    meta = {str(a.value): str(b.value) for a, b, *_ in book["_meta"].iter_rows() if a.value is not None}
    cells: dict[Key, Any] = {}
    nil = set()
    for sheet in book.worksheets:
        for marker, found in tables_of(sheet, ends=True):
            form, table = marker.split(".", 1)
            if table == "NIL":
                nil |= {form} if any(spot.value is not None for spot in found.values()) else set()
            else:
                cells |= {(form, row, column): spot.value for (row, column), spot in found.items()}
    answers = {key: "NP" if value is None and key[0] in nil else value for key, value in cells.items()}
    return Raw(meta["unit"], hashlib.sha256(data).hexdigest(), answers)


# the forms ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Definition:
    """A cell as the form file defines it."""

    key: Key
    name: str
    kind: str
    roll_up: str
    entered: bool
    derive: tuple[str, tuple[Key, ...], tuple[Key, ...]] | None
    table: dict[str, Any]
    row: dict[str, Any]


def read_forms(folder: Path, versions: dict[str, str]) -> dict[Key, Definition]:
    """Every cell of the form versions in use."""
    found: dict[Key, Definition] = {}
    for code, version in versions.items():
        form = yaml.safe_load((folder / code / f"{version}.yaml").read_text(encoding="utf-8"))
        cells = {
            (code, row["code"], column["code"]): (table, row, column)
            for table in form["tables"]
            for row in map(partial(_row_in_full, table), table["rows"])
            if not row.get("heading")
            for column in table["columns"]
            if column["code"] in (row.get("columns") or [c["code"] for c in table["columns"]])
        }
        for key, (table, row, column) in cells.items():
            entered = not column.get("derive") and not row.get("derive")
            derive = None if entered else _derived(key, row, column, set(cells))
            kind = column.get("type") or row.get("type", "count")
            found[key] = Definition(key, row["name"], kind, row.get("roll_up", "none"), entered, derive, table, row)
    return found


def _row_in_full(table: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """A row with what its table says once for many (docs/forms.md, "What a form file says once")."""
    if row.get("heading") and "like" not in row:
        return row
    variant = table["variants"][row["like"]] if row.get("like") is not None else {}
    full = table.get("defaults", {}) | variant | row
    return {key: value for key, value in full.items() if value is not None and key != "like"}


def _derived(key: Key, row: dict[str, Any], column: dict[str, Any], cells: set[Key]) -> Any:
    """(way, plus or numerator, minus or denominator): a column's formula where its cells exist, else the row's."""
    for rule, near in ((column.get("derive"), 1), (row.get("derive"), 2)):
        if not rule:
            continue
        (way, body), *_ = rule.items()
        parts = {"linear": ("plus", "minus"), "ratio": ("numerator", "denominator"), "year_on_year": ("of",)}[way]
        sides = []
        for part in parts:
            names = body.get(part, ())
            names = [names] if isinstance(names, str) else names
            sides.append(tuple(_full(key, name, near) for name in names))
        plus, minus = sides[0], sides[1] if len(sides) > 1 else ()
        if near == 2 or not row.get("derive") or all(c in cells for c in (*plus, *minus)):
            return way, plus, minus
    return None


def _full(key: Key, name: str, near: int) -> Key:
    if "/" in name:
        form, row, column = name.split("/")
        return form, row, column
    return (key[0], key[1], name) if near == 1 else (key[0], name, key[2])


def number(value: Any) -> Fraction:
    """A number as a unit may write it: a figure, or text such as `1.234,5`."""
    if isinstance(value, str):
        value = value.replace(" ", "").replace("\u00a0", "").replace(".", "").replace(",", ".")
    return Fraction(Decimal(repr(value) if isinstance(value, float) else str(value)))


def is_nil(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower() in NIL_SAID


def read_units(path: Path, on: date) -> tuple[dict[str, set[str]], int]:
    """(projects of the provincial bodies by code, number of territorial units on that day)."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    bodies = {row["code"]: set(row["projects"].split(";")) for row in rows if row["kind"] == "agency"}
    there = [
        row
        for row in rows
        if row["code"] not in bodies
        and (not row["valid_from"] or date.fromisoformat(row["valid_from"]) <= on)
        and (not row["valid_to"] or on <= date.fromisoformat(row["valid_to"]))
    ]
    return bodies, len(there)


# comparing figure by figure ---------------------------------------------------------------------------------------


@dataclass
class Comparison:
    """What was found, figure by figure."""

    compared: int = 0
    differences: list[str] = field(default_factory=list)

    def same(self, what: str, where: str, expected: object, found: object, *, equal: bool | None = None) -> None:
        self.compared += 1
        if not (expected == found if equal is None else equal):
            self.differences.append(f"KHÁC {what} [{where}]: cộng lại được {_said(expected)}, tệp ghi {_said(found)}")

    def figure(self, what: str, spot: Spot, expected: Fraction | int | None, *, nil: bool = False) -> None:
        """A printed figure: fifteen digits are all a spreadsheet keeps."""
        if nil or expected is None:
            self.same(what, spot.where, NIL_SIGN if nil else None, spot.value)
            return
        near = isinstance(spot.value, int | float) and not isinstance(spot.value, bool)
        near = near and abs(float(expected) - float(spot.value)) <= 1e-12 * max(1.0, abs(float(expected)))
        self.same(what, spot.where, expected, spot.value, equal=near)


def _said(value: object) -> str:
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{float(value):.6f}"
    return "trống" if value is None else str(value)
