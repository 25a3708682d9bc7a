"""Replay: rebuild a report from the raw files alone, and say whether every byte is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from baocao.checks.kept_cells import cells_to_keep, lists_to_keep
from baocao.documents.freeze import code_sha256
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.read import type_workbook
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import AcceptedCells, Cell
from baocao.store.files import FileProblem
from baocao.store.reports import reports
from baocao.store.reports.reports import report_cells
from baocao.store.submissions import submissions
from baocao.store.values import typed_by
from baocao.workflow.consolidating.drafting import basis_of
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports.building import render
from baocao.workflow.reports.versions import report_of_version


def replay(place: Installation, regime: str, period: str, version: int | None = None) -> dict[str, Any]:
    """Read every raw file of the newest report (or of one `version`) again, consolidate, write the documents, compare.

    Answers `{identical, differences: [...], files: {name: identical}, not_compared: [...], submissions}`. Nothing is
    stored. Differences name the unit and cell, or the file. Renderings that no program writes twice alike (PDF) are
    listed, not compared.
    """
    report = report_of_version(place, regime, period, version)
    # A draft has no bytes to be compared with.
    if report.content_sha256 is None:
        raise Refused(f"Báo cáo số {report.id} chưa chốt; chưa có gì để dựng lại")
    differences: list[str] = []
    with place.store.read() as conn:
        sealed = dict(reports.manifest(conn, report.id))
    pack, when = _as_sealed(place, regime, period, sealed, differences)
    with place.store.read() as conn:
        stored = report_cells(conn, report.id, typed_by(pack))
        details = {a.submission_id: submissions.detail(conn, a.submission_id) for a in stored}
        again = []
        with ReaderProcess() as reader:
            for known in stored:
                # From the raw file and by the reader of today: a program that reads otherwise is what a replay is to
                # find.
                workbook = type_workbook(reader.read(place.store.files.get(known.sha256)), pack)
                unit = pack.unit(known.unit)
                if unit is None:
                    raise Refused(f"Đơn vị {known.unit} không còn trong gói chế độ; hãy dùng đúng phiên bản gói")
                found = {c.key: c for c in cells_to_keep(workbook, pack, unit)}
                again.append(replace(known, cells=found, lists=lists_to_keep(workbook)))
                differences += _cells_that_differ(known, again[-1])
        # With everything pinned beside the workbooks; only the cells come from the files.
        basis = basis_of(place, conn, pack, when, again, of=report)
        files = render(place, conn, report, basis)
    entries = {entry["name"]: entry for entry in sealed["files"]}
    # A report from before a document was part of what is frozen is compared over what it has.
    same = {
        name: hashlib.sha256(data).hexdigest() == entries[name]["sha256"]
        for name, data in files.items()
        if name in entries
    }
    other = _another_program(sealed)
    differences += [f"tệp {name}: dựng lại không trùng từng byte{other}" for name, equal in same.items() if not equal]
    # Also the PDF, which is not rebuilt: that it is there, under its hash, can be said.
    differences += _kept_wrongly(place, entries.values())
    return {
        "report_id": report.id,
        "version": report.version,
        "identical": not differences,
        "differences": differences,
        "files": same,
        "not_compared": sorted(set(entries) - set(files)),
        "submissions": len(details),
    }


def _another_program(sealed: Mapping[str, Any]) -> str:
    """That a report was frozen by another build of the program, which may word or lay out a document otherwise."""
    made = sealed.get("code", {})
    if made.get("sha256") in {None, code_sha256()}:
        return ""
    return f" (chốt bằng bản chương trình khác: {made.get('version')}, {made['sha256'][:12]})"


def _kept_wrongly(place: Installation, entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the frozen files as they are kept, one sentence each."""
    wrong = []
    for entry in entries:
        try:
            place.store.files.get(entry["sha256"])
        except FileProblem as error:
            wrong.append(f"tệp {entry['name']} đã chốt: {error}")
    return wrong


def _as_sealed(
    place: Installation, regime: str, code: str, sealed: Mapping[str, Any], differences: list[str]
) -> tuple[Pack, Period]:
    """The pack and the period the report was made with.

    Where that version was never kept the present one stands in, and `differences` says so.
    """
    try:
        return place.as_made(regime, code, sealed)
    except Refused as error:
        pack, period = place.at(regime, code)
        differences.append(f"{error} Đang dựng lại bằng gói hiện nay, phiên bản {pack.sha256[:12]}")
        return pack, period


def _cells_that_differ(stored: AcceptedCells, read: AcceptedCells) -> list[str]:
    keys = sorted(stored.cells.keys() | read.cells.keys())
    keys += sorted(_list_cells(stored).keys() | _list_cells(read).keys())
    return [
        f"{stored.unit} {key}: sổ ghi {_said(stored, key)}, tệp gốc ghi {_said(read, key)}"
        for key in keys
        if _said(stored, key) != _said(read, key)
    ]


def _said(cells: AcceptedCells, key: Any) -> str:
    cell = cells.cells.get(key) or _list_cells(cells).get(key)
    return "không có" if cell is None else f"{cell.answer.value} {cell.value} {cell.sheet}!{cell.a1}"


def _list_cells(cells: AcceptedCells) -> dict[CellKey, Cell]:
    return {c.key: c for rows in cells.lists.rows.values() for row in rows for c in row.cells.values()}
