"""One loop with its file's facts at hand: the questions that the rows of the decision table ask."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from monitorlint.index import loop_words as words
from monitorlint.index.view import OWN_NAMES, tail_of
from monitorlint.model.facts import CallFlag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call, FileFacts
    from monitorlint.model.loops import Atom, Loop, LoopCall, Reading, Stop, Write

"""Names by which a method calls its own object."""
_OUTSIDE = frozenset({"ai", "http", "db", "email"})
_SETTLING = frozenset({"then", "catch", "finally"})
# Far enough for ``response = …; page = response.json(); done = page["end"]``; longer chains prove little.
_MOST_STEPS = 12


class CallKinds(Protocol):
    """What the index knows of the calls of one file."""

    def kind_of(self, call: int) -> str | None:
        """``ai``, ``http``, ``db``, ``email`` or ``file`` for a site, or a call of the project that makes one."""

    def path_of(self, call: int) -> str | None:
        """Resolved dotted path of the callee, None where it is unknown."""

    def is_guard(self, call: int) -> bool:
        """Whether the call is a loop guard."""

    def named(self, name: str) -> Sequence[Call]:
        """The calls of the file whose callee's last name is this, in source order."""


def spoken(expr: Expr, facts: FileFacts) -> str:
    """A callee as people would write it."""
    if isinstance(expr, str):
        return expr
    if expr and expr[0] == "attr":
        return f"{spoken(expr[1], facts)}.{expr[2]}"
    if expr and expr[0] == "call":
        return f"{spoken(facts.calls[expr[1]].callee, facts)}()"
    return "…"


