"""What git says of the files that are about to be changed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def changed_files(folder: Path) -> list[str]:
    """Tracked files below ``folder`` that differ from the last commit; none where there is no repository, or no git.

    Files that git does not track are not counted: a new helper module or configuration is no reason to wait.
    """
    absolute = folder.absolute()
    if not any(os.path.lexists(parent / ".git") for parent in (absolute, *absolute.parents)):
        return []
    command = ["git", "-C", str(absolute), "status", "--porcelain", "-z", "--untracked-files=no", "--", "."]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)  # noqa: S603 - fixed words and a path
    except (OSError, subprocess.SubprocessError):
        return []
    return [entry[3:] for entry in os.fsdecode(done.stdout).split("\0") if len(entry) > 3 and entry[2] == " "]
