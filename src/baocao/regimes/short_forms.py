"""What a pack may write once instead of many times, written out before the schema reads it.

* `legal_basis`: a document with its `provisions`; what stands beside `document` holds for each of them.
* `relations`: a `table` of relations that say the same of other cells: `left`, `right` and `what` of each.
* `tables` of a form: `defaults` of its rows, and `variants` of them that a row names with `like`.

Every fault is reported at the line where it is written, so each entry remembers where it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KeyPath = tuple[str | int, ...]
Places = dict[KeyPath, KeyPath]
"""path written out -> path in the file; of a path that is not here the longest beginning that is"""

OF_SUMS = frozenset({"equal", "at_most", "zero_implies_zero", "positive_implies_positive"})
"""Kinds of relations with two sides that are sums."""
OF_ANSWERS = frozenset({"together", "same_answer"})
"""Kinds of relations between two answers."""
_ROW_KEYS = frozenset({"left", "right", "what"})


class ShortFormError(ValueError):
    """Something that cannot be written out: where, why and what to do."""

    def __init__(self, path: KeyPath, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.path, self.reason, self.cure = path, reason, cure


def written_out(data: Mapping[str, Any]) -> tuple[dict[str, Any], Places]:
    """The file with nothing left out. Raises ShortFormError."""
    found, places = dict(data), Places()
    if isinstance(data.get("legal_basis"), list):
        found["legal_basis"] = _provisions(data["legal_basis"], places)
    if isinstance(data.get("relations"), list):
        found["relations"] = _relations(data["relations"], places)
    if isinstance(data.get("tables"), list):
        found["tables"] = [_table(table, ("tables", n)) for n, table in enumerate(data["tables"])]
    return found, places


def in_file(path: KeyPath, places: Places) -> KeyPath:
    """Where that path is written."""
    # The longest known beginning: only what was moved is written down.
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]] + path[length:]
    return path


def _provisions(entries: list[Any], places: Places) -> list[Any]:
    result: list[Any] = []
    for n, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get("provisions"), list):
            places["legal_basis", len(result)] = ("legal_basis", n)
            result.append(entry)
            continue
        shared = {key: value for key, value in entry.items() if key != "provisions"}
        for m, provision in enumerate(entry["provisions"]):
            here: KeyPath = ("legal_basis", len(result))
            places[here] = ("legal_basis", n, "provisions", m)
            # A fault in what is shared is shown where it is shared, not at each provision.
            places.update({(*here, key): ("legal_basis", n, key) for key in shared if key not in provision})
            result.append({**shared, **provision} if isinstance(provision, dict) else provision)
    return result


def _relations(entries: list[Any], places: Places) -> list[Any]:
    """The relations with every `table` written out as single ones; `places` keeps where each stood in the file."""
    result: list[Any] = []
    for n, entry in enumerate(entries):
        if not isinstance(entry, dict) or "table" not in entry:
            places["relations", len(result)] = ("relations", n)
            result.append(entry)
            continue
        kind = entry.get("kind")
        if kind not in OF_SUMS | OF_ANSWERS:
            cure = f"hãy ghi kind: một trong {', '.join(sorted(OF_SUMS | OF_ANSWERS))}"
            raise ShortFormError(("relations", n, "kind"), "bảng quan hệ chưa ghi loại", cure)
        if not isinstance(entry["table"], list):
            raise ShortFormError(("relations", n, "table"), "phải là danh sách", "hãy ghi mỗi quan hệ một dòng")
        shared = {key: value for key, value in entry.items() if key not in {"table", "kind"}}
        for m, row in enumerate(entry["table"]):
            at: KeyPath = ("relations", n, "table", m)
            here: KeyPath = ("relations", len(result))
            places[here] = at
            places.update({(*here, key): ("relations", n, key) for key in shared if key not in row})
            # The kind is a key of the written-out relation and none of the row: its fault is shown at the row's first
            # side.
            places[(*here, kind)] = (*at, "left")
            result.append(_relation(shared, kind, row, at))
    return result


def _relation(shared: Mapping[str, Any], kind: str, row: Any, at: KeyPath) -> dict[str, Any]:
    if not isinstance(row, dict) or not {"id", "left", "right"} <= row.keys():
        raise ShortFormError(at, "mỗi dòng của bảng quan hệ phải có id, left, right", "hãy thêm khóa còn thiếu")
    left, right = row["left"], row["right"]
    sides = [left, right] if kind in OF_ANSWERS else [_side(left), _side(right)]
    found = {**shared, **{key: value for key, value in row.items() if key not in _ROW_KEYS}, kind: sides}
    found["id"] = f"{found.get('rule', '')}.{row['id']}"
    message = str(found.get("message", ""))
    if "{what}" in message:
        if not row.get("what"):
            raise ShortFormError((*at, "what"), "message có {what} mà dòng này không ghi what", "hãy ghi what")
        found["message"] = message.replace("{what}", str(row["what"]))
    return found


def _side(cells: Any) -> Any:
    return [cells] if isinstance(cells, str) else cells


def _table(table: Any, path: KeyPath) -> Any:
    if not isinstance(table, dict) or not isinstance(table.get("rows"), list):
        return table
    defaults, variants = table.get("defaults", {}), table.get("variants", {})
    for key, given in (("defaults", defaults), ("variants", variants)):
        if not isinstance(given, dict):
            raise ShortFormError((*path, key), "phải gồm các khóa và giá trị", "hãy sửa giá trị")
    rows = [_row(row, defaults, variants, (*path, "rows", n)) for n, row in enumerate(table["rows"])]
    return {**{key: value for key, value in table.items() if key not in {"defaults", "variants"}}, "rows": rows}


def _row(row: Any, defaults: Mapping[str, Any], variants: Mapping[str, Any], at: KeyPath) -> Any:
    """A heading takes nothing over; a key with no value (`levels: null`) takes the default away."""
    if not isinstance(row, dict) or (row.get("heading") and "like" not in row):
        return row
    like = row.get("like")
    if like is not None and like not in variants:
        cure = f"hãy dùng một trong: {', '.join(map(str, variants)) or '(bảng chưa khai variants)'}"
        raise ShortFormError((*at, "like"), f"bảng không có variants {like!r}", cure)
    full = {**defaults, **(variants[like] if like is not None else {}), **row}
    return {key: value for key, value in full.items() if value is not None and key != "like"}
