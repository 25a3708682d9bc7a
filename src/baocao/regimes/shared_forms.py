"""Dùng chung biểu mẫu: a pack that uses another pack's forms and relations instead of copying them.

`forms_from` in `regime.yaml` names the lender; the borrower still lists the forms and versions in force, says which
words of the printed texts read differently with it, and whether its departments fill what a territorial unit fills
there. A lender may itself borrow. The targets of a borrowed row are the borrower's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from baocao.model.form import EntryLevel, Form, RollUp, Row, Table
from baocao.model.pack import Pack
from baocao.model.pack_parts.relation import Relation
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.pack_parts.rules import Rule, merged
from baocao.model.pack_parts.slices import concrete_relations, slice_forms
from baocao.model.pack_views import every_relation, relations_for
from baocao.model.regime import Regime, Target
from baocao.regimes.errors import PackError
from baocao.regimes.source import Source

_PRINTED = frozenset({"name", "note", "title", "official", "assumption", "instructions", "message"})
"""Keys whose texts people read; codes, types and anchors are never reworded."""
_BOTH = (EntryLevel.COMMUNE, EntryLevel.PROVINCE)


@dataclass(frozen=True)
class Borrowed:
    """The forms of a pack in workbook order with their files, the relations between them, and the provisions known."""

    sources: dict[str, Source]
    forms: tuple[Form, ...]
    relations: tuple[Relation, ...]
    rules: tuple[Rule, ...]
    """the pack's own, and those that come with what it borrows"""
    provisions: frozenset[str]
    """ids of `legal_basis` of the pack and of every lender: what the forms may cite"""


def forms_of(folder: Path, regime: Regime) -> Borrowed:
    """The pack's own forms, or those it borrows. Raises PackError."""
    return _forms(folder, regime, ())


def lender_of(folder: Path, regime: Regime) -> Path | None:
    """The folder of the pack whose forms this one uses; None when it has its own. Raises PackError."""
    if regime.forms_from is None:
        return None
    return _beside(Source.read(folder / "regime.yaml"), folder, regime.forms_from.regime)


def origin_of(folder: Path, regime: Regime) -> Regime:
    """The regime the form files belong to and whose provisions they cite: the last lender, or the regime itself.

    Raises PackError.
    """
    lenders = lenders_of(folder, regime)
    return lenders[-1][1] if lenders else regime


def lenders_of(folder: Path, regime: Regime) -> list[tuple[Source, Regime]]:
    """Every pack borrowed from, the nearest first, with its file. Raises PackError."""
    found: list[tuple[Source, Regime]] = []
    asked: tuple[str, ...] = ()
    while (lender := lender_of(folder, regime)) is not None:
        asked = (*asked, folder.name)
        _not_in_a_ring(Source.read(folder / "regime.yaml"), lender.name, asked)
        source = Source.read(lender / "regime.yaml")
        folder, regime = lender, source.model(Regime)
        found.append((source, regime))
    return found


def _beside(source: Source, folder: Path, code: str) -> Path:
    lender = folder.parent / code
    if not (lender / "regime.yaml").is_file():
        reason = f"không có chế độ {code!r} bên cạnh gói này"
        raise source.error(("forms_from", "regime"), reason, "hãy sửa mã hoặc thêm gói đó")
    return lender


def lent_files(folder: Path) -> dict[str, bytes]:
    """What the pack needs of the packs it borrows from, by path beside its own folder. Raises PackError."""
    lender = lender_of(folder, Source.read(folder / "regime.yaml").model(Regime))
    if lender is None:
        return {}
    files = [lender / "regime.yaml", *sorted(p for p in (lender / "forms").rglob("*.yaml") if p.is_file())]
    # The lender's `regime.yaml` goes along for its relations and rules; its units, targets and deadlines are never
    # used.
    own = {f.relative_to(folder.parent).as_posix(): f.read_bytes() for f in files}
    return {**lent_files(lender), **own}


