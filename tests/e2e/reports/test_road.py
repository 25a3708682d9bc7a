"""The whole road of one period, without Airflow: from the opened window to the ministry."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import update

from baocao.model.form import CellKey
from baocao.model.submission import Status
from baocao.store.submissions import submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.tables import cell, report
from baocao.store.trail import events
from baocao.workflow.installation import Refused
from baocao.workflow.periods import windows
from baocao.workflow.reports import replaying, tracing
from baocao.workflow.status import overview
from baocao.workflow.sweeps import reminding
from builders.sites.site import COMMUNES, PERIOD, REGIME, SIGNATURE, Site
from servers.postgres import PostgresServer

CT01 = CellKey("PL01", "CT01", "TH")


def mails(site: Site) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in site.place.settings.outbox.glob("*.eml")}


def test_period_runs_from_open_window_to_ministry(signed: tuple[Site, dict[str, object]]) -> None:
    site, report = signed
    done = site.dispatch(report)
    status = overview.status(site.place, REGIME, PERIOD, site.report_day)
    assert done["status"] == "DISPATCHED"
    assert status["accepted"] == status["units_expected"] == len(site.units)
    assert status["missing"] == []
    rule = site.pack.rule_of(site.period.kind)
    assert [d["recipient"] for d in status["report"]["dispatched"]] == list(rule.recipients)
    assert "bo-tai-chinh" not in str(rule.recipients).lower()
    folder = Path(str(done["package"]))
    suffixes = {p.suffix for p in folder.iterdir()}
    assert suffixes >= {".xlsx", ".xml", ".json"} and len(suffixes & {".pdf", ".docx"}) == 1
    assert json.loads((folder / "metadata.json").read_text())["CodeNumber"] == SIGNATURE["number"]
    with site.place.store.read() as conn:
        assert events.verify(conn).ok


@pytest.mark.postgres
def test_postgresql_gives_the_same_report_as_sqlite(
    signed: tuple[Site, dict[str, object]], trimmed: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    site, on_sqlite = signed
    other = Site(trimmed, tmp_path / "pg", postgres_server.new_database())
    other.place.store.migrate()
    on_postgres = other.to_signed()
    first, second = (
        {
            f["name"]: f["sha256"]
            for f in json.loads((Path(str(s.dispatch(r)["package"])) / "manifest.json").read_text())["files"]
            if f["reproducible"]
        }
        for s, r in ((site, on_sqlite), (other, on_postgres))
    )
    assert first == second
    other.place.store.close()


def test_repeated_verbs_send_nothing_twice(signed: tuple[Site, dict[str, object]]) -> None:
    site, report = signed
    site.dispatch(report)
    before = mails(site)
    site.open()
    site.collect()
    again = site.consolidate()
    assert (again["report_id"], again["content_sha256"]) == (report["report_id"], report["content_sha256"])
    site.approve(report)
    site.sign(report)
    site.dispatch(report)
    assert mails(site) == before


def test_opening_in_parts_equals_opening_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MOST_AT_ONCE", 3)
    waiting = windows.begin_window(site.place, REGIME, PERIOD, site.opens)["waiting"]
    assert waiting == [u.code for u in site.units] and mails(site) == {}
    parts = windows.in_chunks(waiting)
    assert [code for part in parts for code in part] == waiting
    assert max(map(len, parts)) <= 3 and max(map(len, parts)) - min(map(len, parts)) <= 1
    assert windows.in_chunks([]) == []
    done = windows.write_blanks(site.place, REGIME, PERIOD, parts[-1], site.opens)
    assert (done["blanks"], done["mails_sent"]) == (len(parts[-1]), len(parts[-1]))
    assert windows.begin_window(site.place, REGIME, PERIOD, site.opens)["waiting"] == waiting[: -len(parts[-1])]
    assert windows.write_blanks(site.place, REGIME, PERIOD, parts[-1], site.opens)["blanks"] == 0
    assert site.open()["blanks"] == len(waiting) - len(parts[-1]) and len(mails(site)) == len(waiting)


def test_broken_workbook_is_returned_and_its_correction_accepted(opened: Site) -> None:
    site = opened
    unit = COMMUNES[0]
    opening = CellKey("B04", "NGHIEN", "DK")
    wrong = int(str(site.filled(unit).values[opening])) + 7
    site.send(unit, site.workbook(unit, {opening: wrong}), site.in_time)
    assert site.collect()["returned"] == 1
    letter = next(m for name, m in mails(site).items() if f"__{unit}__returned" in name)
    message = message_from_bytes(letter, policy=policy.default)
    attached = [part.get_filename() for part in message.iter_attachments()]
    assert attached and attached[0].startswith(f"ket-qua_{unit}")
    site.send(unit, site.workbook(unit), site.in_time + timedelta(hours=3))
    assert site.collect(site.in_time + timedelta(hours=4))["accepted"] == 1


def test_accepted_report_counts_until_its_correction_is_accepted(opened: Site) -> None:
    site = opened
    unit = COMMUNES[1]
    site.send(unit, site.workbook(unit), site.in_time)
    site.collect()
    wrong = CellKey("B04", "NGHIEN", "DK")
    bad = int(str(site.filled(unit).values[wrong])) + 7
    site.send(unit, site.workbook(unit, {wrong: bad}), site.in_time + timedelta(hours=1))
    assert site.collect(site.in_time + timedelta(hours=2))["returned"] == 1
    with site.place.store.read() as conn:
        official = submissions.official(conn, REGIME, PERIOD, unit)
        assert official is not None and official.status is Status.ACCEPTED
        assert official.received_at <= site.in_time


def test_repeated_file_is_judged_once_answered_twice(site: Site) -> None:
    site.open()
    unit = COMMUNES[2]
    data = site.workbook(unit)
    site.send(unit, data, site.in_time)
    first = site.collect()
    site.send(unit, data, site.in_time + timedelta(hours=1))
    second = site.collect(site.in_time + timedelta(hours=2))
    assert (first["accepted"] + first["returned"], second["duplicate"]) == (1, 1)
    with site.place.store.read() as conn:
        assert [s.status for s in submissions.of_period(conn, REGIME, PERIOD)][1:] == [Status.DUPLICATE]


def test_wrong_period_or_unit_is_the_only_finding(site: Site) -> None:
    site.open()
    annual = site.place.period(REGIME, "2026-Y")
    site.send(COMMUNES[0], site.workbook(COMMUNES[0], period=annual), site.in_time)
    site.send(COMMUNES[1], site.workbook(COMMUNES[2]), site.in_time)
    assert site.collect()["returned"] == 2
    with site.place.store.read() as conn:
        rules = {s.unit: [f.rule for f in findings_of(conn, s.id)] for s in submissions.of_period(conn, REGIME, PERIOD)}
    assert sorted(rules.values()) == [["V04"], ["V05"]]


def test_file_that_is_no_workbook_is_answered(site: Site) -> None:
    site.open()
    site.send(COMMUNES[3], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), site.in_time)
    assert site.collect()["quarantined"] == 1
    assert any(f"__{COMMUNES[3]}__quarantined" in name for name in mails(site))
    assert not list((site.place.settings.inbox / COMMUNES[3]).iterdir())


def test_a_late_report_is_taken_and_flagged(opened: Site) -> None:
    site = opened
    late = site.period.unit.due_at + timedelta(seconds=1)
    site.send(COMMUNES[0], site.workbook(COMMUNES[0]), late)
    assert site.collect(late + timedelta(minutes=5))["accepted"] == 1
    assert overview.status(site.place, REGIME, PERIOD, late)["late"] == 1


def test_file_after_the_lock_is_refused_by_letter(site: Site) -> None:
    site.open()
    locked = site.period.unit.locked_after + timedelta(minutes=1)
    site.send(COMMUNES[0], site.workbook(COMMUNES[0]), locked)
    assert site.collect(locked + timedelta(minutes=5))["quarantined"] == 1
    assert any("__locked" in name for name in mails(site))


def test_only_units_without_an_accepted_report_are_reminded(opened: Site) -> None:
    site = opened
    site.send_all(but=[COMMUNES[5]])
    site.collect()
    reminding.remind(site.place, site.period.unit.due_at - timedelta(hours=2))
    reminded = {name.split("__")[2] for name in mails(site) if "__remind" in name}
    assert reminded == {COMMUNES[5]}


def test_operator_is_alarmed_about_an_awaited_signature(collected: Site) -> None:
    site = collected
    site.approve(site.consolidate())
    alarms = reminding.remind(site.place, site.report_day)["alarms"]
    assert alarms == 1
    assert reminding.remind(site.place, site.report_day + timedelta(hours=1))["alarms"] == 0
    letter = next(m for name, m in mails(site).items() if "operator" in name and "deadline" in name)
    body = message_from_bytes(letter, policy=policy.default).get_body(("plain",))
    assert body is not None and "chờ Ủy ban nhân dân ký" in body.get_content()


def test_returned_version_cannot_be_signed(collected: Site) -> None:
    site = collected
    first = site.consolidate()
    site.approve(first, "return", "Rà soát lại số người nghiện của một phường")
    second = site.consolidate()
    assert (first["version"], second["version"]) == (1, 2)
    with pytest.raises(Refused):
        site.sign(first)
    site.approve(second)
    site.sign(second)
    assert site.dispatch(second)["status"] == "DISPATCHED"


def test_a_report_is_not_returned_without_a_reason(collected: Site) -> None:
    site = collected
    report = site.consolidate()
    with pytest.raises(Refused, match="lý do"):
        site.approve(report, "return")


def test_dispatch_refuses_what_is_not_signed(collected: Site) -> None:
    site = collected
    frozen = site.consolidate()
    with pytest.raises(Refused, match="đã được Ủy ban nhân dân ký"):
        site.dispatch(frozen)


def test_dispatch_refuses_cells_changed_after_signing(
    signed: tuple[Site, dict[str, object]],
) -> None:
    site, report = signed
    with site.place.store.engine.begin() as conn:
        conn.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for (name,) in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            conn.exec_driver_sql(f'DROP TRIGGER "{name}"')
        conn.execute(
            update(cell)
            .where(cell.c.form == "PL01", cell.c.row == "CT01", cell.c.col == "TH", cell.c.answer == "value")
            .values(value="999999")
        )
    with pytest.raises(Refused, match="không còn là số liệu đã tiếp nhận"):
        site.dispatch(report)


def test_dispatch_refuses_a_manifest_changed_after_signing(
    signed: tuple[Site, dict[str, object]],
) -> None:
    site, sent = signed
    with site.place.store.engine.begin() as conn:
        for (name,) in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            conn.exec_driver_sql(f'DROP TRIGGER "{name}"')
        conn.execute(update(report).values(manifest={"files": []}))
    with pytest.raises(Refused, match="thay đổi sau khi ký"):
        site.dispatch(sent)


def test_replay_from_the_raw_files_is_byte_identical(signed: tuple[Site, dict[str, object]]) -> None:
    site, report = signed
    site.dispatch(report)
    answer = replaying.replay(site.place, REGIME, PERIOD)
    assert answer["differences"] == []
    assert answer["identical"] and all(answer["files"].values())
    assert answer["submissions"] == len(site.units)


def test_replay_names_a_cell_changed_in_the_database(
    signed: tuple[Site, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, _ = signed
    with site.place.store.engine.begin() as conn:
        for (name,) in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            conn.exec_driver_sql(f'DROP TRIGGER "{name}"')
        official = submissions.official(conn, REGIME, PERIOD, COMMUNES[0])
        assert official is not None
        conn.execute(
            update(cell)
            .where(cell.c.submission_id == official.id, cell.c.form == "PL01", cell.c.row == "CT01")
            .where(cell.c.col == "TH")
            .values(value="31415")
        )
    monkeypatch.setattr(replaying, "code_sha256", lambda: "0" * 64)
    # Another layout, as another build of the program might have.
    monkeypatch.setattr(replaying, "render", lambda *_: {"bao-cao_2026-H1_v1.docx": b""})
    answer = replaying.replay(site.place, REGIME, PERIOD)
    assert not answer["identical"]
    assert any("PL01/CT01" in line and "31415" in line for line in answer["differences"])
    [file] = [line for line in answer["differences"] if line.startswith("tệp ")]
    assert "không trùng từng byte (chốt bằng bản chương trình khác: " in file


def test_province_figure_traces_to_every_communes_cell(signed: tuple[Site, dict[str, object]]) -> None:
    site, _ = signed
    answer = tracing.trace(site.place, REGIME, PERIOD, str(CT01))
    assert {c["unit"] for c in answer["contributions"]} == set(COMMUNES)
    assert sum(int(c["value"]) for c in answer["contributions"]) == answer["value"]
    for contribution in answer["contributions"]:
        assert site.place.store.files.exists(contribution["sha256"])
        assert contribution["sheet"] and contribution["a1"]


def test_letters_carry_no_figures_of_the_report(signed: tuple[Site, dict[str, object]]) -> None:
    site, report = signed
    site.dispatch(report)
    figure = str(tracing.trace(site.place, REGIME, PERIOD, str(CT01))["value"])
    assert int(figure) > 99
    for name, data in mails(site).items():
        body = message_from_bytes(data, policy=policy.default).get_body(("plain",))
        assert body is not None
        words = body.get_content().replace(".", "").split()
        assert figure not in words, name
