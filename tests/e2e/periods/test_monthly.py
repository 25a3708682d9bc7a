"""The monthly report: off as the pack is shipped, one line switches it on, and it travels the road like any other."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document

from baocao.calendar.periods import openings
from baocao.model.period import PeriodKind
from baocao.workflow.reports import building, issuing
from builders.sites.site import REGIME, Site, trimmed_root

PERIOD = "2026-M09"


def switched_on(folder: Path) -> Path:
    root = trimmed_root(folder, ("14797", "14758"))
    path = root / "include" / "regimes" / REGIME / "regime.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("    enabled: false\n") == 1
    path.unlink()
    path.write_text(text.replace("    enabled: false\n", "    enabled: 2026-09-01\n"), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("monthly")
    site = Site(switched_on(folder), folder / "var", code=PERIOD)
    yield site
    site.place.store.close()


def test_monthly_periods_begin_when_switched_on(site: Site) -> None:
    months = [o.code for o in openings(site.pack.regime) if o.kind == PeriodKind.MONTHLY]
    assert months[0] == PERIOD and "2026-M08" not in months and "2027-M01" in months


def test_as_shipped_there_is_no_monthly_period(tmp_path: Path) -> None:
    shipped = Site(trimmed_root(tmp_path, ("14797",)), tmp_path / "var")
    assert not [p.code for p in shipped.place.calendar(REGIME) if p.kind == PeriodKind.MONTHLY]


def test_one_month_goes_from_window_to_report(site: Site) -> None:
    site.load_baseline()
    opened = site.open()
    assert [f.code for f in site.pack.forms] == ["PL01", "PL03", "PL04-T"]
    site.send_all()
    assert site.collect()["accepted"] == opened["units"]
    with pytest.MonkeyPatch.context() as patched:
        for module in (building, issuing):
            patched.setattr(module, "pdf_available", lambda: False)
        report = site.consolidate()
        assert report["status"] == "FROZEN"
        site.approve(report)
        site.sign(report)
        done = site.dispatch(report)
    assert done["recipients"] == ["bo-cong-an"]
    package = Path(str(done["package"]))
    document = Document(io.BytesIO(next(package.glob("*.docx")).read_bytes()))
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings == [
        "I. CÔNG TÁC QUẢN LÝ CHƯƠNG TRÌNH TRONG THÁNG",
        "II. HUY ĐỘNG, PHÂN BỔ VÀ SỬ DỤNG, GIẢI NGÂN VỐN NGÂN SÁCH NHÀ NƯỚC",
        "III. KẾT QUẢ THỰC HIỆN MỤC TIÊU, NHIỆM VỤ",
        "IV. TỒN TẠI, VƯỚNG MẮC PHÁT SINH VÀ NGUYÊN NHÂN",
        "V. PHƯƠNG HƯỚNG, GIẢI PHÁP",
    ], "the five points of the plan"
    assert json.loads((package / "manifest.json").read_text(encoding="utf-8"))["period"] == PERIOD
