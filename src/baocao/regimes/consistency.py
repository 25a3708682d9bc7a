"""What a schema cannot see: everything a pack names is there, once, and every value has somebody behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from baocao.model.form import Form
from baocao.model.regime import Pack, Regime
from baocao.model.slices import concrete_relations
from baocao.regimes.errors import PackError
from baocao.regimes.form_rules import check_form, check_sheet_names
from baocao.regimes.source import KeyPath, Source


def check_regime(source: Source, folder: str, regime: Regime) -> None:
    """`regime.yaml` in itself. Raises PackError."""
    if regime.code != folder:
        raise source.error(("code",), f"mã {regime.code} khác tên thư mục {folder}", "hãy đặt trùng nhau")
    for key, ids in {
        "legal_basis": [b.id for b in regime.legal_basis],
        "recipients": [r.id for r in regime.recipients],
        "reminders": [r.id for r in regime.reminders],
        "projects": [p.code for p in regime.projects],
        "periods": [p.kind.value for p in regime.periods],
        "relations": [r.id for r in regime.relations],
    }.items():
        check_unique(source, key, ids)
    for place, anchor in _anchors(regime):
        check_anchor(source, place, anchor, regime)
    recipients = {r.id for r in regime.recipients}
    for number, rule in enumerate(regime.periods):
        for position, wanted in enumerate(rule.recipients):
            if wanted not in recipients:
                path: KeyPath = ("periods", number, "recipients", position)
                raise source.error(path, f"không có nơi nhận {wanted}", f"hãy dùng một trong: {_listed(recipients)}")
        if unknown := [f for f in rule.forms if f not in regime.forms]:
            path = ("periods", number, "forms")
            raise source.error(path, f"không có biểu {unknown[0]}", "hãy khai báo biểu trong forms của chế độ")
        if rule.narrative_form not in (rule.forms or regime.forms):
            path = ("periods", number, "narrative_form")
            raise source.error(path, f"không có biểu {rule.narrative_form}", "hãy khai báo biểu trong forms")
        for key in ("code", "name"):
            try:
                getattr(rule, key).format(year=2026, month=1)
            except (KeyError, ValueError, IndexError):
                reason = f"{getattr(rule, key)!r} có chỗ điền lạ"
                raise source.error(("periods", number, key), reason, "chỉ dùng {year} và {month}") from None
    for number, step in enumerate(regime.reminders):
        offsets = (step.working_days_from_safe, step.days_from_safe, step.days_from_due)
        if sum(o is not None for o in offsets) != 1:
            reason = "phải có đúng một trong working_days_from_safe, days_from_safe, days_from_due"
            raise source.error(("reminders", number), reason, "hãy giữ lại một khóa")
    for code, versions in regime.forms.items():
        days = [v.since for v in versions]
        if not days or days[0] is not None or any(b is None or (a is not None and b <= a) for a, b in pairwise(days)):
            reason = "bản đầu không ghi since; các bản sau ghi since tăng dần"
            raise source.error(("forms", code), reason, "hãy xếp bản cũ trước, bản mới sau kèm ngày áp dụng")
    for form in regime.default_nil:
        if form not in regime.forms:
            raise source.error(("default_nil", form), f"không có biểu {form}", "hãy khai báo biểu trong forms")


def _anchors(regime: Regime) -> Iterable[tuple[KeyPath, str]]:
    """Every provision that `regime.yaml` cites, with the place that cites it."""
    every: list[tuple[KeyPath, str]] = [
        (("authority", "anchor"), regime.authority.anchor),
        (("history", "anchor"), regime.history.anchor),
    ]
    for n, rule in enumerate(regime.periods):
        every += [
            (("periods", n, "anchor"), rule.anchor),
            (("periods", n, "opens_anchor"), rule.opens_anchor),
            (("periods", n, "recipients_anchor"), rule.recipients_anchor),
            (("periods", n, "unit", "anchor"), rule.unit.anchor),
            (("periods", n, "province", "anchor"), rule.province.anchor),
        ]
    if regime.term is not None:
        every.append((("term", "anchor"), regime.term.anchor))
    every += [(("recipients", n, "anchor"), r.anchor) for n, r in enumerate(regime.recipients)]
    every += [(("reminders", n, "anchor"), r.anchor) for n, r in enumerate(regime.reminders)]
    every += [(("projects", n, "anchor"), p.anchor) for n, p in enumerate(regime.projects)]
    every += [(("relations", n, "anchor"), r.anchor) for n, r in enumerate(regime.relations)]
    return [(path, anchor) for path, anchor in every if anchor]


def check_anchor(source: Source, path: KeyPath, anchor: str, regime: Regime) -> None:
    """One anchor, or several parted by `; `: each must be in `legal_basis`. Raises PackError."""
    known = {b.id for b in regime.legal_basis}
    for name in anchor.split("; "):
        if name not in known:
            raise source.error(path, f"không có căn cứ {name!r} trong legal_basis", "hãy thêm căn cứ hoặc sửa tên")


def check_unique(source: Source, key: str, ids: Sequence[str]) -> None:
    """Raises PackError at the second of two equal ids."""
    for number, name in enumerate(ids):
        if name in ids[:number]:
            raise source.error((key, number), f"{name} bị ghi hai lần", "mỗi mục một tên riêng")


def check_forms(sources: Mapping[str, Source], forms: Sequence[Form], regime: Regime) -> None:
    """Every form in itself, and against the regime: code, version, sheet name, rows, traces. Raises PackError."""
    for (code, source), form in zip(sources.items(), forms, strict=True):
        check_version(source, form, code, regime.forms[code][-1].version, regime)
        reason = regime.default_nil.get(code)
        if reason is not None and (not form.nil_allowed or reason not in form.nil_reasons):
            raise source.error(("nil_reasons",), f"default_nil ghi {reason!r} mà biểu không có", "hãy sửa một bên")
    check_sheet_names(sources, forms)


def check_version(source: Source, form: Form, code: str, version: str, regime: Regime) -> None:
    """One version of a form in itself: code, version, rows, anchors. Raises PackError."""
    if form.code != code:
        raise source.error(("code",), f"mã {form.code} khác thư mục {code}", "hãy đặt trùng nhau")
    if form.version != version:
        raise source.error(("version",), f"phiên bản {form.version} khác tên tệp", "hãy đặt trùng nhau")
    check_form(source, form, {p.code for p in regime.projects})
    if form.anchor:
        check_anchor(source, ("anchor",), form.anchor, regime)
    for t, table in enumerate(form.tables):
        for r, row in enumerate(table.rows):
            if row.trace:
                check_anchor(source, ("tables", t, "rows", r, "trace"), row.trace, regime)
    for n, relation in enumerate(form.relations):
        if relation.anchor:
            check_anchor(source, ("relations", n, "anchor"), relation.anchor, regime)


def check_pack(pack: Pack, regime: Source, targets: Source, forms: Mapping[str, Source], units: Path) -> None:
    """References between the files of a pack. Raises PackError."""
    _check_projects(pack, regime, units)
    _check_targets(pack, targets, forms)
    _check_relations(pack, regime, forms)
    _check_derivations(pack, forms)
    _check_measures(pack, forms)
    _check_everything_is_entered(pack, forms)


def _check_projects(pack: Pack, source: Source, units: Path) -> None:
    codes, cells = {p.code for p in pack.regime.projects}, _cell_names(pack)
    for unit in pack.units:
        if unknown := [p for p in unit.projects if p not in codes]:
            raise PackError(units, _line_of(units, unit.code), "projects", f"không có dự án {unknown[0]}", "hãy sửa mã")
    for n, project in enumerate(pack.regime.projects):
        lead = pack.unit(project.lead) if project.lead else None
        if project.lead and (lead is None or project.code not in lead.projects):
            reason = f"{project.lead} không có trong units.csv hoặc không ghi dự án {project.code}"
            raise source.error(("projects", n, "lead"), reason, "hãy sửa cho hai tệp khớp nhau")
        others = [u.code for u in pack.units if project.code in u.projects and u.code != project.lead]
        if others:
            reason = f"units.csv ghi {others[0]} cũng chủ trì dự án {project.code}"
            raise source.error(("projects", n, "lead"), reason, "mỗi dự án một đơn vị chủ trì")
        for position, name in enumerate(project.activity):
            if name not in cells:
                path: KeyPath = ("projects", n, "activity", position)
                raise source.error(path, f"không có ô {name}", "hãy ghi dạng BIỂU/DÒNG/CỘT")


def _line_of(units: Path, code: str) -> int:
    lines = units.read_text(encoding="utf-8-sig").splitlines()
    return next((n for n, line in enumerate(lines, start=1) if line.startswith(f"{code},")), 1)


def _check_targets(pack: Pack, source: Source, forms: Mapping[str, Source]) -> None:
    ids = [t.id for t in pack.targets]
    check_unique(source, "targets", ids)
    for n, target in enumerate(pack.targets):
        check_anchor(source, ("targets", n, "anchor"), target.anchor, pack.regime)
        try:
            _, row = pack.row(*target.indicator.split("/"))
        except (KeyError, StopIteration, TypeError):
            reason = f"không có chỉ tiêu {target.indicator}"
            raise source.error(("targets", n, "indicator"), reason, "hãy ghi dạng BIỂU/DÒNG") from None
        if target.id not in row.targets:
            reason = f"dòng {target.indicator} không ghi mục tiêu {target.id}"
            raise source.error(("targets", n, "indicator"), reason, "hãy thêm vào targets của dòng đó")
    for form in pack.forms:
        for t, table in enumerate(form.tables):
            for r, row in enumerate(table.rows):
                if unknown := [i for i in row.targets if i not in ids]:
                    path = ("tables", t, "rows", r, "targets")
                    raise forms[form.code].error(path, f"không có mục tiêu {unknown[0]}", "hãy khai trong targets.yaml")


def _check_relations(pack: Pack, regime: Source, forms: Mapping[str, Source]) -> None:
    places = [(regime, ("relations", n), r) for n, r in enumerate(pack.regime.relations)]
    for form in pack.forms:
        places += [(forms[form.code], ("relations", n), r) for n, r in enumerate(form.relations)]
    seen: set[str] = set()
    cells = _cell_names(pack)
    for source, path, relation in places:
        if relation.id in seen:
            raise source.error((*path, "id"), f"{relation.id} bị ghi hai lần", "mỗi quan hệ một tên riêng")
        seen.add(relation.id)
        if wrong := [n for n in relation.names if n.count("/") != 2]:
            raise source.error((*path, relation.kind), f"{wrong[0]!r} sai dạng", "hãy ghi BIỂU/DÒNG/CỘT")
        if unknown := [n for n in relation.names if "*" not in n and n not in cells]:
            raise source.error((*path, relation.kind), f"không có ô {unknown[0]}", "hãy sửa mã biểu, dòng hoặc cột")
        named = [f for f in pack.forms if any(n.startswith(f"{f.code}/") for n in relation.names)]
        if any("*" in n for n in relation.names) and not concrete_relations([relation], named):
            raise source.error((*path, relation.kind), "dấu * không khớp dòng, cột nào", "hãy sửa mã biểu, dòng, cột")
        try:
            relation.message.format(left="1", right="2")
        except (KeyError, IndexError, ValueError):
            raise source.error((*path, "message"), "có chỗ điền lạ", "chỉ dùng {left} và {right}") from None


def _cell_names(pack: Pack) -> frozenset[str]:
    return frozenset(str(key) for key in pack.cells)


def _check_derivations(pack: Pack, forms: Mapping[str, Source]) -> None:
    rows = {(f.code, r.code) for f in pack.forms for t in f.tables for r in t.rows}
    cells = _cell_names(pack)
    for form in pack.forms:
        for t, table in enumerate(form.tables):
            for r, row in enumerate(table.rows):
                for name in row.derive.names if row.derive else ():
                    if (name not in cells) if "/" in name else ((form.code, name) not in rows):
                        path = ("tables", t, "rows", r, "derive")
                        raise forms[form.code].error(path, f"không có {name}", "hãy sửa mã dòng hoặc tên ô")


def _check_measures(pack: Pack, forms: Mapping[str, Source]) -> None:
    """A row that plans or estimates another one: that one is there, and is counted the same way."""
    for form in pack.forms:
        for t, table in enumerate(form.tables):
            for r, row in enumerate(table.rows):
                if not row.measures:
                    continue
                path: KeyPath = ("tables", t, "rows", r, "measures")
                if pack.regime.term is None:
                    reason = "chế độ chưa khai báo giai đoạn"
                    raise forms[form.code].error(path, reason, "hãy thêm khóa term trong regime.yaml")
                try:
                    _, of = pack.row(*row.measures.split("/"))
                except (KeyError, StopIteration, TypeError):
                    reason = f"không có dòng {row.measures}"
                    raise forms[form.code].error(path, reason, "hãy ghi dạng BIỂU/DÒNG") from None
                if (of.type, of.nature, of.unit) != (row.type, row.nature, row.unit):
                    reason = f"dòng {row.measures} khác kiểu, tính chất hoặc đơn vị tính"
                    raise forms[form.code].error(path, reason, "hãy ghi như dòng đó")


def _check_everything_is_entered(pack: Pack, forms: Mapping[str, Source]) -> None:
    """Every row is entered by some unit, derived, or a heading."""
    entered = {(f.code, r.code) for u in pack.units for f in pack.entered_by(u) for t in f.tables for r in t.rows}
    for form in pack.forms:
        for t, table in enumerate(form.tables):
            for r, row in enumerate(table.rows):
                if not row.heading and row.derive is None and (form.code, row.code) not in entered:
                    reason = f"không đơn vị nào nhập dòng {row.code} (dự án {row.project or 'chung'})"
                    cure = "hãy thêm levels, hoặc giao dự án cho một đơn vị trong units.csv"
                    raise forms[form.code].error(("tables", t, "rows", r), reason, cure)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
