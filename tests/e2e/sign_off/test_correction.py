"""Đính chính: a dispatched report is corrected by a new version; until that is dispatched, the old one stands."""

from __future__ import annotations

import json
from datetime import date, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from baocao.store.reports import corrections, reports, signoff
from baocao.store.reports.deliveries import Confirmation
from baocao.store.trail import events
from baocao.workflow.consolidating.differences import also_to
from baocao.workflow.installation import Refused
from baocao.workflow.reports import dispatching, tracing
from baocao.workflow.reports.correcting import correct as open_correction
from baocao.workflow.sign_off.summary import report_summary
from baocao.workflow.status import overview
from baocao.workflow.status.status_text import status_text
from builders.sites.correction import (
    DONE,
    FOUND,
    NEW_TEXT,
    NUMBER,
    OTHER,
    PEOPLE,
    REASON,
    SAID,
    UNIT,
    after_dispatch,
    changed,
    correct,
    resend,
    sent,
    sign,
)
from builders.sites.site import PERIOD, REGIME, SIGNATURE, Site

pytestmark = pytest.mark.usefixtures("without_renderings")


def folder(site: Site, version: int) -> Path:
    return site.place.settings.dispatch / REGIME / PERIOD / f"v{version}"


def first_workbook(site: Site) -> bytes:
    """The office's workbook of the first version."""
    with site.place.store.read() as conn:
        first = reports.reports(conn, REGIME, PERIOD)[0]
    return file_of(site, {"report_id": first.id}, "tong-hop")


def file_of(site: Site, report: dict[str, Any], start: str) -> bytes:
    """A frozen file of a report by the beginning of its name."""
    with site.place.store.read() as conn:
        files = reports.manifest(conn, report["report_id"])["files"]
    return site.place.store.files.get(next(f["sha256"] for f in files if f["name"].startswith(start)))


def rows(sheet: Worksheet, table: str) -> list[dict[str, Any]]:
    """The rows of a table of the sheet, found by its printed codes as a stranger's program would."""
    lines = list(sheet.iter_rows(values_only=True))
    at = next(i for i, line in enumerate(lines) if line[0] == table)
    names = {code: i for i, code in enumerate(lines[at]) if code and i}
    found = []
    for line in lines[at + 1 :]:
        if not line[0] or "/" not in str(line[0]):
            break
        found.append({"key": line[0], **{code: line[i] for code, i in names.items()}})
    return found


def values(data: bytes) -> dict[str, tuple[str, ...]]:
    """What the hidden sheet of exact values says, by cell: value, nil, classes."""
    sheet = load_workbook(BytesIO(data))["_values"]
    lines = [[cell or "" for cell in line] for line in sheet.iter_rows(min_row=2, values_only=True)]
    return {"/".join(line[:3]): (line[3], line[4], line[10]) for line in lines}


# opening -----------------------------------------------------------------------------------------------------------


def test_signed_undispatched_report_is_not_corrected(
    signed: tuple[Site, dict[str, Any]],
) -> None:
    site, _ = signed
    with pytest.raises(Refused, match=r"đã ký, chưa gửi.*baocao revoke"):
        correct(site)
    with site.place.store.read() as conn:
        assert "correction_opened" not in {e.action for e in events.events(conn)}


def test_a_correction_needs_a_reason_and_a_person(dispatched: Site) -> None:
    for missing in ({"reason": " "}, {"by": ""}):
        with pytest.raises(Refused, match="lý do"):
            open_correction(dispatched.place, REGIME, PERIOD, **{**PEOPLE, **missing}, as_of=after_dispatch(dispatched))


