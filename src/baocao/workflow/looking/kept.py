"""What is worked out once from bytes that never change, and kept beside the data: a page must not read a file twice.

Nothing here is a record: a file that is gone, or cannot be written, is worked out again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from baocao.workflow.installation import Installation

log = logging.getLogger(__name__)


def kept(place: Installation, kind: str, of: str, make: Callable[[], Any]) -> Any:
    """The plain JSON that `make` gives, from `views/` where it was kept before.

    `kind` is a word for the answer that changes when its form changes; `of` names everything the answer follows from.
    """
    file = place.settings.data / "views" / f"{kind}-{hashlib.sha256(of.encode()).hexdigest()}.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        made = make()
    # Several processes may work out the same: each writes its own file, and the last name given holds.
    aside = file.with_name(f".{uuid4().hex}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
        aside.replace(file)
    except OSError:
        # A full disk must not take the page away: what could not be kept is worked out again.
        log.warning("Không giữ lại được %s; lần sau sẽ tính lại", file, exc_info=True)
    return made
