"""Texts through the verb: a real workbook with a broken text or a placeholder is returned, with a cure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.model.form import CellKey, ColumnRole
from baocao.model.pack_views import entered_by, for_period
from baocao.model.submission import Finding, Severity, Status
from baocao.settings import load_settings
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.intake.checking import check_file
from baocao.workflow.lead_bodies.objecting import comment
from baocao.workflow.sign_off.signing import sign
from builders.sites.site import COMMUNES, PERIOD, PROJECT, REGIME, SIGNATURE, Site

UNIT = COMMUNES[0]
STORY = CellKey("PL04", "I", "ND")
DECISION = CellKey("B04", "B04.25b", "TH")
NOTE = CellKey("B04", "B04.13a", "GT")
OFFICE_WORDS = "Đã họp Ban Chỉ đạo; 12 m² đất, § 2; xem https://baocao.example/?a=b&c=d"


@pytest.fixture(scope="module")
def site(trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(trimmed, tmp_path_factory.mktemp("wording") / "var")
    site.load_baseline()
    site.open()
    yield site
    site.place.store.close()


def _findings(
    site: Site, change: dict[CellKey, str] | None = None, info: dict[str, str] | None = None
) -> tuple[Status, list[Finding]]:
    data = site.workbook(UNIT, change, info=info)
    checked = check_file(site.place, data, "bao-cao.xlsx", received_at=site.in_time, period=PERIOD, marked=False)
    return checked.status, list(checked.findings)


@pytest.mark.parametrize("cell", [STORY, NOTE, DECISION], ids=str)
@pytest.mark.parametrize(
    ("text", "table", "converted"),
    [
        ("C«ng an x· ®· ban hµnh kÕ ho¹ch.", "TCVN3", "Công an xã đã ban hành kế hoạch."),
        ("Coâng an xaõ ñaõ ban haønh keá hoaïch.", "VNI", "Công an xã đã ban hành kế hoạch."),
        ("Co^ng an xa~ dda~ ban ha`nh ke^' hoa.ch.", "VIQR", "Công an xã đã ban hành kế hoạch."),
        ("Coong an xax ddax ban hanhf kees hoachj.", "phím Telex", "Công an xã đã ban hành kế hoạch."),
        ("Co6ng an xa4 d9a4 ban hanh2 ke61 hoa5ch.", "phím VNI", "Công an xã đã ban hành kế hoạch."),
        ("CÃ´ng an xÃ£ Ä‘Ã£ ban hÃ nh káº¿ hoáº¡ch.", "UTF-8", "Công an xã đã ban hành kế hoạch."),
        ("CĂ´ng an xĂ£ Ä‘Ă£ ban hĂ nh káº¿ hoáº¡ch.", "UTF-8", "Công an xã đã ban hành kế hoạch."),
    ],
)
def test_text_in_older_encoding_is_returned_with_conversion(
    site: Site, cell: CellKey, text: str, table: str, converted: str
) -> None:
    status, found = _findings(site, {cell: text})
    (finding,) = found
    assert status is Status.RETURNED
    assert (finding.rule, finding.severity, finding.suggestion) == ("V08", Severity.BLOCKS, converted)
    assert finding.cells == (str(cell),) and finding.a1 and table in finding.message
    assert finding.actual in text and "Hãy" in finding.message


@pytest.mark.parametrize("text", ["C?ng an t?nh ?ã ban hành k? ho?ch", "Kế hoạch ????? năm", "Công an t\ufffdnh"])
def test_lost_letters_are_named_and_nothing_is_guessed(site: Site, text: str) -> None:
    _, (finding,) = _findings(site, {STORY: text})
    assert (finding.rule, finding.suggestion) == ("V08", "")
    assert "đã mất dấu" in finding.message and "gõ lại" in finding.message


@pytest.mark.parametrize("text", ["......", "-", "…", "___", "x", "(ghi rõ nội dung)"])
def test_filler_text_counts_as_no_answer(site: Site, text: str) -> None:
    _, (finding,) = _findings(site, {STORY: text})
    assert (finding.rule, finding.severity) == ("V03", Severity.BLOCKS)
    assert f"chỉ ghi «{text}»" in finding.message and "NP" in finding.message


@pytest.mark.parametrize("text", ["....../QĐ-UBND", "…/QĐ-UBND", "Số ____"])
def test_incomplete_decision_number_is_refused(site: Site, text: str) -> None:
    _, (finding,) = _findings(site, {DECISION: text})
    assert (finding.rule, finding.cells) == ("V03", (str(DECISION),))
    assert "còn chỗ chưa điền" in finding.message


def test_an_explanation_that_says_nothing_explains_nothing(site: Site) -> None:
    few = {CellKey("B04", "B04.11a", column): "50" for column in ("TH", "LKN", "LKGD")}
    few[CellKey("B04", "B04.11b", "TH")] = "3"
    notes = [CellKey("B04", row, "GT") for row in ("B04.11a", "B04.11b")]
    _, silent = _findings(site, few | dict.fromkeys(notes, "....."))
    _, spoken = _findings(site, few | dict.fromkeys(notes, "Mỗi lớp mời một người học thử"))
    asked = [f for f in silent if f.severity is Severity.EXPLAIN]
    assert asked and all(not f.explanation for f in asked)
    assert [f.key for f in spoken] == [f.key for f in silent] and all(f.explanation for f in spoken)


def test_good_texts_are_left_alone(site: Site) -> None:
    assert _findings(site, {STORY: OFFICE_WORDS, NOTE: "Không?Có. (?) i.e. café"}) == (Status.ACCEPTED, [])


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("signer_name", ".........", "chỉ là chỗ trống"),
        ("signer_name", "-", "chỉ là chỗ trống"),
        ("signer_name", "(Ký, ghi rõ họ tên)", "chưa phải là họ tên"),
        ("signer_name", "(Ký, ghi rõ họ tên, đóng dấu)", "chưa phải là họ tên"),
        ("signer_name", "đã ký", "chưa phải là họ tên"),
        ("signer_name", "Người ký", "chưa phải là họ tên"),
        ("signer_name", "x", "chưa phải là họ tên"),
        ("signer_name", "Nam", "chưa phải là họ tên"),
        ("signer_name", "KT. CHỦ TỊCH", "là chức vụ, không phải họ tên"),
        ("signer_name", "CHỦ TỊCH", "là chức vụ, không phải họ tên"),
        ("signer_name", "Phó Chủ tịch UBND Phường Hạc Thành", "là chức vụ, không phải họ tên"),
        ("signer_title", "......", "chưa phải là chức vụ"),
        ("signer_title", "đã ký", "chưa phải là chức vụ"),
        ("signer_title", "Nguyễn Thị Hoa", "là họ tên, không phải chức vụ"),
        ("reporter", "........", "người lập báo cáo"),
        ("reporter", "(ký tên)", "người lập báo cáo"),
        ("phone", "..........", "không phải là số điện thoại"),
        ("phone", "không có", "không phải là số điện thoại"),
        ("phone", "0000000000", "không phải là số điện thoại"),
    ],
)
def test_placeholder_on_the_information_sheet_is_refused(site: Site, field: str, text: str, said: str) -> None:
    status, found = _findings(site, info={field: text})
    (finding,) = found
    assert (status, finding.rule, finding.sheet) == (Status.RETURNED, "V42", "Thông tin")
    assert finding.a1 and said in finding.message and "Hãy" in finding.message and text in finding.message


@pytest.mark.parametrize(
    ("form", "title", "suggestion"),
    [
        ("KT.", "KT. CHỦ TỊCH", ""),
        ("KT.", "KT. CHỦ TỊCH PHÓ CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        ("TM.", "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH", "CHỦ TỊCH"),
    ],
)
def test_signing_form_written_as_title_is_pointed_out(site: Site, form: str, title: str, suggestion: str) -> None:
    _, (finding,) = _findings(site, info={"signing_form": form, "signer_title": title})
    assert (finding.rule, finding.suggestion) == ("V42", suggestion)
    assert "Hình thức ký" in finding.message


@pytest.mark.parametrize("name", ["Nguyễn Văn A", "TRẦN THỊ B"])
def test_sample_signer_name_needs_only_an_explanation(site: Site, name: str) -> None:
    status, (finding,) = _findings(site, info={"signer_name": name})
    assert (status, finding.severity) == (Status.ACCEPTED, Severity.EXPLAIN)
    assert "giống tên mẫu" in finding.message


@pytest.mark.parametrize(
    "info",
    [
        {"signer_name": "Đại tá Lê Đình Đệ"},
        {"signer_name": "Sùng A Páo"},
        {"signer_name": "Phó Chủ tịch Lê Thị Ý"},
        {"signer_name": "Lo Thi Quyen", "signer_title": "Q. CHỦ TỊCH", "signing_form": "Q."},
        {"reporter": "Bộ phận tổng hợp", "phone": "02373.852.123, máy lẻ 12"},
        {"reporter": "", "phone": ""},
    ],
)
def test_names_titles_and_numbers_of_offices_are_taken(site: Site, info: dict[str, str]) -> None:
    assert _findings(site, info=info) == (Status.ACCEPTED, [])


def test_signer_name_in_older_encoding_is_converted(site: Site) -> None:
    _, (finding,) = _findings(site, info={"signer_name": "Lª V¨n ThÞnh"})
    assert (finding.rule, finding.suggestion, finding.sheet) == ("V08", "Lê Văn Thịnh", "Thông tin")


@pytest.mark.parametrize("regime", sorted(p.name for p in (PROJECT / "include" / "regimes").iterdir()))
def test_the_texts_of_every_regime_are_looked_at(regime: str, tmp_path: Path) -> None:
    place = Installation(load_settings({"BAOCAO_ROOT": str(PROJECT), "BAOCAO_DATA": str(tmp_path / "var")}))
    whole = place.pack(regime)
    period = next(p for p in place.periods(regime) if p.cutoff_on >= whole.regime.go_live_on)
    pack = for_period(whole, period)
    unit, cell = next(
        (unit, key)
        for unit in pack.units_on(period.cutoff_on)
        for form in entered_by(pack, unit)
        for key, (table, row, column) in form.cells.items()
        if column.role is ColumnRole.TEXT and table.is_entered(row, column)
    )
    data = write_blank(pack, unit, period, values={cell: "§· ban hµnh kÕ ho¹ch"})
    checked = check_file(place, data, "a.xlsx", received_at=None, period=period.code, marked=False)
    found = [f for f in checked.findings if f.rule == "V08"]
    assert [(f.cells, f.suggestion) for f in found] == [((str(cell),), "Đã ban hành kế hoạch")]
    place.store.close()


def test_lead_body_comments_pass_the_text_checks(site: Site) -> None:
    def say(text: str) -> None:
        comment(
            site.place, REGIME, PERIOD, "38-SYT", kind="comment", unit=UNIT, subject="DA6", text=text, by="a",
            as_of=site.in_time,
        )  # fmt: skip

    with pytest.raises(Refused, match=r"Đã kiểm tra số liệu"):
        say("§· kiÓm tra sè liÖu")
    with pytest.raises(Refused, match=r"chưa có nội dung"):
        say(".....")


def test_signing_details_pass_the_text_checks(collected: Site) -> None:
    report = collected.consolidate()
    collected.approve(report)
    for field, text, said in (
        ("signer", ".........", "không phải tên|chưa có họ tên"),
        ("signer", "KT. CHỦ TỊCH", "là chức vụ"),
        ("signer", "Lª V¨n ThÞnh", "ký tự không dùng trong tên|Lê Văn Thịnh"),
        ("number", "....", "số|Số"),
        ("signer_title", "(ký tên)", "chưa phải là chức vụ"),
        ("note", "§· xem kü", "Đã xem kỹ"),
    ):
        given = {**SIGNATURE, field: text}
        shown = int(str(report["report_id"])), str(report["content_sha256"])
        with pytest.raises(Refused, match=said):
            sign(collected.place, *shown, "sign", by="van-thu", as_of=collected.report_day, **given)
