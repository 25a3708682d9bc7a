"""Ký duyệt: two questions to people, each answer written to our own table before anything follows from it.

Airflow only asks (docs/adr/0003): the decision is our approval row, bound to the hash of what was shown. No answer
has a default and no question lapses, so a silence never signs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowFailException
from baocao_alarms import alarm_about_answer
from baocao_answers import APPROVE, RETURN, SIGN, missing_fields
from baocao_desk import report_address
from baocao_runs import DECIDED, period_code, played_time, run

from baocao.model.regime import Regime
from baocao.model.report import Role

OFFICE, COMMITTEE = "standing_office", "peoples_committee"
_SIGNATURE = ("number", "symbol", "signed_on", "signer", "signer_title")
_TEXT: list[str] = ["null", "string"]
# Params must allow null: the page keeps its buttons disabled while a plain string is empty.
_NOTE = {
    "note": Param(None, type=_TEXT, title="Ý kiến (bắt buộc khi trả lại)"),
    "knowingly": Param(
        False, type=["null", "boolean"], title="Đã biết có báo cáo mới hơn chưa đưa vào bản này, vẫn quyết định"
    ),
}


def _signature_params(regime: Regime) -> dict[str, Param]:
    return {
        "number": Param(None, type=_TEXT, title="Số văn bản (bắt buộc khi ký)"),
        "symbol": Param(regime.authority.symbol, type=_TEXT, title="Ký hiệu văn bản"),
        "signed_on": Param(None, type=_TEXT, format="date", title="Ngày ký (bắt buộc khi ký)"),
        "signer": Param(None, type=_TEXT, title="Họ và tên người ký (bắt buộc khi ký)"),
        "signer_title": Param(regime.authority.signer_block[-1], type=_TEXT, title="Chức vụ người ký"),
        **_NOTE,
    }


class Question(HITLOperator):
    """Asks the people who hold the role, and nobody else; what our table knows already is not asked again.

    A question is asked anew after a restart, a time-out of the API or a clear: an answer that was recorded meanwhile,
    on the command line too, is the answer then. It is asked anew as well when its answer lacks a field: nothing is
    recorded, and the run does not fail.
    """

    def __init__(self, *, regime: str, role: str, yes: str, **more: Any) -> None:
        super().__init__(**more)
        self.regime, self.role, self.yes = regime, role, yes

    def execute(self, context: Any) -> Any:
        """Ask, unless the decision is recorded already."""
        report_id = _report_id(context)
        if (recorded := self._recorded(report_id)) is not None:
            return recorded
        from baocao.workflow.sign_off import people, summary

        # Read when it is asked: since the report was built, reports that it lacks may have been accepted.
        page = report_address(self.regime, period_code(self.regime))
        body = run(summary.report_summary, report_id)["body"]
        self.body = f"[Mở báo cáo, đọc và quyết định trên bàn làm việc]({page})\n\n{body}"
        # Without it whoever can open the page may answer any question.
        self.assigned_users = run(people.assigned_users, self.regime, Role(self.role)) or None
        return super().execute(context)

    def _recorded(self, report_id: int) -> dict[str, Any] | None:
        """What our table knows already, as the answer; None while nothing is decided."""
        from baocao.workflow.sign_off import signing

        known = run(signing.decision_of, report_id, Role(self.role))
        if known is None:
            return None
        chosen = RETURN if known["decision"] == "return" else self.yes
        self.log.info("Đã có quyết định của %s lúc %s: không hỏi lại", known["by"], known["at"])
        return {
            "chosen_options": [chosen],
            "params_input": {},
            "responded_at": known["at"],
            "responded_by_user": {"id": "", "name": known["by"]},
            "recorded": True,
        }

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Take the answer; one that lacks a required field is not recorded and the question is asked anew."""
        # Decided on the desk or the command line while the question stood: that is the answer, whatever came here.
        if (recorded := self._recorded(_report_id(context))) is not None:
            return recorded
        given = event.get("params_input") or {}
        lacking = missing_fields(event.get("chosen_options") or [], given)
        if not lacking:
            # A program may leave out what it does not change, or send more: neither fails the run.
            fields = {name: given.get(name, shown) for name, shown in self.params.dump().items()}
            return super().execute_complete(context, {**event, "params_input": fields})
        who = (event.get("responded_by_user") or {}).get("name") or "người trả lời"
        alarm_about_answer(
            context,
            f"Câu trả lời của {who} cho «{self.task_display_name}» chưa được ghi nhận: còn trống "
            f"{', '.join(lacking)}. Câu hỏi được đặt lại ở mục Required Actions; hãy điền đủ rồi trả lời lại. "
            "Xem mục «Không ghi được chữ ký» trong sổ tay vận hành.",
        )
        return self.execute(context)


def _report_id(context: Any) -> int:
    return int(context["ti"].xcom_pull(task_ids="build")["report_id"])


