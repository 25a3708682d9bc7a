"""Without `baocao-authoring` everything that runs reports works, and what is missing says how it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import pytest

from baocao.cli.extending import AUTHORING_COMMANDS
from baocao.extensions import AUTHORING, COMMANDS, DESK_STEPS

ROOT = Path(__file__).resolve().parents[2]
_EVERYTHING = """
import importlib, pkgutil, sys
import baocao
for module in pkgutil.walk_packages(baocao.__path__, "baocao."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
assert importlib.util.find_spec("baocao_authoring") is None
loaded = sys.modules
assert "openpyxl" not in loaded, "the engine reads and writes workbooks without openpyxl"

from click.testing import CliRunner
from baocao.cli import main

def run(*typed):
    done = CliRunner().invoke(main, list(typed), prog_name="baocao")
    print("$", *typed, "->", done.exit_code)
    print(done.output)

run("--help")
run("form", "learn", "mau.xlsx", "--out", "bieu.yaml")
run("what-if", "--period", "2026-H1", "--json")
run("regime", "new", "thu")
run("regime", "--help")
run("regime", "check", "thanh-hoa-drug-programme")
run("migrate")
run("periods")

from datetime import datetime
from zoneinfo import ZoneInfo
from builders.sites.desk import Browser, asker
from starlette.testclient import TestClient
from baocao.web.portal.app import portal_app
from baocao.web.portal.config import Clock, PortalConfig
from baocao.workflow.installation import Installation

place = Installation.open()
browser = Browser(place, asker("Approver"), datetime(2026, 6, 2, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")))
for page in ("pack", "p/2026-H1/work", "p/2026-H1/do/what-if"):
    answer = browser.get("/r/thanh-hoa-drug-programme/" + page)
    print("$ desk", page, "->", answer.status_code)
    print(answer.text)
with TestClient(portal_app(place, PortalConfig(), Clock())) as portal:
    print("$ portal ->", portal.get("/health").status_code)
"""


@pytest.fixture(scope="module")
def engine_alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a process says in which everything of this environment can be found but the distribution."""
    here = tmp_path_factory.mktemp("alone")
    site = here / "site"
    site.mkdir()
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "baocao_authoring" not in entry.name:
            (site / entry.name).symlink_to(entry)
    known = {k: v for k, v in os.environ.items() if not k.startswith(("BAOCAO_", "PYTHON"))}
    done = subprocess.run(
        # -S: no .pth file is followed, so that nothing is found but what stands on the path.
        [sys.executable, "-S", "-c", _EVERYTHING],
        env={
            **known,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests"), str(site)]),
            "BAOCAO_ROOT": str(ROOT),
            "BAOCAO_DATA": str(here / "var"),
            "BAOCAO_REGIME": "thanh-hoa-drug-programme",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def said(told: str, command: str) -> tuple[int, str]:
    """Exit code and answer of one command."""
    [block] = [b for b in told.split("$ ") if b.startswith(f"{command} -> ")]
    first, _, rest = block.removeprefix(f"{command} -> ").partition("\n")
    return int(first), rest


def test_the_commands_of_reports_work(engine_alone: str) -> None:
    assert said(engine_alone, "migrate")[0] == 0
    code, table = said(engine_alone, "periods")
    assert code == 0 and "2026-H1" in table
    code, checked = said(engine_alone, "regime check thanh-hoa-drug-programme")
    assert code == 0 and "dùng được" in checked


@pytest.mark.parametrize(
    "typed", ["form learn mau.xlsx --out bieu.yaml", "what-if --period 2026-H1 --json", "regime new thu"]
)
def test_missing_command_says_how_to_install_it(engine_alone: str, typed: str) -> None:
    code, answer = said(engine_alone, typed)
    assert code == 3
    assert AUTHORING in answer and "uv pip install ./authoring" in answer
    assert ('"kind": "NotInstalled"' in answer) == ("--json" in typed)


def test_they_are_listed_with_the_others(engine_alone: str) -> None:
    code, listed = said(engine_alone, "--help")
    assert code == 0
    for name in ("form", "what-if", "docs"):
        [line] = [x for x in listed.splitlines() if x.split()[:1] == [name]]
        assert f"chưa cài ở đây: gói {AUTHORING}" in line
    assert "new" in said(engine_alone, "regime --help")[1]


def test_web_pages_work_and_name_what_is_missing(engine_alone: str) -> None:
    assert said(engine_alone, "desk pack")[0] == 200
    for page in ("p/2026-H1/work", "p/2026-H1/do/what-if"):
        code, shown = said(engine_alone, f"desk {page}")
        assert code == 200 and "uv pip install ./authoring" in shown
        assert 'do/what-if"' not in shown, "no button that leads nowhere"
    assert said(engine_alone, "portal")[0] == 200


def test_the_distribution_offers_what_the_engine_names() -> None:
    offered = distribution(AUTHORING).entry_points
    assert {e.name for e in offered if e.group == COMMANDS} == AUTHORING_COMMANDS
    assert {e.name for e in offered if e.group == DESK_STEPS} == {"what-if"}
    for entry in offered:
        entry.load()


def test_worker_image_is_built_without_authoring() -> None:
    stages = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")
    last = stages[-1].strip().splitlines()
    assert last == ["engine"]
    [engine] = [s for s in stages if " AS engine" in s]
    assert "COPY --chown=airflow:root authoring" not in engine and "./authoring" not in engine
    assert "./authoring" in next(s for s in stages if " AS authoring" in s)
    assert AUTHORING not in (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
