"""Files of an application that nothing imports, among those that it runs: what is left over, or begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.facts import CallFlag
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

# What a platform or a framework looks for in a file that it loads by itself.
_ENTRIES = frozenset("default handler GET POST PUT PATCH DELETE loader action load actions".split())
_DEFAULT = "default"
# By a file of this name a package is used or started, and a build begins; what does so need not be read.
_BEGUN = pattern(r"(?:^|/)(?:index|main|entry|cli|app|server|worker|sdk)(?:[-_.][\w.-]+)?\.\w+$")
# Deeper in the sources of a package, it is there for those who import the folder.
_INNER = pattern(r"(?:^|/)(?:src|lib|client|frontend)/.+/index\.\w+$")
# What lies below such a folder may be loaded by a convention, whatever else runs beside that.
_LOADED = frozenset(
    "api app apis actions bin cli commands cron edge events functions handlers hooks job jobs lambda lambdas listeners "
    "middleware middlewares migrations netlify pages plugins public routes scripts seeds server static tasks triggers "
    "worker workers workflows".split()
)
_SOURCES = frozenset("src lib".split())
MAX_FOLDERS = 2
"""So many folders further up what runs may lie, within the sources of a package."""
_NOTHING = "nothing here imports "
_NOT_DEPLOYED = "nothing but tests and scripts imports "
# What such a file gives by default is a component: no platform looks for one, and a framework that does imports it.
_COMPONENTS = (".tsx", ".jsx", ".vue", ".svelte")


def left_out(project: Project, reach: Reach, path: str, running: AbstractSet[str]) -> str:
    """What is not told of a file of functions beside others that run with a monitor; ``""``: something runs it.

    :param running: The files that run with the monitor.
    """
    if project.store.loads_by_name or not project.is_app(path):
        return ""
    above = {p for p in reach.importers(path) if project.is_app(p)} | {path}
    tops = sorted(p for p in above if reach.directly_importing(p).isdisjoint(above - {p}))
    if not tops or any(_runs(project, reach, top, running) for top in tops):
        return ""
    top = path if tops == [path] else tops[0]
    return f"{_NOT_DEPLOYED if reach.directly_importing(top) - above else _NOTHING}{top}"


def is_left_out(doubt: str) -> bool:
    """Whether something is in doubt because nothing is seen to run the file, in requests or outside of them."""
    return doubt.startswith((_NOTHING, _NOT_DEPLOYED))


def _runs(project: Project, reach: Reach, path: str, running: AbstractSet[str]) -> bool:
    """Whether something may run a file that no other of the application imports."""
    if any(map(project.is_app, reach.loaders(path))) or (_BEGUN.search(path) and not _INNER.search(path)):
        return True
    if not _is_beside(reach, path, running):
        return True
    view = project.view(path)
    entries = _ENTRIES - {_DEFAULT} if path.endswith(_COMPONENTS) else _ENTRIES
    if view is None or project.store.is_program(path) or any((0, name) in view.bindings for name in entries):
        return True
    return any(c.scope == 0 and _begins(view, c) for c in view.facts.calls)


def _is_beside(reach: Reach, path: str, running: AbstractSet[str]) -> bool:
    """Whether some of what runs lies in the folder of a file, or not far above that in the sources of a package."""
    beside = {p.rpartition("/")[0] for p in running if reach.is_imported(p)}
    folder = path.rpartition("/")[0]
    for _ in range(MAX_FOLDERS):
        above, _, name = folder.rpartition("/")
        if folder in beside or not above or name.lower() in _LOADED | _SOURCES:
            break
        folder = above
    return folder in beside


def _is_class(view: FileView, value: Expr) -> bool:
    return isinstance(value, (tuple, list)) and value[0] == "fn" and view.facts.scopes[value[1]].kind == "class"


def _begins(view: FileView, call: Call) -> bool:
    """Whether a call that runs when its file is loaded starts something, or tells somebody of a function."""
    if isinstance(call.callee, str):
        known = view.bindings.get((0, call.callee.partition(".")[0]), ())
        if call.flags & (CallFlag.STATEMENT | CallFlag.AWAITED) or "." not in call.callee:
            # What is made of a class and kept, as `export const books = new Books()`, is there for others.
            is_kept = not call.flags and all(_is_class(view, binding.value) for binding in known)
            if known and not is_kept:
                return True
    handed = (*call.args, *call.kwargs.values())
    return any(isinstance(one, (tuple, list)) and one and one[0] == "fn" for one in handed)
