"""docs/forms.md is true: the draft it shows is the draft we make, the commands it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import yaml

from baocao.cli import main
from baocao.regimes.short_forms import written_out
from baocao_authoring.draft.learn import learn
from builders.packs import official

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "forms.md").read_text(encoding="utf-8")


def test_the_page_shows_the_real_draft_in_order() -> None:
    shown = re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert shown is not None
    real = learn(official.statistical_form(), "statistical_form.xlsx", version="2026.1").text
    at = 0
    parts = shown[1].split("…\n")
    assert len(parts) == 6
    for part in parts:
        found = real.find(part, at)
        assert found >= at, part
        at = found + len(part)


def test_every_command_and_option_named_exists() -> None:
    lines = re.findall(r"baocao ((?:form \w+|what-if|periods|blank|check|docs)[^\n`#]*)", TEXT)
    assert len(lines) >= 7
    for line in lines:
        context = click.Context(main)
        for word in line.split():
            if isinstance(context.command, click.Group):
                found = context.command.get_command(context, word)
                assert found is not None, word
                context = click.Context(found, parent=context, info_name=word)
        command = context.command
        options = {o for p in command.params for o in p.opts}
        assert set(re.findall(r"--[a-z-]+", line)) <= options, line


def test_shared_values_are_written_out_as_documented() -> None:
    table, relations = re.findall(r"```yaml\n(.*?)```", TEXT.split("## What a form file says once")[1], re.DOTALL)
    heading, plain, text, computed = written_out({"tables": [yaml.safe_load(table)]})[0]["tables"][0]["rows"]
    assert heading.keys() == {"code", "item", "heading", "name"}
    shared = {"levels": ["commune"], "columns": ["TH", "GT"]}
    assert plain.items() >= {**shared, "type": "count", "roll_up": "sum"}.items()
    assert text.items() >= {**shared, "type": "text", "roll_up": "list"}.items()
    assert "levels" not in computed and (computed["type"], computed["columns"]) == ("ratio", ["TH"])
    short, full = (
        written_out({"relations": yaml.safe_load(part)})[0] for part in relations.split("# is the same as\n")
    )
    assert short == full
