"""What a pack says about inspections is checked before anything uses it, and printed with its provisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from baocao.model.inspection import Act
from baocao.regimes.errors import PackError
from baocao.regimes.law import law_table
from baocao.regimes.load import load_pack
from builders.packs.pack import broken, line_of, thanh_hoa


def test_unstated_inspection_rules_are_marked_assumed() -> None:
    regime = thanh_hoa().regime
    rules = regime.inspections
    assert rules is not None
    trust = {basis.id: basis.trust for basis in regime.legal_basis}
    assert (rules.max_working_days, trust[rules.max_anchor]) == (5, "confirmed")
    others = [rules.notice_anchor, rules.conclusion_anchor, rules.figures_anchor, *(s.anchor for s in rules.reminders)]
    assert {trust[anchor] for anchor in others} == {"assumed"}
    assert {step.about for step in rules.reminders} == set(Act)


def test_the_law_page_shows_inspection_limits_with_provisions() -> None:
    page = law_table(thanh_hoa())
    assert "| Thời gian kiểm tra một đối tượng | không quá 5 ngày làm việc | KH.III.2 |" in page
    assert "nhắc lại mỗi 5 ngày làm việc" in page


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("planned: B09/B09.03a", "planned: B09/B09.99", "B09/B09.99"),
        ("planned: B09/B09.03a", "planned: B09/B09.02b", "B09/B09.02b"),
        ("max_anchor: KH.III.2", "max_anchor: KH.III.9", "KH.III.9"),
        ("working_days: 1, anchor: HT.kiểmtra}", "working_days: 1, anchor: HT.khác}", "HT.khác"),
        ("id: notify+0", "id: notify-3", "mỗi bước nhắc cần một id riêng"),
        ("about: conclude, working_days: 0,", "about: conclude, working_days: 0, repeat_every: 2,", "chỉ bước cuối"),
        ("max_working_days: 5", "max_working_days: 0", "max_working_days"),
        ("about: finish", "about: nghỉ", "about"),
    ],
)  # fmt: skip
def test_an_impossible_inspections_section_names_line_and_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    folder = broken(tmp_path, "regime.yaml", old, new)
    with pytest.raises(PackError, match=r"regime\.yaml") as caught:
        load_pack(folder)
    assert words in str(caught.value)
    assert caught.value.line >= line_of(folder, "regime.yaml", "inspections:")
