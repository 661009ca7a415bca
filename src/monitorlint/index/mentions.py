"""Files beside monitors in which a word stands: what is to be looked for there is worth reading them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView


def mentioning(project: Project, auto: AutoInstrumentation, *words: bytes) -> Iterator[FileView]:
    """The application's files that import a monitor, and those that import these, where one of the words stands."""
    for path in sorted(auto.beside_monitors):
        # What stands for a part of a framework is no file.
        if path.endswith(")") or not any(word in project.store.text(path) for word in words):
            continue
        if (view := project.view(path)) is not None:
            yield view
