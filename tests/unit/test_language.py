"""Help and usage errors speak Vietnamese only: every command's, click's own words too."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from baocao.cli import main
from baocao.click_in_vietnamese import WORDS

VIETNAMESE = re.compile(r"[đĐàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
CLICKS_WORDS = re.compile(
    r"\b(Usage|Options?|Commands?|Arguments?|Error|Try|Missing|Invalid|Show|Exit|No such|Did you mean|Got unexpected"
    r"|required|requires|default|does not|is not|not one of|valid|TEXT|INTEGER|RANGE|PATH|FILE|DIRECTORY|ARGS)\b"
)
DECLARING = re.compile(r"Could not determine|No options defined|Arguments take exactly|defined twice|Boolean option"
                       r"|Invalid start character|DeprecationWarning")  # fmt: skip
"""What click says to whoever declares a command, never to whoever types one."""


def commands(
    command: click.Command = main, path: tuple[str, ...] = (), above: click.Context | None = None
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command as somebody finds it, those of other distributions too."""
    yield path, command
    if isinstance(command, click.Group):
        here = click.Context(command, parent=above, info_name=path[-1] if path else None)
        for name in command.list_commands(here):
            below = command.get_command(here, name)
            assert below is not None, name
            yield from commands(below, (*path, name), here)


EACH = pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)


def test_the_pack_writers_commands_are_checked_too() -> None:
    found = {path for path, _ in commands()}
    assert {("form", "learn"), ("what-if",), ("docs",), ("regime", "new"), ("regime", "check")} <= found


@EACH
def test_the_help_of_every_command_is_vietnamese(path: tuple[str, ...], command: click.Command) -> None:
    done = CliRunner().invoke(main, [*path, "--help"])
    assert done.exit_code == 0
    assert CLICKS_WORDS.search(done.stdout) is None, done.stdout
    assert VIETNAMESE.search(command.help or ""), path
    for param in command.params:
        if isinstance(param, click.Option):
            assert VIETNAMESE.search(param.help or ""), (path, param.opts)


@EACH
def test_a_usage_error_of_every_command_is_vietnamese(path: tuple[str, ...], command: click.Command) -> None:
    mistyped = [[*path, "--khong-co"], [*path, "--perio"]]
    if isinstance(command, click.Group):
        mistyped += [[*path, "khong-co"]]
    else:
        mistyped += [[*path, *(f"thua-{n}" for n in range(9))], [*path, "--period"]]
        mistyped += [
            [*path, *(["x"] * len([p for p in command.params if isinstance(p, click.Argument)])), param.opts[0], "x"]
            for param in command.params
            if isinstance(param, click.Option) and param.type is not click.STRING and not param.is_flag
        ]
    for arguments in mistyped:
        done = CliRunner().invoke(main, arguments, env={"BAOCAO_ROOT": "/khong-co"})
        assert done.exit_code != 0, arguments
        assert "Lỗi:" in done.stderr, (arguments, done.stderr)
        assert CLICKS_WORDS.search(done.stderr) is None, (arguments, done.stderr)


@pytest.mark.parametrize("argument", ["--help", "--khong-co", "--port=x"])
def test_the_portals_own_command_is_vietnamese(argument: str) -> None:
    # In a process of its own: here `baocao` has translated click already.
    command = [sys.executable, "-c", "from baocao.web.portal.server import main; main()", argument]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    assert VIETNAMESE.search(said), said
    assert CLICKS_WORDS.search(said) is None, said


def test_every_click_sentence_users_meet_has_a_translation() -> None:
    modules = ("core", "decorators", "exceptions", "formatting", "parser", "types")
    said = set()
    for name in modules:
        tree = ast.parse((Path(click.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}:
                said |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    assert len(said) > 40
    assert {s for s in said if not DECLARING.search(s)} - set(WORDS) == set()


def test_a_translation_keeps_every_place_to_fill_in() -> None:
    places = re.compile(r"\{(\w+)[!}]|%\((\w+)\)s")
    for english, ours in WORDS.items():
        assert {m.group() for m in places.finditer(ours)} <= {m.group() for m in places.finditer(english)}, english
