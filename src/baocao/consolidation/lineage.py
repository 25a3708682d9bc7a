"""Nguồn số liệu: from a province figure back to the cells of the units' own files."""

from __future__ import annotations

from collections.abc import Iterable

from baocao.forms.derivation import pack_derivations
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.report import Contribution
from baocao.model.submission import AcceptedCells, Answer, Value
from baocao.settings import ConfigurationError
from baocao.text import as_answered


def components(key: CellKey, pack: Pack) -> tuple[CellKey, ...]:
    """The entered cells a province cell is made of, in the order of its definition; itself when it is entered.

    Raises ConfigurationError when no form of the pack has the cell.
    """
    if all(key not in form.cells for form in pack.forms):
        raise ConfigurationError(f"không biểu nào của chế độ {pack.code} có ô {key}; hãy kiểm tra mã biểu, dòng, cột")
    order = pack_derivations(pack)
    result: dict[CellKey, None] = {}
    waiting = [key]
    while waiting:
        cell = waiting.pop()
        if cell in order:
            # Reversed, because the last one put there is taken first.
            waiting.extend(reversed(order[cell].components))
        else:
            # A dict for its order: a cell that two parts share stands once, where it comes first.
            result[cell] = None
    return tuple(result)


def contributions(key: CellKey, accepted: Iterable[AcceptedCells], pack: Pack) -> list[Contribution]:
    """Every unit's cell behind a province cell: provincial bodies first, then communes by code.

    For a derived cell these are the cells of its components, component by component; `Contribution.key` tells which.
    """
    wanted = components(key, pack)
    place = {cell: i for i, cell in enumerate(wanted)}
    found: list[tuple[tuple[int, bool, str], Contribution]] = []
    for submission in accepted:
        unit = pack.unit(submission.unit)
        for cell_key in wanted:
            cell = submission.cells.get(cell_key)
            if cell is None or cell.answer not in {Answer.VALUE, Answer.NIL}:
                continue
            contribution = Contribution(
                key=cell_key,
                unit=submission.unit,
                unit_name=pack.unit_name(submission.unit),
                submission_id=submission.submission_id,
                sha256=submission.sha256,
                filename=submission.filename,
                sheet=cell.sheet,
                a1=cell.a1,
                value=_text(cell.value),
                answer=cell.answer.value,
            )
            provincial = unit is not None and unit.is_lead_body
            found.append(((place[cell_key], not provincial, submission.unit), contribution))
    return [contribution for _, contribution in sorted(found, key=lambda pair: pair[0])]


def _text(value: Value | None) -> str:
    return "" if value is None else as_answered(value)
