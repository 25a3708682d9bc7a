"""The regimes other than the first, in one small installation: everybody reports, one file is broken first."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from demo.other_regimes import CITY, CITY_SENDERS, PLANS, WARD, YEAR, Played, installation
from docx import Document

from baocao.documents.consolidated_workbook.meta import exact
from baocao.model.form import CellKey
from baocao.model.submission import Value
from baocao.store.reports import reports
from baocao.store.submissions import submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports import cascading

PROJECT = Path(__file__).resolve().parents[3]
WARD_UNIT = "11560"
REGIMES: dict[str, str] = {**dict(PLANS), WARD: YEAR, CITY: YEAR}
FAULTS: dict[str, tuple[str, dict[str, Value | str | None]]] = {
    # people at a class that was not held; the year so far below the period; a finished task without any result
    "hai-phong-legal-aid": (
        "31-TGPL",
        {"SL/N2.1/TH": 0, "SL/N2.2/TH": 40, "SL/N1A.3/TH": 9, "SL/N1A.3/LKN": 3}
        | {"NV/NV1B/TD": "Hoàn thành", "SL/N1B.1/TH": 0, "SL/N1B.2/TH": 0},
    ),
    # more helped than asked; a task without its progress
    "hai-phong-anti-trafficking": ("31-TGPL", {"SL/N5.1/TH": 9, "SL/N5.1/MS": 4, "NV/NV5/TD": None}),
    # two forms of one department say different things
    WARD: ("11560-VP", {"PL01/CT24/TH": 1, "PL01/CT24/MS": 2, "B08/B08.06b/TH": 2, "B08/B08.06a/TH": 2}),
    CITY: ("10507", {"PL01/CT01/TH": 999999}),
}


def small_root(folder: Path) -> Path:
    """A project root with all regimes; the city has the units that report in the demonstration, and the ward."""
    root = folder / "root"
    (root / "include" / "regimes").mkdir(parents=True)
    (root / "sql").symlink_to(PROJECT / "sql")
    for name in ("templates", "reference"):
        (root / "include" / name).symlink_to(PROJECT / "include" / name)
    for source in sorted((PROJECT / "include" / "regimes").iterdir()):
        target = root / "include" / "regimes" / source.name
        if source.name != CITY:
            target.symlink_to(source)
            continue
        target.mkdir()
        for entry in source.iterdir():
            if entry.name != "units.csv":
                (target / entry.name).symlink_to(entry)
        header, *lines = (source / "units.csv").read_text(encoding="utf-8").splitlines()
        wanted = {*CITY_SENDERS, WARD_UNIT}
        kept = [line for line in lines if line.split(",")[0] in wanted or line.startswith("31-")]
        (target / "units.csv").write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
    return root


@dataclass
class Story:
    """What happened to all regimes."""

    place: Installation
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused_before_signature: str = ""
    cascades: list[dict[str, Any]] = field(default_factory=list)
    collected: list[dict[str, Any]] = field(default_factory=list)
    """after the first and after the second cascade"""

    def played(self, regime: str) -> Played:
        return Played(self.place, regime, REGIMES[regime])


def tell(folder: Path) -> Story:
    """Play every regime; a PDF is not made (the caller has switched it off)."""
    story = Story(installation(folder / "var", small_root(folder)))
    for regime in (*dict(PLANS), WARD):
        played = story.played(regime)
        played.open()
        _with_a_fault_first(played, None)
        report = played.consolidate()
        if regime == WARD:
            try:
                cascading.cascade(story.place, WARD, YEAR, CITY, None, played.deciding)
            except Refused as refused:
                story.refused_before_signature = str(refused)
        played.sign(report)
        story.reports[regime] = report
    ward, city = story.played(WARD), story.played(CITY)
    city.open()
    _with_a_fault_first(city, CITY_SENDERS)
    for hours in (0, 1):
        at = ward.deciding + timedelta(hours=hours)
        story.cascades.append(cascading.cascade(story.place, WARD, YEAR, CITY, None, at))
        story.collected.append(city.collect())
    story.reports[CITY] = city.consolidate()
    return story


def _with_a_fault_first(played: Played, senders: tuple[str, ...] | None) -> None:
    code, change = FAULTS[played.regime]
    unit = played.pack.unit(code)
    assert unit is not None
    broken = {CellKey.parse(name): value for name, value in change.items()}
    played.send(unit, played.workbook(unit, broken))
    assert played.collect(played.sending - timedelta(days=1))["returned"] == 1
    played.send_all(senders)
    assert played.collect()["returned"] == 0


def findings_in_file(story: Story, regime: str) -> list[str]:
    """`unit rule cell severity: message` of the file that went back, in its order."""
    code, _ = FAULTS[regime]
    with story.place.store.read() as conn:
        sent = [s for s in submissions.of_period(conn, regime, REGIMES[regime]) if s.unit == code]
        found = findings_of(conn, min(s.id for s in sent))
    return [f"{code} {f.rule} {f.sheet}!{f.a1} {f.severity.value}: {f.message}" for f in found]


def values_of(story: Story, regime: str) -> dict[str, str]:
    """Every consolidated cell that has a figure: `value (coverage)`, `NP` where all declared nil."""
    with story.place.store.read() as conn:
        values = reports.values(conn, story.reports[regime]["report_id"])
    return {
        str(key): f"{'NP' if v.nil else exact(v.value)} ({v.coverage})"
        for key, v in sorted(values.items())
        if v.value is not None
    }


def text_of(story: Story, regime: str) -> str:
    """The report's words down to the signature: letterhead, then the paragraphs of the body."""
    document = Document(io.BytesIO(file_of(story, regime, "bao-cao", ".docx")))
    head = [p.text for cell in document.tables[0]._cells for p in cell.paragraphs]
    body = [p.text for p in document.paragraphs]
    end = next(n for n, text in enumerate(body) if text.startswith("Phụ lục I"))
    return "\n".join(line.replace("\N{NO-BREAK SPACE}", " ").rstrip() for line in [*head, *body[:end]] if line.strip())


def file_of(story: Story, regime: str, start: str, end: str) -> bytes:
    """One of the report's files out of the store."""
    manifest = manifest_of(story, regime)
    entry = next(f for f in manifest["files"] if f["name"].startswith(start) and f["name"].endswith(end))
    return story.place.store.files.get(entry["sha256"])


def manifest_of(story: Story, regime: str) -> Mapping[str, Any]:
    with story.place.store.read() as conn:
        return reports.manifest(conn, story.reports[regime]["report_id"])
