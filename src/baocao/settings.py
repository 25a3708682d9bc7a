"""Where things are and how mail leaves: read once from the environment, checked at start.

Every setting has an embedded default, so that nothing has to be configured to run on one machine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from baocao.mailbox_settings import Mailbox, mailbox_of


class ConfigurationError(Exception):
    """A setting or a pack file is wrong. The message names the file or variable, the key, the reason and the cure."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Paths, addresses and switches of one installation."""

    root: Path
    """The project folder: holds `include/` and `sql/`."""
    data: Path
    """Everything that is written when nothing else is configured."""
    database_url: str
    """SQLAlchemy URL of our own database (never Airflow's)."""
    files_url: str
    """fsspec URL of the write-once file store."""
    inbox: Path
    """The folder channel: units' workbooks arrive here."""
    outbox: Path
    """`.eml` files are written here when no SMTP server is configured."""
    dispatch: Path
    """Dispatch packages are written here, one folder a report."""
    smtp_url: str | None
    """`smtp://`, `smtp+starttls://` or `smtps://`, with user, password (or `password_file` in the query) and port."""
    mail_from: str
    operator_email: str
    """Receives our own alarms."""
    schedule_from: date | None
    """Reporting windows that open before this day are not scheduled (first deployment in mid-year)."""
    regimes: Path
    """The folder of the regime packs, one folder a regime: the project's own, or one that is mounted."""
    run_only: tuple[str, ...]
    """The regimes this installation runs; empty: every pack there is. Others may still lend their forms."""
    people_file: Path = Path("people.yaml")
    """Who holds which role (`workflow.sign_off.people`); where it does not exist, nobody was given one."""

    trust_roots: Path | None = None
    """The folder of the certificates that a document signed digitally must lead to; None: none are trusted."""
    pdf_required: bool = False
    """Whether a report that cannot be made a PDF (no LibreOffice) is not dispatched; a production installation's."""

    database_app_role: str = ""
    """On PostgreSQL the role the application works under; `baocao migrate`, run by the owner, gives it its rights."""
    audit_key_file: Path | None = None
    """The keys of the audit trail (`store.trail.keys`); None: beside the data, made when first needed."""
    audit_anchors: Path | None = None
    """Where the head of the trail is written after every commit; None: beside the data."""

    mailbox: Mailbox | None = None
    """The mailbox units may send to (`BAOCAO_IMAP_URL`, `BAOCAO_MAIL_ADDRESS`, `BAOCAO_MAIL_RELAY`); None: none."""
    clamd_url: str = ""
    """The anti-virus daemon that is asked before a file is opened; empty: none."""
    submit_hints: Mapping[str, str] = field(default_factory=dict)
    """How units hand in, as the office words it: regime -> text, under the empty name for every other regime. `{unit}`
    stands for the unit's code."""

    def submit_hint(self, regime: str) -> str:
        """The office's own words on how to hand in; empty when it wrote none."""
        return self.submit_hints.get(regime, self.submit_hints.get("", ""))

    web_key_file: Path | None = None
    """The keys of personal links and web forms (`store.trail.keys`); None: beside the data, made when first needed."""
    portal_url: str = ""
    """Where units reach the portal, without a slash at the end; empty: there is none, and letters carry no link."""
    desk_url: str = ""
    """Where the office reaches the desk; empty: letters to those who decide carry no link."""

    def trusted_certificates(self) -> tuple[bytes, ...]:
        """The certificates of `trust_roots`, as DER. Raises ConfigurationError naming what cannot be read."""
        return () if self.trust_roots is None else _certificates(self.trust_roots)

    @property
    def anchors(self) -> Path:
        """Where the anchors of the audit trail are."""
        return self.audit_anchors or self.data / "audit.anchors"

    @property
    def templates(self) -> Path:
        return self.root / "include" / "templates"

    @property
    def reference(self) -> Path:
        return self.root / "include" / "reference"

    @property
    def sql(self) -> Path:
        return self.root / "sql"


