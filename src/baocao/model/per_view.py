"""What follows from a pack alone is worked out once: a view of a pack is known by its hash and the name of the view."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

from baocao.model.pack import Pack
from baocao.model.unit import Unit

T = TypeVar("T")
V = TypeVar("V")


class _Asked:
    """Arguments that count as the same when view and projects are: packs and units are too large to compare."""

    __slots__ = ("_key", "pack", "unit")

    def __init__(self, pack: Pack, unit: Unit | None = None) -> None:
        self.pack, self.unit = pack, unit
        self._key = (pack.sha256, pack.view, unit.projects if unit is not None else None)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self._key == other._key


class _Held:
    """A value known by its identity, which stays its own because the value is held."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.value is other.value


def once_per_object(maxsize: int = 64) -> Callable[[Callable[[V], T]], Callable[[V], T]]:
    """Keep the answers of a function of one immutable value that is too large to compare (a form)."""

    def decorate(work: Callable[[V], T]) -> Callable[[V], T]:
        kept = lru_cache(maxsize)(lambda held: work(held.value))
        return wraps(work)(lambda value: kept(_Held(value)))

    return decorate


def once_per_view(maxsize: int = 64) -> Callable[[Callable[[Pack], T]], Callable[[Pack], T]]:
    """Keep the answers of a function of a pack, the `maxsize` last used."""

    def decorate(work: Callable[[Pack], T]) -> Callable[[Pack], T]:
        kept = lru_cache(maxsize)(lambda asked: work(asked.pack))
        return wraps(work)(lambda pack: kept(_Asked(pack)))

    return decorate


def once_per_slice(maxsize: int = 64) -> Callable[[Callable[[Pack, Unit], T]], Callable[[Pack, Unit], T]]:
    """The same for a function of a pack and of the slice a unit fills: units with the same projects share an answer."""

    def decorate(work: Callable[[Pack, Unit], T]) -> Callable[[Pack, Unit], T]:
        kept = lru_cache(maxsize)(lambda asked: work(asked.pack, asked.unit))
        return wraps(work)(lambda pack, unit: kept(_Asked(pack, unit)))

    return decorate
