"""The commands: each a thin call of a verb, imported when it is used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from baocao.cli.call import (
    EXIT_ACCEPTED,
    EXIT_QUARANTINED,
    EXIT_RETURNED,
    EXIT_USAGE,
    FILE,
    Call,
    common,
    day_or_none,
    decision_options,
    os_user,
    required,
    write_out,
)
from baocao.cli.extending import ExtensibleGroup
from baocao.settings import ConfigurationError

# Click's own code for a mistyped command is 2, and that is what a quarantined file answers here.
click.UsageError.exit_code = EXIT_USAGE


_YES = click.option("--yes", is_flag=True, help="Thời điểm nghiệp vụ là đúng dù có vẻ không hợp lý (mã trả về 4).")


# Commands of `baocao-authoring` are found when they are typed; nothing of it is imported before.
@click.group(cls=ExtensibleGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baocao", message="baocao %(version)s", help="In số phiên bản rồi thoát.")
def main() -> None:
    """Chế độ báo cáo chạy bằng máy: mở kỳ, thu, kiểm tra, đôn đốc, tổng hợp, trình ký, phát hành."""


@main.command()
@common
def migrate(call: Call) -> None:
    """Đưa cơ sở dữ liệu lên lược đồ hiện hành."""
    call.answer({"migrated": call.place.store.migrate(), "head": call.place.store.head})


@main.command()
@common
def periods(call: Call) -> None:
    """Lịch báo cáo: mọi kỳ, hai cấp, ngày đầu và ngày chốt số liệu, ngày mở, hạn pháp định, ngày gửi an toàn."""
    rows = [
        {
            "period": p.code,
            "kind": p.kind,
            "level": d.level.value,
            "covers_from": p.covers_from,
            "cutoff_on": p.cutoff_on,
            "due_at": d.due_at,
            "safe_on": d.safe_on,
            "name": p.name,
            "opens_at": p.opens_at,
            "locked_after": d.locked_after,
        }
        for p in (
            [call.place.period(call.regime, call.named_period)]
            if call.named_period
            else call.place.periods(call.regime)
        )
        for d in (p.unit, p.province)
    ]
    words = call.place.pack(call.regime).regime.wording
    lines = [
        f"{r['period']:<9} {words.unit_short if r['level'] == 'unit' else words.top_short:<5} từ {r['covers_from']}  "
        f"chốt {r['cutoff_on']}  mở {r['opens_at']:%Y-%m-%d}  hạn {r['due_at']:%Y-%m-%d %H:%M:%S}  "
        f"an toàn {r['safe_on']}"
        for r in rows
    ]
    call.answer(rows, "\n".join(lines))


@main.command()
@click.argument("unit")
@click.option("--out", type=click.Path(path_type=Path), help="Tệp ghi ra (mặc định: <mã đơn vị>_<kỳ>.xlsx).")
@common
def blank(call: Call, unit: str, out: Path | None) -> None:
    """Biểu trắng của một đơn vị trong một kỳ."""
    from baocao.workflow.periods.windows import blank_for

    made = blank_for(*call.where, unit)
    write_out(call, made, out, unit=unit)


@main.command()
@click.argument("file", type=FILE)
@click.option("--marked", type=click.Path(path_type=Path), help="Ghi tệp đã đánh dấu lỗi ra đây.")
@common
def check(call: Call, file: Path, marked: Path | None) -> None:
    """Kiểm tra một tệp, không ghi gì. Mã trả về: 0 tiếp nhận, 1 trả lại, 2 cách ly.

    Không nêu --as-of: xét như gửi đúng hạn, bất kể hôm nay là ngày nào.
    """
    from baocao.workflow import verb_answers
    from baocao.workflow.intake.checking import check_file

    # A regime or period nobody knows is no fault of the file.
    if call.named_regime:
        call.place.zone(call.named_regime)
    if call.named_period:
        call.place.period(call.regime, call.named_period)
    result = check_file(
        call.place,
        file.read_bytes(),
        file.name,
        received_at=call.as_of if call.has_as_of else None,
        period=call.named_period,
        marked=marked is not None,
    )
    if marked is not None and result.marked is not None:
        marked.write_bytes(result.marked)
    found = [verb_answers.finding(f) for f in result.findings]
    data = {
        "verdict": result.status.value.lower(),
        "regime": result.regime,
        "period": result.period,
        "unit": result.unit,
        "reason": result.reason,
        "message": result.message,
        "findings": found,
    }
    lines = [f"{file.name}: {result.message}"]
    for f in found:
        mark = "SAI " if f["severity"] == "blocks" else "HỎI "
        hint = f" Gợi ý: {f['suggestion']}." if f["suggestion"] else ""
        where = f"{f['sheet']}!{f['cell']}" if f["cell"] else f["sheet"]
        lines.append(" ".join(filter(None, (mark + f["rule"], where, f["item"], f["message"]))) + hint)
    call.answer(data, "\n".join(lines))
    sys.exit({"accepted": EXIT_ACCEPTED, "returned": EXIT_RETURNED}.get(result.status.value.lower(), EXIT_QUARANTINED))


@main.command("open")
@_YES
@common
def open_(call: Call, yes: bool) -> None:
    """Mở kỳ: ghi nghĩa vụ báo cáo, lập biểu trắng, gửi thư đầu tiên."""
    from baocao.workflow.periods.windows import open_window

    call.require_plausible_time(yes=yes)
    call.answer(open_window(*call.where, call.as_of))


@main.command()
@_YES
@common
def collect(call: Call, yes: bool) -> None:
    """Thu mọi tệp trong thư mục nhận và trả lời từng nơi gửi."""
    from baocao.workflow.sweeps.collecting import collect as run

    call.require_plausible_time(yes=yes)
    call.answer(run(call.place, call.as_of_anywhere, call.named_regime))


@main.command()
@_YES
@common
def remind(call: Call, yes: bool) -> None:
    """Gửi các bước nhắc đã đến lúc và mọi thư đang chờ."""
    from baocao.workflow.sweeps.reminding import remind as run

    call.require_plausible_time(yes=yes)
    call.answer_of_sweep(run(call.place, call.as_of_anywhere, call.named_regime))


@main.command()
@common
def gate(call: Call) -> None:
    """Cổng kiểm tra (Great Expectations) trên mọi ô đã tiếp nhận của kỳ."""
    from baocao.workflow.consolidating.drafting import gate as run

    call.answer(run(*call.where, call.as_of))


@main.command()
@common
def consolidate(call: Call) -> None:
    """Qua cổng kiểm tra, tổng hợp, lập Excel, Word, PDF; báo cáo được chốt và chờ duyệt."""
    from baocao.workflow.consolidating import drafting
    from baocao.workflow.reports import building

    # The three steps of the report's run, in its order: without Airflow they are one command.
    drafting.gate(*call.where, call.as_of)
    draft = drafting.consolidate(*call.where, call.as_of)
    call.answer(building.build(call.place, draft["report_id"], call.as_of))


def _waiting(call: Call, content: str | None) -> tuple[int, str]:
    from baocao.workflow.reports.versions import newest_report

    # Without --content whoever decides takes what is newest now; with it the verb refuses anything else (ADR 0004).
    report = newest_report(*call.where)
    return report.id, content or report.content_sha256 or ""


@main.command()
@decision_options
@common
def approve(call: Call, by: str, content: str | None, returned: bool, note: str, knowingly: bool) -> None:
    """Cơ quan tổng hợp duyệt báo cáo đã chốt, hoặc trả lại kèm ý kiến."""
    from baocao.workflow.sign_off.signing import approve as run

    report_id, sha256 = _waiting(call, content)
    decision = "return" if returned else "approve"
    # The account is taken from the system and never from an option: it is what delegation rests on.
    given = {"by": by, "note": note, "user": os_user()}
    call.answer(run(call.place, report_id, sha256, decision, as_of=call.as_of, knowingly=knowingly, **given))


@main.command()
@decision_options
@click.option("--number", help="Số văn bản do văn thư cấp.")
@click.option("--symbol", help="Ký hiệu (mặc định theo gói chế độ).")
@click.option("--signed-on", help="Ngày ký, dạng 2026-06-24.")
@click.option("--signer", help="Người ký.")
@click.option("--signer-title", help="Chức vụ người ký.")
@common
def sign(
    call: Call, by: str, content: str | None, returned: bool, note: str, knowingly: bool, **signature: str | None
) -> None:
    """Cơ quan ban hành ký (nêu số, ngày, người ký), hoặc trả lại kèm ý kiến."""
    from baocao.workflow.sign_off.signing import sign as run

    report_id, sha256 = _waiting(call, content)
    decision = "return" if returned else "sign"
    who: dict[str, Any] = {"by": by, "note": note, "user": os_user(), "knowingly": knowingly, **signature}
    call.answer(run(call.place, report_id, sha256, decision, as_of=call.as_of, **who))


@main.command()
@common
def dispatch(call: Call) -> None:
    """Gửi báo cáo đã ký tới đúng các nơi nhận của loại báo cáo."""
    from baocao.workflow.reports.dispatching import dispatch as run

    report_id, _ = _waiting(call, None)
    call.answer(run(call.place, report_id, call.as_of))


@main.command()
@click.argument("unit")
@click.option("--until", help="Gia hạn tới hết ngày này (bỏ trống: miễn báo cáo kỳ này).")
@click.option("--withdraw", is_flag=True, help="Thu hồi miễn hoặc gia hạn đang có hiệu lực.")
@required(reason="Lý do.", by="Người cho phép hoặc thu hồi.")
@common
def waive(call: Call, unit: str, until: str | None, withdraw: bool, reason: str, by: str) -> None:
    """Miễn báo cáo kỳ này, gia hạn cho một đơn vị, hoặc thu hồi việc đó."""
    from baocao.workflow.periods.waiving import waive as run
    from baocao.workflow.periods.waiving import withdraw_waiver

    if withdraw and until:
        raise ConfigurationError("--withdraw: thu hồi không đi cùng --until; hãy thu hồi trước rồi gia hạn lại nếu cần")
    if withdraw:
        call.answer(withdraw_waiver(*call.where, unit, reason=reason, by=by, as_of=call.as_of))
        return
    until_day = day_or_none("--until", until)
    call.answer(run(*call.where, unit, until=until_day, reason=reason, by=by, as_of=call.as_of))


@main.command()
@click.argument("file", type=FILE)
@common
def baseline(call: Call, file: Path) -> None:
    """Nạp số liệu trước khi vận hành: CSV gồm unit,form,row,column,value; `--period` là mã kỳ của số liệu (2025-Y)."""
    from baocao.workflow.periods.baseline import load_baseline

    # No default: a baseline is of a period that the calendar does not have.
    if not call.named_period:
        raise ConfigurationError("--period: hãy nêu mã kỳ của số liệu nền, ví dụ 2025-Y")
    call.answer(load_baseline(call.place, call.regime, call.named_period, file.read_bytes(), call.as_of))


@main.command()
@common
def status(call: Call) -> None:
    """Tình hình của kỳ: ai đã gửi, còn thiếu ai, báo cáo nào, đã gửi tới đâu."""
    from baocao.workflow.status.overview import status as run
    from baocao.workflow.status.status_text import status_text

    data = run(*call.where, call.as_of)
    call.answer(data, status_text(data))


@main.command()
@click.argument("cell")
@common
def trace(call: Call, cell: str) -> None:
    """Truy một ô tổng hợp (BIỂU/DÒNG/CỘT; của danh sách: BIỂU/DANH SÁCH/CỘT) về các ô của đơn vị: mã băm của tệp,
    trang, địa chỉ ô.
    """
    from baocao.workflow.reports.tracing import trace as run
    from baocao.workflow.reports.tracing import trace_text

    data = run(*call.where, cell)
    call.answer(data, trace_text(data))


@main.command()
@click.option("--version", type=int, help="Phiên bản báo cáo (bỏ trống: mới nhất).")
@common
def replay(call: Call, version: int | None) -> None:
    """Dựng lại báo cáo từ các tệp gốc. Mã trả về: 0 trùng từng byte, 1 nêu chỗ khác."""
    from baocao.workflow.reports.replaying import replay as run

    data = run(*call.where, version)
    call.answer(data)
    sys.exit(0 if data["identical"] else 1)
