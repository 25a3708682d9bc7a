"""A pack with one form put in or replaced, tried out beside the real one: nothing of the installation is touched."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

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

    Raises PackError when there is no `forms:` block of one line a form.
    """
    block = re.search(r"^forms:[^\n]*\n((?:[ \t]+[^\n]*\n|[ \t]*\n|#[^\n]*\n)*)", regime_text, re.MULTILINE)
    if block is None or "{" in block[0].split("\n", 1)[0]:
        raise PackError("regime.yaml", 1, "forms", "không thấy khối forms, mỗi biểu một dòng", "hãy ghi mã: phiên bản")
    line = f'  {form.code}: "{form.version}"\n'
    body, count = re.subn(rf"^[ \t]+[\"']?{re.escape(form.code)}[\"']?\s*:[^\n]*\n", line, block[1], flags=re.MULTILINE)
    if not count:
        last = max((m.end() for m in re.finditer(r"^[ \t]+[\w\"'-]+\s*:[^\n]*\n", block[1], re.MULTILINE)), default=0)
        body = block[1][:last] + line + block[1][last:]
    return regime_text[: block.start(1)] + body + regime_text[block.end(1) :]


def _named_as_given(error: PackError, copy: Path, folder: Path, form: Form, form_file: Path) -> PackError:
    """The same fault, told of the files the person knows."""
    inside = error.file.relative_to(copy) if error.file.is_relative_to(copy) else error.file
    own = Path("forms") / form.code / f"{form.version}.yaml"
    return PackError(form_file if inside == own else folder / inside, error.line, error.key, error.reason, error.cure)
