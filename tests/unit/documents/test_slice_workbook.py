"""The slice of a lead body: its own projects and nothing else, the same bytes every time, comments that come back."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from baocao.consolidation.province import consolidate
from baocao.documents.slices.content import Slice, content_sha256, cut
from baocao.documents.slices.workbook import build_slice
from baocao.forms.reading.grid import read_workbook
from baocao.intake.lead_comments import CommentLine, read_remarks
from baocao.intake.screen import screen
from baocao.model.form import CellKey, ListTable, ValueType
from baocao.model.lead import CommentKind, CommentStatus, LeadComment
from baocao.model.pack import Pack
from baocao.model.submission import (
    AcceptedCells,
    Answer,
    Cell,
    Finding,
    ListAnswers,
    ListRow,
    Severity,
    Timeliness,
    Value,
)
from baocao.model.unit import Unit
from baocao.regimes.load import load_pack
from builders.packs.consolidation import (
    accepted,
    communes,
    everybody_reported,
    full_report,
    key,
    lead_body,
    pack,
    period,
)

ROOT = Path(__file__).resolve().parents[3]
SOFFICE = shutil.which("soffice")
AT = datetime(2026, 12, 20, 3, tzinfo=UTC)
FIRST, SECOND, SILENT = communes(3)
LEAD, OTHER = lead_body("SYT", ("4",)), lead_body("CAT", ("1",))
UNITS = (FIRST, SECOND, SILENT, LEAD, OTHER)
PACK = pack(UNITS)
SENT = (full_report(FIRST, 11), full_report(SECOND, 12))


def explain(cell: str, submission: AcceptedCells, explanation: str = "", message: str = "") -> Finding:
    place = submission.cells[key(cell)]
    return Finding("V35", Severity.EXPLAIN, place.sheet, place.a1, "", "", message, explanation=explanation)


def a_slice(lead: Unit = LEAD, sent: tuple[AcceptedCells, ...] = SENT, made: Pack = PACK, **changes: Any) -> Slice:
    previous = everybody_reported((FIRST, SECOND, SILENT), {key("B04/NGHIEN/T1"): 9, key("PL01/CT13/TH"): 4})
    consolidation = consolidate(made, period(), sent, made.units, just_before=previous)
    arguments: dict[str, Any] = {
        "before": {FIRST.code: accepted(FIRST, {"B04/NGHIEN/T1": 5, "PL01/CT13/TH": 77}).cells},
        "findings": {},
        "timeliness": {},
        "handled": (),
        "as_of": AT,
        "previous_name": "6 tháng đầu năm 2026",
    }
    return cut(made, period(), lead, consolidation, sent, **(arguments | changes))


def sheets(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data), data_only=True)


def figures(sheet: Any) -> dict[tuple[str, str], Any]:
    """(unit code or total, `ROW/COLUMN`) -> value, found by the codes as a stranger's program would."""
    rows = list(sheet.iter_rows(values_only=True))
    head = next(i for i, row in enumerate(rows) if str(row[0]).startswith("§LC."))
    columns = {i: str(v)[1:] for i, v in enumerate(rows[head]) if i and v}
    found = {}
    for row in rows[head + 3 :]:
        for i, code in columns.items():
            found[str(row[0] or row[1]), code] = row[i]
    return found


