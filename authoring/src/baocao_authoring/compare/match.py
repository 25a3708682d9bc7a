"""Which line and column of the new version is which of the old one: by code, else proposed by likeness of the names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

from baocao.model.form import Column, Form, Row, Table
from baocao.text import fold

T = TypeVar("T")

LIKE = 0.62
"""From here two names are proposed to mean the same."""
_UNLIKE = 0.35
"""Below this one code with two names is suspect: the code may have been used again for something else."""
_CLEARLY = 0.04
"""By how much the best proposal must be better than the next one."""


@dataclass(frozen=True)
class Pair:
    """An old thing and the new one it is (or seems to be). `sure`: the codes agree and the names do not contradict."""

    old: str
    new: str
    sure: bool
    likeness: float


@dataclass(frozen=True)
class Matching:
    """Codes of one kind (lines of a form, columns of a table) set against each other."""

    pairs: tuple[Pair, ...]
    gone: tuple[str, ...]
    added: tuple[str, ...]

    def of(self, old: str) -> Pair | None:
        """What became of the old code; None where nothing of the new version fits it."""
        return next((p for p in self.pairs if p.old == old), None)


def likeness(left: str, right: str) -> float:
    """0 to 1, of letters in order; case, blanks and tone placement do not count."""
    # autojunk would leave out frequent letters of texts of 200 and more, which long row names are.
    return SequenceMatcher(None, fold(left), fold(right), autojunk=False).ratio()


def match_rows(old: Form, new: Form) -> Matching:
    """Lines of two versions, whatever table they stand in."""

    def alike(left: Row, right: Row) -> float:
        if left.heading is not right.heading:
            return 0.0
        same_unit = fold(left.unit) == fold(right.unit)
        # Another unit of measure makes the same words another thing ("lớp", "lượt người"), unless the names are
        # nearly equal.
        return likeness(left.name, right.name) - (0.0 if same_unit else 0.12)

    return _match(_rows(old), _rows(new), lambda r: r.code, lambda r: r.name, alike)


def match_columns(old: Table, new: Table) -> Matching:
    """Columns of two versions of a table; a role that stands once on both sides is a strong hint."""

    def alike(left: Column, right: Column) -> float:
        if left.role is not right.role:
            return likeness(_heading(left), _heading(right)) - 0.3
        return likeness(_heading(left), _heading(right)) + (0.25 if _once(left, old) and _once(right, new) else 0.0)

    return _match(old.columns, new.columns, lambda c: c.code, _heading, alike)


def match_tables(old: Form, new: Form) -> dict[str, str]:
    """Old table code -> new table code: the same code, else the table that holds most of its lines."""
    found: dict[str, str] = {}
    rows = match_rows(old, new)
    for table in old.tables:
        if any(t.code == table.code for t in new.tables):
            found[table.code] = table.code
            continue
        there = {p.new for r in table.rows if (p := rows.of(r.code))}
        held = {t.code: len(there & {r.code for r in t.rows}) for t in new.tables}
        best = max(held, key=lambda code: held[code], default="")
        if best and held[best]:
            found[table.code] = best
    return found


def _match(
    old: Sequence[T],
    new: Sequence[T],
    code: Callable[[T], str],
    name: Callable[[T], str],
    alike: Callable[[T, T], float],
) -> Matching:
    """Pair by equal code first, then propose pairs among the rest by how `alike` (0 to 1) they are."""
    by_code = {code(n): n for n in new}
    pairs: list[Pair] = []
    for thing in old:
        if code(thing) in by_code:
            how = likeness(name(thing), name(by_code[code(thing)]))
            pairs.append(Pair(code(thing), code(thing), how >= _UNLIKE, how))
    taken = {p.old for p in pairs}
    left = [o for o in old if code(o) not in taken]
    right = [n for n in new if code(n) not in taken]
    pairs += _proposals(left, right, code, alike)
    matched_old, matched_new = {p.old for p in pairs}, {p.new for p in pairs}
    return Matching(
        tuple(pairs),
        tuple(code(o) for o in old if code(o) not in matched_old),
        tuple(code(n) for n in new if code(n) not in matched_new),
    )


def _proposals(
    left: Sequence[T], right: Sequence[T], code: Callable[[T], str], alike: Callable[[T, T], float]
) -> list[Pair]:
    """Best first, each thing once; where two are about as good, none is proposed."""
    scores = {code(o): {code(n): alike(o, n) for n in right} for o in left}
    found: list[Pair] = []
    while True:
        open_ = [
            (score, old, new)
            for old, row in scores.items()
            for new, score in row.items()
            if score >= LIKE and all(old != p.old and new != p.new for p in found)
        ]
        if not open_:
            return found
        score, old, new = max(open_)
        # The other proposals for either of the two.
        rivals = [s for s, o, n in open_ if (o == old) is not (n == new)]
        if rivals and score - max(rivals) < _CLEARLY:
            # Left to a person: a wrong proposal that looks sure costs more than none (ADR 0010).
            scores[old] = {}
            continue
        found.append(Pair(old, new, False, min(score, 1.0)))


def _rows(form: Form) -> list[Row]:
    return [r for t in form.tables for r in t.rows]


def _heading(column: Column) -> str:
    return f"{column.group} {column.title}" if column.group else column.title


def _once(column: Column, table: Table) -> bool:
    return sum(c.role is column.role for c in table.columns) == 1
