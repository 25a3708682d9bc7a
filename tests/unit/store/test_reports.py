"""Consolidated reports: versions, exact values, the freeze."""

from __future__ import annotations

import threading
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from baocao.model.form import CellKey
from baocao.model.report import Contribution, Coverage, Decision, ReportFinding, ReportStatus, Role
from baocao.store.database import StaleStatus, StepNotAllowed, Store, StoreError
from baocao.store.reports import reports
from baocao.store.reports.gates import latest_gate, record_gate
from baocao.store.submissions import cells
from baocao.store.tables import report, report_input, report_value
from builders.sites.store import (
    CONTENT,
    PERIOD,
    REGIME,
    a_cell,
    a_draft,
    a_frozen,
    a_value,
    accepted,
    decide,
    minute,
    received,
    sha,
)


def test_the_first_draft_is_version_one(store: Store) -> None:
    with store.begin() as conn:
        assert reports.latest(conn, REGIME, PERIOD) is None
        draft = a_draft(conn, at=5)
        assert (draft.version, draft.status, draft.content_sha256) == (1, ReportStatus.DRAFT, None)
        assert (draft.created_at, draft.as_of) == (minute(5), minute(5))
        assert reports.latest(conn, REGIME, PERIOD) == draft


def test_an_unfinished_draft_is_taken_up_again_empty(store: Store) -> None:
    with store.begin() as conn:
        left = a_draft(conn, at=1)
        reports.insert_values(conn, left.id, [a_value()])
        reports.insert_inputs(conn, left.id, [("14797", accepted(conn).id)])
    with store.begin() as conn:
        again = a_draft(conn, at=2, inputs="more inputs")
        assert (again.id, again.version, again.created_at) == (left.id, 1, minute(2))
        assert reports.values(conn, again.id) == {}
        assert reports.inputs(conn, again.id) == []


def test_a_draft_after_a_freeze_is_version_two(store: Store) -> None:
    with store.begin() as conn:
        first = a_frozen(conn)
        second = a_draft(conn)
        other = reports.draft(
            conn, regime=REGIME, period="2026-Y", created_at=minute(0), as_of=minute(0), input_sha256=sha("x")
        )
        assert (second.version, other.version) == (2, 1)
        assert reports.reports(conn, REGIME, PERIOD) == [first, second]


def test_concurrent_drafts_are_one_version(store: Store) -> None:
    found: list[object] = []

    def begin() -> None:
        try:
            with store.begin() as conn:
                found.append(a_draft(conn).version)
        except BaseException as error:
            found.append(error)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1, 1, 1, 1]


def test_province_values_come_back_exactly_in_order(store: Store) -> None:
    kept = [
        a_value("PL01/CT02/TH", Decimal("12.50"), communes=Decimal("10.5"), provincial=Decimal("2")),
        a_value("PL01/CT01/TH", 7, previous=5, classes=(("Loại I", 3), ("Loại II", 4))),
        a_value("PL01/CT03/TL", Fraction(200, 3), previous=Fraction(5), coverage=Coverage(0, 0)),
        a_value("PL01/CT04/TL", None),
    ]
    with store.begin() as conn:
        draft = a_draft(conn)
        assert reports.insert_values(conn, draft.id, kept) == 4
        assert reports.insert_values(conn, draft.id, []) == 0
        found = reports.values(conn, draft.id)
    assert list(found) == sorted(v.key for v in kept)
    assert set(found.values()) == set(kept)
    assert type(found[CellKey("PL01", "CT02", "TH")].provincial) is Decimal
    assert type(found[CellKey("PL01", "CT03", "TL")].previous) is Fraction


def test_the_inputs_are_listed_by_unit(store: Store) -> None:
    with store.begin() as conn:
        draft = a_draft(conn)
        first, second = accepted(conn, "14800"), accepted(conn, "14797")
        assert reports.insert_inputs(conn, draft.id, [("14800", first.id), ("14797", second.id)]) == 2
        assert reports.inputs(conn, draft.id) == [("14797", second.id), ("14800", first.id)]


