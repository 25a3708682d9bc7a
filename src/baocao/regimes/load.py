"""Loading a regime pack: `include/regimes/<regime>/`, checked completely before anything uses it.

regime.yaml                    law, authority, periods, recipients, reminders, projects, forms in force
units.csv                      who reports
targets.yaml                   what is to be reached
cascade.yaml                   where the signed result goes on to a higher regime (if it does)
forms/<FORM>/<version>.yaml    one full file a form version
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from baocao.calendar.periods import openings, periods_of
from baocao.calendar.workdays import load_working_days
from baocao.model.form import Strict
from baocao.model.period import Period
from baocao.model.regime import Pack, Regime, Target
from baocao.regimes.cascading import FILE as CASCADE_FILE
from baocao.regimes.cascading import load_cascade, named_regime
from baocao.regimes.consistency import check_forms, check_pack, check_regime
from baocao.regimes.errors import PackError
from baocao.regimes.sharing import borrowed_sha256, check_borrowed, forms_of, judged_by_some_unit, with_targets
from baocao.regimes.source import Source
from baocao.regimes.units import load_units
from baocao.settings import ConfigurationError, Settings

__all__ = ["PackError", "calendar_of", "load_pack", "load_regime", "pack_sha256", "regime_folders"]


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
    pack = _loaded(folder)
    if (folder / CASCADE_FILE).is_file():
        pack = _with_cascade(folder, pack)
    if reference is not None:
        calendar_of(pack.regime, reference)
    return pack


def pack_sha256(folder: Path) -> str:
    """Over relative path and content of every file of the pack, sorted by path, and over the forms it borrows."""
    digest = hashlib.sha256()
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file() and p.name[0] != "."}
    for name in sorted(files):
        content = files[name].read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    if (folder / "regime.yaml").is_file():
        digest.update(borrowed_sha256(folder).encode())
    return digest.hexdigest()


def _loaded(folder: Path) -> Pack:
    return _load(folder, pack_sha256(folder))


def _with_cascade(folder: Path, pack: Pack) -> Pack:
    higher = folder.parent / named_regime(folder)
    if not (higher / "regime.yaml").is_file():
        reason = f"không có chế độ {higher.name!r} bên cạnh gói này"
        raise Source.read(folder / CASCADE_FILE).error(("to",), reason, "hãy sửa mã hoặc thêm gói đó")
    return _cascading(folder, pack.sha256, higher, pack_sha256(higher))


@lru_cache(maxsize=16)
def _cascading(folder: Path, sha256: str, higher: Path, higher_sha256: str) -> Pack:
    own = _load(folder, sha256)
    return replace(own, cascade=load_cascade(folder, own, _load(higher, higher_sha256)))


@lru_cache(maxsize=16)
def _load(folder: Path, sha256: str) -> Pack:
    regime = load_regime(folder)
    units = load_units(folder / "units.csv")
    own = Source.read(folder / "regime.yaml")
    borrowed = forms_of(folder, regime)
    forms, sources = borrowed.forms, borrowed.sources
    targets = Source.read(folder / "targets.yaml")
    wanted = targets.model(_Targets).targets
    if regime.forms_from is None:
        check_forms(sources, forms, regime)
    else:
        check_borrowed(own, forms, regime)
        forms = with_targets(forms, wanted)
        regime = regime.model_copy(update={"relations": borrowed.relations})
    pack = Pack(regime, units, forms, wanted, sha256)
    if regime.forms_from is not None and regime.forms_from.departments:
        pack = judged_by_some_unit(pack)
    check_pack(pack, own, targets, sources, folder / "units.csv")
    return pack
