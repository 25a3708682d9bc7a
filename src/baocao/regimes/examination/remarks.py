"""What is no fault of a pack but somebody should know before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

from baocao.calendar.cycles import day_of, every_part
from baocao.model.form import PRINTED_ONCE, EntryLevel, Table
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import PeriodRule
from baocao.model.pack_parts.relation import Relation
from baocao.model.pack_parts.slices import concrete_relations
from baocao.model.pack_views import entered_by, every_relation
from baocao.model.regime import Regime
from baocao.model.unit import Unit
from baocao.regimes.errors import PackError
from baocao.regimes.law import uses
from baocao.regimes.shared_forms import origin_of
from baocao.regimes.source import KeyPath, Source
from baocao.text import day_text, first_few

TO_CHANGE = "SỬA:"
"""Stands in a skeleton beside every value that must be changed; whoever has changed it deletes the mark."""
_SHOWN = 6
_some = partial(first_few, most=_SHOWN, rest="chỗ")


def remarks(
    pack: Pack, folder: Path, regime: Source, forms: Mapping[str, Source], *, sound: bool
) -> Iterator[PackError]:
    """Warnings, each with file, line, key, reason and cure, in no particular order.

    Who enters what is looked at only in a `sound` pack, one without faults.
    """
    yield from _marks(folder)
    yield from _units(pack, folder / "units.csv")
    yield from _examples(pack.regime, regime)
    yield from _recipients(pack, regime)
    yield from _periods(pack, regime)
    yield from _documents(pack, regime)
    yield from _rules(pack, regime)
    yield from _provisions(pack, regime, origin_of(folder, pack.regime))
    # Of a faulty pack these would only repeat the fault (ADR 0011).
    if sound and pack.regime.forms_from is None:
        yield from _forms(pack, forms)
        yield from _relations(pack, regime, forms)
    elif sound:
        yield from _borrowed(pack, regime)


def one_unit_of_each_slice(pack: Pack) -> tuple[Unit, ...]:
    """Units of one slice fill the same cells: one of them stands for all."""
    # Reversed, so that the first unit of a slice wins.
    return tuple({unit.projects: unit for unit in reversed(pack.units)}.values())


def _rules(pack: Pack, source: Source) -> Iterator[PackError]:
    """A rule on relations that no relation names."""
    named = {r.rule for r in every_relation(pack)}
    # As the file has them: of the loaded pack the rules without a relation are already gone
    # (`with_rules_that_stand`).
    for n, rule in enumerate(source.data().get("rules", [])):
        if rule.get("kind", "relation") == "relation" and rule.get("id") not in named:
            reason = f"quy tắc {rule.get('id')} chưa có mối quan hệ nào: không xét ô nào"
            yield source.error(("rules", n), reason, "hãy thêm relations nêu mã đó, hoặc bỏ quy tắc")


def _marks(folder: Path) -> Iterator[PackError]:
    for file in sorted((*folder.rglob("*.yaml"), *folder.glob("*.csv"))):
        # Lists saved by Excel begin with a byte-order mark.
        texts = file.read_text(encoding="utf-8-sig").splitlines()
        if lines := [n for n, text in enumerate(texts, start=1) if TO_CHANGE in text]:
            reason = f"còn {len(lines)} chỗ đánh dấu «{TO_CHANGE}» (dòng {_some(map(str, lines))})"
            yield PackError(file, lines[0], "", reason, "hãy sửa giá trị rồi xóa dấu")


def _units(pack: Pack, file: Path) -> Iterator[PackError]:
    lines = {line.split(",")[0]: n for n, line in enumerate(file.read_text("utf-8-sig").splitlines(), start=1)}
    for key, whose, units in (
        ("email", "thư điện tử", [u.code for u in pack.units if not u.email]),
        ("head_email", "thư điện tử của lãnh đạo", [u.code for u in pack.units if not u.head_email]),
    ):
        if units:
            reason = f"{len(units)} đơn vị chưa có {whose}: {_some(units)}"
            cure = "hãy điền địa chỉ; còn thiếu thì quản trị nhận cảnh báo thay cho thư"
            yield PackError(file, lines.get(units[0], 1), key, reason, cure)


def _examples(regime: Regime, source: Source) -> Iterator[PackError]:
    """What stands for a real telephone number or address: nobody can be reached there."""
    said = regime.authority
    if "ví dụ" in said.phone:
        reason = f"số điện thoại «{said.phone}» là số ví dụ"
        yield source.error(("authority", "phone"), reason, "hãy ghi số thật trước khi dùng: số này in cuối mọi thư")
    # `.example` is reserved (RFC 2606): such mail never arrives. The address may stand in `Tên <…>`.
    if said.contact_email.rstrip(">").endswith(".example"):
        reason = f"thư điện tử «{said.contact_email}» là địa chỉ ví dụ"
        yield source.error(("authority", "contact_email"), reason, "hãy ghi địa chỉ thật trước khi dùng")


def _recipients(pack: Pack, source: Source) -> Iterator[PackError]:
    used = {id for rule in pack.regime.periods for id in rule.recipients}
    for n, recipient in enumerate(pack.regime.recipients):
        path: KeyPath = ("recipients", n)
        if not recipient.verified:
            reason = f"nơi nhận {recipient.id} chưa được cơ quan xác nhận"
            yield source.error((*path, "verified"), reason, "khi đã xác nhận, hãy ghi verified: true")
        if recipient.id not in used:
            yield source.error(path, f"không kỳ nào gửi {recipient.id}", "hãy thêm vào recipients của kỳ, hoặc xóa")


_OURS = "thiết kế hệ thống"


def _documents(pack: Pack, source: Source) -> Iterator[PackError]:
    """Documents that a report would cite as its căn cứ without their number or their date (NĐ 30/2020, Phụ lục I)."""
    seen: set[str] = set()
    for n, basis in enumerate(pack.regime.legal_basis):
        document = basis.document
        # Our own conventions are cited as such and never printed among a report's căn cứ.
        if document in seen or document.casefold().startswith(_OURS):
            continue
        seen.add(document)
        if basis.wanting:
            reason = f"văn bản thiếu {' và '.join(basis.wanting)}: «{document}»; báo cáo không in văn bản này ở căn cứ"
            cure = "hãy ghi «… số …/… ngày …/…/… của …» khi có văn bản"
            yield source.error(("legal_basis", n, "document"), reason, cure)


def _periods(pack: Pack, source: Source) -> Iterator[PackError]:
    for n, rule in enumerate(pack.regime.periods):
        path: KeyPath = ("periods", n)
        if not rule.recipients:
            reason = f"kỳ {rule.kind} không có nơi nhận: báo cáo tổng hợp sẽ không gửi cho ai"
            yield source.error((*path, "recipients"), reason, "hãy ghi mã nơi nhận")
        if not rule.enabled:
            reason = f"kỳ {rule.kind} chưa bật: không mở kỳ, không nhắc, không nhận báo cáo"
            yield source.error((*path, "enabled"), reason, "khi gói đã sẵn sàng, hãy ghi enabled: true")
        if break_ := _first_break(rule):
            yield source.error((*path, "covers_from"), break_, "nếu không có ý đó, hãy sửa covers_from hoặc cutoff")


def _first_break(rule: PeriodRule) -> str:
    """Where one period of a kind that follows without a gap leaves out days of the next, or counts them again."""
    follows = rule.cycle.weeks or (rule.cycle.months and not rule.cycle.parts and 12 % rule.cycle.months == 0)
    if not follows or rule.is_evaluation:
        return ""
    try:
        told = [(p, day_of(rule.covers_from, p), day_of(rule.cutoff, p)) for p in every_part(rule)]
    except ValueError:
        return ""  # a day that its month does not have is a fault, and told as one
    for (before, _, cutoff), (part, first, _) in pairwise(told):
        days = (first - cutoff).days - 1
        if days and before.last + timedelta(days=1) == part.first:
            lost = f"{days} ngày không kỳ nào tính" if days > 0 else f"{-days} ngày tính ở cả hai kỳ"
            return f"giữa {before.fill(rule.code)} (chốt {day_text(cutoff)}) và {part.fill(rule.code)} có {lost}"
    return ""


def _provisions(pack: Pack, source: Source, origin: Regime) -> Iterator[PackError]:
    cited = uses(pack, origin)
    for n, basis in enumerate(pack.regime.legal_basis):
        path: KeyPath = ("legal_basis", n)
        if basis.trust == "assumed":
            reason = f"căn cứ {basis.id} do hệ thống giả định"
            yield source.error((*path, "trust"), reason, "khi có văn bản, hãy sửa nội dung và ghi trust: confirmed")
        if basis.id not in cited:
            cure = "hãy dẫn ở anchor, trace của nơi dùng, hoặc xóa"
            yield source.error(path, f"căn cứ {basis.id} không được dẫn ở đâu", cure)


def _forms(pack: Pack, sources: Mapping[str, Source]) -> Iterator[PackError]:
    entered = {form.code for unit in one_unit_of_each_slice(pack) for form in entered_by(pack, unit)}
    for form in pack.forms:
        if form.assumed:
            reason = f"bố cục biểu {form.code} là giả định"
            cure = "khi có mẫu chính thức, hãy thêm một tệp phiên bản mới"
            yield sources[form.code].error(("assumed",), reason, cure)
        for n, table in enumerate(form.tables):
            for role, codes in sorted(_printed_twice(table)):
                reason = f"các cột {codes} cùng vai trò {role} trong một dòng: báo cáo chỉ in cột sau cùng"
                yield sources[form.code].error(
                    ("tables", n, "columns"), reason, "hãy ghi role: attribute ở cột không in"
                )
        if form.code not in entered:
            reason = f"không đơn vị nào nhập biểu {form.code}"
            yield sources[form.code].error(("tables",), reason, "hãy ghi levels ở dòng, hoặc bỏ biểu khỏi forms")


def _printed_twice(table: Table) -> set[tuple[str, str]]:
    """(role, codes of the columns) of a role that a row has twice and reports print once."""
    found = set()
    for row in table.rows:
        for role in PRINTED_ONCE:
            codes = [c.code for c in table.columns if c.role is role and table.applies(row, c)]
            if len(codes) > 1:
                found.add((role.value, ", ".join(codes)))
    return found


def _relations(pack: Pack, regime: Source, forms: Mapping[str, Source]) -> Iterator[PackError]:
    can_fire = _firing(pack)
    for source, relations in ((regime, pack.regime.relations), *((forms[f.code], f.relations) for f in pack.forms)):
        yield from _idle(source, relations, can_fire)


def _borrowed(pack: Pack, source: Source) -> Iterator[PackError]:
    """Of forms in another regime's files: reported once, at what this regime itself can change."""
    own = source.model(Regime)
    if assumed := [form.code for form in pack.forms if form.assumed]:
        reason = f"{len(assumed)} biểu mượn có bố cục giả định: {_some(assumed)}"
        cure = "khi chế độ cho mượn có mẫu chính thức, hãy đổi số phiên bản ở forms"
        yield source.error(("forms_from", "regime"), reason, cure)
    can_fire = _firing(pack)
    yield from _idle(source, own.relations, can_fire)
    lent = (
        *(r for r in pack.regime.relations if r not in own.relations),
        *(r for f in pack.forms for r in f.relations),
    )
    if idle := [relation.id for relation in lent if not can_fire(relation)]:
        reason = f"{len(idle)} quan hệ mượn không bao giờ được xét ở chế độ này: {_some(idle)}"
        cure = "hãy xem lại units.csv: không đơn vị nào có đủ các ô được nêu"
        yield source.error(("forms_from", "regime"), reason, cure)


def _firing(pack: Pack) -> Callable[[Relation], bool]:
    """Whether some unit's workbook has all the cells of a relation."""
    slices = [
        (EntryLevel.PROVINCE if unit.is_lead_body else EntryLevel.COMMUNE, entered_by(pack, unit))
        for unit in one_unit_of_each_slice(pack)
    ]

    def can_fire(relation: Relation) -> bool:
        return any(level in relation.levels and concrete_relations([relation], mine) for level, mine in slices)

    return can_fire


def _idle(source: Source, relations: Sequence[Relation], can_fire: Callable[[Relation], bool]) -> Iterator[PackError]:
    for n, relation in enumerate(relations):
        if not can_fire(relation):
            reason = f"quan hệ {relation.id} không bao giờ được xét: không đơn vị nào có đủ các ô được nêu"
            cure = "hãy sửa levels hoặc các ô, hoặc xóa quan hệ"
            yield source.error(("relations", n, relation.kind), reason, cure)
