"""What other distributions add: commands and steps of the desk, found by their entry points.

The one there is stands in this repository under `authoring/`: what only a writer of packs needs, so that a worker is
installed without it. The engine never imports it (import-linter); it knows its name to say how it is installed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

AUTHORING = "baocao-authoring"
COMMANDS = "baocao.commands"
"""Group of click commands; `regime.new` stands for `baocao regime new`."""
DESK_STEPS = "baocao.desk_steps"
"""Group of tuples of `baocao.web.desk.steps.step.Step`."""


@cache
def offered(group: str) -> dict[str, EntryPoint]:
    """What the installed distributions offer, by name. Nothing of theirs is imported before it is used."""
    from importlib.metadata import entry_points  # slow to import, and most commands do without

    return {entry.name: entry for entry in entry_points(group=group)}


def how_to_install(what: str) -> str:
    """A sentence for whoever asks for `what`, a capability of the distribution that is not installed."""
    return (
        f"{what} thuộc gói phần mềm {AUTHORING}, chưa cài ở đây. Cài trong thư mục mã nguồn của baocao, "
        "cùng phiên bản: uv pip install ./authoring"
    )
