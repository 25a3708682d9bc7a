"""From an unseen official form to a live, checked one without code: learn, put in, write, fill, read back, check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml

from baocao.checks.engine import check
from baocao.checks.history import History
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import CellKey, Form, ValueType
from baocao.model.pack import Pack
from baocao.model.submission import Answer, Finding, Workbook
from baocao.model.unit import Unit
from baocao.regimes.errors import PackError
from baocao_authoring.draft.learn import learn
from baocao_authoring.trial import in_force, pack_with_form
from builders.files.workbook import fill
from builders.packs import official
from builders.packs.pack import FOLDER, REFERENCE, thanh_hoa, thanh_hoa_periods

PERIOD = thanh_hoa_periods()["2026-H1"]
STYLES = {
    "statistical_form": "B12",
    "resources_form": "PL15",
    "lettered_form": "M07",
    "movement_form": "B21",
    "sections_form": "B44",
    "subtotals_form": "B05X",
    "indicators_form": "PLII",
}


@cache
def pack_with(style: str) -> Pack:
    """The real pack, loaded completely, with the learned form in force."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "2026.1.yaml"
        file.write_text(
            learn(getattr(official, style)(), f"{style}.xlsx", version="2026.1", code=STYLES[style]).text,
            encoding="utf-8",
        )
        return pack_with_form(FOLDER, file, REFERENCE)


@cache
def alone(style: str) -> Pack:
    """The same pack with nothing but the learned form: a workbook of one sheet is quick to fill."""
    whole = pack_with(style)
    form = whole.form(STYLES[style])
    return replace(whole, forms=(form,))


def commune(pack: Pack) -> Unit:
    return next(u for u in pack.units if u.code == "14797")


def entries(form: Form) -> dict[CellKey, object]:
    """A figure for every entered cell: small for a part, large for what it is a part of."""
    parts = {name.split("/")[1] for r in form.relations if r.at_most for name in r.at_most[0]}
    part_columns = {name.split("/")[2] for r in form.relations if r.at_most for name in r.at_most[0] if "*" in name}
    values: dict[CellKey, object] = {}
    for key, (table, row, column) in form.cells.items():
        kind = table.type_of(row, column)
        if not table.is_entered(row, column) or not (kind.is_number or kind is ValueType.BOOL):
            continue
        part = key.row in parts or key.column in part_columns
        small = 1 if part and key.column in part_columns and key.row in parts else 2 if part else 9
        values[key] = True if kind is ValueType.BOOL else small
    return values


def sent_back(style: str, changes: Mapping[str, object]) -> tuple[Workbook, tuple[Finding, ...]]:
    """The blank of a commune, typed into, read back and checked; the other forms of the pack stay out of the way."""
    pack, code = alone(style), STYLES[style]
    unit = commune(pack)
    blank = write_blank(pack, unit, PERIOD)
    values = entries(pack.form(code)) | {CellKey.parse(k): v for k, v in changes.items()}
    book = type_workbook(read_workbook(fill(blank, values)), pack)
    received = PERIOD.unit.due_at - timedelta(days=2)
    found = check(book, pack, unit, PERIOD, History({}, {}, {}), received_at=received)
    return book, tuple(f for f in found if f.key.split("|")[1].startswith(code))


@pytest.mark.parametrize("style", STYLES)
def test_a_learned_form_is_filled_read_and_accepted(style: str) -> None:
    pack = pack_with(style)
    form = pack.form(STYLES[style])
    assert pack.form(form.code).version == "2026.1" and form.code not in thanh_hoa().regime.forms
    book, found = sent_back(style, {})
    typed = entries(form)
    assert {k: book.cells[k].value for k in typed} == typed
    assert all(book.cells[k].answer is Answer.VALUE for k in typed)
    assert found == ()


@pytest.mark.parametrize(
    ("style", "cell", "components"),
    [
        ("statistical_form", "B12/B12.06/TH", 3),
        ("resources_form", "PL15/PL15.I.1/GN_TS", 5),
        ("lettered_form", "M07/M07.1/TH", 3),
        ("movement_form", "B21/B21.TONG/DK", 2),
    ],
)
def test_broken_total_of_learned_form_is_found(style: str, cell: str, components: int) -> None:
    book, found = sent_back(style, {cell: 999})
    broken = next(f for f in found if f.cells[0] == cell)
    assert broken.rule in {"V11", "V25"} and broken.severity == "blocks"
    assert (broken.actual, broken.suggestion) == ("999", f"{9 * components}")
    assert (broken.sheet, broken.a1) == (book.cells[CellKey.parse(cell)].sheet, book.cells[CellKey.parse(cell)].a1)
    assert len(broken.cells) == components + 1


