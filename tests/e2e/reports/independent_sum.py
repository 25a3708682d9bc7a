"""Adds the units' raw workbooks up again, knowing nothing of the program, and compares every consolidated figure.

    python independent_sum.py RAW_DIR CONSOLIDATED.xlsx FORMS_DIR UNITS.csv [YEAR_AGO.csv]

RAW_DIR holds the accepted workbooks as the units sent them, one a unit, under any name. All that is used: the
documented contracts (docs/workbook.md, docs/consolidated.md, "What a form file says once" in docs/forms.md), the form
files and the list of units. YEAR_AGO.csv (unit, form, row, column, value) is what the units had reported a year ago:
with it the comparisons are computed anew, without it last year's figures are taken from the file. Nothing of `baocao`
is imported. Prints every difference, then how many figures were compared. Exit code 0: all agree; 1: some do not; 2: a
workbook does not say whose it is, or two say the same.
"""

from __future__ import annotations

import csv
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

NOT_SHARED, NOT_COMPARABLE, FROM_ZERO = "chưa tính", "không so sánh được", "kỳ trước bằng 0"


class Unusable(Exception):  # noqa: N818 (the answer to whoever runs the script)
    """The files given cannot be compared at all."""


# adding up ---------------------------------------------------------------------------------------------------------


@dataclass
class Total:
    """What the province's cell must be."""

    value: Fraction | None = None
    nil: bool = False
    withheld: bool = False
    """a share of the plan that is not the province's"""
    counted: int | None = None
    communes: Fraction | None = None
    provincial: Fraction | None = None
    classes: dict[str, int] = field(default_factory=dict)


Said = dict[str, Any]
"""unit -> what it answered in a cell; a unit that left it blank is not in it"""


@dataclass
class Answers:
    """Every answer of one period, and whose of them make the province's figure."""

    forms: dict[Key, Definition]
    said: dict[Key, Said]
    bodies: set[str]

    @classmethod
    def of(cls, forms: dict[Key, Definition], raws: list[Raw], bodies: set[str]) -> Answers:
        said: dict[Key, Said] = {}
        for key, cell in forms.items():
            if cell.entered:
                answers = {raw.unit: raw.cells.get(key) for raw in raws}
                said[key] = {unit: v for unit, v in answers.items() if v is not None and str(v).strip()}
        return cls(forms, said, bodies)

    def standing(self, key: Key) -> Said:
        """The answers that make the province's figure. A row that both levels enter is of one level as a whole: of the
        provincial one where it gives a result."""
        cell, said = self.forms[key], self.said.get(key, {})
        if cell.roll_up == "province" or (cell.roll_up == "province_over_sum" and self._is_provincial(key)):
            return {unit: v for unit, v in said.items() if unit in self.bodies}
        if cell.roll_up == "province_over_sum":
            return {unit: v for unit, v in said.items() if unit not in self.bodies}
        if cell.roll_up in {"yes_count", "class_count"}:
            levels = cell.row.get("counted") or cell.row.get("levels", [])
            return {u: v for u, v in said.items() if ("province" if u in self.bodies else "commune") in levels}
        return said

    def _is_provincial(self, key: Key) -> bool:
        roles = {c["code"]: c["role"] for c in self.forms[key].table["columns"]}
        row = [k for k in self.said if k[:2] == key[:2] and self.forms[k].kind in NUMBERS]
        results = [k for k in row if not roles[k[2]].startswith("plan_")] or row
        spoken = any(u in self.bodies and not is_nil(v) for k in results for u, v in self.said[k].items())
        return spoken or not any(u not in self.bodies for k in results for u in self.said[k])

    def leaves(self, key: Key) -> list[Key]:
        derive = self.forms[key].derive
        return [key] if derive is None else [leaf for part in (*derive[1], *derive[2]) for leaf in self.leaves(part)]

    def is_plan(self, key: Key) -> bool:
        return any(c["code"] == key[2] and c["role"].startswith("plan_") for c in self.forms[key].table["columns"])

    def there(self, key: Key) -> set[str]:
        """Units with an answer; of a derived cell those that answered all that every unit must answer."""
        leaves = self.leaves(key)
        answered = [set(self.standing(leaf)) for leaf in leaves]
        must = [
            units for leaf, units in zip(leaves, answered, strict=True) if self.forms[leaf].row.get("required", True)
        ]
        anybody = set().union(*answered)
        return anybody.intersection(*must) if must and len(leaves) > 1 else anybody

    def both(self, above: tuple[Key, ...], below: tuple[Key, ...]) -> set[str]:
        """Units that have numerator and denominator in every row in which they have one of them; a plan is a number."""
        tops, bottoms = ([leaf for key in keys for leaf in self.leaves(key)] for keys in (above, below))
        if {k[:2] for k in tops} != {k[:2] for k in bottoms}:
            return set.intersection(*(self.there(key) for key in (*above, *below)))
        some: set[str] = set()
        torn: set[str] = set()
        for row in {k[:2] for k in tops}:
            top = [self.standing(k) for k in tops if k[:2] == row]
            bottom = [
                {u: v for u, v in self.standing(k).items() if not (self.is_plan(k) and is_nil(v))}
                for k in bottoms
                if k[:2] == row
            ]
            with_top, with_bottom = (set.intersection(*(set(said) for said in side)) for side in (top, bottom))
            some |= with_top & with_bottom
            torn |= {u for said in bottom for u in said} - with_top
            torn |= {u for said in top for u, v in said.items() if not is_nil(v) and number(v)} - with_bottom
        return some - torn

    def total(self, key: Key, units: set[str]) -> Fraction | None:
        """The cell as if these units alone had reported."""
        derive = self.forms[key].derive
        if derive is None:
            yes = self.forms[key].roll_up == "yes_count"
            figures = [
                Fraction(value is True or str(value).strip().lower() == "có") if yes
                else Fraction(0) if is_nil(value) else number(value)
                for unit, value in self.standing(key).items() if unit in units
            ]  # fmt: skip
            return sum(figures, Fraction(0)) if figures else None
        way, plus, minus = derive
        first, second = ([v for k in keys if (v := self.total(k, units)) is not None] for keys in (plus, minus))
        if way == "linear":
            return sum(first, Fraction(0)) - sum(second, Fraction(0)) if first or second else None
        return 100 * sum(first, Fraction(0)) / sum(second) if way == "ratio" and first and sum(second) else None

    def behind(self, key: Key) -> set[str]:
        derive = self.forms[key].derive
        return self.both(derive[1], derive[2]) if derive is not None and derive[0] == "ratio" else self.there(key)


