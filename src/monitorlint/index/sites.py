"""The sites of a project, with their verdicts: what ``check`` and ``coverage`` are two views of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.flow import live_bindings
from monitorlint.index.values import Collected, Literal
from monitorlint.index.view import tail_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.finding import Confidence, Evidence, Region
from monitorlint.model.site import MonitoredBy, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.catalog import Timeout
    from monitorlint.index.browsers import Browsers
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.monitored import Monitoring
    from monitorlint.index.project import Project
    from monitorlint.index.swallows import Swallows
    from monitorlint.index.verdict import Verdict
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call
    from monitorlint.model.site import Level

_LIMITING_CALLS = frozenset({"wait_for", "timeout", "timeout_at", "fail_after", "move_on_after"})


def call_sites(
    project: Project,
    monitoring: Monitoring,
    calls: Iterable[FoundCall],
    require: Level,
    browsers: Browsers,
    swallows: Swallows | None = None,
) -> Iterator[Site]:
    """Calls that leave the project as sites, in their order.

    :param browsers: Tells which code runs in browsers alone: how long these wait is theirs to say.
    :param swallows: Finds the handlers that swallow what a call raises, where a rule asks for them.
    """
    for found in calls:
        site = call_site(project, found, monitoring.of(found), require)
        if site.timeout == "none" and browsers.run_alone(site.path):
            site = site._replace(timeout="unknown")
        swallowed = swallows.of(found) if swallows is not None else None
        yield site._replace(swallowed=swallowed) if swallowed is not None else site


def region_of(call: Call) -> Region:
    """Where a call stands, 1-based."""
    return Region(call.row + 1, call.column + 1, call.end_row + 1, call.end_column + 1, call.start, call.end)


def call_site(project: Project, found: FoundCall, verdict: Verdict, require: Level) -> Site:
    """One call as a site."""
    view, match = found.view, found.match
    call = view.facts.calls[found.number]
    monitor = verdict.monitor
    enough = monitor is not None and monitor.level.rank >= require.rank
    status = "unmonitored" if not enough else "unknown" if verdict.undecided else "monitored"
    timeout, seconds = _timeout(project, found)
    keyword = _timeout_keyword(found, call)
    return Site(
        kind=match.entry.kind,
        path=view.path,
        region=region_of(call),
        language=view.facts.language,
        area=view.area,
        confidence=_confidence(found, status),
        target=match.target,
        is_async=_is_async(found, call),
        stream=_stream(found, call),
        status=status,
        function=view.symbol(view.function_of(call.scope)),
        text=_text(call, found),
        provider=match.entry.provider,
        monitored_by=None
        if monitor is None
        else MonitoredBy(monitor.how, monitor.level, monitor.name, monitor.path, monitor.row + 1),
        evidence=_evidence(verdict),
        reason=verdict.undecided if status == "unknown" else "",
        timeout=timeout,
        timeout_seconds=seconds,
        timeout_keyword=keyword,
        timeout_milliseconds=bool(keyword and found.match.timeout and found.match.timeout.milliseconds),
    )


def _confidence(found: FoundCall, status: str) -> Confidence:
    if status == "unknown":
        return Confidence.LOW
    if found.match.confidence is Confidence.HIGH and not found.certain:
        return Confidence.MEDIUM
    return found.match.confidence


def _evidence(verdict: Verdict) -> tuple[Evidence, ...]:
    if verdict.monitor is None:
        return ()
    monitor = verdict.monitor
    first = Evidence(monitor.path, monitor.row + 1, monitor.name)
    return (first, *(Evidence(path, row + 1, "calls on") for path, row in verdict.chain))


def _is_async(found: FoundCall, call: Call) -> bool:
    if found.match.is_async is not None:
        return found.match.is_async
    return bool(call.flags & CallFlag.AWAITED)


def _stream(found: FoundCall, call: Call) -> str:
    stream = found.match.stream
    if stream in {"", "always"}:
        return "yes" if stream else "no"
    value = call.kwargs.get(stream) or _in_an_object(call, stream)
    if value is None and stream not in call.kwargs:
        return "maybe" if call.spread or (found.match.options_at is not None and _holds_more(call)) else "no"
    if isinstance(value, (tuple, list)) and value[0] == "lit":
        return "yes" if value[1] else "no"
    return "maybe"


def _in_an_object(call: Call, key: str) -> Expr:
    """What an object among the arguments holds under a key: the last of several is not always the one that has it."""
    objects = (a[1] for a in call.args if isinstance(a, (tuple, list)) and a[0] == "map")
    return next((part for parts in objects for k, part in parts if k == key), None)


def _holds_more(call: Call) -> bool:
    """Whether the first argument is an object that is not written out here."""
    first = call.args[0] if call.args else None
    return isinstance(first, str) or (first is not None and first[0] in {"call", "attr", "item", "any"})


def _with_options(call: Call, position: int | None) -> Call:
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


def _text(call: Call, found: FoundCall) -> str:
    callee = call.callee if isinstance(call.callee, str) else found.match.target
    return f"{callee}({', '.join(sorted(call.kwargs))})"[:200]


def _timeout(project: Project, found: FoundCall) -> tuple[str, float | None]:
    """``set``, ``none`` (nothing limits the call), ``default`` or ``unknown``, and the seconds where they are known."""
    spec = found.match.timeout
    view, call = found.view, found.view.facts.calls[found.number]
    if _limited_around(view, found.number):
        return "set", None
    if spec is None:
        return "default", None
    own = _limit(project, view, _with_options(call, found.match.options_at), spec.call, spec.position, spec)
    if own is not None:
        return own
    origin = found.value.origin
    there = project.view(origin[0]) if origin is not None else None
    if origin is not None and there is not None:
        made = _limit(project, there, there.facts.calls[origin[1]], spec.client, spec.client_position, spec)
        if made is not None:
            return made
    elif found.match.client and spec.client:
        return "unknown", None
    return ("none", None) if spec.unlimited else ("default", spec.default)


def _timeout_keyword(found: FoundCall, call: Call) -> str:
    """The keyword that limits the call, or by which a limit may be added to it."""
    spec = found.match.timeout
    # Who is handed a function does not always hand keywords on to it.
    if spec is None or spec.takes_object or not spec.call or found.forwarded:
        return ""
    if spec.position is not None and spec.position < len(call.args):
        return ""
    given = _with_options(call, found.match.options_at).kwargs
    return next((keyword for keyword in spec.call if keyword in given), spec.call[0])


def _limit(
    project: Project, view: FileView, call: Call, keywords: tuple[str, ...], position: int | None, spec: Timeout
) -> tuple[str, float | None] | None:
    """What a call's arguments say of its limit; None where they say nothing."""
    for keyword in keywords:
        if keyword in call.kwargs:
            return _limit_of(project, view, call, call.kwargs[keyword], spec)
    if position is not None and position < len(call.args):
        return _limit_of(project, view, call, call.args[position], spec)
    for expr in call.spread:
        values = project.resolver.resolve(expr, view, call.scope, call.start)
        if len(values) != 1 or not isinstance(values[0], Collected) or not isinstance(values[0].expr, tuple):
            return "unknown", None
        kind, parts = values[0].expr
        if kind != "map" or any(k in {"", "**"} for k, _ in parts):
            return "unknown", None
        if any(k in keywords for k, _ in parts) or _added_later(view, expr, keywords):
            return "set", None
    return None


def _added_later(view: FileView, expr: Expr, keywords: tuple[str, ...]) -> bool:
    """``kwargs["timeout"] = 5``, or anything else that the dict gets after its literal."""
    if not isinstance(expr, str):
        return False
    written = any(
        b.name.startswith(f"{expr}[]") and b.name[len(expr) + 2 :] in {"", *keywords} for b in view.facts.bindings
    )
    return written or any(c.callee == f"{expr}.update" for c in view.facts.calls)


def _limit_of(project: Project, view: FileView, call: Call, expr: Expr, spec: Timeout) -> tuple[str, float | None]:
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


def _limited_around(view: FileView, number: int) -> bool:
    call = view.facts.calls[number]
    parent = call.parent
    while parent >= 0:
        if tail_of(view.facts.calls[parent].callee) == "wait_for":
            return True
        parent = view.facts.calls[parent].parent
    for at in view.blocks_around(call):
        block = view.facts.blocks[at]
        if block.kind == "with" and any(tail_of(view.callee_of(i)) in _LIMITING_CALLS for i in block.items):
            return True
    return False
