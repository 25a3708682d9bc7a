"""Office packages (xlsx, docx) as bytes that depend on their content only.

The libraries stamp the hour of writing into the zip and into `docProps/core.xml`; here both are set to a given day, so
that the same input always gives the same file and the same sha256.
"""

from __future__ import annotations

import re
from datetime import date

from baocao.xlsx.packing import USUAL, deflated, parts_of, zip_of

_CORE = "docProps/core.xml"
_DATES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
# By its first entries `file` (libmagic) tells an Office package from any other zip.
_FIRST = ("[Content_Types].xml", "_rels/.rels")


def settle_package(data: bytes, day: date | None) -> bytes:
    """The same package with fixed zip times, parts in a fixed order and both core dates set to `day`.

    With `day` None the core dates stay as they are.
    """
    parts = parts_of(data)
    if day is not None and _CORE in parts:
        parts[_CORE] = _DATES.sub(rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode() + rb"\g<3>", parts[_CORE])
    names = sorted(parts, key=lambda name: (name not in _FIRST, name))
    return zip_of((name, deflated(parts[name], USUAL)) for name in names)


def core_day(data: bytes) -> date | None:
    """The day of last change that the package itself states, or None."""
    found = re.search(rb"<dcterms:modified[^>]*>(\d{4}-\d\d-\d\d)", parts_of(data).get(_CORE, b""))
    try:
        return date.fromisoformat(found.group(1).decode()) if found else None
    except ValueError:
        return None