@dataclass
class Share:
    """What was reached of a plan, over the units that have both."""

    percent: Fraction | None
    nil: bool
    counted: int
    expected: int
    withheld: bool


def share(answers: Answers, above: tuple[Key, ...], below: tuple[Key, ...], least: Fraction) -> Share:
    """`least` is the percent of units that must have a plan before it is the province's."""
    units = answers.both(above, below)
    leaves = [leaf for key in above for leaf in answers.leaves(key)]
    expected = units | {u for leaf in leaves for u, v in answers.standing(leaf).items() if not is_nil(v)}
    planned = any(not is_nil(v) for key in below for k in answers.leaves(key) for v in answers.standing(k).values())
    if not planned:
        return Share(None, False, 0, len(expected), False)
    if not units or Fraction(100 * len(units), len(expected)) < least:
        return Share(None, False, len(units), len(expected), True)
    done, plan = (sum((answers.total(k, units) or Fraction(0) for k in keys), Fraction(0)) for keys in (above, below))
    return Share(100 * done / plan if plan else None, not plan, len(units), len(expected), False)


def asked(cell: Definition, units: tuple[dict[str, set[str]], int]) -> int:
    """How many units are asked where answers are counted, of (projects by provincial body, number of other units)."""
    projects, territorial = units
    levels, project = counted_levels(cell), cell.row.get("project", "")
    bodies = sum(not project or project in theirs for theirs in projects.values()) if "province" in levels else 0
    return bodies + (territorial if "commune" in levels else 0)


def add_up(answers: Answers, units: tuple[dict[str, set[str]], int]) -> dict[Key, Total]:
    """The province's entered cells."""
    totals = {}
    forms, bodies = answers.forms, answers.bodies
    for key, cell in forms.items():
        counts = cell.kind in NUMBERS or cell.roll_up in {"yes_count", "class_count"}
        if not cell.entered or not counts or cell.kind == "text":
            continue
        totals[key] = _total(cell, answers.said[key], bodies, asked(cell, units), answers._is_provincial(key))
    return totals


