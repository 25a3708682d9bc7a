"""Names of files, for people. Never keys: a workbook is identified by what it holds."""

from __future__ import annotations

from baocao.model.period import Period
from baocao.model.unit import Unit


def blank_filename(unit: Unit, period: Period) -> str:
    """`00001_2026-H1.xlsx`: codes only, because two communes can have the same letters without diacritics."""
    return f"{unit.code}_{period.code}.xlsx"
