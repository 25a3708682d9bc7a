"""The DAG files: they load, they are light, they speak Vietnamese, they carry their manual."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REGIME = "thanh-hoa-drug-programme"
PREFIX = "thanh_hoa_drug_programme"
PREFIXES = (
    PREFIX,
    "hai_phong_anti_trafficking",
    "hai_phong_drug_programme",
    "hai_phong_legal_aid",
    "thuy_nguyen_ward",
)
EXPECTED = {f"{prefix}__{name}" for prefix in PREFIXES for name in ("open_window", "report")} | {
    f"{PREFIX}__ad_hoc",
    "collect_submissions",
    "remind_units",
}
HEAVY = ("pandas", "openpyxl", "great_expectations", "xlsxwriter", "docx", "docxtpl", "python_calamine", "alembic")
# đ, and vowels with a mark that only Vietnamese puts there
VIETNAMESE = re.compile(r"[đĐàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)


def test_every_dag_loads_and_no_other_is_there(bag):
    assert bag.import_errors == {}
    assert set(bag.dags) == EXPECTED


def test_dag_processors_bundle_loader_loads_all_dags():
    """It puts `dags/` on the path, a plain DagBag does not: both ways must work, each in a fresh process."""
    program = (
        "import json; from pathlib import Path\n"
        "from airflow.dag_processing.dagbag import BundleDagBag\n"
        f"folder = Path({str(ROOT / 'dags')!r})\n"
        "bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name='dags-folder')\n"
        "print(json.dumps([sorted(bag.dags), bag.import_errors]))"
    )
    assert json.loads(_run(program).splitlines()[-1]) == [sorted(EXPECTED), {}]


def test_parsing_the_dag_files_imports_nothing_heavy():
    program = (
        "import json, sys; from airflow.dag_processing.dagbag import DagBag\n"
        f"before = set(sys.modules); DagBag({str(ROOT / 'dags')!r})\n"
        f"print(json.dumps([m for m in {HEAVY!r} if m in set(sys.modules) - before]))"
    )
    assert json.loads(_run(program).splitlines()[-1]) == []


@pytest.mark.parametrize("path", sorted((ROOT / "dags").glob("*.py")), ids=lambda p: p.name)
def test_a_dag_file_is_thin(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert not re.search(r"^(import|from) baocao\b", text, re.MULTILINE), "business code is imported inside tasks"


def test_wrong_pack_breaks_only_its_own_dags(tmp_path):
    """In a copy of the project whose only pack is broken."""
    pack = tmp_path / "include" / "regimes" / REGIME
    pack.mkdir(parents=True)
    (tmp_path / "include" / "reference").mkdir()
    (pack / "regime.yaml").write_text("code: [\n", encoding="utf-8")
    program = (
        "import json; from airflow.dag_processing.dagbag import DagBag\n"
        f"bag = DagBag({str(ROOT / 'dags')!r}); print(json.dumps([sorted(bag.dags), bag.import_errors]))"
    )
    dags, errors = json.loads(_run(program, BAOCAO_ROOT=str(tmp_path)).splitlines()[-1])
    assert dags == ["collect_submissions", "remind_units", f"{PREFIX}__broken_pack"]
    assert [Path(name).name for name in errors] == ["check_packs.py"]
    assert f"{REGIME}/regime.yaml" in next(iter(errors.values()))


def test_calendar_fault_breaks_no_dag_file(tmp_path):
    """The pack itself is right, the holiday table it needs is not: no file of Airflow DAGs may fail over it."""
    pack = tmp_path / "include" / "regimes" / REGIME
    pack.mkdir(parents=True)
    (pack / "regime.yaml").write_bytes((ROOT / "include" / "regimes" / REGIME / "regime.yaml").read_bytes())
    (tmp_path / "include" / "reference").mkdir()
    (tmp_path / "include" / "reference" / "holidays.yaml").write_text("off: 5\n", encoding="utf-8")
    program = (
        "import json; from airflow.dag_processing.dagbag import DagBag\n"
        f"bag = DagBag({str(ROOT / 'dags')!r}); print(json.dumps([sorted(bag.dags), bag.import_errors]))"
    )
    dags, errors = json.loads(_run(program, BAOCAO_ROOT=str(tmp_path)).splitlines()[-1])
    assert dags == ["collect_submissions", "remind_units", f"{PREFIX}__broken_pack"]
    assert [Path(name).name for name in errors] == ["check_packs.py"]
    assert "holidays.yaml" in next(iter(errors.values()))


def test_broken_pack_is_shown_without_hiding_other_regimes(tmp_path):
    """One broken pack beside a whole one, and the stand-in says what is wrong and how it is mended."""
    packs = tmp_path / "include" / "regimes"
    packs.mkdir(parents=True)
    (tmp_path / "include" / "reference").symlink_to(ROOT / "include" / "reference")
    (packs / REGIME).symlink_to(ROOT / "include" / "regimes" / REGIME)
    (packs / "che-do-hong").mkdir()
    (packs / "che-do-hong" / "regime.yaml").write_text("code: [\n", encoding="utf-8")
    program = (
        "import json; from airflow.dag_processing.dagbag import DagBag\n"
        f"bag = DagBag({str(ROOT / 'dags')!r}); dag = bag.dags['che_do_hong__broken_pack']\n"
        "print(json.dumps([sorted(bag.dags), dag.doc_md, sorted(dag.tags), str(dag.schedule)]))"
    )
    dags, manual, tags, schedule = json.loads(_run(program, BAOCAO_ROOT=str(tmp_path)).splitlines()[-1])
    own = {"open_window", "report", "ad_hoc"}
    assert set(dags) == {"collect_submissions", "remind_units", "che_do_hong__broken_pack"} | {
        f"{PREFIX}__{name}" for name in own
    }
    assert "che-do-hong/regime.yaml:" in manual and "baocao regime check che-do-hong" in manual
    assert {"gói hỏng", "regime:che-do-hong"} <= set(tags) and schedule == "None"
    for heading in ("**Làm gì.**", "**Chạy lại.**", "**Khi đỏ.**", "**Tham số khi chạy tay.**"):
        assert heading in manual


def test_names_and_manuals_are_vietnamese(bag):
    for dag in bag.dags.values():
        assert VIETNAMESE.search(dag.dag_display_name), dag.dag_id
        assert VIETNAMESE.search(dag.description), dag.dag_id
        for task in dag.tasks:
            assert VIETNAMESE.search(task.task_display_name), task.task_id


def test_display_names_are_short_and_begin_with_regime(bag):
    from baocao_calendar import regimes

    labels = {regime.dag_prefix: regime.label for regime in regimes()}
    for dag in bag.dags.values():
        label = labels.get(dag.dag_id.partition("__")[0], "")
        assert dag.dag_display_name.startswith(label) and len(dag.dag_display_name) <= 48, dag.dag_display_name
        for task in dag.tasks:
            assert len(task.task_display_name) <= 26, task.task_display_name


def test_manual_leads_to_desk_and_runbook(bag):
    from urllib.parse import unquote

    for dag in bag.dags.values():
        assert len(dag.doc_md.strip().splitlines()) <= 15, dag.dag_id
        assert re.search(r"\[Bàn làm việc\]\([^)]*/baocao/", dag.doc_md), dag.dag_id
        assert "[Sổ tay vận hành](" in dag.doc_md and "](runbook)" not in dag.doc_md
        for label, section in re.findall(r"\[([^\]]+)\]\([^)]*/runbook\?muc=([^)]+)\)", dag.doc_md):
            assert unquote(section) == label
    assert f"/baocao/r/{REGIME})" in bag.dags[f"{PREFIX}__report"].doc_md


def test_regimes_have_own_pools_and_urgent_tasks_priority(bag):
    for dag in bag.dags.values():
        prefix, _, of_regime = dag.dag_id.partition("__")
        for task in dag.tasks:
            assert task.pool == (prefix if of_regime else "default_pool"), (dag.dag_id, task.task_id)
            assert task.weight_rule == "absolute", task.task_id
    weight = {t.task_id: t.priority_weight for t in bag.dags[f"{PREFIX}__report"].tasks}
    sweep = bag.dags["collect_submissions"].get_task("collect").priority_weight
    assert sweep > weight["dispatch"] == weight["issue"] == weight["sign_off.record_signature"] > weight["build"]
    assert weight["collect"] == weight["gate"] == weight["consolidate"] == weight["build"]


def test_assets_connect_submissions_report_and_dispatch(bag):
    report, sweep = bag.dags[f"{PREFIX}__report"], bag.dags["collect_submissions"].get_task("collect")
    came, out = "Thanh Hóa · Ma túy · Bài nộp", "Thanh Hóa · Ma túy · Báo cáo đã ký"
    assert came in [a.name for a in sweep.outlets] and len(sweep.outlets) == len(PREFIXES)
    assert [a.name for a in report.get_task("gate").inlets] == [came]
    assert [a.name for a in report.get_task("issue").outlets] == [out]
    assert [a.name for a in report.get_task("dispatch").inlets] == [out]


def test_task_process_builds_only_its_own_regimes_dag(monkeypatch):
    from baocao_calendar import regimes_to_build

    assert len(regimes_to_build("report")) == len(PREFIXES)
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", f"{PREFIX}__report")
    assert [r.code for r in regimes_to_build("report")] == [REGIME]
    assert regimes_to_build("open_window") == ()


def test_scheduler_preload_imports_modules_without_starting_threads():
    program = (
        f"import json, sys, threading; sys.path.insert(0, {str(ROOT / 'plugins')!r})\n"
        "import baocao_preload; Job = type('Job', (), {})\n"
        "baocao_preload.on_starting(Job()); before = set(baocao_preload._MODULES) & set(sys.modules)\n"
        "sys.argv = ['airflow', 'scheduler']; baocao_preload.on_starting(type('TaskRunnerMarker', (), {})())\n"
        "assert set(baocao_preload._MODULES) & set(sys.modules) == before; baocao_preload.on_starting(Job())\n"
        "print(json.dumps([sorted(set(baocao_preload._MODULES) - set(sys.modules)), threading.active_count()]))"
    )
    assert json.loads(_run(program).splitlines()[-1]) == [[], 1]


def test_dag_manuals_have_every_heading_and_task(bag):
    for dag in bag.dags.values():
        for heading in ("**Làm gì.**", "**Chạy lại.**", "**Khi đỏ.**", "**Tham số khi chạy tay.**"):
            assert heading in dag.doc_md, (dag.dag_id, heading)
        asked = {"sign_off.standing_office", "sign_off.committee"}
        for task_id in set(dag.task_ids) - asked:
            name = task_id.removeprefix("sign_off.")
            name = "returned_by_…" if name.startswith("returned_by") else name
            assert f"`{name}`" in dag.doc_md, (dag.dag_id, task_id)


def test_the_roads_of_the_report(bag):
    dag = bag.dags[f"{PREFIX}__report"]
    downstream = {t.task_id: set(t.downstream_task_ids) for t in dag.tasks}
    assert downstream["collect"] == {"gate"}
    assert downstream["gate"] == {"consolidate"}
    assert downstream["consolidate"] == {"build"}
    assert "sign_off.standing_office" in downstream["build"]
    assert {"sign_off.committee", "sign_off.returned_by_standing_office"} <= downstream["sign_off.record_approval"]
    assert {"issue", "sign_off.returned_by_committee"} <= downstream["sign_off.record_signature"]
    assert downstream["issue"] == {"signed_copy"} and downstream["signed_copy"] == {"dispatch"}
    assert downstream["dispatch"] == set(), "nothing comes after dispatch: a green run is a report that was sent"


def test_no_question_has_a_default_answer_or_lapses(bag):
    for name in ("standing_office", "committee"):
        question = bag.dags[f"{PREFIX}__report"].get_task(f"sign_off.{name}")
        assert question.defaults is None
        assert question.response_timeout is None
        assert question.execution_timeout is None
        for field, param in question.params.items():
            # A plain string that is empty keeps the buttons of Airflow's page disabled.
            assert "null" in question.params.get_param(field).schema["type"], (field, param)


def test_every_task_alarms_and_only_transient_faults_retry(bag):
    for dag in bag.dags.values():
        for task in dag.tasks:
            assert task.on_failure_callback, task.task_id
    tries = {t.task_id: t.retries for t in bag.dags[f"{PREFIX}__report"].tasks}
    assert tries["gate"] == 0
    assert tries["sign_off.record_signature"] == tries["sign_off.returned_by_committee"] == 0
    assert tries["collect"] > 0 and tries["dispatch"] > 0


def test_sweeps_never_overlap_and_never_catch_up(bag):
    for name in ("collect_submissions", "remind_units"):
        assert bag.dags[name].max_active_runs == 1
        assert bag.dags[name].catchup is False


def test_waiting_report_does_not_block_the_next_period(bag):
    assert bag.dags[f"{PREFIX}__report"].max_active_runs > 1


def test_every_working_task_has_a_limit(bag):
    for dag in bag.dags.values():
        for task in dag.tasks:
            if task.task_id.endswith((".standing_office", ".committee")):
                continue
            assert timedelta() < task.execution_timeout <= timedelta(hours=2), task.task_id


def _run(program: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_sweep_with_undelivered_mail_is_red():
    from airflow.sdk.exceptions import AirflowFailException
    from baocao_runs import require_all_done

    assert require_all_done({"sent": 1, "mail_trouble": "", "failed": []})["sent"] == 1
    with pytest.raises(RuntimeError, match="421"):
        require_all_done({"mail_trouble": "421 bận", "failed": []})
    with pytest.raises(AirflowFailException, match="che-do-hong"):
        require_all_done({"mail_trouble": "", "failed": ["che-do-hong"]})


def test_dispatch_fails_while_a_recipient_is_open():
    from baocao_runs import require_handed_over

    assert require_handed_over({"status": "DISPATCHED", "open": []})
    with pytest.raises(RuntimeError, match="bo-cong-an"):
        require_handed_over({"status": "SIGNED", "open": ["bo-cong-an bị từ chối: 550"]})
