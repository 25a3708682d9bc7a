"""What our own relay found out about a sender (RFC 8601). Nobody else's word counts."""

from __future__ import annotations

import re
from collections.abc import Sequence

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"^\s*(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
# Not `none`, `neutral`, `temperror`: those found nothing out against the sender.
_DISTRUSTED = {"fail", "softfail", "permerror", "policy"}


def why_not_authentic(headers: Sequence[str], relay: str) -> str:
    """Why the sender cannot be believed; empty when nothing speaks against them.

    `headers` are the Authentication-Results, topmost first: only the topmost one that names `relay` counts, for a
    relay writes above whatever came with the message. DMARC decides where there is one; else SPF must not have failed
    unless a DKIM signature holds (a forwarded message keeps only that); else no DKIM signature may be broken.
    """
    # A sender can write such a header too: the relay must strip those of its own name (docs/security.md).
    own = next((h for h in headers if _name(h) == relay.lower()), None)
    if own is None:
        return f"thư không mang kết quả xác thực của máy chủ {relay}"
    found: dict[str, list[str]] = {"spf": [], "dkim": [], "dmarc": []}
    for clause in _without_comments(own).split(";")[1:]:
        if said := _RESULT.match(clause):
            found[said[1].lower()].append(said[2].lower())
    if found["dmarc"]:
        # DMARC already weighs SPF and DKIM against the address in From, which is the one we go by (RFC 7489).
        return "" if "fail" not in found["dmarc"] else "DMARC không đạt"
    signed = "pass" in found["dkim"]
    if set(found["spf"]) & _DISTRUSTED and not signed:
        return f"SPF không đạt ({', '.join(found['spf'])})"
    if set(found["dkim"]) & _DISTRUSTED and not signed and "pass" not in found["spf"]:
        return f"DKIM không đạt ({', '.join(found['dkim'])})"
    return ""


def _name(header: str) -> str:
    first = _without_comments(header).partition(";")[0].split()
    return first[0].lower() if first else ""


def _without_comments(text: str) -> str:
    before = ""
    # Comments may stand inside each other (RFC 5322), and a pattern takes only the innermost.
    while before != text:
        before, text = text, _COMMENT.sub(" ", text)
    return text
