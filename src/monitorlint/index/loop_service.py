"""Block A of the decision table: loops that run until a person, a peer or a shutdown ends them, by design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index import loop_words as words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.loop_case import Case
    from monitorlint.model.loops import Atom, Handler, LoopCall

_ENDS_PROMPT: Final = frozenset({"EOFError", "KeyboardInterrupt", "Abort"})
"""What a prompt raises at the end of its input; ``Abort`` is click's and typer's."""
_AS_TRUTH: Final[dict[tuple[str, str | None], str]] = {
    (op, literal): "true" if (literal == "True") == (op in {"is", "=="}) else "false"
    for op in ("is", "==", "is not", "!=")
    for literal in ("True", "False")
}
"""``stopped() is False`` and its kin say what ``not stopped()`` says."""


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
    if any((not broad or c.attempt < 0) and case.prompts_inside(c.call) for c in loop.calls):
        return "prompt"
    if (case.blocks and not _drains(case)) or any(_is_pushed(case, i) for i in range(len(loop.inners))):
        return "message-pump"
    if case.sleeps and (
        any(_is_stop_flag(case, a) or _is_stop_file(case, a) for _, a in case.atoms()) or _works_while_told(case)
    ):
        return "stop-flag"
    if _is_scheduler(case):
        return "scheduler"
    if loop.const and loop.yields:
        # Without a way out of its own it is the consumer who stops asking, whatever the loop asks.
        alone = all(s.how == "raise" for s in loop.exits)
        if alone or not case.of_kind("ai", "http", "db"):
            return "generator"
    return ""


def swallowed_prompt(case: Case, prompts: list[LoopCall]) -> Handler | None:
    """The handler that turns the end of standard input into another turn."""
    for prompt in prompts:
        # Keyboards polled key by key have no end of input; they raise when no key was pressed.
        if case.tail(prompt.call) in words.KEYS:
            continue
        around = [h for h in case.loop.handlers if h.attempt == prompt.attempt >= 0]
        if any(h.leaves and _ENDS_PROMPT & {t.rpartition(".")[2] for t in h.types} for h in around):
            continue
        for handler in around:
            if not handler.leaves and (not handler.types or words.BROAD & set(handler.types)):
                return handler
    return None


def is_served(case: Case) -> bool:
    """Whether the loop's function is one step of a service of the same file: of a loop that nothing ends."""
    facts = case.facts
    name = facts.scopes[case.loop.scope].name
    if facts.scopes[case.loop.scope].kind != "function":
        return False
    steps = [c.start for c in case.calls_named(name)]
    if not steps:
        return False
    endless = [o for o in facts.loops if o.const and not o.plain and not o.exits and o is not case.loop]
    return any(o.body_start <= start < o.body_end for o in endless for start in steps)


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


def _is_stop_file(case: Case, atom: Atom) -> bool:
    """``if os.path.exists(stop_file): break``: a file that comes or goes tells the loop to stop."""
    asked = [c for c in atom.left.calls if case.tail(c) in words.EXISTENCE]
    return bool(asked) and any(words.STOP_FILE.search(n) for n in atom.left.inputs)


def _deciders(case: Case, atom: Atom) -> Iterator[str]:
    for side in (atom.left, atom.right):
        for name in side.names:
            yield name.rpartition(".")[2]
        for call in side.calls:
            yield case.tail(call)


def _is_stop_flag(case: Case, atom: Atom) -> bool:
    names = list(_deciders(case, atom))
    truth = _AS_TRUTH.get((atom.op, atom.right.literal), atom.op)
    if truth == "false":
        return any(words.RUNS_WHILE.search(n) for n in names)
    if truth == "true":
        # ``if stop.wait(5): break`` is a flag and a pause in one.
        waits = [c for c in atom.left.calls if case.tail(c) == "wait"]
        owners = [case.receiver(c).rpartition(".")[2] for c in waits]
        return any(words.STOPS_WHEN.search(n) for n in [*names, *owners])
    texts = [*atom.left.all_names, *atom.right.all_names]
    return any(words.STOP_STATES.search(t) for t in texts)


def _works_while_told(case: Case) -> bool:
    """``while self.enabled_by_others: sleep(); work()``: a field that only other code clears keeps a worker going.

    ``while self.ready: sleep()`` keeps a server going that works elsewhere.
    """
    tests = [s for s in case.loop.stops if s.how == "test"]
    for stop in tests:
        names = [n for a in stop.atoms for n in a.left.names]
        if len(stop.atoms) == 1 and stop.atoms[0].op == "false" and names and all("." in n for n in names):
            fixed = not stop.atoms[0].left.calls and not any(case.writes_of(n) for n in names)
            if fixed and (
                any(case.is_opaque(c.call) for c in case.loop.calls) or any(words.KEPT_ALIVE.search(n) for n in names)
            ):
                return True
    return False


def _is_scheduler(case: Case) -> bool:
    loop = case.loop
    if loop.const and case.sleeps and all(s.how == "raise" for s in loop.exits):
        return True
    if loop.const and case.is_service_error(loop.around):
        return True
    # A program that only looks, pauses, and is ended with Ctrl-C: somebody sits in front of it.
    if case.sleeps and any(t.rpartition(".")[2] == "KeyboardInterrupt" for t in loop.around):
        return True
    # ``except CancelledError: break`` next to a pause: a task that its owner ends.
    caught = [t for h in loop.handlers if h.leaves for t in h.types]
    return loop.const and case.sleeps and case.is_service_error(caught)
