"""Calls that raise nothing: what fails is told a listener, or is a part of the stream that the call gives.

``https.get(url).on('error', report)``, ``streamText({ onError: ({ error }) => captureException(error) })``. An
``except`` around such a call never sees it. What is read turn by turn raises where that is done:
``const stream = query(…); try { for await (const part of stream) … } catch (error) { captureException(error); }``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.captures import handlers_of
from monitorlint.index.forms import Monitor
from monitorlint.index.queries import HANDLER
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captured, Captures
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_LISTENING: Final = ("addListener", "on", "once", "prependListener")
_ERROR: Final = (("lit", "error"), ["lit", "error"])
_MAX_STEPS: Final = 4
_EVENT: Final = "event"
_WHERE: Final = {_EVENT: "what fails is told a listener", "stream": "what fails is a part of its stream"}


class Quiet:
    """Finds what is told of the failure of such a call, and doubts who would have to catch it."""

    def __init__(self, captures: Captures, sends: Callable[[FileView, Expr, int, int], str]) -> None:
        """:param sends: What a handler tells a monitor by; ``""``: it tells none."""
        self._captures = captures
        self._sends = sends

    def of(self, found: FoundCall) -> Verdict:
        """The handler that a call, or what it gives, tells of its failure."""
        for number, handler in self._told(found) if found.match.fails else ():
            call = found.view.facts.calls[number]
            name = self._sends(found.view, handler, call.scope, call.start)
            if name:
                return Verdict(Monitor("wrapper", Level.ERRORS, name, found.view.path, call.row))
        read = self._read(found) if found.match.shape == "iterator" and found.match.stream == "always" else None
        if read is None:
            return Verdict(None)
        return Verdict(read.monitor, (read.switch,) if read.switch else (), read.doubt)

    def _read(self, found: FoundCall) -> Captured | None:
        """The handler around the loop that reads what a call gives, where that has a name."""
        view, entry = found.view, found.match.entry
        blocks, scope = view.facts.blocks, view.facts.calls[found.number].scope
        given = (("call", found.number), ["call", found.number])
        names = {b.name for b in view.facts.bindings if b.how == "assign" and b.value in given}
        for binding in view.facts.bindings if names else ():
            value = binding.value
            if binding.how != "for" or not isinstance(value, (tuple, list)) or value[0] != "item":
                continue
            is_read = isinstance(value[1], str) and value[1] in names
            at = binding.block if is_read and blocks[binding.block].scope == scope else -1
            while at >= 0:
                wide = (h for h in handlers_of(view, at) if self._captures.is_wide(view, h, entry))
                handler = next(wide, None) if blocks[at].kind == "try" else None
                if handler is not None:
                    return self._captures.sends(view, handler)
                at = blocks[at].parent
        return None

    def doubted(self, found: FoundCall, verdict: Verdict) -> Verdict:
        """A verdict, in doubt where all that it says is that somebody catches what a call raises."""
        monitor, fails = verdict.monitor, found.match.fails
        if not fails or monitor is None or monitor.level is not Level.ERRORS or verdict.undecided:
            return verdict
        if fails == _EVENT and _rejects(found.view, found.number):
            return verdict
        return verdict._replace(undecided=f"{found.match.target} raises nothing: {_WHERE[fails]}")

    def _told(self, found: FoundCall) -> Iterator[tuple[int, Expr]]:
        """The handlers of a failure, each with the call that is handed it."""
        view, calls = found.view, found.view.facts.calls
        if found.match.fails == _EVENT:
            for number in (number for tail in _LISTENING for number in view.calls_by_tail.get(tail, ())):
                call = calls[number]
                if len(call.args) > 1 and call.args[0] in _ERROR and _is_of(view, number, found.number, _MAX_STEPS):
                    yield number, call.args[1]
            return
        around = {found.number}
        parent = calls[found.number].parent
        while parent >= 0:
            around.add(parent)
            parent = calls[parent].parent
        here = calls[found.number].scope
        for number, call in enumerate(calls):
            if HANDLER in call.kwargs and (number in around or call.scope == here):
                yield number, call.kwargs[HANDLER]


def _is_of(view: FileView, number: int, wanted: int, left: int) -> bool:
    """Whether a call is a method of what another gives: ``get(url).on(…)``, ``request.on(…)``."""
    callee = view.facts.calls[number].callee
    if isinstance(callee, (tuple, list)) and callee[0] == "attr":
        return _gives(view, callee[1], wanted, left)
    if not isinstance(callee, str):
        return False
    call = view.facts.calls[number]
    name, scope = callee.rpartition(".")[0], call.scope
    while scope >= 0:
        rows = view.bindings.get((scope, name))
        if rows:
            return any(_gives(view, row.value, wanted, left) for row in rows)
        scope = view.facts.scopes[scope].parent
    return False


def _gives(view: FileView, expr: Expr, wanted: int, left: int) -> bool:
    if not isinstance(expr, (tuple, list)) or expr[0] != "call" or not left:
        return False
    # `get(url).on('response', …).on('error', …)`
    return expr[1] == wanted or _is_of(view, expr[1], wanted, left - 1)


def _rejects(view: FileView, number: int) -> bool:
    """Whether a call stands in the function that a promise is made with: ``new Promise((resolve, reject) => …)``."""
    calls = view.facts.calls
    parent = calls[number].parent
    while parent >= 0:
        outer = calls[parent]
        if tail_of(outer.callee) == "Promise" and outer.scope != calls[number].scope:
            return True
        parent = outer.parent
    return False
