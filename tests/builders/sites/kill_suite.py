"""Every verb, killed at random moments on both databases, its reading child included: run again it ends where an
undisturbed run ends, and the audit finds nothing wrong. Prints how many deaths were died."""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from baocao.store import tables as t
from baocao.store.reports import reports
from baocao.store.submissions import cells
from baocao.workflow.auditing.backup import check_backup
from baocao.workflow.auditing.verifying import verify
from baocao.workflow.mail.mailing import flush
from builders.sites.kills import Place, Workers, send
from builders.sites.site import COMMUNES, Site, trimmed_root
from servers.postgres import PostgresServer

SEED = 20261127
DEATHS = {
    "baseline": 4,
    "open": 6,
    "collect": 6,
    "remind": 5,
    "slice": 5,
    "consolidate": 4,
    "accept-coverage": 2,
    "approve": 5,
    "sign": 5,
    "revoke": 4,
    "dispatch": 4,
    "correct": 5,
    "backup": 4,
}
"""Verb -> deaths of the worker on each database, at moments of their own; the road is walked in this order."""
READER_DEATHS = 2
"""And of the reading child while it reads for `collect`."""
IN_A_ROW = 6
"""Deaths, one run after the other, before the verb is left to finish."""
_NUMBERS = re.compile(r"\d+")


def facts(site: Site) -> dict[str, Counter[Any]]:
    """What is so, without the numbers of rows (a transaction that died leaves a gap in them) and without the alarms
    about a reader that died."""

    def said(text: str | None) -> str:
        return _NUMBERS.sub("#", text or "")

    with site.place.store.read() as conn:
        submissions = conn.execute(select(t.submission)).all()
        newest = [reports.report_of(conn, row.id) for row in conn.execute(select(t.report.c.id))]
        found = {
            "window": [(w.period, w.opened_at) for w in conn.execute(select(t.window))],
            "obligation": [(o.unit, o.due_at, o.blank_sha256) for o in conn.execute(select(t.obligation))],
            "submission": [
                (s.period, s.unit, s.sha256, s.status, s.on_time, cells.cells_sha256(conn, s.id)) for s in submissions
            ],
            "finding": [(f.rule, f.sheet, f.a1, f.message) for f in conn.execute(select(t.finding))],
            "outbox": [
                (o.unit, said(o.step), o.recipient, said(o.subject), o.status)
                for o in conn.execute(select(t.outbox))
                if not o.step.startswith("alarm")
            ],
            "reminder": [(r.unit, r.step, r.outcome) for r in conn.execute(select(t.reminder))],
            "report": [(r.version, r.status) for r in newest],
            "value": [
                (r.version, str(k), str(v.value), v.nil) for r in newest for k, v in reports.values(conn, r.id).items()
            ],
            "approval": [(a.role, a.decision, a.by, a.at, a.round) for a in conn.execute(select(t.approval))],
            "revocation": [(r.round, r.by, r.reason) for r in conn.execute(select(t.revocation))],
            "dispatch": [(d.recipient, d.address) for d in conn.execute(select(t.dispatch))],
            "correction": [(c.reason, c.kind) for c in conn.execute(select(t.metadata.tables["correction"]))],
            "waiver": [(w.unit, w.kind, w.until) for w in conn.execute(select(t.waiver))],
            # Each once: a draft that was never frozen is drawn up anew and says so again, a backup is made again. Mail
            # trouble is none of the road's.
            "event": sorted(
                {(e.action, e.actor, said(e.subject)) for e in conn.execute(select(t.event))}
                - {("mail_trouble", "baocao", "mail")}
            ),
        }
    # Files that were being written when a worker died are hidden and count nowhere. PostgreSQL leaves gaps in the
    # numbers of rows where a transaction died, and files carry these numbers: there only the names are compared.
    for folder in ("inbox", "dispatch", "files"):
        paths = (p for p in (site.data / folder).rglob("*") if p.is_file())
        names = {p: p.relative_to(site.data / folder) for p in paths}
        kept = {p: str(n) for p, n in names.items() if not any(part.startswith(".") for part in n.parts)}
        if site.database_url is None:
            found[folder] = [(name, hashlib.sha256(p.read_bytes()).hexdigest()) for p, name in kept.items()]
        elif folder != "files":
            found[folder] = list(kept.values())
    return {name: Counter(map(str, rows)) for name, rows in found.items()}


