"""Whether what a monitor is told goes anywhere: ``captureException`` does nothing in a program that never starts it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.index.arguments import always_gives
from monitorlint.index.values import External
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.verdict import Verdict
    from monitorlint.index.view import FileView


_SENDING: Final = ("beforeSend", "before_send")
"""What a monitor asks for the event of an error to send: nothing is sent where that is null."""
_BEING_STARTED: Final = frozenset({"wrapper", "decorator", "client", "span"})


class ReportingOn:
    """Doubts monitors that are started in other programs than those that run a call."""

    def __init__(self, project: Project, auto: AutoInstrumentation, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._auto = auto
        self._started: dict[str, tuple[str, ...]] = {}
        self._dropping: dict[str, str] = {}
        """Where a monitor is started so that it sends no errors, by vendor."""
        self._named: dict[tuple[str, ...], bool] = {}

    def doubted(self, found: FoundCall, verdict: Verdict) -> Verdict:
        """A verdict, in doubt where the project starts the monitor, and not in what runs the call.

        Where nothing of the project starts it, that is done by somebody else, and says nothing.
        """
        monitor = verdict.monitor
        # An instance was made with what tells it where to send, or stands for whatever is started.
        if monitor is None or monitor.level is not Level.ERRORS or verdict.undecided or "()" in monitor.name:
            return verdict
        form = self._project.catalogue.capture(monitor.name) or self._project.catalogue.hook(monitor.name)
        starts = self._starts(form.vendor) if form is not None else ()
        if form is not None and not starts and (dropping := self._dropping.get(form.vendor)):
            return verdict._replace(undecided=f"{dropping} sends none of them")
        path = found.view.path
        doubts = {start: self._auto.doubt_at(start, path) for start in starts}
        if not doubts or "" in doubts.values():
            return verdict
        perhaps = [start for start, doubt in doubts.items() if doubt is not None]
        lacking = [self._auto.lacking(start, path) for start in perhaps]
        # Each program may have a start of its own.
        if all(lacking) and lacking and not frozenset.intersection(*lacking):
            return verdict
        program = self._program_of(path)
        doubt = str(doubts[perhaps[0]]) if perhaps else f"{program} runs it without" if program else ""
        return verdict._replace(undecided=doubt)

    def recorded(self, verdict: Verdict) -> Verdict:
        """A verdict, in doubt where its monitor records nothing before it is started, and no file here names that."""
        monitor = verdict.monitor
        if monitor is None or verdict.undecided or monitor.how not in _BEING_STARTED:
            return verdict
        catalogue, name = self._project.catalogue, monitor.name
        kinds = (catalogue.wrapper, catalogue.decorator, catalogue.call_form, catalogue.span)
        form = next(filter(None, (forms(name) for forms in kinds)), None)
        if form is None or not form.starts or self._names(form.path.partition(".")[0], form.starts):
            return verdict
        return verdict._replace(undecided=f"nothing here is seen to start {form.package}, which records nothing before")

    def _names(self, root: str, starts: tuple[str, ...]) -> bool:
        """Whether a file of the application that imports a package has one of some names."""
        if starts not in self._named:
            words = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(name.encode()) for name in starts))
            store = self._project.store
            importing = (
                path
                for path in self._reach.application()
                if any(package.partition(".")[0] == root for package in store.packages(path))
            )
            self._named[starts] = any(words.search(store.text(path)) for path in importing)
        return self._named[starts]

    def _program_of(self, path: str) -> str:
        """A program that runs a file; ``""``: none is known."""
        programs, is_program = self._reach.frames.programs, self._project.store.is_program
        return min((p for p in self._reach.importers(path) if p in programs or is_program(p)), default="")

    def _starts(self, vendor: str) -> tuple[str, ...]:
        """The files of the application that start a monitor, where programs are told apart by what they import.

        Whatever package of the monitor's is started: one that instruments nothing is told of errors all the same.
        """
        if vendor not in self._started:
            self._started[vendor] = tuple(self._find(vendor)) if not self._project.store.loads_by_name else ()
        return self._started[vendor]

    def _find(self, vendor: str) -> Iterator[str]:
        targets = [a.target for a in self._project.catalogue.autos if a.vendor == vendor and a.how == "call"]
        tails = {target.rpartition(".")[2].removesuffix("()") for target in targets}
        owners = set(map(_owner, targets))
        for view in self._project.views():
            numbers = (number for tail in tails & view.calls_by_tail.keys() for number in view.calls_by_tail[tail])
            known = [
                number for number in numbers if self._project.is_app(view.path) and self._is_of(view, number, owners)
            ]
            calls = [view.facts.calls[number] for number in known]
            if any(
                all(not always_gives(view, call.kwargs.get(name), value=None) for name in _SENDING) for call in calls
            ):
                yield view.path
            elif calls:
                self._dropping[vendor] = f"{view.path}:{calls[0].row + 1}"

    def _is_of(self, view: FileView, number: int, owners: set[str]) -> bool:
        values = self._project.resolver.callee(view, number)
        return any(isinstance(value, External) and _owner(value.path) in owners for value in values)


def _owner(path: str) -> str:
    """The scope of the package that a dotted path begins with, or the package."""
    return path.partition(".")[0].partition("/")[0]
