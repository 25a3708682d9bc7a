"""Whether every decision has somebody who may take it, held at the start of the composition."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from baocao.model.regime import Regime, SignOff
from baocao.regimes.load import load_regime
from baocao.settings import ConfigurationError
from baocao.workflow.sign_off.people import require_deciders

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


def test_an_office_and_a_committee_are_enough_for_every_pack_and_no_file_asks_nothing(tmp_path: Path) -> None:
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
def test_a_decision_that_nobody_can_take_names_file_role_and_cure(
    tmp_path: Path, people: tuple[dict[str, object], ...], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        require_deciders(written(tmp_path, *people), REGIMES)


def test_one_person_may_hold_both_roles_where_the_regime_says_so_in_writing(tmp_path: Path) -> None:
    alone: list[Regime] = [
        r.model_copy(update={"sign_off": SignOff(one_person="Quyết định số 1 của Ủy ban")}) for r in REGIMES
    ]
    require_deciders(written(tmp_path, {**OFFICE, "roles": ["Approver", "Signer"]}), alone)
