"""The verbs of the workflow as the DAGs know them, without a workflow behind: they remember how they were called.

This module stands in the place of every module in `STANDS_FOR`. In one process the calls are in `CALLS`; across the
processes of a real Airflow they are lines of `FAKE_VERBS_LOG`.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from baocao.model.period import Period, Request
from baocao.settings import ConfigurationError

STANDS_FOR = tuple(
    f"baocao.workflow.{name}"
    for name in (
        "process",
        "auditing.clock",
        "consolidating.drafting",
        "periods.special",
        "periods.windows",
        "reports.attaching",
        "reports.building",
        "reports.dispatching",
        "reports.issuing",
        "sign_off.people",
        "sign_off.signing",
        "sign_off.summary",
        "status.overview",
        "status.progress",
        "sweeps.collecting",
        "sweeps.reminding",
    )
)
CALLS: list[tuple[str, dict[str, Any]]] = []
FAULTS: dict[str, list[Exception]] = {}
"""Verb -> what it raises at its next calls, one after the other."""
_SHA = "ab" * 32
REPORT_STATUS: str | None = "FROZEN"
DISPATCH_STATUS = "DISPATCHED"
MAIL_TROUBLE = ""
FAILED_REGIMES: list[str] = []


def _called(verb: str, **facts: Any) -> None:
    CALLS.append((verb, facts))
    if log := os.environ.get("FAKE_VERBS_LOG"):
        with Path(log).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps([verb, facts], default=str, ensure_ascii=False) + "\n")
    if FAULTS.get(verb):
        raise FAULTS[verb].pop(0)


def verbs_called() -> list[str]:
    return [verb for verb, _ in CALLS]


def last(verb: str) -> dict[str, Any]:
    return next(facts for called, facts in reversed(CALLS) if called == verb)


def open_window(place: object, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    _called("open_window", regime=regime, period=period, as_of=as_of)
    return {"units": 172}


def begin_window(place: object, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    _called("begin_window", regime=regime, period=period, as_of=as_of)
    return {"waiting": ["14755", "14758", "14797", "14803", "15001"]}


def in_chunks(units: list[str]) -> list[list[str]]:
    return [units[i : i + 2] for i in range(0, len(units), 2)]


def write_blanks(place: object, regime: str, period: str, units: list[str], as_of: datetime) -> dict[str, Any]:
    _called("write_blanks", regime=regime, period=period, units=list(units), as_of=as_of)
    return {"blanks": len(units)}


def collect(place: object, as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    _called("collect", as_of=as_of, regime=regime)
    return {"accepted": 0}


def remind(place: object, as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    _called("remind", as_of=as_of, regime=regime)
    return {"sent": 0, "mail_trouble": MAIL_TROUBLE, "failed": FAILED_REGIMES}


def gate(place: object, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    _called("gate", regime=regime, period=period, as_of=as_of)
    _held_up(regime)
    return {"agrees": True}


def _held_up(regime: str) -> None:
    """While a file `held_<regime>` lies beside the log, the regime's work hangs; two minutes at most."""
    held, until = _beside_the_log(f"held_{regime}"), time.monotonic() + 120
    while held is not None and held.exists() and time.monotonic() < until:
        time.sleep(0.2)


