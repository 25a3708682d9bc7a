"""The fields of a step's form: what is asked, how it is read, and the sentence when it cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile

if TYPE_CHECKING:
    from baocao.web.desk.ask import Ask

Options = Callable[["Ask"], Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: text, area, date, email, number, choice, many (one a line), check, file, hidden."""

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    hint: str = ""
    options: Options | None = None
    default: Callable[[Ask], str] | None = None
    rows: int = 0
    """of an area or a list; 0: as usual"""
    longest: int = 4000
    """characters of an area or a list"""


@dataclass(frozen=True, slots=True)
class StepInput:
    """What was typed, read by the fields of the step. `problems`: field -> sentence."""

    texts: dict[str, str]
    days: dict[str, date | None]
    many: dict[str, tuple[str, ...]]
    files: dict[str, UploadFile]
    problems: dict[str, str]

    def text(self, name: str) -> str:
        """What was typed; empty where nothing was."""
        return self.texts.get(name, "")

    def day(self, name: str) -> date:
        """A required day. Only asked for where `problems` is empty."""
        found = self.days[name]
        assert found is not None
        return found

    def is_set(self, name: str) -> bool:
        """Whether anything was typed, or the box was ticked."""
        return bool(self.texts.get(name))


def read(ask: Ask, fields: Sequence[Field]) -> StepInput:
    """Read a posted form."""
    given = StepInput({}, {}, {}, {}, {})
    for field in fields:
        text = ask.given(field.name)
        # Kept also where it cannot be read: the form comes back with what was typed.
        given.texts[field.name] = text
        if field.kind == "file":
            upload = ask.form.get(field.name)
            # A browser sends an empty part for a file that was not chosen.
            if isinstance(upload, UploadFile) and upload.filename:
                given.files[field.name] = upload
            elif field.required:
                given.problems[field.name] = f"{field.label}: hãy chọn tệp"
            continue
        if field.required and not text:
            given.problems[field.name] = f"{field.label}: hãy điền"
        elif field.kind == "date":
            _day(field, text, given)
        elif field.kind == "many":
            given.many[field.name] = tuple(line.strip() for line in text.splitlines() if line.strip())
        # The page offers no other; what is sent by hand is held to the same list.
        elif field.kind == "choice" and text and text not in _values(ask, field):
            given.problems[field.name] = f"{field.label}: không có lựa chọn này"
    return given


def _values(ask: Ask, field: Field) -> set[str]:
    return {value for value, _ in field.options(ask)} if field.options is not None else set()


def _day(field: Field, text: str, given: StepInput) -> None:
    given.days[field.name] = None
    if not text:
        return
    try:
        given.days[field.name] = date.fromisoformat(text)
    except ValueError:
        given.problems[field.name] = f"{field.label}: «{text}» không phải ngày; hãy chọn trong lịch hoặc ghi 2026-06-20"
