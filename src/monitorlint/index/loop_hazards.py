"""Block C of the decision table: loops that nothing in the code limits. Each row answers with a hazard or None."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index import loop_words as words
from monitorlint.index.loop_says import clause, cut, ending, holds
from monitorlint.index.loop_service import is_served, swallowed_prompt
from monitorlint.model.finding import Confidence
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.index.loop_case import Case
    from monitorlint.model.loops import Atom, Handler, LoopCall, Reading, Stop

_ORDER = frozenset({"<", ">", "<=", ">="})


class Hazard(NamedTuple):
    """Why a loop is reported."""

    code: str
    reason: str
    detail: str
    """Who decides when the loop stops: a clause that follows the loop's header in a sentence."""
    confidence: Confidence = Confidence.HIGH
    row: int = -1
    """0-based row of the place that shows it, -1 for none."""
    shown: str = ""


def retried_errors(case: Case) -> Hazard | None:
    """MON304: nothing but a handler leads to the next turn, and nothing counts the attempts."""
    loop = case.loop
    if not loop.backs or not loop.stops or any(b.handler < 0 for b in loop.backs):
        return None
    handlers = [loop.handlers[n] for n in sorted({b.handler for b in loop.backs})]
    for handler in handlers:
        doing = [c for c in loop.calls if c.attempt == handler.attempt and not _is_idle(case, c)]
        attempted = [c for c in doing if not words.ERROR.search(case.callee(c.call))]
        outside = [c for c in attempted if case.is_outside(c.call)]
        if doing and not attempted:
            attempted = _checked(case, handler)
        if not attempted or not _retries(case, handler, attempted, outside):
            continue
        if _hears_person(case, at_errors=bool(outside)) or (not outside and _resumes(case, handler)):
            continue
        if case.sleeps and is_served(case):
            continue
        prompts = [c for c in attempted if case.is_prompt(c.call)]
        if prompts and swallowed_prompt(case, prompts) is None:
            continue
        subject = (outside or prompts or attempted)[0]
        caught = " or ".join(f"`{t}`" for t in handler.types[:2]) or "any exception"
        pause = "" if case.sleeps else " at once, without a pause (a retry storm)"
        detail = f"tries `{cut(case.callee(subject.call))}` again{pause} after {caught} until it succeeds"
        confidence = Confidence.HIGH if outside or prompts else Confidence.MEDIUM if case.sleeps else Confidence.LOW
        return Hazard("MON304", "retry-uncapped", detail, confidence, handler.row, "leads to the next attempt")
    return None


def _checked(case: Case, handler: Handler) -> list[LoopCall]:
    """What the attempt looks at, and raises if it is not good: the calls that gave it, the last one first."""
    rows = case.loop.calls
    names = {n for c in rows if c.attempt == handler.attempt for n in c.inputs}
    made = {call for n in names for write in case.writes_of(n) for call in write.value.calls}
    asked = [c for c in rows if c.call in made and c.attempt != handler.attempt and not _is_idle(case, c)]
    return sorted(asked, key=lambda c: -case.facts.calls[c.call].start)


def _is_idle(case: Case, row: LoopCall) -> bool:
    waits = case.is_sleep(row.call) or case.tail(row.call) in words.SHIELDED
    return waits or case.is_logging(row.call) or case.is_pure(row.call)


def _retries(case: Case, handler: Handler, attempted: list[LoopCall], outside: list[LoopCall]) -> bool:
    tails = {t.rpartition(".")[2] for t in handler.types}
    if any(case.kind(c.call) != "db" for c in outside):
        return True
    # A worker that cannot hand its message back has nothing better to do than to try.
    if any(case.tail(c.call) in words.HANDS_BACK for c in attempted):
        return False
    # ``future.result(1)`` in slices: the wait is for a local task, and the slices let signals through.
    if any(case.tail(c.call) in words.SLICED_WAITS for c in attempted) and any(
        words.SLICE_OVER.search(t) for t in tails
    ):
        return False
    broad = not tails or bool(tails & words.BROAD)
    transport = any(words.TRANSPORT.search(t) for t in tails)
    if not (broad or transport or case.sleeps) or tails & (words.END_OF_INPUT | words.SERVICE_ERRORS):
        return False
    # What the attempt reads changes from turn to turn: it is a search (the next port, the next name), not a retry.
    read = {n for c in attempted for n in c.inputs}
    return not any(case.steps(n) or case.depends_on_itself(n) for n in read)


