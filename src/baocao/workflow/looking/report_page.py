"""One version of a period's report, with everything that whoever decides about it must see."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.documents.page_pictures import page_count, page_png
from baocao.documents.word_text import WordBlock, word_blocks
from baocao.model.form import CellKey
from baocao.model.lead import LeadComment
from baocao.model.pack import Pack
from baocao.model.pack_views import pack_rows
from baocao.model.report import Decision, Report, ReportFinding, ReportStatus, Role
from baocao.model.sources import SourceDecision
from baocao.store import lead_comments
from baocao.store.reports import corrections, deliveries, report_copies, reports, signoff, source_decisions
from baocao.store.reports.corrections import Opened
from baocao.store.reports.deliveries import Delivery
from baocao.store.reports.signoff import Approval, Revoked
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.looking.kept import kept
from baocao.workflow.reports.attaching import said_of
from baocao.workflow.reports.issuing import issued_files, signed_report
from baocao.workflow.sign_off.newer import newer_than, sentence, way_out
from baocao.workflow.sign_off.summary import target_counts

_SHOWN = 200
"""Changed cells on one page; the workbook has all of them."""


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A file of the frozen report."""

    name: str
    sha256: str
    size: int
    pages: int
    """of a PDF; 0 for anything else"""

    @property
    def is_pdf(self) -> bool:
        return self.name.endswith(".pdf")


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the report page shows."""

    report: Report
    versions: tuple[Report, ...]
    """newest first"""
    is_newest: bool
    manifest: dict[str, Any]
    files: tuple[DocumentFile, ...]
    approvals: tuple[Approval, ...]
    revocations: tuple[Revoked, ...]
    deliveries: tuple[Delivery, ...]
    findings: tuple[ReportFinding, ...]
    open_objections: tuple[LeadComment, ...]
    overruled: tuple[LeadComment, ...]
    missing: tuple[str, ...]
    """full names"""
    targets: dict[str, int] | None
    newer: str
    """which accepted reports the version lacks; empty: none"""
    way_out: str
    correction: Opened | None
    """what this version corrects"""
    opened_again: Opened | None
    """the correction that is open on this version"""
    waits_for: Role | None
    """whose decision is awaited"""
    signed_copy: str
    """the signed document that is attached, in words; empty: none"""

    @property
    def signature(self) -> Approval | None:
        """The one that stands."""
        back = {r.round for r in self.revocations}
        return next((a for a in self.approvals if a.decision is Decision.SIGN and a.round not in back), None)

    @property
    def pdf(self) -> DocumentFile | None:
        """What is read in the page: the report itself, where it was rendered."""
        return next((f for f in self.files if f.is_pdf), None)

    @property
    def undecided_sources(self) -> tuple[str, ...]:
        """`FORM/ROW` of the rows that two levels report differently and nobody has decided."""
        return tuple(f"{c['form']}/{c['row']}" for c in self.manifest.get("sources", ()) if not c["decided"])


_WAITS = {ReportStatus.FROZEN: Role.STANDING_OFFICE, ReportStatus.APPROVED: Role.PEOPLES_COMMITTEE}


def report_view(place: Installation, regime: str, period: str, version: int | None) -> ReportView | None:
    """The version, the newest for None; None where the period has no report yet. Raises Refused for a version that is
    not there."""
    pack, _ = place.at(regime, period)
    with place.store.read() as conn:
        versions = reports.reports(conn, regime, period)
        if not versions:
            return None
        report = versions[-1] if version is None else next((r for r in versions if r.version == version), None)
        if report is None:
            # An address typed by hand, or a link from a letter of long ago.
            known = ", ".join(str(r.version) for r in versions)
            raise Refused(f"Kỳ {period} không có báo cáo phiên bản {version}; các phiên bản: {known}")
        return _view(place, conn, pack, report, versions)


def _view(place: Installation, conn: Connection, pack: Pack, report: Report, versions: list[Report]) -> ReportView:
    """Everything the page shows of one version, read in the caller's snapshot."""
    sealed = dict(reports.sealed(conn, report.id) or {})
    newest = report.id == versions[-1].id
    names_what_it_lacks = newest and report.status not in {ReportStatus.DRAFT, ReportStatus.RETURNED}
    newer = newer_than(place, conn, report) if names_what_it_lacks else ()
    missing = sealed.get("coverage", {}).get("missing", ())
    return ReportView(
        report=report,
        versions=tuple(reversed(versions)),
        is_newest=newest,
        manifest=sealed,
        files=tuple(_file(place, f) for f in sorted(sealed.get("files", ()), key=lambda f: f["name"])),
        approvals=tuple(signoff.approvals(conn, report.id)),
        revocations=tuple(signoff.revocations(conn, report.id)),
        deliveries=tuple(deliveries.deliveries(conn, report.id)),
        findings=tuple(reports.report_findings(conn, report.id)),
        open_objections=tuple(lead_comments.open_objections(conn, report.regime, report.period)),
        overruled=tuple(lead_comments.of_report(conn, report.id)),
        missing=tuple(pack.unit_name(code) for code in missing),
        targets=target_counts(sealed or None),
        newer=sentence(newer, report.version),
        way_out=way_out(report) if newer else "",
        correction=corrections.of_version(conn, report.regime, report.period, report.version),
        opened_again=corrections.opened_on(conn, report.id),
        # Of an older version nobody is asked any more, whatever its status says.
        waits_for=_WAITS.get(report.status) if newest else None,
        signed_copy=_signed_copy(conn, report),
    )


def _signed_copy(conn: Connection, report: Report) -> str:
    standing = signoff.signed(conn, report.id)
    copy = report_copies.attached(conn, report.id, standing.round) if standing is not None else None
    return "" if copy is None else said_of(copy)


