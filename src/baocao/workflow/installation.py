"""What every verb needs: settings, packs, calendars, the store and the way mail leaves. Opened once a process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from baocao.calendar.periods import find_period
from baocao.calendar.workdays import WorkingDays, load_working_days
from baocao.checks.texts.legible import why_unreadable
from baocao.delivery.transport import EmlTransport, SmtpTransport, Transport
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period
from baocao.model.period import Period
from baocao.model.unit import Unit
from baocao.regimes.load import calendar_of, load_pack, load_regime, pack_sha256, regime_folders
from baocao.regimes.pack_file import archived, unpacked
from baocao.regimes.units_file import read_units
from baocao.settings import ConfigurationError, Settings, load_settings
from baocao.store import packs
from baocao.store.database import Store, open_store
from baocao.store.special_periods import special_periods
from baocao.store.trail.keys import WebKeys

HOLIDAYS = "holidays.yaml"
"""The reference file of days off and worked weekends."""
AmountsByForm = Mapping[str, Sequence[int]]
_PERIODS_IN_HAND: ContextVar[dict[str, tuple[Period, ...]] | None] = ContextVar("periods_in_hand", default=None)
"""What `Installation.same_periods` keeps: of this thread only, for others share the installation."""


@dataclass(frozen=True)
class Installation:
    """One installation, opened. Everything is loaded when first asked for."""

    settings: Settings

    @classmethod
    def open(cls, env: Mapping[str, str] | None = None) -> Installation:
        """Read the configuration. Raises ConfigurationError."""
        return cls(load_settings(env))

    # Opened when first asked for: the calendar and the examination of a pack need no database.
    @cached_property
    def store(self) -> Store:
        return open_store(self.settings)

    @cached_property
    def transport(self) -> Transport:
        """SMTP when configured, `.eml` files otherwise."""
        # Without a mail server letters are files: a demonstration or a first try sends nothing to anybody.
        if self.settings.smtp_url:
            return SmtpTransport(self.settings.smtp_url, sender=self.settings.mail_from)
        return EmlTransport(self.settings.outbox, sender=self.settings.mail_from)

    @cached_property
    def web_keys(self) -> WebKeys:
        """What personal links and the forms of our pages are signed with."""
        named = self.settings.web_key_file
        # Made by itself only where nobody has named a file: a named one that is missing is a mistake, and a new key
        # would end every link that is out.
        return WebKeys(named or self.settings.data / "web.key", make=named is None)

    @cached_property
    def folders(self) -> dict[str, Path]:
        """Regime code -> pack folder."""
        return {folder.name: folder for folder in regime_folders(self.settings)}

    @cached_property
    def working_days(self) -> WorkingDays:
        """The office calendar, with the override file where there is one."""
        overrides = self.settings.reference / HOLIDAYS
        return load_working_days(overrides if overrides.is_file() else None)

    @cached_property
    def plan_amounts(self) -> dict[tuple[str, str, frozenset[CellKey]], dict[int, AmountsByForm]]:
        """(regime, period, cells) -> submission -> its amounts: what `peer_amounts` has read already."""
        return {}

    # Plain dictionaries and no caches of functions: `forget` and `reload` take one regime out of them.
    @cached_property
    def _packs(self) -> dict[str, Pack]:
        return {}

    @cached_property
    def _unit_codes(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _calendars(self) -> dict[str, tuple[Period, ...]]:
        return {}

    def pack(self, regime: str) -> Pack:
        """The loaded pack. Raises ConfigurationError naming the known regimes."""
        if regime not in self._packs:
            self._packs[regime] = load_pack(self._folder(regime), self.settings.reference)
        return self._packs[regime]

    def unit_codes(self, regime: str) -> Set[str]:
        """The codes of the regime's units, from `units.csv` alone where the pack is not loaded: who sent a file is
        asked of every regime, and loading all packs for it would cost a sweep seconds."""
        # A pack in memory says the same without reading anything.
        known = self._packs.get(regime)
        if known is not None:
            return known.unit_codes
        if regime not in self._unit_codes:
            self._unit_codes[regime] = frozenset(u.code for u in read_units(self._folder(regime) / "units.csv")[0])
        return self._unit_codes[regime]

    def broken_packs(self) -> dict[str, str]:
        """Regime code -> what is wrong with its pack (file, line, key, reason, cure), of those that cannot be used."""
        broken = {}
        for regime in sorted(self.folders):
            try:
                self.pack(regime)
            except ConfigurationError as error:
                broken[regime] = str(error)
        return broken

    def forget(self, regime: str) -> None:
        """Read the regime's pack again when it is next asked for: its files have changed."""
        self._packs.pop(regime, None)
        self._unit_codes.pop(regime, None)
        self._calendars.pop(regime, None)

    def reload(self, regime: str) -> str:
        """Read a pack again whose files have changed. Where it does not load, the loaded one stays in use, and the
        answer says what is wrong; else the answer is empty."""
        # Kept until the new one has loaded: a pack that is saved half edited must not take a running service down.
        pack, calendar = self._packs.get(regime), self._calendars.get(regime)
        self.forget(regime)
        try:
            self.pack(regime)
            self.calendar(regime)
        except ConfigurationError as error:
            if pack is not None:
                self._packs[regime] = pack
            if calendar is not None:
                self._calendars[regime] = calendar
            return str(error)
        return ""

    def pack_as_of(self, regime: str, sha256: str) -> Pack:
        """The pack in the version of that hash: the present one, or the one kept when a window was opened with it.

        Raises Refused when that version was never kept.
        """
        pack = self.pack(regime)
        if pack.sha256 == sha256:
            return pack
        with self.store.read() as conn:
            file_sha256 = packs.file_of(conn, regime, sha256)
        # Refused rather than today's taken in its place: figures would be explained by a pack that did not make them.
        if file_sha256 is None:
            raise Refused(
                f"Gói chế độ {regime} phiên bản {sha256[:12]} không được lưu; hãy khôi phục gói đó từ bản sao lưu"
            )
        folder = self.settings.data / "packs" / sha256
        if not folder.is_dir():
            # Unpacked aside and moved into place at once: another process finds the whole pack or none.
            aside = folder.parent / f".{uuid4().hex}"
            unpacked(self.store.files.get(file_sha256), aside)
            try:
                aside.rename(folder)
            # Renaming onto a folder that is there fails: the other process unpacked the same archive.
            except OSError:
                if not folder.is_dir():
                    raise
                shutil.rmtree(aside)
        return load_pack(folder / regime, self.settings.reference, kept=True)

    def as_made(self, regime: str, code: str, manifest: Mapping[str, Any]) -> tuple[Pack, Period]:
        """The pack a report was made with, and its period by that pack's calendar and the holidays of then.

        What a manifest from before these were kept does not name is taken as it is today. Raises Refused when the pack
        was never kept.
        """
        pack = self._laid_out(self.pack_as_of(regime, str(manifest.get("pack_sha256", ""))))
        named = manifest.get("reference", {}).get(HOLIDAYS)
        reference = self.settings.reference if named is None else self._reference_of(named)
        # By the pack and the holidays of then: a day off that was moved since would move the deadline a report was held
        # to.
        known = {p.code: p for p in calendar_of(pack.regime, reference)}
        period = known[code] if code in known else self.period(regime, code)
        return for_period(pack, period), period

    def _laid_out(self, pack: Pack) -> Pack:
        """A pack from before packs said where the parts of their report stand: laid out as the regime is today."""
        if not pack.regime.is_laid_out_before or pack.code not in self.folders:
            return pack
        return _laid_out_as(pack, self.pack(pack.code))

    def keep_reference(self) -> dict[str, str]:
        """Keep the reference files a report is made with: name -> sha256 in the file store."""
        # Kept also when there is no such file, as an empty one: then it is known that there was none.
        file = self.settings.reference / HOLIDAYS
        return {HOLIDAYS: self.store.files.put(file.read_bytes() if file.is_file() else b"")}

    def _reference_of(self, sha256: str) -> Path:
        """A folder with the holiday file of that hash in it."""
        folder = self.settings.data / "reference" / sha256
        if not (folder / HOLIDAYS).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            aside = folder / f".{uuid4().hex}"
            aside.write_bytes(self.store.files.get(sha256))
            aside.rename(folder / HOLIDAYS)
        return folder

    def keep_pack(self, conn: Connection, pack: Pack, at: datetime) -> None:
        """See to it that this version of the pack can be read at any time later.

        Raises ConfigurationError when the files have changed since the pack was loaded: what is loaded is then no
        longer what stands there.
        """
        # Nearly always: a window is opened once, and every draft asks.
        if packs.file_of(conn, pack.code, pack.sha256) is not None:
            return
        folder = self._folder(pack.code)
        # The archive is made from the files, the hash came with the pack in memory: they must be the same version.
        if pack_sha256(folder) != pack.sha256:
            raise ConfigurationError(f"{folder}: gói chế độ vừa thay đổi trong lúc đang chạy; hãy chạy lại bước này")
        packs.keep(conn, pack.code, pack.sha256, self.store.files.put(archived(folder)), at)

    def calendar(self, regime: str) -> tuple[Period, ...]:
        """The periods that the pack itself lays down, sorted by opening."""
        if regime not in self._calendars:
            # Without units and forms: a calendar is asked for also of a pack that is broken elsewhere.
            light = load_regime(self._folder(regime))
            self._calendars[regime] = calendar_of(light, self.settings.reference)
        return self._calendars[regime]

    def periods(self, regime: str, conn: Connection | None = None) -> tuple[Period, ...]:
        """The regime's calendar and the periods outside it (ad hoc, rehearsals), sorted by opening. `conn`: a
        transaction that is open already."""
        in_hand = _PERIODS_IN_HAND.get()
        if in_hand is not None and regime in in_hand:
            return in_hand[regime]
        with nullcontext(conn) if conn is not None else self.store.read() as reading:
            special = special_periods(reading, regime)
        found = tuple(sorted((*self.calendar(regime), *special), key=lambda p: p.opens_at))
        if in_hand is not None:
            in_hand[regime] = found
        return found

    @contextmanager
    def same_periods(self) -> Iterator[None]:
        """Until the block ends the periods outside the calendar are asked for once a regime: for the work on one file
        or one unit, which looks at them again and again."""
        token = _PERIODS_IN_HAND.set({})
        try:
            yield
        finally:
            _PERIODS_IN_HAND.reset(token)

    def period(self, regime: str, code: str) -> Period:
        """One period, of the calendar or outside it. Raises ConfigurationError naming the known codes."""
        return self.known_period(regime, code) or find_period(self.periods(regime), code)

    def known_period(self, regime: str, code: str) -> Period | None:
        """The period of that code, of the calendar or outside it; None for a code that only a baseline can have."""
        known = {p.code: p for p in self.calendar(regime)}
        return known[code] if code in known else next((p for p in self.periods(regime) if p.code == code), None)

    def at(self, regime: str, code: str) -> tuple[Pack, Period]:
        """A period and the pack as that period sees it. Raises ConfigurationError naming the known codes."""
        period = self.period(regime, code)
        return for_period(self.pack(regime), period), period

    def zone(self, regime: str) -> ZoneInfo:
        """The regime's time zone, without reading the whole pack."""
        known = self._packs.get(regime)
        return (known.regime if known else load_regime(self._folder(regime))).zone

    def current_period(self, regime: str, as_of: datetime) -> Period | None:
        """The period of the calendar whose window opened last, at `as_of`; periods outside it are always named."""
        # Only of the calendar: an ad hoc request or a rehearsal must not become "the period" of a command that names
        # none.
        opened = [p for p in self.calendar(regime) if p.opens_at <= as_of]
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


def known_unit(pack: Pack, code: str) -> Unit:
    """The unit of that code. Raises Refused where the pack has none."""
    unit = pack.unit(code)
    if unit is None:
        raise Refused(f"Không có đơn vị mã {code!r}; xem cột code trong units.csv của gói {pack.code}")
    return unit


def require_decided(
    reason: str, by: str, said: str = "Phải ghi rõ lý do (--reason) và người quyết định (--by)"
) -> None:
    """Raises Refused with `said` for a decision without a reason or without a person."""
    if not reason.strip() or not by.strip():
        raise Refused(said)


def require_readable(what: str, text: str) -> None:
    """Raises Refused for words that only fill a place, or that nobody can read where they arrive. Empty is allowed."""
    said = why_unreadable(text)
    if said:
        raise Refused(f"{what}: {said}")


# Caches hang on the pack object (`once_per_pack`): made anew for each question, nothing of it would be known again.
@lru_cache(16)
def _laid_out_as(pack: Pack, other: Pack) -> Pack:
    return replace(pack, regime=pack.regime.model_copy(update={"report": other.regime.report}))
