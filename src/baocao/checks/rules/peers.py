"""How large an amount usually is among units of the same kind: what one unit's unit of measure is judged by.

Robust on purpose: half of the others may be wrong before the median is. Logarithms, because amounts differ by factors.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import median, median_low

FEWEST = 5
"""Fewer units than this say nothing about what is usual."""
MOST = 200
"""So many are enough, and the work for one workbook does not grow with the country: the first ones accepted."""
FAR = 2.25
"""Powers of ten. A commune with a hundredth of the usual amount is small; one with less is a case for a question."""
# Makes a median absolute deviation comparable to a standard deviation of normally distributed values.
_NORMAL = 1.4826
_DEVIATIONS = 4


@dataclass(frozen=True, slots=True)
class Peers:
    """The non-zero plan amounts of the others in one form."""

    typical: int
    """median, đồng"""
    deviation: float
    """median absolute deviation from it, in powers of ten"""
    units: int
    period: str
    """of which period they are: this one, or where too few have reported yet the one before"""


def peers_of(amounts: Mapping[str, Collection[int]], period: str) -> Peers | None:
    """`amounts` by unit, in đồng. None where too few units have any."""
    every = [amount for of_unit in amounts.values() for amount in of_unit if amount > 0]
    units = sum(any(amount > 0 for amount in of_unit) for of_unit in amounts.values())
    if units < FEWEST:
        return None
    # The lower one is an amount that a unit really gave, and a whole number of đồng.
    typical = median_low(every)
    deviation = median(abs(math.log10(amount / typical)) for amount in every)
    return Peers(typical, deviation, units, period)


def limit_of(deviation: float) -> float:
    """How many powers of ten from the typical amount are still nothing to ask about."""
    return max(FAR, _DEVIATIONS * _NORMAL * deviation)


def is_far(amount: int, peers: Peers) -> bool:
    """Whether an amount lies as many powers of ten away from the other units' as a slip of the unit of measure does."""
    return amount > 0 and abs(math.log10(amount / peers.typical)) >= limit_of(peers.deviation)
