"""Statements of consequence live in `sql/queries/<noun>.sql`, where an auditor can read them.

Those are the ones that decide which rows count; which of a unit's submissions does, the view `official_submission`
says to all of them. Everything else, rows by their key and what a page filters and orders at will, is SQLAlchemy Core.

A file is a list of blocks, each opened by `-- name: <name>`; lines that begin with `--` below it document the block.
Parameters are named and bound (`:period`). A parameter or a result column that carries the name of a column of the
schema has that column's type (`received_at` is an instant on both databases), so one statement serves both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, text
from sqlalchemy.types import JSON, Boolean, TypeEngine

from baocao.settings import ConfigurationError
from baocao.store.database import sql_folder
from baocao.store.tables import Instant, metadata

_NAME = re.compile(r"^-- name: *([a-z_]+) *$", re.MULTILINE)
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)")


@dataclass(frozen=True)
class Queries:
    """The statements of one file."""

    path: Path
    statements: Mapping[str, Executable]

    def __getitem__(self, name: str) -> Executable:
        try:
            return self.statements[name]
        except KeyError:
            raise ConfigurationError(
                f"{self.path}: không có câu lệnh '{name}'; các câu lệnh có: {', '.join(sorted(self.statements))}"
            ) from None


def sql_text(path: Path) -> str:
    """What a file of statements holds. Raises ConfigurationError when it is missing."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: không có tệp này; hãy trỏ BAOCAO_ROOT tới thư mục gốc của dự án") from None


@cache
def load_queries(sql_dir: Path, noun: str) -> Queries:
    """Read `sql/queries/<noun>.sql`. Raises ConfigurationError when the file is missing, or a name stands twice."""
    path = sql_dir / "queries" / f"{noun}.sql"
    parts = _NAME.split(sql_text(path))
    statements: dict[str, Executable] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if name in statements:
            raise ConfigurationError(f"{path}: câu lệnh '{name}' được khai báo hai lần")
        statements[name] = _statement(body)
    return Queries(path, statements)


def query(conn: Connection, noun: str, name: str) -> Executable:
    """The statement `name` of `sql/queries/<noun>.sql` of the installation this connection belongs to."""
    return load_queries(sql_folder(conn), noun)[name]


@cache
def _schema_types() -> dict[str, TypeEngine[Any]]:
    """Types that need converting, by column name (a name has one such type throughout the schema)."""
    return {
        column.name: column.type
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Instant | JSON | Boolean)
    }


def _statement(body: str) -> Executable:
    sql = "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("--")).strip().rstrip("; \n")
    types = _schema_types()
    parameters = [bindparam(p, type_=types[p]) for p in sorted(set(_PARAMETER.findall(sql))) if p in types]
    # Only names that stand in the statement: a result column is always written out, `*` is not used.
    words = set(re.findall(r"\w+", sql))
    columns = {name: kind for name, kind in types.items() if name in words}
    statement = text(sql).bindparams(*parameters)
    return statement.columns(**columns) if columns else statement
