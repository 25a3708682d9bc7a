"""A question that lacks a field in its answer is asked again, with the field named; nothing is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from baocao_sign_off import APPROVE, COMMITTEE, RETURN, SIGN, Question, missing_fields

FULL = {"number": "12", "symbol": "BC-UBND", "signed_on": "2026-06-23", "signer": "Nguyễn Văn A", "signer_title": "CT"}


@pytest.mark.parametrize(
    ("chosen", "given", "lacking"),
    [
        ([SIGN], FULL, []),
        ([SIGN], {**FULL, "number": None}, ["Số văn bản"]),
        ([SIGN], {**FULL, "number": "  ", "signer": ""}, ["Số văn bản", "Họ và tên người ký"]),
        ([SIGN], {}, ["Số văn bản", "Ngày ký", "Họ và tên người ký"]),
        ([RETURN], {}, ["Ý kiến"]),
        ([RETURN], {"note": "số liệu dự án 4"}, []),
        ([APPROVE], {}, []),
    ],
)
def test_what_an_answer_lacks_is_named_by_the_field(chosen, given, lacking):
    assert missing_fields(chosen, given) == lacking


class Asked(Exception):  # noqa: N818
    """The question is put again."""


def test_an_empty_signature_is_asked_again_and_the_operator_is_told(verbs, monkeypatch):
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
