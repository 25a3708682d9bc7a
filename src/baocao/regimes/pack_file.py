"""A regime pack as one file, and back: what was in force then can be loaded at any time later."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath

from baocao.regimes.load import pack_files
from baocao.regimes.shared_forms import lent_files
from baocao.settings import ConfigurationError

_STAMP = (1980, 1, 1, 0, 0, 0)
"""The earliest a zip can say: the same pack is always the same bytes."""


def archived(folder: Path) -> bytes:
    """The pack as a zip file, in a folder of its name, with the forms it borrows beside it; the same content gives the
    same bytes."""
    files = {f"{folder.name}/{name}": content for name, content in pack_files(folder).items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        # What is borrowed lies in the archive too: the lender's folder may read differently when the report is
        # replayed (ADR 0018). The pack's own file stands where both have one.
        for name, content in sorted({**lent_files(folder), **files}.items()):
            # `writestr` with a bare name would write the clock's time and the system's file mode into the entry.
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def unpacked(data: bytes, folder: Path) -> Path:
    """Write the pack and what it borrows below `folder`, which must not hold anything yet.

    Raises ConfigurationError on a foreign file.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            path = PurePosixPath(entry.filename)
            # The archive comes from the file store, whose files somebody may have changed: no name may lead out of
            # the folder.
            if path.is_absolute() or ".." in path.parts:
                raise ConfigurationError(f"{entry.filename}: không phải tệp của một gói chế độ đã lưu")
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(entry))
    return folder
