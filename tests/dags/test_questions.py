"""A question that lacks a field in its answer is asked again, with the field named; nothing is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk import Param
from baocao_answers import RETURN, SIGN
from baocao_sign_off import COMMITTEE, Question

FULL = {"number": "12", "symbol": "BC-UBND", "signed_on": "2026-06-23", "signer": "Nguyễn Văn A", "signer_title": "CT"}


BUILT = SimpleNamespace(xcom_pull=lambda task_ids: {"report_id": 7})


class Asked(Exception):  # noqa: N818
    """The question is put again."""


def test_empty_signature_is_asked_again_and_alarmed(verbs, monkeypatch):
    question = Question(
        regime="thanh-hoa-drug-programme",
        role=COMMITTEE,
        yes=SIGN,
        task_id="committee",
        subject="Ký",
        options=[SIGN, RETURN],
        params={},
    )

    def ask(context):
        raise Asked

    monkeypatch.setattr(question, "execute", ask)
    run = SimpleNamespace(data_interval_start=None)
    context = {
        "dag": SimpleNamespace(tags=["regime:thanh-hoa-drug-programme"]),
        "params": {"period": "2026-H1", "as_of": "2026-06-23T09:00:00+07:00"},
        "dag_run": run,
        "ti": BUILT,
    }
    event = {
        "chosen_options": [SIGN],
        "params_input": {**FULL, "number": None},
        "responded_at": datetime(2026, 6, 23, tzinfo=UTC),
        "responded_by_user": {"id": "1", "name": "van-thu"},
    }
    with pytest.raises(Asked):
        question.execute_complete(context, event)
    (facts,) = [f for verb, f in verbs.CALLS if verb == "deadline_alarm"]
    assert "Số văn bản" in facts["text"] and "van-thu" in facts["text"]
    assert (facts["regime"], facts["period"]) == ("thanh-hoa-drug-programme", "2026-H1")
    answered = question.execute_complete(context, {**event, "chosen_options": [RETURN], "params_input": {"note": "x"}})
    assert answered["chosen_options"] == [RETURN]


def test_missing_or_extra_answer_fields_do_not_fail(verbs):
    question = Question(
        regime="thanh-hoa-drug-programme",
        role=COMMITTEE,
        yes=SIGN,
        task_id="committee",
        subject="Ký",
        options=[SIGN, RETURN],
        params={
            "number": Param(None, type=["null", "string"]),
            "symbol": Param("BC-UBND", type=["null", "string"]),
            "signed_on": Param(None, type=["null", "string"]),
            "signer": Param(None, type=["null", "string"]),
            "knowingly": Param(False, type=["null", "boolean"]),
        },
    )
    event = {
        "chosen_options": [SIGN],
        "params_input": {"number": "12", "signed_on": "2026-06-23", "signer": "Nguyễn Văn A", "colour": "red"},
        "responded_at": datetime(2026, 6, 23, tzinfo=UTC),
        "responded_by_user": {"id": "1", "name": "van-thu"},
    }
    assert question.execute_complete({"ti": BUILT}, event)["params_input"] == {
        "number": "12",
        "symbol": "BC-UBND",
        "signed_on": "2026-06-23",
        "signer": "Nguyễn Văn A",
        "knowingly": False,
    }


def test_decision_made_elsewhere_overrides_the_answer_here(verbs):
    question = Question(
        regime="thanh-hoa-drug-programme",
        role=COMMITTEE,
        yes=SIGN,
        task_id="committee",
        subject="Ký",
        options=[SIGN, RETURN],
        params={},
    )
    verbs.DECIDED[COMMITTEE] = {"decision": "sign", "by": "committee", "at": "2026-06-23T09:00:00+07:00"}
    event = {
        "chosen_options": [RETURN],
        "params_input": {"note": "sai"},
        "responded_at": datetime(2026, 6, 23, tzinfo=UTC),
        "responded_by_user": {"id": "1", "name": "van-thu"},
    }
    answer = question.execute_complete({"ti": BUILT}, event)
    assert (answer["chosen_options"], answer["recorded"]) == ([SIGN], True)
    assert answer["responded_by_user"]["name"] == "committee"
