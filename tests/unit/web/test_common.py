"""The base of both web services: headers, pages that escape, forms that only our own pages can send, static files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from baocao.web.common.csrf import COOKIE, FIELD, Csrf
from baocao.web.common.errors import error_handlers
from baocao.web.common.pages import Pages
from baocao.web.common.response_headers import SecureHeaders

PROJECT = Path(__file__).resolve().parents[3]
HOSTILE = '<script>alert(1)</script>" onload="x'


def service(
    templates: Path = PROJECT / "include" / "templates", keys: tuple[bytes, ...] = (b"k" * 32,)
) -> SecureHeaders:
    csrf = Csrf(lambda: keys, salt="test")
    pages = Pages(templates, csrf)

    def show(request: Request) -> Response:
        said = request.query_params.get("said", "")
        return pages.page(request, "web/common/error.html", title=said, said=said, number="")

    async def change(request: Request) -> Response:
        async with request.form() as form:
            csrf.require(request, form.get(FIELD))
        return PlainTextResponse("changed")

    def token(request: Request) -> Response:
        response = PlainTextResponse(csrf.token(request))
        csrf.remember(request, response)
        return response

    def broken(request: Request) -> Response:
        raise RuntimeError("the password is 12345")

    app = Starlette(
        routes=[
            Route("/", show),
            Route("/token", token),
            Route("/change", change, methods=["POST"]),
            Route("/broken", broken),
            pages.static.route,
        ],
        exception_handlers=error_handlers(pages),
    )
    return SecureHeaders(app)


@pytest.fixture(scope="module")
def app() -> SecureHeaders:
    return service()


@pytest.fixture
def browser(app: SecureHeaders) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/nowhere", "/broken", "/change"])
def test_every_answer_forbids_what_is_not_ours(browser: TestClient, path: str) -> None:
    headers = browser.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


def test_strict_transport_security_is_sent_only_over_tls(app: SecureHeaders) -> None:
    with TestClient(app, base_url="https://portal.example") as client:
        answer = client.get("/")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "Secure" in answer.headers["set-cookie"] and "HttpOnly" in answer.headers["set-cookie"]


def test_text_of_others_is_shown_and_never_acts(browser: TestClient) -> None:
    page = browser.get("/", params={"said": HOSTILE}).text
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34; onload=&#34;x" in page


def test_a_page_loads_from_our_own_address_only(browser: TestClient) -> None:
    page = browser.get("/").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 3
    assert all(address.startswith(("/static/", "#")) for address in loaded)
    for address in loaded:
        if address.startswith("/static/"):
            answer = browser.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
            assert "http" not in re.sub(r"http://www\.w3\.org/2000/svg", "", answer.text)
    assert browser.get("/static/000000000000/style.css").status_code == 404
    assert browser.get("/static/000000000000/..%2f..%2fweb%2fgate.html").status_code == 404


def test_a_failure_shows_a_number_but_no_internals(browser: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = browser.get("/broken")
    assert answer.status_code == 500
    number = re.search(r"<code>([0-9a-f]{8})</code>", answer.text)
    assert number and number[1] in caplog.text
    assert "12345" not in answer.text and "RuntimeError" not in answer.text


def test_only_forms_of_this_browsers_page_change_anything(app: SecureHeaders, browser: TestClient) -> None:
    token = browser.get("/token").text
    assert browser.post("/change", data={FIELD: token}).text == "changed"
    assert (
        browser.post("/change", data={FIELD: token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]}).status_code
        == 403
    )
    assert browser.post("/change", data={}).status_code == 403
    # Another browser's word, however well signed.
    with TestClient(app) as other:
        other.get("/token")
        assert other.post("/change", data={FIELD: token}).status_code == 403
    # A word without the cookie.
    browser.cookies.delete(COOKIE)
    assert browser.post("/change", data={FIELD: token}).status_code == 403


@pytest.mark.parametrize(
    "said",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
    ],
)
def test_a_form_that_another_site_sends_is_refused(browser: TestClient, said: dict[str, str]) -> None:
    token = browser.get("/token").text
    assert browser.post("/change", data={FIELD: token}, headers=said).status_code == 403
    for same in ({"sec-fetch-site": "same-origin", "origin": "null"}, {"origin": "http://testserver"}):
        assert browser.post("/change", data={FIELD: token}, headers=same).status_code == 200


def test_forms_survive_key_rotation_until_the_key_goes() -> None:
    old, new = b"o" * 32, b"n" * 32
    with TestClient(service(keys=(old,))) as before:
        token, cookie = before.get("/token").text, before.cookies[COOKIE]
    for keys, status in (((old, new), 200), ((new,), 403)):
        with TestClient(service(keys=keys), cookies={COOKIE: cookie}) as after:
            assert after.post("/change", data={FIELD: token}).status_code == status
