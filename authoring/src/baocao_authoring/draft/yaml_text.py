"""The draft as a YAML file an official reviews: each doubt on the line above the thing it is about, all of them again
at the end as decisions to take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from baocao.model.form import ColumnRole, Nature, ValueType
from baocao.regimes.examination.faults import TO_REVIEW
from baocao_authoring.draft.draft import DraftColumn, DraftForm, DraftList, DraftRelation, DraftRow, DraftTable
from baocao_authoring.draft.grid import Doubt
from baocao_authoring.draft.relation_rules import RuleOfPack

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
# Words that YAML 1.1 reads as booleans or nothing. Our loader does not, but other programs and editors do.
_YAML_WORDS = frozenset({"no", "yes", "on", "off", "y", "n", "true", "false", "null"})


@dataclass(frozen=True)
class OpenQuestion:
    """What a person must decide: which part of the draft, why, and where it stands in the original."""

    about: str
    reason: str
    a1: str

    def line(self) -> str:
        """The question as printed, with the cell of the original it is about."""
        return f"{self.about}: {self.reason}" + (f" (ô {self.a1} của bản gốc)" if self.a1 else "")


def decisions_of(form: DraftForm) -> list[OpenQuestion]:
    """Every doubt of the draft, in the order of the file; each once."""
    found: list[OpenQuestion] = []

    def take(about: str, doubts: Sequence[Doubt]) -> None:
        found.extend(OpenQuestion(about, d.reason, d.a1) for d in doubts)

    for key, doubts in form.doubts.items():
        take(key, doubts)
    for table in form.tables:
        take(f"bảng {table.code}", table.doubts)
        for column in table.columns:
            take(f"bảng {table.code}, cột {column.code}", column.doubts)
        for row in table.rows:
            take(f"dòng {row.code}", row.doubts)
    for one in form.lists:
        take(f"danh sách {one.code}", one.doubts)
        for listed in one.columns:
            take(f"danh sách {one.code}, cột {listed.code}", listed.doubts)
    for relation in form.relations:
        take(f"quan hệ thuộc {relation.rule.id}", [Doubt(relation.rule.doubt)] if relation.rule.doubt else [])
    return list(dict.fromkeys(found))


def write_yaml(form: DraftForm, levels: Sequence[str]) -> str:
    """The file, UTF-8 text with a final line break."""
    decisions = decisions_of(form)
    lines = [
        f"# BẢN NHÁP học từ {form.source}.",
        f"# {len(decisions)} chỗ cần người xem lại: tìm «CẦN XEM LẠI»; danh sách đầy đủ ở cuối tệp.",
    ]
    lines += _top(form)
    if form.tables:
        lines.append("tables:")
    for table in form.tables:
        lines += _table(table, levels)
    if form.lists:
        lines.append("lists:")
    for one in form.lists:
        lines += _list(one, levels)
    if form.relations:
        lines += _relations(form.relations)
    lines += ["", "# VIỆC NGƯỜI PHẢI QUYẾT ĐỊNH"]
    lines += [f"# {n}. {_one_line(d.line())}" for n, d in enumerate(decisions, start=1)]
    if form.passed_over:
        lines += ["#", "# ĐÃ ĐỌC, KHÔNG ĐƯA VÀO BIỂU (đầu trang, chữ ký; hệ thống tự in phần này)"]
        lines += [f"# - ô {a1}: {_one_line(text)}" for text, a1 in form.passed_over]
    return "\n".join(lines) + "\n"


def _top(form: DraftForm) -> Iterator[str]:
    """The lines of the file above `tables:`."""
    assumption = (
        f"Bản nháp học từ tệp mẫu ({form.source}); chưa được người có thẩm quyền xem lại, chưa phải mẫu chính thức."
    )
    for key, value in (
        ("code", form.code),
        ("version", form.version),
        ("title", form.title),
        ("short", form.short),
        ("official", form.official),
    ):
        yield from _marks(form.doubts.get(key, []), "")
        yield f"{key}: {quoted(value) if key != 'code' else scalar(value)}"
    for key in ("anchor", "valid_from"):
        yield from _marks(form.doubts.get(key, []), "")
    yield "assumed: true"
    yield f"assumption: {quoted(assumption)}"
    if not form.landscape:
        yield "landscape: false"
    yield from _marks(form.doubts.get("instructions", []), "")
    if form.instructions:
        yield "instructions:"
        for text, a1 in form.instructions:
            yield f"  - {quoted(text)}" + (f"  # ô {a1} của bản gốc" if a1 else "")
    yield from _marks(form.doubts.get("tables", []), "")


def _table(table: DraftTable, levels: Sequence[str]) -> Iterator[str]:
    yield from _marks(table.doubts, "  ")
    yield f"  - code: {table.code}"
    if table.title:
        yield f"    title: {quoted(table.title)}"
    yield "    columns:"
    for column in table.columns:
        yield from _marks(column.doubts, "      ")
        yield f"      {'# bỏ ngoài: ' if column.left_out else ''}- {_column(column)}"
    yield "    rows:"
    for row in table.rows:
        yield from _marks(row.doubts, "      ")
        yield from _row(row, table, levels)


def _list(one: DraftList, levels: Sequence[str]) -> Iterator[str]:
    """The lines of one list, under `lists:`."""
    yield from _marks(one.doubts, "  ")
    yield f"  - code: {one.code}"
    yield f"    title: {quoted(one.title)}"
    yield f"    short: {quoted(one.short)}"
    yield f"    levels: [{', '.join(levels)}]"
    if one.key:
        yield f"    key: [{', '.join(map(scalar, one.key))}]"
    yield "    columns:"
    for column in one.columns:
        yield from _marks(column.doubts, "      ")
        parts = [f"code: {scalar(column.code)}", f"title: {quoted(column.title)}", f"type: {column.type.value}"]
        parts += [f"unit: {quoted(column.unit)}"] if column.unit else []
        parts += [f"options: [{', '.join(map(quoted, column.options))}]"] if column.options else []
        parts += [] if column.required else ["required: false"]
        yield f"      - {{{', '.join(parts)}}}"


def _column(column: DraftColumn) -> str:
    parts = [f"code: {scalar(column.code)}", f"title: {quoted(column.title)}", f"role: {column.role.value}"]
    if column.type is not None:
        parts.append(f"type: {column.type.value}")
    if column.group:
        parts.append(f"group: {quoted(column.group)}")
    if column.derive is not None:
        parts.append(f"derive: {_flow(column.derive)}")
    if column.width is not None:
        parts.append(f"width: {column.width:g}")
    return "{" + ", ".join(parts) + "}"


def _row(row: DraftRow, table: DraftTable, levels: Sequence[str]) -> Iterator[str]:
    """The two or three lines of one row, under `rows:`."""
    parts = [f"code: {scalar(row.code)}", f"item: {quoted(row.item)}"]
    if row.heading:
        parts += ["heading: true"] + ([f"indent: {row.indent}"] if row.indent else [])
        yield f"      - {{{', '.join(parts)}, name: {quoted(row.name)}}}"
        return
    if row.derive is None:
        parts.append(f"levels: [{', '.join(levels)}]")
    parts.append(f"type: {row.type.value}")
    if row.nature is not Nature.NONE:
        parts.append(f"nature: {row.nature.value}")
    parts.append(f"roll_up: {row.roll_up.value}")
    if row.unit:
        parts.append(f"unit: {quoted(row.unit)}")
    yield f"      - {{{', '.join(parts)},"
    columns = columns_of(row, table)
    second = [f"columns: [{', '.join(scalar(c) for c in columns)}]"] if columns is not None else []
    if row.derive is not None:
        second.append(f"derive: {_flow(row.derive)}")
    if row.indent:
        second.append(f"indent: {row.indent}")
    if second:
        yield f"         {', '.join(second)},"
    yield f"         name: {quoted(row.name)}}}"


def columns_of(row: DraftRow, table: DraftTable) -> list[str] | None:
    """The columns that apply to a line; None: all. A derived line has no notes, a line that is a ratio no ratios; a
    date, a text, yes or no is asked for once, not as a plan and again as a sum."""
    there = [c for c in table.columns if not c.left_out]
    kept = [c for c in there if c.at not in row.not_in]
    if row.derive is not None:
        kept = [c for c in kept if c.is_figure]
        if "ratio" in row.derive:
            kept = [c for c in kept if c.role is not ColumnRole.RATIO]
    if not row.type.is_number and row.type is not ValueType.RATIO:
        figures = [c for c in kept if c.is_figure and c.role is not ColumnRole.RATIO]
        answer = next((c for c in figures if c.role is ColumnRole.ACTUAL), figures[0] if figures else None)
        kept = [c for c in kept if c is answer or not c.is_figure]
    return None if len(kept) == len(there) else [c.code for c in kept]


def _relations(relations: Sequence[DraftRelation]) -> Iterator[str]:
    """Those under one rule after another, the doubt about the rule above the first. Under a rule that the pack does not
    have they are offered as comments: the form loads without them."""
    in_order = sorted(relations, key=lambda r: not r.rule.declared)
    yield "relations:" if in_order[0].rule.declared else "# relations:"
    told: set[RuleOfPack] = set()
    for relation in in_order:
        if relation.rule not in told and relation.rule.doubt:
            yield from _marks([Doubt(relation.rule.doubt)], "  ")
        told.add(relation.rule)
        lead = "  " if relation.rule.declared else "  # "
        sides = ", ".join("[" + ", ".join(scalar(n) for n in side) + "]" for side in relation.sides)
        yield f"{lead}- rule: {relation.rule.id}"
        yield f"{lead}  id: {scalar(relation.id)}"
        yield f"{lead}  {relation.kind}: [{sides}]"
        yield f"{lead}  message: {quoted(relation.message)}"


def _marks(doubts: Sequence[Doubt], indent: str) -> Iterator[str]:
    for doubt in doubts:
        where = f", ô {doubt.a1} của bản gốc" if doubt.a1 else ""
        yield f"{indent}{TO_REVIEW} {_one_line(doubt.reason)}{where}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    return scalar(str(value))


def scalar(text: str) -> str:
    """A code, quoted only where YAML would take it for something else."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_./*-]*", text) and text.lower() not in _YAML_WORDS
    return text if plain else quoted(text)


def quoted(text: str) -> str:
    """In double quotes, Vietnamese letters as they are."""
    # A JSON string is a YAML string in double quotes.
    return json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
