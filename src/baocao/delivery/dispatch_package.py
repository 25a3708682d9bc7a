"""The dispatch package: one folder a report version, written whole or not at all, the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from baocao.delivery import outbox
from baocao.delivery.addresses import source_of
from baocao.delivery.contexts.common import Letterhead, anchored
from baocao.delivery.contexts.reports import Dispatch, DispatchCorrection, DispatchedFile
from baocao.delivery.letters import render
from baocao.delivery.message import Attachment, is_address, named
from baocao.delivery.metadata import DocumentMetadata
from baocao.model.correction import Replaced
from baocao.model.pack import Pack
from baocao.model.pack_parts.wording import ReportLayout
from baocao.model.period import Period
from baocao.model.regime import Recipient
from baocao.model.report import Report, ReportStatus, Signature
from baocao.settings import ConfigurationError, Settings
from baocao.store.mail import outbox_rows
from baocao.store.trail import events

SUMS = "SHA256SUMS"
_OWN = ("metadata.xml", "metadata.json", "manifest.json", "recipients.json", SUMS)


class PackageRefused(Exception):  # noqa: N818
    """The package must not be written. The message says why and what to do; nothing was changed."""


@dataclass(frozen=True, slots=True)
class DispatchPackage:
    """A package on disk."""

    path: Path
    sha256: str
    """Of its SHA256SUMS, and by it of every file."""
    files: dict[str, str]
    """file name -> sha256, without SHA256SUMS itself"""


def write_package(
    folder: Path,
    *,
    report: Report,
    manifest: Mapping[str, Any],
    files: Mapping[str, bytes],
    recipients: Sequence[Recipient],
    signature: Signature,
    metadata: DocumentMetadata,
    replaced: Replaced | None = None,
) -> DispatchPackage:
    """Write `<folder>/<regime>/<period>/v<version>/`: the files, metadata (XML, JSON), manifest, recipients, checksums.

    Written beside its place and moved there in one step. A package that is there already is accepted when it is the
    same to the byte. Raises PackageRefused when it differs, when the report is not signed, when a file is not the one
    the manifest names, or when nobody is to receive it. `replaced` is the report a correction stands for.
    """
    _check(report, manifest, files, recipients)
    content = dict(files)
    content["metadata.xml"] = metadata.to_xml()
    content["metadata.json"] = metadata.to_json()
    content["manifest.json"] = _json(manifest)
    content["recipients.json"] = _json(_addresses(report, recipients, signature, replaced))
    target = folder / report.regime / report.period / f"v{report.version}"
    # Before the checksums: they cover this file, and the package of a second try must have the sums of the first.
    content["recipients.json"] = _as_first_written(target / "recipients.json", content["recipients.json"])
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(content.items())}
    content[SUMS] = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    # Never written again: what a signed package looked like when it left is evidence. A second try only compares.
    if not target.exists():
        _write(target, content)
    # Also after writing it ourselves: another process may have been first, with other content.
    _compare(target, content)
    return DispatchPackage(target, hashlib.sha256(content[SUMS]).hexdigest(), sums)


def verify_package(path: Path) -> list[str]:
    """What is wrong with a package on disk, one sentence a file; empty when every checksum is right."""
    sums = path / SUMS
    if not sums.is_file():
        return [f"{path}: thiếu {SUMS}"]
    problems = []
    pairs = (line.partition("  ") for line in sums.read_text(encoding="utf-8").splitlines())
    expected = {name: digest for digest, _, name in pairs}
    for name, digest in expected.items():
        file = path / name
        if not file.is_file():
            problems.append(f"{name}: thiếu tệp")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            problems.append(f"{name}: nội dung đã bị thay đổi")
    extra = {f.name for f in path.iterdir()} - set(expected) - {SUMS}
    return problems + [f"{name}: tệp lạ, không có trong {SUMS}" for name in sorted(extra)]


def dispatch_letters(
    conn: Connection,
    settings: Settings,
    pack: Pack,
    period: Period,
    *,
    report: Report,
    package: DispatchPackage,
    recipients: Sequence[Recipient],
    signature: Signature,
    subject: str,
    attachments: Sequence[Attachment],
    at: datetime,
    replaced: Replaced | None = None,
) -> dict[str, int]:
    """Enqueue one cover mail per recipient, each with the attachments; recipient id -> outbox row.

    With `replaced` the letter of a correction, which names the report it replaces.

    Idempotent: a recipient whose mail is there already keeps it. Raises ConfigurationError, before anything is
    enqueued, when a recipient has no usable address.
    """
    for recipient in recipients:
        if not is_address(recipient.email):
            raise ConfigurationError(
                f"{pack.code}/regime.yaml: recipients.{recipient.id}.email: {recipient.email!r} không dùng được; "
                "hãy sửa địa chỉ rồi phát hành lại"
            )
    rows: dict[str, int] = {}
    step = f"dispatch-v{report.version}"
    for recipient in recipients:
        context = Dispatch(
            head=Letterhead.of(pack.regime, period),
            addressee=recipient.name,
            issuer=pack.regime.authority.issuer_in_sentence,
            title=subject,
            document_number=signature.number,
            document_symbol=signature.symbol,
            signed_on=signature.signed_on,
            files=tuple(DispatchedFile(a.filename, a.sha256) for a in attachments),
            package_sha256=package.sha256,
        )
        if replaced is not None:
            context = correction_letter(context, replaced, pack.regime.report)
        row = outbox.enqueue(
            conn,
            regime=pack.code,
            period=period.code,
            unit=recipient.id,
            step=step,
            recipient=named(recipient.name, recipient.email),
            letter=render(settings.templates, context.outcome, anchored(context, *events.head(conn))),
            attachments=attachments,
            created_at=at,
            address_of=source_of(pack, recipient.id, recipient.email),
        )
        if row is None:
            row = outbox_rows.id_of(conn, regime=pack.code, period=period.code, unit=recipient.id, step=step)
        rows[recipient.id] = row
    return rows


def correction_letter(context: Dispatch, replaced: Replaced, layout: ReportLayout) -> DispatchCorrection:
    """The same letter of a correction: which report it replaces, and in which appendix of the report that is told."""
    said = {f.name: getattr(context, f.name) for f in fields(Dispatch)}
    return DispatchCorrection(
        **said,
        replaced_number=replaced.number,
        replaced_symbol=replaced.symbol,
        replaced_on=replaced.signed_on,
        annex=layout.correction_number,
    )


def _check(
    report: Report, manifest: Mapping[str, Any], files: Mapping[str, bytes], recipients: Sequence[Recipient]
) -> None:
    """Raises PackageRefused for an unsigned report, no files, no recipients, a bad name, a file that was not signed."""
    name = f"Báo cáo {report.regime} {report.period} bản {report.version}"
    if report.status not in {ReportStatus.SIGNED, ReportStatus.DISPATCHED}:
        raise PackageRefused(f"{name}: đang ở trạng thái {report.status.value}; chỉ phát hành báo cáo đã ký")
    if not files:
        raise PackageRefused(f"{name}: không có tệp nào để phát hành")
    if not recipients:
        raise PackageRefused(f"{name}: không có nơi nhận; hãy xem recipients của loại kỳ báo cáo trong regime.yaml")
    for file, data in files.items():
        # A file of the report must not take the place of the manifest or the sums, nor be written outside the package.
        if file in _OWN or Path(file).name != file or file.startswith("."):
            raise PackageRefused(f"{name}: tên tệp {file!r} không dùng được trong bộ hồ sơ; hãy đổi tên")
        # What was made after the signature (the document with number and day) is in no manifest; dispatch has rebuilt
        # and compared the frozen content before (ADR 0004).
        sealed = _sealed(manifest).get(file)
        if sealed is not None and hashlib.sha256(data).hexdigest() != sealed:
            raise PackageRefused(
                f"{name}: tệp {file} khác tệp đã duyệt và ký; không phát hành, hãy báo bộ phận vận hành"
            )


def _sealed(manifest: Mapping[str, Any]) -> dict[str, str]:
    """file name -> sha256, as the manifest has it."""
    return {str(entry["name"]): str(entry["sha256"]) for entry in manifest.get("files", ())}


def _addresses(
    report: Report, recipients: Sequence[Recipient], signature: Signature, replaced: Replaced | None
) -> dict[str, Any]:
    """What `recipients.json` holds: the document, whom it goes to, and what it replaces."""
    replaces = {} if replaced is None else {"replaces": _document(replaced)}
    return {
        "regime": report.regime,
        "period": report.period,
        "version": report.version,
        "content_sha256": report.content_sha256,
        "document": _document(signature),
        **replaces,
        "recipients": [
            {"id": r.id, "name": r.name, "email": r.email, "organ_code": r.organ_code, "via": r.via} for r in recipients
        ],
    }


def _as_first_written(file: Path, now: bytes) -> bytes:
    """The list of recipients as the package has it already, when only addresses differ: one may be corrected between
    two tries, and the package says where it was going when it was written."""

    def without_addresses(data: bytes) -> Any:
        listed = json.loads(data)
        return {**listed, "recipients": [{**r, "email": ""} for r in listed["recipients"]]}

    try:
        before = file.read_bytes()
        return before if without_addresses(before) == without_addresses(now) else now
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return now


def _document(named: Signature | Replaced) -> dict[str, str]:
    return {"number": named.number, "symbol": named.symbol, "signed_on": named.signed_on.isoformat()}


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _write(target: Path, content: Mapping[str, bytes]) -> None:
    """All files into a hidden folder, then one rename. Who loses a race finds the winner's package in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that the rename stays within one file system and is one step.
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    partial.mkdir()
    try:
        for name, data in content.items():
            with (partial / name).open("wb") as handle:
                handle.write(data)
                handle.flush()
                # Before the rename: after a power cut a folder of the right name with empty files in it would pass for
                # a package.
                os.fsync(handle.fileno())
        partial.rename(target)
    # Renaming onto a folder with files in it fails as EEXIST or, by system, ENOTEMPTY: both mean that another process
    # won.
    except FileExistsError:
        shutil.rmtree(partial)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        if not target.exists():
            raise


def _compare(target: Path, content: Mapping[str, bytes]) -> None:
    found = {f.name: f.read_bytes() for f in target.iterdir()}
    different = sorted(name for name in found.keys() | content.keys() if found.get(name) != content.get(name))
    if different:
        raise PackageRefused(
            f"{target}: đã có bộ hồ sơ khác tại đây ({', '.join(different)}); bộ hồ sơ đã phát hành không được ghi đè. "
            "Hãy lập bản báo cáo mới, hoặc chuyển thư mục này đi nơi khác nếu nó bị ghi hỏng"
        )
