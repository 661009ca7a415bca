"""Where a report goes: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from monitorlint.cli import abandon_stdout
from monitorlint.settings.values import UsageError


def write(chunks: Iterable[str], destination: Path | None) -> None:
    """Write a report.

    A reader that has had enough (``| head``) is no error: the verdict of the run stands.

    Raises:
        UsageError: the file cannot be written.
    """
    if destination is None:
        try:
            sys.stdout.writelines(chunks)
            sys.stdout.flush()
        except BrokenPipeError:
            abandon_stdout()
        return
    # Beside the destination, so that the last step is a rename; a pipe or device is written as it is.
    target = destination
    if destination.is_file() or not destination.exists():
        target = destination.with_name(f".{destination.name}.{os.getpid()}.tmp")
    try:
        with target.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(chunks)
        if target != destination:
            target.replace(destination)
    except OSError as error:
        if target != destination:
            target.unlink(missing_ok=True)
        raise UsageError(f"--output-file {destination}: {error.strerror}; name a file that can be written") from error


def write_bytes(data: bytes) -> None:
    """Write to standard output what must not be recoded: a patch, or a fixed file."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        abandon_stdout()
