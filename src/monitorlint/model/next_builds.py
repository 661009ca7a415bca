"""Which bundler the commands of a package build a Next.js application with.

Rules of the set-up and verdicts ask the same, and read the commands in ways of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

TURBOPACK_SINCE: Final = 16
"""The major version of Next.js that builds with Turbopack where no flag says otherwise."""
WEBPACK: Final = "--webpack"
_BUILD = pattern(r"\bnext\s+build\b([^&|;]*)")
_TURBO = pattern(r"--turbo(?:pack)?\b")


def run_turbopack(commands: Iterable[str], *, is_default: bool) -> bool:
    """Whether there is a `next build` in some commands, and each runs with Turbopack, by its flag or by default."""
    builds = [found[1] for command in commands for found in _BUILD.finditer(command)]
    if not builds or any(WEBPACK in build for build in builds):
        return False
    return is_default or all(_TURBO.search(build) is not None for build in builds)
