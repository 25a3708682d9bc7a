"""The certificates that the signatures of documents may lead to: a folder of this installation."""

from __future__ import annotations

from pathlib import Path

_ENDINGS = {".pem", ".crt", ".cer", ".der"}


def load_trust_roots(folder: Path) -> tuple[bytes, ...]:
    """The certificates (PEM or DER: .pem, .crt, .cer, .der) in a folder, as DER.

    Raises ValueError naming the folder or the file that cannot be read.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    if not folder.is_dir():
        raise ValueError(f"{folder}: không có thư mục chứng thư gốc này; hãy tạo thư mục hoặc sửa cài đặt")
    roots = []
    for file in sorted(f for f in folder.iterdir() if f.suffix.lower() in _ENDINGS):
        data = file.read_bytes()
        try:
            # By the content: .crt and .cer are used for both forms.
            pem = data.lstrip().startswith(b"-----BEGIN")
            found = x509.load_pem_x509_certificates(data) if pem else [x509.load_der_x509_certificate(data)]
        except ValueError as error:
            raise ValueError(f"{file}: không phải chứng thư X.509 (PEM hoặc DER): {error}") from error
        roots += [one.public_bytes(Encoding.DER) for one in found]
    return tuple(roots)