def test_lines_and_columns_exceeding_their_whole_are_found() -> None:
    _, found = sent_back("statistical_form", {"B12/B12.02/TH": 10})
    assert [(f.rule, f.cells[:2]) for f in found] == [("V14", ("B12/B12.02/TH", "B12/B12.01/TH"))]
    assert "Số vụ khởi tố" in found[0].message
    _, found = sent_back("statistical_form", {"B12/B12.03/PH_NU": 10})
    assert [(f.rule, f.cells[:2]) for f in found] == [("V14", ("B12/B12.03/PH_NU", "B12/B12.03/TH"))]


def test_another_split_of_a_total_must_agree() -> None:
    _, found = sent_back("sections_form", {"B44/B44.A.I.1/DO_D18": 10})
    assert [(f.rule, f.severity) for f in found] == [("V25", "blocks")]
    assert set(found[0].cells) == {f"B44/B44.A.I.1/{c}" for c in ("TH", "DO_D18", "DO_T18TL")}
    assert "18" in found[0].message and "19" in found[0].message


def test_form_enters_regime_yaml_and_nothing_else_changes() -> None:
    text = (FOLDER / "regime.yaml").read_text(encoding="utf-8")
    new = pack_with("movement_form").form("B21")
    added = in_force(text, new)
    assert added.replace('  B21: "2026.1"\n', "") == text
    assert added.index("PL04:") < added.index("B21:") < added.index("default_nil:")
    again = in_force(text, thanh_hoa().form("B04").model_copy(update={"version": "2027.1"}))
    assert again == text.replace('  B04: "2025.1"\n', '  B04: "2027.1"\n')


def test_a_refused_draft_names_the_persons_own_file(tmp_path: Path) -> None:
    draft = learn(official.movement_form(), "bieu.xlsx", version="2026.1")
    file = tmp_path / "nhap.yaml"
    file.write_text(draft.text.replace("assumed: true", "assumed: true\nanchor: KHONG.CO"), encoding="utf-8")
    with pytest.raises(PackError, match=r"không có căn cứ 'KHONG.CO'") as refused:
        pack_with_form(FOLDER, file)
    assert refused.value.file == file
    assert "KHONG.CO" in file.read_text(encoding="utf-8").splitlines()[refused.value.line - 1]


@pytest.mark.parametrize(
    "last",
    [
        '  B21:\n    - {version: "2026.1"}\n    - {version: "2027.1", since: 2027-01-01}\n',
        '  B21:\n    - version: "2026.1"\n    - version: "2027.1"\n      since: 2027-01-01\n',
        '  B21: [{version: "2026.1"}, {version: "2027.1", since: 2027-01-01}]\n',
    ],
)
def test_the_last_form_may_have_several_versions(last: str) -> None:
    text = f'code: a\nforms:\n  PL01: "2025.1"  # biểu chính\n{last}\n# hết các biểu\nother: 1\n'
    new = pack_with("movement_form").form("B21")
    added = in_force(text, new.model_copy(update={"code": "B99"}))
    assert added.replace('  B99: "2026.1"\n', "") == text
    assert list(yaml.safe_load(added)["forms"]) == ["PL01", "B21", "B99"]
    again = in_force(text, new.model_copy(update={"version": "2028.1"}))
    assert again == text.replace('"2027.1"', '"2028.1"')


@pytest.mark.parametrize("forms", ['{PL01: "2025.1"}', '{PL01: "2025.1", B20: [{version: "2026.1"}] }  # hết'])
def test_forms_on_one_line_take_another_form(forms: str) -> None:
    text = f"code: a\nforms: {forms}\nother: 1\n"
    new = pack_with("movement_form").form("B21")
    added = in_force(text, new)
    assert added.replace(', B21: "2026.1"', "") == text
    assert yaml.safe_load(added)["forms"] == {**yaml.safe_load(text)["forms"], "B21": "2026.1"}
