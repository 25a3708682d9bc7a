"""One difference between two versions of a form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FormChange:
    """One difference. `kind`: added, removed, renamed (proposed), reused, changed; `what`: form, table, column, row,
    list, relation."""

    kind: str
    what: str
    place: str
    """code in the old version; in the new one for what was added"""
    text: str
    """plain Vietnamese"""
    key: str = ""
    """the property that changed"""
    old: str = ""
    new: str = ""
    weighty: bool = True
    """False: wording only, no figure means something else"""
