"""Province-level findings: what an official must know before signing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from baocao.consolidation.tally import CellKind, UnitTotals
from baocao.exact import Number
from baocao.model.consolidated import NOTHING_KNOWN, Change
from baocao.model.form import CellKey, Column, ColumnRole, EntryLevel, Row
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.report import ReportFinding, TargetResult, TargetVerdict
from baocao.model.sources import SourceConflict
from baocao.model.submission import Severity
from baocao.model.unit import Unit
from baocao.rounding import rounded
from baocao.text import capitalised, first_few, vietnamese_number

_SHOWN = 12
"""Names printed in one message; the coverage sheet has them all."""


def province_findings(
    pack: Pack,
    roll: UnitTotals,
    targets: Sequence[TargetResult],
    missing: Sequence[Unit],
    waived: Sequence[Unit],
    populations: Mapping[CellKey, int],
    last: Mapping[CellKey, Change],
    conflicts: Sequence[SourceConflict] = (),
) -> tuple[ReportFinding, ...]:
    """All findings, blocking ones first, then by rule and printed order."""
    found = [
        *_units_without_obligation(pack, roll),
        *_missing(pack, roll, missing, waived),
        *_yes_counts(pack, roll, populations),
        *_two_figures(pack, conflicts),
        *_falling_totals(pack, last),
        *_close_calls(pack, targets),
    ]
    # A stable sort keeps the printed order within a rule.
    return tuple(sorted(found, key=lambda f: (f.severity != Severity.BLOCKS, f.rule)))


def names(units: Sequence[Unit]) -> str:
    """Full names, at most twelve, then how many more."""
    return first_few((u.full_name for u in units), _SHOWN, "đơn vị")


def formatted(value: Number | None) -> str:
    """As printed: `1.234,5`; ratios to two decimals; an empty text for none."""
    if value is None:
        return ""
    if isinstance(value, Fraction):
        value = rounded(value, 2)
    return vietnamese_number(f"{value:,}")


def _units_without_obligation(pack: Pack, roll: UnitTotals) -> Iterator[ReportFinding]:
    rule = pack.rules.id_of(RuleKind.SUM_OF_UNITS)
    for code in roll.units_without_obligation:
        name = pack.unit_name(code)
        yield ReportFinding(
            rule,
            Severity.BLOCKS,
            name,
            f"{name} (mã {code}) có báo cáo được chấp nhận nhưng không có trong danh sách phải báo cáo của kỳ; "
            "số liệu chưa được cộng. Hãy bổ sung đơn vị vào danh sách của kỳ rồi tổng hợp lại.",
        )


def _missing(pack: Pack, roll: UnitTotals, missing: Sequence[Unit], waived: Sequence[Unit]) -> Iterator[ReportFinding]:
    """The findings that name the units without an accepted report and those that were waived."""
    words, rule = pack.regime.wording, pack.rules.id_of(RuleKind.SUM_OF_UNITS)
    if missing:
        yield ReportFinding(
            rule,
            Severity.EXPLAIN,
            capitalised(words.whole),
            f"Còn {len(missing)} đơn vị chưa có báo cáo được chấp nhận: {names(missing)}. "
            f"Số liệu {words.whole} không gồm các đơn vị này và không được ước tính thay; hãy nêu rõ trong báo cáo.",
            expected=str(len(roll.owing)),
            actual=str(len(roll.received)),
        )
    if waived:
        yield ReportFinding(
            rule,
            Severity.EXPLAIN,
            capitalised(words.whole),
            f"{len(waived)} đơn vị được miễn báo cáo kỳ này: {names(waived)}. "
            f"Số liệu {words.whole} không gồm các đơn vị này.",
        )


def _yes_counts(pack: Pack, roll: UnitTotals, populations: Mapping[CellKey, int]) -> Iterator[ReportFinding]:
    words, rule = pack.regime.wording, pack.rules.id_of(RuleKind.SHARE_OF_ALL_UNITS)
    for key, asked in populations.items():
        tally = roll.tallies[key]
        # Only where answers are missing; the share is over all units all the same, so silence never raises it.
        if tally.kind is CellKind.YES and tally.answers < asked:
            who = f"đơn vị ({words.units} và {words.bodies})" if tally.row.counts(EntryLevel.PROVINCE) else words.units
            yield ReportFinding(
                rule,
                Severity.EXPLAIN,
                _subject(tally.row),
                f"Tỷ lệ tính trên toàn bộ {asked} {who} tại ngày chốt số liệu; "
                f"mới có {tally.answers} đơn vị trả lời, đơn vị chưa trả lời không được tính là Có.",
                expected=str(asked),
                actual=str(tally.answers),
            )


def _two_figures(pack: Pack, conflicts: Sequence[SourceConflict]) -> Iterator[ReportFinding]:
    """One finding a row whose provincial figures are not the sums of the communes'."""
    words, rule = pack.regime.wording, pack.rules.id_of(RuleKind.TWO_LEVELS)
    for conflict in conflicts:
        said = "; ".join(
            f"{plain_title(c.title)}: {words.unit_level} {formatted(c.communes)}, "
            f"{words.top_level} {formatted(c.provincial)}"
            for c in conflict.cells
        )
        used = words.top_level if conflict.stands is EntryLevel.PROVINCE else f"tổng {words.unit_level}"
        decision, why = conflict.decision, conflict.explanation
        if decision is not None:
            more = f"Đã chọn nguồn ({decision.by}): {decision.reason}"
        elif why:
            more = f"Giải trình của {words.body}: {why}"
        else:
            more = "Hãy giải trình (ví dụ vụ án phối hợp, tính trùng)."
        yield ReportFinding(
            rule,
            Severity.EXPLAIN,
            f"{conflict.item} {conflict.name}",
            f"Tổng số liệu {words.unit_level} khác số liệu {words.body} nhập ({said}); báo cáo dùng số {used}. {more}",
            expected="; ".join(formatted(c.provincial) for c in conflict.cells),
            actual="; ".join(formatted(c.communes) for c in conflict.cells),
        )


