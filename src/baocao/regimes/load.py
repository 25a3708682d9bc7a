"""Loading a regime pack: `include/regimes/<regime>/`, checked completely before anything uses it.

regime.yaml                    law, authority, periods, recipients, reminders, projects, forms in force
units.csv                      who reports
targets.yaml                   what is to be reached
cascade.yaml                   where the signed result goes on to a higher regime (if it does)
forms/<FORM>/<version>.yaml    one full file a form version
forms/<FORM>/<version>.bridge.yaml  how figures of the version before are read in it
succession.csv                 renamed, merged and split units (may be missing)
places.csv                     where the units lie, for schematic maps (may be missing)
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from baocao.calendar.periods import openings, periods_of
from baocao.calendar.workdays import load_working_days
from baocao.model.form import Form, Strict
from baocao.model.pack import Pack
from baocao.model.pack_parts.bridge import Bridge
from baocao.model.pack_parts.succession import Succession
from baocao.model.period import Period
from baocao.model.regime import Regime, Target
from baocao.model.unit import Unit
from baocao.regimes.bridges import load_bridges
from baocao.regimes.cascade_file import FILE as CASCADE_FILE
from baocao.regimes.cascade_file import load_cascade, named_regime
from baocao.regimes.consistency import check_forms, check_pack, check_regime, check_version
from baocao.regimes.earlier_schema import old_keys
from baocao.regimes.errors import PackError
from baocao.regimes.form_rules import check_sheet_names
from baocao.regimes.places import with_places
from baocao.regimes.shared_forms import (
    borrowed_sha256,
    check_borrowed,
    forms_of,
    judged_by_some_unit,
    with_rules_that_stand,
    with_targets,
)
from baocao.regimes.source import Model, Source, combine_errors
from baocao.regimes.succession_file import load_succession
from baocao.regimes.units_file import read_units
from baocao.settings import ConfigurationError, Settings

Result = TypeVar("Result")

__all__ = ["PackError", "calendar_of", "load_pack", "load_regime", "pack_files", "pack_sha256", "regime_folders"]


class TargetsFile(Strict):
    """`targets.yaml`."""

    targets: tuple[Target, ...]


def regime_folders(where: Settings | Path) -> tuple[Path, ...]:
    """The folders that hold a regime, sorted by name: of an installation those it runs, of a project root all."""
    root = where.regimes if isinstance(where, Settings) else where / "include" / "regimes"
    wanted = where.run_only if isinstance(where, Settings) else ()
    return tuple(sorted(p.parent for p in root.glob("*/regime.yaml") if not wanted or p.parent.name in wanted))


def load_regime(folder: Path) -> Regime:
    """`regime.yaml` alone, checked in itself: light enough for DAG parsing (no forms, no units, no holiday tables).

    Raises PackError.
    """
    regime = _or_stop(_regime(folder, opening_faults))
    assert regime is not None  # nothing was wrong with it
    return regime[1]


def calendar_of(regime: Regime, reference: Path | None) -> tuple[Period, ...]:
    """The regime's periods, sorted by `opens_at`, with the working days of `reference/holidays.yaml`.

    Raises ConfigurationError.
    """
    return periods_of(regime, load_working_days(reference / "holidays.yaml" if reference else None))


def load_pack(folder: Path, reference: Path | None = None, *, kept: bool = False) -> Pack:
    """The whole pack, every cross reference checked; with `reference`, its calendar as well.

    The same content is loaded once a process. Of a pack that was `kept` with a report the map to a higher regime, which
    lay beside it, is left out, and it may be written in the schema of then. Raises PackError (ConfigurationError for
    the calendar).
    """
    # By content and not by time: a pack that was edited and put back is the same pack, and an edit is never missed.
    pack = _load(folder, pack_sha256(folder), kept)
    if not kept and (folder / CASCADE_FILE).is_file():
        pack = _with_cascade(folder, pack)
    if reference is not None:
        calendar_of(pack.regime, reference)
    return pack


def pack_files(folder: Path) -> dict[str, bytes]:
    """Every file of the pack by its relative path. Links are followed: a mounted configuration often is one."""
    files = (Path(where, name) for where, _, names in os.walk(folder, followlinks=True) for name in names)
    # Hidden files are the editor's or the system's; they would change the hash of a pack that is the same.
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in files if f.name[0] != "."}


def pack_sha256(folder: Path) -> str:
    """Over relative path and content of every file of the pack, sorted by path, and over the forms it borrows."""
    digest = hashlib.sha256()
    for name, content in sorted(pack_files(folder).items()):
        # With the length: else bytes could move from the end of one file to the beginning of the next unnoticed.
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    if (folder / "regime.yaml").is_file():
        digest.update(borrowed_sha256(folder).encode())
    return digest.hexdigest()


def _with_cascade(folder: Path, pack: Pack) -> Pack:
    higher = folder.parent / named_regime(folder)
    if not (higher / "regime.yaml").is_file():
        reason = f"không có chế độ {higher.name!r} bên cạnh gói này"
        raise Source.read(folder / CASCADE_FILE).error(("to",), reason, "hãy sửa mã hoặc thêm gói đó")
    # Both hashes are the key of the cache: a change in the higher pack changes what this one carries.
    return _cascading(folder, pack.sha256, higher, pack_sha256(higher))


@lru_cache(maxsize=16)
def _cascading(folder: Path, sha256: str, higher: Path, higher_sha256: str) -> Pack:
    own = _load(folder, sha256)
    return replace(own, cascade=load_cascade(folder, own, _load(higher, higher_sha256)))


@lru_cache(maxsize=16)
def _load(folder: Path, sha256: str, kept: bool = False) -> Pack:
    read = _or_stop(read_pack(folder, sha256, opening_faults, kept=kept))
    assert read is not None  # nothing was wrong with it
    return read.pack


@dataclass(frozen=True)
class ReadPack:
    """A pack with the files it was read from: where to point when something is to be said of it."""

    pack: Pack
    regime: Source
    forms: dict[str, Source]


CalendarCheck = Callable[[Source, Regime], Iterator[PackError]]
Faults = Generator[PackError, None, Result]
"""Yields everything that is wrong, returns what was read."""


def read_pack(folder: Path, sha256: str, calendar: CalendarCheck, *, kept: bool = False) -> Faults[ReadPack | None]:
    """Every fault of the pack, most basic first: loading stops at the first, `baocao regime check` lists them all.

    Returns None when a file could not be read: what the files say of one another was then not compared.
    """
    regime = yield from _regime(folder, calendar, kept=kept)
    units, wrong = read_units(folder / "units.csv")
    yield from wrong
    units, misplaced = with_places(folder / "places.csv", units)
    yield from misplaced
    targets = yield from read_as(folder / "targets.yaml", TargetsFile)
    wanted = () if targets is None else targets[1].targets
    read = None
    if regime is not None:
        read = yield from (_own_forms if regime[1].forms_from is None else _borrowed_forms)(folder, *regime, wanted)
    if wrong or regime is None or targets is None or read is None:
        return None
    changes = yield from _changes(folder, read, units)
    if changes is None:
        return None
    pack = Pack(
        read.regime,
        units,
        read.forms,
        wanted,
        sha256,
        others=read.others,
        bridges=changes[0],
        succession=changes[1],
    )
    if read.regime.forms_from is not None and read.regime.forms_from.departments:
        pack = judged_by_some_unit(pack)
    pack = with_rules_that_stand(pack, regime[1].rules)
    # Forms that only some kinds of report use are held to the same: every form in force, side by side.
    newest = {(code, versions[-1].version) for code, versions in read.regime.more_forms.items()}
    more = tuple(f for f in read.others if (f.code, f.version) in newest)
    every = replace(pack, forms=(*pack.forms, *more))
    yield from check_pack(every, regime[0], targets[0], read.sources, folder / "units.csv")
    return ReadPack(pack, regime[0], read.sources)


def _changes(
    folder: Path, read: _ReadForms, units: tuple[Unit, ...]
) -> Faults[tuple[tuple[Bridge, ...], tuple[Succession, ...]] | None]:
    """How figures are carried over replaced form versions and over changed units."""
    every = {(form.code, form.version): form for form in (*read.forms, *read.others)}
    try:
        return load_bridges(folder, read.regime, every), load_succession(folder / "succession.csv", units)
    except PackError as error:
        yield error
        return None


@dataclass(frozen=True)
class _ReadForms:
    """The forms of a pack, its own or borrowed, and the regime with the relations that go with them."""

    regime: Regime
    forms: tuple[Form, ...]
    others: tuple[Form, ...]
    sources: dict[str, Source]


def _own_forms(folder: Path, source: Source, regime: Regime, targets: tuple[Target, ...]) -> Faults[_ReadForms | None]:
    """Read and check the forms of all versions; None when one of them could not be read."""
    every: dict[tuple[str, str], tuple[Source, Form]] = {}
    for code, versions in regime.all_forms.items():
        for in_force in versions:
            form = yield from read_as(folder / "forms" / code / f"{in_force.version}.yaml", Form)
            if form is not None:
                every[code, in_force.version] = form
    newest = [(code, versions[-1].version) for code, versions in regime.forms.items()]
    others = [key for key in every if key not in newest]
    sources = {key[0]: every[key][0] for key in newest if key in every}
    forms = tuple(every[key][1] for key in newest if key in every)
    yield from check_forms(sources, forms, regime)
    for code, version in others:
        yield from check_version(*every[code, version], code, version, regime)
    now = [key for code, versions in regime.all_forms.items() if (key := (code, versions[-1].version)) in every]
    yield from check_sheet_names({code: every[code, v][0] for code, v in now}, [every[key][1] for key in now])
    if len(every) < sum(map(len, regime.all_forms.values())):
        return None
    by_form = {form.code: source for form, source in zip(forms, sources.values(), strict=True)}
    more = {code: every[code, versions[-1].version][0] for code, versions in regime.more_forms.items()}
    return _ReadForms(regime, forms, tuple(every[key][1] for key in others), by_form | more)


def _borrowed_forms(
    folder: Path, source: Source, regime: Regime, targets: tuple[Target, ...]
) -> Faults[_ReadForms | None]:
    try:
        borrowed = forms_of(folder, regime)
    except PackError as error:
        yield error
        return None
    wrong = tuple(check_borrowed(source, borrowed.forms, regime))
    yield from wrong
    if wrong:
        return None
    related = regime.model_copy(update={"relations": borrowed.relations, "rules": borrowed.rules})
    return _ReadForms(related, with_targets(borrowed.forms, targets), (), borrowed.sources)


def read_as(file: Path, schema: type[Model]) -> Faults[tuple[Source, Model] | None]:
    """The file as a model; None when something is wrong with it."""
    try:
        source = Source.read(file)
        model, faults = source.validated(schema)
    except PackError as error:
        yield error
        return None
    yield from faults
    return None if model is None else (source, model)


def opening_faults(source: Source, regime: Regime) -> Iterator[PackError]:
    """What a schedule needs of the calendar, without the holiday tables."""
    try:
        openings(regime)
    except ConfigurationError as error:
        yield source.error(("periods",), str(error), "hãy sửa kỳ được nêu")


def _regime(folder: Path, calendar: CalendarCheck, *, kept: bool = False) -> Faults[tuple[Source, Regime] | None]:
    try:
        source = Source.read(folder / "regime.yaml")
        old = [] if kept else [source.error_in_file(*fault) for fault in old_keys(source.raw())]
    except PackError as error:
        yield error
        return None
    yield from old
    if old:
        return None
    read = yield from read_as(folder / "regime.yaml", Regime)
    if read is not None:
        wrong = tuple(check_regime(read[0], folder.name, read[1]))
        yield from wrong
        if not wrong:  # dates are computed from codes and names that can be filled in
            yield from calendar(*read)
    return read


def _or_stop(faults: Faults[Result]) -> Result:
    """What was read. Raises PackError at the first fault; it carries the others of the same file."""
    found: list[PackError] = []
    while True:
        try:
            fault = next(faults)
        except StopIteration as done:
            if found:
                break
            result: Result = done.value
            return result
        except Exception:
            if not found:
                raise
            break  # the fault that was found is the reason, and is what the official must hear of
        if found and fault.file != found[0].file:
            break
        found.append(fault)
    raise combine_errors(found)
