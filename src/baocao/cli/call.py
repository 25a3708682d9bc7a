"""What every command shares: its options, where and when it acts, and how it answers.

What is slow to import is imported by whoever needs it: `--help` and a mistyped command answer at once.
"""

from __future__ import annotations

import json
import logging
import os
import pwd
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from baocao.settings import ConfigurationError

if TYPE_CHECKING:
    from baocao.workflow.installation import Installation

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
"""a file that is there"""
EXIT_ACCEPTED, EXIT_RETURNED, EXIT_QUARANTINED, EXIT_REFUSED, EXIT_ASKED, EXIT_USAGE = 0, 1, 2, 3, 4, 64
"""64 (EX_USAGE) is a command that was typed wrong, such as a file that is not there: never 2, which speaks of a file's
content. 4 is a question: the same command with `--yes` goes on."""


class Call:
    """What every command gets: the installation, and where and when it acts."""

    def __init__(self, regime: str | None, period: str | None, as_of: str | None, as_json: bool) -> None:
        from baocao.workflow.installation import Installation

        # Here and not when the module is read: `--help` must work where nothing is configured.
        self.place: Installation = Installation.open()
        self.named_regime, self.named_period, self._as_of = regime, period, as_of
        self.as_json = as_json

    @property
    def regime(self) -> str:
        """The one named, or the only one there is."""
        if self.named_regime:
            return self.named_regime
        known = sorted(self.place.folders)
        # Not guessed where there are several: a command for the wrong regime writes letters.
        if len(known) == 1:
            return known[0]
        raise ConfigurationError(
            f"--regime: hãy nêu chế độ báo cáo, hoặc đặt biến BAOCAO_REGIME; hiện có: {', '.join(known)}"
        )

    @property
    def has_as_of(self) -> bool:
        """Whether a business time was named."""
        return self._as_of is not None

    @property
    def as_of(self) -> datetime:
        """The business time: `--as-of` (a day means its last minute), else now, where the regime applies."""
        return self._moment(self.place.zone(self.regime))

    @property
    def as_of_anywhere(self) -> datetime:
        """The business time for what concerns no single regime. On the country's own clock where none is named, or its
        pack cannot be read: sweeps go on for the others, and tell of it."""
        from baocao.model.regime import COUNTRY_TIME_ZONE

        country = ZoneInfo(COUNTRY_TIME_ZONE)
        if not self.named_regime:
            return self._moment(country)
        try:
            return self._moment(self.place.zone(self.named_regime))
        except ConfigurationError:
            # A regime that does not exist is a typing error; one whose pack is broken must not stop the sweep of the
            # others.
            if self.named_regime not in self.place.folders:
                raise
            return self._moment(country)

    def require_plausible_time(self, *, yes: bool) -> None:
        """Before a sweep: the business time against the machine's clock and the store. Raises ImplausibleTime."""
        from baocao.workflow.auditing.clock import record_sweep_time, require_plausible_time

        when = self.as_of_anywhere
        if yes:
            record_sweep_time(self.place, when)
        else:
            require_plausible_time(self.place, when, datetime.now(UTC))

    def _moment(self, zone: ZoneInfo) -> datetime:
        # On the regime's own clock: at 06:00 in Hà Nội it is still yesterday on a server in UTC.
        if self._as_of is None:
            return datetime.now(zone)
        try:
            if len(self._as_of) == 10:
                # The last minute, so that what fell due on that day has fallen due.
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
        if self.named_period:
            return self.place.period(self.regime, self.named_period).code
        current = self.place.current_period(self.regime, self.as_of)
        if current is None:
            raise ConfigurationError("--period: chưa có kỳ nào mở; hãy nêu kỳ báo cáo, ví dụ --period 2026-H1")
        return current.code

    @property
    def where(self) -> tuple[Installation, str, str]:
        """The installation, the regime and the period: what most verbs begin with."""
        return self.place, self.regime, self.period

    @property
    def stated(self) -> dict[str, str]:
        """Regime and period as named, for a verb to whom a number is enough: it is held to whichever is named."""
        return {"regime": self.named_regime or "", "period": self.named_period or ""}

    def answer_of_sweep(self, data: dict[str, Any]) -> None:
        """The answer of a sweep, and exit code 3 where it had to leave a regime out."""
        self.answer(data)
        # The others were served; a script must learn all the same that one was not.
        if data.get("failed") and isinstance(data["failed"], list):
            sys.exit(EXIT_REFUSED)

    def answer(self, data: Any, text: str | None = None) -> None:
        """Print the answer: JSON when asked for, else `text`, else one `key: value` line each."""
        from baocao.workflow import verb_answers

        plain = verb_answers.plain(data)
        if self.as_json:
            click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        elif text is not None:
            click.echo(text)
        else:
            for key, value in plain.items():
                click.echo(f"{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


class _ProgressHandler(logging.Handler):
    """What the verbs say on their way (one line a file, a letter, a step) as lines of standard error, never of the
    answer."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)


def tell_progress() -> None:
    """Show what the verbs log from INFO on."""
    own = logging.getLogger("baocao")
    # Tests call several commands in one process: each line would be printed once more for each.
    if not any(isinstance(handler, _ProgressHandler) for handler in own.handlers):
        own.addHandler(_ProgressHandler())
        own.setLevel(logging.INFO)


def common(command: F) -> F:
    """`--regime --period --as-of --json`, and errors as one clear line."""

    @click.option("--regime", envvar="BAOCAO_REGIME", help="Mã chế độ báo cáo (bỏ trống khi chỉ có một).")
    @click.option("--period", help="Mã kỳ báo cáo, ví dụ 2026-H1 (bỏ trống: kỳ mở gần nhất).")
    @click.option("--as-of", help="Thời điểm nghiệp vụ: 2026-06-20 hoặc 2026-06-20T08:00 (bỏ trống: bây giờ).")
    @click.option("--json", "as_json", is_flag=True, help="Trả lời bằng JSON.")
    @wraps(command)
    def wrapper(
        *args: Any, regime: str | None, period: str | None, as_of: str | None, as_json: bool, **kwargs: Any
    ) -> Any:
        # Imported when a command runs: SQLAlchemy costs more than `--help` may take.
        from baocao.store.database import StoreError
        from baocao.workflow.auditing.clock import ImplausibleTime
        from baocao.workflow.installation import Refused

        # On standard error: the answer on standard output stays JSON, or one value, for a program.
        tell_progress()
        try:
            return command(Call(regime, period, as_of, as_json), *args, **kwargs)
        # What these say is meant for whoever typed the command. Anything else is a fault of ours, with its traceback.
        except (ConfigurationError, Refused, StoreError) as error:
            if as_json:
                click.echo(json.dumps({"error": str(error), "kind": type(error).__name__}, ensure_ascii=False))
            else:
                click.echo(f"Lỗi: {error}", err=True)
            sys.exit(EXIT_ASKED if isinstance(error, ImplausibleTime) else EXIT_REFUSED)

    return wrapper  # type: ignore[return-value]


def required(**help_texts: str) -> Callable[[F], F]:
    """Text options that must be given, in this order: `required(by="Người quyết định.")` is `--by`."""

    def add(command: F) -> F:
        # click shows the option first whose decorator was applied last.
        for name, text in reversed(help_texts.items()):
            command = click.option("--" + name.replace("_", "-"), required=True, help=text)(command)
        return command

    return add


def day(option: str, text: str, example: str = "2026-06-20") -> date:
    """A day as it was typed. Raises ConfigurationError, with the option and how it is written."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option}: {text!r} không đúng; hãy ghi dạng {example}") from None


