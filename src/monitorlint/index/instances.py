"""What something of a type is, and what entering a context gives, for a resolver."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from monitorlint.index.values import Defined, External, Generated, Instance

if TYPE_CHECKING:
    from monitorlint.index.resolve import Project, Resolver
    from monitorlint.index.values import Value, Values


def instances(resolver: Resolver, project: Project, types: Values) -> Values:
    """What something of one of some types is. A name for another type says what that says."""
    found: list[Value] = []
    for value in types:
        match value:
            case External(path, origin, tags):
                found.append(resolver.external(f"{path}()", origin, tags))
            case Defined(file, scope):
                view = project.view(file)
                here = view.facts.scopes[scope] if view is not None else None
                if view is None or here is None or here.kind != "class" or here.returned_type is None:
                    found.append(Instance(file, scope))
                    continue
                read = partial(resolver.resolve, here.returned_type, view, here.parent, here.start)
                found.extend(resolver.once(("type", file, scope), read))
    return tuple(dict.fromkeys(found))


def entered(resolver: Resolver, managers: Values) -> Values:
    """What the context managers among some values give when they are entered; the others, as they are."""
    found: list[Value] = []
    for value in managers:
        match value:
            case Generated():
                found.extend(resolver.once(("yielded", value.file, value.scope), partial(resolver.yielded, value)))
            case Instance():
                given: list[Value] = []
                for method in ("__enter__", "__aenter__"):
                    for member in resolver.attribute(value, method):
                        given.extend(resolver.returned(member) if isinstance(member, Defined) else ())
                found.extend(given or [value])
            case _:
                found.append(value)
    return tuple(dict.fromkeys(found))
