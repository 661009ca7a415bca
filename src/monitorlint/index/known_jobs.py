"""Jobs of packages that a monitor knows by itself: it sends what they raise, and may begin a transaction for each."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.jobs import NEST_QUEUE, PROCESSOR
from monitorlint.index.verdict import Verdict
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.index.levels import Levels
    from monitorlint.index.project import Project
    from monitorlint.index.starters import Starters
    from monitorlint.index.switches import Switch, Switches


class KnownJobs:
    """Tells what the switches of a project say of jobs: rows of a coverage table whose methods are decorators."""

    def __init__(
        self,
        project: Project,
        switches: Switches,
        levels: Levels,
        starters: Starters,
        doubt: Callable[[Switch, str], str | None],
    ) -> None:
        """:param doubt: What leaves in doubt that a file runs under a switch; None where it does not."""
        self._project = project
        self._switches = switches
        self._levels = levels
        self._starters = starters
        self._doubt = doubt

    @cached_property
    def anywhere(self) -> bool:
        """Whether some switch sends what jobs raise."""
        return any(
            row.package == NEST_QUEUE
            for switch in self._switches.all
            for row in self._project.catalogue.covers(switch.auto.vendor, switch.auto.group, NEST_QUEUE, PROCESSOR)
        )

    def known(self, switch: Switch, path: str) -> tuple[str, ...]:
        """The queue for whose jobs the call begins a transaction that is a switch."""
        same = self._same.get((switch.path, switch.call), ())
        is_known = any(self._level(other, NEST_QUEUE, PROCESSOR, path)[0] is not None for other in same)
        return (NEST_QUEUE,) if is_known else ()

    @cached_property
    def _same(self) -> dict[tuple[str, int], list[Switch]]:
        """What one call switches on."""
        found: dict[tuple[str, int], list[Switch]] = {}
        for switch in self._switches.all:
            found.setdefault((switch.path, switch.call), []).append(switch)
        return found

    def told(self, package: str, decorator: str, path: str) -> Verdict:
        """The switch that sends what a job raises that a package makes of a function by a decorator."""
        best = Verdict(None)
        for switch in self._switches.all if package else ():
            level, says = self._level(switch, package, decorator, path)
            doubt = self._doubt(switch, path) if level is not None else None
            if level is None or doubt is None:
                continue
            doubt = doubt or self._starters.idle(switch) or says
            if best.monitor is None or (best.undecided and not doubt):
                best = Verdict(Monitor("auto", level, switch.auto.target, switch.path, switch.row), (), doubt)
        return best

    def _level(self, switch: Switch, package: str, decorator: str, path: str) -> tuple[Level | None, str]:
        for row in self._project.catalogue.covers(switch.auto.vendor, switch.auto.group, package, decorator):
            level = self._levels.of(switch, row, path) if row.package == package else None
            if level is not None and level is not Level.NONE:
                return level, self._levels.says(switch, row, path)
        return None, ""
