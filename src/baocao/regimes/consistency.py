"""What a schema cannot see: everything a pack names is there, once, and every value has somebody behind it.

A check yields its faults, most basic first: loading stops at the first one, `baocao regime check` lists them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from baocao.model.form import Form, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import PLACEHOLDERS, filled
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.pack_parts.rules import STRUCTURAL
from baocao.model.period import PeriodKind
from baocao.model.regime import Regime
from baocao.regimes.errors import PackError
from baocao.regimes.form_rules import check_form
from baocao.regimes.relation_rules import check_list_totals, check_relations
from baocao.regimes.row_references import (
    _cell_names,
    check_decisions,
    check_derivations,
    check_everything_is_entered,
    check_measures,
)
from baocao.regimes.source import KeyPath, Source

_PLACEHOLDERS = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


def check_regime(source: Source, folder: str, regime: Regime) -> Iterator[PackError]:
    """`regime.yaml` in itself."""
    if regime.code != folder:
        yield source.error(("code",), f"mã {regime.code} khác tên thư mục {folder}", "hãy đặt trùng nhau")
    for key, ids in {
        "legal_basis": [b.id for b in regime.legal_basis],
        "recipients": [r.id for r in regime.recipients],
        "reminders": [r.id for r in regime.reminders],
        "projects": [p.code for p in regime.projects],
        "periods": [p.kind for p in regime.periods],
        "relations": [r.id for r in regime.relations],
        "rules": [r.id for r in regime.rules],
    }.items():
        yield from check_unique(source, key, ids)
    for n, basis in enumerate(regime.legal_basis):
        if basis.in_force_from and basis.in_force_to and basis.in_force_to < basis.in_force_from:
            reason = f"{basis.id} hết hiệu lực trước khi có hiệu lực"
            yield source.error(("legal_basis", n, "in_force_to"), reason, "hãy sửa một trong hai ngày")
    for place, anchor in _anchors(regime):
        yield from check_anchor(source, place, anchor, regime)
    yield from _check_rules(source, regime)
    yield from _check_periods(source, regime)
    for number, step in enumerate(regime.reminders):
        offsets = (step.working_days_from_safe, step.days_from_safe, step.days_from_due)
        if sum(o is not None for o in offsets) != 1:
            reason = "phải có đúng một trong working_days_from_safe, days_from_safe, days_from_due"
            yield source.error(("reminders", number), reason, "hãy giữ lại một khóa")
    yield from _check_report(source, regime)
    if regime.ad_hoc is not None:
        if unknown := [f for f in regime.ad_hoc.forms if f not in regime.all_forms]:
            yield source.error(("ad_hoc", "forms"), f"không có biểu {unknown[0]}", "hãy khai báo biểu trong forms")
        if regime.ad_hoc.narrative_form and regime.ad_hoc.narrative_form not in regime.ad_hoc.forms:
            reason = f"không có biểu {regime.ad_hoc.narrative_form} trong ad_hoc.forms"
            yield source.error(("ad_hoc", "narrative_form"), reason, "hãy thêm vào danh sách")
    if twice := [code for code in regime.more_forms if code in regime.forms]:
        yield source.error(("more_forms", twice[0]), "biểu đã có trong forms", "hãy để ở một nơi")
    for code, versions in regime.all_forms.items():
        days = [v.since for v in versions]
        # Then `Regime.version_on` finds exactly one version for every day.
        if not days or days[0] is not None or any(b is None or (a is not None and b <= a) for a, b in pairwise(days)):
            reason = "bản đầu không ghi since; các bản sau ghi since tăng dần"
            yield source.error(("forms", code), reason, "hãy xếp bản cũ trước, bản mới sau kèm ngày áp dụng")
    for form in regime.default_nil:
        if form not in regime.forms:
            yield source.error(("default_nil", form), f"không có biểu {form}", "hãy khai báo biểu trong forms")


def _check_periods(source: Source, regime: Regime) -> Iterator[PackError]:
    """What the kinds of period name is there."""
    recipients = {r.id for r in regime.recipients}
    for number, rule in enumerate(regime.periods):
        for position, wanted in enumerate(rule.recipients):
            if wanted not in recipients:
                path: KeyPath = ("periods", number, "recipients", position)
                yield source.error(path, f"không có nơi nhận {wanted}", f"hãy dùng một trong: {_listed(recipients)}")
        if unknown := [f for f in rule.forms if f not in regime.all_forms]:
            path = ("periods", number, "forms")
            yield source.error(path, f"không có biểu {unknown[0]}", "hãy khai báo biểu trong forms của chế độ")
        if rule.narrative_form and rule.narrative_form not in (rule.forms or regime.forms):
            path = ("periods", number, "narrative_form")
            yield source.error(path, f"không có biểu {rule.narrative_form}", "hãy khai báo biểu trong forms")
        # The days of such a report are those of whoever asks (NĐ 09/2019, Điều 8 khoản 5 điểm c; ADR 0019).
        if rule.kind == PeriodKind.AD_HOC:
            path = ("periods", number, "kind")
            yield source.error(path, "ad_hoc là báo cáo đột xuất, không theo lịch", "hãy khai ở khóa ad_hoc của chế độ")
        for key in ("code", "name"):
            try:
                # Tried with any period: what matters is that every placeholder is known.
                filled(getattr(rule, key), year=2026, n=1, month=1)
            except (KeyError, ValueError, IndexError):
                reason = f"{getattr(rule, key)!r} có chỗ điền lạ"
                yield source.error(("periods", number, key), reason, f"chỉ dùng {_PLACEHOLDERS}")


def _check_rules(source: Source, regime: Regime) -> Iterator[PackError]:
    """A kind of rule once, and no id that a structural rule has."""
    kinds = [rule.kind for rule in regime.rules]
    # A structural rule that the pack declares itself gives its usual id free.
    taken = {rule.id for rule in STRUCTURAL if rule.kind not in kinds}
    for n, rule in enumerate(regime.rules):
        if rule.kind is not RuleKind.RELATION and rule.kind in kinds[:n]:
            yield source.error(("rules", n, "kind"), f"loại {rule.kind} đã khai ở trên", "mỗi loại một quy tắc")
        if rule.id in taken:
            reason = f"{rule.id} là mã của một quy tắc luôn chạy"
            yield source.error(("rules", n, "id"), reason, "hãy đặt mã khác")


APPENDICES = {
    "report_periodic": ("indicators_annex", "projects_annex", "resources_annex"),
    "report_plan": ("tasks_annex", "indicators_annex"),
    "report_figures": (),
    "report_lists": (),
}
"""Word template -> the appendices it prints beside those about the units; other templates are the office's own."""


