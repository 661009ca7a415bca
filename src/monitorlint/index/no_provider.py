"""Spans of OpenTelemetry's API that nothing records: the project sets a provider of tracers up, and no program does so.

Without a provider every span of the API is an empty one. Where no set-up is seen at all, it may be made elsewhere (by a
command, an operator of a cluster, an image): nothing is told. Where a function that makes it stands in the project, and
only tests call it, it was meant to be made there, and is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

_SETTING: Final = "set_tracer_provider"
_MAKING: Final = "TracerProvider"
_SDK: Final = b"opentelemetry.sdk"
_LAUNCHER: Final = "opentelemetry-instrument"
# What sets a provider up outside of the code: an operator of Kubernetes, a distribution, a variable of the API's own.
_OUTSIDE: Final = (
    "instrumentation.opentelemetry.io",
    "opentelemetry-distro",
    "opentelemetry.instrumentation.auto_instrumentation",
    "opentelemetry/instrumentation/auto_instrumentation",
    "OTEL_PYTHON_TRACER_PROVIDER",
)
# Monitors that set no provider of OpenTelemetry's up. What is in none of these packages, and is a monitor, may.
_APART: Final = frozenset(
    "prometheus_client rollbar bugsnag honeybadger airbrake raven sentry_sdk statsd traceback tracemalloc".split()
)
_OTLP: Final = (
    "sentry_sdk.integrations.otlp",
    "opentelemetry.distro",
    "opentelemetry.instrumentation.auto_instrumentation",
)
# What is called like this may set one up.
_ALIKE = pattern(r"otel|telemetr|trac(?:e|ing)|observ|apm|instrument|monitor|phoenix")
_OPEN_TELEMETRY = pattern(r"opentelemetry(?:\.|$)")


class NoProvider:
    """Tells whether it is so."""

    def __init__(self, project: Project, auto: AutoInstrumentation, reach: Reach) -> None:
        self._project = project
        self._auto = auto
        self._reach = reach
        self._application = sorted(reach.application())

    def holds(self) -> bool:
        """Whether all that sets a provider up in the application lies idle, and nothing else may."""
        setting = self._project.store.calling(_SETTING, self._application)
        if not setting or not self._project.store.loads_by_name:
            return False
        texts = {path: self._project.store.text(path) for path in self._application}
        words = (_SETTING.encode(), f"{_MAKING}(".encode(), _SDK)
        concerned = [path for path, text in texts.items() if any(word in text for word in words)]
        return all(self._is_idle(path, texts) for path in concerned) and not self._may_be_set_elsewhere()

    def _is_idle(self, path: str, texts: dict[str, bytes]) -> bool:
        """Whether nothing that runs reaches what a file does to set a provider up."""
        if self._is_left_over(path):
            return True
        view = self._project.view(path)
        numbers = [n for name in (_SETTING, _MAKING) for n in view.calls_by_tail.get(name, ())] if view else []
        return bool(numbers) and view is not None and all(self._is_in_idle_function(view, n, texts) for n in numbers)

    def _is_left_over(self, path: str) -> bool:
        """Whether nothing runs a file, and nothing is seen that may load it by a name which is not known."""
        reach = self._reach
        return self._auto.loaded.is_left_over(path) and reach.may_run_with(path) == reach.running_with(path)

    def _is_in_idle_function(self, view: FileView, number: int, texts: dict[str, bytes]) -> bool:
        """Whether a call stands in a function at the top of a module, and nothing so much as names that."""
        here = view.facts.scopes[view.function_of(view.facts.calls[number].scope)]
        if here.kind != "function" or here.parent != 0 or here.decorators or not here.name or here.name[:2] == "__":
            return False
        if self._reach.directly_importing(view.path).isdisjoint(self._application):
            # Who loads it otherwise may look for a function by its name.
            return False
        word = re.compile(rf"\b{re.escape(here.name)}\b".encode())
        named = sum(len(word.findall(text)) for text in texts.values() if here.name.encode() in text)
        return named == 1 and not self._auto.surroundings.mentions(here.name)

    def _may_be_set_elsewhere(self) -> bool:
        """Whether a command, another monitor or a package of the project's owners may set a provider up."""
        around = self._auto.surroundings
        if any(map(around.mentions, _OUTSIDE)) or any(around.launches(_LAUNCHER)):
            return True
        kinds = {"command", "env", "declared", "alike", "set up"}
        if any(s.auto.how in kinds and not _is_apart(s.auto.vendor) for s in self._auto.switches):
            return True
        # Folders and modules of the project's own.
        own = {part.partition(".")[0] for path in self._application for part in path.split("/")}
        store = self._project.store
        return any(self._may_set(module, own) for path in self._application for module in store.packages(path))

    def _may_set(self, module: str, own: set[str]) -> bool:
        if module.startswith(_OTLP):
            return True
        root = module.partition(".")[0]
        if _OPEN_TELEMETRY.match(module) or root in _APART or root in own:
            return False
        return _ALIKE.search(module) is not None or self._project.catalogue.surrounds(module)


def _is_apart(vendor: str) -> bool:
    return any(vendor in {root, root.partition("_")[0]} for root in _APART)
