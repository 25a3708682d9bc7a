"""Two versions of a form: what a reviewer is told, what leans on it, and which old cell leads to which new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from baocao.model.form import Form
from baocao_authoring.compare.diff import FormDiff, diff
from baocao_authoring.compare.text import diff_data, diff_text
from builders.packs.lists import lists_pack
from builders.packs.pack import thanh_hoa

PACK = thanh_hoa()
Edit = Callable[[dict[str, Any]], None]


def changed(code: str, *edits: Edit) -> FormDiff:
    """A form of the real pack against the same form edited as data."""
    old = PACK.form(code)
    data = old.model_dump(mode="json", exclude_unset=True)
    data["version"] = "2027.1"
    for edit in edits:
        edit(data)
    return diff(old, Form.model_validate(data), PACK)


def row(data: dict[str, Any], code: str) -> dict[str, Any]:
    return next(r for t in data["tables"] for r in t["rows"] if r["code"] == code)


def rename(code: str, new: str, name: str) -> Edit:
    def edit(data: dict[str, Any]) -> None:
        row(data, code).update(code=new, name=name)
        data["relations"] = [r for r in data["relations"] if f"B04/{code}/" not in str(r)]

    return edit


def put(code: str, **more: Any) -> Edit:
    return lambda data: row(data, code).update(more)


def drop(code: str) -> Edit:
    def edit(data: dict[str, Any]) -> None:
        for table in data["tables"]:
            table["rows"] = [r for r in table["rows"] if r["code"] != code]
        data["relations"] = [r for r in data["relations"] if f"/{code}/" not in str(r)]

    return edit


def bridges_of(found: FormDiff, row_code: str) -> dict[str, tuple[str, str, str]]:
    """Column -> (new cell, status, reason) of one old line."""
    return {b.old.split("/")[2]: (b.new, b.status, b.reason) for b in found.bridges if b.old.split("/")[1] == row_code}


def test_the_same_content_shows_no_changes() -> None:
    found = changed("B04")
    assert found.changes == () and found.blanks_stay
    assert {(b.status, b.old == b.new) for b in found.bridges} == {("same", True)}
    assert found.touches == () and found.new_cells == ()
    assert "giống nhau hoàn toàn" in diff_text(found)


def test_changed_words_are_told_apart_from_changed_figures() -> None:
    found = changed("B04", put("B04.13b", name="Hồ sơ đã được phê duyệt", note="Xem hướng dẫn."))
    assert {(c.key, c.weighty) for c in found.changes} == {("name", False), ("note", False)}
    assert found.blanks_stay
    assert "CHỈ ĐỔI LỜI, TRÌNH BÀY (2)" in diff_text(found)


def test_a_like_named_line_is_only_proposed() -> None:
    found = changed("B04", rename("B04.20b", "B04.20c", "- trong đó đã bị triệt xóa"))
    old_name = next(r.name for t in PACK.form("B04").tables for r in t.rows if r.code == "B04.20b")
    proposal = next(c for c in found.changes if c.kind == "renamed")
    assert (proposal.old, proposal.new) == ("B04.20b", "B04.20c")
    assert old_name in proposal.text and "cần người xác nhận" in proposal.text
    new, status, _ = bridges_of(found, "B04.20b")["TH"]
    assert (new, status) == ("B04/B04.20c/TH", "proposed")
    assert not found.blanks_stay


def test_lost_and_new_lines_name_their_cells() -> None:
    def add(data: dict[str, Any]) -> None:
        new = {**row(data, "B04.13b"), "code": "B04.99", "name": "Camera giám sát lắp mới", "unit": "bộ"}
        data["tables"][1]["rows"].append(new)

    found = changed("B04", drop("B04.16a"), drop("B04.16b"), add)
    said = {(c.kind, c.what, c.place) for c in found.changes if c.what == "row"}
    assert said == {("removed", "row", "B04.16a"), ("removed", "row", "B04.16b"), ("added", "row", "B04.99")}
    assert {b[1] for b in bridges_of(found, "B04.16a").values()} == {"gone"}
    assert "B04/B04.99/TH" in found.new_cells
    assert ("removed", "V14.B04.16b") in {(c.kind, c.place) for c in found.changes if c.what == "relation"}


def test_equally_similar_new_lines_are_not_chosen_between() -> None:
    def split(data: dict[str, Any]) -> None:
        line = row(data, "B04.13c")
        at = data["tables"][1]["rows"].index(line)
        data["tables"][1]["rows"][at : at + 1] = [
            {**line, "code": "B04.13x", "name": line["name"] + " A"},
            {**line, "code": "B04.13y", "name": line["name"] + " B"},
        ]
        data["relations"] = [r for r in data["relations"] if "B04.13c" not in str(r)]

    found = changed("B04", split)
    assert not [c for c in found.changes if c.kind == "renamed"]
    assert {c.place for c in found.changes if c.kind == "added" and c.what == "row"} == {"B04.13x", "B04.13y"}


def test_changed_unit_type_or_nature_prevents_comparison() -> None:
    found = changed(
        "B04",
        put("B04.13a", unit="vụ"),
        put("B04.13b", nature="stock"),
        put("B04.24c", unit="ha"),
        put("B04.24a", type="decimal"),
    )
    reasons = {code: bridges_of(found, code)["TH"] for code in ("B04.13a", "B04.13b", "B04.24a", "B04.24c")}
    assert {r[1] for r in reasons.values()} == {"not_comparable"}
    assert "«hồ sơ» thành «vụ»" in reasons["B04.13a"][2]
    assert "flow thành stock" in reasons["B04.13b"][2]
    assert "count thành decimal" in reasons["B04.24a"][2]
    assert "«m²» thành «ha»" in reasons["B04.24c"][2]


def test_entered_and_computed_figures_are_not_comparable() -> None:
    total = {"levels": [], "roll_up": "derived", "derive": {"linear": {"plus": ["B04.13b"]}}, "columns": ["TH", "LKN"]}
    found = changed("B04", put("B04.13c", **total))
    assert bridges_of(found, "B04.13c")["TH"][1:] == ("not_comparable", "trước do đơn vị nhập, nay được tính")
    keys = {c.key for c in found.changes if c.place == "B04.13c"}
    assert {"levels", "roll_up", "derive", "columns"} <= keys


def test_a_code_reused_for_something_else_is_reported() -> None:
    found = changed("B04", put("B04.13b", name="Số camera an ninh ở khu vực công cộng"))
    reused = next(c for c in found.changes if c.kind == "reused")
    assert "mã giữ nguyên nhưng tên khác hẳn" in reused.text
    assert bridges_of(found, "B04.13b")["TH"][1] == "proposed"
    assert "CẦN NGƯỜI XÁC NHẬN (1)" in diff_text(found)


def test_columns_are_matched_by_their_role() -> None:
    def edit(data: dict[str, Any]) -> None:
        columns = data["tables"][1]["columns"]
        for column in columns:
            if column["code"] == "LKGD":
                column.update(code="LKCT", title="Lũy kế từ đầu Chương trình")
        columns.insert(0, {"code": "KHGD", "title": "Kế hoạch giai đoạn", "role": "attribute"})
        for line in data["tables"][1]["rows"]:
            line["columns"] = ["LKCT" if c == "LKGD" else c for c in line.get("columns", [])] or None
            if line["columns"] is None:
                del line["columns"]
        data["relations"] = [r for r in data["relations"] if "LKGD" not in str(r)]

    found = changed("B04", edit)
    said = {(c.kind, c.place) for c in found.changes if c.what == "column"}
    assert ("renamed", "B/LKGD") in said and ("added", "B/KHGD") in said
    assert bridges_of(found, "B04.11a")["LKGD"][:2] == ("B04/B04.11a/LKCT", "proposed")


def test_rules_of_a_lost_cell_are_named() -> None:
    found = changed("B04", rename("B04.20b", "B04.20c", "- trong đó đã bị triệt xóa"))
    relation = next(t for t in found.touches if t.kind == "relation")
    assert (relation.file, relation.breaks) == ("regime.yaml", True)
    assert "B04/B04.20b/TH không còn" in relation.text and "B04/B04.20c/TH" in relation.text
    found = changed("B04", drop("B04.11a"))
    assert ("activity", "4") in {(t.kind, t.name) for t in found.touches}


def test_targets_of_lost_or_changed_lines_are_named() -> None:
    def without(data: dict[str, Any]) -> None:
        drop("CT08")(data)

    gone = changed("PL01", without)
    assert {t.name for t in gone.touches if t.kind == "target" and t.breaks} == {"T2", "TH2"}
    other = changed("PL01", put("CT10", unit="lượt"))
    targets = {t.name: t for t in other.touches if t.kind == "target"}
    assert {"T3a", "T3b"} <= set(targets) and not targets["T3a"].breaks
    assert "đơn vị tính đổi" in targets["T3a"].text


def test_json_holds_every_change_and_every_cell_once() -> None:
    found = changed("B04", put("B04.24c", unit="ha"), drop("B04.16b"))
    data = diff_data(found)
    assert (data["form"], data["old"], data["new"], data["regime"]) == ("B04", "2025.1", "2027.1", PACK.code)
    assert len(data["changes"]) == len(found.changes) > 0
    assert [b["old"] for b in data["bridge"]] == [str(k) for k in PACK.form("B04").cells]
    assert sum(data["cells"].values()) == len(data["bridge"])
    assert data["old_blanks_accepted"] is False


def test_columns_gone_from_a_list_are_told_in_their_order() -> None:
    form = next(f for f in lists_pack().forms if f.lists)
    one = form.lists[0]
    shorter = one.model_copy(update={"columns": one.columns[:1], "title": "Danh sách khác"})
    found = diff(form, form.model_copy(update={"lists": (shorter, *form.lists[1:])})).changes
    gone = [(c.what, c.place) for c in found if c.kind == "removed"]
    assert gone == [("column", f"{one.code}/{c.code}") for c in one.columns[1:]] and len(gone) > 2
    assert [(c.key, c.weighty) for c in found if c.kind == "changed"] == [("title", False)]
    assert [(c.kind, c.what, c.place) for c in diff(form, form.model_copy(update={"lists": ()})).changes] == [
        ("removed", "list", o.code) for o in form.lists
    ]
