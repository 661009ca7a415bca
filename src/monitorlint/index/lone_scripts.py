"""Scripts that lie apart and stand by themselves, and tools: whoever runs one by hand sees what becomes of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.own_machine import asks_it_alone
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import runs_on_import
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

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

# What asks whoever sits in front of the terminal.
_ASKING = ("@inquirer/prompts", "inquirer", "enquirer", "@clack/prompts")
_READING = ("readline", "node:readline")
# Folders of tools for those who write, build and run a project, where they are no part of a package; and what is tried.
_TOOLBOX = pattern(
    r"tools?|tooling|dev|dev[-_]?tools|ops|dev[-_]?ops|utils?|misc|maintenance|release|packaging"
    r"|research|experiments?|backtests?|backtesting"
)
# What is called like this is deployed wherever it lies.
_SERVICES = pattern(
    r"(?:^|[/_])(?:app|application|server|worker|service|bot|handler|lambda|function|daemon|consumer|cron|job|dag"
    r"|nightly|daily|[aw]sgi)s?\.py$"
)
_SCRIPTS = pattern(r"(?:.*/)?(?:scripts?|[\w.]+[-_]scripts|hack)/.*")
# What serves, or works through a queue, when it is run; a script may well use the models of a framework.
_SERVERS = tuple(_SERVING - {"django", "flask", "slack", "telegram", "discord", "nats", "prefect", "celery"})
# What goes on until somebody stops it, and what does so for whoever sits in front of the terminal.
_ENDLESS = pattern(rb"\bwhile (?:True|1)\b|_forever\(|\bstart_polling\(|\.(?:consume|listen|subscribe)\(")
_TALKING = pattern(rb"\binput\(|\bprompt\(|\bPrompt\b")
_TYPED = pattern(r"\.([cm]?)ts$")
# What such code imports describes what is to be deployed, and runs where that is done.
_DESCRIBING = ("aws_cdk", "cdktf", "pulumi", "troposphere")
# Where the changes of a database lie, one a file, and what these import.
_MIGRATION = pattern(r"(?:^|/)(?:migrations|versions)/[^/]+\.py$")
_MIGRATING = ("django.db", "alembic")


class LoneScripts:
    """Tells whether a call stands in a script that uses nothing of the project, and that nothing of it uses or starts.

    Where nothing is monitored in its folder either, while the project monitors its programs elsewhere, it is most
    likely none of them. What lies beside such programs may be a job that somebody forgot.
    """

    def __init__(self, project: Project, auto: AutoInstrumentation, reach: Reach) -> None:
        self._project = project
        self._auto = auto
        self._reach = reach
        self._known: dict[str, str] = {}
        self._boxes: dict[str, frozenset[str]] = {}
        """The files of folders of tools, by folder; none where something uses one of them."""

    def of(self, found: FoundCall) -> Verdict:
        """What may see to a call, where nothing in the project does."""
        view = found.view
        call = view.facts.calls[found.number]
        monitor = Monitor("callers", Level.ERRORS, "whoever runs it", view.path, call.row)
        if self._imports(view.path, _DESCRIBING):
            return Verdict(monitor, (), "it describes what is deployed, and runs where that is done", by_hand=True)
        if self._is_hidden(view.path):
            doubt = "the package of its name that lies beside it is imported in its stead"
            return Verdict(monitor, (), doubt, by_hand=True)
        if self._migrates(view.path):
            doubt = "it is a migration, and whoever runs that sees what becomes of it"
            return Verdict(monitor, (), doubt, by_hand=True)
        if self._is_script(view.path):
            doubt = "it is a script that nothing in the project starts, or uses elsewhere"
            if not _is_among_scripts(view.path):
                doubt = "nothing uses it but scripts that nothing in the project starts"
            return Verdict(monitor, (), doubt, by_hand=True)
        if box := self._toolbox(view.path):
            doubt = f"it is one of the tools in {box}, which nothing in the project uses or starts"
            return Verdict(monitor, (), doubt, by_hand=True)
        if self._asks(view.path):
            doubt = "it runs in a dialogue, and whoever leads that sees what becomes of it"
            return Verdict(monitor, (), doubt, by_hand=True)
        if not (runs_on_import(view, call) or self._project.store.is_program(view.path)):
            return Verdict(None)
        if view.path not in self._known:
            self._known[view.path] = self._judge(view)
        return Verdict(monitor, (), self._known[view.path], by_hand=True) if self._known[view.path] else Verdict(None)

    def _judge(self, view: FileView) -> str:
        """What leaves open who sees to a file that does something when it is run; ``""``: nothing."""
        if self._is_probe(view.path):
            return "it is a health check, and whoever runs that sees its result"
        part = self._part(view.path)
        if self._lies_beside_deployed(part) and self._is_undeployed(view.path):
            return "it is a program of its own, and what deploys the project starts others"
        if not self._is_by_itself(view.path):
            return ""
        # At the top of a project lies what is deployed, unless something says that this lies elsewhere.
        if (part or self._deployed_parts) and part not in self._monitoring_parts:
            return "it stands in a script that nothing in the project starts, or is used by"
        doubt = "it is a script that nothing in the project starts, and asks the machine it runs on"
        return doubt if asks_it_alone(self._project.store.text(view.path)) else ""

    def _is_probe(self, path: str) -> bool:
        """Whether nothing but a health check of a container runs a file."""
        is_run = not self._reach.is_imported(path) and self._reach.run_by({path}) == {path}
        name = path.rpartition("/")[2]
        # What runs is what a build makes of it: `dist/healthcheck.js` of `src/healthcheck.ts`.
        built = _TYPED.sub(r".\1js", name)
        return is_run and any(map(self._auto.surroundings.checks_health, {name, built}))

    def _is_hidden(self, path: str) -> bool:
        """Whether nobody can import a file, and nothing starts it."""
        if not self._reach.is_file(f"{path.rpartition('.')[0]}/__init__.py"):
            return False
        return not self._project.store.is_program(path) and not self._auto.is_started(path)

    def _migrates(self, path: str) -> bool:
        """Whether a file changes a database once, when its command is run."""
        return _MIGRATION.search(path) is not None and self._imports(path, _MIGRATING)

    def _is_script(self, path: str) -> bool:
        """Whether a file serves scripts alone that nobody starts but by hand."""
        if not self._project.store.loads_by_name or not self._project.is_app(path) or not self._has_more:
            return False
        users = [user for user in self._reach.importers(path) if user != path]
        scripts = [user for user in users if _is_among_scripts(user)]
        if not _is_among_scripts(path) and (not scripts or self._project.store.is_program(path)):
            return False
        # Tests, and scripts that lie apart, are no part of the application.
        loaders = (user for user in self._reach.loaders(path) if not _is_among_scripts(user))
        if any(self._project.is_app(user) for user in (*(u for u in users if u not in scripts), *loaders)):
            return False
        return not any(
            _SERVICES.search(user)
            or self._imports(user, _SERVERS)
            or self._auto.is_started(user)
            or self._auto.is_installed(user)
            for user in (*scripts, path)
        )

    @cached_property
    def _has_more(self) -> bool:
        """Whether the application is more than its scripts."""
        files = list(self._reach.application())
        return 2 * sum(map(_is_among_scripts, files)) < len(files)

    def _is_by_itself(self, path: str) -> bool:
        """Whether nothing in the project imports a file, or is seen to start it."""
        if not self._project.store.loads_by_name or not self._project.is_app(path) or _PROGRAMS.search(path):
            return False
        if self._imports(path, _SERVING):
            return False
        if self._reach.is_imported(path) or self._reach.loaders(path) or self._reach.run_by({path}) != {path}:
            return False
        return not self._auto.is_started(path)

    def _is_undeployed(self, path: str) -> bool:
        """Whether nothing imports a file, starts it or installs it, and it serves nobody."""
        if not self._project.store.loads_by_name or not self._project.is_app(path):
            return False
        if _SERVICES.search(path) or self._imports(path, _SERVING):
            return False
        if self._reach.is_imported(path) or self._reach.loaders(path):
            return False
        if self._auto.is_started(path) or self._auto.is_installed(path):
            return False
        text = self._project.store.text(path)
        return _ENDLESS.search(text) is None or _TALKING.search(text) is not None

    def _lies_beside_deployed(self, part: str) -> bool:
        """Whether a program with monitors is started in a part of the project, or of the root beside a package."""
        if part in self._deployed_parts:
            return True
        near = self._deployed_parts if not part else self._deployed_parts & {""}
        return "/" not in part and any("/" not in other for other in near)

    @cached_property
    def _deployed_parts(self) -> frozenset[str]:
        """The parts of the project of which something that deploys it starts a program that has monitors."""
        started = (path for path in self._auto.monitoring if self._project.is_app(path) and self._auto.is_started(path))
        return frozenset(map(self._part, started))

    @cached_property
    def _monitoring_parts(self) -> frozenset[str]:
        return frozenset(self._part(path) for path in self._auto.monitoring)

    def _part(self, path: str) -> str:
        """The folder that a file lies in: the first on the way down that holds code, and not folders alone."""
        folder = ""
        for name in path.split("/")[:-1]:
            folder = f"{folder}/{name}" if folder else name
            if folder in self._holding_code:
                break
        return folder

    @cached_property
    def _holding_code(self) -> frozenset[str]:
        """The folders in which files of the application lie."""
        return frozenset(path.rpartition("/")[0] for path in self._reach.application())

    def _imports(self, path: str, names: Iterable[str]) -> bool:
        modules = self._project.store.imports(path)
        return any(f"{module}.".startswith(f"{name}.") for module in modules for name in names)

    def _asks(self, path: str) -> bool:
        """Whether all that runs a file asks somebody questions, and is no command that others install."""
        if self._project.store.loads_by_name or not self._project.is_app(path):
            return False
        above = {p for p in self._reach.importers(path) if self._project.is_app(p)}
        tops = [p for p in above if self._reach.directly_importing(p).isdisjoint(above - {p})]
        asking = all(self._leads(p) and not self._auto.surroundings.is_installed(p) for p in tops)
        return bool(tops) and asking

    def _leads(self, path: str) -> bool:
        """Whether a file asks somebody questions, who sits in front of the terminal."""
        if self._imports(path, _ASKING):
            return True
        is_able = self._imports(path, _READING)
        return is_able and b".question(" in (text := self._project.store.text(path)) and b"process.stdin" in text

    def _toolbox(self, path: str) -> str:
        """The folder of tools that a file lies in; ``""``: none, or one that something outside uses or starts."""
        if not self._project.store.loads_by_name or not self._project.is_app(path) or _SERVICES.search(path):
            return ""
        folder = ""
        for name in path.split("/")[:-1]:
            folder = f"{folder}/{name}" if folder else name
            is_box = _TOOLBOX.fullmatch(name.lower()) is not None
            # Of a package of tools, what is a program is run by hand all the same.
            if self._reach.is_file(f"{folder}/__init__.py") and not (is_box and self._project.store.is_program(path)):
                return ""
            if is_box:
                break
        else:
            return ""
        if folder not in self._boxes:
            self._boxes[folder] = self._files_of(folder)
        if path not in self._boxes[folder]:
            return ""
        return "" if any(map(self._is_deployed, self._reach.importers(path))) else folder

    def _is_deployed(self, path: str) -> bool:
        """Whether a file among tools serves, is started by what deploys the project, or is monitored in part."""
        if self._imports(path, _SERVING) or self._auto.is_started(path):
            return True
        return any(map(self._auto.imports_monitor, (path, *self._reach.directly_imported(path))))

    def _files_of(self, folder: str) -> frozenset[str]:
        """The files of a folder of tools; none where an application outside has one of them in its hands."""
        files = frozenset(self._reach.application_below(folder))
        used = (
            user
            for file in files
            for user in self._reach.directly_importing(file) | self._reach.loaders(file)
            if user not in files and self._project.is_app(user)
        )
        return frozenset() if any(used) else files


def _is_among_scripts(path: str) -> bool:
    return _SCRIPTS.fullmatch(path.lower()) is not None
