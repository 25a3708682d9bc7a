"""A pack's word on inspections, rows of the register, and a store with some in it. No real body, person or figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from baocao.calendar.inspection_days import duration
from baocao.calendar.workdays import WorkingDays, load_working_days
from baocao.model.inspection import Inspection, InspectionRules, InspectionStatus
from baocao.model.pack import Pack
from baocao.model.unit import Unit, UnitKind
from baocao.store import inspection_register as register
from baocao.store.inspection_register import PlannedInspection
from builders.mail.delivery import VIETNAM, pack, unit
from builders.packs.pack import REFERENCE

DAYS: WorkingDays = load_working_days(REFERENCE / "holidays.yaml")
REGIME = "che-do-thu"
SHA = "ab" * 32
LEAD = Unit("T-SYT", "Sở Thử nghiệm", UnitKind.DEPARTMENT, "so@tinh.example", "giam-doc@tinh.example", ("6",))
MUTE = Unit("T-LD", "Liên đoàn Thử nghiệm", UnitKind.AGENCY, "", "", ("7.4",))
LADDER = (
    {"id": "notify-3", "about": "notify", "working_days": -3},
    {"id": "notify+0", "about": "notify", "working_days": 0},
    {"id": "start+1", "about": "start", "working_days": 1},
    {"id": "finish+0", "about": "finish", "working_days": 0},
    {"id": "finish+1", "about": "finish", "working_days": 1, "to": "head"},
    {"id": "conclude+0", "about": "conclude", "working_days": 0},
    {"id": "conclude+5", "about": "conclude", "working_days": 5, "to": "head", "repeat_every": 5},
)


def rules(**changes: Any) -> InspectionRules:
    """Five days, notice three days before, conclusion within fifteen."""
    values: dict[str, Any] = {
        "max_working_days": 5,
        "max_anchor": "A",
        "notice_working_days": 3,
        "notice_anchor": "A",
        "conclusion_working_days": 15,
        "conclusion_anchor": "A",
        "figures": {
            "planned": "B09/B09.03a",
            "done": "B09/B09.03b",
            "bodies": "B09/B09.03c",
            "over_run": "B09/B09.03d",
            "conclusions": "B09/B09.03e",
        },
        "figures_anchor": "A",
        "reminders": [{**step, "anchor": "A"} for step in LADDER],
    }
    return InspectionRules.model_validate(values | changes)


def inspecting_pack(*more: Unit, **changes: Any) -> Pack:
    """Two communes, a body that inspects and one without an address."""
    made = pack(unit("90001"), unit("90002"), LEAD, MUTE, *more)
    return replace(made, regime=made.regime.model_copy(update={"inspections": rules(**changes)}))


def moment(month: int, day: int, hour: int = 9, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=VIETNAM)


def an_inspection(status: str = "PLANNED", id: int = 1, **changes: Any) -> Inspection:
    """Planned for Monday 9/3 to Friday 13/3/2026; what its status implies is there."""
    values: dict[str, Any] = {
        "id": id,
        "regime": REGIME,
        "plan_id": 1,
        "year": 2026,
        "decision": "12/KH-STN",
        "decided_on": date(2026, 1, 15),
        "unit": "90001",
        "lead": LEAD.code,
        "content": "Việc thực hiện dự án",
        "documents": "",
        "planned_from": date(2026, 3, 9),
        "planned_to": date(2026, 3, 13),
        "status": InspectionStatus(status),
    }
    reached = ["PLANNED", "NOTIFIED", "STARTED", "FINISHED", "CONCLUDED"]
    at = reached.index(status) if status in reached else 0
    if at >= 1:
        values |= {"notice_number": "31/TB-STN", "notified_at": moment(3, 2)}
        values |= {"notice_from": date(2026, 3, 9), "notice_to": date(2026, 3, 13)}
    if at >= 2:
        values |= {"started_on": date(2026, 3, 9)}
    if at >= 3:
        values |= {"ended_on": date(2026, 3, 13), "record_on": date(2026, 3, 13), "working_days": 5, "over_run": False}
    if at >= 4:
        values |= {"conclusion_number": "44/KL-STN", "concluded_on": date(2026, 3, 27), "conclusion_sha256": SHA}
    return Inspection(**(values | changes))


def a_line(unit: str = "90001", first: date = date(2026, 3, 9), last: date = date(2026, 3, 13)) -> PlannedInspection:
    return PlannedInspection(unit, LEAD.code, "Việc thực hiện dự án", "", first, last)


def a_plan(conn: Connection, *lines: PlannedInspection, decision: str = "12/KH-STN", **changes: Any) -> list[int]:
    """A plan in the store; the ids of its inspections."""
    values: dict[str, Any] = {
        "regime": REGIME,
        "year": 2026,
        "decided_on": date(2026, 1, 15),
        "file_sha256": SHA,
        "recorded_at": moment(1, 20),
        "recorded_by": "cán bộ thử",
    }
    return register.add_plan(conn, decision=decision, rows=lines or (a_line(),), **(values | changes))


def to_started(conn: Connection, id: int, on: date = date(2026, 3, 9), last: date | None = None) -> None:
    register.notify(conn, id, at=moment(3, 2), number="31/TB-STN", sha256=SHA, announced=(on, last or on))
    register.start(conn, id, on=on)


def to_finished(conn: Connection, id: int, on: date = date(2026, 3, 9), last: date = date(2026, 3, 13)) -> None:
    to_started(conn, id, on, last)
    taken = duration(on, last, DAYS)
    note = "Mưa lũ" if taken > 5 else ""
    register.finish(conn, id, on=last, record_on=last, working_days=taken, over_run=taken > 5, note=note)


def to_concluded(conn: Connection, id: int, on: date = date(2026, 3, 9), last: date = date(2026, 3, 13)) -> None:
    to_finished(conn, id, on, last)
    register.conclude(conn, id, number="44/KL-STN", on=last, sha256=SHA)
