"""Whether every way to a function leads through a monitor."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from monitorlint.index.callers import LOADING, MAX_LOADERS
from monitorlint.index.dispatched import Dispatched
from monitorlint.index.dropped import OUTLIVES, is_dropped
from monitorlint.index.edges import Edges
from monitorlint.index.fields import Fields
from monitorlint.index.guesses import Guesses
from monitorlint.index.handouts import Handouts
from monitorlint.index.lazily import leaves
from monitorlint.index.sent_above import SentAbove
from monitorlint.index.shown import Shown
from monitorlint.index.steps import Caller, Key, Step, cut, lower
from monitorlint.index.tools import CHAINS, Tools
from monitorlint.index.unnamed_methods import UNNAMED, unnamed
from monitorlint.index.verdict import KEPT, Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.catalog import Entry
    from monitorlint.index.around import Around
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.callers import CallGraph
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.dispatches import Dispatch
    from monitorlint.index.error_hooks import ErrorHooks
    from monitorlint.index.forms import Monitor
    from monitorlint.index.guesses import Hint
    from monitorlint.index.handlers import Handlers
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

_NAMED = "named like a monitor"
_PERHAPS = "perhaps"
MAX_FUNCTIONS = 400
"""Callers of callers are followed through this many functions."""
MAX_GUESSES = 4
"""So many calls on one way up may be guessed from their names."""
MAX_LOOK_UPS = 2
"""Guesses on one way up, after which what only looks like a call is not followed."""
MAX_LOOKED_ABOVE = 8
"""So many calls that look like calls of a function are followed up."""


class Chains:
    """Follows callers of callers."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        reach: Reach,
        around: Around,
        captures: Captures,
        handlers: Handlers,
        graph: CallGraph,
        *,
        hooks: Callable[[], ErrorHooks],
    ) -> None:
        self._project = project
        self._auto = auto
        self._reach = reach
        self._around = around
        self._captures = captures
        self._hooks = hooks
        self._handlers = handlers
        self._tools = Tools(project, auto, around, handlers)
        self.graph = graph
        self._edges = self.edges = Edges(project, reach, self.graph, around, handlers)
        self._handouts = Handouts(project, reach)
        self._closed: dict[Key, bool] = {}
        self._uncovered: dict[str, set[Key]] = {}
        self._look_alikes: dict[tuple[Key, str], tuple[Hint | None, str]] = {}
        self._guesses = Guesses()
        self._judged = ""
        self.dispatched = Dispatched(project, reach, self.graph, around, auto.may_be_called_monitored)
        self._monitored: dict[tuple[str, bool], list[tuple[Dispatch, Monitor]]] = {}
        self._runs_tools = True
        """Off while the runs of agents are looked at: no run proves itself."""
        self._counts_names = False
        self._sent = SentAbove(captures, hooks)
        self._shown = Shown(project, auto, reach)
        self._fields = Fields(project, reach, self.graph)

    def to(self, found: FoundCall) -> Verdict:
        """Whether every path to the function of a call is under a wrapper, span or decorator."""
        self._begin(found.view.path)
        verdict = self._from(found, self._uncovered.setdefault("", set()))
        if verdict.monitor is None or verdict.monitor.level is not Level.ERRORS or self._is_heard(found):
            return verdict
        return verdict._replace(undecided=verdict.undecided or KEPT)

    def _is_heard(self, found: FoundCall) -> bool:
        """Whether what a call raises gets as far as something that is told of errors."""
        view, entry = found.view, found.match.entry
        if self._captures.swallowed(view, view.facts.calls[found.number], entry):
            return False
        return self._from(found, self._uncovered.setdefault(self._kind_of(entry), set()), entry).monitor is not None

    def caught(self, found: FoundCall) -> Verdict:
        """Likewise, where a handler that sends what it catches counts as well."""
        view, entry = found.view, found.match.entry
        self._begin(view.path)
        call = view.facts.calls[found.number]
        if not (self._captures.anywhere or self._hooks().anywhere or self._captures.takes_logs(view.path)):
            return Verdict(None)
        if self._captures.swallowed(view, call, entry):
            return Verdict(None)
        # Above, it is what handlers here make of it that is caught.
        entry = self._captures.leaving.of(view, found.number, entry) or entry
        return self._from(found, self._uncovered.setdefault(self._kind_of(entry), set()), entry)

    def perhaps_caught(self, found: FoundCall) -> Verdict:
        """Likewise, where a handler counts that may send what it catches: it proves nothing."""
        self._sent.counts_doubts = True
        verdict = self.caught(found)
        self._sent.counts_doubts = False
        doubt = self._hooks().doubt_of(verdict.monitor) if verdict.monitor is not None else ""
        return verdict._replace(undecided=verdict.undecided or doubt or self._sent.met)

    @property
    def met_doubts(self) -> bool:
        """Whether a handler above a call of the file that is looked at may send what it catches."""
        return bool(self._sent.met)

    def named(self, found: FoundCall) -> Verdict:
        """Likewise, where what is only named like a monitor counts: it proves nothing."""
        like = self._around.like_monitor(found.view, found.number)
        if like is not None:
            return Verdict(like, (), self._around.doubt_of(like))
        self._begin(found.view.path)
        self._counts_names = True
        verdict = self._search(self._function(found.view, found.number), self._uncovered.setdefault(_NAMED, set()))
        self._counts_names = False
        if verdict.monitor is None:
            return verdict
        return verdict._replace(undecided=verdict.undecided or self._around.doubt_of(verdict.monitor))

    def _begin(self, path: str) -> None:
        """Forgets what was guessed for other files.

        A guess leaves out what is being looked at, so it may come out otherwise for somebody else: what a file is told
        must not depend on the files that the same process has judged before.
        """
        if path != self._judged:
            self._judged = path
            self._guesses.forget()
            self._uncovered.clear()
            self._sent.met = ""

    def _from(self, found: FoundCall, uncovered: set[Key], caught: Entry | None = None) -> Verdict:
        """The verdict on the ways to a call: none where one that is given away may go to somebody who is not seen."""
        start = self._start(found)
        verdict = self._search(start, uncovered, caught) if start is not None else Verdict(None)
        if start is None or not verdict.undecided or start == self._function(found.view, found.number):
            return verdict
        # What the project's own code is handed, it may call wherever it likes.
        is_own = any(True for _ in self.dispatched.keepers(self._edges.handed(start)))
        return verdict if is_own else Verdict(None)

    def _search(self, start: Key, uncovered: set[Key], caught: Entry | None = None) -> Verdict:
        """Goes up through the calls that no monitor covers, one caller at a time.

        The first path without a monitor settles it: one that gets to a function that something outside calls, or
        that nobody calls.

        :param uncovered: Functions to which such a path is known; added to.
        :param caught: Handlers that send the exceptions of this package count as monitors.
        """
        if start in uncovered or not self._is_closed(start, caught):
            return Verdict(None) if start in uncovered else self._from_outside(start)
        path = [Step(start, ())]
        seen = {start}
        climbed: set[Key] = set()
        worst: Verdict | None = None
        doubt = ""
        tried: list[str] = []
        while path:
            step = path[-1]
            row = self.caller(step.key, step.at)
            step.at += 1
            if row is None:
                path.pop()
                if not step.called:
                    worst, why = self._uncalled(step, worst, uncovered, caught, is_start=not path)
                    why = why or cut(path, step, uncovered, whole=True)
                    if not why:
                        return Verdict(None)
                    doubt = doubt or why
                continue
            taken = self._sent.by_whom(row.call, step.key, caught) if caught is not None else None
            near = row.near if row.near is None or self._sent.hears(row, caught) else None
            near = near or taken or self._sent.around(row.call, caught)
            near = near or (self._around.like_monitor(*row.call) if self._counts_names else None)
            if not row.sure and taken is None:
                doubt = doubt if doubt and self._is_named(row, step.key) else step.suspect(row, near) or doubt
                continue
            step.called = True
            doubt = doubt or (OUTLIVES if is_dropped(*row.call) else "")
            run = self._run_around(row) if near is None else (near, row.place, "")
            if run is not None:
                worst, doubt = lower(worst, run[0], (run[1], *step.chain)), doubt or run[2]
            elif (row.caller not in seen or row.caller in uncovered) and not self._shown.notes(row.call, tried):
                seen.add(row.caller)
                above = Step(row.caller, (row.place, *step.chain), is_virtual=row.is_virtual)
                # One way to a method that several classes share may have a monitor where another has none.
                goes_up = row.caller not in uncovered or (row.is_virtual and row.caller not in climbed)
                if len(seen) <= MAX_FUNCTIONS and goes_up and self._goes_on(row, caught):
                    climbed.add(row.caller)
                    path.append(above)
                    continue
                run = self._run_of(row.caller) if row.caller not in uncovered else None
                if run is not None:
                    worst, doubt = lower(worst, run[0], (run[1], *above.chain)), doubt or run[2]
                elif why := cut(path, above, uncovered, whole=False):
                    doubt = doubt or why
                    seen.discard(row.caller)
                else:
                    return Verdict(None)
        known = (
            worst._replace(undecided=doubt or "".join(tried[:1]) or self._handouts.of(seen))
            if worst is not None
            else None
        )
        return known or self._hinted(start, doubt, uncovered, caught)

    def _hinted(self, start: Key, doubt: str, uncovered: set[Key], caught: Entry | None) -> Verdict:
        """The verdict where all that is seen may call another class's method: something else may call this one."""
        hint = self._hint(start, uncovered, caught) if doubt and not doubt.startswith(UNNAMED) else None
        return lower(None, hint[0], (hint[1],))._replace(undecided=doubt) if hint is not None else Verdict(None)

    def _hint(self, key: Key, uncovered: set[Key], caught: Entry | None) -> Hint | None:
        """A monitor around, or above, something that may call a function, as far as names and places tell."""
        return (
            self._look_alike(key, caught)
            or self._above_guess(key, uncovered, caught)
            or self._above_look_alike(key, uncovered, caught)
            or self._above_loader(key, uncovered, caught)
            or self._above_dispatch(key, caught)
            or self._in_base(key, uncovered, caught)
            or self._in_field(key, uncovered, caught)
        )

    def _is_named(self, row: Caller, key: Key) -> bool:
        """Whether a call that may be one of a function has its name, or hands it on."""
        view, number = row.call
        name = self._name(key).rpartition(".")[2]
        return tail_of(view.facts.calls[number].callee) == name or number in view.references.get(name, ())

    def _from_outside(self, start: Key) -> Verdict:
        """The verdict on a function that something outside calls: a framework may do so in a run of its own."""
        run = self._run_of(start)
        return Verdict(None) if run is None else lower(None, run[0], (run[1],))._replace(undecided=run[2])

    def _uncalled(
        self, step: Step, worst: Verdict | None, uncovered: set[Key], caught: Entry | None, *, is_start: bool
    ) -> tuple[Verdict | None, str]:
        """What a function that nobody is seen to call makes of the worst verdict so far, and what is in doubt then.

        No doubt: it is a way in that is not seen here, and no monitor is on it.
        """
        name = self._name(step.key)
        doubt = f"it is not known who calls {name}"
        hint = step.hint or self._hint(step.key, uncovered, caught)
        if hint is not None:
            return lower(worst, hint[0], (hint[1], *step.chain)), doubt
        run = self._run_of(step.key)
        if run is not None:
            return lower(worst, run[0], (run[1], *step.chain)), run[2]
        # An instance is called by whatever it is handed to, or by nobody. What the project's own code is handed, that
        # calls when it likes; a package does so from a loop of its own.
        is_kept = name.endswith("__call__") and not is_start
        is_kept = is_kept or any(True for _ in self.dispatched.keepers(self._edges.handed(step.key)))
        return worst, doubt if is_kept else "" if is_start else unnamed(self._project, self._reach, step.key)

    def _above_guess(self, key: Key, uncovered: set[Key], caught: Entry | None) -> Hint | None:
        """A monitor on every way to some call that may be one of a function: it has the name, on something unknown."""

        def guess() -> Hint | None:
            for row in self._edges.all(key) if self._guesses.goes_on(MAX_GUESSES) else ():
                if not row.sure and row.near is None:
                    monitor = self._guesses.above(row.caller, uncovered, partial(self._search, caught=caught))
                    if monitor is not None:
                        return monitor, row.place
            return None

        return self._guesses.once((key, self._kind_of(caught), self._runs_tools), guess)

    def _kind_of(self, caught: Entry | None) -> str:
        """What counts in the search that is under way, for what is remembered of it."""
        kind = _NAMED if self._counts_names else caught.package if caught is not None else ""
        return f"{_PERHAPS} {kind}" if self._sent.counts_doubts else kind

    def _above_look_alike(self, key: Key, uncovered: set[Key], caught: Entry | None) -> Hint | None:
        """Likewise, where nothing connects the call with a method but its name and the program that they run in."""
        view = self._project.view(key[0])
        if view is None or view.facts.scopes[view.facts.scopes[key[1]].parent].kind != "class":
            return None

        def guess() -> Hint | None:
            calls = self.graph.look_alikes(view, key[1]) if self._guesses.goes_on(MAX_LOOK_UPS) else ()
            for caller, number in islice(calls, MAX_LOOKED_ABOVE):
                row = caller.facts.calls[number].row
                function = self._function(caller, number)
                monitor = self._guesses.above(function, uncovered, partial(self._search, caught=caught))
                if monitor is not None:
                    return monitor, (caller.path, row)
            return None

        return self._guesses.once(("alike", key, self._kind_of(caught), self._runs_tools), guess)

    def _above_dispatch(self, key: Key, caught: Entry | None) -> Hint | None:
        """A monitor around or above what may call a function that is kept somewhere, or taken by a made-up name."""
        memo = (self._kind_of(caught), self._runs_tools)
        if memo not in self._monitored:
            self._monitored[memo] = []
            uncovered: set[Key] = set()

            above = partial(self._over_dispatch, uncovered=uncovered, caught=caught)
            met = self._sent.met
            with self._guesses.afresh():
                self._monitored[memo].extend(self.dispatched.monitored(above))
            self._sent.met = met
        handed = self._edges.handed(key)
        found = self.dispatched.near(key, handed, self._monitored[memo])
        # A handler that sends what it catches may stand in any file, one that is not looked through too.
        return found or (self.dispatched.unseen(key, handed) if caught is not None else None)

    def _in_base(self, key: Key, uncovered: set[Key], caught: Entry | None) -> Hint | None:
        """A monitor over what a base class, or a file with a table of functions, calls that may be this one."""

        def guess() -> Hint | None:
            calls = self.dispatched.elsewhere(key) if self._guesses.goes_on(MAX_LOOK_UPS) else ()
            over = ((self._over_dispatch(d.view, d.number, uncovered, caught), d.place) for d in calls)
            return next(((monitor, place) for monitor, place in over if monitor is not None), None)

        return self._guesses.once(("base", key, self._kind_of(caught), self._runs_tools), guess)

    def _in_field(self, key: Key, uncovered: set[Key], caught: Entry | None) -> Hint | None:
        """A monitor over the call of what a field of a record holds, which may be a function that is put into such."""

        def guess() -> Hint | None:
            calls = self._fields.calls(key, self._edges.handed(key)) if self._guesses.goes_on(MAX_LOOK_UPS) else ()
            for view, number in islice(calls, MAX_LOOKED_ABOVE):
                monitor = self._over_dispatch(view, number, uncovered, caught)
                if monitor is not None:
                    return monitor, (view.path, view.facts.calls[number].row)
            return None

        return self._guesses.once(("field", key, self._kind_of(caught), self._runs_tools), guess)

    def _over_dispatch(self, view: FileView, number: int, uncovered: set[Key], caught: Entry | None) -> Monitor | None:
        """The monitor around, or above, a call of what is known only while the program runs."""
        found = self._around_or_above(view, number, uncovered, caught)
        sent = self._sent.around((view, number), caught) if found is None else None
        return found[0] if found is not None else sent or self._over_some_call(view, number)

    def _around_or_above(self, view: FileView, number: int, uncovered: set[Key], caught: Entry | None) -> Hint | None:
        """The monitor around a call, or on every way to the function that it stands in."""
        near = self._around.of(view, number) or self._guesses.above(
            self._function(view, number), uncovered, partial(self._search, caught=caught)
        )
        return (near, (view.path, view.facts.calls[number].row)) if near is not None else None

    def _over_some_call(self, view: FileView, number: int) -> Monitor | None:
        """The monitor around one of the calls of the function that a call stands in, whatever the others have."""
        function = view.function_of(view.facts.calls[number].scope)
        rows = (self.caller((view.path, function), at) for at in range(MAX_LOOKED_ABOVE) if function > 0)
        return next((row.near for row in rows if row is not None and row.near is not None), None)

    def _above_loader(self, key: Key, uncovered: set[Key], caught: Entry | None) -> Hint | None:
        """A monitor around what loads the file of a function by a name that it makes up, or on every way to that."""
        view = self._project.view(key[0])
        if view is None or view.facts.scopes[key[1]].parent != 0:
            return None

        def guess() -> Hint | None:
            loaders = (self._project.view(path) for path in sorted(self._reach.loaders(key[0]))[:MAX_LOADERS])
            for loader in filter(None, loaders):
                for tail in sorted(LOADING & loader.calls_by_tail.keys()):
                    for number in loader.calls_by_tail[tail]:
                        around = self._around_loading(loader, number, uncovered, caught)
                        if around is not None:
                            return around
            return None

        return self._guesses.once((key[0], self._kind_of(caught), self._runs_tools), guess)

    def _around_loading(self, view: FileView, number: int, uncovered: set[Key], caught: Entry | None) -> Hint | None:
        """The monitor around calls of what a function loads; where nothing is, one above the function."""
        loading = view.facts.calls[number]
        function = self._function(view, number)
        for other in view.calls_by_function.get(function[1], ()):
            called = view.facts.calls[other]
            if called.start > loading.start and not self._project.resolver.callee(view, other):
                near = self._around.of(view, other) or self._sent.around((view, other), caught)
                if near is not None:
                    return near, (view.path, called.row)
        if not self._guesses.goes_on(MAX_LOOK_UPS):
            return None
        monitor = self._guesses.above(function, uncovered, partial(self._search, caught=caught))
        return (monitor, (view.path, loading.row)) if monitor is not None else None

    def _run_of(self, key: Key) -> tuple[Monitor, tuple[str, int], str] | None:
        """A monitored run of the framework that runs a function as a tool, where it stands, and what is in doubt."""
        view = self._project.view(key[0])
        if view is None or not self._runs_tools or view.facts.scopes[key[1]].kind != "function":
            return None
        return self._run_by(self._tools.family(view, key[1], self._edges.handed(key)), self._name(key))

    def _run_around(self, row: Caller) -> tuple[Monitor, tuple[str, int], str] | None:
        """Likewise, of the framework that runs the lambda in which a call stands, whoever puts that together."""
        family = self._tools.family_around(*row.call) if self._runs_tools else ""
        return self._run_by(family, f"{row.place[0]}:{row.place[1] + 1}")

    def _run_by(self, family: str, name: str) -> tuple[Monitor, tuple[str, int], str] | None:
        """A monitored run of a framework, where it stands, and what is in doubt of what it may run."""
        if not family:
            return None
        counts_names, self._counts_names, self._runs_tools = self._counts_names, False, False
        with self._guesses.afresh():
            run = self._tools.run(family, lambda *call: self._search(self._function(*call), set()))
        self._counts_names, self._runs_tools = counts_names, True
        if run is None:
            return None
        monitor, (path, row) = run
        what = "a chain" if family == CHAINS else "an agent"
        return monitor, (path, row), f"{name} may run inside {what}'s run, see {path}:{row + 1}"

    def _start(self, found: FoundCall) -> Key | None:
        """The function from which the ways up to a call begin; None where it is given to somebody who is not known."""
        view = found.view
        call = view.facts.calls[found.number]
        for at in view.blocks_around(call):
            if leaves(view, call, at):
                scope = view.facts.blocks[at].scope
                return (view.path, scope) if self._edges.given.knows(view, scope) else None
        return self._function(found.view, found.number)

    def _function(self, view: FileView, number: int) -> Key:
        return view.path, self._edges.given.holder(view, view.facts.calls[number].scope)

    def _goes_on(self, row: Caller, caught: Entry | None) -> bool:
        """Whether a monitor further up can see what happens in a call."""
        view, number = row.call
        if caught is not None and self._captures.swallowed(view, view.facts.calls[number], caught):
            return False
        return self._is_closed(row.caller, caught)

    def _name(self, key: Key) -> str:
        view = self._project.view(key[0])
        return view.symbol(key[1]) if view is not None else ""

    def _is_closed(self, key: Key, caught: Entry | None) -> bool:
        """Whether only the project's own code calls a function, and something above it has a monitor, or may log."""
        is_above = self._auto.may_be_called_monitored(key[0])
        if not is_above and (caught is None or not self._captures.takes_logs(key[0])):
            return False
        if key not in self._closed:
            view = self._project.view(key[0])
            self._closed[key] = view is not None and (
                self._edges.given.knows(view, key[1]) or not self.graph.is_entry(view, key[1])
            )
        return self._closed[key]

    def caller(self, key: Key, number: int) -> Caller | None:
        """Caller ``number`` of a function; None when there are no more."""
        return self._edges.caller(key, number)

    def _look_alike(self, key: Key, caught: Entry | None) -> Hint | None:
        """A monitored call of something unknown that may be a call of a function."""
        memo = (key, self._kind_of(caught))
        if memo not in self._look_alikes:
            met, self._sent.met = self._sent.met, ""
            hint = self._find_look_alike(key, caught)
            self._look_alikes[memo] = hint, self._sent.met
            self._sent.met = met
        hint, doubt = self._look_alikes[memo]
        self._sent.met = self._sent.met or doubt
        return hint

    def _find_look_alike(self, key: Key, caught: Entry | None) -> Hint | None:
        view = self._project.view(key[0])
        for caller, number in self.graph.look_alikes(view, key[1]) if view is not None else ():
            near = self._around.of(caller, number)
            near = near or self._sent.around((caller, number), caught)
            if near is not None:
                return near, (caller.path, caller.facts.calls[number].row)
        return None
