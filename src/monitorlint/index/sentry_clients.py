"""Which of Sentry's SDKs for JavaScript something starts: without a client, ``captureException`` sends nothing.

Where nothing starts any, it may be a library, and its application does that.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project

_SCOPE = "@sentry/"
# What makes a client. By these names alone it is known, wherever it was imported from.
_WRAPPING = frozenset(
    "withSentry instrumentDurableObjectWithSentry instrumentWorkflowWithSentry sentryPagesPlugin "
    "initCloudflareSentryHandle sentryCloudflareNitroPlugin InitSentryForEmber".split()
)
_STARTING = frozenset("init initAndBind initWithoutDefaultIntegrations setCurrentClient".split())
# Each runs where the others of its row do, and nowhere else; what is in no row is for several places.
_ROWS = (
    frozenset("browser react vue svelte angular angular-ivy solid ember".split()),
    frozenset("node node-core nestjs bun google-cloud-serverless".split()),
    frozenset({"cloudflare"}),
    frozenset({"deno"}),
)
_ROW_OF = {name: row for row in _ROWS for name in row}


class SentryClients:
    """Tells whether something in the project starts the SDK that a function belongs to."""

    def __init__(self, project: Project, auto: AutoInstrumentation) -> None:
        self._project = project
        self._auto = auto

    def doubt_of(self, path: str) -> str:
        """What leaves in doubt that a function of Sentry's sends what it is handed; ``""``: nothing."""
        name = path.partition(".")[0]
        row = _ROW_OF.get(name.removeprefix(_SCOPE)) if name.startswith(_SCOPE) else None
        if row is None or not self._started or any(_ROW_OF.get(one, row) is row for one in self._started):
            return ""
        return f"nothing here starts {name}"

    @cached_property
    def doubtful(self) -> bool:
        """Whether the application imports an SDK that nothing is seen to start."""
        return any(map(self.doubt_of, self._imported))

    @cached_property
    def _imported(self) -> frozenset[str]:
        packages = self._project.store.packages
        return frozenset(
            name for path in self._auto.beside_monitors for name in packages(path) if name.startswith(_SCOPE)
        )

    @cached_property
    def _started(self) -> set[str]:
        """The SDKs that the application starts, by their names behind the scope; ``""``: one that is not known."""
        found: set[str] = set()
        beside = sorted(self._auto.beside_monitors)
        calling = self._project.store.calling
        for path in dict.fromkeys(p for name in sorted(_WRAPPING | _STARTING) for p in calling(name, beside)):
            view = self._project.view(path)
            if view is None:
                continue
            imported = {n.partition(".")[0] for n in self._project.store.packages(path) if n.startswith(_SCOPE)}
            if not _WRAPPING.isdisjoint(view.calls_by_tail):
                found.update(imported or {""})
            elif not _STARTING.isdisjoint(view.calls_by_tail):
                by_name = (view.facts.calls[n].callee for n in view.calls_by_tail.get("init", ()))
                found.update(imported or ({""} if "Sentry.init" in by_name else ()))
        return {name.removeprefix(_SCOPE) for name in found}
