"""What a lead body is shown as the whole's figure is the figure of the consolidated workbook."""

from __future__ import annotations

import io
from email import message_from_bytes, policy
from typing import Any

import pytest
from openpyxl import load_workbook

from baocao.model.pack_parts.wording import Wording
from baocao.workflow.lead_bodies.sharing import share_slices
from builders.files.word_excel import sheets
from builders.sites.regimes import REGIMES, Story, file_of


def slices_of(story: Story, regime: str) -> list[bytes]:
    """The slice workbooks that went to the lead bodies of a regime."""
    share_slices(story.place, regime, REGIMES[regime], story.played(regime).deciding)
    letters = sorted(story.place.settings.outbox.glob(f"{regime}__*slice-*.eml"))
    found = [message_from_bytes(letter.read_bytes(), policy=policy.default) for letter in letters]
    return [bytes(part.get_content()) for message in found for part in message.iter_attachments()]


def totals(data: bytes, words: Wording) -> dict[tuple[str, str, str], Any]:
    """(form, row, column) -> the figure printed beside the whole's name."""
    found: dict[tuple[str, str, str], Any] = {}
    whole = words.whole[:1].upper() + words.whole[1:]
    for sheet in load_workbook(io.BytesIO(data), data_only=True).worksheets:
        form, codes = "", {}
        for row in sheet.iter_rows(values_only=True):
            if str(row[0] or "").startswith("§LC."):
                form = str(row[0]).removeprefix("§LC.")
                codes = {i: str(c)[1:].partition("/") for i, c in enumerate(row) if i and str(c or "").startswith("§")}
            elif form and row[1] == whole:
                found |= {(form, code, column): row[i] for i, (code, _, column) in codes.items()}
    return found


def too_much_paper(data: bytes) -> list[str]:
    """Sheets of many pages side by side that would all be printed, and sheets on which it is not said how."""
    found = []
    for sheet in load_workbook(io.BytesIO(data)).worksheets:
        wide, said = len(sheet.col_breaks.brk) >= 4, "Xóa vùng in" in str(sheet["A4"].value)
        if not (wide == bool(sheet.print_area) == said):
            found.append(f"{sheet.title}: {len(sheet.col_breaks.brk)} breaks, area {sheet.print_area!r}, told {said}")
    return found


@pytest.mark.parametrize("regime", REGIMES)
def test_totals_in_slices_equal_the_consolidated_figures(story: Story, regime: str) -> None:
    pack, _ = story.place.at(regime, REGIMES[regime])
    consolidated = sheets(file_of(story, regime, "tong-hop", ".xlsx"))
    compared, wrong = 0, []
    for data in slices_of(story, regime):
        wrong += too_much_paper(data)
        for place, figure in totals(data, pack.regime.wording).items():
            there = consolidated.get(place)
            if isinstance(there, int | float) and figure is not None:
                compared += 1
                wrong += [f"{place}: slice {figure}, consolidated {there}"] if figure != pytest.approx(there) else []
            elif isinstance(figure, int | float) and figure and place in consolidated and there is None:
                wrong.append(f"{place}: slice {figure}, consolidated nothing")
    assert wrong == []
    assert compared > 20
