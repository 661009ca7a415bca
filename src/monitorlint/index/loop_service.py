"""Block A of the decision table: loops that run until a person, a peer or a shutdown ends them, by design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index import loop_words as words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.loop_case import Case
    from monitorlint.model.loops import Atom, Handler, LoopCall


def service(case: Case) -> str:
    """The class of a service loop, ``""`` for every other loop."""
    loop = case.loop
    if loop.kind == "async-for":
        return "event-stream"
    prompts = [c for c in loop.calls if case.is_prompt(c.call)]
    if prompts:
        return "" if swallowed_prompt(case, prompts) else "prompt"
    # One call away: who waits for a person there is not seen when every other error of that call leads to another turn.
    broad = any(not h.leaves and (not h.types or words.BROAD & set(h.types)) for h in loop.handlers)
    if not broad and any(case.prompts_inside(c.call) for c in loop.calls):
        return "prompt"
    if (case.blocks and not _drains(case)) or any(_is_pushed(case, i) for i in range(len(loop.inners))):
        return "message-pump"
    if case.sleeps and (any(_is_stop_flag(case, a) for _, a in case.atoms()) or _works_while_told(case)):
        return "stop-flag"
    if _is_scheduler(case):
        return "scheduler"
    if loop.const and loop.yields and not case.of_kind("ai", "http", "db"):
        return "generator"
    return ""


def swallowed_prompt(case: Case, prompts: list[LoopCall]) -> Handler | None:
    """The handler that turns the end of standard input into another turn."""
    for prompt in prompts:
        # Keyboards polled key by key have no end of input; they raise when no key was pressed.
        if case.tail(prompt.call) in words.KEYS:
            continue
        around = [h for h in case.loop.handlers if h.attempt == prompt.attempt >= 0]
        if any(h.leaves and {"EOFError", "KeyboardInterrupt"} & set(h.types) for h in around):
            continue
        for handler in around:
            if not handler.leaves and (not handler.types or words.BROAD & set(handler.types)):
                return handler
    return None


def _is_pushed(case: Case, number: int) -> bool:
    """An inner ``async for`` over a connection: the loop around it connects again."""
    inner = case.loop.inners[number]
    if not inner.is_async or any(case.kind(c) == "ai" for c in inner.iterated.calls):
        return False
    texts = [*inner.iterated.names, *(case.callee(c) for c in inner.iterated.calls)]
    return any(words.STREAM.search(t) for t in texts)


def _drains(case: Case) -> bool:
    """``while not queue.empty(): queue.get()`` takes what is there and waits for nobody."""
    return any(
        case.tail(c) in {"empty", "qsize"}
        for s in case.loop.stops
        if s.how == "test"
        for a in s.atoms
        for c in a.left.calls
    )


def _deciders(case: Case, atom: Atom) -> Iterator[str]:
    for side in (atom.left, atom.right):
        for name in side.names:
            yield name.rpartition(".")[2]
        for call in side.calls:
            yield case.tail(call)


def _is_stop_flag(case: Case, atom: Atom) -> bool:
    names = list(_deciders(case, atom))
    if atom.op == "false":
        return any(words.RUNS_WHILE.search(n) for n in names)
    if atom.op == "true":
        # ``if stop.wait(5): break`` is a flag and a pause in one.
        waits = [c for c in atom.left.calls if case.tail(c) == "wait"]
        owners = [case.receiver(c).rpartition(".")[2] for c in waits]
        return any(words.STOPS_WHEN.search(n) for n in [*names, *owners])
    texts = [*atom.left.all_names, *atom.right.all_names]
    return any(words.STOP_STATES.search(t) for t in texts)


def _works_while_told(case: Case) -> bool:
    """``while self.enabled_by_others: sleep(); work()``: a field that only other code clears keeps a worker going."""
    tests = [s for s in case.loop.stops if s.how == "test"]
    for stop in tests:
        names = [n for a in stop.atoms for n in a.left.names]
        if len(stop.atoms) == 1 and stop.atoms[0].op == "false" and names and all("." in n for n in names):
            fixed = not stop.atoms[0].left.calls and not any(case.writes_of(n) for n in names)
            if fixed and any(case.is_opaque(c.call) for c in case.loop.calls):
                return True
    return False


def _is_scheduler(case: Case) -> bool:
    loop = case.loop
    if loop.const and case.sleeps and all(s.how == "raise" for s in loop.exits):
        return True
    if loop.const and case.is_service_error(loop.around):
        return True
    # ``except CancelledError: break`` next to a pause: a task that its owner ends.
    caught = [t for h in loop.handlers if h.leaves for t in h.types]
    return loop.const and case.sleeps and case.is_service_error(caught)
