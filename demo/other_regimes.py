"""The other regimes, each through one short period with the verbs alone (no Airflow): a Sở's plan, a ward, a city.

    python -m demo.other_regimes out/demo

A department's plan with "6 rõ" tasks, an anti-trafficking plan, a ward whose departments report to its police, and the
city to which the ward's signed result goes on by itself. Every regime ends with its signed report and its mails.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from baocao.forms.blank_workbook.workbook import blank_filename, write_blank
from baocao.model.form import CellKey, ColumnRole, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by, relations_for
from baocao.model.period import Period
from baocao.model.submission import Value
from baocao.model.unit import Unit
from baocao.settings import load_settings
from baocao.store.reports import reports
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Installation
from baocao.workflow.periods import windows
from baocao.workflow.reports import building, cascading, dispatching, tracing
from baocao.workflow.sign_off import signing
from baocao.workflow.sign_off.coverage import overrule_coverage
from baocao.workflow.sweeps import collecting
from demo.figures import NARRATIVE, Figures, Filled

ROOT = Path(__file__).resolve().parents[1]
PLANS = (("hai-phong-legal-aid", "2026-H1"), ("hai-phong-anti-trafficking", "2026-H1"))
WARD, CITY, YEAR = "thuy-nguyen-ward", "hai-phong-drug-programme", "2026-Y"
CITY_SENDERS = ("10507", "10525", "31-CAT", "31-SYT", "31-STP")
"""Who else reports to the city in the demonstration; the others are named as missing."""
SEED = 2034
TRACED = "PL01/CT01/TH"
OUTCOMES = (
    "Đã thực hiện phần việc trong kỳ, sản phẩm đã được nghiệm thu và lưu tại đơn vị.",
    "Đang thực hiện theo kế hoạch; sản phẩm dự kiến hoàn thành trong kỳ tới.",
)
PLAN_WORDS = (
    ("Đã ban hành văn bản triển khai, phân công nhiệm vụ cụ thể cho từng đơn vị.", "Triển khai đầy đủ, đúng tiến độ."),
    ("Các nhiệm vụ được thực hiện đúng Kế hoạch; số liệu theo biểu kèm theo.",),
    ("Kinh phí bố trí còn hạn chế; nguyên nhân do lồng ghép nhiều nhiệm vụ trong cùng dự toán.", "NP"),
    ("Tiếp tục đẩy mạnh truyền thông, phối hợp với các cơ quan liên quan.", "Hoàn thành các nhiệm vụ còn lại."),
    ("Đề nghị cấp có thẩm quyền quan tâm bố trí kinh phí riêng cho nhiệm vụ này.", "NP"),
)
"""By section of a plan's narrative form."""


