"""Lists on the whole road: sent, returned with marks, mended, consolidated, traced to the row, replayed, sent on."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from openpyxl import load_workbook
from starlette.testclient import TestClient

from baocao.checks.consolidation_gate.gate import run_gate
from baocao.store.reports import reports
from baocao.store.submissions.cells import accepted_cells
from baocao.store.submissions.submissions import accepted
from baocao.store.values import typed_by
from baocao.web.portal.app import portal_app
from baocao.workflow.mail.personal_links import personal_link
from baocao.workflow.reports import building, issuing
from builders.packs.lists import FIGURES, HELD, INFO, ISSUED, NONE, Office
from builders.packs.quarterly import CODE, UNITS
from builders.sites import desk as desk_of
from builders.sites.portal import PATIENT, Browser, FixedClock

PERIOD = "2027-Q1"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("lists"))
    with pytest.MonkeyPatch.context() as patched:
        for module in (building, issuing):
            patched.setattr(module, "pdf_available", lambda: False)
        office.run("open", "--period", PERIOD, "--as-of", "2027-03-01", "--yes")
        first, second, *others = UNITS
        office.put(first, HELD, ISSUED)
        office.put(second, HELD[:1], ())
        for unit in others:
            office.put(unit, (), (), NONE)
        office.run("collect", "--as-of", "2027-03-16", "--yes")
        yield office
    office.place.store.close()


@pytest.fixture(scope="module")
def mended(office: Office) -> Office:
    """The second unit's count did not fit its list: it sends two rows after all."""
    second = list(UNITS)[1]
    office.put(second, ({**HELD[0], "SO": "07/KH"}, HELD[1]), ())
    office.run("collect", "--as-of", "2027-03-18", "--yes")
    office.run("consolidate", "--period", PERIOD, "--as-of", "2027-03-24T09:00")
    return office


def kept(office: Office) -> dict[str, list[str]]:
    with office.place.store.read() as conn:
        found = accepted_cells(conn, CODE, PERIOD, typed_by(office.place.at(CODE, PERIOD)[0]))
    rows = {a.unit: a.lists.rows.get(("CCHC", "DSHN"), ()) for a in found}
    return {unit: [str(row.cells["SO"].value) for row in of] for unit, of in rows.items()}


def test_count_differing_from_its_list_is_returned(office: Office) -> None:
    status = json.loads(office.run("status", "--period", PERIOD, "--as-of", "2027-03-16", "--json"))
    assert (status["accepted"], status["returned"]) == (4, 1)
    second = list(UNITS)[1]
    (letter,) = [
        f.read_bytes()
        for f in (office.place.settings.data / "outbox").rglob("*.eml")
        if f"{second}@" in f.read_text(errors="replace") and "ket-qua" in f.read_text(errors="replace")
    ]
    from email import message_from_bytes, policy

    attached = next(iter(message_from_bytes(letter, policy=policy.default).iter_attachments()))
    book = load_workbook(io.BytesIO(attached.get_content()))
    index = [str(c.value) for row in book["Kết quả kiểm tra"].iter_rows() for c in row if c.value]
    assert any("trang «DS hội nghị», dòng 12" in text and "Ô này ghi 2" in text for text in index)
    assert book["DS hội nghị"]["B12"].value == "01/KH", "its own workbook, lists and all"


def test_rows_and_stated_empty_lists_are_kept(mended: Office) -> None:
    first, second, *others = UNITS
    assert kept(mended) == {first: ["01/KH", "02/KH"], second: ["07/KH", "02/KH"], **{u: [] for u in others}}
    with mended.place.store.read() as conn:
        found = accepted_cells(conn, CODE, PERIOD, typed_by(mended.place.at(CODE, PERIOD)[0]))
    assert [a.lists.nil.get(("CCHC", "DSHN"), ("",))[0] for a in found[2:]] == ["Không phát sinh"] * 3


