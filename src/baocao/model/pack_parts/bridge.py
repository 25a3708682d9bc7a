"""Cầu nối phiên bản biểu: how the figures of a replaced form version are read in the version that replaced it.

A bridge is a file beside the new version, `forms/<FORM>/<NEW>.bridge.yaml`. Every row of the old version stands in it
exactly once: unchanged, renamed, added to others, dropped, or not comparable with the reason that readers are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import ConfigDict, Field, field_validator, model_validator

from baocao.exact import percentage
from baocao.model.form import CellKey, Column, Form, Row, Table, ValueType
from baocao.model.pack_parts.strict import Strict

Figure = TypeVar("Figure")


class Mapped(Strict):
    """One line of a bridge: old codes -> new codes."""

    old: tuple[str, ...]
    new: tuple[str, ...] = ()
    """One: renamed, or what the old ones add up to. None: dropped. Several: a split, which nothing can tell apart."""
    comparable: bool = True
    reason: str = ""
    """Shown to readers where nothing can be compared."""
    table: str = ""
    """Columns only: the old table meant; empty: every table."""

    @field_validator("old", "new", mode="before")
    @classmethod
    def _one(cls, codes: Any) -> Any:
        return [codes] if isinstance(codes, str) else codes

    @model_validator(mode="after")
    def _tellable(self) -> Self:
        if not self.old:
            raise ValueError("phải ghi old")
        if len(self.new) > 1 and self.comparable:
            raise ValueError("tách thành nhiều mục thì không so sánh được: hãy ghi comparable: false và reason")
        if not self.reason and (not self.comparable or self.new != self.old):
            raise ValueError("phải ghi reason (đổi mã, gộp, bỏ hoặc vì sao không so sánh được)")
        return self


class Bridge(Strict):
    """`<NEW>.bridge.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    form: str
    old_version: Annotated[str, Field(alias="from")]
    new_version: Annotated[str, Field(alias="to")]
    unchanged: tuple[str, ...] = ()
    """Rows that keep their code and their meaning."""
    rows: tuple[Mapped, ...] = ()
    columns: tuple[Mapped, ...] = ()
    """Columns whose code changed; all others keep theirs."""


@dataclass(frozen=True)
class EarlierFigures(Generic[Figure]):
    """Figures of an earlier period, in the keys of some form versions."""

    figures: Mapping[CellKey, Figure] = field(default_factory=dict)
    nil: frozenset[CellKey] = frozenset()
    """declared nil: nothing to add where figures are added up"""
    not_comparable: Mapping[CellKey, str] = field(default_factory=dict)
    """cell -> why it has no figure that could be compared with"""


@dataclass(frozen=True)
class Crossing:
    """A bridge between two versions, cell by cell."""

    sources: Mapping[CellKey, tuple[CellKey, ...]]
    """new cell -> the old cells it is made of"""
    reasons: Mapping[CellKey, str]
    """new cells that have no past, with the reason"""


def crossing(bridge: Bridge | None, old: Form, new: Form) -> Crossing:
    """Without a bridge nothing of the form is comparable: a code that stayed does not say that its meaning did."""
    if bridge is None:
        why = f"Biểu {new.code} thay bản {old.version} bằng bản {new.version} mà chưa có bảng chuyển đổi"
        return Crossing({}, {key: why for key in new.cells if is_compared(new, key)})
    # Only comparable lines lead anywhere; a dropped row has no target and falls away by itself.
    rows = {code: (code,) for code in bridge.unchanged} | {o: m.new for m in bridge.rows if m.comparable for o in m.old}
    sources: dict[CellKey, tuple[CellKey, ...]] = {}
    for key, (table, row, column) in old.cells.items():
        for to in rows.get(row.code, ()):
            target = CellKey(new.code, to, _column(bridge, table, column))
            if target in new.cells:
                sources[target] = (*sources.get(target, ()), key)
    unlike = {to: m.reason for m in bridge.rows if not m.comparable for to in m.new}
    columns = {to: m.reason for m in bridge.columns if not m.comparable for to in m.new}
    reasons: dict[CellKey, str] = {}
    for key, (_, row, _) in new.cells.items():
        if not is_compared(new, key):
            continue
        if key.row in unlike or key.column in columns:
            reasons[key] = unlike.get(key.row) or columns[key.column]
        elif key not in sources:
            reasons[key] = f"Chỉ tiêu {row.item or row.code} mới có từ bản {new.version} của biểu {new.code}"
    return Crossing({to: s for to, s in sources.items() if to not in reasons}, reasons)


def _column(bridge: Bridge, table: Table, column: Column) -> str:
    for line in bridge.columns:
        if column.code in line.old and line.table in {"", table.code}:
            return line.new[0] if line.comparable and line.new else ""
    return column.code


def carry(way: Crossing, new: Form, past: EarlierFigures[Figure]) -> EarlierFigures[Figure]:
    """The figures of one form carried from the old version into the new one. Pure; sums are exact.

    A new cell made of several old ones has a figure only when every one of them has one or was declared nil; a ratio
    of such a row is computed anew from the sums, never added; its texts have no past.
    """
    figures: dict[CellKey, Figure] = {}
    nil: set[CellKey] = set()
    unlike = dict(way.reasons)
    for key, sources in way.sources.items():
        # What could not be compared a version ago cannot be compared now: its reason goes along, whatever else is in
        # the sum.
        if why := next((past.not_comparable[s] for s in sources if s in past.not_comparable), ""):
            unlike[key] = why
            continue
        if len(sources) > 1 and not _type(new.cells[key]).is_number:
            continue  # a ratio is computed below; two texts have no sum
        there = [past.figures[s] for s in sources if s in past.figures]
        silent = [s for s in sources if s not in past.figures and s not in past.nil]
        # Half a sum would be printed as the whole's past; a missing part is named instead and never taken for 0.
        if there and silent:
            unlike[key] = f"Kỳ trước thiếu số liệu của {', '.join(s.row for s in silent)}"
        elif there:
            figures[key] = there[0] if len(there) == 1 else add(there)
        elif not silent:
            nil.add(key)
    for key, sources in way.sources.items():
        if len(sources) > 1 and _type(new.cells[key]) is ValueType.RATIO and key not in unlike:
            ratio_anew(new, key, figures, unlike)
    return EarlierFigures(figures, frozenset(nil), unlike)


def ratio_anew(form: Form, key: CellKey, figures: dict[CellKey, Figure], unlike: dict[CellKey, str]) -> None:
    """Compute a ratio column from the added figures of its row; where it cannot be, say so in `unlike`."""
    _, row, column = form.cells[key]
    ratio = column.derive.ratio if column.derive and row.derive is None else None
    if ratio is None:
        unlike[key] = "Tỷ lệ không cộng được"
        return
    tops, bottoms = (
        [figures[k] for code in codes if (k := CellKey(key.form, key.row, code)) in figures]
        for codes in (ratio.numerator, ratio.denominator)
    )
    # A denominator of nothing gives no ratio, as everywhere (`Ratio`).
    if tops and bottoms and (bottom := add(bottoms)):
        figures[key] = percentage(add(tops), bottom)  # type: ignore[assignment]


def add(figures: Sequence[Any]) -> Any:
    """The exact sum of counts, amounts and ratios' parts."""
    if any(isinstance(f, Fraction) for f in figures):
        return sum((Fraction(f) for f in figures), Fraction(0))
    # Started from a Decimal so that areas stay one; counts stay int.
    return sum(figures, Decimal(0)) if any(isinstance(f, Decimal) for f in figures) else sum(figures)


def is_compared(form: Form, key: CellKey) -> bool:
    """Whether a cell holds something that is compared over time: texts and dates are not."""
    return _type(form.cells[key]) not in {ValueType.TEXT, ValueType.DATE}


def _type(spec: tuple[Table, Row, Column]) -> ValueType:
    table, row, column = spec
    return table.type_of(row, column)
