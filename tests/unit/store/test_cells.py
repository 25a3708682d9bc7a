"""Cells: kept in bulk, read back exactly, with their types."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from baocao.model.form import CellKey, ValueType
from baocao.model.submission import Answer, Problem, Value
from baocao.store import values
from baocao.store.database import Store
from baocao.store.submissions import cells
from baocao.store.tables import cell
from builders.packs.pack import thanh_hoa
from builders.sites.store import PERIOD, REGIME, a_cell, accepted, received

KINDS = {
    "PL01/CT01/TH": ValueType.COUNT,
    "PL01/CT02/TH": ValueType.DECIMAL,
    "PL03/TONG/KH": ValueType.MONEY,
    "PL01/CT04/TH": ValueType.BOOL,
    "PL01/CT05/TH": ValueType.DATE,
    "PL01/CT06/TH": ValueType.TEXT,
    "PL01/CT07/TH": ValueType.CHOICE,
    "PL01/CT08/TL": ValueType.RATIO,
}


def typed(key: CellKey, text: str) -> Value:
    return values.from_text(KINDS[str(key)], text)


ANSWERS: dict[str, Value | None] = {
    "PL01/CT01/TH": 0,
    "PL01/CT02/TH": Decimal("12.50"),
    "PL03/TONG/KH": 123_456_789_012_345,
    "PL01/CT04/TH": False,
    "PL01/CT05/TH": date(2026, 6, 14),
    "PL01/CT06/TH": "Tổ chức\ttuyên truyền\n\\N «hội nghị»",
    "PL01/CT07/TH": "Đạt",
    "PL01/CT08/TL": None,
}


def test_every_type_of_answer_survives_the_store(store: Store) -> None:
    kept = [a_cell(name, value, a1=f"D{n}") for n, (name, value) in enumerate(ANSWERS.items(), 7)]
    with store.begin() as conn:
        sent = received(conn)
        stored = cells.insert_cells(conn, sent.id, kept)
        assert stored.count == len(ANSWERS)
        assert stored.sha256 == cells.cells_sha256(conn, sent.id)
        found = cells.cells_of(conn, sent.id, typed)
    assert found == {c.key: c for c in kept}
    for key, read in found.items():
        assert type(read.value) is type(ANSWERS[str(key)])


printable = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=0)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=printable,
    count=st.integers(0, 10**18),
    area=st.decimals(0, 10**9, places=3),
    day=st.dates(),
    yes=st.booleans(),
)
def test_any_value_survives_the_store(store: Store, text: str, count: int, area: Decimal, day: date, yes: bool) -> None:
    kept = [
        a_cell("PL01/CT06/TH", text),
        a_cell("PL01/CT01/TH", count),
        a_cell("PL01/CT02/TH", area),
        a_cell("PL01/CT05/TH", day),
        a_cell("PL01/CT04/TH", yes),
    ]
    with store.begin() as conn:
        sent = received(conn, content=str(kept))
        if cells.cells_of(conn, sent.id, typed):
            return
        cells.insert_cells(conn, sent.id, kept)
        assert cells.cells_of(conn, sent.id, typed) == {c.key: c for c in kept}


def test_an_unreadable_cell_is_not_kept(store: Store) -> None:
    bad = a_cell(value=None, answer=Answer.INVALID, problem=Problem.ERROR_VALUE)
    with pytest.raises(ValueError, match="PL01/CT01/TH"), store.begin() as conn:
        cells.insert_cells(conn, received(conn).id, [bad])
    with pytest.raises(ValueError, match="PL01/CT01/TH"), store.begin() as conn:
        cells.insert_cells(conn, received(conn).id, [a_cell(value=None, answer=Answer.VALUE)])


def test_cells_of_a_failed_transaction_are_gone(store: Store) -> None:
    with store.begin() as conn:
        sent = received(conn)
    with pytest.raises(RuntimeError), store.begin() as conn:
        cells.insert_cells(conn, sent.id, [a_cell()])
        raise RuntimeError
    with store.read() as conn:
        assert cells.cells_of(conn, sent.id, typed) == {}


def test_a_cell_stands_once_in_a_submission(store: Store) -> None:
    with store.begin() as conn:
        sent = received(conn)
        cells.insert_cells(conn, sent.id, [a_cell()])
    with pytest.raises(Exception, match=r"(?i)unique"), store.begin() as conn:
        cells.insert_cells(conn, sent.id, [a_cell(value=13)])


def test_accepted_cells_come_from_official_submissions_only(store: Store) -> None:
    with store.begin() as conn:
        old = accepted(conn, "14797", "old", at=1)
        new = accepted(conn, "14797", "new", at=2)
        waiting = received(conn, "14797", "waiting", at=3)
        other_period = accepted(conn, "14797", period="2025-Y")
        silent = accepted(conn, "14803")
        first = accepted(conn, "14700", at=9)
        for number, sent in enumerate([old, new, waiting, other_period, first], 1):
            cells.insert_cells(conn, sent.id, [a_cell(value=number), a_cell("PL01/CT02/TH", None)])
        found = cells.accepted_cells(conn, REGIME, PERIOD, typed)
        streamed = {a.unit: a for a in cells.iterate_accepted_cells(conn, REGIME, PERIOD, typed)}
    assert [(a.unit, a.submission_id) for a in found] == [("14700", first.id), ("14797", new.id), ("14803", silent.id)]
    assert streamed == {a.unit: a for a in found}
    ours = found[1]
    assert (ours.sha256, ours.filename, ours.received_at) == (new.sha256, new.filename, new.received_at)
    assert ours.cells == {
        CellKey("PL01", "CT01", "TH"): a_cell(value=2),
        CellKey("PL01", "CT02", "TH"): a_cell("PL01/CT02/TH", None),
    }
    assert found[2].cells == {}


def test_figures_are_the_official_values_as_text(store: Store) -> None:
    with store.begin() as conn:
        for number, sent in enumerate([accepted(conn, content="a", at=1), accepted(conn, content="b", at=2)]):
            cells.insert_cells(
                conn,
                sent.id,
                [
                    a_cell(value=number),
                    a_cell("PL01/CT02/TH", Decimal("1.50")),
                    a_cell("PL01/CT04/TH", None),
                    a_cell("PL01/CT06/TH", None, Answer.BLANK),
                ],
            )
        assert cells.figures_of(conn, REGIME, "14797", PERIOD) == {
            CellKey("PL01", "CT01", "TH"): "1",
            CellKey("PL01", "CT02", "TH"): "1.50",
        }
        assert cells.figures_of(conn, REGIME, "14797", "2025-Y") == {}
        assert cells.nils_of(conn, REGIME, "14797", PERIOD) == {CellKey("PL01", "CT04", "TH")}, "declared, not blank"


def test_the_database_itself_refuses_to_change_a_cell(store: Store) -> None:
    with store.begin() as conn:
        cells.insert_cells(conn, accepted(conn).id, [a_cell()])
    for statement in (update(cell).values(value="99"), delete(cell)):
        with pytest.raises(IntegrityError, match="refused"), store.begin() as conn:
            conn.execute(statement)


def test_a_cell_unknown_to_the_pack_is_named() -> None:
    by_pack = values.typed_by(replace(thanh_hoa(), forms=()))
    with pytest.raises(LookupError, match="PL01/CT99/TH"):
        by_pack(CellKey("PL01", "CT99", "TH"), "1")
