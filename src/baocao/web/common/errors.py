"""What went wrong, as a page a person can act on. Nothing of our inside is told; the log has it by the number shown."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from baocao.web.common.pages import Pages

log = logging.getLogger(__name__)
Handler = Callable[[Request, Exception], Awaitable[Response]]

_SAID = {
    403: "Không được phép",
    404: "Không có trang này",
    405: "Không làm được việc này ở trang này",
    413: "Tệp quá lớn",
    429: "Gửi quá nhiều lần trong thời gian ngắn",
    503: "Hệ thống đang bận",
}
_DO = {
    404: "Hãy dùng đúng liên kết trong thư; sao chép cả dòng, không thiếu ký tự nào.",
    405: "Hãy quay lại trang trước.",
    429: "Hãy chờ một phút rồi thử lại.",
    503: "Hãy thử lại sau ít phút.",
}
_BROKEN = "Hệ thống gặp lỗi. Việc vừa làm có thể chưa được ghi; hãy tải lại trang để xem."


def error_handlers(pages: Pages) -> dict[type[Exception] | int, Handler]:
    """For `Starlette(exception_handlers=...)`."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        title = _SAID.get(error.status_code, "Yêu cầu không được thực hiện")
        # Without a sentence of ours Starlette puts the English phrase of the status there.
        own = error.detail if not error.detail.isascii() else _DO.get(error.status_code, "")
        response = pages.page(
            request, "web/common/error.html", status=error.status_code, title=title, said=own, number=""
        )
        response.headers.update(error.headers or {})
        return response

    async def broken(request: Request, error: Exception) -> Response:
        number = secrets.token_hex(4)
        # The method and not the path: the path of an opening request is the word of a personal link.
        log.error("request %s failed: %s", number, request.method, exc_info=error)
        return pages.page(
            request, "web/common/error.html", status=500, title="Lỗi của hệ thống", said=_BROKEN, number=number
        )

    return {HTTPException: refused, Exception: broken}
