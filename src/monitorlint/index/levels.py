"""What a row of a monitor's coverage table comes to under one switch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.index.arguments import is_true, traces
from monitorlint.index.late_loading import LateLoading
from monitorlint.index.runtimes import Runtimes
from monitorlint.index.surely import surely_holds
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from monitorlint.catalog.rows import Cover
    from monitorlint.index.arguments import Arguments
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.switches import Switch


class Levels:
    """Tells the levels of rows, by the arguments of the switch and by what the project has installed."""

    def __init__(self, project: Project, reach: Reach, surroundings: Surroundings, arguments: Arguments) -> None:
        self._project = project
        self._surroundings = surroundings
        self._arguments = arguments
        self._late = LateLoading(project, reach, surroundings)
        self._runtimes = Runtimes(reach, surroundings)
        self._reach = reach
        self._unread: dict[tuple[str, int, str], bool] = {}
        self._named: dict[tuple[str, ...], bool] = {}

    def of(self, switch: Switch, row: Cover, place: str) -> Level | None:
        """What a row comes to in a file under this very switch; None: it does not hold."""
        view = self._project.view(switch.path) if switch.call >= 0 else None
        call = view.facts.calls[switch.call] if view is not None else None
        auto, around = switch.auto, self._surroundings
        explicit = False
        if view is not None and call is not None and row.unless:
            off = (surely_holds(self._project, view, call, c) for c in row.unless if not c.on_call)
            if any(off):
                return None
        if view is not None and row.off_by and self._arguments.is_set_off(view, row):
            return None
        if view is not None and call is not None and row.member:
            explicit = any(self._arguments.names(view, call, key, row.member) is True for key in auto.adds) or (
                row.opt_in and (self._arguments.is_added(view, row.member) or bool(self.doubt(switch, row)))
            )
            only = (
                is_true(call, row.member)
                if auto.only == "**"
                else self._arguments.names(view, call, auto.only, row.member)
            )
            if only is False or self._arguments.names(view, call, auto.drops, row.member) is True:
                return None
        if not explicit:
            if row.opt_in:
                return None
            if (
                call is not None
                and view is not None
                and any(surely_holds(self._project, view, call, c) for c in auto.unless)
            ):
                return None
            # What is imported from beside the program that holds the switch runs in that one's environment.
            places = {place, switch.path}
            if any(around.is_importable(name, p) for name in row.unless_importable for p in places) and (
                around.satisfies(auto.package, row.unless_monitor_versions, switch.path)
            ):
                return None
        if row.if_importable and not any(
            around.is_importable(name, p) for name in row.if_importable for p in {place, switch.path}
        ):
            return None
        if (
            not self._names(row.named)
            or not around.satisfies(row.package, row.versions, place)
            or not around.satisfies(auto.package, row.monitor_versions, switch.path)
        ):
            return None
        if row.traced_if and call is not None and view is not None and traces(self._project, view, call, row):
            return Level.TRACED
        return row.level

    def _names(self, words: tuple[str, ...]) -> bool:
        """Whether a file of the application has one of some words, or there are none to have."""
        if not words:
            return True
        if words not in self._named:
            form = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(word.encode()) for word in words))
            texts = map(self._project.store.text, self._reach.application())
            self._named[words] = any(form.search(text) for text in texts)
        return self._named[words]

    def says(self, switch: Switch, row: Cover, place: str) -> str:
        """What leaves in doubt that a row holds under a switch, which is on; ``""``: nothing."""
        found = self.doubt(switch, row) or self._arguments.filters(switch, row) or self._late.doubt(switch, row)
        return found or self._runtimes.doubt(switch, row) or self._untold(row, place) or switch.auto.doubt

    def _untold(self, row: Cover, place: str) -> str:
        """Says that a row holds for versions up to some, and that nothing tells which one a file gets."""
        if "<" not in row.versions or self._surroundings.tells(row.package, place):
            return ""
        return f"nothing tells which version of {row.package} is installed, and the newest are not covered"

    def doubt(self, switch: Switch, row: Cover) -> str:
        """Says that a row may hold: its member is made beside a switch, whose list is not read."""
        view = self._project.view(switch.path) if switch.call >= 0 and row.opt_in else None
        if view is None or not row.member:
            return ""
        key = switch.path, switch.call, row.member
        if key not in self._unread:
            call, names = view.facts.calls[switch.call], self._arguments.names
            given = [name for name in switch.auto.adds if name in call.kwargs]
            self._unread[key] = (
                bool(given)
                and all(names(view, call, name, row.member) is None for name in given)
                and not self._arguments.is_added(view, row.member)
                and self._arguments.is_made(view, row.member)
            )
        return "that is handed a list that is not read" if self._unread[key] else ""
