"""A count of answers, its coverage, its classes and its detail rows say the same, whoever is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from baocao.model.form import CellKey
from baocao.model.pack_views import entered_by
from baocao.workflow.periods import waiving
from baocao.workflow.reports import replaying
from builders.files.printed import Printed, assert_counts_add_up
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

pytestmark = pytest.mark.usefixtures("without_renderings")
PLANNED, CLASS = CellKey.parse("B09/B09.02a/TH"), CellKey.parse("PL01/CT09/TH")
NUMBER, DAY = CellKey.parse("B09/B09.02b/TH"), CellKey.parse("B09/B09.02c/TH")
SILENT, EXCUSED, *_ = COMMUNES


def test_provincial_bodys_yes_counts_where_asked(site: Site) -> None:
    site.load_baseline()
    site.open()
    waiving.waive(site.place, REGIME, PERIOD, EXCUSED, until=None, reason="thiên tai", by="x", as_of=site.opens)
    for unit in site.units:
        if unit.code not in {SILENT, EXCUSED}:
            entered = {key for form in entered_by(site.pack, unit) for key in form.cells}
            plan = {PLANNED: "Có", NUMBER: "12/KH-UBND", DAY: site.period.covers_from}
            said = plan if PLANNED in entered else {}
            site.send(unit.code, site.workbook(unit.code, said), site.in_time)
    site.collect(site.in_time + timedelta(hours=1))
    printed = Printed.of(site.place, int(str(site.consolidate()["report_id"])))
    asked = len(COMMUNES) + 1  # and the body that leads the project
    told = printed.values()[str(PLANNED)]
    # All but the silent and the excused one said yes, the provincial body among them.
    assert (told["value"], told["communes"], told["provincial"]) == (str(asked - 2), str(asked - 3), "1")
    assert (told["counted"], told["expected"]) == (str(asked - 2), str(asked - 1))
    assert told["classes"] == f"Có={asked - 2}; Không=0; Chưa có số liệu=1; Được miễn báo cáo=1"
    assert assert_counts_add_up(site.pack, printed) >= 5
    # The workbook's classes below the row say who has not answered.
    below = {code: cell for (code, column), cell in printed.table("§PL01.A").items() if column == "TH"}
    number = len(site.pack.row("PL01", "CT09")[1].options) + 1
    assert below[f"CT09#{number}"] == 1
    sentence = next(p for p in printed.paragraphs if p.startswith("- Phân loại địa bàn"))
    assert "“Chưa có số liệu” 1 đơn vị" in sentence
    assert replaying.replay(site.place, REGIME, PERIOD)["identical"]
