"""Work on many files in more than one process.

A bare ``fork`` costs 5 ms where a pool of the standard library costs 30 to 70, and a child needs nothing
but what its parent has in memory. Where there is no ``fork``, one process does the work.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
from typing import TYPE_CHECKING

from monitorlint.engine.scan import Scanned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MIN_FILES = 60
"""Fewer files are done sooner than a second process has started."""


def available_processes(requested: int) -> int:
    """How many processes to use: what was asked for, else as many as there are processors for us."""
    if not hasattr(os, "fork"):
        return 1
    if requested > 0:
        return requested
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def scan_all(
    files: Sequence[str],
    work: Callable[[str], Scanned],
    *,
    jobs: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[Scanned]:
    """The results for all files, in their order, whatever the number of processes.

    :param jobs: Processes; 0: as many as pay off.
    :raises ChildProcessError: a child ended with something else than its results.
    """
    processes = min(available_processes(jobs), max(1, len(files) // (MIN_FILES // 2)))
    enabled = gc.isenabled()
    # Facts are trees without cycles that all stay: a collector would walk them over and over.
    gc.disable()
    try:
        if processes <= 1:
            return _here(files, work, len(files), 1, progress)
        return _forked(files, work, processes, progress)
    finally:
        if enabled:
            gc.enable()


def _here(
    files: Sequence[str],
    work: Callable[[str], Scanned],
    total: int,
    step: int,
    progress: Callable[[int, int], None] | None,
) -> list[Scanned]:
    results: list[Scanned] = []
    for number, path in enumerate(files):
        results.append(work(path))
        if progress is not None and number % 32 == 0:
            progress(min(number * step, total), total)
    return results


def _forked(
    files: Sequence[str],
    work: Callable[[str], Scanned],
    processes: int,
    progress: Callable[[int, int], None] | None,
) -> list[Scanned]:
    children: list[tuple[int, int]] = []
    sys.stdout.flush()
    sys.stderr.flush()
    for number in range(1, processes):
        handle, name = tempfile.mkstemp(prefix="monitorlint-")
        os.unlink(name)  # noqa: PTH108 - the open handle is all that is needed
        child = os.fork()
        if child == 0:
            _child(handle, files[number::processes], work)
        children.append((child, handle))
    results: list[Scanned | None] = [None] * len(files)
    results[0::processes] = _here(files[0::processes], work, len(files), processes, progress)
    for number, (child, handle) in enumerate(children, 1):
        _, status = os.waitpid(child, 0)
        if status != 0:
            raise ChildProcessError(f"a worker process ended with status {os.waitstatus_to_exitcode(status)}")
        with os.fdopen(handle, "rb") as stream:
            stream.seek(0)
            results[number::processes] = [Scanned._make(row) for row in json.loads(stream.read())]
    return [r for r in results if r is not None]


def _child(handle: int, files: Sequence[str], work: Callable[[str], Scanned]) -> None:
    """Does its share and leaves at once: no exit handlers, no buffers of the parent's written twice."""
    status = 1
    try:
        with os.fdopen(handle, "wb", closefd=False) as stream:
            stream.write(json.dumps([work(path) for path in files]).encode())
        status = 0
    finally:
        os._exit(status)
