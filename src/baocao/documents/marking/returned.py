"""What a unit gets back: its own file marked up, or the list of points without the file.

A verdict never waits for this: when the unit's own file cannot be marked, or the marked copy has lost anything, the
points go out as a workbook of their own that says why.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

from baocao.documents.marking.index import MarkedCell, index_sheet
from baocao.documents.marking.markup import MAX_LISTED
from baocao.documents.marking.sheets import insert_first
from baocao.documents.marking.task import mark_task
from baocao.forms.contract import INDEX_SHEET
from baocao.forms.reading.child import ReaderProcess, ReaderUnavailable, TaskFailed
from baocao.forms.reading.raw import Unreadable
from baocao.model.finding import Finding, Severity
from baocao.xlsx.book import PACKAGE_RELATIONS, RELATIONS, TRANSITIONAL, Book
from baocao.xlsx.package import ZipPackage
from baocao.xlsx.packing import deflated, zip_of
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
