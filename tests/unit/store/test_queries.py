"""Named statements: found by name, typed by the schema, refused by place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from baocao.settings import ConfigurationError, Settings
from baocao.store.database import Store
from baocao.store.queries import load_queries
from builders.sites.store import minute, received


def write(folder: Path, content: str) -> Path:
    (folder / "queries").mkdir(exist_ok=True)
    (folder / "queries" / "noun.sql").write_text(content, encoding="utf-8")
    return folder


def test_statements_are_found_by_name_without_comments(tmp_path: Path) -> None:
    folder = write(
        tmp_path, "-- About all.\n\n-- name: first\n-- Why: x.\nSELECT 1;\n\n-- name: second\nSELECT\n  2\n;\n"
    )
    queries = load_queries(folder, "noun")
    assert {name: str(statement) for name, statement in queries.statements.items()} == {
        "first": "SELECT 1",
        "second": "SELECT\n  2",
    }


def test_an_unknown_statement_is_told_with_known_ones(tmp_path: Path) -> None:
    queries = load_queries(write(tmp_path, "-- name: first\nSELECT 1;\n"), "noun")
    with pytest.raises(ConfigurationError, match=r"noun\.sql.*'third'.*first"):
        queries["third"]


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="hai lần"):
        load_queries(write(tmp_path, "-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;\n"), "noun")


def test_a_missing_file_is_told_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="BAOCAO_ROOT"):
        load_queries(tmp_path, "nothing")


def test_plain_statements_keep_the_types_of_columns(store: Store, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        "-- name: typed\n"
        "SELECT s.received_at, s.info, s.on_time FROM submission AS s WHERE s.received_at = :received_at",
    )
    with store.begin() as conn:
        received(conn, at=7, info={"a": [1]})
        row = conn.execute(load_queries(folder, "noun")["typed"], {"received_at": minute(7)}).one()
    assert tuple(row) == (minute(7), {"a": [1]}, None)


def test_every_statement_runs_on_both_databases(store: Store, settings: Settings) -> None:
    ran = 0
    for path in sorted((settings.sql / "queries").glob("*.sql")):
        for name, statement in load_queries(settings.sql, path.stem).statements.items():
            parameters = {
                p: minute(0) if p.endswith("_at") else _plain(p) for p in re.findall(r":(\w+)", str(statement))
            }
            with store.read() as conn:
                result = conn.execute(statement, parameters)
                assert result.all() == [], f"{path.name}: {name}"
            ran += 1
    assert ran >= 10


def _plain(parameter: str) -> object:
    if parameter.endswith("_at"):
        return minute(0)
    return 0 if parameter in {"id", "most"} or parameter.endswith("_id") else ""
