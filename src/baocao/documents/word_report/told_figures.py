"""The figures a sentence about a row may hold, as they are printed."""

from __future__ import annotations

from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import count, figure, magnitude
from baocao.documents.word_report.statements import _DIGITS, Subject, _change_told
from baocao.documents.word_report.term_rows import planned
from baocao.exact import Number
from baocao.model.consolidated import NOTHING_KNOWN, Change, PlanShare
from baocao.model.form import ColumnRole, RollUp, ValueType


def figures_of(source: ReportInput, subject: Subject) -> set[str]:
    """Every figure, as printed, that a sentence about this row may contain."""
    result: set[str] = set()
    for role in subject.columns:
        key = subject.key(role)
        found = source.result.values.get(key) if key else None
        if key is None or found is None:
            continue
        result |= {count(number) for _, number in found.classes}
        if found.value is not None:
            result |= _printed(found.value, subject.type(role))
            if source.term is not None and role is ColumnRole.ACTUAL:
                goals = planned(source.pack, source.result, subject.form.code, subject.row.code)
                result |= _of_share(goals.share, subject.type(role))
                estimate = goals.value(ColumnRole.ESTIMATE)
                result |= _printed(estimate, subject.type(role)) if estimate is not None else set()
        if subject.row.roll_up is RollUp.YES_COUNT:
            result.add(count(source.result.population(key)))
            share = source.result.share_of_units(key)
            result |= {figure(share, ValueType.RATIO)} if share is not None else set()
        conflict = source.result.conflict(subject.form.code, subject.row.code)
        if conflict is not None and (two := conflict.cell(key)) is not None:
            result |= _printed(two.communes, two.type) | _printed(two.provincial, two.type)
        if role in {ColumnRole.ACTUAL, ColumnRole.RATIO}:
            result |= _of_share(source.result.plan_shares.get(key), subject.type(role))
            change = _change_told(source, subject) or source.result.last_year.get(key, NOTHING_KNOWN)
            result |= _of_change(change, subject.type(role))
    return result


def _of_share(share: PlanShare | None, type: ValueType) -> set[str]:
    if share is None:
        return set()
    found = {count(share.counted), count(share.expected), *_DIGITS.findall(share.reason)}
    for value in (share.plan, share.result):
        found |= _printed(value, type) if value is not None else set()
    return found | (_printed(share.percent, ValueType.RATIO) if share.percent is not None else set())


def _of_change(change: Change, type: ValueType) -> set[str]:
    if change.previous is None or change.difference is None:
        return set()
    found = {count(change.counted), count(change.expected), count(len(change.gone))}
    # Of a rate that has none (from zero) the sentence states the difference as a count (`statements._no_rate`).
    found |= _printed(change.difference, ValueType.COUNT if type is ValueType.RATIO else type)
    if change.from_zero:
        found.add("0")
    return found | (_printed(change.percent, ValueType.RATIO) if change.percent is not None else set())


def _printed(value: Number, type: ValueType) -> set[str]:
    if type is ValueType.BOOL:
        type = ValueType.COUNT
    return {figure(magnitude(value), type)}
