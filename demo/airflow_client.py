"""A small client of Airflow's REST API: log in, start a run, wait, answer a question put to a person."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

# Loopback is never reached through a proxy, whatever the environment says.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
FINISHED = frozenset({"success", "failed", "upstream_failed", "skipped", "removed"})


class ApiError(RuntimeError):
    """Airflow refused or failed; carries the HTTP status and what Airflow said."""

    def __init__(self, method: str, path: str, status: int, answer: str) -> None:
        super().__init__(f"{method} {path}: {status} {answer[:2000]}")
        self.status = status


class RunFailedError(RuntimeError):
    """A run or task ended otherwise than wanted; the message lists the state of every task."""


@dataclass
class AirflowClient:
    """Speaks as one user. `url` is the base of the server, such as `http://127.0.0.1:8080`."""

    url: str
    user: str
    password: str
    pause: float = 0.25
    """Seconds between two looks while waiting."""
    scheduler_log: Path | None = None
    """Of a scheduler on this machine; says when a worker that asked has ended."""
    _token: str = field(default="", repr=False)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded answer. Raises ApiError."""
        if not self._token:
            self._token = self._send("POST", "/auth/token", {"username": self.user, "password": self.password})[
                "access_token"
            ]
        return self._send(method, f"/api/v2{path}", body, {"Authorization": f"Bearer {self._token}"})

    def _send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json", **(headers or {})}, method=method
        )
        try:
            with _DIRECT.open(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise ApiError(method, path, error.code, error.read().decode(errors="replace")) from None
        return json.loads(text) if text else None

    # --- DAGs and runs
    def dags(self) -> dict[str, dict[str, Any]]:
        """The DAGs that were parsed, by id; at most 100."""
        return {d["dag_id"]: d for d in self.request("GET", "/dags?limit=100")["dags"]}

    def import_errors(self) -> list[dict[str, Any]]:
        """The DAG files that could not be imported, each with its stack trace."""
        return self.request("GET", "/importErrors")["import_errors"]

    def trigger(
        self,
        dag_id: str,
        run_id: str | None = None,
        *,
        interval: tuple[datetime, datetime] | None = None,
        conf: Mapping[str, Any] | None = None,
    ) -> str:
        """Start a run and return its id. The logical date is the begin of `interval`, null without one.

        The same run id or logical date twice is a 409 (ApiError): a period has one run.
        """
        body: dict[str, Any] = {"logical_date": None, "conf": dict(conf or {})}
        if run_id is not None:
            body["dag_run_id"] = run_id
        if interval is not None:
            start, end = (moment.astimezone(UTC).isoformat() for moment in interval)
            body |= {"logical_date": start, "data_interval_start": start, "data_interval_end": end}
        return self.request("POST", f"/dags/{dag_id}/dagRuns", body)["dag_run_id"]

    def trigger_period(self, dag_id: str, period: Any, *, as_of: datetime | None = None) -> str:
        """Start the run of a reporting period as the timetable would: run id, logical date and interval are the same.

        Airflow never starts a run whose logical date is in the future: a period that opens after the machine's own
        clock is played without one, and is known by the parameter. `period` is a `baocao.model.period.Period`.
        """
        opened = period.opens_at <= datetime.now(UTC)
        conf = {"period": period.code, **({"as_of": as_of.isoformat()} if as_of else {})}
        interval = (period.opens_at, period.province.due_at) if opened else None
        return self.trigger(dag_id, period.code, interval=interval, conf=conf)

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One DAG run, as the API describes it."""
        return self.request("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id)}")

    def tasks(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """Task id -> state."""
        answer = self.request("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances?limit=100")
        return {t["task_id"]: t["state"] for t in answer["task_instances"]}

    def wait_for_run(self, dag_id: str, run_id: str, *, wanted: str = "success", timeout: float = 600) -> None:
        """Returns when the run is in the wanted state; RunFailedError when it ends in another one."""
        self._wait(
            lambda: self.run(dag_id, run_id)["state"], wanted, {"success", "failed"}, (dag_id, run_id, None), timeout
        )

    def wait_for_task(self, dag_id: str, run_id: str, task_id: str, wanted: str, *, timeout: float = 600) -> None:
        """Returns when the task is in the wanted state; RunFailedError when it or the run ends in another one."""
        self._wait(
            lambda: self.tasks(dag_id, run_id).get(task_id), wanted, FINISHED, (dag_id, run_id, task_id), timeout
        )

    def wait_for_question(self, dag_id: str, run_id: str, task_id: str, *, timeout: float = 600) -> None:
        """Returns when a person can answer the task.

        The worker that asked must have ended, and the scheduler must know: Airflow 3.3.2 fails a task that is answered
        earlier (its executor then reports an end that fits no state), and the API does not show when that is. The
        worker ends within one `[workers] min_heartbeat_interval` (1 s in the stacks of this project). The scheduler's
        log has a line about it; without that log some seconds are waited.
        """
        self.wait_for_task(dag_id, run_id, task_id, "awaiting_input", timeout=timeout)
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}"
        attempt = self.request("GET", path)["try_number"]
        key = f"dag_id='{dag_id}', task_id='{task_id}', run_id='{run_id}', try_number={attempt},"
        told = re.compile(rf"Received executor event with state success for task instance .*{re.escape(key)}")
        until = time.monotonic() + (60.0 if self.scheduler_log else 5.0)
        while time.monotonic() < until:
            if self.scheduler_log and told.search(self.scheduler_log.read_text(errors="replace")):
                return
            time.sleep(self.pause)

    def _wait(self, state_of: Any, wanted: str, final: Collection[str], what: tuple[Any, ...], timeout: float) -> None:
        until = time.monotonic() + timeout
        while (state := state_of()) != wanted:
            late = time.monotonic() > until
            if state in final or late:
                dag_id, run_id, task_id = what
                name = " ".join(str(w) for w in (dag_id, run_id, task_id) if w)
                reason = f"still {state} after {timeout:.0f} s" if late else f"ended {state}"
                raise RunFailedError(f"{name}: {reason}, wanted {wanted}; tasks: {self.tasks(dag_id, run_id)}")
            time.sleep(self.pause)

    def clear(self, dag_id: str, run_id: str, task_ids: Collection[str], *, downstream: bool = True) -> None:
        """Run tasks again, and by default all that follow from them."""
        body = {
            "dry_run": False, "dag_run_id": run_id, "task_ids": list(task_ids), "only_failed": False,
            "include_downstream": downstream, "reset_dag_runs": True,
        }  # fmt: skip
        self.request("POST", f"/dags/{dag_id}/clearTaskInstances", body)

    # --- questions put to a person
    def questions(self) -> list[dict[str, Any]]:
        """All questions that wait for an answer."""
        query = urlencode({"response_received": "false", "limit": 100})
        return self.request("GET", f"/dags/~/dagRuns/~/hitlDetails?{query}")["hitl_details"]

    def answer(
        self, dag_id: str, run_id: str, task_id: str, option: str, given: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Answer as this user. Fields not given keep the value the form shows; ApiError 409 on a second answer."""
        # -1 is the map index of a task that is not mapped.
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}/-1/hitlDetails"
        fields = self.request("GET", path)["params"]
        shown = {n: f.get("value") if isinstance(f, dict) else f for n, f in fields.items()}
        if unknown := set(given or ()) - set(shown):
            raise ValueError(f"{task_id} asks for {sorted(shown)}, not for {sorted(unknown)}")
        return self.request("PATCH", path, {"chosen_options": [option], "params_input": {**shown, **(given or {})}})
