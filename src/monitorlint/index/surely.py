"""What holds of an argument whichever way the code goes.

``let enabled = false; if (isProduction) { enabled = true; }``, ``enabled: isProduction || debug``: of the values that
are known one says that a monitor is off, and which of them is handed over, nothing here tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.calls import condition_holds
from monitorlint.index.flow import live_bindings
from monitorlint.index.values import Literal

if TYPE_CHECKING:
    from monitorlint.catalog import Condition
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call


def surely_holds(project: Project, view: FileView, call: Call, condition: Condition) -> bool:
    """Whether a condition on a call's argument holds, and nothing else may be handed over."""
    if condition_holds(project, view, call, condition) is not True:
        return False
    if not condition.values or condition.on_maker or condition.keyword not in call.kwargs:
        return True
    return _is_one_of(project, view, call.kwargs[condition.keyword], call.scope, call.start, condition)


def _is_one_of(
    project: Project, view: FileView, expr: Expr, scope: int, offset: int, condition: Condition, depth: int = 0
) -> bool:
    """Whether an expression is one of some values, as far as it may be anything."""
    if isinstance(expr, (tuple, list)) and expr and expr[0] == "any":
        return all(_is_one_of(project, view, part, scope, offset, condition, depth) for part in expr[1])
    if isinstance(expr, str) and depth < _DEEP:
        rows = next((view.bindings[s, expr] for s in (scope, 0) if (s, expr) in view.bindings), [])
        rows = live_bindings(view, rows, offset) if rows and rows[0].scope == scope else rows
        if rows and all(row.how == "assign" for row in rows):
            return all(_is_one_of(project, view, r.value, r.scope, r.start, condition, depth + 1) for r in rows)
    values = project.resolver.resolve(expr, view, scope, offset)
    return bool(values) and all(
        isinstance(value, Literal)
        and (value.value in condition.values or (value.value is None and "None" in condition.paths))
        for value in values
    )


_DEEP = 4
"""So many names are followed that stand for another one."""
