"""Where a period stands, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from baocao.model.report import DeliveryState
from baocao.model.signed_copy import UnitCopyRule
from baocao.text import day_text, first_few, short_moment_text
from baocao.workflow.reports.narrating import own_text_line
from baocao.workflow.sign_off.summary import target_line

_SHOWN = 8
"""Names and letters told one by one; `--json` has them all."""
_first = partial(first_few, most=_SHOWN, rest="đơn vị")


def status_text(data: dict[str, Any]) -> str:
    """What `overview.status` answers, for people."""
    lines = [
        f"{data['name']} ({data['regime']})",
        f"  Đơn vị: {data['accepted']}/{data['units_expected']} đã tiếp nhận, trong đó {data['late']} trễ hạn, "
        f"{len(data['corrected_late'])} đúng hạn nhưng đính chính sau hạn; "
        f"{data['returned']} đang sửa, {data['pending']} đang kiểm tra, {data['waived']} được miễn",
        f"  Hạn của đơn vị {short_moment_text(data['unit_due_at'])}, của {data['top']} "
        f"{short_moment_text(data['province_due_at'])}, "
        f"nên gửi chậm nhất {day_text(data['province_safe_on'])}",
        *_units(data),
        *(
            f"  GÓI CHẾ ĐỘ HỎNG: {code} không chạy cho tới khi sửa xong: {error}"
            for code, error in data["broken_packs"].items()
        ),
        *_mails(data),
    ]
    if data["objections"]:
        lines.append(f"  Đang bị giữ vì phản đối: {'; '.join(data['objections'])}")
    return "\n".join([*lines, *_report(data)])


def _units(data: dict[str, Any]) -> Iterator[str]:
    zone = data["unit_due_at"].tzinfo
    if data["missing_names"]:
        yield f"  Chưa có báo cáo: {_first(data['missing_names'])}"
    if data["without_copy_names"]:
        # "Chưa đủ" where the pack requires the copy, "chưa gửi" where it only asks for it.
        names = data["without_copy_names"]
        what = "Chưa đủ bản ký" if data["unit_copy"] == UnitCopyRule.REQUIRED else "Chưa gửi bản ký (đề nghị)"
        yield f"  {what}: {len(names)} đơn vị: {_first(names)}"
    for granted in data["exceptions"]:
        until = f"gia hạn tới {short_moment_text(granted['until'].astimezone(zone))}" if granted["until"] else "miễn"
        yield f"  {granted['name']}: {until} ({granted['by']}: {granted['reason']})"


_MAILS = {"pending": "đang chờ", "sent": "đã gửi", "failed": "không gửi được"}


def _mails(data: dict[str, Any]) -> Iterator[str]:
    if data["mail_trouble"]:
        yield f"  THƯ KHÔNG GỬI ĐƯỢC: {data['mail_trouble']}"
    mails = ", ".join(f"{n} {_MAILS[status]}" for status, n in sorted(data["mails"].items())) or "chưa có"
    yield f"  Thư: {mails}; đã nhắc {data['reminders_sent']} lượt"
    for m in data["mails_failed"][:_SHOWN]:
        to = m["recipient"] or "chưa có địa chỉ"
        yield f"    thư số {m['id']} «{m['step']}» tới {m['unit']} ({to}): {m['error']}"
    if len(data["mails_failed"]) > _SHOWN:
        yield f"    và {len(data['mails_failed']) - _SHOWN} thư khác; xem `baocao mail list`"


def _report(data: dict[str, Any]) -> Iterator[str]:
    """The lines about the report: version, text, targets, signed copy, recipients, what it lacks, its correction."""
    report, zone = data["report"], data["unit_due_at"].tzinfo
    if report is None:
        yield "  Báo cáo tổng hợp: chưa lập"
    else:
        number = f", số {report['number']}/{report['symbol']}" if report["number"] else ""
        yield f"  Báo cáo tổng hợp số {report['report_id']}, phiên bản {report['version']}: {report['status']}{number}"
        yield f"    Lời văn: {own_text_line(data['narrative'])}"
        # Reports from before the verdicts were bound into the manifest have none.
        if report["targets"] is not None:
            yield f"    {target_line(report['targets'])}"
        if report["signed_copy"]:
            yield f"    Bản đã ký: {report['signed_copy']}"
        for delivery in report["dispatched"]:
            yield f"    {delivery['recipient']}: {_delivered(delivery, zone)}"
    if data["newer_said"]:
        yield f"  LƯU Ý: {data['newer_said']}"
    if (correction := data["correction"]) is not None:
        yield (
            f"  Đang đính chính báo cáo số {correction['number']}/{correction['symbol']} (phiên bản "
            f"{correction['corrects_version']}, vẫn có hiệu lực tới khi bản đính chính được gửi); mở "
            f"{day_text(correction['at'].astimezone(zone))}, người đề nghị: {correction['by']}. Lý do: "
            f"{correction['reason']}"
        )


def _delivered(delivery: dict[str, Any], zone: Any) -> str:
    """Where one recipient stands, as the end of a line."""
    at = delivery["at"]
    left = f"gửi {short_moment_text(at.astimezone(zone))}" if at else "CHƯA GỬI ĐƯỢC"
    if delivery["state"] == DeliveryState.CONFIRMED:
        on = f" ngày {day_text(date.fromisoformat(delivery['confirmed_on']))}" if delivery["confirmed_on"] else ""
        return f"{left}; đã xác nhận: {delivery['receipt']}{on}"
    if delivery["state"] == DeliveryState.HANDED_OVER:
        return left
    why = f": {delivery['error']}" if delivery["error"] else ""
    refused = ", bị từ chối" if delivery["state"] == DeliveryState.REFUSED else ", đang chờ"
    return f"{left}{refused} ({delivery['address']}, thư số {delivery['mail']}){why}"
