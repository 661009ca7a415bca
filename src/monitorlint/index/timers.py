"""Functions that set a timer for themselves, and intervals that nobody clears: loops without a loop statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.loop_words import RUNS_WHILE, STOPS_WHEN
from monitorlint.index.view import tail_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.finding import Confidence, Evidence, Region
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from monitorlint.index.call_kinds import FileCallKinds
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_GLOBALS = frozenset(("", "window.", "globalThis.", "self.", "global."))
_ONCE: Final = {"setTimeout": 0, "call_later": 1, "call_at": 1, "Timer": 1}
"""What runs a function later, and at which place it is handed it."""
_AGAIN: Final = "setInterval"
_CLEARED: Final = frozenset(("clearInterval", "clearTimeout"))
_TAILS: Final = frozenset((*_ONCE, _AGAIN))
_ASKING: Final = ("ai", "http")

_STRING = pattern(rb"""'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+"|`(?:[^`\\]|\\.)*+`""")
_TEST = pattern(rb"\b(?:if|elif|while)\b\s*\(?([^{};\n]{1,200})|([\w$.!]{1,80})\s*(?:\?|&&)")
_NAME = pattern(rb"[A-Za-z_$][\w$]*")
# A number that is compared, counted or read from a clock bounds the turns, or may: then nothing is said.
_COUNTS = pattern(
    rb"\s[<>]=?\s|\+\+|--\s*[;)\w]|[+-]=\s*1\b|\b(?:Date\.now|performance\.now|getTime|monotonic|perf_counter|time\.time|now)\("
)
_LONGEST = 200


def timer_sites(view: FileView, kinds: FileCallKinds, text: Callable[[str], bytes]) -> Iterator[Site]:
    """The timers of one file that ask a model or a server again and again, in source order.

    :param text: The bytes of a file.
    """
    if _TAILS.isdisjoint(view.calls_by_tail):
        return
    data = text(view.path)
    for number, call in enumerate(view.facts.calls):
        name = tail_of(call.callee)
        if name not in _TAILS or not _is_timer(call, number, name, kinds):
            continue
        found = _interval(view, call, data) if name == _AGAIN else _rearmed(view, call, name, data)
        asked = next((n for n in found if kinds.kind_of(n) in _ASKING), None)
        if asked is not None:
            yield _site(view, call, asked, data, again=name == _AGAIN)


def _is_timer(call: Call, number: int, name: str, kinds: FileCallKinds) -> bool:
    if name in {"setTimeout", _AGAIN}:
        return isinstance(call.callee, str) and call.callee.removesuffix(name) in _GLOBALS
    return name != "Timer" or kinds.path_of(number) == "threading.Timer"


def _rearmed(view: FileView, call: Call, name: str, data: bytes) -> Iterable[int]:
    """The calls of the function that a timer runs again, where that is the one that sets the timer."""
    at = _ONCE[name]
    handed = call.args[at] if len(call.args) > at else call.kwargs.get("function")
    for scope in _around(view, call.scope):
        if not _names(view, handed, scope, plainly=len(call.args) <= at + 2):
            continue
        here = view.facts.scopes[scope]
        if not _is_cleared(view, call, here.start, here.end) and not _may_end(data[here.start : here.end]):
            return _calls_in(view, here.start, here.end)
    return ()


def _is_cleared(view: FileView, call: Call, start: int, end: int) -> bool:
    """Whether a timer whose number somebody keeps may be cleared, outside of the function that sets it."""
    if call.flags & CallFlag.STATEMENT:
        return False
    calls = (other for name in _CLEARED for other in view.calls_by_name.get(name, ()))
    return any(not start <= other.start < end for other in calls)


def _around(view: FileView, scope: int) -> Iterator[int]:
    """The named functions around a scope, the innermost first."""
    while scope > 0:
        here = view.facts.scopes[scope]
        if here.kind == "function":
            yield scope
        elif here.kind == "class":
            return
        scope = here.parent


