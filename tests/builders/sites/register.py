"""The register of inspections by the command line: `Register` has what the commands always want."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from builders.sites.cli import Answer, Cli
from builders.sites.site import COMMUNES

LEAD, HEALTH = "38-CAT", "38-SYT"
FIRST, SECOND, THIRD = COMMUNES[:3]
HEADER = "unit,lead,planned_from,planned_to,content,documents\n"
SIGNER = "Người ký (thử nghiệm)"
PLAN = (
    HEADER
    + f"{FIRST},{LEAD},2026-03-09,2026-03-13,Việc thực hiện Dự án 4,Sổ theo dõi năm 2025\n"
    + f"{SECOND},{HEALTH},2026-05-04,2026-05-08,Hoạt động y tế,\n"
    + f"{THIRD},{LEAD},2026-09-07,2026-09-11,Việc thực hiện Dự án 5,\n"
)


class Register:
    """The commands of one installation, with what they always want."""

    def __init__(self, cli: Cli, folder: Path) -> None:
        self.cli, self.folder = cli, folder

    def plan(self, text: str = PLAN, at: str = "2026-01-20", number: str = "12/KH-UBND") -> Answer:
        file = self.folder / "ke-hoach.csv"
        file.write_text(text, encoding="utf-8")
        given = ("--year", "2026", "--decision", number, "--decided-on", "2026-01-15", "--by", "thường trực")
        return self.cli("inspection", "plan", file, *given, "--as-of", at, "--json")

    def notify(self, id: int, at: str, *more: str, number: str = "31") -> Answer:
        given = ("--number", number, "--signed-on", at, "--signer", SIGNER, "--signer-title", "Phó Giám đốc")
        return self.cli("inspection", "notify", id, *given, "--by", "văn thư", "--as-of", at, "--json", *more)

    def start(self, id: int, on: str, at: str = "") -> Answer:
        return self.cli("inspection", "start", id, "--on", on, "--by", "đoàn", "--as-of", at or on, "--json")

    def finish(self, id: int, on: str, *more: str) -> Answer:
        return self.cli("inspection", "finish", id, "--on", on, "--by", "đoàn", "--as-of", on, "--json", *more)

    def conclude(self, id: int, on: str, data: bytes = b"%PDF-1.7 ket luan", name: str = "kl.pdf") -> Answer:
        file = self.folder / name
        file.write_bytes(data)
        given = ("--number", "44/KL-CAT", "--on", on, "--by", "văn thư", "--as-of", on, "--json")
        return self.cli("inspection", "conclude", id, file, *given)

    def cancel(self, id: int, at: str) -> Answer:
        given = ("--reason", "Trùng lịch", "--by", "thường trực", "--as-of", at, "--json")
        return self.cli("inspection", "cancel", id, *given)

    def list(self, at: str) -> Any:
        return self.cli("inspection", "list", "--as-of", at, "--json").json

    def road(self, id: int, notice: str, first: str, last: str, conclusion: str) -> None:
        """From the plan to the conclusion."""
        for answer in (
            self.notify(id, notice, "--from", first, "--to", last),
            self.start(id, first),
            self.finish(id, last),
            self.conclude(id, conclusion),
        ):
            assert answer.code == 0, answer.out
