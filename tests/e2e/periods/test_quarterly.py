"""A regime like none of the shipped ones goes the whole road, a year ahead, by `--as-of` alone: quarters, five units,
one form of figures, no projects, no form for texts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document

from baocao.cli import main
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.model.form import CellKey
from baocao.settings import load_settings
from baocao.workflow.installation import Installation
from baocao.workflow.reports import building, issuing
from builders.packs.quarterly import CODE, UNITS, quarterly_root
from builders.sites.desk import Browser, asker

INFO = {
    "doc_number": "15/BC-UBND",
    "signing_form": "TM.",
    "signer_title": "CHỦ TỊCH",
    "signer_name": "Người ký (thử nghiệm)",
    "reporter": "Người lập (thử nghiệm)",
    "phone": "0200 0000 000",
}


class Office:
    """The installation, and `baocao` in it. No file's time is ever touched."""

    def __init__(self, folder: Path) -> None:
        self.env = {
            "BAOCAO_ROOT": str(quarterly_root(folder)),
            "BAOCAO_DATA": str(folder / "var"),
            "BAOCAO_REGIME": CODE,
        }
        # An office among the communes: without projects it owes what they owe.
        units = Path(self.env["BAOCAO_ROOT"]) / "include" / "regimes" / CODE / "units.csv"
        units.write_text(units.read_text("utf-8").replace("An Phú,commune", "Sở Y tế,agency"), encoding="utf-8")
        self.place = Installation(load_settings(self.env))

    def run(self, *arguments: str, expected: int = 0) -> str:
        done = CliRunner().invoke(main, list(arguments), env=self.env)
        assert done.exit_code == expected, (arguments, done.output, done.exception)
        return done.output

    def put(self, period: str, unit: str, figures: Mapping[str, int]) -> None:
        """The unit's workbook, just written, in its folder of the inbox."""
        pack, when = self.place.at(CODE, period)
        who = pack.unit(unit)
        assert who is not None
        values = {CellKey("CCHC", *name.split("/")): number for name, number in figures.items()}
        folder = self.place.settings.inbox / unit
        folder.mkdir(parents=True, exist_ok=True)
        data = write_blank(pack, who, when, {}, values=values, info=INFO)
        (folder / f"{unit}_{period}.xlsx").write_bytes(data)

    def play(self, period: str, opens: str, sent: str, decided: str, figures: Mapping[str, Mapping[str, int]]) -> Path:
        """From the window to the ministry; no PDF is made, so what is sent is the Word file."""
        self.run("open", "--period", period, "--as-of", opens, "--yes")
        for unit, theirs in figures.items():
            self.put(period, unit, theirs)
        self.run("collect", "--as-of", sent, "--yes")
        self.run("remind", "--as-of", sent, "--yes")
        self.run("consolidate", "--period", period, "--as-of", f"{decided}T09:00")
        self.run("approve", "--period", period, "--as-of", f"{decided}T10:00", "--by", "Sở Nội vụ (thử)")
        signature = ("--number", "12", "--signed-on", decided, "--signer", "Người ký (thử nghiệm)")
        self.run("sign", "--period", period, "--as-of", f"{decided}T11:00", "--by", "Văn thư (thử)", *signature)
        self.run("dispatch", "--period", period, "--as-of", f"{decided}T14:00")
        (package,) = (self.place.settings.data / "dispatch" / CODE / period).rglob("*.docx")
        return package


def quarter(received: int, before: int = 0) -> dict[str, int]:
    now = {"TT01": received, "TT02": received - 2, "TT03": 1}
    so_far = {"TT01": received + before, "TT02": received + before - (4 if before else 2), "TT03": 2 if before else 1}
    return {f"{row}/TH": n for row, n in now.items()} | {f"{row}/LKN": n for row, n in so_far.items()}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("quarterly"))
    yield office
    office.place.store.close()


def texts(file: Path) -> str:
    document = Document(io.BytesIO(file.read_bytes()))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.fixture(scope="module")
def first(office: Office) -> Path:
    with pytest.MonkeyPatch.context() as patched:
        for module in (building, issuing):
            patched.setattr(module, "pdf_available", lambda: False)
        sent = {u: quarter(100 + n) for n, u in enumerate(UNITS)}
        return office.play("2027-Q1", "2027-03-01", "2027-03-18", "2027-03-24", sent)


def test_quarterly_pack_is_valid_with_legal_deadlines(office: Office) -> None:
    assert "dùng được" in office.run("regime", "check", CODE)
    told = office.run("periods")
    assert "2027-Q1" in told and "2028-Q4" in told and "hạn 2027-03-20 23:59:59" in told


def test_the_report_reads_as_if_written_for_it(first: Path) -> None:
    text = texts(first)
    headings = re.findall(r"^[IVX]+\. .+$", text, re.MULTILINE)
    assert headings[0] == "I. KẾT QUẢ THỰC HIỆN"
    assert "Kết quả thực hiện công tác cải cách hành chính, quý I năm 2027" in text
    assert "Hồ sơ đã tiếp nhận: 510" in text
    for wrong in ("dự án", "Chương trình", "Phụ lục IV", "Phụ lục V", "6 tháng", "Công an", "nguồn vốn", "ma túy"):
        assert wrong.lower() not in text.lower(), wrong


def test_the_letters_say_nothing_of_another_programme(office: Office, first: Path) -> None:
    letters = [f.read_bytes() for f in (office.place.settings.data / "outbox").rglob("*.eml")]
    assert len(letters) >= 2 * len(UNITS)
    from email import message_from_bytes, policy

    greeted = set()
    for data in letters:
        message = message_from_bytes(data, policy=policy.default)
        body = message.get_body(("plain",))
        said = f"{message['subject']}\n{body.get_content() if body else ''}".lower()
        greeted |= {line for line in said.splitlines() if line.startswith("kính gửi")}
        for wrong in ("dự án", "6 tháng", "công an", "ma túy"):
            assert wrong not in said, (wrong, said)
    assert {"kính gửi: ủy ban nhân dân xã an bình", "kính gửi: sở y tế"} <= greeted


def test_the_desks_pages_say_nothing_of_another_programme(office: Office, first: Path) -> None:
    browser = Browser(office.place, asker("Approver", "Signer", "operator"), datetime(2027, 3, 24, 15, tzinfo=UTC))
    for page in ("", "/units", "/map", "/late", "/findings", "/points", "/figures", "/report", "/mail"):
        shown = browser.get(f"/r/{CODE}/p/2027-Q1{page}")
        assert shown.status_code == 200, page
        said = re.sub(r"<[^>]*>", " ", shown.text).lower()
        for wrong in ("dự án", "chủ trì", "6 tháng", "công an", "ma túy", "v56"):
            assert wrong not in said, (page, wrong)


def test_the_next_quarter_goes_on_from_the_first(office: Office, first: Path) -> None:
    office.run("open", "--period", "2027-Q2", "--as-of", "2027-06-01", "--yes")
    wrong, *right = UNITS
    office.put("2027-Q2", wrong, quarter(50, before=90))
    for n, unit in enumerate(right, 1):
        office.put("2027-Q2", unit, quarter(50, before=100 + n))
    told = office.run("collect", "--as-of", "2027-06-18", "--yes")
    assert told.count("trả lại") == 1, "its cumulative figures do not go on from the first quarter"
    status = office.run("status", "--period", "2027-Q2", "--as-of", "2027-06-18", "--json")
    assert '"accepted": 4' in status
