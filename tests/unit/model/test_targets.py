"""Targets are compared exactly, with their own operator."""

from fractions import Fraction

import pytest

from baocao.model.regime import Target


@pytest.mark.parametrize(
    ("operator", "value", "actual", "met"),
    [
        (">", 70, Fraction(70), False),
        (">", 70, Fraction(7001, 100), True),
        (">=", 50, Fraction(50), True),
        (">=", 50, Fraction(82 * 100, 166), False),
        (">=", 50, Fraction(83 * 100, 166), True),
        ("=", 100, Fraction(99999, 1000), False),
        ("=", 100, Fraction(100), True),
        ("<", 0, Fraction(0), False),
        ("<", 0, Fraction(-1, 1000), True),
        ("<=", 0, Fraction(0), True),
    ],
)
def test_a_figure_at_the_edge(operator: str, value: int, actual: Fraction, met: bool) -> None:
    target = Target.model_validate(
        {
            "id": "T",
            "indicator": "PL01/CT01",
            "name": "Mục tiêu",
            "operator": operator,
            "value": value,
            "unit": "%",
            "scope": "national",
            "wording": "Mục tiêu",
            "trust": "assumed",
            "anchor": "A",
        }
    )
    assert target.met_by(actual) is met
