"""Block B of the decision table: evident bounds. Every doubt counts as a bound: what is not sure is not reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index import loop_words as words
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.index.loop_case import Case
    from monitorlint.model.expr import Expr
    from monitorlint.model.loops import Atom, Back, Reading, Stop

_ORDER = frozenset({"<", ">", "<=", ">="})
_EQUAL = frozenset({"==", "!=", "is", "is not"})
_EMPTY = frozenset({"None", "0", "''", '""', "``", "b''", 'b""', "[]", "{}", "()", "False", "-1"})
_AT_END = frozenset({"at_eof", "eof", "is_eof", "empty", "is_empty", "qsize", "exhausted", "is_done", "has_next"})
_FIRED = frozenset({"done", "is_set"})
"""How a task or an event is asked whether it is over."""
_CHANGES_ROWS = frozenset({"delete", "adelete", "update", "aupdate", "delete_many", "update_many", "bulk_update"})
_ROWS_CHANGED = words.Spelling(
    r"(^|[._])(deleted|updated|affected|removed|purged|row_?count|num_(deleted|updated))(_|$)"
)


def bound(case: Case) -> str:
    """The class of the bound that a loop has, ``""`` when none is evident."""
    if _is_timed(case):
        return "deadline"
    if any(words.GIVES_UP.search(case.tail(c.call)) for c in case.loop.calls):
        return "capped"
    if any(words.GIVEN_UP.search(a.text) for _, a in case.atoms()):
        return "capped"
    # ``except …: time.sleep(next(delays))``: the delays run out.
    handling = [case.tail(c.call) for c in case.loop.calls if c.handler >= 0]
    if any(t in {"next", "anext"} or words.TOLD_OF_ERRORS.search(t) for t in handling):
        return "capped"
    if _is_fixpoint_flag(case):
        return "fixpoint"
    if any(_walks(case, n) for c in case.of_kind("ai") for n in c.inputs):
        return "linked-walk"
    if case.loop.backs and all(_is_one_shot(case, b) for b in case.loop.backs):
        return "capped"
    for stop in case.loop.stops:
        types = {t.rpartition(".")[2] for a in stop.atoms if a.op == "except" for t in a.left.names}
        if types & words.END_OF_INPUT and not case.of_kind("ai", "http") and not _goes_on(case, stop):
            return "eof-read"
        for atom in stop.atoms:
            if atom.op == "except":
                continue
            found = _bound_of(case, stop, atom) or _bound_of_flag(case, stop, atom)
            if found:
                return found
    return "capped" if case.loop.backs and all(_is_counted(case, b) for b in case.loop.backs) else ""


def _walks(case: Case, name: str) -> bool:
    """The model only chooses which child a walk down the program's own structure goes to."""
    writes = case.writes_of(name)
    bound_to = [w for w in writes if w.how in {"=", "part", "for"}]
    if not bound_to or any(
        w.how in words.STEPS or w.how in {"[]", "del"} or words.method(w.how) in words.GROW for w in writes
    ):
        return False
    _, made = case.origins([name])
    return not made and case.depends_on_itself(name)


def _is_one_shot(case: Case, back: Back) -> bool:
    """``if may_retry: may_retry = False; continue``."""
    for atom in back.atoms:
        if atom.op in {"true", "false"} and len(atom.left.names) == 1 and not atom.left.calls:
            falsifying = {"true": "False", "false": "True"}[atom.op]
            if any(w.value.literal == falsifying for w in case.writes_of(atom.left.names[0]) if w.how == "="):
                return True
    return False


def _is_counted(case: Case, back: Back) -> bool:
    """``if tries < limit: tries += 1; continue``."""
    for atom in back.atoms:
        if atom.op not in _ORDER:
            continue
        small, large = (atom.left, atom.right) if atom.op in {"<", "<="} else (atom.right, atom.left)
        for reading, steps in ((small, {"+=", "*="}), (large, {"-=", "/=", "//=", ">>="})):
            if any(w.how in steps for n in reading.names for w in case.writes_of(n)):
                return True
    return False


def _bound_of_flag(case: Case, stop: Stop, atom: Atom) -> str:
    """``if delay > LIMIT: go_on = False``, and ``go_on`` is tested at the exit, or decides what is."""
    tested = [write for name in (*atom.left.names, *atom.right.names) for write in case.writes_of(name)]
    # `more = len(rows) < LIMIT; cursor = next if more else None`
    deciding = [write for one in tested if not one.known for name in one.value.names for write in case.writes_of(name)]
    for write in (*tested, *deciding):
        for inner in write.known:
            if inner.op in _ORDER and (_bound_of(case, stop, inner) in {"capped", "deadline"}):
                return "capped"
    return ""