@dataclass(frozen=True)
class Played:
    """One regime and period in an installation."""

    place: Installation
    regime: str
    code: str

    @property
    def pack(self) -> Pack:
        return self.place.pack(self.regime)

    @property
    def period(self) -> Period:
        return self.place.period(self.regime, self.code)

    @property
    def sending(self) -> datetime:
        """Some hours before the units' deadline."""
        return self.period.unit.due_at - timedelta(hours=10)

    @property
    def deciding(self) -> datetime:
        """The last working day of the consolidating level, at nine."""
        safe = self.period.province.safe_on
        return self.period.province.due_at.replace(
            year=safe.year, month=safe.month, day=safe.day, hour=9, minute=0, second=0
        )

    def filled(self, unit: Unit) -> Filled:
        """Plausible answers; the texts are those of this regime's own forms."""
        filled = Figures(self.pack, unit, self.period, {}, SEED).fill()
        filled.values.update(_answers_in_words(self.pack, unit, self.period))
        filled.values.update(_nearly_all(self.pack, unit, self.period, filled.values))
        return filled

    def workbook(self, unit: Unit, change: Mapping[CellKey, Value | str | None] | None = None) -> bytes:
        """The filled workbook of a unit, with `change` over the drawn figures."""
        filled = self.filled(unit)
        values = {**filled.values, **(change or {})}
        return write_blank(
            self.pack, unit, self.period, {}, values=values, nil_forms=filled.nil_forms or None, info=filled.info
        )

    def send(self, unit: Unit, data: bytes) -> None:
        """Into the unit's folder of the inbox."""
        file = self.place.settings.inbox / unit.code / f"{unit.code}_{self.regime}_{self.code}.xlsx"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def open(self) -> dict[str, Any]:
        """Open the period, at the moment it opens."""
        return windows.open_window(self.place, self.regime, self.code, self.period.opens_at)

    def send_all(self, senders: Iterable[str] | None = None) -> None:
        """Send the workbook of every unit, or of the codes in `senders`."""
        wanted = None if senders is None else set(senders)
        for unit in self.pack.units_on(self.period.cutoff_on):
            if wanted is None or unit.code in wanted:
                self.send(unit, self.workbook(unit))

    def collect(self, at: datetime | None = None) -> dict[str, Any]:
        """Take in what lies in the inbox, as received at that moment: by default some hours before the deadline."""
        return collecting.collect(self.place, at or self.sending, self.regime)

    def consolidate(self) -> dict[str, Any]:
        """Run the gate, consolidate, build the report's files."""
        drafting.gate(self.place, self.regime, self.code, self.deciding)
        draft = drafting.consolidate(self.place, self.regime, self.code, self.deciding)
        return building.build(self.place, draft["report_id"], self.deciding)

    def sign(self, report: Mapping[str, Any]) -> None:
        """The office approves, the head signs; the number is what a registry would have given."""
        about = (self.place, report["report_id"], report["content_sha256"])
        signing.approve(*about, "approve", by="can-bo-tong-hop", as_of=self.deciding)
        signing.sign(
            *about,
            "sign",
            by="van-thu",
            as_of=self.deciding,
            number="07",
            signed_on=self.period.province.safe_on,
            signer="Người ký (thử nghiệm)",
        )

    def accept_coverage(self) -> None:
        """Somebody answers by name for a report of few units: only a few of the city's are played."""
        overrule_coverage(
            self.place,
            self.regime,
            self.code,
            by="Lãnh đạo cơ quan thường trực (diễn tập)",
            reason="Diễn tập với một số ít đơn vị",
            as_of=self.deciding,
        )

    def dispatch(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """Hand the signed report over for delivery."""
        return dispatching.dispatch(self.place, report["report_id"], self.deciding)

    def to_signed(self) -> dict[str, Any]:
        """From the opened window to the signature."""
        self.open()
        self.send_all()
        taken = self.collect()
        report = self.consolidate()
        self.sign(report)
        return {**report, "accepted": taken["accepted"], "returned": taken["returned"]}


def _answers_in_words(pack: Pack, unit: Unit, period: Period) -> dict[CellKey, Value | str]:
    """Texts of the narrative form, progress and products of tasks: what the general figures know nothing of."""
    # A seed of its own for each unit: what one of them says does not depend on who was drawn before.
    rng = random.Random(f"words/{unit.code}/{period.code}")
    narrative = pack.narrative_of(pack.rule_of(period.kind))
    assert narrative is not None
    rows = [r.code for t in narrative.tables for r in t.rows if not r.heading]
    # The narrative forms of plans have five sections, that of the programme has six.
    said = NARRATIVE if len(rows) == len(NARRATIVE) else PLAN_WORDS
    words: dict[CellKey, Value | str] = {}
    for form in entered_by(pack, unit):
        for key, (table, row, column) in form.cells.items():
            if form.code == narrative.code and column.role is ColumnRole.TEXT:
                texts = said[rows.index(key.row) % len(said)]
                words[key] = texts[rng.randrange(len(texts))]
            elif column.role is ColumnRole.ATTRIBUTE and table.type_of(row, column) is ValueType.CHOICE:
                done = rng.randrange(1, len(row.options))
                words[key] = row.options[done]
                for text in (c for c in table.columns if c.role is ColumnRole.TEXT):
                    words[key._replace(column=text.code)] = OUTCOMES[0 if done == len(row.options) - 1 else 1]
    return words


def _nearly_all(
    pack: Pack, unit: Unit, period: Period, values: Mapping[CellKey, Value | str]
) -> dict[CellKey, Value | str]:
    """Shares with a target, that no other form repeats, lie near it: nearly all of those who were to be reached."""
    rng = random.Random(f"shares/{unit.code}/{period.code}")
    # A figure that another form repeats must not be changed on one side.
    bound = {name for r in relations_for(pack, unit) if r.equal for name in r.names}
    reached: dict[CellKey, Value | str] = {}
    for form in entered_by(pack, unit):
        for key, (_, row, column) in form.cells.items():
            whole = values.get(key._replace(column="MS"))
            if str(key) in bound:
                continue
            if row.targets and column.role is ColumnRole.ACTUAL and isinstance(whole, int) and key in values:
                reached[key] = whole - (rng.randrange(whole // 10 + 1) if rng.random() < 0.4 else 0)
    return reached


def installation(data: Path, root: Path = ROOT) -> Installation:
    """An installation of its own under `data`."""
    return Installation(load_settings({"BAOCAO_ROOT": str(root), "BAOCAO_DATA": str(data)}))


def play_others(out: Path) -> list[dict[str, Any]]:
    """Play every other regime in an installation of its own, `out/other-regimes/var`; one summary each. Files are left
    under `out/other-regimes/<regime>/`."""
    folder = out / "other-regimes"
    shutil.rmtree(folder, ignore_errors=True)
    where = installation(folder / "var")
    summaries = []
    for regime, period in PLANS:
        started = time.monotonic()
        played = Played(where, regime, period)
        report = played.to_signed()
        summaries.append(_finish(played, report, folder, started))
    started = time.monotonic()
    ward = Played(where, WARD, YEAR)
    below = ward.to_signed()
    summaries.append(_finish(ward, below, folder, started))
    started = time.monotonic()
    city = Played(where, CITY, YEAR)
    city.open()
    # The ward is not among them: its report goes up from its own signed result.
    city.send_all(CITY_SENDERS)
    passed_on = cascading.cascade(where, WARD, YEAR, CITY, None, ward.deciding)
    taken = city.collect()
    report = city.consolidate()
    city.accept_coverage()
    city.sign(report)
    summary = _finish(city, {**report, "accepted": taken["accepted"], "returned": taken["returned"]}, folder, started)
    traced = tracing.trace(where, CITY, YEAR, TRACED)
    (folder / CITY / "trace.txt").write_text(tracing.trace_text(traced) + "\n", encoding="utf-8")
    summary["cascade"] = {key: passed_on[key] for key in ("regime", "content_sha256", "unit", "sha256", "cells")}
    summaries.append(summary)
    (folder / "summary.json").write_text(json.dumps(summaries, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    where.store.close()
    return summaries


def _finish(played: Played, report: Mapping[str, Any], folder: Path, started: float) -> dict[str, Any]:
    """Dispatch, and put the finished files and one blank where a person finds them."""
    sent = played.dispatch(report)
    target = folder / played.regime
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(Path(str(sent["package"])).iterdir()):
        if file.is_file():
            shutil.copyfile(file, target / file.name)
    with played.place.store.read() as conn:
        bound = reports.manifest(conn, int(report["report_id"]))
    for entry in bound["files"]:
        if not (target / entry["name"]).exists():
            (target / entry["name"]).write_bytes(played.place.store.files.get(entry["sha256"]))
    unit = played.pack.units_on(played.period.cutoff_on)[0]
    (target / blank_filename(unit, played.period)).write_bytes(write_blank(played.pack, unit, played.period))
    return {
        "regime": played.regime,
        "period": played.code,
        "name": played.pack.regime.name,
        "report_id": report["report_id"],
        "content_sha256": report["content_sha256"],
        "accepted": report["accepted"],
        "returned": report["returned"],
        "status": sent["status"],
        "recipients": list(played.pack.rule_of(played.period.kind).recipients),
        "files": sorted(p.name for p in target.iterdir()),
        "seconds": round(time.monotonic() - started, 1),
    }


if __name__ == "__main__":
    for line in play_others(Path(sys.argv[1] if len(sys.argv) > 1 else "out/demo")):
        took = f"{line['accepted']:>2} tiếp nhận, {line['seconds']} s"
        print(f"{line['regime']:<28} {line['period']}  {line['status']}  {took}")
