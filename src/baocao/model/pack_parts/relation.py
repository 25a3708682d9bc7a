"""Arithmetic between named cells, as data."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from baocao.model.pack_parts.condition import Condition, Requirement
from baocao.model.pack_parts.strict import Strict


class EntryLevel(StrEnum):
    """Who enters a row: the territorial units, or bodies of the level above."""

    COMMUNE = "commune"
    PROVINCE = "province"


RELATION_KINDS = (
    "equal",
    "at_most",
    "between",
    "zero_implies_zero",
    "positive_implies_positive",
    "needs_note",
    "minimum",
    "together",
    "same_answer",
    "requires",
)
ANSWER_KINDS = frozenset({"together", "same_answer", "requires"})
"""Kinds that look at the answers themselves and not only at figures."""


class Relation(Strict):
    """A rule between named cells; compiled to plain Python for a submission and to the gate's expectations.

    Names are `FORM/ROW/COLUMN`; a `*` as the row or column means: for every row (column of figures that are typed)
    where all named cells apply. Sides are sums of the cells named. A relation with any cell unanswered is skipped; nil
    counts as zero.
    """

    rule: Annotated[str, Field(pattern=r"^V\d\d$")]
    id: str
    """Stable and unique: `V14.duong-tinh`."""
    severity: Literal["blocks", "explain"] | None = None
    """None: the rule's own severity."""
    equal: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    at_most: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """left <= right"""
    between: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] | None = None
    """value; lower bound is the largest of these; upper bound is the sum of these"""
    zero_implies_zero: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """left = 0 requires right = 0"""
    positive_implies_positive: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """left > 0 requires right > 0"""
    needs_note: tuple[str, ...] | None = None
    """a cell > 0 requires the explanation of its row"""
    minimum: tuple[str, str, Decimal] | None = None
    """yes/no cell, number cell, bound: `Có` requires number >= bound"""
    together: tuple[str, str] | None = None
    """two cells that may stay blank: both are answered or neither is"""
    same_answer: tuple[str, str] | None = None
    """two choices, yes/no cells, texts or dates that must be the same answer"""
    requires: Requirement | None = None
    """if these answers, then those"""
    softened_by_note: bool = False
    """An explanation in the row makes a blocking finding one to explain (advances)."""
    fill: Literal["left", "right"] | None = None
    """Which side to correct when a correction follows (a single cell on that side); of `requires` the right side is
    the first cell of `then`."""
    levels: tuple[EntryLevel, ...] = (EntryLevel.COMMUNE, EntryLevel.PROVINCE)
    only_for: tuple[str, ...] = ()
    """The kinds of report it holds for; empty: all of them."""
    message: str
    """Plain Vietnamese, with `{left}`, `{right}` (formatted values), `{column}` (title of the column of the
    cell where it is reported), `{reasons}` (of `requires`: the conditions that do not hold) and what to do."""
    anchor: str = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(getattr(self, k) is not None for k in RELATION_KINDS) != 1:
            raise ValueError(f"quan hệ {self.id}: phải có đúng một trong {', '.join(RELATION_KINDS)}")
        return self

    @property
    def kind(self) -> str:
        """Which of `RELATION_KINDS` it is."""
        return next(k for k in RELATION_KINDS if getattr(self, k) is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """Every `FORM/ROW/COLUMN` it names, `*` not expanded."""
        sides = getattr(self, self.kind)
        if isinstance(sides, Requirement):
            return sides.names
        if self.kind == "minimum":
            return tuple(sides[:2])
        # Of these the names stand side by side; of the others they stand on two or three sides.
        whole = {"needs_note", "together", "same_answer"}
        return tuple(sides) if self.kind in whole else tuple(n for side in sides for n in side)

    def at(self, row: str, column: str) -> Relation:
        """The same relation with `*` replaced by a row and a column code; its id says which."""

        def concrete(side: object) -> object:
            if isinstance(side, Requirement):
                return side.model_copy(
                    update={"when": tuple(map(concrete, side.when)), "then": tuple(map(concrete, side.then))}
                )
            if isinstance(side, Condition):
                return side.model_copy(update={"cells": concrete(side.cells), "minus": concrete(side.minus)})
            if isinstance(side, tuple):
                return tuple(concrete(s) for s in side)
            if not isinstance(side, str):
                return side
            form, r, c = side.split("/")
            return f"{form}/{row if r == '*' else r}/{column if c == '*' else c}"

        # Part of the id: findings and the explanations that belong to them are kept by it, one a row and column.
        place = ".".join(code for code, mark in ((row, "/*/"), (column, "/*")) if self._has(mark, code))
        update = {self.kind: concrete(getattr(self, self.kind)), "id": f"{self.id}.{place}" if place else self.id}
        return self.model_copy(update=update)

    def _has(self, mark: str, code: str) -> bool:
        return bool(code) and any((mark in n) if mark == "/*/" else n.endswith(mark) for n in self.names)
