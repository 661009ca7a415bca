"""Options of calls and of clients that make a monitor see the traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Collected, External, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.catalog import Option
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.carriers import Carriers
    from monitorlint.index.project import Project
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call


class _Place(NamedTuple):
    """A call whose arguments are looked at."""

    view: FileView
    call: Call


class Options:
    """Finds the arguments by which a monitor is told of a call, or of all calls of a client."""

    def __init__(self, project: Project, carriers: Carriers) -> None:
        self._project = project
        self._carriers = carriers

    def of(self, found: FoundCall) -> Iterator[Monitor]:
        """The monitors that the options of a call and of its client switch on."""
        own = _Place(found.view, found.view.facts.calls[found.number])
        made = self._made(found)
        for option in self._project.catalogue.options:
            place = own if option.on_call else made
            if place is None or not _is_given(place.call, option.keyword):
                continue
            if self._carriers.rows(found, option.vendor, option.group) and self._holds(place, option):
                name = f"{option.vendor}:{option.keyword}"
                yield Monitor("option", option.level, name, place.view.path, place.call.row)

    def _made(self, found: FoundCall) -> _Place | None:
        """What made the client that a call is made on."""
        origin = found.value.origin
        view = self._project.view(origin[0]) if origin is not None else None
        return None if origin is None or view is None else _Place(view, view.facts.calls[origin[1]])

    def _holds(self, place: _Place, option: Option) -> bool:
        if not (option.contains or option.values or option.paths or option.excluded):
            return True
        values = self._values(place, option.keyword)
        if option.excluded:
            # Whatever is not known to switch it off was written to switch it on.
            return not values or any(not (isinstance(v, Literal) and v.value in option.excluded) for v in values)
        for value in values:
            if isinstance(value, Literal):
                if (option.contains and option.contains in str(value.value)) or value.value in option.values:
                    return True
            elif isinstance(value, External):
                if value.path in option.paths:
                    return True
            elif isinstance(value, Collected) and option.contains and option.contains in repr(value.expr):
                return True
        return False

    def _values(self, place: _Place, keyword: str) -> Values:
        """What stands under a keyword; of a dotted one, in the object that stands under its first part."""
        view, call = place
        resolver = self._project.resolver
        if keyword in call.kwargs:
            return resolver.resolve(call.kwargs[keyword], view, call.scope, call.start)
        first, _, rest = keyword.partition(".")
        found: Values = ()
        for value in resolver.resolve(call.kwargs[first], view, call.scope, call.start):
            there = self._project.view(value.file) if isinstance(value, Collected) else None
            if isinstance(value, Collected) and there is not None and isinstance(value.expr, tuple):
                for key, part in value.expr[1] if value.expr[0] == "map" else ():
                    if key == rest:
                        found += resolver.resolve(part, there, value.scope, value.offset)
        return found


def _is_given(call: Call, keyword: str) -> bool:
    return keyword in call.kwargs or keyword.partition(".")[0] in call.kwargs
