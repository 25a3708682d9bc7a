"""The gate against the engine: one stacked run over many broken submissions must find what the engine finds."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from baocao.checks.cell_specs import lay_out
from baocao.checks.consolidation_gate import comparisons as gate_comparisons
from baocao.checks.consolidation_gate.frames import build_frames
from baocao.checks.consolidation_gate.gate import failures, run_gate
from baocao.model.form import CellKey, Relation, ValueType
from baocao.model.pack import Pack
from baocao.model.submission import AcceptedCells, Answer, Problem, Severity, Workbook
from baocao.model.unit import Unit
from builders.mail.delivery import TEMPLATES
from builders.packs.checks import (
    BLANK,
    COMMUNE,
    HALF_YEAR,
    NIL,
    PACK,
    POLICE,
    WARD,
    Broken,
    accepted,
    clean_values,
    findings,
    rules_pack,
    workbook,
)
from builders.packs.gate import Found, frames_of, stated
from builders.packs.rule_cases import CASES


def _many(changes: list[dict[str, Any]]) -> tuple[Pack, list[tuple[Unit, Workbook]]]:
    """One commune per set of changes, in a pack that knows them all."""
    units = tuple(replace(COMMUNE, code=f"{80000 + n}") for n in range(len(changes)))
    pack = replace(PACK, units=(*units, POLICE))
    return pack, [(unit, workbook(c, unit=unit, pack=pack)) for unit, c in zip(units, changes, strict=True)]


def _engine(pack: Pack, books: list[tuple[Unit, Workbook]]) -> Found:
    """What the engine finds by rules that the gate compiles; V07 without its names, which need a dictionary."""
    found = set()
    for unit, book in books:
        for f in findings(book, unit=unit, pack=pack):
            if pack.rules[f.rule].gate and not (f.rule == "V07" and f.severity is Severity.EXPLAIN):
                found.add((unit.code, f.rule, f.cells[0] if f.cells else f.key.split("|")[1], f.severity.value))
    return found


def _gate(pack: Pack, books: list[tuple[Unit, Workbook]]) -> Found:
    found = failures(pack, HALF_YEAR, [accepted(book, n) for n, (_, book) in enumerate(books)])
    return {f for f in found if pack.rules[f[1]].gate}


def test_gate_and_engine_fail_at_the_same_cells() -> None:
    cases = [case for case in CASES if case.unit is COMMUNE]
    pack, books = _many([case.breaks for case in cases])
    engine = _engine(pack, books)
    assert _gate(pack, books) == engine
    compiled = {case.rule for case in cases if pack.rules[case.rule].gate}
    assert {rule_id for _, rule_id, _, _ in engine} == compiled


def test_lead_bodies_are_judged_on_their_own_slice() -> None:
    book = workbook({"B05/CS1/CS": 249}, unit=POLICE)
    assert _gate(PACK, [(POLICE, book)]) == {("T-CA", "V19", "B05/CS1/DAT", "blocks")}


def _random_changes(chance: random.Random) -> dict[str, Any]:
    numbers: list[Any] = [BLANK, NIL, 0, 1, 3, 12, 60, 300_000_000]
    numbers += [Broken("1,234", Problem.AMBIGUOUS_NUMBER), Broken("#REF!", Problem.ERROR_VALUE)]
    changes: dict[str, Any] = {}
    specs = lay_out(PACK, COMMUNE).specs
    for key in chance.sample(sorted(specs), chance.randint(1, 6)):
        if not specs[key].entered:
            changes[str(key)] = chance.choice([Decimal("12.34") if specs[key].type is ValueType.RATIO else 7, BLANK])
        elif key.column == "GT":
            changes[str(key)] = chance.choice(["Tạm ứng", "Số 038094001234", "Gọi 0912 345 678", BLANK])
        elif key.column == "ND" or key.row.endswith(".QD"):
            changes[str(key)] = chance.choice(["12/QĐ-UBND", BLANK])
        elif key.row.endswith(".NGAY"):
            changes[str(key)] = chance.choice([date(2026, 6, 14), date(2026, 6, 15), BLANK])
        elif key.row == "CT08":
            changes[str(key)] = chance.choice([True, False, NIL, BLANK])
        elif key.row == "CT09":
            changes[str(key)] = chance.choice(["Loại I", NIL, Broken("Loại IV", Problem.NOT_AN_OPTION)])
        elif key.row == "B04.24c":
            changes[str(key)] = chance.choice([Decimal("0.1"), Decimal("12.5"), Decimal(0), BLANK])
        else:
            changes[str(key)] = chance.choice(numbers)
    return changes


@pytest.mark.parametrize("seed", [1])
def test_any_broken_submissions_are_judged_alike(seed: int) -> None:
    chance = random.Random(seed)
    pack, books = _many([_random_changes(chance) for _ in range(150)])
    engine, gate = _engine(pack, books), _gate(pack, books)
    assert gate == engine
    assert len({rule_id for _, rule_id, _, _ in engine}) >= 8


def test_accepted_submissions_pass_with_a_reproducible_result() -> None:
    sent = [accepted(workbook(unit=unit), n) for n, unit in enumerate((COMMUNE, WARD, POLICE))]
    first, again = (
        run_gate(PACK, HALF_YEAR, sent, TEMPLATES),
        run_gate(PACK, HALF_YEAR, list(reversed(sent)), TEMPLATES),
    )
    assert first.agrees
    assert first.failed == 0
    assert first.evaluated > 1000
    assert first.result_json == again.result_json
    assert first.page_html == again.page_html
    assert "ĐẠT: được tổng hợp" in first.page_html.decode()


def test_a_wrongly_accepted_submission_stops_the_report() -> None:
    sent = [accepted(workbook()), accepted(workbook({"PL01/CT11/TH": 9}, unit=WARD), 2)]
    result = run_gate(PACK, HALF_YEAR, sent, TEMPLATES)
    assert not result.agrees
    assert [(d["unit"], d["rule"], d["cell"]) for d in result.disagreements] == [("90002", "V12", "PL01/CT11/TH")]
    assert result.disagreements[0]["a1"] == sent[1].cells[CellKey.parse("PL01/CT11/TH")].a1
    page = result.page_html.decode()
    assert "DỪNG" in page
    assert "Phường Rạng Đông" in page


def test_a_broken_gate_comparison_shows_as_disagreement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pack, books = _many([{"PL01/CT11/TH": 4}])
    monkeypatch.setattr(gate_comparisons, "ratio_pairs", lambda layout: ())
    assert _engine(pack, books) - _gate(pack, books) == {("80000", "V12", "PL01/CT11/TH", "blocks")}


def test_cells_missing_from_the_store_are_blanks() -> None:
    book = workbook({"PL01/CT11/TH": BLANK, "PL01/CT11/MS": BLANK})
    kept = {k: c for k, c in book.cells.items() if c.answer is not Answer.BLANK}
    sent = AcceptedCells(COMMUNE.code, 1, "0" * 64, "a.xlsx", accepted(book).received_at, kept)
    rules = {(rule_id, cell) for _, rule_id, cell, level in failures(PACK, HALF_YEAR, [sent]) if level == "blocks"}
    assert rules == {("V03", "PL01/CT11/TH"), ("V03", "PL01/CT11/MS")}


def test_the_kept_result_names_expectations_but_no_time() -> None:
    result = json.loads(run_gate(PACK, HALF_YEAR, [accepted(workbook())], TEMPLATES).result_json)
    assert result["great_expectations"].startswith("1.24")
    assert {e["rule"] for e in result["expectations"]} >= {
        "V01",
        "V02",
        "V03",
        "V07",
        "V11",
        "V12",
        "V21",
        "V25",
        "V41",
    }
    assert all(e["evaluated"] > 0 for e in result["expectations"] if e["rule"] in {"V03", "V12", "V21"})
    assert not re.search(r"run_time|run_id|batch_id|20\d\d-\d\d-\d\dT", json.dumps(result))


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = run_gate(PACK, HALF_YEAR, [accepted(workbook())], TEMPLATES).page_html.decode()
    assert not re.search(r"https?://|<script|<link|<img|url\(|@import", page)


# ------------------------------------------------------------------- the statements alone, without Great Expectations

_OF_ANSWERS = {"V01", "V02", "V07", "V44"}
"""Rules about one answer alone: no statement about several is made of them."""


def _same(pack: Pack, books: list[tuple[Unit, Workbook]]) -> Found:
    engine = {f for f in _engine(pack, books) if f[1] not in _OF_ANSWERS}
    assert {f for f in stated(frames_of(pack, [book for _, book in books])) if pack.rules[f[1]].gate} == engine
    return engine


def test_statements_fail_where_the_engine_finds_a_fault() -> None:
    """Commune cases, each broken, at its edge and unanswered."""
    pack, books = _many([c for case in CASES if case.unit is COMMUNE for c in (case.breaks, case.holds, case.blank)])
    assert len({rule for _, rule, _, _ in _same(pack, books)}) >= 18


@pytest.mark.parametrize("seed", [4, 5])
def test_statements_about_broken_workbooks_agree_with_the_engine(seed: int) -> None:
    chance = random.Random(seed)
    _same(*_many([_random_changes(chance) for _ in range(60)]))


def test_statements_about_lead_bodies_use_their_own_cells() -> None:
    for number, wrong in ((249, {("T-CA", "V19", "B05/CS1/DAT", "blocks")}), (250, set())):
        assert stated(frames_of(PACK, [workbook({"B05/CS1/CS": number}, unit=POLICE)])) == wrong
    silent = workbook({"B05/CS1/CS": 249, "B05/CS1/DAT": False}, unit=POLICE)
    assert stated(frames_of(PACK, [silent])) == set()


@pytest.mark.parametrize(
    ("ratio", "stray"), [("32.01", False), ("31.99", False), ("32.02", True), ("31.98", True), ("32.00", False)]
)
def test_statements_let_a_ratios_last_digit_differ(ratio: str, stray: bool) -> None:
    found = stated(frames_of(PACK, [workbook({"PL01/CT30/TH": Decimal(ratio)})]))
    assert ("V26" in {rule for _, rule, _, _ in found}) is stray


def test_statements_stand_in_one_order_of_units() -> None:
    books = [workbook(unit=unit) for unit in (WARD, COMMUNE)]
    frames, again = frames_of(PACK, books), frames_of(PACK, reversed(books))
    assert list(dict.fromkeys(frames.answers.unit)) == [COMMUNE.code, WARD.code]
    assert frames.answers.drop(columns=[]).equals(again.answers)
    assert frames.comparisons.equals(again.comparisons) and frames.comparisons.index.is_unique
    assert frames.answers.index.is_unique and frames.forms.index.is_unique


def test_statements_need_units_that_the_pack_knows() -> None:
    with pytest.raises(KeyError, match="80009"):
        frames_of(PACK, [workbook(unit=replace(COMMUNE, code="80009"))])


def test_statements_keep_each_answer_in_its_column() -> None:
    changes = {
        "B04/B04.24c/TH": Decimal("12.5"),
        "PL01/CT08.NGAY/TH": date(2026, 5, 5),
        "PL01/CT13/TH": Broken("1,5", Problem.NOT_WHOLE),
        "PL01/CT11/TH": NIL,
        "PL01/CT21/TH": BLANK,
        "PL01/CT11/GT": "Tạm ứng",
    }
    answers = frames_of(PACK, [workbook(changes)]).answers.set_index("cell")
    held = ["needed", "answer", "number", "fraction", "day", "choice", "text", "problem", "options"]
    rows = {cell: tuple(None if v != v else v for v in answers.loc[cell, held]) for cell in answers.index}
    day = float(date(2026, 5, 5).toordinal())
    assert rows["PL01/CT10/TH"] == ("yes", "value", 1.0, 0.0, None, None, None, "", "")
    assert rows["PL03/DA4.NSDP_SN/KH"] == ("yes", "value", 250_000_000.0, 0.0, None, None, None, "", "")
    assert rows["B04/B04.24c/TH"] == ("yes", "value", 12.5, None, None, None, None, "", "")
    assert rows["PL01/CT08.NGAY/TH"] == ("no", "value", None, None, day, None, None, "", "")
    assert rows["PL01/CT08/TH"] == ("yes", "value", None, None, None, "Không", None, "", "Có|Không")
    assert rows["PL01/CT09/TH"][5:] == ("Loại II", None, "", "Không|Loại III|Loại II|Loại I")
    assert rows["PL01/CT13/TH"] == ("yes", "invalid", None, None, None, None, None, "not_whole", "")
    assert rows["PL01/CT11/TH"] == ("yes", "nil", None, None, None, None, None, "", "")
    assert rows["PL01/CT21/TH"] == ("yes", None, None, None, None, None, None, "", "")
    assert rows["PL01/CT11/GT"] == ("no", "value", None, None, None, None, "Tạm ứng", "", "")
    assert "PL01/CT10/GT" not in rows and "PL01/CT11/TL" not in rows, "neither blanks nobody needs nor derived cells"


MONEY_BLANK = {name: BLANK for name in clean_values() if name.startswith("PL03/")}
NOTHING_PAID = {f"PL03/DA1.NSTW_SN/{c}": 0 for c in ("KH", "PB", "GN", "LKN", "LKGD", "QT", "NO")}
AT_THE_EDGE: list[dict[str, Any]] = [
    MONEY_BLANK,
    MONEY_BLANK | {"PL03/TONG/TL": Decimal("5.00")},
    MONEY_BLANK | {"PL03/TONG/KH": 0},
    MONEY_BLANK | {"PL03/TONG/KH": 7},
    MONEY_BLANK | {"PL03/DA4.NSDP_SN/GT": "Lồng ghép"},
    NOTHING_PAID,
    NOTHING_PAID | {"PL03/DA1.NSTW_SN/TL": Decimal("5.00")},
    NOTHING_PAID | {"PL03/DA1.NSTW_SN/TL": Decimal(0)},
    NOTHING_PAID | {"PL03/DA1.NSTW_SN/LKN": 5},
    {"PL03/DA1.NSTW_SN/KH": BLANK},
    {"PL03/DA1.NSTW_SN/KH": NIL},
    {"PL03/TONG/KH": 1},
    {"PL03/TONG/KH": 500_000_001, "PL01/CT30/TH": Decimal("32.00")},
    {"PL03/DA4/LKN": Broken("#REF!", Problem.ERROR_VALUE)},
    {"PL01/CT30/TH": Decimal("32.011")},
    {"B04/NGHIEN/DK": BLANK},
    {"B04/NGHIEN/DK": BLANK, "B04/NGHIEN/CK": 22},
    {"B04/NGHIEN/DK": 0, "B04/NGHIEN/T1": 0, "B04/NGHIEN/G1": 1, "PL01/CT01/TH": 0},
    {"B04/NGHIEN/DK": 0, "B04/NGHIEN/T1": 1, "B04/NGHIEN/G1": 1, "PL01/CT01/TH": 0},
    {"B04/NGHIEN/DK": 0, "B04/NGHIEN/T1": 1, "B04/NGHIEN/G1": 1, "PL01/CT01/TH": NIL},
    {"B04/NGHIEN/DK": 0, "B04/NGHIEN/T1": 1, "B04/NGHIEN/G1": 1, "PL01/CT01/TH": 5},
    {"PL01/CT11/MS": NIL},
    {"PL01/CT11/MS": NIL, "PL01/CT11/TH": 0},
    {"PL01/CT11/TH": NIL},
    {"PL01/CT11/TH": 1, "PL01/CT11/MS": 1},
    {"PL01/CT11/TH": 1, "PL01/CT11/MS": 0},
    {"PL01/CT03/TH": NIL},
    {"PL01/CT10/TH": NIL},
    {"B01/B01.02/TH": NIL, "B01/B01.02/LKN": 0},
    {"PL01/CT10/TH": 0, "B01/B01.02/TH": NIL, "B01/B01.02/LKN": 0},
    {"PL03/DA4.NSDP_SN/LKN": 200_000_001, "PL03/DA4.NSDP_SN/GT": NIL},
    {"PL01/CT13/KHN": NIL, "B01/B01.02/KHN": BLANK},
]


def test_statements_agree_with_the_engine_at_each_edge() -> None:
    pack, books = _many(AT_THE_EDGE)
    assert {rule for _, rule, _, _ in _same(pack, books)} >= {"V03", "V11", "V13", "V21", "V25", "V26", "V41"}


@pytest.mark.parametrize("gone", ["TEN", "CS", "HA", "DAT"])
def test_statements_need_the_rest_of_a_row_begun(gone: str) -> None:
    rest = {f"B05/CS1/{c}": BLANK for c in ("TEN", "CS", "HA", "DAT") if c != gone}
    for changes in (rest, {f"B05/CS1/{gone}": BLANK}):
        _same(PACK, [(POLICE, workbook(changes, unit=POLICE))])


def test_statements_take_a_form_left_out_as_nothing() -> None:
    relation = {"rule": "V22", "id": "V22.thu", "equal": [["B09/B09.03d/TH"], ["B04/B04.13a/TH"]], "message": "Sửa."}
    pack = rules_pack(default_nil={"B09": "Không phát sinh"}, relations=(Relation.model_validate(relation),))
    silent = {f"B09/B09.03d/{c}": BLANK for c in ("KHN", "TH", "LKN", "LKGD", "GT")}
    for files, told in ((4, True), (0, False)):
        changes = silent | {f"B04/B04.13a/{c}": files for c in ("TH", "LKN")}
        found = stated(frames_of(pack, [workbook(changes, pack=pack)]))
        assert ("V22" in {rule for _, rule, _, _ in found}) is told
        assert "B09" not in {cell for _, _, cell, _ in found}


def test_statements_pass_over_cells_of_another_slice() -> None:
    sent = accepted(workbook())
    foreign = {key: cell for key, cell in accepted(workbook(unit=POLICE)).cells.items() if key.form == "B05"}
    assert foreign
    more = replace(sent, cells={**foreign, **sent.cells})
    assert build_frames(PACK, [more]).answers.equals(build_frames(PACK, [sent]).answers)
