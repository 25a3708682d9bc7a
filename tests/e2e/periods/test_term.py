"""Mid-term and end-term, played from the accepted reports of the years before to the package that is dispatched."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from baocao.checks.consolidation_gate.gate import failures
from baocao.checks.engine import History, check
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import CellKey
from baocao.model.submission import Severity, Status, Value
from baocao.store import waivers
from baocao.store.reports import reports
from baocao.store.reports.reports import report_cells
from baocao.store.submissions import cells, submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.values import typed_by
from baocao.workflow.consolidating.drafting import basis_of
from baocao.workflow.installation import Refused
from baocao.workflow.periods import windows
from baocao.workflow.reports import building
from baocao.workflow.reports.replaying import replay
from builders.files.word_excel import differences, term_differences
from builders.sites.cli import Cli
from builders.sites.site import REGIME, Site, trimmed_root, write_accepted

ALONE, OTHER = COMMUNES = ("14797", "14758")
"""`ALONE` never sent its annual report of 2027, only the six-month one of that year."""
MID_YEARS = ("2026-H1", "2026-Y", "2027-H1", "2027-Y", "2028-H1")
END_YEARS = ("2026-Y", "2027-H1", "2027-Y", "2028-Y", "2029-Y", "2030-H1")
CLASSES, ADDICTS = CellKey("PL01", "CT27a", "TH"), CellKey("PL01", "CT01", "TH")
SHEET = "Lũy kế giai đoạn"


@dataclass
class Played:
    site: Site
    answer: dict[str, object]
    files: dict[str, bytes]

    @property
    def word(self) -> str:
        document = Document(io.BytesIO(self.files["docx"]))
        cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
        return "\n".join([*(p.text for p in document.paragraphs), *cells])

    def figures(self, form: str) -> dict[str, dict[str, object]]:
        """row code -> column code -> figure of the sheet of the term, found by codes as docs/consolidated.md says."""
        sheet = load_workbook(io.BytesIO(self.files["xlsx"]), read_only=True)[SHEET]
        rows = list(sheet.iter_rows(values_only=True))
        start = next(i for i, row in enumerate(rows) if row[0] == f"§LUYKE.{form}")
        codes = {i: str(code)[1:] for i, code in enumerate(rows[start]) if i and code}
        found: dict[str, dict[str, object]] = {}
        for row in rows[start + 1 :]:
            if str(row[0] or "").startswith("§"):
                break
            found[str(row[0])] = {code: row[i] for i, code in codes.items()}
        return found


def play(folder: Path, code: str, years: tuple[str, ...]) -> Played:
    site = Site(trimmed_root(folder, COMMUNES), folder / "var", code=code)
    site.load_baseline()
    site.accept(*years, but={"2027-Y": [ALONE], "2027-H1": [u.code for u in site.units if u.code != ALONE]})
    site.open()
    site.send_all()
    site.collect()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(building, "pdf_available", lambda: False)
        answer = site.consolidate()
    with site.place.store.read() as conn:
        names = {f["name"].rpartition(".")[2]: f["sha256"] for f in reports.manifest(conn, 1)["files"]
                 if not f["name"].startswith("to-trinh")}  # fmt: skip
    files = {kind: site.place.store.files.get(sha256) for kind, sha256 in names.items()}
    return Played(site, answer, files)


@pytest.fixture(scope="module")
def mid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    played = play(tmp_path_factory.mktemp("mid"), "2028-MID", MID_YEARS)
    yield played
    played.site.place.store.close()


@pytest.fixture(scope="module")
def end(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    played = play(tmp_path_factory.mktemp("end"), "2030-END", END_YEARS)
    yield played
    played.site.place.store.close()


def by_hand(site: Site, key: CellKey, *codes: str) -> int:
    """The sum over units of the reports of one year that count, from what was sent; nothing of baocao adds it up."""
    reported: Mapping[str, Mapping[str, Mapping[CellKey, Value]]] = dict(site.reported)
    total = 0
    for code in codes:
        for unit, figures in reported[code].items():
            counts = unit == ALONE if code == "2027-H1" else unit != ALONE or code != "2027-Y"
            total += int(str(figures.get(key, 0))) if counts else 0
    return total


def findings(site: Site, unit: str) -> list[tuple[str, Severity, str]]:
    with site.place.store.read() as conn:
        row = [s for s in submissions.of_period(conn, REGIME, site.code) if s.unit == unit][-1]
        return [(f.rule, f.severity, f.key) for f in findings_of(conn, row.id)]


# the mid-term ------------------------------------------------------------------------------------------------------


def test_everybody_is_accepted_and_the_report_is_frozen(mid: Played) -> None:
    assert mid.answer["status"] == "FROZEN"
    with mid.site.place.store.read() as conn:
        statuses = {s.status for s in submissions.of_period(conn, REGIME, "2028-MID")}
    assert statuses == {Status.ACCEPTED}


def test_term_sheet_shows_accepted_figures_by_year(mid: Played) -> None:
    row = mid.figures("PL01")["CT27a"]
    years = [by_hand(mid.site, CLASSES, *c) for c in (("2026-Y",), ("2027-Y", "2027-H1"), ("2028-H1",))]
    assert [row[f".NAM.{y}"] for y in (2026, 2027, 2028, 2029, 2030)] == [*years, None, None]
    assert row[".LUY_KE"] == sum(years) > 0
    reached = sum(int(str(mid.site.filled(u.code).values.get(CLASSES, 0))) for u in mid.site.units)
    assert row[".THUC_HIEN"] == reached >= sum(years)
    assert row[".PT_KHGD"] == pytest.approx(100 * reached / int(str(row[".KHGD"])), abs=1e-6)


@pytest.mark.parametrize("which", ["mid", "end"])
def test_word_tables_of_the_term_equal_the_workbook(which: str, request: pytest.FixtureRequest) -> None:
    played: Played = request.getfixturevalue(which)
    pack = played.site.pack
    compared, wrong = term_differences(pack, played.files["docx"], played.files["xlsx"])
    assert wrong == [], "\n".join(wrong[:40])
    assert compared > 1000
    compared, wrong = differences(pack, played.files["docx"], played.files["xlsx"])
    assert wrong == [], "\n".join(wrong[:40])


def test_stocks_use_the_last_report_even_half_yearly(mid: Played) -> None:
    assert mid.figures("PL01")["CT01"][".LUY_KE"] == by_hand(mid.site, ADDICTS, "2028-H1")
    sheet = load_workbook(io.BytesIO(mid.files["xlsx"]), read_only=True)[SHEET]
    text = "\n".join(str(c) for row in sheet.iter_rows(values_only=True) for c in row if c)
    assert "Dùng số 6 tháng vì chưa có báo cáo năm: Phường Hạc Thành" in text


def test_word_report_follows_the_mid_term_template(mid: Played) -> None:
    word = mid.word
    assert "Kết quả đánh giá giữa kỳ (giai đoạn 2026 - 2028) Chương trình" in word
    assert "số liệu từ ngày 15/12/2025 đến hết ngày 14/08/2028" in word
    headings = [line for line in word.splitlines() if line.startswith(("I. ", "II. ", "III. ", "IV. ", "V. ", "VI. "))]
    assert headings[:5] == [
        "I. CÔNG TÁC QUẢN LÝ CHƯƠNG TRÌNH",
        "II. HUY ĐỘNG, PHÂN BỔ VÀ SỬ DỤNG NGUỒN VỐN",
        "III. KẾT QUẢ THỰC HIỆN MỤC TIÊU, NHIỆM VỤ SO VỚI KẾ HOẠCH GIAI ĐOẠN 05 NĂM",
        "IV. TỒN TẠI, HẠN CHẾ VÀ NGUYÊN NHÂN",
        "V. GIẢI PHÁP ĐẾN NĂM CUỐI GIAI ĐOẠN, ĐỀ XUẤT ĐIỀU CHỈNH CHƯƠNG TRÌNH",
    ]
    assert "kế hoạch giai đoạn 2026 - 2030" in word and "Ước" not in word
    assert "lũy kế từ đầu năm" not in word, "the figure is the term's"


def test_target_of_2030_is_judged_at_the_end(mid: Played, end: Played) -> None:
    verdicts = {}
    for played in (mid, end):
        sheet = load_workbook(io.BytesIO(played.files["xlsx"]), read_only=True)["Mục tiêu"]
        verdicts[played.site.code] = {row[1]: row[7] for row in sheet.iter_rows(min_row=5, values_only=True) if row[1]}
    assert verdicts["2028-MID"]["TH2"] == "Còn hạn"
    assert verdicts["2030-END"]["TH2"] == "Chưa đạt"
    assert verdicts["2028-MID"]["T13"] == verdicts["2030-END"]["T13"] != "Còn hạn"


def test_cumulative_figure_below_the_sum_is_returned(mid: Played) -> None:
    site = mid.site
    so_far = site.term(OTHER).cells[CLASSES].value
    less = {k: int(str(so_far)) - 1 for k in (CLASSES, CLASSES._replace(column="LKGD"), CellKey("B07", "B07.21a", "TH"),
                                              CellKey("B07", "B07.21a", "LKGD"))}  # fmt: skip
    site.send(OTHER, site.workbook(OTHER, less), site.in_time + timedelta(hours=2))
    assert site.collect(site.in_time + timedelta(hours=3))["returned"] == 1
    blocked = {key for rule, severity, key in findings(site, OTHER) if rule == "V62" and severity == "blocks"}
    assert blocked == {f"V62|{CLASSES}", "V62|B07/B07.21a/TH"}


def test_gate_and_engine_agree_about_the_term(mid: Played) -> None:
    site = mid.site
    term = CLASSES._replace(column="LKGD")
    wrong = {term: int(str(site.filled(OTHER).values[term])) + 3}
    with site.place.store.read() as conn:
        accepted = cells.accepted_cells(conn, REGIME, site.code, typed_by(site.pack))
    changed = [
        replace(a, cells={**a.cells, term: replace(a.cells[term], value=wrong[term])}) if a.unit == OTHER else a
        for a in accepted
    ]
    found = failures(site.pack, site.period, changed)
    blocking = {(unit, rule, cell) for unit, rule, cell, severity in found if severity == "blocks"}
    book = type_workbook(read_workbook(site.workbook(OTHER, wrong)), site.pack)
    engine = check(book, site.pack, site.unit(OTHER), site.period, History(), received_at=site.in_time)
    assert blocking == {(OTHER, f.rule, f.cells[0]) for f in engine if f.severity == "blocks"}
    # The cumulative figure stands in two forms (V22), and is what the reports of the term add up to (V62).
    assert {rule for _, rule, _ in blocking} == {"V22", "V62"}


def test_blank_is_filled_with_the_accepted_sums(mid: Played) -> None:
    site = mid.site
    name, data = windows.blank_for(site.place, REGIME, "2028-MID", ALONE)
    book = type_workbook(read_workbook(data), site.pack)
    so_far = site.term(ALONE).cells
    assert name == f"{ALONE}_2028-MID.xlsx"
    assert book.cells[CLASSES].value == so_far[CLASSES].value == book.cells[CLASSES._replace(column="LKGD")].value
    assert book.cells[ADDICTS].value is None, "a stock is counted anew"
    first = dict(site.reported)["2026-Y"][ALONE]
    opening = CellKey("B04", "NGHIEN", "DK")
    assert book.cells[opening].value == first[opening]
    guide = [c.value for row in load_workbook(io.BytesIO(data))["Hướng dẫn"].iter_rows() for c in row if c.value]
    assert any("tính từ 15/12/2025, không phải số của riêng năm 2028" in str(line) for line in guide)
    assert any("năm 2027 (dùng số 6 tháng đầu năm 2027)" in str(line) for line in guide)


def test_package_also_goes_to_ministry_of_finance(mid: Played) -> None:
    site = mid.site
    site.approve(mid.answer)
    site.sign(mid.answer)
    done = site.dispatch(mid.answer)
    told = json.loads((Path(str(done["package"])) / "recipients.json").read_text(encoding="utf-8"))
    metadata = json.loads((Path(str(done["package"])) / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["Subject"] in mid.word, "the title of the report is the subject of the letter"
    assert "bo-tai-chinh" in json.dumps(told) and "bo-tai-chinh" in done["recipients"]  # type: ignore[operator]
    assert len(done["recipients"]) == 8  # type: ignore[arg-type]
    for kind in ("2026-H1", "2026-Y"):
        assert "bo-tai-chinh" not in site.pack.rule_of(site.place.period(REGIME, kind).kind).recipients
    assert replay(site.place, REGIME, "2028-MID")["identical"]


# the end-term ------------------------------------------------------------------------------------------------------


def test_end_term_report_prints_estimates_to_2030(end: Played) -> None:
    word = end.word
    assert "Kết quả đánh giá cuối kỳ (giai đoạn 2026 - 2030) Chương trình" in word
    assert "Ước đến 31/12/2030" in word and "ước đến hết năm 2030" in word
    assert "IV. TÁC ĐỘNG, HIỆU QUẢ ĐẦU TƯ VÀ TÍNH BỀN VỮNG CỦA CHƯƠNG TRÌNH" in word
    row = end.figures("PL01")["CT27a"]
    estimates = [
        int(str(end.site.filled(u.code).values.get(CellKey("PL05-KT", "CT27a", "UTH"), 0))) for u in end.site.units
    ]
    assert row[".UOC"] == sum(estimates) >= int(str(row[".THUC_HIEN"]))
    assert [row[f".NAM.{y}"] for y in range(2026, 2031)] == [
        by_hand(end.site, CLASSES, *codes)
        for codes in (("2026-Y",), ("2027-Y", "2027-H1"), ("2028-Y",), ("2029-Y",), ("2030-H1",))
    ]


def test_estimate_below_the_result_is_returned(end: Played) -> None:
    site = end.site
    estimate = CellKey("PL05-KT", "CT27a", "UTH")
    site.send(OTHER, site.workbook(OTHER, {estimate: 0}), site.in_time + timedelta(hours=2))
    assert site.collect(site.in_time + timedelta(hours=3))["returned"] == 1
    assert ("V62", "blocks") in {(rule, severity.value) for rule, severity, _ in findings(site, OTHER)}


def test_correcting_an_earlier_year_needs_a_new_version(end: Played) -> None:
    """What was consolidated no longer is what stands in the store: the frozen report is not signed over, a new version
    takes its place."""
    site = end.site
    figures = dict(dict(site.reported)["2026-Y"][OTHER])
    figures[CLASSES] = int(str(figures[CLASSES])) + 5
    with site.place.store.begin() as conn:
        write_accepted(conn, "2026-Y", OTHER, figures, site.in_time)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(building, "pdf_available", lambda: False)
        again = site.consolidate()
    assert (end.answer["version"], again["version"]) == (1, 2)
    with pytest.raises(Refused):
        site.approve(end.answer)


def test_term_command_shows_each_part_of_the_sum(mid: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = Cli(mid.site, monkeypatch)
    one = cli("term", "--period", "2028-MID", "--unit", ALONE, "--cell", str(CLASSES), "--json").json
    assert [p["period"] for p in one["cells"][0]["parts"]] == ["2026-Y", "2027-H1", "2028-H1"]
    assert all(p["sheet"] and p["a1"] and p["submission_id"] for p in one["cells"][0]["parts"])
    assert one["instead"] == {"2027-Y": "2027-H1"} and one["missing"] == []
    whole = cli("term", "--period", "2028-MID", "--cell", str(CLASSES), "--json").json
    years = [by_hand(mid.site, CLASSES, *c) for c in (("2026-Y",), ("2027-Y", "2027-H1"), ("2028-H1",))]
    assert [y["value"] for y in whole["cells"][0]["years"]] == years
    assert whole["cells"][0]["accumulated"] == sum(years)
    read = cli("term", "--period", "2028-MID").out
    assert "Năm 2026 (2026-Y): nhận 8/8 đơn vị" in read and f"dùng số 6 tháng thay số năm: {ALONE}" in read
    assert len(read.splitlines()) < 10, "an operator reads it on one screen"
    told = f"{CLASSES}: lũy kế {sum(years)} (2026: {years[0]}; "
    assert told in cli("term", "--period", "2028-MID", "--cell", str(CLASSES)).out
    alone = cli("term", "--period", "2028-MID", "--unit", ALONE, "--cell", str(CLASSES)).out
    assert "chưa có 2027-Y: dùng 2027-H1" in alone and "2026-Y: " in alone
    refused = cli("term", "--period", "2026-H1")
    assert refused.code == 3 and "giữa kỳ" in refused.err


# afterwards: the last test, it changes what the others read -------------------------------------------------------


def test_later_correction_never_changes_an_existing_term_report(mid: Played) -> None:
    site = mid.site
    pack, period = site.place.at(REGIME, "2028-MID")
    with site.place.store.begin() as conn:
        report = reports.latest(conn, REGIME, "2028-MID")
        assert report is not None
        accepted = report_cells(conn, report.id, typed_by(pack))
        before = basis_of(site.place, conn, pack, period, accepted, of=report)
        corrected = dict(dict(site.reported)["2026-Y"][ALONE])
        corrected[CLASSES] = int(str(corrected[CLASSES])) + 1000
        write_accepted(conn, "2026-Y", ALONE, corrected, site.report_day + timedelta(days=30))
        waivers.grant(
            conn,
            regime=REGIME,
            period="2027-Y",
            unit=ALONE,
            kind=waivers.WaiverKind.WAIVER,
            until=None,
            reason="thiên tai",
            granted_by="tinh",
            granted_at=site.report_day,
        )
        anew = basis_of(site.place, conn, pack, period)
        again = basis_of(site.place, conn, pack, period, accepted, of=report)
    assert before.term is not None and again.term is not None and anew.term is not None
    assert again.input_sha256 == before.input_sha256 != anew.input_sha256
    assert again.term == before.term
    assert int(str(anew.term.of_year(2026, CLASSES))) == int(str(again.term.of_year(2026, CLASSES))) + 1000
    answer = replay(site.place, REGIME, "2028-MID")
    assert (answer["differences"], answer["identical"]) == ([], True)
