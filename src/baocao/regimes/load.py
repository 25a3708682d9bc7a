"""Loading a regime pack: `include/regimes/<regime>/`, checked completely before anything uses it.

regime.yaml                    law, authority, periods, recipients, reminders, projects, forms in force
units.csv                      who reports
targets.yaml                   what is to be reached
forms/<FORM>/<version>.yaml    one full file a form version
forms/<FORM>/<version>.bridge.yaml  how figures of the version before are read in it
succession.csv                 renamed, merged and split units (may be missing)
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from baocao.calendar.periods import openings, periods_of
from baocao.calendar.workdays import load_working_days
from baocao.model.form import Form, Strict
from baocao.model.period import Period
from baocao.model.regime import Pack, Regime, Target
from baocao.regimes.bridges import load_bridges
from baocao.regimes.consistency import check_forms, check_pack, check_regime, check_version
from baocao.regimes.errors import PackError
from baocao.regimes.source import Source
from baocao.regimes.succession import load_succession
from baocao.regimes.units import load_units
from baocao.settings import ConfigurationError, Settings

__all__ = ["PackError", "calendar_of", "load_pack", "load_regime", "pack_files", "pack_sha256", "regime_folders"]


class _Targets(Strict):
    """`targets.yaml`."""

    targets: tuple[Target, ...]


def regime_folders(where: Settings | Path) -> tuple[Path, ...]:
    """The folders below `include/regimes` that hold a regime, sorted by name."""
    root = where.regimes if isinstance(where, Settings) else where / "include" / "regimes"
    return tuple(sorted(p.parent for p in root.glob("*/regime.yaml")))


def load_regime(folder: Path) -> Regime:
    """`regime.yaml` alone, checked in itself: light enough for DAG parsing (no forms, no units, no holiday tables).

    Raises PackError.
    """
    source = Source.read(folder / "regime.yaml")
    regime = source.model(Regime)
    check_regime(source, folder.name, regime)
    try:
        openings(regime)
    except ConfigurationError as error:
        raise source.error(("periods",), str(error), "hãy sửa kỳ được nêu") from error
    return regime


def calendar_of(regime: Regime, reference: Path | None) -> tuple[Period, ...]:
    """The regime's periods, sorted by `opens_at`, with the working days of `reference/holidays.yaml`.

    Raises ConfigurationError.
    """
    return periods_of(regime, load_working_days(reference / "holidays.yaml" if reference else None))


def load_pack(folder: Path, reference: Path | None = None) -> Pack:
    """The whole pack, every cross reference checked; with `reference`, its calendar (V45) as well.

    The same content is loaded once a process. Raises PackError (ConfigurationError for the calendar).
    """
    pack = _load(folder, pack_sha256(folder))
    if reference is not None:
        calendar_of(pack.regime, reference)
    return pack


def pack_files(folder: Path) -> dict[str, bytes]:
    """Every file of the pack by its relative path. Links are followed: a mounted configuration often is one."""
    files = (Path(where, name) for where, _, names in os.walk(folder, followlinks=True) for name in names)
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in files if f.name[0] != "."}


def pack_sha256(folder: Path) -> str:
    """Over relative path and content of every file of the pack, sorted by path."""
    digest = hashlib.sha256()
    for name, content in sorted(pack_files(folder).items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


@lru_cache(maxsize=16)
def _load(folder: Path, sha256: str) -> Pack:
    regime = load_regime(folder)
    units = load_units(folder / "units.csv")
    every = {
        (code, version.version): Source.read(folder / "forms" / code / f"{version.version}.yaml")
        for code, versions in regime.all_forms.items()
        for version in versions
    }
    loaded = {key: source.model(Form) for key, source in every.items()}
    newest = {code: (code, versions[-1].version) for code, versions in regime.forms.items()}
    sources = {code: every[key] for code, key in newest.items()}
    forms = tuple(loaded[key] for key in newest.values())
    check_forms(sources, forms, regime)
    others = [key for key in every if key not in newest.values()]
    for code, version in others:
        check_version(every[code, version], loaded[code, version], code, version, regime)
    targets = Source.read(folder / "targets.yaml")
    pack = Pack(
        regime,
        units,
        forms,
        targets.model(_Targets).targets,
        sha256,
        others=tuple(loaded[key] for key in others),
        bridges=load_bridges(folder, regime, loaded),
        succession=load_succession(folder / "succession.csv", units),
    )
    check_pack(pack, Source.read(folder / "regime.yaml"), targets, sources, folder / "units.csv")
    return pack
