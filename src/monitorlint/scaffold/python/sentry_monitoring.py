# region about
"""Monitoring on Sentry: model calls, requests, other operations, loops and memory.

Written by ``monitorlint init``; from here on the file is yours. It needs Python 3.9 and
sentry-sdk 2.15, or later. Call ``init_sentry()`` once, where the application starts.

    with monitor_ai_generation("openai", "lesson_description", {"video_id": video_id}):
        answer = client.responses.create(...)

    @monitor_fetch("load_lesson")
    async def load_lesson(lesson_id: str) -> Lesson: ...

    pages = [monitor_fetch.call("pages", None, lambda: get(url)) for url in urls]
    answer = await monitor_ai_generation.acall("openai", "ask", None, lambda: ask(text))
    for word in monitor_ai_generation.stream("openai", "ask", None, lambda: chat(text)):
        print(word)

Each opens a span, reports an exception once, passes it on as it is, and reports what
takes longer than the limits below while it is still running. Values of a context are
small and not secret: what is named like a secret, a prompt or an answer is replaced,
and so is what is large.

Alert rules in Sentry can rely on these tags: ``monitor`` (ai, fetch, operation, loop,
memory), ``operation``, ``provider``, ``http_status`` and ``alert`` (slow, rate_limit,
auth, timeout, network, api_error, error, loop, memory).

Nothing here makes the application fail: without sentry-sdk, without a DSN, or when
Sentry itself fails, the code runs as if it were not monitored.
"""
# endregion

from __future__ import annotations

import functools
import heapq
import importlib
import inspect
import itertools
import logging
import math
import os
import re
import sys
import threading
import weakref
from collections.abc import AsyncGenerator, Generator, Mapping, Sized
from contextlib import suppress
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Optional, TypeVar, cast
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager
    from types import TracebackType

    _Level = Literal["warning", "error"]
    _Function = Callable[..., Any]

# region sdk
if TYPE_CHECKING:
    import sentry_sdk
    from sentry_sdk.scope import (
        add_global_event_processor,
        use_isolation_scope,
        use_scope,
    )
    from sentry_sdk.types import Event, Hint
else:
    try:
        import sentry_sdk
        from sentry_sdk.scope import (
            add_global_event_processor,
            use_isolation_scope,
            use_scope,
        )
    except ImportError:
        sentry_sdk = None
# endregion

AI_SECONDS = 30.0
"""A model call that takes longer is an error."""
FETCH_SECONDS = (5.0, 10.0)
"""A request that takes longer is a warning, an error."""
OPERATION_SECONDS = (5.0, 10.0)
"""The same for database queries, e-mail, files and the like."""
LOOP_LIMIT = 1000
"""Turns from which a loop is reported; then again at ten times as many, and so on."""
LOOP_SECONDS = 300.0
"""A run of a guarded loop that lasts longer is reported, once."""
MEMORY_LIMIT = 0.8
"""The share of the memory from which ``watch_memory`` warns."""

Context = Optional[Mapping[str, object]]
"""What is known of one execution: ids, counters, names of models."""

_T = TypeVar("_T")
_F = TypeVar("_F", bound="_Function")
_log = logging.getLogger(__name__)


# region start
def init_sentry(
    dsn: str | None = None,
    *,
    traces_sample_rate: float = 0.1,
    **options: Any,
) -> bool:
    """Turn monitoring on; without a DSN it stays off and the application runs on.

    :param dsn: By default the environment variable ``SENTRY_DSN``. sentry-sdk itself
        reads ``SENTRY_ENVIRONMENT`` and ``SENTRY_RELEASE``.
    :param traces_sample_rate: Share of the traces that are sent; alerts always are.
    :param options: Whatever else ``sentry_sdk.init`` takes. Local variables of stack
        frames, which may hold prompts, are sent with ``include_local_variables=True``.
    :returns: Whether monitoring is on.
    """
    address = (os.environ.get("SENTRY_DSN", "") if dsn is None else dsn).strip()
    if not address:
        _say(logging.INFO, "SENTRY_DSN is not set: no monitoring")
        return False
    if not _is_installed():
        _say(
            logging.WARNING,
            "A DSN is set, but no sentry-sdk from 2.15 on: no monitoring",
        )
        return False
    options.setdefault("include_local_variables", False)
    try:
        sentry_sdk.init(dsn=address, traces_sample_rate=traces_sample_rate, **options)
    except Exception as error:  # noqa: BLE001 - a typing error in the DSN, most often
        # The text may quote the DSN or another option: the class has to do.
        name = type(error).__name__
        _say(logging.WARNING, f"Sentry refuses its options ({name}): no monitoring")
        return False
    _say(logging.INFO, "Sentry initialized for backend monitoring")
    return True


# endregion


def detect_infinite_loop(
    name: str,
    iterations: int,
    context: Context = None,
    *,
    limit: int = LOOP_LIMIT,
) -> None:
    """Report a loop that turns too often or too long; call it every 100 turns or so.

    It speaks at the limit, at ten times the limit and so on, once each per run of the
    loop, and once when a run outlasts ``LOOP_SECONDS``. It never raises, and never
    stops the loop.

    :param iterations: Turns of this run so far. When they go down, a new run has begun.
    """
    with suppress(Exception):
        if not _is_on():
            return
        run = _loop_run(name, iterations, limit)
        now = perf_counter()
        run.iterations = iterations
        seconds = now - run.began
        details = {
            "iterations": iterations,
            "limit": limit,
            "seconds": round(seconds, 3),
        }
        if iterations >= run.next_alert:
            level: _Level = "warning" if iterations < 10 * limit else "error"
            while run.next_alert <= iterations:
                run.next_alert *= 10
            message = f"Loop {_text(name)} has reached {iterations} turns"
            _send(_Alert("loop", "loop", _text(name), level, message), details, context)
        elif seconds > LOOP_SECONDS and not run.is_overdue:
            run.is_overdue = True
            message = f"Loop {_text(name)} runs for more than {LOOP_SECONDS:g} s"
            _send(
                _Alert("loop", "slow", _text(name), "warning", message),
                details,
                context,
            )