def _check_report(source: Source, regime: Regime) -> Iterator[PackError]:
    """What `report` names is there."""
    for key in ("indicator_form", "resource_form"):
        code = getattr(regime.report, key)
        if code and code not in regime.forms:
            yield source.error(("report", key), f"không có biểu {code}", "hãy sửa mã biểu hoặc để trống")
    try:
        regime.report.subject.format(programme="", period="")
    except (KeyError, ValueError, IndexError):
        reason = f"{regime.report.subject!r} có chỗ điền lạ"
        yield source.error(("report", "subject"), reason, "chỉ dùng {programme} và {period}")
    # Kept packs from before appendices were named still load (ADR 0018).
    if regime.is_laid_out_before:
        return
    for key in APPENDICES.get(regime.report.template, ()):
        if getattr(regime.report, key) is None:
            reason = f"mẫu {regime.report.template} in phụ lục này mà gói chưa ghi số và tên"
            yield source.error(("report", key), reason, 'hãy ghi dạng {number: II, title: "TÊN PHỤ LỤC"}')


def _anchors(regime: Regime) -> Iterable[tuple[KeyPath, str]]:
    """Every provision that `regime.yaml` cites, with the place that cites it."""
    every: list[tuple[KeyPath, str]] = [
        (("authority", "anchor"), regime.authority.anchor),
        (("history", "anchor"), regime.history.anchor),
        (("unit_copy_anchor",), regime.unit_copy_anchor),
        (("dispatched", "anchor"), regime.dispatched.anchor),
    ]
    for n, rule in enumerate(regime.periods):
        every += [
            (("periods", n, "anchor"), rule.anchor),
            (("periods", n, "opens_anchor"), rule.opens_anchor),
            (("periods", n, "recipients_anchor"), rule.recipients_anchor),
            (("periods", n, "unit", "anchor"), rule.unit.anchor),
            (("periods", n, "province", "anchor"), rule.province.anchor),
        ]
    if regime.ad_hoc is not None:
        every.append((("ad_hoc", "anchor"), regime.ad_hoc.anchor))
    if (inspections := regime.inspections) is not None:
        every += [(("inspections", key), anchor) for key, anchor in inspections.anchors]
        every += [(("inspections", "reminders", n, "anchor"), s.anchor) for n, s in enumerate(inspections.reminders)]
    if regime.term is not None:
        every.append((("term", "anchor"), regime.term.anchor))
    every += [(("recipients", n, "anchor"), r.anchor) for n, r in enumerate(regime.recipients)]
    every += [(("reminders", n, "anchor"), r.anchor) for n, r in enumerate(regime.reminders)]
    every += [(("projects", n, "anchor"), p.anchor) for n, p in enumerate(regime.projects)]
    every += [(("relations", n, "anchor"), r.anchor) for n, r in enumerate(regime.relations)]
    every += [(("rules", n, "anchor"), r.anchor) for n, r in enumerate(regime.rules)]
    return [(path, anchor) for path, anchor in every if anchor]


