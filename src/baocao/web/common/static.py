"""Our own style sheets and scripts, from `include/templates/web/static`: read once, named by their content."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FOR_EVER = "public, max-age=31536000, immutable"


class StaticFiles:
    """The files of one folder, in memory. Their address carries their hash, so a browser asks again only after a
    change."""

    def __init__(self, folder: Path) -> None:
        # Read once, so that a name in an address is looked up in a dict and never becomes a path.
        self._files = {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}
        self._hashes = {name: hashlib.sha256(data).hexdigest()[:12] for name, data in self._files.items()}

    def url(self, name: str) -> str:
        """`/static/<hash>/<name>`. Raises KeyError for a file that is not there."""
        return f"/static/{self._hashes[name]}/{name}"

    @property
    def route(self) -> Route:
        return Route("/static/{digest}/{name}", self._serve)

    async def _serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        # An old hash must not be answered with the new file: the browser would keep it for a year under the wrong
        # address.
        if self._hashes.get(name) != request.path_params["digest"]:
            raise HTTPException(404)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(self._files[name], media_type=kind, headers={"cache-control": _FOR_EVER})
