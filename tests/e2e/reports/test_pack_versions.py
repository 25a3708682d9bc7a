"""What was reported stays what it was, whatever the pack says afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from baocao.settings import load_settings
from baocao.store import packs
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports.replaying import replay
from builders.sites.site import PERIOD, REGIME, Site, trimmed_root


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("versions")
    site = Site(trimmed_root(folder, ("14797", "14758")), folder / "var")
    site.to_signed()
    return site


def later(site: Site) -> Installation:
    """The installation as a process finds it that starts after the pack was changed."""
    return Installation(load_settings(site.env))


def edit(site: Site, name: str, old: str, new: str) -> None:
    path = site.root / "include" / "regimes" / REGIME / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.unlink()
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_report_is_rebuilt_with_its_original_pack(signed: Site) -> None:
    before = replay(later(signed), REGIME, PERIOD)
    assert before["identical"], before["differences"]

    # A new form version, a renamed unit and a new title: all of it stands in the documents.
    forms = signed.root / "include" / "regimes" / REGIME / "forms"
    source = forms.resolve()
    forms.unlink()
    forms.mkdir()
    for folder in source.iterdir():
        if folder.name != "B09":
            (forms / folder.name).symlink_to(folder)
    (forms / "B09").mkdir()
    text = (source / "B09" / "2025.1.yaml").read_text(encoding="utf-8")
    (forms / "B09" / "2025.1.yaml").write_text(text, encoding="utf-8")
    new = text.replace('version: "2025.1"', 'version: "2026.2"').replace("Kết quả", "Các kết quả", 1)
    (forms / "B09" / "2026.2.yaml").write_text(new, encoding="utf-8")
    regime = signed.root / "include" / "regimes" / REGIME / "regime.yaml"
    had = yaml.safe_load(regime.read_text(encoding="utf-8"))["forms"]["B09"]
    edit(signed, "regime.yaml", f'B09: "{had}"', 'B09: [{version: "2025.1"}, {version: "2026.2", since: 2026-12-14}]')
    edit(signed, "units.csv", ",Hạc Thành,", ",Hạc Thành Mới,")

    place = later(signed)
    assert place.at(REGIME, "2026-Y")[0].form("B09").version == "2026.2"
    assert place.at(REGIME, PERIOD)[0].form("B09").version == "2025.1"
    again = replay(place, REGIME, PERIOD)
    assert again["identical"], again["differences"]
    assert len(again["files"]) == 4  # the workbook that stays, the one that goes out, the report, the submission note


def test_pack_version_never_kept_is_refused(signed: Site) -> None:
    with pytest.raises(Refused, match="0000000000"):
        later(signed).pack_as_of(REGIME, "0" * 64)


def test_the_pack_of_an_open_window_is_kept(signed: Site) -> None:
    with signed.place.store.read() as conn:
        sha256 = packs.file_of(conn, REGIME, signed.pack.sha256)
    assert sha256 is not None and signed.place.store.files.get(sha256)[:2] == b"PK"


def test_a_kept_pack_is_unpacked_once(signed: Site) -> None:
    kept = Path(signed.place.settings.data) / "packs" / signed.pack.sha256
    place = later(signed)
    assert place.pack_as_of(REGIME, signed.pack.sha256).sha256 == signed.pack.sha256
    assert sorted(p.name for p in kept.parent.iterdir()) == [kept.name], "nothing half-made is left beside it"
