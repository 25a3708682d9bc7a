"""The verbs of the workflow as the DAGs know them, without a workflow behind: they remember how they were called.

In one process the calls are in `CALLS`; across the processes of a real Airflow they are lines of `FAKE_VERBS_LOG`.
"""

from __future__ import annotations

import json
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from baocao.settings import ConfigurationError

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


def open_window(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    _called("open_window", regime=regime, period=period, as_of=as_of)
    return {"units": 172}


def begin_window(regime: str, period: str, as_of: datetime) -> list[list[str]]:
    _called("begin_window", regime=regime, period=period, as_of=as_of)
    return [["14755", "14758"], ["14797", "14803"], ["15001"]]


def write_blanks(regime: str, period: str, units: list[str], as_of: datetime) -> dict[str, Any]:
    _called("write_blanks", regime=regime, period=period, units=list(units), as_of=as_of)
    return {"blanks": len(units)}


def collect(as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    _called("collect", as_of=as_of, regime=regime)
    return {"accepted": 0}


def remind(as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    _called("remind", as_of=as_of, regime=regime)
    return {"sent": 0, "mail_trouble": MAIL_TROUBLE, "failed": FAILED_REGIMES}


def gate(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    _called("gate", regime=regime, period=period, as_of=as_of)
    _held_up(regime)
    return {"agrees": True}


def _held_up(regime: str) -> None:
    """While a file `held_<regime>` lies beside the log, the regime's work hangs; two minutes at most."""
    held, until = _beside_the_log(f"held_{regime}"), time.monotonic() + 120
    while held is not None and held.exists() and time.monotonic() < until:
        time.sleep(0.2)


def consolidate(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    _called("consolidate", regime=regime, period=period, as_of=as_of)
    return {"report_id": report_of(period), "version": 1 + verbs_called().count("sign")}


def build(regime: str, period: str, report_id: int, as_of: datetime) -> dict[str, Any]:
    _called("build", regime=regime, period=period, report_id=report_id, as_of=as_of)
    return {"report_id": report_id, "content_sha256": _SHA, "status": "FROZEN"}


def report_summary(report_id: int) -> dict[str, Any]:
    return {"subject": "Báo cáo thử", "body": "**163/166** đơn vị", "content_sha256": _SHA}


def approve(
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
    facts = dict(locals())
    _called("approve", **facts)
    return {"status": "APPROVED"}


def sign(
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
    facts = dict(locals())
    _called("sign", **facts)
    return {"status": "SIGNED"}


def progress_line(regime: str, period: str) -> str:
    return "Tiếp nhận 163/166 · trễ hạn 6"


def accepted_by_regime() -> dict[str, int]:
    told = _beside_the_log("accepted")
    return {"thanh-hoa-drug-programme": int(told.read_text()) if told and told.exists() else 163}


DECIDED: dict[str, dict[str, Any]] = {}
"""Role -> the decision that is recorded already."""
ASKED: dict[str, list[dict[str, str]]] = {}
"""Role -> whom a question is for."""


def decision_of(report_id: int, role: str) -> dict[str, Any] | None:
    return DECIDED.get(role)


def report_of(period: str) -> int:
    """The report of a period on the real stack, where several wait for their questions."""
    return sum(map(ord, period)) if os.environ.get("FAKE_VERBS_LOG") else 7


def newer_version(report_id: int) -> int | None:
    """Somebody made a version elsewhere: of the report that the file `newer` beside the log names, once."""
    told = _beside_the_log("newer")
    if told is None or not told.exists() or told.read_text() != str(report_id):
        return None
    told.unlink()
    return 2


def _beside_the_log(name: str) -> Path | None:
    log = os.environ.get("FAKE_VERBS_LOG")
    return Path(log).with_name(name) if log else None


def asked(regime: str, role: str) -> list[dict[str, str]]:
    return ASKED.get(role, [])


SIGNED_COPY: list[bool] = []
"""What the next looks for the signed copy find; then it is there."""


def issue(regime: str, period: str, report_id: int, as_of: datetime) -> dict[str, Any]:
    _called("issue", regime=regime, period=period, report_id=report_id, as_of=as_of)
    return {"report_id": report_id, "files": {}}


def signed_copy_state(regime: str, period: str, report_id: int) -> dict[str, Any]:
    ready = SIGNED_COPY.pop(0) if SIGNED_COPY else True
    return {"ready": ready, "why": "" if ready else "chưa gắn", "said": ""}


def dispatch(regime: str, period: str, report_id: int, as_of: datetime) -> dict[str, Any]:
    _called("dispatch", regime=regime, period=period, report_id=report_id, as_of=as_of)
    return {
        "status": DISPATCH_STATUS,
        "open": [] if DISPATCH_STATUS == "DISPATCHED" else ["bo-cong-an bị từ chối: 550"],
    }


def deadline_alarm(regime: str, period: str, text: str, as_of: datetime) -> dict[str, Any]:
    _called("deadline_alarm", regime=regime, period=period, text=text, as_of=as_of)
    return {"outbox_id": 1}


def installation() -> None:
    """The fake overview needs no installation."""


def status(place: None, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Stands in for `baocao.workflow.status.overview.status`."""
    if REPORT_STATUS is None:
        return {"report": None}
    return {"report": {"status": REPORT_STATUS, "dispatched": [{"recipient": "bo-cong-an", "state": "REFUSED"}]}}


REPORT_AFTER = "2099-07-10T23:59:59+07:00"
"""The units' deadline of the ad hoc period, far enough ahead that its report does not run during a test."""


def request_report(regime: str, asked: dict[str, Any], as_of: datetime) -> dict[str, Any]:
    _called("request_report", regime=regime, asked=asked, as_of=as_of)
    return {"code": "2026-DX1", "report_after": REPORT_AFTER}


def find_period(regime: str, code: str) -> None:
    """No period stands outside the calendar here."""
    raise ConfigurationError(f"Không có kỳ {code!r}")


def current_period(regime: str, as_of: datetime) -> str | None:
    return None
