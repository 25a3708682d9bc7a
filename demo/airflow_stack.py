"""A real Airflow on loopback, started and stopped as one thing: one process a component, nothing left behind.

`airflow standalone` leaves its children running when it is stopped, and listens on all interfaces; this does neither.

    python -m demo.airflow_stack up --home out/demo/airflow
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from demo.airflow_client import AirflowClient
from demo.people import ROLES, give_roles
from demo.ports import free_ports

ROOT = Path(__file__).resolve().parents[1]
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
# user:role of Airflow's simple auth manager; `user` may answer questions and start runs.
USERS = "admin:admin,operator:op,office:user,committee:user,viewer:viewer"
# Later than every period: nothing is scheduled by the real clock, every run is started by hand with its own time.
NEVER = "2999-01-01"
_MARK = "BAOCAO_STACK"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class StackError(RuntimeError):
    """A component died or did not become healthy; the message carries the end of its log."""


class AirflowStack:
    """Context manager. After entering, `client()` speaks to a healthy Airflow that has parsed every DAG."""

    def __init__(
        self,
        home: Path,
        *,
        dags: Path = ROOT / "dags",
        plugins: Path = ROOT / "plugins",
        port: int | None = None,
        components: Sequence[str] = COMPONENTS,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home.resolve()
        self.components = tuple(components)
        ports = free_ports(3)
        self.port = port or ports[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self._mark = secrets.token_hex(8)
        self.users = dict(u.split(":") for u in os.environ.get("BAOCAO_DEMO_USERS", USERS).split(","))
        self.env = {**_clean_environment(), **self._settings(dags, plugins, ports), **(env or {}), _MARK: self._mark}
        self.passwords: dict[str, str] = {}
        self.fixed_passwords: dict[str, str] = {}
        """Of users that another auth manager keeps; empty: the simple auth manager's are made here."""
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def _settings(self, dags: Path, plugins: Path, ports: list[int]) -> dict[str, str]:
        """The environment of every component: its own folders and ports, new keys, little waiting."""

        def key() -> str:
            return secrets.token_hex(32)

        section = {
            "CORE__DAGS_FOLDER": dags, "CORE__PLUGINS_FOLDER": plugins, "CORE__LOAD_EXAMPLES": False,
            "CORE__PARALLELISM": 3, "CORE__DAGS_ARE_PAUSED_AT_CREATION": False,
            "CORE__FERNET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "CORE__DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{u}:{r}" for u, r in self.users.items()),
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": self._password_file,
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home / 'airflow.db'}",
            "API__HOST": "127.0.0.1", "API__PORT": self.port, "API__BASE_URL": self.url, "API__WORKERS": 1,
            "API__SECRET_KEY": key(), "API_AUTH__JWT_SECRET": key(),
            "API__EXPOSE_CONFIG": False,
            # Quick on a small machine: no second of sleep between two steps of a chain.
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": 0.2, "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": 2,
            "SCHEDULER__USE_JOB_SCHEDULE": True,
            "DAG_PROCESSOR__REFRESH_INTERVAL": 30, "DAG_PROCESSOR__PARSING_PROCESSES": 1,
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 60,
            "TRIGGERER__CAPACITY": 20,
            # A worker that misses the end of its task looks again after this many seconds (default 5). Until it has
            # seen the end of a task that parked itself, nobody may answer: see AirflowClient.wait_for_question.
            "WORKERS__MIN_HEARTBEAT_INTERVAL": 1,
            # Two Airflows on one machine would fight for the fixed ports of the log servers.
            "LOGGING__WORKER_LOG_SERVER_PORT": ports[1], "LOGGING__TRIGGER_LOG_SERVER_PORT": ports[2],
        }  # fmt: skip
        return {
            "AIRFLOW_HOME": str(self.home),
            **{f"AIRFLOW__{name}": str(value) for name, value in section.items()},
            "BAOCAO_ROOT": str(ROOT),
            "BAOCAO_SCHEDULE_FROM": os.environ.get("BAOCAO_SCHEDULE_FROM", NEVER),
        }

    @property
    def _password_file(self) -> Path:
        return self.home / "passwords.json"

    def client(self, user: str = "admin") -> AirflowClient:
        """A client with the login of `user`, one of `users`."""
        return AirflowClient(self.url, user, self.passwords[user], scheduler_log=self._log("scheduler"))

    # --- life
    def __enter__(self) -> AirflowStack:
        try:
            self.start()
        # Ctrl+C as well: nobody calls `__exit__` when `__enter__` has raised.
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, timeout: float = 300) -> None:
        """Migrate the database, start the components, wait until all are healthy and every DAG is parsed.

        Raises StackError with the end of the log of the component that failed.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        self._write_passwords()
        (self.home / "logs").mkdir(exist_ok=True)
        self._run_once("db", "migrate")
        for component in self.components:
            self._processes[component] = self._spawn(component)
        self._wait_until_healthy(time.monotonic() + timeout)
        # Airflow makes the part that tasks speak to at its first request, for seconds: now, not under the first task.
        with _DIRECT.open(f"{self.url}/execution/health", timeout=timeout):
            pass

    def _write_passwords(self) -> None:
        known = json.loads(self._password_file.read_text()) if self._password_file.exists() else {}
        known |= self.fixed_passwords
        self.passwords = {user: known.get(user) or secrets.token_urlsafe(12) for user in self.users}
        # Made with its mode before anything is in it.
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(json.dumps(self.passwords))

    def _log(self, component: str) -> Path:
        return self.home / "logs" / f"{component}.log"

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "airflow", *arguments]

    def _run_once(self, *arguments: str) -> None:
        with self._log("-".join(arguments)).open("wb") as log:
            done = subprocess.run(
                self._command(*arguments), env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT
            )
        if done.returncode:
            raise StackError(f"airflow {' '.join(arguments)} failed:\n{self._tail('-'.join(arguments))}")

    def _spawn(self, component: str) -> subprocess.Popen[bytes]:
        # A session of its own, so that `stop` reaches the children of the component too, and Ctrl+C in the terminal
        # none.
        with self._log(component).open("wb") as log:
            return subprocess.Popen(
                self._command(component), env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip

    def _tail(self, name: str, lines: int = 30) -> str:
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self._log(name).read_text(errors="replace").splitlines()[-lines:])
        return ""

    def check(self) -> None:
        """Raises StackError when a component has died."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise StackError(f"{name} ended with {process.returncode}:\n{self._tail(name)}")

    def _wait_until_healthy(self, until: float) -> None:
        waiting = "nothing"
        while time.monotonic() < until:
            self.check()
            waiting = self._not_ready()
            if not waiting:
                return
            time.sleep(0.25)
        logs = "\n".join(f"--- {c}\n{self._tail(c, 15)}" for c in self.components)
        raise StackError(f"Airflow is not ready: {waiting}\n{logs}")

    def _not_ready(self) -> str:
        """What is not ready yet, empty when all is; StackError for a DAG file that cannot be imported."""
        try:
            with _DIRECT.open(f"{self.url}/api/v2/monitor/health", timeout=10) as answer:
                health = json.load(answer)
        except OSError as error:
            return str(error)
        names = {"metadatabase", *(c.replace("-", "_") for c in self.components if c != "api-server")}
        if sick := sorted(n for n in names if (health.get(n) or {}).get("status") != "healthy"):
            return ", ".join(sick)
        client = self.client()
        if errors := client.import_errors():
            raise StackError("\n".join(f"{e['filename']}: {e['stack_trace']}" for e in errors))
        parsed = {dag["relative_fileloc"] for dag in client.dags().values()}
        waiting = sorted(self._dag_files() - parsed)
        return f"not parsed yet: {', '.join(waiting)}" if waiting else ""

    def _dag_files(self) -> set[str]:
        """The files that make a DAG: those about broken packs make none while no pack is broken."""
        folder = Path(self.env["AIRFLOW__CORE__DAGS_FOLDER"])
        return {f.name for f in folder.glob("*.py") if f.name not in {"broken_packs.py", "check_packs.py"}}

    def stop(self, patience: float = 20) -> None:
        """TERM to each component, then KILL to what is left of its group and to every process that carries our mark."""
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + patience
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, until - time.monotonic()))
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pid in self.left_behind():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._processes.clear()

    def left_behind(self) -> list[int]:
        """Process ids that carry this stack's mark in their environment (Linux; empty elsewhere)."""
        needle = f"{_MARK}={self._mark}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if needle in entry.read_bytes().split(b"\0"):
                    found.append(int(entry.parent.name))
        return found


