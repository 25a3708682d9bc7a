"""Letters: one folder of templates per outcome (`subject.txt`, `body.txt`, `body.html`), a typed context for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from baocao.delivery.contexts import CONTEXTS, LetterContext
from baocao.settings import ConfigurationError
from baocao.text import day_text, nfc, vietnamese_number

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter: one line of subject, plain text, and HTML that says the same."""

    subject: str
    text: str
    html: str


def render(templates: Path, outcome: str, context: LetterContext) -> Letter:
    """Fill the templates of `outcome` under `templates/email/`.

    Raises ConfigurationError naming the outcome and the file: unknown outcome, a context of another letter, a missing
    file, a variable the context does not have, a template that does not parse.
    """
    expected = CONTEXTS.get(outcome)
    if expected is None:
        raise ConfigurationError(f"mẫu thư {outcome!r}: không có; các mẫu thư hiện có: {', '.join(sorted(CONTEXTS))}")
    if not isinstance(context, expected):
        raise ConfigurationError(
            f"mẫu thư {outcome!r}: cần dữ liệu {expected.__name__}, nhận được {type(context).__name__}"
        )
    environment = _environment(templates / "email")
    values = {f.name: getattr(context, f.name) for f in fields(context)}

    def fill(name: str) -> str:
        file = f"{outcome}/{name}"
        try:
            return environment.get_template(file).render(values)
        except TemplateNotFound as error:
            raise ConfigurationError(f"{templates / 'email' / str(error)}: không có tệp mẫu thư này") from None
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            place = f":{line}" if line else ""
            raise ConfigurationError(f"{templates / 'email' / file}{place}: {error}; hãy sửa mẫu thư") from error

    return Letter(subject=nfc(fill("subject.txt")), text=_tidy(fill("body.txt")), html=fill("body.html").strip() + "\n")


class _Environment(ImmutableSandboxedEnvironment):
    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        # What a context is given is what a letter may say. Jinja's own questions (is it a function, a frame, a list
        # that this would change?) are a fifth of the time of a letter, and the answer for such a field is known.
        is_field = attr in getattr(type(obj), "__dataclass_fields__", ()) and not attr.startswith("_")
        return is_field or super().is_safe_attribute(obj, attr, value)


@lru_cache(maxsize=8)
def _environment(folder: Path) -> ImmutableSandboxedEnvironment:
    """The Jinja environment of a folder of letters, with the filters that letters use."""
    # A template is a file that an office may edit: it reads what it is given and reaches nothing else.
    # Plain text must not be escaped, HTML must be: the file's extension decides.
    # A misspelt variable must stop the letter: the default of Jinja prints nothing in its place, and a letter without
    # its deadline would go out (StrictUndefined).
    environment = _Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    named: dict[str, Callable[..., Any]] = {
        "ngay": day_text,
        "han_gui": _safe_deadline,
        "luc": _instant,
        "han": _deadline,
        "co": size_text,
    }
    environment.filters.update(named)
    return environment


def _tidy(text: str) -> str:
    """No blanks at line ends, never two empty lines in a row, one newline at the end."""
    lines: list[str] = []
    for line in (raw.rstrip() for raw in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"


def weekday_text(day: date) -> str:
    """`19/06/2026 (thứ Sáu)`."""
    return f"{day_text(day)} ({_WEEKDAYS[day.weekday()]})"


def size_text(size: int) -> str:
    """`42 KB`, `1,3 MB`: of a number of bytes."""
    if size < 1024:
        return f"{size} byte"
    if size < 1024 * 1024:
        return f"{round(size / 1024)} KB"
    return vietnamese_number(f"{size / (1024 * 1024):.1f} MB")


def file_size_text(size: int) -> str:
    """The same of a file people know: never less than `1 KB`."""
    return size_text(max(size, 1024))


def instant_text(moment: datetime, zone: ZoneInfo) -> str:
    """`14 giờ 05 phút ngày 19/06/2026` on the clock of `zone`."""
    local = moment.astimezone(zone)
    return f"{local.hour:02} giờ {local.minute:02} phút ngày {day_text(local)}"


def deadline_text(moment: datetime, zone: ZoneInfo) -> str:
    """`hết ngày 19/06/2026 (thứ Sáu)` for the last minute of a day, the hour as well for any other instant."""
    local = moment.astimezone(zone)
    weekday = _WEEKDAYS[local.weekday()]
    # Deadlines end with the last second of a day; the office says «hết ngày», not 23 giờ 59.
    start = "hết" if (local.hour, local.minute) == (23, 59) else f"{local.hour:02} giờ {local.minute:02} phút"
    return f"{start} ngày {day_text(local)} ({weekday})"


@pass_context
def _safe_deadline(context: Context, moment: datetime, safe_on: date) -> str:
    """The deadline; where it is no working day, the last one before it as well."""
    said = _deadline(context, moment)
    if moment.astimezone(ZoneInfo(context["head"].time_zone)).date() == safe_on:
        return said
    return f"{said}; ngày làm việc cuối cùng trước hạn là {weekday_text(safe_on)}"


@pass_context
def _instant(context: Context, moment: datetime) -> str:
    return instant_text(moment, ZoneInfo(context["head"].time_zone))


@pass_context
def _deadline(context: Context, moment: datetime) -> str:
    return deadline_text(moment, ZoneInfo(context["head"].time_zone))
