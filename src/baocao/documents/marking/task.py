"""Marking up in the reader's process, and the comparison before anything is sent.

Imports as little as it can, as `forms.reading.child_program` does; our side of it is `marking.returned`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Set
from typing import Any

from lxml import etree

from baocao.documents.marking.markup import mark_up
from baocao.forms.contract import INDEX_FORM, INDEX_SHEET
from baocao.forms.reading.grid import is_meta, read_once, read_sheets
from baocao.forms.reading.raw import RawWorkbook, Unreadable
from baocao.model.finding import Finding, Severity
from baocao.xlsx.book import Book
from baocao.xlsx.package import ZipPackage
from baocao.xlsx.sameness import sheets_left_alone


class LostError(Exception):
    """The marked copy does not hold everything that the file held."""


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
