"""The secret that signs form tokens and notices: made when first needed, beside the data of this installation."""

from __future__ import annotations

import secrets
from pathlib import Path

from baocao.store.trail.keys import make_secret_file


def signing_key(data: Path) -> bytes:
    """The key in `data/desk.key`; two processes that start at once end up with the same one."""
    file = data / "desk.key"
    if not file.exists():
        make_secret_file(file, secrets.token_bytes(32))
    return file.read_bytes()
