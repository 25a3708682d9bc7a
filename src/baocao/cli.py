"""`baocao`: the same verbs as the DAGs, without Airflow. `--json` on everything that answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from baocao.settings import ConfigurationError
from baocao.store.database import StoreError
from baocao.workflow import answers
from baocao.workflow.workplace import Refused, Workplace

F = TypeVar("F", bound=Callable[..., Any])
EXIT_ACCEPTED, EXIT_RETURNED, EXIT_QUARANTINED, EXIT_REFUSED = 0, 1, 2, 3


class Call:
    """What every command gets: the workplace, and where and when it acts."""

    def __init__(self, regime: str | None, period: str | None, as_of: str | None, as_json: bool) -> None:
        self.place = Workplace.open()
        self._regime, self._period, self._as_of = regime, period, as_of
        self.as_json = as_json

    @property
    def regime(self) -> str:
        """The one named, or the only one there is."""
        if self._regime:
            return self._regime
        known = sorted(self.place.folders)
        if len(known) == 1:
            return known[0]
        raise ConfigurationError(f"--regime: hãy nêu chế độ báo cáo; hiện có: {', '.join(known)}")

    @property
    def as_of(self) -> datetime:
        """The business time: `--as-of` (a day means its last minute), else now, where the regime applies."""
        zone = self.place.zone(self.regime)
        if self._as_of is None:
            return datetime.now(zone)
        try:
            if len(self._as_of) == 10:
                return datetime.combine(date.fromisoformat(self._as_of), time(23, 59), zone)
            moment = datetime.fromisoformat(self._as_of)
        except ValueError:
            raise ConfigurationError(
                f"--as-of: {self._as_of!r} không đúng; hãy ghi dạng 2026-06-20 hoặc 2026-06-20T08:00"
            ) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    @property
    def period(self) -> str:
        """The one named, or the one whose window opened last."""
        if self._period:
            return self.place.period(self.regime, self._period).code
        current = self.place.current_period(self.regime, self.as_of)
        if current is None:
            raise ConfigurationError("--period: chưa có kỳ nào mở; hãy nêu kỳ báo cáo, ví dụ --period 2026-H1")
        return current.code

    def answer(self, data: Any, text: str | None = None) -> None:
        """Print the answer: JSON when asked for, else `text`, else one `key: value` line each."""
        plain = answers.plain(data)
        if self.as_json:
            click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        elif text is not None:
            click.echo(text)
        else:
            for key, value in plain.items():
                click.echo(f"{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def common(command: F) -> F:
    """`--regime --period --as-of --json`, and errors as one clear line."""

    @click.option("--regime", help="Mã chế độ báo cáo (bỏ trống khi chỉ có một).")
    @click.option("--period", help="Mã kỳ báo cáo, ví dụ 2026-H1 (bỏ trống: kỳ mở gần nhất).")
    @click.option("--as-of", help="Thời điểm nghiệp vụ: 2026-06-20 hoặc 2026-06-20T08:00 (bỏ trống: bây giờ).")
    @click.option("--json", "as_json", is_flag=True, help="Trả lời bằng JSON.")
    @wraps(command)
    def wrapper(
        *args: Any, regime: str | None, period: str | None, as_of: str | None, as_json: bool, **kwargs: Any
    ) -> Any:
        try:
            return command(Call(regime, period, as_of, as_json), *args, **kwargs)
        except (ConfigurationError, Refused, StoreError) as error:
            if as_json:
                click.echo(json.dumps({"error": str(error), "kind": type(error).__name__}, ensure_ascii=False))
            else:
                click.echo(f"Lỗi: {error}", err=True)
            sys.exit(EXIT_REFUSED)

    return wrapper  # type: ignore[return-value]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baocao")
def main() -> None:
    """Chế độ báo cáo chạy bằng máy: mở kỳ, thu, kiểm tra, đôn đốc, tổng hợp, trình ký, phát hành."""


@main.command()
@common
def migrate(call: Call) -> None:
    """Bring our database to the current schema."""
    call.answer({"migrated": call.place.store.migrate(), "head": call.place.store.head})


@main.command()
@common
def periods(call: Call) -> None:
    """The calendar: every period, both levels, cut-off, legal and safe deadline."""
    rows = [
        {
            "period": p.code,
            "kind": p.kind.value,
            "level": d.level.value,
            "cutoff_on": p.cutoff_on,
            "due_at": d.due_at,
            "safe_on": d.safe_on,
            "name": p.name,
            "opens_at": p.opens_at,
            "locked_after": d.locked_after,
        }
        for p in call.place.periods(call.regime)
        for d in (p.unit, p.province)
        if call._period in {None, p.code}
    ]
    lines = [
        f"{r['period']:<9} {'xã' if r['level'] == 'unit' else 'tỉnh':<5} chốt {r['cutoff_on']}  "
        f"hạn {r['due_at']:%Y-%m-%d %H:%M:%S}  an toàn {r['safe_on']}"
        for r in rows
    ]
    call.answer(rows, "\n".join(lines))


@main.command()
@click.argument("unit")
@click.option("--out", type=click.Path(path_type=Path), help="Tệp ghi ra (mặc định: <mã đơn vị>_<kỳ>.xlsx).")
@common
def blank(call: Call, unit: str, out: Path | None) -> None:
    """The blank workbook of one unit for one period."""
    from baocao.workflow.windows import blank_for

    filename, data = blank_for(call.place, call.regime, call.period, unit)
    target = out or Path(filename)
    target.write_bytes(data)
    call.answer({"unit": unit, "period": call.period, "file": str(target), "bytes": len(data)})


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--marked", type=click.Path(path_type=Path), help="Ghi tệp đã đánh dấu lỗi ra đây.")
@common
def check(call: Call, file: Path, marked: Path | None) -> None:
    """Check one workbook and record nothing. Exit code: 0 accepted, 1 returned, 2 quarantined."""
    from baocao.workflow.checking import check_file

    result = check_file(
        call.place, file.read_bytes(), file.name, received_at=call.as_of, period=call._period, marked=marked is not None
    )
    if marked is not None and result.marked is not None:
        marked.write_bytes(result.marked)
    found = [answers.finding(f) for f in result.findings]
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
        lines.append(f"{mark}{f['rule']} {f['sheet']}!{f['cell']} {f['item']} {f['message']}{hint}")
    call.answer(data, "\n".join(lines))
    sys.exit({"accepted": EXIT_ACCEPTED, "returned": EXIT_RETURNED}.get(result.status.value.lower(), EXIT_QUARANTINED))


@main.command("open")
@common
def open_(call: Call) -> None:
    """Open the window: obligations, blank workbooks, first letters."""
    from baocao.workflow.windows import open_window

    call.answer(open_window(call.place, call.regime, call.period, call.as_of))


@main.command()
@common
def collect(call: Call) -> None:
    """Take in what has arrived in the inbox and answer every sender."""
    from baocao.workflow.collecting import collect as run

    call.answer(run(call.place, call.as_of, call._regime))


@main.command()
@common
def remind(call: Call) -> None:
    """Send the reminders that are due and whatever waits in the outbox."""
    from baocao.workflow.reminding import remind as run

    call.answer(run(call.place, call.as_of, call._regime))


@main.command()
@common
def gate(call: Call) -> None:
    """Great Expectations over all accepted cells of the period."""
    from baocao.workflow.reporting import gate as run

    call.answer(run(call.place, call.regime, call.period, call.as_of))


@main.command()
@common
def consolidate(call: Call) -> None:
    """Gate, province values, Excel, Word and PDF; the report is then frozen and waits for approval."""
    from baocao.workflow import building, reporting

    reporting.gate(call.place, call.regime, call.period, call.as_of)
    draft = reporting.consolidate(call.place, call.regime, call.period, call.as_of)
    call.answer(building.build(call.place, draft["report_id"], call.as_of))


def decision_options(command: F) -> F:
    """What both deciders give."""
    for option in (
        click.option("--note", default="", help="Ý kiến; bắt buộc khi trả lại."),
        click.option("--return", "returned", is_flag=True, help="Trả lại để sửa."),
        click.option("--content", help="Mã sha256 của bản đã xem (bỏ trống: bản mới nhất)."),
        click.option("--by", required=True, help="Người quyết định."),
    ):
        command = option(command)
    return command


def _waiting(call: Call, content: str | None) -> tuple[int, str]:
    from baocao.workflow.overview import newest_report

    report = newest_report(call.place, call.regime, call.period)
    return report.id, content or report.content_sha256 or ""


@main.command()
@decision_options
@common
def approve(call: Call, by: str, content: str | None, returned: bool, note: str) -> None:
    """The police office approves the frozen report, or returns it with a note."""
    from baocao.workflow.signing import approve as run

    report_id, sha256 = _waiting(call, content)
    decision = "return" if returned else "approve"
    call.answer(run(call.place, report_id, sha256, decision, by=by, as_of=call.as_of, note=note))


@main.command()
@decision_options
@click.option("--number", help="Số văn bản do văn thư cấp.")
@click.option("--symbol", help="Ký hiệu (mặc định theo gói chế độ).")
@click.option("--signed-on", help="Ngày ký, dạng 2026-06-24.")
@click.option("--signer", help="Người ký.")
@click.option("--signer-title", help="Chức vụ người ký.")
@common
def sign(call: Call, by: str, content: str | None, returned: bool, note: str, **signature: str | None) -> None:
    """The People's Committee signs (number, date and signer given), or returns with a note."""
    from baocao.workflow.signing import sign as run

    report_id, sha256 = _waiting(call, content)
    decision = "return" if returned else "sign"
    call.answer(run(call.place, report_id, sha256, decision, by=by, as_of=call.as_of, note=note, **signature))


