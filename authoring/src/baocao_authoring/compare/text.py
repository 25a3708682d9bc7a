"""A comparison of two form versions as text and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from baocao_authoring.compare.bridge import GONE, NOT_COMPARABLE, PROPOSED, SAME
from baocao_authoring.compare.diff import FormDiff

_MOST_CELLS = 60


def diff_data(found: FormDiff) -> dict[str, Any]:
    """Plain data: counts, changes, touches, the bridge cell by cell."""
    count = Counter(b.status for b in found.bridges)
    return {
        "form": found.old.code,
        "old": found.old.version,
        "new": found.new.version,
        "regime": found.regime,
        "identical": not found.changes,
        "old_blanks_accepted": found.blanks_stay,
        "changes": [asdict(c) for c in found.changes],
        "touches": [asdict(t) for t in found.touches],
        "cells": {status: count[status] for status in (SAME, PROPOSED, NOT_COMPARABLE, GONE)},
        "bridge": [asdict(b) for b in found.bridges],
        "new_cells": list(found.new_cells),
    }


def diff_text(found: FormDiff) -> str:
    """What a reviewer reads, the weighty first."""
    old, new = found.old, found.new
    if not found.changes:
        return f"Biểu {old.code}: bản {old.version} và bản {new.version} giống nhau hoàn toàn."
    lines = [f"Biểu {old.code}: bản {old.version} so với bản {new.version}"]
    lines.append(
        "Tệp mẫu cũ vẫn đúng nội dung bản mới."
        if found.blanks_stay
        else "Tệp mẫu cũ KHÔNG dùng được cho bản mới: phải phát lại biểu trống."
    )
    weighty = [c for c in found.changes if c.weighty]
    proposed = [c for c in weighty if c.kind in {"renamed", "reused"}]
    lines += _section("CẦN NGƯỜI XÁC NHẬN", [c.text for c in proposed])
    lines += _section("THÊM, BỎ", [c.text for c in weighty if c.kind in {"added", "removed"}])
    lines += _section("ĐỔI NGHĨA SỐ LIỆU, QUY TẮC", [c.text for c in weighty if c.kind == "changed"])
    lines += _section("CHỈ ĐỔI LỜI, TRÌNH BÀY", [c.text for c in found.changes if not c.weighty])
    if found.regime:
        touches = [f"{'PHẢI SỬA' if t.breaks else 'XEM LẠI'} {t.file}: {t.text}" for t in found.touches]
        lines += _section(f"ẢNH HƯỞNG TRONG CHẾ ĐỘ {found.regime}", touches or ["không quy tắc, mục tiêu nào"])
    else:
        lines += _section("ẢNH HƯỞNG", ["chưa đối chiếu với chế độ nào; hãy nêu --regime"])
    return "\n".join(lines + _bridge(found))


def _section(title: str, texts: list[str]) -> list[str]:
    return [f"\n{title} ({len(texts)})", *(f"  - {t}" for t in texts)] if texts else []


def _bridge(found: FormDiff) -> list[str]:
    """Cells that lead somewhere else or nowhere, line by line of the form; cells that stay are only counted."""
    count = Counter(b.status for b in found.bridges)
    lines = [
        f"\nNỐI SỐ LIỆU CŨ SANG MỚI: {count[SAME]} ô so được như cũ, {count[PROPOSED]} ô đề nghị ghép (cần xác nhận), "
        f"{count[NOT_COMPARABLE]} ô không so được, {count[GONE]} ô không còn, {len(found.new_cells)} ô mới"
    ]
    shown = [b for b in found.bridges if b.status != SAME]
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for b in shown:
        row = "/".join(b.old.split("/")[:2])
        goal = "/".join(b.new.split("/")[:2]) if b.new else "(không có)"
        groups.setdefault((row, goal, b.status, b.reason), []).append(b.old.split("/")[2])
    said = {PROPOSED: "đề nghị", NOT_COMPARABLE: "KHÔNG SO ĐƯỢC", GONE: "không còn"}
    # By row: a renamed row would otherwise be listed once a column.
    for (row, goal, status, reason), columns in list(groups.items())[:_MOST_CELLS]:
        why = f": {reason}" if reason else ""
        lines.append(f"  - {row} [{', '.join(columns)}] -> {goal} ({said[status]}{why})")
    if len(groups) > _MOST_CELLS:
        lines.append(f"  … và {len(groups) - _MOST_CELLS} nhóm ô nữa; xem đủ bằng --json")
    return lines