def _counted(cell: Definition, said: Said, bodies: set[str], asked: int) -> Total:
    """How many say yes, or name each class; the rest declared nil or have not reported."""
    levels = counted_levels(cell)
    said = {u: v for u, v in said.items() if ("province" if u in bodies else "commune") in levels}
    yes_or_no = cell.roll_up == "yes_count"
    words = {u: str(v).strip() for u, v in said.items() if not is_nil(v)}
    if yes_or_no:
        words = {u: "Có" if said[u] is True or w.lower() == "có" else "Không" for u, w in words.items()}
    options = ["Có", "Không"] if yes_or_no else cell.row["options"]
    classes = {option: list(words.values()).count(option) for option in options}
    nil = len(said) - len(words)
    classes |= ({"Không phát sinh": nil} if nil else {}) | {"Chưa có số liệu": asked - len(said)}
    parts = []
    for is_body in (False, True):
        side = {u: w for u, w in words.items() if (u in bodies) is is_body}
        answered = any((u in bodies) is is_body for u in said)
        counted = sum(w == "Có" for w in side.values()) if yes_or_no else len(side)
        parts.append(Fraction(counted) if answered else None)
    value = sum((p for p in parts if p is not None), Fraction(0)) if said else None
    return Total(value, counted=len(said), communes=parts[0], provincial=parts[1], classes=classes)


def counted_levels(cell: Definition) -> list[str]:
    """Whose answers are counted."""
    return cell.row.get("counted") or cell.row.get("levels", [])


def _total(cell: Definition, said: Said, bodies: set[str], asked: int, provincial_row: bool) -> Total:
    if cell.roll_up in {"yes_count", "class_count"}:
        return _counted(cell, said, bodies, asked)
    ours = {unit: value for unit, value in said.items() if unit not in bodies}
    total = Total(counted=len(said))
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
        total.value, behind = (provincial, spoken) if provincial_row else (communes, set(figures) - bodies)
    elif communes is not None or provincial is not None:
        total.value = (communes or Fraction(0)) + (provincial or Fraction(0))
    total.nil = total.value is not None and not behind
    return total


def derive(answers: Answers, totals: dict[Key, Total], changes: Changes, least: Fraction) -> None:
    """Adds the derived cells to `totals`."""
    forms = answers.forms

    def of(key: Key) -> Total:
        cell = forms[key]
        if key not in totals and cell.derive is not None and cell.kind in NUMBERS | {"ratio"}:
            totals[key] = _compute(key, of)
        return totals.get(key, Total())

    def _compute(key: Key, of: Any) -> Total:
        way, plus, minus = forms[key].derive  # type: ignore[misc]
        if way == "year_on_year":
            now, before = changes.of(plus[0])
            return Total(100 * (now - before) / before if now is not None and before else None)
        known = [of(k) for k in (*plus, *minus) if of(k).value is not None]
        if way == "linear":
            first, second = ([v for k in keys if (v := of(k).value) is not None] for keys in (plus, minus))
            value = sum(first, Fraction(0)) - sum(second, Fraction(0)) if known else None
            return Total(value, nil=bool(known) and all(total.nil for total in known))
        if all(answers.is_plan(leaf) for k in minus for leaf in answers.leaves(k)):
            found = share(answers, plus, minus, least)
            return Total(found.percent, nil=found.nil, withheld=found.withheld)
        units = answers.both(plus, minus)
        tops, bottoms = ([v for k in keys if (v := answers.total(k, units)) is not None] for keys in (plus, minus))
        if not tops or not bottoms:
            return Total()
        if not sum(bottoms):
            return Total(nil=True)
        return Total(100 * sum(tops, Fraction(0)) / sum(bottoms), nil=bool(known) and all(t.nil for t in known))

    for key in forms:
        of(key)


