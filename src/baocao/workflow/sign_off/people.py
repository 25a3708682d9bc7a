"""Who may decide about a report: a role for each decision, two different people, and on the command line only for whom
the operating-system user stands.

The regime names the two roles (`sign_off` in regime.yaml); the installation says who holds them (`BAOCAO_PEOPLE_FILE`).
An installation without that file has given nobody a role: then everybody may decide, but not twice under one name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, ValidationError
from sqlalchemy import Connection

from baocao.delivery.signature_rules import is_visible
from baocao.model.pack_parts.strict import Strict
from baocao.model.regime import Regime, SignOff
from baocao.model.report import Decision, Report, Role
from baocao.settings import ConfigurationError
from baocao.store.reports import signoff
from baocao.store.trail import events
from baocao.text import fold
from baocao.workflow.installation import Installation, Refused

OS, AIRFLOW, SSO = "os:", "airflow:", "sso:"
"""How the account that entered a decision begins."""


class Person(Strict):
    """One who decides."""

    name: Annotated[str, Field(min_length=1)]
    """as it is recorded with the decision; on Airflow's page the user's name"""
    roles: tuple[str, ...]
    """names of roles, as in the regimes' `sign_off` and in Airflow"""
    airflow_id: str = ""
    """the user's id in Airflow: only these users are asked"""
    os_users: tuple[str, ...] = ()
    """accounts of this machine that may enter this person's decisions with the command line: the delegation"""
    sso_users: tuple[str, ...] = ()
    """names under which a reverse proxy announces this person to the desk"""
    regimes: tuple[str, ...] = ()
    """codes of the regimes this person works in; empty: all of the installation"""

    def works_in(self, regime: str) -> bool:
        """Whether somebody has a say in a regime; without a list, in all of them."""
        return not self.regimes or regime in self.regimes


class People(Strict):
    """`people.yaml`."""

    people: tuple[Person, ...]

    def named(self, name: str) -> Person | None:
        """The person of that name, however it is spelled; None where there is none."""
        return next((p for p in self.people if fold(p.name) == fold(name)), None)

    def holding(self, role: str, regime: str) -> tuple[Person, ...]:
        """Everybody who holds a role in a regime."""
        return tuple(p for p in self.people if role in p.roles and p.works_in(regime))


def read_people(file: Path) -> People | None:
    """Who holds which role; None where the file does not exist. Raises ConfigurationError with file, key and reason."""
    try:
        # Read with every decision: whoever loses a role loses it at once, without a restart.
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        return People.model_validate(data)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{file}: không đọc được: {error}; hãy sửa tệp phân vai") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "(đầu tệp)"
        raise ConfigurationError(
            f"{file}: {where}: {first['msg']}; mỗi người cần name và roles, có thể thêm airflow_id và os_users"
        ) from error


def require_deciders(file: Path, regimes: Iterable[Regime]) -> None:
    """That every decision of these regimes has somebody whom Airflow can ask; nothing where there is no such file.

    Raises ConfigurationError naming file, role and cure.
    """
    people = read_people(file)
    if people is None:
        return
    for regime in regimes:
        asked = {
            # Whoever has no id in Airflow cannot be asked there.
            role: {p.name for p in people.holding(role_for(regime.sign_off, role), regime.code) if p.airflow_id}
            for role in Role
        }
        for role, names in asked.items():
            if not names:
                raise ConfigurationError(
                    f"{file}: chưa ai có vai {role_for(regime.sign_off, role)!r} kèm airflow_id (sign_off của chế độ "
                    f"{regime.code}); hãy giao vai này cho một người dùng trên trang Airflow, hoặc ghi vào tệp, rồi "
                    "khởi động lại"
                )
        if not regime.sign_off.one_person and len(set().union(*asked.values())) < 2:
            raise ConfigurationError(
                f"{file}: chỉ một người có cả vai duyệt và vai ký của chế độ {regime.code}; hãy giao một trong hai vai "
                "cho người khác, hoặc ghi căn cứ vào sign_off.one_person trong regime.yaml"
            )


def role_for(sign_off: SignOff, role: Role) -> str:
    """The role a decision asks for."""
    return sign_off.approver_role if role is Role.STANDING_OFFICE else sign_off.signer_role


