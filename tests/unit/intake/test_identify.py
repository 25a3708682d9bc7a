"""Whose workbook, for which period: from what it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.raw import RawWorkbook
from baocao.forms.reading.read import read_workbook
from baocao.intake.identify import Identity, identify, misplaced, unusable
from baocao.model.pack_parts.rules import RuleBook
from baocao.model.submission import Finding, Rejection, Screening, Severity
from builders.files.workbook import COMMUNE_UNIT, OTHER_UNIT, period, small_pack

PACK = small_pack()
H1, YEAR = period(), period("2026-Y", "năm 2026")
BLANK = write_blank(PACK, COMMUNE_UNIT, H1)


def workbook(**meta: str) -> RawWorkbook:
    """The unit's blank with `_meta` values changed; an empty value is taken out."""
    raw = read_workbook(BLANK)
    raw.meta.update(meta)
    raw.meta = {k: v for k, v in raw.meta.items() if v}
    return raw


def answer(raw: RawWorkbook) -> Identity | Rejection:
    return unusable(raw, {PACK.code}) or identify(raw, PACK, (H1, YEAR))


def finding(raw: RawWorkbook, *collecting: object, sender: object = None) -> Finding | None:
    found = answer(raw)
    assert isinstance(found, Identity)
    return misplaced(found, raw, collecting, RuleBook(), sender)  # type: ignore[arg-type]


def test_a_workbook_says_itself_whose_it_is() -> None:
    assert answer(workbook()) == Identity(PACK.code, H1, COMMUNE_UNIT)


@pytest.mark.parametrize("missing", ["regime", "unit", "period", "layout"])
def test_a_workbook_without_its_hidden_sheet_is_refused(missing: str) -> None:
    found = answer(workbook(**{missing: ""}))
    assert isinstance(found, Rejection) and found.reason is Screening.NO_META
    assert "Dán giá trị" in found.message


def test_an_old_layout_is_pointed_to_the_new() -> None:
    found = answer(workbook(layout="0"))
    assert isinstance(found, Rejection) and "“0”" in found.message and "“1”" in found.message


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("regime", "che-do-khac", Screening.WRONG_REGIME),
        ("unit", "99999", Screening.UNKNOWN_UNIT),
        ("period", "2031-H1", Screening.UNKNOWN_PERIOD),
    ],
)
def test_foreign_files_are_named_with_their_content(key: str, value: str, reason: Screening) -> None:
    found = answer(workbook(**{key: value}))
    assert isinstance(found, Rejection) and found.reason is reason
    assert f"“{value}”" in found.message and "{" not in found.message


def test_the_right_workbook_in_time_has_no_objection() -> None:
    assert finding(workbook(), H1) is None
    assert finding(workbook(), H1, YEAR) is None
    assert finding(workbook(), H1, sender=COMMUNE_UNIT) is None


def test_another_periods_workbook_is_told_which_to_use() -> None:
    found = finding(workbook(), YEAR)
    assert found is not None and (found.rule, found.severity) == ("V05", Severity.BLOCKS)
    assert "“6 tháng đầu năm 2026”" in found.message and "“90001_2026-Y.xlsx”" in found.message
    assert (found.expected, found.actual, found.sheet) == ("2026-Y", "2026-H1", "Thông tin")


def test_a_workbook_outside_collection_is_told_to_wait() -> None:
    found = finding(workbook())
    assert found is not None and "không có kỳ nào đang thu" in found.message


def test_another_units_workbook_is_told_which_to_use() -> None:
    found = finding(workbook(), H1, sender=OTHER_UNIT)
    assert found is not None and found.rule == "V04"
    assert "Phường Trường Sơn" in found.message and "“90002_2026-H1.xlsx”" in found.message
    assert (found.expected, found.actual) == ("90002", "90001")


def test_a_renamed_information_sheet_is_named_as_printed() -> None:
    raw = workbook()
    table = raw.table("TT", "A")
    assert table is not None
    raw.tables[raw.tables.index(table)] = replace(table, sheet="Trang 2")
    found = finding(raw, YEAR)
    assert found is not None and found.sheet == "Trang 2"
