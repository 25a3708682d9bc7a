"""A group of commands to which another distribution may add its own."""

from __future__ import annotations

import json

import click

from baocao.cli.call import EXIT_REFUSED
from baocao.click_in_vietnamese import show_values
from baocao.extensions import AUTHORING, COMMANDS, how_to_install, offered

AUTHORING_COMMANDS = frozenset({"docs", "form", "regime.new", "what-if"})
"""What a writer of packs types; where it is not installed it is listed all the same, and says how to get it."""


class ExtensibleGroup(click.Group):
    """Own commands first; what is added is imported when it is called or listed."""

    group_class = type
    """groups below are extensible too"""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Our own commands and those of distributions that are installed or named."""
        above = _path(ctx)
        added = (name for name in {*offered(COMMANDS), *AUTHORING_COMMANDS} if name.startswith(above))
        more = {name.removeprefix(above) for name in added}
        return sorted({*super().list_commands(ctx), *(name for name in more if "." not in name)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, ours before one that was added; None where there is none."""
        # Ours first: another distribution adds commands, it replaces none.
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        path = _path(ctx) + cmd_name
        entry = offered(COMMANDS).get(path)
        if entry is None:
            return _not_installed(path) if path in AUTHORING_COMMANDS else None
        command: click.Command = entry.load()
        # `translate_click` has gone through our own commands only: this one was not loaded then.
        show_values(command)
        return command


def _path(ctx: click.Context) -> str:
    """What stands before the name of a command of this group: nothing, or `regime.`."""
    names = []
    while ctx.parent is not None:
        names.append(ctx.info_name or "")
        ctx = ctx.parent
    return "".join(f"{name}." for name in reversed(names))


def _not_installed(path: str) -> click.Command:
    typed = "baocao " + path.replace(".", " ")

    @click.pass_context
    def tell(ctx: click.Context) -> None:
        said = how_to_install(f"Lệnh «{typed}»")
        if "--json" in ctx.args:
            click.echo(json.dumps({"error": said, "kind": "NotInstalled"}, ensure_ascii=False))
        else:
            click.echo(f"Lỗi: {said}", err=True)
        ctx.exit(EXIT_REFUSED)

    return click.Command(
        path.rpartition(".")[2],
        callback=tell,
        help=f"(chưa cài ở đây: gói {AUTHORING})",
        add_help_option=False,
        # Whatever is typed after it, the answer is how to install it and not a complaint about options.
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
