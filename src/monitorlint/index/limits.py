"""What limits a call in time: its own arguments, its client's, what stands around it, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.calls import added_later
from monitorlint.index.flow import live_bindings
from monitorlint.index.own_senders import OwnSenders
from monitorlint.index.values import Collected, External, Literal
from monitorlint.index.view import tail_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.catalog import Timeout
    from monitorlint.index.browsers import Browsers
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

Limit = tuple[str, "float | None"]
"""``set``, ``none`` (nothing limits the call), ``default`` or ``unknown``, and the seconds where they are known."""

_LIMITING_CALLS: Final = frozenset({"wait_for", "timeout", "Timeout", "timeout_at", "fail_after", "move_on_after"})
_LIMITING_WORDS: Final = frozenset({"timeout", "deadline"})
# `setTimeout` runs what it is handed later, however long that takes.
_TIMERS: Final = frozenset({"set", "clear"})


class Limits:
    """Tells what limits the calls of a project in time."""

    def __init__(self, project: Project, surroundings: Surroundings, browsers: Browsers) -> None:
        """Take the project.

        :param browsers: Tells which code runs in browsers alone: how long these wait is theirs to say.
        """
        self._project = project
        self._surroundings = surroundings
        self._browsers = browsers
        self._own_senders = OwnSenders(project)
        self._settings: dict[tuple[str, ...], tuple[External, ...]] = {}

    def of(self, found: FoundCall) -> Limit:
        """What limits one call."""
        spec, view = found.match.timeout, found.view
        if _waited_for(view, found.number):
            return "set", None
        limit = ("default", None) if spec is None else self._said(found, spec)
        if limit[0] == "none" and spec is not None and self._may_be_limited(found, spec):
            return "unknown", None
        return limit

    def _said(self, found: FoundCall, spec: Timeout) -> Limit:
        project, view, call = self._project, found.view, found.view.facts.calls[found.number]
        own = _limit(project, view, with_options(call, found.match.options_at), spec.call, spec.position, spec)
        if own is not None:
            return own
        origin = found.value.origin
        there = project.view(origin[0]) if origin is not None else None
        if origin is not None and there is not None:
            maker = with_options(there.facts.calls[origin[1]], spec.client_options)
            made = _limit(project, there, maker, spec.client, spec.client_position, spec)
            if made is not None:
                return made
        elif found.match.client and spec.client:
            return "unknown", None
        return ("none", None) if spec.unlimited else ("default", spec.default)

    def _may_be_limited(self, found: FoundCall, spec: Timeout) -> bool:
        """Whether something that is not the call's own may limit it after all."""
        package = found.match.entry.package
        return (
            self._browsers.run_alone(found.view.path)
            or self._browsers.handle(found.view, found.number)
            or _raced(found.view, found.number)
            or self._own_senders.limit(found)
            or (bool(spec.versions) and not self._surroundings.satisfies(package, spec.versions, found.view.path))
            or any(self._is_for(setting, found) for setting in self._set_elsewhere(spec.elsewhere))
        )

    @staticmethod
    def _is_for(setting: External, found: FoundCall) -> bool:
        """Whether a setting is one of all clients, or of the one that a call is made on."""
        return setting.origin is None or setting.origin == found.value.origin

    def _set_elsewhere(self, paths: tuple[str, ...]) -> tuple[External, ...]:
        """What sets a limit for all calls of a client, or of a package: `client.defaults.timeout = 5000`."""
        if paths not in self._settings:
            views = self._project.views() if paths else ()
            self._settings[paths] = tuple(setting for view in views for setting in self._settings_in(view, paths))
        return self._settings[paths]

    def _settings_in(self, view: FileView, paths: tuple[str, ...]) -> Iterator[External]:
        resolver = self._project.resolver
        for path in paths:
            if path.endswith("()"):
                for number in view.calls_by_tail.get(tail_of(path.removesuffix("()")), ()):
                    if view.facts.calls[number].args or view.facts.calls[number].spread:
                        values = resolver.callee(view, number)
                        yield from (v for v in values if isinstance(v, External) and f"{v.path}()" == path)
                continue
            attribute = f".{path.partition('.')[2]}"
            for binding in view.facts.bindings:
                if binding.name.endswith(attribute):
                    base = binding.name.removesuffix(attribute)
                    scope = view.facts.blocks[binding.block].scope
                    values = resolver.resolve(base, view, scope, binding.start)
                    yield from (v for v in values if isinstance(v, External))


