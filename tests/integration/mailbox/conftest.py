"""A site whose units write to a real mailbox: Dovecot behind a real SMTP server, on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo.dovecot_server import Dovecot, find_dovecot, running_dovecot

from builders.mail.tls import Certificates, make_certificates
from builders.sites.mail_site import MailSite, open_office
from builders.sites.site import Site, trimmed_root
from servers.needed import present


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The mailbox's certificate and who vouches for it."""
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def dovecot(certificates: Certificates) -> Iterator[Dovecot]:
    present(find_dovecot(), "Dovecot")
    with running_dovecot(certificates.server) as server:
        yield server


@pytest.fixture(scope="module")
def opened_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project root with six communes, and an installation with its baseline and an open window."""
    root = trimmed_root(tmp_path_factory.mktemp("trimmed"))
    site = Site(root, tmp_path_factory.mktemp("opened") / "var")
    site.load_baseline()
    site.open()
    site.place.store.close()
    return root, site.data


@pytest.fixture
def site(dovecot: Dovecot, opened_template: tuple[Path, Path], tmp_path: Path) -> Iterator[MailSite]:
    """The window is open, the letters about it have left, the mailbox is empty."""
    root, data = opened_template
    shutil.copytree(data, tmp_path / "var")
    with open_office(dovecot) as (office, port):
        site = MailSite(root, tmp_path / "var")
        site.office, site.more = office, {}
        site.smtp_port = port
        yield site
        site.place.store.close()