def every_letter_once(site: Site) -> None:
    """One row, one Message-ID, one `.eml`: a letter handed over just before the death gets the same name again."""
    with site.place.store.read() as conn:
        letters = [(o.message_id, o.status) for o in conn.execute(select(t.outbox))]
    assert {status for _, status in letters} <= {"SENT"}
    written = list(site.place.settings.outbox.glob("[!.]*.eml"))
    assert len(letters) == len({id for id, _ in letters}) == len(written)


def every_backup_whole(site: Site) -> None:
    """What stands under its name can be read; what was being written is hidden."""
    made = list((site.data / "backups").glob("*.zip"))
    assert made
    for file in made:
        check_backup(file)


def walked(place: Place, starter: Workers) -> dict[str, tuple[Site, int, dict[str, Counter[Any]]]]:
    """The undisturbed road: for each verb the installation before it, how many moments it has, and what is so after."""
    site, found = place.copy("road"), {}
    for verb in DEATHS:
        if verb == "collect":
            send(site)
        if verb == "dispatch":
            # The signature that was taken back is given again.
            assert starter.run(site, "sign")["code"] == 0
        site.place.store.close()
        before = place.copy(f"before-{verb}", site)
        done = starter.run(site, verb)
        assert done["code"] == 0, verb
        found[verb] = before, done["moments"], facts(site)
        site.place.store.close()
    return found


def kill_and_run_again(
    database: str,
    server: PostgresServer | None,
    folder: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """The whole suite on one kind of database: three communes and the lead bodies."""
    small = trimmed_root(folder / "small", COMMUNES[:3])
    with closing(Workers(small)) as starter:
        _kill_and_run_again(database, Place(folder, small, server), starter, record_property)


def _kill_and_run_again(
    database: str, place: Place, starter: Workers, record_property: Callable[[str, object], None]
) -> None:
    chance, died = random.Random(f"{SEED} {database}"), Counter[str]()
    road = walked(place, starter)
    for verb, (before, moments, expected) in road.items():
        plan = ["die_at"] * DEATHS[verb] + (["reader_dies_at"] * READER_DEATHS if verb == "collect" else [])
        tried = 0
        while plan:
            site = place.copy(f"{verb}-{tried}", before)
            tried += 1
            assert tried <= 4 * DEATHS[verb], f"{verb}: deaths that do not happen test nothing"
            points = []
            for _ in range(IN_A_ROW):
                if not plan:
                    break
                how = plan[-1]
                at = chance.randint(1, max(1, moments if how == "die_at" else len(site.units) - 1))
                points.append((how, at))
                outcome = starter.run(site, verb, **{how: at})
                if how == "reader_dies_at" or outcome["killed"]:
                    plan.pop()
                    died[f"{verb}{' (reader)' if how == 'reader_dies_at' else ''}"] += 1
                if how == "die_at" and not outcome["killed"]:
                    break
            assert starter.run(site, verb)["code"] == 0, (verb, points)
            # A letter that was committed and not sent leaves with the next sweep, whichever verb that belongs to.
            flush(site.place, site.report_day + timedelta(days=3))
            found = facts(site)
            for table in expected:
                assert found[table] == expected[table], (verb, points, table)
            every_letter_once(site)
            if verb == "backup":
                every_backup_whole(site)
            audit = verify(site.place, files=verb == "dispatch")
            assert audit["problems"] == [], (verb, points)
            place.remove(site)
    listed = ", ".join(f"{verb} {number}" for verb, number in died.items())
    record_property("tried", f"{database}: killed {died.total()} times and run again (seed {SEED}): {listed}")
    assert died.total() >= 60
    place.close()
