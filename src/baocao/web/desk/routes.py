"""Every address of the desk with what it asks for. The tests walk this table: each route, each role."""

from __future__ import annotations

from baocao.extensions import DESK_STEPS, offered
from baocao.web.desk import (
    figure_pages,
    home_pages,
    mail_pages,
    period_pages,
    regime_pages,
    report_pages,
)
from baocao.web.desk.access import Permission
from baocao.web.desk.route_rules import Handler, RouteRule
from baocao.web.desk.steps import entry, inspections, lead_bodies, long_work, office, own_text, signing, units
from baocao.web.desk.steps.step import Step

_PERIOD = "/r/{regime}/p/{period}"


def _see(path: str, handler: Handler, permission: Permission = Permission.SEE) -> RouteRule:
    return RouteRule("GET", path, permission, handler)


_PAGES = (
    _see("/", home_pages.home, Permission.KNOWN),
    _see("/alarms", home_pages.alarms, Permission.KNOWN),
    _see("/runbook", home_pages.runbook, Permission.KNOWN),
    _see("/run/{dag}/{run}", home_pages.run, Permission.KNOWN),
    _see("/r/{regime}", home_pages.regime),
    _see("/r/{regime}/pack", regime_pages.pack),
    _see("/r/{regime}/pack/forms/{form}", regime_pages.form),
    _see("/r/{regime}/audit", regime_pages.audit, Permission.AUDIT),
    _see("/r/{regime}/inbox", mail_pages.inbox, Permission.OPERATE),
    _see("/r/{regime}/inbox/{file}/file", mail_pages.download_waiting, Permission.OPERATE),
    _see("/r/{regime}/inspections", inspections.show),
    _see("/r/{regime}/inspections/{inspection}/draft", inspections.draft, Permission.DECIDE),
    _see("/r/{regime}/inspections/{inspection}/files/{what}", inspections.file),
    _see("/r/{regime}/s/{submission}/file", period_pages.file),
    _see("/r/{regime}/s/{submission}/marked", period_pages.marked),
    _see("/r/{regime}/s/{submission}/scan", period_pages.scan),
    _see("/r/{regime}/s/{submission}/changes", period_pages.changes),
    _see("/r/{regime}/s/{submission}/cells", period_pages.cells),
    _see(_PERIOD, period_pages.show),
    _see(f"{_PERIOD}/units", period_pages.units),
    _see(f"{_PERIOD}/units-file", period_pages.unit_sheet),
    _see(f"{_PERIOD}/late", period_pages.late),
    _see(f"{_PERIOD}/map", period_pages.chart),
    _see(f"{_PERIOD}/u/{{unit}}", period_pages.unit),
    _see(f"{_PERIOD}/findings", figure_pages.findings),
    _see(f"{_PERIOD}/findings/{{rule}}", figure_pages.rule),
    _see(f"{_PERIOD}/points", figure_pages.points),
    _see(f"{_PERIOD}/figures", figure_pages.figures),
    _see(f"{_PERIOD}/trend", figure_pages.trend),
    _see(f"{_PERIOD}/cell/{{form}}/{{row}}/{{column}}", figure_pages.cell),
    _see(f"{_PERIOD}/report", report_pages.show),
    _see(f"{_PERIOD}/report/sources", report_pages.sources),
    _see(f"{_PERIOD}/report/{{version}}/changes", report_pages.changes),
    _see(f"{_PERIOD}/report/{{version}}/files/{{name}}", report_pages.file),
    _see(f"{_PERIOD}/report/{{version}}/read/{{name}}", report_pages.read),
    _see(f"{_PERIOD}/report/{{version}}/pages/{{name}}/{{page}}", report_pages.picture),
    _see(f"{_PERIOD}/report/{{version}}/to-sign", report_pages.to_sign),
    _see(f"{_PERIOD}/report/{{version}}/signed-copy", report_pages.signed_copy),
    _see(f"{_PERIOD}/work", long_work.show),
    _see(f"{_PERIOD}/report/text", own_text.show),
    _see(f"{_PERIOD}/report/text-file/{{kind}}", own_text.export, Permission.DECIDE),
    _see(f"{_PERIOD}/mail", mail_pages.show),
    _see(f"{_PERIOD}/mail/{{mail}}", mail_pages.one),
    _see(f"{_PERIOD}/objections", home_pages.objections),
)
_STEPS = (
    *signing.STEPS,
    *units.STEPS,
    *office.STEPS,
    *own_text.STEPS,
    *entry.STEPS,
    *lead_bodies.STEPS,
    *long_work.STEPS,
    *inspections.STEPS,
    *mail_pages.STEPS,
    *regime_pages.STEPS,
)

_ADDED: tuple[Step, ...] = tuple(step for entry_point in offered(DESK_STEPS).values() for step in entry_point.load())
"""what other distributions add"""

_OWN = (*_PAGES, *entry.RULES, *(rule for step in (*_STEPS, *_ADDED) for rule in step.rules()))
_INSTEAD = () if any(rule.path == long_work.NOT_INSTALLED.path for rule in _OWN) else (long_work.NOT_INSTALLED,)

RULES: tuple[RouteRule, ...] = (*_OWN, *_INSTEAD)
