"""`read(build_blank(form))` gives back every entry, for any form the schema allows."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.contract import NIL_MARK
from baocao.forms.derivation import derived_values, slice_derivations
from baocao.forms.reading.cell_answers import is_nil
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import CellKey, Column, ColumnRole, Derive, Form, Linear, Row, Table, ValueType
from baocao.model.submission import Answer
from baocao.text import without_unseen
from builders.files.workbook import COMMUNE, COMMUNE_UNIT, fill, period, small_pack

ENTERED = [t for t in ValueType if t is not ValueType.RATIO]
OPTIONS = ("Loại I", "Loại II, đặc biệt", "Khác")


def seen(text: str) -> str:
    """What a person sees of it: a cell with nothing but a soft hyphen is blank."""
    return without_unseen(text).strip()


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=30
).filter(lambda t: "_x" not in t and seen(t) and not seen(t).startswith("#"))
names = st.sampled_from(["Số người", "Lớp tập huấn; lượt", "Điểm, tụ điểm", "Kinh phí (đồng) & khác", "=Tổng <số>"])

VALUES: dict[ValueType, st.SearchStrategy[object]] = {
    ValueType.COUNT: st.integers(0, 10**12),
    ValueType.MONEY: st.integers(0, 10**14),
    ValueType.DECIMAL: st.decimals(0, 10**8, places=2),
    ValueType.BOOL: st.booleans(),
    ValueType.CHOICE: st.sampled_from(OPTIONS),
    # Hypothesis tries words it finds in our source: what declares nil is another answer than a text.
    ValueType.TEXT: words.filter(lambda text: not is_nil(text)),
    ValueType.DATE: st.dates(date(2000, 1, 1), date(2100, 12, 31)),
}


@st.composite
def tables(draw: st.DrawFn, number: int) -> Table:
    count = draw(st.integers(1, 5))
    columns = [
        Column(
            code=f"C{i}",
            title=draw(names),
            role=draw(st.sampled_from([ColumnRole.ACTUAL, ColumnRole.INCREASE, ColumnRole.CUMULATIVE_YEAR])),
            group=draw(st.sampled_from([None, "Nhóm một", "Nhóm hai"])),
        )
        for i in range(count)
    ]
    if draw(st.booleans()):
        total = Derive(linear=Linear(plus=tuple(c.code for c in columns)))
        columns.append(Column(code="CK", title="Cộng", role=ColumnRole.CLOSING, derive=total))
    columns.append(Column(code="GT", title="Giải trình", role=ColumnRole.EXPLANATION, type=ValueType.TEXT))
    rows: list[Row] = []
    for i in range(draw(st.integers(1, 6))):
        if draw(st.integers(0, 4)) == 0:
            rows.append(Row(code=f"T{number}H{i}", item=f"{i}", name=draw(names), heading=True))
        kept = draw(st.none() | st.sets(st.sampled_from([c.code for c in columns]), min_size=1))
        rows.append(
            Row(
                code=f"T{number}.{i}a",
                item=f"{i}",
                name=draw(names),
                unit=draw(st.sampled_from(["", "người", "m²"])),
                type=draw(st.sampled_from(ENTERED)),
                options=OPTIONS,
                levels=COMMUNE,
                columns=None if kept is None else tuple(sorted(kept)),
                indent=draw(st.integers(0, 2)),
            )
        )
    return Table(code=f"T{number}", title=draw(st.sampled_from(["", "Bảng"])), columns=tuple(columns), rows=tuple(rows))


@st.composite
def filled_forms(draw: st.DrawFn) -> tuple[Form, dict[CellKey, object], dict[CellKey, int]]:
    form = Form(
        code=draw(st.sampled_from(["B04", "PL03", "PL05-A"])),
        version="2025.1",
        title=draw(names),
        short=draw(st.sampled_from(["Biểu 1", "It's", "Tổng & hợp"])),
        official="Biểu",
        assumed=False,
        nil_allowed=draw(st.booleans()),
        landscape=draw(st.booleans()),
        tables=tuple(draw(tables(n)) for n in range(draw(st.integers(1, 3)))),
    )
    values: dict[CellKey, object] = {}
    previous: dict[CellKey, int] = {}
    for key, (table, row, column) in form.cells.items():
        if not table.is_entered(row, column):
            continue
        kind = draw(st.integers(0, 5))
        if kind == 0:
            values[key] = NIL_MARK
        elif kind < 5:
            values[key] = draw(VALUES[table.type_of(row, column)])
        if draw(st.integers(0, 3)) == 0:
            previous[key] = draw(st.integers(0, 99))
    return form, values, previous


def as_read(value: object) -> object:
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFC", value).split())
    return value


def check(form: Form, values: dict[CellKey, object], data: bytes, *, computed: bool) -> None:
    pack = small_pack((form,))
    book = type_workbook(read_workbook(data), pack)
    assert book.problems == ()
    derived = derived_values(slice_derivations(pack, COMMUNE_UNIT), values) if computed else {}
    for key, (table, row, column) in form.cells.items():
        found = book.cells[key]
        if not table.is_entered(row, column):
            if computed and key in derived and table.type_of(row, column).is_number:
                assert Decimal(str(found.value)) == Decimal(f"{float(derived[key]):.15g}"), key
            continue
        given_value = values.get(key)
        if given_value is None:
            assert found.answer is Answer.BLANK, key
        elif given_value == NIL_MARK:
            assert found.answer is Answer.NIL, key
        else:
            assert (found.answer, found.value) == (Answer.VALUE, as_read(given_value)), key


@given(filled_forms())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_entry_of_any_form_reads_back(drawn: tuple[Form, dict[CellKey, object], dict[CellKey, int]]) -> None:
    form, values, previous = drawn
    data = write_blank(small_pack((form,)), COMMUNE_UNIT, period(), previous, values=values)
    check(form, values, data, computed=True)


@given(filled_forms())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_entry_typed_into_the_blank_reads_back(
    drawn: tuple[Form, dict[CellKey, object], dict[CellKey, int]],
) -> None:
    form, values, previous = drawn
    blank = write_blank(small_pack((form,)), COMMUNE_UNIT, period(), previous)
    check(form, values, fill(blank, values), computed=False)