def day_or_none(option: str, text: str | None, example: str = "2026-06-20") -> date | None:
    """The same where it may be left out."""
    return day(option, text, example) if text else None


def write_out(call: Call, made: tuple[str, bytes], out: Path | None, **told: str) -> None:
    """Write a file that a verb made to `out`, or under its own name here, and answer where it is."""
    target = out or Path(made[0])
    # Only now: a verb that refuses leaves no empty file where a good one may have lain.
    target.write_bytes(made[1])
    call.answer({**told, "period": call.period, "file": str(target), "bytes": len(made[1])})


def os_user() -> str:
    """The account this process runs under; nothing in the environment can say otherwise."""
    try:
        # Not getpass.getuser(): that believes LOGNAME and USER, which anybody sets.
        return f"os:{pwd.getpwuid(os.getuid()).pw_name}"
    # A container may run under a number that has no line in /etc/passwd.
    except KeyError:
        return f"os:{os.getuid()}"


def decision_options(command: F) -> F:
    """What both deciders give."""
    for option in (
        click.option("--note", default="", help="Ý kiến; bắt buộc khi trả lại."),
        click.option(
            "--knowingly", is_flag=True, help="Quyết định dù biết có báo cáo được tiếp nhận sau khi lập phiên bản này."
        ),
        click.option("--return", "returned", is_flag=True, help="Trả lại để sửa."),
        click.option("--content", help="Mã sha256 của bản đã xem (bỏ trống: bản mới nhất)."),
        click.option("--by", required=True, help="Người quyết định."),
    ):
        command = option(command)
    return command
