"""What a verb's sentence tells people to do is told on the desk as the desk's own page, and leads there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from baocao.web.desk import cures
from baocao.web.desk.cures import CURES, OPTIONS, on_desk, ways_out
from baocao.web.desk.routes import RULES

PROJECT = Path(__file__).resolve().parents[3]
PACKAGE = PROJECT / "src" / "baocao"
SAYING = ("workflow", "store", "delivery", "documents", "checks", "intake")
"""Where sentences are written that a route of the desk may show."""
SHELL_ONLY = ("backup.py", "clock.py", "learning.py", "what_if.py", "convert.py", "accumulating.py", "keys.py")
"""Modules whose options nobody of the desk can have left out: their verbs have no form, or one that always fills in."""
KNOWN = {"regime": "che-do", "period": "2026-H1", "unit": "14797"}


def sentences() -> Iterator[tuple[str, str]]:
    """(file, text) of every string that is no docstring."""
    for file in (f for part in SAYING for f in sorted((PACKAGE / part).rglob("*.py"))):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                yield file.name, node.value


def test_the_desk_has_words_for_every_named_command() -> None:
    named = re.compile(r"(?:`|\(|lệnh )baocao ([a-z]+(?:[- ][a-z]+)*)")
    found = [(file, match[1]) for file, text in sentences() for match in named.finditer(text)]
    assert len(found) > 30
    unknown = [(f, c) for f, c in found if c not in CURES and c.partition(" ")[0] not in CURES]
    assert unknown == []
    assert [t for _, t in sentences() if "`baocao" in on_desk(f"{t} 1`") and not t.endswith("`baocao ")] == []


def test_the_desk_has_fields_for_every_named_option() -> None:
    named = re.compile(r"--([a-z]+(?:-[a-z]+)*)")
    left = [(f, cures.COMMAND.sub("", text)) for f, text in sentences() if f not in SHELL_ONLY]
    plain = [(f, o) for f, text in left if "baocao" not in text for o in named.findall(text)]
    unknown = {(f, o) for f, o in plain if o not in OPTIONS}
    # `--period` and the rest of a command's tail, where the sentence is put together from pieces.
    assert {o for _, o in unknown} <= {"period", "stands", "return", "document", "confirm-numbers"}, unknown


@pytest.mark.parametrize("command", CURES)
def test_each_cure_leads_to_an_existing_page(command: str) -> None:
    path = CURES[command].path.partition("?")[0]
    pages = {re.sub(r"\{\w+\}", "{}", rule.path) for rule in RULES if rule.method == "GET"}
    assert not path or re.sub(r"\{\w+\}", "{}", path) in pages


def test_each_cure_names_a_button_or_page_shown() -> None:
    desk = PROJECT / "include" / "templates" / "web" / "desk"
    shown = "\n".join(f.read_text(encoding="utf-8") for f in sorted(desk.glob("*.html")))
    shown += "\n".join(f.read_text(encoding="utf-8") for f in sorted((PACKAGE / "web" / "desk").rglob("*.py")
                       ) if f.name != "cures.py")  # fmt: skip
    names = {name for cure in CURES.values() for name in re.findall("«([^»]+)»", cure.words)}
    names |= {name for words in OPTIONS.values() for name in re.findall("«([^»]+)»", words)}
    assert [name for name in sorted(names) if name not in shown] == []


def test_a_sentence_says_the_desk_s_own_words() -> None:
    said = on_desk("Kỳ 2026-H1 chưa có báo cáo tổng hợp; hãy chạy `baocao consolidate --period 2026-H1` trước")
    assert said == ("Kỳ 2026-H1 chưa có báo cáo tổng hợp; hãy chạy «Tổng hợp» ở trang «Tổng hợp lại, tiến độ» trước")
    assert on_desk("hãy gửi thông báo (baocao inspection notify) trước") == (
        "hãy gửi thông báo («Gửi thông báo» ở trang «Kiểm tra») trước"
    ).replace("hãy", "Hãy")
    assert on_desk("--until: ngày 01/06/2026 đã qua") == "Ô chọn ngày cuối: ngày 01/06/2026 đã qua"
    assert on_desk("phải ghi rõ lý do (--reason)") == "Phải ghi rõ lý do (ô «Lý do»)"
    assert on_desk("không có lệnh nào ở đây") == "không có lệnh nào ở đây"


def test_a_sentence_links_only_what_is_fully_known() -> None:
    text = "hoặc `baocao mail readdress 12 ĐỊA-CHỈ --by …`; địa chỉ đúng thì `baocao mail retry 12`."
    here = "/r/che-do/p/2026-H1"
    assert [path for _, path in ways_out(text, KNOWN)] == [f"{here}/mail/12/readdress", f"{here}/mail/12/retry"]
    assert ways_out(text, {"regime": "che-do", "period": ""}) == []
    assert ways_out("`baocao mail unbounce a@b.example --by …`", KNOWN)[0][1] == (
        f"{here}/do/address-works?address=a@b.example"
    )
    assert ways_out("`baocao mail retry ../../x`", KNOWN) == [], "an address is made of plain words only"
