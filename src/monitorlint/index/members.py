"""Integrations that are made beside the start of a monitor, with what turns them on or off.

``sentry_sdk.init(integrations=[LoggingIntegration(event_level=None)])``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.calls import condition_holds
from monitorlint.index.values import External, Literal

if TYPE_CHECKING:
    from monitorlint.catalog import Form
    from monitorlint.catalog.rows import Condition
    from monitorlint.index.project import Project
    from monitorlint.index.switches import Switch
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call


def set_on(project: Project, switch: Switch, form: Form) -> str | None:
    """What leaves in doubt that the member is on, which is made beside the switch; None where it is off.

    With what turns it off it is off, and without what turns it on; where a condition chooses between the two, either.
    """
    view = project.view(switch.path)
    made = form.member.removesuffix("()")
    tail = made.rpartition(".")[2]
    for number in view.calls_by_tail.get(tail, ()) if view is not None and (form.unless or form.given) else ():
        values = project.resolver.callee(view, number)  # type: ignore[arg-type]
        if any(isinstance(v, External) and project.catalogue.reduce(v.path) == made for v in values):
            call = view.facts.calls[number]  # type: ignore[union-attr]
            doubt = f"a condition at {switch.path}:{call.row + 1} decides whether it does"
            for condition in form.unless:
                if condition_holds(project, view, call, condition) is True:  # type: ignore[arg-type]
                    return doubt if _is_chosen(project, view, call, condition) else None  # type: ignore[arg-type]
            if form.given and all(condition_holds(project, view, call, c) is True for c in form.given):  # type: ignore[arg-type]
                chosen = any(_is_chosen(project, view, call, c) for c in form.given)  # type: ignore[arg-type]
                return doubt if chosen else ""
    return None if form.given else ""


def _is_chosen(project: Project, view: FileView, call: Call, condition: Condition) -> bool:
    """Whether an argument that a condition speaks of may have another value as well: ``ERROR if asked else None``."""
    expr = call.kwargs.get(condition.keyword) if condition.keyword else None
    if expr is None and condition.argument is not None and condition.argument < len(call.args):
        expr = call.args[condition.argument]
    values = project.resolver.resolve(expr, view, call.scope, call.start)
    return any(
        value.path not in condition.paths
        if isinstance(value, External)
        else isinstance(value, Literal)
        and value.value not in condition.values
        and not (value.value is None and "None" in condition.paths)
        for value in values
    )
