"""The pack's rules as Great Expectations: one expectation per rule and kind over the stacked frames, not one per cell.

Great Expectations (5 s to import) and pandas are imported inside; nothing is written, nothing leaves the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from baocao.checks.texts.privacy import IDENTITY_NUMBER, PHONE_NUMBER
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.pack_parts.rules import Rule, RuleBook
from baocao.model.submission import Problem, Severity

if TYPE_CHECKING:
    from baocao.checks.consolidation_gate.frames import Frames

_UNREADABLE: dict[RuleKind, list[Problem]] = {
    RuleKind.VALUE_TYPE: [
        Problem.ERROR_VALUE,
        Problem.FORMULA_WITHOUT_VALUE,
        Problem.NOT_WHOLE,
        Problem.NEGATIVE,
        Problem.NOT_A_DATE,
        Problem.NOT_AN_OPTION,
    ],
    RuleKind.NUMBER_FORMAT: [Problem.NOT_A_NUMBER, Problem.AMBIGUOUS_NUMBER],
}
# COMPLETE: a failure must name its unit and cell. It slows with the failures, and accepted reports have few.
_RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": ["unit", "cell"],
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """One expectation after its run."""

    rule: str
    severity: str
    what: str
    """what it looks at, in Vietnamese"""
    expectation: str
    """its type in Great Expectations"""
    evaluated: int
    failures: tuple[tuple[str, str], ...]
    """(unit, cell), sorted"""


class GateEvaluationError(RuntimeError):
    """An expectation could not be evaluated: our own failure, never a unit's."""


def judge(frames: Frames, cutoff_on: date, rules: RuleBook) -> tuple[list[ExpectationResult], str]:
    """Run every expectation; returns them with the version of Great Expectations.

    Raises GateEvaluationError naming the rule when an expectation raises instead of answering.
    """
    # Before the import, which reads it: otherwise the library reports its use over the network.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    # A file context would write a project of its own to disk.
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("so_lieu")
    judged: list[ExpectationResult] = []
    for name, frame, expectations in _suites(frames, cutoff_on, rules):
        if frame.empty or not expectations:
            continue
        batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
        suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=expectations))
        definition = gx.ValidationDefinition(name=name, data=batch, suite=suite)
        outcome = context.validation_definitions.add(definition).run(
            batch_parameters={"dataframe": frame}, result_format=_RESULT_FORMAT
        )
        judged += [_judged(result.to_json_dict()) for result in outcome.results]
    judged.sort(key=lambda j: (j.rule, j.severity, j.what, j.expectation))
    return judged, str(gx.__version__)


def _judged(result: dict[str, Any]) -> ExpectationResult:
    """One result of Great Expectations as ours; GateEvaluationError when it could not be computed."""
    config = result["expectation_config"]
    meta = config["meta"]
    detail = result["result"]
    # An expectation that raises is only reported in its result; it must not pass for one that found nothing.
    if "element_count" not in detail:
        reason = result.get("exception_info")
        raise GateEvaluationError(f"quy tắc {meta['rule']} ({config['type']}): cổng không tính được: {reason}")
    failures = sorted({(str(f["unit"]), str(f["cell"])) for f in detail.get("unexpected_index_list") or ()})
    if not result["success"] and not failures:
        raise GateEvaluationError(f"quy tắc {meta['rule']} ({config['type']}): không đạt mà không nêu ô nào")
    return ExpectationResult(
        rule=meta["rule"],
        severity=meta["severity"],
        what=meta["what"],
        expectation=config["type"],
        evaluated=int(detail["element_count"]) - int(detail.get("missing_count") or 0),
        failures=tuple(failures),
    )


def _said(rule: Rule, what: str, severity: str = "") -> dict[str, Any]:
    level = severity or rule.severity.value
    return {
        "meta": {"rule": rule.id, "what": what, "severity": level},
        "severity": "critical" if level == Severity.BLOCKS.value else "warning",
        "description": f"{rule.id} {rule.title}",
    }


def _suites(frames: Frames, cutoff_on: date, rules: RuleBook) -> Iterator[tuple[str, Any, list[Any]]]:
    yield "tra_loi", frames.answers, list(_about_answers(frames, cutoff_on, rules))
    yield "bieu", frames.forms, list(_about_forms(rules))
    yield "quan_he", frames.comparisons, list(_about_comparisons(frames, rules))


def _structural(rules: RuleBook, kind: RuleKind) -> Rule:
    """A rule that every regime has."""
    return rules[rules.id_of(kind)]


def _about_answers(frames: Frames, cutoff_on: date, rules: RuleBook) -> Iterator[Any]:
    """The expectations about single cells: readable, of their type, answered, dated in time, no personal data."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    typed = _structural(rules, RuleKind.VALUE_TYPE)
    for kind, problems in _UNREADABLE.items():
        yield gxe.ExpectColumnValuesToNotBeInSet(
            column="problem", value_set=[p.value for p in problems], **_said(_structural(rules, kind), "ô đọc được")
        )
    yield gxe.ExpectColumnValuesToBeBetween(column="number", min_value=0, **_said(typed, "số không âm"))
    yield gxe.ExpectColumnValuesToBeInSet(
        column="fraction", value_set=[0.0], **_said(typed, "số đếm, số tiền là số nguyên")
    )
    for options in sorted(set(frames.answers["options"]) - {""}):
        yield gxe.ExpectColumnValuesToBeInSet(
            column="choice",
            value_set=options.split("|"),
            row_condition=Column("options") == options,
            **_said(typed, f"chọn một trong: {options.replace('|', '; ')}"),
        )
    yield gxe.ExpectColumnValuesToNotBeNull(
        column="answer",
        row_condition=Column("needed") == "yes",
        **_said(_structural(rules, RuleKind.ANSWERED), "ô bắt buộc đã trả lời"),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="day",
        max_value=cutoff_on.toordinal(),
        **_said(_structural(rules, RuleKind.NOT_AFTER_CUTOFF), "ngày không sau ngày chốt số liệu"),
    )
    for what, pattern in (("không có số giấy tờ tùy thân", IDENTITY_NUMBER), ("không có số điện thoại", PHONE_NUMBER)):
        personal = _said(_structural(rules, RuleKind.NO_PERSONAL_DATA), what)
        # The engine's own patterns: a second spelling of what an identity number is would prove nothing.
        yield gxe.ExpectColumnValuesToNotMatchRegex(column="text", regex=f"(?i){pattern}", **personal)


def _about_forms(rules: RuleBook) -> Iterator[Any]:
    import great_expectations.expectations as gxe

    answered = _said(_structural(rules, RuleKind.COMPLETE), "biểu đã có trả lời")
    yield gxe.ExpectColumnValuesToBeBetween(column="answered", min_value=1, **answered)


_OPERATORS = {"equal": "hai vế bằng nhau", "at_most": "vế trái không lớn hơn vế phải", "less": "vế phải lớn hơn 0"}


def _about_comparisons(frames: Frames, rules: RuleBook) -> Iterator[Any]:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    groups = frames.comparisons[["rule", "operator", "severity", "group"]].drop_duplicates()
    for rule_id, operator, severity, group in sorted(map(tuple, groups.to_numpy().tolist())):
        # One number instead of three texts: the condition is applied to the whole frame five times an expectation.
        common = {"row_condition": Column("group") == group, **_said(rules[rule_id], _OPERATORS[operator], severity)}
        if operator == "equal":
            yield gxe.ExpectColumnPairValuesToBeEqual(column_A="left", column_B="right", **common)
        else:
            yield gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="right", column_B="left", or_equal=operator == "at_most", **common
            )
