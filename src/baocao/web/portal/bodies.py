"""Taking in the body of a request: streamed to disk, bounded in size and time, with the moment of its last byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from baocao.web.portal.config import MEGABYTE, Clock, PortalLimits

_BROKEN = "Lượt gửi bị đứt giữa chừng, chưa nhận được tệp nào. Hãy gửi lại."
_SLOW = "Đường truyền dừng quá lâu, chưa nhận được tệp nào. Hãy gửi lại."


@dataclass
class Body:
    """A form as it came."""

    form: FormData
    received_at: datetime
    """the moment the last byte was here: it is that which counts"""
    files: list[UploadFile] = field(default_factory=list)

    def text(self, name: str) -> str:
        """The first field of that name; empty when it is not there or is a file."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""


class _ToDisk(MultiPartParser):
    """Files on their way go to disk early."""

    def __init__(self, limits: PortalLimits, request: Request, stream: AsyncGenerator[bytes, None]) -> None:
        self.spool_max_size = limits.in_memory_bytes
        super().__init__(
            request.headers,
            stream,
            max_files=limits.files,
            max_fields=limits.form_fields,
            max_part_size=limits.field_bytes,
        )


@asynccontextmanager
async def body_of(request: Request, limits: PortalLimits, clock: Clock, most_bytes: int) -> AsyncIterator[Body]:
    """The form in the request's body; its files are closed (and gone from disk) when the block ends.

    Raises HTTPException: 413 too large, 408 too slow, 400 broken off or no form. Then nothing was taken.
    """
    # Not `request.form()`: it bounds neither the whole body nor its time, and takes any other kind for an empty form.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        raise HTTPException(400, "Yêu cầu không phải biểu mẫu của trang này.")
    taken = _Taking(request, limits, most_bytes)
    try:
        async with asyncio.timeout(limits.body_seconds):
            if kind == "multipart/form-data":
                form = await _ToDisk(limits, request, taken.pieces()).parse()
            else:
                form = await FormParser(request.headers, taken.pieces()).parse()
    except TimeoutError:
        raise HTTPException(408, _SLOW) from None
    except ClientDisconnect:
        raise HTTPException(400, _BROKEN) from None
    except MultiPartException as error:
        said = f"Mỗi lần gửi tối đa {limits.files} tệp." if "Too many" in error.message else _BROKEN
        raise HTTPException(400, said) from None
    # Before anything else is done with it: the moment of receipt is that of the last byte (docs/security.md).
    received_at = clock.now()
    try:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]
        yield Body(form, received_at, files)
    finally:
        await form.close()


class _Taking:
    """The pieces of one body, counted."""

    def __init__(self, request: Request, limits: PortalLimits, most_bytes: int) -> None:
        self._request, self._limits, self._most = request, limits, most_bytes

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        # Only a hint, and absent in a chunked body: the count below is what bounds.
        announced = self._request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._most:
            if int(announced) <= self._limits.drained_bytes:
                async for _ in self._stream():
                    pass
            raise self._too_large()
        count = 0
        async for piece in self._stream():
            count += len(piece)
            if count > self._most:
                raise self._too_large()
            yield piece

    async def _stream(self) -> AsyncGenerator[bytes, None]:
        stream = self._request.stream()
        while True:
            try:
                async with asyncio.timeout(self._limits.idle_seconds):
                    piece = await anext(stream)
            except StopAsyncIteration:
                return
            yield piece

    def _too_large(self) -> HTTPException:
        return HTTPException(
            413, f"Tổng dung lượng một lần gửi tối đa {self._most // MEGABYTE} MB; chưa nhận được tệp nào."
        )
