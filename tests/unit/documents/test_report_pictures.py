"""Pictures of the report: their figures are the tables' figures, in Word and in the workbook alike."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from docx import Document

from baocao.documents.consolidated_workbook.meta import ReportMeta
from baocao.documents.consolidated_workbook.workbook import build_workbook
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.pictures import (
    CaptionedPicture,
    change_pictures,
    disbursement_pictures,
    target_pictures,
    unit_pictures,
)
from baocao.documents.word_report.report import build_report
from baocao.documents.word_report.tables import indicator_rows
from baocao.model.consolidated import Consolidation
from baocao.model.report import ReportStatus
from baocao.model.unit import Unit
from builders.files.documents import report_input

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "include" / "templates"


def texts(shown: CaptionedPicture) -> str:
    svg = shown.picture.svg
    return " ".join(unescape(re.sub(r"<[^>]+>", "", t)) for t in re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL))


def test_drawn_rates_of_change_match_the_table() -> None:
    source = report_input()
    (shown,) = change_pictures(source.result, source.indicators)
    rows = [r for r in indicator_rows(source) if r.get("change")]
    with_rate = [r for r in rows if r["previous"] != "0"]
    assert with_rate and len(with_rate) < len(rows)
    for row in rows:
        word = "tăng" if str(row["change"]).startswith("+") else "giảm"
        assert (f"{row['name']}: {word} {str(row['change'])[1:]}" in shown.picture.alt) is (row in with_rate)


def test_a_change_over_some_units_says_how_many() -> None:
    source = report_input(communes_in=8, missing=1)
    (shown,) = change_pictures(source.result, source.indicators)
    assert "8/9 đơn vị" in texts(shown)


def test_no_last_year_means_no_change_picture() -> None:
    source = report_input()
    assert change_pictures(replace(source.result, last_year={}), source.indicators) == []
    assert change_pictures(source.result, None) == []


def test_a_target_picture_shows_the_verdict() -> None:
    source = report_input()
    shares = [t for t in source.result.targets if t.unit == "%" and t.actual is not None]
    assert shares, "the built pack must have a target that is a share"
    (shown,) = target_pictures(source.result)
    for one in shares:
        assert one.verdict.label.lower() in texts(shown)
    assert target_pictures(replace(source.result, targets=())) == []


def test_targets_of_change_are_not_drawn_as_shares() -> None:
    source = report_input()
    growth = replace(source.result.targets[0], operator="<", unit="%")
    assert target_pictures(replace(source.result, targets=(growth,))) == []


def placed(source: ReportInput) -> Consolidation:
    """The same units with places."""
    found = source.result
    where = {u.code: replace(u, latitude=19 + i / 10, longitude=105 + i / 10) for i, u in enumerate(found.expected)}

    def with_places(units: tuple[Unit, ...]) -> tuple[Unit, ...]:
        return tuple(where.get(u.code, u) for u in units)

    return replace(found, expected=with_places(found.expected), missing=with_places(found.missing))


def test_the_map_shows_each_units_timeliness() -> None:
    source = report_input(communes_in=8, missing=2)
    late = {source.result.expected[0].code}
    (shown,) = unit_pictures(placed(source), late)
    said = texts(shown)
    assert "Chưa có báo cáo: 2" in said and "Sau thời hạn: 1" in said
    assert f"Đúng hạn: {len(source.result.expected) - 3}" in said
    assert unit_pictures(source.result, late) == []


def test_word_pictures_are_numbered_with_alt_text() -> None:
    source = report_input()
    source = replace(source, result=placed(source))
    data = build_report(source, TEMPLATES)
    captions = [p.text for p in Document(io.BytesIO(data)).paragraphs if p.text.startswith("Hình ")]
    assert [c.split(".")[0] for c in captions] == [f"Hình {n}" for n in range(1, len(captions) + 1)]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        body = package.read("word/document.xml").decode()
        stored = [n for n in package.namelist() if n.startswith("word/media/")]
    described = re.findall(r'<wp:docPr [^>]*descr="([^"]+)"', body)
    assert len(described) == len(captions) == len(stored) >= 3
    assert len(re.findall(r"<pic:pic\b", body)) == len(captions)
    ids = re.findall(r'<wp:docPr [^>]*\bid="(\d+)"', body)
    assert len(ids) == len(set(ids))
    assert build_report(source, TEMPLATES) == data


KINDS = ("Mức đạt so với mục tiêu", "Giải ngân lũy kế năm", "Tăng, giảm so với cùng kỳ", "Sơ đồ các đơn vị")
"""The pictures a report is asked to have: targets, disbursement, change like for like, a map of the units."""


def test_word_and_workbook_describe_all_picture_kinds() -> None:
    source = report_input()
    source = replace(source, result=placed(source))
    word = build_report(source, TEMPLATES)
    meta = ReportMeta(1, ReportStatus.FROZEN, datetime(2026, 12, 22, tzinfo=UTC))
    book = build_workbook(source.pack, source.period, source.result, source.accepted, meta)
    said = {}
    for name, data in (("word", word), ("book", book)):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {n: package.read(n).decode() for n in package.namelist() if n.endswith(".xml")}
        xml = " ".join(parts.values())
        captions = {k for k in KINDS if k in unescape(re.sub(r"<[^>]+>", "", xml))}
        described = [unescape(d) for d in re.findall(r'<(?:wp:docPr|xdr:cNvPr) [^>]*descr="([^"]+)"', xml)]
        assert captions == set(KINDS), name
        assert len(described) == len(KINDS) and all(len(d) > 20 for d in described), name
        said[name] = sorted(described)
    assert said["word"] == said["book"], "the same picture is told in the same words"


def test_pictures_have_no_colour_for_photocopies() -> None:
    source = report_input()
    result = placed(source)
    pictures = [
        *target_pictures(result),
        *disbursement_pictures(result, source.resources),
        *change_pictures(result, source.indicators),
        *unit_pictures(result, set()),
    ]
    assert len(pictures) == len(KINDS)
    for shown in pictures:
        for colour in set(re.findall(r"#([0-9a-fA-F]{6})\b", shown.picture.svg)):
            red, green, blue = (int(colour[i : i + 2], 16) for i in (0, 2, 4))
            assert red == green == blue, f"{shown.caption}: #{colour}"
