"""Certificates made for one run: an authority nobody else knows, a server's certificate for 127.0.0.1, clients'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM."""

    authority: Path
    """what a client has to trust"""
    stranger: Path
    """an authority that has signed nothing here"""
    server: Path
    """the server's certificate and its key"""
    clients: dict[str, Path]
    """certificate and key of those who were named"""
    forged: dict[str, Path]
    """the same names, certified by the stranger"""


Authority = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def make_certificates(
    folder: Path, *, valid: timedelta = timedelta(days=1), clients: tuple[str, ...] = ()
) -> Certificates:
    """An authority, another one, and a server certificate for 127.0.0.1 by the first; `valid` may lie in the past.

    Each client gets a certificate by the first authority and one by the other.
    """
    own, other = _authority("Cơ quan thử nghiệm"), _authority("Cơ quan khác")
    found = Certificates(
        folder / "authority.pem",
        folder / "stranger.pem",
        folder / "server.pem",
        {name: folder / f"client-{name}.pem" for name in clients},
        {name: folder / f"forged-{name}.pem" for name in clients},
    )
    found.authority.write_bytes(own[0].public_bytes(serialization.Encoding.PEM))
    found.stranger.write_bytes(other[0].public_bytes(serialization.Encoding.PEM))
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    found.server.write_bytes(_certified("127.0.0.1", own, valid, address, ExtendedKeyUsageOID.SERVER_AUTH))
    for name in clients:
        who = x509.SubjectAlternativeName([x509.DNSName(f"{name}.xa.example")])
        found.clients[name].write_bytes(_certified(name, own, valid, who, ExtendedKeyUsageOID.CLIENT_AUTH))
        found.forged[name].write_bytes(_certified(name, other, valid, who, ExtendedKeyUsageOID.CLIENT_AUTH))
    return found


def _certified(
    name: str, by: Authority, valid: timedelta, names: x509.SubjectAlternativeName, use: x509.ObjectIdentifier
) -> bytes:
    """A key and its certificate, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begun(name, by[0].subject, key, valid)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by[1].public_key()), critical=False)
        .sign(by[1], hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


def _authority(name: str) -> Authority:
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
