"""What stands between an answer on Airflow's page and Airflow: an answer that cannot be recorded is refused where it
is given, with every field named, and two people who answer one question at the same moment come one after the other.

Airflow 3.3 validates the chosen option, not the fields of the form; a form cannot say that a field is needed for one
option only; and of two answers at once it takes both with 200 and keeps one (it reads the question before it locks it).
So answers pass through here first: the second finds the first, and its sender is told so.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

APPROVE, SIGN, RETURN = "Duyệt, trình ký", "Ký ban hành", "Trả lại"
NEEDED = {
    SIGN: {"number": "Số văn bản", "signed_on": "Ngày ký", "signer": "Họ và tên người ký"},
    RETURN: {"note": "Ý kiến"},
}
"""Option -> the fields that may not stay empty with it. The form cannot say so: it knows no option."""
SHOWN_BY_THE_PAGE = 460
"""Airflow's page puts a fixed English word in place of what is said with a status it knows; of a status it does not
know it shows what is said. RFC 9110, 15: an unknown 4xx is understood as 400."""
TAKEN = (
    "Câu hỏi này vừa có người khác trả lời: câu trả lời của bạn không được ghi nhận. Hãy tải lại trang để xem quyết "
    "định đã ghi. Nếu quyết định của bạn khác, xem mục «Hai người trả lời cùng lúc» trong sổ tay vận hành."
)
NOT_ASKED = (
    "Câu hỏi này không dành cho tài khoản của bạn: câu trả lời không được ghi nhận. Chỉ người giữ vai duyệt hoặc ký "
    "của chế độ báo cáo này được trả lời; xem danh sách phân vai (BAOCAO_PEOPLE_FILE)."
)
_SAID = {403: NOT_ASKED, 409: TAKEN}
"""Status of Airflow's answer -> what is said on its page in place of `Forbidden` and `Conflict`."""
_ANSWER = re.compile(
    r"/dags/(?P<dag>[^/]+)__report/dagRuns/[^/]+/taskInstances/sign_off\.(?:standing_office|committee)/-?\d+/hitlDetails"
)
_LARGEST = 1 << 20


def missing_fields(chosen: list[str], given: Mapping[str, Any]) -> list[str]:
    """The titles of the fields that the chosen option needs and that are empty."""
    needed = {name: title for option in chosen for name, title in NEEDED.get(option, {}).items()}
    return [title for name, title in needed.items() if not str(given.get(name) or "").strip()]


def fault(chosen: list[str], given: Mapping[str, Any]) -> str:
    """Why an answer cannot be recorded whatever the report; empty where nothing is wrong with it.

    What depends on the report (its newest version, the day of its approval) is held by the verbs.
    """
    if lacking := missing_fields(chosen, given):
        return f"Chưa ghi nhận «{', '.join(chosen)}»: còn trống {', '.join(lacking)}. Hãy điền rồi trả lời lại."
    if SIGN not in chosen:
        return ""
    from baocao.delivery.signature_rules import (
        REHEARSED,
        SignatureContext,
        SignatureRefused,
        TypedSignature,
        checked_signature,
    )

    signature = TypedSignature(
        *(given.get(name) for name in ("number", "symbol", "signed_on", "signer", "signer_title"))
    )
    number = str(signature.number).strip()
    try:
        # A run may play another time, so the day is not held against today here.
        checked_signature(
            signature, SignatureContext("BC", "Chủ tịch", date.max, None, rehearsal=number.startswith(REHEARSED))
        )
    except SignatureRefused as error:
        return str(error)
    return ""


class AnswersMiddleware:
    """An ASGI middleware of Airflow's API server; lets everything pass that is no answer to one of our questions."""

    def __init__(self, app: Callable[..., Any], lock_file: Path | None = None) -> None:
        self.app, self._lock_file, self._turn = app, lock_file, asyncio.Lock()

    async def __call__(self, scope: Mapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http" or scope["method"] != "PATCH" or not _ANSWER.search(scope["path"]):
            await self.app(scope, receive, send)
            return
        # The page comes with Airflow's cookie, a program with a bearer token; a program gets the usual status.
        on_page = not any(name == b"authorization" for name, _ in scope["headers"])
        body = await _body(receive)
        if said := _fault_of(body):
            await _refuse(send, SHOWN_BY_THE_PAGE if on_page else 400, said)
            return
        async with self._one_at_a_time():
            await self.app(scope, _again(body), _telling(send) if on_page else send)

    @contextlib.asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        """In this process, and over every process that shares our data."""
        # Waiting here holds no thread; only the one whose turn it is waits in a thread, for the other processes.
        async with self._turn:
            with await asyncio.to_thread(self._locked):
                yield

    def _locked(self) -> contextlib.AbstractContextManager[Any]:
        from baocao.file_lock import locked_file

        if self._lock_file is None:
            from baocao.settings import load_settings

            self._lock_file = load_settings().data / "answers.lock"
        try:
            return locked_file(self._lock_file)
        except OSError:
            # Nobody is kept from signing by a lock: this process alone still lets one pass after the other.
            log.exception("answers: %s", self._lock_file)
            return contextlib.nullcontext()


def _fault_of(body: bytes) -> str:
    """What is wrong with the body of an answer; what is no answer at all is left to Airflow to refuse."""
    if len(body) > _LARGEST:
        return "Câu trả lời dài quá 1 MB; hãy viết ngắn hơn."
    try:
        answer = json.loads(body)
        chosen, given = answer["chosen_options"], answer.get("params_input") or {}
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
    if not isinstance(chosen, list) or not isinstance(given, dict) or not all(isinstance(c, str) for c in chosen):
        return ""
    return fault(chosen, given)


async def _body(receive: Callable[..., Any]) -> bytes:
    """The body, cut a byte behind what is allowed."""
    body, more = b"", True
    while more and len(body) <= _LARGEST:
        message = await receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
    return body[: _LARGEST + 1]


def _again(body: bytes) -> Callable[..., Any]:
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


def _telling(send: Callable[..., Any]) -> Callable[..., Any]:
    """Says on the page why an answer was not taken, in words of ours."""
    replaced = False

    async def forward(message: Mapping[str, Any]) -> None:
        nonlocal replaced
        if message["type"] == "http.response.start" and message["status"] in _SAID:
            replaced = True
            await _refuse(send, SHOWN_BY_THE_PAGE, _SAID[message["status"]])
        elif not replaced:
            await send(message)

    return forward


async def _refuse(send: Callable[..., Any], status: int, said: str) -> None:
    log.warning("Không ghi nhận câu trả lời: %s", said)
    body = json.dumps({"detail": said}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
