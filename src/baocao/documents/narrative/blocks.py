"""A section of the report as a row of blocks: what the Word template prints, and what an office edits."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from baocao.documents.narrative.marks import Span, figures_in, plain
from baocao.documents.word_report.numerals import roman
from baocao.documents.word_report.pictures import CaptionedPicture
from baocao.documents.word_report.tables import Cells


class BlockKind(StrEnum):
    """What stands in a paragraph of the report's words."""

    TITLE = "title"
    """`1. Mức độ đạt mục tiêu`"""
    SUBTITLE = "subtitle"
    """`a) Người thuộc diện quản lý`"""
    FIGURES = "figures"
    """a sentence with figures of the tables"""
    BODY = "body"
    OPINION = "opinion"
    """what units wrote, under their names"""
    TABLE = "table"
    PICTURE = "picture"


TABLES = ("targets", "movement", "resources", "term", "money")
"""Names of the tables a section can hold; each template prints those it knows."""


@dataclass(slots=True)
class NarrativeBlock:
    """One paragraph, table or picture of the report's words."""

    kind: BlockKind
    text: str = ""
    """with its figures marked; of a table or a picture empty"""
    who: str = ""
    """OPINION: the units' names, printed before the text"""
    name: str = ""
    """TABLE, PICTURE: what it is of (`targets`)"""
    rows: list[Cells] = field(default_factory=list)
    shown: CaptionedPicture | None = None

    @property
    def printed(self) -> str:
        """Without marks, as the template prints it."""
        return plain(self.text)

    @property
    def is_object(self) -> bool:
        """A table or a picture: printed as it is, no words to edit."""
        return self.kind in {BlockKind.TABLE, BlockKind.PICTURE}


@dataclass(slots=True)
class Section:
    """A section of the narrative form."""

    code: str
    """form and row: `FORM/IV`; of a section that the form lacks `FORM/muc-3`"""
    number: int
    name: str
    blocks: list[NarrativeBlock] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{roman(self.number)}. {self.name.upper()}"

    @property
    def figures(self) -> list[Span]:
        """Its protected figures, in the order of the text."""
        return [span for block in self.blocks for span in figures_in(block.text)]
