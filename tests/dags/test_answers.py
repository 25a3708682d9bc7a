"""What stands before Airflow's own reception of an answer: faults are named where they are made, and of two people who
answer at the same moment the second is told."""

from __future__ import annotations

import asyncio
import json

import pytest
from baocao_answers import APPROVE, RETURN, SHOWN_BY_THE_PAGE, SIGN, AnswersMiddleware, fault, missing_fields

FULL = {"number": "12", "symbol": "BC-UBND", "signed_on": "2026-06-23", "signer": "Nguyễn Văn A", "signer_title": "CT"}
ANSWER = "/api/v2/dags/thanh_hoa__report/dagRuns/2026-H1/taskInstances/sign_off.committee/-1/hitlDetails"


@pytest.mark.parametrize(
    ("chosen", "given", "lacking"),
    [
        ([SIGN], FULL, []),
        ([SIGN], {**FULL, "number": None}, ["Số văn bản"]),
        ([SIGN], {**FULL, "number": "  ", "signer": ""}, ["Số văn bản", "Họ và tên người ký"]),
        ([SIGN], {}, ["Số văn bản", "Ngày ký", "Họ và tên người ký"]),
        ([RETURN], {}, ["Ý kiến"]),
        ([RETURN], {"note": "số liệu dự án 4"}, []),
        ([APPROVE], {}, []),
    ],
)
def test_missing_fields_of_an_answer_are_named(chosen, given, lacking):
    assert missing_fields(chosen, given) == lacking
    said = fault(chosen, given)
    assert bool(said) == bool(lacking) and all(title in said for title in lacking)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": "../1"}, "số văn bản"),
        ({"signed_on": "23/6"}, "ngày ký"),
        ({"signer": "A\u200bB"}, "U\\+200B"),
        ({"signer_title": "x\ny"}, "chức vụ"),
        ({"symbol": "BC UBND"}, "ký hiệu"),
    ],
)
def test_unusable_signature_is_refused_when_it_is_given(changes, said):
    import re

    assert re.search(said, fault([SIGN], {**FULL, **changes}))
    assert fault([RETURN], {**FULL, **changes, "note": "x"}) == "", "who returns signs nothing"


class Airflow:
    """Receives answers as Airflow 3.3 does: looks whether one is there, and a moment later writes."""

    def __init__(self):
        self.kept, self.seen = None, []

    async def __call__(self, scope, receive, send):
        body = json.loads((await receive())["body"] or b"{}")
        self.seen.append(scope["path"])
        taken = self.kept is not None
        await asyncio.sleep(0.01)
        if not taken:
            self.kept = body["chosen_options"][0]
        await send({"type": "http.response.start", "status": 409 if taken else 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"detail": "Conflict"}' if taken else b"{}"})


async def ask(app, body, *, path=ANSWER, headers=((b"authorization", b"Bearer x"),), chunks=1):
    parts = [body[i::chunks] for i in range(chunks)] if chunks == 1 else [body[:9], body[9:]]
    waiting = [{"type": "http.request", "body": p, "more_body": p is not parts[-1]} for p in parts]
    sent = []

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    await app({"type": "http", "method": "PATCH", "path": path, "headers": list(headers)}, receive, send)
    return sent[0]["status"], json.loads(b"".join(m.get("body", b"") for m in sent[1:]) or b"{}").get("detail", "")


def answer(option, given=FULL):
    return json.dumps({"chosen_options": [option], "params_input": given}).encode()


def test_second_of_two_simultaneous_answers_is_refused(tmp_path):
    async def both(app, headers):
        mine, theirs = answer(RETURN, {"note": "x"}), answer(SIGN)
        return await asyncio.gather(ask(app, mine, headers=headers), ask(app, theirs, headers=headers))

    naked = Airflow()
    assert [s for s, _ in asyncio.run(both(naked, ()))] == [200, 200], "what Airflow does alone: one answer is lost"
    for headers, told in (([(b"authorization", b"Bearer x")], (409, "Conflict")), ([], (SHOWN_BY_THE_PAGE, "tải lại"))):
        behind = Airflow()
        (first, _), (second, said) = asyncio.run(both(AnswersMiddleware(behind, tmp_path / "lock"), headers))
        assert (first, second) == (200, told[0])
        assert told[1] in said
        assert behind.kept == RETURN


def test_answer_is_taken_although_the_lock_fails(tmp_path, caplog):
    behind, blocked = Airflow(), tmp_path / "file"
    blocked.write_text("")
    app = AnswersMiddleware(behind, blocked / "lock")
    assert asyncio.run(ask(app, answer(SIGN)))[0] == 200
    assert "answers:" in caplog.text


def test_api_servers_sharing_data_take_one_answer(tmp_path):
    behind = Airflow()
    one, other = (AnswersMiddleware(behind, tmp_path / "data" / "lock") for _ in range(2))

    async def both():
        return await asyncio.gather(ask(one, answer(RETURN, {"note": "x"})), ask(other, answer(SIGN)))

    assert sorted(status for status, _ in asyncio.run(both())) == [200, 409]


def test_fault_is_answered_on_the_page_with_status(tmp_path):
    behind = Airflow()
    app = AnswersMiddleware(behind, tmp_path / "lock")
    empty = answer(SIGN, {**FULL, "number": None})
    for headers, status in (([(b"authorization", b"Bearer x")], 400), ([], SHOWN_BY_THE_PAGE)):
        assert asyncio.run(ask(app, empty, headers=headers, chunks=2)) == (
            status,
            f"Chưa ghi nhận «{SIGN}»: còn trống Số văn bản. Hãy điền rồi trả lời lại.",
        )
    assert asyncio.run(ask(app, answer(RETURN, {"note": "x" * (1 << 20)})))[0] == 400
    assert behind.seen == []


@pytest.mark.parametrize("body", [b"{}", b"[]", b"\xff", b'{"chosen_options": 7}', b'{"chosen_options": ["x"]}'])
def test_what_is_no_answer_is_left_to_airflow(tmp_path, body):
    seen = []

    async def behind(scope, receive, send):
        seen.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 422, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    app = AnswersMiddleware(behind, tmp_path / "lock")
    assert asyncio.run(ask(app, body))[0] == 422
    assert asyncio.run(ask(app, body, path="/api/v2/dags/x/dagRuns/y"))[0] == 422
    assert seen == [body, body]


def test_person_not_asked_is_told_why(tmp_path):
    async def behind(scope, receive, send):
        await send({"type": "http.response.start", "status": 403, "headers": []})
        await send({"type": "http.response.body", "body": b'{"detail": "is not a respondent"}'})

    app = AnswersMiddleware(behind, tmp_path / "lock")
    status, said = asyncio.run(ask(app, answer(RETURN, {"note": "x"}), headers=[]))
    assert status == SHOWN_BY_THE_PAGE and "không dành cho tài khoản của bạn" in said
    assert asyncio.run(ask(app, answer(RETURN, {"note": "x"}), headers=[(b"authorization", b"Bearer x")]))[0] == 403


def test_the_middleware_is_registered_with_airflow():
    from baocao_airflow import BaocaoPlugin

    assert [m["middleware"] for m in BaocaoPlugin.fastapi_root_middlewares] == [AnswersMiddleware]
