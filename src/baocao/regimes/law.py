"""The law table: article -> rule -> file, written from the pack so that it cannot drift from it.

python -m baocao.regimes.law include/regimes/<regime> docs/law.md
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from baocao.model.form import Form
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import LevelDeadline, PeriodDay, PeriodRule, general
from baocao.model.regime import LegalBasis, Regime
from baocao.regimes.load import load_pack
from baocao.regimes.shared_forms import origin_of
from baocao.text import capitalised, day_text

OWN_CONVENTION = "Quy ước của hệ thống"
"""The basis of a rule that no provision asks for."""
_TRUST = {"confirmed": "đã xác nhận", "secondary": "nguồn dẫn lại", "assumed": "**giả định**"}


def law_table(pack: Pack, origin: Regime | None = None) -> str:
    """Markdown: deadlines, recipients, targets and forms with their provision, then every provision with its uses.

    `origin` is the regime the form files belong to; None: the pack's own.
    """
    origin = origin or pack.regime
    regime = pack.regime
    top = regime.wording.top_short
    parts = [
        f"# Căn cứ pháp lý: {regime.name}\n",
        f"Tệp này được sinh ra từ `include/regimes/{regime.code}/`; không sửa tay. Độ tin cậy: *đã xác nhận* là đã đọc "
        "trong văn bản gốc; *nguồn dẫn lại* là biết qua nguồn khác; ***giả định*** là do hệ thống đặt, cần cơ quan xác "
        "nhận.\n",
        "## Kỳ báo cáo và thời hạn\n",
        _table(
            ("Kỳ", "Số liệu", "Đơn vị gửi", f"{capitalised(top)} gửi", "Nơi nhận", "Căn cứ", "Khóa"),
            _periods(pack),
        ),
        "## Nơi nhận\n",
        _table(("Mã", "Tên", "Xác nhận", "Căn cứ"), _recipients(pack)),
        "## Đôn đốc\n",
        _table(("Bước", "Khi nào", "Gửi ai", "Căn cứ"), _reminders(pack)),
        *_inspections(pack),
        "## Dự án và cơ quan chủ trì\n",
        _table(("Dự án", "Tên", f"Chủ trì ở {top}", "Căn cứ", "Độ tin cậy"), _projects(pack)),
        *_tasks(pack),
        "## Mục tiêu\n",
        _table(("Mã", "Chỉ tiêu", "Mục tiêu", "Mức", "Phạm vi", "Năm", "Căn cứ", "Độ tin cậy"), _targets(pack)),
        "## Biểu mẫu\n",
        _table(("Biểu", "Tên", "Phiên bản", "Bố cục", "Tệp"), _forms(pack, origin)),
        *_shared(pack),
        "## Từng căn cứ được dùng ở đâu\n",
        _table(("Căn cứ", "Văn bản, điều khoản", "Nội dung", "Độ tin cậy", "Dùng ở"), _provisions(pack, origin)),
    ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _periods(pack: Pack) -> Iterator[Sequence[str]]:
    for rule in pack.regime.periods:
        years = f"{rule.years[0]}-{rule.years[-1]}" if len(rule.years) > 1 else str(rule.years[0])
        name = general(rule.name) + f" ({years})" + _switched(rule.enabled)
        yield (
            name,
            f"{_day(rule.covers_from)} đến {_day(rule.cutoff)}",
            _deadline(rule.unit),
            _deadline(rule.province),
            ", ".join(rule.recipients),
            # A deadline of each level may rest on the same provision: named once, in the order of the columns.
            "; ".join(dict.fromkeys("; ".join((rule.unit.anchor, rule.province.anchor, rule.anchor)).split("; "))),
            f"`periods.{rule.kind}`",
        )


def _switched(enabled: bool | date) -> str:
    if isinstance(enabled, date):
        return f", bật từ {day_text(enabled)}"
    return "" if enabled else ", chưa bật"


def _deadline(said: LevelDeadline) -> str:
    """`trước 20/06`, `chậm nhất ngày 25`, `trong 5 ngày làm việc sau khi hết kỳ`."""
    counted = said.day.working_days if said.day.days is None else said.day.days
    # A deadline that counts days reads as a term ("trong 5 ngày làm việc …"), not as a date.
    if said.before is None and counted is not None and counted > 0:
        return f"trong {_day(said.day)}"
    return f"{'chậm nhất' if said.before is None else 'trước'} {_day(said.day)}"


_WEEKDAYS = {
    "mon": "thứ Hai",
    "tue": "thứ Ba",
    "wed": "thứ Tư",
    "thu": "thứ Năm",
    "fri": "thứ Sáu",
    "sat": "thứ Bảy",
    "sun": "Chủ nhật",
}


_COUNTED_FROM = {"cutoff": "ngày chốt số liệu", "unit_deadline": "hạn của đơn vị"}


def _day(day: PeriodDay) -> str:
    counted = day.working_days if day.days is None else day.days
    if day.on is not None:
        return day_text(day.on)
    if day.weekday is not None:
        return _WEEKDAYS[day.weekday] + _shifted(day.week_shift, "tuần")
    if counted == 0:
        return {"start": "ngày đầu kỳ", "end": "ngày cuối kỳ", **_COUNTED_FROM}[day.after]
    if counted is not None:
        unit = "ngày" if day.working_days is None else "ngày làm việc"
        of = {"start": "ngày đầu kỳ", "end": "khi hết kỳ", **_COUNTED_FROM}[day.after]
        return f"{abs(counted)} {unit} {'trước' if counted < 0 else 'sau'} {of}"
    if day.month is None:
        month = _shifted(day.month_shift, "tháng")
        first = " tháng đầu kỳ" if day.of == "first" else ""
        return f"ngày {'cuối tháng' if day.last_day else day.day}{month}{first}"
    number = "ngày cuối tháng " if day.last_day else f"{day.day:02d}/"
    return f"{number}{day.month:02d}" + (f"/N{day.year:+d}" if day.year else "")


def _shifted(by: int, unit: str) -> str:
    """` tháng trước`, ` tuần sau`; nothing where it is not shifted."""
    if by == 0:
        return ""
    way = "trước" if by < 0 else "sau"
    return f" {unit} {way}" if abs(by) == 1 else f" {abs(by)} {unit} {way}"


def _recipients(pack: Pack) -> Iterator[Sequence[str]]:
    for r in pack.regime.recipients:
        yield r.id, r.name, "đã xác nhận" if r.verified else "**chưa xác nhận**", r.anchor


def _reminders(pack: Pack) -> Iterator[Sequence[str]]:
    to = {"unit": "đơn vị", "head": "lãnh đạo đơn vị", "lead": "cơ quan chủ trì", "leadership": "lãnh đạo (tổng hợp)"}
    for step in pack.regime.reminders:
        if step.days_from_due is not None:
            when = f"quá hạn, ngày thứ {step.days_from_due + 1}"
        elif step.days_from_safe is not None:
            when = f"{step.days_from_safe:+d} ngày so với ngày làm việc cuối còn hạn"
        else:
            when = f"{step.working_days_from_safe:+d} ngày làm việc so với ngày làm việc cuối còn hạn"
        yield step.id, f"{when}, {step.at_hour} giờ", to[step.to], step.anchor


_ACTS = {"notify": "gửi thông báo", "start": "bắt đầu", "finish": "kết thúc", "conclude": "kết luận"}


def _inspections(pack: Pack) -> Iterator[str]:
    rules = pack.regime.inspections
    if rules is None:
        return
    limits = [
        ("Thời gian kiểm tra một đối tượng", f"không quá {rules.max_working_days} ngày làm việc", rules.max_anchor),
        ("Thông báo bằng văn bản", f"trước ít nhất {rules.notice_working_days} ngày làm việc", rules.notice_anchor),
        ("Kết luận", f"trong {rules.conclusion_working_days} ngày làm việc sau kết thúc", rules.conclusion_anchor),
        ("Số liệu đếm từ sổ", ", ".join(rules.figures.rows.values()), rules.figures_anchor),
    ]
    for step in rules.reminders:
        again = f", nhắc lại mỗi {step.repeat_every} ngày làm việc" if step.repeat_every else ""
        to = {"lead": "cơ quan chủ trì", "head": "lãnh đạo cơ quan chủ trì"}[step.to]
        when = f"{step.working_days:+d} ngày làm việc so với hạn {_ACTS[step.about]}{again}, gửi {to}"
        limits.append((f"Nhắc {step.id}", when, step.anchor))
    yield "## Kiểm tra\n"
    yield _table(("Nội dung", "Mức", "Căn cứ"), limits)


def _projects(pack: Pack) -> Iterator[Sequence[str]]:
    for project in pack.regime.projects:
        lead = pack.unit(project.lead)
        both = ", ".join(u.full_name for u in pack.units if project.code in u.projects)
        who = lead.full_name if lead else both if project.shared else "chưa giao"
        yield project.code, project.name, who, project.anchor, _TRUST[project.trust]


def _tasks(pack: Pack) -> list[str]:
    """The "6 rõ" of a plan's tasks; nothing for a regime without."""
    rows = [
        (p.code, p.name, p.task.who, p.task.time, p.task.responsibility, p.task.product, p.task.authority)
        for p in pack.regime.projects
        if p.task is not None
    ]
    head = ("Mã", "Rõ việc", "Rõ người", "Rõ thời gian", "Rõ trách nhiệm", "Rõ sản phẩm", "Rõ thẩm quyền")
    return ['## Nhiệm vụ và "6 rõ"\n', _table(head, rows)] if rows else []


