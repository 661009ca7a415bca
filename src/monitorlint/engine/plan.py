"""What is to be analysed, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from monitorlint.catalog import Catalogue
    from monitorlint.engine.cache import Cache
    from monitorlint.engine.discover import Discovery
    from monitorlint.engine.frontends import FrontEnd
    from monitorlint.model.facts import Suppression, SyntaxProblem
    from monitorlint.model.run import Failure
    from monitorlint.model.setup import SentryUse
    from monitorlint.model.site import Level, Site


class Plan(NamedTuple):
    """What to analyse, and how."""

    front: FrontEnd
    """The language of the files: each has a plan of its own."""
    discovery: Discovery
    """The files of that language."""
    catalogue: Catalogue
    areas: frozenset[str] | None
    """Files of other areas are passed over; None: all areas count."""
    site_kinds: frozenset[str]
    loops: bool
    silent_loops: bool
    """Whether loops are asked for of which no rule speaks."""
    plain_loops: bool
    timers: bool
    """Whether timers are asked for that are set again and again."""
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
    setup: bool = False
    """Rules of the set-up are on: what the code does with Sentry is to be found out."""
    swallowed: bool = False
    """A rule asks for the handlers that swallow what sites raise."""


class Analysis(NamedTuple):
    """All sites of a project, and what its files say besides."""

    sites: tuple[Site, ...]
    problems: tuple[tuple[str, SyntaxProblem], ...]
    unreadable: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]
    suppressions: dict[str, list[Suppression]]
    failures: tuple[Failure, ...] = ()
    """Never cached."""
    use: SentryUse | None = None
    """What the code does with Sentry; None where the plan does not ask, or there is nothing of the kind."""


NOTHING = Analysis((), (), (), (), {})


def joined(parts: Sequence[Analysis]) -> Analysis:
    """The analyses of a project's languages as one."""
    if len(parts) == 1:
        return parts[0]
    return Analysis(
        tuple(sorted((s for part in parts for s in part.sites), key=lambda s: (s.path, s.region.start, s.kind))),
        tuple(problem for part in parts for problem in part.problems),
        tuple(row for part in parts for row in part.unreadable),
        tuple(row for part in parts for row in part.skipped),
        {path: rows for part in parts for path, rows in part.suppressions.items()},
        tuple(failure for part in parts for failure in part.failures),
        _joined_use([part.use for part in parts if part.use is not None]),
    )


def _joined_use(uses: Sequence[SentryUse]) -> SentryUse | None:
    if len(uses) <= 1:
        return uses[0] if uses else None
    from monitorlint.model.setup import joined_use  # noqa: PLC0415 - two languages with Sentry are rare

    return joined_use(uses)
