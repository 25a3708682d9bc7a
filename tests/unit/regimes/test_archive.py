"""A pack is kept as one file and comes back whole."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from baocao.regimes.load import load_pack, pack_sha256
from baocao.regimes.pack_file import archived, unpacked
from baocao.settings import ConfigurationError
from builders.packs.pack import FOLDER, copied


def test_a_pack_comes_back_with_the_same_hash(tmp_path: Path) -> None:
    again = unpacked(archived(FOLDER), tmp_path / "kept") / FOLDER.name
    assert pack_sha256(again) == pack_sha256(FOLDER)
    assert load_pack(again).forms == load_pack(FOLDER).forms


def test_an_archived_pack_includes_its_borrowed_forms(tmp_path: Path) -> None:
    ward = FOLDER.parent / "thuy-nguyen-ward"
    again = unpacked(archived(ward), tmp_path / "kept") / ward.name
    assert pack_sha256(again) == pack_sha256(ward)
    assert load_pack(again, kept=True).forms == load_pack(ward).forms


def test_the_same_pack_gives_the_same_bytes(tmp_path: Path) -> None:
    assert archived(copied(tmp_path)) == archived(FOLDER)


def test_a_file_that_would_land_elsewhere_is_refused(tmp_path: Path) -> None:
    foreign = io.BytesIO()
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("../regime.yaml", "code: x")
    with pytest.raises(ConfigurationError, match=r"\.\./regime.yaml"):
        unpacked(foreign.getvalue(), tmp_path / "pack")
    assert not (tmp_path / "regime.yaml").exists()
