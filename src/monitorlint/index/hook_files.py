"""Files that hand an application its handler of errors, and have nothing else to do with monitors.

``app.use(report)`` stands where the application is put together; what it is handed comes out of another file, and that
sends. Such a file imports no monitor, and is not looked through for calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

_SETTING = pattern(rb"\b(?:onError\s*[(:]|setErrorHandler\()")
_USING: Final = b".use("
_FRAMEWORKS: Final = frozenset("express restify connect polka router @feathersjs/express".split())
"""What takes a handler of errors as it takes middleware."""
_OF_PAGES: Final = (".tsx", ".jsx", ".vue", ".svelte")


def files_with_hooks(project: Project, reach: Reach) -> Iterator[FileView]:
    """The files that are not looked through and may hand on a handler that one or two imports away sends errors."""
    kept = frozenset(project.kept)
    is_monitor = project.catalogue.takes_errors
    sending = {path for path in kept if any(map(is_monitor, project.store.packages(path)))} | project.reporting_files
    near = {path for sender in sending for path in reach.directly_importing(sender)}
    near |= {path for middle in near for path in reach.directly_importing(middle)}
    for path in sorted(filter(reach.is_file, near - kept)):
        if not project.is_app(path) or path.endswith(_OF_PAGES):
            continue
        text = project.store.text(path)
        if _SETTING.search(text) is None and (
            _USING not in text or _FRAMEWORKS.isdisjoint(project.store.packages(path))
        ):
            continue
        view = project.view(path)
        if view is not None:
            yield view
