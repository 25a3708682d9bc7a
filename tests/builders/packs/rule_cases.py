"""A table of cases: how to break each rule, the nearest thing it keeps silent about, and what leaves it unanswered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from baocao.checks.history import History
from baocao.model.period import Period
from baocao.model.submission import Problem, Severity
from baocao.model.unit import Unit
from builders.packs.checks import (
    BLANK,
    COMMUNE,
    COUNTED,
    FULL_YEAR,
    HALF_YEAR,
    MID_TERM,
    NIL,
    POLICE,
    Broken,
    clean_values,
    history,
)

E, W = Severity.BLOCKS, Severity.EXPLAIN


@dataclass(frozen=True)
class Case:
    """`breaks` makes the rule speak once, at `at`; `holds` is the nearest thing it keeps silent about; `blank` leaves
    what it looks at unanswered, so that at most V03 or V41 speak."""

    rule: str
    at: str
    breaks: dict[str, Any]
    holds: dict[str, Any]
    blank: dict[str, Any]
    severity: Severity = E
    suggestion: str = ""
    unit: Unit = COMMUNE
    period: Period = HALF_YEAR
    past: History = field(default_factory=History)
    late: timedelta = timedelta(0)
    """added to the arrival in the broken case"""

    def __str__(self) -> str:
        return f"{self.rule} {self.at}".strip()


NO_MONEY = {f"PL03/DA1.NSTW_SN/{c}": BLANK for c in ("KH", "PB", "GN", "LKN", "LKGD", "QT", "NO")}
LAST_YEAR = history(last_year={"PL01/CT13/TH": 30, "B01/B01.03b/TH": 31})
DECISION = {"PL01/CT08.QD/TH": "12/QĐ-UBND", "PL01/CT08.NGAY/TH": date(2026, 5, 5)}
NOBODY = (
    {f"PL01/CT{n}/{c}": 0 for n in ("01", "02", "10", "11") for c in ("TH", "MS")}
    | {f"B04/{g}/{c}": 0 for g in ("NGHIEN", "SUDUNG") for c in ("DK", "T1", "G1")}
    | {f"B01/B01.02/{c}": 0 for c in ("TH", "LKN")}
    | {f"PL01/CT20/{c}": 5 for c in ("TH", "MS")}
)
"""nobody on file, no point found: a commune that may be recognised"""
COPIED = {
    key: value
    for key, value in clean_values().items()
    if key.split("/")[2] in {"TH", "T1", "G1"} and not isinstance(value, bool | str) and key[:9] != "PL01/CT0"
}
CASES = [
    Case(
        "V01",
        "B04/B04.16a/TH",
        {"B04/B04.16a/TH": Broken("#REF!", Problem.ERROR_VALUE)},
        {"B04/B04.16a/TH": 50},
        {"B04/B04.16a/TH": NIL, "B04/B04.16b/TH": NIL, "B04/B04.16b/LKN": 0, "B04/B04.16a/LKN": 0},
    ),
    Case(
        "V02",
        "B04/B04.16a/TH",
        {"B04/B04.16a/TH": Broken("1,234", Problem.AMBIGUOUS_NUMBER)},
        {"B04/B04.16a/TH": 1234, "B04/B04.16a/LKN": 1234},
        {"B04/B04.16a/TH": NIL, "B04/B04.16b/TH": NIL, "B04/B04.16b/LKN": 0, "B04/B04.16a/LKN": 0},
        suggestion="1.234",
    ),
    Case(
        "V03",
        "B04/B04.13a/TH",
        {"B04/B04.13a/TH": BLANK},
        {"B04/B04.13a/TH": NIL, "B04/B04.13a/LKN": 0, "B04/B04.13b/TH": 0, "B04/B04.13b/LKN": 0},
        {"B04/B04.13a/KHN": BLANK},
    ),
    Case(
        "V06",
        "PL03/DA4.NSDP_SN/KH",
        {"PL03/DA4.NSDP_SN/KH": 250_000_000_000},
        {"PL03/DA4.NSDP_SN/KH": 260_000_000},
        {f"PL03/DA4.NSDP_SN/{c}": BLANK for c in ("KH", "PB", "GN", "LKN", "LKGD", "QT", "NO")},
        W,
        "250.000.000",
        past=history(previous={"PL03/DA4.NSDP_SN/KH": 250_000_000}),
    ),
    Case(
        "V07",
        "B04/B04.13a/GT",
        {"B04/B04.13a/GT": "Đã lập hồ sơ số 038094001234"},
        {"B04/B04.13a/GT": "Kinh phí 123.456.789 đồng, 123456789 đồng"},
        {"B04/B04.13a/GT": BLANK},
    ),
    Case(
        "V07",
        "B04/B04.13b/GT",
        {"B04/B04.13b/GT": "Đã đưa anh Nguyễn Văn A đi cai"},
        {"B04/B04.13b/GT": "Tuyên truyền tại đường Lê Hồng Phong, xã Bình Minh"},
        {"B04/B04.13b/GT": BLANK},
        W,
    ),
    Case(
        "V08",
        "PL04/I/ND",
        {"PL04/I/ND": "C«ng an x· ®· ban hµnh kÕ ho¹ch."},
        {"PL04/I/ND": "Công an xã đã ban hành kế hoạch; § 2, 12 m², 0,5 µg, «xã»."},
        {"PL04/I/ND": NIL},
        suggestion="Công an xã đã ban hành kế hoạch.",
    ),
    Case(
        "V11",
        "B04/NGHIEN/CK",
        {"B04/NGHIEN/CK": 23},
        {"B04/NGHIEN/CK": 22},
        {"B04/NGHIEN/CK": BLANK},
        suggestion="22",
    ),
    Case(
        "V12",
        "PL01/CT11/TH",
        {"PL01/CT11/TH": 4},
        {"PL01/CT11/TH": 3},
        {"PL01/CT11/TH": NIL, "PL01/CT11/MS": NIL},
    ),
    Case(
        "V13",
        "PL01/CT11/TH",
        {"PL01/CT11/TH": 1, "PL01/CT11/MS": 0},
        {"PL01/CT11/TH": 0, "PL01/CT11/MS": 0},
        {"PL01/CT11/TH": NIL, "PL01/CT11/MS": NIL},
    ),
    Case(
        "V14",
        "B04/B04.16b/TH",
        {"B04/B04.16b/TH": 51, "B04/B04.16b/LKN": 51},
        {"B04/B04.16b/TH": 50, "B04/B04.16b/LKN": 50},
        {"B04/B04.16b/TH": NIL, "B04/B04.16b/LKN": 0},
    ),
    Case(
        "V15",
        "B04/B04.11a/TH",
        {"B04/B04.11b/TH": 1, "B04/B04.11b/LKN": 1},
        {"B04/B04.11b/TH": 2, "B04/B04.11b/LKN": 2},
        {"B04/B04.11a/TH": NIL, "B04/B04.11b/TH": NIL, "B04/B04.11a/LKN": 0, "B04/B04.11b/LKN": 0},
        W,
    ),
    Case(
        "V15",
        "B04/B04.11a/TH",
        {"B04/B04.11a/TH": 0, "B04/B04.11a/LKN": 0},
        {"B04/B04.11a/TH": 1, "B04/B04.11a/LKN": 1},
        {"B04/B04.11a/TH": NIL, "B04/B04.11b/TH": NIL, "B04/B04.11a/LKN": 0, "B04/B04.11b/LKN": 0},
    ),
    Case(
        "V16",
        "B04/B04.13b/TH",
        {"B04/B04.13b/TH": 5, "B04/B04.13b/LKN": 5},
        {"B04/B04.13b/TH": 4, "B04/B04.13b/LKN": 4},
        {"B04/B04.13b/TH": NIL, "B04/B04.13b/LKN": 0},
        W,
    ),
    Case(
        "V17",
        "B04/B04.24a/TH",
        {"B04/B04.24c/TH": Decimal(0), "B04/B04.24c/LKN": Decimal(0)},
        {"B04/B04.24c/TH": Decimal("0.5"), "B04/B04.24c/LKN": Decimal("0.5")},
        {"B04/B04.24a/TH": NIL, "B04/B04.24c/TH": NIL, "B04/B04.24a/LKN": 0, "B04/B04.24c/LKN": 0},
        W,
    ),
    Case(
        "V18",
        "B09/B09.03d/TH",
        {"B09/B09.03d/TH": 1, "B09/B09.03d/LKN": 1},
        {"B09/B09.03d/TH": 1, "B09/B09.03d/LKN": 1, "B09/B09.03d/GT": "Địa bàn rộng, đi bằng thuyền"},
        {"B09/B09.03d/TH": NIL},
        W,
    ),
    Case(
        "V19",
        "B05/CS1/DAT",
        {"B05/CS1/CS": 249},
        {"B05/CS1/CS": 250, "B05/CS1/HA": Decimal(3)},
        {f"B05/CS1/{c}": BLANK for c in ("TEN", "CS", "HA", "DAT")},
        unit=POLICE,
    ),
    Case(
        "V21",
        "PL01/CT03/TH",
        {"PL01/CT03/TH": 6},
        {"PL01/CT03/TH": 5},
        {"PL01/CT03/TH": BLANK},
        suggestion="5",
    ),
    Case(
        "V22",
        "PL01/CT10/TH",
        {"PL01/CT10/TH": 2},
        {"PL01/CT10/TH": 1},
        {"PL01/CT10/TH": BLANK},
    ),
    Case(
        "V23",
        "PL01/CT13/TH",
        {"PL01/CT13/TH": 8, "PL01/CT13/LKN": 8},
        {"PL01/CT13/TH": 7, "PL01/CT13/LKN": 7},
        {"PL01/CT13/TH": BLANK},
    ),
    Case(
        "V24",
        "PL01/CT20/MS",
        {"PL01/CT20/MS": 45},
        {"PL01/CT20/MS": 44},
        {"PL01/CT20/MS": BLANK},
    ),
    Case(
        "V25",
        "PL03/DA4/GN",
        {"PL03/DA4/GN": 80_000_001},
        {"PL03/DA4/GN": 80_000_000},
        {"PL03/DA4/GN": BLANK},
        suggestion="80.000.000",
    ),
    Case(
        "V26",
        "PL01/CT30/TH",
        {"PL01/CT30/TH": Decimal("33.00")},
        {"PL01/CT30/TH": Decimal("32.00")},
        {"PL01/CT30/TH": BLANK},
        suggestion="32,00",
    ),
    Case(
        "V27",
        "PL03/DA1.NSTW_SN/GN",
        {"PL03/DA1.NSTW_SN/GN": 0, "PL03/DA1.NSTW_SN/LKN": 0},
        {"PL03/DA1.NSTW_SN/GN": 1_000_000, "PL03/DA1.NSTW_SN/LKN": 1_000_000},
        NO_MONEY,
        W,
    ),
    Case(
        "V28",
        "PL01/CT08/TH",
        {"PL01/CT08/TH": True} | DECISION,
        {"PL01/CT08/TH": False},
        {"PL01/CT08/TH": NIL},
        W,
    ),
    Case(
        "V29",
        "PL01/CT09/TH",
        {"PL01/CT10/MS": 3},
        {"PL01/CT10/MS": 1},
        {"PL01/CT10/MS": 3, "PL01/CT09/TH": NIL},
        W,
        unit=COUNTED,
    ),
    Case(
        "V31",
        "B04/SAUCAI/DK",
        {"B04/SAUCAI/DK": 3, "PL01/CT05/TH": 4},
        {"B04/SAUCAI/DK": 2},
        {"B04/SAUCAI/DK": BLANK},
        suggestion="2",
        past=history(previous={"B04/SAUCAI/CK": 2}),
    ),
    Case(
        "V32",
        "B04/B04.13a/LKN",
        {"B04/B04.13a/LKN": 9, "B04/B04.13a/LKGD": 9},
        {"B04/B04.13a/LKN": 4},
        {"B04/B04.13a/LKN": BLANK},
        suggestion="4",
    ),
    Case(
        "V33",
        "B04/B04.13a/TH",
        {},
        {"B04/B04.13a/TH": 5, "B04/B04.13a/LKN": 5, "B04/B04.13a/LKGD": 5},
        {"B04/B04.13a/TH": BLANK},
        period=FULL_YEAR,
        past=history(same_year={"B04/B04.13a/TH": 5, "B04/B04.13a/LKN": 5}),
    ),
    Case(
        "V34",
        "B04/B04.13a/LKGD",
        {},
        {"B04/B04.13a/LKGD": 40},
        {"B04/B04.13a/LKGD": BLANK},
        past=history(previous={"B04/B04.13a/LKGD": 40}),
    ),
    Case(
        "V35",
        "PL01/CT13/TH",
        {"PL01/CT13/TH": 14, "PL01/CT13/LKN": 14, "B01/B01.03b/TH": 20, "B01/B01.03b/LKN": 20},
        {"PL01/CT13/TH": 15, "PL01/CT13/LKN": 15, "B01/B01.03b/TH": 20, "B01/B01.03b/LKN": 20},
        {"PL01/CT13/TH": BLANK, "B01/B01.03b/TH": 20, "B01/B01.03b/LKN": 20},
        W,
        past=LAST_YEAR,
    ),
    Case(
        "V36",
        "",
        {},
        {"B04/B04.13b/TH": 2, "B04/B04.13b/LKN": 2},
        {"B04/B04.13b/TH": NIL, "B04/B04.13b/LKN": 0},
        W,
        past=history(previous=COPIED),
    ),
    Case(
        "V37",
        "PL01/CT08.NGAY/TH",
        {"PL01/CT08/TH": True, "PL01/CT08.QD/TH": "12/QĐ-UBND"} | NOBODY,
        {"PL01/CT08/TH": True} | DECISION | NOBODY,
        {"PL01/CT08/TH": NIL},
        past=history(previous={"PL01/CT08/TH": False}),
    ),
    Case(
        "V63",
        "PL01/CT08.QD/TH",
        {"PL01/CT08/TH": True, "PL01/CT08.NGAY/TH": date(2026, 5, 5)} | NOBODY,
        {"PL01/CT08/TH": True} | DECISION | NOBODY,
        {"PL01/CT08/TH": NIL} | DECISION,
    ),
    Case(
        "V63",
        "PL01/CT08.NGAY/TH",
        {"PL01/CT08.NGAY/TH": date(2026, 5, 5)},
        {"PL01/CT08.NGAY/TH": NIL},
        {"PL01/CT08/TH": NIL} | DECISION,
    ),
    Case(
        "V22",
        "B01/B01.02/KHN",
        {"PL01/CT13/KHN": 8},
        {"PL01/CT13/KHN": 8, "B01/B01.02/KHN": 9},
        {},
        suggestion="8",
    ),
    Case(
        "V38",
        "PL03/DA4.NSDP_SN/PB",
        {"PL03/DA4.NSDP_SN/PB": 250_000_001},
        {"PL03/DA4.NSDP_SN/PB": 250_000_000},
        {f"PL03/DA4.NSDP_SN/{c}": BLANK for c in ("KH", "PB", "GN", "LKN", "LKGD", "QT", "NO")},
    ),
    Case(
        "V38",
        "PL03/DA4.NSDP_SN/LKN",
        {"PL03/DA4.NSDP_SN/LKN": 200_000_001, "PL03/DA4.NSDP_SN/GT": "Tạm ứng hợp đồng"},
        {"PL03/DA4.NSDP_SN/LKN": 200_000_000},
        {f"PL03/DA4.NSDP_SN/{c}": BLANK for c in ("KH", "PB", "GN", "LKN", "LKGD", "QT", "NO")},
        W,
    ),
    Case(
        "V62",
        "B04/B04.13a/TH",
        {},
        {"B04/B04.13a/TH": 5, "B04/B04.13a/LKN": 5, "B04/B04.13a/LKGD": 5},
        {"B04/B04.13a/TH": BLANK},
        suggestion="5",
        period=MID_TERM,
        past=history(accumulated={"B04/B04.13a/TH": 5}),
    ),
    Case(
        "V62",
        "B04/B04.16a/TH",
        {f"B04/B04.16a/{c}": 66 for c in ("TH", "LKN", "LKGD")},
        {f"B04/B04.16a/{c}": 65 for c in ("TH", "LKN", "LKGD")},
        {"B04/B04.16a/TH": BLANK},
        W,
        period=MID_TERM,
        past=replace(history(accumulated={"B04/B04.16a/TH": 50}), rest_of_term=Fraction(1, 10)),
    ),
    Case(
        "V41",
        "",
        {f"B09/B09.03d/{c}": BLANK for c in ("TH", "LKN", "LKGD")},
        {f"B09/B09.03d/{c}": NIL for c in ("TH", "LKN", "LKGD")},
        {"B09/B09.03d/KHN": BLANK},
    ),
    Case(
        "V43",
        "",
        {},
        {},
        {"B04/B04.13a/KHN": BLANK},
        W,
        late=timedelta(days=3),
    ),
    Case(
        "V44",
        "PL01/CT08.NGAY/TH",
        {"PL01/CT08/TH": True, **DECISION, **NOBODY, "PL01/CT08.NGAY/TH": date(2026, 6, 15)},
        {"PL01/CT08/TH": True, **DECISION, **NOBODY, "PL01/CT08.NGAY/TH": date(2026, 6, 14)},
        {"PL01/CT08.NGAY/TH": BLANK},
    ),
    Case(
        "V61",
        "B09/B09.03d/TH",
        {"B09/B09.03d/TH": 0},
        {"B09/B09.03d/TH": 1, "B09/B09.03d/LKN": 1, "B09/B09.03d/LKGD": 1, "B09/B09.03d/GT": "Địa bàn rộng"},
        {"B09/B09.03d/TH": BLANK},
        W,
        unit=POLICE,
        past=history(register={"B09/B09.03d/TH": 1}),
    ),
]
