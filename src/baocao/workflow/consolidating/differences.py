"""What a version corrects: read from the dispatched report it replaces and compared with its own figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from baocao.consolidation.changes import differences
from baocao.model.consolidated import Consolidation
from baocao.model.correction import Correction, Replaced
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import PeriodRule
from baocao.model.regime import Recipient
from baocao.model.submission import AcceptedCells
from baocao.store.reports import reports, signoff
from baocao.store.reports.corrections import Opened
from baocao.store.reports.reports import report_cells
from baocao.store.reports.signoff import Dispatched
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.values import typed_by


def correction_of(
    conn: Connection,
    opened: Opened,
    pack: Pack,
    rule: PeriodRule,
    accepted: Sequence[AcceptedCells],
    consolidation: Consolidation,
) -> Correction:
    """Everything that differs between the dispatched report `opened` is about and these figures."""
    before = reports.values(conn, opened.corrects_id)
    # Of the dispatched report's own inputs: what these units have sent since is the difference that is looked for.
    cells = report_cells(conn, opened.corrects_id, typed_by(pack))
    # By submission: whatever a unit has sent since is another one, the same answers included.
    known = {(a.unit, a.submission_id) for a in cells}
    resent = [a.submission_id for a in accepted if (a.unit, a.submission_id) not in known]
    found = differences(pack, before, consolidation.values, cells, accepted, _explanations(conn, resent))
    states = _states(conn, opened.corrects_id), _states_of(consolidation)
    moved = {code for code in states[0].keys() | states[1].keys() if states[0].get(code) != states[1].get(code)}
    # Who arrived is told with its figures already.
    changed = sorted(moved - {r.unit for r in found.resent})
    names = [pack.unit_name(code) for code in changed]
    compared = sum(
        before[key].previous != value.previous for key, value in consolidation.values.items() if key in before
    )
    return Correction(
        replaces=replaced(conn, opened),
        reason=opened.reason,
        opened_at=opened.opened_at,
        changes=found.changes,
        causes=found.causes,
        texts=found.texts,
        resent=found.resent,
        lists=found.lists,
        excused_or_owing=tuple(names),
        compared=compared,
        also_to=also_to(signoff.dispatches(conn, opened.corrects_id), pack, rule.recipients),
    )


def replaced(conn: Connection, opened: Opened) -> Replaced:
    """The dispatched report with number, symbol and day of its signature."""
    report, approval = reports.report_of(conn, opened.corrects_id), signoff.signed(conn, opened.corrects_id)
    # A dispatched report is signed: the database holds it to that.
    assert approval is not None
    assert approval.signature is not None
    signature = approval.signature
    return Replaced(
        report_id=report.id,
        version=report.version,
        content_sha256=report.content_sha256 or "",
        number=signature.number,
        symbol=signature.symbol,
        signed_on=signature.signed_on,
    )


def _states(conn: Connection, report_id: int) -> dict[str, str]:
    """Who the earlier report named as missing or excused, by code."""
    coverage = reports.manifest(conn, report_id)["coverage"]
    return dict.fromkeys(coverage["missing"], "missing") | dict.fromkeys(coverage["waived"], "waived")


def _states_of(consolidation: Consolidation) -> dict[str, str]:
    """The same of these figures."""
    missing, waived = ([u.code for u in units] for units in (consolidation.missing, consolidation.waived))
    return dict.fromkeys(missing, "missing") | dict.fromkeys(waived, "waived")


def also_to(sent: Iterable[Dispatched], pack: Pack, allowed: Collection[str]) -> tuple[Recipient, ...]:
    """Who was sent a report and is not among the `allowed` recipients of its kind: as the pack has it, else as then."""
    known = {r.id: r for r in pack.regime.recipients}
    result = []
    for to in sent:
        if to.recipient not in allowed:
            # It may have left the pack since: whoever got the wrong report must get the right one.
            then = Recipient(
                id=to.recipient, name=to.name, email=to.address, verified=True, anchor=f"report/{to.report_id}"
            )
            result.append(known.get(to.recipient, then))
    return tuple(result)


def _explanations(conn: Connection, ids: Iterable[int]) -> dict[tuple[int, CellKey], str]:
    """What units answered to findings, by submission and cell."""
    result: dict[tuple[int, CellKey], str] = {}
    for id in ids:
        for finding in findings_of(conn, id):
            _, _, name = finding.key.partition("|")
            name = name.partition("|")[0]
            # Other findings are about the workbook or a form as a whole: no cell of theirs differs.
            if finding.explanation and name.count("/") == 2:
                result.setdefault((id, CellKey.parse(name)), finding.explanation)
    return result
