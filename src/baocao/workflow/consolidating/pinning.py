"""What a report stands on beside the units' workbooks: who owed, who was excused, which earlier figures it looks at,
which earlier reports its term is accumulated from.

Read anew for every draft, and kept with it: a later correction of an earlier report, or a waiver granted afterwards,
changes the next report and never this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.model.consolidated import Earlier
from baocao.model.form import EntryLevel
from baocao.model.lead import CommentStatus, LeadComment
from baocao.model.narrative import OfficeText
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.sources import SourceDecision
from baocao.model.submission import Timeliness
from baocao.model.term_totals import ProvinceTerm, YearBehind
from baocao.store import lead_comments, waivers, windows
from baocao.store.reports import corrections, narrative_texts, source_decisions
from baocao.store.submissions.timeliness import timeliness_by_unit
from baocao.workflow.installation import Installation
from baocao.workflow.periods.accumulating import province_term
from baocao.workflow.periods.history import earlier_reports, province_before


@dataclass(frozen=True)
class PinnedInputs:
    """Everything a report depends on that is not in the workbooks."""

    expected: tuple[str, ...]
    """codes of the units that owed, the waived ones included"""
    waived: tuple[str, ...]
    year_ago: Earlier
    just_before: Earlier
    term: ProvinceTerm | None = None
    """of a mid-term or end-term report: the reports of the term and what they add up to"""
    timeliness: Mapping[str, Timeliness] | None = None
    """by unit with an accepted report; None: of a report from before this was kept"""
    sources: tuple[SourceDecision, ...] = ()
    """whose figures stand where two levels report differently, as decided"""
    office: OfficeText | None = None
    """the sections the office has written itself"""
    comments: tuple[LeadComment, ...] = ()
    """what the lead bodies had said when the report was drafted, and what had become of it"""

    def lines(self) -> list[str]:
        """The same for the input hash."""
        # Part of the hash although no figure depends on some of it: the document names who is missing and who was
        # excused.
        more = [f"expected {code}" for code in self.expected] + [f"waived {code}" for code in self.waived]
        # Comments of lead bodies are left out on purpose: they are quoted, and begin no version by themselves
        # (ADR 0033).
        more += [f"source {d.form}/{d.row} {d.stands.value} {d.id}" for d in self.sources]
        more += [] if self.office is None else [f"narrative {self.office.id} {self.office.sha256}"]
        more += [f"{kept.value} {unit}" for unit, kept in sorted((self.timeliness or {}).items())]
        for when, past in (("year ago", self.year_ago), ("before", self.just_before)):
            more += [f"{when} {past.period} {unit} {id} {sha256}" for unit, id, sha256 in past.used]
            more += [f"{when} {k} not comparable: {why}" for k, why in sorted(past.not_comparable.items())]
        for _, year in sorted(self.term.years.items()) if self.term is not None else ():
            code = year.wanted.code
            more += [f"term {code} expected {unit}" for unit in year.expected]
            more += [f"term {code} waived {unit}" for unit in year.waived]
            more += [f"term {code} {a.unit} {a.submission_id} {a.sha256}" for a in year.accepted]
        return more

    def as_json(self) -> dict[str, Any]:
        """The submissions that were looked at; everything else follows from them and the pack."""
        # Ids and no figures: about 100 kB a version, and nothing in it can contradict the cells it names (ADR 0015,
        # 0025).
        data: dict[str, Any] = {
            "expected": list(self.expected),
            "waived": list(self.waived),
        }
        if self.sources:
            data["sources"] = [{**asdict(d), "stands": d.stands.value, "at": d.at.isoformat()} for d in self.sources]
        if self.timeliness is not None:
            data["timeliness"] = {unit: kept.value for unit, kept in sorted(self.timeliness.items())}
        if self.office is not None:
            data["narrative"] = self.office.id
        data["comments"] = [
            {"id": c.id, "status": c.status.value, "answer": c.answer, "by": c.answered_by} for c in self.comments
        ]
        for name, past in (("year_ago", self.year_ago), ("just_before", self.just_before)):
            data[name] = {"period": past.period, "used": [[unit, id] for unit, id, _ in past.used]}
        if self.term is not None:
            data["term"] = [asdict(year.behind) for _, year in sorted(self.term.years.items())]
        return data


def years_of(data: Mapping[str, Any]) -> tuple[YearBehind, ...] | None:
    """What was kept of the years of a term; None for a report that looks at none."""
    if "term" not in data:
        return None
    return tuple(
        YearBehind(
            year["period"],
            tuple(year["expected"]),
            tuple(year["waived"]),
            tuple((unit, int(id)) for unit, id in year["used"]),
        )
        for year in data["term"]
    )


def pinned_inputs(
    place: Installation, conn: Connection, pack: Pack, period: Period, report_id: int | None = None
) -> PinnedInputs:
    """As they were kept with the report `report_id`; as they are now for None, and for a report from before they were
    kept."""
    kept = None if report_id is None else corrections.pinned(conn, report_id)
    term = None
    if period.is_evaluation:
        term = province_term(place, conn, pack, period, None if kept is None else years_of(kept))
    year_ago, just_before = _compared_with(place, conn, pack, period, kept)
    if kept is not None:
        timeliness = None
        # Each of these keys came later than the first reports: one without it is read as it was printed then.
        if "timeliness" in kept:
            timeliness = {unit: Timeliness(value) for unit, value in kept["timeliness"].items()}
        decided = tuple(
            SourceDecision(**{**d, "stands": EntryLevel(d["stands"]), "at": datetime.fromisoformat(d["at"])})
            for d in kept.get("sources", ())
        )
        owed, excused = tuple(kept["expected"]), tuple(kept["waived"])
        office = narrative_texts.text_of(conn, kept["narrative"]) if "narrative" in kept else None
        comments = comments_kept(conn, kept)
        return PinnedInputs(owed, excused, year_ago, just_before, term, timeliness, decided, office, comments)
    owing = [o.unit for o in windows.obligations(conn, pack.code, period.code) if pack.unit(o.unit) is not None]
    waived = waivers.waived(conn, pack.code, period.code)
    timeliness = timeliness_by_unit(conn, pack.code, period.code)
    decided = source_decisions.in_force(conn, pack.code, period.code)
    office = narrative_texts.in_force(conn, pack.code, period.code)
    comments = tuple(lead_comments.of_period(conn, pack.code, period.code))
    excused = tuple(sorted(waived))
    return PinnedInputs(tuple(owing), excused, year_ago, just_before, term, timeliness, decided, office, comments)


def comments_kept(conn: Connection, kept: Mapping[str, Any]) -> tuple[LeadComment, ...]:
    """The comments of the lead bodies as they stood when a report was drafted; none of a report from before they were
    kept with it."""
    return tuple(
        replace(
            lead_comments.comment_of(conn, int(c["id"])),
            status=CommentStatus(c["status"]),
            answer=c["answer"],
            answered_by=c["by"],
        )
        for c in kept.get("comments", ())
    )


def _compared_with(
    place: Installation, conn: Connection, pack: Pack, period: Period, kept: Mapping[str, Any] | None
) -> tuple[Earlier, Earlier]:
    """The submissions kept with a report, read again. A report from before they were kept knew only totals of the
    earlier period, not whose they were: it is compared with what that period's own report was made from."""
    if kept is None or "used" not in kept["year_ago"]:
        return province_before(place, conn, pack, period)

    def again(name: str) -> Earlier:
        code, used = kept[name]["period"], [(unit, int(id)) for unit, id in kept[name]["used"]]
        return earlier_reports(place, conn, pack, period, code, used) if used else Earlier()

    year_ago = again("year_ago")
    return year_ago, year_ago if kept["just_before"] == kept["year_ago"] else again("just_before")
