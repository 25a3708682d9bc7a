"""Files that wait for somebody to say who sent them, as far as an office may see them."""

from __future__ import annotations

from typing import Any

from baocao.workflow.installation import Installation
from baocao.workflow.intake.attributing import waiting_files


def waiting_for(place: Installation, regime: str, everywhere: bool) -> list[dict[str, Any]]:
    """Those that say they are of this regime; those that say nothing of a regime only for somebody who works in all of
    them: a file of another office is not shown on a guess."""
    found = []
    for file in waiting_files(place):
        said = file["says"].get("regime", "")
        if said == regime or (not said and everywhere):
            found.append(file)
    return found