class Case:
    """A loop to be judged."""

    def __init__(self, loop: Loop, facts: FileFacts, kinds: CallKinds) -> None:
        self.loop = loop
        self.facts = facts
        self._kinds = kinds
        self._rows = {c.call: c for c in loop.calls}

    # Calls -----------------------------------------------------------------------------------------------------------

    def kind(self, call: int) -> str | None:
        return self._kinds.kind_of(call)

    def is_guard(self, call: int) -> bool:
        return self._kinds.is_guard(call)

    def calls_named(self, name: str) -> Sequence[Call]:
        """The calls of the whole file whose callee's last name is this."""
        return self._kinds.named(name)

    def path(self, call: int) -> str:
        """The resolved path of a callee, or its text."""
        return self._kinds.path_of(call) or self.callee(call)

    def callee(self, call: int) -> str:
        return spoken(self.facts.calls[call].callee, self.facts)

    def tail(self, call: int) -> str:
        """Last name of a callee, without the marks that only say "private", spelt as the lists of words are."""
        return words.fold(tail_of(self.facts.calls[call].callee).lstrip("_#"))

    def whole(self, call: int) -> int:
        """The longest call that begins where ``call`` does: all of ``client().files.get()``, without ``.finally()``."""
        start = self.facts.calls[call].start
        same = [c.call for c in self.loop.calls if self.facts.calls[c.call].start == start]
        same = [c for c in same if self.tail(c) not in _SETTLING]
        return max([call, *same], key=lambda c: self.facts.calls[c].end)

    def receiver(self, call: int) -> str:
        return self.callee(call).rpartition(".")[0]

    def awaited(self, call: int) -> bool:
        return bool(self.facts.calls[call].flags & CallFlag.AWAITED)

    def of_kind(self, *kinds: str) -> list[LoopCall]:
        """The loop's calls of these kinds."""
        return [c for c in self.loop.calls if self.kind(c.call) in kinds]

    def is_sleep(self, call: int) -> bool:
        tail = self.tail(call)
        if tail == "set_timeout":
            return self.path(call) in words.SLEEP_PATHS or self._resolves_later(call)
        return self.path(call) in words.SLEEP_PATHS or words.SLEEP.search(tail) is not None

    def _resolves_later(self, call: int) -> bool:
        """``await new Promise(resolve => setTimeout(resolve, 500))``."""
        start = self.facts.calls[call].start
        promises = [self.facts.calls[c.call] for c in self.loop.calls if self.callee(c.call) == "Promise"]
        return any(p.start < start < p.end for p in promises)

    def is_clock(self, call: int) -> bool:
        return self.tail(call) in words.CLOCK

    def is_prompt(self, call: int) -> bool:
        path = self.path(call)
        if path in words.PROMPT_PATHS or self.tail(call) in words.PROMPT or words.PROMPT_PACKAGES.search(path):
            return True
        return words.PROMPT_OWNERS.search(self.callee(call)) is not None and self.kind(call) is None

    def prompts_inside(self, call: int) -> bool:
        """Whether a function of the same file that is called here waits for a person."""
        return any(
            (isinstance(c.callee, str) and c.callee in words.PROMPT_PATHS) or self.path(number) in words.PROMPT_PATHS
            for number, c in self._made_by(call)
        )

    def reads_clock_inside(self, call: int) -> bool:
        """Whether a function of the same file that is called here looks at a clock: it may know when to give up."""
        return any(words.fold(tail_of(c.callee)) in words.CLOCK for _, c in self._made_by(call))

    def _made_by(self, call: int) -> Iterator[tuple[int, Call]]:
        """The calls in the function of the same file that is called here, with their numbers."""
        if not self.is_of_project(call):
            return
        name = self.path(call).rpartition(":")[2].rpartition(".")[2]
        scopes = {n for n, s in enumerate(self.facts.scopes) if s.name == name and s.kind == "function"}
        yield from ((n, c) for n, c in enumerate(self.facts.calls) if c.scope in scopes)

    def is_of_project(self, call: int) -> bool:
        """Whether the callee is a function of the project."""
        return self.path(call).startswith("project:")

    def asks_person(self, call: int) -> bool:
        """A callee that only by its name waits for a person."""
        name = words.fold(self.receiver(call).rpartition(".")[2])
        return words.ASKS.search(self.tail(call)) is not None or name in words.ASKERS

    def is_pump(self, call: int) -> bool:
        """A receive that blocks until a peer pushes something."""
        tail = self.tail(call)
        if self.kind(call) in _OUTSIDE:
            return False
        if tail in words.PUMP or words.PUMP_NAME.search(tail):
            return True
        receiver = self.receiver(call).rpartition(".")[2]
        if tail == "wait":
            # ``await woken.wait()`` without a limit sleeps until somebody calls.
            row = self.facts.calls[call]
            woken = receiver != "" and not row.args and not row.kwargs and self.receiver(call) not in OWN_NAMES
            return woken or words.CONDITION.search(receiver) is not None
        if tail == "select":
            return self.path(call) == "select.select" or words.CONSUMER.search(receiver) is not None
        if tail in {"get", "aget", "get_async"}:
            row = self.facts.calls[call]
            if tail == "get" and not row.args and not row.kwargs and "(" not in self.receiver(call):
                # A mapping's ``get`` wants a key: this one takes what comes next out of a queue.
                return True
            return words.QUEUE.search(receiver) is not None and not any(_is_text(a) for a in row.args)
        return tail in {"poll", "read", "get_event"} and words.CONSUMER.search(receiver) is not None

    def is_read(self, call: int) -> bool:
        return self.tail(call) in words.READ

    def is_logging(self, call: int) -> bool:
        tail = self.tail(call)
        if tail in words.LOGGING_ELSEWHERE and self.receiver(call) in OWN_NAMES:
            return False
        return tail in words.LOGGING and self.kind(call) is None

    def is_pure(self, call: int) -> bool:
        tail = self.tail(call)
        if self.kind(call) is not None or (tail in words.ASKED and self.awaited(call)):
            return False
        return tail in words.PURE or tail in words.CLOCK

    def is_random(self, call: int) -> bool:
        return words.RANDOM.search(self.path(call)) is not None

    def is_outside(self, call: int) -> bool:
        """Another system answers: a model, a server, a database, a browser."""
        return self.kind(call) in _OUTSIDE or self.tail(call) in words.BROWSER

    def is_opaque(self, call: int) -> bool:
        """Neither known to be harmless nor known to be anything else."""
        return not (
            self.is_sleep(call)
            or self.is_logging(call)
            or self.is_pure(call)
            or self.is_random(call)
            or self.is_guard(call)
            or self.callee(call) in {"Promise", "Date"}
        )

    @cached_property
    def sleeps(self) -> bool:
        return any(self.is_sleep(c.call) for c in self.loop.calls)

    @cached_property
    def blocks(self) -> bool:
        """The loop waits for somebody's push, on every turn where all it does is wait to be woken."""
        return any(self.is_pump(c.call) and (c.steady or self.tail(c.call) != "wait") for c in self.loop.calls)

    # Names -----------------------------------------------------------------------------------------------------------

    @cached_property
    def _writes(self) -> dict[str, list[Write]]:
        table: dict[str, list[Write]] = {}
        for write in self.loop.writes:
            table.setdefault(write.name, []).append(write)
        return table

    def writes_of(self, name: str) -> list[Write]:
        """Writes to a name, or to something that it is an attribute of."""
        found: list[Write] = []
        parts = name.split(".")
        for end in range(len(parts), 0, -1):
            writes = self._writes.get(".".join(parts[:end]), [])
            if end == 1 and parts[0] in OWN_NAMES:
                # ``self.x`` does not change because ``self.log()`` is called.
                writes = [w for w in writes if not w.how.startswith(".")]
            found += writes
        return found

    def origins(self, names: Iterable[str]) -> tuple[set[str], set[int]]:
        """The names and calls that a value is computed from within the loop."""
        seen: set[str] = set()
        calls: set[int] = set()
        queue = list(names)
        for _ in range(_MOST_STEPS):
            fresh = [n for n in queue if n not in seen]
            if not fresh:
                break
            seen.update(fresh)
            queue = []
            for write in (w for n in fresh for w in self.writes_of(n)):
                calls.update(write.value.calls)
                queue += write.value.all_names
        for call in list(calls):
            row = self._rows.get(call)
            if row is not None:
                seen.update(row.inputs)
        return seen, calls

    def drivers(self, stop: Stop) -> tuple[set[str], set[int]]:
        """The names and calls that decide a stop."""
        names: list[str] = []
        calls: set[int] = set()
        for atom in stop.atoms:
            if atom.op == "except":
                continue
            for side in (atom.left, atom.right):
                names += side.all_names
                calls.update(side.calls)
        seen, more = self.origins(names)
        return seen, calls | more

    def direct(self, reading: Reading) -> set[int]:
        """Calls whose value is tested, at once or through plain assignments."""
        calls = set(reading.calls)
        for name in reading.names:
            calls.update(c for w in self.writes_of(name) if not w.how.startswith(".") for c in w.value.calls)
        return calls

    def depends_on_itself(self, name: str) -> bool:
        """``node = node.parent``, ``text = cut(text)``: the next value comes from the last."""
        for write in self.writes_of(name):
            if write.how.startswith(".") or write.how == "[]":
                continue
            seen, _ = self.origins(write.value.all_names)
            if name in seen or any(s == write.name or s.startswith(f"{write.name}.") for s in seen):
                return True
        return False

    def steps(self, name: str) -> list[Write]:
        """Writes by which a number moves or a collection grows or shrinks."""
        return [
            w
            for w in self.writes_of(name)
            if w.how in words.STEPS or w.how in {"[]", "del"} or words.method(w.how) in words.GROW | words.SHRINK
        ]

    def counts(self, name: str) -> bool:
        """Whether the loop moves a number of this name."""
        return any(w.how in words.STEPS for w in self.writes_of(name))

    @cached_property
    def parameters(self) -> set[str]:
        """Parameters of the functions around the loop."""
        found: set[str] = set()
        scope = self.loop.scope
        while scope >= 0:
            found.update(p.name for p in self.facts.scopes[scope].params)
            scope = self.facts.scopes[scope].parent
        return found

    def atoms(self) -> Iterator[tuple[Stop, Atom]]:
        for stop in self.loop.stops:
            for atom in stop.atoms:
                if atom.op != "except":
                    yield stop, atom

    def is_service_error(self, types: Iterable[str]) -> bool:
        return any(t.rpartition(".")[2] in words.SERVICE_ERRORS for t in types)


def _is_text(expr: Expr) -> bool:
    return isinstance(expr, (tuple, list)) and len(expr) > 1 and expr[0] == "lit" and isinstance(expr[1], str)
