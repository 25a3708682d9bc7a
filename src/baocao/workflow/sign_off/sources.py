"""Which source stands where two levels report a row differently: decided by the approving office."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.model.form import EntryLevel, RollUp
from baocao.model.pack import Pack
from baocao.model.pack_views import pack_rows
from baocao.model.report import Report, ReportStatus
from baocao.model.sources import RowName, SourceConflict, rows_of_one_figure
from baocao.store.database import StepNotAllowed as StoreRefused
from baocao.store.reports import reports, source_decisions
from baocao.store.trail import events
from baocao.workflow.consolidating.drafting import basis_of
from baocao.workflow.consolidating.holding import require_not_decided
from baocao.workflow.installation import Installation, Refused, require_readable

_TOO_LATE = {
    ReportStatus.APPROVED: "đã duyệt: hãy trả lại (`baocao sign --return --note …`) trước",
    ReportStatus.SIGNED: "đã ký: hãy phát hành rồi mở đính chính (`baocao correct`)",
    ReportStatus.DISPATCHED: "đã gửi: hãy mở đính chính (`baocao correct`) trước",
}


def list_sources(place: Installation, regime: str, period: str) -> list[dict[str, Any]]:
    """The rows that two levels report differently as things stand: both figures, whose stands, the decision."""
    pack, when = place.at(regime, period)
    with place.store.read() as conn:
        found = basis_of(place, conn, pack, when).consolidation.conflicts
    return [_said(c) for c in found]


def decide_source(
    place: Installation, regime: str, period: str, row: str, *, stands: str, reason: str, by: str, as_of: datetime
) -> dict[str, Any]:
    """Decide whose figures of a row (`FORM/ROW`) are the whole's: `province` (the body's entry) or `commune` (the sum).

    The rows that the forms say are the same figure are decided with it. The next consolidation uses the decision; no
    report that exists changes. Raises Refused for a row that nobody reports twice, without reason or person, and when
    the version has been approved or dispatched.
    """
    pack, when = place.at(regime, period)
    level = EntryLevel(stands)
    require_readable("Lý do", reason)
    with place.store.begin() as conn:
        require_not_decided(conn, regime, period, _TOO_LATE)
        # Read in the transaction of the decision: it is recorded with the two figures it was taken about.
        found = {(c.form, c.row): c for c in basis_of(place, conn, pack, when).consolidation.conflicts}
        form, _, code = row.partition("/")
        if (form, code) not in found:
            known = ", ".join(f"{f}/{r}" for f, r in found) or "không có dòng nào"
            raise Refused(f"Dòng {row} không có hai nguồn số liệu khác nhau trong kỳ {period}; đang có: {known}")
        # Only rows that both levels enter: of the others nobody has to choose.
        together = _one_figure(pack, (form, code)) & (found.keys() | _both_levels(pack))
        try:
            decided = [
                source_decisions.record(
                    conn,
                    regime=regime,
                    period=period,
                    form=name[0],
                    row=name[1],
                    stands=level,
                    reason=reason,
                    by=by,
                    at=as_of,
                )
                for name in sorted(together)
            ]
        except StoreRefused as error:
            raise Refused(str(error)) from error
        payload = {
            "stands": level.value,
            "reason": reason.strip(),
            "decisions": [d.id for d in decided],
            "rows": [f"{d.form}/{d.row}" for d in decided],
            "figures": {f"{f}/{r}": _figures(c) for (f, r), c in sorted(found.items()) if (f, r) in together},
        }
        events.append(conn, as_of, by, "source_decided", (regime, period), f"source/{form}/{code}", payload)
    return {
        "period": period,
        "rows": [f"{d.form}/{d.row}" for d in decided],
        "stands": level.value,
        "reason": reason.strip(),
        "by": by,
        "next": f"baocao consolidate --period {period}",
    }


def require_sources_decided(conn: Connection, pack: Pack, report: Report) -> None:
    """Raises Refused naming the rows when the pack wants every difference decided and the version has one open."""
    if not pack.regime.source_decision_required:
        return
    sealed = reports.sealed(conn, report.id) or {}
    # Of the frozen content and not of today: what is approved is what these rows said.
    rows = [f"{c['form']}/{c['row']}" for c in sealed.get("sources", ()) if not c["decided"]]
    if rows:
        raise Refused(
            f"Chưa duyệt phiên bản {report.version}: chưa chọn nguồn số liệu cho {', '.join(rows)}. Hãy chọn bằng "
            f"`baocao sources decide {rows[0]} --stands province|commune --reason … --by …`, rồi trả lại và tổng hợp "
            "lại"
        )


def _one_figure(pack: Pack, row: RowName) -> set[RowName]:
    relations = (*pack.regime.relations, *(r for form in pack.forms for r in form.relations))
    return rows_of_one_figure(row, relations, pack.forms)


def _both_levels(pack: Pack) -> set[RowName]:
    """The rows that both levels enter, whether they differ or not."""
    return {name for name, (_, _, row) in pack_rows(pack).items() if row.roll_up is RollUp.PROVINCE_OVER_SUM}


def _figures(conflict: SourceConflict) -> dict[str, dict[str, str]]:
    return {c.key.column: {"commune": str(c.communes), "province": str(c.provincial)} for c in conflict.cells}


def _said(conflict: SourceConflict) -> dict[str, Any]:
    decision = conflict.decision
    return {
        "row": f"{conflict.form}/{conflict.row}",
        "name": f"{conflict.item} {conflict.name}",
        "figures": _figures(conflict),
        "stands": conflict.stands.value,
        "explanation": conflict.explanation,
        "decision": None
        if decision is None
        else {"stands": decision.stands.value, "reason": decision.reason, "by": decision.by, "at": decision.at},
    }
