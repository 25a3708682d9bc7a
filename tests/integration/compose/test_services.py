"""The composition's services as processes: its own environment, scripts and commands against a PostgreSQL server."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import yaml
from demo.airflow_client import ApiError
from demo.airflow_stack import AirflowStack
from demo.ports import free_port

from servers.needed import present
from servers.postgres import find_binaries, running_server

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "include" / "docker"
sys.path.append(str(SCRIPTS))
from make_secrets import make  # noqa: E402

from baocao.workflow.sign_off.people import read_people  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
BASE = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
CELERY = yaml.safe_load((ROOT / "docker-compose.celery.yaml").read_text(encoding="utf-8"))
BIN = Path(sys.executable).parent
USERS = ("admin", "office", "committee")  # those that include/docker/users.py makes
REPORT = "thanh_hoa_drug_programme__report"


def environment_of(service, secrets):
    """A service's variables as Compose would set them, the secret files in a folder of ours."""
    values = {}
    for key, value in service["environment"].items():
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        values[key] = text.replace("/run/secrets", str(secrets))
    return {k: v for k, v in values.items() if v}


@pytest.fixture(scope="module")
def server():
    """A server of our own, whose superuser is named as in the image: the init script makes the role `baocao`."""
    binaries = present(find_binaries(), "PostgreSQL")
    with tempfile.TemporaryDirectory(prefix="baocao-compose-") as folder, running_server(Path(folder), binaries) as it:
        with psycopg.connect(f"host=127.0.0.1 port={it.port} user=baocao dbname=postgres", autocommit=True) as conn:
            conn.execute("CREATE ROLE postgres SUPERUSER LOGIN")
        with psycopg.connect(f"host=127.0.0.1 port={it.port} user=postgres dbname=postgres", autocommit=True) as conn:
            conn.execute("ALTER ROLE baocao RENAME TO first_superuser")
        yield it


