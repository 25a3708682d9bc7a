"""Make the secret files of docker-compose.yaml, each with a random value; files that exist are left alone.

    python3 include/docker/make_secrets.py [folder]
    python3 include/docker/make_secrets.py --new-audit-key [folder]

The second adds a key to the file of the audit trail, which the containers can only read; `baocao audit rotate-key` then
goes on with it.

The folder is closed to other users of the machine (0700). The files in it are readable (0444), because the containers
run under users of their own and see only the single files that are mounted into them.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path


def make(folder: Path) -> list[str]:
    """Write the missing files. Returns the names of those written."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    written = []

    def keep(name: str, value: str) -> str:
        path = folder / name
        if not path.exists():
            # Letters and digits only: the value goes into URLs and shell words unchanged.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(value)
            path.chmod(0o444)
            written.append(name)
        return path.read_text(encoding="ascii").strip()

    def password(name: str) -> str:
        return keep(name, secrets.token_hex(20))

    password("postgres_password")
    airflow, baocao = password("airflow_db_password"), password("baocao_db_password")
    app = password("baocao_app_db_password")
    keep("airflow_db_url", f"postgresql+psycopg2://airflow:{airflow}@postgres:5432/airflow")
    keep("baocao_db_url", f"postgresql+psycopg://baocao:{baocao}@postgres:5432/baocao")
    keep("baocao_app_db_url", f"postgresql+psycopg://baocao_app:{app}@postgres:5432/baocao")
    # The key of the audit trail: back it up apart from the data.
    keep("audit_key", secrets.token_hex(32))
    # The key of the units' personal links and of web forms: another one ends all links.
    keep("web_key", secrets.token_hex(32))
    keep("fernet_key", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    for name in ("api_secret_key", "jwt_secret"):
        keep(name, secrets.token_hex(32))
    for name in ("admin_password", "office_password", "committee_password"):
        password(name)
    broker = password("redis_password")
    keep("celery_broker_url", f"redis://:{broker}@redis:6379/0")
    keep("celery_result_backend", f"db+postgresql://airflow:{airflow}@postgres:5432/airflow")
    return written


def add_audit_key(folder: Path) -> None:
    """A further key behind those of `audit_key`. Written into the file itself: what is mounted is this very file."""
    path = folder / "audit_key"
    before = path.read_text(encoding="ascii")
    path.chmod(0o600)
    try:
        with path.open("a", encoding="ascii") as file:
            file.write(("" if before.endswith("\n") else "\n") + secrets.token_hex(32) + "\n")
    finally:
        path.chmod(0o444)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--new-audit-key"]:
        add_audit_key(Path(sys.argv[2] if len(sys.argv) > 2 else "secrets"))
        print("Đã thêm khóa; hãy chạy `baocao audit rotate-key --by …` và sao lưu tệp khóa ở nơi riêng")  # noqa: T201
        sys.exit()
    where = Path(sys.argv[1] if len(sys.argv) > 1 else "secrets")
    names = make(where)
    print(f"{where}: đã tạo {', '.join(names)}" if names else f"{where}: đã có đủ, không thay đổi gì")  # noqa: T201
