"""A pack to begin with: the files under `templates/regime/`, with code, name and first year filled in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import TypeAdapter, ValidationError

from baocao.model.regime import Regime
from baocao.regimes.load import load_pack
from baocao.workflow.installation import Installation, Refused

TEMPLATES = Path(__file__).parent / "templates" / "regime"
DEFAULT_NAME = "SỬA: tên chế độ báo cáo"


def new_regime(place: Installation, code: str, *, name: str, year: int, out: Path | None = None) -> dict[str, Any]:
    """Write a commented pack to begin with into the folder `<code>` below `out`, by default below the installation's
    packs; `out` may name that folder itself. Raises Refused."""
    parent = out or place.settings.regimes
    folder = parent if parent.name == code else parent / code
    try:
        written = write_skeleton(folder, code=code, name=name, year=year)
    except FileExistsError:
        raise Refused(f"{folder} đã có; hãy chọn mã khác, hoặc xóa thư mục đó nếu thật sự muốn làm lại") from None
    except ValueError as error:
        raise Refused(str(error)) from None
    return {"regime": code, "folder": str(folder), "written": written}


def write_skeleton(folder: Path, *, code: str, name: str, year: int, source: Path = TEMPLATES) -> list[str]:
    """Write the pack of the templates in `source` into `folder`, which must not be there yet. Answers its files' names.

    All or nothing: the pack is loaded before it is put in place. Raises FileExistsError, ValueError (a code that
    cannot be one, a folder of another name) and PackError (a template that is no pack).
    """
    _check_code(code, folder)
    if folder.exists():
        raise FileExistsError(folder)
    # `StrictUndefined`: a misspelt place in a template stops instead of leaving a hole in the pack.
    environment = Environment(  # noqa: S701 (YAML and CSV, not HTML)
        loader=FileSystemLoader(source), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["yaml"] = _quoted
    values = {"code": code, "name": name or DEFAULT_NAME, "year": year}
    names = sorted(file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file())
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the move is a rename within one file system.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as aside:
        written = Path(aside) / code
        for file in names:
            target = written / file.replace("YEAR", str(year))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(environment.get_template(file).render(values), encoding="utf-8")
        # In a folder of the pack's own name: the loader holds the code against it.
        load_pack(written)
        shutil.move(written, folder)
    return [file.replace("YEAR", str(year)) for file in names]


def _check_code(code: str, folder: Path) -> None:
    field = Regime.model_fields["code"]
    try:
        # The schema's own pattern: what is refused here is what the loader would refuse.
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
