"""Rows of block C that need no guess: the code alone shows that the loop cannot end, or may stand still."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.index import loop_words as words
from monitorlint.index.loop_hazards import Hazard
from monitorlint.model.finding import Confidence
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.index.loop_case import Case
    from monitorlint.model.loops import Atom, Stop

_NUMBER = pattern(r"^-?[\d_.]+(e-?\d+)?$", re.IGNORECASE)
_UP = frozenset({"+="})
_DOWN = frozenset({"-="})
_HARMLESS_HEADS = frozenset({"print", "len", "str", "repr", "console.log"})


def no_exit(case: Case) -> Hazard | None:
    """MON301: no condition, no way out."""
    loop = case.loop
    # A generator's consumer may stop asking.
    if not loop.const or loop.stops or loop.yields or loop.kind == "generator":
        return None
    if loop.kind in {"iterator", "comprehension"} and not endless(case):
        return None
    outside = [c for c in case.of_kind("ai", "http", "db") if not case.is_of_project(c.call)]
    # An opaque call may be the body of a server that an exception ends, or wait for what is to be sent on; a loop that
    # survives the errors of its own requests was meant to run for ever. Both are a service's main loop.
    made = {c.call for c in outside}
    rest = [c for c in loop.calls if case.is_opaque(c.call) and not _makes_iterator(case, c.call)]
    if any(c.call not in made for c in rest) or (outside and any(not h.leaves for h in loop.handlers)):
        return None
    what = f" and calls `{case.callee(outside[0].call)}` every turn" if outside else ""
    return Hazard("MON301", "no-exit", f"has no condition and no way out{what}")


def _makes_iterator(case: Case, call: int) -> bool:
    return case.loop.iterated is not None and call in case.loop.iterated.calls


def endless(case: Case) -> bool:
    """Whether what the loop goes through never ends by itself."""
    iterated = case.loop.iterated
    if iterated is None or not iterated.calls:
        return False
    path = case.path(iterated.calls[0])
    if path in words.ENDLESS_PATHS:
        return path != "iter" or _constant_callable(case, iterated.calls[0])
    tail = path.rpartition(".")[2]
    if _endless_generator(case, iterated.calls[0]):
        return True
    imported = {i.target for i in case.facts.imports if i.local == tail}
    return f"itertools.{tail}" in imported


def _endless_generator(case: Case, call: int) -> bool:
    """A generator of the same file, with a loop that nothing ends."""
    scopes = case.facts.scopes
    name = case.callee(call).rpartition(".")[2]
    made = {n for n, s in enumerate(scopes) if s.name == name and s.kind == "function" and s.is_generator}
    loops = [o for o in case.facts.loops if o.scope in made and o is not case.loop]
    return any(o.const and o.yields and not o.exits and o.iterated is None for o in loops)


def _constant_callable(case: Case, call: int) -> bool:
    """``iter(int, 1)``: the callable always gives the same."""
    arguments = case.facts.calls[call].args
    return (
        bool(arguments)
        and isinstance(arguments[0], str)
        and arguments[0] in {"int", "str", "list", "dict", "float", "bool", "tuple", "object"}
    )


def wrong_direction(case: Case) -> Hazard | None:
    """MON310: the counter moves away from the limit it is compared with."""
    loop = case.loop
    if loop.kind != "while" or len(loop.stops) != 1 or len(loop.stops[0].atoms) != 1 or loop.handlers or loop.yields:
        return None
    atom = loop.stops[0].atoms[0]
    for counter, limit, goes_up in _sides(atom):
        if len(counter) != 1 or any(case.writes_of(n) for n in limit):
            continue
        writes = case.writes_of(counter[0])
        # The loop stops when the counter has come above (below) its limit.
        wrong = _DOWN if goes_up else _UP
        if any(w.always for w in writes) and all(w.how in wrong and _is_positive(w.value.literal) for w in writes):
            step = f"{writes[0].how} {writes[0].value.literal}"
            detail = f"moves `{counter[0]}` by `{step}`, away from where `{atom.text}` ends it"
            return Hazard("MON310", "direction", detail, Confidence.HIGH, writes[0].row, "the wrong way")
    return None


def _sides(atom: Atom) -> list[tuple[list[str], list[str], bool]]:
    """Counter, limit, and whether the stop needs the counter to grow."""
    if atom.op not in {"<", ">", "<=", ">="} or atom.left.calls or atom.right.calls:
        return []
    grows = atom.op in {">", ">="}
    return [(atom.left.names, atom.right.names, grows), (atom.right.names, atom.left.names, not grows)]


def _is_positive(literal: str | None) -> bool:
    return (
        literal is not None and _NUMBER.match(literal) is not None and literal.strip("-0._") != "" and literal[0] != "-"
    )


def same_match(case: Case) -> Hazard | None:
    """MON302: the condition finds the same again, as nothing that it reads moves."""
    loop = case.loop
    if loop.kind != "while" or loop.awaits or loop.yields or any(s.how != "test" for s in loop.stops):
        return None
    for stop in loop.stops:
        for name in (n for a in stop.atoms for n in a.left.names):
            writes = case.writes_of(name)
            if len(writes) != 1 or writes[0].how != "again":
                continue
            read = [n for n in writes[0].value.all_names if n != name]
            if any(case.writes_of(n) for n in read) or any("." in n for n in read):
                continue
            detail = f"finds the same `{name}` every turn: each search begins anew, and nothing cuts what is searched"
            return Hazard("MON302", "stale-condition", detail, Confidence.HIGH, writes[0].row, "begins anew")
    return None


def stale_condition(case: Case) -> Hazard | None:
    """MON302: the condition reads locals that nothing in the loop can change."""
    loop = case.loop
    if loop.kind != "while" or loop.const or loop.awaits or loop.yields or any(s.how != "test" for s in loop.stops):
        return None
    atoms = [a for s in loop.stops for a in s.atoms]
    names = [n for a in atoms for n in (*a.left.all_names, *a.right.all_names)]
    if not names or any("." in n for n in names) or any(a.left.calls or a.right.calls or a.left.inputs for a in atoms):
        return None
    written = {w.name.partition(".")[0] for w in loop.writes}
    passed = {n.partition(".")[0] for c in loop.calls if case.callee(c.call) not in _HARMLESS_HEADS for n in c.inputs}
    for name in names:
        if (
            name in written
            or not _is_local_number(case, name, atoms)
            or (name in passed and not _compared(name, atoms))
        ):
            return None
    if any("[" in a.text or "(" in a.text for a in atoms):
        return None
    shown = " and ".join(f"`{n}`" for n in sorted(set(names))[:3])
    return Hazard("MON302", "stale-condition", f"tests {shown}, which nothing in the loop changes")


def _compared(name: str, atoms: list[Atom]) -> bool:
    """Ordered against a number: it is one, and a callee cannot change it."""
    for atom in atoms:
        for one, other in ((atom.left, atom.right), (atom.right, atom.left)):
            if name in one.names and other.literal is not None and _NUMBER.match(other.literal):
                return True
    return False


def _is_local_number(case: Case, name: str, atoms: list[Atom]) -> bool:
    """A local of the loop's function that no other function binds, and whose value cannot be changed in place."""
    facts, scope = case.facts, case.loop.scope
    if facts.scopes[scope].kind not in {"function", "lambda"}:
        return False
    bindings = [b for b in facts.bindings if b.scope == scope and b.name == name]
    inside = [
        s
        for i, s in enumerate(facts.scopes)
        if s.start > facts.scopes[scope].start and s.end <= facts.scopes[scope].end and i != scope
    ]
    # A closure writes the name, whichever scope that is said of.
    if any(
        b.name == name and b.how in {"assign", "augmented"} and any(s.start <= b.start < s.end for s in inside)
        for b in facts.bindings
    ):
        return False
    # ``nonlocal`` in a nested function: its binding is this scope's, and the call may stand anywhere.
    if any(s.start <= b.start < s.end for b in bindings for s in inside):
        return False
    is_parameter = any(p.name == name and not p.kind.startswith("*") for p in facts.scopes[scope].params)
    if not bindings and not is_parameter:
        return False
    literals = [b.value[1] for b in bindings if isinstance(b.value, (tuple, list)) and b.value and b.value[0] == "lit"]
    plain = len(literals) == len(bindings) and all(isinstance(v, (bool, int, float)) or v is None for v in literals)
    return _compared(name, atoms) or (bool(bindings) and plain and not is_parameter)


