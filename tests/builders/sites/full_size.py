"""A whole province's report without its workbooks: every unit of the real pack reports, each with texts of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from demo.figures import Figures
from demo.simulate import baseline

from baocao.calendar.periods import find_period
from baocao.consolidation.province import consolidate
from baocao.documents.report_input import ReportInput
from baocao.model.consolidated import Earlier
from baocao.model.form import CellKey, ColumnRole
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period
from baocao.model.submission import AcceptedCells, Answer, Cell, Value
from baocao.model.unit import Unit
from baocao.regimes.load import calendar_of, load_pack
from builders.sites.site import typed

PROJECT = Path(__file__).resolve().parents[3]
REGIME, PERIOD, SEED = "thanh-hoa-drug-programme", "2026-H1", 2026
_WORDS = (
    *("tuyên truyền", "địa bàn", "thôn bản", "cai nghiện", "kinh phí", "cán bộ", "phối hợp", "giao ban", "hồ sơ"),
    *("gia đình", "đoàn thể", "tổ công tác", "việc làm", "trạm y tế", "nhà trường", "doanh nghiệp", "biên giới"),
    *("mô hình", "tập huấn", "thiết bị", "quần chúng", "điểm nóng", "tư vấn", "sau cai", "giám sát", "báo cáo"),
    *("dự toán", "nhân dân", "công an", "ủy ban", "hội phụ nữ", "thanh niên", "rà soát", "ký cam kết", "ra quân"),
    *("vận động", "tái hòa nhập", "quản lý"),
)


def own_text(unit: int, topic: int) -> str:
    """About sixty words that no other unit says of any topic."""
    picked = [_WORDS[(unit * (7 + step) + topic * 11 + step * step) % len(_WORDS)] for step in range(24)]
    return f"{' và '.join(picked[:8]).capitalize()}; {', '.join(picked[8:16])}; {' cùng '.join(picked[16:])}."


@lru_cache(maxsize=2)
def full_size(*, own_texts: bool, missing: int = 3) -> ReportInput:
    """The report of the real pack: 166 communes less `missing`, six lead bodies.

    Figures of a few drawn communes stand for all others; with `own_texts` every unit says something else under each
    heading.
    """
    pack = load_pack(PROJECT / "include" / "regimes" / REGIME)
    period = find_period(calendar_of(pack.regime, PROJECT / "include" / "reference"), PERIOD)
    pack = for_period(pack, period)
    units = pack.units_on(period.cutoff_on)
    communes = [u for u in units if not u.is_lead_body]
    drawn = {u.code: _drawn(pack, u, period) for u in [*communes[:4], *(u for u in units if u.is_lead_body)]}
    before = {u.code: baseline(pack, u, period, SEED, "2025-H1") for u in communes[:4]}
    silent = {u.code for u in communes[-missing:]} if missing else set()
    accepted, earlier = [], []
    for number, unit in enumerate(units):
        like = unit.code if unit.is_lead_body else communes[number % 4].code
        if unit.code not in silent:
            said = _texts(pack, unit, number) if own_texts else {}
            accepted.append(_report(unit, number, {**drawn[like], **said}))
        if not unit.is_lead_body:
            earlier.append(_report(unit, 1000 + number, before[like]))
    result = consolidate(pack, period, accepted, units, year_ago=Earlier("2025-H1", tuple(earlier)))
    return ReportInput(
        pack=pack,
        period=period,
        result=result,
        version=1,
        as_of=period.province.due_at.date(),
        late=tuple(communes[10:16]),
        accepted=tuple(accepted),
        year_ago=tuple(earlier),
    )


def _drawn(pack: Pack, unit: Unit, period: object) -> dict[CellKey, Value]:
    return dict(typed(pack, Figures(pack, unit, period, {}, SEED).fill_with_derived()))  # type: ignore[arg-type]


def _texts(pack: Pack, unit: Unit, number: int) -> dict[CellKey, Value]:
    form = pack.form("PL04")
    keys = [k for k, (_, _, column) in form.cells.items() if column.role is ColumnRole.TEXT]
    return {key: own_text(number, topic) for topic, key in enumerate(keys)}


def _report(unit: Unit, number: int, figures: Mapping[CellKey, Value]) -> AcceptedCells:
    cells = {k: Cell(k, Answer.VALUE, v, k.form, f"E{n}") for n, (k, v) in enumerate(sorted(figures.items()), 1)}
    at = datetime(2026, 6, 18, tzinfo=UTC)
    return AcceptedCells(unit.code, number + 1, f"{number:064}", f"{unit.code}.xlsx", at, cells)
