"""What lead bodies said about a period: written down for one that said it otherwise, answered, overruled, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.model.lead import CommentKind, CommentStatus
from baocao.web.desk.ask import Ask
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import below
from baocao.web.desk.steps.step import Done, Step
from baocao.workflow.installation import Refused
from baocao.workflow.lead_bodies.objecting import close, comment, objections


def _close(status: CommentStatus, field: str, said: str) -> Done:
    def done(ask: Ask, given: StepInput) -> str:
        close(
            ask.place,
            ask.number("comment"),
            status,
            by=ask.asker.name,
            text=given.text(field),
            as_of=ask.now,
            # The number alone leads to any comment of the installation: the verb holds it to the period of the address.
            regime=ask.code,
            period=ask.period.code,
        )
        return said

    return done


def _comment(ask: Ask, given: StepInput) -> str:
    if not given.text("by").strip():
        raise Refused("Hãy ghi người nêu ý kiến của đơn vị chủ trì")
    said = comment(
        *ask.where,
        given.text("lead"),
        kind=given.text("kind"),
        unit=given.text("unit"),
        subject=given.text("subject"),
        text=given.text("text"),
        # Two names: whoever objected answers for the words, whoever typed them for having typed them.
        by=f"{given.text('by')} (ghi hộ: {ask.asker.name})",
        as_of=ask.now,
    )
    return f"Đã ghi {said['kind_name'].lower()} số {said['id']}."


def _leads(ask: Ask) -> Sequence[tuple[str, str]]:
    return [(u.code, u.full_name) for u in ask.pack.units if u.is_lead_body]


def _said(ask: Ask) -> Sequence[tuple[str, str]]:
    """What the step is about. The address may name a number that is none: the verb says so."""
    found = [c for c in objections(*ask.where)["comments"] if c["id"] == ask.number("comment")]
    return [
        row
        for c in found
        for row in (
            (f"{c['kind_name']} số {c['id']}", f"{c['lead']}: {c['text']}"),
            ("Về", f"{c['unit_name']}, {c['subject']}"),
            ("Tình trạng", c["status_name"]),
        )
    ]


STEPS = (
    Step(
        "/p/{period}/objections/{comment}/answer",
        "Trả lời ý kiến của đơn vị chủ trì",
        (Field("text", "Nội dung trả lời", "area", required=True),),
        _close(CommentStatus.ANSWERED, "text", "Đã trả lời; đơn vị chủ trì đã được báo."),
        below("objections"),
        button="Trả lời",
        about=_said,
    ),
    Step(
        "/p/{period}/objections/{comment}/overrule",
        "Bác phản đối của đơn vị chủ trì",
        (Field("reason", "Lý do bác", "area", required=True, hint="Được in trong báo cáo; mọi người ký đều đọc."),),
        _close(CommentStatus.OVERRULED, "reason", "Đã bác phản đối; lý do được in trong báo cáo."),
        below("objections"),
        button="Bác phản đối",
        stop=True,
        about=_said,
    ),
    Step(
        "/p/{period}/objections/{comment}/withdraw",
        "Ghi việc đơn vị chủ trì rút ý kiến",
        (Field("reason", "Lý do rút, ai báo, bằng cách nào", "area", required=True),),
        _close(CommentStatus.WITHDRAWN, "reason", "Đã ghi việc rút; phản đối không còn giữ báo cáo."),
        below("objections"),
        says="Chỉ ghi khi chính đơn vị chủ trì đã rút (điện thoại, công văn). Muốn bỏ qua một phản đối mà đơn vị "
        "chủ trì không rút thì phải bác, có nêu lý do.",
        button="Ghi việc rút",
        stop=True,
        about=_said,
    ),
    Step(
        "/p/{period}/objections/add",
        "Ghi ý kiến đơn vị chủ trì nêu bằng cách khác",
        (
            Field("lead", "Đơn vị chủ trì", "choice", required=True, options=_leads),
            Field(
                "kind",
                "Loại",
                "choice",
                required=True,
                options=lambda ask: [(k.value, k.label) for k in CommentKind],
                hint="Phản đối giữ việc tổng hợp, duyệt, ký, gửi cho tới khi được giải quyết.",
            ),
            Field("unit", "Mã đơn vị được nêu", required=True),
            Field("subject", "Về ô nào, dự án nào", required=True, hint="BIỂU/DÒNG/CỘT, hoặc mã dự án."),
            Field("text", "Nội dung", "area", required=True),
            Field("by", "Người nêu, văn bản số", required=True),
        ),
        _comment,
        below("objections"),
        button="Ghi ý kiến",
    ),
)
