"""Packs edited under a running server."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from baocao.web.common.fresh_packs import FreshPacks


def test_every_pack_is_read_again_once_a_file_of_one_changed(tmp_path: Path) -> None:
    folders = {code: tmp_path / code for code in ("lender", "borrower")}
    for folder in folders.values():
        (folder / "forms").mkdir(parents=True)
        (folder / "forms" / "a.yaml").write_text("1")
    place: Any = SimpleNamespace(folders=folders)
    again: list[str] = []
    packs = FreshPacks(place, again.append, seconds=0)
    packs.look()
    packs.look()
    assert again == []
    (folders["lender"] / "forms" / "a.yaml").write_text("12")
    packs.look()
    packs.look()
    assert again == ["lender", "borrower"], "a pack may borrow forms of another"
    (folders["borrower"] / "forms" / "a.yaml").unlink()
    packs.look()
    assert again == ["lender", "borrower"] * 2


def test_files_are_not_asked_for_at_each_page(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("1")
    again: list[str] = []
    place: Any = SimpleNamespace(folders={"one": tmp_path})
    packs = FreshPacks(place, again.append, seconds=3600)
    packs.look()
    (tmp_path / "a.yaml").write_text("12")
    packs.look()
    assert again == []
