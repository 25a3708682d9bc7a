"""What a mistyped command answers, and what `make` leaves where."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from demo import prepare
from demo.airflow_stack import sourced

from baocao.cli import main
from baocao.cli.call import EXIT_QUARANTINED, EXIT_USAGE
from baocao.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "khong-co.xlsx"],
        ["check"],
        ["khong-co-lenh"],
        ["check", "--khong-co"],
        ["waive", "14797"],
        ["mail", "show", "bay"],
    ],
)
def test_a_mistyped_command_never_answers_like_quarantine(arguments: list[str]) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == EXIT_USAGE != EXIT_QUARANTINED


def test_the_demonstrations_settings_follow_its_folder(tmp_path: Path) -> None:
    out = tmp_path / "demo với dấu"
    out.mkdir()
    (out / "env").write_text(prepare.environment_file(out), encoding="utf-8")
    assert sourced(out / "env") == prepare.environment(out)
    moved = out.rename(tmp_path / "chuyển đi")
    there = sourced(moved / "env")
    assert there == prepare.environment(moved)
    settings = load_settings(there)
    assert (settings.inbox, settings.data) == (moved / "inbox", moved / "data")
    assert settings.database_url == f"sqlite:///{moved / 'data' / 'baocao.db'}"


def test_the_settings_file_can_be_sourced_in_bash(tmp_path: Path) -> None:
    (tmp_path / "env").write_text(prepare.environment_file(tmp_path), encoding="utf-8")
    command = f'set -a; . {tmp_path / "env"}; set +a; printf %s "$BAOCAO_INBOX"'
    told = subprocess.run(["bash", "-c", command], check=True, stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert told.stdout == str(tmp_path / "inbox")


def test_bench_and_ui_use_what_the_makefile_says() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "bench.run $(if $(KEEP),--keep)" in makefile
    assert "--env out/demo/env" in makefile


def test_help_waits_for_nothing_heavy() -> None:
    """Whoever types `--help` does not wait for the database, the packs or the data frames to be imported."""
    code = (
        "import sys\nfrom baocao.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "print(sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout or "Cách dùng" in done.stdout
    loaded = set(re.findall(r"'(\w+)'", done.stderr))
    assert "click" in loaded
    assert loaded & {"sqlalchemy", "pydantic", "pandas", "openpyxl", "jinja2", "lxml", "starlette"} == set()
