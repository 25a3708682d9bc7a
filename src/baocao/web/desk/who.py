"""Who is asking, where the desk runs alone: a reverse proxy that has logged people in, or the one user of this machine.

Inside Airflow the plugin answers this question instead (plugins/baocao_desk.py). Both end in the same list of people.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from baocao.settings import ConfigurationError
from baocao.web.desk.access import Asker, regimes_named
from baocao.workflow.sign_off.people import Person, read_people

Identify = Callable[[Request], Awaitable[Asker | None]]
SESSION = "baocao_desk"
_HOURS_12 = 12 * 3600


def asker_of(file: Path, name: str, account: str, roles: Iterable[str], is_them: Callable[[Person], bool]) -> Asker:
    """The asker with what the list of people says about the person; without such a list with the given roles alone.
    Raises ConfigurationError for a list that cannot be read."""
    # The list is read at every request: a role that was taken away is gone at once.
    people = read_people(file)
    own = frozenset(roles)
    if people is None:
        return Asker(name, account, own, regimes_named(own), nobody_was_given_roles=True)
    person = next((p for p in people.people if is_them(p)), None)
    if person is None:
        return Asker(name, account, own, regimes_named(own))
    every = own | frozenset(person.roles)
    return Asker(person.name, account, every, frozenset(person.regimes) or regimes_named(every))


def behind_proxy(file: Path, header: str, trusted: Callable[[Request], bool]) -> Identify:
    """Everybody whom the reverse proxy names in `header`, and whom the list of people knows under `sso_users`.

    A header from anybody else than the proxy (`trusted`) counts for nothing.
    """

    async def identify(request: Request) -> Asker | None:
        user = request.headers.get(header, "").strip()
        if not user or not trusted(request):
            return None
        people = read_people(file)
        person = next((p for p in people.people if user in p.sso_users), None) if people else None
        if person is None:
            return None
        return asker_of(file, person.name, f"sso:{user}", (), lambda p: p is not None and user in p.sso_users)

    return identify


class LocalLogin:
    """One person on this machine: the address with a one-time word opens a session in the browser it is opened in.

    The word stands in the terminal of whoever started the desk, so only the user of that terminal has it.
    """

    def __init__(self, file: Path, os_user: str, name: str | None = None) -> None:
        self._file, self._account = file, os_user
        self._word: str | None = secrets.token_urlsafe(24)
        # A key of this process alone: when the desk is started again, no earlier session opens it.
        self._sessions = URLSafeTimedSerializer(secrets.token_bytes(32), salt="baocao desk session")
        self._name = self._person(name)

    @property
    def path(self) -> str:
        """Where to log in, once."""
        return f"/login/{self._word}"

    async def identify(self, request: Request) -> Asker | None:
        """The person of the session; None without one, or after twelve hours."""
        try:
            self._sessions.loads(request.cookies.get(SESSION, ""), max_age=_HOURS_12)
        except BadSignature:
            return None
        # With a list of people what stands there; without one the account has the machine, and so everything on it.
        roles = () if read_people(self._file) is not None else ("admin",)
        return asker_of(self._file, self._name, self._account, roles, lambda p: p.name == self._name)

    def open(self, request: Request, word: str) -> Response | None:
        """The answer to the one-time address; None when the word is wrong or was used."""
        if self._word is None or not secrets.compare_digest(word.encode(), self._word.encode()):
            return None
        # Used up before anything else: an address left in the terminal or the browser's history opens nothing.
        self._word = None
        response = RedirectResponse(f"{request.scope.get('root_path', '')}/", status_code=303)
        secure = request.url.scheme == "https"
        response.set_cookie(SESSION, str(self._sessions.dumps("in")), httponly=True, samesite="strict", secure=secure)
        return response

    def _person(self, name: str | None) -> str:
        """Whose desk this is. Raises ConfigurationError where the list of people does not allow it."""
        people = read_people(self._file)
        account = self._account.removeprefix("os:")
        if people is None:
            return name or account
        mine = [p for p in people.people if account in p.os_users]
        if name is not None:
            mine = [p for p in mine if p.name == name]
        if len(mine) != 1:
            known = ", ".join(p.name for p in people.people if account in p.os_users) or "chưa có ai"
            raise ConfigurationError(
                f"{self._file}: tài khoản {account} phải đứng trong os_users của đúng một người được chọn; hiện có: "
                f"{known}; hãy nêu --as TÊN hoặc sửa tệp phân vai"
            )
        return mine[0].name
