"""A figure that two levels report differently is never printed alone; whose stands is decided, kept and printed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from baocao.model.form import CellKey, EntryLevel
from baocao.model.pack_views import entered_by
from baocao.store.reports import reports
from baocao.store.trail import events
from baocao.workflow.installation import Refused
from baocao.workflow.reports import replaying
from baocao.workflow.sign_off import signing, sources
from builders.files.printed import Printed
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

pytestmark = pytest.mark.usefixtures("without_renderings")
CASES, SAME = "PL01/CT13", "B01/B01.03a"
REASON = "Số của Công an tỉnh chỉ gồm vụ do cấp tỉnh thụ lý; số cấp xã là số toàn tỉnh"
BODY = "38-CAT"


def cells(value: int) -> dict[CellKey, Any]:
    """The same number of cases in every figure of both forms."""
    columns = ("TH", "LKN", "LKGD")
    return {CellKey.parse(f"{row}/{column}"): value for row in (CASES, SAME) for column in columns}


@pytest.fixture(scope="module")
def contradicting_template(opened_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every commune counts 20 cases, the provincial body 10 in all."""
    site = Site(trimmed, tmp_path_factory.mktemp("contradicting") / "var")
    shutil.copytree(opened_template, site.data)
    for unit in site.units:
        entered = {key for form in entered_by(site.pack, unit) for key in form.cells}
        said = cells(20 if not unit.is_lead_body else 10)
        change = {key: value for key, value in said.items() if key in entered}
        site.send(unit.code, site.workbook(unit.code, change), site.in_time)
    assert site.collect()["accepted"] == len(site.units)
    site.place.store.close()
    return site.data


@pytest.fixture
def contradicting(site: Site, contradicting_template: Path) -> Site:
    shutil.copytree(contradicting_template, site.data)
    return site


def decide(site: Site, stands: str = "commune", **changes: Any) -> dict[str, Any]:
    given = {"stands": stands, "reason": REASON, "by": "truong-phong", "as_of": site.report_day, **changes}
    return sources.decide_source(site.place, REGIME, PERIOD, CASES, **given)


def frozen(site: Site) -> tuple[dict[str, Any], Printed]:
    report = dict(site.consolidate())
    return report, Printed.of(site.place, report["report_id"])


SUM = 20 * len(COMMUNES)


def test_undecided_difference_is_printed_with_both_figures(contradicting: Site) -> None:
    report, printed = frozen(contradicting)
    sentence = next(p for p in printed.paragraphs if p.startswith("- Số vụ phạm tội về ma túy được phát hiện"))
    assert f"10 vụ (số của cơ quan cấp tỉnh; cộng báo cáo cấp xã: {SUM} vụ)" in sentence
    [note] = [p for p in printed.paragraphs if p.startswith("(*) “Số vụ phạm tội")]
    assert f"cộng báo cáo cấp xã {SUM}, số của cơ quan cấp tỉnh 10" in note
    # What is still open in the house is told in the house: the Word report goes to others.
    assert "Chưa có quyết định" not in note
    for item in ("CT13", "B01.03a"):
        [row] = [r for r in printed.word_rows(item) if r[1].endswith("(*)")][:1]
        assert row[4] == "10"
    both = [(r[1], r[4]) for r in printed.word_rows("") if r[1].startswith("- ")]
    assert both[:2] == [("- Cộng báo cáo cấp xã", str(SUM)), ("- Số của cơ quan cấp tỉnh", "10")]
    sheet = printed.table("§PL01.A")
    assert (sheet["CT13", "TH"], sheet["CT13#CONG_XA", "TH"], sheet["CT13#CONG_TINH", "TH"]) == (10, SUM, 10)
    for title in (contradicting.pack.form("PL01").short, "Ghi chú"):
        assert "(*) CT13 " in printed.said(title)
        assert "Chưa có quyết định chọn nguồn số liệu" in printed.said(title)
    # Undecided it may be approved: nothing untrue is signed.
    assert contradicting.approve(report)["status"] == "APPROVED"
    with pytest.raises(Refused, match="đã duyệt"):
        decide(contradicting)


