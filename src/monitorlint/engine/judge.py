"""From the sites of a project to the findings of a run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from monitorlint.checks import all_rules, run_check
from monitorlint.engine.frontends import front_end
from monitorlint.engine.select import ignored_in_file
from monitorlint.index.areas import area_of
from monitorlint.model.finding import Confidence, Finding, Region
from monitorlint.model.rows import NamedTuple
from monitorlint.model.run import RunResult, Skipped
from monitorlint.model.secret import without_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from monitorlint.engine.discover import Discovery
    from monitorlint.engine.plan import Analysis
    from monitorlint.engine.request import Request
    from monitorlint.engine.setup import SetupFiles
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.remedy import Usage
    from monitorlint.model.rule import Rule
    from monitorlint.model.run import StaleEntry
    from monitorlint.model.setup import SentryUse
    from monitorlint.model.site import Site
    from monitorlint.settings.values import Settings

_VERDICTS = ("MON101", "MON201", "MON3", "MON5")
"""The rules that speak of a site's status: silencing one of them makes the status ``suppressed``."""

_OF_SITES = frozenset({"ai", "http", "loop", "db", "email", "file"})
"""Kinds of rules that speak of sites of their kind alone: where there are none, they need not be loaded."""


class ReportedSites(NamedTuple):
    """What the checks look at."""

    sites: tuple[Site, ...]
    timeouts: Mapping[str, float] = {}
    prepared: ProjectSetup | None = None
    """There where a rule of the set-up is on."""

    def usage(self, language: str, helper: str) -> Usage:
        """How a helper is used in a language."""
        return front_end(language).usage(helper)

    @property
    def setup(self) -> ProjectSetup:
        """The files around the code."""
        assert self.prepared is not None
        return self.prepared


def judge(
    request: Request,
    settings: Settings,
    rules: tuple[Rule, ...],
    discovery: Discovery,
    analysis: Analysis,
    texts: Mapping[str, bytes] | None = None,
) -> RunResult:
    """Runs the checks over the files that are reported on, and applies what silences them.

    :param texts: Contents that stand for what lies on disk.
    :raises UsageError: the baseline cannot be read.
    """
    reported = discovery.reported | discovery.reported_configs
    sites = tuple(s for s in analysis.sites if s.path in reported)
    codes = {rule.code for rule in rules}
    kinds = {rule.kind for rule in rules}
    off: dict[str, Callable[[str], bool]] = {}

    def is_on(path: str, code: str) -> bool:
        if path not in off:
            off[path] = ignored_in_file(settings, path)
        return code in codes and path in reported and not off[path](code)

    limits = {"ai": settings.timeouts.ai, "http": settings.timeouts.http}
    asked_for = "setup" in kinds and request.purpose == "check"
    setup_files = _setup_files(discovery, texts or {}, debug=request.debug) if asked_for else None
    is_set_up = setup_files is not None and (setup_files.files or analysis.use is not None)
    judged = ReportedSites(
        sites,
        {kind: seconds for kind, seconds in limits.items() if seconds is not None},
        _prepared(setup_files, analysis.use) if setup_files is not None and is_set_up else None,
    )
    kinds_found = {site.kind for site in sites}
    needless = _OF_SITES - kinds_found if kinds_found else _OF_SITES | {"error"}
    asked = sorted(rule.code for rule in rules if rule.kind not in needless and (rule.kind != "setup" or is_set_up))
    found = [f for code in asked for f in run_check(code, judged)]
    found.extend(_about_files(analysis, {r.code: r for r in all_rules()}))
    found = [f for f in found if is_on(f.path, f.code)]
    comments = {path: rows for path, rows in analysis.suppressions.items() if path in reported}
    for file in setup_files.files if setup_files is not None else ():
        if file.env is not None and file.env.suppressions and file.path in reported:
            comments[file.path] = list(file.env.suppressions)
    about_comments: list[Finding] = []
    if comments:
        from monitorlint.engine.suppress import apply_suppressions  # noqa: PLC0415 - few files have any

        found, about_comments = apply_suppressions(found, comments, known=all_rules(), is_on=is_on)
    found = [f for f in (*found, *about_comments) if f.kind == "tool" or f.area in settings.areas]
    found.sort(key=lambda f: (f.path, f.region.row, f.region.column, f.code))
    found, debt, stale = _against_baseline(request, found, is_on, discovery)
    prefix = os.path.relpath(settings.root)
    return RunResult(
        findings=tuple(found),
        sites=_silenced(sites, found),
        rules=rules,
        areas=tuple(sorted(settings.areas)),
        files=len(discovery.reported),
        unreadable=len({f.path for f in found if f.code in {"MON901", "MON902"}}),
        skipped=(
            *discovery.skipped,
            *(Skipped(path, reason) for path, reason in analysis.skipped if path in reported),
        ),
        baseline_debt=debt,
        stale=stale,
        failures=(*analysis.failures, *(setup_files.failures if setup_files is not None else ())),
        sources=_sources(texts or {}, discovery, found, setup_files),
        prefix="" if prefix == "." else prefix.replace(os.sep, "/"),
    )


