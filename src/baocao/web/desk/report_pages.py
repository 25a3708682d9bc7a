"""The report: read in the page, with everything that whoever decides must see, and the decision below it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.media_types import PDF, media_type_of
from baocao.model.report import Role
from baocao.web.common.typed import or_404, whole_number
from baocao.web.desk.access import Permission
from baocao.web.desk.ask import Ask
from baocao.workflow.looking import differences_page, report_page
from baocao.workflow.sign_off.coverage import too_few


def show(ask: Ask) -> Response:
    """The newest version, or the one named in the address."""
    view = report_page.report_view(*ask.where, whole_number(ask.query("v"), digits=200))
    if view is None:
        return ask.page("no_report.html", section="report")
    changed: list[report_page.ChangedValue] = []
    changes = 0
    # Against the version before, on the same page: what a decider has read already need not be read again.
    if view.report.version > 1:
        changed, changes = report_page.changed_values(*ask.where, view.report.version - 1, view.report.version)
    return ask.page(
        "report.html",
        section="report",
        view=view,
        changed=changed,
        changes=changes,
        too_few=too_few(*ask.where, view.report) if view.waits_for else "",
        # Only which button is shown: the step's own route asks for the right, and the verb for the person.
        may_approve=view.waits_for is Role.STANDING_OFFICE and ask.may(Permission.APPROVE),
        may_sign=view.waits_for is Role.PEOPLES_COMMITTEE and ask.may(Permission.SIGN),
    )


def changes(ask: Ask) -> Response:
    """What changed from another version, by default from the one before."""
    new = ask.number("version")
    old = whole_number(ask.query("so"), digits=6)
    view = differences_page.version_changes(*ask.where, new - 1 if old is None else old, new)
    return ask.page("report_changes.html", section="report", view=view)


def read(ask: Ask) -> Response:
    """The words of a Word file as a plain page: for a screen reader, a phone, and for copying."""
    version, name = ask.number("version"), ask.param("name")
    blocks = report_page.report_words(*ask.where, version, name)
    if not blocks:
        raise HTTPException(404)
    return ask.page("report_text.html", section="report", version=version, name=name, blocks=blocks)


def file(ask: Ask) -> Response:
    """A file of a frozen version, to keep."""
    name = ask.param("name")
    data = or_404(report_page.report_file(*ask.where, ask.number("version"), name))
    kind = media_type_of(name)
    # Only our own PDF is ever shown by the browser itself; everything else is offered to be kept.
    return ask.file(data, name, kind, inline=kind == PDF and ask.query("xem") == "1")


def picture(ask: Ask) -> Response:
    """One page of the report as a picture: it shows in Airflow's frame and on a phone, where no PDF viewer does."""
    name, page = ask.param("name"), ask.number("page")
    data = or_404(report_page.report_page_png(*ask.where, ask.number("version"), name, page))
    return ask.file(data, f"{name}-{page}.png", "image/png", inline=True, kept=True)


def sources(ask: Ask) -> Response:
    """Rows that two levels report differently, and whose figures stand."""
    rows = report_page.source_rows(*ask.where)
    return ask.page("sources.html", section="report", rows=rows)


def to_sign(ask: Ask) -> Response:
    """The PDF with number and day, to be signed digitally."""
    found = report_page.numbered_pdf(*ask.where, ask.number("version"), ask.now)
    if found is None:
        raise HTTPException(404, "Chưa có bản PDF: máy chủ chưa cài LibreOffice.")
    return ask.file(*found, PDF)


def signed_copy(ask: Ask) -> Response:
    """The signed document that was attached."""
    found = or_404(report_page.signed_copy_file(*ask.where, ask.number("version")))
    data, name = found
    return ask.file(data, name, media_type_of(name))
