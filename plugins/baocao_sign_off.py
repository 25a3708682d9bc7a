"""Ký duyệt: two questions to people, each answer written to our own table before anything follows from it.

Airflow is only the bell (docs/adr/0003): the fact is our approval row, bound to the hash of what was shown. No answer
has a default and no question lapses, so a silence never signs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowFailException
from baocao_calendar import issuer_name
from baocao_runs import played_time, verbs

from baocao.model.regime import Regime

APPROVE, SIGN, RETURN = "Duyệt, trình ký", "Ký ban hành", "Trả lại"
_TEXT: list[str] = ["null", "string"]
# Params must allow null: the page keeps its buttons disabled while a plain string is empty.
_NOTE = {
    "note": Param(None, type=_TEXT, title="Ý kiến (bắt buộc khi trả lại)"),
    "knowingly": Param(
        False, type=["null", "boolean"], title="Đã biết có báo cáo mới hơn chưa đưa vào bản này, vẫn quyết định"
    ),
}


class Question(HITLOperator):
    """A question about a report. What is shown is read when it is asked, not when the report was built: since then
    reports that the version lacks may have been accepted."""

    def execute(self, context: Any) -> Any:
        built = context["ti"].xcom_pull(task_ids="build")
        self.body = verbs.report_summary(built["report_id"])["body"]
        return super().execute(context)


def _signature_params(regime: Regime) -> dict[str, Param]:
    return {
        "number": Param(None, type=_TEXT, title="Số văn bản"),
        "symbol": Param(regime.authority.symbol, type=_TEXT, title="Ký hiệu văn bản"),
        "signed_on": Param(None, type=_TEXT, format="date", title="Ngày ký"),
        "signer": Param(None, type=_TEXT, title="Họ và tên người ký"),
        "signer_title": Param(regime.authority.signer_block[-1], type=_TEXT, title="Chức vụ người ký"),
        **_NOTE,
    }


def _question(task_id: str, title: str, built: Any, options: list[str], params: dict[str, Param]) -> Question:
    shown = "ti.xcom_pull(task_ids='build')"
    operator = Question(
        task_id=task_id,
        task_display_name=title,
        subject=f"{title}: {{{{ {shown}['subject'] }}}}",
        body=f"{{{{ {shown}['body'] }}}}",
        options=options,
        params=params,
        execution_timeout=None,
    )
    built >> operator
    return operator


def _answered_by(answer: Any) -> str:
    user = answer["responded_by_user"]
    if not user:
        raise AirflowFailException("Câu trả lời không có người trả lời: không ghi nhận. Hãy clear nhiệm vụ hỏi ý kiến.")
    return user["name"]


def _answered_at(answer: Any) -> datetime:
    """The played time of the run, else the moment the person answered."""
    played = played_time(get_current_context()["params"])
    at = answer["responded_at"]
    return played or (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC)


def _input(answer: Any, names: tuple[str, ...]) -> dict[str, Any]:
    given = answer["params_input"] or {}
    return {name: given.get(name) or None for name in names}


def _returned(who: str) -> None:
    raise AirflowFailException(
        f"{who} đã trả lại báo cáo. Ý kiến nằm ở nhiệm vụ ghi quyết định ngay trước. Hãy sửa số liệu hoặc thuyết minh, "
        "rồi clear từ nhiệm vụ `gate` (kèm các nhiệm vụ sau): một phiên bản mới sẽ được lập và trình lại."
    )


@task_group(
    group_id="sign_off", group_display_name="Duyệt và ký", tooltip="Duyệt và ký: hai quyết định của người có thẩm quyền"
)
def sign_off(regime: Regime, built: Any, dispatch_id: str) -> Any:
    """Police office, then People's Committee. Returns the last task; `dispatch_id` follows only when it has signed."""
    office, committee = regime.authority.police_office, issuer_name(regime.authority)

    @task.branch(task_display_name="Ghi quyết định duyệt")
    def record_approval(report: Any, answer: Any) -> str:
        decision = "approve" if answer["chosen_options"] == [APPROVE] else "return"
        verbs.approve(
            report["report_id"], report["content_sha256"], decision, by=_answered_by(answer),
            note=_input(answer, ("note",))["note"] or "", as_of=_answered_at(answer),
            knowingly=bool(_input(answer, ("knowingly",))["knowingly"]),
        )  # fmt: skip
        return "sign_off.committee" if decision == "approve" else "sign_off.returned_by_police_office"

    @task.branch(task_display_name="Ghi chữ ký")
    def record_signature(report: Any, answer: Any) -> str:
        decision = "sign" if answer["chosen_options"] == [SIGN] else "return"
        given = _input(answer, ("number", "symbol", "signed_on", "signer", "signer_title", "note"))
        verbs.sign(
            report["report_id"], report["content_sha256"], decision, by=_answered_by(answer),
            as_of=_answered_at(answer), **{**given, "note": given["note"] or ""},
            knowingly=bool(_input(answer, ("knowingly",))["knowingly"]),
        )  # fmt: skip
        return dispatch_id if decision == "sign" else "sign_off.returned_by_committee"

    @task(task_display_name=f"{office} trả lại")
    def returned_by_police_office() -> None:
        _returned(office)

    @task(task_display_name=f"{committee} trả lại")
    def returned_by_committee() -> None:
        _returned(committee)

    approval = _question("police_office", f"{office} duyệt", built, [APPROVE, RETURN], _NOTE)
    signature = _question("committee", f"{committee} ký", built, [SIGN, RETURN], _signature_params(regime))
    approved, signed = record_approval(built, approval.output), record_signature(built, signature.output)
    approved >> [signature, returned_by_police_office()]
    signed >> returned_by_committee()
    return signed
