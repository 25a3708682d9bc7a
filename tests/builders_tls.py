"""Certificates made for one run: an authority nobody else knows, and a server's certificate for 127.0.0.1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM."""

    authority: Path
    """what a client has to trust"""
    stranger: Path
    """an authority that has signed nothing here"""
    server: Path
    """the server's certificate and its key"""


def make_certificates(folder: Path, *, valid: timedelta = timedelta(days=1)) -> Certificates:
    """An authority, another one, and a server certificate for 127.0.0.1 by the first; `valid` may lie in the past."""
    own, other = _authority("Cơ quan thử nghiệm"), _authority("Cơ quan khác")
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begun("127.0.0.1", own[0].subject, key, valid)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(own[1].public_key()), critical=False)
        .sign(own[1], hashes.SHA256())
    )
    found = Certificates(folder / "authority.pem", folder / "stranger.pem", folder / "server.pem")
    found.authority.write_bytes(own[0].public_bytes(serialization.Encoding.PEM))
    found.stranger.write_bytes(other[0].public_bytes(serialization.Encoding.PEM))
    found.server.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return found


def _authority(name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    )
    made = (
        _begun(name, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made, key


def _begun(name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, valid: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + valid)
    )
