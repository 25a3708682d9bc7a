"""Drafts of the official-looking forms, each made once, and where to look in them."""

from __future__ import annotations

from functools import cache

from baocao.model.form import Form, Row
from baocao_authoring.draft.learn import Learned, learn
from builders.packs import official

STYLES = [
    "statistical_form",
    "resources_form",
    "lettered_form",
    "movement_form",
    "sections_form",
    "subtotals_form",
    "indicators_form",
]
CODES = {"subtotals_form": "B05"}
"""What a person gives where no number is printed."""


@cache
def learned(style: str) -> Learned:
    return learn(getattr(official, style)(), f"{style}.xlsx", version="2026.1", code=CODES.get(style))


def form_of(style: str) -> Form:
    done = learned(style)
    assert done.problem == "" and done.form is not None
    return done.form


def row_of(form: Form, code: str) -> Row:
    return next(r for t in form.tables for r in t.rows if r.code == code)


def mark_above(text: str, start: str) -> list[str]:
    """The marks that stand right above the line beginning with `start`."""
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip().startswith(start))
    marks = []
    while at and lines[at - 1].strip().startswith("# CẦN XEM LẠI:"):
        at -= 1
        marks.append(lines[at].strip())
    return marks


def linear(form: Form, code: str) -> tuple[str, ...]:
    derive = row_of(form, code).derive
    assert derive is not None and derive.linear is not None
    return derive.linear.plus
