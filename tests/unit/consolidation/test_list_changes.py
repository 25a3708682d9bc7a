"""Which cases of a list a unit added, took away or told otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from baocao.consolidation.changes import differences
from baocao.consolidation.list_changes import list_changes
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.submission import AcceptedCells, Answer, Cell, ListAnswers, ListRow
from builders.packs.consolidation import accepted
from builders.packs.lists import lists_pack

LIST = ("CCHC", "DSHN")
FIRST = {"SO": "01/KH", "ND": "Tập huấn", "NGAY": date(2027, 1, 20), "HT": "Trực tiếp", "SN": 40}
SECOND = {**FIRST, "SO": "02/KH", "NGAY": date(2027, 2, 1)}
SAID = "Số kế hoạch: 01/KH; Nội dung: Tập huấn; Ngày tổ chức: 20/01/2027; Hình thức: Trực tiếp; Số người dự: 40"


def sent(*cases: dict[str, object]) -> AcceptedCells:
    """`Answer.NIL`, `Answer.INVALID` and None are said as such."""
    rows = []
    for n, case in enumerate(cases, 1):
        cells = {}
        for code, said in case.items():
            answer = said if isinstance(said, Answer) else Answer.BLANK if said is None else Answer.VALUE
            value = said if answer is Answer.VALUE else None
            cells[code] = Cell(CellKey("CCHC", f"DSHN#{n}", code), answer, value, "DS", "B12")  # type: ignore[arg-type]
        rows.append(ListRow(n, n + 11, cells))
    return replace(accepted("00001", {}), lists=ListAnswers({LIST: tuple(rows)}, {}))


def told(old: AcceptedCells | None, new: AcceptedCells | None, pack: Pack | None = None) -> list[tuple[str, str]]:
    return [(c.old, c.new) for c in list_changes(pack or lists_pack(), "00001", old, new)]


def keyless() -> Pack:
    pack = lists_pack()
    forms = tuple(
        f.model_copy(update={"lists": tuple(one.model_copy(update={"key": ()}) for one in f.lists)}) for f in pack.forms
    )
    return replace(pack, forms=forms, sha256=f"{7:064d}", _by_code={})


def test_the_same_cases_in_another_order_change_nothing() -> None:
    assert told(sent(FIRST, SECOND), sent(SECOND, FIRST)) == []


def test_added_removed_and_changed_cases_are_told() -> None:
    assert told(None, sent(FIRST)) == [("", SAID)]
    assert told(sent(FIRST), None) == [(SAID, "")]
    assert told(sent(FIRST, SECOND), sent({**FIRST, "SN": 41}, SECOND)) == [(SAID, SAID.replace("40", "41"))]
    ((old, new),) = told(sent(SECOND, FIRST), sent(FIRST))
    assert "02/KH" in old and new == ""


def test_a_case_that_stands_twice_is_two_cases() -> None:
    assert told(sent(FIRST), sent(FIRST, FIRST)) == [("", SAID)]
    assert told(sent(FIRST, FIRST), sent(FIRST, FIRST)) == []


def test_without_a_key_position_identifies_a_case() -> None:
    changes = told(sent(FIRST, SECOND), sent(SECOND, FIRST), keyless())
    assert [("01/KH" in old, "02/KH" in new) for old, new in changes] == [(True, True), (False, False)]


def test_answers_are_told_as_the_list_prints_them() -> None:
    answers = {**FIRST, "KP": 1_250_000, "BC": True, "ND": Answer.NIL, "HT": Answer.INVALID, "SN": None}
    ((_, new),) = told(None, sent(answers))
    assert new == (
        "Số kế hoạch: 01/KH; Nội dung: NP; Ngày tổ chức: 20/01/2027; Kinh phí: 1,25 triệu đồng; Đã báo cáo: Có"
    )
    ((_, other),) = told(None, sent({**FIRST, "KP": Decimal(0), "BC": False}))
    assert other.endswith("Kinh phí: 0 triệu đồng; Đã báo cáo: Không")


def test_list_changes_stand_among_all_differences() -> None:
    old, new = replace(sent(FIRST), submission_id=1), replace(sent(SECOND), submission_id=2)
    assert len(differences(lists_pack(), {}, {}, [old], [new]).lists) == 2
    assert differences(lists_pack(), {}, {}, [old], [old]).lists == ()
