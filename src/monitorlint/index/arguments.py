"""What the call that switches instrumentation on is handed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.calls import may_hold
from monitorlint.index.values import Collected, Defined, External, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.catalog.rows import Cover
    from monitorlint.index.project import Project
    from monitorlint.index.switches import Switch, Switches
    from monitorlint.index.values import Value
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_LATER = "addIntegration"
_SENDING = ("beforeSendTransaction", "before_send_transaction")
"""What a monitor asks for the transaction to send: nothing is sent where that is null."""
_GETTING = ("append", "extend", "push", "unshift")


class Arguments:
    """Reads the arguments of such calls."""

    def __init__(self, project: Project, switches: Switches) -> None:
        self._project = project
        self._switches = switches

    def names(self, view: FileView, call: Call, keyword: str, member: str) -> bool | None:
        """Whether the collection under ``keyword`` holds ``member``; None: there is no such argument, or no literal."""
        if not keyword or keyword not in call.kwargs:
            return None
        resolver = self._project.resolver
        known = False
        added = list(_added(view, call, call.kwargs[keyword]))
        for part in added:
            given = resolver.resolve(part, view, call.scope, call.start)
            if any(isinstance(v, External) and v.path == self._project.catalogue.reduce(member) for v in given):
                return True
        for value in resolver.resolve(call.kwargs[keyword], view, call.scope, call.start):
            if isinstance(value, Literal) and value.value is None:
                continue
            value = self._given_back(value)  # noqa: PLW2901 - what a function gives stands for it
            if not isinstance(value, Collected) or not isinstance(value.expr, tuple):
                return None
            known = True
            there = self._project.view(value.file)
            for part in value.expr[1] if there is not None else ():
                for element in resolver.resolve(part, there, value.scope, value.offset):  # type: ignore[arg-type]
                    if isinstance(element, External) and element.path == self._project.catalogue.reduce(member):
                        return True
        return False if known and all(map(_is_made, added)) else None

    def is_added(self, view: FileView, member: str) -> bool:
        """Whether a file, or one that runs with it, adds ``member`` later: ``Sentry.addIntegration(member())``."""
        here = [adding for adding in self._adding if adding[0].path == view.path]
        there = [adding for adding in self._adding if adding[0].path != view.path]
        if any(self._is(part, by, call, member) for by, call in here for part in call.args[:1]):
            return True
        added = {by.path for by, call in there for part in call.args[:1] if self._is(part, by, call, member)}
        return bool(added) and not added.isdisjoint(self._switches.running_with(view.path))

    @cached_property
    def _adding(self) -> list[tuple[FileView, Call]]:
        """The calls that add an integration to what has begun, with the files that they stand in."""
        return [(v, v.facts.calls[n]) for v in self._project.views() for n in v.calls_by_tail.get(_LATER, ())]

    def is_set_off(self, view: FileView, row: Cover) -> bool:
        """Whether a file makes a member that stands for a row with an argument that turns the row off."""
        for path in row.off_by:
            member, _, keyword = path.rpartition(".")
            for number in view.calls_by_tail.get(member.rpartition(".")[2].removesuffix("()"), ()):
                call = view.facts.calls[number]
                given = call.kwargs.get(keyword)
                is_false = isinstance(given, (tuple, list)) and given[0] == "lit" and given[1] is False
                is_off = is_false or always_gives(view, given, value=True)
                if is_off and self._is(("call", number), view, call, member):
                    return True
        return False

    def filters(self, switch: Switch, row: Cover) -> str:
        """Says that a list of integrations is filtered by the name of one that stands for a row; ``""``: none is."""
        view = self._project.view(switch.path) if switch.call >= 0 and row.called else None
        if view is None or "filter" not in view.calls_by_tail:
            return ""
        text = self._project.store.text(switch.path)
        around = view.facts.calls[switch.call]
        for number in view.calls_by_tail["filter"]:
            call = view.facts.calls[number]
            if around.start < call.start < around.end:
                here = text[call.start : call.end]
                name = next((n for n in row.called if f"'{n}'".encode() in here or f'"{n}"'.encode() in here), "")
                if name:
                    return f"whose list is filtered by the name {name}"
        return ""

    def is_made(self, view: FileView, member: str) -> bool:
        """Whether a file makes ``member`` anywhere."""
        calls = enumerate(view.facts.calls)
        return any(self._is(("call", number), view, call, member) for number, call in calls)

    def _is(self, expr: Expr, view: FileView, call: Call, member: str) -> bool:
        wanted = self._project.catalogue.reduce(member)
        values = self._project.resolver.resolve(expr, view, call.scope, call.start)
        return any(isinstance(value, External) and value.path == wanted for value in values)

    def _given_back(self, value: Value) -> Value:
        """What a function gives that stands in place of a collection: ``(defaults) => [...defaults, mine()]``."""
        view = self._project.view(value.file) if isinstance(value, Defined) else None
        returned = view.facts.scopes[value.scope].returns if view is not None and isinstance(value, Defined) else ()
        if view is None or len(returned) != 1 or not isinstance(value, Defined):
            return value
        scope = view.facts.scopes[value.scope]
        found = self._project.resolver.resolve(returned[0], view, value.scope, scope.end)
        return found[0] if len(found) == 1 else value

    def framework(self, switch: Switch, row: Cover) -> str:
        """What is in doubt where a switch is handed the integration of a framework that no file here imports."""
        view = self._project.view(switch.path) if switch.call >= 0 and switch.auto.adds else None
        call = view.facts.calls[switch.call] if view is not None else None
        adds = next((key for key in switch.auto.adds if call is not None and key in call.kwargs), "")
        given = call.kwargs.get(adds) if call is not None else None
        if view is None or call is None or not isinstance(given, (tuple, list)) or given[0] != "seq":
            return ""
        frameworks = {n.partition(".")[0] for n in row.within if not self._switches.imported_below((n,))}
        for part in given[1]:
            for value in self._project.resolver.resolve(part, view, call.scope, call.start):
                names = frameworks.intersection(value.path.split(".")) if isinstance(value, External) else ()
                if names:
                    return f"{switch.path}:{switch.row + 1} names {min(names)}, and nothing here is seen to use it"
        return ""


def always_gives(view: FileView, expr: Expr, *, value: bool | None) -> bool:
    """Whether an expression is a function, or the name of one in its file, that gives nothing but a value."""
    if isinstance(expr, str):
        scopes = [n for n, scope in enumerate(view.facts.scopes) if scope.name == expr and scope.kind == "function"]
        number = scopes[0] if len(scopes) == 1 else -1
    else:
        number = expr[1] if isinstance(expr, (tuple, list)) and expr and expr[0] == "fn" else -1
    returned = view.facts.scopes[number].returns if number > 0 else ()
    return bool(returned) and all(isinstance(e, (tuple, list)) and tuple(e) == ("lit", value) for e in returned)


def traces(project: Project, view: FileView, call: Call, row: Cover) -> bool:
    """Whether a call asks for the spans of a row that has them only on request, and throws none away."""
    if any(always_gives(view, call.kwargs[name], value=None) for name in _SENDING if name in call.kwargs):
        return False
    for keyword in row.traced_if:
        value = call.kwargs.get(keyword, ("lit", None))
        if not (isinstance(value, (tuple, list)) and value[0] == "lit" and value[1] in (None, 0, 0.0, False)):
            return True
    # `sentry_sdk.init(**options)`, `Sentry.init(options())`: a sample rate usually is in what is not known.
    is_object = bool(call.args) and not call.kwargs and not project.catalogue.has_keywords
    unpacked = [part for part in call.spread if part is not None] + (call.args[-1:] if is_object else [])
    return any(may_hold(project, view, call, part, keyword) for part in unpacked for keyword in row.traced_if)


def _added(view: FileView, call: Call, expr: Expr) -> Iterator[Expr]:
    """What a list gets besides, on the way to a call: what is appended or pushed to it, and what it is extended by."""
    function = view.function_of(call.scope)
    for tail in _GETTING if isinstance(expr, str) else ():
        for number in view.calls_by_tail.get(tail, ()):
            adding = view.facts.calls[number]
            if (
                adding.callee != f"{expr}.{tail}"
                or view.function_of(adding.scope) != function
                or adding.start > call.start
            ):
                continue
            for part in adding.args:
                listed = tail == "extend" and isinstance(part, (tuple, list)) and part[0] == "seq"
                yield from part[1] if listed else (part,)  # type: ignore[index]


def _is_made(expr: Expr) -> bool:
    """Whether an expression makes one object, and is not a list of such."""
    return isinstance(expr, (tuple, list)) and expr[0] == "call"


def is_true(call: Call, keyword: str) -> bool | None:
    """Whether a keyword of the call is true; None where it is not to be read."""
    if keyword not in call.kwargs:
        return None if call.spread else False
    value = call.kwargs[keyword]
    return value[1] is True if isinstance(value, (tuple, list)) and value[0] == "lit" else None
