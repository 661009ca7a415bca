"""Functions of the project that tell a monitor of the error they are handed: ``reportError(error)``."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from monitorlint.index.replaced import Replaced
from monitorlint.index.values import Defined, External
from monitorlint.index.view import OWN_NAMES, family_of, tail_of
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Form
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

HANDLERS: Final = frozenset({"except", "reraise", "rethrow"})
"""Kinds of blocks that run when something was raised."""
_LOUD: Final = frozenset({"error", "exception", "fatal", "critical"})
"""Methods of loggers that are told of errors."""
_ERROR: Final = "error"
"""What trackers call the parameter that takes what they are to send."""
_UNDER_WAY: Final = -1
"""In place of an argument: what is sent is the error that is being handled when the function is called."""
_MAX_STEPS: Final = 3
"""So far is followed what an error is made into before it is sent."""
MAX_HELPERS = 3
"""So many functions may hand an error on before one sends it."""


class Reporter(NamedTuple):
    """What a function of the project sends by."""

    form: Form
    path: str
    """Canonical path of what it calls in the end."""
    argument: int
    """Position of the argument that is sent; -1: what is sent is the error that is being handled."""


class Reporters:
    """Tells what functions do with an error, asked for one call at a time."""

    def __init__(self, project: Project, form_of: Callable[[str], Form | None], tails: frozenset[str]) -> None:
        """:param form_of: What tells whether a function of a package sends, by its path; with its last names."""
        self._project = project
        self._form_of = form_of
        self._tails = tails
        self._replaced = Replaced(project)
        self._memo: dict[Defined, Reporter | None] = {}
        self._loggers: dict[Defined, Reporter | None] = {}

    def called(self, view: FileView, number: int) -> Reporter | None:
        """The reporter that a call calls, and hands something; None where it calls none."""
        call = view.facts.calls[number]
        given = len(call.args)
        for value in self._project.resolver.callee(view, number):
            found = self._of(value, 0) if isinstance(value, Defined) else None
            # Of calls that look like those of a logger, the facts hold no arguments.
            if found is not None and isinstance(value, Defined):
                if found.argument < given or not (given or call.kwargs):
                    return found
                if not call.kwargs.keys().isdisjoint(self._own_names(value)[found.argument :][:1]):
                    return found
        return self._logging(view, number)

    def _logging(self, view: FileView, number: int) -> Reporter | None:
        """The reporter that a logger of the project's is, or that it puts in place of a package's method.

        Of what a logger is told as an error, it sends that error, whatever it makes of its arguments before.
        """
        callee = view.facts.calls[number].callee
        if not isinstance(callee, str) or "." not in callee or tail_of(callee) not in _LOUD:
            return None
        values = (v for v in self._project.resolver.callee(view, number) if isinstance(v, Defined))
        return next(filter(None, map(self.sent_in, chain(values, self._replaced.by(view, number)))), None)

    def sent_in(self, function: Defined) -> Reporter | None:
        """What is sent by a function, or by one that stands in it."""
        if function not in self._loggers:
            view = self._project.view(function.file)
            self._loggers[function] = next(self._all_sent_in(view, function.scope), None) if view is not None else None
        return self._loggers[function]

    def _all_sent_in(self, view: FileView, scope: int) -> Iterator[Reporter]:
        family = set(family_of(view, scope))
        for tail in sorted(self._tails & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                values = self._project.resolver.callee(view, number) if view.facts.calls[number].scope in family else ()
                yield from filter(None, map(self._sending_outright, values))

    def taken(self, view: FileView, expr: Expr, scope: int, offset: int) -> Reporter | None:
        """The reporter that an expression is, where what it is called with is the error alone."""
        for value in self._project.resolver.resolve(expr, view, scope, offset):
            found = self._sending(value, 0)
            if found is not None and found.argument == 0:
                return found
        return None

    def _of(self, function: Defined, depth: int) -> Reporter | None:
        """What a function sends one of its parameters by, or the error under way; None where it sends none."""
        if function not in self._memo:
            # One that hands the error to itself sends nothing by that.
            self._memo[function] = None
            found = next(chain(self._sent_by(function, depth), self._under_way(function)), None)
            if found is None and depth:
                # Nearer to where somebody asks, more helpers are looked through.
                del self._memo[function]
                return None
            self._memo[function] = found
        return self._memo[function]

    def _sent_by(self, function: Defined, depth: int) -> Iterator[Reporter]:
        view = self._project.view(function.file)
        here = view.facts.scopes[function.scope] if view is not None else None
        if view is None or here is None or here.kind == "class":
            return
        own = self._own_names(function)
        for number, call in enumerate(view.facts.calls if own else ()):
            if call.scope != function.scope and view.function_of(call.scope) != function.scope:
                continue
            # What a handler of the function's own sends is another error, whatever it is made of.
            is_caught = any(view.facts.blocks[b].kind in HANDLERS for b in view.blocks_around(call))
            made_of = partial(_made_of, view, call.scope, left=0 if is_caught else _MAX_STEPS)
            handed = [(at, own.index(n)) for at, arg in enumerate(call.args) for n in made_of(arg) if n in own]
            named = [(key, own.index(n)) for key, arg in call.kwargs.items() for n in made_of(arg) if n in own]
            for value in self._project.resolver.callee(view, number) if handed or named else ():
                sent = self._sending(value, depth)
                if sent is not None:
                    yield from (sent._replace(argument=mine) for at, mine in handed if at == sent.argument)
                    name = self._own_names(value)[sent.argument :][:1] if isinstance(value, Defined) else [_ERROR]
                    yield from (sent._replace(argument=mine) for key, mine in named if [key] == name)

    def _own_names(self, function: Defined) -> list[str]:
        """What a function calls its parameters, by position."""
        view = self._project.view(function.file)
        params = view.facts.scopes[function.scope].params if view is not None else ()
        return [param.name for param in params if param.name not in OWN_NAMES]

    def _under_way(self, function: Defined) -> Iterator[Reporter]:
        """Likewise, what is called without an error, or with that of ``sys.exc_info()``, and finds it by itself.

        In a handler of the function's own that is another one.
        """
        view = self._project.view(function.file)
        if view is None or view.facts.scopes[function.scope].kind == "class":
            return
        for tail in sorted(self._tails & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                call = view.facts.calls[number]
                if call.scope != function.scope or any(not _is_under_way(view, arg) for arg in call.args):
                    continue
                if any(view.facts.blocks[b].kind in HANDLERS for b in view.blocks_around(call)):
                    continue
                sent = map(self._sending_outright, self._project.resolver.callee(view, number))
                yield from (s._replace(argument=_UNDER_WAY) for s in sent if s is not None)

    def _sending(self, value: object, depth: int) -> Reporter | None:
        """What calling a value sends, and of which argument."""
        if isinstance(value, Defined):
            return self._of(value, depth + 1) if depth < MAX_HELPERS else None
        return self._sending_outright(value)

    def _sending_outright(self, value: object) -> Reporter | None:
        """What calling a function of a package sends."""
        form = self._form_of(value.path) if isinstance(value, External) else None
        if form is None or form.when or not isinstance(value, External):
            return None
        return Reporter(form, self._project.catalogue.reduce(value.path), 0)


def _is_under_way(view: FileView, expr: Expr) -> bool:
    """Whether an argument is what ``sys.exc_info()`` gives."""
    if not isinstance(expr, (tuple, list)) or not expr or expr[0] != "call":
        return False
    return tail_of(view.facts.calls[expr[1]].callee) == "exc_info"


def _made_of(view: FileView, scope: int, expr: Expr, *, left: int) -> Iterator[str]:
    """The names that an argument is, or is made of: ``const known = e instanceof Error ? e : new Error(String(e))``."""
    if isinstance(expr, str):
        yield expr
        rows = next((view.bindings[s, expr] for s in view.scopes_around(scope) if (s, expr) in view.bindings), [])
        for row in rows if left and len(rows) <= _MAX_STEPS else ():
            yield from _made_of(view, row.scope, row.value, left=left - 1)
    elif isinstance(expr, (tuple, list)) and expr and expr[0] == "any":
        for part in expr[1]:
            yield from _made_of(view, scope, part, left=left)
    elif isinstance(expr, (tuple, list)) and expr and expr[0] == "call" and left:
        for part in view.facts.calls[expr[1]].args:
            yield from _made_of(view, scope, part, left=left - 1)


def types_of(items: list[Expr]) -> Iterator[Expr]:
    """What a handler names, one by one."""
    for item in items:
        if isinstance(item, (tuple, list)) and item and item[0] == "seq":
            yield from item[1]
        else:
            yield item


def holds_names(expr: Expr) -> bool:
    """Whether something that is sent is, or has for one of its properties, what a name stands for."""
    if isinstance(expr, (tuple, list)) and expr and expr[0] == "map":
        return any(isinstance(value, str) for _, value in expr[1])
    return isinstance(expr, str)
