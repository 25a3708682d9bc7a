"""A small PDF, a chain of certificates and signatures, made here: nothing comes from outside."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Certified:
    """A key with its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def _certified(
    name: str, organisation: str, issuer: Certified | None, *, days: tuple[int, int] = (-10, 365)
) -> Certified:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)]
    )
    is_root = issuer is None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_root,
                content_commitment=not is_root,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=is_root,
                crl_sign=is_root,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    return Certified(key, builder.sign(key if issuer is None else issuer.key, hashes.SHA256()))


@cache
def root() -> Certified:
    return _certified("CA thử nghiệm", "Cơ quan chứng thực thử nghiệm", None)


@cache
def other_root() -> Certified:
    return _certified("CA khác", "Cơ quan khác", None)


@cache
def signer(name: str = "Người ký thử nghiệm") -> Certified:
    return _certified(name, "Ủy ban nhân dân thử nghiệm", root())


@cache
def expired_signer() -> Certified:
    return _certified("Người ký hết hạn", "Ủy ban nhân dân thử nghiệm", root(), days=(-400, -30))


def small_pdf(text: str = "Bao cao") -> bytes:
    """One page with one line."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    xref = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, xref))
    return out.getvalue()


def sign_pdf(
    data: bytes,
    by: Certified,
    *,
    field: str = "Ky",
    stamp: tuple[int, int, int, int] | None = None,
    note: str = "",
    also_change: bool = False,
) -> bytes:
    """The file with a PAdES signature added, visible where `stamp` says; `note` (a kind of annotation) and
    `also_change` (another text) slip other things into the same step."""
    from asn1crypto.keys import PrivateKeyInfo
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    if also_change:
        changed = generic.StreamObject(stream_data=b"BT /F1 24 Tf 72 720 Td (So khac) Tj ET")
        page[generic.pdf_name("/Contents")] = writer.add_object(changed)
        writer.update_container(page)
    if note:
        writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(_note(note)))
    store = SimpleCertificateStore()
    store.register(Certificate.load(root().der))
    key = by.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    tool = signers.SimpleSigner(
        signing_cert=Certificate.load(by.der), signing_key=PrivateKeyInfo.load(key), cert_registry=store
    )
    meta = signers.PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    where = SigFieldSpec(field, box=stamp) if stamp else None
    return signers.sign_pdf(writer, meta, signer=tool, new_field_spec=where).getvalue()


def _note(kind: str) -> Any:
    from pyhanko.pdf_utils import generic

    box = generic.ArrayObject([generic.NumberObject(n) for n in (72, 600, 300, 640)])
    return generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name(kind),
            generic.pdf_name("/Rect"): box,
            generic.pdf_name("/Contents"): generic.pdf_string("Thêm sau"),
        }
    )
