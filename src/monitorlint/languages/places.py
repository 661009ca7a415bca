"""Files of a project that a word means which stands somewhere else: in an image, in a script, in a folder."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def ends(path: str, end: str) -> bool:
    """Whether a path is another, or ends in it."""
    return path == end or path.endswith(f"/{end}")


def ending(word: str, among: Iterable[str]) -> list[str]:
    """The files that a path means; what is copied into an image may lie deeper there, or less deep, than here."""
    candidates = list(among)
    path = word.lstrip("./")
    while path:
        found = [f for f in candidates if ends(f, path)]
        if found:
            return found
        path = path.partition("/")[2]
    return []


def _shared(one: list[str], other: list[str]) -> int:
    """How many folders two places have in common."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def nearest(paths: Iterable[str], place: str) -> list[str]:
    """Those of some files whose folders share most with the folder of another; of these, the ones least deep."""
    here = place.split("/")[:-1]
    shared = {path: _shared(path.split("/")[:-1], here) for path in paths}
    best = [path for path, count in shared.items() if count == max(shared.values())]
    depths = {path: path.count("/") for path in best}
    return [path for path, depth in depths.items() if depth == min(depths.values())]
