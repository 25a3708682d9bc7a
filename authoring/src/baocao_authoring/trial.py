"""A pack with one form put in or replaced, tried out beside the real one: nothing of the installation is touched."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import yaml

from baocao.model.form import Form
from baocao.model.pack import Pack
from baocao.regimes.errors import PackError
from baocao.regimes.load import load_pack
from baocao.regimes.source import Source


def pack_with_form(folder: Path, form_file: Path, reference: Path | None = None) -> Pack:
    """The pack of `folder` as it would be with the form of `form_file` in force, checked completely.

    A form the pack has is replaced, another one added last. Raises PackError as the loader would, with the names of
    the real files.
    """
    source = Source.read(form_file)
    form = source.model(Form)
    with tempfile.TemporaryDirectory(prefix="baocao-trial-") as temporary:
        # Under the folder's own name, against which the loader holds the code.
        copy = Path(shutil.copytree(folder, Path(temporary) / folder.name))
        put_in(copy, form, source.text)
        try:
            return load_pack(copy, reference)
        except PackError as error:
            raise _named_as_given(error, copy, folder, form, form_file) from None


def put_in(folder: Path, form: Form, text: str) -> None:
    """Write the form's file into a pack folder and put its version in force in `regime.yaml`."""
    target = folder / "forms" / form.code / f"{form.version}.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    regime = folder / "regime.yaml"
    regime.write_text(in_force(regime.read_text(encoding="utf-8"), form), encoding="utf-8")


def in_force(regime_text: str, form: Form) -> str:
    """`regime.yaml` with this version of the form in its `forms:`; comments and order stay.

    Of a form with several versions the newest is replaced, its day stays. Raises PackError when `forms:` has no
    entry a form.
    """
    forms = _forms_of(regime_text)
    if not isinstance(forms, yaml.MappingNode) or not forms.value:
        raise PackError("regime.yaml", 1, "forms", "không thấy khối forms, mỗi biểu một mục", "hãy ghi mã: phiên bản")
    for key, value in forms.value:
        if key.value == form.code:
            newest = _newest(value)
            if newest is None:
                line = key.start_mark.line + 1
                raise PackError("regime.yaml", line, f"forms.{form.code}", "không thấy version", "hãy ghi phiên bản")
            return f'{regime_text[: newest.start_mark.index]}"{form.version}"{regime_text[newest.end_mark.index :]}'
    if forms.flow_style:  # `forms: {CODE: "2026.1"}`, as docs/regimes.md begins
        end = forms.value[-1][1].end_mark.index
        return f'{regime_text[:end]}, {form.code}: "{form.version}"{regime_text[end:]}'
    # The text is cut and not dumped anew: YAML written from data would lose the office's comments and order.
    lines = regime_text.splitlines(keepends=True)
    after = _last_line(forms.value[-1][1]) + 1
    if after == len(lines) and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    indent = " " * forms.value[0][0].start_mark.column
    return "".join([*lines[:after], f'{indent}{form.code}: "{form.version}"\n', *lines[after:]])


def _forms_of(regime_text: str) -> yaml.Node | None:
    root = yaml.compose(regime_text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == "forms"), None)


def _newest(value: yaml.Node) -> yaml.Node | None:
    """The version a form's entry ends with: the entry itself, or the `version` of the last one of its list."""
    if isinstance(value, yaml.SequenceNode) and value.value:
        value = value.value[-1]
    if isinstance(value, yaml.MappingNode):
        return next((v for k, v in value.value if k.value == "version"), None)
    return value if isinstance(value, yaml.ScalarNode) else None


def _last_line(node: yaml.Node) -> int:
    """The line, from 0, on which a value ends. A block collection is reported to end where the next key begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    return node.end_mark.line


def _named_as_given(error: PackError, copy: Path, folder: Path, form: Form, form_file: Path) -> PackError:
    """The same fault, named by the files the person knows."""
    inside = error.file.relative_to(copy) if error.file.is_relative_to(copy) else error.file
    own = Path("forms") / form.code / f"{form.version}.yaml"
    return PackError(form_file if inside == own else folder / inside, error.line, error.key, error.reason, error.cure)