@main.command()
@common
def dispatch(call: Call) -> None:
    """Send the signed report to exactly the recipients of its kind."""
    from baocao.workflow.dispatching import dispatch as run

    report_id, _ = _waiting(call, None)
    call.answer(run(call.place, report_id, call.as_of))


@main.command()
@click.argument("recipient")
@click.option("--receipt", required=True, help="Số hoặc nội dung xác nhận của nơi nhận.")
@click.option("--accepted", is_flag=True, help="Bộ đã chấp nhận báo cáo.")
@common
def receipt(call: Call, recipient: str, receipt: str, accepted: bool) -> None:
    """Record a recipient's acknowledgement."""
    from baocao.workflow.dispatching import acknowledge

    call.answer(acknowledge(call.place, call.regime, call.period, recipient, receipt, call.as_of, accepted=accepted))


@main.command()
@click.argument("unit")
@click.option("--until", help="Gia hạn tới hết ngày này (bỏ trống: miễn báo cáo kỳ này).")
@click.option("--reason", required=True)
@click.option("--by", required=True, help="Người cho phép.")
@common
def waive(call: Call, unit: str, until: str | None, reason: str, by: str) -> None:
    """Excuse a unit from a period, or give it more time."""
    from baocao.workflow.windows import waive as run

    day = date.fromisoformat(until) if until else None
    call.answer(run(call.place, call.regime, call.period, unit, until=day, reason=reason, by=by, as_of=call.as_of))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common
