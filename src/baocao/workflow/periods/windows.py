"""Opening a reporting window: obligations, blank workbooks, the first letter."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery import outbox
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.file_names import blank_filename
from baocao.media_types import XLSX
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import ListName
from baocao.model.unit import MOST_AT_ONCE, Unit
from baocao.regimes.load import pack_sha256
from baocao.store import waivers, windows
from baocao.store.reports import corrections
from baocao.store.trail import events
from baocao.text import day_text, moment_text
from baocao.workflow.installation import Installation, Refused, known_unit
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.periods.accumulating import unit_term
from baocao.workflow.periods.history import history_of

log = logging.getLogger(__name__)

TOLD_EVERY = 20
"""So many blank workbooks apart a line says how far the opening is."""


def open_window(place: Installation, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Open the period for every unit that owes a report: record what it owes, write its blank, enqueue its letter.

    Idempotent: a second call finds everything there and sends nothing twice.
    Raises Refused before the opening day.
    """
    begun = begin_window(place, regime, period, as_of)
    written = write_blanks(place, regime, period, begun.pop("waiting"), as_of)
    return {**begun, **written}


def begin_window(place: Installation, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """The first part of `open_window`: what every unit owes is recorded. Answers in `waiting` the codes of the units
    that have no blank yet, in the order of the pack. Raises Refused before the opening day."""
    pack, when = place.at(regime, period)
    if as_of < when.opens_at:
        raise Refused(f"Kỳ {period} mở từ {day_text(when.opens_at)}; chưa thể mở vào {day_text(as_of)}")
    # Of the day the figures are of: a unit that is merged between opening and cut-off owes nothing any more.
    units = pack.units_on(when.cutoff_on)
    with place.store.begin() as conn:
        # What is opened now is answered in months, by a pack that is edited in place: this version must be there then
        # (ADR 0018).
        place.keep_pack(conn, pack, as_of)
        first = windows.open_window(conn, regime, period, at=as_of, pack_sha256=pack.sha256)
        # Before any blank: whoever owes is known from the first moment, and a run that dies goes on with `waiting`.
        windows.add_obligations(conn, regime, period, [_obligation(u, when) for u in units])
        # Obligations are added again and change nothing; the event is of the one opening.
        if first:
            payload = {"units": len(units), "pack_sha256": pack.sha256}
            events.append(conn, as_of, "baocao", "window_opened", (regime, period), period, payload)
        done = _with_blank(conn, regime, period)
    waiting = [u.code for u in units if u.code not in done]
    return {"regime": regime, "period": period, "opened": first, "units": len(units), "waiting": waiting}


def write_blanks(
    place: Installation, regime: str, period: str, units: Sequence[str], as_of: datetime
) -> dict[str, Any]:
    """Blank and letter for those of these units that have none yet. Units are independent of each other, so several
    processes may each write some of a period's."""
    pack, when = place.at(regime, period)
    wanted = set(units)
    written = _write_blanks(place, pack, when, tuple(u for u in pack.units if u.code in wanted), as_of)
    return {"blanks": written, **flush(place, as_of)}


def in_chunks(units: Sequence[str]) -> list[list[str]]:
    """Units cut into as few parts as `MOST_AT_ONCE` allows, of nearly the same size, in their order."""
    # Of nearly equal size: the last of several mapped tasks would otherwise be left with a handful.
    parts = -(-len(units) // MOST_AT_ONCE)
    return [list(units[len(units) * n // parts : len(units) * (n + 1) // parts]) for n in range(parts)]


def _with_blank(conn: Connection, regime: str, period: str) -> set[str]:
    return {o.unit for o in windows.obligations(conn, regime, period) if o.blank_sha256}


def enrol_new_units(place: Installation, regime: str, as_of: datetime) -> list[str]:
    """Units that joined the pack after a window was opened, in every window that still takes reports: obligation,
    blank, opening letter, and an alarm that says what to consider. Answers `period/unit` of each.

    Nothing is done for a period whose report was dispatched.
    """
    enrolled = []
    for opened in _changed_since(place, regime):
        pack, when = place.at(regime, opened.period)
        # Nobody could send any more: an obligation added now could not be met.
        if as_of > when.unit.locked_after:
            continue
        with place.store.begin() as conn:
            owing = {o.unit for o in windows.obligations(conn, regime, when.code)}
            new = tuple(u for u in pack.units_on(when.cutoff_on) if u.code not in owing)
            if not new or corrections.last_dispatched(conn, regime, when.code) is not None:
                continue
            place.keep_pack(conn, pack, as_of)
            windows.add_obligations(conn, regime, when.code, [_obligation(u, when, added_at=as_of) for u in new])
            for unit in new:
                _note_enrolled(place, conn, pack, when, unit, as_of)
        _write_blanks(place, pack, when, new, as_of)
        enrolled += [f"{when.code}/{u.code}" for u in new]
    return enrolled


def _changed_since(place: Installation, regime: str) -> list[windows.Window]:
    """Windows opened with another version of the pack than the one that stands there now. Cheap: it is asked often."""
    with place.store.read() as conn:
        opened = windows.open_windows(conn, regime)
    if not opened:
        return []
    # From the files: the pack in memory may be the one the window was opened with.
    now = pack_sha256(place.folders[regime])
    known = {p.code for p in place.periods(regime)}
    return [w for w in opened if w.pack_sha256 != now and w.period in known]


def _note_enrolled(
    place: Installation, conn: Connection, pack: Pack, when: Period, unit: Unit, as_of: datetime
) -> None:
    """The alarm and the event about one unit that joined after the opening."""
    late = as_of > when.unit.due_at
    PeriodMail(place, pack, when).alarm(
        conn,
        subject=f"{unit.full_name} được ghi thêm vào kỳ {when.name}",
        text=f"Đơn vị mã {unit.code} có trong units.csv sau khi kỳ mở: đã ghi nghĩa vụ báo cáo và gửi biểu mẫu. Hạn "
        "của đơn "
        f"vị là {moment_text(when.unit.due_at)}{', đã qua' if late else ''}.\n\nNếu đơn vị cần thêm thời gian, "
        "hoặc "
        f"không phải báo cáo kỳ này: `baocao waive {unit.code} --period {when.code} …`. Xem mục «Đơn vị được ghi thêm "
        "vào kỳ "
        "đang mở» trong sổ tay vận hành.",
        key=f"enrolled/{unit.code}",
        at=as_of,
    )
    payload = {"pack_sha256": pack.sha256, "due_at": when.unit.due_at.isoformat()}
    events.append(conn, as_of, "baocao", "unit_enrolled", (pack.code, when.code), f"unit/{unit.code}", payload)


def _obligation(unit: Unit, when: Period, added_at: datetime | None = None) -> windows.Obligation:
    return windows.Obligation(
        unit=unit.code,
        unit_name=unit.full_name,
        is_lead_body=unit.is_lead_body,
        due_at=when.unit.due_at,
        locked_after=when.unit.locked_after,
        added_at=added_at,
    )


def _write_blanks(place: Installation, pack: Pack, period: Period, units: tuple[Unit, ...], as_of: datetime) -> int:
    """Blank and letter for each unit that has none yet; one transaction a unit, so that a crash loses nothing."""
    with place.store.begin() as conn:
        done = _with_blank(conn, pack.code, period.code)
        # An extension may have been granted before the window opened: the first letter has to say that day.
        own = waivers.deadlines(conn, pack.code, period.code, as_of)
    period_mail = PeriodMail(place, pack, period)
    written = 0
    for unit in units:
        if unit.code in done:
            continue
        with place.same_periods(), place.store.read() as conn:
            # Written outside the writing transaction: a workbook takes longer than all its rows.
            blank = _blank(place, conn, pack, unit, period)
        sha256 = place.store.files.put(blank)
        with place.store.begin() as conn:
            # With its letter: a unit whose blank is noted has been written to, and is never written to twice.
            windows.set_blank(conn, pack.code, period.code, unit.code, sha256)
            held_to = own[unit.code]
            period_mail.to_unit(
                conn,
                unit,
                context=period_mail.window_opened(
                    unit, blank_filename(unit, period), held_to.due_at, held_to.locked_after, as_of
                ),
                step="window_opened",
                at=as_of,
                attachments=[outbox.Attachment(blank_filename(unit, period), sha256, XLSX)],
            )
        written += 1
        if written % TOLD_EVERY == 0:
            log.info("Kỳ %s: đã lập %s/%s biểu trắng", period.code, written, len(units) - len(done))
    return written


def blank_for(place: Installation, regime: str, period: str, unit: str) -> tuple[str, bytes]:
    """File name and bytes of one unit's blank, as the window's opening would write it. Raises Refused."""
    pack, when = place.at(regime, period)
    who = known_unit(pack, unit)
    with place.store.read() as conn:
        return blank_filename(who, when), _blank(place, conn, pack, who, when)


def workbook_with(
    place: Installation,
    regime: str,
    period: str,
    unit: str,
    values: Mapping[CellKey, object],
    nil_forms: Mapping[str, str],
    info: Mapping[str, str],
    lists: Mapping[ListName, Sequence[Mapping[str, object]]] | None = None,
    nil_lists: Mapping[ListName, str] | None = None,
) -> tuple[str, bytes]:
    """File name and bytes of one unit's workbook, filled as told. Raises Refused."""
    pack, when = place.at(regime, period)
    who = known_unit(pack, unit)
    with place.store.read() as conn:
        data = _blank(
            place,
            conn,
            pack,
            who,
            when,
            values=values,
            nil_forms=nil_forms,
            info=info,
            lists=lists,
            nil_lists=nil_lists,
        )
    return blank_filename(who, when), data


def _blank(
    place: Installation,
    conn: Connection,
    pack: Pack,
    unit: Unit,
    period: Period,
    *,
    values: Mapping[CellKey, object] | None = None,
    nil_forms: Mapping[str, str] | None = None,
    info: Mapping[str, str] | None = None,
    lists: Mapping[ListName, Sequence[Mapping[str, object]]] | None = None,
    nil_lists: Mapping[ListName, str] | None = None,
) -> bytes:
    """The unit's workbook with everything in it that is known: what its accepted reports already say, and what the
    register of inspections counts; and with `values`, `nil_forms`, `info` as if the unit had typed them."""
    # What the rules will compare with is what the blank shows: both come from here.
    history = history_of(place, conn, pack, unit.code, period, peers=False)
    term = unit_term(place, conn, pack, period, unit.code) if period.is_evaluation else None
    return write_blank(
        pack,
        unit,
        period,
        history.previous,
        same_year=history.same_year,
        # What the unit says goes over what the register knows: the register never overwrites an answer (ADR 0013).
        values={**(history.register or {}), **(values or {})} or None,
        nil_forms=nil_forms,
        info=info,
        term=term,
        earlier=place.calendar(pack.code) if term is not None else (),
        lists=lists,
        nil_lists=nil_lists,
    )
