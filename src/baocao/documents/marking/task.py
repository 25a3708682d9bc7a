"""Marking up in the reader's process, the comparison before anything is sent, and the list of points without the file.

A verdict never waits for this: when the unit's own file cannot be marked, or the marked copy has lost anything, the
points go out as a workbook of their own that says why.
"""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict
from typing import Any, NamedTuple

from lxml import etree

from baocao.documents.marking.index import MarkedCell, index_sheet
from baocao.documents.marking.markup import MAX_LISTED, mark_up
from baocao.documents.marking.sheets import insert_first
from baocao.forms.contract import INDEX_FORM, INDEX_SHEET
from baocao.forms.reading.child import ReaderProcess, ReaderUnavailable, TaskFailed
from baocao.forms.reading.grid import is_meta, read_once, read_sheets
from baocao.forms.reading.raw import RawWorkbook, Unreadable
from baocao.model.finding import Finding, Severity
from baocao.xlsx.book import PACKAGE_RELATIONS, RELATIONS, TRANSITIONAL, Book
from baocao.xlsx.package import ZipPackage
from baocao.xlsx.packing import deflated, zip_of
from baocao.xlsx.sameness import sheets_left_alone
from baocao.xlsx.styles import StylePart
from baocao.xlsx.workbook_edit import WorkbookEdit

log = logging.getLogger(__name__)

UNMARKED = (
    "Tệp của đơn vị không đánh dấu trực tiếp được (cấu trúc tệp khác thường), nên các điểm được liệt kê ở đây. Cách "
    "làm: mở tệp đã gửi, tìm ô theo cột “Biểu” và cột “Ô”, sửa theo bảng dưới, ghi giải trình vào cột giải trình của "
    "biểu, lưu lại và gửi lại chính tệp đã sửa. Không gửi tệp này."
)


class Marked(NamedTuple):
    """What a unit gets back."""

    data: bytes
    is_own_file: bool
    """The unit's own workbook with the marks in it; else the points as a workbook of their own."""


class LostError(Exception):
    """The marked copy does not hold everything that the file held."""


def marked_or_listed(
    reader: ReaderProcess, original: bytes, findings: Sequence[Finding], *, head: Mapping[str, str]
) -> Marked:
    """The unit's own file marked up; when that cannot be, the points as a workbook of their own.

    `head`: `unit_name`, `period_name`, `verdict_line`, `deadline_text`.
    """
    # As plain data: what goes to the child is JSON (`forms/reading/child.py`).
    told = [asdict(finding) for finding in findings]
    try:
        return Marked(reader.run(mark_task, original, findings=told, head=dict(head)), is_own_file=True)
    except (Unreadable, ReaderUnavailable, TaskFailed) as error:
        log.warning("a workbook could not be marked up; its points go out as a list: %s", error)
    return Marked(points_alone(findings, head=head), is_own_file=False)


def mark_task(data: bytes, order: dict[str, Any]) -> bytes:
    """The task: mark, read the copy again, compare. `order`: `findings` as dictionaries and `head`.

    Raises Unreadable when the file cannot be marked without a loss.
    """
    findings = [
        Finding(**{**told, "severity": Severity(told["severity"]), "cells": tuple(told["cells"])})
        for told in order["findings"]
    ]
    try:
        copy = mark_up(data, findings, **order["head"], book=read_once(data)[1])
        compare(data, copy)
    # What a strange file can cause; everything else is a fault of ours and arrives as TaskFailed with its traceback.
    except (LostError, KeyError, ValueError, zipfile.BadZipFile, etree.LxmlError) as error:
        raise Unreadable("unreadable", f"cannot be marked up: {type(error).__name__}: {error}") from error
    return copy


def compare(original: bytes, copy: bytes) -> None:
    """Raises LostError when the copy lacks a sheet, a part, a name or a value of the original.

    A sheet with the same cells, in a workbook whose texts and formats still mean the same, holds the same values; every
    other sheet is read again, but for the index sheet, which is ours.
    """
    was, before = read_once(original)
    after = Book(ZipPackage(copy))
    after.take_over(before)
    sheets = [s.name for s in before.sheets if s.name != INDEX_SHEET]
    if [s.name for s in after.sheets] != [INDEX_SHEET, *sheets]:
        raise LostError("sheets")
    index = {s.part for s in before.sheets if s.name == INDEX_SHEET}
    kept = set(after.package.names)
    lost = [n for n in before.package.names if n not in kept and n not in index and not _belongs_to(n, index)]
    if lost:
        raise LostError(", ".join(lost[:5]))
    if _names(before) != _names(after):
        raise LostError("defined names")
    same = sheets_left_alone(before, after)
    if same.issuperset(sheets):
        return
    # Where any is read, the key-value sheet is; without its name it is found by what it holds, and then all are.
    key_value = {name for name in sheets if is_meta(name)}
    not_read = (same - key_value if key_value else frozenset[str]()) | {INDEX_SHEET}
    now = read_sheets(after, not_read)
    if _content(was, not_read) != _content(now, not_read) or was.meta != now.meta:
        raise LostError("values")


def _belongs_to(part: str, sheets: set[str]) -> bool:
    """Whether a part holds the relations of one of these sheets."""
    leaf = part.rpartition("/")[2].removesuffix(".rels")
    return part.endswith(".rels") and any(sheet.rpartition("/")[2] == leaf for sheet in sheets)


def _names(book: Book) -> list[tuple[str, str]]:
    """Defined names but for those of the index sheet."""
    found = []
    tabs = [s.name for s in book.sheets]
    for name in book.root(book.main).iter("{*}definedName"):
        local = name.get("localSheetId", "")
        sheet = tabs[int(local)] if local.isdigit() and int(local) < len(tabs) else ""
        if sheet != INDEX_SHEET:
            found.append((f"{sheet}!{name.get('name')}", name.text or ""))
    return found


def _content(workbook: RawWorkbook, passed_over: Set[str]) -> object:
    tables = [t for t in workbook.tables if t.form != INDEX_FORM and t.sheet not in passed_over]
    return tables, [figure for figure in workbook.loose if figure[0] not in passed_over]


def points_alone(findings: Sequence[Finding], *, head: Mapping[str, str]) -> bytes:
    """A workbook with the index sheet and nothing else, which says that it is not the file to correct."""
    draft = WorkbookEdit(Book(ZipPackage(_empty_package())))
    ordered = sorted(findings, key=lambda f: (f.severity is not Severity.BLOCKS, f.sheet, f.rule, f.key))
    marked = [MarkedCell(finding, finding.a1, "", linked=False) for finding in ordered[:MAX_LISTED]]
    root, heading = index_sheet(
        draft.space,
        StylePart(draft),
        marked,
        {},
        head=(head["verdict_line"], head["unit_name"], head["period_name"], head["deadline_text"]),
        total=len(ordered),
        left_over=len(ordered) - len(marked),
        unmarked=UNMARKED,
    )
    insert_first(draft, INDEX_SHEET, root, heading)
    return draft.written()


def _empty_package() -> bytes:
    office = RELATIONS[TRANSITIONAL]
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE_RELATIONS}"><Relationship Id="rId1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": f'<workbook xmlns="{TRANSITIONAL}" xmlns:r="{office}"><bookViews><workbookView/></bookViews>'
        "<sheets/></workbook>",
    }
    return zip_of((name, deflated(content.encode())) for name, content in parts.items())
