"""Files of an application that nothing imports, among those that it runs: what is left over, or begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

# What a platform or a framework looks for in a file that it loads by itself.
_ENTRIES = frozenset("default handler GET POST PUT PATCH DELETE loader action load actions".split())
_DEFAULT = "default"
# What such a file gives by default is a component: no platform looks for one, and a framework that does imports it.
_COMPONENTS = (".tsx", ".jsx", ".vue", ".svelte")


def left_out(project: Project, reach: Reach, path: str, running: AbstractSet[str]) -> str:
    """What is not told of a file of functions beside others that run with a monitor; ``""``: something runs it.

    :param running: The files that run with the monitor.
    """
    if project.store.loads_by_name or not project.is_app(path) or reach.is_imported(path) or reach.loaders(path):
        return ""
    folder = path.rpartition("/")[0]
    if not any(p.rpartition("/")[0] == folder and reach.is_imported(p) for p in running):
        return ""
    view = project.view(path)
    entries = _ENTRIES - {_DEFAULT} if path.endswith(_COMPONENTS) else _ENTRIES
    if view is None or project.store.is_program(path) or any((0, name) in view.bindings for name in entries):
        return ""
    calls = view.facts.calls
    return "" if any(c.scope == 0 and _begins(view, c) for c in calls) else f"nothing here imports {path}"


def _begins(view: FileView, call: Call) -> bool:
    """Whether a call that runs when its file is loaded starts something, or tells somebody of a function."""
    if isinstance(call.callee, str) and (0, call.callee) in view.bindings:
        return True
    handed = (*call.args, *call.kwargs.values())
    return any(isinstance(one, (tuple, list)) and one and one[0] == "fn" for one in handed)
