"""The README's walk "Without Airflow", as printed: a newcomer copies the block and every command works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_readme_commands_run_from_blank_to_dispatch(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Without Airflow")[2]
    found = re.search(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    printed, out = found.group(1), tmp_path / "walk"
    assert printed.count(".venv/bin/baocao ") >= 12
    # As printed, but with the interpreter of this run, in a folder of the test's own, and two communes.
    commands = printed.replace("demo.fill ", f"demo.fill --communes 2 --out {out} ").replace("out/walk", str(out))
    commands = commands.replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    env = {k: v for k, v in os.environ.items() if not k.startswith("BAOCAO_")}
    done = subprocess.run(
        ["bash", "-e", "-c", commands], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=1200
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "status: DISPATCHED" in done.stdout and "identical: True" in done.stdout
    assert "Không thấy gì sai." in done.stdout
    assert list((out / "dispatch").rglob("bao-cao_*")) and (out / "backup.zip").is_file()
    assert len(list((out / "outbox").glob("*.eml"))) > 10
