"""The composition as text: consistent in itself, closed to the outside, nothing secret in a variable."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "include" / "docker"))
from make_secrets import add_audit_key, make  # noqa: E402

from baocao.store.trail.keys import AuditKeys  # noqa: E402

BASE = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
OVERLAY = yaml.safe_load((ROOT / "docker-compose.celery.yaml").read_text(encoding="utf-8"))
FILES = pytest.mark.parametrize("compose", ["base", "celery"], indirect=True)


def merged():
    """Base and overlay as Compose merges them: mappings by key, `secrets` lists joined, other lists replaced."""
    services = {name: dict(service) for name, service in BASE["services"].items()}
    for name, extra in OVERLAY["services"].items():
        service = services.setdefault(name, {})
        for key, value in extra.items():
            if key in {"environment", "depends_on"}:
                service[key] = {**service.get(key, {}), **value}
            elif key == "secrets":
                service[key] = [*service.get(key, []), *value]
            else:
                service[key] = value
    return {**BASE, "services": services, "secrets": {**BASE["secrets"], **OVERLAY["secrets"]}}


@pytest.fixture
def compose(request):
    return BASE if request.param == "base" else merged()


def is_one_shot(service):
    return service.get("restart") == "no"


@FILES
def test_every_service_is_watched_or_ends_by_itself(compose):
    for name, service in compose["services"].items():
        assert is_one_shot(service) or service["healthcheck"]["test"], name


@FILES
def test_services_wait_only_for_what_becomes_ready(compose):
    for name, service in compose["services"].items():
        for other, wait in service.get("depends_on", {}).items():
            target = compose["services"][other]
            if wait["condition"] == "service_completed_successfully":
                assert is_one_shot(target), (name, other)
            else:
                assert wait["condition"] == "service_healthy"
                assert "healthcheck" in target, (name, other)


@FILES
def test_only_web_ports_are_published_on_loopback(compose):
    open_ports = {name: s["ports"] for name, s in compose["services"].items() if s.get("ports")}
    assert open_ports == {
        "api-server": ["127.0.0.1:${WEB_PORT:-8080}:8080"],
        "proxy": ["${PORTAL_BIND:-127.0.0.1}:${PORTAL_PORT:-8443}:8443"],
    }
    # Units reach the portal through the proxy alone, and the proxy reaches nothing else of ours.
    assert "inside" not in compose["services"]["proxy"]["networks"]
    assert compose["networks"]["door"]["internal"] is True
    for name, service in compose["services"].items():
        assert service.get("network_mode") is None, name
    for name in ("postgres", "mail"):
        assert compose["services"][name]["networks"] == ["inside"]
    assert compose["networks"]["inside"]["internal"] is True


@FILES
def test_every_secret_is_made_and_mounted_where_read(compose, tmp_path):
    made = set(make(tmp_path / "secrets"))
    for name, secret in compose["secrets"].items():
        assert secret["file"] == f"./secrets/{name}"
        assert name in made
    for name, service in compose["services"].items():
        mounted = set(service.get("secrets", []))
        assert mounted <= set(compose["secrets"]), name
        read = set(
            re.findall(r"/run/secrets/(\w+)", str(service.get("environment", {})) + str(service.get("command", "")))
        )
        assert read <= mounted, (name, read - mounted)


@FILES
def test_nothing_secret_stands_in_a_variable(compose):
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|_KEY|SQL_ALCHEMY_CONN|DATABASE_URL|BROKER_URL|RESULT_BACKEND", key):
                assert key.endswith(("_FILE", "_CMD")), (name, key)
                assert "/run/secrets/" in value, (name, key)


@FILES
def test_every_image_has_a_version(compose):
    for name, service in compose["services"].items():
        image = re.sub(r"\$\{\w+:-(.+)\}", r"\1", service["image"])
        assert re.search(r":\w*\d+\.\d+(\.\d+)?$", image), (name, image)


def test_every_variable_is_explained_in_the_example():
    files = (ROOT / name for name in ("docker-compose.yaml", "docker-compose.celery.yaml"))
    used = {name for f in files for name in re.findall(r"(?<!\$)\$\{(\w+):-", f.read_text(encoding="utf-8"))}
    example = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert used == example


def test_portal_trusts_its_proxy_and_lacks_airflow_secrets():
    portal = BASE["services"]["portal"]
    (subnet,) = BASE["networks"]["door"]["ipam"]["config"]
    assert portal["environment"]["BAOCAO_PORTAL_PROXIES"] == subnet["subnet"]
    assert set(portal["secrets"]) == {"baocao_app_db_url", "audit_key", "web_key"}
    assert not [name for name in portal["environment"] if name.startswith("AIRFLOW")]
    shared = BASE["services"]["scheduler"]["environment"]
    # Both write letters, with the same link, the same reply address, the same hint, and ask the same scanner.
    names = {n for n in shared if n.startswith("BAOCAO_") and re.search("MAIL|SMTP|IMAP|HINT|CLAMD|WEB_KEY|PORTAL", n)}
    assert len(names) == 10
    assert {n: portal["environment"].get(n) for n in names} == {n: shared[n] for n in names}
    rules = (ROOT / "include" / "docker" / "Caddyfile").read_text(encoding="utf-8")
    assert "reverse_proxy {$PORTAL_UPSTREAM:portal:8090}" in rules


def test_airflow_services_share_one_environment():
    services = merged()["services"]
    wanted = services["scheduler"]["environment"]
    for name in ("api-server", "dag-processor", "triggerer"):
        assert services[name]["environment"] == wanted, name
    # What a worker does not use, it is not given.
    only_others = {"CORE__PARALLELISM", "CORE__DAGS_ARE_PAUSED_AT_CREATION", "API__EXPOSE_CONFIG",
                   "SCHEDULER__ENABLE_HEALTH_CHECK", "DAG_PROCESSOR__REFRESH_INTERVAL"}  # fmt: skip
    assert services["worker"]["environment"] == {
        **{k: v for k, v in wanted.items() if k.removeprefix("AIRFLOW__") not in only_others},
        "DUMB_INIT_SETSID": "0",
    }


def test_the_image_is_the_airflow_that_was_tested():
    lock = (ROOT / "uv.lock").read_text(encoding="utf-8")
    locked = re.search(r'name = "apache-airflow"\nversion = "([^"]+)"', lock).group(1)
    image = re.search(r"^ARG AIRFLOW_IMAGE=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE).group(1)
    assert image.startswith(f"apache/airflow:slim-{locked}-python3.")


def test_dockerignore_lets_through_what_the_image_copies():
    copied = set(re.findall(r"^COPY --chown=\S+ (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    names = {name for line in copied for name in line.split()}
    let_through = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert names == let_through
    for name in names:
        assert (ROOT / name).exists(), name


def test_secrets_are_random_closed_to_others_and_kept(tmp_path):
    folder = tmp_path / "secrets"
    first = make(folder)
    values = {name: (folder / name).read_text() for name in first}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE((folder / name).stat().st_mode) == 0o444 for name in first)
    assert len(set(values.values())) == len(values)
    assert values["airflow_db_password"] in values["airflow_db_url"]
    assert make(folder) == []
    assert {name: (folder / name).read_text() for name in first} == values
    other = tmp_path / "other"
    make(other)
    assert all((other / name).read_text() != value for name, value in values.items())


def test_audit_keys_are_added_in_the_mounted_file(tmp_path):
    make(tmp_path)
    file = tmp_path / "audit_key"
    first, mounted = AuditKeys(file, make=False).current, file.stat().st_ino
    for _ in range(2):
        add_audit_key(tmp_path)
    known = AuditKeys(file, make=False).known
    assert (known[0].id, len({k.id for k in known})) == (first.id, 3)
    assert (file.stat().st_ino, stat.S_IMODE(file.stat().st_mode)) == (mounted, 0o444)


@FILES
def test_compose_itself_accepts_the_files(compose, request, tmp_path):
    command = _compose_command()
    if command is None:
        pytest.skip("neither `docker compose` nor `docker-compose` is installed")
    for name in ("docker-compose.yaml", "docker-compose.celery.yaml", ".env.example"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    make(tmp_path / "secrets")
    files = ["-f", "docker-compose.yaml"]
    if compose is not BASE:
        files += ["-f", "docker-compose.celery.yaml"]
    done = subprocess.run([*command, *files, "config"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(compose["services"])


def _compose_command():
    for command in (["docker", "compose"], ["docker-compose"]):
        if (
            shutil.which(command[0])
            and not subprocess.run([*command, "version"], capture_output=True, check=False).returncode
        ):
            return command
    return None


def test_folder_overlay_only_replaces_the_inbox():
    overlay = yaml.safe_load((ROOT / "docker-compose.folder.yaml").read_text(encoding="utf-8"))["services"]
    assert set(overlay) <= set(BASE["services"])
    (changed,) = overlay.values()
    host, _, inside = changed["volumes"][-1].partition(":")
    assert changed["environment"]["BAOCAO_INBOX"] == inside and host.startswith("./")


def test_mail_passwords_reach_every_service_that_uses_mail():
    more = yaml.safe_load((ROOT / "docker-compose.mail.yaml").read_text(encoding="utf-8"))
    for name, service in more["services"].items():
        assert "BAOCAO_IMAP_URL" in BASE["services"][name]["environment"]
        assert set(service["secrets"]) == set(more["secrets"])
    assert set(more["services"]) >= {"scheduler", "portal"}
    told = (ROOT / "docker-compose.mail.yaml").read_text(encoding="utf-8")
    for name in more["secrets"]:
        assert f"password_file=/run/secrets/{name}" in told and more["secrets"][name]["file"] == f"./secrets/{name}"
