"""Chốt: the manifest that binds a report's files, figures, inputs, forms and program to one hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import baocao
from baocao.documents.consolidated_workbook.meta import exact
from baocao.model.consolidated import Consolidation
from baocao.model.correction import Correction
from baocao.model.lead import LeadComment
from baocao.model.narrative import OfficeText
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import ProvinceValue, Report, ReportFinding
from baocao.model.signed_copy import UnitCopy
from baocao.model.submission import AcceptedCells, Severity
from baocao.text import canonical_json

FORMAT = "baocao-manifest/1"


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file of the report. One that no program writes twice alike (a PDF rendering) is not reproducible: its hash
    binds exactly the bytes that are dispatched, but a replay does not rebuild it."""

    name: str
    sha256: str
    size: int
    reproducible: bool


def manifest(
    *,
    report: Report,
    pack: Pack,
    period: Period,
    consolidation: Consolidation,
    accepted: Sequence[AcceptedCells],
    files: Sequence[SealedFile],
    gate_sha256: str | None = None,
    overruled: Sequence[LeadComment] = (),
    correction: Correction | None = None,
    office: OfficeText | None = None,
    comments: Sequence[LeadComment] = (),
    reference: Mapping[str, str] | None = None,
    templates: Path | None = None,
    unit_copies: Iterable[UnitCopy] = (),
) -> dict[str, Any]:
    """Everything the report is and is made from, as plain JSON data (strings, whole numbers, booleans, lists).

    `reference`: name -> sha256 of the reference files (holidays); `templates`: the folder of the Word templates.
    Files are sorted by name and inputs by unit; `renderings` names the files that are not reproducible. Only a
    correction has `corrects`: which report it replaces, and why.
    """
    inputs = [_kept(a, "unit", "submission_id", "sha256") for a in sorted(accepted, key=lambda a: a.unit)]
    ordered = sorted(files, key=lambda f: f.name)
    return {
        "format": FORMAT,
        "regime": pack.code,
        "period": period.code,
        "cutoff_on": period.cutoff_on.isoformat(),
        "report_id": report.id,
        "version": report.version,
        "as_of": report.as_of.isoformat(),
        "pack_sha256": pack.sha256,
        "forms": {form.code: _kept(form, "version", "fingerprint") for form in pack.forms},
        # The version alone would not do: two builds of one version can write other bytes, and a replay must be able
        # to say why.
        "code": {"version": code_version(), "sha256": code_sha256()},
        "reference": dict(sorted((reference or {}).items())),
        "templates_sha256": "" if templates is None else templates_sha256(templates),
        "gate_sha256": gate_sha256,
        "inputs": inputs,
        "inputs_sha256": _sha256(inputs),
        # By hash: a scan that is exchanged afterwards is not the one that was signed over.
        "unit_copies": [_kept(c, "id", "unit", "sha256") for c in sorted(unit_copies, key=lambda c: c.id)],
        "overruled": [
            _kept(c, "id", "lead", "unit", "subject")
            # Hashes bind the words without copying them.
            | {"text_sha256": _sha256(c.text), "reason_sha256": _sha256(c.answer)}
            for c in sorted(overruled, key=lambda c: c.id)
        ],
        **_figures(consolidation),
        "files": [_kept(f, "name", "sha256", "size", "reproducible") for f in ordered],
        "renderings": [f.name for f in ordered if not f.reproducible],
        "lead_comments": [{"id": c.id, "status": c.status.value, "answer_sha256": _sha256(c.answer)} for c in comments],
        # Keys that only some reports have are left out of the others, so that a report frozen before they existed
        # keeps its hash.
        **({} if office is None else {"narrative": _written(office)}),
        **({} if correction is None else {"corrects": _corrects(correction)}),
    }


def _kept(thing: object, *names: str) -> dict[str, Any]:
    """These attributes of it, which are plain data."""
    return {name: getattr(thing, name) for name in names}


def _figures(consolidation: Consolidation) -> dict[str, Any]:
    """Who is counted, whose figures stand where two levels differ, targets, and the hashes of every value and text."""
    return {
        "coverage": {
            **_kept(consolidation.coverage, "counted", "expected"),
            "missing": list(consolidation.coverage.missing),
            "waived": [unit.code for unit in consolidation.waived],
        },
        "sources": [
            {
                "form": c.form,
                "row": c.row,
                "stands": c.stands.value,
                "decided": c.decision is not None,
                "reason_sha256": "" if c.decision is None else _sha256(c.decision.reason),
                "by": "" if c.decision is None else c.decision.by,
            }
            for c in consolidation.conflicts
        ],
        "targets": [
            {"id": t.target_id, "verdict": t.verdict.value, "actual": exact(t.actual), "distance": exact(t.distance)}
            for t in consolidation.targets
        ],
        "values": len(consolidation.values),
        "values_sha256": values_sha256(consolidation),
        "texts_sha256": _sha256([[str(key), [list(t) for t in said]] for key, said in consolidation.texts.items()]),
    }


