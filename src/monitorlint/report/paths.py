"""Paths as reports show them: relative to the working directory, with ``/``."""

from __future__ import annotations

import os
from functools import lru_cache


@lru_cache(maxsize=4096)
def displayed(prefix: str, path: str) -> str:
    """The path of a file of the project, seen from the working directory.

    ``prefix`` leads from the working directory to the project root (``RunResult.prefix``), ``path`` from there to the
    file. Where the way leads up and down again (``../app/a.py`` inside ``app``), the shortest path is given.
    """
    if not prefix or prefix == ".":
        return path
    joined = os.path.join(prefix, path)  # noqa: PTH118 - text in, text out
    try:
        shown = os.path.relpath(joined)
    except ValueError:  # another drive on Windows: no relative path exists
        shown = joined
    return shown.replace(os.sep, "/")