def _names(view: FileView, handed: Expr, scope: int, *, plainly: bool) -> bool:
    """Whether what a timer is handed runs the function, with nothing that could count."""
    scopes = view.facts.scopes
    here = scopes[scope]
    own = scopes[here.parent].kind == "class"
    first = here.params[0].name if own and here.params else ""
    name = f"{first}.{here.name}" if own else here.name
    if isinstance(handed, str):
        return handed == name and plainly
    if not handed:
        return False
    if handed[0] == "call":
        bound = view.facts.calls[handed[1]]
        return bound.callee == f"{name}.bind" and len(bound.args) == 1
    if handed[0] == "fn":
        inner = scopes[handed[1]]
        calls = (view.facts.calls[n] for n in _calls_in(view, inner.start, inner.end))
        return any(call.callee == name and all(map(_is_plain, call.args)) for call in calls)
    return False


def _is_plain(expr: Expr) -> bool:
    return isinstance(expr, str) or bool(expr and expr[0] == "lit")


def _interval(view: FileView, call: Call, data: bytes) -> Iterable[int]:
    """The calls of what an interval runs, where nobody could clear it."""
    # Whoever has its number may clear it.
    is_lost = bool(call.flags & CallFlag.STATEMENT)
    if not is_lost and not (_CLEARED.isdisjoint(view.calls_by_tail) and _is_kept_here(view, call)):
        return ()
    if not call.args:
        return ()
    handed = call.args[0]
    scopes = view.facts.scopes
    if isinstance(handed, str):
        name = handed.rpartition(".")[2]
        found = [s for s in scopes if s.kind == "function" and s.name == name]
        here = found[0] if len(found) == 1 else None
    else:
        here = scopes[handed[1]] if handed and handed[0] == "fn" else None
    if here is None or _may_end(data[here.start : here.end]):
        return ()
    return _calls_in(view, here.start, here.end)


def _is_kept_here(view: FileView, call: Call) -> bool:
    """Whether the number of an interval gets a name of its function, or of the module, and goes nowhere else."""
    number = view.facts.calls.index(call)
    names = [b.name for b in view.facts.bindings if b.value == ("call", number)]
    return len(names) == 1 and "." not in names[0] and not any(names[0] in s.returns for s in view.facts.scopes)


def _calls_in(view: FileView, start: int, end: int) -> list[int]:
    return [number for number, call in enumerate(view.facts.calls) if start <= call.start and call.end <= end]


def _may_end(text: bytes) -> bool:
    """Whether the text of a function shows a counter, a clock, or a flag that stops it."""
    code = _STRING.sub(b'""', text)
    if _COUNTS.search(code):
        return True
    for test, read in _TEST.findall(code):
        for name in _NAME.findall(test or read):
            word = name.decode(errors="replace")
            if RUNS_WHILE.search(word) or STOPS_WHEN.search(word):
                return True
    return False


def _site(view: FileView, call: Call, asked: int, data: bytes, *, again: bool) -> Site:
    text = " ".join(data[call.start : call.end].decode(errors="replace").split())[:_LONGEST]
    target = view.facts.calls[asked]
    what = target.callee if isinstance(target.callee, str) else tail_of(target.callee)
    return Site(
        kind="loop",
        path=view.path,
        region=Region(call.row + 1, call.column + 1, call.end_row + 1, call.end_column + 1, call.start, call.end),
        language=view.facts.language,
        area=view.area,
        confidence=Confidence.HIGH,
        target="timer",
        is_async=False,
        stream="no",
        status="unbounded",
        function=view.symbol(view.function_of(call.scope)),
        text=text,
        evidence=(Evidence(view.path, target.row + 1, f"calls `{what}`"),),
        reason=f"calls `{what}` for ever" if again else f"runs the function again that sets it, and calls `{what}`",
        code="MON328",
    )