def _question(
    regime: Regime, role: str, task_id: str, name: str, asked: str, yes: str, params: dict[str, Param]
) -> HITLOperator:
    """`name` stands in the grid, where a long one is cut; `asked` begins the question; `yes` is the answer that lets
    the report go on."""
    shown = "ti.xcom_pull(task_ids='build')"
    return Question(
        regime=regime.code,
        role=role,
        yes=yes,
        task_id=task_id,
        task_display_name=name,
        subject=f"{asked}: {{{{ {shown}['subject'] }}}}",
        body=f"{{{{ {shown}['body'] }}}}",
        options=[yes, RETURN],
        params=params,
        # The operator would turn the 30 minutes of DEFAULT_ARGS into a limit for the answer, and the question would
        # lapse.
        execution_timeout=None,
    )


def _require_answer(answer: Any, asked: str, command: str) -> None:
    """A question that was marked as done by hand, or lost its answer, leaves nothing to record: say what to do."""
    if not isinstance(answer, dict) or not answer.get("chosen_options"):
        raise AirflowFailException(
            f"Nhiệm vụ hỏi `{asked}` không có câu trả lời (bị đánh dấu xong bằng tay, hoặc câu trả lời bị mất khi hệ "
            f"thống khởi động lại): không ghi nhận gì. Hãy Clear nhiệm vụ `{asked}` kèm các nhiệm vụ sau để hỏi lại, "
            f"hoặc ghi quyết định bằng lệnh `{command}` rồi Clear nhiệm vụ đó: quyết định đã ghi thì không hỏi lại nữa."
        )


def _account(answer: Any) -> str:
    """The account that answered, for our own check of roles."""
    return f"airflow:{(answer['responded_by_user'] or {}).get('id', '')}"


def _answered_by(answer: Any) -> str:
    user = answer["responded_by_user"]
    if not user:
        raise AirflowFailException("Câu trả lời không có người trả lời: không ghi nhận. Hãy clear nhiệm vụ hỏi ý kiến.")
    return str(user["name"])


def _answered_at(answer: Any) -> datetime:
    """The played time of the run, else the moment the person answered."""
    played = played_time(get_current_context()["params"])
    at = answer["responded_at"]
    return played or (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC)


def _record(
    verb: Callable[..., Any],
    report: Any,
    answer: Any,
    yes: str,
    decision: str,
    asked: str,
    fields: tuple[str, ...] = (),
) -> str:
    """Record the answer to the question `asked` by the verb, unless our table had it already. Returns the decision:
    `decision` or `return`."""
    _require_answer(answer, asked, f"baocao {decision} --by …")
    decided = decision if answer["chosen_options"] == [yes] else "return"
    # Taken from our row, without the fields of the form: there is nothing in it to record.
    if answer.get("recorded"):
        return decided
    given = answer["params_input"] or {}
    run(
        verb,
        report["report_id"],
        report["content_sha256"],
        decided,
        by=_answered_by(answer),
        note=given.get("note") or "",
        as_of=_answered_at(answer),
        user=_account(answer),
        knowingly=bool(given.get("knowingly")),
        **{name: given.get(name) or None for name in fields},
    )
    return decided


def _returned(who: str) -> None:
    raise AirflowFailException(
        f"{who} đã trả lại báo cáo. Ý kiến nằm ở nhiệm vụ ghi quyết định ngay trước. Hãy sửa số liệu hoặc thuyết minh, "
        "rồi clear từ nhiệm vụ `gate` (kèm các nhiệm vụ sau): một phiên bản mới sẽ được lập và trình lại."
    )


@task_group(
    group_id="sign_off", group_display_name="Duyệt và ký", tooltip="Duyệt và ký: hai quyết định của người có thẩm quyền"
)
def sign_off(regime: Regime, built: Any, next_id: str) -> Any:
    """The standing office, then People's Committee. Returns the last task; `next_id` follows only a signature."""
    office, committee = regime.authority.standing_office, regime.authority.issuer_in_sentence

    @task.branch(task_display_name="Ghi quyết định duyệt", priority_weight=DECIDED)
    def record_approval(report: Any, answer: Any) -> str:
        from baocao.workflow.sign_off import signing

        decision = _record(signing.approve, report, answer, APPROVE, "approve", "sign_off.standing_office")
        return "sign_off.committee" if decision == "approve" else "sign_off.returned_by_standing_office"

    @task.branch(task_display_name="Ghi chữ ký", priority_weight=DECIDED)
    def record_signature(report: Any, answer: Any) -> str:
        from baocao.workflow.sign_off import signing

        decision = _record(signing.sign, report, answer, SIGN, "sign", "sign_off.committee", _SIGNATURE)
        return next_id if decision == "sign" else "sign_off.returned_by_committee"

    @task(task_display_name="Trả lại khi duyệt")
    def returned_by_standing_office() -> None:
        _returned(office)

    @task(task_display_name="Trả lại khi ký")
    def returned_by_committee() -> None:
        _returned(committee)

    signature_params = _signature_params(regime)
    approval = _question(regime, OFFICE, "standing_office", "Chờ duyệt", f"{office} duyệt", APPROVE, _NOTE)
    signature = _question(regime, COMMITTEE, "committee", "Chờ ký", f"{committee} ký", SIGN, signature_params)
    built >> approval
    built >> signature
    approved, signed = record_approval(built, approval.output), record_signature(built, signature.output)
    approved >> [signature, returned_by_standing_office()]
    signed >> returned_by_committee()
    return signed
