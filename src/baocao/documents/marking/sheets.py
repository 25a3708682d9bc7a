"""The index sheet's place in the workbook: put in as the first tab, taken out again, with what refers to it."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from baocao.xlsx.styles import whole_number
from baocao.xlsx.workbook_edit import WorkbookEdit
from baocao.xlsx.xml import Element, namespace

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
# Order of CT_Workbook: Excel refuses the part when `definedNames` or `calcPr` stand elsewhere.
_BEFORE_NAMES = frozenset(
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences".split()  # noqa: SIM905
)
_BEFORE_CALC = _BEFORE_NAMES | {"definedNames"}


def insert_first(draft: WorkbookEdit, name: str, sheet: Element, heading_row: int) -> None:
    """Make `sheet` the first tab and the one that opens; its headings are printed on every page."""
    part = draft.free_name("xl/worksheets/sheetKQ{}.xml")
    draft.add(part, sheet, _SHEET_TYPE)
    main = draft.book.main
    id = draft.relate(main, "worksheet", part)
    book = draft.tree(main)
    space = namespace(book)
    sheets = book.find(f"{{{space}}}sheets")
    # Ids of removed sheets may be missing, so the next free one is not the count.
    number = 1 + max((whole_number(s.get("sheetId")) for s in sheets), default=0)
    entry = etree.Element(f"{{{space}}}sheet", name=name, sheetId=str(number))
    entry.set(draft.relation_attribute(), id)
    sheets.insert(0, entry)
    _shift(book, space, 0, 1)
    for view in book.iterfind(f"{{{space}}}bookViews/{{{space}}}workbookView"):
        view.set("activeTab", "0")
        view.set("firstSheet", "0")
    names = _child(book, space, "definedNames", _BEFORE_NAMES)
    title = etree.Element(f"{{{space}}}definedName", name="_xlnm.Print_Titles", localSheetId="0")
    title.text = f"'{name}'!${heading_row}:${heading_row}"
    names.insert(0, title)
    # So that the unit sees its formulas computed anew when it opens the file.
    _child(book, space, "calcPr", _BEFORE_CALC).set("fullCalcOnLoad", "1")


def remove_sheet(draft: WorkbookEdit, name: str) -> None:
    """Take out a tab with what belongs to it alone."""
    main = draft.book.main
    book = draft.tree(main)
    space = namespace(book)
    sheets = book.find(f"{{{space}}}sheets")
    at, entry = next((i, s) for i, s in enumerate(sheets) if s.get("name") == name)
    sheets.remove(entry)
    id = next((value for key, value in entry.attrib.items() if key.endswith("}id")), "")
    relation = next((r for r in draft.relations(main) if r.id == id), None)
    part = draft.find(relation.target) if relation is not None else None
    if part is not None:
        draft.remove(part)
    draft.unrelate(main, id)
    _shift(book, space, at, -1)


def select_only(draft: WorkbookEdit, sheets: Mapping[str, str]) -> None:
    """Two selected sheets are edited together: no other sheet than the index may be selected."""
    for part in sheets.values():
        if not draft.may_hold(part, b"tabSelected"):
            continue
        root = draft.look(part)
        if any(view.get("tabSelected") in ("1", "true") for view in _views(root)):
            for view in _views(draft.tree(part)):
                view.attrib.pop("tabSelected", None)


def _views(root: Element) -> list[Element]:
    space = namespace(root)
    return list(root.iterfind(f"{{{space}}}sheetViews/{{{space}}}sheetView"))


def _shift(book: Element, space: str, at: int, by: int) -> None:
    """Names of one sheet carry the sheet's number: those of a removed sheet go, those after it move."""
    for name in list(book.iterfind(f"{{{space}}}definedNames/{{{space}}}definedName")):
        local = name.get("localSheetId", "")
        if local.isdigit() and int(local) >= at:
            if by < 0 and int(local) == at:
                name.getparent().remove(name)
            else:
                name.set("localSheetId", str(int(local) + by))
    names = book.find(f"{{{space}}}definedNames")
    if names is not None and len(names) == 0:
        book.remove(names)


def _child(book: Element, space: str, name: str, before: frozenset[str]) -> Element:
    found = book.find(f"{{{space}}}{name}")
    if found is None:
        found = etree.Element(f"{{{space}}}{name}")
        after = (i + 1 for i, e in enumerate(book) if isinstance(e.tag, str) and etree.QName(e).localname in before)
        book.insert(max(after, default=0), found)
    return found
