"""What every verb needs: settings, packs, calendars, the store and the way mail leaves. Opened once a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from baocao.calendar.periods import find_period
from baocao.calendar.workdays import WorkingDays, load_working_days
from baocao.delivery.transport import EmlTransport, SmtpTransport, Transport
from baocao.model.period import Period
from baocao.model.regime import Pack
from baocao.regimes.load import calendar_of, load_pack, load_regime, regime_folders
from baocao.settings import ConfigurationError, Settings, load_settings
from baocao.store.database import Store, open_store


@dataclass(frozen=True)
class Workplace:
    """One installation, opened. Everything is loaded when first asked for."""

    settings: Settings

    @classmethod
    def open(cls, env: Mapping[str, str] | None = None) -> Workplace:
        """Read the configuration. Raises ConfigurationError."""
        return cls(load_settings(env))

    @cached_property
    def store(self) -> Store:
        return open_store(self.settings)

    @cached_property
    def transport(self) -> Transport:
        """SMTP when configured, `.eml` files otherwise."""
        if self.settings.smtp_url:
            return SmtpTransport(self.settings.smtp_url, sender=self.settings.mail_from)
        return EmlTransport(self.settings.outbox, sender=self.settings.mail_from)

    @cached_property
    def folders(self) -> dict[str, Path]:
        """Regime code -> pack folder."""
        return {folder.name: folder for folder in regime_folders(self.settings.root)}

    @cached_property
    def working_days(self) -> WorkingDays:
        """The office calendar, with the override file where there is one."""
        overrides = self.settings.reference / "holidays.yaml"
        return load_working_days(overrides if overrides.is_file() else None)

    @cached_property
    def _packs(self) -> dict[str, Pack]:
        return {}

    @cached_property
    def _calendars(self) -> dict[str, tuple[Period, ...]]:
        return {}

    def pack(self, regime: str) -> Pack:
        """The loaded pack. Raises ConfigurationError naming the known regimes."""
        if regime not in self._packs:
            self._packs[regime] = load_pack(self._folder(regime), self.settings.reference)
        return self._packs[regime]

    def periods(self, regime: str) -> tuple[Period, ...]:
        """The regime's calendar, sorted by opening."""
        if regime not in self._calendars:
            light = load_regime(self._folder(regime))
            self._calendars[regime] = calendar_of(light, self.settings.reference)
        return self._calendars[regime]

    def period(self, regime: str, code: str) -> Period:
        """One period of the calendar. Raises ConfigurationError naming the known codes."""
        return find_period(self.periods(regime), code)

    def zone(self, regime: str) -> ZoneInfo:
        return ZoneInfo(load_regime(self._folder(regime)).time_zone)

    def current_period(self, regime: str, as_of: datetime) -> Period | None:
        """The period whose window opened last, at `as_of`."""
        opened = [p for p in self.periods(regime) if p.opens_at <= as_of]
        return opened[-1] if opened else None

    def day(self, regime: str, moment: datetime) -> date:
        """The calendar day of an instant, where the regime applies."""
        return moment.astimezone(self.zone(regime)).date()

    def _folder(self, regime: str) -> Path:
        try:
            return self.folders[regime]
        except KeyError:
            known = ", ".join(sorted(self.folders)) or "(chưa có)"
            raise ConfigurationError(f"--regime: không có chế độ báo cáo {regime!r}; hiện có: {known}") from None


class Refused(Exception):  # noqa: N818 (an answer, not an error of ours)
    """A verb was asked for something that must not be done now. The message says why and what to do."""


class GateDisagreement(Refused):
    """The gate and the checks do not agree: the report stops until somebody has found out why."""
