"""What a form leaves open, in forms of a few lines: marked at its line, left out, or refused with the cure."""

from __future__ import annotations

import pytest

import builders_official as official
from baocao.authoring.draft.learn import CannotLearn, learn
from baocao.model.form import ColumnRole
from builders_learned import learned, linear, mark_above, row_of


def test_a_list_of_empty_lines_is_refused_with_its_cell_and_the_cure() -> None:
    with pytest.raises(CannotLearn, match=r"danh sách \(ô A5\).*giữ ngoài hệ thống"):
        learned("register_form")


def test_two_sheets_with_tables_are_not_chosen_between() -> None:
    page = official.Page("Biểu 1")
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ"])
    second = official.Page("Biểu 2", page.book)
    second.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    second.line(2, [1, "Số người", "người"])
    with pytest.raises(CannotLearn, match=r"Biểu 1, Biểu 2.*--sheet"):
        learn(page.bytes(), "hai.xlsx", version="2026.1", code="B01")
    one = learn(page.bytes(), "hai.xlsx", version="2026.1", code="B01", sheet="Biểu 2")
    assert one.form is not None and one.form.tables[0].rows[0].name == "Số người"


def test_a_form_without_a_number_asks_for_its_code() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ"])
    with pytest.raises(CannotLearn, match="--code"):
        learn(page.bytes(), "khong-so.xlsx", version="2026.1")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [(b"%PDF-1.7", "bieu.pdf", "không mở được"), (b"\xd0\xcf\x11\xe0", "bieu.xls", "lưu lại dạng .xlsx")],
)
def test_a_file_of_another_kind_is_answered_with_the_cure(data: bytes, name: str, said: str) -> None:
    with pytest.raises(CannotLearn, match=said):
        learn(data, name, version="2026.1", code="B01")


def test_an_item_that_stands_twice_gets_a_code_of_its_own_and_a_mark() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ"])
    page.line(3, [1.1, "Vụ nhỏ", "vụ"])
    page.line(4, [1.1, "Vụ lớn", "vụ"])
    done = learn(page.bytes(), "trung.xlsx", version="2026.1", code="B01")
    assert "đứng hai lần" in mark_above(done.text, "- {code: B01.1.1_2")[0]


def test_a_total_over_different_units_is_not_added_up() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ"])
    page.line(3, [2, "Số người", "người"])
    page.line(4, [None, "Tổng cộng", None])
    done = learn(page.bytes(), "tong.xlsx", version="2026.1", code="B01")
    assert done.form is not None and row_of(done.form, "B01.TONG").heading
    assert "khác đơn vị tính (người, vụ)" in " ".join(mark_above(done.text, "- {code: B01.TONG"))


def test_unnamed_subtotals_take_what_stands_since_the_last_one_and_say_so() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    for n, name in enumerate(["Vụ nhỏ", "Vụ lớn", "Cộng", "Vụ mới", "Vụ cũ", "Cộng", "Tổng cộng"], start=2):
        page.line(n, [None if name.endswith("ộng") else n - 1, name, "vụ"])
    done = learn(page.bytes(), "cong.xlsx", version="2026.1", code="B01")
    assert done.form is not None
    assert linear(done.form, "B01.TONG") == ("B01.1", "B01.2")
    assert linear(done.form, "B01.TONG_2") == ("B01.4", "B01.5")
    assert linear(done.form, "B01.TONG_3") == ("B01.1", "B01.2", "B01.4", "B01.5")
    for code in ("B01.TONG,", "B01.TONG_2", "B01.TONG_3"):
        assert mark_above(done.text, f"- {{code: {code}"), code


def test_a_line_without_a_unit_takes_that_of_the_line_it_belongs_to_and_is_marked() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ"])
    page.line(3, [None, "- Vụ lớn"])
    done = learn(page.bytes(), "dvt.xlsx", version="2026.1", code="B01")
    assert done.form is not None and row_of(done.form, "B01.1x1").unit == "vụ"
    assert "lấy theo dòng «Số vụ»" in mark_above(done.text, "- {code: B01.1x1")[0]


def test_a_table_that_lists_units_is_said_to_be_no_form_for_one_unit() -> None:
    page = official.Page()
    page.line(1, ["TT", "Xã, phường", "Số vụ (vụ)", "Tang vật (kg)"])
    page.line(2, [1, "Xã A"])
    page.line(3, [2, "Xã B"])
    done = learn(page.bytes(), "xa.xlsx", version="2026.1", code="B01")
    assert any("liệt kê đơn vị theo dòng" in d.reason and d.a1 == "B1" for d in done.decisions)


def test_a_percentage_without_known_sides_is_left_out_of_the_form_with_its_line_kept_as_a_comment() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Số hộ", "Số khẩu", "Tỷ lệ (%)"])
    page.line(2, [1, "Được hỗ trợ", "hộ"])
    done = learn(page.bytes(), "ty-le.xlsx", version="2026.1", code="B01")
    assert done.form is not None
    assert ColumnRole.RATIO not in {c.role for c in done.form.tables[0].columns}
    assert "chưa rõ tử số, mẫu số" in mark_above(done.text, "# bỏ ngoài: - {code: TL")[0]


def test_lines_that_would_follow_from_one_another_are_entered_and_marked() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    for n, name in enumerate(["Số vụ (2+3)", "Vụ mới (1+3)", "Vụ cũ"], start=1):
        page.line(n + 1, [n, name, "vụ"])
    done = learn(page.bytes(), "vong.xlsx", version="2026.1", code="B01")
    assert done.form is not None
    assert row_of(done.form, "B01.1").derive is None and linear(done.form, "B01.2") == ("B01.1", "B01.3")
    assert "vòng tròn" in mark_above(done.text, "- {code: B01.1,")[0]


def test_what_is_hidden_and_what_is_filled_in_already_is_told() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ", 12])
    page.line(3, [2, "Số người", "người"])
    page.sheet.row_dimensions[3].hidden = True
    done = learn(page.bytes(), "an.xlsx", version="2026.1", code="B01")
    reasons = {d.reason: d.a1 for d in done.decisions}
    assert "dòng 3 của bản gốc đang ẩn" in reasons
    assert reasons["bản gốc có sẵn số ở 1 ô; không đưa vào biểu"] == "D2"


@pytest.mark.parametrize(
    ("more", "said"),
    [({"version": "2026"}, "--version"), ({"code": "b 1"}, "--code"), ({"levels": ("xa",)}, "--levels")],
)
def test_a_wrong_option_is_answered_by_its_name(more: dict[str, object], said: str) -> None:
    with pytest.raises(CannotLearn, match=said):
        learn(official.movement_form(), "bieu.xlsx", **{"version": "2026.1", **more})  # type: ignore[arg-type]


def test_a_table_without_a_line_to_fill_is_refused_for_that_reason() -> None:
    page = official.Page("Trống")
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    with pytest.raises(CannotLearn, match="«Trống» có bảng nhưng không dòng nào"):
        learn(page.bytes(), "trong.xlsx", version="2026.1", code="B01")
