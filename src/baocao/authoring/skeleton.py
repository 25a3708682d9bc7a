"""A pack to begin with: the files under `include/templates/regime/`, with code, name and first year filled in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import TypeAdapter, ValidationError

from baocao.model.regime import Regime
from baocao.regimes.load import load_pack

DEFAULT_NAME = "SỬA: tên chế độ báo cáo"


def write_skeleton(templates: Path, folder: Path, *, code: str, name: str, year: int) -> list[str]:
    """Write the pack into `folder`, which must not be there yet. Answers the names of its files.

    All or nothing: the pack is loaded before it is put in place. Raises FileExistsError, ValueError (a code that
    cannot be one, a folder of another name) and PackError (a template that is no pack).
    """
    _check_code(code, folder)
    if folder.exists():
        raise FileExistsError(folder)
    source = templates / "regime"
    environment = Environment(  # noqa: S701 (YAML and CSV, not HTML)
        loader=FileSystemLoader(source), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["yaml"] = _quoted
    values = {"code": code, "name": name or DEFAULT_NAME, "year": year}
    names = sorted(file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file())
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as aside:
        written = Path(aside) / code
        for file in names:
            target = written / file.replace("YEAR", str(year))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(environment.get_template(file).render(values), encoding="utf-8")
        load_pack(written)
        shutil.move(written, folder)
    return [file.replace("YEAR", str(year)) for file in names]


def _check_code(code: str, folder: Path) -> None:
    field = Regime.model_fields["code"]
    try:
        TypeAdapter(field.rebuild_annotation()).validate_python(code)
    except ValidationError:
        raise ValueError(
            f"mã {code!r} sai dạng; hãy dùng chữ thường không dấu, số và dấu -, ví dụ bao-cao-moi"
        ) from None
    if folder.name != code:
        raise ValueError(f"thư mục {folder} phải mang tên của mã {code}; hãy ghi --out .../{code}")


def _quoted(text: str) -> str:
    """A YAML string in double quotes, on one line."""
    plain = " ".join(text.split())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
