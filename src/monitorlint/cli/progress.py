"""A progress bar on standard error, for runs that people wait for."""

from __future__ import annotations

import os
import sys
import time

PATIENCE = 1.0
"""Seconds before the bar appears: a short run should not flicker."""
EVERY = 0.1
"""Seconds between two drawings."""
WIDTH = 30


class Progress:
    """Draws on standard error when it is a terminal; ``close`` leaves no trace of it."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PATIENCE
        self._drawn = False

    def __call__(self, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` files are through."""
        now = time.monotonic()
        if now < self._next or not total:
            return
        self._next = now + EVERY
        self._drawn = True
        filled = WIDTH * done // total
        sys.stderr.write(f"\r\x1b[2K[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{total} files")
        sys.stderr.flush()

    def close(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def progress(*, quiet: bool) -> Progress | None:
    """A bar, if a person is there to see it."""
    watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Progress() if watched and not quiet else None