def assigned_users(place: Installation, regime: str, role: Role) -> list[dict[str, str]]:
    """Whom Airflow asks: id and name of everybody who holds the role. Empty where nobody was given one: then the page
    lets everybody answer who may answer questions at all."""
    people = read_people(place.settings.people_file)
    if people is None:
        return []
    wanted = role_for(place.pack(regime).regime.sign_off, role)
    found = [{"id": p.airflow_id, "name": p.name} for p in people.holding(wanted, regime) if p.airflow_id]
    # Not an empty list: Airflow takes that for "everybody".
    if not found:
        raise Refused(
            f"{place.settings.people_file}: không ai có vai {wanted!r} và airflow_id; hãy phân vai rồi hỏi lại"
        )
    return found


def require_may_decide(
    place: Installation, conn: Connection, report: Report, role: Role, decision: Decision, by: str, user: str
) -> None:
    """Raises Refused when this person, or the account that enters the decision, may not decide this."""
    if not is_visible(by):
        raise Refused("Quyết định phải ghi rõ người quyết định: tên có chữ, không có ký tự ẩn hay xuống dòng")
    sign_off = place.pack(report.regime).regime.sign_off
    people = read_people(place.settings.people_file)
    # Without a people file names are still compared: what is approved and signed under one name is never two people.
    if people is not None:
        _require_role(people, report.regime, role_for(sign_off, role), by, user, place.settings.people_file)
    # Returning needs no second person: it can only stop a report.
    if decision is Decision.SIGN:
        _require_two_people(conn, report, sign_off, by, user if people is not None else "")


def _require_role(people: People, regime: str, wanted: str, by: str, user: str, file: Path) -> None:
    """Raises Refused unless this person holds the role in the regime and the account may enter their decisions."""
    # Account and name both: on the command line anybody can type a name, in a page the account alone would sign for
    # whoever is named.
    person = people.named(by)
    if person is None or wanted not in person.roles or not person.works_in(regime):
        holders = _names(people.holding(wanted, regime))
        raise Refused(
            f"{by} không có vai {wanted!r} của chế độ {regime}; những người có vai này: {holders} (theo {file})"
        )
    if user.startswith(SSO) and user.removeprefix(SSO) not in person.sso_users:
        raise Refused(
            f"Tài khoản {user.removeprefix(SSO)} không phải của {by}; hãy thêm tài khoản vào sso_users của người này "
            f"trong {file}, hoặc để {by} tự quyết định"
        )
    if user.startswith(OS) and user.removeprefix(OS) not in person.os_users:
        raise Refused(
            f"Tài khoản {user.removeprefix(OS)} của máy không được ủy quyền ghi quyết định của {by}; hãy dùng đúng tài "
            f"khoản, hoặc thêm tài khoản vào os_users của người này trong {file}"
        )
    if not user:
        raise Refused(
            f"Không rõ tài khoản nào ghi quyết định của {by}; hãy quyết định trên trang Airflow hoặc bằng lệnh"
        )


def _require_two_people(conn: Connection, report: Report, sign_off: SignOff, by: str, user: str) -> None:
    """Raises Refused when whoever signs, or their account, has approved this report."""
    approved = [a for a in signoff.approvals(conn, report.id) if a.decision is Decision.APPROVE]
    if not approved or sign_off.one_person:
        return
    # Without case and accents: two spellings are no two people.
    if fold(approved[-1].by) == fold(by):
        raise Refused(
            f"{by} đã duyệt báo cáo này nên không được ký: duyệt và ký phải do hai người khác nhau. Chế độ nào cho "
            "phép một người làm cả hai việc thì ghi căn cứ vào sign_off.one_person trong regime.yaml"
        )
    recorded = events.events(conn, regime=report.regime, period=report.period, subject=f"report/{report.id}")
    # From the events, which are keyed: the row of the decision knows the name, not the account.
    entered = next((e.payload.get("user", "") for e in reversed(recorded) if e.action == "report_approve"), "")
    if user and user == entered:
        raise Refused(
            f"Tài khoản {user} đã ghi việc duyệt báo cáo này nên không được ghi việc ký: hai việc phải do hai người"
        )


def _names(people: Sequence[Person]) -> str:
    return ", ".join(p.name for p in people) or "chưa có ai"
