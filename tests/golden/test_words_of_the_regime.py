"""Every word in which a document or a letter speaks of a programme, a level or an office comes from the pack."""

from __future__ import annotations

import json
import re
from email import message_from_bytes, policy

import pytest

from baocao.delivery.contexts.common import Letterhead
from baocao.delivery.dispatch_package import correction_letter
from baocao.delivery.letters import render
from baocao.documents.word_report.cover_letter import build_cover_letter
from baocao.documents.word_report.report import build_report
from baocao.model.correction import Replaced
from baocao.model.pack import Pack
from baocao.workflow.lead_bodies.sharing import share_slices
from builders.files.outgoing import words_of
from builders.mail.delivery import TEMPLATES, contexts
from builders.sites.full_size import full_size
from builders.sites.regimes import REGIMES, Story, manifest_of

OF_SOMEBODY = (
    *("dự án", "tiểu dự án", "nhiệm vụ", "lĩnh vực", "khung kết quả", "chương trình", "kế hoạch triển khai"),
    *("46/hd-bca-c04", "hd 46", "phụ lục 01", "phụ lục 02", "phụ lục 03", "phụ lục số"),
    *("ma túy", "cai nghiện", "mua bán người", "trợ giúp pháp lý"),
    *("toàn tỉnh", "cấp tỉnh", "công an tỉnh", "ủy ban nhân dân tỉnh", "ubnd tỉnh", "cấp xã", "toàn phường", "toàn sở"),
    *("thanh hóa", "hải phòng", "thủy nguyên", "ban chỉ đạo 799", "cơ quan thường trực", "sở tư pháp"),
)
"""Words of one programme, one level or one office: whoever prints them must have them from the pack."""
_NEUTRAL = re.compile(r"chương trình (?:diệt virus|khác|bảng tính)|cơ quan thường trực của đơn vị")
"""Programs of a machine."""


def own_words(pack: Pack) -> str:
    """Everything the pack says, the forms it borrows as it words them, and the names of its units."""
    regime = pack.regime.model_dump(mode="json")
    regime["legal_basis"] = [b.document for b in pack.regime.legal_basis]  # what it says is not printed anywhere
    said = [regime, *(f.model_dump(mode="json") for f in pack.forms)]
    said += [t.model_dump(mode="json") for t in pack.targets] + [u.full_name for u in pack.units]
    return _plain(json.dumps(said, ensure_ascii=False))


def strange_words(pack: Pack, files: dict[str, bytes]) -> list[str]:
    """`part: word in …where…` for each word of somebody else."""
    own, found = own_words(pack), []
    strange = [word for word in OF_SOMEBODY if not re.search(rf"\b{re.escape(word)}\b", own)]
    for name, data in files.items():
        for part, text in words_of(name, data):
            plain = _NEUTRAL.sub("", _plain(text))
            for word in strange:
                if at := re.search(rf"\b{re.escape(word)}\b", plain):
                    found.append(f"{part}: {word!r} in …{plain[max(0, at.start() - 50) : at.end() + 50]}…")
    return found


def _plain(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split()).casefold()


def with_attachments(name: str, data: bytes) -> dict[str, bytes]:
    found = {name: data}
    for part in message_from_bytes(data, policy=policy.default).iter_attachments():
        content = part.get_content()
        found[f"{name}/{part.get_filename()}"] = content.encode() if isinstance(content, str) else content
    return found


@pytest.mark.parametrize("regime", REGIMES)
def test_played_documents_use_only_their_regimes_words(story: Story, regime: str) -> None:
    place, played = story.place, story.played(regime)
    share_slices(place, regime, REGIMES[regime], played.deciding)
    pack, _ = place.at(regime, REGIMES[regime])
    files = {e["name"]: place.store.files.get(e["sha256"]) for e in manifest_of(story, regime)["files"]}
    for letter in sorted(place.settings.outbox.glob(f"{regime}__*.eml")):
        files |= with_attachments(letter.name, letter.read_bytes())
    assert any("slice" in name and name.endswith(".xlsx") for name in files)
    assert len(files) > 8
    assert strange_words(pack, files) == []


@pytest.mark.parametrize("regime", REGIMES)
def test_every_letter_template_uses_its_regimes_words(story: Story, regime: str) -> None:
    """Those the play does not send too; what a context itself says is an example's, and left out."""
    pack, period = story.place.at(regime, REGIMES[regime])
    head = Letterhead.of(pack.regime, period)
    example = " ".join(map(str, contexts().values())).casefold()
    letters = {}
    for name, context in contexts(head).items():
        letter = render(TEMPLATES, name.split(":")[0], context)
        letters |= {f"{name} (subject)": letter.subject.encode(), name: letter.text.encode()}
    assert [f for f in strange_words(pack, letters) if f.split("'")[1] not in example] == []


def test_correction_letter_names_its_own_packs_appendix(story: Story) -> None:
    for regime, annex in (("hai-phong-legal-aid", "V"), ("hai-phong-drug-programme", "VI")):
        pack, period = story.place.at(regime, REGIMES[regime])
        example = contexts(Letterhead.of(pack.regime, period))["dispatch"]
        replaced = Replaced(1, 1, "f" * 64, "03", "BC-STP", example.signed_on)  # type: ignore[attr-defined]
        context = correction_letter(example, replaced, pack.regime.report)  # type: ignore[arg-type]
        said = render(TEMPLATES, context.outcome, context).text
        assert f"nêu tại Phụ lục {annex} của báo cáo" in said
        assert f"- {pack.regime.wording.programme}: {pack.regime.programme}" in said


def test_first_regime_uses_no_other_regimes_words() -> None:
    source = full_size(own_texts=False)
    files = {"bao-cao.docx": build_report(source, TEMPLATES), "to-trinh.docx": build_cover_letter(source, TEMPLATES)}
    assert strange_words(source.pack, files) == []


def test_a_word_of_another_regime_is_seen(story: Story) -> None:
    pack, _ = story.place.at("hai-phong-legal-aid", REGIMES["hai-phong-legal-aid"])
    (found,) = strange_words(pack, {"x": "Số liệu toàn tỉnh theo kế hoạch".encode()})
    assert "'toàn tỉnh'" in found
