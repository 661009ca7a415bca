"""Scripts that lie apart and stand by themselves: whoever runs one by hand sees what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import runs_on_import
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach

# What serves, works through a queue, or is run by a scheduler or a platform, in a file of its own.
_SERVING = frozenset(
    "fastapi flask starlette django aiohttp.web sanic tornado bottle quart litestar uvicorn gunicorn celery dramatiq "
    "huey rq arq airflow prefect dagster temporalio streamlit gradio chainlit discord telegram slack_bolt mcp fastmcp "
    "azure.functions functions_framework aws_lambda_powertools grpc pika kafka confluent_kafka nats schedule "
    "apscheduler".split()
)
_PROGRAMS = pattern(
    r"(?:^|/)(?:[^/]*(?:main|app|application|server|worker|service|bot|handler|lambda|function|daemon|consumer|cron"
    r"|job|index|dag|pipeline|agent|chat|run|start|cli|manage|task|nightly|daily)s?(?:_[^/]*)?|__main__|[aw]sgi)\.py$"
)


class LoneScripts:
    """Tells whether a call stands in a script that uses nothing of the project, and that nothing of it uses or starts.

    Where nothing is monitored in its folder either, while the project monitors its programs elsewhere, it is most
    likely none of them. What lies beside such programs may be a job that somebody forgot.
    """

    def __init__(self, project: Project, auto: AutoInstrumentation, reach: Reach) -> None:
        self._project = project
        self._auto = auto
        self._reach = reach
        self._known: dict[str, bool] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What may see to a call, where nothing in the project does."""
        view = found.view
        call = view.facts.calls[found.number]
        if view.path not in self._known:
            self._known[view.path] = self._is_alone(view.path)
        if not self._known[view.path] or not (runs_on_import(view, call) or self._project.store.is_program(view.path)):
            return Verdict(None)
        monitor = Monitor("callers", Level.ERRORS, "whoever runs it", view.path, call.row)
        doubt = "it stands in a script that nothing in the project starts, or is used by"
        return Verdict(monitor, (), doubt, by_hand=True)

    def _is_alone(self, path: str) -> bool:
        if not self._project.store.loads_by_name or not self._project.is_app(path) or _PROGRAMS.search(path):
            return False
        if "/" not in path or self._auto.monitors_in_folder_of(path):
            return False
        modules = self._project.store.imports(path)
        if any(f"{module}.".startswith(f"{name}.") for module in modules for name in _SERVING):
            return False
        if self._reach.is_imported(path) or self._reach.loaders(path) or self._reach.run_by({path}) != {path}:
            return False
        return not self._auto.is_started(path)
