"""The units of a demonstration: who sends what, when, and what is wrong with it.

Seeded: the same seed plays the same period. About one file in ten is broken in a realistic way and corrected after the
letter; some come late; a few never come.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by
from baocao.model.period import Period
from baocao.model.submission import Value
from baocao.model.unit import Unit
from demo.figures import Figures, Filled

NEVER = 3
LATE = 6
BROKEN_SHARE = 0.1
OLE_HEAD = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2048)


@dataclass(frozen=True)
class DroppedFile:
    """One file dropped into the inbox at one moment."""

    at: datetime
    unit: str
    filename: str
    data: bytes
    fault: str = ""
    """empty: nothing is wrong with it"""


@dataclass
class Plan:
    """The whole period, as it will happen."""

    deliveries: list[DroppedFile] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    """unit -> fault"""

    def between(self, start: datetime | None, end: datetime) -> Iterator[DroppedFile]:
        """Deliveries after `start` up to `end`, oldest first."""
        for delivery in sorted(self.deliveries, key=lambda d: (d.at, d.unit, d.filename)):
            if (start is None or delivery.at > start) and delivery.at <= end:
                yield delivery


def baseline(pack: Pack, unit: Unit, period: Period, seed: int, code: str) -> dict[CellKey, Value]:
    """Figures of a period before go-live: counts, and the stocks that the next period opens with.

    No money and nothing cumulative: the programme's own term has not begun.
    """
    drawn = Figures(pack, unit, period, {}, seed, label=code).fill_with_derived()
    return {
        k: v for k, v in drawn.items() if isinstance(v, int) and k.form != "PL03" and k.column not in {"LKN", "LKGD"}
    }


def plan_period(
    pack: Pack,
    period: Period,
    previous: Mapping[str, Mapping[CellKey, Value]],
    *,
    seed: int,
) -> Plan:
    """Draw every unit's file and the moment it is sent.

    `pack` is the pack as the period sees it. `previous` gives each unit's figures of the period before. Lead bodies
    send good files on time; `NEVER` communes send nothing, `LATE` send after the deadline, a tenth sends a broken file
    first, corrected two days later.
    """
    rng = random.Random(seed)
    units = pack.units_on(period.cutoff_on)
    communes = [u for u in units if not u.is_lead_body]
    shuffled = rng.sample(communes, len(communes))
    # Parts of one shuffled list: no unit is both.
    never, late = shuffled[:NEVER], shuffled[NEVER : NEVER + LATE]
    rest = shuffled[NEVER + LATE :]
    # At least one of every fault, also in a demonstration of few units.
    broken = rest[: max(len(FAULTS), round(BROKEN_SHARE * len(communes)))]
    plan = Plan(never=[u.code for u in never], late=[u.code for u in late])
    faults = list(FAULTS)
    for index, unit in enumerate(u for u in units if u not in never):
        before = previous.get(unit.code, {})
        filled = Figures(pack, unit, period, before, seed).fill()
        sent_at = _moment(rng, period, late=unit in late, early=unit in broken)
        name = f"{unit.code}_{period.code}.xlsx"
        good = filled_workbook(pack, unit, period, before, filled)
        if unit in broken:
            fault = faults[broken.index(unit) % len(faults)]
            bad = FAULTS[fault](Drawn(pack, unit, period, before, filled, good))
            plan.broken[unit.code] = fault
            plan.deliveries.append(DroppedFile(sent_at, unit.code, name, bad, fault))
            sent_at += timedelta(days=2, minutes=index)
        plan.deliveries.append(DroppedFile(sent_at, unit.code, name, good))
        if index % 40 == 7:
            # A careful official sends the same file twice.
            plan.deliveries.append(DroppedFile(sent_at + timedelta(minutes=30), unit.code, name, good, "sent_twice"))
    return plan


def _moment(rng: random.Random, period: Period, *, late: bool, early: bool) -> datetime:
    due = period.unit.due_at
    if late:
        return due + timedelta(hours=rng.randrange(10, 60))
    # The smaller of two draws: most send in the last days. A broken file comes early, so that it can be corrected in
    # time.
    days = rng.randrange(4, 11) if early else min(rng.randrange(0, 12), rng.randrange(0, 12))
    return due.replace(hour=rng.randrange(8, 17), minute=rng.randrange(60), second=0) - timedelta(days=days)


def filled_workbook(pack: Pack, unit: Unit, period: Period, previous: Mapping[CellKey, Value], filled: Filled) -> bytes:
    """The unit's workbook with what was drawn for it."""
    return write_blank(
        pack, unit, period, previous, values=filled.values, nil_forms=filled.nil_forms or None, info=filled.info
    )


@dataclass(frozen=True)
class Drawn:
    """A good file, and what it was made of."""

    pack: Pack
    unit: Unit
    period: Period
    previous: Mapping[CellKey, Value]
    filled: Filled
    good: bytes


