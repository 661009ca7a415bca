"""Whether what a monitor is told goes anywhere: ``captureException`` does nothing in a program that never starts it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.model.site import Level

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.verdict import Verdict


class ReportingOn:
    """Doubts monitors that are started in other programs than those that run a call."""

    def __init__(self, project: Project, auto: AutoInstrumentation) -> None:
        self._project = project
        self._auto = auto

    def doubted(self, found: FoundCall, verdict: Verdict) -> Verdict:
        """A verdict, in doubt where the project starts the monitor, and not in what runs the call.

        Where nothing of the project starts it, that is done by somebody else, and says nothing.
        """
        monitor = verdict.monitor
        if monitor is None or monitor.level is not Level.ERRORS or verdict.undecided:
            return verdict
        form = self._project.catalogue.capture(monitor.name) or self._project.catalogue.hook(monitor.name)
        starts = self._starts.get(form.vendor, ()) if form is not None else ()
        doubts = [self._auto.doubt_at(path, found.view.path) for path in starts]
        if not doubts or "" in doubts:
            return verdict
        program = self._auto.program_of(found.view.path)
        doubt = next(filter(None, doubts), "") or (f"{program} runs it without" if program else "")
        return verdict._replace(undecided=doubt)

    @cached_property
    def _starts(self) -> dict[str, tuple[str, ...]]:
        """The files of the application that start each monitor, where programs are told apart by what they import."""
        found: dict[str, set[str]] = {}
        for switch in self._auto.switches if not self._project.store.loads_by_name else ():
            if switch.call >= 0 and self._project.is_app(switch.path):
                found.setdefault(switch.auto.vendor, set()).add(switch.path)
        return {vendor: tuple(sorted(paths)) for vendor, paths in found.items()}
