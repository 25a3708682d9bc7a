"""SheetNotes on the cells of one sheet: the comments part and the legacy drawing that shows them.

What an officer's note looks like stays: our text is put before it as a run of its own and can be taken off again.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from baocao.xlsx.a1 import LAST_COLUMN, LAST_ROW, address, position
from baocao.xlsx.book import RELATIONS
from baocao.xlsx.workbook_edit import WorkbookEdit
from baocao.xlsx.xml import Element, Forbidden, Malformed, namespace

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_VML, _OFFICE = "urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:office"
_EXCEL = "urn:schemas-microsoft-com:office:excel"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_WIDTH, _LINE = 4, 42
"""Columns a note spans, and letters of one of its lines."""

_BEFORE_LEGACY = frozenset(
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "  # noqa: SIM905
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing".split()
)
"""Elements of a sheet that come before `legacyDrawing`, in the order of the schema."""


class SheetNotes:
    """The notes of one sheet. A note that belongs to a conversation (threaded comment) is never changed."""

    def __init__(self, draft: WorkbookEdit, sheet: str) -> None:
        self._draft = draft
        self._sheet = sheet
        self._comments = draft.related(sheet, "comments")
        self._drawing: Element | None = None
        self._threaded = draft.related(sheet, "threadedComment") is not None

    def texts(self) -> dict[str, str]:
        """A1 address -> text of the note."""
        if self._comments is None:
            return {}
        root = self._draft.look(self._comments)
        return {note.get("ref", ""): _text(note) for note in root.iter(f"{{{namespace(root)}}}comment")}

    def take_off(self, head: str, separator: str) -> None:
        """Take our part off every note: what begins with `head`, up to the `separator`."""
        mine = [ref for ref, text in self.texts().items() if text.startswith(head)]
        for ref in mine:
            note = self._note(ref)
            if note is None:
                continue
            # By text and not by run: another program may have joined the runs when it saved.
            rest = _text(note).partition(separator)[2].strip()
            if not rest:
                note.getparent().remove(note)
                self._remove_shape(ref)
            else:
                _drop_up_to(note, separator, rest)

    def put(self, row: int, column: int, text: str, separator: str, author: str) -> bool:
        """Put `text` on a cell, before the note that stands there. False when the sheet cannot take it."""
        ref = address(row, column)
        note = self._note(ref) if ref in self.texts() else None
        if note is None:
            if not self._make_shape(row, column, text):
                return False
            note = self._new(ref, author)
        # Excel writes this note itself, from the conversation, and shows that; what we put here nobody would see.
        elif self._threaded or _text(note).startswith("[Threaded comment]"):
            return False
        else:
            self._resize(row, column, text + _text(note))
        body = note.find(f"{{{namespace(note)}}}text")
        before = [] if body is None else _runs(body)
        if before:
            text = f"{text}\n{separator}\n"
        _set_runs(note, [_run(text, namespace(note)), *before])
        return True

    def _note(self, ref: str) -> Element | None:
        if self._comments is None:
            return None
        root = self._draft.tree(self._comments)
        return next((n for n in root.iter(f"{{{namespace(root)}}}comment") if n.get("ref") == ref), None)

    def _new(self, ref: str, author: str) -> Element:
        space = self._draft.space
        if self._comments is None:
            self._comments = self._draft.free_name("xl/commentsKQ{}.xml")
            root = etree.Element(f"{{{space}}}comments", nsmap={None: space})
            etree.SubElement(root, f"{{{space}}}authors")
            etree.SubElement(root, f"{{{space}}}commentList")
            self._draft.add(self._comments, root, _COMMENTS_TYPE)
            self._draft.relate(self._sheet, "comments", self._comments)
        root = self._draft.tree(self._comments)
        space = namespace(root)
        authors, notes = root.find(f"{{{space}}}authors"), root.find(f"{{{space}}}commentList")
        if authors is None:
            authors = etree.Element(f"{{{space}}}authors")
            root.insert(0, authors)
        if notes is None:
            notes = etree.SubElement(root, f"{{{space}}}commentList")
        names = [a.text or "" for a in authors]
        if author not in names:
            etree.SubElement(authors, f"{{{space}}}author").text = author
            names.append(author)
        note = etree.SubElement(notes, f"{{{space}}}comment", ref=ref)
        note.set("authorId", str(names.index(author)))
        return note

    # The legacy drawing: without a shape in it a spreadsheet does not show the note.

    def _vml(self) -> Element | None:
        """The root of the drawing, made when there is none; None when it is not XML, as some programs write it."""
        if self._drawing is not None:
            return self._drawing
        part = self._draft.related(self._sheet, "vmlDrawing")
        root = self._draft.tree(self._sheet)
        legacy = root.find(f"{{{namespace(root)}}}legacyDrawing")
        if part is not None and legacy is not None:
            try:
                self._drawing = self._draft.tree(part)
            except (Malformed, Forbidden):
                return None
            return self._drawing
        part = self._draft.free_name("xl/drawings/vmlDrawingKQ{}.vml")
        self._drawing = etree.Element("xml", nsmap={"v": _VML, "o": _OFFICE, "x": _EXCEL})
        layout = etree.SubElement(self._drawing, f"{{{_OFFICE}}}shapelayout")
        layout.set(f"{{{_VML}}}ext", "edit")
        # A block of 1,024 shape ids far from Excel's own, which begin at 1: ours are 921,600 (900 x 1,024) and on.
        idmap = etree.SubElement(layout, f"{{{_OFFICE}}}idmap", data="900")
        idmap.set(f"{{{_VML}}}ext", "edit")
        self._draft.set_default_type("vml", _VML_TYPE)
        self._draft.add(part, self._drawing, _VML_TYPE)
        if legacy is None:
            legacy = etree.Element(f"{{{namespace(root)}}}legacyDrawing")
            # The schema is a sequence: one element out of its place, and Excel repairs the sheet by dropping it.
            at = next((i for i, e in enumerate(root) if _local(e) and _local(e) not in _BEFORE_LEGACY), len(root))
            root.insert(at, legacy)
        name = next((key for key in legacy.attrib if key.endswith("}id")), f"{{{RELATIONS[namespace(root)]}}}id")
        legacy.set(name, self._draft.relate(self._sheet, "vmlDrawing", part))
        return self._drawing

    def _make_shape(self, row: int, column: int, text: str) -> bool:
        drawing = self._vml()
        if drawing is None:
            return False
        number = 1 + max((_shape_number(s.get("id", "")) for s in drawing.iter(f"{{{_VML}}}shape")), default=921_600)
        # 202 is the text box in Office's list of shapes; every note refers to it by this id.
        if not any(t.get("id") == "_x0000_t202" for t in drawing.iter(f"{{{_VML}}}shapetype")):
            kind = etree.SubElement(drawing, f"{{{_VML}}}shapetype", id="_x0000_t202", coordsize="21600,21600")
            kind.set(f"{{{_OFFICE}}}spt", "202")
            kind.set("path", "m,l,21600r21600,l21600,xe")
            etree.SubElement(kind, f"{{{_VML}}}stroke", joinstyle="miter")
            etree.SubElement(kind, f"{{{_VML}}}path", gradientshapeok="t").set(f"{{{_OFFICE}}}connecttype", "rect")
        shape = etree.SubElement(drawing, f"{{{_VML}}}shape", id=f"_x0000_s{number}", type="#_x0000_t202")
        shape.set(
            "style",
            "position:absolute;margin-left:80pt;margin-top:5pt;width:240pt;height:120pt;z-index:1;visibility:hidden",
        )
        shape.set("fillcolor", "#ffffe1")
        shape.set(f"{{{_OFFICE}}}insetmode", "auto")
        etree.SubElement(shape, f"{{{_VML}}}fill", color2="#ffffe1")
        etree.SubElement(shape, f"{{{_VML}}}path").set(f"{{{_OFFICE}}}connecttype", "none")
        box = etree.SubElement(shape, f"{{{_VML}}}textbox", style="mso-direction-alt:auto")
        etree.SubElement(box, "div", style="text-align:left")
        data = etree.SubElement(shape, f"{{{_EXCEL}}}ClientData", ObjectType="Note")
        for name in ("MoveWithCells", "SizeWithCells"):
            etree.SubElement(data, f"{{{_EXCEL}}}{name}")
        # A spreadsheet places the note by its anchor, not by the points in `style`.
        etree.SubElement(data, f"{{{_EXCEL}}}Anchor").text = _anchor(row, column, text)
        etree.SubElement(data, f"{{{_EXCEL}}}AutoFill").text = "False"
        etree.SubElement(data, f"{{{_EXCEL}}}Row").text = str(row)
        etree.SubElement(data, f"{{{_EXCEL}}}Column").text = str(column)
        return True

    def _shape(self, row: int, column: int) -> Element | None:
        part = self._draft.related(self._sheet, "vmlDrawing")
        if part is None:
            return None
        try:
            drawing = self._draft.tree(part)
        except (Malformed, Forbidden):
            return None
        for shape in drawing.iter(f"{{{_VML}}}shape"):
            data = shape.find(f"{{{_EXCEL}}}ClientData")
            if data is not None and data.get("ObjectType") == "Note":
                at = data.findtext(f"{{{_EXCEL}}}Row", "").strip(), data.findtext(f"{{{_EXCEL}}}Column", "").strip()
                if at == (str(row), str(column)):
                    return shape
        return None

    def _remove_shape(self, ref: str) -> None:
        place = position(ref)
        shape = self._shape(*place) if place is not None else None
        if shape is not None:
            shape.getparent().remove(shape)

    def _resize(self, row: int, column: int, text: str) -> None:
        """Room for the longer text: the drawing says where the note's box ends."""
        shape = self._shape(row, column)
        anchor = None if shape is None else shape.find(f"{{{_EXCEL}}}ClientData/{{{_EXCEL}}}Anchor")
        if anchor is not None:
            anchor.text = _anchor(row, column, text)


