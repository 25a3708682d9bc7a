"""Whose workbook, for which period, on which forms, and when; who signed is `checks.texts.signatories`."""

from __future__ import annotations

from baocao.checks.own_document import check_own_document
from baocao.checks.reading import Reading
from baocao.checks.texts.signatories import check_signature
from baocao.forms.contract import INFO_SHEET
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.pack_parts.succession import successors_of
from baocao.model.unit import Unit
from baocao.text import day_text, fold, moment_text


def check_identity(reading: Reading) -> None:
    """Unit, period, form versions, signature and time of arrival."""
    _check_unit(reading)
    _check_period(reading)
    _check_form_versions(reading)
    check_signature(reading)
    check_own_document(reading)
    _check_time_of_arrival(reading)


def _check_unit(reading: Reading) -> None:
    """The unit named in the workbook is the unit that sent it, existed on the cut-off day, and bears its name."""
    book, unit, pack = reading.workbook, reading.unit, reading.layout.pack
    known = pack.unit(book.unit)
    if known is None or known.code != unit.code:
        reading.report_whole(
            RuleKind.UNIT_IDENTITY,
            f"Mã đơn vị «{book.unit}» trong tệp không phải là {unit.full_name} (mã {unit.code}). Hãy dùng tệp mẫu đã "
            "gửi cho đơn vị mình.",
            sheet=INFO_SHEET,
            expected=unit.code,
            actual=book.unit,
            suggestion=unit.code,
        )
        return
    # On the cut-off day and not today: a merged commune still reports a period that ended before the merger.
    if not known.valid_on(reading.period.cutoff_on):
        reading.report_whole(
            RuleKind.UNIT_IDENTITY,
            f"{known.full_name} không còn hiệu lực vào ngày chốt số liệu "
            f"{day_text(reading.period.cutoff_on)}. {_where_now(reading, known)}",
            sheet=INFO_SHEET,
            actual=known.code,
            tag="hieu-luc",
        )
    # Folded: Thủy and Thuỷ, Hóa and Hoá are one name with the tone mark in two places.
    if fold(book.unit_name) not in {fold(known.full_name), fold(known.name)}:
        reading.report_whole(
            RuleKind.UNIT_IDENTITY,
            f"Tên đơn vị trong tệp là «{book.unit_name}» nhưng mã {known.code} là {known.full_name}. Hãy dùng tệp mẫu "
            "đã gửi cho đơn vị mình; không sửa tên, mã.",
            sheet=INFO_SHEET,
            expected=known.full_name,
            actual=book.unit_name,
            suggestion=known.full_name,
            tag="ten",
        )


def _where_now(reading: Reading, gone: Unit) -> str:
    """Who reports in the place of a unit that is no more, and what its sender does now."""
    # The whole pack: the successor may be no unit of this period's view.
    pack, day = reading.layout.pack.whole, reading.period.cutoff_on
    new = [unit for code in successors_of(gone.code, day, pack.succession) if (unit := pack.unit(code)) is not None]
    if not new:
        return "Hãy báo cáo theo đơn vị mới, dùng tệp mẫu của đơn vị mới."
    basis = "; ".join(dict.fromkeys(c.basis for c in pack.succession if c.old == gone.code and c.on <= day))
    names = ", ".join(f"{u.full_name} (mã {u.code})" for u in new)
    how = "từng đơn vị mới báo cáo phần của mình" if len(new) > 1 else "số liệu cả kỳ do đơn vị này báo cáo"
    return f"Đơn vị kế thừa là {names} theo {basis}: {how}. Hãy dùng tệp mẫu đã gửi cho đơn vị mới."


def _check_period(reading: Reading) -> None:
    """The workbook is of this period, and arrived after it opened and before it was locked."""
    book, period = reading.workbook, reading.period
    if (book.regime, book.period) != (period.regime, period.code):
        reading.report_whole(
            RuleKind.PERIOD_AND_VERSION,
            f"Tệp này của kỳ «{book.period}», không phải kỳ {period.name}. Hãy dùng tệp mẫu của kỳ này.",
            sheet=INFO_SHEET,
            expected=period.code,
            actual=book.period,
        )
        return
    if reading.received_at < period.opens_at:
        reading.report_whole(
            RuleKind.PERIOD_AND_VERSION,
            f"Kỳ {period.name} chưa mở: nhận báo cáo từ {day_text(period.opens_at)}. Hãy gửi lại từ ngày đó.",
            expected=f"từ {day_text(period.opens_at)}",
            actual=day_text(reading.received_at),
            tag="chua-mo",
        )
    elif reading.received_at > period.unit.locked_after:
        reading.report_whole(
            RuleKind.PERIOD_AND_VERSION,
            f"Kỳ {period.name} đã khóa sau {moment_text(period.unit.locked_after)}. Hãy liên hệ cơ quan thường trực.",
            expected=f"trước {moment_text(period.unit.locked_after)}",
            actual=moment_text(reading.received_at),
            tag="da-khoa",
        )


def _check_form_versions(reading: Reading) -> None:
    """Each form of the workbook is the version in force, with the very rows and columns of it (its fingerprint)."""
    book, pack = reading.workbook, reading.layout.pack
    for form in reading.layout.forms:
        wanted = form.version
        version = book.form_versions.get(form.code)
        fingerprint = book.fingerprints.get(form.code)
        if version is None and fingerprint is None:
            continue  # an absent form is reported as missing
        if version != wanted:
            reading.report_whole(
                RuleKind.PERIOD_AND_VERSION,
                f"Biểu «{form.short}» trong tệp là phiên bản {version or 'không rõ'}, kỳ này dùng phiên bản {wanted}. "
                "Hãy chép số liệu sang tệp mẫu của kỳ này.",
                form=form,
                expected=wanted,
                actual=version or "",
            )
        # The blank prints that of the unit's own slice; a workbook made from the whole form is as good.
        elif fingerprint not in {form.fingerprint, pack.form(form.code).fingerprint}:
            reading.report_whole(
                RuleKind.PERIOD_AND_VERSION,
                f"Biểu «{form.short}» ghi phiên bản {wanted} nhưng nội dung biểu khác biểu đang áp dụng. Hãy chép số "
                "liệu sang tệp mẫu mới nhất của kỳ này.",
                form=form,
                expected=form.fingerprint,
                actual=fingerprint or "",
            )


def _check_time_of_arrival(reading: Reading) -> None:
    due = reading.period.unit.due_at
    if due < reading.received_at <= reading.period.unit.locked_after:
        said = "Báo cáo đến sau hạn {}: vẫn được nhận và được ghi là trễ hạn. Hãy ghi lý do."
        if reading.history.reported_in_time:
            said = "Bản đính chính đến sau hạn {}: vẫn được nhận; báo cáo của đơn vị vẫn là đúng hạn. Hãy ghi lý do."
        reading.report_whole(
            RuleKind.LATE,
            said.format(moment_text(due)),
            expected=f"trước hết {moment_text(due)}",
            actual=moment_text(reading.received_at.astimezone(due.tzinfo)),
        )