def watch_memory(
    limit: float = MEMORY_LIMIT, *, interval: float = 30.0
) -> Callable[[], None]:
    """Warn when more than ``limit`` (0 to 1) of the memory is in use, until it sinks.

    Memory is what the container allows, else what the machine has: on Linux as the
    system tells it, elsewhere where ``psutil`` is installed. A thread of its own looks
    every ``interval`` seconds; after a fork, call it again in the child.

    :returns: A function that ends the watch.
    """
    stopped = threading.Event()

    def watch() -> None:
        is_high = False
        while True:
            with suppress(Exception):
                share = _memory_share()
                if share is None:
                    return
                if share > limit and not is_high:
                    message = f"More than {limit:.0%} of the memory is in use"
                    details = {"used": round(share, 3), "limit": limit}
                    _send(
                        _Alert("memory", "memory", "memory", "warning", message),
                        details,
                        None,
                    )
                is_high = share > limit
            if stopped.wait(interval):
                return

    with suppress(Exception):  # the system may have no thread left
        if _is_on():
            threading.Thread(target=watch, name="memory-watch", daemon=True).start()
    return stopped.set


class Monitor:
    """One monitored operation: a context manager, or a decorator.

    As a decorator it takes functions of any kind: plain, async, generators and async
    generators. A generator's span ends with its iteration, and its consumer's time does
    not count.
    """

    __slots__ = ("_context", "_entered", "_subject")

    def __init__(self, subject: _Subject, context: Context) -> None:
        self._subject = subject
        self._context = context
        self._entered: list[tuple[_Run, AbstractContextManager[object] | None]] = []

    def __enter__(self) -> None:
        run = _Run(self._subject, self._context)
        self._entered.append((run, run.activate()))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._entered:
            run, active = self._entered.pop()
            run.finish(error)
            _leave(active)

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: _F, /) -> _F:
        return cast("_F", _decorated(self._subject, self._context, function))

    def call(self, function: Callable[[], _T]) -> _T:
        """Call it, monitored."""
        with self:
            return self._observed(function())

    async def acall(self, function: Callable[[], Awaitable[_T]]) -> _T:
        """Call it and await the result, monitored."""
        with self:
            return self._observed(await function())

    def _observed(self, answer: _T) -> _T:
        self._entered[-1][0].observe(answer)
        return answer

    def stream(self, function: Callable[[], _T]) -> _T:
        """Call it and watch the stream that it returns, until consumed or closed.

        The result may be an iterator or an async one, a context manager that gives one,
        or an awaitable of any of these. What the consumer does meanwhile does not count
        as time. What is no stream is returned as it is.
        """
        run = _Run(self._subject, self._context)
        return run.watch(run.step(function))


class _AIGeneration:
    """Calls of models: ``monitor_ai_generation``."""

    def __call__(
        self, provider: str, operation: str, context: Context = None
    ) -> Monitor:
        return Monitor(_ai(provider, operation), context)

    def call(
        self, provider: str, operation: str, context: Context, fn: Callable[[], _T]
    ) -> _T:
        return self(provider, operation, context).call(fn)

    async def acall(
        self,
        provider: str,
        operation: str,
        context: Context,
        fn: Callable[[], Awaitable[_T]],
    ) -> _T:
        return await self(provider, operation, context).acall(fn)

    def stream(
        self, provider: str, operation: str, context: Context, fn: Callable[[], _T]
    ) -> _T:
        return self(provider, operation, context).stream(fn)

    astream = stream


class _Operation:
    """Everything else that has a name: ``monitor_fetch``, ``monitor_operation``."""

    def __init__(self, subject: Callable[[str], _Subject]) -> None:
        self._subject = subject

    def __call__(self, name: str, context: Context = None) -> Monitor:
        return Monitor(self._subject(name), context)

    def call(self, name: str, context: Context, fn: Callable[[], _T]) -> _T:
        return self(name, context).call(fn)

    async def acall(
        self, name: str, context: Context, fn: Callable[[], Awaitable[_T]]
    ) -> _T:
        return await self(name, context).acall(fn)

    def stream(self, name: str, context: Context, fn: Callable[[], _T]) -> _T:
        return self(name, context).stream(fn)

    astream = stream


def _say(level: int, line: str) -> None:
    if _log.hasHandlers() and not _log.disabled:
        _log.log(level, line)
    else:  # logging is not set up, or by a configuration that leaves this module out
        sys.stderr.write(f"{line}\n")


class _Subject(NamedTuple):
    """What is monitored, and its limits in seconds."""

    kind: str
    name: str
    provider: str
    limits: tuple[tuple[float, _Level], ...]
    """Ascending."""


def _ai(provider: str, operation: str) -> _Subject:
    limits: tuple[tuple[float, _Level], ...] = ((AI_SECONDS, "error"),)
    return _Subject("ai", _text(operation), _text(provider), limits)


def _fetch(name: str) -> _Subject:
    return _Subject("fetch", _text(name), "", _limits(FETCH_SECONDS))


def _operation(name: str) -> _Subject:
    return _Subject("operation", _text(name), "", _limits(OPERATION_SECONDS))


def _limits(seconds: tuple[float, float]) -> tuple[tuple[float, _Level], ...]:
    return ((seconds[0], "warning"), (seconds[1], "error"))


monitor_ai_generation = _AIGeneration()
monitor_fetch = _Operation(_fetch)
monitor_operation = _Operation(_operation)