def test_source_decision_is_printed_in_a_new_version(contradicting: Site) -> None:
    site = contradicting
    first, _ = frozen(site)
    answer = decide(site)
    assert answer["rows"] == [SAME, CASES], "the rows that the forms say are one figure go together"
    report, printed = frozen(site)
    assert (report["version"], report["repeated"]) == (first["version"] + 1, False)
    values = printed.values()
    assert [values[f"{row}/TH"]["value"] for row in (CASES, SAME)] == [str(SUM), str(SUM)]
    sentence = next(p for p in printed.paragraphs if p.startswith("- Số vụ phạm tội về ma túy được phát hiện"))
    assert f"{SUM} vụ (cộng báo cáo cấp xã; số của cơ quan cấp tỉnh: 10 vụ)" in sentence
    [note] = [p for p in printed.paragraphs if p.startswith("(*) “Số vụ phạm tội")]
    assert f"chọn ngày 23/06/2026, lý do: {REASON}." in note
    assert f"(truong-phong) chọn ngày 23/06/2026, lý do: {REASON}." in printed.said("Ghi chú")
    with site.place.store.read() as conn:
        kept = {f"{c['form']}/{c['row']}": c for c in reports.manifest(conn, report["report_id"])["sources"]}
        [event] = [e for e in events.events(conn) if e.action == "source_decided"]
    assert (kept[CASES]["stands"], kept[CASES]["by"]) == ("commune", "truong-phong")
    assert event.payload["figures"][CASES]["TH"] == {"commune": str(SUM), "province": "10"}
    # A later decision changes the next version and neither of these.
    decide(site, "province", reason="Đã đối chiếu lại", by="pho-phong")
    for version in (first["version"], report["version"]):
        assert replaying.replay(site.place, REGIME, PERIOD, version)["identical"]
    _, again = frozen(site)
    assert again.values()[f"{CASES}/TH"]["value"] == "10"


def test_impossible_source_decisions_are_refused(contradicting: Site) -> None:
    with pytest.raises(Refused, match="PL01/CT13"):
        sources.decide_source(
            contradicting.place, REGIME, PERIOD, "PL01/CT01", stands="commune", reason=REASON, by="y",
            as_of=contradicting.report_day,
        )  # fmt: skip
    for missing in ({"reason": " "}, {"by": ""}):
        with pytest.raises(Refused, match="lý do và người quyết định"):
            decide(contradicting, **missing)
    [row] = [r for r in sources.list_sources(contradicting.place, REGIME, PERIOD) if r["row"] == CASES]
    assert (row["stands"], row["decision"]) == (EntryLevel.PROVINCE.value, None)


def test_pack_can_require_decisions_before_approval(contradicting: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site = contradicting
    report, _ = frozen(site)
    monkeypatch.setitem(site.pack.regime.__dict__, "source_decision_required", True)
    with pytest.raises(Refused, match=f"{CASES}.*sources decide"):
        site.approve(report)
    returned = signing.approve(
        site.place,
        report["report_id"],
        report["content_sha256"],
        "return",
        by="x",
        as_of=site.report_day,
        note="Hãy chọn nguồn số liệu",
    )
    assert returned["status"] == "RETURNED"
    for row in [r["row"] for r in sources.list_sources(site.place, REGIME, PERIOD)]:
        sources.decide_source(
            site.place, REGIME, PERIOD, row, stands="province", reason=REASON, by="x", as_of=site.report_day
        )
    again, _ = frozen(site)
    assert site.approve(again)["status"] == "APPROVED"


def test_the_command_line_lists_and_decides(contradicting: Site, cli: Cli) -> None:
    at = ["--regime", REGIME, "--period", PERIOD, "--as-of", contradicting.report_day.isoformat(), "--json"]
    listed = cli("sources", "list", *at)
    assert CASES in {row["row"] for row in listed.json}
    told = cli("sources", "decide", CASES, "--stands", "commune", "--reason", REASON, "--by", "truong-phong", *at)
    assert (told.code, told.json["stands"]) == (0, "commune") and CASES in told.json["rows"]