def consolidate(place: object, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    _called("consolidate", regime=regime, period=period, as_of=as_of)
    return {"report_id": report_of(period), "version": 1 + verbs_called().count("sign")}


def build(place: object, report_id: int, as_of: datetime) -> dict[str, Any]:
    _called("build", report_id=report_id, as_of=as_of)
    return {"report_id": report_id, "content_sha256": _SHA, "status": "FROZEN"}


def report_summary(place: object, report_id: int) -> dict[str, Any]:
    return {"subject": "Báo cáo thử", "body": "**163/166** đơn vị", "content_sha256": _SHA}


def approve(
    place: object,
    report_id: int,
    content_sha256: str,
    decision: str,
    by: str,
    note: str,
    as_of: datetime,
    user: str = "",
    *,
    knowingly: bool = False,
) -> dict[str, Any]:
    facts = {name: value for name, value in locals().items() if name != "place"}
    _called("approve", **facts)
    return {"status": "APPROVED"}


def sign(
    place: object,
    report_id: int,
    content_sha256: str,
    decision: str,
    by: str,
    as_of: datetime,
    number: str | None = None,
    symbol: str | None = None,
    signed_on: str | None = None,
    signer: str | None = None,
    signer_title: str | None = None,
    note: str = "",
    user: str = "",
    *,
    knowingly: bool = False,
) -> dict[str, Any]:
    facts = {name: value for name, value in locals().items() if name != "place"}
    _called("sign", **facts)
    return {"status": "SIGNED"}


def progress(place: object, regime: str, period: str) -> dict[str, Any]:
    return {}


def progress_line(facts: dict[str, Any]) -> str:
    return "Tiếp nhận 163/166 · trễ hạn 6"


def accepted_by_regime(place: object) -> dict[str, int]:
    told = _beside_the_log("accepted")
    return {"thanh-hoa-drug-programme": int(told.read_text()) if told and told.exists() else 163}


DECIDED: dict[str, dict[str, Any]] = {}
"""Role -> the decision that is recorded already."""
ASKED: dict[str, list[dict[str, str]]] = {}
"""Role -> whom a question is for."""


def decision_of(place: object, report_id: int, role: str) -> dict[str, Any] | None:
    return DECIDED.get(role)


def report_of(period: str) -> int:
    """The report of a period on the real stack, where several wait for their questions."""
    return sum(map(ord, period)) if os.environ.get("FAKE_VERBS_LOG") else 7


def newer_version(place: object, report_id: int) -> int | None:
    """Somebody made a version elsewhere: of the report that the file `newer` beside the log names, once."""
    told = _beside_the_log("newer")
    if told is None or not told.exists() or told.read_text() != str(report_id):
        return None
    told.unlink()
    return 2


def _beside_the_log(name: str) -> Path | None:
    log = os.environ.get("FAKE_VERBS_LOG")
    return Path(log).with_name(name) if log else None


def assigned_users(place: object, regime: str, role: str) -> list[dict[str, str]]:
    return ASKED.get(role, [])


SIGNED_COPY: list[bool] = []
"""What the next looks for the signed copy find; then it is there."""


def issue(place: object, report_id: int, as_of: datetime) -> dict[str, Any]:
    _called("issue", report_id=report_id, as_of=as_of)
    return {"report_id": report_id, "files": {}}


def signed_copy_state(place: object, report_id: int) -> dict[str, Any]:
    ready = SIGNED_COPY.pop(0) if SIGNED_COPY else True
    return {"ready": ready, "why": "" if ready else "chưa gắn", "said": ""}


def dispatch(place: object, report_id: int, as_of: datetime) -> dict[str, Any]:
    _called("dispatch", report_id=report_id, as_of=as_of)
    return {
        "status": DISPATCH_STATUS,
        "open": [] if DISPATCH_STATUS == "DISPATCHED" else ["bo-cong-an bị từ chối: 550"],
    }


def deadline_alarm(place: object, regime: str, period: str, text: str, as_of: datetime) -> dict[str, Any]:
    _called("deadline_alarm", regime=regime, period=period, text=text, as_of=as_of)
    return {"outbox_id": 1}


class _NoInstallation:
    def period(self, regime: str, code: str) -> Period:
        """Outside the calendar nothing stands here but REHEARSALS."""
        if code in REHEARSALS:
            return REHEARSALS[code]
        raise ConfigurationError(f"Không có kỳ {code!r}")


REHEARSALS: dict[str, Period] = {}


def installation() -> _NoInstallation:
    return _NoInstallation()


def require_plausible_time(place: object, as_of: datetime, now: datetime) -> None:
    """Not among the calls: every sweep asks it."""
    if FAULTS.get("require_plausible_time"):
        raise FAULTS["require_plausible_time"].pop(0)


def status(place: object, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Stands in for `status.overview.status`."""
    if REPORT_STATUS is None:
        return {"report": None}
    return {"report": {"status": REPORT_STATUS, "dispatched": [{"recipient": "bo-cong-an", "state": "REFUSED"}]}}


REPORT_AFTER = "2099-07-10T23:59:59+07:00"
"""The units' deadline of the ad hoc period, far enough ahead that its report does not run during a test."""


class Days(NamedTuple):
    covers_from: date
    cutoff: date
    unit_before: date
    province_before: date


def request_report(
    place: object, regime: str, request: Request, days: Days, *, by: str, reason: str, as_of: datetime
) -> dict[str, Any]:
    asked = {**asdict(request), **days._asdict(), "by": by, "reason": reason}
    _called("request_report", regime=regime, asked=asked, as_of=as_of)
    return {"code": "2026-DX1", "report_after": REPORT_AFTER}
