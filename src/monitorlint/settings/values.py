"""The settings of one run, as plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

Backend = Literal["sentry", "opentelemetry"]
"""What the helper modules report to."""


class Wrapper(NamedTuple):
    """A named wrapper of the user's own: ``[[wrappers]]``."""

    kind: str
    """``ai``, ``http``, ``db``, ``email``, ``file`` or ``operation``."""
    url: str = ""
    """URL pattern with ``{name}`` holes; ``""``: the wrapper is known, and mapped to no URL."""
    python: str = ""
    """Name of the helper, or dotted path of a function, context manager or decorator of the project."""
    typescript: str = ""
    args: tuple[str, ...] = ()


class Thresholds(NamedTuple):
    """Seconds, turns and shares from which a helper speaks. Where they come from: docs/configuration.md."""

    ai: float = 30.0
    fetch: tuple[float, float] = (5.0, 10.0)
    operation: tuple[float, float] = (5.0, 10.0)
    loop: int = 1000
    memory: float = 0.8


class Timeouts(NamedTuple):
    """Seconds that a timeout fix writes; None: no fix."""

    ai: float | None = None
    http: float | None = None


class Settings(NamedTuple):
    root: Path
    """The project root, absolute."""
    source: Path | None = None
    """The configuration file, if there is one."""
    select: tuple[str, ...] | None = None
    """Codes, prefixes or names; None: the rules that are on by default."""
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    areas: frozenset[str] = frozenset({"app"})
    require: Level = Level.ERRORS
    rule_packs: tuple[Path, ...] = ()
    context: tuple[str, ...] = ()
    helper_python: str = ""
    helper_typescript: str = ""
    backend: Backend = "sentry"
    wrappers: tuple[Wrapper, ...] = ()
    thresholds: Thresholds = Thresholds()
    timeouts: Timeouts = Timeouts()


class CommandLine(NamedTuple):
    """What the command line says about settings. ``None``: the flag was not given."""

    config: Path | None = None
    """``--config``: this file instead of the one that lies next to the code."""
    isolated: bool = False
    """``--isolated``: no configuration file at all."""
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    """Added to the configured ``exclude``."""


class UsageError(Exception):
    """The user's mistake: one line that says where, what, and what to do. Exit code 2."""