def _about_files(analysis: Analysis, rules: dict[str, Rule]) -> Iterator[Finding]:
    for path, reason in analysis.unreadable:
        yield _about_file(rules["MON901"], path, Region(1, 1, 1, 1), f"The file {reason}")
    for path, problem in analysis.problems:
        row, column = problem.row + 1, problem.column + 1
        message = f"The file does not parse: {problem.message}"
        yield _about_file(rules["MON902"], path, Region(row, column, row, column), message)


def _about_file(rule: Rule, path: str, region: Region, message: str) -> Finding:
    return Finding(
        code=rule.code,
        name=rule.name,
        message=message,
        severity=rule.severity,
        confidence=Confidence.HIGH,
        kind="tool",
        target="",
        path=path,
        region=region,
        text=message,
        area=area_of(path),
    )


def _against_baseline(
    request: Request, found: list[Finding], is_on: Callable[[str, str], bool], discovery: Discovery
) -> tuple[list[Finding], int, tuple[StaleEntry, ...]]:
    if request.baseline is None:
        return found, 0, ()
    from monitorlint.engine.baseline import apply_baseline, load_baseline, write_baseline  # noqa: PLC0415

    if request.update_baseline:
        previous = load_baseline(request.baseline) if request.baseline.exists() else None
        write_baseline(request.baseline, found, previous=previous, judged=is_on)
    held, debt, stale = apply_baseline(
        found, load_baseline(request.baseline), judged=is_on, files=frozenset((*discovery.project, *discovery.configs))
    )
    return held, debt, tuple(stale)


def _silenced(sites: tuple[Site, ...], findings: list[Finding]) -> tuple[Site, ...]:
    silent = {
        (f.path, f.region.start, f.region.end)
        for f in findings
        if f.suppressed is not None and f.suppressed.startswith("inline") and f.code.startswith(_VERDICTS)
    }
    if not silent:
        return sites
    return tuple(
        s._replace(status="suppressed") if (s.path, s.region.start, s.region.end) in silent else s for s in sites
    )


def _prepared(setup_files: SetupFiles, use: SentryUse | None) -> ProjectSetup:
    from monitorlint.index.setup import ProjectSetup  # noqa: PLC0415 - likewise

    return ProjectSetup(setup_files.files, use)


def _setup_files(discovery: Discovery, texts: Mapping[str, bytes], *, debug: bool) -> SetupFiles:
    from monitorlint.engine.setup import SetupFiles  # noqa: PLC0415 - only for rules of the set-up

    return SetupFiles(discovery, texts, debug=debug)


def _sources(
    texts: Mapping[str, bytes], discovery: Discovery, findings: list[Finding], setup_files: SetupFiles | None
) -> dict[str, bytes]:
    """The bytes of the files that have findings, for code frames; a file that is gone by now has none."""
    found: dict[str, bytes] = {}
    for path in {f.path for f in findings}:
        if setup_files is not None and path in discovery.configs:
            found[path] = without_tokens(setup_files.source(path))
            continue
        if path in texts:
            found[path] = without_tokens(texts[path])
            continue
        try:
            with open(discovery.source(path).absolute, "rb") as stream:  # noqa: PTH123
                found[path] = without_tokens(stream.read())
        except OSError:
            continue
    return found
