"""A regime that asks for a list and nothing else: its report has no empty appendix of figures."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from baocao.store.reports import reports
from builders.packs.lists import ISSUED, Office, list_alone_root
from builders.packs.quarterly import CODE, UNITS

PERIOD = "2027-Q1"


@pytest.mark.usefixtures("without_renderings")
def test_a_regime_of_lists_alone_reaches_the_ministry(tmp_path: Path) -> None:
    office = Office(tmp_path, list_alone_root)
    at = ("--period", PERIOD, "--as-of")
    office.run("open", *at, "2027-03-01", "--yes")
    for n, unit in enumerate(UNITS):
        office.put(unit, (), [{**ISSUED[0], "SO": f"{n}{k}/QĐ-UBND"} for k in range(n)])
    assert "accepted: 5" in office.run("collect", "--as-of", "2027-03-18", "--yes")
    office.run("consolidate", *at, "2027-03-24T09:00")
    office.run("approve", *at, "2027-03-24T10:00", "--by", "Sở Nội vụ (thử nghiệm)")
    signed = ("--number", "12", "--signed-on", "2027-03-24", "--signer", "Người ký (thử nghiệm)")
    office.run("sign", *at, "2027-03-24T11:00", "--by", "Văn thư (thử nghiệm)", *signed)
    assert "status: DISPATCHED" in office.run("dispatch", *at, "2027-03-24T14:00")
    with office.place.store.read() as conn:
        (report,) = reports.reports(conn, CODE, PERIOD)
        sealed = reports.sealed(conn, report.id)
    assert sealed is not None
    files = {f["name"]: office.place.store.files.get(f["sha256"]) for f in sealed["files"]}
    office.place.store.close()
    words = Document(io.BytesIO(files[f"bao-cao_{PERIOD}_v1.docx"]))
    said = [p.text for p in words.paragraphs]
    assert "- Danh sách văn bản đã ban hành: 10 trường hợp của 4 đơn vị; 1 đơn vị không phát sinh." in said
    assert [s for s in said if s.startswith("Phụ lục")] == ["Phụ lục I"]
    assert "TÌNH HÌNH CHẤP HÀNH CHẾ ĐỘ BÁO CÁO CỦA CÁC ĐƠN VỊ" in said and not any("Số liệu đầy đủ" in s for s in said)
    covered = load_workbook(io.BytesIO(files[f"tong-hop_{PERIOD}_v1.xlsx"]))["Độ phủ"]
    column = [row[5].value for row in covered.iter_rows(min_row=5)]
    assert column == ["VB", "0 dòng", "1 dòng", "2 dòng", "3 dòng", "4 dòng"]
    office.run("blank", "00001", "--period", PERIOD, "--out", str(tmp_path / "00001.xlsx"))
    blank = load_workbook(tmp_path / "00001.xlsx")
    guide = " ".join(str(c.value) for row in blank["Hướng dẫn"].iter_rows() for c in row if c.value)
    assert "Dấu chấm ngăn hàng nghìn" in guide and "ĐỒNG" not in guide, "none of its columns asks for money"
