"""How a cell follows from others."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from baocao.model.pack_parts.strict import Strict


class Linear(Strict):
    """plus - minus. Inside a row the entries are column codes; for a derived row they are row codes."""

    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()


class Ratio(Strict):
    """100 * sum(numerator) / sum(denominator); a zero denominator gives `không phát sinh`, not 0 % or 100 %."""

    numerator: tuple[str, ...]
    denominator: tuple[str, ...]


class YearOnYear(Strict):
    """100 * (now - same cell of the same period last year) / last year."""

    of: str
    """`FORM/ROW/COLUMN`"""


class Derive(Strict):
    """Exactly one way of deriving. Linear and Ratio take column codes when on a column, row codes when on a row with
    `columns`, and full `FORM/ROW/COLUMN` names when they contain a slash."""

    linear: Linear | None = None
    ratio: Ratio | None = None
    year_on_year: YearOnYear | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(x is not None for x in (self.linear, self.ratio, self.year_on_year)) != 1:
            raise ValueError("phải có đúng một trong: linear, ratio, year_on_year")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is computed from, as named."""
        if self.linear is not None:
            return self.linear.plus + self.linear.minus
        if self.ratio is not None:
            return self.ratio.numerator + self.ratio.denominator
        return (self.year_on_year.of,) if self.year_on_year is not None else ()