def check_anchor(source: Source, path: KeyPath, anchor: str, regime: Regime) -> Iterator[PackError]:
    """One anchor, or several parted by `; `: each must be in `legal_basis`."""
    known = {b.id for b in regime.legal_basis}
    for name in anchor.split("; "):
        if name not in known:
            yield source.error(path, f"không có căn cứ {name!r} trong legal_basis", "hãy thêm căn cứ hoặc sửa tên")


def check_unique(source: Source, key: str, ids: Sequence[str]) -> Iterator[PackError]:
    """A fault at the second of two equal ids."""
    for number, name in enumerate(ids):
        if name in ids[:number]:
            yield source.error((key, number), f"{name} bị ghi hai lần", "mỗi mục một tên riêng")


def check_forms(sources: Mapping[str, Source], forms: Sequence[Form], regime: Regime) -> Iterator[PackError]:
    """Every form in itself, and against the regime: code, version, sheet name, rows, traces."""
    for (code, source), form in zip(sources.items(), forms, strict=True):
        yield from check_version(source, form, code, regime.forms[code][-1].version, regime)
        reason = regime.default_nil.get(code)
        if reason is not None and (not form.nil_allowed or reason not in form.nil_reasons):
            yield source.error(("nil_reasons",), f"default_nil ghi {reason!r} mà biểu không có", "hãy sửa một bên")


def check_version(source: Source, form: Form, code: str, version: str, regime: Regime) -> Iterator[PackError]:
    """One version of a form in itself: code, version, rows, anchors."""
    if form.code != code:
        yield source.error(("code",), f"mã {form.code} khác thư mục {code}", "hãy đặt trùng nhau")
    if form.version != version:
        yield source.error(("version",), f"phiên bản {form.version} khác tên tệp", "hãy đặt trùng nhau")
    yield from check_form(source, form, {p.code for p in regime.projects})
    if form.anchor:
        yield from check_anchor(source, ("anchor",), form.anchor, regime)
    for t, table in enumerate(form.tables):
        for r, row in enumerate(table.rows):
            if row.trace:
                yield from check_anchor(source, ("tables", t, "rows", r, "trace"), row.trace, regime)
    for n, relation in enumerate(form.relations):
        if relation.anchor:
            yield from check_anchor(source, ("relations", n, "anchor"), relation.anchor, regime)


def check_pack(
    pack: Pack, regime: Source, targets: Source, forms: Mapping[str, Source], units: Path
) -> Iterator[PackError]:
    """References between the files of a pack."""
    yield from _check_projects(pack, regime, units)
    yield from _check_targets(pack, targets, forms)
    yield from check_relations(pack, regime, forms)
    yield from check_list_totals(pack, forms)
    yield from _check_inspections(pack, regime)
    yield from check_measures(pack, forms)
    yield from check_decisions(pack, forms)
    derivations = tuple(check_derivations(pack, forms))
    yield from derivations
    if not derivations:  # who enters what is known only when every derivation leads somewhere
        yield from check_everything_is_entered(pack, forms)


