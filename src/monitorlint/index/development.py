"""Calls that run for those who develop the program: below ``if settings.DEBUG:``, or nothing else leads to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined, Module
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.chains import Chains
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

MAX_ABOVE = 12
"""So many functions are looked at above a call."""

_NAME = pattern(
    r"(?:(?:is|in|use|enable|run|app|flask|django|fastapi|server|env|local)_?)*"
    r"(?:debug|development|dev)(?:_?(?:mode|enabled|env|environment|server|ui|tools|only|on))*"
)
# A word that may be short for something else where it stands alone.
_SHORT = frozenset({"dev"})
# These are asked for a value by its name.
_ASKING = frozenset({"getattr", "get", "getenv", "bool", "env", "config"})
_VIEWS = ("View", "ViewSet")


class Development:
    """Tells whether a call runs where the program is developed alone."""

    def __init__(self, project: Project, reach: Reach, chains: Callable[[], Chains], *, looks_up: bool) -> None:
        """:param looks_up: Whether what leads to a call is looked at, too."""
        self._project = project
        self._reach = reach
        self._chains = chains
        self._looks_up = looks_up
        self._known: dict[Key, bool] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What may see to a call: whoever develops the program."""
        view, call = found.view, found.view.facts.calls[found.number]
        key = (view.path, view.function_of(call.scope))
        # Most programs ask nowhere, and what leads to a call need not be found out.
        looks_up = self._looks_up and not self._reach.for_development.isdisjoint(self._reach.importers(view.path))
        if self._is_below(view, call) or (looks_up and key[1] > 0 and self._leads_nowhere_else(key)):
            monitor = Monitor("callers", Level.ERRORS, "whoever develops it", view.path, call.row)
            return Verdict(monitor, (), "it runs where the program is developed alone", by_hand=True)
        return Verdict(None)

    def _is_below(self, view: FileView, call: Call) -> bool:
        blocks = view.facts.blocks
        number = call.block
        while number >= 0:
            block = blocks[number]
            if block.kind == "if" and any(self._asks(view, item) for item in block.items):
                return True
            number = block.parent
        return False

    def _asks(self, view: FileView, expr: Expr) -> bool:
        if isinstance(expr, (tuple, list)) and expr and expr[0] == "any":
            return all(self._asks(view, part) for part in expr[1])
        if isinstance(expr, (tuple, list)) and expr and expr[0] == "call":
            call = view.facts.calls[expr[1]]
            names = (str(a[1]) for a in call.args if isinstance(a, (tuple, list)) and a[0] == "lit")
            return tail_of(call.callee) in _ASKING and _is_named(next(names, ""))
        return isinstance(expr, str) and _is_named(expr)

    def _leads_nowhere_else(self, start: Key) -> bool:
        """Whether every way to a function is known, and stands below such a condition."""
        if start not in self._known:
            self._known[start] = self._is_led_to_below(start, {start})
        return self._known[start]

    def _is_led_to_below(self, key: Key, seen: set[Key]) -> bool:
        """Likewise. The first way that begins elsewhere settles it: others are not looked for."""
        is_used = False
        for view, number in self._calls(key):
            call = view.facts.calls[number]
            above = (view.path, view.function_of(call.scope))
            if not self._is_below(view, call):
                if above[1] == 0 and self._project.store.is_program(view.path) and self._reach.is_imported(view.path):
                    # What others import shows what it does when it is run by itself.
                    continue
                if above[1] <= 0 or len(seen) > MAX_ABOVE:
                    return False
                if above in seen:
                    continue
                seen.add(above)
                if not self._is_led_to_below(above, seen):
                    return False
            is_used = True
        return is_used

    def _calls(self, key: Key) -> Iterator[tuple[FileView, int]]:
        """What is seen to call a function, or to put its class to use; nothing where something else may call it."""
        view = self._project.view(key[0])
        if view is None or self._chains().graph.is_entry(view, key[1]):
            return
        number = 0
        while (row := self._chains().caller(key, number)) is not None:
            number += 1
            yield row.call
        parent = view.facts.scopes[key[1]].parent
        owner = view.facts.scopes[parent]
        if not number and owner.kind == "class" and any(tail_of(base).endswith(_VIEWS) for base in owner.bases):
            yield from self._routed(Defined(key[0], parent))

    def _routed(self, owner: Defined) -> Iterator[tuple[FileView, int]]:
        """The places that make a view of a class: ``OrderView.as_view()``."""
        users = filter(self._project.is_app, self._reach.importers(owner.file))
        for path in self._project.store.calling("as_view", users):
            if (view := self._project.view(path)) is None:
                continue
            for number in view.calls_by_tail.get("as_view", ()):
                call = view.facts.calls[number]
                name = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
                values = self._project.resolver.resolve(name, view, call.scope, call.start)
                # What a package imports by the name of the module that it stands in looks like that module.
                if owner in values or Module(owner.file) in values:
                    yield view, number


def _is_named(name: str) -> bool:
    last = name.rpartition(".")[2]
    return _NAME.fullmatch(last.lower()) is not None and last not in _SHORT