def _written(office: OfficeText) -> dict[str, Any]:
    """The sections an office wrote itself, and who answers for them and for the numbers typed in them."""
    return {
        "revision": office.revision,
        "by": office.by,
        "sections": {code: _sha256(text) for code, text in sorted(office.texts.items())},
        "texts_sha256": office.sha256,
        "typed_numbers": list(office.confirmed),
    }


def _corrects(correction: Correction) -> dict[str, Any]:
    replaced = correction.replaces
    return {
        **_kept(replaced, "report_id", "version", "content_sha256", "number", "symbol"),
        "signed_on": replaced.signed_on.isoformat(),
        "reason": correction.reason,
        "opened_at": correction.opened_at.isoformat(),
        "changes": len(correction.changes),
    }


def values_sha256(consolidation: Consolidation) -> str:
    """One hash over every province value: exact figure, nil, coverage, both parts, classes, last year's figure."""
    return values_digest(consolidation.values.values())


def values_digest(values: Iterable[ProvinceValue]) -> str:
    """The same over the values themselves, as they are kept."""
    return _sha256(
        [
            [
                str(v.key),
                exact(v.value),
                v.nil,
                v.coverage.counted,
                v.coverage.expected,
                list(v.coverage.missing),
                exact(v.communes),
                exact(v.provincial),
                [list(c) for c in v.classes],
                exact(v.previous),
            ]
            for v in sorted(values, key=lambda v: v.key)
        ]
    )


def content_sha256(manifest: Mapping[str, Any]) -> str:
    """The hash people approve and sign: over the whole manifest, written canonically (sorted keys, UTF-8)."""
    return _sha256(manifest)


def check_sealed(manifest: Mapping[str, Any], files: Mapping[str, bytes], rule: str) -> tuple[ReportFinding, ...]:
    """The given files against the manifest, as findings of `rule`. A file changed, missing or not bound blocks."""
    bound = {entry["name"]: entry["sha256"] for entry in manifest["files"]}
    found = []
    for name in sorted(bound.keys() | files.keys()):
        actual = hashlib.sha256(files[name]).hexdigest() if name in files else ""
        expected = bound.get(name, "")
        if actual == expected:
            continue
        if not expected:
            said = f"Tệp {name} không có trong bản kê đã ký; không được gửi kèm."
        elif not actual:
            said = f"Thiếu tệp {name} có trong bản kê đã ký; hãy lấy lại từ kho tệp."
        else:
            said = f"Tệp {name} đã khác với bản đã ký; không phát hành, hãy lấy lại bản gốc từ kho tệp."
        found.append(ReportFinding(rule, Severity.BLOCKS, name, said, expected, actual))
    return tuple(found)


def code_version() -> str:
    """The version of the installed package, `0` when it runs from a bare folder."""
    try:
        return version("baocao")
    except PackageNotFoundError:
        return "0"


@cache
def code_sha256() -> str:
    """One hash over the program's own source files: tells two builds of one version apart."""
    root = Path(next(iter(baocao.__path__)))
    return _files_sha256(root, sorted(root.rglob("*.py"), key=lambda p: p.parts))


def templates_sha256(folder: Path) -> str:
    """One hash over the Word templates below `folder`, by name and content."""
    return _files_sha256(folder, sorted(folder.rglob("*.docx")))


def _files_sha256(root: Path, files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def changed_since(manifest: Mapping[str, Any], templates: Path) -> list[str]:
    """Which of the inputs that a rebuild takes as they are today differ from those the report was made with."""
    found = []
    if manifest.get("templates_sha256") and manifest["templates_sha256"] != templates_sha256(templates):
        found.append(f"mẫu Word trong {templates}")
    if manifest.get("code", {}).get("sha256") != code_sha256():
        found.append(f"chương trình (khi chốt: phiên bản {manifest.get('code', {}).get('version', '?')})")
    return found


def _sha256(data: object) -> str:
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()
