"""The helper module that a file's repairs call: which file it is, how it is imported, what it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.engine.scan import read_file
from monitorlint.languages.python.rewrite.file import Wishes
from monitorlint.languages.python.rewrite.helper_module import HelperModules, spellings
from monitorlint.languages.python.rewrite.place import Source
from monitorlint.languages.python.source import UndecodableError
from monitorlint.settings.values import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from monitorlint.engine.run import Analysed, Prepared

STANDARD_NAME = "sentry_monitoring.py"


class Helpers:
    """The helper modules of one project, for its files."""

    def __init__(self, project: Prepared, analysed: Analysed) -> None:
        self._project = project
        imports = {row.path: [i.lstrip("~") for i in row.imports] for row in analysed.scan.rows}
        self._modules = HelperModules(project.discovery.project, imports)
        self._own = analysed.screen.own
        self._offered: dict[str, frozenset[str]] = {}

    def demand(self) -> None:
        """Say what is missing where there is no helper module at all.

        :raises UsageError: there is none, or the one that is configured is not to be used.
        """
        configured = self._project.settings.helper_python
        if configured:
            if configured.startswith("../"):
                raise UsageError(f"helpers.python: {configured} lies outside the project; move it below its root")
            if not (self._project.settings.root / configured).is_file():
                raise UsageError(f"helpers.python: no such file {configured}; run `monitorlint init`, or correct it")
        elif not self._project.plan.helpers:
            raise UsageError(
                f"no helper module: the project has no {STANDARD_NAME}; nothing was changed: "
                "run `monitorlint init`, or set helpers.python"
            )

    def wishes(self, path: str) -> Wishes:
        """What a file imports the helpers from, and how.

        :raises UsageError: two helper modules are equally near.
        :raises NotImportableError: the file cannot import the one that is nearest.
        """
        settings = self._project.settings
        helper = nearest(path, self._project.plan.helpers)
        return Wishes(
            module=self._modules.name(path, helper),
            spellings=spellings(path, helper),
            own=self._own,
            offered=self._offers(helper),
            context=settings.context,
            wrappers=settings.wrappers,
        )

    def _offers(self, helper: str) -> frozenset[str]:
        """The names that the helper module binds."""
        if helper not in self._offered:
            self._offered[helper] = self._bound_in(helper)
        return self._offered[helper]

    def _bound_in(self, helper: str) -> frozenset[str]:
        known = self._project.plan.texts.get(helper)
        try:
            data = known if known is not None else read_file(str(self._project.settings.root / helper))[0]
            facts = Source(helper, data).facts
        except (OSError, UndecodableError) as error:
            raise UsageError(f"{helper}: the helper module cannot be read: {error}") from None
        return frozenset(
            {b.name for b in facts.bindings if b.scope == 0} | {i.local for i in facts.imports if i.scope == 0}
        )


def nearest(path: str, helpers: Collection[str]) -> str:
    """The helper module with the fewest folders between it and a file.

    :raises UsageError: two are equally near.
    """
    distances = sorted((_distance(path, helper), helper) for helper in helpers)
    if len(distances) > 1 and distances[0][0] == distances[1][0]:
        raise UsageError(
            f"{path}: {distances[0][1]} and {distances[1][1]} are equally near; set helpers.python to one of them"
        )
    return distances[0][1]


def _distance(path: str, helper: str) -> int:
    here, there = path.split("/")[:-1], helper.split("/")[:-1]
    shared = 0
    for one, other in zip(here, there, strict=False):
        if one != other:
            break
        shared += 1
    return len(here) + len(there) - 2 * shared
