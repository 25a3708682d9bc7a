"""The province's figures recomputed in the database, by statements that share nothing with the consolidation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, String, TextClause, bindparam, text

from baocao.consolidation.tally import Kind, kind_of
from baocao.model.form import RollUp
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import ReportFinding
from baocao.model.submission import Severity
from baocao.model.wording import Wording
from baocao.settings import ConfigurationError


def _sides(words: Wording) -> dict[str, str]:
    return {"communes": f"phần {words.unit_level}", "provincial": f"phần {words.body}", "value": words.whole}


def recompute(conn: Connection, sql_dir: Path, report_id: int, pack: Pack, period: Period) -> tuple[ReportFinding, ...]:
    """Run `sql/checks/V52.sql` and `V53.sql` over a report's kept values and inputs; empty when all agree.

    A difference is our own fault, never a unit's: it blocks the report. Raises ConfigurationError when a statement's
    file is missing.
    """
    sums, yes = _cells(pack)
    sides = _sides(pack.regime.wording)
    valid_units = sum(u.kind.is_territorial for u in pack.units_on(period.cutoff_on))
    found = [
        *_run(conn, sql_dir, sides, "V52", {"report_id": report_id, "sum_cells": sums}, expanding="sum_cells"),
        *_run(
            conn,
            sql_dir,
            sides,
            "V53",
            {"report_id": report_id, "yes_cells": yes, "valid_units": valid_units},
            expanding="yes_cells",
        ),
    ]
    return tuple(found)


def _cells(pack: Pack) -> tuple[list[str], list[str]]:
    """Names of the cells that are plain sums, and of those that count yes answers."""
    sums, yes = [], []
    for form in pack.forms:
        for key, (table, row, column) in form.cells.items():
            if not table.is_entered(row, column):
                continue
            kind = kind_of(table, row, column)
            # A figure in a row without a roll-up of its own is summed too.
            if kind is Kind.NUMBER and row.roll_up not in {RollUp.PROVINCE, RollUp.PROVINCE_OVER_SUM}:
                sums.append(str(key))
            elif kind is Kind.YES:
                yes.append(str(key))
    return sums, yes


def _run(
    conn: Connection, sql_dir: Path, sides: Mapping[str, str], rule: str, parameters: dict[str, Any], *, expanding: str
) -> list[ReportFinding]:
    rows = conn.execute(_statement(sql_dir, rule, expanding), parameters)
    return [
        ReportFinding(
            rule,
            Severity.BLOCKS,
            row.cell,
            f"Ô {row.cell}, {sides[row.side]}: báo cáo ghi {row.reported} nhưng cộng lại từ báo cáo các đơn vị được "
            f"{row.recomputed}. Không trình ký; hãy báo bộ phận vận hành.",
            expected=str(row.recomputed),
            actual=str(row.reported),
        )
        for row in rows
    ]


def _statement(sql_dir: Path, rule: str, expanding: str) -> TextClause:
    path = sql_dir / "checks" / f"{rule}.sql"
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: không có tệp này; hãy trỏ BAOCAO_ROOT tới thư mục gốc của dự án") from None
    # Comment lines name the parameters too; only the statement itself goes to the database.
    statement = "\n".join(line for line in content.splitlines() if not line.lstrip().startswith("--"))
    # The type is for a pack without such cells: an empty list of unknown type is an INTEGER, which PostgreSQL does not
    # compare with a text.
    return text(statement).bindparams(bindparam(expanding, expanding=True, type_=String()))