def _resumes(case: Case, handler: Handler) -> bool:
    """``except OSError as error: if error.errno == EINTR: continue`` goes on with what was interrupted."""
    backs = [b for b in case.loop.backs if b.handler >= 0 and case.loop.handlers[b.handler] == handler]
    pauses = any(case.is_sleep(c.call) and not c.inner for c in case.loop.calls)
    return not pauses and all(any(words.RESUMABLE.search(a.text) for a in b.atoms) for b in backs)


def _hears_person(case: Case, *, at_errors: bool) -> bool:
    """Somebody is asked, by a function of the project, between two attempts.

    :param at_errors: Only what stands in a handler counts.
    """
    rows = [c for c in case.loop.calls if c.handler >= 0 or not at_errors]
    return any(case.asks_person(c.call) and (c.handler >= 0 or not case.is_prompt(c.call)) for c in rows)


def retried_answers(case: Case) -> Hazard | None:
    """MON304: ``if not ok: continue`` leads to the next turn, everything else leaves."""
    loop = case.loop
    if not loop.const or not loop.backs or not all(b.explicit or b.handler >= 0 for b in loop.backs):
        return None
    asked = [b for b in loop.backs if b.explicit and b.handler < 0 and b.atoms]
    for back in asked:
        sent = {c for atom in back.atoms for c in _behind(case, atom) if case.kind(c) == "http"}
        outside = [c for c in sent if not _moves_on(case, c)]
        if outside:
            pause = "" if case.sleeps else " at once, without a pause (a retry storm)"
            # What stands nearest leads there; before that stands what did not leave the loop.
            near = (a for a in reversed(back.atoms) if case.origins([*a.left.all_names, *a.right.all_names])[1] & sent)
            atom = next(near, back.atoms[-1])
            told = cut(atom.text)
            when = f"as long as `{told}` asks for it" if holds(atom) else f"until `{told}` holds"
            detail = f"sends `{cut(case.callee(min(outside)))}` again{pause} {when}"
            return Hazard("MON304", "retry-uncapped", detail, Confidence.HIGH)
    return None


def _behind(case: Case, atom: Atom) -> set[int]:
    """The calls that a condition is about."""
    return case.direct(atom.left) | case.direct(atom.right) | case.origins(atom.left.all_names)[1]


def _moves_on(case: Case, call: int) -> bool:
    """The request reads what its own answer says, or what the loop counts or takes away: the next is another one."""
    names = [n for row in case.loop.calls if row.call == call for n in row.inputs if n != case.receiver(call)]
    if any(call in case.origins([n])[1] for n in names):
        return True
    read, made = case.origins(names)
    return any(case.is_random(c) for c in made) or any(
        w.how in {"[]", "del"} or words.method(w.how) in words.SHRINK - {"get"} for n in read for w in case.steps(n)
    )


def asks_model(case: Case) -> Hazard | None:
    """MON303: a model is asked again every turn."""
    asked = [c for c in case.of_kind("ai") if case.tail(c.call) not in words.SESSIONS]
    if not asked:
        return _probably_asks(case)
    if not case.loop.stops:
        return None
    if any(words.PAGED_ANSWER.search(t) for t in _keys(case)) and (paged := pages(case)) is not None:
        return paged
    call = asked[0].call
    stops = [s for s in case.loop.stops if any(case.kind(c) == "ai" for c in case.drivers(s)[1])]
    is_told = ending(stops)[1] is not None
    decides = (
        clause(stops, " until its answer meets {}", " as long as its answer meets {}") if is_told else _until(case)
    )
    row = case.facts.calls[call].row
    confidence = Confidence.HIGH if is_told else Confidence.MEDIUM
    detail = f"asks the model (`{cut(case.callee(call))}`) again{decides}"
    return Hazard("MON303", "agent-uncapped", detail, confidence, row, "asks the model")


def _until(case: Case) -> str:
    return clause(case.loop.stops, " until {} lets it go", " as long as {} holds")


def _probably_asks(case: Case) -> Hazard | None:
    tails = {case.tail(c.call) for c in case.loop.calls}
    if "reset" in tails or "render" in tails or not case.loop.stops:
        return None
    for row in case.loop.calls:
        receiver = case.receiver(row.call)
        if case.tail(row.call) in words.PROBABLE_AI and words.PROBABLE_AI_OWNERS.search(receiver):
            if any(c is not row and case.receiver(c.call).endswith("env") for c in case.loop.calls):
                return None
            detail = f"calls `{cut(case.callee(row.call))}` again{_until(case)}"
            line = case.facts.calls[row.call].row
            return Hazard("MON303", "agent-uncapped", detail, Confidence.LOW, line, "probably asks a model")
    return None


