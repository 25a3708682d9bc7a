"""From what stands in a cell to an answer of its type: a value, declared nil, blank, or invalid with the reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime

from baocao.forms.reading.dates import parse_date
from baocao.forms.reading.numbers import parse_number
from baocao.forms.reading.raw import RawValue
from baocao.model.form import ValueType
from baocao.model.submission import Answer, Problem, Value
from baocao.text import day_text, fold, halfwidth, nfc, without_diacritics, without_unseen

Typed = tuple[Answer, Value | None, Problem | None]
Converter = Callable[[RawValue, tuple[str, ...]], Typed]

_NIL = {"np", "n/p", "không phát sinh", "không thuộc phạm vi"}
# As text: pasted as a value, or written so by another program. Real error cells come apart (`RawTable.errors`).
_ERRORS = {"#ref!", "#div/0!", "#value!", "#name?", "#n/a", "#null!", "#num!", "#spill!", "#calc!", "#getting_data"}
_LONGEST_SIGN = 60
"""Characters, blanks and decomposed accents included; a longer text is no nil sign and no error value."""
_ESCAPE = re.compile(r"_x000[dD]_")

BLANK: Typed = (Answer.BLANK, None, None)
NIL: Typed = (Answer.NIL, None, None)


def is_nil(text: str) -> bool:
    """`NP`, `không phát sinh`, `không thuộc phạm vi`, in any case and spelling of the accents' place."""
    return fold(text).strip(" .") in _NIL


def raw_text(value: RawValue) -> str:
    """What the person sees in the cell, for messages."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    # Above 10^15 fifteen digits no longer show every whole number.
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime | date):
        return day_text(value)
    return nfc(_ESCAPE.sub(" ", value) if "_x000" in value else value)


def clean_text(value: RawValue) -> str:
    """A narrative: NFC, line breaks kept, escaped carriage returns and blanks at line ends gone."""
    if not isinstance(value, str):
        return raw_text(value)
    # Most texts are one line, and this runs for every text cell of every file.
    if "\n" not in value and "\r" not in value and "_x000" not in value:
        return nfc(value)
    text = unicodedata.normalize("NFC", _ESCAPE.sub("\n", value)).replace("\r\n", "\n").replace("\r", "\n")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _invalid(problem: Problem) -> Typed:
    return Answer.INVALID, None, problem


def _text_answer(value: str) -> Typed | None:
    """Blank, nil or error text; None when the text has to be read as the cell's type."""
    if "_x000" in value:
        value = _ESCAPE.sub(" ", value)
    if not value.isascii():
        value = halfwidth(without_unseen(value))
    if not value.strip():
        return BLANK
    # A long narrative is folded letter by letter for nothing.
    if len(value) > _LONGEST_SIGN:
        return None
    folded = fold(value)
    if folded.strip(" .") in _NIL:
        return NIL
    return _invalid(Problem.ERROR_VALUE) if folded in _ERRORS else None


def _number(type: ValueType) -> Converter:
    def convert(value: RawValue, options: tuple[str, ...]) -> Typed:
        # The bounds are those of `numbers.parse_number`, which asks about everything beyond them.
        if type is not ValueType.DECIMAL and isinstance(value, float) and 0 <= value < 1e18 and value.is_integer():
            return Answer.VALUE, int(value), None  # nearly every cell
        if isinstance(value, str):
            early = _text_answer(value)
            if early is not None:
                return early
            value = _ESCAPE.sub("", value)
        elif isinstance(value, date):  # a spreadsheet turned `1/2` into a date
            return _invalid(Problem.NOT_A_NUMBER)
        number = parse_number(value, type)
        return _invalid(number) if isinstance(number, Problem) else (Answer.VALUE, number, None)

    return convert


def _bool(value: RawValue, options: tuple[str, ...]) -> Typed:
    if isinstance(value, bool):
        return Answer.VALUE, value, None
    if isinstance(value, str):
        early = _text_answer(value)
        if early is not None:
            return early
        word = without_diacritics(fold(_ESCAPE.sub("", value))).strip(" .")
        if word in {"co", "khong"}:
            return Answer.VALUE, word == "co", None
    return _invalid(Problem.NOT_AN_OPTION)


def _choice(value: RawValue, options: tuple[str, ...]) -> Typed:
    text = raw_text(value)
    folded = fold(text)
    # Before the signs of nil: an option may itself be called "Không phát sinh".
    for option in options:
        if fold(option) == folded:
            return Answer.VALUE, option, None
    early = _text_answer(text)
    return early if early is not None else _invalid(Problem.NOT_AN_OPTION)


def _text(value: RawValue, options: tuple[str, ...]) -> Typed:
    if isinstance(value, str):
        early = _text_answer(value)
        if early is not None:
            return early
    return Answer.VALUE, clean_text(value), None


def _date(value: RawValue, options: tuple[str, ...]) -> Typed:
    if isinstance(value, str):
        early = _text_answer(value)
        if early is not None:
            return early
        value = _ESCAPE.sub("", value)
    day = parse_date(value)
    return _invalid(day) if isinstance(day, Problem) else (Answer.VALUE, day, None)


def computed_figure(value: RawValue) -> Typed:
    """What a formula came to, kept even where nobody could have entered it (a closing figure below zero)."""
    number = parse_number(value, ValueType.RATIO) if isinstance(value, float) else Problem.NOT_A_NUMBER
    if isinstance(number, Problem):
        return BLANK
    return Answer.VALUE, int(number) if number == int(number) else number, None


CONVERTERS: dict[ValueType, Converter] = {
    ValueType.COUNT: _number(ValueType.COUNT),
    ValueType.MONEY: _number(ValueType.MONEY),
    ValueType.DECIMAL: _number(ValueType.DECIMAL),
    ValueType.RATIO: _number(ValueType.RATIO),
    ValueType.BOOL: _bool,
    ValueType.CHOICE: _choice,
    ValueType.TEXT: _text,
    ValueType.DATE: _date,
}