def _shared(pack: Pack) -> list[str]:
    """Whose forms these are, and where the signed result goes on to."""
    lines = []
    if lent := pack.regime.forms_from:
        whose = f"Biểu và quan hệ giữa các biểu dùng chung với `{lent.regime}`"
        lines.append(whose + (", do các phòng, đơn vị điền theo dự án." if lent.departments else "."))
    if pack.cascade is not None:
        lines.append(
            f"Số liệu đã ký chuyển tiếp thành báo cáo của đơn vị {pack.cascade.unit} gửi `{pack.cascade.to}`: "
            f"{len(pack.cascade.cells)} ô theo `cascade.yaml`."
        )
    return [" ".join(lines) + "\n"] if lines else []


def _targets(pack: Pack) -> Iterator[Sequence[str]]:
    for t in pack.targets:
        years = f"đến {t.by_year}" if t.by_year else ", ".join(map(str, t.years)) or "hằng năm"
        scope = "cả nước" if t.scope == "national" else pack.regime.wording.own_scope.lower()
        level = f"{t.operator} {t.value} {t.unit}"
        yield t.id, t.indicator, t.wording, level, scope, years, t.anchor, _TRUST[t.trust]


def _forms(pack: Pack, origin: Regime) -> Iterator[Sequence[str]]:
    for form in (*pack.forms, *pack.others):
        layout = "**giả định**" if form.assumed else "chính thức"
        yield form.code, f"{form.official}: {form.title}", form.version, layout, f"`{_file(form, pack, origin)}`"


