"""Earlier figures made ready to meet later ones: in the form versions of now, and of the unit as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from baocao.model.form import CellKey, Form, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.bridge import Crossing, EarlierFigures, Figure, add, carry, crossing, is_compared


def in_forms_of(now: Pack, then: Pack, past: EarlierFigures[Figure]) -> EarlierFigures[Figure]:
    """Figures given in the forms of `then`, in those of `now`; the very same object where no version was replaced."""
    versions = {form.code: form.version for form in then.forms}
    replaced = [f.code for f in now.forms if versions.get(f.code, f.version) != f.version]
    # The same object, so that reports of periods without a new version stay the same to the byte (ADR 0017).
    if not replaced:
        return past
    figures = {k: v for k, v in past.figures.items() if k.form not in replaced}
    nil = {k for k in past.nil if k.form not in replaced}
    unlike = {k: v for k, v in past.not_comparable.items() if k.form not in replaced}
    asked = {key for form in now.forms for key in form.cells}
    for code in replaced:
        part = past
        for way, new in _ways(now.whole, code, versions[code], now.form(code).version):
            part = carry(way, new, part)
        figures |= {k: v for k, v in part.figures.items() if k in asked}
        nil |= part.nil & asked
        unlike |= {k: v for k, v in part.not_comparable.items() if k in asked}
    return EarlierFigures(figures, frozenset(nil), unlike)


def _ways(pack: Pack, code: str, old: str, new: str) -> list[tuple[Crossing, Form]]:
    """The bridges from one version to a later one, one a step."""
    order = [v.version for v in pack.regime.all_forms[code]]
    first, last = order.index(old), order.index(new)
    # Step by step: a bridge is written between neighbours only. A way back (an older version comes into force again)
    # has no bridge, so nothing is comparable.
    steps = pairwise(order[first : last + 1]) if first < last else [(old, new)]
    every = {f.version: f for f in (*pack.forms, *pack.others) if f.code == code}
    bridges = {(b.old_version, b.new_version): b for b in pack.bridges if b.form == code}
    return [(crossing(bridges.get((a, b)), every[a], every[b]), every[b]) for a, b in steps]


def nothing_comparable(forms: Sequence[Form], reason: str) -> EarlierFigures[Figure]:
    """A past of which nothing is known."""
    return EarlierFigures(
        not_comparable={key: reason for form in forms for key in form.cells if is_compared(form, key)}
    )


def joined(forms: Sequence[Form], parts: Mapping[str, EarlierFigures[Figure]], why: str) -> EarlierFigures[Figure]:
    """The past of a unit that was made of several: counts, amounts and areas are added, exactly.

    `parts` are the predecessors' figures by name. Yes/no and classes have no sum and say `why`; texts have no past.
    A cell that one predecessor answered and another left blank has no sum either: nothing is put in its place.
    """
    figures: dict[CellKey, Figure] = {}
    nil: set[CellKey] = set()
    unlike = {k: reason for part in parts.values() for k, reason in part.not_comparable.items()}
    for form in forms:
        for key, (table, row, column) in form.cells.items():
            kind = table.type_of(row, column)
            there = [p.figures[key] for p in parts.values() if key in p.figures]
            silent = [n for n, p in parts.items() if key not in p.figures and key not in p.nil]
            # Nobody of the predecessors answered: no past, which is not the same as a past that cannot be compared.
            if key in unlike or not is_compared(form, key) or len(silent) == len(parts):
                continue
            if not kind.is_number:
                # A ratio needs no reason of its own: it is computed anew from the sums beside it.
                if kind is not ValueType.RATIO:
                    unlike[key] = why
            elif not there:
                nil |= set() if silent else {key}
            elif silent:
                unlike[key] = f"Kỳ trước thiếu số liệu của {', '.join(silent)}"
            else:
                figures[key] = there[0] if len(there) == 1 else add(there)
    return EarlierFigures(figures, frozenset(nil), unlike)