@dataclass
class Changes:
    """The figures of now and of a year ago, over the units that have both."""

    now: Answers
    then: Answers | None
    """None: last year's figures, and who is left out, are taken from the file"""
    listed: dict[Key, dict[str, str]]

    def units(self, key: Key) -> set[str]:
        if self.then is not None:
            return self.now.behind(key) & self.then.behind(key)
        left_out = set((self.listed.get(key, {}).get("compared_left_out") or "").split())
        return self.now.behind(key) - left_out

    def of(self, key: Key) -> tuple[Fraction | None, Fraction | None]:
        if self.listed.get(key, {}).get("not_comparable"):
            return None, None
        units = self.units(key)
        if self.then is not None:
            before = self.then.total(key, units) if units else None
        else:
            before = exact(self.listed.get(key, {}).get("previous"))
        return (None, None) if before is None else (self.now.total(key, units), before)


# comparing ---------------------------------------------------------------------------------------------------------


def exact(text: str | None) -> Fraction | None:
    """A number of `_values`: `1234`, `12.50`, `2750/83`, empty."""
    return Fraction(text) if text else None


class Workbook:
    """The consolidated workbook, held against what was added up."""

    def __init__(
        self,
        book: Any,
        answers: Answers,
        year_ago: Answers | None,
        raws: list[Raw],
        totals: dict[Key, Total],
        units: tuple[dict[str, set[str]], int],
        least: Fraction,
    ) -> None:
        self.book, self.forms, self.totals, self.asked = book, answers.forms, totals, units
        self.answers, self.least = answers, least
        self.raws = {raw.unit: raw for raw in raws}
        self.found = Comparison()
        header, *rows = book["_values"].iter_rows(values_only=True)
        self.values = {row[:3]: dict(zip(header, row, strict=True)) for row in rows}
        self.changes = Changes(answers, year_ago, self.values)

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
                ("previous", self.changes.of(key)[1], exact(row.get("previous"))),
                ("compared_now", self.changes.of(key)[0], exact(row.get("compared_now"))),
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
            name = f"{form}/{row} nguồn {group} {column}"
            if column in {"KH", "LKN"}:
                self.found.figure(name, spot, self._sum(form, chosen, column))
            else:
                spent, plan = (tuple((form, code, c) for code in chosen) for c in ("LKN", "KH"))
                self._share(name, spot, share(self.answers, spent, plan, self.least))

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
            if nth in {"CONG_XA", "CONG_TINH"}:
                # Below a row that two levels report: what each of them reports.
                two = self.totals.get((form, row, column))
                if two is not None and not column.startswith(".") and spot.value is not None:
                    self.found.figure(f"{form}/{code}", spot, two.communes if nth == "CONG_XA" else two.provincial)
            elif nth:
                if column == "TH":
                    counts = list(self.totals[form, row, "TH"].classes.values())
                    self.found.figure(f"{form}/{code}/TH", spot, counts[int(nth) - 1])
            elif column.startswith("."):
                self._compared(form, rows[row], column, spot)
            elif rows[row].roll_up == "yes_count" and column in {"MS", "TL"}:
                yes = self.totals[form, row, "TH"].value
                of = asked(rows[row], self.asked)
                share = None if yes is None or not of else 100 * yes / of
                self.found.figure(f"{form}/{row}/{column}", spot, of if column == "MS" else share)
            elif (total := self.totals.get((form, row, column))) is not None and total.withheld:
                self.found.same(self.named((form, row, column)), spot.where, NOT_SHARED, spot.value)
            elif total is not None and self._no_rate((form, row, column)):
                self.found.same(self.named((form, row, column)), spot.where, FROM_ZERO, spot.value)
            elif total is not None:
                self.found.figure(self.named((form, row, column)), spot, total.value, nil=total.nil)

    def _share(self, name: str, spot: Spot, found: Share) -> None:
        if found.withheld:
            self.found.same(name, spot.where, NOT_SHARED, spot.value)
        else:
            self.found.figure(name, spot, found.percent, nil=found.nil)

    def _is_share_of_plan(self, derive: Any) -> bool:
        leaves = [leaf for k in derive[2] for leaf in self.answers.leaves(k)] if derive and derive[0] == "ratio" else []
        return bool(leaves) and all(map(self.answers.is_plan, leaves))

    def _no_rate(self, key: Key) -> bool:
        """A change against last year, from zero."""
        derive = self.forms[key].derive
        return derive is not None and derive[0] == "year_on_year" and self.changes.of(derive[1][0])[1] == 0

    def _compared(self, form: str, cell: Definition, column: str, spot: Spot) -> None:
        """The columns beside the form's own: against the plan, and against the same period last year."""
        columns = {c["role"]: c["code"] for c in cell.table["columns"] if (form, cell.key[1], c["code"]) in self.forms}
        main = columns.get("actual") or columns.get("closing", "")
        row = cell.key[1]
        name = f"{form}/{row}/{column}"
        if column in {".PT_KH", ".DV_KH"}:
            done, plan = columns.get("cumulative_year") or main, columns.get("plan_year")
            found = Share(None, False, 0, 0, False)
            if plan and "actual" in columns:
                found = share(self.answers, ((form, row, done),), ((form, row, plan),), self.least)
            elif main and self._is_share_of_plan(ratio := self.forms[form, row, main].derive):
                found = share(self.answers, ratio[1], ratio[2], self.least)
            if column == ".PT_KH":
                self._share(name, spot, found)
            else:
                said = f"{found.counted}/{found.expected}" if found.counted or found.withheld else None
                self.found.same(name, spot.where, said, spot.value)
        if column not in {".CUNG_KY", ".TANG_GIAM", ".PT_TANG_GIAM", ".DV_SO_SANH"}:
            return
        shares = [
            c["code"]
            for c in cell.table["columns"]
            if columns.get("denominator") in ((c.get("derive") or {}).get("ratio") or {}).get("denominator", ())
        ]
        compared = next((c for c in shares if (form, row, c) in self.forms), main)
        self._change(name, spot, column, cell, (form, row, compared), compared == main)

    def _change(self, name: str, spot: Spot, column: str, cell: Definition, key: Key, has_rate: bool) -> None:
        derive = self.forms[key].derive if key in self.forms else None
        quiet = cell.roll_up == "class_count" or (derive is not None and derive[0] == "year_on_year")
        now, before = (None, None) if quiet or key not in self.forms else self.changes.of(key)
        if not quiet and self.values.get(key, {}).get("not_comparable"):
            self.found.same(name, spot.where, NOT_COMPARABLE if column == ".CUNG_KY" else None, spot.value)
            return
        change = now - before if now is not None and before is not None else None
        if column == ".DV_SO_SANH":
            expected = self.values.get(key, {}).get("compared_expected")
            said = None if before is None else f"{len(self.changes.units(key))}/{expected}"
            self.found.same(name, spot.where, said, spot.value)
        elif column == ".PT_TANG_GIAM" and before == 0 and change is not None and has_rate:
            self.found.same(name, spot.where, FROM_ZERO, spot.value)
        else:
            percent = 100 * change / before if change is not None and before and has_rate else None
            self.found.figure(name, spot, {".CUNG_KY": before, ".TANG_GIAM": change, ".PT_TANG_GIAM": percent}[column])


