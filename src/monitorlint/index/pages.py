"""Which files run in pages of a browser alone, by what imports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach


def runs_in_pages_alone(project: Project, reach: Reach, path: str) -> bool:
    """Whether some page runs a file, and no other program that is known of does."""
    importers = reach.importers(path)
    frames, is_program = reach.frames, project.store.is_program
    side = frames.side_of(importers)
    files = {p for p in importers if project.is_app(p)} - frames.programs
    pages = set(filter(reach.renders_page, files))
    in_pages = bool(pages) or side == "browser"
    elsewhere = side != "browser" and not frames.programs.isdisjoint(importers)
    return in_pages and not elsewhere and not any(map(is_program, files - pages))
