"""What a caller asks of one run: the command line's flags as plain values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from monitorlint.model.rows import NamedTuple

Purpose = Literal["check", "coverage"]


class Request(NamedTuple):
    """One run. ``None`` for a setting means: what the configuration says."""

    paths: tuple[Path, ...] = ()
    """Files and folders to report on."""
    stdin: bytes | None = None
    """The text of one file, instead of what lies on disk."""
    stdin_filename: str | None = None
    """Where that text belongs: it decides language, configuration and exclusion."""
    config: Path | None = None
    isolated: bool = False
    """Read no configuration file."""
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    force_exclude: bool = False
    """Exclusions hold for explicitly named files too."""
    cache: bool = True
    cache_dir: Path | None = None
    jobs: int = 0
    """Processes; 0: as many as pay off."""
    baseline: Path | None = None
    update_baseline: bool = False
    debug: bool = False
    """Let our own errors propagate instead of collecting them as failures."""
    progress: Callable[[int, int], None] | None = None
    """Called with files done and files in all."""
    purpose: Purpose = "check"
