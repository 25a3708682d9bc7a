"""Which regimes and periods Airflow has to know: read from the packs, again whenever a pack file changes."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.model.unit import MOST_AT_ONCE
from baocao.regimes.load import PackError, calendar_of, load_regime, regime_folders
from baocao.settings import ConfigurationError, Settings, load_settings


def _state(*files: Path) -> tuple[tuple[str, int], ...]:
    """What distinguishes two versions of the files; a missing file is a state as well."""
    return tuple((str(f), f.stat().st_mtime_ns if f.is_file() else 0) for f in files)


def _files(settings: Settings, code: str) -> tuple[Path, ...]:
    reference = sorted(settings.reference.glob("*.yaml")) if settings.reference.is_dir() else []
    # No schedule depends on forms or units: they are neither read here nor looked at for changes.
    return (settings.regimes / code / "regime.yaml", *reference)


@lru_cache(maxsize=64)
def _load(folder: Path, reference: Path, state: object) -> tuple[Regime, tuple[Period, ...]]:
    """`state` is the cache key: a long-lived scheduler sees a changed calendar without a restart."""
    regime = load_regime(folder)
    return regime, calendar_of(regime, reference)


def periods_of(code: str) -> tuple[Period, ...]:
    """All periods of a regime, in the order in which their windows open."""
    settings = load_settings()
    return _load(settings.regimes / code, settings.reference, _state(*_files(settings, code)))[1]


def scheduled_periods(code: str) -> tuple[Period, ...]:
    """The periods that Airflow runs by itself: windows that open on or after the day of going live.

    The day is the later one of the pack's `go_live_on` and the installation's `BAOCAO_SCHEDULE_FROM`.
    """
    settings = load_settings()
    regime, periods = _load(settings.regimes / code, settings.reference, _state(*_files(settings, code)))
    # Without a first day the catch-up of a new installation would run every period of the past.
    first: date = max(regime.go_live_on, settings.schedule_from or regime.go_live_on)
    return tuple(p for p in periods if p.opens_at.date() >= first)


def period_opening_at(code: str, instant: datetime | None) -> Period | None:
    """The period whose run starts its data interval at `instant`: opening instants are unique in a regime."""
    return next((p for p in periods_of(code) if p.opens_at == instant), None)


def period_named(code: str, name: str) -> Period:
    """The period of that code, of the calendar or outside it (ad hoc, rehearsal: those are rows of our own store).

    Raises ConfigurationError naming the known periods.
    """
    period = next((p for p in periods_of(code) if p.code == name), None)
    if period is not None:
        return period
    from baocao.workflow.process import installation

    try:
        return installation().period(code, name)
    except ConfigurationError as error:
        raise ConfigurationError(f"period: chế độ {code}: {error}") from None


def regimes() -> tuple[Regime, ...]:
    """The regimes whose pack can be read. Those that cannot are reported by `dags/check_packs.py`, not here:
    one wrong pack must not take the other regimes' DAGs away."""
    return tuple(r for r in (_readable(f) for f in regime_folders(load_settings())) if r is not None)


def regimes_to_build(kind: str) -> tuple[Regime, ...]:
    """The regimes whose DAG `<regime>__<kind>` a DAG file has to make: all of them for the processor of DAG files, in
    the process of a task the one it belongs to. Reading the other packs there would cost every task."""
    from airflow.sdk import get_parsing_context

    wanted = get_parsing_context().dag_id
    if not wanted:
        return regimes()
    prefix, _, of_kind = wanted.partition("__")
    folders = [f for f in regime_folders(load_settings()) if f.name.replace("-", "_") == prefix]
    if of_kind != kind or not folders:
        return regimes() if not of_kind else ()
    return tuple(r for r in (_readable(f) for f in folders) if r is not None)


def is_large(regime: Regime) -> bool:
    """Whether the pack lists so many units that one task would be long over all of them."""
    listed = load_settings().regimes / regime.code / "units.csv"
    # Counted, not parsed: a DAG file must parse in a fraction of a second.
    return listed.is_file() and listed.read_bytes().count(b"\n") > MOST_AT_ONCE


def pack_errors() -> dict[str, str]:
    """Regime code -> what is wrong with its pack: file, key, reason, cure."""
    errors = {}
    for folder in regime_folders(load_settings()):
        try:
            # With its calendar: a pack whose deadlines cannot be worked out must not reach a timetable.
            periods_of(folder.name)
        except (PackError, ConfigurationError) as error:
            errors[folder.name] = str(error)
    return errors


def _readable(folder: Path) -> Regime | None:
    settings = load_settings()
    try:
        return _load(folder, settings.reference, _state(*_files(settings, folder.name)))[0]
    except (PackError, ConfigurationError):
        return None