# A wrapper of your own, for one kind of request. Name it in the configuration, and
# `monitorlint fix` uses it for the requests to that address:
#
#     [[wrappers]]
#     kind = "http"
#     url = "/api/lessons/{id}"
#     python = "monitor_lesson_loading"
#     args = ["{id}"]
#
# def monitor_lesson_loading(lesson_id: str) -> Monitor:
#     return monitor_fetch("lesson_loading", {"lesson_id": lesson_id})


class _Run:
    """One execution of a subject, from its start to its end.

    Time is taken from start to end, or, once a stream is being pulled, only while
    someone waits for it.
    """

    __slots__ = (
        "__weakref__",
        "_began",
        "_context",
        "_has_item",
        "_is_open",
        "_is_pulled",
        "_reported",
        "_since",
        "_span",
        "_subject",
        "_waited",
    )

    def __init__(self, subject: _Subject, context: Context) -> None:
        self._subject = subject
        self._context: dict[str, object] = {}
        self._span: _Span | None = None
        self._is_pulled = False
        self._has_item = False
        self._since: float | None = None
        self._waited = 0.0
        self._reported = 0.0
        self._is_open = _is_on()
        if self._is_open:
            with suppress(Exception):
                self._context = _cleaned(context)
                self._span = _Span(subject, self._context)
        self._began = perf_counter()
        if self._is_open:
            with suppress(Exception):  # the system may have no thread left
                _watch.add(self, subject.limits[0][0])

    def __del__(self) -> None:
        # A stream that nobody finished or closed. How long it lay about does not count.
        try:
            if self._is_open:
                self._is_pulled = True
                self.finish()
        except Exception:  # noqa: BLE001, S110 - the interpreter may be shutting down
            pass

    @property
    def is_open(self) -> bool:
        return self._is_open

    def activate(self) -> AbstractContextManager[object] | None:
        """Make the span the current one until ``_leave``."""
        with suppress(Exception):
            if self._span is not None:
                active = self._span.active()
                active.__enter__()
                return active
        return None

    def finish(self, error: BaseException | None = None, waiting: float = 0.0) -> None:
        """End the span and report what went wrong; only the first time counts.

        :param waiting: Seconds of a step that is not yet counted.
        """
        if not self._is_open:
            return
        self._is_open = False
        total = perf_counter() - self._began
        seconds = self._waited + waiting if self._is_pulled else total
        with suppress(Exception):
            if self._span is not None:
                self._span.end(error)
        with suppress(Exception):
            self._report(seconds, error)
        with suppress(Exception):
            if self._span is not None:
                self._span.release()

    def look(self) -> float | None:
        """Report a limit that has been passed meanwhile.

        :returns: Seconds after which to look again; None: there is nothing more to see.
        """
        if not self._is_open:
            return None
        spent = perf_counter() - self._began
        if self._is_pulled:
            since = self._since
            spent = self._waited
            spent += 0.0 if since is None else perf_counter() - since
        ahead = [limit for limit in self._subject.limits if limit[0] > self._reported]
        if ahead and spent > ahead[0][0]:
            limit, level = ahead.pop(0)
            self._reported = limit
            self._report_slow(limit, level, spent, is_running=True)
        # A little later, so that no rounding makes it too early.
        return max(ahead[0][0] - spent, 0.0) + 0.001 if ahead else None

    def _report(self, seconds: float, error: BaseException | None) -> None:
        subject = self._subject
        passed = [limit for limit in subject.limits if seconds > limit[0]]
        if error is not None and _is_reportable(error) and not _is_reported(error):
            details = {"seconds": round(seconds, 3), "slow": bool(passed)}
            alert = _Alert(
                subject.kind, "error", subject.name, "error", "", subject.provider
            )
            _send(alert, details, self._context, error=error, span=self._span)
        elif passed and passed[-1][0] > self._reported:
            self._report_slow(*passed[-1], seconds, is_running=False)

    def _report_slow(
        self, limit: float, level: _Level, seconds: float, *, is_running: bool
    ) -> None:
        subject = self._subject
        details = {
            "seconds": round(seconds, 3),
            "slow": True,
            "running": is_running,
            "limit_seconds": limit,
        }
        message = f"{_title(subject)} took longer than {limit:g} s"
        alert = _Alert(
            subject.kind, "slow", subject.name, level, message, subject.provider
        )
        _send(alert, details, self._context, span=self._span)

    def step(self, advance: Callable[..., _T], *args: object) -> _T:
        """Take one step of the work. An exception ends the run."""
        active = self.activate()
        self._since = since = perf_counter()
        try:
            return advance(*args)
        except BaseException as error:
            self.finish(error, perf_counter() - since)
            raise
        finally:
            self._since = None
            self._waited += perf_counter() - since
            _leave(active)

    async def astep(self, awaitable: Awaitable[_T], *, is_item: bool = False) -> _T:
        """As ``step``, for one that is awaited."""
        active = self.activate()
        self._since = since = perf_counter()
        try:
            result = await awaitable
        except BaseException as error:
            self.finish(error, perf_counter() - since)
            raise
        finally:
            self._since = None
            self._waited += perf_counter() - since
            _leave(active)
        if is_item:
            self._took(result)
        return result

    def pull(self, advance: Callable[..., _T], *args: object) -> _T:
        """Ask a stream for its next item."""
        self._is_pulled = True
        item = self.step(advance, *args)
        self._took(item)
        return item

    def apull(
        self, advance: Callable[..., Awaitable[_T]], *args: object
    ) -> Awaitable[_T]:
        """As ``pull``, for an asynchronous stream."""
        self._is_pulled = True
        return self.astep(advance(*args), is_item=True)

    def _took(self, item: object) -> None:
        if not self._has_item and self._span is not None:
            self._has_item = True
            if self._subject.kind == "ai":
                seconds = perf_counter() - self._began
                first = {_STREAMING: True, _FIRST_CHUNK: seconds}
                with suppress(Exception):
                    self._span.observe(first)
        self.observe(item)

    def observe(self, answer: object) -> None:
        """Keep the model and the tokens that an answer, or an item of one, tells."""
        if self._span is not None and self._subject.kind == "ai":
            with suppress(Exception):
                found = _observed(answer)
                if found:
                    self._span.observe(found)

    def watch(self, result: _T) -> _T:
        """``result``, with its iteration watched; what is no stream ends the run."""
        if not self._is_open:
            return result
        if inspect.iscoroutine(result):
            return cast("_T", self.awatch(result))
        watched = self.wrapped(result)
        if watched is result:
            self.observe(result)
            self.finish()
        else:
            self._is_pulled = True  # from here on, nobody waits until it is
        return watched

    async def awatch(self, awaitable: Awaitable[_T]) -> _T:
        """As ``watch``, for what ``awaitable`` gives."""
        self._began = perf_counter()  # not when the coroutine was made
        return self.watch(await self.astep(awaitable))

    def wrapped(self, result: _T) -> _T:
        """A proxy of ``result`` if that is a stream, else ``result``."""
        with suppress(Exception):
            if _is_stream(result):
                kind: Any = type(result)
                return cast("_T", _proxy_class(kind)(result, self))
        return result


