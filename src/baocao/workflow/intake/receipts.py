"""Receipts: what a number stands for, and what was received under it, without a figure of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from baocao.checks.cell_specs import lay_out
from baocao.delivery.contexts.submissions import ReceivedForm
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by
from baocao.model.submission import Answer, Cell, ListAnswers, Submission
from baocao.model.unit import Unit
from baocao.store.submissions import cells, receipts, submissions
from baocao.store.submissions.list_rows import lists_of
from baocao.store.values import typed_by
from baocao.text import second_text
from baocao.workflow.installation import Installation, Refused


def received_forms(pack: Pack, unit: Unit, kept: Iterable[Cell]) -> tuple[ReceivedForm, ...]:
    """The unit's forms in printed order, with how many cells of each it answered itself."""
    forms, entered = entered_by(pack, unit), lay_out(pack, unit).typed
    answers: dict[str, list[Answer]] = {form.code: [] for form in forms}
    for cell in kept:
        form, row, _ = cell.key
        # A row with `#` is one of a list, and the unit answers all of those itself.
        if form in answers and (cell.key in entered or "#" in row):
            answers[form].append(cell.answer)
    return tuple(
        ReceivedForm(
            official=form.official,
            title=form.title,
            answers=len(given := answers[form.code]),
            whole_nil=bool(given) and all(answer is Answer.NIL for answer in given),
        )
        for form in forms
    )


def receipt_of(place: Installation, number: str) -> dict[str, Any]:
    """What stands behind a receipt number, however it is written. Raises Refused for one that was never given."""
    with place.store.read() as conn:
        id = receipts.find(conn, number)
        if id is None:
            raise Refused(
                f"Không có biên nhận số {number!r}. Số biên nhận có dạng BC-2026H1-00001-2: chế độ, kỳ, mã đơn vị, lần "
                "được chấp nhận; hãy hỏi lại người gọi từng phần"
            )
        found = submissions.detail(conn, id)
        row = found.submission
        official = submissions.official(conn, row.regime, row.period, row.unit)
        newer = official is not None and official.id != id
        # A number may be asked about years later, when the calendar no longer knows the period.
        pack, period = place.at(row.regime, row.period) if _is_known(place, row) else (place.pack(row.regime), None)
        lists = lists_of(conn, [id], typed_by(pack)).get(id, ListAnswers({}, {}))
        kept = [*cells.cells_of(conn, id, typed_by(pack)).values(), *lists.said()]
    unit = pack.unit(row.unit)
    return {
        "receipt": row.receipt_number,
        "id": id,
        "regime": row.regime,
        "period": row.period,
        "period_name": period.name if period else row.period,
        "unit": row.unit,
        "unit_name": pack.unit_name(row.unit),
        "filename": row.filename,
        "size": found.size,
        "sha256": row.sha256,
        "channel": found.channel,
        "received_at": row.received_at.astimezone(place.zone(row.regime)),
        "on_time": row.on_time,
        "replaced_by": official.receipt_number if newer and official else None,
        "forms": [
            {"form": f"{f.official}: {f.title}", "answers": f.answers, "nil": f.whole_nil}
            for f in (received_forms(pack, unit, kept) if unit else ())
        ],
    }


def _is_known(place: Installation, row: Submission) -> bool:
    return any(p.code == row.period for p in place.periods(row.regime))


def receipt_text(data: dict[str, Any]) -> str:
    """The same for the telephone."""
    lines = [
        f"Biên nhận số {data['receipt']}: {data['unit_name']} (mã {data['unit']}), {data['period_name']}",
        f"  Tệp {data['filename']}, {data['size']} byte, nhận lúc {second_text(data['received_at'])}, "
        f"{'đúng hạn' if data['on_time'] else 'quá hạn'}; bài nộp số {data['id']}",
        f"  Mã kiểm tra tệp (SHA-256): {data['sha256']}",
    ]
    lines += [
        f"  {f['form']}: {'không phát sinh' if f['nil'] else str(f['answers']) + ' ô có trả lời'}"
        for f in data["forms"]
    ]
    if data["replaced_by"]:
        lines.append(f"  Đã được thay bằng báo cáo có biên nhận số {data['replaced_by']}")
    return "\n".join(lines)
