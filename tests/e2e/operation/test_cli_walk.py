"""The plan's table of reports, walked on the command line: who reports what, when, on which forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from baocao.forms.reading.read import read_workbook
from builders.sites.cli import Cli

COMMON = ("PL01", "B01", "B02", "B04", "B05", "B06", "B07", "B08", "B09", "PL03")
# Kỳ | mã kỳ | xã trước ngày | tỉnh trước ngày | phần lời | số liệu từ | chốt
TABLE = (
    ("six_month", "2026-H1", "2026-06-20", "2026-06-25", "PL04", "2025-12-15", "2026-06-14"),
    ("annual", "2026-Y", "2026-12-20", "2026-12-25", "PL04", "2025-12-15", "2026-12-14"),
    ("mid_term", "2028-MID", "2028-08-25", "2028-09-01", "PL05-GK", "2025-12-15", "2028-08-14"),
    ("end_term", "2030-END", "2030-08-25", "2030-09-01", "PL05-KT", "2025-12-15", "2030-08-14"),
)
COMMUNE, HEALTH = "14797", "38-SYT"


def day_after(due: str) -> str:
    from datetime import date, timedelta

    return str(date.fromisoformat(due[:10]) + timedelta(days=1))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[1])
def test_every_kind_of_report_has_dates_and_forms(cli: Cli, tmp_path: Path, row: tuple[str, ...]) -> None:
    kind, code, unit_before, province_before, narrative, covers_from, cutoff = row
    levels = {r["level"]: r for r in cli("periods", "--period", code, "--json").json}
    assert {r["kind"] for r in levels.values()} == {kind}
    assert day_after(levels["unit"]["due_at"]) == unit_before, "trước ngày: the day before is the last"
    assert day_after(levels["province"]["due_at"]) == province_before
    assert levels["unit"]["cutoff_on"] == cutoff
    for who, forms in ((COMMUNE, COMMON), (HEALTH, ("PL01", "B04", "B06", "PL03"))):
        out = tmp_path / f"{who}.xlsx"
        assert cli("blank", who, "--period", code, "--out", out).code == 0
        raw = read_workbook(out.read_bytes())
        assert [k.removeprefix("form.") for k in raw.meta if k.startswith("form.")] == [*forms, narrative]
        assert raw.meta["period"] == code
        assert covers(out) == (covers_from, cutoff)


def covers(workbook: Path) -> tuple[str, str]:
    """`từ 15/12/2025 đến hết 14/08/2028` on the first sheet."""
    import re

    from openpyxl import load_workbook

    guide = load_workbook(workbook, read_only=True)["Hướng dẫn"]
    text = "\n".join(str(c) for row in guide.iter_rows(values_only=True) for c in row if c)
    match = re.search(r"từ (\d+)/(\d+)/(\d+) đến hết (\d+)/(\d+)/(\d+)", text)
    assert match is not None
    d1, m1, y1, d2, m2, y2 = (int(x) for x in match.groups())
    return f"{y1}-{m1:02}-{d1:02}", f"{y2}-{m2:02}-{d2:02}"


def test_calendar_lists_neither_monthly_nor_ad_hoc_periods(cli: Cli) -> None:
    kinds = {r["kind"] for r in cli("periods", "--json").json}
    assert kinds == {row[0] for row in TABLE}, "monthly is switched off, ad hoc is opened when somebody asks"
