"""Sentences about what was not reached: targets with their distance and the causes units gave, money that lies."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from baocao.documents.narrative.marks import mark_of
from baocao.documents.narrative.unit_sentences import explanations
from baocao.documents.narrative.unit_texts import gather, shortened
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import count, figure, percent
from baocao.documents.word_report.statements import TOTAL_ROW, Subject, subjects
from baocao.documents.word_report.tables import reached_in_words, wanted_in_words
from baocao.model.form import ColumnRole, Form, Row, Table, ValueType
from baocao.model.pack_views import pack_rows
from baocao.model.report import TargetResult, TargetVerdict
from baocao.text import lowered

_CAUSES, _CAUSE, _NAMED = 2, 240, 3


def unmet_targets(source: ReportInput) -> list[str]:
    """One sentence a target that is not met, or not yet: what was reached, what is wanted, the distance, until when,
    and the causes that units wrote beside the indicator. A target that the nation and the province set alike for the
    same indicator is listed once, under both names."""
    indicators = {t.id: t.indicator for t in source.pack.targets}
    alike: dict[tuple[object, ...], list[TargetResult]] = {}
    for target in source.result.targets:
        if target.verdict in {TargetVerdict.NOT_MET, TargetVerdict.STILL_OPEN} and target.actual is not None:
            # The nation and the province may set the very same target; two sentences with one figure would look like
            # two failures.
            wanted = (target.operator, target.wanted, target.unit, target.by_year)
            alike.setdefault((indicators.get(target.target_id, target.target_id), *wanted), []).append(target)
    return [told_of(source, same[0], [t.name for t in same[1:]]) for same in alike.values()]


def told_of(source: ReportInput, target: TargetResult, also: Sequence[str] = ()) -> str:
    """The sentence about one target that has a figure; `also`: the other names it goes by."""
    mark = mark_of(f"muc-tieu/{target.target_id}")
    parts = [f"thực hiện {mark('', reached_in_words(target))}, mức phải đạt {wanted_in_words(target)}"]
    if distance := _distance(target):
        parts.append(f"còn thiếu {mark('con-thieu', distance)}")
    if target.verdict is TargetVerdict.STILL_OPEN and target.by_year:
        parts.append(f"thời hạn đến hết năm {target.by_year}")
    elif target.verdict is TargetVerdict.STILL_OPEN:
        parts.append("chưa đến hạn")
    names = "; ".join([target.name, *map(lowered, also)])
    return f"- {names}: {', '.join(parts)}{_causes(source, target)}."


def _distance(target: TargetResult) -> str:
    """How much is wanting, in the target's unit; of shares in points of a percent. Empty of a target to fall."""
    assert target.actual is not None
    gap = abs(Fraction(target.wanted) - target.actual)
    # "Còn thiếu" cannot be said of a figure that ought to fall.
    if target.operator in {"<", "<="} or not gap:
        return ""
    if target.unit.strip().startswith("%"):
        return f"{figure(gap, ValueType.RATIO)} điểm phần trăm"
    return f"{figure(gap, ValueType.DECIMAL)} {target.unit}".rstrip()


def _causes(source: ReportInput, target: TargetResult) -> str:
    found = _place(source, target.target_id)
    if found is None:
        return ""
    said = gather(explanations(source, *found), source.name_of).by_weight[:_CAUSES]
    quoted = [f"«{shortened(o.text, _CAUSE)[0].rstrip(' .;')}» ({o.sent_by(_NAMED)})" for o in said]
    return f"; nguyên nhân các đơn vị nêu: {'; '.join(quoted)}" if quoted else ""


def _place(source: ReportInput, target_id: str) -> tuple[Form, Table, Row] | None:
    target = next((t for t in source.pack.targets if t.id == target_id), None)
    form, row = (target.indicator.split("/") if target is not None else ("", ""))[:2]
    return pack_rows(source.pack).get((form, row))


def open_targets(source: ReportInput) -> list[str]:
    """Why targets cannot be judged, or only provisionally: one sentence a reason, with the names of its targets."""
    by_reason: dict[str, list[str]] = {}
    for target in source.result.targets:
        told = target.verdict in {TargetVerdict.NOT_MET, TargetVerdict.STILL_OPEN} and target.actual is not None
        if target.reason and not told:
            by_reason.setdefault(target.reason.rstrip(" ."), []).append(f"“{target.name}”")
    return [f"{'; '.join(dict.fromkeys(names))}: {lowered(reason)}." for reason, names in by_reason.items()]


def slow_disbursement(source: ReportInput, *, every: bool = False) -> list[str]:
    """The projects that have disbursed less of their plan than the pack's bound for this kind of report; empty where
    the pack sets none. `every`: all projects, for the figures in it."""
    # Above every share: all projects are below it.
    bound = Decimal(10**9) if every else source.layout.disbursement_below.get(source.period.kind)
    if bound is None:
        return []
    low = []
    for subject in _sums(source):
        key = subject.key(ColumnRole.RATIO)
        share = source.result.plan_shares.get(key) if key is not None else None
        if share is None or share.percent is None or share.percent >= bound:
            continue
        mark = mark_of(key)
        assert share.result is not None and share.plan is not None
        spent, plan = (figure(v, ValueType.MONEY) for v in (share.result, share.plan))
        of = f"{mark('ket-qua-co-ke-hoach', spent)}/{mark('ke-hoach', plan)} triệu đồng"
        low.append((share.percent, f"{subject.row.name} ({mark('', percent(share.percent))}; {of})"))
    if not low:
        return []
    said = "; ".join(text for _, text in sorted(low, key=lambda pair: pair[0]))
    least = figure(bound, ValueType.DECIMAL)
    return [f"Giải ngân lũy kế dưới {least}\N{NO-BREAK SPACE}% kế hoạch giao trong năm: {said}."]


def without_money(source: ReportInput) -> list[str]:
    """The sums of the money form that are empty, with who has not given a figure: an empty row is explained."""
    empty: dict[str, list[str]] = {}
    for subject in _sums(source):
        keys = [k for role in (ColumnRole.PLAN_YEAR, ColumnRole.ACTUAL) if (k := subject.key(role)) is not None]
        found = [v for k in keys if (v := source.result.values.get(k)) is not None]
        if found and all(v.value is None and not v.nil for v in found):
            coverage = found[0].coverage
            who = "thuộc phần không đơn vị nào phải báo cáo kỳ này"
            if coverage.expected:
                who = f"có số liệu của {count(coverage.counted)}/{count(coverage.expected)} đơn vị"
            empty.setdefault(who, []).append(subject.row.name)
    said = [f"{'; '.join(names)} ({'đều ' * (len(names) > 1)}{who})" for who, names in empty.items()]
    return [f"Chưa có số liệu kinh phí của: {'; '.join(said)}."] if said else []


def _sums(source: ReportInput) -> list[Subject]:
    return [s for s in subjects(source.resources) if s.row.derive is not None and s.row.code != TOTAL_ROW]
