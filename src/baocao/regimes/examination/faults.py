"""Everything that is wrong with a pack, at once: the loader's own checks, run to their end.

Faults stop the loader; warnings do not, but somebody should know: an address is missing, a provision is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from baocao.calendar.periods import periods_of
from baocao.calendar.workdays import WorkingDays, load_working_days
from baocao.model.form import Form
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import PeriodRule
from baocao.model.regime import Regime
from baocao.regimes.errors import PackError
from baocao.regimes.examination.remarks import remarks
from baocao.regimes.load import Faults, Result, load_pack, pack_sha256, read_as, read_pack
from baocao.regimes.shared_forms import lenders_of
from baocao.regimes.source import KeyPath, Source
from baocao.settings import ConfigurationError

TO_REVIEW = "# CẦN XEM LẠI:"
"""Stands in a drafted form above whatever a person must look at; whoever has looked deletes the mark."""
_PLACE = re.compile(r"[^/\s]+/regime\.yaml: (?P<key>[\w.]+): (?P<reason>.*)", re.DOTALL)


@dataclass(frozen=True)
class Examination:
    """What was found in one pack folder, sorted by file and line."""

    folder: Path
    faults: tuple[PackError, ...]
    warnings: tuple[PackError, ...]
    complete: bool
    """False: a file could not be read, so that what it and the others say of each other was not compared."""
    pack: Pack | None
    """The pack, when every file of it could be read; it may still have faults."""


def examine(folder: Path, reference: Path | None) -> Examination:
    """Every fault and every warning of the pack in `folder`; never raises PackError.

    `reference` holds the holiday table.
    """
    days = load_working_days(_holidays(reference))
    off: list[PackError] = []
    seen: list[PackError] = []

    def calendar(source: Source, regime: Regime) -> Iterator[PackError]:
        on, if_switched_on = _calendar_faults(source, regime, days)
        off.extend(if_switched_on)
        yield from on

    # The same generator the loader reads, so that `regime check` and the start never disagree (ADR 0011).
    reading = read_pack(folder, pack_sha256(folder), calendar)
    read = _to_the_end(reading, seen)
    every = sorted(folder.glob("forms/*/*.yaml"))
    # Every file once more by itself: the walk above stops asking of other files when one cannot be read. What is found
    # twice `_sorted` lists once.
    for file in every:
        _to_the_end(read_as(file, Form), seen)
    regime_file = _to_the_end(read_as(folder / "regime.yaml", Regime), seen)
    if read is not None:
        seen += _borrowed_without_a_rule(read.pack, folder)
    seen += _nobody_to_call(*regime_file) if regime_file else ()
    seen += _open_questions(every)
    # Only of a sound pack: the map would repeat what is wrong with its cells.
    if read is not None and not seen:
        seen += _cascade_faults(folder)
    faults = _sorted(seen)
    if read is None:
        return Examination(folder, faults, (), False, None)
    warnings = remarks(read.pack, folder, read.regime, read.forms, sound=not faults)
    return Examination(folder, faults, _sorted((*warnings, *off)), True, read.pack)


def _open_questions(files: Iterable[Path]) -> Iterator[PackError]:
    """A drafted form says itself what a person must look at: until that is done nobody may be asked to fill it in."""
    for file in files:
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        if open_ := [n for n, line in enumerate(lines, start=1) if TO_REVIEW in line]:
            reason = f"còn {len(open_)} chỗ «CẦN XEM LẠI» của bản nháp chưa có người xem"
            yield PackError(file, open_[0], "", reason, "hãy xem từng chỗ, sửa nếu cần, rồi xóa dấu")


def _cascade_faults(folder: Path) -> Iterator[PackError]:
    """What is wrong with the map to a higher regime, once both packs can be read."""
    try:
        load_pack(folder)
    except PackError as error:
        yield error


def _holidays(reference: Path | None) -> Path | None:
    file = reference / "holidays.yaml" if reference else None
    # A project without the table is checked with the computed holidays alone.
    return file if file and file.is_file() else None


def _borrowed_without_a_rule(pack: Pack, folder: Path) -> Iterator[PackError]:
    """Borrowed relations between forms, reported where they are written."""
    lenders = lenders_of(folder, pack.regime)
    known = {rule.id for rule in (*pack.rules, *(rule for _, regime in lenders for rule in regime.rules))}
    for source, regime in lenders:
        for n, relation in enumerate(regime.relations):
            if relation.rule not in known:
                reason = f"chưa khai quy tắc {relation.rule}"
                yield source.error(("relations", n, "rule"), reason, "hãy khai ở rules của regime.yaml")


def _nobody_to_call(source: Source, regime: Regime) -> Iterator[PackError]:
    """Every letter says whom to call and to write to, and every receipt begins with the regime's own letters."""
    for key, what in (("phone", "số điện thoại"), ("contact_email", "thư điện tử")):
        if not getattr(regime.authority, key).strip():
            cure = f"hãy ghi {what} của người trả lời đơn vị; thông tin này in cuối mọi thư"
            yield source.error(("authority", key), f"chưa có {what} để đơn vị liên hệ", cure)
    if not regime.receipt_prefix:
        cure = "hãy ghi 2 đến 8 chữ in hoa, ví dụ BC: số biên nhận sẽ có dạng BC-2026H1-00001-2"
        yield source.error(("receipt_prefix",), "chưa có chữ đầu của số biên nhận", cure)


