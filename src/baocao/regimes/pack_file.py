"""A regime pack as one file, and back: what was in force then can be loaded at any time later."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from baocao.regimes.load import pack_files
from baocao.regimes.shared_forms import lent_files
from baocao.settings import ConfigurationError
from baocao.xlsx.packing import USUAL, deflated, parts_of, zip_of


def archived(folder: Path) -> bytes:
    """The pack as a zip file, in a folder of its name, with the forms it borrows beside it; the same content gives the
    same bytes."""
    files = {f"{folder.name}/{name}": content for name, content in pack_files(folder).items()}
    # What is borrowed lies in the archive too: the lender's folder may read differently when the report is replayed
    # (ADR 0018). The pack's own file stands where both have one.
    all_files = sorted({**lent_files(folder), **files}.items())
    return zip_of((name, deflated(content, USUAL)) for name, content in all_files)


def unpacked(data: bytes, folder: Path) -> Path:
    """Write the pack and what it borrows below `folder`, which must not hold anything yet.

    Raises ConfigurationError on a foreign file.
    """
    for name, content in parts_of(data).items():
        path = PurePosixPath(name)
        # The archive comes from the file store, whose files somebody may have changed: no name may lead out of the
        # folder.
        if path.is_absolute() or ".." in path.parts:
            raise ConfigurationError(f"{name}: không phải tệp của một gói chế độ đã lưu")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder
