"""Lineage: from a cell of the consolidated report back to the cells of the units' own files."""

from __future__ import annotations

from typing import Any

from baocao.consolidation.lineage import contributions
from baocao.forms.list_figures import counted_rows, totals_of_cell
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_parts.cascade import CascadeOrigin
from baocao.model.report import Contribution, Report
from baocao.model.submission import ListAnswers
from baocao.settings import ConfigurationError
from baocao.store.reports import reports
from baocao.store.reports.reports import report_cells
from baocao.store.submissions import submissions
from baocao.store.values import typed_by
from baocao.workflow.installation import Installation
from baocao.workflow.reports.cascading import is_ours
from baocao.workflow.reports.list_tracing import list_trace, rows_said
from baocao.workflow.reports.versions import newest_report


def trace(place: Installation, regime: str, period: str, cell: str) -> dict[str, Any]:
    """The province value of `cell` (`FORM/ROW/COLUMN`) in the newest report, and every unit's cell behind it.

    A derived cell answers with the cells of its components; a cell that came from a signed report of a lower regime
    has that level's own trace under `below`. A column of a list (`FORM/LIST/COLUMN`) answers with every unit's rows,
    `FORM/LIST#2/COLUMN` with every unit's second one. Raises ConfigurationError for a cell no form has.
    """
    try:
        key = CellKey.parse(cell)
    except ValueError:
        raise ConfigurationError(
            f"{cell!r}: hãy ghi dạng BIỂU/DÒNG/CỘT, như trong biểu; của danh sách: BIỂU/DANH SÁCH/CỘT hoặc "
            "BIỂU/DANH SÁCH#DÒNG/CỘT"
        ) from None
    return _trace(place, place.at(regime, period)[0], newest_report(place, regime, period), key)


def _trace(place: Installation, pack: Pack, report: Report, key: CellKey) -> dict[str, Any]:
    """The trace of one cell of one report: its value, its coverage and the units' cells behind it."""
    with place.store.read() as conn:
        value = reports.values(conn, report.id).get(key)
        # Of its own inputs: a unit may have sent a correction since.
        accepted = report_cells(conn, report.id, typed_by(pack))
    lists = {a.submission_id: a.lists for a in accepted}
    head = {"report_id": report.id, "version": report.version, "cell": str(key)}
    if (traced := list_trace(key, accepted, pack)) is not None:
        told = [_contribution(place, pack, c, rows) for c, rows in traced.contributions]
        return {**head, "value": traced.value, "coverage": traced.said, "missing": [], "contributions": told}
    found = contributions(key, accepted, pack)
    return {
        **head,
        "value": value.value if value else None,
        "coverage": str(value.coverage) if value else None,
        "missing": list(value.coverage.missing) if value else [],
        "contributions": [_contribution(place, pack, c, _cases(pack, c, lists.get(c.submission_id))) for c in found],
    }


def _contribution(place: Installation, pack: Pack, c: Contribution, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
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
        **({"rows": rows} if rows else {}),
        **_below(place, pack, c),
    }


def _cases(pack: Pack, contribution: Contribution, lists: ListAnswers | None) -> list[dict[str, Any]]:
    """The rows of lists that a unit's figure counts, each with its place in the unit's own file."""
    told: list[dict[str, Any]] = []
    for form, one, total in totals_of_cell(contribution.key, pack.forms):
        rows = [] if lists is None else counted_rows(total, lists.rows.get((form.code, one.code), ())) or []
        told += rows_said(form, one, rows)
    return told


def _below(place: Installation, pack: Pack, contribution: Contribution) -> dict[str, Any]:
    """The lower level behind a cell that came from a signed report of another regime: its own trace, one level down.

    `verified` says whether our audit trail wrote that very workbook from that very report; without it the workbook
    only claims so, and nothing below is shown.
    """
    with place.store.read() as conn:
        detail = submissions.detail(conn, contribution.submission_id)
        claimed = CascadeOrigin.from_meta(detail.info.get("origin", {}))
        if claimed is None:
            return {}
        told = {**claimed.as_meta(), "verified": is_ours(conn, contribution.sha256, claimed)}
        if not told["verified"]:
            return {"origin": told}
        report = reports.report_of(conn, claimed.report_id)
    lower, _ = place.at(claimed.regime, claimed.period)
    source = lower.cascade.cells.get(contribution.key) if lower.cascade and lower.cascade.to == pack.code else None
    # The workbook names a report and its content; both must be ours.
    if source is None or report.content_sha256 != claimed.content_sha256:
        return {"origin": told}
    return {"origin": told, "below": _trace(place, lower, report, source)}


def trace_text(data: dict[str, Any]) -> str:
    """The same for people."""
    figure = "" if data["value"] is None else f" = {data['value']}"
    covered = f"độ phủ {data['coverage']}" if "/" in str(data["coverage"]) else data["coverage"] or "không có số"
    lines = [f"{data['cell']}{figure} ({covered}), báo cáo phiên bản {data['version']}"]
    for c in data["contributions"]:
        lines.append(
            f"  {c['unit']:<8} {c['unit_name']:<28} {c['value'] or c['answer']:>14}  {c['sheet']}!{c['a1']}  "
            f"{c['sha256'][:12]}  {c['filename']}"
        )
        for row in c.get("rows", ()):
            lines.append(f"    {row['sheet']}, dòng {row['line']}: {' · '.join(row['cells'].values())}")
        if "origin" in c:
            made = c["origin"]
            sure = "đã đối chiếu" if made["verified"] else "CHƯA xác minh được"
            lines.append(
                f"    lập từ báo cáo {made['source.regime']} kỳ {made['source.period']} "
                f"(mã nội dung {made['source.content_sha256'][:12]}, {sure})"
            )
        if "below" in c:
            lines += [f"    {line}" for line in trace_text(c["below"]).splitlines()]
    return "\n".join(lines)