@pytest.fixture(scope="module")
def installation(server, tmp_path_factory):
    """Secrets made, databases made, both schemas migrated, users made: all by the composition's own scripts."""
    home = tmp_path_factory.mktemp("compose")
    secrets = home / "secrets"
    make(secrets)
    for name in ("airflow_db_url", "baocao_db_url", "baocao_app_db_url"):
        path = secrets / name
        path.chmod(0o600)
        path.write_text(path.read_text().replace("@postgres:5432", f"@127.0.0.1:{server.port}"))
    env = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(home),
        "SECRETS_DIR": str(secrets),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "BAOCAO_ROOT": str(ROOT),
        "BAOCAO_DATA": str(home / "data"),
        **environment_of(BASE["services"]["scheduler"], secrets),
        # The folder that the composition mounts.
        "BAOCAO_PACKS": str(ROOT / "include" / "regimes"),
        "BAOCAO_SCHEDULE_FROM": "2999-01-01",
    }
    as_superuser = {**env, "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "POSTGRES_USER": "postgres"}
    _run(["bash", str(SCRIPTS / "databases.sh")], as_superuser)
    _run(["bash", str(SCRIPTS / "migrate.sh")], as_owner(env))
    return env


def as_owner(env):
    """The environment of the one-shot: it alone comes to our database as the owner of the tables."""
    own = environment_of(BASE["services"]["migrate"], env["SECRETS_DIR"])
    return {**env, **{k: v for k, v in own.items() if k.startswith("BAOCAO_DATABASE")}}


def _run(command, env):
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_each_database_is_closed_to_the_others_role(server, installation):
    with psycopg.connect(f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres") as conn:
        owners = dict(
            conn.execute(
                "SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE datname IN ('airflow', 'baocao')"
            ).fetchall()
        )
    assert owners == {"airflow": "airflow", "baocao": "baocao"}
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(f"host=127.0.0.1 port={server.port} user=airflow dbname=baocao")


def test_our_tables_and_airflows_have_separate_databases(server, installation):
    def tables(name):
        with psycopg.connect(f"host=127.0.0.1 port={server.port} user={name} dbname={name}") as conn:
            return {r[0] for r in conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}

    assert {"submission", "report", "event"} <= tables("baocao")
    assert {"dag_run", "ab_user"} <= tables("airflow")
    assert "dag_run" not in tables("baocao")


def test_running_the_migration_again_keeps_the_delegations(installation):
    file = Path(installation["BAOCAO_DATA"]) / "people.yaml"
    people = read_people(file)
    assert {p.name for p in people.holding("Approver", "thanh-hoa-drug-programme")} == {"office"}
    assert {p.name for p in people.holding("Signer", "thanh-hoa-drug-programme")} == {"committee"}
    assert all(p.airflow_id for p in people.people)
    text = file.read_text().replace("- name: office\n", "- name: office\n  os_users: [truc-ban]\n  sso_users: [pc04]\n")
    file.write_text(text)
    assert "Người dùng đã có đủ" in _run(["bash", str(SCRIPTS / "migrate.sh")], as_owner(installation))
    office = read_people(file).named("office")
    assert (office.os_users, office.sso_users, office.regimes) == (("truc-ban",), ("pc04",), ())


def test_a_role_that_nobody_has_stops_the_start(installation):
    file = Path(installation["BAOCAO_DATA"]) / "people.yaml"
    ours = file.read_text()
    try:
        file.write_text("people:\n- {name: office, airflow_id: '2', roles: [Approver]}\n")  # kept by hand
        env = as_owner(installation)
        done = subprocess.run(
            [sys.executable, SCRIPTS / "users.py"], env=env, capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert done.returncode != 0
        assert "chưa ai có vai 'Signer'" in done.stderr and str(file) in done.stderr
        assert file.read_text().startswith("people:")
    finally:
        file.write_text(ours)


def test_airflow_reads_its_secrets_from_the_files(installation):
    value = _run([str(BIN / "airflow"), "config", "get-value", "api_auth", "jwt_secret"], installation)
    assert value.strip().splitlines()[-1] == (Path(installation["SECRETS_DIR"]) / "jwt_secret").read_text()


ANSWER_HELP = """
import contextlib, io, json, sys
from airflow.cli import cli_parser
answers = []
for command in json.loads(sys.argv[1]):
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.suppress(SystemExit):
        cli_parser.get_parser().parse_args([*command, "--help"])
    answers.append(text.getvalue())
print(json.dumps(answers))
"""


def test_every_command_of_the_composition_answers_help(installation):
    """The image's entrypoint puts `airflow` before a command that is not a program."""
    commands = []
    for services in (BASE["services"], CELERY["services"]):
        for service in services.values():
            command = service.get("command")
            if not command or service["image"].startswith(("${POSTGRES", "${MAIL", "${REDIS")):
                continue
            if command[:2] == ["bash", "-c"]:
                # A program of our own, with options that it has.
                program, *options = shlex.split(command[2].removeprefix("exec "))
                answer = _run([str(BIN / program), "--help"], installation)
                assert all(o in answer for o in options if o.startswith("--")), command
            elif command[0] == "bash":
                assert (ROOT / command[1].removeprefix("/opt/baocao/")).is_file()
            else:
                commands.append(command)
    assert sorted(commands) == [["api-server"], ["celery", "worker"], ["dag-processor"], ["scheduler"], ["triggerer"]]
    env = {**installation, "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor"}  # `celery` is a command only then
    answers = json.loads(_run([sys.executable, "-c", ANSWER_HELP, json.dumps(commands)], env).splitlines()[-1])
    for command, answer in zip(commands, answers, strict=True):
        assert " ".join(command) in answer and "--help" in answer, command


def test_services_start_healthy_and_enforce_user_permissions(installation, tmp_path):
    """Web server, scheduler, DAG processor and triggerer under the composition's environment, on free ports."""
    health_port = free_port()
    ours = {k: v for k, v in installation.items() if k not in {"AIRFLOW_HOME", "HOME", "PATH"}}
    ours["PYTHONPATH"] = str(ROOT / "tests" / "dags" / "fake_site")  # the workflow itself is tested elsewhere
    stack = AirflowStack(tmp_path / "airflow", env=ours)
    stack.env |= {
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{stack.url}/execution/",
        "AIRFLOW__API__BASE_URL": stack.url,
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(health_port),
    }
    for plain in ("DATABASE__SQL_ALCHEMY_CONN", "CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET"):
        stack.env.pop(f"AIRFLOW__{plain}")  # a plain variable would win over the secret's file
    secrets = Path(installation["SECRETS_DIR"])
    stack.fixed_passwords = {u: (secrets / f"{u}_password").read_text() for u in USERS}
    with stack:
        assert set(stack.client().dags()) >= {REPORT, "collect_submissions"}
        for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
            _healthcheck(BASE["services"][name], stack, health_port)
        office = stack.client("office")
        assert REPORT in office.dags()
        assert office.questions() == []
        with pytest.raises(ApiError) as refused:
            office.trigger("collect_submissions")
        assert refused.value.status == 403
        for method, path, body in (
            ("GET", "/connections", None),
            ("PATCH", "/dags/collect_submissions", {"is_paused": True}),
            ("POST", f"/dags/{REPORT}/dagRuns", {"logical_date": None}),
        ):
            with pytest.raises(ApiError) as refused:
                office.request(method, path, body)
            assert refused.value.status == 403, path
        _sign_off(stack)
    assert stack.left_behind() == []


def _sign_off(stack):
    """The administrator starts a report; the two signatories, who may do nothing else, answer."""
    admin, run_id = stack.client(), "2026-H1"
    admin.trigger(REPORT, run_id, conf={"period": "2026-H1", "as_of": "2026-06-20T08:00:00+07:00"})
    admin.wait_for_question(REPORT, run_id, "sign_off.standing_office", timeout=300)
    stack.client("office").answer(REPORT, run_id, "sign_off.standing_office", "Duyệt, trình ký")
    admin.wait_for_question(REPORT, run_id, "sign_off.committee", timeout=300)
    given = {"number": "1", "signed_on": "2026-06-23", "signer": "Đại diện đơn vị"}
    stack.client("committee").answer(REPORT, run_id, "sign_off.committee", "Ký ban hành", given)
    admin.wait_for_run(REPORT, run_id, timeout=300)


def _healthcheck(service, stack, health_port):
    kind, *command = service["healthcheck"]["test"]
    if kind == "CMD-SHELL":
        command = shlex.split(command[0].replace("$$", "$").replace("${HOSTNAME}", _hostname()))
    swap = {"http://localhost:8080": stack.url, "http://localhost:8974": f"http://127.0.0.1:{health_port}"}
    for image_address, ours in swap.items():
        command = [part.replace(image_address, ours) for part in command]
    env = {**stack.env, "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def _hostname():
    from airflow.utils.net import get_hostname

    return get_hostname()
