"""YAML files of a pack: read strictly, checked against a schema, every fault reported with its line.

Stricter than plain YAML 1.1 where that would surprise an official: a key that stands twice is an error, and only
`true` and `false` are booleans, so that the column code `NO` and the key `on` are text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from baocao.regimes.earlier_schema import is_earlier, upgraded
from baocao.regimes.errors import PackError
from baocao.regimes.short_forms import Places, ShortFormError, in_file, written_out

KeyPath = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

_BOOL = "tag:yaml.org,2002:bool"
_MOST_FAULTS_SHOWN = 8


class _StrictLoader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        # PyYAML keeps the last of two equal keys without a word: a deadline pasted twice would silently be the
        # second.
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"khóa {key.value} bị ghi hai lần", key.start_mark)
            seen.add(key.value)
        result: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return result


# A table of its own: that of CSafeLoader is shared with every other YAML file this process reads.
_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_StrictLoader.add_implicit_resolver(_BOOL, re.compile("^(?:true|false)$"), ["t", "f"])


@dataclass(frozen=True)
class Source:
    """One YAML file: its text, and where each key stands in it."""

    file: Path
    text: str

    @classmethod
    def read(cls, file: Path) -> Source:
        """Raises PackError when the file is not there or is not UTF-8."""
        try:
            return cls(file, file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise PackError(file, 1, "", "không có tệp này", "hãy tạo tệp hoặc sửa tên được khai báo") from None
        except UnicodeDecodeError as error:
            raise PackError(file, 1, "", f"không phải UTF-8 ({error.reason})", "hãy lưu lại tệp dạng UTF-8") from None

    def data(self) -> dict[str, Any]:
        """The file as the models read it: nothing left out, `regime.yaml` in the words of today. Raises PackError."""
        data, _ = self._written_out
        return data

    @cached_property
    def _written_out(self) -> tuple[dict[str, Any], Places]:
        data = self.raw()
        if self.file.name == "regime.yaml":
            # Only of a kept pack; an installed one without `schema: 2` is refused before (`load._regime`).
            data = upgraded(data) if is_earlier(data) else {k: v for k, v in data.items() if k != "schema"}
        try:
            return written_out(data)
        except ShortFormError as wrong:
            line = self._line_in_file(wrong.path)
            raise PackError(self.file, line, dotted(wrong.path), wrong.reason, wrong.cure) from None

    def raw(self) -> dict[str, Any]:
        """The file as it is written. Raises PackError with the line of the syntax error."""
        try:
            # The strict loader is a SafeLoader: it builds no objects (ruff's S506 only sees a loader it does not
            # know).
            loaded = yaml.load(self.text, Loader=_StrictLoader)  # noqa: S506
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            cure = "hãy sửa cú pháp YAML tại dòng này"
            raise PackError(self.file, line, "", f"YAML sai: {error.problem}", cure) from None
        if not isinstance(loaded, dict):
            raise PackError(self.file, 1, "", "tệp phải gồm các khóa và giá trị", "hãy xem một tệp mẫu khác")
        return loaded

    def model(self, schema: type[Model]) -> Model:
        """The file checked against `schema`. Raises PackError naming each fault with its line."""
        model, faults = self.validated(schema)
        if model is not None:
            return model
        raise combine_errors(faults)

    def validated(self, schema: type[Model]) -> tuple[Model | None, list[PackError]]:
        """The file checked against `schema`, or every fault there is. Raises PackError when it is no YAML mapping."""
        data = self.data()
        try:
            return schema.model_validate(data), []
        except ValidationError as invalid:
            faults = [self._fault(error) for error in invalid.errors(include_url=False)]
            # What is written once and holds for many is reported once.
            return None, list({(f.line, f.key, f.reason): f for f in faults}.values())

    def error(self, path: KeyPath, reason: str, cure: str = "") -> PackError:
        """A fault at that key path."""
        return PackError(self.file, self.line(path), dotted(self._as_written(path)), reason, cure)

    def error_in_file(self, path: KeyPath, reason: str, cure: str = "") -> PackError:
        """A fault at a path as it is written, not as it is written out."""
        return PackError(self.file, self._line_in_file(path), dotted(path), reason, cure)

    def line(self, path: KeyPath) -> int:
        """The line of the deepest key of the path that stands in the file, counted from 1."""
        return self._line_in_file(self._as_written(path))

    def _as_written(self, path: KeyPath) -> KeyPath:
        try:
            return in_file(path, self._written_out[1])
        # The file cannot be written out: then the fault to report stands in the file as it is.
        except PackError:
            return path

    def _line_in_file(self, path: KeyPath) -> int:
        # From the tree of nodes, which keep their marks; plain data has forgotten its lines.
        node: yaml.Node | None = self._root
        line = 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line

    @cached_property
    def _root(self) -> yaml.Node | None:
        root: yaml.Node | None = yaml.compose(self.text, Loader=_StrictLoader)
        return root

    def _fault(self, error: ErrorDetails) -> PackError:
        path = tuple(error["loc"])
        reason, cure = _in_vietnamese(error)
        return PackError(self.file, self.line(path), dotted(self._as_written(path)), reason, cure)


def combine_errors(faults: Sequence[PackError]) -> PackError:
    """The first fault of a file, its message followed by those of the others."""
    first = faults[0]
    more = "".join(f"\n{fault}" for fault in faults[1:_MOST_FAULTS_SHOWN])
    if len(faults) > _MOST_FAULTS_SHOWN:
        more += f"\n(còn {len(faults) - _MOST_FAULTS_SHOWN} lỗi khác trong tệp này)"
    return PackError(first.file, first.line, first.key, first.reason, first.cure + more) if more else first


def dotted(path: KeyPath) -> str:
    """`periods[0].unit.before`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")


def _in_vietnamese(error: ErrorDetails) -> tuple[str, str]:
    """What pydantic found, and what to do about it."""
    kind, context, given = error["type"], error.get("ctx", {}), error["input"]
    simple = {
        "missing": ("thiếu khóa này", "hãy thêm vào"),
        "extra_forbidden": ("khóa lạ", "hãy xóa hoặc sửa lại tên khóa"),
        "string_type": (f"phải là chữ, đang là {given!r}", "hãy đặt giá trị trong dấu ngoặc kép"),
        "bool_parsing": (f"phải là true hoặc false, đang là {given!r}", "hãy sửa giá trị"),
        "bool_type": (f"phải là true hoặc false, đang là {given!r}", "hãy sửa giá trị"),
        "tuple_type": (f"phải là danh sách, đang là {given!r}", "hãy đặt giá trị trong [ ]"),
        "dict_type": ("phải gồm các khóa và giá trị", "hãy sửa giá trị"),
        "model_type": ("phải gồm các khóa và giá trị", "hãy sửa giá trị"),
    }
    if kind in simple:
        return simple[kind]
    if kind in {"enum", "literal_error"}:
        return f"giá trị {given!r} không được dùng", f"hãy dùng một trong: {context.get('expected', '')}"
    if kind == "string_pattern_mismatch":
        return f"{given!r} sai dạng", f"phải theo mẫu {context.get('pattern', '')}"
    if kind.startswith(("date", "int", "decimal", "greater_than", "less_than")):
        return f"giá trị {given!r} không hợp lệ ({error['msg']})", "hãy sửa giá trị"
    if kind == "value_error":
        return str(context.get("error", error["msg"])), "hãy sửa theo nội dung trên"
    return error["msg"], "hãy sửa giá trị"
