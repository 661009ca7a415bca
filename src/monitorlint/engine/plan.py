"""What is to be analysed, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from monitorlint.catalog import Catalogue
    from monitorlint.engine.cache import Cache
    from monitorlint.engine.discover import Discovery
    from monitorlint.model.facts import Suppression, SyntaxProblem
    from monitorlint.model.run import Failure
    from monitorlint.model.site import Level, Site


@dataclass(frozen=True, slots=True)
class Plan:
    """What to analyse, and how."""

    discovery: Discovery
    catalogue: Catalogue
    areas: frozenset[str] | None
    """Files of other areas are passed over; None: all areas count."""
    site_kinds: frozenset[str]
    loops: bool
    plain_loops: bool
    require: Level
    helpers: tuple[str, ...]
    """Paths of helper modules, relative to the root."""
    wrappers: tuple[str, ...]
    """Dotted names of the user's own wrappers."""
    named: frozenset[str]
    """Files that the user named one by one: their syntax is checked whatever they hold."""
    only: frozenset[str] | None
    """The files whose sites are asked for, where they are few; None: all."""
    texts: Mapping[str, bytes]
    """Contents that stand for what lies on disk."""
    cache: Cache | None
    jobs: int
    progress: Callable[[int, int], None] | None
    debug: bool
    """Let our own errors out."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """All sites of a project, and what its files say besides."""

    sites: tuple[Site, ...]
    problems: tuple[tuple[str, SyntaxProblem], ...]
    unreadable: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]
    suppressions: dict[str, list[Suppression]]
    failures: tuple[Failure, ...] = ()
    """Never cached."""
