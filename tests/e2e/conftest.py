from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders_cli import Cli
from builders_site import Site, trimmed_root


@pytest.fixture(scope="session")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project root with six communes."""
    return trimmed_root(tmp_path_factory.mktemp("trimmed"))


@pytest.fixture(scope="session")
def signed_template(trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """An installation where everything was accepted, consolidated, approved and signed, and the report's answer.

    The road to here takes seconds: tests copy it.
    """
    site = Site(trimmed, tmp_path_factory.mktemp("signed") / "var")
    report = site.to_signed()
    site.place.store.close()
    return site.data, report


@pytest.fixture
def signed(
    signed_template: tuple[Path, dict[str, object]], trimmed: Path, tmp_path: Path
) -> Iterator[tuple[Site, dict[str, object]]]:
    data, report = signed_template
    shutil.copytree(data, tmp_path / "var")
    site = Site(trimmed, tmp_path / "var")
    yield site, report
    site.place.store.close()


@pytest.fixture(scope="session")
def collected_template(trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation where everything was accepted and nothing is consolidated yet."""
    site = Site(trimmed, tmp_path_factory.mktemp("collected") / "var")
    site.load_baseline()
    site.open()
    site.send_all()
    site.collect()
    site.place.store.close()
    return site.data


@pytest.fixture
def collected(collected_template: Path, trimmed: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(collected_template, tmp_path / "var")
    site = Site(trimmed, tmp_path / "var")
    yield site
    site.place.store.close()


@pytest.fixture
def site(trimmed: Path, tmp_path: Path) -> Iterator[Site]:
    site = Site(trimmed, tmp_path / "var")
    yield site
    site.place.store.close()


@pytest.fixture
def cli(site: Site, monkeypatch: pytest.MonkeyPatch) -> Cli:
    return Cli(site, monkeypatch)


@pytest.fixture
def on_signed(signed: tuple[Site, dict[str, object]], monkeypatch: pytest.MonkeyPatch) -> Cli:
    return Cli(signed[0], monkeypatch)
