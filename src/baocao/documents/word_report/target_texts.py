"""Targets in words: one count of the four answers and one sentence, for the workbook, the reports and the desk."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.documents.word_report.numerals import two_digits
from baocao.model.report import TargetResult, TargetVerdict


def verdict_counts(results: Sequence[TargetResult]) -> dict[TargetVerdict, int]:
    """How many targets have each of the four answers; all four are there, in the order they are printed."""
    return {verdict: sum(r.verdict is verdict for r in results) for verdict in TargetVerdict}


def target_summary(results: Sequence[TargetResult]) -> str:
    """`Trong 16 mức mục tiêu áp dụng cho kỳ này: 05 mức đạt, 07 mức chưa đạt, 03 mức còn hạn, 01 mức chưa đủ cơ sở đánh
    giá.`; empty without targets."""
    if not results:
        return ""
    return f"Trong {two_digits(len(results))} mức mục tiêu áp dụng cho kỳ này: {counted(verdict_counts(results))}."


def counted(counts: dict[TargetVerdict, int]) -> str:
    """The counts in running text; how many are met and not met is always said, the other two where there are any."""
    always = {TargetVerdict.MET, TargetVerdict.NOT_MET}
    said = [f"{two_digits(n)} mức {_in_a_sentence(v)}" for v, n in counts.items() if n or v in always]
    return ", ".join(said)


def _in_a_sentence(verdict: TargetVerdict) -> str:
    more = " đánh giá" if verdict is TargetVerdict.NOT_JUDGED else ""
    return f"{verdict.label.lower()}{more}"
