"""What several steps share: where they lead back to, what they say about a unit, the file that came with the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from baocao.web.desk.ask import Ask
from baocao.web.desk.filters import short_instant, state_name
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.step import Done, Step
from baocao.workflow.looking.period_page import unit_line
from baocao.workflow.portal.sending import plain_name

REASON = Field("reason", "Lý do", "area", required=True)
REASON_TOLD = Field("reason", "Lý do", "area", required=True, hint="Được ghi vào nhật ký và nêu trong thư gửi đơn vị.")


def below(*parts: str) -> Callable[[Ask], str]:
    """Back to a page of the period."""
    return lambda ask: ask.path("p", ask.period.code, *parts)


def to_unit(ask: Ask) -> str:
    """Back to the unit's page."""
    return ask.path("p", ask.period.code, "u", ask.param("unit"))


def about_unit(ask: Ask) -> Sequence[tuple[str, str]]:
    """Who it is, how it stands, until when."""
    # Shown above the form: whoever comes from a list of 166 names must see that it is the right one.
    line = unit_line(*ask.where, ask.param("unit"))
    name = ask.pack.unit_name(ask.param("unit"))
    if line is None:
        return (("Đơn vị", name), ("Nghĩa vụ", "không có trong kỳ này"))
    return (
        ("Đơn vị", name),
        ("Tình trạng", state_name(line.standing, "standing")),
        ("Hạn hiện nay", short_instant(line.due_at, ask.zone)),
    )


def unit_step(
    name: str, title: str, fields: tuple[Field, ...], done: Done, button: str, says: str = "", *, stop: bool = False
) -> Step:
    """What the office decides about one unit: below the unit's page, which says who it is and is gone back to."""
    path = f"/p/{{period}}/u/{{unit}}/do/{name}"
    return Step(path, title, fields, done, to_unit, says=says, button=button, stop=stop, about=about_unit)


def warned(answer: Mapping[str, object]) -> str:
    """The verb's warnings as a sentence; empty without any."""
    warnings = answer.get("warnings")
    if not isinstance(warnings, list | tuple) or not warnings:
        return ""
    return f" Lưu ý: {'; '.join(str(w).rstrip('.') for w in warnings)}."


def file_of(given: StepInput, name: str = "file") -> tuple[str, bytes] | None:
    """File name (its last part) and bytes of what was uploaded; None when nothing was."""
    upload = given.files.get(name)
    # Bounded already: the whole form with its files has at most `MOST_BYTES` (`web.desk.app`).
    return None if upload is None else (plain_name(upload.filename or ""), upload.file.read())
