from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from baocao.consolidation.province import consolidate
from baocao.documents.freeze import SealedFile, check_sealed, content_sha256, manifest, values_sha256
from baocao.model.report import Report, ReportStatus
from builders.packs.consolidation import communes, full_report, key, lead_body, pack, period

UNITS = communes(4)
LEAD = lead_body()
PACK = pack((*UNITS, LEAD))
SENT = [full_report(u, seed) for seed, u in enumerate((*UNITS, LEAD), start=2)]
RESULT = consolidate(PACK, period(), SENT, (*UNITS, LEAD))
AT = datetime(2026, 12, 20, 3, tzinfo=UTC)
REPORT = Report(3, PACK.code, "2026-Y", 1, ReportStatus.DRAFT, None, AT, AT)
FILES = {"a.xlsx": b"so lieu", "b.pdf": b"ban in"}


def sealed(files: Any = None) -> list[SealedFile]:
    chosen = FILES if files is None else files
    return [SealedFile(n, hashlib.sha256(d).hexdigest(), len(d), n.endswith(".xlsx")) for n, d in chosen.items()]


def bound(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "report": REPORT,
        "pack": PACK,
        "period": period(),
        "consolidation": RESULT,
        "accepted": SENT,
        "files": sealed(),
        "gate_sha256": "9" * 64,
    }
    return manifest(**(arguments | changes))


def test_the_content_hash_survives_storage_as_json() -> None:
    assert content_sha256(json.loads(json.dumps(bound(), indent=1))) == content_sha256(bound())


def test_input_order_does_not_change_the_hash() -> None:
    assert content_sha256(bound(files=sealed()[::-1], accepted=SENT[::-1])) == content_sha256(bound())


def test_every_part_of_the_report_changes_the_hash() -> None:
    value = RESULT.values[key("PL01/CT01/TH")]
    other = replace(RESULT, values=RESULT.values | {value.key: replace(value, value=value.value + 1)})
    wider = replace(RESULT, texts={key("PL04/IV/ND"): (("x", "y"),)})
    changes = [
        {"files": sealed({"a.xlsx": b"so lieu", "b.pdf": b"ban in khac"})},
        {"files": sealed({"a.xlsx": b"so lieu"})},
        {"consolidation": other},
        {"consolidation": wider},
        {"accepted": SENT[1:]},
        {"accepted": [replace(SENT[0], sha256="0" * 64), *SENT[1:]]},
        {"pack": replace(PACK, sha256="e" * 64)},
        {"gate_sha256": None},
        {"report": replace(REPORT, version=2)},
        {"report": replace(REPORT, as_of=datetime(2026, 12, 21, tzinfo=UTC))},
    ]
    hashes = {content_sha256(bound(**change)) for change in changes}
    assert len(hashes | {content_sha256(bound())}) == len(changes) + 1


def test_the_values_hash_covers_the_coverage() -> None:
    value = RESULT.values[key("PL01/CT01/TH")]
    thinner = replace(value, coverage=replace(value.coverage, counted=1))
    other = replace(RESULT, values=RESULT.values | {value.key: thinner})
    assert values_sha256(other) != values_sha256(RESULT)


def test_a_rendering_is_hashed_but_marked_not_reproducible() -> None:
    made = bound()
    assert made["renderings"] == ["b.pdf"]
    assert [(f["name"], f["reproducible"]) for f in made["files"]] == [("a.xlsx", True), ("b.pdf", False)]


def test_the_manifest_names_every_input_form_and_hash() -> None:
    made = bound()
    assert {i["unit"]: i["sha256"] for i in made["inputs"]} == {a.unit: a.sha256 for a in SENT}
    assert made["forms"]["PL01"] == {"version": "2025.1", "fingerprint": PACK.form("PL01").fingerprint}
    assert made["pack_sha256"] == PACK.sha256
    assert len(made["code"]["sha256"]) == 64


def test_files_as_signed_raise_nothing() -> None:
    assert check_sealed(bound(), FILES, "V58") == ()


def test_any_change_of_files_after_signing_blocks() -> None:
    in_hand = {"a.xlsx": b"so lieu da sua", "c.docx": b"them"}
    found = {f.subject: (f.rule, f.severity) for f in check_sealed(bound(), in_hand, "V58")}
    assert found == dict.fromkeys(("a.xlsx", "b.pdf", "c.docx"), ("V58", "blocks"))