def test_the_consolidated_list_names_every_units_rows(mended: Office) -> None:
    (file,) = [f for f in files(mended) if f.startswith("tong-hop")]
    book = load_workbook(io.BytesIO(files(mended)[file]))
    sheet = book["DS CCHC DSHN"]
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=7, max_row=11)]
    first, second = list(UNITS)[:2]
    assert [(r[1], r[3], r[8]) for r in rows[:4]] == [
        (first, "01/KH", 1.5), (first, "02/KH", None), (second, "07/KH", 1.5), (second, "02/KH", None),
    ]  # fmt: skip
    assert rows[0][10] == "DS hội nghị, dòng 12" and "Trùng khóa" in rows[1][12]
    assert rows[4][2] == "4 trường hợp" and rows[4][7] == 320 and rows[4][8] == 3
    assert "4 trường hợp của 2 đơn vị; 3 đơn vị khai không phát sinh" in sheet["A3"].value


def test_gate_recounts_the_list_of_every_unit(mended: Office) -> None:
    pack, when = mended.place.at(CODE, PERIOD)
    templates = mended.place.settings.templates
    with mended.place.store.read() as conn:
        found = accepted_cells(conn, CODE, PERIOD, typed_by(pack))
    assert run_gate(pack, when, found, templates).agrees
    name = ("CCHC", "DSHN")
    shorter = replace(found[0].lists, rows={**found[0].lists.rows, name: found[0].lists.rows[name][:1]})
    told = run_gate(pack, when, [replace(found[0], lists=shorter), *found[1:]], templates)
    assert [(d["unit"], d["rule"], d["cell"]) for d in told.disagreements] == [(found[0].unit, "V65", "CCHC/TT03/TH")]
    # A stated empty list counts as none.
    empty = replace(found[0].lists, rows={}, nil={name: ("Không phát sinh", "DS hội nghị", "B8")})
    assert {d["rule"] for d in run_gate(pack, when, [replace(found[0], lists=empty)], templates).disagreements} == {
        "V65"
    }


def test_outgoing_workbook_omits_internal_lists_of_units(mended: Office) -> None:
    (file,) = [f for f in files(mended) if f.startswith("phu-luc")]
    assert not [s for s in load_workbook(io.BytesIO(files(mended)[file])).sheetnames if s.startswith("DS ")]


def files(office: Office) -> dict[str, bytes]:
    with office.place.store.read() as conn:
        (report,) = reports.reports(conn, CODE, PERIOD)
        sealed = reports.sealed(conn, report.id)
    assert sealed is not None
    return {f["name"]: office.place.store.files.get(f["sha256"]) for f in sealed["files"]}


def test_the_report_and_the_receipt_say_how_many(mended: Office) -> None:
    (file,) = [f for f in files(mended) if f.endswith(".docx") and f.startswith("bao-cao")]
    text = "\n".join(p.text for p in Document(io.BytesIO(files(mended)[file])).paragraphs)
    assert "- Danh sách hội nghị tuyên truyền: 4 trường hợp của 2 đơn vị; 3 đơn vị không phát sinh." in text
    assert "- Danh sách văn bản đã ban hành: 1 trường hợp của 1 đơn vị; 4 đơn vị không phát sinh." in text
    told = mended.run("receipt", "CC-2027Q1-00001-1")
    assert "Biểu số 02: Văn bản đã ban hành về cải cách hành chính: 3 ô có trả lời" in told
    assert "cải cách hành chính: không phát sinh" in mended.run("receipt", "CC-2027Q1-00003-1")


