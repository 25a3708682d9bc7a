"""A regime's pack as people read it, its trail, and the verification of the trail."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.responses import Response

from baocao.store.browse.trail import trail_of
from baocao.web.common.typed import or_404
from baocao.web.desk.access import Permission
from baocao.web.desk.ask import Ask
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.step import Step, Warned
from baocao.workflow.auditing.verified import last_verified, verify_and_record
from baocao.workflow.looking import pack_page

PAGE = 50
_READER = MarkdownIt("commonmark", {"html": False}).enable("table")


def pack(ask: Ask) -> Response:
    """Law, deadlines, forms, rules, recipients with their trust; faults and warnings of the pack."""
    view = pack_page.pack_view(ask.place, ask.code, ask.now.astimezone(ask.zone).date())
    return ask.page("pack.html", section="pack", view=view, law=tables_of(view.law))


def tables_of(markdown: str) -> Markup:
    """Markdown as HTML; a wide table scrolls by itself, also with the keyboard. HTML inside is shown as text."""
    # Ours alone: HTML inside the Markdown is escaped, so no `<table>` of somebody else is split here.
    first, *others = _READER.render(markdown).split("<table>")
    wide = [first]
    for number, part in enumerate(others, 1):
        table, _, rest = part.partition("</table>")
        opened = f'<div class="wide" tabindex="0" role="region" aria-label="Bảng căn cứ {number}"><table>'
        wide.append(f"{opened}{table}</table></div>{rest}")
    return Markup("".join(wide))  # noqa: S704 - made from our own Markdown, with HTML in it switched off


def form(ask: Ask) -> Response:
    """One form: its rows, who fills them in, which rules look at them."""
    view = or_404(pack_page.form_page(ask.place, ask.code, ask.param("form")))
    return ask.page("pack_form.html", section="pack", view=view, titles=pack_page.rule_titles(ask.place.pack(ask.code)))


def audit(ask: Ask) -> Response:
    """Who did what, newest first; when everything was verified last."""
    first = ask.first
    chosen = {name: ask.query(name) for name in ("ky", "viec", "ai")}
    with ask.place.store.read() as conn:
        verified = last_verified(conn)
        rows, total, actions = trail_of(conn, ask.code, chosen["ky"], chosen["viec"], chosen["ai"], first, PAGE)
    return ask.page(
        "audit.html",
        section="audit",
        verified=verified,
        rows=rows,
        total=total,
        actions=actions,
        first=first,
        count=PAGE,
        chosen=chosen,
    )


def _verify(ask: Ask, given: StepInput) -> str | Warned:
    answer = verify_and_record(ask.place, **ask.decided, files=given.is_set("files"))
    # What is wrong may be another office's: the page names how much, the command line names what.
    wrong = len(answer["problems"]) + answer["more_problems"]
    unrecorded = f" Chưa ghi lại được lần kiểm tra này: {answer['recorded']}." if answer["recorded"] else ""
    if wrong:
        return Warned(
            f"Đã kiểm tra: CÓ {wrong} CHỖ SAI; xem mục «Sổ sự kiện bị đứt» trong sổ tay vận hành.{unrecorded}"
        )
    if unrecorded:
        return Warned(f"Đã kiểm tra {answer['events']} dòng nhật ký, không thấy gì sai.{unrecorded}")
    return f"Đã kiểm tra {answer['events']} dòng nhật ký, không thấy gì sai.{unrecorded}"


STEPS = (
    Step(
        "/audit/do/verify",
        "Kiểm tra nhật ký",
        (Field("files", "Đọc lại cả kho tệp (lâu hơn)", "check"),),
        _verify,
        lambda ask: ask.path("audit"),
        permission=Permission.AUDIT,
        says="Tính lại cả chuỗi sự kiện, đối chiếu sổ với sự kiện của mọi chế độ; lần kiểm tra được ghi vào nhật ký.",
        button="Kiểm tra",
    ),
)