def keyword_of(found: FoundCall, call: Call) -> str:
    """The keyword that limits the call, or by which a limit may be added to it; ``""``: none that takes a number."""
    spec = found.match.timeout
    # Who is handed a function does not always hand keywords on to it.
    if spec is None or spec.takes_object or not spec.call or found.forwarded:
        return ""
    if spec.position is not None and spec.position < len(call.args):
        return ""
    given = with_options(call, found.match.options_at).kwargs
    return next((keyword for keyword in spec.call if keyword in given), spec.call[0])


def with_options(call: Call, position: int | None) -> Call:
    """The call as if it were handed nothing by name but the options that stand at a position; None: as it is."""
    if position is None:
        return call
    unpacked: list[Expr] = [expr for expr in call.spread if expr is None]
    options = call.args[position] if position < len(call.args) else ("map", ())
    if not isinstance(options, (tuple, list)) or options[0] not in {"map", "lit"}:
        return call._replace(kwargs={}, spread=[options, *unpacked])
    parts = options[1] if options[0] == "map" else ()
    named = {key: part for key, part in parts if key not in {"", "**"}}
    for key, part in list(named.items()):
        if isinstance(part, (tuple, list)) and part[0] == "map":
            named.update({f"{key}.{inner}": value for inner, value in part[1]})
    return call._replace(kwargs=named, spread=[*(part for key, part in parts if key == "**"), *unpacked])


def _limit(
    project: Project, view: FileView, call: Call, keywords: tuple[str, ...], position: int | None, spec: Timeout
) -> Limit | None:
    """What a call's arguments say of its limit; None where they say nothing."""
    for keyword in keywords:
        if keyword in call.kwargs:
            return _limit_of(project, view, call, call.kwargs[keyword], spec)
    if position is not None and position < len(call.args):
        return _limit_of(project, view, call, call.args[position], spec)
    for expr in call.spread:
        if isinstance(expr, str) and view.is_parameter(expr, call.scope, {"**"}):
            return "unknown", None
        values = project.resolver.resolve(expr, view, call.scope, call.start)
        if len(values) != 1 or not isinstance(values[0], Collected) or not isinstance(values[0].expr, (tuple, list)):
            return "unknown", None
        kind, parts = values[0].expr
        if kind != "map" or any(k in {"", "**"} for k, _ in parts):
            return "unknown", None
        if any(k in keywords for k, _ in parts) or added_later(view, expr, keywords):
            return "set", None
    return None


def _limit_of(project: Project, view: FileView, call: Call, expr: Expr, spec: Timeout) -> Limit:
    values = project.resolver.resolve(expr, view, call.scope, call.start)
    literals = [v.value for v in values if isinstance(v, Literal)]
    if len(values) == 1 and literals == [None]:
        return ("none" if _is_none(view, expr, call.scope, call.start) else "unknown"), None
    number = literals[0] if len(values) == 1 and literals else None
    if isinstance(number, (int, float)) and not isinstance(number, bool):
        return "set", number / 1000 if spec.milliseconds else float(number)
    return "set", None


