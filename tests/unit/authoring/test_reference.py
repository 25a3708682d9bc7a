"""The generated pages say what runs: whole, linked and complete in themselves; the committed tables are up to date."""

from __future__ import annotations

import re
import shutil
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import pytest
from jinja2 import UndefinedError

from baocao.checks.rules.touched import touched
from baocao.model.pack import Pack
from baocao.regimes.law import basis_in_words
from baocao.regimes.load import load_pack
from baocao.settings import load_settings
from baocao.workflow.installation import Installation
from baocao_authoring.reference.pages import TEMPLATES, PackPages, reference_pages
from baocao_authoring.reference.writing import pages_of, write_pages
from baocao_authoring.skeleton import write_skeleton
from builders.packs.lists import lists_root
from builders.packs.pack import ROOT, broken, thanh_hoa
from builders.packs.quarterly import CODE

BORROWERS = ("hai-phong-drug-programme", "thuy-nguyen-ward")


@cache
def pages() -> dict[str, str]:
    return pages_of(Installation(load_settings({"BAOCAO_ROOT": str(ROOT)})))


def packs() -> list[Pack]:
    place = Installation(load_settings({"BAOCAO_ROOT": str(ROOT)}))
    return [place.pack(code) for code in sorted(place.folders)]


def pages_of_pack(folder: Path) -> dict[str, str]:
    pack = load_pack(folder)
    return reference_pages([PackPages(pack, touched(pack))])


