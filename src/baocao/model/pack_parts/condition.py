"""One statement about the answers of a workbook, as data: what `requires` of a relation is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from baocao.model.pack_parts.strict import Strict


class Condition(Strict):
    """Exactly one of `one_of`, `given`, `at_least`, `at_most`, `above` says what is looked at.

    `cells` (less `minus`) are added up for a bound; for `one_of` it is a single choice or yes/no cell. A condition
    about a cell nobody answered is neither true nor false, but `given` is: NP and blank are not given.
    """

    cells: Annotated[tuple[str, ...], Field(min_length=1)]
    """`FORM/ROW/COLUMN`"""
    minus: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    """the answer is one of these, as printed in the form (`Có`, `Không`, an option of the row)"""
    given: bool | None = None
    """true: every cell holds an answer; false: none does"""
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    above: Decimal | None = None
    share_of_residents: bool = False
    """The bound is a share of the unit's residents (`population` of units.csv): 0.005 is half a percent. Without them
    it is unknown, unless the cells add up to 0: then the share is 0 whoever lives there."""
    what: str = ""
    """What the condition is about, for `{reasons}` of the message: `{value} người`."""

    @model_validator(mode="after")
    def _one_statement(self) -> Self:
        said = (self.one_of or None, self.given, self.at_least, self.at_most, self.above)
        if sum(s is not None for s in said) != 1:
            raise ValueError("điều kiện phải có đúng một trong: one_of, given, at_least, at_most, above")
        if self.one_of and (len(self.cells) != 1 or self.minus):
            raise ValueError("điều kiện one_of chỉ nói về một ô")
        if self.share_of_residents and (self.one_of or self.given is not None):
            raise ValueError("share_of_residents chỉ đi với at_least, at_most, above")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The cells it looks at, `FORM/ROW/COLUMN`."""
        return (*self.cells, *self.minus)

    @property
    def is_bound(self) -> bool:
        """Whether figures are compared with a number."""
        return not self.one_of and self.given is None


class Requirement(Strict):
    """If `when` holds, `then` must hold: all conditions of a list, or as many of them as `when_any`, `then_any` say."""

    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    when_any: Annotated[int, Field(ge=1)] | None = None
    then: Annotated[tuple[Condition, ...], Field(min_length=1)]
    then_any: Annotated[int, Field(ge=1)] | None = None
    expected: str = ""
    """What would be right, in a few words, as printed beside the finding."""

    @property
    def names(self) -> tuple[str, ...]:
        """The cells it looks at, `FORM/ROW/COLUMN`; one may stand there twice."""
        return tuple(name for condition in (*self.when, *self.then) for name in condition.names)
