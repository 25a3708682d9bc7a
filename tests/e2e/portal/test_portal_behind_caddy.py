"""The portal behind the reverse proxy of the composition: a real Caddy with the product's own Caddyfile, real TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from demo.ports import free_port

from baocao.web.portal.config import PortalConfig
from builders.mail.tls import Certificates, make_certificates
from builders.sites.portal import Browser, link_of, serving
from builders.sites.site import COMMUNES, Site
from servers.caddy import running_caddy
from servers.needed import needed

pytestmark = [pytest.mark.caddy, pytest.mark.slow]
UNIT, OTHER = COMMUNES[:2]
HEADER = "X-Unit"


@pytest.fixture(autouse=True)
def caddy_is_there() -> None:
    needed("caddy")


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    folder = tmp_path / "certificates"
    folder.mkdir()
    return make_certificates(folder, clients=(UNIT, OTHER))


@contextmanager
def caddy_before(site: Site, folder: Path, config: PortalConfig, **settings: str) -> Iterator[tuple[str, Path]]:
    """The address units open and the authority that a client of theirs trusts."""
    folder.mkdir()
    with (
        serving(site, config) as portal,
        running_caddy(folder, portal.removeprefix("http://"), **settings) as found,
    ):
        yield found


def client(authority: Path, certificate: Path | None = None, base_url: str = "") -> httpx.Client:
    trust = ssl.create_default_context(cafile=str(authority))
    if certificate is not None:
        trust.load_cert_chain(certificate)
    return httpx.Client(verify=trust, timeout=60, trust_env=False, base_url=base_url, follow_redirects=True)


def path_of(site: Site, unit: str) -> str:
    return "/" + link_of(site, unit).partition("//")[2].partition("/")[2]


def test_only_the_units_own_certificate_opens_its_page(
    opened: Site, certificates: Certificates, tmp_path: Path
) -> None:
    behind = PortalConfig(proxies=("127.0.0.1",), unit_header=HEADER.lower())
    chosen = {"PORTAL_SIGN_IN": "certificate", "PORTAL_CLIENT_CA": str(certificates.authority)}
    with caddy_before(opened, tmp_path / "caddy", behind, **chosen) as (url, authority):
        with client(authority, certificates.clients[UNIT]) as own:
            assert own.get(url + path_of(opened, UNIT)).status_code == 200
            assert own.get(url + path_of(opened, OTHER)).status_code == 403
        with client(authority, certificates.clients[OTHER]) as other:
            claimed = other.get(url + path_of(opened, UNIT), headers={HEADER: UNIT})
            assert claimed.status_code == 403, "what the client itself says is taken away"
        for nobody in (None, certificates.forged[UNIT]):
            with client(authority, nobody) as refused, pytest.raises((httpx.TransportError, ssl.SSLError)):
                refused.get(url + path_of(opened, UNIT))


def test_proxy_passes_reports_and_refuses_large_ones(opened: Site, tmp_path: Path) -> None:
    with (
        caddy_before(opened, tmp_path / "caddy", PortalConfig(proxies=("127.0.0.1",))) as (url, authority),
        client(authority, base_url=url) as http,
    ):
        browser = Browser(http)
        browser.enter(path_of(opened, UNIT))
        assert browser.status == 200 and browser.headers["strict-transport-security"]
        browser.upload(("bao cao.xlsx", opened.workbook(UNIT)))
        assert browser.verdict.startswith("ĐẠT"), browser.words
        browser.upload(("bao cao.xlsx", bytes(61 << 20)))
        assert browser.status == 413 and "60 MB" in browser.words


def test_proxy_never_logs_a_link(opened: Site, tmp_path: Path) -> None:
    folder = tmp_path / "caddy"
    folder.mkdir()
    with (
        running_caddy(folder, f"127.0.0.1:{free_port()}") as (url, authority),
        client(authority) as http,
    ):
        opened.more["BAOCAO_PORTAL_URL"] = url
        link = path_of(opened, UNIT)
        answer = http.get(url + link)
        assert answer.status_code == 502 and "gửi lại" in answer.text and answer.headers["retry-after"]
    said = (folder / "said").read_text(encoding="utf-8")
    assert "serving initial configuration" in said and link.rpartition("/")[2] not in said