# the whole ---------------------------------------------------------------------------------------------------------


def read_year_ago(path: Path, forms: dict[Key, Definition], bodies: set[str]) -> Answers:
    """What the units had reported a year ago."""
    cells: dict[str, dict[Key, Any]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            key = (line["form"], line["row"], line["column"])
            value = {"true": True, "false": False}.get(line["value"], line["value"])
            kind = forms[key].kind if key in forms else ""
            cells.setdefault(line["unit"], {})[key] = Fraction(line["value"]) if kind in NUMBERS else value
    return Answers.of(forms, [Raw(unit, "", found) for unit, found in cells.items()], bodies)


def compare(
    raw_dir: Path, consolidated: Path, forms_dir: Path, units: Path, year_ago: Path | None = None
) -> Comparison:
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
    projects, valid_units = read_units(units, date.fromisoformat(meta["as_of"][:10]))
    bodies = set(projects)
    answers = Answers.of(forms, raws, bodies)
    totals = add_up(answers, (projects, valid_units))
    then = None if year_ago is None else read_year_ago(year_ago, forms, bodies)
    least = Fraction(meta["plan_coverage_min"])
    checked = Workbook(book, answers, then, raws, totals, (projects, valid_units), least)
    derive(answers, totals, checked.changes, least)
    checked.found.same("số đơn vị hành chính", "_meta", str(valid_units), meta["valid_units"])
    return checked.compare()


def main(arguments: list[str]) -> int:
    """The command line."""
    if len(arguments) not in {4, 5}:
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
