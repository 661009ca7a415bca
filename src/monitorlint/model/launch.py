"""A command that starts a program, as a deployment or a script writes it down."""

from __future__ import annotations

from monitorlint.model.rows import NamedTuple


class Launch(NamedTuple):
    """One place that starts a program through a command."""

    path: str
    row: int
    """0-based."""
    words: tuple[str, ...]
    """What follows the command there."""
    develops: bool = False
    """It is a script that only who works on the project runs: `dev`, `test` …"""
