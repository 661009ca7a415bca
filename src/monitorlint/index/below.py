"""What is instrumented below an SDK: its HTTP client, or the SDK through which a framework calls models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from monitorlint.catalog.rows import Carrier
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.levels import Levels
    from monitorlint.index.project import Project
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.switches import Switch


class Below:
    """Finds what sees a part of a call alone, by which the call is neither monitored nor surely not."""

    def __init__(
        self,
        project: Project,
        surroundings: Surroundings,
        levels: Levels,
        doubt: Callable[[Switch, str], str | None],
    ) -> None:
        """Take what tells what a switch turns on.

        :param doubt: What leaves in doubt that a switch is on where a file runs; None when it is not.
        """
        self._project = project
        self._surroundings = surroundings
        self._levels = levels
        self._doubt = doubt

    def of(self, found: FoundCall, switches: Iterable[Switch]) -> tuple[Switch, Level, str] | None:
        """A switch for the very client that an SDK sends its requests over, or through which a framework calls models.

        Whether the requests of a call are enough is for the project to say; a monitor that instruments whatever it
        finds says nothing of the kind, unless the project asks for the instrumentation of that client by its name.
        """
        over = found.match.entry.over
        for switch in switches if over else ():
            for below in over:
                is_seen = self._sees_model(switch, below, found) if below.methods else self._sees(switch, below, found)
                if is_seen and self._doubt(switch, found.view.path) is not None:
                    what = "calls" if below.methods else "requests"
                    return switch, switch.auto.level, f"that sees the {what} of {below.package} alone"
        return None

    def _sees(self, switch: Switch, below: Carrier, found: FoundCall) -> bool:
        """Whether a switch is for an HTTP client, by its name or by that of a distribution that is asked for."""
        group = switch.auto.group.rpartition("/")[2]
        if group != "*":
            return group == below.package
        rows = self._project.catalogue.covers(switch.auto.vendor, switch.auto.group, below.package, "request")
        place = found.view.path
        return any(row.distribution and self._levels.of(switch, row, place) not in {None, Level.NONE} for row in rows)

    def _sees_model(self, switch: Switch, below: Carrier, found: FoundCall) -> bool:
        """Whether a switch is for an SDK that is there, where the client does not say through which it calls."""
        place, auto = found.view.path, switch.auto
        if found.match.carrier is not None or not self._surroundings.is_importable(below.package, place):
            return False
        return any(
            self._levels.of(switch, row, place) not in {None, Level.NONE}
            for method in below.methods
            for row in self._project.catalogue.covers(auto.vendor, auto.group, below.package, method)
        )
