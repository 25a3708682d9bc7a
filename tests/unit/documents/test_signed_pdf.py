"""A PDF that came back signed: our very bytes with signatures added, or refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from baocao.documents.pdf_files.signed import (
    NotOurDocumentError,
    examine_signed_pdf,
    signatures_task,
)
from baocao.forms.reading.raw import Unreadable
from baocao.trust_roots import load_trust_roots
from builders.files.signed_pdf import expired_signer, other_root, root, sign_pdf, signer, small_pdf

OURS = small_pdf()


def test_a_signature_under_a_trusted_root_is_trusted() -> None:
    found = examine_signed_pdf(OURS, sign_pdf(OURS, signer()), [root().der])
    (one,) = found.signatures
    assert (one.signer, one.organisation, one.trusted) == ("Người ký thử nghiệm", "Ủy ban nhân dân thử nghiệm", True)
    assert "CA thử nghiệm" in one.issuer and one.claimed_at is not None and one.why_not == ""
    assert int(one.serial, 16) == signer().certificate.serial_number


def test_two_successive_signatures_are_both_found() -> None:
    first = sign_pdf(OURS, signer(), field="Mot")
    both = sign_pdf(first, signer("Văn thư thử nghiệm"), field="Hai")
    found = examine_signed_pdf(OURS, both, [root().der])
    assert [s.signer for s in found.signatures] == ["Người ký thử nghiệm", "Văn thư thử nghiệm"]
    assert all(s.trusted for s in found.signatures)


@pytest.mark.parametrize("roots, says", [([other_root().der], "không dẫn về"), ([], "chưa cài đặt chứng thư gốc")])
def test_a_signature_of_unknown_authority_is_not_trusted(roots: list[bytes], says: str) -> None:
    (one,) = examine_signed_pdf(OURS, sign_pdf(OURS, signer()), roots).signatures
    assert not one.trusted and says in one.why_not


def test_signatures_of_foreign_pdfs_are_described_not_refused() -> None:
    roots = {"roots": [root().der.hex()]}
    signed = sign_pdf(OURS, signer())
    (good,) = json.loads(signatures_task(signed, roots))
    assert (good["signer"], good["trusted"], good["intact"]) == ("Người ký thử nghiệm", True, True)
    (unknown,) = json.loads(signatures_task(signed, {"roots": []}))
    assert not unknown["trusted"] and "chưa cài đặt chứng thư gốc" in unknown["why_not"]
    later = sign_pdf(signed, signer("Kẻ khác"), field="Hai", also_change=True)
    changed = json.loads(signatures_task(later, roots))
    assert changed[0]["intact"] is False and "không khớp" in changed[0]["why_not"]
    assert json.loads(signatures_task(OURS, roots)) == []
    with pytest.raises(Unreadable, match="Không đọc được chữ ký"):
        signatures_task(b"%PDF-1.7 hong", roots)


def test_an_expired_certificate_is_not_trusted() -> None:
    (one,) = examine_signed_pdf(OURS, sign_pdf(OURS, expired_signer()), [root().der]).signatures
    assert not one.trusted and "hết hạn" in one.why_not


def test_another_document_with_a_good_signature_is_refused() -> None:
    other = sign_pdf(small_pdf("So lieu khac"), signer())
    with pytest.raises(NotOurDocumentError, match="không phải bản PDF của báo cáo này"):
        examine_signed_pdf(OURS, other, [root().der])


def test_the_unsigned_document_is_told_to_be_unsigned() -> None:
    with pytest.raises(NotOurDocumentError, match="chưa có chữ ký"):
        examine_signed_pdf(OURS, OURS, [root().der])


def test_a_change_saved_with_the_signature_is_refused() -> None:
    with pytest.raises(NotOurDocumentError, match="đã bị thay đổi"):
        examine_signed_pdf(OURS, sign_pdf(OURS, signer(), also_change=True), [root().der])


def test_a_change_after_the_signature_is_refused() -> None:
    signed = sign_pdf(sign_pdf(OURS, signer(), field="Mot"), signer("Kẻ khác"), field="Hai", also_change=True)
    with pytest.raises(NotOurDocumentError, match="đã bị thay đổi"):
        examine_signed_pdf(OURS, signed, [root().der])


@pytest.mark.parametrize("part", [0.05, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_damaged_signature_never_tells_something_else(part: float) -> None:
    good = sign_pdf(OURS, signer())
    signed = bytearray(good)
    begin = signed.index(b"<3082", len(OURS)) + 1
    digits = 2 * (int.from_bytes(bytes.fromhex(signed[begin + 4 : begin + 8].decode())) + 4)  # DER: 30 82 length
    at = begin + int(digits * part)
    signed[at] = ord("1") if signed[at] == ord("0") else ord("0")
    try:
        (found,) = examine_signed_pdf(OURS, bytes(signed), [root().der]).signatures
    except NotOurDocumentError:
        return
    # A certificate of the chain that comes along is not needed where its root is known: there a digit changes nothing.
    assert not found.trusted or (found,) == examine_signed_pdf(OURS, good, [root().der]).signatures


@pytest.mark.parametrize("tail", [b"rubbish", b"\n%%EOF\n", b"<html>"])
def test_unsigned_bytes_after_the_document_are_refused(tail: bytes) -> None:
    with pytest.raises(NotOurDocumentError):
        examine_signed_pdf(OURS, OURS + tail, [root().der])


def test_loading_trust_roots_names_a_bad_file(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_bytes(root().pem + other_root().pem)
    (tmp_path / "b.cer").write_bytes(root().der)
    assert load_trust_roots(tmp_path) == (root().der, other_root().der, root().der)
    (tmp_path / "c.crt").write_bytes(b"not a certificate")
    with pytest.raises(ValueError, match=r"c\.crt"):
        load_trust_roots(tmp_path)
    with pytest.raises(ValueError, match="nowhere"):
        load_trust_roots(tmp_path / "nowhere")


def test_only_a_stamp_that_hides_text_is_refused() -> None:
    small = sign_pdf(OURS, signer(), stamp=(380, 60, 560, 120))
    assert examine_signed_pdf(OURS, small, [root().der]).signatures[0].trusted
    with pytest.raises(NotOurDocumentError, match="đã bị thay đổi"):
        examine_signed_pdf(OURS, sign_pdf(OURS, signer(), stamp=(0, 0, 595, 842)), [root().der])


@pytest.mark.parametrize("note", ["/FreeText", "/Link", "/Stamp"])
def test_an_annotation_added_before_signing_is_refused(note: str) -> None:
    with pytest.raises(NotOurDocumentError, match="đã bị thay đổi"):
        examine_signed_pdf(OURS, sign_pdf(OURS, signer(), note=note), [root().der])