def _clean_environment() -> dict[str, str]:
    """Ours without another Airflow's settings; loopback without proxy; compiled modules are kept, or every start
    would compile Airflow again."""
    env = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("AIRFLOW_", "AIRFLOW__")) and k != "PYTHONDONTWRITEBYTECODE"
    }
    bypass = ",".join(filter(None, (env.get("NO_PROXY") or env.get("no_proxy"), "127.0.0.1", "localhost")))
    return {**env, "NO_PROXY": bypass, "no_proxy": bypass, "GX_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


def sourced(file: Path) -> dict[str, str]:
    """The `BAOCAO_*` settings a shell has after sourcing the file."""
    if not file.is_file():
        raise SystemExit(f"{file}: không có tệp này; hãy chạy `make demo` trước")
    command = ["bash", "-c", 'set -a; . "$1"; env -0', "bash", str(file.resolve())]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    pairs = (line.partition("=") for line in told.split("\0") if line.startswith("BAOCAO_"))
    return {name: value for name, _, value in pairs}


def played_period(env: Mapping[str, str]) -> str:
    """The page, below the desk's first one, of the period that the installation opened last; empty where none is
    open, or no single regime is named."""
    from baocao.store import windows
    from baocao.workflow.installation import Installation

    regime = env.get("BAOCAO_REGIME", "")
    if not regime or "BAOCAO_DATA" not in env:
        return ""
    place = Installation.open({**os.environ, **env})
    try:
        with place.store.read() as conn:
            opened = sorted(windows.open_windows(conn, regime), key=lambda window: window.opened_at)
    finally:
        place.store.close()
    return f"r/{regime}/p/{opened[-1].period}" if opened else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """`up`: start, say where it is and who may log in, run until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m demo.airflow_stack", description=__doc__)
    parser.add_argument("command", choices=["up"])
    parser.add_argument("--home", type=Path, default=ROOT / "out" / "demo" / "airflow")
    parser.add_argument("--port", type=int, default=None, help="a free one is chosen when not given")
    parser.add_argument("--data", type=Path, help="BAOCAO_DATA, the folder with baocao's own data")
    parser.add_argument("--env", type=Path, help="a file of settings to source, such as out/demo/env")
    options = parser.parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    env = sourced(options.env) if options.env else {}
    if options.data:
        env["BAOCAO_DATA"] = str(options.data.resolve())
    if "BAOCAO_DATA" in env and "BAOCAO_PEOPLE_FILE" not in env:
        give_roles(Path(env["BAOCAO_DATA"]))
    print("Đang khởi động Airflow…", flush=True)
    with AirflowStack(options.home, port=options.port, env=env) as stack:
        print(f"Bàn làm việc: {stack.url}/baocao/{played_period(env)}")
        print(f"Airflow:      {stack.url}")
        for user, password in stack.passwords.items():
            print(f"  người dùng {user:<10} mật khẩu {password}   vai {', '.join(ROLES.get(user, ()))}".rstrip())
        print("Nhấn Ctrl+C để dừng.", flush=True)
        while not stopped.wait(2):
            stack.check()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
