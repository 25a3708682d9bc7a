"""Whether every decision has somebody who may take it, held at the start of the composition."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from baocao.model.regime import Regime, SignOff
from baocao.model.report import Decision, Report, Role
from baocao.regimes.load import load_regime
from baocao.settings import ConfigurationError
from baocao.store.reports import reports, signoff
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.sign_off.people import assigned_users, read_people, require_deciders, require_may_decide
from builders.packs.quarterly import CODE
from builders.sites.store import CONTENT, minute, sha

ROOT = Path(__file__).resolve().parents[3]
REGIMES = [load_regime(folder) for folder in sorted((ROOT / "include" / "regimes").iterdir())]
OFFICE, COMMITTEE = (
    {"name": "police", "airflow_id": "2", "roles": ["Approver"]},
    {"name": "committee", "airflow_id": "3", "roles": ["Signer"]},
)


def written(folder: Path, *people: dict[str, object]) -> Path:
    file = folder / "people.yaml"
    file.write_text(yaml.safe_dump({"people": list(people)}), encoding="utf-8")
    return file


def test_an_office_and_a_committee_can_decide_everything(tmp_path: Path) -> None:
    require_deciders(tmp_path / "people.yaml", REGIMES)
    require_deciders(written(tmp_path, OFFICE, COMMITTEE), REGIMES)


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ((OFFICE,), r"people\.yaml: chưa ai có vai 'Signer' kèm airflow_id .*giao vai này"),
        ((OFFICE, {"name": "Ký", "roles": ["Signer"]}), r"chưa ai có vai 'Signer' kèm airflow_id"),
        ((), r"chưa ai có vai 'Approver'"),
        (({**OFFICE, "roles": ["Approver", "Signer"]},), r"chỉ một người có cả vai duyệt và vai ký"),
    ],
)
def test_undecidable_decisions_name_file_role_and_cure(
    tmp_path: Path, people: tuple[dict[str, object], ...], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        require_deciders(written(tmp_path, *people), REGIMES)


def test_one_person_may_hold_both_roles_where_written(tmp_path: Path) -> None:
    alone: list[Regime] = [
        r.model_copy(update={"sign_off": SignOff(one_person="Quyết định số 1 của Ủy ban")}) for r in REGIMES
    ]
    require_deciders(written(tmp_path, {**OFFICE, "roles": ["Approver", "Signer"]}), alone)


# ------------------------------------------------------------------------------------------- who may decide this report

LAN = {"name": "Nguyễn Thị Lan", "roles": ["Approver"], "os_users": ["lan"], "sso_users": ["lan.nt"], "airflow_id": "5"}
MINH = {"name": "Trần Minh", "roles": ["Signer"], "os_users": ["minh"], "airflow_id": "6"}
ELSEWHERE = {"name": "Lê Hòa", "roles": ["Approver"], "os_users": ["hoa"], "regimes": ["che-do-khac"]}


def frozen(place: Installation) -> Report:
    with place.store.begin() as conn:
        made = reports.draft(
            conn, regime=CODE, period="2027-Q1", created_at=minute(1), as_of=minute(1), input_sha256=sha("inputs")
        )
        return reports.freeze(conn, made.id, content_sha256=CONTENT, manifest={"files": {"a.xlsx": CONTENT}})


def approved(place: Installation, by: str = "Nguyễn Thị Lan", user: str = "os:lan") -> Report:
    report = frozen(place)
    with place.store.begin() as conn:
        signoff.decide(
            conn, report.id, role=Role.STANDING_OFFICE, decision=Decision.APPROVE, content_sha256=CONTENT, by=by,
            at=minute(2), note="", signature=None,
        )  # fmt: skip
        events.append(conn, minute(2), by, "report_approve", (CODE, "2027-Q1"), f"report/{report.id}", {"user": user})
    return report


def refused(
    place: Installation, report: Report, by: str, user: str = "os:lan", decision: Decision = Decision.APPROVE
) -> str:
    """Why not; empty where this person may decide."""
    role = Role.PEOPLES_COMMITTEE if decision is Decision.SIGN else Role.STANDING_OFFICE
    with place.store.read() as conn:
        try:
            require_may_decide(place, conn, report, role, decision, by, user)
        except Refused as error:
            return str(error)
    return ""


@pytest.mark.parametrize(
    ("by", "user", "said"),
    [
        ("Nguyễn Thị Lan", "os:lan", ""),
        ("NGUYỄN THỊ LAN", "os:lan", ""),
        ("Nguyễn Thị Lan", "sso:lan.nt", ""),
        ("Nguyễn Thị Lan", "airflow:ai-cung-duoc", ""),
        ("Nguyễn Thị Lan", "os:minh", "Tài khoản minh của máy không được ủy quyền"),
        ("Nguyễn Thị Lan", "sso:lan", "Tài khoản lan không phải của Nguyễn Thị Lan"),
        ("Nguyễn Thị Lan", "", "Không rõ tài khoản nào ghi quyết định"),
        ("Trần Minh", "os:minh", "Trần Minh không có vai 'Approver'"),
        ("Người lạ", "os:lan", "những người có vai này: Nguyễn Thị Lan (theo"),
        ("Lê Hòa", "os:hoa", "Lê Hòa không có vai"),
        ("\u200b ", "os:lan", "tên có chữ"),
    ],
)
def test_only_role_holders_decide_under_their_own_account(office: Installation, by: str, user: str, said: str) -> None:
    written(office.settings.data, LAN, MINH, ELSEWHERE)
    found = refused(office, frozen(office), by, user)
    assert said in found and bool(found) is bool(said)


def test_without_a_list_of_people_everybody_may_approve(office: Installation) -> None:
    assert refused(office, frozen(office), "Người lạ", "") == ""
    assert assigned_users(office, CODE, Role.STANDING_OFFICE) == []


def test_who_approved_does_not_sign_whatever_the_spelling(office: Installation) -> None:
    report = approved(office)
    assert "hai người khác nhau" in refused(office, report, "nguyễn thị LAN", "os:khac", Decision.SIGN)
    assert refused(office, report, "nguyễn thị LAN", decision=Decision.RETURN) == ""
    assert refused(office, report, "Trần Minh", "os:lan", Decision.SIGN) == "", "nobody was given an account"


def test_one_account_does_not_enter_both_decisions(office: Installation) -> None:
    written(office.settings.data, LAN, {**MINH, "os_users": ["minh", "lan"]})
    report = approved(office)
    assert "Tài khoản os:lan đã ghi việc duyệt" in refused(office, report, "Trần Minh", "os:lan", Decision.SIGN)
    assert refused(office, report, "Trần Minh", "os:minh", Decision.SIGN) == ""
    assert refused(office, frozen_again(office), "Trần Minh", "os:lan", Decision.SIGN) == "", "nobody approved it yet"


def test_without_accounts_two_names_are_two_people(office: Installation) -> None:
    assert refused(office, approved(office, user=""), "Trần Minh", "", Decision.SIGN) == ""


def test_a_person_of_this_regime_works_in_it(office: Installation) -> None:
    written(office.settings.data, {**LAN, "regimes": ["che-do-khac", CODE]}, MINH)
    assert refused(office, frozen(office), "Nguyễn Thị Lan") == ""


def frozen_again(place: Installation) -> Report:
    """A second version, which nobody has approved."""
    with place.store.begin() as conn:
        last = reports.latest(conn, CODE, "2027-Q1")
        assert last is not None
        signoff.decide(
            conn, last.id, role=Role.PEOPLES_COMMITTEE, decision=Decision.RETURN, content_sha256=CONTENT,
            by="Trần Minh", at=minute(3), note="Sửa lại số", signature=None,
        )  # fmt: skip
    return frozen(place)


def test_airflow_asks_everybody_with_role_and_account(office: Installation) -> None:
    written(office.settings.data, LAN, {**LAN, "name": "Phạm An", "airflow_id": ""}, MINH, ELSEWHERE)
    assert assigned_users(office, CODE, Role.STANDING_OFFICE) == [{"id": "5", "name": "Nguyễn Thị Lan"}]
    assert assigned_users(office, CODE, Role.PEOPLES_COMMITTEE) == [{"id": "6", "name": "Trần Minh"}]
    written(office.settings.data, LAN)
    with pytest.raises(Refused, match="không ai có vai 'Signer' và airflow_id"):
        assigned_users(office, CODE, Role.PEOPLES_COMMITTEE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("people: [", "không đọc được"),
        ("people: [{name: An}]", r"people\.0\.roles: "),
        ("- An", r"\(đầu tệp\): "),
    ],
)
def test_a_wrong_list_of_people_names_the_place(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "people.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        read_people(file)
