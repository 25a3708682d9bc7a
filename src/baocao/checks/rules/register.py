"""Filed figures against the register of inspections."""

from __future__ import annotations

from baocao.checks.reading import Reading, printed
from baocao.model.pack_parts.rule_kinds import RuleKind


def check_against_register(reading: Reading) -> None:
    """A cell that was not answered, or that the register does not know, is not looked at."""
    for key, counted in reading.history.register.items():
        spec, filed = reading.layout.specs.get(key), reading.figure(key)
        if spec is None or filed is None or filed == counted or key in reading.at_fault:
            continue
        reading.report(
            RuleKind.INSPECTION_REGISTER,
            spec,
            f"Báo cáo ghi {printed(filed, spec.type)}, sổ theo dõi kiểm tra có {printed(counted, spec.type)} (tính đến "
            "ngày chốt số liệu). Nếu báo cáo nhầm, hãy sửa; nếu sổ thiếu, hãy ghi bổ sung vào sổ và nêu lý do ở cột "
            "giải trình.",
            expected=counted,
            actual=filed,
        )
