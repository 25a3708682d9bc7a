"""Packs from before `schema: 2`: refused where they are installed, read where they were kept with a report."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.regimes.errors import PackError
from baocao.regimes.load import load_pack
from builders.packs.pack import copied, line_of, thanh_hoa


@pytest.fixture
def of_before(tmp_path: Path) -> Path:
    """The Thanh Hóa pack as it would have been written then."""
    folder = copied(tmp_path)
    file = folder / "regime.yaml"
    text = re.sub(r"^schema: .*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = re.sub(r"^rules:\n(?:  .*\n|     .*\n)+", "", text, flags=re.MULTILINE)
    for new in ("office", "unit", "email"):
        text = text.replace(f"  standing_{new}: ", f"  police_{new}: ")
    file.write_text(text.replace("report:\n", "report:\n  texts_annex: Phụ lục 5\n", 1), encoding="utf-8")
    return folder


def test_an_old_installed_pack_lists_every_needed_change(of_before: Path) -> None:
    with pytest.raises(PackError) as told:
        load_pack(of_before)
    said = str(told.value)
    assert f"regime.yaml:{line_of(of_before, 'regime.yaml', 'police_office:')}: authority.police_office" in said
    for old, new in (
        ("police_office", "standing_office"),
        ("police_email", "standing_email"),
        ("texts_annex", "texts"),
    ):
        assert f"{old} là khóa của khuôn cũ; hãy ghi {new}" in said
    assert "schema: 2" in said and "chưa khai quy tắc nào" in said


def test_a_pack_kept_with_a_report_reads_unchanged(of_before: Path) -> None:
    kept, now = load_pack(of_before, kept=True), thanh_hoa()
    assert kept.regime.authority == now.regime.authority
    assert {(r.id, r.kind, r.severity) for r in kept.rules} == {(r.id, r.kind, r.severity) for r in now.rules}
    assert kept.rules["V14"].kind is RuleKind.RELATION and kept.forms == now.forms
