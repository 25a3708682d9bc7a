from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from baocao.documents.pdf_files import convert
from baocao.workflow.reports import building, issuing
from builders.sites.cli import Cli
from builders.sites.correction import corrected
from builders.sites.once import made_once
from builders.sites.site import Site, trimmed_root


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """LibreOffice converts each document once in a run of the tests, also for the process beside this one.

    Many tests here play the same road to the same report. That the same document gives the same PDF is proved where the
    conversion itself is tested (tests/unit/documents/test_pdf.py).
    """
    base = item.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    kept = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "converted"
    kept.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convert, "_run", remembered(convert._run, kept))
        return (yield)  # type: ignore[return-value]


def remembered(really: Callable[..., str], kept: Path) -> Callable[..., str]:
    """`convert._run`, which gives what went wrong and otherwise writes the PDF beside its source."""

    def run(program: str, place: Path, source: Path, dated: date, timeout: float) -> str:
        digest = sha256(f"{program} {source.suffix} {dated} ".encode() + source.read_bytes()).hexdigest()
        known, target = kept / f"{digest}.pdf", source.with_suffix(".pdf")
        if known.exists():
            shutil.copyfile(known, target)
            return ""
        problem = really(program, place, source, dated, timeout)
        if not problem and target.exists():
            part = kept / f"{digest}.{os.getpid()}"
            shutil.copyfile(target, part)
            part.replace(known)
        return problem

    return run


@pytest.fixture(scope="session")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project root with six communes."""
    return made_once(tmp_path_factory, "trimmed", trimmed_root)


@pytest.fixture(scope="session")
def signed_template(
    collected_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, object]]:
    """An installation where everything was accepted, consolidated, approved and signed, and the report's answer.

    The road to here takes seconds: tests copy it.
    """

    def make(folder: Path) -> tuple[Path, dict[str, object]]:
        site = copied(collected_template, trimmed, folder / "var")
        report = site.consolidate()
        site.approve(report)
        site.sign(report)
        site.place.store.close()
        return site.data, report

    return made_once(tmp_path_factory, "signed", make)


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
def opened_template(trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with its baseline and an open window."""

    def make(folder: Path) -> Path:
        site = Site(trimmed, folder / "var")
        site.load_baseline()
        site.open()
        site.place.store.close()
        return site.data

    return made_once(tmp_path_factory, "opened", make)


@pytest.fixture
def opened(opened_template: Path, trimmed: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(opened_template, tmp_path / "var")
    site = Site(trimmed, tmp_path / "var")
    yield site
    site.place.store.close()


@pytest.fixture(scope="session")
def collected_template(opened_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation where everything was accepted and nothing is consolidated yet."""

    def make(folder: Path) -> Path:
        site = copied(opened_template, trimmed, folder / "var")
        site.send_all()
        site.collect()
        site.place.store.close()
        return site.data

    return made_once(tmp_path_factory, "collected", make)


@pytest.fixture
def collected(collected_template: Path, trimmed: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(collected_template, tmp_path / "var")
    site = Site(trimmed, tmp_path / "var")
    yield site
    site.place.store.close()


@pytest.fixture(scope="session")
def consolidated_template(
    collected_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, object]]:
    """An installation whose report waits for its approval, without a PDF, and the report's answer."""

    def make(folder: Path) -> tuple[Path, dict[str, object]]:
        site = copied(collected_template, trimmed, folder / "var")
        with no_renderings():
            report = site.consolidate()
        site.place.store.close()
        return site.data, report

    return made_once(tmp_path_factory, "consolidated", make)


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


# corrections -------------------------------------------------------------------------------------------------------

Template = tuple[Path, dict[str, Any]]


@contextmanager
def no_renderings() -> Iterator[None]:
    """A PDF takes seconds and says nothing about corrections."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (building, issuing):
            patch.setattr(module, "pdf_available", lambda: False)
        yield


@pytest.fixture(scope="session")
def renderings_off() -> Any:
    """The same as a context, for fixtures that live longer than a test."""
    return no_renderings


@pytest.fixture
def without_renderings() -> Iterator[None]:
    with no_renderings():
        yield


def copied(data: Path, trimmed: Path, to: Path) -> Site:
    shutil.copytree(data, to)
    return Site(trimmed, to)


@pytest.fixture(scope="session")
def dispatched_template(signed_template: Template, trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Template:
    data, report = signed_template

    def make(folder: Path) -> Template:
        site = copied(data, trimmed, folder / "var")
        with no_renderings():
            site.dispatch(report)
        site.place.store.close()
        return site.data, report

    return made_once(tmp_path_factory, "dispatched", make)


@pytest.fixture(scope="session")
def frozen_template(dispatched_template: Template, trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The correction, frozen, over the dispatched report."""

    def make(folder: Path) -> Template:
        site = copied(dispatched_template[0], trimmed, folder / "var")
        with no_renderings():
            report = corrected(site)
        site.place.store.close()
        return site.data, report

    return made_once(tmp_path_factory, "frozen", make)


@pytest.fixture
def dispatched(dispatched_template: Template, trimmed: Path, tmp_path: Path) -> Iterator[Site]:
    site = copied(dispatched_template[0], trimmed, tmp_path / "var")
    yield site
    site.place.store.close()


@pytest.fixture
def frozen(frozen_template: Template, trimmed: Path, tmp_path: Path) -> Iterator[tuple[Site, dict[str, Any]]]:
    site = copied(frozen_template[0], trimmed, tmp_path / "var")
    yield site, frozen_template[1]
    site.place.store.close()