def _goes_on(case: Case, stop: Stop) -> bool:
    """The end of the input leaves, every other error tries again: a retry that happens to read."""
    if any(case.is_read(c.call) for c in case.loop.calls):
        return False
    rows = {h.attempt for h in case.loop.handlers if h.leaves and stop.row >= h.row}
    return any(
        not h.leaves and h.attempt in rows and (not h.types or words.BROAD & set(h.types)) for h in case.loop.handlers
    )


def _is_timed(case: Case) -> bool:
    """A timeout scope, decorator or ``wait_for`` around the loop, or a check inside it."""
    for row in case.loop.calls:
        tail = case.tail(row.call)
        if words.TIMEOUT_CHECK.search(tail):
            return True
        # ``left = self.timeout_left(start)`` knows when the loop began, and raises or answers accordingly.
        if words.TIMED_OUT.search(tail) and any(words.BEGINNING.search(n) for n in row.inputs):
            return True
    # `timer = gevent.Timeout(5); timer.start()` before the loop, and `except Timeout` around it.
    if any("timeout" in name.lower() for name in case.loop.around):
        return True
    facts = case.facts
    scope = facts.scopes[case.loop.scope]
    if _is_timed_block(case, case.loop.block, case.loop.scope):
        return True
    if any("timeout" in _callee_tail(case, d).lower() for d in scope.decorators):
        return True
    if scope.kind != "function":
        return False
    own = words.fold(scope.name.lstrip("_#"))
    if any(call.args and _callee_tail(case, call.args[0]) == own for call in case.calls_named("wait_for")):
        return True
    return any(_is_timed_block(case, call.block, call.scope) for call in case.calls_named(scope.name))


def _is_timed_block(case: Case, number: int, scope: int) -> bool:
    """Inside ``with asyncio.timeout(…)`` and its kin, in the same function."""
    while number >= 0:
        block = case.facts.blocks[number]
        if block.scope != scope:
            return False
        if block.kind == "with" and any(_is_time_limit(_callee_tail(case, i)) for i in block.items):
            return True
        number = block.parent
    return False


def _is_time_limit(name: str) -> bool:
    """``asyncio.timeout(…)``, or a name such as ``lock_timeout`` that holds one."""
    return name in words.TIMEOUT_SCOPES or words.TIMED_OUT.search(name) is not None


def _callee_tail(case: Case, expr: Expr) -> str:
    if isinstance(expr, (tuple, list)) and expr and expr[0] == "call":
        return case.tail(expr[1])
    if isinstance(expr, (tuple, list)) and expr and expr[0] == "entered":
        return _callee_tail(case, expr[1])
    return tail_of(expr) if isinstance(expr, str) else ""


def _is_fixpoint_flag(case: Case) -> bool:
    """``while changed: changed = False; …; changed = True``."""
    if case.sleeps or case.of_kind("ai", "http", "db"):
        return False
    for stop in case.loop.stops:
        if stop.how == "test" and len(stop.atoms) == 1 and stop.atoms[0].op in {"true", "false"}:
            for name in stop.atoms[0].left.names:
                literals = {w.value.literal for w in case.writes_of(name) if w.how == "="}
                if {"True", "False"} <= literals:
                    return True
    return False


def _bound_of(case: Case, stop: Stop, atom: Atom) -> str:
    ordered = atom.op in _ORDER
    names = [*atom.left.names, *atom.right.names]
    inputs = [*atom.left.inputs, *atom.right.inputs]
    calls = [*atom.left.calls, *atom.right.calls]
    if _is_deadline(case, atom, names, calls):
        return "deadline"
    near = list(_plain_origins(case, names))
    if ordered or atom.op in _EQUAL:
        if any(_steps(case, n) for n in near):
            return "capped" if ordered else "numeric"
    elif atom.op in {"true", "false"} and any(_steps(case, n) for n in names):
        return "consume"
    elif atom.op in {"in", "not in"} and any(_steps(case, n) for n in near):
        return "seen-set"
    if _is_shrinking(case, inputs, calls) or (
        atom.op in {"true", "false"} and any(_is_handed_on(case, n) for n in names)
    ):
        return "consume"
    if _is_end_of_input(case, atom):
        return "eof-read"
    return _own_data(case, stop, atom, names)


def _own_data(case: Case, stop: Stop, atom: Atom, names: list[str]) -> str:
    """Bounds that hold only as long as nothing outside the program answers."""
    seen, driving = case.drivers(stop)
    if any(case.is_outside(c) for c in driving):
        return _handled_excluded(case, seen) or _advances(case, stop, driving)
    waits = case.sleeps or any(case.is_sleep(c) for c in driving)
    pages = any(words.CURSOR.search(n) for n in (*seen, atom.text))
    if (
        not pages
        and not waits
        and any(case.depends_on_itself(n) for n in (*names, *atom.left.inputs))
        and not any(case.awaited(c) for c in driving)
    ):
        return "linked-walk"
    if not waits and atom.op in _EQUAL and atom.right.literal is None and names and all(map(case.writes_of, names)):
        return "fixpoint"
    if not pages and any(case.counts(n) for n in seen) and not any(case.awaited(c) for c in driving):
        absent = atom.op in {"false", "not in"} or any(case.tail(c) in words.EXISTENCE for c in driving)
        return "probe-until-absent" if absent else "probe"
    return ""


