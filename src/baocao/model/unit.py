"""Đơn vị báo cáo: who owes a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST_AT_ONCE = 400
"""Units whose blanks one task writes. Measured on two cores: a unit costs 0.025 CPU seconds, a task of Airflow half a
second before it does anything. In parts of 400 the tasks cost a twentieth of the work, and a part that failed repeats
ten seconds of it."""


class UnitKind(StrEnum):
    """What a unit is: territorial (xã, phường, đặc khu) or a body of the level above."""

    COMMUNE = "commune"
    WARD = "ward"
    SPECIAL_ZONE = "special_zone"
    AGENCY = "agency"
    DEPARTMENT = "department"

    @property
    def is_territorial(self) -> bool:
        """A commune-level administrative unit (xã, phường, đặc khu), as against an office."""
        return self in {UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE}

    @property
    def label(self) -> str:
        # An office has its kind in its name (`Sở Tư pháp`), so it gets no label before it.
        return {"commune": "Xã", "ward": "Phường", "special_zone": "Đặc khu"}.get(self.value, "")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of one regime. `code` is the key, a string (`00001`); names are for people."""

    code: str
    name: str
    kind: UnitKind
    email: str
    """Where letters and workbooks go; empty means: alarm the operator, never silence."""
    head_email: str = ""
    """The unit's head: receives the first overdue notice."""
    projects: tuple[str, ...] = ()
    """For a provincial lead body: the projects it leads (`6`, `7.1`)."""
    valid_from: date | None = None
    valid_to: date | None = None
    latitude: float | None = None
    """Degrees north and east of its middle point, for schematic maps only; None: it is left off the map."""
    longitude: float | None = None
    population: int | None = None
    """Residents, where the list of units gives them: for bounds that are a share of them."""
    population_source: str = ""
    """Where `population` comes from: the document or register, and its day."""
    senders: tuple[str, ...] = ()
    """From where it writes besides `email` and `head_email`: addresses, or whole domains (`@xa.example`)."""

    @property
    def full_name(self) -> str:
        return f"{self.kind.label} {self.name}".strip()

    @property
    def in_sentence(self) -> str:
        """The name as it stands inside a sentence: `phường X`, an office by its own name."""
        return f"{self.kind.label.lower()} {self.name}".strip()

    @property
    def is_lead_body(self) -> bool:
        return bool(self.projects)

    def valid_on(self, day: date) -> bool:
        """Whether the unit exists on a day, both ends of its validity included."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)
