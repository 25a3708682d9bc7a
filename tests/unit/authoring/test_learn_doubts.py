"""What a form leaves open, in forms of a few lines: marked at its line, left out, or refused with the cure."""

from __future__ import annotations

import pytest

from baocao.model.form import ColumnRole
from baocao_authoring.draft.learn import CannotLearn, learn
from builders.packs import official
from builders.packs.learned import linear, mark_above, row_of


def test_a_table_of_empty_lines_becomes_a_list() -> None:
    page = official.Page("DS van ban")
    page.put("A1", "Biểu số 07")
    page.put("A2:H2", "DANH SÁCH VĂN BẢN ĐÃ BAN HÀNH", bold=True)
    page.line(4, ["STT", "Số, ký hiệu", "Ngày ban hành", "Trích yếu", "Hình thức (trực tiếp/trực tuyến)",
                  "Kinh phí (tr.đ)", "Đã công khai (có/không)", "Mức độ", "Ghi chú"])  # fmt: skip
    for row in range(5, 8):
        page.line(row, [row - 4, *[None] * 8])
    found = learn(page.bytes(), "ds.xlsx", version="2026.1")
    assert found.problem == "" and found.form is not None and found.form.tables == ()
    (one,) = found.form.lists
    assert [(c.title, c.type.value, c.unit) for c in one.columns] == [
        ("Số, ký hiệu", "text", ""), ("Ngày ban hành", "date", ""), ("Trích yếu", "text", ""),
        ("Hình thức (trực tiếp/trực tuyến)", "choice", ""), ("Kinh phí", "money", "triệu đồng"),
        ("Đã công khai (có/không)", "bool", ""), ("Mức độ", "text", ""), ("Ghi chú", "text", ""),
    ]  # fmt: skip
    assert one.columns[3].options == ("Trực tiếp", "Trực tuyến") and not one.columns[-1].required
    assert one.key == (one.columns[0].code,) and one.columns[4].heading == "Kinh phí (triệu đồng)"
    doubts = "\n".join(d.line() for d in found.decisions)
    assert "chưa rõ kiểu của cột «Mức độ»" in doubts and "lưu đủ đồng và in lại bằng triệu đồng" in doubts
    assert "chỉ có dòng trống: coi là danh sách" in doubts and found.text.count("CẦN XEM LẠI:") >= 6


def test_columns_without_figures_are_never_counted() -> None:
    page = official.Page()
    page.line(
        1, ["STT", "Nội dung", "ĐVT", "Thực hiện", "Ngày ban hành", "Hình thức (họp/văn bản)", "Có kế hoạch (C/K)"]
    )
    page.line(2, [1, "Số vụ", "vụ"])
    page.line(3, [2, "Số người", "người"])
    found = learn(page.bytes(), "cot.xlsx", version="2026.1", code="B01")
    assert found.form is not None
    columns = found.form.tables[0].columns
    assert [c.type and c.type.value for c in columns] == [None, "date", "text", "bool", "text"]
    assert columns[3].role is ColumnRole.ATTRIBUTE, "a yes or no is no plan, whatever its heading speaks of"
    assert "cột «Có kế hoạch (C/K)» hỏi có hoặc không" in found.text


def test_parts_and_their_sublines_stay_within_the_whole() -> None:
    page = official.Page()
    page.put("A1:A2", "STT")
    page.put("B1:B2", "Chỉ tiêu")
    page.put("C1:C2", "ĐVT")
    page.put("D1:E1", "Thực hiện")
    page.put("D2", "Chung")
    page.put("E2", "Nữ")
    page.line(3, [1, "Số bị can", "người"])
    page.line(4, [None, "Trong đó: chưa thành niên", "người"])
    page.line(5, [None, "- Dưới 16 tuổi", "người"])
    page.line(6, [None, "- Từ 16 tuổi", "người"])
    found = learn(page.bytes(), "nu.xlsx", version="2026.1", code="B01")
    assert found.form is not None, found.problem
    said = [str(r.at_most) for r in found.form.relations if r.at_most is not None]
    women, everybody = (c.code for c in reversed(found.form.tables[0].columns[:2]))
    assert any(f"B01/*/{women}" in s and f"B01/*/{everybody}" in s for s in said), said
    of_which = next(r for r in found.form.tables[0].rows if "chưa thành niên" in r.name)
    assert any(f"B01/{of_which.code}/" in s and "B01/B01.1/" in s for s in said), said


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