def pages(case: Case) -> Hazard | None:
    """MON306: the answer (or a counter) says which page to ask for next. A generator's consumer decides."""
    loop = case.loop
    if loop.yields or any(_compares_total(a) for _, a in case.atoms()):
        return None
    for row in loop.calls:
        call = row.call
        outside = case.kind(call) == "http"
        if not outside and not (case.is_opaque(call) and not case.is_read(call) and case.kind(call) in {None, "ai"}):
            continue
        if not outside and (_is_own_store(case, row) or _only_says(case, call)):
            continue
        fed = _page_name(case, row, strict=not outside)
        if fed is None:
            continue
        stops = [s for s in loop.stops if call in _near(case, s)]
        if not stops:
            continue
        stops.sort(key=lambda stop: not any(words.PAGES_END.search(a.text) for a in stop.atoms))
        detail = f"fetches page after page with `{cut(case.callee(call))}`"
        detail += clause(stops, " until the answer meets {}", " as long as the answer meets {}")
        # Vendors' cursors do end as a rule: what an SDK pages through is said in a low voice.
        confidence = Confidence.MEDIUM if outside else Confidence.LOW
        return Hazard(
            "MON306", "pagination", detail, confidence, case.facts.calls[call].row, f"`{fed}` names the next page"
        )
    return None


def _is_own_store(case: Case, row: LoopCall) -> bool:
    """A query of the program's own data, or a call that is given the connection to it."""
    owners = [case.receiver(row.call), *row.inputs]
    parts = {".".join(o.split(".")[: n + 1]) for o in owners for n in range(o.count(".") + 1)}
    return case.tail(row.call) in words.SCANS or any(words.OWN_STORE.search(p) for p in parts)


def _only_says(case: Case, call: int) -> bool:
    """``Command(token=cursor)``: an object that says what is asked for, and asks nobody."""
    return case.callee(call).rpartition(".")[2][:1].isupper() and not case.awaited(call)


def _compares_total(atom: Atom) -> bool:
    """``offset + len(rows) >= page["total"]``: how far the pages have come against how far they go."""
    return (
        atom.op in _ORDER
        and bool(atom.left.all_names or atom.left.calls)
        and bool(atom.right.all_names or atom.right.calls)
        and words.TOTAL.search(atom.text) is not None
    )


def _near(case: Case, stop: Stop) -> set[int]:
    return case.drivers(stop)[1]


def _page_name(case: Case, row: LoopCall, *, strict: bool) -> str | None:
    """A name that this call reads and that its own answer, or a counter, writes."""
    for name in row.inputs:
        writes = case.writes_of(name)
        # What the call is made on (`requests`, `client`) may count as written by it, and names no page.
        if not writes or name == case.receiver(row.call):
            continue
        seen, made = case.origins([name])
        from_answer = row.call in made
        if strict:
            if from_answer and _answer_names_page(case, row.call, {name, *seen}):
                return name
        elif from_answer:
            # A name that says so, or a condition on a cursor: other exchanges feed their answers back, too.
            changing = [name, *(n for n in seen if case.writes_of(n))]
            said = any(words.PAGE_NAME.search(n) or words.CURSOR.search(n) for n in changing)
            if said or any(words.CURSOR.search(t) for t in _keys(case)):
                return name
        counted = sorted(n for n in seen if any(w.how in words.STEPS for w in case.writes_of(n)))
        named = [n for n in counted if words.PAGE_NAME.search(n)]
        if not strict and named:
            return named[0]
    return None


def _answer_names_page(case: Case, call: int, names: set[str]) -> bool:
    """The answer itself says which page comes next; what is computed from its last row is the program's own cursor."""
    pattern = words.CURSOR if case.awaited(call) else words.PAGED_ANSWER
    for name in names:
        if pattern.search(name) and ("." in name or any(call in w.value.calls for w in case.writes_of(name))):
            return True
    return any(pattern.search(t) and not t.removeprefix("not ").isidentifier() for t in _keys(case))


def _keys(case: Case) -> list[str]:
    """Texts of the loop's conditions: ``if not result.get("has_more")`` names its field there."""
    return [a.text for _, a in case.atoms()]


