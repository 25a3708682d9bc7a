"""Whose workbook this is and for which period, from the workbook itself: never from its file name.

`unusable` says whether it is a workbook of one of our regimes at all (no `_meta`, another regime, an old layout); then
`identify` answers with an identity or with a rejection (no such unit or period).
`misplaced` then says whether it makes sense to check the figures at all: a workbook of another period, or one sent by
another unit, is returned with that one finding. Names, validity and form versions of the right workbook are for the
checks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from baocao.forms.contract import INFO_FORM, INFO_SHEET, LAYOUT
from baocao.forms.file_names import blank_filename
from baocao.forms.reading.raw import RawWorkbook
from baocao.intake.refusals import refuse
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.pack_parts.rules import RuleBook
from baocao.model.period import Period
from baocao.model.submission import Finding, Rejection, Screening, Severity
from baocao.model.unit import Unit

NO_META = (
    "Tệp không phải là biểu mẫu đã gửi cho đơn vị (mất trang thông tin ẩn của biểu mẫu). Hãy chép số liệu sang tệp "
    "biểu mẫu đã nhận bằng “Dán giá trị” rồi gửi tệp đó."
)
WRONG_REGIME = (
    "Tệp thuộc chế độ báo cáo “{found}”, không có ở nơi nhận này. Hãy gửi tệp biểu mẫu đã nhận kèm thư mở kỳ báo cáo."
)
UNKNOWN_UNIT = (
    "Mã đơn vị “{found}” ghi trong tệp không có trong danh sách đơn vị báo cáo. Hãy dùng tệp biểu mẫu đã gửi cho đơn "
    "vị; nếu vừa sắp xếp lại đơn vị hành chính, hãy liên hệ {office}."
)
UNKNOWN_PERIOD = (
    "Kỳ báo cáo “{found}” ghi trong tệp không có trong lịch báo cáo. Hãy dùng tệp biểu mẫu đã gửi kèm thư mở kỳ báo "
    "cáo, không sửa mã kỳ."
)
OTHER_REGIME = (
    "Tệp là biểu mẫu của {unit} thuộc «{regime}»; đơn vị gửi (mã {sender}) không báo cáo theo chế độ đó. Hãy gửi "
    "đúng biểu mẫu của đơn vị mình."
)
OTHER_LAYOUT = (
    "Tệp dùng kiểu biểu mẫu “{found}”, nay đã thay bằng kiểu “{now}”. Hãy chép số liệu sang tệp biểu mẫu đã gửi kèm "
    "thư mở kỳ báo cáo bằng “Dán giá trị”."
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a workbook says it is."""

    regime: str
    period: Period
    unit: Unit


def unusable(raw: RawWorkbook, regimes: Collection[str]) -> Rejection | None:
    """Why the workbook is of none of the `regimes` that are collected here; None for `meta["regime"]` being one."""
    meta = raw.meta
    if not meta.get("regime") or not meta.get("unit") or not meta.get("period"):
        return refuse(Screening.NO_META, NO_META)
    regime = meta["regime"]
    if regime not in regimes:
        return refuse(Screening.WRONG_REGIME, WRONG_REGIME, found=regime)
    # After the regime: a workbook of another regime hears that first, whatever its layout.
    if meta.get("layout") != LAYOUT:
        return refuse(Screening.NO_META, OTHER_LAYOUT, found=meta.get("layout", ""), now=LAYOUT)
    return None


def identify(raw: RawWorkbook, pack: Pack, periods: Sequence[Period]) -> Identity | Rejection:
    """Regime, period and unit of a workbook, or the sentence that answers its sender.

    `pack` and `periods` are those of the regime that the workbook names.
    """
    meta = raw.meta
    unit = pack.unit(meta["unit"])
    if unit is None:
        office = pack.regime.authority.standing_office
        return refuse(Screening.UNKNOWN_UNIT, UNKNOWN_UNIT, found=meta["unit"], office=office)
    period = next((p for p in periods if p.code == meta["period"]), None)
    if period is None:
        return refuse(Screening.UNKNOWN_PERIOD, UNKNOWN_PERIOD, found=meta["period"])
    return Identity(pack.code, period, unit)


def misplaced(
    identity: Identity, raw: RawWorkbook, collecting: Sequence[Period], rules: RuleBook, sender: Unit | None = None
) -> Finding | None:
    """Why this workbook should not be checked at all: its period is not being collected, or it is another unit's.

    `collecting` are the regime's periods being collected now, oldest first; `sender` is the unit the channel knows to
    have sent the file (its own folder or mailbox), None when the channel does not tell.
    """
    unit, period = identity.unit, identity.period
    now = collecting[-1] if collecting else None
    # Before the period: that answer would name the file of a unit which did not send this one.
    if sender is not None and sender.code != unit.code:
        message = (
            f"Tệp do {sender.full_name} (mã {sender.code}) gửi nhưng là biểu mẫu của {unit.full_name} (mã "
            f"{unit.code}). {_use(sender, now)}"
        )
        return _finding(
            raw, rules.id_of(RuleKind.UNIT_IDENTITY), "nguoi-gui", message, expected=sender.code, actual=unit.code
        )
    if any(p.code == period.code for p in collecting):
        return None
    message = f"Tệp là biểu mẫu của kỳ “{period.name}”, "
    if now is None:
        message += "nhưng hiện không có kỳ nào đang thu báo cáo. Hãy chờ thư mở kỳ báo cáo."
    else:
        message += f"không phải kỳ “{now.name}” đang thu báo cáo. {_use(unit, now)}"
    rule = rules.id_of(RuleKind.PERIOD_AND_VERSION)
    return _finding(raw, rule, "", message, expected=now.code if now else "", actual=period.code)


def _use(unit: Unit, period: Period | None) -> str:
    name = f"“{blank_filename(unit, period)}” " if period is not None else ""
    return f"Hãy dùng tệp biểu mẫu {name}đã gửi cho {unit.full_name} kèm thư mở kỳ báo cáo."


def _finding(raw: RawWorkbook, rule: str, tag: str, message: str, *, expected: str, actual: str) -> Finding:
    table = raw.table(INFO_FORM, "A")
    return Finding(
        rule=rule,
        severity=Severity.BLOCKS,
        sheet=table.sheet if table else INFO_SHEET,
        a1="",
        item="",
        name="",
        message=message,
        expected=expected,
        actual=actual,
        key=f"{rule}|{tag}",
    )
