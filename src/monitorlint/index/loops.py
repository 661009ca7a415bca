"""The verdict on one loop.

Who decides when it stops, and is there a number or a clock in the code as well?

The rows of the decision table are asked in order: service loops first, because a reported service costs the
user's trust; then what the code alone proves; then evident bounds; then what depends on the outside. What no
row claims is taken for bounded.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from monitorlint.index.loop_bounds import bound
from monitorlint.index.loop_case import CallKinds, Case
from monitorlint.index.loop_certain import (
    end_of_input,
    endless,
    idle_turn,
    no_exit,
    same_match,
    stale_condition,
    wrong_direction,
)
from monitorlint.index.loop_hazards import (
    Hazard,
    asks_model,
    depends_on_outside,
    pages,
    polls,
    retried_answers,
    retried_errors,
)
from monitorlint.index.loop_service import service, swallowed_prompt
from monitorlint.model.facts import CallFlag
from monitorlint.model.finding import Confidence
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.model.facts import Call, FileFacts
    from monitorlint.model.loops import Loop

__all__ = ["CallKinds", "LoopVerdict", "classify"]

_UNREPAIRABLE = frozenset({"MON301", "MON302", "MON309", "MON310"})
"""A guard tells where such a loop hangs and repairs nothing: it stays reported."""
_CERTAIN = (no_exit, stale_condition, same_match, wrong_direction, idle_turn)
_OPEN = (end_of_input, retried_errors, asks_model, retried_answers, pages, polls, depends_on_outside)
_BATCH_KINDS = frozenset({"ai", "http", "db"})


class LoopVerdict(NamedTuple):
    """What is known of one loop."""

    status: Literal["bounded", "guarded", "service", "unbounded"]
    reason: str
    """The class: the row of the decision table."""
    code: str = ""
    """The rule that speaks of it, ``""`` unless ``unbounded``."""
    detail: str = ""
    """Who decides when the loop stops: a clause that follows the loop's header in a sentence."""
    confidence: Confidence = Confidence.HIGH
    evidence: tuple[tuple[int, str], ...] = ()
    """Rows of the same file, 1-based, and what each shows."""


def classify(loop: Loop, facts: FileFacts, kinds: CallKinds) -> LoopVerdict:
    """The verdict on ``loop``.

    :param facts: The facts of the loop's file.
    :param kinds: What the index knows of that file's calls.
    """
    case = Case(loop, facts, kinds)
    if loop.plain:
        return _batch(case)
    verdict = _judge(case)
    guard = next((c for c in loop.calls if c.steady and not c.inner and case.is_guard(c.call)), None)
    if (
        guard is None
        or verdict.code in _UNREPAIRABLE
        or (verdict.status != "unbounded" and verdict.reason != "undecided")
    ):
        return verdict
    row = facts.calls[guard.call].row + 1
    return LoopVerdict("guarded", verdict.reason, evidence=((row, "loop guard"),))


def _judge(case: Case) -> LoopVerdict:
    loop = case.loop
    prompts = [c for c in loop.calls if case.is_prompt(c.call)]
    if prompts and swallowed_prompt(case, prompts):
        hazard = retried_errors(case)
        return _reported(hazard) if hazard is not None else LoopVerdict("service", "prompt")
    kind = service(case)
    if kind:
        return LoopVerdict("service", kind)
    if loop.kind == "generator":
        return LoopVerdict("bounded", "generator")
    if loop.kind in {"iterator", "comprehension"} and not endless(case):
        return _sentinel(case)
    for row in _CERTAIN:
        hazard = row(case)
        if hazard is not None:
            return _reported(hazard)
    if loop.kind == "comprehension":
        return LoopVerdict("bounded", "undecided", confidence=Confidence.LOW)
    if not loop.backs:
        return LoopVerdict("bounded", "one-turn")
    reason = bound(case)
    if reason:
        return LoopVerdict("bounded", reason)
    for row in _OPEN:
        hazard = row(case)
        if hazard is not None:
            return _reported(_for_iterator(case, hazard))
    return LoopVerdict("bounded", "undecided", confidence=Confidence.LOW)


def _for_iterator(case: Case, hazard: Hazard) -> Hazard:
    """MON311 speaks of endless iterators where no other row knows more than that the outside decides."""
    if case.loop.kind != "iterator" or hazard.code not in {"MON305", "MON307"}:
        return hazard
    return Hazard("MON311", "iterator", hazard.detail, hazard.confidence, hazard.row, hazard.shown)


def _sentinel(case: Case) -> LoopVerdict:
    """``iter(callable, sentinel)``, or a function that only bears the name of an endless iterator."""
    loop = case.loop
    calls = loop.iterated.calls if loop.iterated is not None else []
    outside = [c for c in calls if case.kind(c) in {"ai", "http"}]
    if not outside or case.callee(calls[0]) != "iter" or bound(case):
        return LoopVerdict("bounded", "eof-read" if calls and case.callee(calls[0]) == "iter" else "collection")
    detail = f"calls `{case.callee(outside[0])}` again until it answers with the sentinel"
    return _reported(Hazard("MON311", "iterator", detail, Confidence.MEDIUM))


def _reported(hazard: Hazard) -> LoopVerdict:
    evidence = ((hazard.row + 1, hazard.shown),) if hazard.row >= 0 else ()
    return LoopVerdict("unbounded", hazard.reason, hazard.code, hazard.detail, hazard.confidence, evidence)


def _batch(case: Case) -> LoopVerdict:
    """MON320: a ``for`` whose body itself awaits, asks a model, fetches or queries."""
    loop, facts = case.loop, case.facts
    named = ""
    first = bisect_left(facts.calls, loop.body_start, key=attrgetter("start"))
    for number in range(first, len(facts.calls)):
        call = facts.calls[number]
        if call.start >= loop.body_end:
            break
        if not _is_directly_in(call, case):
            continue
        if case.is_guard(number):
            return LoopVerdict("guarded", "batch", evidence=((call.row + 1, "loop guard"),))
        if not named and (case.kind(number) in _BATCH_KINDS or call.flags & CallFlag.AWAITED):
            named = case.callee(number)
    if not named:
        return LoopVerdict("bounded", "collection")
    return LoopVerdict("unbounded", "batch", "MON320", f"calls `{named}` once per element, however many there are")


def _is_directly_in(call: Call, case: Case) -> bool:
    """No other loop or function is nearer."""
    blocks = case.facts.blocks
    number = call.block
    while number >= 0:
        block = blocks[number]
        if block.kind == "loop":
            return block.start == case.loop.body_start
        if block.kind in {"body", "comprehension", "generator"}:
            return False
        number = block.parent
    return False