def test_desk_shows_list_rows_with_unit_and_place(mended: Office) -> None:
    at = datetime(2027, 3, 24, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    desk = desk_of.Browser(mended.place, desk_of.asker("Approver", name="pho-phong"), at)
    seen = desk.get(f"/r/{CODE}/p/{PERIOD}/figures?bieu=CCHC").text
    assert "4 dòng đã tiếp nhận; 3 đơn vị khai không phát sinh" in seen
    assert all(text in seen for text in ("Tập huấn một cửa", "DS hội nghị, dòng 13", "Kinh phí (triệu đồng)", "1,5"))
    assert f'p/{PERIOD}/u/{next(iter(UNITS))}"' in seen
    assert "Danh sách, đơn vị tự thêm dòng. Cột: Số, ký hiệu (chữ)" in desk.get(f"/r/{CODE}/pack/forms/VB").text


def test_a_figure_is_traced_to_the_row(mended: Office) -> None:
    told = mended.run("trace", "CCHC/TT03/TH", "--period", PERIOD)
    assert "DS hội nghị, dòng 13: " in told and "02/KH" in told


def test_a_lists_own_cell_is_traced_to_the_row(mended: Office) -> None:
    first, second = list(UNITS)[:2]
    column = json.loads(mended.run("trace", "CCHC/DSHN/SO", "--period", PERIOD, "--json"))
    assert column["coverage"] == "4 trường hợp của 2 đơn vị; 3 đơn vị khai không phát sinh" and column["value"] is None
    assert [(c["unit"], c["value"], c["answer"]) for c in column["contributions"]] == [
        (first, "01/KH", "value"), (first, "02/KH", "value"), (second, "07/KH", "value"), (second, "02/KH", "value"),
        *((unit, "Không phát sinh", "nil") for unit in list(UNITS)[2:]),
    ]  # fmt: skip
    row = json.loads(mended.run("trace", "CCHC/DSHN#2/SN", "--period", PERIOD, "--json"))
    assert row["value"] == 240 and row["coverage"].startswith("2 trường hợp của 2 đơn vị")
    told = row["contributions"][0]
    assert told["cell"] == "CCHC/DSHN#2/SN" and told["rows"][0]["cells"]["ND"] == "Giới thiệu dịch vụ công"
    sheet = load_workbook(io.BytesIO(mended.place.store.files.get(told["sha256"])))[told["sheet"]]
    assert str(sheet[told["a1"]].value) == told["value"] == "120"
    assert "DS hội nghị, dòng 13: " in mended.run("trace", "CCHC/DSHN#2/KP", "--period", PERIOD), "left blank there"
    for wrong in ("CCHC/DSHN/XX", "CCHC/DSHN#0/SO", "CCHC/DSHN#x/SO"):
        assert "các cột SO, ND, NGAY" in mended.run("trace", wrong, "--period", PERIOD, expected=3)


def test_the_report_is_rebuilt_from_the_raw_files(mended: Office) -> None:
    assert "identical" in mended.run("replay", "--period", PERIOD, "--json")
    assert json.loads(mended.run("replay", "--period", PERIOD, "--json"))["identical"] is True


@pytest.fixture
def browser(mended: Office) -> Iterator[Browser]:
    """The last unit's browser; it had stated both lists empty."""
    place, unit = mended.place, list(UNITS)[-1]
    at = datetime(2027, 3, 19, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    with place.store.begin() as conn:
        link = personal_link(place, conn, CODE, PERIOD, unit, at=at)
    assert link is not None
    app = portal_app(place, PATIENT, FixedClock(at))
    with TestClient(app, follow_redirects=True, raise_server_exceptions=False) as client:
        found = Browser(client)
        found.enter(link)
        yield found


def test_list_rows_are_edited_and_sent_in_browser(mended: Office, browser: Browser) -> None:
    address = f"{browser.home}dien/CCHC"
    with mended.place.store.read() as conn:
        sent = next(s.id for s in accepted(conn, CODE, PERIOD) if s.unit == list(UNITS)[-1])
    browser.get(f"{browser.home}dien/?tu={sent}")
    browser.post(f"{browser.home}dien/", {"source": str(sent), "step": "take-over"})
    browser.get(address)
    assert "<option selected>Không phát sinh</option>" in browser.page, "the list it stated empty"

    def cell(row: int, column: str) -> str:
        return f"l:CCHC/DSHN#{row}/{column}"

    one = {
        "SO": "09/KH",
        "ND": "Hội nghị",
        "NGAY": "40/02/2027",
        "HT": "Trực tiếp",
        "SN": "12",
        "KP": "0,75",
    }
    texts = {f"c:{key}": str(value) for key, value in FIGURES.items()} | {"c:CCHC/TT03/TH": "1", "c:CCHC/TT03/LKN": "1"}
    # The second row of the page is left empty, as one does: the third is the second case.
    rows = {cell(1, c): v for c, v in one.items()} | {cell(3, c): v for c, v in one.items()}
    fixed = rows | {cell(1, "NGAY"): "04/02/2027", cell(3, "SO"): "10/KH", cell(3, "NGAY"): "05/02/2027"}
    browser.post(address, {**texts, **rows, "nil:CCHC/DSHN": "", "step": "more-DSHN"})
    assert browser.page.count('name="l:CCHC/DSHN#') == 7 * (2 + 10)
    browser.post(address, {**texts, **rows, "nil:CCHC/DSHN": "", "step": "check"})
    assert "«40/02/2027» không phải là ngày" in browser.words
    browser.post(address, {**texts, **fixed, "nil:CCHC/DSHN": "", "step": "check"})
    assert (
        "danh sách «Danh sách hội nghị tuyên truyền» (trang «DS hội nghị», dòng 12-13) có số dòng là 2" in browser.words
    )
    right = {"c:CCHC/TT03/TH": "2", "c:CCHC/TT03/LKN": "2"}
    browser.post(address, {**texts, **right, **fixed, "nil:CCHC/DSHN": "", "step": "check"})
    assert browser.verdict == "Biểu này không còn điểm nào phải sửa.", browser.words
    browser.get(f"{browser.home}dien/")
    browser.post(f"{browser.home}dien/", {**{f"info-{k}": v for k, v in INFO.items()}, "step": "send"})
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận.", browser.words
    assert kept(mended)[list(UNITS)[-1]] == ["09/KH", "10/KH"]


def test_a_correction_names_every_case_that_differs(mended: Office) -> None:
    """One case told otherwise, one taken away and one added: no figure of a table moves, and it is a correction."""
    first, by = next(iter(UNITS)), "Sở Nội vụ (thử)"
    when = ("--period", PERIOD, "--as-of")
    mended.run("consolidate", *when, "2027-03-24T13:00")
    mended.run("approve", *when, "2027-03-24T14:00", "--by", by)
    signed = ("--number", "12", "--signed-on", "2027-03-24", "--signer", "Người ký (thử nghiệm)")
    mended.run("sign", *when, "2027-03-24T15:00", "--by", "Văn thư (thử)", *signed)
    mended.run("dispatch", *when, "2027-03-24T16:00")
    why = ("--reason", "Kê sai danh sách", "--by", by, "--unit", first, "--until", "2027-03-30")
    mended.run("correct", *when, "2027-03-25T08:00", *why)
    other = {**HELD[1], "SO": "03/KH", "KP": 2_500_000}
    mended.put(first, ({**HELD[0], "SN": 41}, other), ISSUED)
    mended.run("collect", "--as-of", "2027-03-26", "--yes")
    mended.run("consolidate", *when, "2027-03-26T10:00")
    with mended.place.store.read() as conn:
        newest = max(reports.reports(conn, CODE, PERIOD), key=lambda r: r.version)
        sealed = reports.sealed(conn, newest.id)
    assert sealed is not None
    made = {f["name"]: mended.place.store.files.get(f["sha256"]) for f in sealed["files"]}
    book = load_workbook(io.BytesIO(next(data for name, data in made.items() if name.startswith("tong-hop"))))
    shown = [[c.value for c in row] for row in book["Đính chính"].iter_rows()]
    cases = [(r[1], r[4], r[7]) for r in shown if r[0] == "CCHC/DSHN"]
    assert [(unit, old[:19] if old else old, new[:19]) for unit, old, new in cases] == [
        (first, "Số kế hoạch: 01/KH;", "Số kế hoạch: 01/KH;"),
        (first, "Số kế hoạch: 02/KH;", "(không còn)"),
        (first, "(không có)", "Số kế hoạch: 03/KH;"),
    ]
    assert "Số người dự: 40" in cases[0][1] and "Số người dự: 41" in cases[0][2] and "2,5 triệu đồng" in cases[2][2]
    assert not [r for r in shown if r[0] == "CCHC/TT03/TH"], "no figure moved"
    word = next(data for name, data in made.items() if name.startswith("bao-cao") and name.endswith(".docx"))
    text = "\n".join(p.text for p in Document(io.BytesIO(word)).paragraphs)
    assert "Danh sách «Danh sách hội nghị tuyên truyền» thay đổi ở 03 trường hợp, của 01 đơn vị." in text


def test_a_row_changed_in_the_database_is_found(mended: Office) -> None:
    mended.run("audit", "verify")
    with mended.place.store.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER guard_list_cell_update")
        conn.exec_driver_sql("UPDATE list_cell SET value = '9' WHERE col = 'SN' AND row_number = 1")
    told = mended.run("audit", "verify", expected=1)
    assert "không còn là số liệu đã tiếp nhận" in told
