"""The units' own words are gathered, never rewritten."""

import pytest

from baocao.documents.narrative.unit_texts import Opinion, gather, shortened


def test_spelling_variants_of_one_text_are_one_opinion() -> None:
    texts = [("A", "Thiếu kinh phí hòa nhập."), ("B", "thiếu kinh phí  hoà nhập"), ("C", "Thiếu người")]
    found = gather(texts, lambda code: f"Xã {code}").opinions
    assert found == (Opinion("Thiếu kinh phí hòa nhập.", ("Xã A", "Xã B")), Opinion("Thiếu người", ("Xã C",)))


@pytest.mark.parametrize(
    "text", ["Không", "không có.", "Không có khó khăn, vướng mắc", "Chưa có ý kiến gì", "Không phát sinh"]
)
def test_an_empty_answer_is_counted_not_printed(text: str) -> None:
    found = gather([("A", text)], str)
    assert found.opinions == ()
    assert found.nothing == ("A",)


@pytest.mark.parametrize("text", ["Không có xe để tuần tra", "Chưa có trụ sở"])
def test_a_complaint_beginning_with_no_is_an_opinion(text: str) -> None:
    assert [o.text for o in gather([("A", text)], str).opinions] == [text]


def test_texts_are_cleaned_and_blank_ones_ignored() -> None:
    found = gather([("A", "- =1+1\x0b thiếu"), ("B", " \n "), ("C", "...")], str)
    assert [o.text for o in found.opinions] == ["1+1 thiếu"]
    assert found.nothing == ()


def test_units_above_the_limit_are_counted_not_named() -> None:
    opinion = Opinion("x", tuple(f"Xã {i}" for i in range(15)))
    assert opinion.sent_by(2) == "Xã 0, Xã 1 và 13 đơn vị khác"
    assert opinion.sent_by(15) == ", ".join(f"Xã {i}" for i in range(15))


def test_a_cut_never_splits_a_word() -> None:
    assert shortened("một hai ba bốn", 9) == ("một hai…", True)
    assert shortened("một hai", 9) == ("một hai", False)
