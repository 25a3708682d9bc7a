"""The office's text through the verbs: exported, edited, imported, frozen under the hash, dropped again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from baocao.documents.word_report.numerals import count
from baocao.store.reports import reports
from baocao.store.trail import events
from baocao.text import short_moment_text
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Refused
from baocao.workflow.reports import building, narrating, replaying
from baocao.workflow.sign_off.summary import report_summary
from baocao.workflow.status.overview import status
from baocao.workflow.status.status_text import status_text
from builders.files.printed import Printed
from builders.sites.cli import Cli
from builders.sites.correction import UNIT, changed
from builders.sites.site import PERIOD, REGIME, Site

pytestmark = pytest.mark.usefixtures("without_renderings")
OFFICE = "Văn phòng thường trực (thử nghiệm)"
OWN = "Ban Chỉ đạo tỉnh đã họp giao ban hằng quý, phân công từng thành viên phụ trách địa bàn."
PEOPLE, HELPED = "PL01/CT01/TH", "PL01/CT20/TH"


@pytest.fixture
def frozen(site: Site, consolidated_template: tuple[Path, dict[str, object]]) -> Site:
    shutil.copytree(consolidated_template[0], site.data)
    return site


def exported(site: Site) -> str:
    _, data, _ = narrating.export(site.place, REGIME, PERIOD, "md")
    return data.decode()


def with_own(text: str) -> str:
    """One sentence of the office's own at the head of the first section."""
    return re.sub(r"(# I\. [^\n]*\n)", rf"\1\n{OWN}\n", text, count=1)


def take(site: Site, text: str, **more: Any) -> dict[str, Any]:
    return narrating.take(site.place, text.encode(), "loi-van.md", by=OFFICE, as_of=site.report_day, **more)


def manifest(site: Site, report_id: int) -> dict[str, Any]:
    with site.place.store.read() as conn:
        return dict(reports.manifest(conn, report_id))


def test_edited_section_makes_a_new_replayable_version(frozen: Site) -> None:
    before = status(frozen.place, REGIME, PERIOD, frozen.report_day)
    assert "Lời văn: bản dự thảo tự động" in status_text(before)
    first = before["report"]["content_sha256"]
    answer = take(frozen, with_own(exported(frozen)))
    assert (answer["taken"], answer["revision"], answer["sections"]) == (True, 1, ["PL04/I"])

    report = frozen.consolidate()
    assert report["version"] == 2
    printed = Printed.of(frozen.place, report["report_id"])
    assert OWN in printed.paragraphs
    bound = manifest(frozen, report["report_id"])
    assert bound["narrative"]["by"] == OFFICE
    assert list(bound["narrative"]["sections"]) == ["PL04/I"]
    after = status(frozen.place, REGIME, PERIOD, frozen.report_day)
    assert after["report"]["content_sha256"] != first
    assert f"I Công tác quản lý Chương trình: văn phòng sửa lần 1, do {OFFICE}" in status_text(after)
    assert f"1 mục do văn phòng sửa (lần 1, {OFFICE})" in report_summary(frozen.place, report["report_id"])["body"]
    with frozen.place.store.read() as conn:
        [told] = [e for e in events.events(conn) if e.action == "narrative_imported"]
    assert (told.actor, told.payload["revision"]) == (OFFICE, 1)

    # Another revision afterwards changes nothing of the version that is frozen.
    take(frozen, exported(frozen).replace(OWN, OWN.replace("hằng quý", "hằng tháng")))
    replayed = replaying.replay(frozen.place, REGIME, PERIOD, 2)
    assert replayed["identical"], replayed["differences"]
    frozen.approve(report)
    with pytest.raises(Refused, match="đã duyệt"):
        take(frozen, exported(frozen).replace(OWN, ""))


