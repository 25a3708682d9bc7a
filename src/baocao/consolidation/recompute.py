"""The province's figures recomputed in the database, by statements that share nothing with the consolidation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, String, TextClause, bindparam, text

from baocao.consolidation.tally import CellKind, kind_of
from baocao.model.form import CellKey, EntryLevel, RollUp, Row
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.pack_parts.wording import Wording
from baocao.model.pack_views import pack_cells
from baocao.model.report import ReportFinding
from baocao.model.submission import Severity
from baocao.store.queries import sql_text


def _sides(words: Wording) -> dict[str, str]:
    return {"communes": f"phần {words.unit_level}", "provincial": f"phần {words.body}", "value": words.whole}


def recompute(conn: Connection, sql_dir: Path, report_id: int, pack: Pack) -> tuple[ReportFinding, ...]:
    """Run the statements of `sql/checks/` over a report's kept values and inputs; empty when all agree.

    A difference is our own fault, never a unit's: it blocks the report. Raises ConfigurationError when a statement's
    file is missing.
    """
    sums, counted = _sums(pack), _counted(pack)
    sides = _sides(pack.regime.wording)
    communes = [str(key) for key, (_, row) in counted.items() if row.counts(EntryLevel.COMMUNE)]
    bodies = [str(key) for key, (_, row) in counted.items() if row.counts(EntryLevel.PROVINCE)]
    classes = [str(key) for key, (kind, _) in counted.items() if kind is CellKind.CLASS]
    added = {"sum_cells": sums, "counted_cells": [str(key) for key in counted]}
    told = {"commune_cells": communes, "body_cells": bodies, "class_cells": classes}
    return (
        *_run(conn, sql_dir, sides, "sums_that_differ", pack.rules.id_of(RuleKind.SUM_OF_UNITS), report_id, added),
        *_run(
            conn, sql_dir, sides, "counts_that_differ", pack.rules.id_of(RuleKind.SHARE_OF_ALL_UNITS), report_id, told
        ),
    )


def _sums(pack: Pack) -> list[str]:
    """Names of the cells that are plain sums. A figure in a row without a roll-up of its own is summed too."""
    # There the value may be one side's alone; the sides themselves are recomputed all the same.
    over = {RollUp.PROVINCE, RollUp.PROVINCE_OVER_SUM}
    return [
        str(key)
        for key, (table, row, column) in pack_cells(pack).items()
        if table.is_entered(row, column) and kind_of(table, row, column) is CellKind.NUMBER and row.roll_up not in over
    ]


def _counted(pack: Pack) -> dict[CellKey, tuple[CellKind, Row]]:
    """The cells that count answers."""
    return {
        key: (kind, row)
        for key, (table, row, column) in pack_cells(pack).items()
        if table.is_entered(row, column) and (kind := kind_of(table, row, column)) in {CellKind.YES, CellKind.CLASS}
    }


def _run(
    conn: Connection,
    sql_dir: Path,
    sides: Mapping[str, str],
    name: str,
    rule: str,
    report_id: int,
    lists: Mapping[str, list[str]],
) -> list[ReportFinding]:
    rows = conn.execute(_statement(sql_dir, name, tuple(lists)), {"report_id": report_id, **lists})
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


def _statement(sql_dir: Path, name: str, lists: tuple[str, ...]) -> TextClause:
    content = sql_text(sql_dir / "checks" / f"{name}.sql")
    # Comment lines name the parameters too; only the statement itself goes to the database.
    statement = "\n".join(line for line in content.splitlines() if not line.lstrip().startswith("--"))
    # The type is for a pack without such cells: an empty list of unknown type is an INTEGER, which PostgreSQL does not
    # compare with a text.
    return text(statement).bindparams(*(bindparam(name, expanding=True, type_=String()) for name in lists))
