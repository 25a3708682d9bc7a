"""`baocao` over one installation, through click: exit code, standard output and error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner

from baocao.cli import main
from builders.sites.site import Site


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Cli:
    """`baocao` over one installation."""

    site: Site
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: object) -> Answer:
        with self.monkeypatch.context() as patched:
            for name, value in self.site.env.items():
                patched.setenv(name, value)
            done = CliRunner().invoke(main, [str(a) for a in arguments])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Answer(done.exit_code, done.stdout, done.stderr)
