"""What an official is told before signing: which finding, how serious, in which words, and where none is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from baocao.consolidation.findings import formatted, names, plain_title
from baocao.consolidation.province import consolidate
from baocao.model.consolidated import Consolidation, Earlier
from baocao.model.form import EntryLevel
from baocao.model.report import ReportFinding
from baocao.model.sources import SourceDecision
from baocao.model.submission import AcceptedCells, Severity
from baocao.text import capitalised
from builders.packs.consolidation import NIL, accepted, communes, earlier, key, lead_body, pack, period, target

UNITS = communes(3)
LEAD = lead_body()
EVERYBODY = (*UNITS, LEAD)
PACK = pack(EVERYBODY)


def found(
    sent: Sequence[AcceptedCells], *, owing: Any = EVERYBODY, law: Any = PACK, **more: Any
) -> tuple[ReportFinding, ...]:
    return whole(sent, owing=owing, law=law, **more).findings


def whole(sent: Sequence[AcceptedCells], *, owing: Any = EVERYBODY, law: Any = PACK, **more: Any) -> Consolidation:
    return consolidate(law, period(), sent, owing, **more)


def of(rule: str, findings: Sequence[ReportFinding]) -> list[ReportFinding]:
    return [f for f in findings if f.rule == rule]


def test_twelve_names_are_printed_and_the_rest_counted() -> None:
    many = communes(14)
    assert names(many[:12]).endswith(many[11].full_name)
    assert names(many[:13]) == f"{names(many[:12])} và 1 đơn vị khác"
    assert names(many) == f"{names(many[:12])} và 2 đơn vị khác"
    assert names(()) == ""


def test_figures_and_subjects_read_the_vietnamese_way() -> None:
    assert [formatted(v) for v in (None, 1_234, Decimal("1234.5"), Fraction(200, 3))] == [
        "",
        "1.234",
        "1.234,5",
        "66,67",
    ]
    assert (capitalised("toàn tỉnh"), capitalised("")) == ("Toàn tỉnh", "")
    assert plain_title("Thực hiện trong kỳ (tử số)") == "Thực hiện trong kỳ"


def test_missing_and_excused_units_are_counted_apart() -> None:
    (missing, excused) = of("V52", found([accepted(LEAD, {}), accepted(UNITS[0], {})], waived={UNITS[2].code}))
    assert (missing.subject, missing.severity) == ("Toàn tỉnh", Severity.EXPLAIN)
    assert missing.message.startswith(f"Còn 1 đơn vị chưa có báo cáo được chấp nhận: {UNITS[1].full_name}. ")
    assert (missing.expected, missing.actual) == ("3", "2")
    assert excused.message.startswith(f"1 đơn vị được miễn báo cáo kỳ này: {UNITS[2].full_name}. ")
    assert excused.subject == "Toàn tỉnh"


def test_blocking_findings_stand_before_all_others() -> None:
    sent = [accepted(u, {"PL01/CT13/TH": 1}) for u in EVERYBODY]
    findings = found(sent, owing=(*UNITS[1:], LEAD))
    assert [f.rule for f in findings][:1] == ["V52"] and findings[0].severity is Severity.BLOCKS
    assert UNITS[0].code in findings[0].message
    assert [f.severity for f in findings[1:]] == [Severity.EXPLAIN] * (len(findings) - 1)
    assert [f.rule for f in findings[1:]] == sorted(f.rule for f in findings[1:]) and len(findings) > 2


def test_an_incomplete_share_of_units_is_told() -> None:
    answers = [accepted(u, {"PL01/CT08/TH": True}) for u in UNITS]
    (share,) = of("V53", found(answers[:2]))
    assert (share.subject, share.expected, share.actual) == ("CT08 Đơn vị không ma túy", "3", "2")
    assert "toàn bộ 3 đơn vị hành chính cấp xã tại ngày chốt số liệu" in share.message
    assert of("V53", found(answers)) == []


def test_an_unanswered_class_is_no_share_of_units() -> None:
    answers = [accepted(u, {"PL01/CT08/TH": True}) for u in UNITS]
    assert of("V53", found(answers)) == [], "nobody named a class, and that is no count of yes"


@pytest.mark.parametrize(
    ("decided", "used", "more"),
    [
        (None, "báo cáo dùng số cấp tỉnh", "Hãy giải trình (ví dụ vụ án phối hợp, tính trùng)."),
        (EntryLevel.PROVINCE, "báo cáo dùng số cấp tỉnh", "Đã chọn nguồn (an@tinh.example): Đã đối chiếu"),
        (EntryLevel.COMMUNE, "báo cáo dùng số tổng cấp xã", "Đã chọn nguồn (an@tinh.example): Đã đối chiếu"),
    ],
)
def test_conflicting_figures_tell_which_one_is_used(decided: EntryLevel | None, used: str, more: str) -> None:
    at = datetime(2026, 12, 20, tzinfo=UTC)
    sources = [SourceDecision(1, "PL01", "CT13", decided, "Đã đối chiếu", "an@tinh.example", at)] if decided else []
    sent = [accepted(UNITS[0], {"PL01/CT13/TH": 5}), accepted(LEAD, {"PL01/CT13/TH": 4})]
    (finding,) = of("V55", found(sent, sources=sources))
    assert finding.subject == "CT13 Số vụ được phát hiện"
    assert f"(Thực hiện: cấp xã 5, cấp tỉnh 4); {used}. {more}" in finding.message


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [(5, 9, True), (9, 9, False), (10, 9, False), (None, 9, False), (5, None, False)],
)
def test_only_a_fallen_term_total_is_told(now: int | None, then: int | None, told: bool) -> None:
    cell = "PL01/CT26/LKGD"
    before = earlier(*(accepted(u, {cell: then, "PL01/CT26/LKN": 99}) for u in UNITS))
    sent = [accepted(u, {cell: now, "PL01/CT26/LKN": 1}) for u in (*UNITS, LEAD)]
    findings = of("V34", found(sent, just_before=before))
    assert [f.subject for f in findings] == (["CT26 Lớp tập huấn - Lũy kế giai đoạn"] if told else [])


def test_a_fall_over_all_units_gives_no_count() -> None:
    cell = "PL01/CT26/LKGD"
    before = earlier(*(accepted(u, {cell: 9}) for u in EVERYBODY))
    (fell,) = of("V34", found([accepted(u, {cell: 5}) for u in EVERYBODY], just_before=before))
    assert "Lũy kế giai đoạn toàn tỉnh (20) thấp hơn báo cáo trước (36)" in fell.message


@pytest.mark.parametrize(
    ("operator", "numerator", "verdict"),
    [
        (">=", 69_998, "không đạt"),
        (">=", 69_990, None),
        (">=", 70_000, None),
        (">=", 70_010, None),
        (">", 70_001, "đạt"),
        (">", 70_000, "không đạt"),
        (">", 70_010, None),
        (">", 69_990, None),
        ("<=", 70_001, "không đạt"),
        ("<=", 70_000, None),
        ("<=", 69_990, None),
        ("<=", 70_010, None),
        ("<", 69_999, "đạt"),
        ("<", 70_000, "không đạt"),
        ("<", 69_990, None),
        ("<", 70_010, None),
        ("=", 70_001, "không đạt"),
        ("=", 70_000, None),
        ("=", 70_010, None),
    ],
)
def test_a_printed_figure_contradicting_the_verdict_is_told(operator: str, numerator: int, verdict: str | None) -> None:
    law = pack(EVERYBODY, [target(indicator="PL01/CT10", operator=operator, value=Decimal(70))])
    sent = [accepted(UNITS[0], {"PL01/CT10/TH": numerator, "PL01/CT10/MS": 100_000})]
    sent += [accepted(u, {"PL01/CT10/TH": 0, "PL01/CT10/MS": 0}) for u in UNITS[1:]]
    findings = of("V56", found(sent, law=law))
    assert [f"thì {verdict} mục tiêu" in f.message for f in findings] == ([True] if verdict else [])


def test_a_target_without_figures_is_no_close_call() -> None:
    law = pack(EVERYBODY, [target(indicator="PL01/CT10", operator=">=", value=Decimal(70))])
    assert of("V56", found([], law=law)) == []


# -------------------------------------------------------------------------------- figures the findings are made about


def test_a_total_is_nil_if_every_part_is() -> None:
    def closing(*figures: object) -> tuple[object, bool]:
        sent = [
            accepted(UNITS[0], dict(zip(("B04/NGHIEN/DK", "B04/NGHIEN/T1", "B04/NGHIEN/G1"), figures, strict=True)))
        ]
        value = whole(sent).values[key("B04/NGHIEN/CK")]
        return value.value, value.nil

    assert closing(NIL, NIL, NIL) == (0, True)
    assert closing(NIL, 0, NIL) == (0, False)
    assert closing(NIL, NIL, None) == (0, True), "what nobody answered is no part"
    assert closing(None, None, None) == (None, False)


def test_an_unknown_past_gives_no_previous_figure() -> None:
    before: Earlier = earlier(accepted(UNITS[0], {"PL01/CT01/TH": 4}))
    values = whole([accepted(UNITS[0], {"PL01/CT01/TH": 5})], year_ago=before).values
    assert values[key("PL01/CT01/TH")].previous == 4
    assert values[key("PL01/CT10/TH")].previous is None


def test_lead_bodies_explain_in_the_order_of_units() -> None:
    bodies = (lead_body("CAT"), lead_body("BAN"))
    law = pack((*UNITS, *bodies))
    sent = [accepted(UNITS[0], {"PL01/CT13/TH": 5, "PL01/CT13/GT": "của xã"})]
    sent += [accepted(b, {"PL01/CT13/TH": 1, "PL01/CT13/GT": f"do {b.code}"}) for b in bodies]
    (conflict,) = whole(sent, law=law, owing=(*UNITS, *bodies)).conflicts
    assert conflict.explanation == "do BAN; do CAT"
    assert (conflict.item, conflict.unit) == ("CT13", "vụ")
    assert [(str(c.key), c.title, c.communes, c.provincial) for c in conflict.cells] == [
        ("PL01/CT13/TH", "Thực hiện", 5, 2)
    ]


def test_findings_are_sorted_by_rule() -> None:
    before = earlier(accepted(UNITS[0], {"PL01/CT26/LKGD": 9}))
    rules = [f.rule for f in found([accepted(UNITS[0], {"PL01/CT26/LKGD": 5})], just_before=before)]
    assert rules == ["V34", "V52", "V53"]


def test_a_single_levels_figure_is_no_conflict() -> None:
    for unit in (UNITS[0], LEAD):
        assert whole([accepted(unit, {"PL01/CT13/TH": 5})]).conflicts == ()


SILENT = (-1, -1)
"""Has not reported at all."""


def test_a_ratio_to_a_zero_plan_is_nil() -> None:
    def ratio(*plans: tuple[int | None, int | None]) -> tuple[object, bool, str]:
        cells = ("PL03/DA1.NSTW_DT/KH", "PL03/DA1.NSTW_DT/LKN")
        pairs = zip(UNITS, plans, strict=False)
        sent = [accepted(u, dict(zip(cells, p, strict=True))) for u, p in pairs if p != SILENT]
        value = whole(sent, owing=UNITS[: len(plans)]).values[key("PL03/DA1.NSTW_DT/TL")]
        return value.value, value.nil, str(value.coverage)

    assert ratio((0, 0)) == (None, True, "1/1")
    assert ratio((10, 5)) == (Fraction(50), False, "1/1")
    assert ratio((10, 5), (20, 1), (None, None)) == (Fraction(20), False, "2/2")
    assert ratio((10, 5), (20, 1), SILENT) == (Fraction(20), False, "2/3"), "who has not reported may have a plan"


def test_a_ratio_counts_units_with_both_parts() -> None:
    sent = [accepted(u, {"PL01/CT10/TH": 1, "PL01/CT10/MS": m}) for u, m in zip(UNITS, (4, None, 4), strict=True)]
    value = whole(sent, owing=UNITS).values[key("PL01/CT10/TL")]
    assert (value.value, value.coverage.counted, value.coverage.missing) == (Fraction(25), 2, (UNITS[1].code,))
    sent = [accepted(u, {"PL01/CT10/TH": 1, "PL01/CT10/MS": 4}) for u in UNITS]
    assert str(whole(sent, owing=UNITS).values[key("PL01/CT10/TL")].coverage) == "3/3"


def test_zero_from_both_levels_is_not_nil() -> None:
    sent = [accepted(u, {"PL01/CT26/TH": n}) for u, n in ((UNITS[0], 0), (LEAD, 0))]
    value = whole(sent).values[key("PL01/CT26/TH")]
    assert (value.value, value.nil) == (0, False)
    nothing = whole([accepted(u, {"PL01/CT26/TH": NIL}) for u in (UNITS[0], LEAD)]).values[key("PL01/CT26/TH")]
    assert (nothing.value, nothing.nil) == (0, True)


def test_texts_stand_in_the_order_of_units() -> None:
    sent = [accepted(u, {"PL04/IV/ND": words}) for u, words in zip(EVERYBODY, "dcba", strict=True)]
    assert [text for _, text in whole(sent).texts[key("PL04/IV/ND")]] == ["a", "d", "c", "b"]


def test_rates_and_withheld_shares_are_not_nil() -> None:
    before = earlier(*(accepted(u, {"PL01/CT01/TH": 10}) for u in UNITS))
    rate = whole([accepted(u, {"PL01/CT01/TH": 5}) for u in UNITS], year_ago=before).values[key("PL01/CT06/TH")]
    assert (rate.value, rate.nil) == (Fraction(-50), False)
    plans = {UNITS[0].code: {"PL03/DA1.NSTW_DT/KH": 10}}
    sent = [accepted(u, {"PL03/DA1.NSTW_DT/LKN": 5, **plans.get(u.code, {})}) for u in UNITS]
    few = whole(sent)
    share = few.values[key("PL03/DA1.NSTW_DT/TL")]
    assert few.plan_shares[share.key].reason and (share.value, share.nil) == (None, False)
