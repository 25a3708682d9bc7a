"""Two versions of a form, found where they lie, and compared. Nothing is stored."""

from __future__ import annotations

from pathlib import Path

from baocao.model.form import Form
from baocao.model.pack import Pack
from baocao.regimes.errors import PackError
from baocao.regimes.form_rules import check_form
from baocao.regimes.source import Source
from baocao.workflow.installation import Installation
from baocao_authoring.compare.diff import FormDiff
from baocao_authoring.compare.diff import diff as compare


def compare_files(place: Installation, old: Path, new: Path, regime: str | None) -> FormDiff:
    """Two YAML files; with `regime`, which of its rules and targets the change touches (when it has the form)."""
    left, right = _read(old, None), _read(new, None)
    pack = place.pack(regime) if regime else None
    # Two drafts of a form the pack does not have touch nothing of it.
    known = pack is not None and any(f.code == left.code for f in pack.forms)
    return compare(left, right, pack if known else None)


def compare_versions(place: Installation, regime: str, form: str, old: str, new: str) -> FormDiff:
    """Two versions that lie in the regime's pack. Raises PackError naming the versions there are."""
    pack = place.pack(regime)
    folder = place.folders[regime] / "forms" / form
    versions = sorted(p.stem for p in folder.glob("*.yaml"))
    for version in (old, new):
        if version not in versions:
            there = ", ".join(versions) or "(không có)"
            cure = f"các phiên bản hiện có: {there}"
            raise PackError(folder / f"{version}.yaml", 1, "", f"biểu {form} không có phiên bản {version}", cure)
    left, right = (_read(folder / f"{version}.yaml", pack) for version in (old, new))
    return compare(left, right, pack)


def _read(file: Path, pack: Pack | None) -> Form:
    source = Source.read(file)
    form = source.model(Form)
    for fault in check_form(source, form, {p.code for p in pack.regime.projects} if pack else _named_projects(form)):
        raise fault
    return form


def _named_projects(form: Form) -> set[str]:
    """A file by itself is not held against any regime's projects."""
    return {r.project for t in form.tables for r in t.rows}
