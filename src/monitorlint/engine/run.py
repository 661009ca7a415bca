"""One run, from paths to findings: the straight line."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from monitorlint import __version__
from monitorlint.catalog import load_catalogue
from monitorlint.checks import all_rules
from monitorlint.engine.cache import FOLDER, Cache, key_of
from monitorlint.engine.discover import discover
from monitorlint.engine.frontends import ORDER, front_end
from monitorlint.engine.judge import judge
from monitorlint.engine.plan import NOTHING, Plan, joined
from monitorlint.engine.pool import MIN_FILES
from monitorlint.engine.scanning import Scan, manifests_of, scan_project, screen_of, surroundings_of, with_named
from monitorlint.engine.select import selected_rules
from monitorlint.model.rows import NamedTuple
from monitorlint.model.run import RunResult
from monitorlint.settings.find import find_root
from monitorlint.settings.load import load_settings
from monitorlint.settings.values import CommandLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from monitorlint.engine.discover import Discovery
    from monitorlint.engine.plan import Analysis
    from monitorlint.engine.request import Request
    from monitorlint.engine.scan import Screen
    from monitorlint.model.rule import Rule
    from monitorlint.settings.values import Settings

Result = TypeVar("Result")
CALL_KINDS = frozenset({"ai", "http"})
FEW = 10
"""Less than one in so many files asked for (a hook, an editor): only their sites are looked for."""


class Prepared(NamedTuple):
    """One project of a run: all that is settled before its files are read."""

    settings: Settings
    rules: tuple[Rule, ...]
    discovery: Discovery
    plans: tuple[Plan, ...]
    """One for each language that the project has files in."""

    @property
    def texts(self) -> Mapping[str, bytes]:
        """Contents that stand for what lies on disk."""
        return {path: text for plan in self.plans for path, text in plan.texts.items()}


class Analysed(NamedTuple):
    """The analysis of one language of a project, and what it was made from."""

    plan: Plan
    analysis: Analysis
    screen: Screen
    scan: Scan


def run(request: Request) -> RunResult:
    """Everything that a request asks for.

    :raises UsageError: the user's mistake, as one line.
    """
    return merged(over_projects(request, lambda project: _check(request, project)))


def over_projects(request: Request, work: Callable[[Prepared], Result]) -> list[Result]:
    """What ``work`` gives for each project that a request reaches.

    :raises UsageError: the user's mistake, as one line.
    """
    # What a run builds stays until its end, and holds next to no cycles: a collector would go over it again and again.
    enabled = gc.isenabled()
    gc.disable()
    try:
        results: list[Result] = []
        todo = list(_places(request))
        done: set[Path] = set()
        while todo:
            root, config, paths = todo.pop(0)
            if root in done:
                continue
            done.add(root)
            project = _prepared(request, root, config, paths)
            results.append(work(project))
            todo.extend((*find_root(folder), paths) for folder in project.discovery.nested)
        return results
    finally:
        if enabled:
            gc.enable()


def _check(request: Request, project: Prepared) -> RunResult:
    analysis = joined([analysed_files(project, plan).analysis for plan in project.plans])
    return judge(request, project.settings, project.rules, project.discovery, analysis, project.texts)


def _places(request: Request) -> Iterable[tuple[Path, Path | None, tuple[Path, ...]]]:
    """Project roots, their configuration, and the paths that lie in each."""
    own = not request.isolated and request.config is None
    paths = request.paths if request.stdin is None else (Path(request.stdin_filename or "stdin.py"),)
    absolute = tuple(Path(os.path.abspath(path)) for path in paths) or (Path.cwd(),)  # noqa: PTH100 - links stay
    groups: dict[tuple[Path, Path | None], list[Path]] = {}
    for path in absolute:
        groups.setdefault(find_root(path, configured=own), []).append(path)
    if len(groups) > 1 and not any(config or os.path.lexists(root / ".git") for root, config in groups):
        groups = {find_root(*absolute, configured=own): list(absolute)}
    return [(root, config, tuple(chosen)) for (root, config), chosen in groups.items()]


def _prepared(request: Request, root: Path, config: Path | None, paths: tuple[Path, ...]) -> Prepared:
    flags = CommandLine(
        config=request.config,
        isolated=request.isolated,
        select=request.select,
        extend_select=request.extend_select,
        ignore=request.ignore,
        exclude=request.exclude,
    )
    settings = load_settings(root, config, known=all_rules(), overrides=flags)
    rules = selected_rules(settings, all_rules())
    discovery = discover(
        root,
        settings,
        paths=() if request.stdin is not None else paths,
        force_exclude=request.force_exclude,
        unsaved=paths[0] if request.stdin is not None else None,
        split=not request.isolated and request.config is None,
    )
    present = {discovery.language_of(path) for path in discovery.project}
    languages = [language for language in ORDER if language in present]
    plans = tuple(_plan(request, settings, rules, discovery, paths, language) for language in languages)
    return Prepared(settings, rules, discovery, plans)


def _plan(
    request: Request,
    settings: Settings,
    rules: tuple[Rule, ...],
    whole: Discovery,
    paths: tuple[Path, ...],
    language: str,
) -> Plan:
    discovery = whole.of_language(language)
    catalogue = load_catalogue(settings.rule_packs, language=language)
    front = front_end(language)
    own = settings.helper_python if language == "python" else settings.helper_typescript
    kinds = {rule.kind for rule in rules}
    everything = request.purpose == "coverage"
    folder = request.cache_dir or settings.root / FOLDER
    texts = dict.fromkeys(discovery.reported, request.stdin) if request.stdin is not None else {}
    return Plan(
        front=front,
        discovery=discovery,
        catalogue=catalogue,
        areas=None if everything else settings.areas,
        site_kinds=CALL_KINDS | (kinds & {"db", "email", "file"}),
        loops=everything or "loop" in kinds,
        silent_loops=everything,
        plain_loops=any(rule.code == "MON320" for rule in rules),
        timers=any(rule.code == "MON328" for rule in rules),
        require=settings.require,
        helpers=_helpers(own, front.helper_names, discovery),
        wrappers=tuple(name for w in settings.wrappers if (name := w.python if language == "python" else w.typescript)),
        named=frozenset(p for p in discovery.reported if settings.root / p in paths),
        only=discovery.reported if len(whole.reported) * FEW < len(whole.project) else None,
        texts=texts,
        cache=Cache(folder, f"{__version__}:{catalogue.digest}", language) if request.cache else None,
        jobs=1 if request.debug else request.jobs,  # a traceback does not come out of another process
        progress=request.progress,
        debug=request.debug,
        setup="setup" in kinds and not everything,
        swallowed="error" in kinds,
    )


def _helpers(own: str, names: tuple[str, ...], discovery: Discovery) -> tuple[str, ...]:
    """The helper modules: the one that the settings name, else every file of a standard name."""
    if own:
        return (own.replace(os.sep, "/"),)
    return tuple(p for p in discovery.project if p.rpartition("/")[2] in names)


def analysed_files(project: Prepared, plan: Plan) -> Analysed:
    """The analysis of the files in one language, from the cache where nothing has changed."""
    if plan.only is not None and not plan.only:
        # Nothing of this language is asked for.
        return Analysed(plan, NOTHING, screen_of(plan), Scan([], is_new=False, facts={}))
    screen = screen_of(plan)
    scan = scan_project(plan, screen)
    rows = scan.rows
    keys: list[str] = []
    if plan.cache is not None and not plan.texts:
        around = (surroundings_of(plan, rows).signature(), manifests_of(plan))
        parts = (
            plan.areas and sorted(plan.areas),
            sorted(plan.site_kinds),
            plan.loops,
            plan.silent_loops,
            plan.plain_loops,
            plan.timers,
            plan.require,
            plan.setup,
            plan.swallowed,
        )
        files = [(row.path, row.digest, row.problem) for row in rows]
        keys = [key_of((*parts, plan.helpers, plan.wrappers, str(project.settings.root), around, files))]
        if plan.only is not None:
            keys.append(key_of((keys[0], sorted(plan.only))))
        for key in keys if not scan.is_new else ():
            if (known := plan.cache.result(key)) is not None:
                return Analysed(plan, with_named(plan, screen, rows, known), screen, scan)
    from monitorlint.engine.analysis import analyse  # noqa: PLC0415 - a run over unchanged files needs no index

    # What many files say takes time to write down, so this is done beside the judging. What is asked for in the course
    # of it is written by the next run that reads few.
    early = plan.cache if keys and len(scan.facts) >= MIN_FILES else None
    analysis, store = analyse(plan, scan, screen, early.save if early is not None else None)
    if plan.cache is not None and keys:
        if early is None and (scan.is_new or store.has_more):
            plan.cache.save(store.known())
        if not analysis.failures and not _stands_on_pages(analysis):
            plan.cache.save_result(keys[-1], analysis)
    return Analysed(plan, with_named(plan, screen, rows, analysis), screen, scan)


def _stands_on_pages(analysis: Analysis) -> bool:
    """Whether the result changes with files that nobody looks at in every run."""
    if not any(site.language == "typescript" for site in analysis.sites):
        return False
    from monitorlint.index.static_files import stands_on_pages  # noqa: PLC0415 - little else asks

    return stands_on_pages(analysis.sites)


def merged(results: list[RunResult]) -> RunResult:
    """Several projects as one result: their paths, seen from the working directory."""
    if len(results) == 1:
        return results[0]
    from monitorlint.engine.merge import merge  # noqa: PLC0415 - one project is the rule

    return merge(results)._replace(prefix="")