def baseline(call: Call, file: Path) -> None:
    """Take over figures from before go-live: CSV with unit,form,row,column,value; `--period` is their code (2025-Y)."""
    from baocao.workflow.baseline import load_baseline

    if not call._period:
        raise ConfigurationError("--period: hãy nêu mã kỳ của số liệu nền, ví dụ 2025-Y")
    call.answer(load_baseline(call.place, call.regime, call._period, file.read_bytes(), call.as_of))


@main.command()
@common
def status(call: Call) -> None:
    """Where the period stands: who sent, who is missing, which report, what was dispatched."""
    from baocao.workflow.overview import status as run
    from baocao.workflow.overview import status_text

    data = run(call.place, call.regime, call.period, call.as_of)
    call.answer(data, status_text(data))


@main.command()
@click.argument("cell")
@common
def trace(call: Call, cell: str) -> None:
    """A consolidated CELL (FORM/ROW/COLUMN) back to the units' cells: file hash, sheet, address."""
    from baocao.workflow.tracing import trace as run
    from baocao.workflow.tracing import trace_text

    data = run(call.place, call.regime, call.period, cell)
    call.answer(data, trace_text(data))


@main.command()
@common
def replay(call: Call) -> None:
    """Rebuild the newest report from the raw files. Exit code 0: byte-identical; 1: says what differs."""
    from baocao.workflow.replaying import replay as run

    data = run(call.place, call.regime, call.period)
    call.answer(data)
    sys.exit(0 if data["identical"] else 1)


@main.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@common
def verify(call: Call) -> None:
    """Check the hash chain of all events. Exit code 1 when it is broken."""
    from baocao.store import events

    with call.place.store.read() as conn:
        result = events.verify(conn)
    call.answer(
        {
            "ok": result.ok,
            "events": result.count,
            "first_bad_seq": result.first_bad_seq,
            "reason": result.reason,
        }
    )
    sys.exit(0 if result.ok else 1)


@main.command()
@common
def docs(call: Call) -> None:
    """Write the generated pages again: docs/law.md, docs/rules.md."""
    from baocao.workflow.pages import write_pages

    call.answer({"written": write_pages(call.place)})


if __name__ == "__main__":
    main()
