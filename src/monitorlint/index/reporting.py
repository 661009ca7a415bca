"""Files that tell a package of errors of which nothing is known, under a name that trackers have for it.

``import { captureException } from "@acme/watch"``: it may be a monitor. It proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.catalog.catalogue import REPORTING
from monitorlint.index.values import External

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView


def reporting_files(project: Project, paths: Iterable[str]) -> frozenset[str]:
    """Those of some files of the application that import such a name, or call something by it."""
    views = (project.view(path) for path in paths if project.is_app(path))
    return frozenset(view.path for view in views if view is not None and _reports(project, view))


def _reports(project: Project, view: FileView) -> bool:
    may_capture = project.catalogue.may_capture
    named = [row.target for row in view.facts.imports if row.target.rpartition(".")[2] in REPORTING]
    foreign = (project.modules.external(t) for t in named if project.modules.find(view.path, t)[0] is None)
    if any(may_capture(path) is not None for path in foreign):
        return True
    numbers = (number for name in REPORTING for number in view.calls_by_tail.get(name, ()))
    values = (value for number in numbers for value in project.resolver.callee(view, number))
    return any(isinstance(value, External) and may_capture(value.path) is not None for value in values)