class _Watch:
    """One thread that looks at runs when they should be over: a hung call never ends.

    It holds none of them: a stream that nobody finished has to be collected.
    """

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget all: a child process has neither the thread nor who holds the lock."""
        self._changed = threading.Condition()
        self._looks: list[tuple[float, int, weakref.ref[_Run]]] = []
        self._numbers = itertools.count()
        self._wakes = math.inf
        self._is_running = False

    def add(self, run: _Run, seconds: float) -> None:
        """Look at a run so many seconds from now."""
        when = monotonic() + seconds
        with self._changed:
            # Most runs are over long before.
            while self._looks and _is_over(self._looks[0][2]):
                heapq.heappop(self._looks)
            heapq.heappush(self._looks, (when, next(self._numbers), weakref.ref(run)))
            if not self._is_running:
                self._is_running = True
                threading.Thread(
                    target=self._watch, name="slow-watch", daemon=True
                ).start()
            elif when < self._wakes:
                self._changed.notify()

    def _watch(self) -> None:
        while True:
            run = self._due()()
            with suppress(Exception):
                again = None if run is None else run.look()
                if run is not None and again is not None:
                    self.add(run, again)
            run = None  # not to be held while waiting

    def _due(self) -> weakref.ref[_Run]:
        """Wait for the next look."""
        with self._changed:
            while True:
                when = self._looks[0][0] if self._looks else math.inf
                delay = when - monotonic()
                if delay <= 0:
                    return heapq.heappop(self._looks)[2]
                self._wakes = when
                # Longer than a clock or a system may take for a wait.
                self._changed.wait(min(delay, 3600.0))
                self._wakes = -math.inf


def _is_over(reference: weakref.ref[_Run]) -> bool:
    run = reference()
    return run is None or not run.is_open


_watch = _Watch()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_watch.begin_anew)


class _Alert(NamedTuple):
    """What reaches people."""

    monitor: str
    reason: str
    operation: str
    level: _Level
    message: str
    provider: str = ""


def _tags(monitor: str, operation: str, provider: str) -> dict[str, str]:
    tags = {"monitor": monitor, "operation": operation}
    return {**tags, "provider": provider} if provider else tags


# region span
class _Span:
    """A span, and the scope in which it is the current one.

    The scope is a fork: tasks that share a scope must not become each other's parents.
    """

    __slots__ = ("_is_streamed", "_parent", "_seen", "_span", "isolation", "scope")

    def __init__(self, subject: _Subject, context: Mapping[str, object]) -> None:
        data = {f"context.{key}": value for key, value in context.items()}
        if subject.kind == "ai":
            data["gen_ai.operation.name"] = "generate_content"
            data["gen_ai.provider.name"] = data["gen_ai.system"] = subject.provider
            data["gen_ai.pipeline.name"] = subject.name
            if isinstance(context.get("model"), str):
                data["gen_ai.request.model"] = context["model"]
        self._parent = sentry_sdk.get_current_span()
        self._is_streamed = False
        self._seen: dict[str, object] = {}
        self.isolation = sentry_sdk.get_isolation_scope()
        self.scope = sentry_sdk.get_current_scope().fork()
        # What Sentry's own integrations report meanwhile is to reach the same people.
        for key, value in _tags(subject.kind, subject.name, subject.provider).items():
            self.scope.set_tag(key, value)
        with use_scope(self.scope):
            self._span = self._start(subject, data)

    def active(self) -> AbstractContextManager[object]:
        """What makes it the current one."""
        return use_scope(self.scope)

    def observe(self, found: Mapping[str, object]) -> None:
        """Keep what is known of an answer, until the end."""
        self._seen.update(found)

    def _start(self, subject: _Subject, data: dict[str, Any]) -> Any:
        op = _OPS[subject.kind]
        options: Mapping[str, Any] = sentry_sdk.get_client().options
        experiments: Mapping[str, Any] = options.get("_experiments") or {}
        lifecycle = options.get("trace_lifecycle") or experiments.get("trace_lifecycle")
        if lifecycle == "stream":
            # Older versions have no such module, so its name must not be imported.
            traces = importlib.import_module("sentry_sdk.traces")
            data["sentry.op"] = op
            self._is_streamed = True
            return traces.start_span(name=_title(subject), attributes=data)
        span: Any
        parent: Any = self._parent
        if (
            parent is None
            or parent.timestamp is not None
            or parent.containing_transaction is None
        ):
            span = sentry_sdk.start_transaction(op=op, name=_title(subject))
        else:
            span = parent.start_child(op=op, name=_title(subject))
        self.scope.span = span
        for key, value in data.items():
            span.set_data(key, value)
        return span

    def end(self, error: BaseException | None) -> None:
        is_error = error is not None and _is_reportable(error)
        with use_scope(self.scope):
            if self._seen and not self._is_traced():
                for key, value in self._seen.items():
                    set_data = getattr(self._span, "set_data", None)
                    (set_data or self._span.set_attribute)(key, value)
            if self._is_streamed:
                self._span.status = "error" if is_error else "ok"
                self._span.end()
                return
            if is_error and error is not None:
                self._span.set_data("error.type", _class_name(error))
                self._span.set_status(
                    _STATUS.get(_diagnosis(error)[0], "internal_error")
                )
            else:
                self._span.set_status("ok" if _is_end(error) else "cancelled")
            self._span.finish()

    def _is_traced(self) -> bool:
        """Whether the SDK has traced the call by itself: tokens are to count once."""
        root: Any = getattr(self._span, "containing_transaction", None)
        recorder: Any = getattr(root, "_span_recorder", None)
        below = {getattr(self._span, "span_id", None)}
        # A span comes behind the one around it.
        for span in recorder.spans if recorder is not None else ():
            if span.parent_span_id in below:
                below.add(span.span_id)
                if str(span.op).startswith("gen_ai."):
                    return True
        return False

    def release(self) -> None:
        """Leave no finished span to those who restore the scope later.

        Generators may do so, whose turns interleave.
        """
        if not self._is_streamed:
            self.scope.span = self._parent


_OPS = {
    # OpenTelemetry's word for whatever a model may generate.
    "ai": "gen_ai.generate_content",
    "fetch": "http.client",
    "operation": "function",
}
"""What Sentry calls such spans."""
_STATUS = {
    "rate_limit": "resource_exhausted",
    "timeout": "deadline_exceeded",
    "auth": "unauthenticated",
    "network": "unavailable",
}


def _send(
    alert: _Alert,
    details: Mapping[str, object],
    context: Context,
    *,
    error: BaseException | None = None,
    span: _Span | None = None,
) -> None:
    scope = sentry_sdk.get_current_scope() if span is None else span.scope
    # The thread that looks at what still runs has another one.
    isolation = sentry_sdk.get_isolation_scope() if span is None else span.isolation
    with use_isolation_scope(isolation), use_scope(scope.fork()) as own:
        tags = _tags(alert.monitor, alert.operation, alert.provider)
        for key, value in {**tags, "alert": alert.reason}.items():
            own.set_tag(key, value)
        own.set_context("monitoring", dict(details))
        values = _cleaned(context)
        if values:
            own.set_context("monitoring_context", values)
        if error is None:
            own.fingerprint = ["monitoring", *alert[:3], alert.level, alert.provider]
            sentry_sdk.capture_message(alert.message, level=alert.level)
        else:
            sentry_sdk.capture_exception(error)


_REPORTED = "__sentry_monitoring_reported__"
"""In the ``__dict__`` of an exception that has been sent; many take no weakref."""


def _before_event(event: Event, hint: Hint) -> Event | None:
    """Tag what fails in a run, send it once, and keep our own frames out of it."""
    with suppress(Exception):
        error = (hint.get("exc_info") or (None, None))[1]
        # By another event, that is: a second copy of this module sees this one, too.
        event_id = event.get("event_id")
        seen = None if error is None else error.__dict__.get(_REPORTED)
        if error is not None and seen != event_id and _is_reported(error):
            return None
        tags: Any = event.get("tags") or {}
        if error is not None and tags.get("monitor"):
            # Whoever sends it: an integration of Sentry's may come before the run.
            reason, status = _diagnosis(error)
            tags["alert"] = reason
            if status is not None:
                tags["http_status"] = str(status)
            error.__dict__[_REPORTED] = event_id
        found: Any = event.get("exception") or {}
        for value in found.get("values") or ():
            stack: Any = value.get("stacktrace")
            frames: list[Any] = stack["frames"] if stack else []
            for frame in frames:
                if frame.get("module") == __name__:
                    frame["in_app"] = False
                    frame.pop("vars", None)
    return event


def _is_installed() -> bool:
    # Versions without it are too old; without any, this is None.
    return hasattr(sentry_sdk, "get_current_scope")


if _is_installed():
    # For every client: most applications call sentry_sdk.init themselves.
    add_global_event_processor(_before_event)


def _is_on() -> bool:
    """Whether there is a Sentry to report to."""
    try:
        return _is_installed() and sentry_sdk.get_client().is_active()
    except Exception:  # noqa: BLE001 - not worth the application
        return False


# endregion
def _is_end(error: BaseException | None) -> bool:
    return error is None or isinstance(error, (StopIteration, StopAsyncIteration))


def _members(error: BaseException) -> tuple[BaseException, ...]:
    """The exceptions of a group; () for any other."""
    if not any(base.__name__ == "BaseExceptionGroup" for base in type(error).__mro__):
        return ()
    members: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    return members


def _is_reportable(error: BaseException) -> bool:
    """Whether it is an error: no cancellation, interrupt or end of an iteration."""
    members = _members(error)
    if members:
        return any(_is_reportable(member) for member in members)
    return isinstance(error, Exception) and not _is_end(error)


def _is_reported(error: BaseException) -> bool:
    """Whether it has been sent; a group, when all of it has."""
    if _REPORTED in error.__dict__:
        return True
    members = [member for member in _members(error) if _is_reportable(member)]
    return bool(members) and all(_is_reported(member) for member in members)


_REASONS = (
    (
        "rate_limit",
        re.compile("RateLimit|TooManyRequests|Throttl|ResourceExhausted|Quota"),
    ),
    (
        "auth",
        re.compile(
            "Authentication|Unauthori[sz]ed|Unauthenticated|PermissionDenied|Forbidden"
        ),
    ),
    ("timeout", re.compile("Timeout|TimedOut|DeadlineExceeded")),
    (
        "network",
        re.compile("Connect|Network|NameResolution|gaierror|SSLError|RemoteProtocol"),
    ),
    (
        "api_error",
        re.compile(
            "API|StatusError|ServerError|Unavailable|HTTPError|Overloaded|ClientError"
        ),
    ),
)
"""By the class of an error, or a base of it: what SDKs call the same thing."""


def _diagnosis(error: BaseException) -> tuple[str, int | None]:
    """The reason of an error, and its HTTP status; by names, no SDK is imported."""
    status = _status(error)
    if status == 429:
        return "rate_limit", status
    if status in (401, 403):
        return "auth", status
    if status in (408, 504):
        return "timeout", status
    names = [_code(error), *(base.__name__ for base in type(error).__mro__)]
    for reason, pattern in _REASONS:
        if reason == "network" and status is not None:
            continue  # somebody has answered; urllib's HTTPError is a URLError, too
        if any(pattern.search(name) for name in names):
            return reason, status
    return "error" if status is None else "api_error", status


def _code(error: BaseException) -> str:
    """The code that botocore, which has one class for all, gives an error."""
    with suppress(Exception):
        response: Any = _attribute(error, "response")
        return str(response["Error"]["Code"])
    return ""


def _status(error: BaseException) -> int | None:
    """The HTTP status that an error carries, under any of the usual names."""
    response: Any = _attribute(error, "response")
    for owner, name in (
        (error, "status_code"),
        (error, "status"),
        (error, "http_status"),
        (error, "code"),
        (response, "status_code"),
        (response, "status"),
    ):
        value = _attribute(owner, name)
        if isinstance(value, int) and 100 <= value <= 599:
            return int(value)
    with suppress(Exception):  # botocore
        return int(response["ResponseMetadata"]["HTTPStatusCode"])
    return None


def _attribute(owner: object, name: str) -> object:
    try:
        return getattr(owner, name, None)
    except Exception:  # noqa: BLE001 - a property, such as httpx's, that raises
        return None


def _class_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _title(subject: _Subject) -> str:
    return f"{subject.provider} {subject.name}" if subject.provider else subject.name


def _leave(active: AbstractContextManager[object] | None) -> None:
    if active is not None:
        with suppress(Exception):
            active.__exit__(None, None, None)


def _decorated(subject: _Subject, context: Context, function: Any) -> _Function:
    """A function of the same kind as ``function``, each execution of which is a run."""
    if hasattr(function, "__func__") and not inspect.ismethod(function):
        # A staticmethod or classmethod: what it holds, in another of its kind.
        rewrap: Any = function.__class__
        made: _Function = rewrap(_decorated(subject, context, function.__func__))
        return made
    if inspect.isasyncgenfunction(function):
        made = _async_generator_function(subject, context, function)
    elif inspect.isgeneratorfunction(function):
        made = _generator_function(subject, context, function)
    elif inspect.iscoroutinefunction(function):
        made = _coroutine_function(subject, context, function)
    else:
        made = _function(subject, context, function)
    return functools.update_wrapper(made, function)


def _function(subject: _Subject, context: Context, function: _Function) -> _Function:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        run = _Run(subject, context)
        result = run.step(lambda: function(*args, **kwargs))
        if inspect.iscoroutine(result):  # another decorator hides that it is async
            return _finished(run, result)
        run.observe(result)
        run.finish()
        return result

    return wrapper


def _coroutine_function(
    subject: _Subject, context: Context, function: _Function
) -> _Function:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await Monitor(subject, context).acall(lambda: function(*args, **kwargs))

    return wrapper


def _generator_function(
    subject: _Subject, context: Context, function: _Function
) -> _Function:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        run = _Run(subject, context)
        stream: Generator[Any, Any, Any] = run.step(lambda: function(*args, **kwargs))
        result: Any = yield from run.watch(stream)
        return result

    return wrapper


def _async_generator_function(
    subject: _Subject, context: Context, function: _Function
) -> _Function:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        run = _Run(subject, context)
        stream: AsyncGenerator[Any, Any] = run.step(lambda: function(*args, **kwargs))
        advance: Callable[..., Awaitable[Any]] = stream.__anext__
        arguments: tuple[object, ...] = ()
        while True:
            try:
                item = await run.apull(advance, *arguments)
            except StopAsyncIteration:
                return
            thrown: BaseException | None = None
            sent: Any = None
            try:
                sent = yield item
            except BaseException as error:  # noqa: BLE001 - passed on, below
                thrown = error
            # Outside of the handler, so that no exception gets another __context__.
            if isinstance(thrown, GeneratorExit):
                await run.astep(stream.aclose())
                run.finish()
                return
            if thrown is None:
                advance, arguments = stream.asend, (sent,)
            else:
                advance, arguments = stream.athrow, (thrown,)

    return wrapper


async def _finished(run: _Run, awaitable: Awaitable[_T]) -> _T:
    result = await run.astep(awaitable)
    run.observe(result)
    run.finish()
    return result


_STREAM_METHODS = "__next__ __anext__ __aiter__ __enter__ __aenter__ __await__".split()


def _is_stream(value: object) -> bool:
    """Whether something is still to be read from it: not data, though iterable."""
    kind = type(value)
    if any(hasattr(kind, name) for name in _STREAM_METHODS):
        return True
    is_model = hasattr(kind, "__pydantic_fields__") or hasattr(kind, "__fields__")
    return hasattr(kind, "__iter__") and not is_model and not isinstance(value, Sized)


class _Proxy:
    """A stream in all but its identity: attributes, methods, ``isinstance``.

    Only what consumes or closes it passes through the run. Special methods are looked
    up on the class, so each class of streams has one of proxies (``_proxy_class``).
    """

    __slots__ = ("__weakref__", "monitoring_run", "monitoring_stream")
    monitoring_run: _Run
    monitoring_stream: Any

    def __init__(self, stream: object, run: _Run) -> None:
        object.__setattr__(self, "monitoring_run", run)
        object.__setattr__(self, "monitoring_stream", stream)

    def __getattr__(self, name: str) -> Any:
        stream, run = self.monitoring_stream, self.monitoring_run
        value = getattr(stream, name)
        if name in ("close", "aclose", "release") and callable(value):
            return functools.partial(_close, run, value, name)
        if name in ("send", "throw") and isinstance(stream, Generator):
            return functools.partial(run.pull, value)
        if name in ("asend", "athrow") and isinstance(stream, AsyncGenerator):
            return functools.partial(run.apull, value)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.monitoring_stream, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.monitoring_stream, name)

    def monitoring_same(self, result: Any) -> Any:
        """What ``__iter__`` or ``__enter__`` returned: often the stream itself."""
        if result is self.monitoring_stream:
            return self
        return self.monitoring_run.wrapped(result)


def _close(run: _Run, close: _Function, name: str, *args: Any, **kwargs: Any) -> Any:
    result = run.step(lambda: close(*args, **kwargs))
    # aiohttp's release() gives something that may be awaited, and need not be.
    if inspect.iscoroutine(result) or name == "aclose":
        return _finished(run, result)
    run.finish()
    return result


class _Watched(_Proxy):
    """The special methods that consume or close a stream."""

    __slots__ = ()

    def __iter__(self) -> Any:
        return self.monitoring_same(self.monitoring_stream.__iter__())

    def __next__(self) -> Any:
        return self.monitoring_run.pull(self.monitoring_stream.__next__)

    def __aiter__(self) -> Any:
        return self.monitoring_same(self.monitoring_stream.__aiter__())

    def __anext__(self) -> Awaitable[Any]:
        return self.monitoring_run.apull(self.monitoring_stream.__anext__)

    def __await__(self) -> Any:
        return self.monitoring_run.awatch(self.monitoring_stream).__await__()

    def __enter__(self) -> Any:
        run, stream = self.monitoring_run, self.monitoring_stream
        return self.monitoring_same(run.step(stream.__enter__))

    def __exit__(self, *details: object) -> Any:
        run, stream = self.monitoring_run, self.monitoring_stream
        is_handled = run.step(stream.__exit__, *details)
        run.finish(None if is_handled else cast("BaseException | None", details[1]))
        return is_handled

    async def __aenter__(self) -> Any:
        run, stream = self.monitoring_run, self.monitoring_stream
        return self.monitoring_same(await run.astep(stream.__aenter__()))

    async def __aexit__(self, *details: object) -> Any:
        run, stream = self.monitoring_run, self.monitoring_stream
        is_handled = await run.astep(stream.__aexit__(*details))
        run.finish(None if is_handled else cast("BaseException | None", details[1]))
        return is_handled


_OWN = frozenset(
    "__class__ __class_getitem__ __del__ __delattr__ __getattr__ __getattribute__ "
    "__init__ __init_subclass__ __new__ __setattr__ __subclasshook__".split()
)


def _forward(name: str) -> _Function:
    def method(self: _Proxy, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.monitoring_stream, name)(*args, **kwargs)

    return method


def _stream_class(self: _Proxy) -> Any:
    return self.monitoring_stream.__class__


@functools.lru_cache(maxsize=256)
def _proxy_class(kind: type[Any]) -> type[_Proxy]:
    """The class of proxies for streams of one class, with its special methods."""
    names = (name for name in dir(kind) if name.startswith("__") and name not in _OWN)
    namespace: dict[str, Any] = {
        name: _Watched.__dict__.get(name) or _forward(name)
        for name in names
        if callable(getattr(kind, name, None))
    }
    namespace["__class__"] = property(_stream_class)
    namespace["__slots__"] = ()
    return type(kind.__name__, (_Proxy,), namespace)


_STREAMING = "gen_ai.response.streaming"
_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
_USAGES = ("usage", "usage_metadata", "usageMetadata")
_DETAILS = (
    "tokens",
    "input_tokens_details",
    "prompt_tokens_details",
    "output_tokens_details",
    "completion_tokens_details",
)
_TOKENS = {
    "input_tokens": (
        "input_tokens",
        "prompt_tokens",
        "prompt_token_count",
        "prompt_eval_count",
    ),
    "output_tokens": (
        "output_tokens",
        "completion_tokens",
        "candidates_token_count",
        "eval_count",
    ),
    "total_tokens": ("total_tokens", "total_token_count"),
    "cache_read.input_tokens": (
        "cached_tokens",
        "cache_read_input_tokens",
        "cached_content_token_count",
    ),
    "reasoning.output_tokens": ("reasoning_tokens", "thoughts_token_count"),
}
"""What OpenTelemetry calls the tokens of an answer, and what SDKs call them."""


def _observed(answer: object) -> dict[str, object]:
    """The model and the tokens of an answer, or of a chunk of one."""
    if answer is None or isinstance(answer, (str, bytes, int)):
        return {}
    places = [answer, *_held([answer], ("message", "response", "response_metadata"))]
    found: dict[str, object] = {}
    for model in _held(places, ("model", "model_version", "model_name", "model_id")):
        if isinstance(model, str):
            found["gen_ai.response.model"] = _text(model)
            break
    usages = _held(places, _USAGES)
    if _own(answer, "eval_count") is not None:
        usages.append(answer)  # Ollama has no place for them
    if not usages:
        return found
    usages += _held(usages, _DETAILS)
    for attribute, names in _TOKENS.items():
        for count in _held(usages, names):
            if isinstance(count, int):
                found[f"gen_ai.usage.{attribute}"] = count
                break
    return found


def _held(owners: list[Any], names: tuple[str, ...]) -> list[Any]:
    """The values that some objects have under some names."""
    values = (_own(owner, name) for name in names for owner in owners)
    return [value for value in values if value is not None]


def _own(owner: object, name: str) -> object:
    """A value that an object holds itself: its properties may consume a stream."""
    if isinstance(owner, Mapping):
        return cast("Mapping[object, object]", owner).get(name)
    return getattr(owner, "__dict__", {}).get(name)


class _LoopRun:
    """What is known of one run of a guarded loop."""

    __slots__ = ("began", "is_overdue", "iterations", "next_alert")

    def __init__(self, limit: int) -> None:
        self.began = perf_counter()
        self.iterations = 0
        self.next_alert = max(limit, 1)
        self.is_overdue = False


_LOOP_RUNS = 1024
"""Runs that are remembered: far more than any process has loops that turn at once."""
_loop_runs: dict[tuple[object, ...], _LoopRun] = {}
"""By the frame that the loop runs in, and by thread. No lock: a fork could hold it."""


def _loop_run(name: str, iterations: int, limit: int) -> _LoopRun:
    """The run that a call belongs to.

    A loop runs in one frame: that tells threads, tasks, generators and recursion apart.
    A later frame may lie at the same address, but its iterations start again. Where a
    function of the user's own stands between loop and guard, each call has a frame of
    its own: beyond the limit it is taken for the last run of its thread.
    """
    here = inspect.currentframe()
    caller = (
        here.f_back.f_back if here is not None and here.f_back is not None else None
    )
    del here  # a frame that refers to itself lives until the next garbage collection
    site = (name, id(caller.f_code), caller.f_lineno) if caller is not None else (name,)
    by_frame = (*site, "frame", id(caller))
    by_thread = (*site, "thread", threading.get_ident())
    run = _loop_runs.pop(by_frame, None)
    if run is None and iterations >= limit:
        run = _loop_runs.get(by_thread)
    if run is None or iterations <= run.iterations:
        run = _LoopRun(limit)
    for key in (by_frame, by_thread):
        _loop_runs.pop(key, None)
        _loop_runs[key] = run
    while len(_loop_runs) > _LOOP_RUNS:
        del _loop_runs[next(iter(_loop_runs))]
    return run


def _memory_share() -> float | None:
    """The share of the memory in use, 0 to 1; None where the system does not tell."""
    groups = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        current = int(_read(groups / "memory.current"))
        return _taken(groups, current, "") / int(_read(groups / "memory.max"))
    with suppress(OSError, ValueError):
        group = groups / "memory"
        allowed = int(_read(group / "memory.limit_in_bytes"))
        current = int(_read(group / "memory.usage_in_bytes"))
        if allowed < 1 << 60:  # a huge number stands for no limit
            return _taken(group, current, "total_") / allowed
    with suppress(OSError, KeyError, ValueError):
        sizes = dict(
            re.findall(r"^(\w+): +(\d+)", _read("/proc/meminfo"), re.MULTILINE)
        )
        return 1 - int(sizes["MemAvailable"]) / int(sizes["MemTotal"])
    with suppress(Exception):
        return float(importlib.import_module("psutil").virtual_memory().percent) / 100
    return None


def _taken(group: Path, current: int, prefix: str) -> int:
    """Without the cached files, which can be dropped at any time."""
    pattern = rf"^{prefix}inactive_file (\d+)$"
    found = re.search(pattern, _read(group / "memory.stat"), re.MULTILINE)
    return current - int(found[1]) if found else current


def _read(path: str | PurePath) -> str:
    with Path(path).open(encoding="ascii") as file:
        return file.read()


_MAX_KEYS = 20
_MAX_TEXT = 200
_FILTERED = "[Filtered]"
_SECRET = re.compile(
    "passw|passphrase|pwd|secret|token|apikey|accesskey|privatekey|credential|cookie"
    "|authorization|session|csrf|jwt|bearer|signature|dsn|connectionstring"
)
_SECRET_VALUE = re.compile(
    r"sk-|pk_|sk_|Bearer |gh[a-z]_|github_pat_|xox[a-z]-|AKIA|eyJ|sntry|-----BEGIN"
    r"|\w+://[^/\s]*@"
)
_CONTENT = frozenset(
    "answer answers body completion content contents html input inputs message "
    "messages output outputs payload prompt prompts question reply response text "
    "transcript".split()
)
_HARMLESS_ENDS = frozenset(
    "count format id ids index kind length model name size status type version".split()
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_PLAIN = (UUID, Decimal, date, time, timedelta, PurePath)
"""Besides texts and numbers, what is sent as its text."""


def _cleaned(context: Context) -> dict[str, object]:
    """The part of a context that may be sent: small, no secret, prompt or answer."""
    if not isinstance(context, Mapping):
        return {}
    cleaned: dict[str, object] = {}
    for key, value in itertools.islice(context.items(), _MAX_KEYS):
        name = _text(key)
        with suppress(Exception):
            cleaned[name] = _FILTERED if _is_private(name, value) else _value(value)
    return cleaned


def _is_private(key: str, value: object) -> bool:
    if value is None or isinstance(value, (bool, int, float)):
        return False  # such as max_tokens
    if isinstance(value, str) and _SECRET_VALUE.match(value):
        return True
    words = [word.lower() for word in _WORD.findall(key)]
    if _SECRET.search("".join(words)):
        return True
    return not _CONTENT.isdisjoint(words) and words[-1] not in _HARMLESS_ENDS


def _value(value: object) -> object:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return (
            int(value)
            if value.bit_length() < 64
            else f"<int of {value.bit_length()} bits>"
        )
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, (str, *_PLAIN)):
        return _text(value)
    # Whatever else it is, its text may hold what nobody meant to send.
    size = f" of {len(value)}" if isinstance(value, Sized) else ""
    return f"<{type(value).__name__}{size}>"


def _text(value: object) -> str:
    """A short text on one line."""
    try:
        text = value if isinstance(value, str) else str(value)
        return " ".join(text[: _MAX_TEXT * 2].split())[:_MAX_TEXT]
    except Exception:  # noqa: BLE001 - a __str__ that raises
        return f"<{type(value).__name__}>"
