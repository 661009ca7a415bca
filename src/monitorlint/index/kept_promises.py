"""Promises that are kept in a variable, and waited for later: there they raise what the call that gave them came to.

``const pending = fetch(url); try { await pending; } catch (error) { captureException(error); }``: the handler around
the ``await`` sees it, and one around the call sees nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.facts import CallFlag

if TYPE_CHECKING:
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Binding, Call

_WAITED = rb"\bawait\s+\(?\s*(?:(?:Promise\.(?:all|race|any)|asyncio\.gather)\(\s*\[?[^\])]{0,200}?)?\b%s\b"
"""By itself, or together with others."""
_NOTHING = (None, ("lit", None), ["lit", None])
"""What a variable has before, and when it is done with."""


class KeptPromises:
    """Tells where what calls give is waited for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._bound: dict[str, dict[tuple[int, int], Binding]] = {}
        self._known: dict[tuple[str, int, int], Call] = {}

    def at(self, view: FileView, call: Call) -> Call:
        """The call as if it stood where it is waited for; as it stands, where that is in no other block."""
        if call.parent >= 0 or call.flags & (CallFlag.AWAITED | CallFlag.STATEMENT | CallFlag.WITH_ITEM):
            return call
        row = self._bindings(view).get((call.scope, call.start))
        if row is None:
            return call
        key = (view.path, call.start, call.end)
        if key not in self._known:
            self._known[key] = self._waited_for(view, call, row)
        return self._known[key]

    def _bindings(self, view: FileView) -> dict[tuple[int, int], Binding]:
        """What is bound to a call, or to a chain that begins with it, by its scope and start."""
        if view.path not in self._bound:
            calls = view.facts.calls
            self._bound[view.path] = {
                (calls[row.value[1]].scope, calls[row.value[1]].start): row
                for row in view.facts.bindings
                if row.how == "assign"
                and isinstance(row.value, (tuple, list))
                and row.value[:1] in (("call",), ["call"])
            }
        return self._bound[view.path]

    def _waited_for(self, view: FileView, call: Call, row: Binding) -> Call:
        blocks, function = view.facts.blocks, view.function_of(call.scope)
        bound = [
            b for b in view.bindings.get((row.scope, row.name), ()) if b.how == "assign" and b.value not in _NOTHING
        ]
        if not row.name.isidentifier() or bound != [row]:
            return call
        end = view.facts.scopes[call.scope].end if call.scope else len(self._project.store.text(view.path))
        waited = re.compile(_WAITED % re.escape(row.name.encode()))
        found = waited.search(self._project.store.text(view.path), call.end, end)
        if found is None:
            return call
        around = [n for n, b in enumerate(blocks) if b.start <= found.start() < b.end]
        inner = max(around, key=lambda n: (blocks[n].start, -blocks[n].end), default=call.block)
        if view.function_of(blocks[inner].scope) != function or inner in view.blocks_around(call):
            return call
        return call._replace(block=inner)
