"""Every forgery that once went through is made here as somebody with the database's password would make it, and is
found by the verb that comes next, with a sentence that says what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Connection, Integer, delete, insert, select, update

from baocao.delivery.contexts import CONTEXTS
from baocao.model.lead import CommentKind
from baocao.model.pack_parts.relation import EntryLevel
from baocao.model.submission import GivenBackKind
from baocao.store import lead_comments, lead_slices, special_periods
from baocao.store.lead_slices import LeadSlice
from baocao.store.reports import reports, source_decisions
from baocao.store.submissions import given_back, submissions
from baocao.store.tables import (
    Instant,
    approval,
    cell,
    event,
    event_head,
    metadata,
    outbox,
    report,
    submission,
    waiver,
    waiver_withdrawal,
)
from baocao.store.trail import events
from baocao.store.trail.rows import HELD
from baocao.workflow.auditing.recorded import Trail
from baocao.workflow.auditing.rows import NAMES, rows_that_differ
from baocao.workflow.auditing.verifying import verify
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Refused
from baocao.workflow.periods.waiving import waive, withdraw_waiver
from baocao.workflow.reports import replaying
from builders.packs.inspections import a_plan
from builders.sites.correction import after_dispatch, correct
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

pytestmark = pytest.mark.usefixtures("without_renderings")
UNIT = COMMUNES[0]


def drop_guards(conn: Connection) -> None:
    for (name,) in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
        conn.exec_driver_sql(f'DROP TRIGGER "{name}"')


def forge(site: Site, *statements: Any) -> None:
    with site.place.store.engine.begin() as conn:
        drop_guards(conn)
        for statement in statements:
            conn.execute(statement)


def problems(site: Site) -> str:
    answer = verify(site.place)
    assert not answer["ok"]
    return "\n".join(answer["problems"])


def one_figure(site: Site) -> Any:
    """A stored figure of one unit's accepted submission, as a condition."""
    with site.place.store.read() as conn:
        found = conn.execute(
            select(cell)
            .join(submission, submission.c.id == cell.c.submission_id)
            .where(submission.c.unit == UNIT, submission.c.period == PERIOD, cell.c.answer == "value")
            .where(cell.c.form == "PL01", cell.c.col == "TH")
            .limit(1)
        ).one()
    return (
        (cell.c.submission_id == found.submission_id)
        & (cell.c.form == found.form)
        & (cell.c.row == found.row)
        & (cell.c.col == found.col)
    )


def test_an_installation_nobody_touched_has_nothing_wrong(dispatched: Site) -> None:
    answer = verify(dispatched.place)
    assert answer["problems"] == []
    assert answer["ok"]
    assert answer["checked"]["submissions"] > len(dispatched.units)
    assert answer["checked"]["reports"] == 1
    assert answer["checked"]["files"] > 10
    assert answer["anchors"] > 10


def test_dispatch_and_audit_find_a_forged_signature(collected: Site) -> None:
    site = collected
    frozen = site.consolidate()
    row = {"report_id": frozen["report_id"], "content_sha256": frozen["content_sha256"], "at": site.report_day}
    signature = {
        "document_number": "151",
        "document_symbol": "BC-UBND",
        "signed_on": "2026-06-23",
        "signer": "Người ký",
        "signer_title": "Chủ tịch",
    }
    forge(
        site,
        insert(approval).values(role="standing_office", decision="approve", by="ai đó", note="", **row),
        insert(approval).values(role="peoples_committee", decision="sign", by="ai khác", note="", **row, **signature),
        update(report).where(report.c.id == frozen["report_id"]).values(status="APPROVED"),
        update(report).where(report.c.id == frozen["report_id"]).values(status="SIGNED"),
    )
    with pytest.raises(Refused, match="không có trong nhật ký: không do hệ thống này ghi"):
        site.dispatch(frozen)
    said = problems(site)
    assert "chữ ký của ai khác không có trong nhật ký" in said
    assert "sổ ghi SIGNED, theo nhật ký phải là FROZEN" in said


