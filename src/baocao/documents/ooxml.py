"""Office packages (xlsx, docx) as bytes that depend on their content only.

The libraries stamp the hour of writing into the zip and into `docProps/core.xml`; here both are set to a given day, so
that the same input always gives the same file and the same sha256.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date

_STAMP = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"
_DATES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")
# By its first entries `file` (libmagic) tells an Office package from any other zip.
_FIRST = ("[Content_Types].xml", "_rels/.rels")


def settle_package(data: bytes, day: date | None, replace: Mapping[str, bytes] | None = None) -> bytes:
    """The same package with fixed zip times, parts in a fixed order and both core dates set to `day`.

    With `day` None the core dates stay as they are. `replace` gives new content for some parts.
    """
    replace = replace or {}
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target,
    ):
        # A set: a zip may hold one name twice, and `read` gives the later one.
        names = sorted(set(source.namelist()), key=lambda n: (n not in _FIRST, n))
        for name in names:
            content = replace.get(name) or source.read(name)
            if name == _CORE and day is not None:
                content = _DATES.sub(rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode() + rb"\g<3>", content)
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            # Stated here, so that the bytes do not follow a default of the library.
            info.external_attr = 0o600 << 16
            target.writestr(info, content)
    return result.getvalue()


def core_day(data: bytes) -> date | None:
    """The day of last change that the package itself states, or None."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if _CORE not in package.namelist():
            return None
        found = re.search(rb"<dcterms:modified[^>]*>(\d{4}-\d\d-\d\d)", package.read(_CORE))
    try:
        return date.fromisoformat(found.group(1).decode()) if found else None
    except ValueError:
        return None
