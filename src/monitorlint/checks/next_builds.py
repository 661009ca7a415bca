"""Which bundler a Next.js application is built with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.next_builds import TURBOPACK_SINCE, run_turbopack

if TYPE_CHECKING:
    from monitorlint.index.setup import ProjectSetup


def next_major(setup: ProjectSetup, path: str) -> int:
    """The major version of Next.js for a file; 0 where it is not known."""
    installed = setup.installed(path, "next")
    return (installed.major if installed is not None else None) or 0


def builds_with_turbopack(setup: ProjectSetup, path: str) -> bool:
    """Whether every `next build` of a file's package runs with Turbopack, by its flag or by default."""
    manifest = setup.manifest_of(path)
    commands = (script.command for script in (manifest.scripts if manifest is not None else ()))
    return run_turbopack(commands, is_default=next_major(setup, path) >= TURBOPACK_SINCE)
