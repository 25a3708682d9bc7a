"""Lineage: from a cell of the consolidated report back to the cells of the units' own files."""

from __future__ import annotations

from typing import Any

from baocao.consolidation.lineage import contributions
from baocao.model.form import CellKey
from baocao.settings import ConfigurationError
from baocao.store import cells, reports
from baocao.store.values import typed_by
from baocao.workflow.overview import newest_report
from baocao.workflow.workplace import Workplace


def trace(place: Workplace, regime: str, period: str, cell: str) -> dict[str, Any]:
    """The province value of `cell` (`FORM/ROW/COLUMN`) in the newest report, and every unit's cell behind it.

    A derived cell answers with the cells of its components. Raises ConfigurationError for a cell no form has.
    """
    try:
        key = CellKey.parse(cell)
    except ValueError:
        raise ConfigurationError(f"{cell!r}: hãy ghi dạng BIỂU/DÒNG/CỘT, ví dụ PL01/CT01/TH") from None
    pack, _ = place.at(regime, period)
    report = newest_report(place, regime, period)
    with place.store.read() as conn:
        used = {id for _, id in reports.inputs(conn, report.id)}
        value = reports.values(conn, report.id).get(key)
        accepted = [a for a in cells.accepted_cells(conn, regime, period, typed_by(pack)) if a.submission_id in used]
    found = contributions(key, accepted, pack)
    return {
        "report_id": report.id,
        "version": report.version,
        "cell": str(key),
        "value": value.value if value else None,
        "coverage": str(value.coverage) if value else None,
        "missing": list(value.coverage.missing) if value else [],
        "contributions": [
            {
                "cell": str(c.key),
                "unit": c.unit,
                "unit_name": c.unit_name,
                "value": c.value,
                "answer": c.answer,
                "submission_id": c.submission_id,
                "sha256": c.sha256,
                "filename": c.filename,
                "sheet": c.sheet,
                "a1": c.a1,
            }
            for c in found
        ],
    }


def trace_text(data: dict[str, Any]) -> str:
    """The same for the eye."""
    lines = [f"{data['cell']} = {data['value']} (độ phủ {data['coverage']}), báo cáo phiên bản {data['version']}"]
    lines += [
        f"  {c['unit']:<8} {c['unit_name']:<28} {c['value'] or c['answer']:>14}  {c['sheet']}!{c['a1']}  "
        f"{c['sha256'][:12]}  {c['filename']}"
        for c in data["contributions"]
    ]
    return "\n".join(lines)