Fault = Callable[[Drawn], bytes]


def _with(change: Callable[[Pack, Unit, dict[CellKey, Value | str]], None]) -> Fault:
    """A fault in the figures: change them, write the workbook again."""

    def fault(drawn: Drawn) -> bytes:
        values = dict(drawn.filled.values)
        change(drawn.pack, drawn.unit, values)
        changed = Filled(values, drawn.filled.nil_forms, drawn.filled.info)
        return filled_workbook(drawn.pack, drawn.unit, drawn.period, drawn.previous, changed)

    return fault


def _numbers(pack: Pack, unit: Unit, values: Mapping[CellKey, Value | str], form: str, column: str) -> list[CellKey]:
    definition = next(f for f in entered_by(pack, unit) if f.code == form)
    return [
        key
        for key, (table, row, col) in definition.cells.items()
        if key in values and key.column == column and table.type_of(row, col) is ValueType.COUNT
    ]


def _more_than_all(pack: Pack, unit: Unit, values: dict[CellKey, Value | str]) -> None:
    top = next(k for k in _numbers(pack, unit, values, "PL01", "TH") if k._replace(column="MS") in values)
    values[top] = int(str(values[top._replace(column="MS")])) + 5


def _wrong_opening(pack: Pack, unit: Unit, values: dict[CellKey, Value | str]) -> None:
    key = _numbers(pack, unit, values, "B04", "DK")[0]
    values[key] = int(str(values[key])) + 7


def _two_answers(pack: Pack, unit: Unit, values: dict[CellKey, Value | str]) -> None:
    key = next(k for k in values if k.form == "PL01" and k.column == "TH" and isinstance(values[k], int))
    values[key] = int(str(values[key])) + 3


def _left_blank(pack: Pack, unit: Unit, values: dict[CellKey, Value | str]) -> None:
    for key in _numbers(pack, unit, values, "B04", "TH")[:4]:
        del values[key]


def _typed_as_text(pack: Pack, unit: Unit, values: dict[CellKey, Value | str]) -> None:
    # Two of these read right (a Vietnamese thousands point), the third can mean two things.
    keys = _numbers(pack, unit, values, "B04", "TH")
    values[keys[-1]] = "1,234"


def _identity_number(pack: Pack, unit: Unit, values: dict[CellKey, Value | str]) -> None:
    key = next(k for k in values if k.column == "ND" and isinstance(values[k], str))
    values[key] = f"{values[key]} Trường hợp số 038099001234 đã được tiếp nhận, tư vấn."


def _negative(pack: Pack, unit: Unit, values: dict[CellKey, Value | str]) -> None:
    values[_numbers(pack, unit, values, "B04", "T1")[0]] = -2


def _with_error_cell(drawn: Drawn) -> bytes:
    """A reference that broke when a row was deleted elsewhere: Excel saved `#REF!`."""
    return _in_first_count_cell(drawn.good, b't="e"><v>#REF!</v></c>')


def _uncached_formula(drawn: Drawn) -> bytes:
    """Made by a program that writes formulas and computes nothing."""
    return _in_first_count_cell(drawn.good, b"><f>1+2</f></c>")


def _in_first_count_cell(data: bytes, tail: bytes) -> bytes:
    """Replace the first plain number of the sheet after the two leading ones, keeping the cell's address and style."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            # Behind the guide and the information sheet the first sheet with figures.
            if item.filename == "xl/worksheets/sheet3.xml":
                start = content.index(b"<sheetData>")
                while True:
                    start = content.index(b"<c r=", start + 1)
                    end = content.index(b">", start)
                    # No `t`: a number; texts are `t="s"`.
                    if content[end + 1 : end + 4] == b"<v>" and b" t=" not in content[start:end]:
                        break
                close = content.index(b"</c>", end) + 4
                glue = b" " if tail.startswith(b"t=") else b""
                content = content[:end] + glue + tail + content[close:]
            new.writestr(item, content)
    return out.getvalue()


def _old_format(drawn: Drawn) -> bytes:
    """Protected with a password, or saved as the old .xls: an OLE file, not a zip."""
    return OLE_HEAD + drawn.unit.code.encode()


def _with_macros(drawn: Drawn) -> bytes:
    out = io.BytesIO(drawn.good)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro of " + drawn.unit.code.encode())
    return out.getvalue()


FAULTS: dict[str, Fault] = {
    "more_than_all": _with(_more_than_all),
    "wrong_opening": _with(_wrong_opening),
    "two_answers": _with(_two_answers),
    "left_blank": _with(_left_blank),
    "typed_as_text": _with(_typed_as_text),
    "identity_number": _with(_identity_number),
    "negative": _with(_negative),
    "error_cell": _with_error_cell,
    "uncached_formula": _uncached_formula,
    "old_format": _old_format,
    "with_macros": _with_macros,
}
