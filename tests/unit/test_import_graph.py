"""The modules import each other without a circle, and `docs/architecture.md` draws the layers that the linter holds."""

from __future__ import annotations

import re
import tomllib
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PICTURE, _, ACTS = (
    (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## Layers")[1].split("```")[1:4]
)


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Imports inside functions and those for type checking included."""
    return grimp.build_graph("baocao", "baocao_authoring", cache_dir=None)


def order(graph: dict[str, set[str]]) -> None:
    TopologicalSorter(graph).prepare()


def test_no_module_imports_itself_by_way_of_others(graph: grimp.ImportGraph) -> None:
    order({module: graph.find_modules_directly_imported_by(module) for module in graph.modules})


def test_a_circle_is_seen() -> None:
    with pytest.raises(CycleError):
        order({"a": {"b"}, "b": {"a"}})


def layers(container: str) -> list[set[str]]:
    """From the top, as the linter holds them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    held = next(c for c in contracts["contracts"] if c.get("containers") == [container])
    return [set(re.findall(r"\w+", layer)) for layer in held["layers"]]


def test_the_picture_shows_every_package_in_layer_order() -> None:
    held = layers("baocao")
    found = {name: re.search(rf"\b{name}\b", PICTURE) for name in set().union(*held)}
    at = {name: drawn.start() for name, drawn in found.items() if drawn}
    packages = {p.parent.name for p in (ROOT / "src" / "baocao").glob("*/__init__.py")}
    assert packages - set(at) == set()
    for above, below in pairwise(held):
        for name in above & set(at):
            assert [other for other in below & set(at) if at[other] < at[name]] == [], name


def test_the_picture_of_the_acts_is_their_contract() -> None:
    """A row of the picture is a layer; what stands in brackets explains."""
    rows = re.split(r"\n|->", re.sub(r"\(.*?\)", "", ACTS).strip())
    assert [set(re.findall(r"\w+", row)) for row in rows] == layers("baocao.workflow")
