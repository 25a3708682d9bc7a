"""What is found in a list: the cell, what it should say, and both places where a figure and its list differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from baocao.checks.consolidation_gate.frames import build_frames
from baocao.checks.engine import check, decide
from baocao.checks.history import History
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_parts.lists import ListTotal
from baocao.model.pack_views import for_period
from baocao.model.submission import (
    Answer,
    Cell,
    Finding,
    ListAnswers,
    ListRow,
    Problem,
    Severity,
    Status,
    StructureProblem,
    Workbook,
)
from baocao.regimes.errors import PackError
from baocao.regimes.load import load_pack
from builders.packs.checks import accepted
from builders.packs.gate import stated
from builders.packs.lists import HELD, ISSUED, Case, filled, first_quarter, lists_pack, lists_root, read
from builders.packs.quarterly import CODE

HELD_LIST = ("CCHC", "DSHN")


def found(sent: bytes | Workbook, *, pack: Pack | None = None) -> list[Finding]:
    pack, period = for_period(pack or lists_pack(), first_quarter()), first_quarter()
    at = period.unit.due_at - timedelta(days=2)
    book = read(sent) if isinstance(sent, bytes) else sent
    return list(check(book, pack, pack.units[0], period, History(), received_at=at))


def with_list(**changes: object) -> Pack:
    """The pack with another list of conferences."""
    pack = lists_pack()
    figures, texts = pack.forms
    (one,) = figures.lists
    return replace(pack, forms=(figures.model_copy(update={"lists": (one.model_copy(update=changes),)}), texts))


@cache
def right() -> Workbook:
    return read(filled())


def conferences(*lines: int, column: str = "") -> Workbook:
    """The right workbook with so many conferences, at these lines of the sheet; without one of their columns."""
    first = right().lists[HELD_LIST][0]
    kept = {code: cell for code, cell in first.cells.items() if code != column}
    rows = tuple(
        ListRow(n, line, {**kept, "SO": replace(kept["SO"], value=f"{n}/KH")}) for n, line in enumerate(lines, 1)
    )
    return replace(right(), lists={**right().lists, HELD_LIST: rows})


def changed(row: int, **cells: object) -> Sequence[Case]:
    rows: list[dict[str, object]] = [dict(r) for r in HELD]
    rows[row] = {**rows[row], **cells}
    return rows


def test_a_right_workbook_is_accepted_without_a_word() -> None:
    assert [f.message for f in found(filled())] == []
    assert decide(()) is Status.ACCEPTED


@pytest.mark.parametrize(
    ("cells", "rule", "a1", "said"),
    [
        ({"ND": None}, "V03", "C13", "Dòng 2 của danh sách chưa ghi «Nội dung»"),
        ({"SN": -1}, "V01", "F13", "là số âm"),
        ({"HT": "Điện thoại"}, "V01", "E13", "Trực tiếp; Trực tuyến"),
        ({"NGAY": "hôm qua"}, "V01", "D13", "không phải là ngày"),
        ({"NGAY": date(2027, 3, 20)}, "V44", "D13", "sau ngày chốt"),
        ({"NGAY": date(2026, 12, 1)}, "V64", "D13", "trước ngày đầu kỳ"),
        ({"ND": "Gọi 0912 345 678"}, "V07", "C13", "dãy số"),
        ({"ND": "T?p hu?n m?t c?a"}, "V08", "C13", "mất dấu"),
        ({"SO": "01/kh", "NGAY": date(2027, 1, 20)}, "V64", "B13", "trùng dòng 1 (dòng 12 của trang)"),
    ],
)
def test_faults_in_list_rows_name_their_cell(cells: dict[str, Any], rule: str, a1: str, said: str) -> None:
    (finding,) = found(filled(changed(1, **cells)))
    assert (finding.rule, finding.sheet, finding.a1, finding.severity) == (rule, "DS hội nghị", a1, Severity.BLOCKS)
    assert said in finding.message and finding.item == "Dòng 2"


def test_less_than_one_dong_is_told_in_the_lists_own_unit() -> None:
    rows = right().lists[HELD_LIST]
    less = replace(rows[1].cells["KP"], answer=Answer.INVALID, raw="0,0000005", problem=Problem.NOT_WHOLE)
    sent = (rows[0], replace(rows[1], cells={**rows[1].cells, "KP": less}))
    (finding,) = found(replace(right(), lists={**right().lists, HELD_LIST: sent}))
    assert (finding.rule, finding.a1, finding.expected) == ("V01", "G13", "số tiền tròn đồng")
    assert "«0,0000005» triệu đồng lẻ đến dưới một đồng" in finding.message


@pytest.mark.parametrize("end", ["covers_from", "cutoff_on"])
def test_first_and_last_day_lie_in_the_period(end: str) -> None:
    assert found(filled(changed(1, NGAY=getattr(first_quarter(), end)))) == []


def test_a_count_unlike_its_list_names_both_places() -> None:
    (finding,) = found(filled(figures={CellKey("CCHC", "TT03", c): 3 for c in ("TH", "LKN")}))
    assert (finding.rule, finding.item, finding.suggestion) == ("V65", "3", "2")
    assert finding.sheet == "Cải cách hành chính" and finding.a1.startswith("D")
    assert "Ô này ghi 3" in finding.message and "trang «DS hội nghị», dòng 12-13" in finding.message


def test_an_empty_list_must_be_declared_nil() -> None:
    none = {CellKey("CCHC", "TT03", c): 0 for c in ("TH", "LKN")}
    assert found(filled((), figures=none, nil={HELD_LIST: "Không phát sinh"})) == []
    (silent,) = found(filled((), figures=none))
    assert silent.rule == "V03" and "chưa có dòng nào" in silent.message and silent.sheet == "DS hội nghị"
    (both,) = found(filled(nil={HELD_LIST: "Không phát sinh"}))
    assert both.rule == "V03" and "vẫn có 2 dòng (dòng 12-13" in both.message
    (wrong,) = found(filled((), nil={HELD_LIST: "Không phát sinh"}))
    assert wrong.rule == "V65" and "là 0" in wrong.message


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((12,), "12"),
        ((12, 13, 14), "12-14"),
        ((12, 14, 15), "12, 14-15"),
        (range(12, 28, 2), "12, 14, 16, 18, 20, 22, 24, 26"),
        (range(12, 30, 2), "12, 14, 16, 18, 20, 22, 24, 26, …"),
    ],
)
def test_neighbouring_lines_are_told_as_one_run(lines: Sequence[int], told: str) -> None:
    (finding,) = (
        f for f in found(replace(conferences(*lines), nil_lists={HELD_LIST: ("Không", "", "")})) if f.a1 == ""
    )
    assert f"(dòng {told} của trang)" in finding.message


def test_a_form_declared_nil_answers_for_its_list() -> None:
    silent = replace(right(), lists={HELD_LIST: right().lists[HELD_LIST]}, nil_forms={"VB": "Không phát sinh"})
    assert found(silent) == []
    (both,) = found(replace(right(), nil_forms={"VB": "Không phát sinh"}))
    assert both.rule == "V03" and "có 1 dòng (dòng 12 của trang «DS văn bản»)" in both.message


def test_a_list_that_may_be_empty_is_not_asked_for() -> None:
    assert (
        found(
            replace(conferences(), lists={("VB", "DSVB"): right().lists["VB", "DSVB"]}),
            pack=with_list(required=False, totals=()),
        )
        == []
    )


def test_cases_half_named_are_no_duplicates() -> None:
    same = {"SO": "01/KH", "NGAY": None}
    assert [f.rule for f in found(filled([{**case, **same} for case in HELD]))] == ["V03", "V03"]


def test_what_cannot_be_counted_is_not_held_against_the_table() -> None:
    """The list, or the column that is added up, is not in the file: told once, as that."""
    summed = with_list(totals=(ListTotal(id="V65.nguoi", cell="CCHC/TT03/TH", sum="SN"),))
    for name, book in (("DSHN", conferences()), ("SN", conferences(12, 13, column="SN"))):
        kind = "missing_list" if name == "DSHN" else "missing_column"
        torn = replace(book, problems=(StructureProblem(kind, "CCHC", name),))
        assert [f.rule for f in found(torn, pack=summed)] == ["V41"]
    assert [f.rule for f in found(conferences(12, 13), pack=summed)] == ["V65"], "2 in the table, 80 in the list"
    unanswered = {CellKey("CCHC", "TT03", c): None for c in ("TH", "LKN")}
    assert {f.rule for f in found(filled(figures=unanswered))} == {"V03"}


def test_findings_follow_their_case_past_inserted_rows() -> None:
    named = changed(1, ND="Gặp ông Nguyễn Văn An")
    more: Case = {"SO": "00/KH", "ND": "Khai mạc", "NGAY": date(2027, 1, 2), "HT": "Trực tiếp", "SN": 9}
    three = {CellKey("CCHC", "TT03", c): 3 for c in ("TH", "LKN")}
    before, after = found(filled(named)), found(filled((more, *named), figures=three))
    assert before[0].rule == "V07" and before[0].severity is Severity.EXPLAIN
    assert [f.key for f in before] == [f.key for f in after] and before[0].a1 != after[0].a1


def test_lists_of_forms_without_tables_are_required_too() -> None:
    (missing,) = found(filled(issued=()))
    assert missing.rule == "V03" and missing.sheet == "DS văn bản"
    (short,) = found(filled(issued=({**ISSUED[0], "TY": None},)))
    assert (short.rule, short.a1) == ("V03", "D12")


# ---------------------------------------------------------------------------------- the same, counted by the gate


@cache
def right_cells() -> dict[CellKey, Cell]:
    book = read(filled())
    return accepted(book).cells


def at_gate(figure: int, *rows: dict[str, object], nil: bool = False, asked: bool = True, **total: Any) -> set[str]:
    """The cells V65 speaks at. A row is column -> answer; `Answer.INVALID` is one that cannot be read. `total` changes
    what the figure is held to."""
    pack = for_period(lists_pack(), first_quarter())
    forms = []
    for form in pack.forms:
        lists = (
            one.model_copy(
                update={"totals": tuple(ListTotal.model_validate({**t.model_dump(), **total}) for t in one.totals)}
            )
            for one in form.lists
        )
        forms.append(form.model_copy(update={"lists": tuple(lists)}))
    pack = replace(pack, forms=tuple(forms))
    held = CellKey("CCHC", "TT03", "TH")
    cells = {key: replace(c, value=figure) if key == held else c for key, c in right_cells().items()}
    listed = tuple(
        ListRow(n, n + 11, {code: _answer(CellKey("CCHC", f"DSHN#{n}", code), said) for code, said in row.items()})
        for n, row in enumerate(rows, 1)
    )
    answers = ListAnswers({HELD_LIST: listed} if asked and not nil else {}, {HELD_LIST: ("", "", "")} if nil else {})
    sent = replace(accepted(read(filled())), cells=cells, lists=answers)
    return {cell for _, rule, cell, _ in stated(build_frames(pack, [sent])) if rule == "V65"}


def _answer(key: CellKey, said: object) -> Cell:
    if said is None or isinstance(said, Answer):
        return Cell(key, said or Answer.BLANK, None, "DS hội nghị", "B12")
    return Cell(key, Answer.VALUE, said, "DS hội nghị", "B12")  # type: ignore[arg-type]


ONLINE, ON_SITE, UNREAD = {"HT": "Trực tuyến"}, {"HT": "Trực tiếp"}, {"HT": Answer.INVALID}
ONLY_ONLINE = {"where": {"HT": ("Trực tuyến",)}}
TOLD = {"CCHC/TT03/TH"}


def test_the_gate_counts_the_rows_behind_a_figure() -> None:
    assert at_gate(2, ONLINE, ON_SITE) == set()
    assert at_gate(3, ONLINE, ON_SITE) == at_gate(1, ONLINE, ON_SITE) == TOLD
    assert at_gate(2, UNREAD, {}) == set(), "a row is a row, whatever it says"
    assert at_gate(0, nil=True) == set() and at_gate(1, nil=True) == TOLD
    assert at_gate(1, asked=False) == set(), "a workbook from before the list"


def test_the_gate_counts_only_rows_with_the_answer() -> None:
    assert at_gate(1, ONLINE, ON_SITE, **ONLY_ONLINE) == set()
    assert at_gate(2, ONLINE, ON_SITE, **ONLY_ONLINE) == TOLD
    assert at_gate(9, ONLINE, UNREAD, **ONLY_ONLINE) == at_gate(9, ONLINE, {"HT": None}, **ONLY_ONLINE) == set()
    both = {"where": {"HT": ("Trực tuyến",), "BC": ("Có",)}}
    done = {**ONLINE, "BC": True}
    assert at_gate(1, done, {**ONLINE, "BC": False}, {**ON_SITE, "BC": True}, **both) == set()
    assert at_gate(9, done, {**ONLINE, "BC": None}, **both) == set(), "not known"


def test_the_gate_adds_the_column_behind_a_figure() -> None:
    people = ({**ONLINE, "SN": 40}, {**ON_SITE, "SN": 120}, {**ONLINE, "SN": None})
    assert at_gate(160, *people, sum="SN") == set() and at_gate(3, *people, sum="SN") == TOLD
    assert at_gate(40, *people, sum="SN", **ONLY_ONLINE) == set()
    assert at_gate(41, {"SN": Decimal(41)}, sum="SN") == set()
    assert at_gate(9, *people, {**ONLINE, "SN": Answer.INVALID}, sum="SN") == set(), "nobody knows the sum"
    assert at_gate(9, {**ONLINE, "SN": 9}, {**UNREAD, "SN": 5}, sum="SN") == TOLD, "the form of meeting is not asked"


def test_a_totals_id_begins_with_its_rule(tmp_path: Path) -> None:
    pack = lists_root(tmp_path) / "include" / "regimes" / CODE
    regime = pack / "regime.yaml"
    text = regime.read_text(encoding="utf-8")
    regime.write_text(text.replace("rules:\n", "rules:\n  - {id: V71, kind: list_total}\n"), encoding="utf-8")
    with pytest.raises(PackError, match=r"V65\.hoi-nghi không thuộc quy tắc V71"):
        load_pack(pack)
    form = pack / "forms" / "CCHC" / "2027.1.yaml"
    form.write_text(form.read_text(encoding="utf-8").replace("V65.hoi-nghi", "V71.hoi-nghi"), encoding="utf-8")
    assert load_pack(pack).forms[0].lists[0].totals[0].id == "V71.hoi-nghi"