def test_forged_signature_with_forged_events_is_found(collected: Site) -> None:
    site = collected
    frozen = site.consolidate()
    site.approve(frozen)
    forged = {"report_id": frozen["report_id"], "content_sha256": frozen["content_sha256"], "at": site.report_day}
    signature = {
        "document_number": "151", "document_symbol": "BC-UBND", "signed_on": "2026-06-23", "signer": "Người ký",
        "signer_title": "Chủ tịch",
    }  # fmt: skip
    with site.place.store.engine.begin() as conn:
        drop_guards(conn)
        last = conn.execute(select(event).order_by(event.c.seq.desc()).limit(1)).one()._mapping
        made = {
            **last,
            "seq": last["seq"] + 1,
            "previous_hash": last["hash"],
            "action": "report_sign",
            "hash": "a" * 64,
        }
        made |= {"subject": f"report/{frozen['report_id']}", "actor": "ai khác", "payload": {"number": "151"}}
        conn.execute(insert(event).values(**made))
        conn.execute(update(event_head).values(seq=made["seq"], hash=made["hash"]))
        conn.execute(
            insert(approval).values(
                role="peoples_committee", decision="sign", by="ai khác", note="", **forged, **signature
            )
        )
        conn.execute(update(report).where(report.c.id == frozen["report_id"]).values(status="SIGNED"))
    with pytest.raises(Refused, match="không có trong nhật ký"):
        site.dispatch(frozen)
    assert "report_sign của report/1 không có khóa đúng" in problems(site)


def test_events_deleted_and_chained_anew_are_found(dispatched: Site) -> None:
    site = dispatched
    with site.place.store.engine.begin() as conn:
        drop_guards(conn)
        rows = [dict(r._mapping) for r in conn.execute(select(event).order_by(event.c.seq))]
        conn.execute(delete(event))
        previous, kept = events.GENESIS, [r for r in rows if r["action"] != "report_approve"]
        for seq, row in enumerate(kept, start=1):
            row |= {"seq": seq, "previous_hash": previous}
            row["hash"] = previous = events._digest({k: row[k] for k in events._HASHED}, None)
            conn.execute(insert(event).values(**row))
        conn.execute(update(event_head).values(seq=len(kept), hash=previous))
    said = problems(site)
    assert "nội dung đã bị sửa, hoặc không do hệ thống này ghi" in said
    assert "việc duyệt của can-bo-truc không có trong nhật ký" in said


def test_a_cell_changed_before_the_consolidation_stops_it(collected: Site) -> None:
    site = collected
    forge(site, update(cell).where(one_figure(site)).values(value="999999"))
    for step in (drafting.gate, drafting.consolidate):
        with pytest.raises(Refused, match=rf"đơn vị {UNIT}\) không còn là số liệu đã tiếp nhận"):
            step(site.place, REGIME, PERIOD, site.report_day)
    assert f"(đơn vị {UNIT}) không còn là số liệu đã tiếp nhận" in problems(site)


def test_removed_cell_stops_the_gate(collected: Site) -> None:
    site = collected
    forge(site, delete(cell).where(one_figure(site)))
    with pytest.raises(Refused, match="không còn là số liệu đã tiếp nhận"):
        drafting.gate(site.place, REGIME, PERIOD, site.report_day)


def test_forged_acceptance_of_a_submission_stops_the_gate(collected: Site) -> None:
    site = collected
    with site.place.store.engine.begin() as conn:
        drop_guards(conn)
        old = conn.execute(select(submission).where(submission.c.unit == UNIT, submission.c.period == PERIOD)).one()
        new = {**old._mapping, "id": 9999, "sha256": "b" * 64, "receipt_number": "giả", "arrival": None}
        new |= {"received_at": site.report_day, "supersedes_id": old.id}
        conn.execute(insert(submission).values(**new))
    with pytest.raises(Refused, match="ghi là đã tiếp nhận nhưng nhật ký không có việc đó"):
        drafting.gate(site.place, REGIME, PERIOD, site.report_day)
    assert "sổ ghi ACCEPTED, nhật ký không có quyết định nào" in problems(site)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"document_number": "999"}, "số văn bản trong sổ là '999', nhật ký ghi '151'"),
        ({"signer": "Người khác"}, "người ký trong sổ là 'Người khác'"),
        ({"signed_on": "2026-06-22"}, "ngày ký trong sổ là '2026-06-22'"),
        ({"by": "người khác"}, "sổ ghi người khác"),
    ],
)
def test_changed_number_or_signer_is_not_dispatched(
    signed: tuple[Site, dict[str, Any]], changes: dict[str, str], said: str
) -> None:
    site, sent = signed
    forge(site, update(approval).where(approval.c.decision == "sign").values(**changes))
    with pytest.raises(Refused, match=said):
        site.dispatch(sent)
    assert said in problems(site)


