"""Working days of Viet Nam: weekends, public holidays, lunar days, swapped days, and what a local file overrides.

Source of law: Bộ luật Lao động Điều 112 and the yearly announcements of Tết and swapped days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from baocao.settings import ConfigurationError

_SATURDAY = 5


@dataclass(frozen=True)
class WorkingDays:
    """Which days offices work. Holidays are computed year by year when first asked for."""

    off: Mapping[date, str] = field(default_factory=dict)
    """Days off by decision, whatever the computation says: day -> reason."""
    working: Mapping[date, str] = field(default_factory=dict)
    """Working days by decision (a Saturday worked in exchange for a day off): day -> reason."""
    _holidays: dict[int, tuple[frozenset[date], frozenset[date]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def is_working(self, day: date) -> bool:
        """An override first; then a worked weekend, a public holiday, the weekend."""
        # A local decision outweighs the table: Tết and swapped days are announced year by year, later than the
        # `holidays` package that knows this year's was made.
        if day in self.working:
            return True
        if day in self.off:
            return False
        holidays, worked_weekends = self._of_year(day.year)
        # Before the holidays: a holiday on a Sunday is off anyway, and its substitute day is in the table
        # (`observed=True`).
        if day.weekday() >= _SATURDAY:
            return day in worked_weekends
        return day not in holidays

    def last_on_or_before(self, day: date) -> date:
        """The last working day that is not after `day`."""
        while not self.is_working(day):
            day -= timedelta(days=1)
        return day

    def first_on_or_after(self, day: date) -> date:
        """The first working day that is not before `day`."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def add(self, day: date, n: int) -> date:
        """The `n`-th working day after `day` (before it when `n` is negative); `n` = 0 gives `day` itself."""
        step = timedelta(days=1 if n > 0 else -1)
        for _ in range(abs(n)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def between(self, a: date, b: date) -> int:
        """How many working days lie after `a` and not after `b`; negative when `b` is before `a`."""
        if b < a:
            return -self.between(b, a)
        return sum(self.is_working(a + timedelta(days=n)) for n in range(1, (b - a).days + 1))

    def _of_year(self, year: int) -> tuple[frozenset[date], frozenset[date]]:
        if year not in self._holidays:
            # Imported here: the package is slow to import, and not every command asks for a working day.
            from holidays.countries.vietnam import Vietnam

            # `observed`: a holiday on a weekend is made up for on the next working day (Bộ luật Lao động Điều 111
            # khoản 3).
            table = Vietnam(years=[year], observed=True)
            self._holidays[year] = frozenset(table), frozenset(table.weekend_workdays)
        return self._holidays[year]


def load_working_days(overrides: Path | None) -> WorkingDays:
    """Working days with the override file laid over them; None or a file that does not exist: none.

    The file has two lists, `off` and `working`, of entries `{on: YYYY-MM-DD, reason: why, source: document}`.
    Raises ConfigurationError naming file, key and reason.
    """
    if overrides is None or not overrides.exists():
        return WorkingDays()
    try:
        # All scalars as text: plain YAML 1.1 would read the keys `on` and `off` as true and false.
        data = yaml.load(overrides.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader) or {}  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{overrides}: không đọc được YAML: {error}; hãy sửa cú pháp") from error
    if not isinstance(data, dict):
        raise ConfigurationError(f"{overrides}: phải gồm hai khóa off và working")
    if unknown := set(data) - {"off", "working"}:
        raise ConfigurationError(f"{overrides}: khóa lạ {', '.join(sorted(unknown))}; chỉ dùng off, working")
    off = _days(overrides, "off", data.get("off") or [])
    working = _days(overrides, "working", data.get("working") or [])
    if both := sorted(set(off) & set(working)):
        raise ConfigurationError(f"{overrides}: ngày {both[0]:%Y-%m-%d} có trong cả off và working; hãy bỏ một")
    return WorkingDays(off=off, working=working)


def _days(file: Path, key: str, entries: Any) -> dict[date, str]:
    """One list of the override file."""
    days: dict[date, str] = {}
    if not isinstance(entries, list):
        raise ConfigurationError(f"{file}: {key}: phải là danh sách các mục {{on, reason, source}}")
    for position, entry in enumerate(entries, start=1):
        where = f"{file}: {key}[{position}]"
        fields = entry if isinstance(entry, dict) else {}
        try:
            day = date.fromisoformat(fields.get("on", ""))
        except ValueError:
            raise ConfigurationError(f"{where}: on: thiếu ngày dạng YYYY-MM-DD") from None
        if not fields.get("reason"):
            raise ConfigurationError(f"{where}: reason: thiếu lý do")
        if unknown := set(fields) - {"on", "reason", "source"}:
            raise ConfigurationError(f"{where}: khóa lạ {', '.join(sorted(unknown))}; chỉ dùng on, reason, source")
        if day in days:
            raise ConfigurationError(f"{where}: on: ngày {day:%Y-%m-%d} bị ghi hai lần")
        days[day] = str(fields["reason"])
    return days
