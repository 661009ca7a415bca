"""Which bundler a Next.js application is built with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.index.setup import ProjectSetup

_DEFAULT_SINCE = 16
_BUILD = pattern(r"\bnext\s+build\b([^&|;]*)")
_TURBO = pattern(r"--turbo(?:pack)?\b")


def next_major(setup: ProjectSetup, path: str) -> int:
    """The major version of Next.js for a file; 0 where it is not known."""
    installed = setup.installed(path, "next")
    return (installed.major if installed is not None else None) or 0


def builds_with_turbopack(setup: ProjectSetup, path: str) -> bool:
    """Whether every `next build` of a file's package runs with Turbopack, by its flag or by default."""
    manifest = setup.manifest_of(path)
    scripts = manifest.scripts if manifest is not None else ()
    builds = [found[1] for script in scripts for found in _BUILD.finditer(script.command)]
    if not builds or any("--webpack" in build for build in builds):
        return False
    return next_major(setup, path) >= _DEFAULT_SINCE or all(_TURBO.search(build) is not None for build in builds)