@pytest.mark.parametrize(
    ("units", "until", "words"),
    [
        ([UNIT], None, "--until"),
        ([], date(2026, 12, 1), "--unit"),
        (["99999"], date(2026, 12, 1), "'99999'"),
        ([UNIT], date(2026, 6, 1), "đã qua"),
    ],
)
def test_resending_needs_known_units_and_future_day(
    dispatched: Site, units: list[str], until: date | None, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        open_correction(
            dispatched.place, REGIME, PERIOD, **PEOPLE, as_of=after_dispatch(dispatched), units=units, until=until
        )
    with dispatched.place.store.read() as conn:
        assert corrections.waiting(conn, REGIME, PERIOD) is None


def test_only_the_named_unit_may_send_again(dispatched: Site) -> None:
    site = dispatched
    correct(site, UNIT)
    letters = {p.name.split("__")[2] for p in site.place.settings.outbox.glob("*__correction-*.eml")}
    assert letters == {UNIT}
    assert resend(site)["accepted"] == 1
    assert resend(site, unit=OTHER)["quarantined"] == 1


def test_second_call_only_adds_units_to_the_correction(dispatched: Site) -> None:
    site = dispatched
    first = correct(site, UNIT)
    again, more = correct(site), correct(site, OTHER)
    assert [a["repeated"] for a in (first, again, more)] == [False, True, True]
    assert len({a["correction_id"] for a in (first, again, more)}) == 1
    assert resend(site, unit=OTHER)["accepted"] == 1
    with site.place.store.read() as conn:
        actions = [e.action for e in events.events(conn) if e.action.startswith("correction")]
    assert actions == ["correction_opened", "correction_extended"]


def test_repeated_correction_order_sends_no_second_letter(dispatched: Site) -> None:
    site = dispatched
    first, again = correct(site, UNIT), correct(site, UNIT)
    assert (first["units"], again["units"], again["repeated"]) == ([UNIT], [], True)
    assert len(list(site.place.settings.outbox.glob("*__correction-*.eml"))) == 1
    with pytest.raises(Refused, match="phải muộn hơn"):
        correct(site, UNIT, until=(after_dispatch(site) + timedelta(days=6)).date())
    assert resend(site)["accepted"] == 1


def test_correction_without_changes_is_refused(dispatched: Site) -> None:
    site = dispatched
    unopened = site.consolidate(after_dispatch(site))
    assert (unopened["version"], unopened["repeated"]) == (1, True)
    correct(site, UNIT)
    with pytest.raises(Refused, match="không có gì để đính chính"):
        site.consolidate(after_dispatch(site, 4))
    # A workbook that says the same in another file changes nothing either.
    assert resend(site, site.workbook(UNIT, {SAID: "Đã rà soát"}))["accepted"] == 1
    with pytest.raises(Refused, match="không có gì để đính chính"):
        site.consolidate(after_dispatch(site, 5))
    with site.place.store.read() as conn:
        assert [r.version for r in reports.reports(conn, REGIME, PERIOD)] == [1]


# the new version ---------------------------------------------------------------------------------------------------


def test_workbook_lists_exactly_the_cells_that_differ(
    frozen: tuple[Site, dict[str, Any]],
) -> None:
    site, report = frozen
    book = file_of(site, report, "tong-hop")
    old, new = values(first_workbook(site)), values(book)
    opened = load_workbook(BytesIO(book))
    changes, causes, texts = (rows(opened["Đính chính"], f"§DINH_CHINH.{t}") for t in "ABC")

    assert {c["key"] for c in changes} == {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    by_key = {c["key"]: c for c in changes}
    assert {str(FOUND), str(DONE), "PL01/CT10/TL", "PL01/CT20/TL"} <= by_key.keys()
    for key, change in by_key.items():
        assert change["§SO_MOI"] - change["§SO_CU"] == pytest.approx(change["§CHENH_LECH"]), key
    assert by_key[str(DONE)]["§CHENH_LECH"] == 5
    assert by_key["PL01/CT10/TL"]["§NGUON"] == f"{UNIT}: {FOUND}"

    assert {(c["key"], c["§MA_DON_VI"]) for c in causes} == {(str(FOUND), UNIT), (str(DONE), UNIT)}
    cause = next(c for c in causes if c["key"] == str(FOUND))
    assert int(cause["§MOI"]) - int(cause["§CU"]) == 4
    assert int(cause["§BC_MOI"]) > int(cause["§BC_CU"])
    raw = tracing.trace(site.place, REGIME, PERIOD, str(FOUND))
    mine = next(c for c in raw["contributions"] if c["unit"] == UNIT)
    assert (cause["§TRANG"], cause["§O"], cause["§BC_MOI"]) == (mine["sheet"], mine["a1"], str(mine["submission_id"]))
    assert cause["§GIAI_TRINH"] == "'=Đếm sót điểm phát hiện cuối kỳ"
    assert [t["§MOI"] for t in texts] == [NEW_TEXT]

    meta = {line[0]: line[1] for line in opened["_meta"].iter_rows(values_only=True)}
    assert (meta["corrects.version"], meta["corrects.number"]) == ("1", SIGNATURE["number"])
    assert meta["corrects.changes"] == str(len(changes))


def test_word_report_names_replaced_report_and_changes(
    frozen: tuple[Site, dict[str, Any]],
) -> None:
    site, report = frozen
    document = Document(BytesIO(file_of(site, report, "bao-cao")))
    texts = [p.text for p in document.paragraphs]
    replaced = "Báo cáo số 151/BC-UBND ngày 23 tháng 6 năm 2026 của Ủy ban nhân dân tỉnh Thanh Hóa"
    at = texts.index(f"Báo cáo này thay thế {replaced}.")
    assert texts[at + 1] == f"Lý do đính chính: {REASON}. Nội dung đính chính tại Phụ lục VI."
    assert texts[at + 2].startswith("Thực hiện chế độ báo cáo")
    assert any(t.startswith("Kết quả thực hiện") and t.endswith("(đính chính)") for t in texts[:at])
    assert texts.index("Phụ lục VI") > texts.index("Phụ lục V") > at
    table = document.tables[-1]
    assert [c.text for c in table.rows[0].cells][3:6] == ["Số đã báo cáo", "Số đính chính", "Tăng (+), giảm (-)"]
    assert len(table.rows) == 1 + 4
    assert "+5" in {row.cells[5].text for row in table.rows}
    letter = Document(BytesIO(file_of(site, report, "to-trinh")))
    assert any("Báo cáo số 151/BC-UBND" in p.text and REASON in p.text for p in letter.paragraphs)


def test_an_ordinary_report_has_no_trace_of_corrections(frozen: tuple[Site, dict[str, Any]]) -> None:
    site, _ = frozen
    with site.place.store.read() as conn:
        first = reports.reports(conn, REGIME, PERIOD)[0]
        assert "corrects" not in reports.manifest(conn, first.id)
    book = load_workbook(BytesIO(first_workbook(site)))
    assert "Đính chính" not in book.sheetnames
    assert not any(str(line[0]).startswith("corrects") for line in book["_meta"].iter_rows(values_only=True))
    assert "replaces" not in json.loads((folder(site, 1) / "recipients.json").read_text())


def test_whoever_decides_sees_the_changes_first(frozen: tuple[Site, dict[str, Any]]) -> None:
    site, report = frozen
    shown = report_summary(site.place, report["report_id"])
    assert shown["subject"].endswith("(đính chính)")
    body = shown["body"]
    assert body.index("thay thế Báo cáo số 151/BC-UBND") < body.index("| CT20 |") < body.index("Chưa có báo cáo")
    status = overview.status(site.place, REGIME, PERIOD, after_dispatch(site, 5))
    assert status["correction"]["reason"] == REASON
    assert (status["report"]["version"], status["correction"]["corrects_version"]) == (2, 1)
    assert "Đang đính chính báo cáo số 151/BC-UBND" in status_text(status)
    first = report_summary(site.place, 1)
    assert "đính chính" not in first["subject"] + first["body"]


# sign-off and dispatch ---------------------------------------------------------------------------------------------


def test_old_report_stands_until_correction_is_dispatched(
    frozen: tuple[Site, dict[str, Any]],
) -> None:
    site, report = frozen
    before = {p.name: p.read_bytes() for p in folder(site, 1).iterdir()}
    assert not folder(site, 2).exists()
    with site.place.store.read() as conn:
        assert corrections.last_dispatched(conn, REGIME, PERIOD).version == 1  # type: ignore[union-attr]
        manifest = reports.manifest(conn, 1)
    at = after_dispatch(site, 5)
    said = Confirmation("đã nhận", site.place.day(REGIME, at), "van-thu")
    dispatching.acknowledge(site.place, REGIME, PERIOD, "bo-cong-an", said, at, accepted=False)
    done = sent(site, report)
    assert (done["status"], done["version"], done["late"]) == ("DISPATCHED", 2, False)
    with site.place.store.read() as conn:
        assert corrections.last_dispatched(conn, REGIME, PERIOD).version == 2  # type: ignore[union-attr]
        assert corrections.waiting(conn, REGIME, PERIOD) is None
        assert reports.manifest(conn, 1) == manifest
        assert {d.recipient: d.receipt for d in signoff.dispatches(conn, 1)}["bo-cong-an"] == "đã nhận"
        assert events.verify(conn).ok
    assert {p.name: p.read_bytes() for p in folder(site, 1).iterdir()} == before


def test_correction_goes_out_under_its_own_number(
    frozen: tuple[Site, dict[str, Any]],
) -> None:
    site, report = frozen
    site.approve(report)
    with pytest.raises(Refused, match="phải mang số mới"):
        sign(site, report, number="0151")
    with pytest.raises(Refused, match="trước ngày báo cáo được duyệt"):
        sign(site, report, signed_on="2026-06-22")
    sign(site, report)
    dispatching.dispatch(site.place, report["report_id"], after_dispatch(site, 6))
    with site.place.store.read() as conn:
        first, second = ({d.recipient for d in signoff.dispatches(conn, r)} for r in (1, report["report_id"]))
    assert first == second
    metadata = json.loads((folder(site, 2) / "metadata.json").read_text())
    assert metadata["CodeNumber"] == NUMBER
    assert metadata["Subject"].endswith("(đính chính)")
    assert "thay thế Báo cáo số 151/BC-UBND ngày 23/06/2026" in metadata["Description"]
    replaced = json.loads((folder(site, 2) / "recipients.json").read_text())["replaces"]
    assert replaced == {"number": "151", "symbol": "BC-UBND", "signed_on": "2026-06-23"}
    bound = json.loads((folder(site, 2) / "manifest.json").read_text())["corrects"]
    assert (bound["version"], bound["reason"]) == (1, REASON)
    letters = list(site.place.settings.outbox.glob("*__dispatch-v2.eml"))
    assert {p.name.split("__")[2] for p in letters} == second
    message = message_from_bytes(letters[0].read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    assert "thay thế Báo cáo số 151/BC-UBND ngày 23/06/2026" in body.get_content()
    figure = str(tracing.trace(site.place, REGIME, PERIOD, str(DONE))["value"])
    assert figure not in body.get_content().replace(".", " ").split()


def test_former_recipient_gets_the_correction_too(
    frozen: tuple[Site, dict[str, Any]],
) -> None:
    site, _ = frozen
    with site.place.store.read() as conn:
        before = signoff.dispatches(conn, 1)
    allowed = [d.recipient for d in before[1:]]
    assert [r.id for r in also_to(before, site.pack, allowed)] == [before[0].recipient]
    unknown = site.pack.regime.model_copy(update={"recipients": ()})
    stranger = also_to(before, type(site.pack)(unknown, (), (), (), "0" * 64), allowed)
    assert [(r.name, r.email) for r in stranger] == [(before[0].name, before[0].address)]


def test_returned_correction_is_followed_by_another(
    frozen: tuple[Site, dict[str, Any]],
) -> None:
    site, second = frozen
    site.approve(second, "return", "Giải trình thêm điểm CT20")
    third = site.consolidate(after_dispatch(site, 6))
    assert third["version"] == 3
    assert report_summary(site.place, int(str(third["report_id"])))["subject"].endswith("(đính chính)")
    sent(site, third)
    assert site.consolidate(after_dispatch(site, 7))["repeated"] is True
    again = correct(site, UNIT, at=after_dispatch(site, 7))
    assert (again["corrects_version"], again["number"]) == (3, NUMBER)
    data = changed(site, more={DONE: int(str(site.filled(UNIT).values[DONE])) + 6})
    assert resend(site, data, days=8)["accepted"] == 1
    fourth = site.consolidate(after_dispatch(site, 9))
    texts = [p.text for p in Document(BytesIO(file_of(site, fourth, "bao-cao"))).paragraphs]
    assert any(t.startswith("Báo cáo này thay thế Báo cáo số 163/BC-UBND ngày 29 tháng 6 năm 2026") for t in texts)
    with pytest.raises(Refused, match="phải mang số mới"):
        site.approve(fourth)
        sign(site, fourth)
