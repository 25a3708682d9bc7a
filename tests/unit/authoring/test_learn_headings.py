"""What headings and lines of forms say of women, of money, and of answers that are no figures."""

from __future__ import annotations

from baocao.model.form import Form, ValueType
from baocao_authoring.draft.learn import learn
from builders.packs import report_forms


def draft(data: bytes) -> tuple[Form, str]:
    found = learn(data, "bieu.xlsx", version="2026.1", code="B01")
    assert found.form is not None and found.problem == "", found.problem
    return found.form, found.text


def bounds(form: Form) -> set[tuple[str, str]]:
    """(part, whole) of every relation, by the titles of columns or the names of rows."""
    table = form.tables[0]
    names = {f"B01/*/{c.code}": c.title for c in table.columns}
    names |= {f"B01/{r.code}/{c.code}": r.name for r in table.rows for c in table.columns}
    told = [r.at_most for r in form.relations if r.at_most is not None]
    return {(names[str(part[0])], names[str(whole[0])]) for part, whole in told}


def test_women_beside_everybody_are_at_most_everybody() -> None:
    form, _ = draft(report_forms.training())
    assert bounds(form) == {("Nữ", "Số lượng"), ("Dân tộc thiểu số", "Số lượng"), ("Hộ nghèo", "Số lượng")}
    form, _ = draft(report_forms.staff())
    assert bounds(form) == {("Nữ", "Chung"), ("Số nữ (người)", "Số cán bộ")}, "of men women are no part"


def test_parts_below_parts_stay_within_their_own_whole() -> None:
    form, _ = draft(report_forms.population())
    assert bounds(form) == {
        ("- Nữ", "Số người"), ("- Trẻ em", "Số người"), ("+ Trẻ em dưới 6 tuổi", "- Trẻ em"), ("Nữ", "Số cán bộ"),
        ("- Nữ", "Tổng số đại biểu"), ("- Đảng viên", "Tổng số đại biểu"), ("- Nữ", "Tổng số học sinh"),
    }  # fmt: skip
    assert [r.name for r in form.tables[0].rows if r.derive] == ["Tổng số học sinh"], "women and members overlap"


def test_money_of_a_heading_is_asked_in_dong_everywhere() -> None:
    form, text = draft(report_forms.disbursement())
    columns = form.tables[0].columns
    assert [(c.group, c.title, c.type and c.type.value) for c in columns[:4]] == [
        (None, "Kế hoạch vốn năm (đồng)", "money"), ("Giải ngân (đồng)", "Trong kỳ", "money"),
        ("Giải ngân (đồng)", "Lũy kế năm", "money"), ("Giải ngân (đồng)", "Tỷ lệ (%)", "ratio"),
    ]  # fmt: skip
    assert text.count("bản gốc tính cột này bằng triệu đồng; đã ghi thành (đồng)") == 2 * 3
    form, text = draft(report_forms.support())
    assert [(c.title, c.type and c.type.value) for c in form.tables[0].columns[:5]] == [
        ("Kinh phí (đồng)", "money"), ("Vốn vay (đồng)", "money"), ("Hỗ trợ (đồng) trong kỳ", "money"),
        ("Diện tích, ha", "decimal"), ("Số thôn, bản", None),
    ]  # fmt: skip
    assert all(f"bản gốc tính cột này bằng {unit};" in text for unit in ("triệu đồng", "tỷ đồng", "tr.đ"))


def test_lines_without_figures_are_never_counted() -> None:
    form, text = draft(report_forms.criteria())
    kinds = [(r.name, r.type) for r in form.tables[0].rows]
    assert [t for _, t in kinds] == [
        ValueType.BOOL, ValueType.DATE, ValueType.TEXT, ValueType.TEXT, *[ValueType.COUNT] * 3, ValueType.BOOL,
        ValueType.TEXT, ValueType.MONEY,
    ], kinds  # fmt: skip
    marks = [text.count(f"dòng hỏi {kind}: không phải số đếm") for kind in ("ngày", "chữ", "có hoặc không")]
    assert marks == [2, 4, 2], "each on its line and in the list at the end"
    assert kinds[-1][0] == "Tổng kinh phí (đồng)" and "tên dòng ghi (tỷ đồng)" in text
    asked = {r.name: r.columns for r in form.tables[0].rows}
    assert asked["Ngày ban hành kế hoạch"] == ("TH", "GT"), "once, and not again as a sum of the year"
    assert "dòng chọn: tạm nhận là chữ; đổi thành type: choice, options: [Tốt, Khá, Trung bình]" in text


def test_a_lists_key_and_counts_are_read_under_common_headings() -> None:
    form, text = draft(report_forms.documents())
    (one,) = form.lists
    assert [(c.title, c.type.value, c.unit) for c in one.columns] == [
        ("Tên văn bản", "text", ""), ("Văn bản - Số, ký hiệu", "text", ""), ("Văn bản - Ngày ban hành", "date", ""),
        ("Kinh phí", "money", "triệu đồng"), ("Số người tham dự", "count", ""), ("Công khai (có/không)", "bool", ""),
        ("Ghi chú", "text", ""),
    ]  # fmt: skip
    assert one.key == (one.columns[1].code,)
    assert "cột «Số người tham dự» coi là số đếm của từng dòng" in text


def test_two_columns_of_one_role_are_marked() -> None:
    """A report prints one figure of a row for each role: which one, only a person knows."""
    _, text = draft(report_forms.pensions())
    assert text.count("cùng vai trò actual: báo cáo chỉ in cột này") == 2
    assert "«Số đối tượng (người) - Thực hiện», «Kinh phí (triệu đồng) - Thực hiện»" in text
