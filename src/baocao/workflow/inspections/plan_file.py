"""Reading a yearly plan of inspections: CSV or YAML, taken over as a whole or not at all.

CSV, UTF-8, header `unit,lead,planned_from,planned_to,content,documents`; YAML: a list of mappings with the same keys.
One line is the inspection of one body. `documents` (what it is to have ready) may be empty; days are `YYYY-MM-DD`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import yaml

from baocao.calendar.inspection_days import duration
from baocao.calendar.workdays import WorkingDays
from baocao.model.inspection import Inspection, InspectionRules, InspectionStatus
from baocao.model.pack import Pack
from baocao.store.inspection_register import PlannedInspection
from baocao.text import nfc
from baocao.workflow.installation import Refused

HEADER = ("unit", "lead", "planned_from", "planned_to", "content", "documents")
_REQUIRED = HEADER[:5]
MAX_LINES = 5000


class PlanFaults(Refused):
    """The file cannot be taken over; `faults` names every fault with its line."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    values: Mapping[str, str]


def read_plan(
    data: bytes,
    filename: str,
    *,
    pack: Pack,
    rules: InspectionRules,
    days: WorkingDays,
    year: int,
    register: Sequence[Inspection],
) -> list[PlannedInspection]:
    """The plan's lines. Raises PlanFaults with every fault of the file.

    `register` holds what is planned already: no body is to be inspected twice on the same day.
    """
    lines = _yaml_lines(data) if filename.lower().endswith((".yaml", ".yml")) else _csv_lines(data)
    if not lines:
        raise PlanFaults(["tệp không có cuộc kiểm tra nào; hãy ghi mỗi đối tượng một dòng"])
    if len(lines) > MAX_LINES:
        raise PlanFaults([f"tệp có {len(lines)} dòng, nhiều hơn {MAX_LINES}; hãy tách kế hoạch"])
    faults: list[str] = []
    taken = [(one.unit, *days_of(one), f"cuộc số {one.id} trong sổ") for one in register if occupies(one)]
    rows = []
    for line in lines:
        try:
            row = _row(line, pack, rules, days, year)
        except PlanFaults as error:
            faults += error.faults
            continue
        clash = next(
            (t for t in taken if t[0] == row.unit and t[1] <= row.planned_to and row.planned_from <= t[2]), None
        )
        if clash is not None:
            faults.append(
                f"dòng {line.number}: đơn vị {row.unit} đã có {clash[3]} từ {clash[1]} đến {clash[2]}; một đơn vị "
                "không bị kiểm tra hai lần cùng lúc, hãy đổi ngày"
            )
        taken.append((row.unit, row.planned_from, row.planned_to, f"dòng {line.number} của tệp này"))
        rows.append(row)
    if faults:
        raise PlanFaults(faults)
    return rows


def occupies(one: Inspection) -> bool:
    """It keeps its days: nobody else may inspect the body on them."""
    return one.status is not InspectionStatus.CANCELLED


def days_of(one: Inspection) -> tuple[date, date]:
    """The days an inspection takes or will take at its body."""
    return one.first_day, one.ended_on or max(one.first_day, one.announced_to)


def _csv_lines(data: bytes) -> list[_Line]:
    """The lines of a CSV plan with their numbers in the file. Raises PlanFaults."""
    text = _text(data)
    # Otherwise csv reads a broken quotation to the end of the file as one field, and says nothing.
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = tuple(name.strip() for name in next(reader, []))
        if header not in (HEADER, _REQUIRED):
            raise PlanFaults([f"dòng 1: cột phải là {','.join(HEADER)}, đang là {','.join(header)}"])
        lines, faults = [], []
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(header):
                faults.append(f"dòng {reader.line_num}: có {len(fields)} cột, cần {len(header)}")
                continue
            lines.append(_Line(reader.line_num, dict(zip(header, fields, strict=True))))
    except csv.Error as error:
        raise PlanFaults([f"dòng {reader.line_num}: CSV sai: {error}; hãy kiểm tra dấu ngoặc kép"]) from None
    if faults:
        raise PlanFaults(faults)
    return lines


