"""What runs what it is handed by itself: threads, timers, schedulers, queues. No request is answered meanwhile.

An agent that begins a transaction for a request begins none for a job, unless it knows the queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.values import External

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.index.project import Project
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView

# These run what they are handed in a thread, a process or a turn of the event loop of their own; some later, or again.
_LATER: Final = frozenset(
    "threading.Thread threading.Timer multiprocessing.Process multiprocessing.context.Process "
    "concurrent.futures.ThreadPoolExecutor().submit concurrent.futures.ThreadPoolExecutor().map "
    "concurrent.futures.thread.ThreadPoolExecutor().submit concurrent.futures.thread.ThreadPoolExecutor().map "
    "_thread.start_new_thread node-cron.schedule node-cron.default.schedule node-schedule.scheduleJob "
    "node-schedule.default.scheduleJob cron.CronJob cron.CronJob.from croner.Cron croner.default.Cron croner.default "
    "toad-scheduler.AsyncTask toad-scheduler.Task".split()
)
TIMERS: Final = frozenset("setInterval setTimeout setImmediate listen".split())
"""Timers, and a server that listens by now."""
# Schedulers run jobs in threads, or turns of the event loop, of their own.
_SCHEDULERS: Final = "apscheduler."
_QUEUES: Final = {
    "bullmq": "Worker",
    "bull": "process",
    "bee-queue": "process",
    "kue": "process",
    "agenda": "define",
    "@hokify/agenda": "define",
    "pg-boss": "work",
    "sqs-consumer": "create",
}
"""By package, what takes the function that works on jobs."""
_TAKING: Final = frozenset(_QUEUES.values())
NEST_QUEUE: Final = "@nestjs/bullmq"
NEST_QUEUES: Final = frozenset({NEST_QUEUE, "@nestjs/bull"})
QUEUES: Final = frozenset({*_QUEUES, NEST_QUEUE})
"""Queues for whose jobs a monitor may begin transactions."""
NEST_JOBS: Final = {
    "Process": "@nestjs/bull",
    "Cron": "@nestjs/schedule",
    "Interval": "@nestjs/schedule",
    "Timeout": "@nestjs/schedule",
}
"""Decorators of methods that something runs by itself, by the package that brings them along."""
NEST_EVENTS: Final = {"OnEvent": "@nestjs/event-emitter"}
"""Likewise, in whatever raises the event: a request, or a job."""
PROCESSOR: Final = "Processor"
"""The decorator of a class of which the method `process` works on jobs."""


def runs_later(values: Values) -> bool:
    """Whether what is called starts what it is handed by itself, now or later."""
    paths = [value.path for value in values if isinstance(value, External)]
    return any(p in _LATER or (p.startswith(_SCHEDULERS) and p.endswith(".add_job")) for p in paths)


def takes_jobs(tail: str, values: Values, known: Iterable[str]) -> bool:
    """Whether a call hands a function to a queue, other than to those that are known to a monitor."""
    if tail not in _TAKING:
        return False
    packages = {_package(value.path) for value in values if isinstance(value, External)}
    return any(_QUEUES.get(package) == tail for package in packages.difference(known))


def nest_job(project: Project, view: FileView, scope: int, *, events: bool = False) -> tuple[str, str]:
    """The package and the decorator that make a job of a method of Nest's; empty: it is none.

    :param events: What hears of events counts as well.
    """
    known = {**NEST_JOBS, **NEST_EVENTS} if events else NEST_JOBS
    here = view.facts.scopes[scope]
    owner = view.facts.scopes[here.parent] if scope > 0 else None
    if owner is None or owner.kind != "class":
        return "", ""
    packages = {name for name in project.store.packages(view.path) if name.startswith("@nestjs/")}
    for name in view.decorator_names(scope) if packages else ():
        if _imports(packages, known.get(name, "")):
            return known[name], name
    if here.name == "process" and PROCESSOR in view.decorator_names(here.parent) and _imports(packages, NEST_QUEUE):
        return NEST_QUEUE, PROCESSOR
    return "", ""


def _imports(packages: Iterable[str], package: str) -> bool:
    return bool(package) and any(name == package or name.startswith(f"{package}.") for name in packages)


def _package(path: str) -> str:
    """The package that a dotted path begins with: ``bull`` of ``bull.default().process``."""
    return path.partition(".")[0].partition("(")[0]
