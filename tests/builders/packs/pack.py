"""The Thanh Hóa pack as it is, copies of it to break, and small regimes and forms made by hand."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

from baocao.model.form import Form
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.regimes.load import calendar_of, load_pack

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "include" / "regimes" / "thanh-hoa-drug-programme"
REFERENCE = ROOT / "include" / "reference"


def thanh_hoa() -> Pack:
    return load_pack(FOLDER)


@cache
def thanh_hoa_periods() -> dict[str, Period]:
    return {p.code: p for p in calendar_of(thanh_hoa().regime, REFERENCE)}


def copied(tmp_path: Path) -> Path:
    """A copy of the pack that a test may break."""
    return Path(shutil.copytree(FOLDER, tmp_path / FOLDER.name))


def broken(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """A copy of the pack with one text replaced once; the text must be there."""
    folder = copied(tmp_path)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def line_of(folder: Path, file: str, text: str) -> int:
    """The line (from 1) on which `text` first stands."""
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, start=1) if text in line)


def regime_with(*periods: dict[str, Any], **changes: Any) -> Regime:
    """A regime with these period rules and nothing else of interest."""
    base = thanh_hoa().regime
    return Regime.model_validate({**base.model_dump(), "periods": list(periods), **changes})


def six_month(**changes: Any) -> dict[str, Any]:
    """A period rule as `regime.yaml` would hold it."""
    rule: dict[str, Any] = {
        "kind": "six_month",
        "code": "{year}-H1",
        "name": "6 tháng đầu năm {year}",
        "years": [2026],
        "covers_from": {"day": 15, "month": 12, "year": -1},
        "cutoff": {"day": 14, "month": 6},
        "opens": {"day": 1, "month": 6},
        "unit": {"before": {"day": 20, "month": 6}, "locked_days_after_due": 3, "anchor": "A"},
        "province": {"before": {"day": 25, "month": 6}, "locked_days_after_due": 5, "anchor": "A"},
        "anchor": "A",
        "recipients": [],
    }
    return {**rule, **changes}


YEARS = [2026, 2027, 2028, 2029, 2030]


def deadline(**day: Any) -> dict[str, Any]:
    return {**day, "locked_days_after_due": 10, "anchor": "A"}


def kind(name: str, /, **more: Any) -> dict[str, Any]:
    """A rule that says no more than it must: due five, and eight, working days after the period."""
    rule: dict[str, Any] = {
        "kind": name,
        "years": YEARS,
        "opens": {"day": 1},
        "unit": deadline(by={"working_days": 5, "after": "end"}),
        "province": deadline(by={"working_days": 8, "after": "end"}),
        "anchor": "A",
        "recipients": [],
    }
    return {**rule, **more}


WEEK = {
    "covers_from": {"weekday": "fri", "week_shift": -1},
    "cutoff": {"weekday": "thu"},
    "opens": {"weekday": "wed"},
    "unit": deadline(by={"weekday": "fri"}, if_day_off="next_working_day"),
    "province": deadline(by={"working_days": 1, "after": "unit_deadline"}),
}
"""What a weekly kind says."""

COLUMNS: list[dict[str, Any]] = [
    {"code": "TH", "title": "Thực hiện", "role": "actual"},
    {"code": "LKN", "title": "Lũy kế năm", "role": "cumulative_year"},
    {"code": "GT", "title": "Giải trình", "role": "explanation", "type": "text"},
]


def row(code: str, **more: Any) -> dict[str, Any]:
    """An entered row of a commune, summed up; `derive=` or `heading=True` make it another kind."""
    entered = {"levels": ["commune"], "roll_up": "sum"} if not more.keys() & {"derive", "heading"} else {}
    return {"code": code, "item": code, "name": f"Dòng {code}", **entered, **more}


def form(code: str, *rows: dict[str, Any], **more: Any) -> Form:
    """A form of one table `A` with the columns TH, LKN, GT."""
    table = {"code": "A", "columns": COLUMNS, "rows": list(rows)}
    return Form.model_validate(
        {
            "code": code,
            "version": "2026.1",
            "title": f"Biểu {code}",
            "short": code,
            "official": f"Biểu {code}",
            "assumed": False,
            "tables": [table],
            **more,
        }
    )