def _is_none(view: FileView, expr: Expr, scope: int, offset: int) -> bool:
    """Whether an expression is ``None`` whichever way the code goes: what cannot be resolved may be a limit."""
    if isinstance(expr, (tuple, list)):
        if expr[0] == "any":
            return all(_is_none(view, part, scope, offset) for part in expr[1])
        return expr[0] == "lit" and expr[1] is None
    if not isinstance(expr, str):
        return False
    first, _, attribute = expr.partition(".")
    owner = view.instance_of(scope, first) if attribute else None
    rows = view.members.get(owner, {}).get(attribute, []) if owner is not None else []
    if not attribute:
        rows = next((view.bindings[s, first] for s in (scope, 0) if (s, first) in view.bindings), [])
        rows = live_bindings(view, rows, offset) if rows and rows[0].scope == scope else rows
    return bool(rows) and all(
        row.how == "assign" and row.name != row.value and _is_none(view, row.value, row.scope, row.start)
        for row in rows
    )


def _waited_for(view: FileView, number: int) -> bool:
    """``asyncio.wait_for(call)``, or ``with timeout(5):`` around it."""
    call = view.facts.calls[number]
    if any(tail_of(outer.callee) == "wait_for" for outer in _handed_to(view, number)):
        return True
    for at in view.blocks_around(call):
        block = view.facts.blocks[at]
        if block.kind == "with" and any(tail_of(view.callee_of(i)) in _LIMITING_CALLS for i in block.items):
            return True
    return False


def _handed_to(view: FileView, number: int) -> Iterator[Call]:
    """The calls among whose arguments a call stands, innermost first."""
    calls = view.facts.calls
    parent = calls[number].parent
    while parent >= 0:
        yield calls[parent]
        parent = calls[parent].parent


def _raced(view: FileView, number: int) -> bool:
    """Whether a call may be given up by what it is handed to, or by what is chained to it.

    ``Promise.race([call, late])``, ``withTimeout(call, 5000)``, ``call.pipe(timeout(5000))``, also by way of a name:
    ``const pending = call; await Promise.race([pending, late])``. A request of Node's is limited by ``setTimeout`` of
    its own, or given up by whoever holds it: ``setTimeout(() => request.destroy(), 5000)``.
    """
    calls = view.facts.calls
    last = number
    for chained, name in _chained(view, number):
        arguments = map(view.callee_of, calls[chained].args)
        if _gives_up(name) or name == "setTimeout":
            return True
        if name == "pipe" and any(_gives_up(tail_of(argument)) for argument in arguments):
            return True
        last = chained
    if any(_gives_up(tail_of(outer.callee)) for outer in _handed_to(view, number)):
        return True
    # Facts from the cache are lists.
    made = (("call", last), ["call", last])
    names = {b.name for b in view.facts.bindings if b.value in made and "." not in b.name}
    function = view.function_of(calls[number].scope)
    here = [other for other in calls if view.function_of(other.scope) == function] if names else []
    if any(not names.isdisjoint(_names_among(o.args)) for o in here if _gives_up(tail_of(o.callee))):
        return True
    asked = {o.callee for o in here if isinstance(o.callee, str)}
    is_late = "setTimeout" in asked
    return any(
        f"{name}.setTimeout" in asked or (is_late and not asked.isdisjoint((f"{name}.destroy", f"{name}.abort")))
        for name in names
    )


def _chained(view: FileView, number: int) -> Iterator[tuple[int, str]]:
    """The calls that are chained to one, with their names: ``call.then(…).pipe(…)``."""
    calls = view.facts.calls
    start, last = calls[number].start, number
    for other in range(number - 1, -1, -1):
        if calls[other].start < start:
            return
        callee = calls[other].callee
        if isinstance(callee, (tuple, list)) and callee[0] == "attr" and callee[1] in (("call", last), ["call", last]):
            yield other, callee[2]
            last = other


def _gives_up(name: str) -> bool:
    """Whether a function is named like one that gives up what it is handed after a while: `race`, `withTimeout`."""
    words = words_of(name)
    return name == "race" or (not _LIMITING_WORDS.isdisjoint(words) and _TIMERS.isdisjoint(words))


def _names_among(args: Iterable[Expr]) -> Iterator[str]:
    for arg in args:
        if isinstance(arg, str):
            yield arg
        elif isinstance(arg, (tuple, list)) and arg and arg[0] == "seq":
            yield from _names_among(arg[1])
