"""Adds the units' raw workbooks up again, knowing nothing of the program, and compares every consolidated figure.

    python independent_sum.py RAW_DIR CONSOLIDATED.xlsx FORMS_DIR UNITS.csv

RAW_DIR holds the accepted workbooks as the units sent them, one a unit, under any name. All that is used: the two
documented contracts (docs/workbook.md, docs/consolidated.md), the form files and the list of units. Nothing of `baocao`
is imported. Prints every difference, then how many figures were compared. Exit code 0: all agree; 1: some do not;
2: a workbook does not say whose it is, or two say the same.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from independent_contract import (
    NUMBERS,
    Comparison,
    Definition,
    Key,
    Raw,
    Spot,
    is_nil,
    number,
    read_forms,
    read_raw,
    read_units,
    tables_of,
)
from openpyxl import load_workbook


class Unusable(Exception):  # noqa: N818 (the answer to whoever runs the script)
    """The files given cannot be compared at all."""


# adding up ---------------------------------------------------------------------------------------------------------


@dataclass
class Total:
    """What the province's cell must be."""

    value: Fraction | None = None
    nil: bool = False
    counted: int | None = None
    communes: Fraction | None = None
    provincial: Fraction | None = None
    classes: dict[str, int] = field(default_factory=dict)


def add_up(forms: dict[Key, Definition], raws: list[Raw], bodies: set[str], valid_units: int) -> dict[Key, Total]:
    """The province's entered cells."""
    totals = {}
    for key, cell in forms.items():
        counts = cell.kind in NUMBERS or cell.roll_up in {"yes_count", "class_count"}
        if not cell.entered or not counts or cell.kind == "text":
            continue
        said = {raw.unit: raw.cells.get(key) for raw in raws}
        said = {unit: value for unit, value in said.items() if value is not None and str(value).strip()}
        totals[key] = _total(cell, said, bodies, valid_units)
    return totals


def _total(cell: Definition, said: dict[str, Any], bodies: set[str], valid_units: int) -> Total:
    ours = {unit: value for unit, value in said.items() if unit not in bodies}
    total = Total(counted=len(said))
    if cell.roll_up == "yes_count":
        yes = sum(value is True or str(value).strip().lower() == "có" for value in ours.values())
        total.value = Fraction(yes) if ours else None
        total.classes = {"Có": yes, "Không": len(ours) - yes, "Chưa có số liệu": valid_units - len(ours)}
        return total
    if cell.roll_up == "class_count":
        chosen = [str(value).strip() for value in ours.values() if not is_nil(value)]
        total.value = Fraction(len(chosen)) if ours else None
        total.classes = {option: chosen.count(option) for option in cell.row["options"]}
        return total
    theirs = {unit: value for unit, value in said.items() if unit in bodies}
    figures = {unit: number(value) for unit, value in said.items() if not is_nil(value)}
    communes = sum((figures.get(unit, Fraction(0)) for unit in ours), Fraction(0)) if ours else None
    provincial = sum((figures.get(unit, Fraction(0)) for unit in theirs), Fraction(0)) if theirs else None
    total.communes, total.provincial = communes, provincial
    spoken = {unit for unit in figures if unit in bodies}
    behind: set[str] = set(figures)
    if cell.roll_up == "province":
        total.value, behind = provincial, spoken
    elif cell.roll_up == "province_over_sum":
        over = bool(spoken) or communes is None
        total.value, behind = (provincial, spoken) if over else (communes, set(figures) - bodies)
    elif communes is not None or provincial is not None:
        total.value = (communes or Fraction(0)) + (provincial or Fraction(0))
    total.nil = total.value is not None and not behind
    return total


def derive(forms: dict[Key, Definition], totals: dict[Key, Total], previous: dict[Key, Fraction]) -> None:
    """Adds the derived cells to `totals`; `previous` are last year's, which the raw files of this year cannot give."""

    def of(key: Key) -> Total:
        cell = forms[key]
        if key not in totals and cell.derive is not None and cell.kind in NUMBERS | {"ratio"}:
            totals[key] = _compute(cell, of, previous)
        return totals.get(key, Total())

    for key in forms:
        of(key)


def _compute(cell: Definition, of: Any, previous: dict[Key, Fraction]) -> Total:
    assert cell.derive is not None
    way, plus, minus = cell.derive
    if way == "year_on_year":
        now, before = of(plus[0]).value, previous.get(plus[0])
        if now is None or before is None:
            return Total()
        return Total(100 * (now - before) / before) if before else Total(nil=True)
    known = [of(key) for key in (*plus, *minus) if of(key).value is not None]
    first, second = ([v for key in keys if (v := of(key).value) is not None] for keys in (plus, minus))
    if way == "linear":
        value = sum(first, Fraction(0)) - sum(second, Fraction(0)) if known else None
        return Total(value, nil=bool(known) and all(total.nil for total in known))
    if not first or not second:
        return Total()
    return Total(100 * sum(first, Fraction(0)) / sum(second)) if sum(second) else Total(nil=True)


