"""Plausible, mutually consistent figures for one unit and period: what an honest official would have typed.

Counts are zero-inflated and skewed (a few big wards hold most of it); every arithmetic relation of the pack holds,
stocks open where the last period closed, and cumulative figures add up. Same seed, same figures.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from baocao.model.form import CellKey, Column, ColumnRole, Form, Nature, Relation, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by, relations_for
from baocao.model.period import Period
from baocao.model.submission import Value
from baocao.model.unit import Unit, UnitKind
from demo.consistent import Consistent

# Typical size of a figure in a middling commune, by the printed unit of measure.
TYPICAL = {
    "người": 6.0, "lượt": 40.0, "lượt người": 60.0, "vụ": 1.0, "điểm": 0.3, "cơ sở": 4.0, "trạm": 1.0, "lớp": 1.2,
    "buổi": 4.0, "hội nghị": 1.0, "hồ sơ": 2.0, "cây": 0.5, "m²": 0.4, "hộ": 60.0, "mô hình": 1.0, "tổ": 3.0,
    "văn bản": 4.0, "đợt": 1.0, "tài khoản": 5.0,
}  # fmt: skip
# Held as often every period: their number has no noise.
STEADY = {"lớp", "hội nghị", "buổi", "đợt", "mô hình", "tổ"}
MOVEMENT_SHARE = {"NGHIEN": 1.0, "SUDUNG": 0.5, "DANGCAI": 0.3, "THAYTHE": 0.25, "SAUCAI": 0.35}
# By section of the narrative form; officials in neighbouring communes write much the same.
NARRATIVE = (
    (
        "Đã ban hành kế hoạch, phân công rõ trách nhiệm từng thành viên Ban Chỉ đạo; duy trì giao ban định kỳ.",
        "Kiện toàn Ban Chỉ đạo, ban hành kế hoạch và văn bản hướng dẫn; phối hợp chặt chẽ với các ngành, đoàn thể.",
        "Triển khai kịp thời văn bản của cấp trên; lồng ghép tuyên truyền vào sinh hoạt thôn, bản, khu phố.",
    ),
    (
        "Kinh phí được bố trí theo dự toán giao, giải ngân bảo đảm tiến độ, không có nợ đọng.",
        "Nguồn kinh phí còn hạn hẹp, chủ yếu lồng ghép với kinh phí thường xuyên.",
    ),
    (
        "Các chỉ tiêu cơ bản đạt tiến độ so với kế hoạch năm; số liệu cụ thể theo các biểu kèm theo.",
        "Các nhiệm vụ trọng tâm được triển khai đúng kế hoạch; số liệu cụ thể theo các biểu kèm theo.",
    ),
    (
        "Địa bàn rộng, lực lượng mỏng; một bộ phận người dân chưa chủ động phối hợp, do thiếu kinh phí và phương tiện.",
        "Công tác quản lý sau cai còn khó khăn; nguyên nhân chủ yếu do thiếu việc làm ổn định cho người sau cai.",
        "Tuyên truyền ở vùng sâu, vùng xa còn hạn chế do địa bàn chia cắt, phương tiện thiếu.",
    ),
    (
        "Tiếp tục rà soát, quản lý chặt chẽ; đẩy mạnh tuyên truyền tại cơ sở; nâng cao chất lượng tư vấn, hỗ trợ.",
        "Tăng cường phối hợp liên ngành; nhân rộng mô hình hiệu quả; hoàn thành chỉ tiêu kế hoạch năm.",
    ),
    (
        "Đề nghị cấp trên quan tâm hỗ trợ kinh phí, trang bị và tập huấn cho lực lượng ở cơ sở.",
        "Không có kiến nghị.",
    ),
)


@dataclass
class Filled:
    """What goes into one workbook."""

    values: dict[CellKey, Value | str]
    nil_forms: dict[str, str] = field(default_factory=dict)
    info: dict[str, str] = field(default_factory=dict)


class Figures(Consistent):
    """The figures of one unit; `rng` is seeded by unit and period, the unit's size by the unit alone."""

    def __init__(
        self,
        pack: Pack,
        unit: Unit,
        period: Period,
        previous: Mapping[CellKey, Value],
        seed: int,
        label: str | None = None,
    ) -> None:
        """`label` names the draw when it is not of `period` itself (figures from before go-live)."""
        self.pack, self.unit, self.period, self.previous = pack, unit, period, previous
        self.seed = seed
        self.rng = random.Random(f"{seed}/{unit.code}/{label or period.code}")
        size = random.Random(f"{seed}/{unit.code}")
        big = unit.kind is UnitKind.WARD and size.random() < 0.3
        self.weight = size.lognormvariate(1.6 if big else -0.2, 0.7) * (8 if unit.is_lead_body else 1)
        self.quiet = size.random() < 0.25 and not big and not unit.is_lead_body
        self.forms: tuple[Form, ...] = entered_by(pack, unit)
        self.values: dict[CellKey, Value | str] = {}

    def fill(self) -> Filled:
        """Draw, then repair until every relation holds."""
        for form in self.forms:
            for key, (table, row, column) in form.cells.items():
                if table.is_entered(row, column):
                    drawn = self._draw(key, table, row, column)
                    if drawn is not None:
                        self.values[key] = drawn
        self._movement()
        self._centres()
        # Cumulative figures follow from the period's own: relations about them hold without repair.
        relations: list[Relation] = [
            r for r in relations_for(self.pack, self.unit) if r.rule not in {"V32", "V34", "V62"}
        ]
        for _ in range(12):
            before = dict(self.values)
            self._cumulate()
            self._derive()
            for relation in relations:
                self._repair(relation)
            self._shares()
            self._cumulate()
            if self.values == before:
                break
        self._money()
        self._derive()
        self._within_the_money(relations)
        self._cumulate()
        self._derive()
        derived = {k for f in self.forms for k, (t, r, c) in f.cells.items() if not t.is_entered(r, c)}
        return Filled(
            values={k: v for k, v in self.values.items() if k not in derived},
            nil_forms=self._nil_forms(),
            info={
                "doc_number": f"{45 + len(self.unit.code)}/BC-UBND" if self.unit.kind.is_territorial else "",
                "signing_form": "KT.",
                "signer_title": "PHÓ CHỦ TỊCH" if self.unit.kind.is_territorial else "PHÓ GIÁM ĐỐC",
                "signer_name": f"Lãnh đạo {self.unit.full_name}",
                "reporter": "Cán bộ tổng hợp",
                "phone": "0237 0000 000",
            },
        )

    def fill_with_derived(self) -> dict[CellKey, Value | str]:
        """The figures with the derived cells computed, as a store of accepted submissions would hold them."""
        self.fill()
        return dict(self.values)

    # drawing -------------------------------------------------------------------------------------------------------

    def _draw(self, key: CellKey, table: Table, row: Row, column: Column) -> Value | str | None:
        kind = table.type_of(row, column)
        if column.role in {ColumnRole.EXPLANATION, ColumnRole.NOTE}:
            return None
        if column.role.is_plan:
            planned = None if self.rng.random() < 0.7 else self._count(row, 2.0)
            return planned * 10_000_000 if planned and kind is ValueType.MONEY else planned
        if kind is ValueType.TEXT:
            return self._text(key, row, column)
        if kind is ValueType.DATE:
            return self.period.cutoff_on - timedelta(days=self.rng.randrange(10, 120))
        if kind is ValueType.BOOL:
            return "Không" if self.rng.random() < 0.6 else "Có"
        if kind is ValueType.CHOICE:
            return row.options[0]
        if kind is ValueType.MONEY:
            return 0
        if column.role in {ColumnRole.CUMULATIVE_YEAR, ColumnRole.CUMULATIVE_TERM}:
            return 0
        if kind is ValueType.DECIMAL:
            return Decimal(0) if self.rng.random() < 0.93 else Decimal(self.rng.randrange(10, 900)) / 10
        was = self.previous.get(key)
        if row.nature is Nature.STOCK and isinstance(was, int) and not isinstance(was, bool):
            return was
        return self._count(row, 2.0 if column.role is ColumnRole.DENOMINATOR else 1.0)

    def _count(self, row: Row, factor: float) -> int:
        typical = TYPICAL.get(row.unit.lower().strip(), 2.0) * factor * (3 if row.nature is Nature.STOCK else 1)
        if self.quiet and typical < 10 and row.unit in {"người", "vụ", "điểm"}:
            return 0
        # What a unit does at all, and how much of it, lasts; only the noise is of the period.
        habit = random.Random(f"{self.seed}/{self.unit.code}/{row.code}/{factor}")
        if habit.random() < 0.25:
            return 0
        mean = typical * self.weight * habit.uniform(0.6, 1.4)
        noise = 0 if row.unit in STEADY else 0.6 * mean**0.5
        return max(0, round(self.rng.gauss(mean, noise)))

    def _text(self, key: CellKey, row: Row, column: Column) -> str:
        if column.role is ColumnRole.TEXT and row.type is ValueType.TEXT:
            form = next(f for f in self.forms if f.code == key.form)
            sections = [k.row for k, (_, _, c) in form.cells.items() if c.role is ColumnRole.TEXT]
            texts = NARRATIVE[sections.index(key.row) % len(NARRATIVE)]
            return texts[self.rng.randrange(len(texts))]
        return f"{self.rng.randrange(10, 400)}/QĐ-UBND"

    # consistency ---------------------------------------------------------------------------------------------------

    def _movement(self) -> None:
        for group, share in MOVEMENT_SHARE.items():
            closing = CellKey("B04", group, "CK")
            if CellKey("B04", group, "DK") not in self.values:
                continue
            was = self.previous.get(closing)
            opening = int(str(was)) if was is not None else 0 if self.quiet else round(18 * share * self.weight)
            moves = {c: self._small(opening) for c in ("T1", "T2", "T3", "G1", "G2", "G3", "G4")}
            while sum(moves[c] for c in ("G1", "G2", "G3", "G4")) > opening + moves["T1"] + moves["T2"] + moves["T3"]:
                largest = max(("G1", "G2", "G3", "G4"), key=lambda c: moves[c])
                moves[largest] -= 1
            self.values[CellKey("B04", group, "DK")] = opening
            for column, value in moves.items():
                self.values[CellKey("B04", group, column)] = value

    def _small(self, base: int) -> int:
        return 0 if self.rng.random() < 0.6 else self.rng.randrange(0, 2 + base // 12)

    def _money(self) -> None:
        """Projects with activity get money from one source: plan, allocation, disbursement in whole đồng.

        The others stay unanswered. A few have activity and no money, and say why.
        """
        form = self._money_form()
        if form is None:
            return
        local = self.unit.kind.is_territorial
        for project in self.pack.regime.projects:
            source = ("NSDP_SN", "NSDP_SN", "NSTW_SN", "KHAC")[self.rng.randrange(4)] if local else "NSTW_SN"
            row = f"DA{project.code}.{source}"
            cells = {key.column: key for key in form.cells if key.row == row}
            if not cells or not any(self._number(name) for name in project.activity):
                continue
            if self.rng.random() < 0.15:
                self.values[cells["GT"]] = "Lồng ghép vào kinh phí thường xuyên, không bố trí riêng."
                continue
            plan = self.rng.randrange(20, 400) * 1_000_000 * (1 if local else 10)
            allocated = plan * self.rng.randrange(60, 101) // 100
            spent = allocated * self.rng.randrange(10, 80) // 100
            figures = {"KH": plan, "PB": allocated, "GN": spent, "LKN": spent, "LKGD": spent, "QT": 0, "NO": 0}
            self.values.update({cells[code]: value for code, value in figures.items() if code in cells})

    def _money_form(self) -> Form | None:
        """The form of the money, emptied of what was drawn for it; None where the unit has none."""
        self._clear("PL03")
        return next((f for f in self.forms if f.code == "PL03"), None)

    def _clear(self, form: str, start: str = "") -> None:
        """Forget what was drawn for the rows of a form whose codes begin so."""
        for key in [k for k in self.values if k.form == form and k.row.startswith(start)]:
            del self.values[key]

    def _nil_forms(self) -> dict[str, str]:
        """Forms in which nothing but notes is typed are declared nil."""
        said = {k.form for k in self.values if k.column != "GT" and self._entered(str(k))}
        return {f.code: f.nil_reasons[0] for f in self.forms if f.nil_allowed and f.code not in said}

    def _centres(self) -> None:
        """The public rehabilitation centres of the register: two real lines, the others empty."""
        self._clear("B05", "CS")
        register = next((t for f in self.forms if f.code == "B05" for t in f.tables if t.code == "R"), None)
        if register is None:
            return
        for number, (capacity, hectares, met) in enumerate(((400, "5.2", "Có"), (180, "2.4", "Không")), start=1):
            line: dict[str, Value | str] = {
                "TEN": f"Cơ sở cai nghiện ma túy số {number}",
                "CSUAT": capacity,
                "DT": Decimal(hectares),
                "DAT": met,
                "HM": "Nâng cấp, sửa chữa",
                "TM": 12_000_000_000,
                "LKGD": 1_500_000_000,
                "TD": Decimal("12.5"),
            }
            self.values.update({CellKey("B05", f"CS{number}", code): value for code, value in line.items()})

    def _cumulate(self) -> None:
        """Within a programme year the period's figure is the year's so far; over the term, add the last year's end."""
        for key, value in list(self.values.items()):
            if key.column != "TH" or not isinstance(value, int | Decimal) or isinstance(value, bool):
                continue
            year, term = key._replace(column="LKN"), key._replace(column="LKGD")
            if year in self.values:
                self.values[year] = value
            if term in self.values:
                was = self.previous.get(term, 0)
                self.values[term] = value + (was if isinstance(was, int | Decimal) else 0)
