"""From what stands in a cell to an answer of its type."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from decimal import Decimal

import pytest

from baocao.forms.reading.cell_answers import BLANK, CONVERTERS, NIL, clean_text, raw_text
from baocao.forms.reading.dates import parse_date
from baocao.forms.reading.raw import RawValue
from baocao.model.form import ValueType
from baocao.model.submission import Answer, Problem


def convert(type: ValueType, value: RawValue, *options: str) -> tuple[Answer, object, Problem | None]:
    return CONVERTERS[type](value, options)


@pytest.mark.parametrize("type", list(ValueType))
@pytest.mark.parametrize(
    "text",
    ["NP", "np", " NP. ", "Không phát sinh", "KHÔNG THUỘC PHẠM VI", unicodedata.normalize("NFD", "Không phát sinh")],
)
def test_declared_nil_is_nil_in_every_cell_type(type: ValueType, text: str) -> None:
    assert convert(type, text) == NIL


@pytest.mark.parametrize("type", list(ValueType))
@pytest.mark.parametrize("text", ["", "   ", "\u00a0", "_x000D_", " _x000D_\n"])
def test_blanks_that_nobody_sees_are_blank(type: ValueType, text: str) -> None:
    assert convert(type, text) == BLANK


@pytest.mark.parametrize("type", [ValueType.COUNT, ValueType.BOOL, ValueType.CHOICE, ValueType.DATE, ValueType.TEXT])
@pytest.mark.parametrize("text", ["#REF!", "#DIV/0!", "#n/a", " #VALUE! "])
def test_an_error_pasted_as_text_is_an_error(type: ValueType, text: str) -> None:
    assert convert(type, text) == (Answer.INVALID, None, Problem.ERROR_VALUE)


def test_a_count_stored_as_text_is_read() -> None:
    assert convert(ValueType.COUNT, "1.234_x000D_") == (Answer.VALUE, 1234, None)


def test_a_number_turned_into_a_date_is_refused() -> None:
    assert convert(ValueType.COUNT, date(2026, 2, 1)) == (Answer.INVALID, None, Problem.NOT_A_NUMBER)


def test_na_is_text_and_not_a_missing_value() -> None:
    assert convert(ValueType.TEXT, "NA") == (Answer.VALUE, "NA", None)
    assert convert(ValueType.COUNT, "NA") == (Answer.INVALID, None, Problem.NOT_A_NUMBER)


@pytest.mark.parametrize(
    ("value", "answer"),
    [("Có", True), ("có", True), ("CO", True), ("Không", False), ("khong", False), (True, True), (False, False)],
)
def test_yes_and_no_are_read_in_any_spelling(value: RawValue, answer: bool) -> None:
    assert convert(ValueType.BOOL, value) == (Answer.VALUE, answer, None)


@pytest.mark.parametrize("value", ["x", "Có 2", 1.0, date(2026, 1, 1)])
def test_anything_else_is_neither_yes_nor_no(value: RawValue) -> None:
    assert convert(ValueType.BOOL, value) == (Answer.INVALID, None, Problem.NOT_AN_OPTION)


def test_choices_come_out_as_the_form_spells_them() -> None:
    decomposed = unicodedata.normalize("NFD", "LOẠI  ii")
    assert convert(ValueType.CHOICE, decomposed, "Loại I", "Loại II") == (Answer.VALUE, "Loại II", None)


def test_options_that_read_like_nil_stay_options() -> None:
    assert convert(ValueType.CHOICE, "Không phát sinh", "Không phát sinh", "Khác")[0] is Answer.VALUE


def test_a_choice_that_is_not_offered_is_named() -> None:
    assert convert(ValueType.CHOICE, "Loại IV", "Loại I") == (Answer.INVALID, None, Problem.NOT_AN_OPTION)


@pytest.mark.parametrize(
    "raw",
    [
        "05/06/2026",
        "5/6/2026",
        "5-6-2026",
        "5.6.2026",
        "2026-06-05",
        "2026-06-05 00:00:00",
        "ngày 05 tháng 6 năm 2026",
        datetime(2026, 6, 5, 7, 30),
        date(2026, 6, 5),
        46178.0,
    ],
)
def test_dates_are_read_day_first_however_stored(raw: object) -> None:
    assert parse_date(raw) == date(2026, 6, 5)


@pytest.mark.parametrize("raw", ["31/6/2026", "13/13/2026", "5/6/26", "tháng 6", "2026", 12.0, 46178.5, True, None])
def test_an_invalid_date_is_never_made_into_one(raw: object) -> None:
    assert parse_date(raw) is Problem.NOT_A_DATE


def test_a_narrative_keeps_its_paragraphs_without_stray_characters() -> None:
    text = unicodedata.normalize("NFD", "  Đã họp._x000D_\r\n\r\n\r\n\r\n Đã  kiểm tra. ")
    assert clean_text(text) == "Đã họp.\n\nĐã kiểm tra."


def test_the_raw_text_is_what_the_person_sees() -> None:
    assert [raw_text(v) for v in (12.0, 12.5, True, date(2026, 6, 5), " a  b ")] == [
        "12",
        "12.5",
        "TRUE",
        "05/06/2026",
        "a b",
    ]


def test_decimal_areas_are_read_exactly() -> None:
    assert convert(ValueType.DECIMAL, 12.1) == (Answer.VALUE, Decimal("12.1"), None)
