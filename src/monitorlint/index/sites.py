"""The sites of a project, with their verdicts: what ``check`` and ``coverage`` are two views of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.limits import keyword_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.finding import Confidence, Evidence, Region
from monitorlint.model.site import MonitoredBy, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.limits import Limit, Limits
    from monitorlint.index.monitored import Monitoring
    from monitorlint.index.swallows import Swallows
    from monitorlint.index.verdict import Verdict
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call
    from monitorlint.model.site import Level


def call_sites(
    monitoring: Monitoring,
    limits: Limits,
    calls: Iterable[FoundCall],
    require: Level,
    swallows: Swallows | None = None,
) -> Iterator[Site]:
    """Calls that leave the project as sites, in their order.

    :param swallows: Finds the handlers that swallow what a call raises, where a rule asks for them.
    """
    for found in calls:
        verdict = monitoring.of(found)
        if verdict.is_own:
            continue
        site = call_site(found, verdict, limits.of(found), require)
        swallowed = swallows.of(found) if swallows is not None else None
        yield site._replace(swallowed=swallowed) if swallowed is not None else site


def region_of(call: Call) -> Region:
    """Where a call stands, 1-based."""
    return Region(call.row + 1, call.column + 1, call.end_row + 1, call.end_column + 1, call.start, call.end)


def call_site(found: FoundCall, verdict: Verdict, limit: Limit, require: Level) -> Site:
    """One call as a site."""
    view, match = found.view, found.match
    call = view.facts.calls[found.number]
    monitor = verdict.monitor
    enough = monitor is not None and monitor.level.rank >= require.rank
    status = "unmonitored" if not enough else "unknown" if verdict.undecided else "monitored"
    timeout, seconds = limit
    keyword = keyword_of(found, call)
    identity = Confidence.LOW if verdict.by_hand else _identity(found)
    return Site(
        kind=match.entry.kind,
        path=view.path,
        region=region_of(call),
        language=view.facts.language,
        area=view.area,
        confidence=Confidence.LOW if status == "unknown" else identity,
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
        is_connection=match.shape == "socket",
        timeout=timeout,
        timeout_seconds=seconds,
        timeout_keyword=keyword,
        timeout_milliseconds=bool(keyword and found.match.timeout and found.match.timeout.milliseconds),
        identity=identity,
    )


def _identity(found: FoundCall) -> Confidence:
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


def _text(call: Call, found: FoundCall) -> str:
    callee = call.callee if isinstance(call.callee, str) else found.match.target
    return f"{callee}({', '.join(sorted(call.kwargs))})"[:200]