def polls(case: Case) -> Hazard | None:
    """MON305: waits for something to become true, with no deadline."""
    loop = case.loop
    if loop.yields or any(b.handler >= 0 for b in loop.backs if all(b.handler >= 0 for b in loop.backs)):
        return None
    for stop in loop.stops:
        if stop.how == "raise" or any(a.op == "except" for a in stop.atoms):
            continue
        driving = case.drivers(stop)[1] | _refreshers(case, stop)
        asked = sorted(c for c in driving if _answers(case, c))
        waiting = case.sleeps or not _works(case, driving)
        if not waiting or _waits_for_work(stop) or _compares_turns(case, stop):
            continue
        outside = [c for c in asked if case.is_outside(c)]
        if not outside and (_joins(case, asked) or _waits_for_room(case, stop)):
            continue
        if any(case.reads_clock_inside(c) for c in asked):
            continue
        subject = (outside or asked or [-1])[0]
        if subject >= 0 and (outside or not _works(case, driving)):
            if outside and not case.sleeps and (case.kind(subject) == "db" or _moves_on(case, subject)):
                continue
            if not outside and not case.sleeps and not (not _body_calls(case) and _is_flagged(case, stop)):
                continue
            if not outside and case.sleeps and all(c.inner for c in case.loop.calls if case.is_sleep(c.call)):
                continue
            text = f"asks `{cut(case.callee(case.whole(subject)))}` again" + clause(
                [stop],
                " until {} lets it go",
                " as long as {} holds",
                header=" and again",
                unknown=" until a matching answer lets it go",
            )
            # What is cleared elsewhere in the same process may well be cleared on every way it can take.
            local = case.is_of_project(subject) and not case.awaited(subject) and case.loop.awaits
            inside = Confidence.LOW if local or case.tail(subject) == "is_set" else Confidence.MEDIUM
            return Hazard("MON305", "poll", text, Confidence.HIGH if outside else inside)
        if subject < 0 and not _works(case, driving) and _is_set_elsewhere(case, stop) and not case.loop.const:
            text = f"waits until something else ends {clause([stop], '{}', '{}', header='it')}"
            # Other code of the same process sets the field, and may well do so on every way it can take.
            return Hazard("MON305", "poll", text, Confidence.LOW)
    return None


def _refreshers(case: Case, stop: Stop) -> set[int]:
    """``job.reload()`` next to a test of ``job.status``."""
    tested = [n for a in stop.atoms for side in (a.left, a.right) for n in side.names]
    calls = [c.call for c in case.loop.calls if case.tail(c.call) in words.REFRESH]
    return {c for c in calls if any(n.startswith(f"{case.receiver(c)}.") for n in tested)}


def _body_calls(case: Case) -> list[LoopCall]:
    return [c for c in case.loop.calls if case.facts.calls[c.call].start >= case.loop.body_start]


def _answers(case: Case, call: int) -> bool:
    """An answer that another system or other code gives; what a parameter's callable does is its caller's business."""
    if case.is_outside(call):
        return True
    return case.is_opaque(call) and case.callee(call) not in case.parameters


def _works(case: Case, driving: set[int]) -> bool:
    """The loop does something else than wait and ask."""
    if any(
        w.how in words.STEPS or w.how in {"[]", "del"} or words.method(w.how) in words.COLLECTS
        for w in case.loop.writes
    ):
        return True
    return any(c.call not in driving and case.is_opaque(c.call) for c in case.loop.calls)


def _is_flagged(case: Case, stop: Stop) -> bool:
    """Every name tested is a field that other code sets."""
    names = [n for a in stop.atoms for side in (a.left, a.right) for n in side.names]
    return bool(names) and any("." in n for n in names) and not any(case.writes_of(n) for n in names)


def _is_set_elsewhere(case: Case, stop: Stop) -> bool:
    """A field that other code sets, with at most a pause between two looks at it; ``await self._wait()`` is woken.

    ``while (this.busy) await this.busy`` is woken, too, and what the program itself runs comes to its end.
    """
    if (not case.loop.calls and case.loop.awaits) or _waits_for_own_work(case, stop):
        return False
    pauses = [c.call for c in case.loop.calls if case.is_sleep(c.call)]
    return _is_flagged(case, stop) and all(not case.tail(c).endswith("wait") for c in pauses)


def _waits_for_work(stop: Stop) -> bool:
    """Ends when a queue has something in it: a worker at rest."""
    return any(
        a.op in {"true", ">", ">=", "!="} and any(words.QUEUE.search(n) for n in a.left.names) for a in stop.atoms
    )


