"""A ward's signed result becomes its report to the city, and a city figure leads back to the department's cell."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from demo.other_regimes import CITY, WARD, YEAR, Played, installation
from sqlalchemy import update

from baocao.model.form import CellKey
from baocao.model.pack_parts.cascade import CascadeOrigin
from baocao.model.submission import Answer
from baocao.store.submissions import cells, submissions
from baocao.store.tables import cell
from baocao.store.values import typed_by
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.periods.special import rehearse
from baocao.workflow.reports import tracing
from baocao.workflow.reports.cascading import cascade, is_ours
from builders.sites.regimes import WARD_UNIT, Story, values_of


def test_what_is_not_signed_does_not_go_up(story: Story) -> None:
    assert "đã được Ủy ban nhân dân phường ký" in story.refused_before_signature


def test_city_accepts_the_workbook_of_a_ward(story: Story) -> None:
    assert story.collected[0]["accepted"] == 1
    with story.place.store.read() as conn:
        official = submissions.official(conn, CITY, YEAR, WARD_UNIT)
    assert official is not None and official.sha256 == story.cascades[0]["sha256"]


def test_cascading_twice_gives_the_same_file_once(story: Story) -> None:
    assert story.cascades[0]["sha256"] == story.cascades[1]["sha256"]
    assert (story.collected[1]["duplicate"], story.collected[1]["accepted"]) == (1, 0)


def test_every_figure_of_the_ward_arrives_unchanged(story: Story) -> None:
    mapping = story.place.pack(WARD).cascade
    assert mapping is not None
    with story.place.store.read() as conn:
        accepted = cells.accepted_cells(conn, CITY, YEAR, typed_by(story.place.pack(CITY)))
    sent = next(a for a in accepted if a.unit == WARD_UNIT).cells
    ward = values_of(story, WARD)
    compared = 0
    for there, here in mapping.cells.items():
        figure = ward.get(str(here), "").split(" ")[0]
        if figure and figure != "NP":
            assert str(sent[there].value) == figure, there
            compared += 1
        elif figure == "NP":
            assert sent[there].answer is Answer.NIL, there
    assert compared > 300


def test_city_figure_traces_to_the_departments_cell(story: Story) -> None:
    key = CellKey("PL01", "CT01", "TH")
    answer = tracing.trace(story.place, CITY, YEAR, str(key))
    ward = next(c for c in answer["contributions"] if c["unit"] == WARD_UNIT)
    assert ward["origin"]["verified"] and ward["origin"]["source.regime"] == WARD
    assert ward["origin"]["source.content_sha256"] == story.reports[WARD]["content_sha256"]
    below = ward["below"]
    assert below["report_id"] == story.reports[WARD]["report_id"]
    assert str(below["value"]) == ward["value"]
    (department,) = below["contributions"]
    assert department["unit"] == "11560-CAP"
    data = story.place.store.files.get(department["sha256"])
    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True)[department["sheet"]]
    assert str(sheet[department["a1"]].value) == department["value"] == ward["value"]
    told = tracing.trace_text(answer)
    assert f"{department['sheet']}!{department['a1']}" in told and "đã đối chiếu" in told


def test_others_than_the_ward_have_nothing_below_them(story: Story) -> None:
    answer = tracing.trace(story.place, CITY, YEAR, "PL01/CT01/TH")
    others = [c for c in answer["contributions"] if c["unit"] != WARD_UNIT]
    assert others and all("below" not in c and "origin" not in c for c in others)


@pytest.mark.parametrize("change", [{"content_sha256": "0" * 64}, {"report_id": 999}, {"version": 7}])
def test_workbook_claiming_another_origin_is_not_ours(story: Story, change: dict[str, object]) -> None:
    report = story.reports[WARD]
    true = {"report_id": report["report_id"], "version": report["version"], "content_sha256": report["content_sha256"]}
    sha256 = story.cascades[0]["sha256"]
    with story.place.store.read() as conn:
        assert is_ours(conn, sha256, CascadeOrigin(WARD, YEAR, **true))
        assert not is_ours(conn, sha256, CascadeOrigin(WARD, YEAR, **{**true, **change}))  # type: ignore[arg-type]
        assert not is_ours(conn, "f" * 64, CascadeOrigin(WARD, YEAR, **true))


@pytest.fixture
def copied(story: Story, tmp_path: Path) -> Iterator[Installation]:
    """The installation after everything was signed, to tamper with."""
    data = tmp_path / "var"
    shutil.copytree(story.place.settings.data, data)
    place = installation(data, story.place.settings.root)
    yield place
    place.store.close()


def test_figures_changed_after_signing_are_not_cascaded(copied: Installation) -> None:
    with copied.store.engine.begin() as conn:
        for (name,) in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            conn.exec_driver_sql(f'DROP TRIGGER "{name}"')
        official = submissions.official(conn, WARD, YEAR, "11560-CAP")
        assert official is not None
        mine = (cell.c.submission_id == official.id) & (cell.c.form == "PL01") & (cell.c.row == "CT01")
        conn.execute(update(cell).where(mine & (cell.c.col == "TH")).values(value="7"))
    with pytest.raises(Refused, match="không còn là số liệu đã tiếp nhận"):
        cascade(copied, WARD, YEAR, CITY, None, Played(copied, WARD, YEAR).deciding)


def test_unsigned_correction_of_a_department_stops_the_cascade(
    copied: Installation,
) -> None:
    ward = Played(copied, WARD, YEAR)
    unit = ward.pack.unit("11560-VP")
    assert unit is not None
    ward.send(unit, ward.workbook(unit, {CellKey("PL04", "VI", "ND"): "Đề nghị bổ sung kinh phí."}))
    assert ward.collect(ward.deciding)["accepted"] == 1
    with pytest.raises(Refused, match="sau khi ký"):
        cascade(copied, WARD, YEAR, CITY, None, ward.deciding)


def test_a_rehearsal_never_goes_up(copied: Installation) -> None:
    real = copied.period(WARD, YEAR)
    days = {"unit_before": real.cutoff_on, "province_before": real.cutoff_on + timedelta(days=3)}
    at = real.opens_at - timedelta(days=30)
    code = rehearse(copied, WARD, YEAR, **days, by="Công an phường", reason="Diễn tập", as_of=at)["code"]
    with pytest.raises(Refused, match="diễn tập không bao giờ"):
        cascade(copied, WARD, str(code), CITY, YEAR, at)


def test_pack_cascades_only_where_it_declares_it(story: Story) -> None:
    at = story.played(WARD).deciding + timedelta(hours=2)
    for regime, to in ((WARD, "hai-phong-legal-aid"), ("hai-phong-legal-aid", CITY)):
        period = "2026-H1" if regime != WARD else YEAR
        with pytest.raises(Refused, match="không khai báo chuyển"):
            cascade(story.place, regime, period, to, None, at)
