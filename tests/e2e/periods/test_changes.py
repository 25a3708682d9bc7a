"""Between two reports a form is replaced, communes merge, one is renamed, and the law changes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from baocao.documents.pdf_files import convert as pdf
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.model.form import CellKey
from baocao.model.pack_views import entered_by
from baocao.model.submission import Severity
from baocao.settings import load_settings
from baocao.store.reports import reports
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Installation
from baocao.workflow.intake.checking import check_file
from baocao.workflow.periods import windows
from baocao.workflow.periods.history import history_of
from baocao.workflow.reports import building
from baocao.workflow.reports.replaying import replay
from baocao.workflow.sweeps import collecting
from builders.sites.site import PERIOD, PROJECT, REGIME, Site, trimmed_root

YEAR = "2026-Y"
STAYS, RENAMED, FIRST, SECOND = "14797", "14758", "14845", "14953"
NEW_NAME, MERGED = "90758", "90845"
BASIS = "Nghị quyết số 99/NQ-UBTVQH15 (thử nghiệm)"
WHY = "Bản mới chỉ tính văn bản của cấp xã"
BRIDGE = f"""\
form: B09
from: "2025.1"
to: "2026.2"
unchanged: [B09.02a, B09.02b, B09.02c, B09.03b, B09.03c, B09.03d, B09.05a, B09.05b, B09.05c, B09.06a, B09.06b, B09.07,
            B09.08a, B09.08b]
rows:
  - {{old: B09.04, new: B09.14, reason: đổi mã}}
  - {{old: [B09.03a, B09.03e], new: B09.13, reason: gộp hai dòng}}
  - {{old: B09.01, new: B09.01, comparable: false, reason: {WHY}}}
