"""Integrations that are made beside the start of a monitor, with what turns them on or off.

``sentry_sdk.init(integrations=[LoggingIntegration(event_level=None)])``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.calls import condition_holds
from monitorlint.index.values import External

if TYPE_CHECKING:
    from monitorlint.catalog import Form
    from monitorlint.index.project import Project
    from monitorlint.index.switches import Switch


def is_set_off(project: Project, switch: Switch, form: Form) -> bool:
    """Whether the member is made, beside the switch, with what turns it off, or without what turns it on."""
    view = project.view(switch.path)
    made = form.member.removesuffix("()")
    tail = made.rpartition(".")[2]
    for number in view.calls_by_tail.get(tail, ()) if view is not None and (form.unless or form.given) else ():
        values = project.resolver.callee(view, number)  # type: ignore[arg-type]
        if any(isinstance(v, External) and project.catalogue.reduce(v.path) == made for v in values):
            call = view.facts.calls[number]  # type: ignore[union-attr]
            if any(condition_holds(project, view, call, c) is True for c in form.unless):  # type: ignore[arg-type]
                return True
            if form.given and all(condition_holds(project, view, call, c) is True for c in form.given):  # type: ignore[arg-type]
                return False
    return bool(form.given)
