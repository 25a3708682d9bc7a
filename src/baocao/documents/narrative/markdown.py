"""A section as Markdown, and back: the form in which an office's text is kept, and one of the two it is edited in.

`## ` is a titled part, `### ` a lettered one, `- ` a point; blank lines part paragraphs. `{{key|value}}` is a protected
figure, `{{bang:ten}}` and `{{hinh:ten}}` stand alone on a line where a table or a picture is printed.
"""

from __future__ import annotations

import re

from baocao.documents.narrative.blocks import TABLES, BlockKind, NarrativeBlock
from baocao.documents.narrative.marks import SIGNS, Span, figures_in, joined, spans
from baocao.text import nfc

_FIGURE = re.compile(r"\{\{([^{}|]+)\|([^{}]*)\}\}")
_OBJECT = re.compile(r"\{\{(bang|hinh):([\w-]+)\}\}")
_HEADS = {"### ": BlockKind.SUBTITLE, "## ": BlockKind.TITLE}
NAMES = dict(
    zip(TABLES, ("muc-tieu", "bien-dong", "kinh-phi", "ke-hoach-giai-doan", "kinh-phi-giai-doan"), strict=True)
)
"""Table -> what it is called in an edited text."""
_TABLE_OF = {shown: name for name, shown in NAMES.items()}
_STRAY = re.compile(f"[{SIGNS}]")


def object_of(block: NarrativeBlock) -> str:
    """`{{bang:muc-tieu}}`: the place of a table or a picture."""
    return f"{{{{bang:{NAMES[block.name]}}}}}" if block.kind is BlockKind.TABLE else f"{{{{hinh:{block.name}}}}}"


def object_named(text: str) -> NarrativeBlock | None:
    """The table or picture a paragraph stands for; None for an ordinary paragraph."""
    found = _OBJECT.fullmatch(text.strip())
    if found is None:
        return None
    if found[1] == "hinh":
        return NarrativeBlock(BlockKind.PICTURE, name=found[2])
    return NarrativeBlock(BlockKind.TABLE, name=_TABLE_OF.get(found[2], found[2]))


def inline(text: str) -> str:
    """A sentence with its figures as `{{key|value}}`."""
    pieces = []
    for span in spans(text):
        # Somebody's own braces must not read as a figure when the text comes back.
        plain = nfc_inside(span.text).replace("{{", "{ {").replace("}}", "} }")
        pieces.append(f"{{{{{span.key}|{plain}}}}}" if span.key else plain)
    return nfc("".join(pieces))


def nfc_inside(text: str) -> str:
    """NFC and single blanks, outer blanks kept: a piece of a sentence."""
    inner = nfc(text)
    left, right = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * left}{inner}{' ' * right}" if inner else " " * bool(text)


def from_inline(text: str) -> str:
    """The other way round, as a sentence with marks."""
    text, pieces, at = _STRAY.sub("", text), [], 0
    for match in _FIGURE.finditer(text):
        pieces += [Span(text[at : match.start()]), Span(nfc(match[2]), nfc(match[1]))]
        at = match.end()
    return joined([*pieces, Span(text[at:])])


def line_of(block: NarrativeBlock) -> str:
    """A block as one line of Markdown."""
    if block.is_object:
        return object_of(block)
    if block.kind is BlockKind.OPINION:
        return inline(f"- {block.who}: {block.text}")
    head = next((mark for mark, kind in _HEADS.items() if kind is block.kind), "")
    return head + inline(block.text)


def to_markdown(blocks: list[NarrativeBlock]) -> str:
    """The section's text, canonical: the same blocks always give the same text."""
    return "\n\n".join(line for block in blocks if (line := line_of(block).strip()))


def from_markdown(text: str) -> list[NarrativeBlock]:
    """The blocks of a section's text. Lines that follow each other are one paragraph, unless they begin a point."""
    blocks: list[NarrativeBlock] = []
    paragraph: list[str] = []

    def close() -> None:
        if paragraph:
            blocks.append(block_of(" ".join(paragraph)))
            paragraph.clear()

    for raw in text.splitlines():
        line = nfc(raw)
        starts = line.startswith(("- ", "* ", "+ ", "#")) or object_named(line) is not None
        if not line or starts:
            close()
        if not line:
            continue
        paragraph.append(line)
        if line.startswith("#") or object_named(line) is not None:
            close()
    close()
    return blocks


def block_of(line: str) -> NarrativeBlock:
    """One paragraph of an edited text as a block."""
    if (found := object_named(line)) is not None:
        return found
    kind = None
    for mark, heading in _HEADS.items():
        if line.startswith(mark):
            kind, line = heading, line.removeprefix(mark)
    # Word's bullets and the other signs of Markdown: one spelling, or the same text would differ from the draft.
    line = re.sub(r"^[*+•–] ", "- ", line)
    text = from_inline(line)
    if kind is None:
        kind = BlockKind.FIGURES if figures_in(text) else BlockKind.BODY
    return NarrativeBlock(kind, text)