"""


def key(name: str) -> CellKey:
    return CellKey.parse(name)


def change_the_pack(root: Path) -> None:
    """What an official edits between the two reports."""
    pack = root / "include" / "regimes" / REGIME
    source = PROJECT / "include" / "regimes" / REGIME
    (pack / "forms").unlink()
    for folder in (source / "forms").iterdir():
        (pack / "forms" / folder.name).mkdir(parents=True)
        for file in folder.iterdir():
            (pack / "forms" / folder.name / file.name).symlink_to(file)
    old = (source / "forms" / "B09" / "2025.1.yaml").read_text(encoding="utf-8")
    new = old.replace('version: "2025.1"', 'version: "2026.2"')
    new = new.replace('code: B09.04, item: "B09.04"', 'code: B09.14, item: "B09.14"')
    new = new.replace('code: B09.03a, item: "B09.03"', 'code: B09.13, item: "B09.13"')
    new = re.sub(r"      - \{code: B09\.03e,.*?\}\n", "", new, flags=re.S)
    # The rule that names the row goes with it.
    new = re.sub(r"  - rule: V14\n    id: V14\.B09\.03e\n(?:    .*\n)+", "", new)
    (pack / "forms" / "B09" / "2026.2.yaml").write_text(new, encoding="utf-8")
    (pack / "forms" / "B09" / "2026.2.bridge.yaml").write_text(BRIDGE, encoding="utf-8")

    regime = (source / "regime.yaml").read_text(encoding="utf-8").replace("B09/B09.04/TH", "B09/B09.14/TH")
    # The rows that the register of inspections counted are merged: it counts nothing any more.
    regime = re.sub(r"^inspections:\n(?:  .*\n)+", "", regime, flags=re.MULTILINE)
    versions = 'B09: [{version: "2025.1"}, {version: "2026.2", since: 2026-12-14}]'
    (pack / "regime.yaml").unlink()
    (pack / "regime.yaml").write_text(regime.replace('B09: "2025.1"', versions), encoding="utf-8")

    lines = (pack / "units.csv").read_text(encoding="utf-8").splitlines()
    ended = [line + "2026-06-30" if line.split(",")[0] in {RENAMED, FIRST, SECOND} else line for line in lines]
    ended += [
        f"{NEW_NAME},Hàm Rồng Mới,ward,moi@thanhhoa.example,,,2026-07-01,",
        f"{MERGED},Hợp Nhất,commune,hop-nhat@thanhhoa.example,,,2026-07-01,",
    ]
    (pack / "units.csv").write_text("\n".join(ended) + "\n", encoding="utf-8")
    rows = [(RENAMED, NEW_NAME), (FIRST, MERGED), (SECOND, MERGED)]
    said = [f"2026-07-01,{old},{new},{BASIS}" for old, new in rows]
    (pack / "succession.csv").write_text("\n".join(["on,from,to,basis", *said]) + "\n", encoding="utf-8")


def again(*sent: Mapping[CellKey, object]) -> dict[CellKey, object]:
    """A year in which nothing happened after June, of a unit made of these: added up here, not by the code tested."""
    values: dict[CellKey, object] = {}
    for name in sent[0]:
        said = [s[name] for s in sent if s.get(name) is not None]
        numbers = [v for v in said if not isinstance(v, bool | str)]
        values[name] = sum(numbers) if numbers and len(sent) > 1 and not _is_date(numbers) else next(iter(said), None)
    moved = {"B09.04": ["B09.04"], "B09.13": ["B09.03a", "B09.03e"]}
    for column in ("KHN", "TH", "LKN", "LKGD", "GT"):
        for new, old in {"B09.14": moved["B09.04"], "B09.13": moved["B09.13"]}.items():
            said = [v for row in old if (v := values.pop(CellKey("B09", row, column), None)) is not None]
            numbers = [v for v in said if isinstance(v, int)]
            values[CellKey("B09", new, column)] = sum(numbers) if numbers else next(iter(said), None)
    return values


def _is_date(values: list[object]) -> bool:
    return not all(isinstance(v, int) or type(v).__name__ == "Decimal" for v in values)


class After:
    """The same installation as a process finds it after the changes, with the year's workbooks."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.before = {u.code: site.filled(u.code) for u in site.units}
        site.place.store.close()
        change_the_pack(site.root)
        self.place = Installation(load_settings(site.env))
        self.pack, self.period = self.place.at(REGIME, YEAR)

    def workbook(self, unit: str, change: Mapping[CellKey, object] | None = None) -> bytes:
        came_from = {NEW_NAME: (RENAMED,), MERGED: (FIRST, SECOND)}.get(unit, (unit,))
        values = again(*(self.before[u].values for u in came_from)) | dict(change or {})
        who = self.pack.unit(unit)
        assert who is not None
        asked = {k for form in entered_by(self.pack, who) for k in form.cells}
        values = {k: v for k, v in values.items() if k in asked}
        return write_blank(self.pack, who, self.period, values=values, info=self.before[came_from[0]].info)

    def found(self, data: bytes, rule: str) -> list[str]:
        """Messages of one rule about a workbook of the year."""
        at = self.period.unit.due_at - timedelta(days=1)
        checked = check_file(self.place, data, "a.xlsx", received_at=at, period=YEAR, marked=False)
        return [f.message for f in checked.findings if f.rule == rule]


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[After]:
    folder = tmp_path_factory.mktemp("changes")
    programs = pytest.MonkeyPatch()
    programs.setattr(pdf, "_PROGRAMS", ())  # a rendering of no interest here, and seconds long
    site = Site(trimmed_root(folder, (STAYS, RENAMED, FIRST, SECOND)), folder / "var")
    site.dispatch(site.to_signed())
    now = After(site)
    windows.open_window(now.place, REGIME, YEAR, now.period.opens_at)
    yield now
    now.place.store.close()
    programs.undo()


def test_merged_commune_opens_with_the_sum_of_both(after: After) -> None:
    opening = key("B04/NGHIEN/DK")
    first, second = (after.before[u].values[opening] for u in (FIRST, SECOND))
    assert isinstance(first, int) and isinstance(second, int)
    _, blank = windows.blank_for(after.place, REGIME, YEAR, MERGED)
    sheet = load_workbook(io.BytesIO(blank))["PL02 Biểu 04"]
    row = next(r for r in sheet.iter_rows(values_only=True) if "NGHIEN" in r)
    assert first + second in row

    assert after.found(after.workbook(MERGED), "V31") == []
    wrong = after.found(after.workbook(MERGED, {opening: first + second + 1}), "V31")
    assert len(wrong) == 1 and f"({first + second})" in wrong[0]


