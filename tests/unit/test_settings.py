"""Which regimes an installation runs and where its packs are: settings, checked at start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from baocao.regimes.load import regime_folders
from baocao.settings import ConfigurationError, load_settings
from baocao.workflow.installation import Installation

ROOT = Path(__file__).resolve().parents[2]


def env(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": str(tmp_path / "var"), **more}


def test_an_installation_runs_only_the_regimes_it_names(tmp_path: Path) -> None:
    chosen = load_settings(env(tmp_path, BAOCAO_REGIMES="thuy-nguyen-ward, hai-phong-legal-aid"))
    assert [f.name for f in regime_folders(chosen)] == ["hai-phong-legal-aid", "thuy-nguyen-ward"]
    place = Installation(chosen)
    assert sorted(place.folders) == ["hai-phong-legal-aid", "thuy-nguyen-ward"]
    assert place.pack("thuy-nguyen-ward").forms, "forms are still borrowed from a regime that is not run"
    assert len(regime_folders(load_settings(env(tmp_path)))) == 5


def test_the_packs_may_lie_outside_the_project(tmp_path: Path) -> None:
    packs = tmp_path / "goi"
    shutil.copytree(ROOT / "include" / "regimes" / "hai-phong-legal-aid", packs / "hai-phong-legal-aid")
    place = Installation(load_settings(env(tmp_path, BAOCAO_PACKS=str(packs))))
    assert place.folders == {"hai-phong-legal-aid": packs / "hai-phong-legal-aid"}
    own = Installation(load_settings(env(tmp_path)))
    assert place.pack("hai-phong-legal-aid").sha256 == own.pack("hai-phong-legal-aid").sha256


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"BAOCAO_REGIMES": "thanh-hoa"}, "thanh-hoa-drug-programme"),
        ({"BAOCAO_PACKS": "/khong/co"}, "/khong/co"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_cure(tmp_path: Path, given: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(given))) as caught:
        load_settings(env(tmp_path, **given))
    assert words in str(caught.value)
