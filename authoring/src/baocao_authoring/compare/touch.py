"""What else in a regime depends on the cells that a new version changes or takes away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from baocao.model.form import Form
from baocao.model.pack import Pack
from baocao_authoring.compare.bridge import GONE, NOT_COMPARABLE, PROPOSED, CellSuccession


@dataclass(frozen=True)
class Touch:
    """One thing of the regime to look at again. `breaks`: the pack does not load until it is corrected."""

    kind: str
    """relation, derive, target, activity, narrative"""
    name: str
    file: str
    """which file of the pack holds it"""
    text: str
    breaks: bool


def touched(old: Form, new: Form, bridges: Sequence[CellSuccession], pack: Pack) -> tuple[Touch, ...]:
    """Relations, derivations, targets and project activity of the pack that name a cell that is gone or has another
    meaning; the form's own relations are part of its file and not listed here."""
    cells = {b.old: b for b in bridges if b.status in {GONE, NOT_COMPARABLE, PROPOSED}}
    there = {str(key) for key in new.cells}
    found = [*_relations(old, cells, there, pack), *_derivations(old, cells, there, pack)]
    found += [*_targets(old, new, cells, pack), *_activity(cells, there, pack)]
    return tuple(found)


def _said(name: str, bridge: CellSuccession, there: set[str]) -> tuple[str, bool]:
    if name not in there:
        now = f", có lẽ nay là {bridge.new}" if bridge.new else ""
        return f"ô {name} không còn trong bản mới{now}", True
    return f"ô {name}: {bridge.reason}", False


def _relations(old: Form, cells: dict[str, CellSuccession], there: set[str], pack: Pack) -> Iterator[Touch]:
    """Relations between forms, and those other forms keep in their own files."""
    every = [("regime.yaml", r) for r in pack.regime.relations]
    every += [(f"forms/{f.code}", r) for f in pack.forms if f.code != old.code for r in f.relations]
    for file, relation in every:
        named = [n for n in relation.names if n in cells]
        for wild in [n for n in relation.names if "*" in n and n.startswith(f"{old.code}/")]:
            # One is enough to say that the relation is touched.
            named += [n for n in cells if _fits(n, wild)][:1]
        if not named:
            continue
        text, breaks = _said(named[0], cells[named[0]], there)
        more = f" (và {len(named) - 1} ô khác)" if len(named) > 1 else ""
        told = f"Quan hệ {relation.id} ({relation.rule}): {text}{more}"
        # A `*` goes on matching the cells that are left, so only a cell named in full breaks the pack.
        yield Touch("relation", relation.id, file, told, breaks and named[0] in relation.names)


def _fits(name: str, wild: str) -> bool:
    return all(w in {"*", n} for n, w in zip(name.split("/"), wild.split("/"), strict=True))


def _derivations(old: Form, cells: dict[str, CellSuccession], there: set[str], pack: Pack) -> Iterator[Touch]:
    for form in pack.forms:
        if form.code == old.code:
            continue
        for table in form.tables:
            for row in table.rows:
                for name in row.derive.names if row.derive else ():
                    if name in cells:
                        text, breaks = _said(name, cells[name], there)
                        told = f"Dòng {form.code}/{row.code} được tính từ đây: {text}"
                        yield Touch("derive", f"{form.code}/{row.code}", f"forms/{form.code}", told, breaks)


def _targets(old: Form, new: Form, cells: dict[str, CellSuccession], pack: Pack) -> Iterator[Touch]:
    """The targets whose row is gone, no longer names them, or has cells that cannot be compared."""
    rows = {r.code: r for t in new.tables for r in t.rows}
    for target in pack.targets:
        form, _, code = target.indicator.partition("/")
        if form != old.code:
            continue
        if code not in rows:
            now = next((b.new.rsplit("/", 1)[0] for b in cells.values() if b.new and b.old.split("/")[1] == code), "")
            hint = f"; có lẽ nay là {now}" if now else ""
            text = f"Mục tiêu {target.id} «{target.name}»: dòng {target.indicator} không còn trong bản mới{hint}"
            yield Touch("target", target.id, "targets.yaml", text, True)
            continue
        changed = [b for b in cells.values() if b.old.split("/")[1] == code and b.status == NOT_COMPARABLE]
        if target.id not in rows[code].targets:
            text = f"Mục tiêu {target.id} «{target.name}»: dòng {target.indicator} của bản mới không ghi mục tiêu này"
            yield Touch("target", target.id, "targets.yaml", text, True)
        elif changed:
            text = f"Mục tiêu {target.id} «{target.name}»: {changed[0].reason} ở ô {changed[0].old}"
            yield Touch("target", target.id, "targets.yaml", text, False)


def _activity(cells: dict[str, CellSuccession], there: set[str], pack: Pack) -> Iterator[Touch]:
    for project in pack.regime.projects:
        for name in project.activity:
            if name in cells:
                text, breaks = _said(name, cells[name], there)
                told = f"Dự án {project.code} nhận biết hoạt động từ đây: {text}"
                yield Touch("activity", project.code, "regime.yaml", told, breaks)
