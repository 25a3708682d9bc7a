"""A yearly plan is taken over as a whole, or every fault of its file is named with its line."""

from __future__ import annotations

from datetime import date

import pytest

from baocao.model.inspection import Inspection
from baocao.model.unit import Unit, UnitKind
from baocao.store.inspection_register import PlannedInspection
from baocao.workflow.inspections.plan_file import MAX_LINES, PlanFaults, read_plan
from builders.packs.inspections import DAYS, an_inspection, inspecting_pack

GONE = Unit("90003", "Cũ", UnitKind.COMMUNE, "xa@xa.example", valid_to=date(2026, 1, 31))
PACK = inspecting_pack(GONE)
HEADER = "unit,lead,planned_from,planned_to,content,documents\n"
GOOD = "90001,T-SYT,2026-03-09,2026-03-13,Việc thực hiện dự án,Sổ theo dõi\n"


def read(
    text: str | bytes, name: str = "ke-hoach.csv", register: list[Inspection] | None = None
) -> list[PlannedInspection]:
    assert PACK.regime.inspections is not None
    return read_plan(
        text.encode() if isinstance(text, str) else text,
        name,
        pack=PACK,
        rules=PACK.regime.inspections,
        days=DAYS,
        year=2026,
        register=register or [],
    )


def faults(text: str | bytes, name: str = "ke-hoach.csv", register: list[Inspection] | None = None) -> list[str]:
    with pytest.raises(PlanFaults) as caught:
        read(text, name, register)
    assert str(caught.value) == "\n".join(caught.value.faults)
    return list(caught.value.faults)


def test_each_csv_line_is_one_bodys_inspection() -> None:
    rows = read("\ufeff" + HEADER + GOOD + '\n90002,T-SYT,2026-03-09,2026-03-09,"Nhiều việc,\nhai dòng",\n')
    assert rows[0] == PlannedInspection(
        "90001", "T-SYT", "Việc thực hiện dự án", "Sổ theo dõi", date(2026, 3, 9), date(2026, 3, 13)
    )
    assert (rows[1].content, rows[1].documents) == ("Nhiều việc, hai dòng", "")


def test_the_column_of_documents_may_be_left_out() -> None:
    (row,) = read(HEADER.replace(",documents", "") + "90001,T-SYT,2026-03-09,2026-03-13,Việc\n")
    assert row.documents == ""


def test_yaml_plans_keep_codes_as_written() -> None:
    text = "- unit: 90001\n  lead: T-SYT\n  planned_from: 2026-03-09\n  planned_to: 2026-03-13\n  content: Việc\n"
    (row,) = read(text, "ke-hoach.YAML")
    assert (row.unit, row.planned_from, row.planned_to) == ("90001", date(2026, 3, 9), date(2026, 3, 13))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("99999,T-SYT,2026-03-09,2026-03-13,Việc,", "99999"),
        ("90003,T-SYT,2026-03-09,2026-03-13,Việc,", "không còn hiệu lực"),
        ("90001,90002,2026-03-09,2026-03-13,Việc,", "'90002' không phải cơ quan chủ trì"),
        ("T-SYT,T-SYT,2026-03-09,2026-03-13,Việc,", "không tự kiểm tra"),
        ("90001,T-SYT,2026-03-09,2026-03-16,Việc,", "6 ngày làm việc, quá 5"),
        ("90001,T-SYT,2026-03-14,2026-03-15,Việc,", "không có ngày làm việc"),
        ("90001,T-SYT,2026-03-13,2026-03-09,Việc,", "trước ngày đầu"),
        ("90001,T-SYT,2027-03-08,2027-03-12,Việc,", "không thuộc năm kế hoạch 2026"),
        ("90001,T-SYT,9/3/2026,2026-03-13,Việc,", "planned_from = '9/3/2026'"),
        ("90001,T-SYT,20260309,2026-03-13,Việc,", "2026-06-20"),
        ("90001,T-SYT,2026-03-09,2026-03-13,  ,", "thiếu content"),
        (",,,,,x", "thiếu unit"),
        ("90001,T-SYT,2026-03-09,2026-03-13,Việc", "có 5 cột, cần 6"),
    ],
)
def test_a_fault_is_named_with_its_line(line: str, words: str) -> None:
    found = faults(HEADER + GOOD + line + "\n")
    assert all(fault.startswith("dòng 3: ") for fault in found)
    assert any(words in fault for fault in found)


def test_six_working_days_are_five_over_a_holiday() -> None:
    assert len(read(HEADER + "90001,T-SYT,2026-11-20,2026-11-27,Việc,\n")) == 1
    assert "6 ngày làm việc" in faults(HEADER + "90001,T-SYT,2026-11-20,2026-11-30,Việc,\n")[0]


def test_every_fault_of_every_line_is_named_together() -> None:
    found = faults(HEADER + "99999,x,2026-13-01,2026-03-13,,\n" + GOOD + "90001,T-SYT,2026-03-11,2026-03-17,Việc,\n")
    assert [fault.split(":")[0] for fault in found] == ["dòng 2"] * 4 + ["dòng 4"]
    assert "đã có dòng 3 của tệp này" in found[-1]


def test_an_inspected_body_has_no_overlapping_inspections() -> None:
    busy = an_inspection("NOTIFIED", id=7, notice_from=date(2026, 3, 13), notice_to=date(2026, 3, 17))
    assert "cuộc số 7" in faults(HEADER + GOOD, register=[busy])[0]
    over_run = an_inspection("FINISHED", id=8, started_on=date(2026, 3, 2), ended_on=date(2026, 3, 9))
    assert "cuộc số 8" in faults(HEADER + GOOD, register=[over_run])[0]


@pytest.mark.parametrize(
    "free",
    [
        an_inspection("CANCELLED"),
        an_inspection("PLANNED", unit="90002"),
        an_inspection("PLANNED", planned_from=date(2026, 3, 16), planned_to=date(2026, 3, 20)),
        an_inspection("NOTIFIED", notice_from=date(2026, 3, 16), notice_to=date(2026, 3, 20)),
    ],
    ids=["cancelled", "another body", "the week after", "moved to the week after"],
)
def test_inspections_taking_no_day_block_no_plan(free: Inspection) -> None:
    assert len(read(HEADER + GOOD, register=[free])) == 1


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("", "a.csv", "dòng 1: cột phải là unit,lead"),
        (HEADER, "a.csv", "không có cuộc kiểm tra nào"),
        ("ma,lead\n", "a.csv", "đang là ma,lead"),
        (HEADER.encode() + b"90001,T-SYT,2026-03-09,2026-03-13,Vi\xeac,\n", "a.csv", "dòng 2: tệp không phải"),
        (HEADER + '90001,"T-SYT"x,2026-03-09,2026-03-13,Việc,\n', "a.csv", "dòng 2: CSV sai"),
        (HEADER + GOOD * (MAX_LINES + 1), "a.csv", "tách kế hoạch"),
        ("unit: 90001\n", "a.yaml", "phải là danh sách"),
        ("- unit: [1]\n", "a.yaml", "dòng 1: mỗi giá trị"),
        ("- unit: 1\n  unit: 2\n", "a.yml", "dòng 1: một khóa bị ghi hai lần"),
        ("- don_vi: 1\n", "a.yaml", "dòng 1: khóa lạ don_vi"),
        ("- 90001\n", "a.yaml", "dòng 1: mỗi mục phải gồm"),
        ("- unit: {\n", "a.yaml", "YAML sai"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str | bytes, name: str, words: str) -> None:
    assert words in faults(text, name)[0]