def _file(form: Form, pack: Pack, origin: Regime) -> str:
    beside = "" if origin.code == pack.code else f"../{origin.code}/"
    return f"{beside}forms/{form.code}/{form.version}.yaml"


def basis_in_words(anchor: str, *regimes: Regime) -> str:
    """`document, article` of every provision an anchor names, looked up in `regimes` in turn; a convention of the
    system where it names none."""
    # The first regime asked wins, so it is written last.
    known = {b.id: f"{b.document}, {b.article}" for regime in reversed(regimes) for b in regime.legal_basis}
    return "; ".join(known.get(name, name) for name in anchor.split("; ") if name) or OWN_CONVENTION


def _provisions(pack: Pack, origin: Regime) -> Iterator[Sequence[str]]:
    cited = uses(pack, origin)
    for basis in pack.regime.legal_basis:
        where = "; ".join(cited.get(basis.id, ())) or "nền tảng chung"
        yield basis.id, f"{basis.document}, {basis.article}", basis.text + _in_force(basis), _TRUST[basis.trust], where


def _in_force(basis: LegalBasis) -> str:
    parts = [f"từ {day_text(basis.in_force_from)}"] if basis.in_force_from else []
    parts += [f"đến hết {day_text(basis.in_force_to)}"] if basis.in_force_to else []
    return f" (hiệu lực {' '.join(parts)})" if parts else ""