def _falling_totals(pack: Pack, last: Mapping[CellKey, Change]) -> Iterator[ReportFinding]:
    """A cumulative figure of the term that fell, over the units that are in both reports."""
    rule = pack.rules.of(RuleKind.CUMULATIVE_TERM)
    for form in pack.forms if rule else ():
        for key, (table, row, column) in form.cells.items():
            if column.role is not ColumnRole.CUMULATIVE_TERM or not table.is_entered(row, column):
                continue
            change = last.get(key, NOTHING_KNOWN)
            now, before = change.now, change.previous
            # What was done since the beginning of the term cannot become less.
            if now is None or before is None or now >= before:
                continue
            whose = "" if change.is_all else f" của {change.counted} đơn vị có số liệu ở cả hai báo cáo"
            assert rule is not None
            yield ReportFinding(
                rule.id,
                Severity.EXPLAIN,
                f"{_subject(row)} - {_heading(column)}",
                f"Lũy kế giai đoạn {pack.regime.wording.whole}{whose} ({formatted(now)}) thấp hơn báo cáo trước "
                f"({formatted(before)}). Hãy rà soát số liệu các đơn vị.",
                expected=formatted(before),
                actual=formatted(now),
            )


def _close_calls(pack: Pack, targets: Sequence[TargetResult]) -> Iterator[ReportFinding]:
    """A printed, rounded figure that seems to say the opposite of the exact verdict."""
    for result in targets:
        if result.actual is None or result.verdict is TargetVerdict.NOT_JUDGED:
            continue
        met = result.verdict is TargetVerdict.MET
        shown, wanted = rounded(result.actual, 2), Fraction(result.wanted)
        seems = {
            "<": shown < wanted,
            "<=": shown <= wanted,
            "=": shown == wanted,
            ">=": shown >= wanted,
            ">": shown > wanted,
        }[result.operator]
        # The second: what prints as the very limit and yet misses it looks met to whoever reads it.
        if seems != met or (Fraction(shown) == wanted and not met):
            verdict = "đạt" if met else "không đạt"
            yield ReportFinding(
                pack.rules.id_of(RuleKind.TARGET_OPERATOR),
                Severity.EXPLAIN,
                result.name,
                f"Số in ra là {formatted(result.actual)} {result.unit} nhưng so chính xác với yêu cầu "
                f"{result.operator} {formatted(result.wanted)} thì {verdict} mục tiêu; kết luận theo số chính xác.",
                expected=f"{result.operator} {formatted(result.wanted)}",
                actual=formatted(result.actual),
            )


def _subject(row: Row) -> str:
    return f"{row.item} {row.name}"


def plain_title(title: str) -> str:
    """A column's title without what it is to the form: `Thực hiện trong kỳ (tử số)`."""
    return title.partition(" (")[0]


def _heading(column: Column) -> str:
    return f"{column.group}, {column.title}" if column.group else column.title
