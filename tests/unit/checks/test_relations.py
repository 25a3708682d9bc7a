"""Each kind of relation at its edge: what holds, what does not, and what cannot be known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from baocao.checks.cell_specs import lay_out
from baocao.checks.consolidation_gate.block import new_block
from baocao.checks.consolidation_gate.comparisons import compare_relation
from baocao.checks.rules.relations import compile_relations, relations_of
from baocao.model.form import CellKey, Relation
from baocao.model.submission import Finding, Problem
from builders.packs.checks import BLANK, COMMUNE, COUNTED, NIL, Broken, accepted, findings, rules_pack, workbook
from builders.packs.gate import frames_of, stated

A, B, C, D = (f"B04/{row}/TH" for row in ("B04.13a", "B04.13b", "B04.16a", "B04.16b"))
"""In the clean workbook: 4, 3, 50 and 4."""
FREE, ORDER = "PL01/CT08/TH", "PL01/CT08.QD/TH"


def relation(**said: Any) -> Relation:
    words = {"message": "{left} và {right}: hãy sửa."} if "requires" not in said else {"message": "{reasons}: hãy sửa."}
    return Relation.model_validate({"rule": "V22", "id": "V22.thu", **words, **said})


def told(changes: dict[str, Any], unit: Any = COMMUNE, **said: Any) -> list[Finding]:
    """What the engine finds; the gate, which works it out with arrays, must find the same."""
    pack = rules_pack(relations=(relation(**said),))
    pack = replace(pack, units=(unit,))
    book = workbook(changes, unit=unit, pack=pack)
    found = findings(book, unit=unit, pack=pack)
    gate = {rule for _, rule, _, _ in stated(frames_of(pack, [book]))}
    assert ("V22" in gate) is ("V22" in {f.rule for f in found})
    return [f for f in found if f.rule == "V22"]


@pytest.mark.parametrize(
    ("said", "figures", "broken"),
    [
        ({"equal": [[A], [B]]}, (1, 1), None),
        ({"equal": [[A], [B]]}, (1, 2), (1, 2)),
        ({"equal": [[A], [B]]}, (None, 2), None),
        ({"equal": [[A], [B]]}, (1, None), None),
        ({"equal": [[A, B], [C]]}, (1, 2, 3), None),
        ({"equal": [[A, B], [C]]}, (1, 2, 4), (3, 4)),
        ({"equal": [[A, B], [C]]}, (1, None, 4), None),
        ({"equal": [[A, B], [C]]}, (1, 2, None), None),
        ({"at_most": [[A], [B, C]]}, (5, 2, 3), None),
        ({"at_most": [[A], [B, C]]}, (6, 2, 3), (6, 5)),
        ({"at_most": [[A], [B, C]]}, (6, 2, None), None),
        ({"zero_implies_zero": [[A], [B]]}, (0, 0), None),
        ({"zero_implies_zero": [[A], [B]]}, (0, 1), (0, 1)),
        ({"zero_implies_zero": [[A], [B]]}, (2, 1), None),
        ({"positive_implies_positive": [[A], [B]]}, (1, 1), None),
        ({"positive_implies_positive": [[A], [B]]}, (1, 0), (1, 0)),
        ({"positive_implies_positive": [[A], [B]]}, (0, 0), None),
        ({"between": [[A], [B, C], [D]]}, (3, 1, 3, 4), None),
        ({"between": [[A], [B, C], [D]]}, (4, 1, 3, 4), None),
        ({"between": [[A], [B, C], [D]]}, (2, 1, 3, 4), (2, 3, 4)),
        ({"between": [[A], [B, C], [D]]}, (5, 1, 3, 4), (5, 3, 4)),
        ({"between": [[A], [B, C], [D]]}, (5, 1, None, 4), None),
        ({"between": [[A], [B, C], [D]]}, (5, 1, 3, None), None),
        ({"between": [[A], [B, C], [D]]}, (None, 1, 3, 4), None),
        ({"needs_note": [A]}, (1,), (1,)),
        ({"needs_note": [A]}, (0,), None),
    ],
)
def test_a_relation_holds_breaks_or_stays_unknown(
    said: dict[str, Any], figures: tuple[int | None, ...], broken: tuple[int, ...] | None
) -> None:
    pack = rules_pack(relations=(relation(**said),))
    (compiled,) = (c for c in compile_relations(lay_out(pack, COMMUNE)) if c.instance.relation.id == "V22.thu")
    known = {CellKey.parse(n): f for n, f in zip((A, B, C, D), figures, strict=False) if f is not None}
    assert compiled.broken is not None
    assert compiled.broken(known) == broken
    changes = {n: BLANK if f is None else f for n, f in zip((A, B, C, D), figures, strict=False)}
    at_gate = stated(frames_of(pack, [workbook(changes, pack=pack)]))
    assert ("V22" in {rule for _, rule, _, _ in at_gate}) is (broken is not None)


@pytest.mark.parametrize(
    ("said", "at", "expected", "actual", "suggestion"),
    [
        ({"equal": [[A], [B]]}, A, "3", "4", ""),
        ({"equal": [[A], [B]], "fill": "left"}, A, "3", "4", "3"),
        ({"equal": [[A], [B]], "fill": "right"}, B, "4", "3", "4"),
        ({"equal": [[A, B], [C]], "fill": "left"}, A, "50", "7", ""),
        ({"at_most": [[A], [B]]}, A, "nhiều nhất 3", "4", ""),
        ({"at_most": [[A], [B]], "fill": "right"}, B, "ít nhất 4", "3", ""),
        ({"between": [[A], [C], [D]]}, A, "từ 50 đến 4", "4", ""),
        ({"needs_note": [A]}, A, "có ghi chú ở cột giải trình", "4", ""),
    ],
)
def test_a_broken_relation_tells_the_expected_value(
    said: dict[str, Any], at: str, expected: str, actual: str, suggestion: str
) -> None:
    (found,) = told({}, **said)
    assert (found.cells[0], found.expected, found.actual, found.suggestion) == (at, expected, actual, suggestion)


@pytest.mark.parametrize(
    ("kind", "fill", "left", "expected"),
    [
        ("zero_implies_zero", None, 0, "lớn hơn 0 (vì B04.13b lớn hơn 0)"),
        ("zero_implies_zero", "right", 0, "0 (vì B04.13a bằng 0)"),
        ("positive_implies_positive", None, 4, "0 (vì B04.13b bằng 0)"),
        ("positive_implies_positive", "right", 4, "lớn hơn 0 (vì B04.13a lớn hơn 0)"),
    ],
)
def test_nothing_beside_something_is_told_with_its_partner(
    kind: str, fill: str | None, left: int, expected: str
) -> None:
    (found,) = told({A: left, B: 3 if left == 0 else 0}, **{kind: [[A], [B]]}, fill=fill)
    assert found.expected == expected


def test_a_note_satisfies_the_relation_needing_one() -> None:
    assert told({A.replace("/TH", "/GT"): "Lập từ kỳ trước"}, needs_note=[A]) == []


def test_two_relations_at_one_cell_are_two_findings() -> None:
    pair = relation(equal=[[A], [B]]), relation(id="V22.hai", equal=[[A], [C]])
    pack = rules_pack(relations=pair)
    keys = [f.key for f in findings(workbook(pack=pack), pack=pack) if f.rule == "V22"]
    assert keys[0] == f"V22|{A}" and len(set(keys)) == 2 and "V22.hai" in keys[1]


PEOPLE = {"cells": [A, B], "what": "{value} người"}
WRONG = Broken("#REF!", Problem.ERROR_VALUE)


@pytest.mark.parametrize(
    ("bound", "broken"),
    [
        ({"at_least": 7}, False),
        ({"at_least": 8}, True),
        ({"at_most": 7}, False),
        ({"at_most": 6}, True),
        ({"above": 6}, False),
        ({"above": 7}, True),
        ({"minus": [D], "at_least": 3}, False),
        ({"minus": [D], "at_least": 4}, True),
    ],
)
def test_a_bound_is_held_to_the_sum_exactly(bound: dict[str, Any], broken: bool) -> None:
    found = told({}, requires={"when": [{"cells": [C], "at_least": 1}], "then": [PEOPLE | bound]})
    assert [f.message for f in found] == ([f"{3 if 'minus' in bound else 7} người: hãy sửa."] if broken else [])


@pytest.mark.parametrize(("least", "broken"), [("0.00035", False), ("0.00036", True)])
def test_a_share_of_the_residents_needs_their_number(least: str, broken: bool) -> None:
    then = PEOPLE | {"share_of_residents": True, "at_least": least}
    said = {"when": [{"cells": [C], "at_least": 1}], "then": [then]}
    unit = replace(COUNTED, population=20_000)
    assert bool(told({}, unit, requires=said)) is broken
    assert told({}, COMMUNE, requires=said) == [], "nobody knows of how many"


@pytest.mark.parametrize(
    ("answer", "given", "broken"),
    [("12/QĐ", True, False), (BLANK, True, True), (NIL, True, True), ("12/QĐ", False, True), (BLANK, False, False)],
)
def test_a_required_answer_is_neither_blank_nor_nil(answer: object, given: bool, broken: bool) -> None:
    requires = {"when": [{"cells": [C], "at_least": 1}], "then": [{"cells": [ORDER], "given": given}]}
    found = told({ORDER: answer}, requires=requires, fill="right")
    assert [f.expected for f in found] == ([["(trống)", "nội dung bằng chữ"][given]] if broken else [])
    said = told({ORDER: answer}, requires={**requires, "expected": "đủ số"}, fill="right")
    assert [f.expected for f in said] == (["đủ số"] if broken else [])


def test_what_cannot_be_read_breaks_no_requirement() -> None:
    requires = {"when": [{"cells": [FREE], "one_of": ["Có"]}], "then": [{"cells": [A], "at_least": 99}]}
    assert len(told({FREE: True}, requires=requires)) == 1
    assert told({FREE: False}, requires=requires) == []
    assert told({FREE: Broken("có lẽ", Problem.NOT_AN_OPTION)}, requires=requires) == []
    assert told({FREE: True, A: WRONG}, requires=requires) == []


def test_enough_conditions_of_several_are_enough() -> None:
    three = [{"cells": [A], "at_least": 1}, {"cells": [B], "at_least": 99}, {"cells": [D], "at_least": 1}]
    for wanted, broken in ((2, True), (3, False), (None, False)):
        requires = {"when": three, "when_any": wanted, "then": [{"cells": [C], "at_most": 0}]}
        assert bool(told({}, requires=requires)) is broken
    for wanted, broken in ((2, False), (3, True), (None, True)):
        requires = {"when": [{"cells": [C], "at_least": 1}], "then": three, "then_any": wanted}
        assert bool(told({}, requires=requires)) is broken


NOTE = A.replace("/TH", "/GT")


@pytest.mark.parametrize(
    ("said", "other", "fill", "shown"),
    [
        ("a", "b", None, [("b", "a")]),
        ("a", "b", "right", [("a", "b")]),
        ("a", "a", None, []),
        ("a", BLANK, None, []),
        (BLANK, "b", None, []),
    ],
)
def test_two_answers_must_agree_where_both_exist(
    said: object, other: object, fill: str | None, shown: list[tuple[str, str]]
) -> None:
    found = told({ORDER: said, NOTE: other}, same_answer=[ORDER, NOTE], fill=fill)
    assert [(f.expected, f.actual) for f in found] == shown


@pytest.mark.parametrize(
    ("claimed", "number", "broken"), [(True, 5, False), (True, 4, True), (False, 4, False), (NIL, 4, False)]
)
def test_a_minimum_binds_whoever_claims_to_reach_it(claimed: object, number: int, broken: bool) -> None:
    found = told({FREE: claimed, A: number}, minimum=[FREE, A, 5])
    assert [(f.expected, f.actual) for f in found] == ([("từ 5", "4")] if broken else [])


def test_a_cell_torn_away_breaks_no_requirement() -> None:
    requires = {"when": [{"cells": [C], "at_least": 1}], "then": [{"cells": [ORDER], "given": True}]}
    pack = rules_pack(relations=(relation(requires=requires),))
    book = workbook({ORDER: BLANK}, pack=pack)
    torn = replace(book, cells={key: cell for key, cell in book.cells.items() if str(key) != ORDER})
    assert ["V22" in {f.rule for f in findings(one, pack=pack)} for one in (book, torn)] == [True, False]


@pytest.mark.parametrize(
    ("given", "answers", "broken"),
    [
        (True, ("a", BLANK), True),
        (True, ("a", "b"), False),
        (False, ("a", BLANK), True),
        (False, (BLANK, BLANK), False),
    ],
)
def test_several_required_cells_are_all_or_none(given: bool, answers: tuple[object, object], broken: bool) -> None:
    requires = {"when": [{"cells": [C], "at_least": 1}], "then": [{"cells": [ORDER, NOTE], "given": given}]}
    assert bool(told(dict(zip((ORDER, NOTE), answers, strict=True)), requires=requires)) is broken


def test_the_gate_uses_the_same_two_bounds() -> None:
    units = tuple(replace(COMMUNE, code=f"{80000 + n}") for n in range(4))
    pack = replace(rules_pack(relations=(relation(between=[[A], [B], [D]]),)), units=units)
    books = [workbook({A: n + 2}, unit=unit, pack=pack) for n, unit in enumerate(units)]
    layout = lay_out(pack, COMMUNE)
    block = new_block(layout, [accepted(book, n) for n, book in enumerate(books)])
    (between,) = (i for i in relations_of(layout) if i.relation.id == "V22.thu")
    compare_relation(block, between)
    wrong = [row.unit for frame in block.rows for row in frame.itertuples() if row.left > row.right]
    assert sorted(wrong) == ["80000", "80003"], "2 and 5 are not between 3 and 4"