def test_audit_finds_forged_or_deleted_waivers_and_extensions(dispatched: Site) -> None:
    site, day = dispatched, dispatched.opens + timedelta(days=1)
    at = after_dispatch(site)
    waive(site.place, REGIME, PERIOD, COMMUNES[1], until=None, reason="Bão", by="can-bo", as_of=day)
    withdraw_waiver(site.place, REGIME, PERIOD, COMMUNES[1], reason="Nhầm đơn vị", by="can-bo", as_of=day)
    correct(site, UNIT, at=at)
    assert verify(site.place)["problems"] == []
    with site.place.store.read() as conn:
        mine = dict(conn.execute(select(waiver).where(waiver.c.unit == UNIT)).one()._mapping)
    forge(site, insert(waiver).values({**mine, "id": 99, "unit": COMMUNES[2]}))
    assert f"gia hạn của đơn vị {COMMUNES[2]} ({PERIOD}): sổ có, nhật ký không có" in problems(site)
    forge(
        site,
        delete(waiver).where(waiver.c.id == 99),
        update(waiver).where(waiver.c.unit == UNIT).values(until=at + timedelta(days=99)),
    )
    assert f"gia hạn của đơn vị {UNIT} ({PERIOD}): nhật ký có, sổ không có" in problems(site)
    forge(
        site,
        update(waiver).where(waiver.c.unit == UNIT).values(until=mine["until"]),
        update(waiver_withdrawal).values(withdrawn_by="người khác"),
    )
    assert f"miễn nộp của đơn vị {COMMUNES[1]}" in problems(site)


def every_kind_of_row(site: Site) -> None:
    """One row at least in every table that is held to the trail, where the road leaves none."""
    at = site.report_day
    with site.place.store.begin() as conn:
        a_plan(conn, regime=REGIME)
        lead_comments.raise_comment(
            conn, regime=REGIME, period=PERIOD, lead="38-SYT", kind=CommentKind.COMMENT, unit=UNIT, project="6",
            cell=None, text="Đề nghị xem lại", raised_at=at, raised_by="Sở Y tế",
        )  # fmt: skip
        source_decisions.record(
            conn, regime=REGIME, period=PERIOD, form="PL01", row="CT01", stands=EntryLevel.COMMUNE,
            reason="Sát thực tế", by="can-bo", at=at,
        )  # fmt: skip
        special_periods.add(conn, replace(site.period, code="2026-DX9"), by="can-bo", reason="Yêu cầu", at=at)
        lead_slices.record(conn, REGIME, PERIOD, LeadSlice("38-SYT", "a" * 64, "b" * 64, "c" * 64, at))
        sent = submissions.accepted(conn, REGIME, PERIOD)[0]
        given_back.record(conn, sent.id, GivenBackKind.RETURNED, reason="Thiếu chữ ký", by="can-bo", at=at)


def another(table: str, column: str) -> str:
    """SQL for a value of that column that differs from the one it has."""
    kind = metadata.tables[table].c[column].type
    if isinstance(kind, Instant):
        return "'2020-01-01T00:00:00.000000+00:00'"
    if isinstance(kind, Boolean | Integer):
        return f'1 - "{column}"'
    return "'[\"giả\"]'" if isinstance(kind, JSON) else "'giả'"


def test_every_forged_row_of_the_trail_is_told(dispatched: Site) -> None:
    site, tried = dispatched, 0
    every_kind_of_row(site)
    assert verify(site.place, files=False)["problems"] == []
    with site.place.store.engine.connect() as conn:
        # As a migration: foreign keys would keep some of these rows.
        conn.info["baocao_migrating"] = True
        with conn.begin() as all_of_it:
            trail = Trail(conn, events.events(conn))
            drop_guards(conn)
            conn.exec_driver_sql("PRAGMA ignore_check_constraints = 1")
            for table, columns in HELD.items():
                one = f"WHERE id = (SELECT max(id) FROM {table} {OF_OTHERS if table == 'outbox' else ''})"
                for column in columns:
                    if not metadata.tables[table].c[column].nullable:
                        told = told_after(
                            conn, trail, f'UPDATE {table} SET "{column}" = {another(table, column)} {one}'
                        )
                        assert [NAMES[table] in line and "khác lúc ghi" in line for line in told] == [True], (
                            table,
                            column,
                        )
                        tried += 1
                gone = told_after(conn, trail, f"DELETE FROM {table} {one}")
                assert any(line.startswith(NAMES[table]) and "sổ không còn" in line for line in gone), table
                made_up = told_after(conn, trail, f"UPDATE {table} SET id = id + 9999 {one}")
                assert any(line.startswith(NAMES[table]) and "nhật ký không có" in line for line in made_up), table
            conn.exec_driver_sql("PRAGMA ignore_check_constraints = 0")
            all_of_it.rollback()
    assert tried > 60


