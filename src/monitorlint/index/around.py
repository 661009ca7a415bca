"""Wrappers, spans and decorators in the function that a call stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.lazily import leaves
from monitorlint.index.verdict import higher
from monitorlint.model.facts import CallFlag

if TYPE_CHECKING:
    from monitorlint.index.forms import Forms
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call


class Around:
    """Finds the monitor around a call."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._memo: dict[tuple[str, int], Monitor | None] = {}

    def of(self, view: FileView, number: int) -> Monitor | None:
        """The monitor of the highest level around call ``number``; None where there is none."""
        key = (view.path, number)
        if key not in self._memo:
            self._memo[key] = self._of(view, number)
        return self._memo[key]

    def _of(self, view: FileView, number: int) -> Monitor | None:
        call = view.facts.calls[number]
        best = self._handed_over(view, number)
        for at in view.blocks_around(call):
            block = view.facts.blocks[at]
            if leaves(view, call, at):
                return best
            if block.kind != "with":
                continue
            for item in block.items:
                found = self._forms.span(item, view, block.scope, block.start)
                if found is not None:
                    best = higher(best, Monitor("span", found[1], found[0], view.path, block.row))
        if call.flags & CallFlag.WITH_ITEM:
            best = higher(best, self._beside(view, call))
        return higher(best, self.decorated(view, view.function_of(call.scope)))

    def _beside(self, view: FileView, call: Call) -> Monitor | None:
        """An earlier item of the same ``with``: ``with span(…), client.stream(…) as s:``."""
        for block in view.facts.blocks:
            if block.kind != "with" or not block.row <= call.row <= block.row + 12 or call.start > block.start:
                continue
            for item in block.items:
                if isinstance(item, (tuple, list)) and item[0] == "call":
                    other = view.facts.calls[item[1]]
                    if other.start == call.start and other.end == call.end:
                        break
                found = self._forms.span(item, view, block.scope, block.start)
                if found is not None:
                    return Monitor("span", found[1], found[0], view.path, block.row)
        return None

    def _handed_over(self, view: FileView, number: int) -> Monitor | None:
        """The call stands in a lambda (or is a coroutine) that a monitoring call runs."""
        calls = view.facts.calls
        call = calls[number]
        parent = call.parent
        while parent >= 0:
            outer = calls[parent]
            lazy = outer.scope != call.scope or not call.flags & CallFlag.AWAITED
            found = self._forms.call(view, parent) if lazy else None
            if found is not None:
                return Monitor("wrapper", found[1], found[0], view.path, outer.row)
            parent = outer.parent
        return None

    def decorated(self, view: FileView, scope: int) -> Monitor | None:
        """The monitor that a function, or its class, is decorated with."""
        scopes = view.facts.scopes
        here = scopes[scope]
        best: Monitor | None = None
        for decorator in here.decorators:
            found = self._forms.decorator(decorator, view, here.parent, here.start)
            if found is not None:
                best = higher(best, Monitor("decorator", found[1], found[0], view.path, here.row))
        owner = scopes[here.parent] if here.parent > 0 else None
        if owner is not None and owner.kind == "class":
            for decorator in owner.decorators:
                if _names_method(view, decorator, here.name):
                    found = self._forms.decorator(decorator, view, owner.parent, owner.start)
                    if found is not None:
                        best = higher(best, Monitor("decorator", found[1], found[0], view.path, owner.row))
        return best


def _names_method(view: FileView, decorator: Expr, name: str) -> bool:
    """``@workflow(method_name="run")`` on a class speaks of that method; without the keyword, of all."""
    if not isinstance(decorator, (tuple, list)) or decorator[0] != "call":
        return False
    named = view.facts.calls[decorator[1]].kwargs.get("method_name")
    return named is not None and named in (("lit", name), ["lit", name])
