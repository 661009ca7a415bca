"""Exception handlers that tell a monitor what they caught."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.catalog.catalogue import REPORTING
from monitorlint.index.calls import condition_holds
from monitorlint.index.catching import Catching
from monitorlint.index.consoles import Consoles
from monitorlint.index.forms import Monitor
from monitorlint.index.kept_promises import KeptPromises
from monitorlint.index.leaving import Leaving, key_of
from monitorlint.index.log_handlers import LogHandlers
from monitorlint.index.raised_later import RaisedLater
from monitorlint.index.reporters import HANDLERS, Reporters, holds_names
from monitorlint.index.sentry_clients import SentryClients
from monitorlint.index.sentry_losses import lost_on_exit
from monitorlint.index.settled import is_settled, settling
from monitorlint.index.unanswered import caught_by, keeps_most, told_to_a_logger
from monitorlint.index.values import Defined, External
from monitorlint.index.view import tail_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from monitorlint.catalog import Entry, Form
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.near_captures import NearCaptures
    from monitorlint.index.own_catchers import OwnCatchers
    from monitorlint.index.project import Project
    from monitorlint.index.values import Value
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_Sent: TypeAlias = "tuple[Form, str, Call]"

REJECTED = ("catch", "then")
"""What takes the handler of a promise that rejects, by the position of that."""
_WIDEST = frozenset({"Exception", "BaseException"})
# Something that holds Sentry, or its old client, and a method of it that reports.
_NAMED = pattern(r"(?:^|[._])(?:sentry|raven)(?:_?client)?\.(?:capture|report|log)\w*$", re.IGNORECASE)

_THREADS = "worker_threads"
_UP = f"{_THREADS}.parentPort.postMessage"


class Captured(NamedTuple):
    """A handler that sends what it catches."""

    monitor: Monitor
    switch: tuple[str, int] | None
    """Where the monitor that takes it from the log is switched on: path and 0-based row."""
    doubt: str


class Captures:
    """Finds the handlers around a call that tell a monitor."""

    def __init__(self, project: Project, auto: AutoInstrumentation) -> None:
        self._project = project
        self._auto = auto
        self._sent: dict[str, dict[int, list[_Sent]]] = {}
        self._named: dict[str, dict[int, Call]] = {}
        self._guessed_in: dict[str, dict[int, tuple[str, Call]]] = {}
        self._logs: dict[str, bool] = {}
        self._clients = SentryClients(project, auto)
        self._consoles = Consoles(project, auto, lambda function: self.reporters.sent_in(function) is not None)
        catalogue = project.catalogue
        self.reporters = Reporters(project, catalogue.capture, catalogue.capture_tails)
        self.guesses = Reporters(project, catalogue.may_capture, frozenset(REPORTING))
        """Likewise, by what has the name for it, of packages of which nothing is known."""
        self.catching = Catching(project, self.around)
        self._later = RaisedLater(project)
        self.leaving = Leaving(project, handlers_of, self._catches_most, is_settled, self._later)
        self._log_handlers = LogHandlers(project)
        self._kept = KeptPromises(project)

    def around(self, view: FileView, call: Call, entry: Entry) -> Captured | None:
        """The handler that sees whatever the call raises, and sends it; None where there is none.

        A handler that names a narrower exception sees some errors and not the others: it does not count, and
        where a wide handler stands before the one that sends, nothing is left to send.
        """
        call = self._kept.at(view, call)
        doubtful: Captured | None = self._settled(view, call) if self.anywhere else None
        passed = entry
        for at in view.blocks_around(call):
            block = view.facts.blocks[at]
            if block.kind == "body" and block.scope != 0 and self.anywhere:
                run = self.catching.running(view, call, block.scope, entry)
                if run is not None and not run.doubt:
                    return run
                is_own = run is None and block.scope == view.function_of(call.scope)
                own = self._own_catchers.decorating(view, block.scope, passed) if is_own else None
                if own is not None and not own.doubt:
                    return own
                doubtful = doubtful or run or own
            elif block.kind == "with" and block.items and self.anywhere:
                own = self._own_catchers.entered(view, block, passed)
                if own is not None and not own.doubt:
                    return own
                doubtful = doubtful or own
            if block.kind != "try":
                continue
            for handler in handlers_of(view, at):
                if self.is_wide(view, handler, entry):
                    found = self.sends(view, handler)
                    if found is not None and not found.doubt:
                        return found
                    doubtful = doubtful or found
                    if self.keeps(view, handler):
                        return doubtful
                    # What another error is made of it, no narrow handler outside takes.
                    passed = passed if self._passes(view, handler) else passed._replace(errors=())
                    break
        return doubtful

    @cached_property
    def _own_catchers(self) -> OwnCatchers:
        from monitorlint.index.own_catchers import OwnCatchers  # noqa: PLC0415 - it is made of this

        return OwnCatchers(self._project, self._auto, self)

    def swallowed(self, view: FileView, call: Call, entry: Entry) -> bool:
        """Whether a wide handler around a call keeps what is raised from whoever called the function."""
        call = self._kept.at(view, call)
        if is_settled(view, call):
            return True
        for at in view.blocks_around(call):
            if self._own_catchers.keeps(view, at, call, entry):
                return True
            if view.facts.blocks[at].kind != "try":
                continue
            wide = next((h for h in handlers_of(view, at) if self._catches_most(view, h, entry)), None)
            if wide is not None and self.keeps(view, wide):
                return True
        return False

    def keeps(self, view: FileView, handler: int) -> bool:
        """Whether a handler keeps what it caught, and nothing behind it raises in the end."""
        return view.facts.blocks[handler].kind == "except" and self._later.of(view, handler) is None

    def is_caught(self, view: FileView, call: Call, entry: Entry) -> bool:
        """Whether a wide handler around a call sees what is raised, and may make something else of it."""
        if is_settled(view, call):
            return True
        tried = (at for at in view.blocks_around(self._kept.at(view, call)) if view.facts.blocks[at].kind == "try")
        handlers = (handler for at in tried for handler in handlers_of(view, at))
        return any(self.is_wide(view, h, entry) and not self._passes(view, h) for h in handlers)

    def _passes(self, view: FileView, handler: int) -> bool:
        """Whether a handler raises what it caught, at once or in the end."""
        kind = view.facts.blocks[handler].kind
        later = self._later.of(view, handler) if kind == "except" else None
        return kind == "rethrow" or (later is not None and later.is_same)

    def is_passed_over(self, view: FileView, call: Call, entry: Entry, path: str) -> bool:
        """Whether a handler makes an error of a class that the application's handler of errors tells apart.

        ``if (error instanceof HTTPException) return error.getResponse()`` stands before what sends the others.

        :param path: The file in which the application's handler is handed over.
        """
        handler = self.handler_of(view, call, entry)
        tests = self._project.store.text(path) if handler is not None else b""
        calls = view.facts.calls if b"instanceof" in tests else ()
        made_there = (made for made in calls if handler in view.blocks_around(made))
        names = {tail_of(made.callee).encode() for made in made_there}
        return any(name and re.search(rb"\binstanceof %s\b" % re.escape(name), tests) for name in names)

    def handler_of(self, view: FileView, call: Call, entry: Entry) -> int | None:
        """The innermost handler around a call that sees whatever it raises; None where there is none."""
        tried = (at for at in view.blocks_around(self._kept.at(view, call)) if view.facts.blocks[at].kind == "try")
        handlers = (handler for at in tried for handler in handlers_of(view, at))
        return next((handler for handler in handlers if self.is_wide(view, handler, entry)), None)

    @cached_property
    def anywhere(self) -> bool:
        """Whether any file calls something that sends."""
        tails = self._tails
        if self.guesses_anywhere or self._consoles.places:
            return True
        return any(not tails.isdisjoint(view.calls_by_tail) for view in self._project.views())

    @cached_property
    def _tails(self) -> frozenset[str]:
        catalogue = self._project.catalogue
        return catalogue.capture_tails | (catalogue.given_tails if self._auto.listens_closely else frozenset())

    def is_guess(self, path: str) -> bool:
        """Whether no more than its name tells that something sends an error."""
        return self.guesses_anywhere and self._project.catalogue.may_capture(path) is not None

    def doubt_of(self, path: str) -> str:
        """What leaves in doubt that something sends an error; ``""``: nothing."""
        if path and path == self._log_handlers.name:
            return f"{path}, which sends what is logged, is the project's own"
        if self.is_guess(path):
            return f"nothing is known of {path.partition('.')[0].removesuffix('()')}"
        if path == _UP:
            return "the thread that is handed the error is not known"
        return self._clients.doubt_of(path)

    @property
    def doubtful(self) -> bool:
        """Whether of something that files call it is in doubt that it sends errors."""
        return self.guesses_anywhere or self._clients.doubtful or self._auto.imports(_THREADS)

    @property
    def guesses_anywhere(self) -> bool:
        """Whether any file has a package of which nothing is known take errors, as far as names tell."""
        return bool(self._project.reporting_files or self._log_handlers.name)

    def takes_logs(self, path: str) -> bool:
        """Whether a monitor may take on what is logged in the program of a file: no file there need know of it."""
        if path not in self._logs:
            forms = self._project.catalogue.log_captures
            self._logs[path] = any(self._auto.takes_on(form, path) is not None for form in forms)
        return self._logs[path]

    def is_wide(self, view: FileView, handler: int, entry: Entry) -> bool:
        """Whether a handler catches whatever a call of some package raises."""
        caught = caught_by(self._project, view, handler)
        return not view.facts.blocks[handler].items or any(self.is_base(*each, entry) for each in caught)

    def _catches_most(self, view: FileView, handler: int, entry: Entry) -> bool:
        """Whether a handler catches all, or nearly all, that a call of some package raises."""
        return self.is_wide(view, handler, entry) or keeps_most(self._project, caught_by(self._project, view, handler))

    def is_base(self, view: FileView, scope: int, offset: int, expr: Expr, entry: Entry) -> bool:
        name = expr.removeprefix("builtins.") if isinstance(expr, str) else ""
        if name in _WIDEST or (name and name in entry.errors):
            return True
        catalogue = self._project.catalogue
        bases = {catalogue.reduce(error) for error in entry.errors}
        return any(
            (isinstance(value, External) and catalogue.reduce(value.path) in bases)
            or (isinstance(value, Defined) and key_of(value) in bases)
            for value in (self._project.resolver.resolve(expr, view, scope, offset) if bases else ())
        )

    def sends(self, view: FileView, handler: int) -> Captured | None:
        """What a handler sends what it caught with; None where it sends nothing."""
        if view.path not in self._sent:
            table: dict[int, list[_Sent]] = {}
            for block, sent in self._senders(view):
                table.setdefault(block, []).append(sent)
            self._sent[view.path] = table
        found = self._sent[view.path].get(handler)
        if found is None:
            return self._sent_later(view, handler) or self._may_send(view, handler)
        # What is sent outright counts before what a log may send.
        outright = [sent for sent in found if not sent[0].is_taken]
        if outright:
            heard = [sent for sent in outright if not self._clients.doubt_of(sent[1])]
            form, path, call = (heard or outright)[-1]
            monitor = Monitor("wrapper", form.level, path, view.path, call.row)
            return Captured(monitor, None, self._clients.doubt_of(path) or lost_on_exit(view, call, path))
        taken = [captured for sent in found if (captured := self._taken(view, sent, handler)) is not None]
        return min(taken, key=lambda captured: bool(captured.doubt), default=None) or self._may_send(view, handler)

    def _sent_later(self, view: FileView, handler: int) -> Captured | None:
        """What is sent behind a handler that keeps what it caught."""
        from monitorlint.index.kept_errors import is_sent_later, kept_in  # noqa: PLC0415 - few ask

        kept = kept_in(self._project, view, handler)
        for call, form, path in self.outright(view) if kept else ():
            if is_sent_later(view, handler, call, kept):
                return Captured(Monitor("wrapper", form.level, path, view.path, call.row), None, self.doubt_of(path))
        return None

    def _settled(self, view: FileView, call: Call) -> Captured | None:
        """What is sent of the reasons for which some of several failed, among which a call is."""
        if not is_settled(view, call):
            return None
        from monitorlint.index.kept_errors import is_reason  # noqa: PLC0415 - few ask

        for told, form, path in self.outright(view):
            if is_reason(view, told, settling(view, call)):
                monitor = Monitor("wrapper", form.level, path, view.path, told.row)
                return Captured(monitor, None, "it is told of the reasons for which some of several failed")
        return None

    def _taken(self, view: FileView, sent: _Sent, handler: int) -> Captured | None:
        """What is told a logger, where a monitor that runs in the program of the file takes it on."""
        form, _, call = sent
        running = self._auto.takes_on(form, view.path)
        if running is None:
            own = self._log_handlers.name
            monitor = Monitor("wrapper", Level.ERRORS, own, view.path, call.row)
            return Captured(monitor, None, self.doubt_of(own)) if own else None
        switch, doubt = running
        if view.blocks_around(call)[0] != handler:
            doubt = doubt or "it is logged there only under a condition"
        if not self._holds(view, call, form):
            doubt = doubt or form.otherwise
        member = form.member.rpartition(".")[0] or form.member
        monitor = Monitor("wrapper", form.level, member or switch.auto.target, view.path, call.row)
        return Captured(monitor, (switch.path, switch.row), doubt)

    def logged_in(self, view: FileView, scope: int) -> str:
        """What takes on what a function logs that is called with an error; ``""``: nothing surely does."""
        for call, form, _ in self._told_loggers(view):
            around = view.blocks_around(call)
            if call.scope != scope or view.facts.blocks[around[0]].kind != "body":
                continue
            running = self._auto.takes_on(form, view.path)
            if running is not None and not running[1]:
                return form.member.rpartition(".")[0] or form.member or running[0].auto.target
        return ""

    def _told_loggers(self, view: FileView) -> Iterator[tuple[Call, Form, str]]:
        """The calls of a file that tell a logger what some monitor may take on."""
        catalogue = self._project.catalogue
        for tail in sorted(self._tails & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                call = view.facts.calls[number]
                values = self._project.resolver.callee(view, number) if call.flags & CallFlag.STATEMENT else ()
                for path in (value.path for value in values if isinstance(value, External)):
                    for form in catalogue.captures(path):
                        if form.is_taken and self._holds(view, call, form):
                            yield call, form, path

    def _holds(self, view: FileView, call: Call, form: Form) -> bool:
        return all(condition_holds(self._project, view, call, condition) is True for condition in form.when)

    def outright(self, view: FileView) -> Iterator[tuple[Call, Form, str]]:
        """The calls of a file that send something to a monitor by themselves, wherever they stand."""
        catalogue = self._project.catalogue
        for tail in sorted(catalogue.capture_tails & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                for value in self._project.resolver.callee(view, number):
                    form = catalogue.capture(value.path) if isinstance(value, External) else None
                    if form is not None and isinstance(value, External):
                        yield view.facts.calls[number], form, catalogue.reduce(value.path)

    def _may_send(self, view: FileView, handler: int) -> Captured | None:
        """What a handler calls on something that is called Sentry, or as trackers are, and no more is known of it."""
        if view.path not in self._named:
            self._named[view.path] = {
                block: call
                for number, call in enumerate(view.facts.calls)
                if isinstance(call.callee, str)
                and _NAMED.search(call.callee)
                and all(_is_of_page(value) for value in self._project.resolver.callee(view, number))
                for block in view.blocks_around(call)
                if view.facts.blocks[block].kind in HANDLERS
            }
        call = self._named[view.path].get(handler)
        if call is None or not isinstance(call.callee, str):
            found = self._guessed(view, handler) or self._handed_up(view, handler) or self._written(view, handler)
            if (
                found is None
                and self.takes_logs(view.path)
                and (told := told_to_a_logger(self._project, view, handler))
            ):
                found = Captured(
                    told, None, f"{told.name.rpartition('.')[0]} is called like a logger, and no more is known"
                )
            return found or self._near(view, handler)
        monitor = Monitor("wrapper", Level.ERRORS, call.callee, view.path, call.row)
        return Captured(monitor, None, f"{call.callee} is named like a monitor")

    @cached_property
    def _near_captures(self) -> NearCaptures:
        from monitorlint.index.near_captures import NearCaptures  # noqa: PLC0415 - few ask

        return NearCaptures(self._project, self._auto)

    def _near(self, view: FileView, handler: int) -> Captured | None:
        found = self._near_captures.of(view, handler)
        return Captured(found[0], None, found[1]) if found is not None else None

    def _guessed(self, view: FileView, handler: int) -> Captured | None:
        """What a handler tells a package of which nothing is known, under a name that trackers have for it."""
        if not self.guesses_anywhere:
            return None
        if view.path not in self._guessed_in:
            sent = (*self._by_guess(view), *self._by_reporters(view, self.guesses))
            self._guessed_in[view.path] = {block: (path, call) for block, (_, path, call) in sent}
        found = self._guessed_in[view.path].get(handler)
        if found is None:
            return None
        path, call = found
        return Captured(Monitor("wrapper", Level.ERRORS, path, view.path, call.row), None, self.doubt_of(path))

    def _written(self, view: FileView, handler: int) -> Captured | None:
        """What a handler writes to a console that is watched."""
        told = self._consoles.told(view, handler)
        return Captured(told, None, f"{told.name} may be told of other levels alone") if told is not None else None

    def _handed_up(self, view: FileView, handler: int) -> Captured | None:
        """What a handler of a thread hands the one that started it, which may well tell a monitor."""
        for number in view.calls_by_tail.get(_UP.rpartition(".")[2], ()):
            call = view.facts.calls[number]
            if not any(map(holds_names, call.args)) or handler not in view.blocks_around(call):
                continue
            if any(isinstance(v, External) and v.path == _UP for v in self._project.resolver.callee(view, number)):
                monitor = Monitor("wrapper", Level.ERRORS, _UP, view.path, call.row)
                return Captured(monitor, None, self.doubt_of(_UP))
        return None

    def _by_guess(self, view: FileView) -> Iterator[tuple[int, _Sent]]:
        names = {row.local for row in view.facts.imports if row.target.rpartition(".")[2] in REPORTING}
        for tail in sorted(names.union(REPORTING) & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                for value in self._project.resolver.callee(view, number):
                    form = self._project.catalogue.may_capture(value.path) if isinstance(value, External) else None
                    if form is not None:
                        call = view.facts.calls[number]
                        yield from ((block, (form, form.path, call)) for block in view.blocks_around(call))

    def _senders(self, view: FileView) -> Iterator[tuple[int, _Sent]]:
        """The blocks in which something is sent. What a log takes on must be a statement of the handler."""
        catalogue = self._project.catalogue
        for tail in sorted(self._tails & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                call = view.facts.calls[number]
                around = view.blocks_around(call)
                if not any(view.facts.blocks[b].kind in HANDLERS for b in around):
                    continue
                values = self._project.resolver.callee(view, number)
                for path in (value.path for value in values if isinstance(value, External)):
                    for form in catalogue.captures(path):
                        if not form.otherwise and not self._holds(view, call, form):
                            continue
                        if form.is_taken and not call.flags & CallFlag.STATEMENT:
                            continue
                        for block in around if not form.is_taken else _up_to_handler(view, around):
                            yield block, (form, catalogue.reduce(path), call)
        yield from self._by_reporters(view, self.reporters)

    def _by_reporters(self, view: FileView, reporters: Reporters) -> Iterator[tuple[int, _Sent]]:
        """Likewise, through functions of the project that send what they are handed."""
        blocks = view.facts.blocks
        for number, call in enumerate(view.facts.calls):
            around = view.blocks_around(call) if call.callee is not None else ()
            if any(blocks[b].kind in HANDLERS for b in around):
                reporter = reporters.called(view, number)
                if reporter is not None:
                    for block in around:
                        yield block, (reporter.form, reporter.path, call)
        for at, tail in enumerate(REJECTED):
            for number in view.calls_by_tail.get(tail, ()):
                yield from self._by_name(view, view.facts.calls[number], at, reporters)

    @staticmethod
    def _by_name(view: FileView, call: Call, at: int, reporters: Reporters) -> Iterator[tuple[int, _Sent]]:
        """``load().catch(report)``: the handler is what stands between the brackets, or behind the comma.

        :param at: Which argument it is.
        """
        handler = call.args[at] if at < len(call.args) else None
        is_named = isinstance(handler, str) or (handler is not None and handler[0] == "call")
        taken = reporters.taken(view, handler, call.scope, call.start) if is_named else None
        if taken is None:
            return
        for number, block in enumerate(view.facts.blocks):
            if block.kind in HANDLERS and block.end == call.end and block.start > call.start:
                yield number, (taken.form, taken.path, call)


def _is_of_page(value: Value) -> bool:
    """Whether a value is nothing more than some property of a page's global object."""
    return isinstance(value, External) and value.path.startswith(("window.", "globalThis.", "self."))


def _up_to_handler(view: FileView, around: Sequence[int]) -> Sequence[int]:
    """The blocks around a call up to the first handler, where that is the first one or holds a condition."""
    kinds = [view.facts.blocks[at].kind for at in around]
    last = next(at for at, kind in enumerate(kinds) if kind in HANDLERS)
    return around[last : last + 1] if {"if", "else"}.issuperset(kinds[:last]) else around[:1]


def handlers_of(view: FileView, attempt: int) -> Iterator[int]:
    """The ``except`` blocks that belong to a ``try`` block, in source order."""
    blocks = view.facts.blocks
    tried = blocks[attempt]
    for number in range(attempt + 1, len(blocks)):
        block = blocks[number]
        if block.parent != tried.parent or block.start < tried.end:
            if block.start > tried.end and block.parent < tried.parent:
                break
            continue
        if block.kind == "try":
            break
        if block.kind in HANDLERS:
            yield number
