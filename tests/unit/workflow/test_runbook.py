"""Whoever is sent to the runbook finds the section there; the README stays short and true."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE)
NAMED_IN_TEXT = re.compile(r"mục «([^»]+)» trong sổ tay vận hành")
NAMED_IN_DAGS = re.compile(r"\[([^\]]+)\]\(runbook\)")


def texts(folder: str) -> list[str]:
    """Every text of the Python files in a folder, as it is at run time: pieces on several lines are one text."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.append("".join(p.value for p in node.values if isinstance(p, ast.Constant)))
    return found


def named_in_code() -> set[str]:
    return {
        name for folder in ("src", "plugins", "dags") for text in texts(folder) for name in NAMED_IN_TEXT.findall(text)
    }


def named_in_dags() -> set[str]:
    manuals = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "dags").glob("*.md"))]
    return {name for text in manuals for name in NAMED_IN_DAGS.findall(text)}


def named_in_letters() -> set[str]:
    templates = [
        path for path in sorted((ROOT / "include" / "templates").rglob("*.*")) if path.suffix in {".txt", ".html"}
    ]
    return {name for path in templates for name in NAMED_IN_TEXT.findall(path.read_text(encoding="utf-8"))}


def test_the_runbook_has_every_section_alarms_name() -> None:
    assert len(named_in_code()) >= 5
    assert named_in_code() - set(SECTIONS) == set()


def alarms_in(path: Path) -> list[tuple[int, list[str]]]:
    """Every call of `alarm(...)` that writes its text itself (others pass one on), with the texts of its function."""
    found = []
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef):
            continue
        calls = [
            n
            for n in ast.walk(function)
            if isinstance(n, ast.Call)
            and (n.func.attr if isinstance(n.func, ast.Attribute) else getattr(n.func, "id", "")) == "alarm"
            and any(k.arg == "text" and not isinstance(k.value, ast.Name) for k in n.keywords)
        ]
        said = [c.value for c in ast.walk(function) if isinstance(c, ast.Constant) and isinstance(c.value, str)]
        found += [(call.lineno, said) for call in calls]
    return found


def test_every_alarm_names_its_section() -> None:
    every, silent = 0, []
    for path in sorted((ROOT / "src" / "baocao").rglob("*.py")):
        for line, said in alarms_in(path):
            every += 1
            if not NAMED_IN_TEXT.search("".join(said)):
                silent.append(f"{path.name}:{line}")
    assert every >= 14
    assert silent == []


def test_the_runbook_has_every_section_dag_manuals_name() -> None:
    assert len(named_in_dags()) >= 9
    assert named_in_dags() - set(SECTIONS) == set()


def test_the_runbook_has_every_section_letters_name() -> None:
    assert named_in_letters() - set(SECTIONS) == set()


def test_runbook_sections_are_unique_and_not_empty() -> None:
    assert len(SECTIONS) == len(set(SECTIONS))
    bodies = re.split(r"^## .+$", RUNBOOK, flags=re.MULTILINE)[1:]
    assert all(body.strip() for body in bodies)


def test_runbook_and_manuals_name_only_existing_commands() -> None:
    import click

    from baocao.cli import main

    manuals = [RUNBOOK, README, *(p.read_text(encoding="utf-8") for p in sorted((ROOT / "dags").glob("*.md")))]
    named = {name for text in manuals for name in re.findall(r"(?:`|bin/)baocao ([a-z-]+)", text)}
    assert len(named) >= 6
    assert named - set(main.list_commands(click.Context(main))) == set()


def test_the_readme_is_short_and_names_existing_targets() -> None:
    assert len(README.splitlines()) <= 150
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    assert {"demo", "test", "ui"} <= named <= targets


def test_the_readme_links_only_to_files_that_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) >= 8
    assert [link for link in links if not (ROOT / link).exists()] == []