def _from_environment_or_file(env: Mapping[str, str], key: str) -> str | None:
    """`KEY`, or the content of the file named by `KEY_FILE` (secrets are mounted as files in production)."""
    named = env.get(f"{key}_FILE")
    if named:
        path = Path(named)
        if not path.is_file():
            raise ConfigurationError(f"{key}_FILE: không có tệp {path}; hãy tạo tệp hoặc bỏ biến này")
        return path.read_text(encoding="utf-8").strip()
    return env.get(key) or None


def _named_file(env: Mapping[str, str], key: str) -> Path | None:
    """The file a variable names, which must be there; None where the variable is empty."""
    if not env.get(key):
        return None
    path = Path(env[key]).resolve()
    if not path.is_file():
        raise ConfigurationError(f"{key}: không có tệp {path}; hãy tạo tệp hoặc bỏ biến này")
    return path


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read the `BAOCAO_*` variables.

    Raises ConfigurationError naming the variable, what is wrong with it and what to put there.
    """
    env = os.environ if env is None else env
    root = Path(env.get("BAOCAO_ROOT") or Path(__file__).resolve().parents[2])
    regimes, run_only = _packs(env, root)
    data = Path(env.get("BAOCAO_DATA") or root / "var").resolve()
    schedule_from = None
    if text := env.get("BAOCAO_SCHEDULE_FROM"):
        try:
            schedule_from = date.fromisoformat(text)
        except ValueError:
            raise ConfigurationError(f"BAOCAO_SCHEDULE_FROM: {text!r} không phải ngày dạng YYYY-MM-DD") from None
    smtp_url = _from_environment_or_file(env, "BAOCAO_SMTP_URL")
    if smtp_url and urlsplit(smtp_url).scheme not in {"smtp", "smtp+starttls", "smtps"}:
        raise ConfigurationError("BAOCAO_SMTP_URL: phải bắt đầu bằng smtp://, smtp+starttls:// hoặc smtps://")
    return Settings(
        root=root,
        data=data,
        database_url=_from_environment_or_file(env, "BAOCAO_DATABASE_URL") or f"sqlite:///{data / 'baocao.db'}",
        files_url=env.get("BAOCAO_FILES_URL") or (data / "files").as_uri(),
        inbox=Path(env.get("BAOCAO_INBOX") or data / "inbox"),
        outbox=Path(env.get("BAOCAO_OUTBOX") or data / "outbox"),
        dispatch=Path(env.get("BAOCAO_DISPATCH") or data / "dispatch"),
        smtp_url=smtp_url,
        mail_from=env.get("BAOCAO_MAIL_FROM") or "bao-cao@baocao.example",
        operator_email=env.get("BAOCAO_OPERATOR_EMAIL") or "quan-tri@baocao.example",
        schedule_from=schedule_from,
        database_app_role=env.get("BAOCAO_DATABASE_APP_ROLE") or "",
        regimes=regimes,
        run_only=run_only,
        audit_key_file=_named_file(env, "BAOCAO_AUDIT_KEY_FILE"),
        audit_anchors=Path(env["BAOCAO_AUDIT_ANCHORS"]).resolve() if env.get("BAOCAO_AUDIT_ANCHORS") else None,
        web_key_file=_named_file(env, "BAOCAO_WEB_KEY_FILE"),
        portal_url=_web_address(env, "BAOCAO_PORTAL_URL"),
        desk_url=_web_address(env, "BAOCAO_DESK_URL"),
        trust_roots=_trust_roots(env),
        pdf_required=_switch(env, "BAOCAO_PDF_REQUIRED"),
        people_file=_named_file(env, "BAOCAO_PEOPLE_FILE") or data / "people.yaml",
        submit_hints=_submit_hints(env, regimes),
        mailbox=_mailbox(env),
        clamd_url=_clamd(env),
    )


def _web_address(env: Mapping[str, str], key: str) -> str:
    """`https://bao-cao.example`, without a slash at the end; empty where the variable is."""
    address = (env.get(key) or "").rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        raise ConfigurationError(f"{key}: {address!r} không phải địa chỉ web; hãy ghi dạng https://máy-chủ[:cổng]")
    return address


def _switch(env: Mapping[str, str], key: str) -> bool:
    """`true` or `false`; empty is false."""
    text = env.get(key, "").strip().lower()
    if text not in {"", "true", "false"}:
        raise ConfigurationError(f"{key}: {env[key]!r} không đúng; hãy ghi true hoặc false")
    return text == "true"


def _trust_roots(env: Mapping[str, str]) -> Path | None:
    """The folder, every certificate in it readable, at least one there; None where the variable is empty."""
    key = "BAOCAO_TRUST_ROOTS"
    if not env.get(key):
        return None
    folder = Path(env[key]).resolve()
    try:
        roots = _certificates(folder)
    except ConfigurationError as error:
        raise ConfigurationError(f"{key}: {error}") from error
    if not roots:
        raise ConfigurationError(
            f"{key}: {folder} không có chứng thư nào (.pem, .crt, .cer, .der); hãy chép chứng thư gốc vào đó hoặc bỏ "
            "biến này"
        )
    return folder


def _certificates(folder: Path) -> tuple[bytes, ...]:
    from baocao.trust_roots import load_trust_roots  # loads a library that most commands never need

    try:
        return load_trust_roots(folder)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _packs(env: Mapping[str, str], root: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder of the packs and the regimes to run."""
    own = env.get("BAOCAO_PACKS")
    regimes = Path(own).resolve() if own else root / "include" / "regimes"
    if own and not regimes.is_dir():
        raise ConfigurationError(f"BAOCAO_PACKS: không có thư mục {regimes}; hãy gắn thư mục gói chế độ vào đó")
    if not regimes.is_dir():
        raise ConfigurationError(
            f"BAOCAO_ROOT: {root} không chứa include/regimes; hãy trỏ biến này tới thư mục gốc của dự án"
        )
    wanted = tuple(dict.fromkeys(code.strip() for code in env.get("BAOCAO_REGIMES", "").split(",") if code.strip()))
    unknown = [code for code in wanted if not (regimes / code).is_dir()]
    if unknown:
        known = ", ".join(sorted(p.name for p in regimes.iterdir() if p.is_dir())) or "(chưa có)"
        raise ConfigurationError(
            f"BAOCAO_REGIMES: {regimes} không có chế độ {', '.join(unknown)}; hiện có: {known}; hãy sửa biến này"
        )
    return regimes, wanted