class Read(HTMLParser):
    """Links, ids, tags and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        self.links += [given["href"]] if given.get("href") else []
        self.ids += [given["id"]] if given.get("id") else []
        assert "src" not in given

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_form_has_a_page_of_its_own() -> None:
    there = {Path(name).stem for name in pages() if name.startswith(f"forms/{thanh_hoa().code}/")}
    assert set(thanh_hoa().regime.all_forms) <= there


def test_the_committed_tables_are_the_generated_ones() -> None:
    committed = {n: (ROOT / "docs" / n).read_text(encoding="utf-8") for n in ("law.md", "rules.md")}
    assert {n: t for n, t in pages().items() if n.endswith(".md")} == committed, "run: make docs"


def test_every_page_is_whole_and_its_links_work() -> None:
    read = {name: Read(text) for name, text in pages().items() if name.endswith(".html")}
    assert len(read) > 10
    for name, page in read.items():
        assert page.open == [] and page.tags.isdisjoint({"script", "link", "img", "iframe"}), name
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.links:
            file, _, fragment = link.partition("#")
            target = normpath(join(dirname(name), file)) if file else name
            assert target in read, (name, link)
            assert not fragment or unquote(fragment) in read[target].ids, (name, link)


def test_pages_load_nothing_external_and_stay_small() -> None:
    for name, text in pages().items():
        assert not any(mark in text for mark in ("http:", "https:", "url(", "@import")) or name.endswith(".md"), name
    for pack in packs():
        size = sum(len(text.encode()) for name, text in pages().items() if f"/{pack.code}/" in name)
        assert size < 1_500_000, pack.code


def page_of(pack: Pack, form: str) -> str:
    """The page the regime's own page links to for a form: its own, or a lender's."""
    links = Read(pages()[f"forms/{pack.code}/index.html"]).links
    (page,) = {normpath(join(f"forms/{pack.code}", link)) for link in links if link.endswith(f"/{form}.html")}
    return page


def test_identical_borrowed_form_is_printed_once() -> None:
    (lender, city, ward) = (f"forms/{code}" for code in ("thanh-hoa-drug-programme", *BORROWERS))
    by_code = {pack.code: pack for pack in packs()}
    assert page_of(by_code[BORROWERS[0]], "PL03") == f"{lender}/PL03.html"
    assert f"{city}/PL03.html" not in pages()
    assert page_of(by_code[BORROWERS[0]], "PL01") == f"{city}/PL01.html"
    for name, whose in ((f"{city}/PL01.html", lender), (f"{ward}/PL01.html", city)):
        page = Read(pages()[name])
        assert "Mượn của" in page.text and f"../{whose.removeprefix('forms/')}/PL01.html" in page.links
    assert sum(len(text.encode()) for text in pages().values()) < 3_000_000


def test_a_borrowed_row_cites_its_own_regimes_provisions() -> None:
    links = Read(pages()["forms/thuy-nguyen-ward/PL01.html"]).links
    assert "../thanh-hoa-drug-programme/index.html#KH.BM.1" in links
    assert not [link for link in links if link.startswith("index.html#")]


def test_a_forms_page_shows_everything_it_contains() -> None:
    for pack in packs():
        for form in pack.forms:
            text = Read(pages()[page_of(pack, form.code)]).text
            wanted = [form.title, form.version, form.fingerprint, *form.instructions]
            wanted += form.nil_reasons if form.nil_allowed else ()
            for table in form.tables:
                wanted += [column.title for column in table.columns] + [row.name for row in table.rows]
                wanted += [row.note for row in table.rows if row.note]
            between = (r for r in pack.regime.relations if any(n.startswith(f"{form.code}/") for n in r.names))
            for relation in (*form.relations, *between):
                wanted += [relation.id, *re.split(r"[{]\w+[}]", relation.message)]
            assert [w for w in wanted if w not in text] == [], form.code


def test_the_rules_page_shows_all_rules_with_places() -> None:
    page = Read(pages()["forms/rules.html"])
    for rule in thanh_hoa().rules:
        assert rule.id in page.ids and rule.title in page.text
        assert basis_in_words(rule.anchor, thanh_hoa().regime) in page.text
    assert "5 ô, cột CK: NGHIEN, SUDUNG, DANGCAI, THAYTHE, SAUCAI" in page.text


def test_rows_name_who_enters_and_who_checks_them() -> None:
    page = pages()["forms/thanh-hoa-drug-programme/PL01.html"]
    row = Read("<table>" + page[page.index('<tr id="i-CT04">') :].partition("</tr>")[0] + "</tr></table>")
    assert "đơn vị hành chính cấp xã; Sở Y tế" in row.text and "cộng các đơn vị" in row.text and "KH.PL.DA6" in row.text
    assert "V21.CT04 chặn: Số người điều trị thay thế" in row.text
    assert {"../rules.html#V21", "../rules.html#V24", "../rules.html#V07"} <= set(row.links)
    assert "../rules.html#V12" not in row.links


def test_lists_and_units_are_named_as_the_pack_names_them(tmp_path: Path) -> None:
    folder = lists_root(tmp_path) / "include" / "regimes" / CODE
    form = folder / "forms" / "CCHC" / "2027.1.yaml"
    text = form.read_text(encoding="utf-8")
    form.write_text(text.replace("cell: CCHC/TT03/TH,", "cell: CCHC/TT03/TH, sum: SN,"), encoding="utf-8")
    page = Read(pages_of_pack(folder)[f"{CODE}/CCHC.html"]).text
    assert "Tổng cột «Số người dự» phải bằng ô CCHC/TT03/TH (V65)." in page, "the column's name keeps its capital"
    assert "Ai nhậpxã\n" in page and "đặc khu" not in page and "phường" not in page


def test_a_message_that_is_changed_changes_the_page(tmp_path: Path) -> None:
    folder = broken(
        tmp_path, "forms/B05/2025.1.yaml", "Số tái nghiện ({left}) lớn hơn", "Số quay lại ({left}) nhiều hơn"
    )
    changed = pages_of_pack(folder)["thanh-hoa-drug-programme/B05.html"]
    assert "Số quay lại (‹vế trái›) nhiều hơn" in changed
    assert "Số tái nghiện (‹vế trái›)" not in changed


def test_a_value_without_a_word_stops_the_generation(tmp_path: Path) -> None:
    folder = tmp_path / "thu"
    write_skeleton(folder, code="thu", name="Thử", year=2027)
    assert "thu/PL01.html" in pages_of_pack(folder)
    other = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    words = (other / "_words.html").read_text(encoding="utf-8")
    (other / "_words.html").write_text(words.replace('"sum": ', '"total": '), encoding="utf-8")
    pack = load_pack(folder)
    with pytest.raises(UndefinedError, match="sum"):
        reference_pages([PackPages(pack, touched(pack))], other)


def test_writing_the_pages_removes_those_of_lost_forms(tmp_path: Path) -> None:
    (tmp_path / "include" / "regimes").mkdir(parents=True)
    for name in ("templates", "reference"):
        (tmp_path / "include" / name).symlink_to(ROOT / "include" / name)
    write_skeleton(tmp_path / "include" / "regimes" / "thu", code="thu", name="Thử", year=2027)
    gone = tmp_path / "docs" / "forms" / "cu" / "B01.html"
    gone.parent.mkdir(parents=True)
    gone.write_text("cũ", encoding="utf-8")
    written = write_pages(Installation(load_settings({"BAOCAO_ROOT": str(tmp_path)})))
    assert not gone.exists()
    assert {"docs/law.md", "docs/rules.md", "docs/forms/thu/PL01.html"} <= set(written)
    assert all((tmp_path / name).is_file() for name in written)
