"""The gate's page: what was looked at and what did not hold, for a reader who does not know the tool behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from baocao.checks.consolidation_gate.suite import ExpectationResult
from baocao.forms.reading.numbers import format_value
from baocao.model.form import ValueType
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import Severity
from baocao.text import day_text


def page(
    pack: Pack,
    period: Period,
    judged: Sequence[ExpectationResult],
    disagreements: Sequence[dict[str, Any]],
    units: int,
    version: str,
    templates: Path,
) -> str:
    """The page as HTML, complete in itself: no script, no picture, no address of another machine. `templates`: the
    installation's folder of templates."""
    # Names and texts of units stand in it; a word the template misspells stops here and is not printed as nothing.
    environment = Environment(loader=FileSystemLoader(templates / "web"), autoescape=True, undefined=StrictUndefined)
    environment.filters["count"] = _count
    environment.filters["ngay"] = day_text
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment.get_template("gate.html").render(
        regime=pack.regime.name,
        period=period,
        units=units,
        expected=len(pack.units_on(period.cutoff_on)),
        evaluated=sum(j.evaluated for j in judged),
        rules=_by_rule(pack, judged),
        disagreements=disagreements,
        version=version,
        pack_sha256=pack.sha256,
    )


def _count(value: int) -> str:
    return format_value(value, ValueType.COUNT)


def _by_rule(pack: Pack, judged: Sequence[ExpectationResult]) -> list[dict[str, Any]]:
    """One line a rule: judgements, failures that block, failures to explain."""
    lines: dict[str, dict[str, Any]] = {}
    for j in judged:
        line = lines.setdefault(
            j.rule,
            {"id": j.rule, "title": pack.rules[j.rule].title, "evaluated": 0, "blocks": 0, "explain": 0},
        )
        line["evaluated"] += j.evaluated
        line["blocks" if j.severity == Severity.BLOCKS.value else "explain"] += len(j.failures)
    return [line for _, line in sorted(lines.items())]
