"""Monitors whose spans go nowhere: everything that starts them here leaves tracing off.

``sentry_sdk.init(dsn=DSN)``: ``with sentry_sdk.start_span(…):`` runs its body, and records nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.arguments import traces

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach

_OPEN_TELEMETRY = "opentelemetry"


class TracingOff:
    """Tells which they are."""

    def __init__(self, project: Project, auto: AutoInstrumentation, reach: Reach) -> None:
        self._project = project
        self._reach = reach
        self._auto = auto
        self._known: dict[str, bool] = {}

    def of(self, vendor: str) -> bool:
        """Whether the application starts a monitor, and asks for traces nowhere; or sets up none that it makes."""
        if vendor == _OPEN_TELEMETRY and vendor not in self._known:
            from monitorlint.index.no_provider import NoProvider  # noqa: PLC0415 - only where a span is

            self._known[vendor] = NoProvider(self._project, self._auto, self._reach).holds()
        if vendor not in self._known:
            self._known[vendor] = self._project.catalogue.has_keywords and self._find(vendor)
        return self._known[vendor]

    def _find(self, vendor: str) -> bool:
        row = self._project.catalogue.traced_on_request(vendor)
        starts = [s for s in self._auto.switches if s.auto.vendor == vendor and self._project.is_app(s.path)]
        if row is None or not starts:
            return False
        for start in starts:
            view = self._project.view(start.path) if start.call >= 0 else None
            # A helper of the project's own asks for them by itself.
            if view is None or start.auto.target.startswith("*"):
                return False
            if traces(self._project, view, view.facts.calls[start.call], row):
                return False
        return True