# comparing ---------------------------------------------------------------------------------------------------------


def exact(text: str | None) -> Fraction | None:
    """A number of `_values`: `1234`, `12.50`, `2750/83`, empty."""
    return Fraction(text) if text else None


class Workbook:
    """The consolidated workbook, held against what was added up."""

    def __init__(
        self, book: Any, forms: dict[Key, Definition], raws: list[Raw], totals: dict[Key, Total], valid_units: int
    ) -> None:
        self.book, self.forms, self.totals, self.valid_units = book, forms, totals, valid_units
        self.raws = {raw.unit: raw for raw in raws}
        self.found = Comparison()
        header, *rows = book["_values"].iter_rows(values_only=True)
        self.values = {row[:3]: dict(zip(header, row, strict=True)) for row in rows}
        self.previous = {
            key: before for key, row in self.values.items() if (before := exact(row["previous"])) is not None
        }

    def named(self, key: Key) -> str:
        return f"{'/'.join(key)} ({self.forms[key].name})" if key in self.forms else "/".join(key)

    def compare(self) -> Comparison:
        """Every sheet that holds figures."""
        self._exact_values()
        for sheet in self.book.worksheets:
            for marker, spots in tables_of(sheet, ends=False):
                if marker == "NGUON.A":
                    self._sources(spots)
                elif marker.startswith("CT."):
                    self._detail(marker.removeprefix("CT."), spots)
                elif marker.endswith(".NGUON"):
                    self._resources(marker.removesuffix(".NGUON"), spots)
                elif marker.split(".")[0] in {key[0] for key in self.forms}:
                    self._printed(marker.split(".")[0], spots)
        return self.found

    def _exact_values(self) -> None:
        self.found.same("tập hợp các ô", "_values", sorted(self.totals), sorted(self.values))
        for key, total in self.totals.items():
            row = self.values.get(key, {})
            for what, expected, found in (
                ("value", total.value, exact(row.get("value"))),
                ("nil", "1" if total.nil else "0", row.get("nil")),
                ("communes", total.communes, exact(row.get("communes"))),
                ("provincial", total.provincial, exact(row.get("provincial"))),
                ("classes", "; ".join(f"{k}={n}" for k, n in total.classes.items()), row.get("classes") or ""),
            ):
                self.found.same(f"{self.named(key)} {what}", "_values", expected, found)
            if total.counted is not None:
                self.found.same(f"{self.named(key)} counted", "_values", str(total.counted), row.get("counted"))

    def _sources(self, spots: dict[tuple[str, str], Spot]) -> None:
        listed = {unit: spot for (unit, column), spot in spots.items() if column == "SHA256"}
        self.found.same("đơn vị có tệp gốc", "Nguồn số liệu", sorted(self.raws), sorted(listed))
        for unit, raw in self.raws.items():
            if unit in listed:
                self.found.same(f"tệp gốc của đơn vị {unit}", listed[unit].where, raw.sha256, listed[unit].value)

    def _detail(self, form: str, spots: dict[tuple[str, str], Spot]) -> None:
        for (who, code), spot in spots.items():
            row, _, column = code.partition("/")
            key = (form, row, column)
            if key not in self.totals:
                continue
            total = self.totals[key]
            name = f"{self.named(key)} {who}"
            if who in self.raws:
                self._unit_cell(name, spot, self.raws[who].cells.get(key), self.forms[key].kind)
            elif who == "TOAN_TINH":
                self.found.figure(name, spot, total.value, nil=False)
            elif who in {"CONG_XA", "CONG_TINH"}:
                self.found.figure(name, spot, total.communes if who == "CONG_XA" else total.provincial)

    def _unit_cell(self, name: str, spot: Spot, said: Any, kind: str) -> None:
        if is_nil(said):
            self.found.same(name, spot.where, "NP", spot.value)
        elif kind in NUMBERS and said is not None:
            self.found.figure(name, spot, number(said))
        else:
            said = {True: "Có", False: "Không"}.get(said, said) if isinstance(said, bool) else said
            self.found.same(name, spot.where, said, spot.value)

    def _resources(self, form: str, spots: dict[tuple[str, str], Spot]) -> None:
        """Money by project and source: group 0 is the total, the others the row's components in printed order."""
        for (row, code), spot in spots.items():
            group, _, column = code.partition(".")
            parts = self._by_source(form, row)
            chosen = [c for part in parts for c in part] if group == "0" else parts[int(group) - 1]
            sums = {c: self._sum(form, chosen, c) for c in ("KH", "LKN")}
            name = f"{form}/{row} nguồn {group} {column}"
            if column in sums:
                self.found.figure(name, spot, sums[column])
            else:
                plan, spent = sums["KH"], sums["LKN"]
                percent = 100 * spent / plan if plan and spent is not None else None
                self.found.figure(name, spot, percent, nil=plan == 0)

    def _by_source(self, form: str, row: str) -> list[list[str]]:
        derive = self.forms[form, row, "KH"].row["derive"]["linear"]["plus"]
        if not self.forms[form, derive[0], "KH"].row.get("derive"):
            return [[code] for code in derive]
        below = [self._by_source(form, code) for code in derive]
        return [[code for parts in below for code in parts[i]] for i in range(len(below[0]))]

    def _sum(self, form: str, rows: list[str], column: str) -> Fraction | None:
        there = [v for row in rows if (v := self.totals[form, row, column].value) is not None]
        return sum(there, Fraction(0)) if there else None

    def _printed(self, form: str, spots: dict[tuple[str, str], Spot]) -> None:
        rows = {key[1]: cell for key, cell in self.forms.items() if key[0] == form}
        for (code, column), spot in spots.items():
            row, _, nth = code.partition("#")
            if row not in rows:
                continue
            if nth:
                if column == "TH":
                    counts = list(self.totals[form, row, "TH"].classes.values())
                    self.found.figure(f"{form}/{code}/TH", spot, counts[int(nth) - 1])
            elif column.startswith("."):
                self._compared(form, rows[row], column, spot)
            elif rows[row].roll_up == "yes_count" and column in {"MS", "TL"}:
                yes = self.totals[form, row, "TH"].value
                share = None if yes is None else 100 * yes / self.valid_units
                self.found.figure(f"{form}/{row}/{column}", spot, self.valid_units if column == "MS" else share)
            elif (total := self.totals.get((form, row, column))) is not None:
                self.found.figure(self.named((form, row, column)), spot, total.value, nil=total.nil)

    def _compared(self, form: str, cell: Definition, column: str, spot: Spot) -> None:
        """The columns beside the form's own: against the plan, and against the same period last year."""
        columns = {c["role"]: c["code"] for c in cell.table["columns"]}
        main = columns.get("actual") or columns.get("closing", "")
        row = cell.key[1]
        name = f"{form}/{row}/{column}"

        def value(code: str | None) -> Fraction | None:
            return self.totals.get((form, row, code or ""), Total()).value

        if column == ".PT_KH":
            plan, done = value(columns.get("plan_year")), value(columns.get("cumulative_year"))
            done = value(main) if done is None else done
            self.found.figure(name, spot, 100 * done / plan if plan and done is not None else None)
        if column not in {".CUNG_KY", ".TANG_GIAM", ".PT_TANG_GIAM"}:
            return
        shares = [
            c["code"]
            for c in cell.table["columns"]
            if columns.get("denominator") in ((c.get("derive") or {}).get("ratio") or {}).get("denominator", ())
        ]
        compared = next((c for c in shares if (form, row, c) in self.forms), main)
        now, before = value(compared), self.previous.get((form, row, compared))
        if cell.roll_up == "class_count":
            now = before = None
        both = now is not None and before is not None
        change = now - before if both else None
        percent = 100 * change / before if change is not None and before and compared == main else None
        expected = {".CUNG_KY": before, ".TANG_GIAM": change, ".PT_TANG_GIAM": percent}[column]
        self.found.figure(name, spot, expected)


