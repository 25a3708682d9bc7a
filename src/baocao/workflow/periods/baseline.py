"""Figures from before go-live: what the first period's stocks open with and its history rules compare with.

CSV, UTF-8, header `unit,form,row,column,value`; one line a cell. Each unit's lines become one accepted submission of
channel `baseline`, so that everything later reads them like any other accepted figure, down to the line they came from.
"""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import datetime
from decimal import Decimal
from typing import Any

from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.submission import Answer, Cell
from baocao.settings import ConfigurationError
from baocao.store.submissions import cells, receipts, receiving, submissions
from baocao.store.trail import events
from baocao.store.values import typed_by
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.periods.history import pack_then

HEADER = ["unit", "form", "row", "column", "value"]


def load_baseline(place: Installation, regime: str, period: str, data: bytes, as_of: datetime) -> dict[str, Any]:
    """Take over a baseline file for the period code `period` (which must not be one of the calendar's own).

    Idempotent by the file's sha256. Raises ConfigurationError naming the line of the first fault: nothing is stored.
    """
    if any(p.code == period for p in place.periods(regime)):
        raise Refused(f"Kỳ {period} nằm trong lịch báo cáo: số liệu phải đến từ báo cáo của đơn vị, không nạp nền được")
    pack, _ = pack_then(place, place.pack(regime), period)
    by_unit = _read(pack, data)
    sha256 = place.store.files.put(data)
    new, kept = 0, dict[str, str]()
    with place.store.begin() as conn:
        for unit, found in sorted(by_unit.items()):
            # The row's hash names the file and the unit: one file holds many units.
            own = hashlib.sha256(f"{sha256}/{unit}".encode()).hexdigest()
            if receiving.is_kept(conn, regime, period, unit, own):
                continue
            row, is_new = receiving.receive(
                conn,
                receiving.Arrived(
                    regime=regime,
                    period=period,
                    unit=unit,
                    channel="baseline",
                    filename=f"baseline {sha256[:12]}",
                    sha256=own,
                    size=len(data),
                    received_at=as_of,
                    # The same file loaded again for the same period is the same arrival.
                    arrival=hashlib.sha256(f"{regime}/{period}/{own}".encode()).hexdigest(),
                    info={"file_sha256": sha256},
                ),
            )
            if not is_new:
                continue
            cells.insert_cells(conn, row.id, found)
            before = submissions.ever_accepted(submissions.of_unit(conn, regime, period, unit))
            number = receipts.next_number(conn, pack.regime.receipts_begin_with, period, unit, len(before) + 1)
            submissions.accept(conn, row, decided_at=as_of, on_time=True, receipt_number=number)
            kept[str(row.id)] = cells.cells_sha256(conn, row.id)
            new += 1
        if new:
            payload = {"sha256": sha256, "units": new, "cells_sha256": kept}
            events.append(conn, as_of, "baocao", "baseline_loaded", (regime, period), period, payload)
    return {"regime": regime, "period": period, "units": len(by_unit), "new": new, "sha256": sha256}


def _read(pack: Pack, data: bytes) -> dict[str, list[Cell]]:
    """The cells of every unit in the file. Raises ConfigurationError naming the line of the first fault."""
    try:
        lines = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        number = data[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"dòng {number}: tệp không phải văn bản UTF-8; hãy lưu lại kiểu CSV UTF-8") from None
    header = next(lines, [])
    if header != HEADER:
        raise ConfigurationError(f"dòng 1: cột phải là {','.join(HEADER)}, đang là {','.join(header)}")
    typed = typed_by(pack)
    by_unit: dict[str, list[Cell]] = {}
    lines_of: dict[tuple[str, CellKey], int] = {}
    for number, line in enumerate(lines, start=2):
        if not line:
            continue
        if len(line) != len(HEADER):
            raise ConfigurationError(f"dòng {number}: có {len(line)} cột, cần {len(HEADER)}")
        unit, form, row, column, text = line
        if pack.unit(unit) is None:
            raise ConfigurationError(f"dòng {number}: không có đơn vị mã {unit!r} trong units.csv")
        key = CellKey(form, row, column)
        try:
            value = typed(key, text)
        except (LookupError, ValueError, ArithmeticError) as error:
            raise ConfigurationError(f"dòng {number}: {key} = {text!r}: {error}") from None
        if isinstance(value, int | Decimal) and value < 0:
            raise ConfigurationError(f"dòng {number}: {key} = {text!r}: số không được âm")
        before = lines_of.setdefault((unit, key), number)
        if before != number:
            raise ConfigurationError(f"dòng {number}: ô {key} của đơn vị {unit} đã có ở dòng {before}")
        by_unit.setdefault(unit, []).append(Cell(key, Answer.VALUE, value, "CSV", f"A{number}"))
    return by_unit