def _clamd(env: Mapping[str, str]) -> str:
    text = env.get("BAOCAO_CLAMD", "").strip()
    parts = urlsplit(text)
    try:
        right = parts.path.startswith("/") if parts.scheme == "unix" else bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if text and (parts.scheme not in {"tcp", "unix"} or not right):
        raise ConfigurationError("BAOCAO_CLAMD: cần dạng tcp://máy-chủ:3310 hoặc unix:///đường/dẫn/clamd.ctl")
    return text


def _mailbox(env: Mapping[str, str]) -> Mailbox | None:
    try:
        return mailbox_of(env, _from_environment_or_file(env, "BAOCAO_IMAP_URL"))
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _submit_hints(env: Mapping[str, str], regimes: Path) -> dict[str, str]:
    """`BAOCAO_SUBMIT_HINT`, and `BAOCAO_SUBMIT_HINT_<REGIME>` for one regime."""
    start, hints = "BAOCAO_SUBMIT_HINT", dict[str, str]()
    known = {folder.name.replace("-", "_").upper(): folder.name for folder in regimes.iterdir() if folder.is_dir()}
    for name, value in sorted(env.items()):
        if not value.strip() or not (name == start or name.startswith(f"{start}_")):
            continue
        which = name.removeprefix(start).removeprefix("_")
        if which and which not in known:
            raise ConfigurationError(f"{name}: không có chế độ nào viết như vậy; hiện có: {', '.join(sorted(known))}")
        odd = sorted(set(re.findall(r"\{[^{}]*\}?", value)) - {"{unit}"})
        if odd:
            raise ConfigurationError(f"{name}: không hiểu {', '.join(odd)}; chỉ dùng được {{unit}} (mã của đơn vị)")
        hints[known[which] if which else ""] = " ".join(value.split()).rstrip(".")
    return hints
