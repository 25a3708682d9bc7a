"""A step: one verb behind one form. It is shown, filled in, confirmed, done, and the next page says what was done.

What a verb refuses comes back above the form, with everything that was typed still in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from baocao.settings import ConfigurationError
from baocao.store.database import StoreError
from baocao.web.desk.access import Permission
from baocao.web.desk.ask import Ask
from baocao.web.desk.route_rules import RouteRule
from baocao.web.desk.steps.fields import Field, StepInput, read
from baocao.workflow.installation import Refused

CONFIRM = "confirmed"
CHECKED = "Tôi đã kiểm tra và xác nhận"


@dataclass(frozen=True, slots=True)
class Warned:
    """What was done, and that it did not end well: told as a fault, not as a success."""

    said: str


Done = Callable[[Ask, StepInput], str | Warned]
"""Calls the verb; answers the sentence that says what was done. Raises Refused, StoreError, ConfigurationError."""


@dataclass(frozen=True, slots=True)
class Step:
    """`path` is below `/r/{regime}` and may hold further parts. `back`: where to go afterwards."""

    path: str
    title: str
    fields: tuple[Field, ...]
    done: Done
    back: Callable[[Ask], str]
    permission: Permission = Permission.DECIDE
    says: str = ""
    """what will happen, before the form"""
    confirm: str = CHECKED
    button: str = "Thực hiện"
    stop: bool = False
    """a step that takes something away: its button says so"""
    about: Callable[[Ask], Sequence[tuple[str, str]]] | None = None
    """facts about what the step is for, shown above the form"""

    template: str = "step.html"
    more: Callable[[Ask], Mapping[str, Any]] | None = None
    """what a template of its own shows beside the form"""

    def rules(self) -> tuple[RouteRule, RouteRule]:
        """The two routes of a step: its form, and what the form sends."""
        return (
            RouteRule("GET", f"/r/{{regime}}{self.path}", self.permission, self.show),
            RouteRule("POST", f"/r/{{regime}}{self.path}", self.permission, self.do),
        )

    def show(self, ask: Ask) -> Response:
        """The empty form, or filled in from the address."""
        values = {f.name: ask.query(f.name) or (f.default(ask) if f.default else "") for f in self.fields}
        return self._form(ask, values, {}, "")

    def do(self, ask: Ask) -> Response:
        """Do what was typed and confirmed; else the form again, with what is wrong (422) or refused (409)."""
        # The page is drawn anew with every fault at once, and with what was typed.
        given = read(ask, self.fields)
        problems = dict(given.problems)
        # Asked here and not only by the browser's `required`: a decision is never recorded without the tick.
        if not ask.given(CONFIRM):
            problems[CONFIRM] = "Hãy đánh dấu vào ô xác nhận"
        if problems:
            return self._form(ask, given.texts, problems, "", status=422)
        try:
            said = self.done(ask, given)
        # Answers, not faults: anything else is told by the error page with a number for the log.
        except (Refused, StoreError, ConfigurationError) as error:
            return self._form(ask, given.texts, {}, str(error), status=409)
        if isinstance(said, Warned):
            return ask.go(self.back(ask), said.said, "bad")
        return ask.go(self.back(ask), said)

    def _form(
        self, ask: Ask, values: dict[str, str], problems: dict[str, str], refused: str, status: int = 200
    ) -> Response:
        return ask.page(
            self.template,
            status=status,
            step=self,
            values=values,
            problems=problems,
            refused=refused,
            options={f.name: f.options(ask) for f in self.fields if f.options is not None},
            facts=self.about(ask) if self.about else (),
            back=self.back(ask),
            **(self.more(ask) if self.more else {}),
            multipart=any(f.kind == "file" for f in self.fields),
        )
