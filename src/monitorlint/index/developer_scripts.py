"""Code that only those who write a project run: scripts for tests, builds and releases, and packages that are tools.

Whoever runs such a script sees what becomes of it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.verdict import Verdict
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Programs, Surroundings

# A folder of the project's, with tools for those who write it where nothing else uses them.
_TOOLBOX = pattern(r"tools|tooling|(?:dev|debug|build)[-_]?tools?")
# Where scripts lie that somebody runs by hand, if nothing names them.
_SCRIPTS = pattern(r"(?:.*/)?(?:scripts?|[\w.]+[-_]scripts|bin|hack)/.*\.[cm]?[jt]s")
# What builds the pages of a package, which lies in its folder; beside that a script is no part of them.
_BUNDLERS = (
    "vite.config",
    "next.config",
    "nuxt.config",
    "svelte.config",
    "astro.config",
    "webpack.config",
    "craco.config",
)
_SUFFIXES = (".ts", ".js", ".mjs", ".mts", ".cjs")
# What is called like this is most likely deployed by somebody.
_PROGRAM = pattern(
    r"(?:.*[-_.])?(?:server|index|main|app|api|worker|service|bot|handler|daemon|consumer|cron|jobs?|queue|proxy|start|run|scheduler"
    r"|agent|cli|listener|webhooks?|middleware|instrumentation|instrument|nightly|daily|hourly)(?:[-_.].*)?"
)
_GIVING = pattern(rb"(?m)^\s*export\b|\bmodule\.exports\b|\bexports\.\w")
# What pages are served from. What begins with modules of Node's there is no script for a page: it makes others.
_SERVED = pattern(r"(?:.*/)?(?:public|static|assets)/.+\.[cm]?js")
_BEGINS = pattern(
    rb"""(?m)^(?:import\s[^;"']{0,200}?from|(?:const|let|var)\s[^;"'=]{0,200}?=\s*require\()\s*"""
    rb"""["'](?:node:[\w/]+|fs(?:/promises)?|path|https?|child_process|os|readline)["']"""
)
# A script for a page has none of it.
_OF_NODE = pattern(
    rb"\A#!|\bprocess\.(?:argv|env|exit|stdout)\b|\b__dirname\b|\brequire\.main\b|\bimport\.meta\.(?:main|filename)\b"
)
# What has these goes on for as long as nobody stops it.
_SERVING = pattern(rb"\.listen\(|\b(?:createServer|serve|setInterval|schedule)\(|\bnew (?:Worker|CronJob)\(")
# A program that is called like this runs while the project is written.
_FOR_NOW = pattern(
    r"(?:.*/)?(?:dev|dev[-_.](?:entry|server|main|worker|proxy|api)|(?:entry|server|main|worker|index)[-_.]dev)\.[cm]?[jt]sx?"
)
# What a tool is told by what is to be deployed: the file it reads, and packages whose parts that is made of.
_DEPLOYING = pattern(r"(?:.*/)?(?:sst\.config|alchemy\.run)\.[cm]?[jt]s")
_DESCRIBING = pattern(r"(?:aws-cdk-lib|@aws-cdk/\w|cdktf$|@cdktf/|@pulumi/|sst/constructs)")
# Their functions hold something where they are run themselves: over a change, or a build.
_BUILDING = frozenset(("danger", "gulp"))


class DeveloperScripts:
    """Tells whether a call stands in code that those who write the project alone run."""

    def __init__(self, project: Project, reach: Reach, surroundings: Surroundings) -> None:
        self._project = project
        self._reach = reach
        self._surroundings = surroundings
        self._known: dict[str, str] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What may see to a call: whoever runs it."""
        path = found.view.path
        if self._project.store.loads_by_name or not self._project.is_app(path):
            return Verdict(None)
        if path not in self._known:
            self._known[path] = self._judge(path)
        if not self._known[path]:
            return Verdict(None)
        row = found.view.facts.calls[found.number].row
        monitor = Monitor("callers", Level.ERRORS, "whoever runs it", path, row)
        return Verdict(monitor, (), self._known[path], by_hand=True)

    def _judge(self, path: str) -> str:
        if self._is_of_script(path):
            return "it is run by scripts for those who write the project alone"
        tool = next((folder for folder in self._tools if path.startswith(f"{folder}/")), "")
        if tool:
            return f"{tool} is a tool that nothing in the project uses or deploys"
        if self._is_tool(path):
            return "it is a tool that nothing in the project uses or deploys"
        if self._is_for_now(path):
            return "it runs where the program is developed alone"
        if self._is_of_workflow(path):
            return "it is run by workflows of the repository alone"
        if self._describes(path):
            return "it describes what is deployed, and runs where that is done"
        if not _BUILDING.isdisjoint(self._project.store.packages(path)):
            return "it runs where changes are checked and built"
        return "it is a script that nothing in the project starts, or uses elsewhere" if self._is_lone(path) else ""

    def _is_lone(self, path: str) -> bool:
        """Whether a file serves scripts alone that nothing starts or names, so that somebody runs them by hand."""
        if self._surroundings.is_installed(path):
            return False
        if self._is_beside_pages(path):
            return True
        if not self._is_script(path) or not self._has_more:
            return False
        return all(map(self._is_unnamed, filter(self._project.is_app, self._reach.importers(path))))

    def _is_beside_pages(self, path: str) -> bool:
        """Whether a script of Node's lies where a bundler builds pages, and nothing imports, names or starts it."""
        folder, slash, name = path.rpartition("/")
        stem = name.partition(".")[0]
        if _PROGRAM.fullmatch(stem.lower()) or self._reach.is_imported(path) or self._reach.loaders(path):
            return False
        text = self._project.store.text(path)
        if _OF_NODE.search(text) is None or _SERVING.search(text) or _GIVING.search(text):
            return False
        is_built = any(self._reach.is_file(f"{folder}{slash}{one}{end}") for one in _BUNDLERS for end in _SUFFIXES)
        is_built = is_built or (not slash and self._surroundings.mentions("react-scripts"))
        return is_built and path not in self._others and not self._surroundings.mentions(stem)

    def _describes(self, path: str) -> bool:
        """Whether all that runs a file is what a tool reads that deploys the project, or it has such a tool's parts."""
        if any(map(_DESCRIBING.match, self._project.store.packages(path))):
            return True
        above = self._reach.naming(path)
        tops = [p for p in above if p != path and self._reach.directly_importing(p).isdisjoint(above - {p})]
        return bool(tops) and all(_DEPLOYING.fullmatch(top) for top in tops)

    def _is_script(self, path: str) -> bool:
        lower = path.lower()
        if _SCRIPTS.fullmatch(lower) is not None:
            return True
        return _SERVED.fullmatch(lower) is not None and _BEGINS.search(self._project.store.text(path)) is not None

    def _is_for_now(self, path: str) -> bool:
        """Whether all that runs a file is called after development, and nothing deploys it."""
        deploys = self._surroundings.deploys
        return all(
            _FOR_NOW.fullmatch(top) is not None and not deploys(top.rpartition("/")[2]) for top in self._tops(path)
        )

    def _tops(self, path: str) -> list[str]:
        """What runs a file, and is imported by nothing; the file itself where they import each other."""
        above = self._reach.importers(path)
        apps = {p for p in above if self._project.is_app(p)}
        tops = [p for p in apps if self._reach.directly_importing(p).isdisjoint(apps - {p})]
        return [*tops, *sorted(self._reach.frames.programs & above)] or [path]

    def _is_of_workflow(self, path: str) -> bool:
        """Whether workflows of the repository run all that runs a file, and serve nobody with it."""
        return all(map(self._is_worked_with, self._tops(path)))

    def _is_worked_with(self, path: str) -> bool:
        if not self._surroundings.builds_with(path) or path in self._others:
            return False
        is_deployed = self._surroundings.deploys(path.rpartition("/")[2])
        return not is_deployed and _SERVING.search(self._project.store.text(path)) is None

    def _is_unnamed(self, path: str) -> bool:
        """Whether a file lies among scripts, serves nothing when it is run, and is named by nothing that starts it."""
        stem = path.rpartition("/")[2].partition(".")[0]
        if not self._is_script(path) or path in self._others or self._surroundings.mentions(stem):
            return False
        text = self._project.store.text(path)
        if _SERVED.fullmatch(path.lower()) is not None and _SERVING.search(text) is None:
            return True
        return self._reach.is_imported(path) or (_OF_NODE.search(text) is not None and _SERVING.search(text) is None)

    @cached_property
    def _has_more(self) -> bool:
        """Whether the application is more than its scripts."""
        files = [path.lower() for path in self._reach.application()]
        return 2 * sum(_SCRIPTS.fullmatch(path) is not None for path in files) < len(files)

    def _is_tool(self, path: str) -> bool:
        """Whether a file lies in the project's folder of tools, and serves these alone."""
        folder, _, inner = path.partition("/")
        if not inner or _TOOLBOX.fullmatch(folder.lower()) is None or self._surroundings.is_installed(path):
            return False
        above = {p for p in self._reach.importers(path) if self._project.is_app(p)}
        started, deploys = self._others, self._surroundings.deploys
        return all(p.startswith(f"{folder}/") and p not in started and not deploys(p.rpartition("/")[2]) for p in above)

    def _is_of_script(self, path: str) -> bool:
        """Whether all that runs a file is such a script."""
        if path not in self._run:
            return False
        above = {p for p in self._reach.importers(path) if self._project.is_app(p)}
        if not self._reach.frames.programs.isdisjoint(above):
            return False
        # A script may import the very server, to write down what that answers.
        if any(p in self._others or self._project.store.is_program(p) for p in above - self._started):
            return False
        tops = {p for p in above if self._reach.directly_importing(p).isdisjoint(above - {p})}
        return bool(tops) and tops <= self._started

    @cached_property
    def _started(self) -> frozenset[str]:
        deploys = self._surroundings.deploys
        started = set(self._programs.for_developers())
        started.update(path for path, name in self._programs.by_hand() if not self._surroundings.runs_script(name))
        return frozenset(p for p in started if p not in self._others and not deploys(p.rpartition("/")[2]))

    @cached_property
    def _others(self) -> frozenset[str]:
        """The files that others than they start."""
        return self._programs.for_others()

    @cached_property
    def _programs(self) -> Programs:
        return self._surroundings.programs(tuple(self._reach.application()))

    @cached_property
    def _run(self) -> frozenset[str]:
        """The files that run when one of these does."""
        return frozenset(self._reach.run_by(self._started)) if self._started else frozenset()

    @cached_property
    def _tools(self) -> tuple[str, ...]:
        """The folders of tools of which nothing outside has a file in its hands."""
        return tuple(folder for folder in sorted(self._surroundings.tools()) if not self._is_used(folder))

    def _is_used(self, folder: str) -> bool:
        files = frozenset(self._reach.application_below(folder))
        reach = self._reach
        users = (user for file in files for user in reach.directly_importing(file) | reach.loaders(file))
        return any(user not in files and self._project.is_app(user) for user in users)
