"""What git says of the files that are about to be changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def changed_files(folder: Path) -> list[str]:
    """Tracked files below ``folder`` that differ from the last commit; none where there is no repository, or no git.

    Files that git does not track are not counted: a new helper module or configuration is no reason to wait.
    """
    entries = _lines(folder, "status", "--porcelain", "-z", "--untracked-files=no", "--", ".")
    return [entry[3:] for entry in entries if len(entry) > 3 and entry[2] == " "]


def is_repository(folder: Path) -> bool:
    """Whether ``folder`` lies in a git repository."""
    absolute = folder.absolute()
    return any(os.path.lexists(parent / ".git") for parent in (absolute, *absolute.parents))


def tracked_files(folder: Path, paths: Sequence[str]) -> frozenset[str]:
    """Those of some files, relative to ``folder``, that git has under version control."""
    return frozenset(filter(None, _lines(folder, "ls-files", "-z", "--", *paths))) if paths else frozenset()


def _lines(folder: Path, *words: str) -> list[str]:
    """What a git command prints, divided at its null bytes; nothing where there is no repository, or no git."""
    if not is_repository(folder):
        return []
    import subprocess  # noqa: PLC0415 - most runs ask git nothing

    command = ["git", "-C", str(folder.absolute()), "--literal-pathspecs", *words]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)  # noqa: S603 - fixed words and paths
    except (OSError, subprocess.SubprocessError):
        return []
    return os.fsdecode(done.stdout).split("\0")
