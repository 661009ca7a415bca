"""Work on many files in more than one process.

A bare ``fork`` costs 5 ms where a pool of the standard library costs 30 to 70, and a child needs nothing
but what its parent has in memory. Where there is no ``fork``, one process does the work.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Result = TypeVar("Result")
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


def share(
    items: Sequence[str],
    work: Callable[[str], Result],
    *,
    jobs: int,
    smallest: int = MIN_FILES,
    progress: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """The results for all items, in their order, whatever the number of processes.

    :param work: Gives something that JSON can carry; what comes from another process has been JSON (tuples are lists).
    :param jobs: Processes; 0: as many as pay off.
    :param smallest: Fewer items are done in this process.
    :raises ChildProcessError: a child ended with something else than its results.
    """
    processes = 1 if len(items) < smallest and jobs <= 1 else min(available_processes(jobs), max(1, len(items)))
    if processes <= 1:
        return _here(items, work, len(items), 1, progress)
    return _forked(items, work, processes, progress)


def _here(
    items: Sequence[str],
    work: Callable[[str], Result],
    total: int,
    step: int,
    progress: Callable[[int, int], None] | None,
) -> list[Result]:
    results: list[Result] = []
    for number, item in enumerate(items):
        results.append(work(item))
        if progress is not None and number % 32 == 0:
            progress(min(number * step, total), total)
    return results


def _forked(
    items: Sequence[str],
    work: Callable[[str], Result],
    processes: int,
    progress: Callable[[int, int], None] | None,
) -> list[Result]:
    import tempfile  # noqa: PLC0415 - a run over few files does without

    children: list[tuple[int, int]] = []
    sys.stdout.flush()
    sys.stderr.flush()
    for number in range(1, processes):
        handle, name = tempfile.mkstemp(prefix="monitorlint-")
        os.unlink(name)  # noqa: PTH108 - the open handle is all that is needed
        child = os.fork()
        if child == 0:
            _child(handle, items[number::processes], work)
        children.append((child, handle))
    results: list[Result] = [None] * len(items)  # type: ignore[list-item]
    results[0::processes] = _here(items[0::processes], work, len(items), processes, progress)
    for number, (child, handle) in enumerate(children, 1):
        _, status = os.waitpid(child, 0)
        if status != 0:
            raise ChildProcessError(f"a worker process ended with status {os.waitstatus_to_exitcode(status)}")
        with os.fdopen(handle, "rb") as stream:
            stream.seek(0)
            results[number::processes] = json.loads(stream.read())
    return results


def _child(handle: int, items: Sequence[str], work: Callable[[str], Result]) -> None:
    """Does its share and leaves at once: no exit handlers, no buffers of the parent's written twice."""
    status = 1
    try:
        with os.fdopen(handle, "wb", closefd=False) as stream:
            stream.write(json.dumps([work(item) for item in items]).encode())
        status = 0
    finally:
        os._exit(status)
