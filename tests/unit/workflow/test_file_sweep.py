"""One sweep of the inbox: what another process does between two of its files counts for the later one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from baocao.store.submissions import submissions
from baocao.workflow.installation import Installation
from baocao.workflow.intake import file_sweep
from baocao.workflow.intake.judging import judge
from baocao.workflow.periods.windows import begin_window, blank_for
from baocao.workflow.sweeps.collecting import collect
from builders.packs.quarterly import CODE

OPEN, OPENED_MEANWHILE, NOT_OPEN = "2027-Q1", "2027-Q2", "2027-Q3"


def test_window_opened_between_two_files_takes_the_second(
    office: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for unit, period in (("00001", OPEN), ("00002", OPENED_MEANWHILE), ("00003", NOT_OPEN)):
        name, data = blank_for(office, CODE, period, unit)
        folder = office.settings.inbox / unit
        folder.mkdir(parents=True)
        (folder / name).write_bytes(data)
    judged = []

    def judge_and_open(*told: Any) -> str:
        outcome = judge(*told)
        if not judged:
            begin_window(office, CODE, OPENED_MEANWHILE, office.period(CODE, OPENED_MEANWHILE).opens_at)
        judged.append(outcome)
        return outcome

    monkeypatch.setattr(file_sweep, "judge", judge_and_open)
    collect(office, office.period(CODE, OPEN).opens_at + timedelta(days=2))
    with office.store.read() as conn:
        found = [submissions.detail(conn, n).submission for n in (1, 2, 3)]
    # A workbook of a period that is not open is answered under the one that is: as the wrong one.
    asked = [("00001", OPEN), ("00002", OPENED_MEANWHILE), ("00003", OPENED_MEANWHILE)]
    assert [(row.unit, row.period) for row in found] == asked
    assert judged == ["returned"] * 3