def test_changed_figures_and_stale_edits_are_refused(frozen: Site) -> None:
    text = exported(frozen)
    wrong = re.sub(rf"\{{\{{{re.escape(PEOPLE)}\|[^}}]*\}}\}}", f"{{{{{PEOPLE}|999}}}}", text)
    with pytest.raises(Refused, match=r"“999”.*PL01/CT01/TH"):
        take(frozen, wrong)
    assert narrating.history(frozen.place, REGIME, PERIOD) == []
    take(frozen, with_own(text))
    with pytest.raises(Refused, match="đã có lần sửa 1"):
        take(frozen, text)


def test_typed_numbers_are_taken_only_when_confirmed(frozen: Site) -> None:
    text = with_own(exported(frozen)).replace("hằng quý", "hằng quý với 37 lượt kiểm tra")
    asked = take(frozen, text)
    assert not asked["taken"]
    assert "số 37" in asked["questions"][0]
    assert take(frozen, text, confirm=True)["taken"]
    report = frozen.consolidate()
    assert "37" in manifest(frozen, report["report_id"])["narrative"]["typed_numbers"][0]
    assert "Số tự ghi" in report_summary(frozen.place, report["report_id"])["body"]


def test_figures_in_the_text_follow_corrections(frozen: Site) -> None:
    text = exported(frozen)
    old = re.search(rf"\{{\{{{re.escape(HELPED)}\|([^}}]*)\}}\}}", text)
    assert old is not None
    take(frozen, re.sub(r"(# III\. [^\n]*\n)", rf"\1\nĐã tư vấn, hỗ trợ {old[0]} người.\n", text, count=1))
    frozen.send(UNIT, changed(frozen), frozen.in_time, name="dinh-chinh.xlsx")
    assert frozen.collect()["accepted"] == 1
    drafting.gate(frozen.place, REGIME, PERIOD, frozen.report_day)
    report = drafting.consolidate(frozen.place, REGIME, PERIOD, frozen.report_day)
    built = building.build(frozen.place, int(report["report_id"]), frozen.report_day)
    new = count(int(old[1].replace(".", "")) + 5)
    assert f"Đã tư vấn, hỗ trợ {new} người." in Printed.of(frozen.place, report["report_id"]).paragraphs
    assert any(f"{old[1]} nay là {new}" in line for line in built["narrative_to_reread"])


def test_the_draft_comes_back_with_a_reason(frozen: Site) -> None:
    take(frozen, with_own(exported(frozen)))
    narrating.drop(frozen.place, REGIME, PERIOD, "I", by=OFFICE, reason="Dùng lại bản dự thảo", as_of=frozen.report_day)
    report = frozen.consolidate()
    assert OWN not in Printed.of(frozen.place, report["report_id"]).paragraphs
    assert [r["sections"] for r in narrating.history(frozen.place, REGIME, PERIOD)] == [["PL04/I"], []]
    with pytest.raises(Refused, match="không có gì để bỏ"):
        narrating.drop(frozen.place, REGIME, PERIOD, None, by=OFFICE, reason="x lần nữa", as_of=frozen.report_day)


def test_the_commands_write_and_read_word(frozen: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = Cli(frozen, monkeypatch)
    out, edited = tmp_path / "loi-van.docx", tmp_path / "loi-van.md"
    assert cli("narrative", "export", PERIOD, out, "--json").json["figures"] > 50
    assert "không khác lời văn đang dùng" in cli("narrative", "import", out, "--by", OFFICE).out
    cli("narrative", "export", PERIOD, edited)
    edited.write_text(with_own(edited.read_text(encoding="utf-8")).replace("hằng quý", "37 lần"), encoding="utf-8")
    asked = cli("narrative", "import", edited, "--by", OFFICE)
    assert (asked.code, "số 37" in asked.out) == (4, True)
    assert "lần sửa 1" in cli("narrative", "import", edited, "--by", OFFICE, "--confirm-numbers").out
    (revision,) = narrating.history(frozen.place, REGIME, PERIOD)
    here = revision["at"].astimezone(frozen.place.zone(REGIME))
    assert f"{OFFICE}, {short_moment_text(here)}," in cli("narrative", "history", "--period", PERIOD).out
