"""Số liệu được bảo vệ: figures inside a sentence that know which figure of the report they are.

A sentence is an ordinary `str`; each figure in it stands between three private characters with its key, so that it can
be shown as a protected place in Word and Markdown, held to the tables, and renewed when the figures change. `plain` is
what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

# Of Unicode's private use area: in no font, on no keyboard, and kept by NFC.
_OPEN, _BAR, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}([^{_BAR}{_CLOSE}]*){_BAR}([^{_CLOSE}]*){_CLOSE}")
SIGNS = f"{_OPEN}{_BAR}{_CLOSE}"
"""Never part of a text that somebody typed."""

Mark = Callable[[str, str], str]
"""(facet of the figure, as printed) -> how it stands in the sentence."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence; `key` names its figure, empty for plain words."""

    text: str
    key: str = ""


def marked(key: str, printed: str) -> str:
    """`printed` as a protected figure with the key `FORM/ROW/COLUMN` or `FORM/ROW/COLUMN#tang-giam`."""
    return f"{_OPEN}{key}{_BAR}{printed}{_CLOSE}"


def unmarked(facet: str, printed: str) -> str:
    """A `Mark` that marks nothing."""
    return printed


def mark_of(key: object) -> Mark:
    """Marks the figures of one cell or thing: an empty facet is its own figure."""

    def mark(facet: str, printed: str) -> str:
        return marked(f"{key}#{facet}" if facet else str(key), printed)

    return mark


def plain(text: str) -> str:
    """The sentence as printed."""
    return _MARK.sub(r"\2", text) if _OPEN in text else text


def spans(text: str) -> list[Span]:
    """The sentence in pieces, in order."""
    found, at = [], 0
    for match in _MARK.finditer(text):
        if match.start() > at:
            found.append(Span(text[at : match.start()]))
        found.append(Span(match[2], match[1]))
        at = match.end()
    if at < len(text):
        found.append(Span(text[at:]))
    return found


def joined(pieces: Iterable[Span]) -> str:
    """The other way round."""
    return "".join(marked(s.key, s.text) if s.key else s.text for s in pieces)


def figures_in(text: str) -> list[Span]:
    """Only the protected figures."""
    return [Span(match[2], match[1]) for match in _MARK.finditer(text)]


def renewed(text: str, figures: Mapping[str, str]) -> str:
    """Every protected figure as `figures` has it now; one that is not there stays."""
    return _MARK.sub(lambda m: marked(m[1], figures.get(m[1], m[2])), text)