# the whole ---------------------------------------------------------------------------------------------------------


def compare(raw_dir: Path, consolidated: Path, forms_dir: Path, units: Path) -> Comparison:
    """Read everything, add up, compare. Raises Unusable."""
    book = load_workbook(consolidated, data_only=True)
    meta = {str(a): str(b) for a, b, *_ in book["_meta"].iter_rows(values_only=True) if a is not None}
    versions = {key.removeprefix("form."): v for key, v in meta.items() if key.startswith("form.")}
    forms = read_forms(forms_dir, versions)
    raws = [read_raw(path) for path in sorted(raw_dir.glob("*.xlsx"))]
    who = [raw.unit for raw in raws]
    if not raws or len(set(who)) != len(who):
        twice = ", ".join(sorted({unit for unit in who if who.count(unit) > 1})) or "không"
        raise Unusable(f"{raw_dir}: cần mỗi đơn vị một tệp; đang có {len(raws)} tệp, trùng: {twice}")
    bodies, valid_units = read_units(units, date.fromisoformat(meta["as_of"][:10]))
    totals = add_up(forms, raws, bodies, valid_units)
    checked = Workbook(book, forms, raws, totals, valid_units)
    derive(forms, totals, checked.previous)
    checked.found.same("số đơn vị hành chính", "_meta", str(valid_units), meta["valid_units"])
    return checked.compare()


def main(arguments: list[str]) -> int:
    """The command line."""
    if len(arguments) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        result = compare(*map(Path, arguments))
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    for line in result.differences:
        print(line)
    print(f"So sánh {result.compared} số, khác {len(result.differences)}")
    return 1 if result.differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
