"""Who monitors a call, and how surely."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.around import Around
from monitorlint.index.callers import CallGraph
from monitorlint.index.carriers import Carriers
from monitorlint.index.forms import Forms, Monitor
from monitorlint.index.handlers import Handlers
from monitorlint.index.inplace import InPlace
from monitorlint.index.left_over import LeftOver
from monitorlint.index.options import Options
from monitorlint.index.own_senders import OwnSenders
from monitorlint.index.procedures import Procedures
from monitorlint.index.tracing_off import TracingOff
from monitorlint.index.verdict import KEPT, Verdict
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.before import Before
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.chains import Chains
    from monitorlint.index.error_hooks import ErrorHooks
    from monitorlint.index.interceptors import Interceptors
    from monitorlint.index.outside import Outside
    from monitorlint.index.project import Project
    from monitorlint.index.quiet import Quiet
    from monitorlint.index.reach import Reach
    from monitorlint.index.reporting_on import ReportingOn

_ORDER = ("wrapper", "span", "decorator", "client", "callback", "option", "auto", "callers")


class Monitoring:
    """Answers "who monitors this?" for calls of one project."""

    def __init__(
        self, project: Project, auto: AutoInstrumentation, reach: Reach, captures: Captures, *, present: bool
    ) -> None:
        """:param present: Whether any file of the project imports a monitor; without one, nothing is looked for."""
        self._project = project
        self._auto = auto
        self._reach = reach
        self._present = present
        self._around = Around(
            project, Forms(project, TracingOff(project, auto, reach).of), Procedures(project), auto.may_hold_monitor
        )
        self._handlers = Handlers(project, reach)
        self._captures = captures
        self.graph = CallGraph(project, reach)
        """Who calls whom."""
        self._carriers = Carriers(project)
        self._in_place = InPlace(project)
        self._own_senders = OwnSenders(project)
        self._options = Options(project, self._carriers, auto.surroundings)
        late = (lambda: self._chains, lambda: self._hooks, lambda: self._outside)
        self._left_over = LeftOver(project, auto, reach, captures, *late, present=present)

    @cached_property
    def _chains(self) -> Chains:
        from monitorlint.index.chains import Chains  # noqa: PLC0415 - only where a monitor is

        asked = (self._around, self._captures, self._handlers, self.graph)
        return Chains(self._project, self._auto, self._reach, *asked, hooks=lambda: self._hooks)

    @cached_property
    def _before(self) -> Before:
        from monitorlint.index.before import Before  # noqa: PLC0415 - only where a monitor is

        return Before(self._project, self._reach, self._chains)

    @cached_property
    def _outside(self) -> Outside:
        from monitorlint.index.outside import Outside  # noqa: PLC0415 - only where a monitor is

        return Outside(self._project, self._reach, self._chains, self._auto.is_command)

    @cached_property
    def _hooks(self) -> ErrorHooks:
        from monitorlint.index.error_hooks import ErrorHooks  # noqa: PLC0415 - only where a monitor is

        return ErrorHooks(self._project, self._auto, self._captures)

    @cached_property
    def _interceptors(self) -> Interceptors:
        from monitorlint.index.interceptors import Interceptors  # noqa: PLC0415 - only where a monitor is

        return Interceptors(self._project, self._auto, self._hooks.sends)

    @cached_property
    def _quiet(self) -> Quiet:
        from monitorlint.index.quiet import Quiet  # noqa: PLC0415 - only where a monitor is

        return Quiet(self._captures, self._hooks.sends)

    @cached_property
    def _reporting_on(self) -> ReportingOn:
        from monitorlint.index.reporting_on import ReportingOn  # noqa: PLC0415 - only where a monitor is

        return ReportingOn(self._project, self._auto, self._reach)

    def of(self, found: FoundCall) -> Verdict:
        """The verdict on one call: the monitor of the highest level that covers it."""
        best = self._own_senders.of(found)
        if best.is_own:
            return best
        for verdict in map(self._reporting_on.recorded, self.each(found)):
            if verdict.monitor is None:
                continue
            if best.monitor is None or _better(verdict, best):
                best = verdict
            if best.monitor is not None and best.monitor.level is Level.ALERTED:
                break
        if best.monitor is None and self._present:
            is_called_monitored = self._auto.may_be_called_monitored(found.view.path)
            is_heard = is_called_monitored or self._captures.takes_logs(found.view.path)
            if is_heard:
                best = self._doubted(found, self._chains.caught(found))
            if best.monitor is None and is_heard and (self._hooks.doubtful or self._chains.met_doubts):
                best = self._chains.perhaps_caught(found)
            best = self._chains.named(found) if best.monitor is None and is_called_monitored else best
        return self._left_over.of(found) if best.monitor is None else best

    def _may_be_called_monitored(self, found: FoundCall) -> bool:
        return self._present and self._auto.may_be_called_monitored(found.view.path)

    def each(self, found: FoundCall) -> Iterator[Verdict]:
        """What each monitor that may cover a call comes to, apart from what only its name, or a guess, speaks for."""
        view, call = found.view, found.view.facts.calls[found.number]
        near = self._around.of(view, found.number) if self._present else None
        if near is not None:
            is_kept = near.how == "decorator" and near.level is Level.ERRORS
            is_kept = is_kept and self._captures.swallowed(view, call, found.match.entry)
            yield self._doubted(found, Verdict(near, (), KEPT if is_kept else ""))
        yield from map(Verdict, self._on_client(found))
        yield from self._options.of(found)
        if self._present or found.value.tags:
            yield self._handlers.of(found)
        covered = self._auto.cover(found, self._outside) if self._auto.switches else None
        if covered is not None and not self._before.is_before(found, (covered[0].path, covered[0].row)):
            switch, level, doubt = covered
            yield Verdict(Monitor("auto", level, switch.auto.target, switch.path, switch.row), (), doubt)
        if near is None and self._may_be_called_monitored(found):
            yield self._doubted(found, self._chains.to(found))
        captured = self._captures.around(view, call, found.match.entry) if self._present else None
        if captured is not None:
            by = Verdict(captured.monitor, (captured.switch,) if captured.switch else (), captured.doubt)
            yield self._doubted(found, by)
        if self._present:
            yield self._doubted(found, self._hooks.of(found))
            yield self._reporting_on.doubted(found, self._quiet.of(found))
            yield self._interceptors.of(found)

    def _doubted(self, found: FoundCall, verdict: Verdict) -> Verdict:
        """A verdict that says who is told of what a call raises, in doubt where that is nobody."""
        return self._reporting_on.doubted(found, self._quiet.doubted(found, verdict))

    def _on_client(self, found: FoundCall) -> Iterator[Monitor]:
        match = found.match
        values = (found.value, *self._carriers.clients(found))
        for tag in (t for value in values for t in (*value.tags, *self._in_place.tags(value))):
            if tag.group in {"", "*"} or self._carriers.rows(found, tag.vendor, tag.group):
                yield Monitor(tag.how, Level(tag.level), tag.name, tag.path or found.view.path, tag.row)
        if match.via is not None:
            form = match.via
            if form.group in {"", "*"} or self._carriers.rows(found, form.vendor, form.group):
                yield Monitor("client", form.level, form.path, *self._place(found))

    def _place(self, found: FoundCall) -> tuple[str, int]:
        origin = found.value.origin
        there = self._project.view(origin[0]) if origin is not None else None
        if origin is None or there is None:
            return found.view.path, found.view.facts.calls[found.number].row
        return there.path, there.facts.calls[origin[1]].row


def _better(verdict: Verdict, best: Verdict) -> bool:
    assert verdict.monitor is not None
    assert best.monitor is not None
    if bool(verdict.undecided) != bool(best.undecided):
        return not verdict.undecided
    return verdict.monitor.level.rank > best.monitor.level.rank or (
        verdict.monitor.level is best.monitor.level
        and _ORDER.index(verdict.monitor.how) < _ORDER.index(best.monitor.how)
    )
