"""The ad hoc DAG: what a person fills in becomes a period, and its report is scheduled for the units' deadline."""

from __future__ import annotations

from datetime import date

import pytest
from airflow.sdk.exceptions import AirflowFailException
from baocao_requests import asked_for
from baocao_runs import period_params

from baocao.regimes.load import load_regime
from builders.packs.pack import FOLDER

DAG = "thanh_hoa_drug_programme__ad_hoc"
FORM = {
    "asked_by", "address", "basis", "subject", "forms", "rows", "units", "covers_from", "cutoff", "unit_before",
    "province_before", "by", "reason",
}  # fmt: skip


def test_ad_hoc_form_asks_for_every_needed_field(bag):
    assert set(bag.dags[DAG].params) == FORM | {"as_of"}


def test_what_is_filled_in_becomes_a_request_with_its_days():
    filled_in = dict.fromkeys(FORM) | {"asked_by": "Văn phòng Chính phủ", "units": ["14755"], "cutoff": "2026-06-30"}
    filled_in |= {"covers_from": "2026-01-01", "unit_before": "2026-07-10", "province_before": "2026-07-20"}
    request, days = asked_for(filled_in)
    assert (request.asked_by, request.subject, request.forms) == ("Văn phòng Chính phủ", "", ())
    assert request.units == ("14755",) and days.cutoff == date(2026, 6, 30)
    with pytest.raises(AirflowFailException, match="unit_before: 'mai' không phải ngày"):
        asked_for({**filled_in, "unit_before": "mai"})


def test_the_report_waits_for_the_units_deadline(bag):
    later = bag.dags[DAG].get_task("schedule_report")
    assert later.trigger_dag_id == "thanh_hoa_drug_programme__report"
    assert "run_after" in later.template_fields, "the deadline is known only once the request is"
    assert later.upstream_task_ids == {"open_request"} and later.skip_when_already_exists


@pytest.mark.parametrize("period", ["2026-H1", "2026-DX1", "2026-H1-DT1"])
def test_manual_run_accepts_period_outside_the_calendar(period):
    param = period_params(load_regime(FOLDER))["period"]
    param.value = period
    assert param.resolve() == period
    assert "2026-H1" in param.schema["examples"]