def borrowed_sha256(folder: Path, asked: tuple[str, ...] = ()) -> str:
    """One hash over the lender's form files and relations; empty when the pack borrows nothing. Raises PackError."""
    source = Source.read(folder / "regime.yaml")
    # By the text first: the hash is taken at every load of a pack, and most packs borrow nothing.
    if "\nforms_from:" not in source.text:
        return ""
    lent = source.data().get("forms_from")
    code = lent.get("regime") if isinstance(lent, dict) else None
    if not isinstance(code, str):
        return ""  # the schema says what is wrong with it
    lender = _beside(source, folder, code)
    _not_in_a_ring(source, lender.name, (*asked, folder.name))
    # A lender may itself borrow: its hash covers the whole chain.
    digest = hashlib.sha256(borrowed_sha256(lender, (*asked, folder.name)).encode())
    theirs = Source.read(lender / "regime.yaml").raw()
    # Of a pack kept from before packs had rules the hash stays what it was.
    for lent in (theirs.get("relations", []), *([theirs["rules"]] if "rules" in theirs else [])):
        digest.update(json.dumps(lent, ensure_ascii=False, sort_keys=True, default=str).encode())
    root = lender / "forms"
    for file in sorted(p for p in root.rglob("*.yaml") if p.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _not_in_a_ring(source: Source, lender: str, asked: tuple[str, ...]) -> None:
    if lender in asked:
        reason = "các gói mượn biểu vòng quanh nhau"
        raise source.error(("forms_from", "regime"), reason, "một gói phải có biểu riêng")


def with_targets(forms: Iterable[Form], targets: Iterable[Target]) -> tuple[Form, ...]:
    """Borrowed forms judged by these targets and no others."""
    wanted: dict[str, list[str]] = {}
    for target in targets:
        wanted.setdefault(target.indicator, []).append(target.id)

    def judged(form: Form, row: Row) -> Row:
        return row.model_copy(update={"targets": tuple(wanted.get(f"{form.code}/{row.code}", ()))})

    return tuple(
        form.with_tables(
            tuple(t.model_copy(update={"rows": tuple(judged(form, r) for r in t.rows)}) for t in form.tables)
        )
        for form in forms
    )


def _forms(folder: Path, regime: Regime, asked: tuple[str, ...]) -> Borrowed:
    """The forms, relations and rules of a pack, its own or borrowed with other words. `asked`: the packs on the way
    here, to refuse a ring."""
    provisions = frozenset(b.id for b in regime.legal_basis)
    lender = lender_of(folder, regime)
    if lender is None or regime.forms_from is None:
        files = {code: folder / "forms" / code / f"{version}.yaml" for code, version in _versions(regime).items()}
        sources = {code: Source.read(file) for code, file in files.items()}
        return Borrowed(
            sources, tuple(s.model(Form) for s in sources.values()), regime.relations, regime.rules, provisions
        )
    own = Source.read(folder / "regime.yaml")
    _not_in_a_ring(own, lender.name, (*asked, folder.name))
    theirs = Source.read(lender / "regime.yaml").model(Regime)
    # Versions in time are the lender's; a borrower that wants another one changes the number.
    if several := [code for code, versions in regime.all_forms.items() if len(versions) > 1]:
        raise own.error(("forms", several[0]), "biểu mượn chỉ ghi một phiên bản", "hãy giữ phiên bản đang dùng")
    for code, version in _versions(regime).items():
        if code not in theirs.all_forms:
            raise own.error(("forms", code), f"chế độ {lender.name} không có biểu {code}", "hãy bỏ hoặc sửa mã biểu")
        _must_exist(own, lender, theirs, code, version)
    lent = _forms(
        lender, theirs.model_copy(update={"forms": dict(regime.forms), "more_forms": {}}), (*asked, folder.name)
    )
    words = regime.forms_from.words
    forms = tuple(Form.model_validate(reworded(f.model_dump(), words)) for f in lent.forms)
    relations = tuple(Relation.model_validate(reworded(r.model_dump(), words)) for r in lent.relations)
    if regime.forms_from.departments:
        forms, relations = _for_departments(forms, relations)
        if gone := sorted(regime.forms.keys() - {f.code for f in forms}):
            raise own.error(("forms", gone[0]), "không có dòng nào do cấp xã điền", "hãy bỏ biểu này")
    forms, relations = _that_stand(forms, relations)
    sources = {f.code: lent.sources[f.code] for f in forms}
    rules = merged(regime.rules, [Rule.model_validate(reworded(r.model_dump(), words)) for r in lent.rules])
    return Borrowed(sources, forms, (*relations, *regime.relations), rules, provisions | lent.provisions)


def _versions(regime: Regime) -> dict[str, str]:
    """form code -> the newest version"""
    return {code: versions[-1].version for code, versions in regime.forms.items()}


def _must_exist(own: Source, lender: Path, theirs: Regime, code: str, version: str) -> None:
    if theirs.forms_from is None and not (lender / "forms" / code / f"{version}.yaml").is_file():
        raise own.error(("forms", code), f"chế độ {lender.name} không có phiên bản {version}", "hãy sửa số phiên bản")


def reworded(data: Any, words: Mapping[str, str], *, printed: bool = False) -> Any:
    """The data with `words` replaced in everything printed, longer phrases first."""
    if isinstance(data, dict):
        return {k: reworded(v, words, printed=k in _PRINTED) for k, v in data.items()}
    if isinstance(data, list | tuple):
        return [reworded(v, words, printed=printed) for v in data]
    if printed and isinstance(data, str):
        for old in sorted(words, key=len, reverse=True):
            data = data.replace(old, words[old])
    return data


def _for_departments(
    forms: tuple[Form, ...], relations: tuple[Relation, ...]
) -> tuple[tuple[Form, ...], tuple[Relation, ...]]:
    """What one territorial unit fills, entered by its departments instead, each for its projects.

    Answers that are counted over many units become the one answer of the department that leads.
    """
    counted = {RollUp.YES_COUNT, RollUp.CLASS_COUNT}

    def moved(row: Row) -> Row:
        if not row.levels:
            return row
        # Of one unit there is nothing to count: its answer is listed as the leading department gave it.
        roll_up = RollUp.LIST if row.roll_up in counted else row.roll_up
        roll_up = RollUp.SUM if roll_up is RollUp.PROVINCE_OVER_SUM else roll_up
        return row.model_copy(update={"levels": (EntryLevel.PROVINCE,), "counted": (), "roll_up": roll_up})

    def widened(relation: Relation) -> Relation:
        return relation.model_copy(update={"levels": _BOTH})

    result = []
    for form in slice_forms(forms, lambda row: EntryLevel.COMMUNE in row.levels):
        tables = tuple(t.model_copy(update={"rows": tuple(map(moved, t.rows))}) for t in form.tables)
        mine = (r for r in form.relations if EntryLevel.COMMUNE in r.levels)
        kept = form.with_tables(tables).model_copy(update={"relations": tuple(map(widened, mine))})
        result.append(kept)
    return tuple(result), tuple(widened(r) for r in relations if EntryLevel.COMMUNE in r.levels)


def _that_stand(
    forms: tuple[Form, ...], relations: tuple[Relation, ...]
) -> tuple[tuple[Form, ...], tuple[Relation, ...]]:
    """Without the relations, and the rows for decisions, that name what the borrower does not have."""
    rows = {f"{f.code}/{r.code}" for f in forms for t in f.tables for r in t.rows}

    def with_decisions(table: Table) -> Table:
        kept = (r.model_copy(update={"decided_by": tuple(d for d in r.decided_by if d in rows)}) for r in table.rows)
        return table.model_copy(update={"rows": tuple(kept)})

    def stands(relation: Relation) -> bool:
        return bool(concrete_relations([relation], forms))

    forms = tuple(f.with_tables(tuple(map(with_decisions, f.tables))) for f in forms)
    kept = tuple(f.model_copy(update={"relations": tuple(r for r in f.relations if stands(r))}) for f in forms)
    return kept, tuple(r for r in relations if stands(r))


def judged_by_some_unit(pack: Pack) -> Pack:
    """Without the relations that span departments: no workbook here shows both sides. They are judged where the whole
    goes to, in the higher regime's check of the unit's workbook."""
    # By the message, because `*` makes of one relation several with ids of their own.
    judged = {r.message for unit in pack.units for r in relations_for(pack, unit)}
    forms = tuple(
        f.model_copy(update={"relations": tuple(r for r in f.relations if r.message in judged)}) for f in pack.forms
    )
    relations = tuple(r for r in pack.regime.relations if r.message in judged)
    return replace(pack, regime=pack.regime.model_copy(update={"relations": relations}), forms=forms)


def with_rules_that_stand(pack: Pack, own: Iterable[Rule]) -> Pack:
    """Without the rules on relations that came with the forms and have no relation here."""
    named = {r.rule for r in every_relation(pack)}
    mine = {rule.id for rule in own}
    rules = tuple(r for r in pack.regime.rules if r.kind is not RuleKind.RELATION or r.id in named | mine)
    return replace(pack, regime=pack.regime.model_copy(update={"rules": rules}))


def check_borrowed(source: Source, forms: Iterable[Form], regime: Regime) -> Iterator[PackError]:
    """Every borrowed row belongs to a project of the borrower."""
    known = {p.code for p in regime.projects}
    for form in forms:
        for table in form.tables:
            for row in table.rows:
                if row.project and row.project not in known:
                    reason = f"biểu {form.code} dòng {row.code} thuộc dự án {row.project} mà gói này không có"
                    yield PackError(source.file, source.line(("projects",)), "projects", reason, "hãy thêm dự án đó")
