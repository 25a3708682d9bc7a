from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, update

from baocao.consolidation.province import consolidate
from baocao.consolidation.recompute import recompute
from baocao.model.pack_views import pack_cells
from baocao.model.submission import AcceptedCells
from baocao.settings import ConfigurationError
from baocao.store import windows
from baocao.store.database import Store
from baocao.store.reports import reports
from baocao.store.submissions import cells, receiving, submissions
from baocao.store.tables import obligation, report_value
from builders.packs.consolidation import NIL, communes, full_report, lead_body, pack, period
from builders.packs.consolidation import accepted as sent_by

UNITS = communes(5)
LEAD = lead_body()
PACK = pack((*UNITS, LEAD))
PERIOD = period()
SENT = [full_report(u, seed) for seed, u in enumerate((*UNITS[:4], LEAD), start=3)]


def kept(store: Store, sent: Sequence[AcceptedCells] = SENT, added: Sequence[AcceptedCells] | None = None) -> int:
    """A report with its inputs and values in the store, as the workflow keeps them; gives its id.

    `added` is what the consolidation saw, where that is not what the report names as its inputs.
    """
    with store.begin() as conn:
        due = PERIOD.unit.due_at
        owed = [
            windows.Obligation(u.code, u.full_name, u.is_lead_body, due, due + timedelta(days=9))
            for u in (*UNITS, LEAD)
        ]
        windows.open_window(conn, PACK.code, PERIOD.code, PERIOD.opens_at, PACK.sha256)
        windows.add_obligations(conn, PACK.code, PERIOD.code, owed)
        ids = []
        for one in sent:
            row, _ = receiving.receive(
                conn,
                receiving.Arrived(
                    regime=PACK.code,
                    period=PERIOD.code,
                    unit=one.unit,
                    channel="folder",
                    filename=one.filename,
                    sha256=one.sha256,
                    size=1,
                    received_at=one.received_at,
                ),
            )
            submissions.accept(conn, row, decided_at=one.received_at, on_time=True, receipt_number=f"TN-{row.id}")
            cells.insert_cells(conn, row.id, one.cells.values())
            ids.append((one.unit, row.id))
        draft = reports.draft(
            conn,
            regime=PACK.code,
            period=PERIOD.code,
            created_at=due,
            as_of=due,
            input_sha256="0" * 64,
        )
        reports.insert_inputs(conn, draft.id, ids)
        values = consolidate(PACK, PERIOD, sent if added is None else added, (*UNITS, LEAD)).values
        reports.insert_values(conn, draft.id, values.values())
    return draft.id


def found(store: Store, report_id: int) -> list[tuple[str, str, str, str]]:
    with store.read() as conn:
        findings = recompute(conn, store.settings.sql, report_id, PACK)
    return [(f.rule, f.subject, f.actual, f.expected) for f in findings]


def at(report_id: int, row: str, column: str) -> ColumnElement[bool]:
    c = report_value.c
    return (c.report_id == report_id) & (c.row == row) & (c.col == column)


def test_the_database_adds_up_to_the_same_figures(store: Store) -> None:
    assert found(store, kept(store)) == []


def test_nil_and_missing_units_recompute_as_nothing(store: Store) -> None:
    some = [sent_by(UNITS[0], {"PL01/CT01/TH": 5}), sent_by(UNITS[1], {"PL01/CT01/TH": NIL, "PL01/CT08/TH": True})]
    assert found(store, kept(store, some)) == []


def test_a_yes_of_a_provincial_body_counts_nowhere(store: Store) -> None:
    some = [sent_by(UNITS[0], {"PL01/CT08/TH": True}), sent_by(LEAD, {"PL01/CT08/TH": True})]
    assert found(store, kept(store, some)) == []


def test_a_total_unlike_its_sum_is_found(store: Store) -> None:
    report_id = kept(store)
    with store.begin() as conn:
        conn.execute(update(report_value).where(at(report_id, "CT01", "TH")).values(value="9999"))
    [(rule, subject, actual, expected)] = found(store, report_id)
    right = sum(int(s.cells[k].value) for s in SENT for k in s.cells if str(k) == "PL01/CT01/TH")
    assert (rule, subject, int(float(actual)), int(float(expected))) == ("V52", "PL01/CT01/TH", 9999, right)


def test_a_wrong_sum_of_communes_is_found(store: Store) -> None:
    report_id = kept(store)
    with store.begin() as conn:
        conn.execute(update(report_value).where(at(report_id, "CT13", "TH")).values(communes="1"))
    assert [f[:2] for f in found(store, report_id)] == [("V52", "PL01/CT13/TH")]


def test_areas_off_by_a_ten_thousandth_are_found(store: Store) -> None:
    report_id = kept(store)
    with store.begin() as conn:
        right = reports.values(conn, report_id)[next(k for k in pack_cells(PACK) if str(k) == "PL01/CT12/TH")].value
        off = f"{right + type(right)('0.0001'):f}"
        conn.execute(update(report_value).where(at(report_id, "CT12", "TH")).values(value=off))
    assert [f[:2] for f in found(store, report_id)] == [("V52", "PL01/CT12/TH")]


def test_an_input_report_not_added_is_found(store: Store) -> None:
    forgotten = SENT[1]
    names = {str(k) for k, c in forgotten.cells.items() if type(c.value) is int and c.value and k.column != "CK"}
    assert {f[1] for f in found(store, kept(store, SENT, [SENT[0], *SENT[2:]])) if f[0] == "V52"} >= names


def test_a_wrong_yes_count_is_found(store: Store) -> None:
    report_id = kept(store)
    with store.begin() as conn:
        conn.execute(update(report_value).where(at(report_id, "CT08", "TH")).values(value="4"))
    yes = sum(s.cells[k].value for s in SENT for k in s.cells if str(k) == "PL01/CT08/TH")
    assert found(store, report_id) == [("V53", "PL01/CT08/TH", "4", str(yes))]


def test_a_body_taken_for_a_commune_is_found(store: Store) -> None:
    report_id = kept(store)
    with store.begin() as conn:
        conn.execute(update(obligation).where(obligation.c.unit == LEAD.code).values(is_lead_body=False))
    assert {f[0] for f in found(store, report_id)} == {"V52"}


def test_a_missing_statement_stops_with_its_file(store: Store, tmp_path: Path) -> None:
    report_id = kept(store)
    with store.read() as conn, pytest.raises(ConfigurationError, match=r"sums_that_differ\.sql"):
        recompute(conn, tmp_path, report_id, PACK)