def test_renamed_commune_continues_with_its_own_figures(after: After) -> None:
    with after.place.store.read() as conn:
        history = history_of(after.place, conn, after.pack, NEW_NAME, after.period)
    old = after.before[RENAMED].values
    assert history.previous[key("B09/B09.14/TH")] == old[key("B09/B09.04/TH")]
    assert history.previous[key("B09/B09.13/TH")] == sum(
        v for row in ("B09.03a", "B09.03e") if isinstance(v := old[CellKey("B09", row, "TH")], int)
    )
    assert not [k for k in history.previous if k.row == "B09.01"], "what is not comparable is no history"
    assert key("B09/B09.02a/TH") in history.previous, "a renamed unit keeps even what cannot be added"
    assert after.found(after.workbook(NEW_NAME), "V31") == []


def test_merged_commune_has_no_previous_yes_or_no(after: After) -> None:
    with after.place.store.read() as conn:
        history = history_of(after.place, conn, after.pack, MERGED, after.period)
    assert history.previous and not [v for v in history.previous.values() if isinstance(v, bool | str)]


def test_abolished_communes_file_is_told_who_reports_now(after: After) -> None:
    _, blank = windows.blank_for(after.place, REGIME, YEAR, FIRST)
    said = " ".join(after.found(blank, "V04"))
    assert f"Xã Hợp Nhất (mã {MERGED})" in said and BASIS in said


def test_yearly_report_compares_only_what_is_comparable(after: After) -> None:
    place, period = after.place, after.period
    at = period.unit.due_at - timedelta(days=1)
    units = [u.code for u in after.pack.units_on(period.cutoff_on)]
    assert {STAYS, NEW_NAME, MERGED} < set(units) and not {RENAMED, FIRST, SECOND} & set(units)
    for unit in units:
        after.site.send(unit, after.workbook(unit), at)
    counted = collecting.collect(place, at + timedelta(hours=1))
    assert counted["accepted"] == len(units), [
        (u, f.rule, f.item, f.message)
        for u in units
        for f in check_file(place, after.workbook(u), "a.xlsx", received_at=at, period=YEAR, marked=False).findings
        if f.severity is Severity.BLOCKS
    ]
    when = period.consolidates_after + timedelta(hours=8)
    drafting.gate(place, REGIME, YEAR, when)
    draft = drafting.consolidate(place, REGIME, YEAR, when)
    built = building.build(place, draft["report_id"], when)

    with place.store.read() as conn:
        basis = drafting.basis_of(place, conn, after.pack, period)
        files = {e["name"]: e["sha256"] for e in reports.manifest(conn, built["report_id"])["files"]}
    year_ago = [values for unit, values in after.site.before.items()]

    def baseline(*rows: str) -> int:
        return sum(int(values.get(CellKey("B09", r, "TH"), 0)) for values in year_ago for r in rows)  # type: ignore[call-overload]

    beside = basis.consolidation.last_year
    assert beside[key("B09/B09.14/TH")].previous == baseline("B09.04")
    assert beside[key("B09/B09.13/TH")].previous == baseline("B09.03a", "B09.03e")
    assert (beside[key("B09/B09.01/TH")].previous, beside[key("B09/B09.01/TH")].reason) == (None, WHY)
    assert BASIS in beside[key("B09/B09.02a/TH")].reason, "a count of units, and there are fewer now"
    assert str(basis.consolidation.commune_coverage) == "3/3"

    data = {name: place.store.files.get(sha256) for name, sha256 in files.items()}
    book = load_workbook(io.BytesIO(next(v for n, v in data.items() if n.endswith(".xlsx"))))["PL02 Biểu 09"]
    texts = [str(c) for row in book.iter_rows(values_only=True) for c in row if c is not None]
    assert "không so sánh được" in texts
    assert any("(B09.01 Văn bản quản lý Chương trình được ban hành)" in t and WHY in t for t in texts)
    word = Document(io.BytesIO(next(v for n, v in data.items() if n.endswith(".docx") and "to-trinh" not in n)))
    said = "\n".join(p.text for p in word.paragraphs)
    assert "Không so sánh được với cùng kỳ năm trước (B09.01" in said and WHY in said
    assert (
        "Luật Phòng, chống ma túy số 73/2021/QH14 ngày 30/03/2021 của Quốc hội (áp dụng đến hết ngày 30/06/2026)"
        in said
    )
    assert "Luật Phòng, chống ma túy số 120/2025/QH15 ngày 10/12/2025 của Quốc hội (áp dụng từ ngày 01/07/2026)" in said

    assert replay(place, REGIME, YEAR)["identical"]
    first_half = replay(place, REGIME, PERIOD)
    assert first_half["identical"], first_half["differences"]
