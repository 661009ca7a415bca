"""Work on many files in more than one process.

A bare ``fork`` costs 5 ms where a pool of the standard library costs 30 to 70, and a child needs nothing
but what its parent has in memory. Where there is no ``fork``, one process does the work.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Result = TypeVar("Result")


class Wire(NamedTuple, Generic[Result]):
    """How the results of a child, with the numbers of their items, come to its parent."""

    dump: Callable[[list[tuple[int, Result]]], bytes]
    load: Callable[[bytes], Iterable[tuple[int, Result]]]


JSON: Wire[Any] = Wire(lambda results: json.dumps(results).encode(), json.loads)
MIN_FILES = 60
"""Fewer files are done sooner than a second process has started."""
LOT = 8
"""Items that a process takes at a time."""
MAX_LOTS = 4096
"""A pipe holds this many bytes on every system (PIPE_BUF is no less than 512, the buffer 4 KiB and more)."""


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
    wire: Wire[Result] = JSON,
) -> list[Result]:
    """The results for all items, in their order, whatever the number of processes.

    :param work: Gives something that ``wire`` can carry; what has been JSON has lists for tuples.
    :param jobs: Processes; 0: as many as pay off.
    :param smallest: Fewer items are done in this process.
    :raises ChildProcessError: a child ended with something else than its results.
    """
    processes = 1 if len(items) < smallest and jobs <= 1 else min(available_processes(jobs), max(1, len(items)))
    if processes > 1:
        return _forked(items, work, processes, progress, wire)
    results: list[Result] = []
    for number, item in enumerate(items):
        results.append(work(item))
        if progress is not None and number % 32 == 0:
            progress(number, len(items))
    return results


@contextmanager
def beside(work: Callable[[], None], *, jobs: int) -> Iterator[None]:
    """Has something done of which nothing comes back, beside what stands in the ``with``: by a child where it can.

    :raises ChildProcessError: the child failed.
    """
    if available_processes(jobs) == 1:
        work()
        yield
        return
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    try:
        yield
    finally:
        _, status = os.waitpid(child, 0)
    _demand_success(status)


def _forked(
    items: Sequence[str],
    work: Callable[[str], Result],
    processes: int,
    progress: Callable[[int, int], None] | None,
    wire: Wire[Result],
) -> list[Result]:
    """Two processes share a queue, one from each end, until they meet.

    So neither waits for the other, and items that stand side by side, which have most in common, mostly fall to the
    same process. More than two take turns through the items, two by two.
    """
    import tempfile  # noqa: PLC0415 - a run over few files does without

    pairs = (processes + 1) // 2
    queues = [_Queue(range(pair, len(items), pairs)) for pair in range(pairs)]
    children: list[tuple[int, int]] = []
    sys.stdout.flush()
    sys.stderr.flush()
    for number in range(1, processes):
        handle, name = tempfile.mkstemp(prefix="monitorlint-")
        os.unlink(name)  # noqa: PTH108 - the open handle is all that is needed
        child = os.fork()
        if child == 0:
            taken = queues[number // 2].taken(backwards=number % 2 == 1)
            _child(handle, ((i, work(items[i])) for i in taken), wire)
        children.append((child, handle))
    results: list[Result] = [None] * len(items)  # type: ignore[list-item]
    for done, at in enumerate(queues[0].taken(backwards=False)):
        results[at] = work(items[at])
        if progress is not None and done % 32 == 0:
            progress(min(done * processes, len(items)), len(items))
    for child, handle in children:
        _, status = os.waitpid(child, 0)
        _demand_success(status)
        with os.fdopen(handle, "rb") as stream:
            stream.seek(0)
            for at, result in wire.load(stream.read()):
                results[at] = result
    return results


class _Queue:
    """Numbers of items that two processes take from either end, in small lots."""

    def __init__(self, numbers: range) -> None:
        size = max(1, -(-len(numbers) // MAX_LOTS), min(LOT, len(numbers) // 8))
        self._lots = [numbers[at : at + size] for at in range(0, len(numbers), size)]
        # One byte for each lot: who gets to read one may take the next lot from its end, and no lock is needed.
        self._tickets, tickets = os.pipe()
        os.write(tickets, bytes(len(self._lots)))
        os.close(tickets)

    def taken(self, *, backwards: bool) -> Iterator[int]:
        """The numbers that fall to this process."""
        for lot in reversed(self._lots) if backwards else self._lots:
            if not os.read(self._tickets, 1):
                return
            yield from reversed(lot) if backwards else lot


def _demand_success(status: int) -> None:
    if status != 0:
        raise ChildProcessError(f"a worker process ended with status {os.waitstatus_to_exitcode(status)}")


def _child(handle: int, results: Iterable[tuple[int, Result]], wire: Wire[Result]) -> None:
    """Does its share and leaves at once: no exit handlers, no buffers of the parent's written twice."""
    status = 1
    try:
        with os.fdopen(handle, "wb", closefd=False) as stream:
            stream.write(wire.dump(list(results)))
        status = 0
    finally:
        os._exit(status)
