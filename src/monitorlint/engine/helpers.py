"""The helper module that a file's repairs call: which file it is, how it is imported, what it offers."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.engine.scan import GLOBAL, read_file
from monitorlint.languages.rewriting import NotImportableError, Wishes
from monitorlint.languages.text import UndecodableError
from monitorlint.model.facts import LAZILY, TYPES
from monitorlint.settings.values import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from monitorlint.engine.run import Analysed, Prepared
    from monitorlint.languages.rewriting import HelperNames


class Helpers:
    """The helper modules of one project, for its files in one language."""

    def __init__(self, project: Prepared, analysed: Analysed) -> None:
        self._plan = plan = analysed.plan
        self._settings = project.settings
        self._key = f"helpers.{plan.front.name}"
        self._rows = analysed.scan.rows
        self._own = analysed.screen.own
        self._offered: dict[str, frozenset[str]] = {}

    @cached_property
    def _modules(self) -> HelperNames:
        plan = self._plan
        imports = {
            row.path: [i.removeprefix(LAZILY).removeprefix(TYPES) for i in row.imports if not i.startswith(GLOBAL)]
            for row in self._rows
        }
        return plan.front.helper_modules(plan.discovery.root, plan.discovery.project, imports)

    @property
    def has_any(self) -> bool:
        """Whether the project has a helper module in this language."""
        return bool(self._plan.helpers)

    def demand(self, path: str) -> None:
        """Say what is missing where there is no helper module at all.

        :param path: A file that is to call one.
        :raises UsageError: there is none, or the one that is configured is not to be used.
        """
        settings = self._settings
        configured = settings.helper_python if self._plan.front.name == "python" else settings.helper_typescript
        if configured:
            if configured.startswith("../"):
                raise UsageError(f"{self._key}: {configured} lies outside the project; move it below its root")
            if not (settings.root / configured).is_file():
                raise UsageError(f"{self._key}: no such file {configured}; run `monitorlint init`, or correct it")
            if configured.replace(os.sep, "/") not in self._plan.discovery.project:
                raise UsageError(
                    f"{self._key}: {configured} is left out of the project, by .gitignore or `exclude`, "
                    "and no call of it would count; move it, or take it in"
                )
        elif not self._plan.helpers:
            package = self._modules.package(path)
            raise UsageError(
                f"no helper module: the project has no {self._plan.front.helper_names[0]}; "
                f"run `monitorlint init{f' {package}' if package else ''}`, or set {self._key}"
            )

    def wishes(self, path: str) -> Wishes:
        """What a file imports the helpers from, and how.

        :raises NotImportableError: two helper modules are equally near, or the nearest cannot be imported.
        """
        helper = nearest(path, self._plan.helpers, self._key)
        return Wishes(
            module=self._modules.name(path, helper),
            spellings=self._modules.spellings(path, helper),
            own=self._own,
            offered=self._offers(helper),
            context=self._settings.context,
            wrappers=self._settings.wrappers,
        )

    def _offers(self, helper: str) -> frozenset[str]:
        """The names that the helper module binds."""
        if helper not in self._offered:
            self._offered[helper] = self._bound_in(helper)
        return self._offered[helper]

    def _bound_in(self, helper: str) -> frozenset[str]:
        known = self._plan.texts.get(helper)
        try:
            data = known if known is not None else read_file(str(self._settings.root / helper))[0]
            facts = self._plan.front.extract(helper, data)
        except (OSError, UndecodableError) as error:
            raise UsageError(f"{helper}: the helper module cannot be read: {error}") from None
        return frozenset(
            {b.name for b in facts.bindings if b.scope == 0} | {i.local for i in facts.imports if i.scope == 0}
        )


def nearest(path: str, helpers: Collection[str], key: str) -> str:
    """The helper module with the fewest folders between it and a file.

    :param key: The setting that names it, for the message.
    :raises NotImportableError: two are equally near.
    """
    distances = sorted((_distance(path, helper), helper) for helper in helpers)
    if len(distances) > 1 and distances[0][0] == distances[1][0]:
        raise NotImportableError(f"{distances[0][1]} and {distances[1][1]} are equally near; set {key} to one of them")
    return distances[0][1]


def _distance(path: str, helper: str) -> int:
    here, there = path.split("/")[:-1], helper.split("/")[:-1]
    shared = 0
    for one, other in zip(here, there, strict=False):
        if one != other:
            break
        shared += 1
    return len(here) + len(there) - 2 * shared
