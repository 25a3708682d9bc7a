"""The secret that signs form tokens and notices: made when first needed, beside the data of this installation."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_BYTES = 32


def signing_key(data: Path) -> bytes:
    """The key in `data/desk.key` (0600); two processes that start at once end up with the same one."""
    file = data / "desk.key"
    data.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    if not file.exists():
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(_BYTES))
        try:
            # link() and not rename(): it fails where another process was first, instead of replacing the key that one
            # uses.
            os.link(aside, file)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return file.read_bytes()