def test_a_frozen_report_keeps_hash_manifest_and_findings(store: Store) -> None:
    found = ReportFinding("V51", "explain", "PL01/CT01/TH", "Tăng gấp đôi so với cùng kỳ", "10", "20")
    manifest = {"files": {"báo cáo.docx": sha("docx")}, "code": "0.1.0"}
    with store.begin() as conn:
        draft = a_draft(conn)
        with pytest.raises(StoreError, match="chưa chốt"):
            reports.manifest(conn, draft.id)
        frozen = reports.freeze(conn, draft.id, content_sha256=CONTENT, manifest=manifest, findings=[found])
        assert (frozen.status, frozen.content_sha256) == (ReportStatus.FROZEN, CONTENT)
        assert reports.manifest(conn, frozen.id) == manifest
        assert reports.report_findings(conn, frozen.id) == [found]


def test_a_frozen_report_takes_nothing_more(store: Store) -> None:
    with store.begin() as conn:
        frozen = a_frozen(conn)
        sent = accepted(conn)
    with pytest.raises(StaleStatus, match="FROZEN"), store.begin() as conn:
        reports.freeze(conn, frozen.id, content_sha256=sha("other"), manifest={})
    with pytest.raises(StepNotAllowed, match="đã chốt"), store.begin() as conn:
        reports.insert_values(conn, frozen.id, [a_value()])
    with pytest.raises(StepNotAllowed, match="đã chốt"), store.begin() as conn:
        reports.insert_inputs(conn, frozen.id, [("14797", sent.id)])


def test_lineage_leads_to_the_input_submissions_cells(store: Store) -> None:
    with store.begin() as conn:
        draft = a_draft(conn)
        first, second = accepted(conn, "14800"), accepted(conn, "14797")
        left_out = received(conn, "14803")
        for sent, value in ((first, 5), (second, None), (left_out, 9)):
            cells.insert_cells(conn, sent.id, [a_cell(value=value), a_cell("PL01/CT02/TH", 1)])
        reports.insert_inputs(conn, draft.id, [("14800", first.id), ("14797", second.id)])
        key = CellKey("PL01", "CT01", "TH")
        found = reports.contributions(conn, draft.id, key, {"14797": "Xã A"})
    assert found == [
        Contribution(key, "14797", "Xã A", second.id, second.sha256, "14797.xlsx", "PL01", "D7", "", "nil"),
        Contribution(key, "14800", "14800", first.id, first.sha256, "14800.xlsx", "PL01", "D7", "5", "value"),
    ]


def test_the_last_run_of_the_gate_is_found(store: Store) -> None:
    values = {"regime": REGIME, "period": PERIOD, "evaluated": 9, "result_sha256": sha("r"), "page_sha256": sha("p")}
    with store.begin() as conn:
        assert latest_gate(conn, REGIME, PERIOD) is None
        record_gate(conn, **values, ran_at=minute(1), input_sha256=sha("a"), agrees=True, failed=0)
        told = [{"rule": "V10", "ô": "PL01/CT01/TH"}]
        last = record_gate(
            conn,
            **values,
            ran_at=minute(2),
            input_sha256=sha("b"),
            agrees=False,
            failed=1,
            disagreements=told,
        )
        assert latest_gate(conn, REGIME, PERIOD) == last
        assert (last.agrees, last.disagreements) == (False, told)


def test_a_report_that_does_not_exist_is_named(store: Store) -> None:
    with store.read() as conn, pytest.raises(StoreError, match="77"):
        reports.report_of(conn, 77)


def test_the_database_refuses_to_change_a_frozen_report(store: Store) -> None:
    with store.begin() as conn:
        draft = a_draft(conn)
        sent = accepted(conn)
        reports.insert_values(conn, draft.id, [a_value()])
        reports.insert_inputs(conn, draft.id, [("14797", sent.id)])
        frozen = reports.freeze(conn, draft.id, content_sha256=CONTENT, manifest={"a": 1})
        approved = decide(conn, frozen, Role.STANDING_OFFICE, Decision.APPROVE)
    this = report.c.id == approved.id
    for statement in (
        update(report).where(this).values(status="FROZEN"),
        update(report).where(this).values(status="DISPATCHED"),
        update(report).where(this).values(status="SIGNED", content_sha256=sha("other")),
        update(report).where(this).values(status="SIGNED", manifest={"a": 2}),
        update(report).where(this).values(status="SIGNED", version=9),
        delete(report_value),
        update(report_value).values(value="99"),
        insert(report_value).values(
            report_id=approved.id, form="F", row="R", col="C", nil=False, counted=1, expected=1, missing=[]
        ),
        delete(report_input),
    ):
        with pytest.raises(IntegrityError, match="refused"), store.begin() as conn:
            conn.execute(statement)
    with store.read() as conn:
        assert reports.report_of(conn, approved.id) == approved