def idle_turn(case: Case) -> Hazard | None:
    """MON308: a turn is possible that changes nothing, and every turn after it is the same."""
    loop = case.loop
    if not loop.idle:
        return None
    gate = f"`{loop.idle}`" if not loop.idle.startswith("except") else f"an error that `{loop.idle}` swallows"
    verb = "is false" if not loop.idle.startswith("except") else "comes first"
    return Hazard(
        "MON308",
        "partial-progress",
        f"makes no progress on a turn on which {gate} {verb}, and then repeats it for ever",
    )


def end_of_input(case: Case) -> Hazard | None:
    """MON309: a read whose empty value, at the end of the input, leads to the next turn."""
    loop = case.loop
    if not loop.const or not loop.exits or loop.yields:
        return None
    for write in loop.writes:
        reads = [c for c in write.value.calls if case.tail(c) in words.FILE_READ and not _never_empty(case, c)]
        if not reads or write.how != "=":
            continue
        stops = [s for s in loop.stops if not _in_handler(s)]
        if not stops or not all(_is_content(case, s, write.name) for s in stops):
            continue
        detail = (
            f"reads `{case.callee(reads[0])}` again when the input has ended: the empty value does not leave the loop"
        )
        return Hazard("MON309", "eof-unhandled", detail, Confidence.HIGH, write.row, "gives an empty value at the end")
    return None


def _in_handler(stop: Stop) -> bool:
    return any(a.op == "except" for a in stop.atoms)


def _never_empty(case: Case, call: int) -> bool:
    """A device that times out with an empty value, or a reader that raises at the end."""
    receiver = case.receiver(call).lower()
    return (
        any(w in receiver for w in ("ser", "port", "sensor", "uart", "spi", "i2c", "config", "bus"))
        or case.path(call) == "read"
    )


def _is_content(case: Case, stop: Stop, name: str) -> bool:
    """The stop asks for a text in what was read, never whether there was any."""
    atoms = [a for a in stop.atoms if a.op not in {"except", "match"} and (a.op != "true" or a.left.names != [name])]
    reads_it = [
        a
        for a in atoms
        if name in {x.partition(".")[0] for x in (*a.left.all_names, *a.right.all_names)} or name in a.left.all_names
    ]
    if not reads_it or len(reads_it) != len(atoms):
        return False
    for atom in reads_it:
        if atom.op == "in" and atom.left.literal not in {None, "''", '""'}:
            return True
        if atom.op == "==" and atom.right.literal not in {None, "''", '""', "b''", 'b""'}:
            return True
        if atom.op == "true" and any(
            case.tail(c) in {"startswith", "endswith", "match", "search"} for c in atom.left.calls
        ):
            return True
    return False
