"""Chuyển cấp: the signed result of one regime as one unit's report to a higher regime, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from baocao.model.form import CellKey
from baocao.model.pack_parts.strict import Strict
from baocao.model.submission import ListName


class CascadeFile(Strict):
    """`cascade.yaml`: where a pack's own consolidated cells go in the higher regime's workbook."""

    to: str
    """Code of the higher regime."""
    unit: str
    """The unit of the higher regime that this pack reports for."""
    anchor: str = ""
    same: Literal["all"] | None = None
    """`all`: every row the unit enters there comes from the row of the same name here, where there is one and nothing
    else is said below."""
    cells: dict[str, str] = Field(default_factory=dict)
    """Own cell -> cell there, `FORM/ROW/COLUMN`; a `*` as both columns means every column the unit enters there."""
    not_collected: dict[str, str] = Field(default_factory=dict)
    """Cell there -> why nothing is collected for it here; goes over as `không phát sinh`. A `*` as above."""
    nil_forms: dict[str, str] = Field(default_factory=dict)
    """Form there -> reason: the unit declares the whole form nil."""
    lists: dict[str, str] = Field(default_factory=dict)
    """Own list -> list there, `FORM/LIST`: its cases go over one by one, columns by their codes."""
    nil_lists: dict[str, str] = Field(default_factory=dict)
    """List there -> reason: the unit states it empty."""


@dataclass(frozen=True)
class Cascade:
    """A checked `cascade.yaml`, every `*` replaced."""

    to: str
    unit: str
    cells: Mapping[CellKey, CellKey]
    """cell of the higher regime -> own cell, in the order of the higher regime's workbook"""
    not_collected: frozenset[CellKey]
    nil_forms: Mapping[str, str]
    lists: Mapping[ListName, ListName] = field(default_factory=dict)
    """list of the higher regime -> own list, in the order of the higher regime's workbook"""
    nil_lists: Mapping[ListName, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CascadeOrigin:
    """Which signed report a submitted workbook was made from; written in the workbook's `_meta` sheet."""

    regime: str
    period: str
    report_id: int
    version: int
    content_sha256: str

    def as_meta(self) -> dict[str, str]:
        """`source.regime`, `source.period`, …: texts."""
        return {
            "source.regime": self.regime,
            "source.period": self.period,
            "source.report": str(self.report_id),
            "source.version": str(self.version),
            "source.content_sha256": self.content_sha256,
        }

    @classmethod
    def from_meta(cls, meta: Mapping[str, str]) -> CascadeOrigin | None:
        """None when the workbook does not say so, or not completely. What it says is a claim, not a proof."""
        try:
            return cls(
                meta["source.regime"],
                meta["source.period"],
                int(meta["source.report"]),
                int(meta["source.version"]),
                meta["source.content_sha256"],
            )
        # No error: any workbook may carry such keys. Who wants to follow it asks our own trail (ADR 0012).
        except (KeyError, ValueError):
            return None
