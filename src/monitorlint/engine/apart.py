"""Where in a project functions run without what their files import."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.engine.analysis import FactStore
from monitorlint.engine.scanning import module_map
from monitorlint.index.project import Project
from monitorlint.index.taken_sources import TakenSources, may_take

if TYPE_CHECKING:
    from monitorlint.engine.run import Analysed


class Apart:
    """Tells it of the files in one language, as they were analysed last."""

    def __init__(self, analysed: Analysed) -> None:
        self._analysed = analysed

    def reason(self, path: str, offset: int) -> str:
        """Why no helper can be called at a byte offset of a file, as one line; ``""`` when one can."""
        return self._sources.reason(path, offset)

    @cached_property
    def _sources(self) -> TakenSources:
        plan, analysis, screen, scan = self._analysed
        store = FactStore(plan, scan, screen.counts, screen.renames)
        sites = {site.path for site in analysis.sites}
        read = [row.path for row in scan.rows if row.is_read and screen.counts(row.path, row.marks)]
        takers = {path for path in read if path in sites or may_take(store.text(path))}
        areas = {row.path: screen.area_of(row.path, row.marks) for row in scan.rows}
        project = Project(store, plan.catalogue, module_map(plan, screen.renames), sites, areas)
        return TakenSources(project, takers, read)
