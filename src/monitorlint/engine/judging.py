"""From the calls of one project to its sites: all that tells who monitors them.

A module of its own, since many a run finds no call to judge and does without.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from monitorlint.index.auto import AutoInstrumentation
from monitorlint.index.browsers import Browsers
from monitorlint.index.captures import Captures
from monitorlint.index.limits import Limits
from monitorlint.index.monitored import Monitoring
from monitorlint.index.sites import call_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from monitorlint.engine.analysis import FactStore
    from monitorlint.engine.plan import Plan
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.model.site import Site


def judging_of(
    plan: Plan, project: Project, reach: Reach, around: Surroundings, store: FactStore
) -> Callable[[Iterable[FoundCall]], Iterator[Site]]:
    """What gives the calls of a project as sites, in their order."""
    auto = AutoInstrumentation(project, reach, plan.discovery.project, around)
    counts = plan.catalogue.takes_errors
    named = (module for path in project.kept for module in (*store.rows[path].imports, *store.packages(path)))
    present = bool(plan.wrappers or plan.helpers) or any(map(counts, named)) or bool(project.reporting_files)
    captures = Captures(project, auto)
    monitoring = Monitoring(project, auto, reach, captures, present=present)
    swallows = None
    if plan.swallowed and present:
        from monitorlint.index.swallows import Swallows  # noqa: PLC0415 - only for rules that are off by default

        swallows = Swallows(project, auto, captures, monitoring)
    limits = Limits(project, around, Browsers(project, reach, monitoring.graph, store.text))
    return partial(call_sites, monitoring, limits, require=plan.require, swallows=swallows)