OF_OTHERS = "WHERE unit <> 'operator'"


def told_after(conn: Connection, trail: Trail, statement: str) -> list[str]:
    """What the audit says of rows when one statement was written past every guard; then it is undone."""
    with conn.begin_nested() as forged:
        assert conn.exec_driver_sql(statement).rowcount == 1, statement
        told = rows_that_differ(conn, trail, {})
        forged.rollback()
    return told


def test_audit_finds_forged_letter_states_and_recipients(dispatched: Site) -> None:
    site, c = dispatched, outbox.c
    with site.place.store.read() as conn:
        left = conn.execute(select(outbox).where(c.status == "SENT", c.unit == UNIT).limit(1)).one()
    forge(site, update(outbox).where(c.id == left.id).values(recipient="ke-gian@xa.example"))
    assert f"việc gửi thư số {left.id} (đơn vị {UNIT}" in problems(site)
    forge(site, update(outbox).where(c.id == left.id).values(recipient=left.recipient, status="PENDING", sent_at=None))
    assert f"việc gửi thư số {left.id}: nhật ký có" in problems(site)
    forge(site, update(outbox).where(c.id == left.id).values(status="SENT", sent_at=left.sent_at))
    assert verify(site.place)["problems"] == []


def overwrite(site: Site, sha256: str) -> Path:
    path = Path(site.place.store.files.where(sha256))
    path.chmod(0o644)
    path.write_bytes(b"something else")
    return path


def test_a_raw_file_changed_is_not_dispatched(signed: tuple[Site, dict[str, Any]]) -> None:
    site, sent = signed
    with site.place.store.read() as conn:
        sha256 = conn.execute(
            select(submission.c.sha256).where(submission.c.unit == UNIT, submission.c.period == PERIOD)
        ).scalar_one()
    overwrite(site, sha256)
    with pytest.raises(Refused, match=rf"tệp gốc của đơn vị {UNIT}.*không còn khớp mã băm"):
        site.dispatch(sent)
    assert f"(đơn vị {UNIT})" in problems(site)


def test_replay_and_audit_find_changed_or_lost_files(dispatched: Site) -> None:
    site = dispatched
    assert replaying.replay(site.place, REGIME, PERIOD)["identical"]
    with site.place.store.read() as conn:
        first, second, *_ = reports.manifest(conn, 1)["files"]
    overwrite(site, first["sha256"])
    Path(site.place.store.files.where(second["sha256"])).unlink()
    answer = replaying.replay(site.place, REGIME, PERIOD)
    assert not answer["identical"]
    told = "\n".join(answer["differences"])
    assert f"tệp {first['name']} đã chốt" in told and f"tệp {second['name']} đã chốt" in told
    said = problems(site)
    assert first["name"] in said and second["name"] in said


def test_changed_package_and_planted_file_are_told(dispatched: Site) -> None:
    site = dispatched
    folder = site.place.settings.dispatch / REGIME / PERIOD / "v1"
    (folder / "metadata.json").write_text("{}")
    stranger = site.data / "files" / "ab" / "cd" / "la.xlsx"
    stranger.parent.mkdir(parents=True, exist_ok=True)
    stranger.write_bytes(b"x")
    said = problems(site)
    assert "bộ hồ sơ đã phát hành: metadata.json: nội dung đã bị thay đổi" in said
    assert "tệp lạ trong kho tệp" in said


def test_letters_carry_the_head_of_the_trail(dispatched: Site) -> None:
    """With one of them in hand a trail that was rewritten, key and all, is told from the real one."""
    site = dispatched
    anchored = {name for name, context in CONTEXTS.items() if context.anchored}
    assert anchored == {"accepted", "approval_requested", "dispatch", "dispatch_correction"}
    with site.place.store.read() as conn:
        texts = conn.execute(select(outbox.c.step, outbox.c.text).where(outbox.c.text.contains("Mốc nhật ký"))).all()
        trail = {e.seq: e.hash for e in events.events(conn)}
    printed = {row.step: row.text.rpartition("Mốc nhật ký để đối chiếu khi cần: ")[2].split()[0] for row in texts}
    assert {step.split("-")[0] for step in printed} == {"accepted", "report", "dispatch"}
    for text in printed.values():
        seq, _, digest = text.partition(":")
        assert trail[int(seq)] == digest
    seq, _, digest = next(iter(printed.values())).partition(":")
    assert verify(site.place, {int(seq): digest}, files=False)["ok"]
    assert not verify(site.place, {int(seq): "a" * 64}, files=False)["ok"]
