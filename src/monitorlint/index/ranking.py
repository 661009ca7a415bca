"""Which of several switches says most of a place."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitorlint.index.switches import Switch
    from monitorlint.model.site import Level


def all_together(partial: list[tuple[Switch, Level, frozenset[str]]]) -> tuple[Switch, Level, str] | None:
    """Switches each of which is on in other programs than the others: the lowest, where no program is without any."""
    if frozenset.intersection(*(without for _, _, without in partial)):
        return None
    switch, level, _ = min(partial, key=lambda row: row[1].rank)
    return switch, level, ""


_APPLICATIONS = frozenset({"apps", "services"})
"""Folders of the root below which each folder is an application of its own."""


def is_near(first: str, second: str) -> bool:
    """Whether two files lie below one folder of the root, or both in the root itself."""
    return _top(first) == _top(second)


def _top(path: str) -> str:
    folder, _, inner = path.rpartition("/")[0].partition("/")
    return f"{folder}/{inner.partition('/')[0]}" if folder in _APPLICATIONS else folder


def rank(switch: Switch, level: Level, doubt: str, place: str) -> tuple[bool, int, bool, int]:
    """The surer and higher cover first; of equals, the one in the file itself, then the nearest."""
    pairs = zip(switch.path.split("/"), place.split("/"), strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return not doubt, level.rank, switch.path == place, shared
