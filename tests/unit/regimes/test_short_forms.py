"""What a pack writes once: the same model as written out, and every fault at the line where it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from baocao.regimes.errors import PackError
from baocao.regimes.load import load_pack
from baocao.regimes.short_forms import ShortFormError, in_file, written_out
from builders.packs.pack import broken, copied, line_of, thanh_hoa

REGIME, PL03 = "regime.yaml", "forms/PL03/2025.1.yaml"


def out(text: str) -> dict[str, Any]:
    return written_out(yaml.safe_load(text))[0]


def test_provisions_inherit_the_document_named_once_for_them() -> None:
    text = """
legal_basis:
  - document: D
    trust: confirmed
    provisions: [{id: a, article: "1", text: x}, {id: b, article: "2", text: y, trust: assumed}]
  - {id: c, document: E, article: "3", text: z, trust: secondary}
"""
    assert [(b["id"], b["document"], b["trust"]) for b in out(text)["legal_basis"]] == [
        ("a", "D", "confirmed"), ("b", "D", "assumed"), ("c", "E", "secondary"),
    ]  # fmt: skip
    places = written_out(yaml.safe_load(text))[1]
    assert in_file(("legal_basis", 1, "article"), places) == ("legal_basis", 0, "provisions", 1, "article")
    assert in_file(("legal_basis", 1, "document"), places) == ("legal_basis", 0, "document")
    assert in_file(("legal_basis", 2, "text"), places) == ("legal_basis", 1, "text")


def test_a_relations_table_expands_to_single_relations() -> None:
    text = """
relations:
  - {rule: V14, id: V14.x, at_most: [[A/B/C], [A/D/C]], message: m}
  - rule: V22
    kind: equal
    fill: left
    message: "{what}: {left}, {right}"
    table:
      - {id: p, left: A/B/C, right: [A/D/C, A/E/C], what: Hai số}
      - {id: q, left: A/B/D, right: A/D/D, what: Khác, levels: [commune]}
  - {rule: V22, kind: together, message: n, table: [{id: r, left: A/B/E, right: A/D/E}]}
"""
    assert out(text)["relations"][1:] == [
        {"rule": "V22", "id": "V22.p", "equal": [["A/B/C"], ["A/D/C", "A/E/C"]], "fill": "left",
         "message": "Hai số: {left}, {right}"},
        {"rule": "V22", "id": "V22.q", "equal": [["A/B/D"], ["A/D/D"]], "fill": "left", "levels": ["commune"],
         "message": "Khác: {left}, {right}"},
        {"rule": "V22", "id": "V22.r", "together": ["A/B/E", "A/D/E"], "message": "n"},
    ]  # fmt: skip


def test_rows_inherit_defaults_of_table_and_variant() -> None:
    text = """
tables:
  - code: A
    defaults: {unit: người, levels: [commune], columns: [TH, GT]}
    variants: {tính: {levels: null, roll_up: derived}}
    rows:
      - {code: H, heading: true, name: h}
      - {code: R1, unit: vụ}
      - {code: R2, like: tính, columns: null}
"""
    assert out(text)["tables"] == [
        {"code": "A", "rows": [
            {"code": "H", "heading": True, "name": "h"},
            {"code": "R1", "unit": "vụ", "levels": ["commune"], "columns": ["TH", "GT"]},
            {"code": "R2", "unit": "người", "roll_up": "derived"},
        ]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("relations: [{rule: V14, table: []}]", ("relations", 0, "kind")),
        ("relations: [{rule: V14, kind: equal, table: [{id: a, left: b}]}]", ("relations", 0, "table", 0)),
        (
            'relations: [{rule: V14, kind: equal, message: "{what}", table: [{id: a, left: b, right: c}]}]',
            ("relations", 0, "table", 0, "what"),
        ),
        ("tables: [{code: A, rows: [{code: R, like: x}]}]", ("tables", 0, "rows", 0, "like")),
        ("tables: [{code: A, defaults: [], rows: [{code: R}]}]", ("tables", 0, "defaults")),
    ],
)
def test_a_wrong_short_form_is_told_its_place(text: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(ShortFormError) as told:
        out(text)
    assert told.value.path == path and told.value.reason and told.value.cure


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        (REGIME, "right: B04/SUDUNG/CK", "right: B04/SAI/CK", "relations[0].table[1]"),
        (REGIME, "id: KH.II.2.a", "id: KH.II.1", "legal_basis["),
        (PL03, "like: tính, project", "like: lạ, project", "tables[0].rows[1].like"),
        (PL03, 'code: DA1.NSTW_DT, item: ""', 'code: DA1.NSTW_DT, levels: [xa], item: ""', "tables[0].rows[2].levels"),
    ],
)
def test_a_fault_is_told_at_its_own_line(tmp_path: Path, file: str, old: str, new: str, key: str) -> None:
    folder = broken(tmp_path, file, old, new)
    with pytest.raises(PackError) as told:
        load_pack(folder)
    assert told.value.key.startswith(key), told.value
    assert told.value.line == line_of(folder, file, new) or old.startswith("id: KH")


def test_a_document_written_twice_is_refused_when_installed(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    text = (folder / REGIME).read_text(encoding="utf-8")
    first = thanh_hoa().regime.legal_basis[0].document
    again = f"legal_basis:\n  - {{id: MOI, document: {first}, article: x, text: x, trust: assumed}}\n"
    (folder / REGIME).write_text(text.replace("legal_basis:\n", again, 1), encoding="utf-8")
    with pytest.raises(PackError, match="văn bản này đã ghi ở trên"):
        load_pack(folder)
