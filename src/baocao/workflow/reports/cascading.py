"""Chuyển cấp: a signed report becomes the submission of one unit to a higher regime, checked there like any other.

A workbook, and no rows in the other regime's tables: those would go round every check of the higher level (ADR 0012).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from baocao.documents.freeze import content_sha256, values_sha256
from baocao.forms.blank_workbook.workbook import blank_filename, write_blank
from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.cascade import Cascade, CascadeOrigin
from baocao.model.regime import Authority
from baocao.model.report import Report, ReportStatus, Signature
from baocao.model.submission import AcceptedCells, Answer, Cell, ListName, Value
from baocao.store.reports import reports, signoff
from baocao.store.trail import events
from baocao.text import yes_or_no
from baocao.workflow.consolidating.drafting import Basis, basis_of
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.periods.history import history_of

ACTION = "report_cascaded"
_NIL = "NP"
_SINGLE = frozenset({ValueType.BOOL, ValueType.CHOICE, ValueType.DATE})


def cascade(
    place: Installation, regime: str, period: str, to: str, to_period: str | None, as_of: datetime
) -> dict[str, Any]:
    """Put the signed result of `regime` into the inbox of the higher regime `to`, as its unit's filled workbook.

    The workbook says which report it was made from; `to_period` defaults to the period of the same code. Run again
    for the same signed report it writes the same bytes, which are recognised as already sent.
    Raises Refused when the pack does not report to `to`, the report is not signed, what was signed is not what the
    store holds, or two departments gave different answers where only one can go on.
    """
    pack, when = place.at(regime, period)
    mapping = pack.cascade
    if mapping is None or mapping.to != to:
        raise Refused(f"Gói {regime} không khai báo chuyển số liệu lên {to!r}; hãy xem cascade.yaml của gói")
    if when.is_rehearsal:
        raise Refused(f"{when.name}: số liệu diễn tập không bao giờ được chuyển lên cấp trên")
    higher, target = place.at(to, to_period or period)
    unit = higher.unit(mapping.unit)
    if unit is None:
        raise Refused(f"Chế độ {to} không có đơn vị {mapping.unit}")
    with place.store.read() as conn:
        report, signature = _signed(conn, pack, period)
        basis = basis_of(place, conn, pack, when)
        _require_signed_figures(conn, report, basis)
        history = history_of(place, conn, higher, unit.code, target)
    rows, nil_lists = lists_for(mapping, higher, basis)
    origin = CascadeOrigin(regime, period, report.id, report.version, report.content_sha256 or "")
    data = write_blank(
        higher,
        unit,
        target,
        history.previous,
        same_year=history.same_year,
        values=values_for(mapping, pack, basis),
        nil_forms=dict(mapping.nil_forms),
        lists=rows,
        nil_lists=nil_lists,
        info=_info(pack.regime.authority, signature),
        origin=origin,
    )
    sha256 = place.store.files.put(data)
    # Before the event: killed in between, `trace` calls the file unverified until this verb is run again.
    file = _drop(place, unit.code, f"{Path(blank_filename(unit, target)).stem}_{regime}.xlsx", data)
    with place.store.begin() as conn:
        if not is_ours(conn, sha256, origin):
            payload = {"to": to, "to_period": target.code, "unit": unit.code, "sha256": sha256, **origin.as_meta()}
            events.append(conn, as_of, "baocao", ACTION, (regime, period), f"report/{report.id}", payload)
    return {
        "regime": regime,
        "period": period,
        "report_id": report.id,
        "content_sha256": report.content_sha256,
        "to": to,
        "to_period": target.code,
        "unit": unit.code,
        "sha256": sha256,
        "file": str(file),
        "cells": len(mapping.cells),
        "cases": sum(map(len, rows.values())),
    }


def is_ours(conn: Connection, sha256: str, origin: CascadeOrigin) -> bool:
    """Whether the audit trail says that we wrote that very workbook from that very report."""
    return any(
        e.action == ACTION
        and e.payload.get("sha256") == sha256
        and all(e.payload.get(key) == value for key, value in origin.as_meta().items())
        for e in events.events(conn, regime=origin.regime, period=origin.period)
    )


def _signed(conn: Connection, pack: Pack, period: str) -> tuple[Report, Signature]:
    """The newest report and its signature. Raises Refused unless it is signed over the content it has."""
    report = reports.latest(conn, pack.code, period)
    if report is None:
        raise Refused(f"Kỳ {period} của {pack.code} chưa có báo cáo tổng hợp; chưa thể chuyển lên cấp trên")
    approval = signoff.signed(conn, report.id)
    signed = report.status in {ReportStatus.SIGNED, ReportStatus.DISPATCHED}
    if not signed or approval is None or approval.signature is None:
        raise Refused(
            f"Báo cáo {period} phiên bản {report.version} đang ở trạng thái {report.status.value}; "
            f"chỉ chuyển lên cấp trên số liệu đã được {pack.regime.wording.signer} ký"
        )
    if approval.content_sha256 != report.content_sha256:
        raise Refused("Nội dung đã ký không phải nội dung đang có; không chuyển, hãy báo bộ phận vận hành")
    return report, approval.signature


def _require_signed_figures(conn: Connection, report: Report, basis: Basis) -> None:
    """Raises Refused unless the figures, read anew, are those that were signed: each submission, each value."""
    if sorted((a.unit, a.submission_id) for a in basis.accepted) != reports.inputs(conn, report.id):
        raise Refused("Có báo cáo mới được tiếp nhận sau khi ký; hãy lập và ký phiên bản mới rồi chuyển lên cấp trên")
    bound = reports.manifest(conn, report.id)
    if content_sha256(bound) != report.content_sha256 or bound["values_sha256"] != values_sha256(basis.consolidation):
        raise Refused("Số liệu đang có không trùng số liệu đã ký; không chuyển, hãy báo bộ phận vận hành")


def values_for(mapping: Cascade, pack: Pack, basis: Basis) -> dict[CellKey, object]:
    """Cell of the higher regime -> figure, text or `NP`. A cell nobody answered stays blank: nothing is imputed."""
    # What this level does not collect is answered with NP, as the map declares: blank would mean forgotten.
    filled: dict[CellKey, object] = dict.fromkeys(mapping.not_collected, _NIL)
    for there, here in mapping.cells.items():
        table, row = pack.row(here.form, here.row)
        kind = table.type_of(row, table.column(here.column))
        found = basis.consolidation.values.get(here)
        if found is not None:
            filled[there] = _NIL if found.nil else found.value
        elif kind in _SINGLE:
            filled[there] = _one_answer(here, basis.accepted)
        else:
            filled[there] = _gathered(here, pack, basis)
    return filled


def lists_for(
    mapping: Cascade, higher: Pack, basis: Basis
) -> tuple[dict[ListName, list[dict[str, object]]], dict[ListName, str]]:
    """List of the higher regime -> the cases of all units, as its columns are called; and why a list has none.

    A list that some unit states empty and no unit fills is stated empty; one that nobody answered stays blank.
    """
    rows: dict[ListName, list[dict[str, object]]] = {}
    nil = dict(mapping.nil_lists)
    for there, here in mapping.lists.items():
        form = higher.form(there[0])
        one = form.list_table(there[1])
        assert one is not None  # checked when the pack was loaded
        columns = {column.code for column in one.columns}
        cases = [row for sent in basis.accepted for row in sent.lists.rows.get(here, ())]
        rows[there] = [{code: _of_case(cell) for code, cell in row.cells.items() if code in columns} for row in cases]
        if not cases and (said := [sent.lists.nil[here][0] for sent in basis.accepted if here in sent.lists.nil]):
            reasons = form.nil_reasons or ("Không phát sinh",)
            nil[there] = said[0] if said[0] in reasons else reasons[0]
    return rows, nil


def _of_case(cell: Cell) -> object:
    if cell.answer is Answer.NIL:
        return _NIL
    if isinstance(cell.value, bool):
        return yes_or_no(cell.value)
    return cell.value if cell.answer is Answer.VALUE else None


def _answers(key: CellKey, accepted: Sequence[AcceptedCells]) -> list[tuple[str, Value | None, bool]]:
    """(unit, value, declared nil) of every unit that answered."""
    cells = [(a.unit, a.cells[key]) for a in accepted if key in a.cells]
    return [(u, c.value, c.answer is Answer.NIL) for u, c in cells if c.answer in {Answer.VALUE, Answer.NIL}]


def _one_answer(key: CellKey, accepted: Sequence[AcceptedCells]) -> object:
    given = [(unit, value) for unit, value, nil in _answers(key, accepted) if not nil]
    # Two departments cannot both be right where one answer goes on, and no rule says whose stands.
    if len({value for _, value in given}) > 1:
        who = ", ".join(unit for unit, _ in given)
        raise Refused(f"Ô {key}: {who} trả lời khác nhau; hãy thống nhất một câu trả lời trước khi chuyển lên cấp trên")
    if given:
        value = given[0][1]
        return yes_or_no(value) if isinstance(value, bool) else value
    return _NIL if _answers(key, accepted) else None


def _gathered(key: CellKey, pack: Pack, basis: Basis) -> object:
    """Texts of several departments one under the other, each with its name."""
    said = basis.consolidation.texts.get(key, ())
    if len(said) == 1:
        return said[0][1]
    if said:
        return "\n".join(f"{pack.unit_name(code)}: {text}" for code, text in said)
    return _NIL if _answers(key, basis.accepted) else None


def _info(authority: Authority, signature: Signature) -> Mapping[str, str]:
    """Who signed the report that goes on: the information sheet of the higher regime asks for it."""
    deputising = any(line.startswith("KT.") for line in authority.signer_block)
    in_person = signature.signer_title.upper() != authority.signer_block[-1].upper()
    return {
        "signing_form": "KT." if deputising and not in_person else "TM.",
        "signer_title": signature.signer_title.upper(),
        "signer_name": signature.signer,
        "reporter": authority.standing_office,
    }


def _drop(place: Installation, unit: str, name: str, data: bytes) -> Path:
    """Into the unit's folder of the inbox, whole or not at all."""
    folder = place.settings.inbox / unit
    folder.mkdir(parents=True, exist_ok=True)
    part, file = folder / f"{name}.part", folder / name
    # Under another ending first: a sweep that looks meanwhile must not meet half a workbook.
    part.write_bytes(data)
    part.replace(file)
    return file
