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
    giá.`; an answer that no target has is not counted; empty without targets."""
    if not results:
        return ""
    return f"Trong {two_digits(len(results))} mức mục tiêu áp dụng cho kỳ này: {counted(verdict_counts(results))}."


def counted(counts: dict[TargetVerdict, int]) -> str:
    """The counts in running text; that none is met is said in words, other answers that none has are left out."""
    said = [f"{two_digits(n)} mức {_in_a_sentence(v)}" for v, n in counts.items() if n]
    none = ["chưa có mức nào đạt"] if said and not counts.get(TargetVerdict.MET) else []
    return ", ".join(none + said)


def _in_a_sentence(verdict: TargetVerdict) -> str:
    more = " đánh giá" if verdict is TargetVerdict.NOT_JUDGED else ""
    return f"{verdict.label.lower()}{more}"