def _anchor(row: int, column: int, text: str) -> str:
    """Left column, offset, top row, offset, right column, offset, bottom row, offset."""
    # Kept on the sheet and at most 22 rows tall, so that it opens on the screen; a longer note is scrolled.
    lines = sum(1 + len(line) // _LINE for line in text.split("\n"))
    left = min(column + 1, LAST_COLUMN - _WIDTH)
    top = min(max(row - 1, 0), LAST_ROW - 24)
    return f"{left}, 15, {top}, 10, {left + _WIDTH}, 15, {top + min(lines + 1, 22)}, 4"


def _shape_number(id: str) -> int:
    digits = id.rpartition("_s")[2]
    # A stranger's id may be anything; a number of a million digits is not computed.
    return int(digits) if digits.isdigit() and len(digits) < 10 else 0


def _local(element: Element) -> str:
    # The tag of a comment or instruction in lxml is a function.
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _text(note: Element) -> str:
    return "".join(t.text or "" for t in note.iter(f"{{{namespace(note)}}}t"))


def _runs(body: Element) -> list[Element]:
    """The runs of a text, a plain text made one."""
    space = namespace(body)
    runs = [deepcopy(run) for run in body.findall(f"{{{space}}}r")]
    if runs:
        return runs
    plain = body.findtext(f"{{{space}}}t")
    return [_run(plain, space)] if plain else []


def _run(text: str, space: str) -> Element:
    run = etree.Element(f"{{{space}}}r")
    looks = etree.SubElement(run, f"{{{space}}}rPr")
    etree.SubElement(looks, f"{{{space}}}sz", val="9")
    etree.SubElement(looks, f"{{{space}}}rFont", val="Tahoma")
    body = etree.SubElement(run, f"{{{space}}}t")
    body.text = text
    # Without it blanks and line ends at the edges of the run are lost.
    body.set(_SPACE, "preserve")
    return run


def _set_runs(note: Element, runs: list[Element]) -> None:
    space = namespace(note)
    body = note.find(f"{{{space}}}text")
    if body is None:
        body = etree.SubElement(note, f"{{{space}}}text")
    for child in list(body):
        body.remove(child)
    body.extend(runs)


def _drop_up_to(note: Element, separator: str, rest: str) -> None:
    """Remove our runs and keep the officer's; when another program has joined them, keep their text."""
    body = note.find(f"{{{namespace(note)}}}text")
    runs = _runs(body)
    kept = next((runs[i + 1 :] for i, run in enumerate(runs) if _text(run).rstrip().endswith(separator)), [])
    _set_runs(note, kept or [_run(rest, namespace(note))])
