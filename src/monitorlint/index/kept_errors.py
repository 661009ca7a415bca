"""Errors that a handler keeps for later: it is raised again, or sent, when all attempts have failed.

``for (…) { try { return await ask(); } catch (error) { last = error; } } throw last;``, and of several that were waited
for together: ``for (const one of await Promise.allSettled(…)) if (one.reason) captureException(one.reason);``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

_REASON: Final = ".reason"
_CAUGHT: Final = pattern(rb"\bcatch\s*\(\s*([\w$]+)|\bexcept\b[^\n:]*\bas\s+(\w+)\s*:")
"""The name of what a handler catches: facts tell of none."""
_NEAR: Final = 160


def kept_in(project: Project, view: FileView, handler: int) -> frozenset[str]:
    """The variables of the function that a handler sets to what it caught, and that are no part of the handler."""
    blocks = view.facts.blocks
    here = blocks[handler]
    rows = [row for row in view.facts.bindings if here.start <= row.start < here.end]
    if not any(row.how == "assign" and isinstance(row.value, str) for row in rows):
        return frozenset()
    text = project.store.text(view.path)
    near = [
        m for m in _CAUGHT.finditer(text, max(here.start - _NEAR, 0), here.start + _NEAR) if m.start() <= here.start
    ]
    caught = (near[-1].group(1) or near[-1].group(2)).decode() if near else ""
    kept = {row.name for row in rows if row.how == "assign" and isinstance(row.value, str) and row.value == caught}
    return frozenset(name for name in kept if name.isidentifier())


def is_sent_later(view: FileView, handler: int, call: Call, kept: frozenset[str]) -> bool:
    """Whether a call behind a handler, in the same function, is handed what that has kept."""
    here = view.facts.blocks[handler]
    if call.start < here.end or view.function_of(call.scope) != view.function_of(here.scope):
        return False
    return any(isinstance(expr, str) and expr in kept for expr in call.args)


def is_reason(view: FileView, call: Call, scope: int) -> bool:
    """Whether a call in a function is handed the reason for which one of several failed."""
    is_given = any(isinstance(expr, str) and expr.endswith(_REASON) for expr in call.args)
    return is_given and view.function_of(call.scope) == view.function_of(scope)
