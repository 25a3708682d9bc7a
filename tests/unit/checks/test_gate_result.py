"""What the gate makes of the answers of Great Expectations: what could not be evaluated never passes, and the page and
the kept result count what was looked at."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from baocao.checks.consolidation_gate import suite
from baocao.checks.consolidation_gate.frames import Frames
from baocao.checks.consolidation_gate.gate import run_gate
from baocao.checks.consolidation_gate.page import page
from baocao.checks.consolidation_gate.suite import ExpectationResult, GateEvaluationError, judge
from baocao.model.submission import Problem
from builders.mail.delivery import TEMPLATES
from builders.packs.checks import BLANK, COMMUNE, HALF_YEAR, PACK, POLICE, WARD, Broken, accepted, workbook
from builders.packs.gate import frames_of


@cache
def frames() -> Frames:
    """Of two communes: answers that the reader would have refused, and a blank."""
    wrong = {
        "PL01/CT13/TH": Broken("1,5", Problem.NOT_WHOLE),
        "PL03/DA4.NSDP_SN/NO": Decimal("0.5"),
        "PL01/CT21/TH": BLANK,
        "B01/B01.02/KHN": -1,
        "PL01/CT09/TH": "Loại IX",
        "PL01/CT11/GT": "Gọi 0912 345 678",
    }
    return frames_of(PACK, [workbook(wrong, unit=WARD), workbook(wrong)])


@cache
def judged() -> tuple[ExpectationResult, ...]:
    return tuple(judge(frames(), HALF_YEAR.cutoff_on, PACK.rules)[0])


def test_each_statement_counts_what_it_looked_at() -> None:
    found = {j.what: j for j in judged() if j.rule in {"V01", "V02", "V03", "V07", "V41"}}
    answers = frames().answers
    assert found["số không âm"].evaluated == answers.number.notna().sum()
    assert found["số đếm, số tiền là số nguyên"].evaluated == answers.fraction.notna().sum()
    assert found["ô đọc được"].evaluated == len(answers)
    assert found["ô bắt buộc đã trả lời"].evaluated == (answers.needed == "yes").sum()
    assert found["không có số điện thoại"].evaluated == answers.text.notna().sum()
    assert found["biểu đã có trả lời"].evaluated == len(frames().forms)
    choice = found["chọn một trong: Không; Loại III; Loại II; Loại I"]
    assert choice.evaluated == 2


def test_failures_name_unit_and_cell_in_order() -> None:
    both = {j.what: j.failures for j in judged() if j.failures}
    for what, cell in (
        ("số không âm", "B01/B01.02/KHN"),
        ("số đếm, số tiền là số nguyên", "PL03/DA4.NSDP_SN/NO"),
        ("ô bắt buộc đã trả lời", "PL01/CT21/TH"),
        ("chọn một trong: Không; Loại III; Loại II; Loại I", "PL01/CT09/TH"),
        ("không có số điện thoại", "PL01/CT11/GT"),
    ):
        assert both[what] == ((COMMUNE.code, cell), (WARD.code, cell)), what
    order = [(j.rule, j.severity, j.what, j.expectation) for j in judged()]
    assert order == sorted(order)
    assert {j.severity for j in judged() if j.rule == "V07"} == {PACK.rules["V07"].severity.value}
    assert {j.severity for j in judged() if j.rule == "V15"} == {"explain"}, "as its relation says"


def test_a_statement_that_cannot_be_evaluated_is_no_statement_that_holds() -> None:
    torn = replace(frames(), answers=frames().answers.drop(columns=["number"]))
    with pytest.raises(
        GateEvaluationError, match=r"quy tắc V01 \(expect_column_values_to_be_between\): cổng không tính"
    ):
        judge(torn, HALF_YEAR.cutoff_on, PACK.rules)


@pytest.mark.parametrize(
    ("detail", "success", "said"),
    [
        ({}, False, "cổng không tính được"),
        ({}, True, "cổng không tính được"),
        ({"element_count": 3}, False, "không đạt mà không nêu ô nào"),
        ({"element_count": 3, "unexpected_index_list": []}, False, "không đạt mà không nêu ô nào"),
        ({"element_count": 3, "missing_count": 1}, True, ""),
    ],
)
def test_a_failure_without_a_cell_stops_the_gate(detail: dict[str, Any], success: bool, said: str) -> None:
    meta = {"rule": "V12", "severity": "blocks", "what": "hai vế bằng nhau"}
    answer = {"expectation_config": {"meta": meta, "type": "expect"}, "result": detail, "success": success}
    if said:
        with pytest.raises(GateEvaluationError, match=rf"quy tắc V12 \(expect\): {said}"):
            suite._judged(answer)
    else:
        assert suite._judged(answer) == ExpectationResult("V12", "blocks", "hai vế bằng nhau", "expect", 2, ())


def _said(rule: str, severity: str, evaluated: int, *failures: tuple[str, str]) -> ExpectationResult:
    return ExpectationResult(rule, severity, "một việc", "expect", evaluated, failures)


def test_the_page_adds_up_the_statements_of_each_rule() -> None:
    found = [
        _said("V12", "blocks", 1_200, ("90001", "PL01/CT11/TH"), ("90002", "PL01/CT11/TH")),
        _said("V12", "blocks", 300, ("90001", "PL01/CT10/TH")),
        _said("V12", "explain", 34, ("90003", "PL01/CT10/TH")),
        _said("V03", "blocks", 70),
    ]
    html = page(PACK, HALF_YEAR, found, [], units=2, version="1.24.0", templates=TEMPLATES)
    number = r'\s*<td class="n ([a-z-]+)">(\d+)</td>'
    lines = re.findall(rf'<td class="code">(V\d\d)</td>.*?"n">([\d.]+)</td>{number}{number}', html)
    assert lines == [
        ("V03", "70", "none", "0", "none", "0"),
        ("V12", "1.534", "bad-n", "3", "mild-n", "1"),
    ]
    assert "<dt>Lượt kiểm tra</dt><dd>1.604</dd>" in html and "<dt>Quy tắc tính lại</dt><dd>2</dd>" in html
    assert f"<dd>2/{len(PACK.units_on(HALF_YEAR.cutoff_on))}</dd>" in html


def test_the_page_takes_no_name_for_markup() -> None:
    told = {
        "unit": "90001",
        "rule": "V12",
        "cell": "PL01/CT11/TH",
        "sheet": "PL01",
        "a1": "E7",
        "item": "",
        "value": "9",
    }
    found = [{**told, "unit_name": "Xã <b>Mới</b>", "name": "a & b"}]
    html = page(PACK, HALF_YEAR, [], found, units=1, version="1", templates=TEMPLATES)
    assert "Xã &lt;b&gt;Mới&lt;/b&gt;" in html and "a &amp; b" in html and "<b>" not in html
    assert "DỪNG" in html and "PL01, ô E7" in html


def test_the_page_is_the_installations_own(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "gate.html").write_text("{{ regime }}: {{ units }}", encoding="utf-8")
    assert run_gate(PACK, HALF_YEAR, [accepted(workbook())], tmp_path).page_html.decode() == f"{PACK.regime.name}: 1"


def test_the_kept_result_says_of_which_submissions_it_speaks() -> None:
    sent = [accepted(workbook({"PL03/DA4.NSDP_SN/NO": Decimal("0.5")}), 7), accepted(workbook(unit=POLICE), 3)]
    result = run_gate(PACK, HALF_YEAR, sent, TEMPLATES)
    kept = json.loads(result.result_json)
    assert kept["units"] == sorted([s.unit, s.sha256] for s in sent)
    assert (kept["agrees"], kept["failed"], kept["evaluated"]) == (False, 1, result.evaluated)
    (one,) = kept["disagreements"]
    assert (one["unit"], one["rule"], one["cell"], one["value"]) == ("90001", "V01", "PL03/DA4.NSDP_SN/NO", "0,5")
    assert one["message"].startswith("Xã Bình Minh: ô PL03 Nguồn lực!E") and "V01 ở cổng" in one["message"]


def test_a_whole_form_and_a_cell_that_is_not_there_are_named() -> None:
    empty = accepted(workbook({"PL01/CT20/TH": BLANK}))
    gone = replace(empty, cells={k: c for k, c in empty.cells.items() if k.form != "B04" and str(k) != "PL01/CT21/TH"})
    result = run_gate(PACK, HALF_YEAR, [gone], TEMPLATES)
    told = {d["cell"]: d for d in result.disagreements}
    assert (told["B04"]["sheet"], told["B04"]["value"], told["B04"]["rule"]) == ("PL02 Biểu 04", "", "V41")
    assert told["B04"]["message"].startswith("Xã Bình Minh: biểu «PL02 Biểu 04» không đạt")
    assert told["PL01/CT20/TH"]["a1"].startswith("E") and told["PL01/CT20/TH"]["value"] == ""
    assert (told["PL01/CT21/TH"]["sheet"], told["PL01/CT21/TH"]["a1"]) == ("PL01 Chỉ số", "")