def _joins(case: Case, asked: list[int]) -> bool:
    """Waits in slices for the program's own thread, task, queue or lock, as ``join()`` and ``acquire()`` do in one."""
    for call in asked:
        tail = case.tail(call)
        if tail in words.OWN_STATES:
            return True
        if tail == "poll" and not case.facts.calls[call].args and not case.awaited(call):
            return True
        if tail == "done" and words.OWN_TASK.search(case.receiver(call)):
            return True
    return False


def _waits_for_room(case: Case, stop: Stop) -> bool:
    """``while len(self.running) >= self.max_jobs: sleep()``: the program holds itself back, its own work makes room."""
    for atom in stop.atoms:
        if any(words.ROOM.search(n) for n in _said(case, atom.left)):
            return True
        if atom.op in _ORDER:
            amount, limit = (atom.left, atom.right) if atom.op in {"<", "<="} else (atom.right, atom.left)
            numbered = limit.literal is not None and limit.literal not in {"0", "1"}
            loaded = any(words.OWN_LOAD.search(n) or words.QUEUE.search(n) for n in _said(case, amount))
            if (numbered and loaded) or any(words.LIMIT.search(n) for n in _said(case, limit)):
                return True
    return False


def _waits_for_own_work(case: Case, stop: Stop) -> bool:
    """``while self.active_jobs > 0: sleep()``."""
    names = [n.removesuffix(".size").removesuffix(".length") for a in stop.atoms for n in _said(case, a.left)]
    return any(words.OWN_LOAD.search(n) for n in names)


def _said(case: Case, reading: Reading) -> list[str]:
    return [*reading.all_names, *(case.tail(c) for c in reading.calls)]


def _compares_turns(case: Case, stop: Stop) -> bool:
    """``height == last_height``, ``abs(height - last_height) < 5``: this turn's answer against the last one's."""
    for atom in stop.atoms:
        left, right = atom.left.names, atom.right.names
        together = left and right and atom.op in {"==", "!="} and all(map(case.writes_of, [*left, *right]))
        apart = atom.op in _ORDER and any(len(n) > 1 and all(map(case.writes_of, n)) for n in (left, right))
        if together or apart:
            return True
    return False


def depends_on_outside(case: Case) -> Hazard | None:
    """MON307: another system's answer ends the loop, and nothing counts the turns."""
    if case.loop.yields or any(_compares_total(a) for _, a in case.atoms()):
        return None
    for stop in case.loop.stops:
        if stop.how == "raise" or any(a.op == "except" for a in stop.atoms):
            continue
        names, driving = case.drivers(stop)
        outside = sorted(c for c in driving if case.kind(c) in {"http", "db"} or case.tail(c) in words.BROWSER)
        if outside and not (case.kind(outside[0]) == "db" and any(case.is_read(c) for c in driving)):
            reason = "random-until-free" if any(case.is_random(c) for c in driving) else "external-exit"
            if stop.how == "test" and case.kind(outside[0]) == "db":
                reason = "drain-external"
            confidence = Confidence.MEDIUM if any(case.counts(n) for n in names) else Confidence.HIGH
            text = f"goes on until `{cut(case.callee(outside[0]))}` answers so that "
            text += clause([stop], "{} ends it", "{} no longer holds", header="it ends", unknown="it ends")
            return Hazard("MON307", reason, text, confidence)
    return _asks_the_same(case)


def _asks_the_same(case: Case) -> Hazard | None:
    """``reply = await ask(question)`` every turn, with the same question, until the reply says a certain word."""
    for stop in case.loop.stops:
        for atom in stop.atoms:
            if atom.op != "==" or not _is_word(atom.right.literal):
                continue
            for call in sorted(case.direct(atom.left)):
                row = next((r for r in case.loop.calls if r.call == call), None)
                named = case.is_of_project(call) and "." not in case.callee(call)
                if row is None or not (named and case.awaited(call) and row.inputs) or row.inner:
                    continue
                if any(case.writes_of(n) for n in row.inputs) or case.is_read(call):
                    continue
                ends = "ends it" if holds(atom) else "no longer holds"
                text = f"asks `{cut(case.callee(call))}` the same again until `{cut(atom.text)}` {ends}"
                return Hazard("MON307", "external-exit", text, Confidence.LOW)
    return None


def _is_word(literal: str | None) -> bool:
    return literal is not None and literal[:1] in {"'", '"', "`"} and len(literal) > 3