def _check_projects(pack: Pack, source: Source, units: Path) -> Iterator[PackError]:
    """The projects of regime.yaml, the leads in units.csv and the cells the projects name agree."""
    codes, cells = {p.code for p in pack.regime.projects}, _cell_names(pack)
    for unit in pack.units:
        # Of a regime without projects an office is a unit like any other: it reports the same forms.
        if codes and not unit.kind.is_territorial and not unit.projects:
            reason, cure = "cơ quan, phòng ban chưa có dự án, nhiệm vụ nào", "hãy ghi mã, cách nhau bằng dấu chấm phẩy"
            yield PackError(units, _line_of(units, unit.code), "projects", reason, cure)
        for unknown in (p for p in unit.projects if p not in codes):
            yield PackError(units, _line_of(units, unit.code), "projects", f"không có dự án {unknown}", "hãy sửa mã")
    for n, project in enumerate(pack.regime.projects):
        lead = pack.unit(project.lead) if project.lead else None
        if project.lead and (lead is None or project.code not in lead.projects):
            reason = f"{project.lead} không có trong units.csv hoặc không ghi dự án {project.code}"
            yield source.error(("projects", n, "lead"), reason, "hãy sửa cho hai tệp khớp nhau")
        others = [u.code for u in pack.units if project.code in u.projects and u.code != project.lead]
        if project.shared and project.lead:
            yield source.error(("projects", n, "lead"), "dự án chung (shared) không có lead", "hãy bỏ một trong hai")
        if others and not project.shared:
            reason = f"units.csv ghi {others[0]} cũng chủ trì dự án {project.code}"
            yield source.error(("projects", n, "lead"), reason, "mỗi dự án một đơn vị chủ trì")
        for position, name in enumerate(project.activity):
            if name not in cells:
                path: KeyPath = ("projects", n, "activity", position)
                yield source.error(path, f"không có ô {name}", "hãy ghi dạng BIỂU/DÒNG/CỘT")
        for key in ("progress", "outcome") if project.task else ():
            name = getattr(project.task, key)
            if name and name not in cells:
                yield source.error(("projects", n, "task", key), f"không có ô {name}", "hãy ghi dạng BIỂU/DÒNG/CỘT")


def _line_of(units: Path, code: str) -> int:
    lines = units.read_text(encoding="utf-8-sig").splitlines()
    return next((n for n, line in enumerate(lines, start=1) if line.startswith(f"{code},")), 1)


def _check_targets(pack: Pack, source: Source, forms: Mapping[str, Source]) -> Iterator[PackError]:
    """Each target names an indicator that names it back, and an article that exists."""
    ids = [t.id for t in pack.targets]
    yield from check_unique(source, "targets", ids)
    for n, target in enumerate(pack.targets):
        yield from check_anchor(source, ("targets", n, "anchor"), target.anchor, pack.regime)
        try:
            _, row = pack.row(*target.indicator.split("/"))
        except (KeyError, StopIteration, TypeError):
            reason = f"không có chỉ tiêu {target.indicator}"
            yield source.error(("targets", n, "indicator"), reason, "hãy ghi dạng BIỂU/DÒNG")
            continue
        if target.id not in row.targets:
            reason = f"dòng {target.indicator} không ghi mục tiêu {target.id}"
            yield source.error(("targets", n, "indicator"), reason, "hãy thêm vào targets của dòng đó")
    for form in pack.forms:
        for t, table in enumerate(form.tables):
            for r, row in enumerate(table.rows):
                for unknown in (i for i in row.targets if i not in ids):
                    path = ("tables", t, "rows", r, "targets")
                    yield forms[form.code].error(path, f"không có mục tiêu {unknown}", "hãy khai trong targets.yaml")


def _check_inspections(pack: Pack, source: Source) -> Iterator[PackError]:
    """Every row the register of inspections feeds is there and counts."""
    rules = pack.regime.inspections
    for name, place in rules.figures.rows.items() if rules is not None else ():
        rows = [r for f in pack.forms for t in f.tables for r in t.rows if f"{f.code}/{r.code}" == place]
        if not rows or rows[0].type is not ValueType.COUNT or not rows[0].project:
            reason = f"không có dòng đếm {place} thuộc một dự án"
            yield source.error(("inspections", "figures", name), reason, "hãy ghi dạng BIỂU/DÒNG")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