def _yaml_lines(data: bytes) -> list[_Line]:
    """The entries of a YAML plan with the number of their first line. Raises PlanFaults."""
    try:
        # Nodes and not values: they know their line, and a code or a day stays the text that was written.
        root = yaml.compose(_text(data), Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"dòng {mark.line + 1}: " if mark else ""
        raise PlanFaults([f"{where}YAML sai: {error.problem}; hãy sửa cú pháp"]) from None
    if not isinstance(root, yaml.SequenceNode):
        raise PlanFaults([f"tệp YAML phải là danh sách các mục {{{', '.join(HEADER)}}}"])
    lines, faults = [], []
    for node in root.value:
        number = node.start_mark.line + 1
        fault = _yaml_fault(node)
        if fault:
            faults.append(f"dòng {number}: {fault}")
            continue
        lines.append(_Line(number, {key.value: value.value for key, value in node.value}))
    if faults:
        raise PlanFaults(faults)
    return lines


def _yaml_fault(node: yaml.Node) -> str:
    if not isinstance(node, yaml.MappingNode):
        return f"mỗi mục phải gồm các khóa {', '.join(HEADER)}"
    keys = [key.value for key, _ in node.value]
    if unknown := sorted(set(map(str, keys)) - set(HEADER)):
        return f"khóa lạ {', '.join(unknown)}; chỉ dùng {', '.join(HEADER)}"
    if len(keys) != len(set(keys)):
        return "một khóa bị ghi hai lần"
    if any(not isinstance(value, yaml.ScalarNode) for _, value in node.value):
        return "mỗi giá trị phải là một dòng chữ hoặc một ngày"
    return ""


def _text(data: bytes) -> str:
    try:
        # Excel begins its "CSV UTF-8" with a byte order mark.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data[: error.start].count(b"\n") + 1
        raise PlanFaults([f"dòng {number}: tệp không phải văn bản UTF-8; hãy lưu lại kiểu CSV UTF-8"]) from None


def _row(line: _Line, pack: Pack, rules: InspectionRules, days: WorkingDays, year: int) -> PlannedInspection:
    """One line, checked on its own. Raises PlanFaults with everything wrong with it."""
    values = {name: nfc(line.values.get(name, "")) for name in HEADER}
    faults = [f"thiếu {name}" for name in _REQUIRED if not values[name]]
    faults += _bodies(pack, values["unit"], values["lead"])
    found = [_day(values[name], name, faults) for name in ("planned_from", "planned_to")]
    first, last = found
    if first is not None and last is not None:
        faults += _span(first, last, rules, days, year)
        unit = pack.unit(values["unit"])
        if unit is not None and not unit.valid_on(first):
            faults.append(f"đơn vị {unit.code} không còn hiệu lực ngày {first}")
    if faults or first is None or last is None:
        raise PlanFaults([f"dòng {line.number}: {fault}" for fault in faults])
    return PlannedInspection(values["unit"], values["lead"], values["content"], values["documents"], first, last)


def _bodies(pack: Pack, unit: str, lead: str) -> Iterator[str]:
    if unit and pack.unit(unit) is None:
        yield f"không có đơn vị mã {unit!r} trong units.csv"
    leader = pack.unit(lead) if lead else None
    if lead and (leader is None or not leader.is_lead_body):
        yield f"{lead!r} không phải cơ quan chủ trì (cột projects của units.csv)"
    if lead and lead == unit:
        yield "cơ quan kiểm tra không tự kiểm tra mình"


def _day(text: str, name: str, faults: list[str]) -> date | None:
    if not text:
        return None
    try:
        # Since Python 3.11 fromisoformat takes 20260620 and week dates as well.
        if len(text) != len("2026-06-20"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        faults.append(f"{name} = {text!r} không phải ngày dạng 2026-06-20")
        return None


def _span(first: date, last: date, rules: InspectionRules, days: WorkingDays, year: int) -> Iterator[str]:
    # By its first day: an inspection over New Year is one of the plan it was decided in.
    if first.year != year:
        yield f"planned_from {first} không thuộc năm kế hoạch {year}"
    yield from span_faults(first, last, rules, days)


def span_faults(first: date, last: date, rules: InspectionRules, days: WorkingDays) -> Iterator[str]:
    """What is wrong with these days for one body: out of order, no working day, or too many."""
    if last < first:
        yield f"ngày cuối {last} trước ngày đầu {first}"
        return
    needed = duration(first, last, days)
    if needed == 0:
        yield f"từ {first} đến {last} không có ngày làm việc nào"
    elif needed > rules.max_working_days:
        yield (
            f"từ {first} đến {last} là {needed} ngày làm việc, quá {rules.max_working_days} ngày cho một đối tượng; "
            "hãy rút ngắn"
        )
