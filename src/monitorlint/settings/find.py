"""Where a project begins, and which configuration file is its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from monitorlint.settings.document import CONFIGURATION_NAMES, read_document

if TYPE_CHECKING:
    from collections.abc import Sequence

MANIFESTS = ("pyproject.toml", "package.json")
"""Files that make a folder a project when there is neither a configuration nor a repository."""


def find_root(*paths: Path, configured: bool = True) -> tuple[Path, Path | None]:
    """The project root of ``paths`` (absolute, symbolic links kept) and its configuration file, if it has one.

    Nearest folder at or above all of ``paths`` with a monitorlint configuration, else with ``.git``, else with
    ``pyproject.toml`` or ``package.json``, else the common parent of ``paths``. ``paths`` need not exist;
    none means the working directory. ``configured=False`` passes over configurations (``--isolated``, ``--config``).

    :raises UsageError: a configuration on the way up cannot be read.
    """
    start = _common_parent(paths)
    folders = (start, *start.parents)
    if configured:
        for folder in folders:
            config = configuration_in(folder)
            if config is not None:
                return folder, config
    for folder in folders:
        if os.path.lexists(folder / ".git"):
            return folder, None
    for folder in folders:
        if any(os.path.isfile(folder / name) for name in MANIFESTS):  # noqa: PTH113
            return folder, None
    return start, None


def configuration_in(folder: Path) -> Path | None:
    """The folder's own configuration file: ``monitorlint.toml``, else a table in a manifest, else None.

    :raises UsageError: a candidate cannot be read or parsed.
    """
    own, *manifests = (folder / name for name in CONFIGURATION_NAMES)
    if os.path.isfile(own):  # noqa: PTH113 - the method raises in a folder that may not be entered
        return own
    for path in manifests:
        # A manifest that may not be read (somebody else's, on the way up) is none of ours.
        if os.access(path, os.R_OK) and os.path.isfile(path) and read_document(path) is not None:  # noqa: PTH113
            return path
    return None


def _common_parent(paths: Sequence[Path]) -> Path:
    folders = []
    for path in paths or (Path(),):
        absolute = os.path.abspath(path)  # noqa: PTH100 - lexical: a link stays where the user sees it
        folders.append(absolute if os.path.isdir(absolute) else os.path.dirname(absolute))  # noqa: PTH112, PTH120
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:  # two drives of Windows have no common parent
        return Path(folders[0])