def said(data: bytes) -> str:
    """Every word and number in the file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))


def test_body_sees_only_rows_of_its_projects() -> None:
    book = sheets(build_slice(a_slice()))
    assert book.sheetnames == ["Tổng quan", "PL01", "B04", "PL03", "Ý kiến", "_meta"]
    seen = figures(book["B04"])
    entered = {c.unit: c.cells[key("B04/NGHIEN/T1")].value for c in SENT}
    assert seen[FIRST.code, "NGHIEN/T1"] == entered[FIRST.code]
    assert seen["Cộng cấp xã", "NGHIEN/T1"] == sum(entered.values())  # type: ignore[arg-type]
    assert seen["Toàn tỉnh", "NGHIEN/T1"] == seen["Cộng cấp xã", "NGHIEN/T1"]
    assert seen[SILENT.code, "NGHIEN/T1"] is None
    header = [str(c.value) for c in book["B04"][7]]
    first_row = [c.value for c in book["B04"][8]]
    beside = header.index("T1") + 1
    assert (header[beside], first_row[beside]) == ("Kỳ trước", 5)
    both = next(row for row in book["B04"].iter_rows(values_only=True) if "cả hai kỳ" in str(row[1]))
    assert [both[beside - 1], both[beside]] == [sum(entered.values()), 9], "over the two communes of both periods"
    assert [c.value for c in book["B04"][14]][beside] is None, "the sum of whoever reported has no past beside it"
    assert {code.split("/")[0] for _, code in figures(book["PL01"])} == {"CT26"}


def test_levels_are_called_as_in_the_pack() -> None:
    here = said(build_slice(a_slice()))
    for text in ("Đơn vị cấp xã gửi một báo cáo", "báo cáo của tỉnh được gửi đi", "gửi báo cáo của tỉnh cho đến khi"):
        assert text in here
    words = {"top_short": "Sở", "top_level": "Sở", "whole": "toàn Sở", "unit_level": "phòng, đơn vị"}
    regime = PACK.regime.model_copy(update={"wording": PACK.regime.wording.model_copy(update=words)})
    elsewhere = build_slice(a_slice(made=replace(PACK, regime=regime)))
    texts = said(elsewhere)
    assert "báo cáo của Sở được gửi đi" in texts and "gửi báo cáo của Sở cho đến khi" in texts
    assert {"Cộng phòng, đơn vị", "Cộng Sở", "Toàn Sở"} <= {unit for unit, _ in figures(sheets(elsewhere)["B04"])}
    assert "báo cáo của tỉnh" not in texts and "Toàn tỉnh" not in texts


def test_the_cover_names_missing_and_late_units() -> None:
    book = sheets(
        build_slice(a_slice(timeliness={SECOND.code: Timeliness.LATE, FIRST.code: Timeliness.CORRECTED_LATE}))
    )
    cover = {str(row[0]): str(row[1]) for row in book["Tổng quan"].iter_rows(values_only=True) if row[0]}
    assert cover["Số đơn vị có báo cáo"].startswith("2/4 ")
    assert cover["Chưa có báo cáo (2)"] == f"{SILENT.full_name}, {LEAD.full_name}"
    assert cover["Báo cáo trễ hạn"] == SECOND.full_name
    assert cover["Báo cáo đúng hạn, đính chính sau hạn"] == FIRST.full_name
    assert cover["Số liệu tính đến"] == "10:00 ngày 20/12/2026"
    assert "Dự án 4" in cover["Dự án"]


def test_points_to_explain_show_only_the_units_words() -> None:
    points = {
        FIRST.code: [explain("B04/NGHIEN/T1", SENT[0], "=1+1 rà soát xong", "so với 778899 của dự án 1")],
        SECOND.code: [explain("PL01/CT13/TH", SENT[1], "lời của dự án khác", "")],
    }
    found = a_slice(findings=points)
    data = build_slice(found)
    notes = [str(row[3]) for row in sheets(data)["B04"].iter_rows(min_row=8, values_only=True) if row[3]]
    assert notes == ["NGHIEN/T1 (V35): =1+1 rà soát xong"]
    assert "778899" not in said(data)
    assert "lời của dự án khác" not in said(data)
    (marked,) = [c for c in sheets(data)["B04"][8] if c.fill.fgColor.rgb == "FFFFE699"]
    assert marked.value == SENT[0].cells[key("B04/NGHIEN/T1")].value


def _every_cell(pack: Pack, unit: Unit, start: int) -> tuple[AcceptedCells, dict[str, str]]:
    """A report in which every cell of every form holds a value of its own; and value -> the project of its row."""
    values: dict[str, Value | object] = {}
    owner: dict[str, str] = {}
    for form in pack.forms:
        for cell, (table, row, column) in form.cells.items():
            start += 1
            kind = table.type_of(row, column)
            if kind in {ValueType.BOOL, ValueType.CHOICE, ValueType.DATE, ValueType.RATIO}:
                continue
            text = {ValueType.TEXT: f"chữ {start}", ValueType.DECIMAL: Decimal(start)}
            values[str(cell)] = text.get(kind, start)
            owner[str(start)] = row.project
    return accepted(unit, values), owner


def test_nothing_of_another_project_is_in_the_slice() -> None:
    real = load_pack(ROOT / "include" / "regimes" / "thanh-hoa-drug-programme", ROOT / "include" / "reference")
    commune = next(u for u in real.units if not u.is_lead_body)
    made = replace(real, units=(commune, *(u for u in real.units if u.is_lead_body)), _by_code={})
    now, owner = _every_cell(real, commune, 7_000_000)
    past, past_owner = _every_cell(real, commune, 8_000_000)
    points = [
        Finding("V27", Severity.EXPLAIN, c.sheet, c.a1, "", "", f"khác {c.value}", explanation=f"vì {c.value}")
        for c in now.cells.values()
    ]
    owner |= past_owner
    for lead in (u for u in made.units if u.is_lead_body):
        consolidation = consolidate(made, period(), [now], made.units)
        found = cut(
            made,
            period(),
            lead,
            consolidation,
            [now],
            before={commune.code: past.cells},
            findings={commune.code: points},
            timeliness={},
            handled=(),
            as_of=AT,
            previous_name="trước",
        )
        numbers = set(re.findall(r"(?<![0-9A-Fa-f.])[78]\d{6}(?![0-9A-Fa-f])", said(build_slice(found))))
        assert {owner[n] for n in numbers} == set(lead.projects), lead.code
        assert len(numbers) > 40


def test_bodies_never_see_another_bodys_report_or_comments() -> None:
    own = accepted(LEAD, {"PL01/CT26/TH": 3})
    foreign = accepted(OTHER, {"PL01/CT26/TH": 123_457, "PL01/CT14/TH": 765_431})
    theirs = handled(lead=OTHER.code, text="ý kiến của cơ quan khác")
    mine = handled(lead=LEAD.code, text="ý kiến của mình")
    data = build_slice(a_slice(sent=(*SENT, own, foreign), handled=(theirs, mine)))
    assert OTHER.code not in {code for code, _ in figures(sheets(data)["PL01"])}
    assert "765431" not in said(data)
    assert "ý kiến của cơ quan khác" not in said(data)
    assert "ý kiến của mình" in said(data)
    assert "đã trả lời" in said(data)


def handled(**changes: Any) -> LeadComment:
    values: dict[str, Any] = {
        "id": 4, "regime": "thu-nghiem", "period": "2026-Y", "lead": LEAD.code, "kind": CommentKind.OBJECTION,
        "unit": FIRST.code, "project": "4", "cell": key("B04/NGHIEN/T1"), "text": "Chưa khớp", "raised_at": AT,
        "raised_by": LEAD.code, "source_sha256": "", "slice_sha256": "", "status": CommentStatus.ANSWERED,
        "answered_by": "PC04", "answered_at": AT, "answer": "Đã đối chiếu",
    }  # fmt: skip
    return LeadComment(**(values | changes))


def test_time_changes_the_bytes_but_not_the_hash() -> None:
    assert build_slice(a_slice()) == build_slice(a_slice())
    later = a_slice(as_of=AT + timedelta(days=1))
    assert content_sha256(later) == content_sha256(a_slice())
    assert build_slice(later) != build_slice(a_slice())


@pytest.mark.parametrize(
    "changes",
    [
        {"sent": (SENT[0],)},
        {"timeliness": {FIRST.code: Timeliness.LATE}},
        {"timeliness": {FIRST.code: Timeliness.CORRECTED_LATE}},
        {"findings": {FIRST.code: [explain("B04/NGHIEN/T1", SENT[0])]}},
        {"handled": (handled(),)},
        {"before": {}},
    ],
)
def test_whatever_the_file_shows_moves_its_hash(changes: dict[str, Any]) -> None:
    assert content_sha256(a_slice(**changes)) != content_sha256(a_slice())


def with_value(sent: AcceptedCells, cell: str) -> AcceptedCells:
    return replace(sent, cells={**sent.cells, key(cell): replace(sent.cells[key(cell)], value=999)})


def test_a_change_elsewhere_does_not_change_the_slice() -> None:
    assert content_sha256(a_slice(sent=(SENT[0], with_value(SENT[1], "PL01/CT13/TH")))) == content_sha256(a_slice())
    assert content_sha256(a_slice(sent=(SENT[0], with_value(SENT[1], "B04/NGHIEN/T1")))) != content_sha256(a_slice())


# The comment sheet -----------------------------------------------------------------------------------------------


def commented(lines: Mapping[int, tuple[str | None, ...]], data: bytes | None = None) -> bytes:
    """As a person fills it: line -> unit, cell, kind, words."""
    book = load_workbook(io.BytesIO(data or build_slice(a_slice())))
    sheet = book["Ý kiến"]
    marker = next(cell for cell in sheet["A"] if cell.value == "§YK.A")
    for line, words in lines.items():
        for column, word in enumerate(words, 2):
            sheet.cell(marker.row + line, column).value = word
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LINES: dict[int, tuple[str | None, ...]] = {
    1: (f"{FIRST.code} - {FIRST.full_name}", "B04/NGHIEN/T1 - Người nghiện; T1", "phản đối", "Chưa khớp hồ sơ"),
    2: (SECOND.code, "DA4 - cả dự án: Cơ sở", "Nhận xét", "Tiến độ chậm"),
}
REMARKS = [
    CommentLine("Ý kiến!E8", FIRST.code, "4", key("B04/NGHIEN/T1"), CommentKind.OBJECTION, "Chưa khớp hồ sơ"),
    CommentLine("Ý kiến!E9", SECOND.code, "4", None, CommentKind.COMMENT, "Tiến độ chậm"),
]


def test_comments_written_with_openpyxl_are_read_back() -> None:
    data = commented(LINES)
    assert screen(data, "phan-so-lieu.xlsx") is None
    raw = read_workbook(data)
    assert (raw.meta["kind"], raw.meta["unit"]) == ("lead_slice", LEAD.code)
    assert raw.meta["slice_sha256"] == content_sha256(a_slice())
    assert read_remarks(raw, PACK, LEAD) == (REMARKS, [])


def test_an_untouched_slice_has_no_comments() -> None:
    assert read_remarks(read_workbook(build_slice(a_slice())), PACK, LEAD) == ([], [])


@pytest.mark.libreoffice
@pytest.mark.skipif(SOFFICE is None and os.environ.get("CI") != "true", reason="LibreOffice is not installed")
def test_comments_saved_by_libreoffice_are_read_back(tmp_path: Path) -> None:
    assert SOFFICE
    source = tmp_path / "in.xlsx"
    source.write_bytes(commented(LINES))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out")]
    subprocess.run([SOFFICE, profile, *convert, str(source)], check=True, capture_output=True, timeout=300)
    data = (tmp_path / "out" / "in.xlsx").read_bytes()
    assert screen(data, "in.xlsx") is None
    assert read_remarks(read_workbook(data), PACK, LEAD) == (REMARKS, [])


@pytest.mark.parametrize(
    ("line", "where", "message"),
    [
        ((FIRST.code, "B04/NGHIEN/T1", None, "x"), "Ý kiến!D8", "loại ý kiến"),
        ((FIRST.code, "B04/NGHIEN/T1", "phản đối", None), "Ý kiến!E8", "nội dung"),
        (("99999", "B04/NGHIEN/T1", "phản đối", "x"), "Ý kiến!B8", "đơn vị"),
        ((OTHER.code, "B04/NGHIEN/T1", "phản đối", "x"), "Ý kiến!B8", "đơn vị"),
        ((FIRST.code, "PL01/CT13/TH", "phản đối", "x"), "Ý kiến!C8", "thuộc dự án"),
        ((FIRST.code, "DA1", "phản đối", "x"), "Ý kiến!C8", "thuộc dự án"),
        ((FIRST.code, "linh tinh", "phản đối", "x"), "Ý kiến!C8", "thuộc dự án"),
        ((FIRST.code, "B04/NGHIEN/T1", "phản đối", "x" * 2001), "Ý kiến!E8", "2000"),
    ],
)
def test_a_bad_line_is_named_and_others_taken(line: tuple[str | None, ...], where: str, message: str) -> None:
    remarks, refusals = read_remarks(read_workbook(commented({1: line, 2: LINES[2]})), PACK, LEAD)
    assert [r.text for r in remarks] == ["Tiến độ chậm"]
    assert [r.where for r in refusals] == [where]
    assert message in refusals[0].message


def test_a_missing_comment_sheet_is_refused() -> None:
    book = load_workbook(io.BytesIO(commented(LINES)))
    del book["Ý kiến"]
    out = io.BytesIO()
    book.save(out)
    remarks, refusals = read_remarks(read_workbook(out.getvalue()), PACK, LEAD)
    assert remarks == []
    assert "tệp đã nhận" in refusals[0].message


def test_drop_downs_offer_the_slices_units_and_cells() -> None:
    book = sheets(build_slice(a_slice()))
    columns = [[c.value for c in column if c.value] for column in book["_meta"].iter_cols(min_col=4)]
    offered = {str(v).split(" ")[0] for column in columns for v in column}
    assert offered == {"DA4"} | {str(cell) for cell in a_slice().cells}
    inline = {str(rule.formula1) for rule in book["Ý kiến"].data_validations.dataValidation}
    units = ",".join(f"{u.code} - {u.full_name}" for u in (FIRST, SECOND, SILENT, LEAD))
    assert {f'"{units}"', '"nhận xét,phản đối"'} <= inline


# lists ---------------------------------------------------------------------------------------------------------------

_LISTS = [
    ListTable.model_validate(
        {
            "code": code,
            "title": f"Danh sách {code}",
            "short": f"DS {code}",
            "project": project,
            "columns": [
                {"code": "SO", "title": "Số hồ sơ", "type": "text"},
                {"code": "TIEN", "title": "Kinh phí", "type": "money", "unit": "triệu đồng"},
            ],
        }
    )
    for code, project in (("DSA", "4"), ("DSB", "1"), ("DSC", ""))
]
WITH_LISTS = pack(UNITS)
WITH_LISTS = replace(
    WITH_LISTS,
    forms=(WITH_LISTS.forms[0].with_tables(WITH_LISTS.forms[0].tables, tuple(_LISTS)), *WITH_LISTS.forms[1:]),
    view="with lists",
    _views={},
    _by_code={},
)


def with_cases(sent: AcceptedCells, money: int = 2_500_000) -> AcceptedCells:
    """One case in each list; the last list is stated empty."""
    form = WITH_LISTS.forms[0].code

    def row(code: str) -> ListRow:
        said = (("SO", f"{code}-{sent.unit}"), ("TIEN", money))
        cells = {c: Cell(CellKey(form, f"{code}#1", c), Answer.VALUE, v, f"DS {code}", "B12") for c, v in said}
        return ListRow(1, 12, cells)

    rows = {(form, code): (row(code),) for code in ("DSA", "DSB")}
    return replace(sent, lists=ListAnswers(rows, {(form, "DSC"): ("Không phát sinh", "DS DSC", "B8")}))


def test_a_body_sees_only_its_projects_case_lists() -> None:
    sent = tuple(with_cases(s) for s in SENT)
    found = a_slice(sent=sent, made=WITH_LISTS)
    book = sheets(build_slice(found))
    names = [n for n in book.sheetnames if n.startswith("DS ")]
    assert names == [f"DS {WITH_LISTS.forms[0].code} DSA"]
    shown = [[c for c in row if c is not None] for row in book[names[0]].iter_rows(values_only=True)]
    assert [FIRST.code, FIRST.full_name, f"DSA-{FIRST.code}", 2.5] in shown
    assert "2 trường hợp của 2 đơn vị." in shown[2]
    assert "DSB-" not in said(build_slice(found)) and "DSC" not in said(build_slice(found))
    assert content_sha256(found) != content_sha256(a_slice(sent=(with_cases(SENT[0], 1), sent[1]), made=WITH_LISTS))
    assert content_sha256(a_slice(sent=SENT)) == content_sha256(a_slice(sent=sent)), "a pack without lists: as before"
