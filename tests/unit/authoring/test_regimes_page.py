"""docs/regimes.md is true: its commands are run as printed, one after the other, and answer what the page says."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from baocao.model.pack_parts.wording import ReportLayout, Wording
from baocao.model.signed_copy import DispatchRules
from builders.packs.pack import ROOT

PAGE = (ROOT / "docs" / "regimes.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh (?P<name>\w+)(?: exit=(?P<exit>\d))?|text)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass
class Step:
    name: str
    commands: str
    exit: int
    told: list[str]


def steps() -> list[Step]:
    found: list[Step] = []
    for block in BLOCK.finditer(PAGE):
        if block["name"]:
            found.append(Step(block["name"], block["body"], int(block["exit"] or 0), []))
        else:
            found[-1].told += block["body"].splitlines()
    return found


def project(folder: Path) -> Path:
    """A project of its own, without a regime."""
    for name in ("templates", "reference"):
        (folder / "include" / "regimes").mkdir(parents=True, exist_ok=True)
        (folder / "include" / name).symlink_to(ROOT / "include" / name)
    (folder / "sql").symlink_to(ROOT / "sql")
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "workbook.md", folder / "docs" / "workbook.md")
    (folder / "out").mkdir()
    return folder


def test_the_page_names_every_key_that_decides_reports() -> None:
    table = PAGE.partition("## What decides the report")[2]
    keys = [*ReportLayout.model_fields, *Wording.model_fields, *DispatchRules.model_fields]
    keys += ["min_coverage", "plan_coverage_min", "lead_comment_days", "source_decision_required", "sign_off"]
    keys += ["unit_copy", "unit_copy_anchor", "label", "office_addressee", "contact", "phone", "contact_email"]
    assert [key for key in keys if not re.search(rf"[`.]{key}`", table)] == []


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Name of the step -> exit code and what was printed; all steps in one shell, as a person would run them."""
    root = project(tmp_path_factory.mktemp("walk"))
    script = "".join(f"echo '@@ {s.name}'\n{s.commands}echo \"@@ = $?\"\n" for s in steps())
    script = script.replace("echo '@@ away'\n", "cp -r out kept\necho '@@ away'\n")
    env = {k: v for k, v in os.environ.items() if not k.startswith("BAOCAO_")}
    env |= {"BAOCAO_ROOT": str(root), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=root,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=500,
    )
    (root / "log").write_text(done.stdout, encoding="utf-8")
    parts = re.findall(r"^@@ (\w+)\n(.*?)^@@ = (\d+)$", done.stdout, re.DOTALL | re.MULTILINE)
    assert not any((root / "include" / "regimes").iterdir())
    assert not (root / "out" / "first-regime").exists()
    (root / "kept").rename(tmp_path_factory.getbasetemp() / "kept-of-the-walk")
    return {name: (int(code), text) for name, text, code in parts}


@pytest.mark.parametrize("step", steps(), ids=lambda s: s.name)
def test_each_step_ends_and_prints_as_documented(walked: dict[str, tuple[int, str]], step: Step) -> None:
    code, text = walked[step.name]
    assert code == step.exit, text
    for line in step.told:
        assert line in text, text


OTHERS_WORDS = (
    "dự án", "chương trình", "phụ lục iv", "phụ lục iii", "6 tháng", "công an", "nguồn vốn", "ma túy", "kế hoạch năm",
    "giai đoạn", "tiền", "chủ trì", "mẫu số", "đầu kỳ", "cuối kỳ", "mục tiêu", "tỷ lệ", "kinh phí", "còn ai",
    "police", "sheet", "airflow", "required actions",
)  # fmt: skip
"""Words of other programmes, and of what a form of three counts does not have."""


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """What people read after the walk: the letters, and every workbook and Word document that was made."""
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        data = file.read_bytes()
        if file.suffix == ".eml":
            message = message_from_bytes(data, policy=policy.default)
            body = message.get_body(("plain",))
            yield file.name, f"{message['subject']}\n{body.get_content() if body else ''}"
        elif data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                kinds = set(package.namelist())
            if "word/document.xml" in kinds:
                document = Document(io.BytesIO(data))
                cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
                yield f"Word {file.name}", "\n".join([*(p.text for p in document.paragraphs), *cells])
            elif "xl/workbook.xml" in kinds:
                sheets = [s for s in load_workbook(io.BytesIO(data)).worksheets if s.sheet_state == "visible"]
                shown = (c.value for s in sheets for row in s.iter_rows() for c in row if c.value is not None)
                yield f"Excel {file.name}", "\n".join(map(str, shown))


def test_nothing_sent_or_signed_has_another_reports_words(
    walked: dict[str, tuple[int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = dict(texts(tmp_path_factory.getbasetemp() / "kept-of-the-walk"))
    assert len(found) > 25
    wrong = {(name, word) for name, text in found.items() for word in OTHERS_WORDS if word in text.lower()}
    assert wrong == set()
    assert not [name for name, (_, text) in walked.items() if "police" in text], "what the commands print"
    [note] = {text for text in found.values() if "TỜ TRÌNH" in text}
    assert "gửi báo cáo quý I năm 2027 chậm nhất ngày 26/03/2027" in note, "inclusive, as the plan says it"
    report, *_ = (text for text in found.values() if "Kính gửi: Bộ Nội vụ" in text and "Lũy kế năm" in text)
    assert "TT01" not in report and "TT03" not in report, "numbered anew below each heading, as the form is printed"
    assert "1. Thủ tục hành chính" in report and "Hồ sơ đã tiếp nhận: 515 hồ sơ" in report


def test_the_page_has_its_steps_in_order() -> None:
    names = [s.name for s in steps()]
    order = [
        "new",
        "regime",
        "others",
        "check",
        "correct",
        "blank",
        "open",
        "returned",
        "fill",
        "report",
        "pages",
        "away",
    ]
    assert [name for name in names if name in order] == order
    assert len(names) == len(set(names))
    assert all(
        s.told for s in steps() if s.name in {"check", "correct", "periods", "open", "returned", "report", "pages"}
    )
