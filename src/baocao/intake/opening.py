"""A file that has just arrived: screened and read in one go, each part of it inflated and parsed once."""

from __future__ import annotations

from typing import Any

from baocao.forms.reading.grid import read_workbook
from baocao.forms.reading.raw import to_wire
from baocao.intake.screen import screened


def open_arrival(data: bytes, order: dict[str, Any]) -> bytes:
    """A task of the reader's process: the workbook as `forms.reading.raw.from_wire` takes it. `order`: `filename`.

    Raises Unreadable with the reason of the screening or of the reader.
    """
    return to_wire(read_workbook(data, screened(data, order["filename"])))