def test_a_form_without_number_asks_for_its_code() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ"])
    with pytest.raises(CannotLearn, match="--code"):
        learn(page.bytes(), "khong-so.xlsx", version="2026.1")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [(b"%PDF-1.7", "bieu.pdf", "không mở được"), (b"\xd0\xcf\x11\xe0", "bieu.xls", "lưu lại dạng .xlsx")],
)
def test_another_kind_of_file_is_refused_with_advice(data: bytes, name: str, said: str) -> None:
    with pytest.raises(CannotLearn, match=said):
        learn(data, name, version="2026.1", code="B01")


def test_a_repeated_item_gets_its_own_marked_code() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ"])
    page.line(3, [1.1, "Vụ nhỏ", "vụ"])
    page.line(4, [1.1, "Vụ lớn", "vụ"])
    done = learn(page.bytes(), "trung.xlsx", version="2026.1", code="B01")
    assert "đứng hai lần" in mark_above(done.text, "- {code: B01.1.1_2")[0]


def test_totals_over_different_units_are_not_added() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ"])
    page.line(3, [2, "Số người", "người"])
    page.line(4, [None, "Tổng cộng", None])
    done = learn(page.bytes(), "tong.xlsx", version="2026.1", code="B01")
    assert done.form is not None and row_of(done.form, "B01.TONG").heading
    assert "khác đơn vị tính (người, vụ)" in " ".join(mark_above(done.text, "- {code: B01.TONG"))


def test_unnamed_subtotals_add_the_lines_since_the_last() -> None:
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


def test_line_without_unit_takes_its_parents_unit() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(2, [1, "Số vụ", "vụ"])
    page.line(3, [None, "- Vụ lớn"])
    done = learn(page.bytes(), "dvt.xlsx", version="2026.1", code="B01")
    assert done.form is not None and row_of(done.form, "B01.1x1").unit == "vụ"
    assert "lấy theo dòng «Số vụ»" in mark_above(done.text, "- {code: B01.1x1")[0]


def test_a_table_listing_units_is_marked_as_such() -> None:
    page = official.Page()
    page.line(1, ["TT", "Xã, phường", "Số vụ (vụ)", "Tang vật (kg)"])
    page.line(2, [1, "Xã A"])
    page.line(3, [2, "Xã B"])
    done = learn(page.bytes(), "xa.xlsx", version="2026.1", code="B01")
    assert any("liệt kê đơn vị theo dòng" in d.reason and d.a1 == "B1" for d in done.decisions)


def test_percentage_without_sides_is_kept_as_comment() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Số hộ", "Số khẩu", "Tỷ lệ (%)"])
    page.line(2, [1, "Được hỗ trợ", "hộ"])
    done = learn(page.bytes(), "ty-le.xlsx", version="2026.1", code="B01")
    assert done.form is not None
    assert ColumnRole.RATIO not in {c.role for c in done.form.tables[0].columns}
    assert "chưa rõ tử số, mẫu số" in mark_above(done.text, "# bỏ ngoài: - {code: TL")[0]


def test_circular_sums_become_entered_and_marked_lines() -> None:
    page = official.Page()
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    for n, name in enumerate(["Số vụ (2+3)", "Vụ mới (1+3)", "Vụ cũ"], start=1):
        page.line(n + 1, [n, name, "vụ"])
    done = learn(page.bytes(), "vong.xlsx", version="2026.1", code="B01")
    assert done.form is not None
    assert row_of(done.form, "B01.1").derive is None and linear(done.form, "B01.2") == ("B01.1", "B01.3")
    assert "vòng tròn" in mark_above(done.text, "- {code: B01.1,")[0]


def test_hidden_and_filled_in_cells_are_reported() -> None:
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


def test_a_table_without_lines_to_fill_is_refused() -> None:
    page = official.Page("Trống")
    page.line(1, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    with pytest.raises(CannotLearn, match="«Trống» có bảng nhưng không dòng nào"):
        learn(page.bytes(), "trong.xlsx", version="2026.1", code="B01")
