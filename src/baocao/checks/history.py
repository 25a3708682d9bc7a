"""What a unit said before, as the rules against the past need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from baocao.checks.rules.peers import Peers
from baocao.model.form import CellKey
from baocao.model.submission import Value


@dataclass(frozen=True)
class History:
    """Figures of the unit's own accepted submissions; an empty mapping means: nothing known, rules are skipped."""

    previous: Mapping[CellKey, Value] = field(default_factory=dict)
    """the period before, of whatever kind (opening stocks, copy-paste, lũy kế giai đoạn)"""
    follows: bool = True
    """whether this period begins the day after `previous` ended: only then is its closing stock our opening stock"""
    same_year: Mapping[CellKey, Value] = field(default_factory=dict)
    """the latest report that lies inside this one and begins with it (the year against its six months)"""
    same_year_name: str = "6 tháng"
    """what that report is called in a sentence"""
    year_so_far: Mapping[CellKey, Value] = field(default_factory=dict)
    """what the year's cumulative figures were when this period began: the report of this year that ended the day
    before (the second quarter against the first)"""
    last_year: Mapping[CellKey, Value] = field(default_factory=dict)
    """the same period a year ago (unusual change)"""
    register: Mapping[CellKey, int] = field(default_factory=dict)
    """what the register of inspections counts for this very period"""
    accumulated: Mapping[CellKey, Value] = field(default_factory=dict)
    """mid-term and end-term: what the unit's accepted reports of the term add up to; of an opening stock, the first"""
    rest_of_term: Fraction | None = None
    """mid-term and end-term: days of the term no accepted report covers, for each day that one does; None: unknown"""
    reported_in_time: bool = False
    """a report of this very period was accepted in time: a correction that comes late makes nobody late"""
    peers: Mapping[str, Peers] = field(default_factory=dict)
    """form -> what units of the same kind were given; without an entry too few of them have reported"""