def signed_copy_file(place: Installation, regime: str, period: str, version: int) -> tuple[bytes, str] | None:
    """The attached signed document and its name; None where nothing is attached."""
    with place.store.read() as conn:
        report = reports.of_version(conn, regime, period, version)
        standing = signoff.signed(conn, report.id) if report is not None else None
        if report is None or standing is None:
            return None
        copy = report_copies.attached(conn, report.id, standing.round)
    return None if copy is None else (place.store.files.get(copy.sha256), copy.filename)


def numbered_pdf(
    place: Installation, regime: str, period: str, version: int, as_of: datetime
) -> tuple[bytes, str] | None:
    """The report's PDF with number and day of the signature that stands: what is signed digitally. None where no PDF
    can be made. Raises Refused while the report is not signed."""
    with place.store.read() as conn:
        report = reports.of_version(conn, regime, period, version)
    if report is None:
        return None
    # The kept PDF of this signature, made now where it was not: the very bytes that come back are held against it.
    made = issued_files(place, signed_report(place, report.id), as_of).pdf
    return None if made is None else (made, f"bao-cao_{period}_v{version}_cho-ky-so.pdf")


def _file(place: Installation, entry: dict[str, Any]) -> DocumentFile:
    pages = 0
    if entry["name"].endswith(".pdf"):
        # Needed by the page to name its pictures: of other files nothing is shown.
        pages = page_count(place.store.files.get(entry["sha256"]))
    return DocumentFile(entry["name"], entry["sha256"], int(entry["size"]), pages)


def report_file(place: Installation, regime: str, period: str, version: int, name: str) -> bytes | None:
    """One file of a frozen version, by name; None when that version has no such file."""
    found = _entry(place, regime, period, version, name)
    return None if found is None else place.store.files.get(found["sha256"])


def report_page_png(place: Installation, regime: str, period: str, version: int, name: str, page: int) -> bytes | None:
    """One page of a version's PDF as a picture; None when it is not there."""
    data = report_file(place, regime, period, version, name)
    if data is None or not name.endswith(".pdf"):
        return None
    try:
        return page_png(data, page)
    # A page number behind the last one.
    except ValueError:
        return None


def report_words(place: Installation, regime: str, period: str, version: int, name: str) -> list[WordBlock]:
    """The words of a version's Word file, block by block; empty when it is not there. Read once, then kept."""
    found = _entry(place, regime, period, version, name)
    if found is None or not name.endswith(".docx"):
        return []

    def read() -> list[dict[str, Any]]:
        return [asdict(block) for block in word_blocks(place.store.files.get(found["sha256"]))]

    blocks = kept(place, "words-1", found["sha256"], read)
    return [WordBlock(b["text"], b["is_heading"], tuple(map(tuple, b["rows"]))) for b in blocks]


def _entry(place: Installation, regime: str, period: str, version: int, name: str) -> dict[str, Any] | None:
    with place.store.read() as conn:
        report = reports.of_version(conn, regime, period, version)
        sealed = reports.sealed(conn, report.id) if report is not None else None
    return next((f for f in (sealed or {}).get("files", ()) if f["name"] == name), None)


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """A cell of the consolidated report that differs between two versions."""

    key: CellKey
    name: str
    before: Any
    after: Any


def changed_values(place: Installation, regime: str, period: str, old: int, new: int) -> tuple[list[ChangedValue], int]:
    """The cells that differ between two versions, in the order of the forms, and how many there are in all."""
    pack, _ = place.at(regime, period)
    with place.store.read() as conn:
        known = {r.version: r for r in reports.reports(conn, regime, period)}
        if old not in known or new not in known:
            raise Refused(f"Kỳ {period} không có phiên bản {old} hoặc {new}")
        before, after = (reports.values(conn, known[v].id) for v in (old, new))
    found = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if (was and was.value) != (now and now.value):
            place_of = pack_rows(pack).get((key.form, key.row))
            name = place_of[2].name if place_of is not None else key.row
            found.append(ChangedValue(key, name, was.value if was else None, now.value if now else None))
    # Of two versions with another form every cell differs: the page tells how many and leaves them to the workbook.
    return found[:_SHOWN], len(found)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row that two levels report differently, as the newest version has it."""

    row: str
    """`FORM/ROW`"""
    name: str
    figures: tuple[tuple[str, Any, Any], ...]
    """column title, sum of the communes, figure of the body"""
    stands: str
    """`province` or `commune`, in that version"""
    decision: SourceDecision | None
    """what was decided since, or before"""


def source_rows(place: Installation, regime: str, period: str) -> list[SourceRow]:
    """The rows of the newest frozen version; empty without one."""
    pack, _ = place.at(regime, period)
    with place.store.read() as conn:
        frozen = [r for r in reports.reports(conn, regime, period) if r.content_sha256 is not None]
        if not frozen:
            return []
        sealed = reports.sealed(conn, frozen[-1].id) or {}
        values = reports.values(conn, frozen[-1].id) if sealed.get("sources") else {}
        decided = {(d.form, d.row): d for d in source_decisions.in_force(conn, regime, period)}
    found = []
    for entry in sealed.get("sources", ()):
        form, code = str(entry["form"]), str(entry["row"])
        _, table, row = pack_rows(pack)[form, code]
        both = [(c.title, values.get(CellKey(form, code, c.code))) for c in table.columns]
        figures = tuple(
            (title, v.communes, v.provincial) for title, v in both if v is not None and v.communes != v.provincial
        )
        found.append(SourceRow(f"{form}/{code}", row.name, figures, str(entry["stands"]), decided.get((form, code))))
    return found
