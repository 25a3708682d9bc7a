"""One request, as a page's code sees it: who asks, where, when, and how to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypedDict
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.settings import ConfigurationError
from baocao.web.common.pages import ZONE, Pages
from baocao.web.common.typed import or_404, whole_number
from baocao.web.desk.access import Asker, Permission
from baocao.web.desk.cures import on_desk, ways_out
from baocao.web.desk.notices import NOTICE, Notices
from baocao.web.desk.open_questions import OpenQuestions
from baocao.web.desk.runs import PeriodRun, Runs
from baocao.workflow.installation import Installation


class DecidedBy(TypedDict):
    """Who decides, and when: what a verb that records a decision is told by these names."""

    by: str
    as_of: datetime


@dataclass
class Ask:
    """`form` is empty but for a POST, whose token has been checked by then."""

    request: Request
    place: Installation
    asker: Asker
    now: datetime
    pages: Pages
    notices: Notices
    questions: OpenQuestions
    """tells Airflow of a decision, where the desk runs inside it"""
    runs: Runs | None = None
    """Airflow's runs of the periods; None where the desk consolidates itself"""
    form: FormData = field(default_factory=FormData)

    # where
    @property
    def root(self) -> str:
        return str(self.request.scope.get("root_path", "")).rstrip("/")

    @cached_property
    def code(self) -> str:
        """The regime in the address; empty where it names none."""
        return str(self.request.path_params.get("regime", ""))

    @cached_property
    def regime(self) -> Regime:
        return self.place.pack(self.code).regime

    @cached_property
    def pack(self) -> Pack:
        return self.at[0]

    @cached_property
    def period(self) -> Period:
        return self.at[1]

    @cached_property
    def at(self) -> tuple[Pack, Period]:
        """The pack and the period of the address. Raises HTTPException 404 for an unknown period."""
        try:
            return self.place.at(self.code, str(self.request.path_params["period"]))
        except ConfigurationError as error:
            raise HTTPException(404, str(error)) from None

    @property
    def where(self) -> tuple[Installation, str, str]:
        """The installation, the regime and the period: what most verbs begin with."""
        return self.place, self.code, self.period.code

    @cached_property
    def zone(self) -> ZoneInfo:
        return self.place.zone(self.code) if self.code else ZONE

    def param(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """The same as a whole number. Raises HTTPException 404."""
        return or_404(whole_number(self.param(name), digits=12))

    def query(self, name: str, default: str = "") -> str:
        """A parameter after the question mark; empty where there is none."""
        # Cut: whatever an address says ends up in a query or in a page.
        return self.request.query_params.get(name, default)[:200]

    @property
    def first(self) -> int:
        """Where a list begins, from the address; 0 where that names no number."""
        return whole_number(self.query("tu"), digits=6) or 0

    def given(self, name: str) -> str:
        """A field of the form, as text; empty when it was not sent."""
        value = self.form.get(name)
        return "" if value is None or isinstance(value, UploadFile) else value.strip()

    # who
    @property
    def decided(self) -> DecidedBy:
        """The person who asks, at this moment."""
        return DecidedBy(by=self.asker.name, as_of=self.now)

    def may(self, permission: Permission) -> bool:
        """Whether who asks has the right, in the regime of the page."""
        return self.asker.may(permission, self.regime) if self.code else permission is Permission.KNOWN

    @cached_property
    def regimes(self) -> tuple[str, ...]:
        """The codes of the regimes this person may see, those that cannot be read left out."""
        return tuple(
            c for c in sorted(self.place.folders) if (r := self._readable(c)) and self.asker.may(Permission.SEE, r)
        )

    @cached_property
    def broken_packs(self) -> dict[str, str]:
        """Regime code -> why its pack cannot be read, of the regimes this person may see."""
        every = self.asker.regimes
        mine = [code for code in sorted(self.place.folders) if every is None or code in every]
        found = {}
        for code in mine:
            try:
                self.place.pack(code)
            except ConfigurationError as error:
                found[code] = str(error)
        return found

    def _readable(self, code: str) -> Regime | None:
        try:
            return self.place.pack(code).regime
        except ConfigurationError:
            return None

    @cached_property
    def period_run(self) -> PeriodRun | None:
        """The period's newest run in Airflow; None where there is no Airflow or the period has had none."""
        return self.runs.of_period(self.regime, self.period) if self.runs is not None else None

    def run_address(self) -> str:
        """The page of that run, or of the regime's runs; empty where there is no Airflow."""
        if self.runs is None:
            return ""
        return self.period_run.address if self.period_run is not None else self.runs.home(self.regime)

    # answers
    def path(self, *parts: object) -> str:
        """An address of ours below the regime: `path("p", "2026-H1", "units")`."""
        # Below `root_path`: inside Airflow the desk is mounted under a path of Airflow's.
        inside = ("r", self.code, *parts) if self.code else parts
        return self.root + "/" + "/".join(quote(str(part), safe="") for part in inside)

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page of `include/templates/web/desk`."""
        known: dict[str, Any] = {
            "ask": self,
            "asker": self.asker,
            "now": self.now,
            "zone": self.zone,
            "notice": self.notices.read(self.request),
            "crumbs": (),
            "section": "",
            "Permission": Permission,
        }
        if self.code:
            known["regime"] = self.regime
            known["roles"] = sorted(self.asker.roles_in(self.regime))
        if "period" in self.request.path_params:
            known["period"] = self.period
        response = self.pages.page(self.request, f"web/desk/{template}", status=status, **{**known, **values})
        if self.request.cookies.get(NOTICE):
            response.delete_cookie(NOTICE, path="/")
        return response

    def ways_out(self, said: str, **known: str) -> list[tuple[str, str]]:
        """(words, address) of the pages of the desk where what the sentence names is done. `known`: regime and period,
        where it is of another page's than this one's."""
        here = {name: str(value) for name, value in self.request.path_params.items()}
        return [(words, self.root + path) for words, path in ways_out(said, {**here, **known})]

    def go(self, address: str, said: str, tone: str = "good") -> Response:
        """To another page after something was done; that page says what was done."""
        # 303: the page afterwards is asked for by GET, so that loading it again does nothing a second time.
        response = RedirectResponse(address, status_code=303)
        self.notices.write(self.request, response, on_desk(said), tone)
        return response

    def file(self, data: bytes, name: str, kind: str, *, inline: bool = False, kept: bool = False) -> Response:
        """A file. `kept`: the browser may keep it, because the address names its content."""
        how = "inline" if inline else "attachment"
        headers: Mapping[str, str] = {
            "content-disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
            # Reports and units' files stay on no disk of a machine that somebody else uses next.
            "cache-control": "private, max-age=86400" if kept else "no-store",
        }
        return Response(data, media_type=kind, headers=dict(headers))
