"""What was found in a submission: a point to correct, or to explain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does: it returns the report, or asks for a word of explanation."""

    BLOCKS = "blocks"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True)
class Finding:
    """Data about somebody's file: where, what was expected, what is there, and what to do. Never our own failure."""

    rule: str
    severity: Severity
    sheet: str
    a1: str
    item: str
    """the printed number"""
    name: str
    """the printed name"""
    message: str
    """plain Vietnamese, says what to do"""
    expected: str = ""
    actual: str = ""
    suggestion: str = ""
    """the corrected value where one follows"""
    key: str = ""
    """stable across re-uploads: `V35|FORM/ROW/COLUMN`; carries the explanation over"""
    explanation: str = ""
    cells: tuple[str, ...] = ()
    """all cells involved, `FORM/ROW/COLUMN`: follow-on findings on a cell with a root finding are dropped"""

    @property
    def where(self) -> str:
        """`Sheet!A1`; the sheet alone where it is about all of it; empty where it is about the file."""
        return f"{self.sheet}!{self.a1}" if self.a1 else self.sheet