def _is_deadline(case: Case, atom: Atom, names: list[str], calls: list[int]) -> bool:
    ordered = atom.op in _ORDER
    said = [
        n for n in (*(n.rpartition(".")[2] for n in names), *(case.tail(c) for c in calls)) if words.TIMED_OUT.search(n)
    ]
    if ordered:
        _, made = case.origins(names)
        if any(case.is_clock(c) for c in {*calls, *made}):
            return True
        # A deadline compared with a local that nobody updates never passes; an attribute may be a property.
        return bool(said) and (bool(calls) or any("." in n or case.writes_of(n) for n in names))
    return atom.op in {"true", "false"} and (bool(said) or _is_fired(case, atom, calls))


def _is_fired(case: Case, atom: Atom, calls: list[int]) -> bool:
    """``timeout_task.done()``: what was started with the loop says that its time is over."""
    return any(case.tail(c) in _FIRED for c in calls) and any(words.TIMED_OUT.search(n) for n in atom.left.inputs)


def _plain_origins(case: Case, names: Iterable[str]) -> Iterator[str]:
    """Names that a value is computed from without a call in between."""
    seen: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        for write in case.writes_of(name):
            if not write.how.startswith(".") and not any(case.is_outside(c) for c in write.value.calls):
                queue += write.value.names


def _steps(case: Case, name: str) -> bool:
    return any(w.how != ".get" for w in case.steps(name))


def _is_shrinking(case: Case, inputs: list[str], calls: list[int]) -> bool:
    """``while not queue.empty(): queue.get()``."""
    for name in inputs:
        for write in case.writes_of(name):
            if write.how in {"del", "[]"} or words.method(write.how) in words.SHRINK:
                return write.how != ".get" or any(case.tail(c) in _AT_END for c in calls)
    return False


def _is_handed_on(case: Case, name: str) -> bool:
    """``while infos: pop_infos(infos)``: the callee takes something away."""
    return any(name in row.inputs and words.TAKES.search(case.tail(row.call)) for row in case.loop.calls)


def _is_end_of_input(case: Case, atom: Atom) -> bool:
    """A read's value is tested for emptiness."""
    if any(case.tail(c) in _AT_END - {"is_done"} for c in atom.left.calls):
        return True
    if not any(case.is_read(c) for side in (atom.left, atom.right) for c in case.direct(side)):
        return False
    if atom.op == "true":
        if any(words.fold(n.rpartition(".")[2]) in words.ENDED for n in atom.left.names):
            return True
        # ``data, done = reader.read()``: the second value says that it was the last.
        rows = [w.row for w in case.loop.writes if w.how == "="]
        return any(rows.count(w.row) > 1 for n in atom.left.names for w in case.writes_of(n) if w.how == "=")
    return _is_emptiness(atom)


def _is_emptiness(atom: Atom) -> bool:
    if atom.op in {"false", *_ORDER}:
        return True
    right: Reading = atom.right
    if atom.op in {"==", "is"}:
        return right.literal in _EMPTY or bool(right.all_names)
    return atom.op == "in" and atom.left.literal is None


def _advances(case: Case, stop: Stop, driving: set[int]) -> str:
    """A query that moves on, by an offset or by what the last answer held: a table is finite, and the project's own."""
    outside = [c for c in driving if case.is_outside(c)]
    if any(case.kind(c) != "db" for c in outside):
        return ""
    # ``if deleted == 0: break``: every turn changes a row, or is the last.
    tested = {c for a in stop.atoms for side in (a.left, a.right) for c in case.direct(side)}
    counted = any(_ROWS_CHANGED.search(n) for a in stop.atoms for n in a.left.names)
    if counted or any(case.tail(c) in _CHANGES_ROWS for c in tested):
        return "pagination-with-progress"
    if any(words.TAKES.search(case.tail(c)) for c in outside):
        return "consume"
    asked = {case.whole(c) for c in outside}
    read, _ = case.origins(n for row in case.loop.calls if row.call in asked for n in row.inputs)
    if any(case.counts(n) or case.depends_on_itself(n) for n in read):
        return "pagination-with-progress"
    return ""


def _handled_excluded(case: Case, seen: set[str]) -> str:
    """What was handled is kept out of the next answer."""
    for name in seen:
        if words.SEEN.search(name) and any(
            words.method(w.how) in words.GROW for w in case.steps(name) if w.how[:1] == "."
        ):
            return "pagination-with-progress"
    return ""
