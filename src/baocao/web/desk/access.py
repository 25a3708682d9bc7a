"""Who may do what: five roles in each regime, and what each of them may.

A role comes from the installation's list of people (`BAOCAO_PEOPLE_FILE`), or from Airflow's own roles. Who approves
and who signs are the roles the regime names (`sign_off` in regime.yaml). Whoever has no role in a regime does not learn
that it exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from baocao.model.regime import Regime


class DeskRole(StrEnum):
    """What somebody is on the desk, in a regime."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    OFFICE = "office"
    SIGNATORY = "signatory"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    DeskRole.VIEWER: "Người xem",
    DeskRole.OPERATOR: "Người vận hành",
    DeskRole.OFFICE: "Cơ quan thường trực",
    DeskRole.SIGNATORY: "Người ký",
    DeskRole.ADMINISTRATOR: "Quản trị",
}


class Permission(StrEnum):
    """What a route asks of whoever calls it, and roles grant."""

    KNOWN = "known"
    """to be logged in; what is shown is of one's own regimes only"""
    SEE = "see"
    """to read everything of the regime"""
    OPERATE = "operate"
    """letters that did not leave, files without a sender"""
    DECIDE = "decide"
    """about units, periods, objections, corrections, receipts"""
    APPROVE = "approve"
    SIGN = "sign"
    AUDIT = "audit"


GRANTS: Mapping[DeskRole, frozenset[Permission]] = {
    DeskRole.VIEWER: frozenset({Permission.SEE}),
    DeskRole.OPERATOR: frozenset({Permission.SEE, Permission.OPERATE, Permission.AUDIT}),
    DeskRole.OFFICE: frozenset(
        {Permission.SEE, Permission.OPERATE, Permission.DECIDE, Permission.APPROVE, Permission.AUDIT}
    ),
    DeskRole.SIGNATORY: frozenset({Permission.SEE, Permission.SIGN}),
    DeskRole.ADMINISTRATOR: frozenset({Permission.SEE, Permission.OPERATE, Permission.AUDIT}),
}
"""The matrix of docs/security.md; `KNOWN` is everybody who is logged in."""

_NAMED: Mapping[str, DeskRole] = {
    "viewer": DeskRole.VIEWER,
    "user": DeskRole.VIEWER,
    "signatory": DeskRole.VIEWER,
    "op": DeskRole.OPERATOR,
    "operator": DeskRole.OPERATOR,
    "office": DeskRole.OFFICE,
    "admin": DeskRole.ADMINISTRATOR,
    "administrator": DeskRole.ADMINISTRATOR,
}
"""Names of roles, Airflow's own among them. Airflow's `Signatory` only opens the pages: what its holder decides, the
roles of the regime's `sign_off` say."""
REGIME_ROLE = "regime:"
"""A role `regime:<code>` limits its holder to the regimes named so; without one all regimes are open."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: an account that somebody else has already made sure of."""

    name: str
    """as decisions are recorded"""
    account: str
    """`airflow:…`, `sso:…`, `os:…`"""
    roles: frozenset[str]
    regimes: frozenset[str] | None = None
    """the regimes this person may see; None: all"""
    nobody_was_given_roles: bool = False
    """True: the installation has no list of people, so that whoever may work here may decide as well (never twice under
    one name: the verb sees to that)"""

    @property
    def is_everywhere(self) -> bool:
        """Whether they work in all regimes, and so see what belongs to none."""
        return self.regimes is None

    def roles_in(self, regime: Regime) -> frozenset[DeskRole]:
        """The roles somebody holds in a regime."""
        # Before the roles: an account limited to one regime has none in the others, whatever it is called there.
        if self.regimes is not None and regime.code not in self.regimes:
            return frozenset()
        names = {name.casefold() for name in self.roles}
        found = {_NAMED[name] for name in names if name in _NAMED}
        if self.nobody_was_given_roles and found & {DeskRole.ADMINISTRATOR, DeskRole.OPERATOR}:
            found |= {DeskRole.OFFICE, DeskRole.SIGNATORY}
        # By the name: `User` and `Viewer` of Airflow are both VIEWER here, and only `User` may work there
        # (docs/security.md).
        if self.nobody_was_given_roles and "user" in names:
            found |= {DeskRole.OFFICE, DeskRole.SIGNATORY}
        if regime.sign_off.approver_role.casefold() in names:
            found.add(DeskRole.OFFICE)
        if regime.sign_off.signer_role.casefold() in names:
            found.add(DeskRole.SIGNATORY)
        return frozenset(found)

    def may(self, permission: Permission, regime: Regime) -> bool:
        """Whether one of these roles grants what is needed."""
        granted = frozenset[Permission]().union(*(GRANTS[role] for role in self.roles_in(regime)))
        # Rights add up over the roles; no role takes one away.
        return permission is Permission.KNOWN or permission in granted


def regimes_named(roles: Iterable[str]) -> frozenset[str] | None:
    """The regimes that roles `regime:<code>` limit to; None without such a role."""
    found = frozenset(r.removeprefix(REGIME_ROLE) for r in roles if r.startswith(REGIME_ROLE))
    return found or None
