"""The gate: before figures are consolidated, Great Expectations looks at all accepted cells once more.

It is compiled from the same pack but computed apart from the engine. The engine has accepted every one of these
submissions, so a blocking rule that fails here is a disagreement between the two: the report must stop.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import AcceptedCells, Severity


@dataclass(frozen=True)
class GateResult:
    """The gate's answer, and what is kept of it."""

    agrees: bool
    evaluated: int
    """judgements made: one per unit and statement"""
    failed: int
    """blocking ones that failed"""
    disagreements: list[dict[str, Any]]
    """`unit`, `unit_name`, `rule`, `cell`, `sheet`, `a1`, `item`, `name`, `value`, `message`"""
    result_json: bytes
    page_html: bytes


def run_gate(pack: Pack, period: Period, accepted: Sequence[AcceptedCells], templates: Path) -> GateResult:
    """Judge the stacked cells of all accepted submissions. `templates`: the installation's folder of templates.

    The same cells give the same bytes. Raises GateEvaluationError when an expectation could not be evaluated at all.
    """
    from baocao.checks.consolidation_gate.frames import build_frames
    from baocao.checks.consolidation_gate.page import page
    from baocao.checks.consolidation_gate.suite import judge

    judged, version = judge(build_frames(pack, accepted), period.cutoff_on, pack.rules)
    cells = {sent.unit: sent for sent in accepted}
    blocking = [
        _disagreement(pack, cells[unit], j.rule, cell)
        for j in judged
        if j.severity == Severity.BLOCKS.value
        for unit, cell in j.failures
    ]
    # Once a rule and cell: several expectations may look at the same cell.
    disagreements = sorted(
        {(d["unit"], d["rule"], d["cell"]): d for d in blocking}.values(),
        key=lambda d: (d["unit"], d["rule"], d["cell"]),
    )
    summary = {
        "regime": pack.code,
        "pack_sha256": pack.sha256,
        "period": period.code,
        "cutoff_on": period.cutoff_on.isoformat(),
        "great_expectations": version,
        # Which submissions the verdict is about: it is worth nothing for any others.
        "units": sorted((sent.unit, sent.sha256) for sent in accepted),
        "agrees": not disagreements,
        "evaluated": sum(j.evaluated for j in judged),
        "failed": len(disagreements),
        "disagreements": disagreements,
        "expectations": [asdict(j) for j in judged],
    }
    return GateResult(
        agrees=not disagreements,
        evaluated=sum(j.evaluated for j in judged),
        failed=len(disagreements),
        disagreements=disagreements,
        result_json=json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True).encode(),
        page_html=page(pack, period, judged, disagreements, len(accepted), version, templates).encode(),
    )


def failures(pack: Pack, period: Period, accepted: Sequence[AcceptedCells]) -> set[tuple[str, str, str, str]]:
    """(unit, rule, cell, severity) of everything the gate finds, blocking or not."""
    from baocao.checks.consolidation_gate.frames import build_frames
    from baocao.checks.consolidation_gate.suite import judge

    judged, _ = judge(build_frames(pack, accepted), period.cutoff_on, pack.rules)
    return {(unit, j.rule, cell, j.severity) for j in judged for unit, cell in j.failures}


def _disagreement(pack: Pack, sent: AcceptedCells, rule_id: str, name: str) -> dict[str, Any]:
    """Describe a cell (or form) that the gate refuses though it was accepted at submission, for the alarm."""
    from baocao.checks.cell_specs import lay_out
    from baocao.forms.reading.numbers import format_value
    from baocao.model.form import CellKey

    unit = pack.unit(sent.unit)
    assert unit is not None
    found: dict[str, Any] = {"unit": unit.code, "unit_name": unit.full_name, "rule": rule_id, "cell": name}
    if "/" not in name:  # a whole form
        form = pack.form(name)
        found |= {"sheet": form.short, "a1": "", "item": form.code, "name": form.title, "value": ""}
        where = f"biểu «{form.short}»"
    else:
        key = CellKey.parse(name)
        spec, cell = lay_out(pack, unit).specs[key], sent.cells.get(key)
        found |= {
            "sheet": cell.sheet if cell is not None else spec.form.short,
            "a1": cell.a1 if cell is not None else "",
            "item": spec.row.item,
            "name": spec.row.name,
            "value": "" if cell is None or cell.value is None else format_value(cell.value, spec.type),
        }
        where = f"ô {found['sheet']}!{found['a1']} ({spec.row.item or spec.row.code})"
    found["message"] = f"{unit.full_name}: {where} không đạt quy tắc {rule_id} ở cổng, dù đã được nhận."
    return found
