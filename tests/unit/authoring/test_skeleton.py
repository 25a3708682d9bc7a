"""A new pack: it loads, nothing in it is left unexplained, nobody is written to before somebody says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from itertools import takewhile
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from baocao.calendar.periods import openings
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import Form, Row
from baocao.model.pack_views import entered_by
from baocao.model.regime import Regime
from baocao.model.unit import UnitKind
from baocao.regimes.errors import PackError
from baocao.regimes.examination.faults import examine
from baocao.regimes.examination.remarks import TO_CHANGE
from baocao.regimes.load import TargetsFile, calendar_of, load_pack
from baocao.regimes.units_file import HEADER
from baocao_authoring.skeleton import write_skeleton
from builders.packs.pack import REFERENCE

FILES = {"regime.yaml": Regime, "targets.yaml": TargetsFile, "forms/PL01/2027.1.yaml": Form}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("regimes") / "thu-nghiem"
    write_skeleton(folder, code="thu-nghiem", name='Chế độ "thử"', year=2027)
    return folder


def test_the_skeleton_as_written_has_no_fault(folder: Path) -> None:
    found = examine(folder, REFERENCE)
    assert found.faults == () and found.complete and found.pack is not None
    assert load_pack(folder, REFERENCE).regime.name == 'Chế độ "thử"'


@pytest.mark.parametrize("year", [2024, 2026, 2031, 2040])
def test_its_deadlines_hold_in_any_year(tmp_path: Path, year: int) -> None:
    folder = tmp_path / "moi"
    write_skeleton(folder, code="moi", name="", year=year)
    assert examine(folder, REFERENCE).faults == ()
    regime = load_pack(folder).regime
    on = regime.model_copy(update={"periods": tuple(p.model_copy(update={"enabled": True}) for p in regime.periods)})
    assert [p.code for p in calendar_of(on, REFERENCE)] == [f"{year}-H1", f"{year}-Y"]


def test_nothing_is_scheduled_before_a_period_is_enabled(folder: Path) -> None:
    assert openings(load_pack(folder).regime) == ()


def test_values_to_change_are_told_until_marks_go(folder: Path) -> None:
    pack = load_pack(folder)
    told = [w for w in examine(folder, REFERENCE).warnings if TO_CHANGE in w.reason]
    marked = {f for f in folder.rglob("*.*") if TO_CHANGE in f.read_text(encoding="utf-8")}
    assert {w.file for w in told} == marked and len(marked) == 5
    invented = [pack.regime.authority.province, pack.regime.authority.issuer, *(u.name for u in pack.units)]
    assert all(TO_CHANGE in value for value in invented)


def test_every_skeleton_unit_gets_a_blank_reading_empty(folder: Path) -> None:
    pack = load_pack(folder)
    on = pack.regime.model_copy(update={"periods": (pack.regime.periods[0].model_copy(update={"enabled": True}),)})
    (period,) = calendar_of(on, REFERENCE)
    for unit in pack.units:
        book = type_workbook(read_workbook(write_blank(pack, unit, period)), pack)
        assert book.problems == () and {f.code for f in entered_by(pack, unit)} == {"PL01", "PL04"}


def test_it_is_never_written_over_what_is_there(folder: Path) -> None:
    before = (folder / "regime.yaml").read_bytes()
    with pytest.raises(FileExistsError):
        write_skeleton(folder, code="thu-nghiem", name="khác", year=2030)
    assert (folder / "regime.yaml").read_bytes() == before


@pytest.mark.parametrize("code", ["Thu", "thu_nghiem", "", "-x", "../x"])
def test_an_invalid_code_is_refused_before_writing_anything(tmp_path: Path, code: str) -> None:
    with pytest.raises(ValueError, match="sai dạng"):
        write_skeleton(tmp_path / "thu", code=code, name="", year=2027)
    with pytest.raises(ValueError, match="--out"):
        write_skeleton(tmp_path / "khac", code="thu", name="", year=2027)
    assert list(tmp_path.iterdir()) == []


def test_an_invalid_template_leaves_nothing_behind(tmp_path: Path) -> None:
    copy = tmp_path / "templates"
    copy.mkdir()
    (copy / "regime.yaml").write_text("code: {{ code }}\n", encoding="utf-8")
    with pytest.raises(PackError):
        write_skeleton(tmp_path / "out" / "thu", code="thu", name="", year=2027, source=copy)
    assert list((tmp_path / "out").iterdir()) == []


# every key is explained ---------------------------------------------------------------------------------------------


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def reachable(*models: type[BaseModel]) -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = set()
    waiting = list(models)
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            waiting += [m for field in model.model_fields.values() for m in models_in(field.annotation)]
    return found


SHORT_FORMS = {"schema", "provisions", "defaults", "variants"}
"""Keys that are written out before a model reads them."""


def explained(text: str, model: type[BaseModel]) -> set[tuple[str, str]]:
    """(model, key) of every key that has a comment where it stands: at the end of its line. A key that is not used
    stands behind a `#` in the mapping it belongs to; the keys of its own mapping stand
    below it, two blanks further in."""
    lines = text.splitlines()
    found: set[tuple[str, str]] = set()

    def comment(line: int, key: str) -> bool:
        return re.search(rf"(^|[\s#{{,-]){key}:.*\s# ?\S.{{4,}}$", lines[line]) is not None

    def walk(node: yaml.Node, annotation: Any) -> None:
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                walk(item, annotation)
        models = list(models_in(annotation))
        if not isinstance(node, yaml.MappingNode) or not models:
            return
        if get_origin(annotation) is dict:
            for _, value in node.value:
                walk(value, get_args(annotation)[1])
            return
        fields = models[0].model_fields
        keys = [(key.start_mark, key.value, value) for key, value in node.value]
        for start, key, value in keys:
            if key in SHORT_FORMS:
                if comment(start.line, key):
                    found.add(("short form", key))
                walk(value, {"provisions": models[0], "defaults": Row, "variants": dict[str, Row]}.get(key))
                continue
            if key == "like":
                continue
            if comment(start.line, key):
                found.add((models[0].__name__, key))
            walk(value, fields[key].annotation)
        if not node.flow_style:
            unused(lines[node.start_mark.line : node.end_mark.line], " " * keys[0][0].column + "#", models[0])

    def unused(block: list[str], before: str, model: type[BaseModel]) -> None:
        for number, line in enumerate(block):
            key = re.match(rf"{before}(\w+):(?: \S.*)?\s+# \S.{{4,}}$", line)
            if key is not None:
                found.add((model.__name__, key.group(1)))
                inner = list(models_in(model.model_fields[key.group(1)].annotation))
                below = list(takewhile(lambda line: line.startswith(f"{before}  "), block[number + 1 :]))
                # The entries of a list stand one level deeper, the first key of each behind its dash.
                deeper = "    " if below and below[0].startswith(f"{before}  - ") else "  "
                if inner and below:
                    unused(
                        [x.replace(f"{before}  - ", f"{before}    ", 1) for x in below], f"{before}{deeper}", inner[0]
                    )

    walk(yaml.compose(text), model)
    return found


def all_explained(folder: Path) -> set[tuple[str, str]]:
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in FILES}
    return {pair for name, model in FILES.items() for pair in explained(texts[name], model)}


def test_every_key_of_every_model_has_a_comment(folder: Path) -> None:
    wanted = {(m.__name__, key) for m in reachable(*FILES.values()) for key in m.model_fields}
    wanted -= {("TargetsFile", "targets")}  # the file's own comment
    wanted |= {("short form", key) for key in SHORT_FORMS}
    assert sorted(wanted - all_explained(folder)) == []


def test_a_key_whose_comment_is_missing_is_noticed(folder: Path) -> None:
    text = (folder / "regime.yaml").read_text(encoding="utf-8")
    assert ("Recipient", "via") in explained(text, Regime)
    assert ("Recipient", "via") not in explained(re.sub(r"(\n    via: \"\") .*", r"\1", text), Regime)
    assert ("PeriodDay", "month_shift") in explained(text, Regime)
    assert ("PeriodDay", "month_shift") not in explained(re.sub(r"\n *#month_shift.*", "", text), Regime)


class Inner(BaseModel):
    depth: int


class Outer(BaseModel):
    used: int
    unused: Inner | None = None
    many: dict[str, tuple[Inner, ...]] = {}


def test_keys_of_unused_mappings_are_checked_too() -> None:
    both = {("Outer", "used"), ("Outer", "unused"), ("Outer", "many")}
    text = "used: 1  # một số nào đó\n#unused:  # cả nhóm khóa\n#  depth: 2  # sâu bao nhiêu\nmany: {}  # nhiều nhóm\n"
    assert explained(text, Outer) == both | {("Inner", "depth")}
    assert explained(text.replace("  # sâu bao nhiêu", ""), Outer) == both
    named = "many:  # nhiều nhóm\n  a:\n    - depth: 2  # sâu bao nhiêu\n"
    assert explained(named, Outer) == {("Outer", "many"), ("Inner", "depth")}


def values_in(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (str(member.value) for member in annotation)
    elif get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))
    elif get_origin(annotation) in (Union, UnionType, tuple):
        for inner in get_args(annotation):
            yield from values_in(inner)


@pytest.mark.parametrize(("name", "model"), FILES.items())
def test_every_value_that_may_be_chosen_is_named(folder: Path, name: str, model: type[BaseModel]) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    inside = reachable(model) if model is not Regime else reachable(model) - reachable(Form)
    wanted = {v for m in inside for field in m.model_fields.values() for v in values_in(field.annotation)}
    assert wanted
    assert [v for v in sorted(wanted) if not re.search(rf"(?<!\w){re.escape(v)}(?!\w)", text)] == []


def test_every_column_of_the_unit_list_is_explained(folder: Path) -> None:
    text = (folder / "regime.yaml").read_text(encoding="utf-8")
    for column in HEADER:
        assert re.search(rf"^#   {column} +\S", text, re.MULTILINE), column
    kinds = re.search(r"^#   kind +(.*)$", text, re.MULTILINE)
    assert kinds is not None
    assert all(kind.value in kinds.group(1) for kind in UnitKind)