def uses(pack: Pack, origin: Regime) -> dict[str, list[str]]:
    """Provision id -> the keys and files that cite it.

    A borrowed form cites the provisions of its `origin`: one of the same id here counts when it is the same document.
    """
    found: dict[str, list[str]] = {}
    documents = {basis.id: basis.document for basis in origin.legal_basis}
    # Ids are short and chosen pack by pack: the same id may name another document in the lender's file.
    other = {b.id for b in pack.regime.legal_basis if documents.get(b.id, b.document) != b.document}

    def cite(anchor: str, where: str) -> None:
        for name in filter(None, anchor.split("; ")):
            places = found.setdefault(name, [])
            if where not in places:
                places.append(where)

    cite(pack.regime.authority.anchor, "`regime.yaml` authority")
    cite(pack.regime.history.anchor, "`regime.yaml` history")
    for period in pack.regime.periods:
        _cite_period(period, cite)
    if pack.regime.ad_hoc is not None:
        cite(pack.regime.ad_hoc.anchor, "`regime.yaml` ad_hoc")
    for recipient in pack.regime.recipients:
        cite(recipient.anchor, f"`regime.yaml` recipients.{recipient.id}")
    for step in pack.regime.reminders:
        cite(step.anchor, "`regime.yaml` reminders")
    if pack.regime.inspections is not None:
        for key, anchor in pack.regime.inspections.anchors:
            cite(anchor, f"`regime.yaml` inspections.{key.removesuffix('_anchor')}")
        for inspection_step in pack.regime.inspections.reminders:
            cite(inspection_step.anchor, "`regime.yaml` inspections.reminders")
    for project in pack.regime.projects:
        cite(project.anchor, "`regime.yaml` projects")
    for target in pack.targets:
        cite(target.anchor, f"`targets.yaml` {target.id}")

    def cite_in_form(anchor: str, where: str) -> None:
        cite("; ".join(name for name in anchor.split("; ") if name not in other), where)

    for form in pack.forms:
        file = _file(form, pack, origin)
        cite_in_form(form.anchor, f"`{file}`")
        rows = [row for table in form.tables for row in table.rows]
        for name in dict.fromkeys(a for row in rows for a in row.trace.split("; ") if a):
            cite_in_form(name, f"`{file}` ({sum(name in row.trace.split('; ') for row in rows)} dòng)")
    for rule in pack.regime.rules:
        cite_in_form(rule.anchor, f"quy tắc {rule.id}")
    for relation in (*pack.regime.relations, *(r for f in pack.forms for r in f.relations)):
        cite_in_form(relation.anchor, f"quy tắc {relation.rule}")
    return found


def _cite_period(rule: PeriodRule, cite: Callable[[str, str], None]) -> None:
    key = f"`regime.yaml` periods.{rule.kind}"
    cite(rule.unit.anchor, f"{key}.unit")
    cite(rule.province.anchor, f"{key}.province")
    cite(rule.anchor, f"{key}.cutoff")
    cite(rule.opens_anchor, f"{key}.opens")
    cite(rule.recipients_anchor, f"{key}.recipients")


def main(arguments: Sequence[str]) -> None:
    """Write the table of the pack folder to the file: two arguments."""
    folder, target = map(Path, arguments)
    pack = load_pack(folder)
    target.write_text(law_table(pack, origin_of(folder, pack.regime)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