def _calendar_faults(source: Source, regime: Regime, days: WorkingDays) -> tuple[list[PackError], list[PackError]]:
    """Impossible dates, dates out of order, no working day after the cut-off: of every rule, year by year; then what
    two rules share.

    The second list holds what would be wrong if a rule that is switched off were switched on.
    """
    on: list[PackError] = []
    off: list[PackError] = []
    for n, rule in enumerate(regime.periods):
        first: dict[str, PackError] = {}
        for year in rule.years:
            # Year by year: a rule can hold for nine years and break in the tenth, where a weekend falls before the
            # deadline.
            alone = rule.model_copy(update={"years": (year,), "enabled": True})
            for fault in _calendar_of(source, regime, (alone,), n, days):
                first.setdefault(fault.key, fault)  # the other years would only repeat it
        (on if rule.enabled else off).extend(first.values())
    # Two rules can only be compared when each of them can be computed.
    if not on:
        enabled = [(n, rule) for n, rule in enumerate(regime.periods) if rule.enabled]
        for place, (_, one) in enumerate(enabled):
            for n, other in enabled[place + 1 :]:
                on.extend(_calendar_of(source, regime, (one, other), n, days))
    return on, off


def _calendar_of(
    source: Source, regime: Regime, rules: tuple[PeriodRule, ...], number: int, days: WorkingDays
) -> Iterator[PackError]:
    """What the calendar says of these rules; the fault is shown at rule `number`."""
    try:
        periods_of(regime.model_copy(update={"periods": rules}), days)
    except ConfigurationError as error:
        # The calendar knows no lines of a file: it names the key in its sentence, from which the line is found here.
        found = _PLACE.fullmatch(str(error))
        if found is None:
            yield source.error(("periods", number), str(error), "hãy sửa kỳ được nêu")
            return
        where, reason = found["key"].split("."), found["reason"]
        path: KeyPath = ("periods", number, *where[2 if len(rules) == 1 else 1 :])
        reason, _, cure = reason.partition("; ")
        yield source.error(path if where[0] == "periods" else tuple(where), reason, cure or "hãy sửa ngày của kỳ này")


def _to_the_end(reading: Faults[Result], seen: list[PackError]) -> Result | None:
    """What was read; every fault on the way goes to `seen`, also the last one of a check that raises."""
    while True:
        try:
            seen.append(next(reading))
        except StopIteration as done:
            result: Result = done.value
            return result
        except PackError as last:
            seen.append(last)
            return None


def _sorted(faults: Iterable[PackError]) -> tuple[PackError, ...]:
    """Each fault once, by file and line."""
    once = {(f.file.as_posix(), f.line, f.key, f.reason): f for f in faults}
    return tuple(once[key] for key in sorted(once))
