"""What a schema cannot see in the relations of a pack: cells that are not there, answers nobody can give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from baocao.model.form import CellKey, Column, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.relation import Relation
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.pack_parts.slices import concrete_relations
from baocao.model.pack_views import pack_cells
from baocao.model.period import PeriodKind
from baocao.regimes.errors import PackError
from baocao.regimes.source import KeyPath, Source


def check_relations(pack: Pack, regime: Source, forms: Mapping[str, Source]) -> Iterator[PackError]:
    """Every relation of the pack: its cells, its message, and whether its conditions can come true."""
    places = [(regime, ("relations", n), r) for n, r in enumerate(pack.regime.relations)]
    for form in pack.forms:
        places += [(forms[form.code], ("relations", n), r) for n, r in enumerate(form.relations)]
    seen: set[str] = set()
    cells = frozenset(map(str, pack_cells(pack)))
    for source, path, relation in places:
        if relation.id in seen:
            yield source.error((*path, "id"), f"{relation.id} bị ghi hai lần", "mỗi quan hệ một tên riêng")
        seen.add(relation.id)
        # Borrowed relations between forms are reported in the lender's own file (`examination/faults.py`).
        if relation.rule not in pack.rules and (source is not regime or pack.regime.forms_from is None):
            cure = "hãy khai ở rules của regime.yaml, hoặc dùng một mã đã khai"
            yield source.error((*path, "rule"), f"chưa khai quy tắc {relation.rule}", cure)
        # Known kinds are taken also where this pack reports none of them: borrowed relations were written for another
        # calendar.
        kinds = {*PeriodKind, *(r.kind for r in pack.regime.periods)}
        for kind in relation.only_for:
            if kind not in kinds:
                yield source.error((*path, "only_for"), f"không có loại kỳ {kind}", "hãy ghi mã ở kind của periods")
        wrong = [n for n in relation.names if n.count("/") != 2]
        for name in dict.fromkeys(wrong):
            yield source.error((*path, relation.kind), f"{name!r} sai dạng", "hãy ghi BIỂU/DÒNG/CỘT")
        if wrong:
            continue
        unknown = [n for n in relation.names if "*" not in n and n not in cells]
        for name in dict.fromkeys(unknown):
            yield source.error((*path, relation.kind), f"không có ô {name}", "hãy sửa mã biểu, dòng hoặc cột")
        named = [f for f in pack.forms if any(n.startswith(f"{f.code}/") for n in relation.names)]
        if not unknown and any("*" in n for n in relation.names) and not concrete_relations([relation], named):
            yield source.error((*path, relation.kind), "dấu * không khớp dòng, cột nào", "hãy sửa mã biểu, dòng, cột")
        allowed = ("column", "reasons") if relation.requires else ("left", "right", "lower", "column")
        try:
            relation.message.format(**dict.fromkeys(allowed, "1"))
        except (KeyError, IndexError, ValueError):
            cure = f"chỉ dùng {', '.join('{' + name + '}' for name in allowed)}"
            yield source.error((*path, "message"), "có chỗ điền lạ", cure)
        if relation.requires is not None and not unknown:
            yield from _check_requirement(source, path, relation, pack)


def _check_requirement(source: Source, path: KeyPath, relation: Relation, pack: Pack) -> Iterator[PackError]:
    """Answers that the cells can give, figures where a bound is set, and something to say for `{reasons}`."""
    requirement = relation.requires
    assert requirement is not None
    for part, conditions in (("when", requirement.when), ("then", requirement.then)):
        for n, condition in enumerate(conditions):
            at: KeyPath = (*path, "requires", part, n)
            for name in condition.names:
                for table, row, column in _places_of(pack, CellKey.parse(name)):
                    kind = table.type_of(row, column)
                    if condition.is_bound and not kind.is_number:
                        yield source.error((*at, "cells"), f"{name} không phải là số", "hãy dùng one_of hoặc given")
                        break
                    answers = ("Có", "Không") if kind is ValueType.BOOL else row.options
                    if strange := [a for a in condition.one_of if a not in answers]:
                        cure = f"hãy dùng một trong: {'; '.join(answers) or '(ô không phải là ô chọn)'}"
                        yield source.error((*at, "one_of"), f"{name} không có câu trả lời {strange[0]!r}", cure)
                        break
            if part == "then" and "{reasons}" in relation.message and not condition.what:
                yield source.error((*at, "what"), "message có {reasons} mà điều này không nói gì", "hãy ghi what")


def _places_of(pack: Pack, name: CellKey) -> Iterator[tuple[Table, Row, Column]]:
    for form in pack.forms:
        for key, place in form.cells.items():
            if key.form == name.form and name.row in {"*", key.row} and name.column in {"*", key.column}:
                yield place


def check_list_totals(pack: Pack, forms: Mapping[str, Source]) -> Iterator[PackError]:
    """A list's totals name typed figures that the same units fill, each with an id of its own under the pack's rule."""
    seen: set[str] = set()
    rule = pack.rules.id_of(RuleKind.LIST_TOTAL)
    for form in pack.forms:
        for n, one in enumerate(form.lists):
            for t, total in enumerate(one.totals):
                path: KeyPath = ("lists", n, "totals", t)
                source = forms[form.code]
                if total.id in seen:
                    yield source.error((*path, "id"), f"{total.id} bị ghi hai lần", "mỗi quan hệ một tên riêng")
                seen.add(total.id)
                # Of a borrowed form the id is the lender's, whose rule may have another number.
                if not total.id.startswith(f"{rule}.") and pack.regime.forms_from is None:
                    reason = f"{total.id} không thuộc quy tắc {rule} của gói (kind: list_total)"
                    yield source.error((*path, "id"), reason, f"hãy ghi id bắt đầu bằng {rule}.")
                place = next(iter(_places_of(pack, CellKey.parse(total.cell))), None)
                if place is None:
                    yield source.error((*path, "cell"), f"không có ô {total.cell}", "hãy sửa mã biểu, dòng hoặc cột")
                    continue
                table, row, column = place
                if not table.is_entered(row, column) or not table.type_of(row, column).is_number:
                    reason = f"{total.cell} không phải là ô số do đơn vị nhập"
                    yield source.error((*path, "cell"), reason, "hãy chọn ô được nhập")
                # Else a unit would be told that its table differs from a list it never sees.
                if not set(one.levels) <= set(row.levels):
                    reason = f"cấp nhập danh sách {one.code} không nhập dòng {row.code}"
                    yield source.error((*path, "cell"), reason, "hãy sửa levels của danh sách hoặc của dòng")
