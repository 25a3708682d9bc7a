"""The portal knows no regime: every shipped pack's page, blank and forms, and what is typed there is a report.

Thanh Hóa's own is looked at everywhere else.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from demo.other_regimes import Played
from openpyxl import load_workbook
from starlette.testclient import TestClient

from baocao.model.pack_views import entered_by, for_period
from baocao.model.signed_copy import UnitCopyRule
from baocao.settings import load_settings
from baocao.store.submissions import submissions
from baocao.web.portal.app import portal_app
from baocao.workflow.installation import Installation
from baocao.workflow.mail.personal_links import personal_link
from baocao.workflow.periods.windows import open_window
from builders.sites.portal import PATIENT, PORTAL, Browser, FixedClock, typed_figures
from builders.sites.regimes import FAULTS, REGIMES, small_root


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("every")
    env = {"BAOCAO_ROOT": str(small_root(folder)), "BAOCAO_DATA": str(folder / "var"), "BAOCAO_PORTAL_URL": PORTAL}
    found = Installation(load_settings(env))
    found.store.migrate()
    yield found
    found.store.close()


@pytest.mark.parametrize("regime", REGIMES)
def test_typed_report_is_accepted_in_every_regime(place: Installation, regime: str) -> None:
    played, unit = Played(place, regime, REGIMES[regime]), FAULTS[regime][0]
    period, who = played.period, for_period(played.pack, played.period).unit(unit)
    assert who is not None
    open_window(place, regime, period.code, period.opens_at)
    with place.store.begin() as conn:
        link = personal_link(place, conn, regime, period.code, unit, at=period.opens_at)
    assert link
    with TestClient(portal_app(place, PATIENT, FixedClock(played.sending)), follow_redirects=True) as http:
        browser = Browser(http)
        browser.enter(link)
        assert browser.verdict.startswith("CHƯA NỘP: còn 10 giờ") and who.full_name in browser.words
        asks_copy = played.pack.regime.unit_copy is not UnitCopyRule.NONE
        assert ("Bản ký" in browser.words) is asks_copy
        blank = http.get(f"{browser.home}bieu-trang")
        forms = entered_by(for_period(played.pack, period), who)
        sheets = load_workbook(io.BytesIO(blank.content), read_only=True).sheetnames
        assert {form.short for form in forms} <= set(sheets)

        filled = played.filled(who)
        texts = typed_figures(forms, filled.values)
        for form in forms:
            address = f"{browser.home}dien/{form.code}"
            browser.get(address)
            mine = {f"c:{key}": text for key, text in texts.items() if key.form == form.code}
            assert all(f'name="{name}"' in browser.page for name in mine)
            browser.post(address, {**mine, "nil": filled.nil_forms.get(form.code, ""), "step": "next"})
        browser.get(f"{browser.home}dien/")
        people = {f"info-{code}": text for code, text in filled.info.items()}
        browser.post(f"{browser.home}dien/", {**people, "step": "send"})
        assert browser.verdict.startswith("ĐẠT: báo cáo được tiếp nhận."), browser.words[:2000]
    with place.store.read() as conn:
        official = submissions.official(conn, regime, period.code, unit)
        assert official is not None and submissions.detail(conn, official.id).channel == "portal"
