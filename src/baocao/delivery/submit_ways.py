"""Where a unit sends its report: the ways this installation has, as every letter that asks for a report names them."""

from __future__ import annotations

from dataclasses import dataclass

from baocao.settings import Settings


@dataclass(frozen=True, slots=True)
class SubmitWay:
    """One way of handing in, as one line of a letter."""

    text: str
    url: str = ""
    """An address that opens the way; it stands behind the text."""


def ways_of(settings: Settings, regime: str, unit: str, *, link: str = "", address: str = "") -> tuple[SubmitWay, ...]:
    """The ways of handing in that are open to a unit, the easiest first; at least one. `link` opens its own page,
    `address` takes its answers.

    What the office wrote (`BAOCAO_SUBMIT_HINT`) comes last; the folder on this machine is named only where there is
    nothing else, by its whole path.
    """
    found: list[SubmitWay] = []
    if link:
        found.append(SubmitWay("mở trang nộp báo cáo của riêng đơn vị (không chuyển đường dẫn này cho nơi khác)", link))
    if address:
        found.append(SubmitWay(f"trả lời thư này và đính kèm tệp, hoặc gửi tệp từ hộp thư của đơn vị tới {address}"))
    if hint := settings.submit_hint(regime):
        found.append(SubmitWay(hint.replace("{unit}", unit)))
    if not found:
        found.append(SubmitWay(f"chép tệp đã điền vào thư mục {settings.inbox.absolute() / unit}"))
    return tuple(found)
