"""From the files of one project to its sites."""

from __future__ import annotations

import contextlib
import marshal
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from monitorlint.engine.attempt import attempt
from monitorlint.engine.codec import decode, pack, unpack
from monitorlint.engine.plan import Analysis
from monitorlint.engine.pool import MIN_FILES, Wire, beside, share
from monitorlint.engine.scan import GLOBAL, LAUNCHING, REPORTING, Scanned, Screen, encode_facts, read_file
from monitorlint.engine.scanning import module_map, surroundings_of
from monitorlint.engine.sitecodec import decode_site, encode_site
from monitorlint.index.call_kinds import FileCallKinds, SiteKinds
from monitorlint.index.calls import find_calls
from monitorlint.index.loop_settled import names_asking
from monitorlint.index.loop_sites import loop_sites
from monitorlint.index.project import Project
from monitorlint.index.reach import Reach
from monitorlint.index.reporting import reporting_files
from monitorlint.index.shared_clients import importers_of_clients
from monitorlint.index.taken_methods import takers_of_methods
from monitorlint.languages.text import UndecodableError
from monitorlint.model.facts import LAZILY, TYPES
from monitorlint.model.patterns import pattern
from monitorlint.model.run import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from monitorlint.engine.plan import Plan
    from monitorlint.engine.scanning import Scan
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.modules import Modules
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import FileFacts, Suppression, SyntaxProblem
    from monitorlint.model.setup import SentryUse
    from monitorlint.model.site import Site

_WORDS = bytes(b if b in b"_(" or b >= 0x80 or chr(b).isalnum() else 0x20 for b in range(256))
"""Leaves names and opening brackets: what stands right before a bracket is called, if it is a name."""
_TAKEN = pattern(rb"[\w)\]]\??\.(\w+)(?:\.bind\(|\s*[,)\]};\n])")
_LONGEST_TYPES = 200
_LONGEST_NAME = 60
_FEW = 12
"""Fewer files are read sooner than a second process has started."""
_NEAR = 3
"""Imports between a file that calls clients made elsewhere and one that names their package."""


class FactStore:
    """Facts by path, from the scan; files that the screen passed over are read when a name leads to them."""

    def __init__(self, plan: Plan, scan: Scan, counts: Callable[[str, str], bool], renames: Mapping[str, str]) -> None:
        self._plan = plan
        self._counts = counts
        self._read = scan.facts
        self.rows = {row.path: row for row in scan.rows}
        self.renames = renames
        self._asked_for: dict[str, FileFacts] = {}
        """What was extracted that the scan had not asked for."""
        self.failures = [Failure(row.path, *row.failure) for row in self.rows.values() if row.failure]
        self._callees: dict[str, frozenset[bytes]] = {}
        self._taken: dict[str, frozenset[bytes]] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self._packages: dict[str, frozenset[str]] = {}
        self._programs: dict[str, bool] = {}

    def facts(self, path: str) -> FileFacts | None:
        """The facts of a file of the project; None when there is no such file, or it cannot be read."""
        row = self.rows.get(path)
        if row is None or not row.is_read:
            return None
        facts = self._read.get(path) or self._asked_for.get(path)
        if facts is not None:
            return facts
        text = row.facts or (self._plan.cache.facts(path, row.digest) if self._plan.cache is not None else "")
        if text:
            with contextlib.suppress(ValueError, TypeError, IndexError):  # a broken cache: extract again
                return decode(text)
        outcome = attempt(path, "extract", lambda: self._extracted(path), debug=self._plan.debug)
        if isinstance(outcome, Failure):
            self._fail(outcome)
            return None
        if outcome is not None:
            self._asked_for[path] = outcome
        return outcome

    def _extracted(self, path: str) -> FileFacts | None:
        try:
            return self._plan.front.extract(path, self._bytes(path))
        except (OSError, UndecodableError):
            return None

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Extracts files that will be asked for, in as many processes as there are."""
        todo = sorted(path for path in paths if path not in self._read)
        share(todo, lambda path: self.facts(path) is not None, jobs=self._jobs, smallest=_FEW, wire=self.wire())

    @property
    def _jobs(self) -> int:
        # Where the cache knows most of the files, it is soonest asked by one process.
        return self._plan.jobs if len(self._read) >= MIN_FILES else 1

    def prepare(self, project: Project) -> None:
        """Has the indirect calls of all kept files found, in as many processes as there are."""
        rows = share(project.kept, project.indirect_calls, jobs=self._jobs, wire=self.wire())
        project.prepare(zip(project.kept, rows, strict=True))

    def wire(self) -> Wire[Any]:
        """Carries results of a child with what it has extracted in the course of them."""
        known, failed = set(self._asked_for), len(self.failures)

        def dump(results: list[tuple[int, Any]]) -> bytes:
            facts = [(path, pack(one)) for path, one in self._asked_for.items() if path not in known]
            return marshal.dumps((results, facts, [tuple(failure) for failure in self.failures[failed:]]))

        def load(content: bytes) -> Iterable[tuple[int, Any]]:
            results, facts, failures = marshal.loads(content)  # noqa: S302 - written by our own child
            self._asked_for.update((path, unpack(one)) for path, one in facts)
            for failure in (Failure(*parts) for parts in failures):
                self._fail(failure)
            return results  # type: ignore[no-any-return]

        return Wire(dump, load)

    def _fail(self, failure: Failure) -> None:
        self.failures.append(failure)
        self.rows[failure.path] = self.rows[failure.path]._replace(failure=(failure.where, failure.error))

    @property
    def has_more(self) -> bool:
        """Whether there are facts that the scan had not asked for."""
        return bool(self._asked_for)

    def known(self) -> Iterator[Scanned]:
        """What is known of every file now."""
        for path, row in self.rows.items():
            facts = self._read.get(path) or self._asked_for.get(path)
            yield row if facts is None else row._replace(facts=encode_facts(facts))

    def _bytes(self, path: str) -> bytes:
        text = self._plan.texts.get(path)
        return text if text is not None else read_file(self._plan.discovery.source(path).absolute)[0]

    def marks(self, path: str) -> str:
        """What the text of a file shows; ``""`` for a folder, which is a module without a file."""
        row = self.rows.get(path)
        return row.marks if row is not None else ""

    def may_launch(self, path: str) -> bool:
        """Whether the words of a command that monitors what it starts stand in a file."""
        return LAUNCHING in self.marks(path)

    @property
    def reporting(self) -> list[str]:
        """The files with a name by which trackers are told of errors."""
        return sorted(path for path, row in self.rows.items() if REPORTING in row.marks and row.is_read)

    def text(self, path: str) -> bytes:
        """The bytes of a file; none when it cannot be read."""
        with contextlib.suppress(OSError):
            return self._bytes(path)
        return b""

    def imports(self, path: str) -> frozenset[str]:
        """The modules that a file's import lines name."""
        known = self._imports.get(path)
        if known is None:
            row = self.rows.get(path)
            known = self._imports[path] = frozenset(row.imports) if row is not None else frozenset()
        return known

    def packages(self, path: str) -> frozenset[str]:
        """The dotted paths of what a file imports, apart from what lies beside it."""
        if path not in self._packages:
            front = self._plan.front
            named = (module.removeprefix(TYPES) for module in self.imports(path))
            found = (front.catalogue_path(module, self.renames) for module in named if module[:1] not in {".", GLOBAL})
            self._packages[path] = frozenset(found)
        return self._packages[path]

    @property
    def loads_by_name(self) -> bool:
        """Whether programs of the language often load modules that no import of theirs names."""
        return self._plan.front.loads_by_name

    def is_program(self, path: str) -> bool:
        """Whether a file is started by itself: asked for only in projects that monitor."""
        if path not in self._programs:
            row = self.rows.get(path)
            self._programs[path] = False
            if row is not None and row.is_read:
                with contextlib.suppress(OSError):
                    self._programs[path] = self._plan.front.is_program(path, self._bytes(path))
        return self._programs[path]

    def calling(self, name: str, among: Iterable[str], *, must_import: bool = False) -> list[str]:
        """Those of some files in whose text ``name(`` occurs, sorted.

        :param must_import: Pass over those that neither import the name nor have it as an attribute of something.
        """
        wanted = name.encode()
        return sorted(
            path
            for path in among
            if wanted in self._callees_in(path) and (not must_import or self._may_name(path, name))
        )

    def importing(self, name: str, among: Iterable[str]) -> list[str]:
        """Those of some files that import something by this name and have no call of it, sorted."""
        wanted = name.encode()
        named = self._importing.get(name, set()).intersection(among)
        return sorted(path for path in named if wanted not in self._callees_in(path))

    def handing(self, name: str, among: Iterable[str]) -> list[str]:
        """Those of some files that take an attribute of this name from something and do not call it, sorted.

        Of languages whose programs hand methods on so (``router.get("/", letters.list.bind(letters))``).
        """
        wanted = name.encode()
        files = among if not self._plan.front.lists_names else ()
        return sorted(path for path in files if wanted in self._taken_in(path))

    def _taken_in(self, path: str) -> frozenset[bytes]:
        known = self._taken.get(path)
        if known is None:
            row = self.rows.get(path)
            known = frozenset()
            if row is not None and row.is_read and self._counts(path, row.marks):
                known = frozenset(_TAKEN.findall(self.text(path)))
            self._taken[path] = known
        return known

    @cached_property
    def _importing(self) -> dict[str, set[str]]:
        """The files that import something, by its last name."""
        table: dict[str, set[str]] = {}
        for path, row in self.rows.items() if self._plan.front.lists_names else ():
            for target in row.imports:
                table.setdefault(target.rpartition(".")[2], set()).add(path)
        return table

    def _may_name(self, path: str, name: str) -> bool:
        if not self._plan.front.lists_names:
            return True
        if any(target.rpartition(".")[2] in {name, "*"} for target in self.rows[path].imports):
            return True
        with contextlib.suppress(OSError):
            return f".{name}".encode() in self._bytes(path)
        return False

    def _callees_in(self, path: str) -> frozenset[bytes]:
        """The names that a file calls, read from its text: asked for only in projects that monitor."""
        known = self._callees.get(path)
        if known is None:
            row = self.rows.get(path)
            known = frozenset()
            if row is not None and row.is_read and self._counts(path, row.marks):
                with contextlib.suppress(OSError):
                    text = self._bytes(path)
                    words = text.translate(_WORDS).split(b"(")
                    known = frozenset(part.rpartition(b" ")[2] for part in words[:-1]).union(_of_types(text))
            self._callees[path] = known
        return known


def _of_types(text: bytes) -> Iterator[bytes]:
    """The names that are called with types in brackets: ``Pool[T](``, ``Pool<T>(``."""
    for opening, closing in (b"[]", b"<>"):
        call = bytes((closing, 0x28))
        at = text.find(call)
        while at >= 0:
            start, depth = at, 1
            while depth and start > max(0, at - _LONGEST_TYPES):
                start -= 1
                depth += (text[start] == closing) - (text[start] == opening)
            yield text[max(0, start - _LONGEST_NAME) : start].translate(_WORDS).rpartition(b" ")[2]
            at = text.find(call, at + 2)


def analyse(
    plan: Plan, scan: Scan, screen: Screen, save: Callable[[Iterable[Scanned]], None] | None = None
) -> tuple[Analysis, FactStore]:
    """Indexes and judges the files of one project.

    :param save: Takes what is known of the files, in a process of its own while they are judged.
    """
    store = FactStore(plan, scan, screen.counts, screen.renames)
    with beside(partial(save, store.known()), jobs=plan.jobs) if save is not None else contextlib.nullcontext():
        return _analysed(plan, scan, screen, store), store


def _analysed(plan: Plan, scan: Scan, screen: Screen, store: FactStore) -> Analysis:
    modules = module_map(plan, screen.renames)
    areas = {row.path: screen.area_of(row.path, row.marks) for row in scan.rows}
    around = surroundings_of(plan, scan.rows)
    reach = Reach(modules, store.imports, areas, store.marks, around)
    kept = _kept(plan, store, reach, screen, modules)
    project = Project(store, plan.catalogue, modules, kept, areas)
    project.name_helpers(plan.helpers, plan.wrappers, plan.front.helper_paths)
    store.prepare(project)
    project.reporting_files = reporting_files(project, store.reporting)

    @cache
    def judging() -> Callable[[Iterable[FoundCall]], Iterator[Site]]:
        from monitorlint.engine.judging import judging_of  # noqa: PLC0415 - many a run finds no call to judge

        return judging_of(plan, project, reach, around, store)

    use = partial(_use, project, store, areas) if plan.setup else None
    return _result(*_judged(plan, project, judging, use, store), store, project, plan.only)


def _use(project: Project, store: FactStore, areas: dict[str, str]) -> SentryUse | None:
    """What the code does with Sentry; None where no file imports anything of the kind, or a helper module."""
    rows = store.rows.values()
    parts = ("entry", "elemetry_monitoring", "elemetryMonitoring")
    modules = {module for row in rows for module in row.imports}
    if not any(any(part in module for part in parts) or module == "raven" for module in modules):
        return None
    from monitorlint.index.sentry_use import sentry_use  # noqa: PLC0415 - only for rules of the set-up

    imports = {row.path: [name.removeprefix(LAZILY) for name in row.imports] for row in rows if row.is_read}
    return sentry_use(project, imports, areas, store.text)


def _kept(plan: Plan, store: FactStore, reach: Reach, screen: Screen, modules: Modules) -> list[str]:
    """The files that may hold sites.

    Those that the screen wants, those with a hint that are near them, and those with a loop that calls what may be a
    site.
    """
    kept: set[str] = set()
    sources: set[str] = set()
    hinted: set[str] = set()
    looping: list[Scanned] = []
    for path, row in store.rows.items():
        if not row.is_read:
            continue
        if screen.wants(path, row.imports, row.marks):
            kept.add(path)
            if not screen.site_kinds.isdisjoint(screen.kinds(row.imports)):
                sources.add(path)
        elif screen.counts(path, row.marks):
            if "h" in row.marks:
                hinted.add(path)
            if row.asks and screen.loops:
                looping.append(row)
    if hinted and sources:
        kept |= hinted & reach.neighbours(sources, _NEAR)
    if sources:
        among = {path for path, row in store.rows.items() if row.is_read and screen.counts(path, row.marks)}
        if plan.front.lists_names:
            kept |= takers_of_methods(sources, among, store.facts, modules, plan.catalogue.tails_of(plan.site_kinds))
        else:
            kept |= importers_of_clients(sources, among, reach, store.facts, store.text, plan.catalogue, modules)
    if looping:
        kept |= _asking(looping, store, kept, plan.catalogue.tails_of(plan.site_kinds))
    return sorted(kept)


def _asking(looping: list[Scanned], store: FactStore, kept: set[str], tails: frozenset[str]) -> set[str]:
    """The files with a loop that calls what is called as sites are, or as functions that hold one are."""
    names: set[str] = set()
    store.read_ahead(kept)
    for path in kept:
        facts = store.facts(path)
        if facts is not None:
            names.update(names_asking(facts, tails))
    names |= tails
    return {row.path for row in looping if not names.isdisjoint(row.asks)}


def _judged(
    plan: Plan,
    project: Project,
    judging: Callable[[], Callable[[Iterable[FoundCall]], Iterator[Site]]],
    use: Callable[[], SentryUse | None] | None,
    store: FactStore,
) -> tuple[list[Site], SentryUse | None]:
    """The sites of all kept files, and what ``use`` gives, where it is asked for.

    Each process has the whole index, and answers for its share of the files; the use of Sentry is one more.
    """
    kinds = SiteKinds(project)
    failures = store.failures

    def calls_of(view: FileView) -> list[Site]:
        found = [f for f in find_calls(project, view, kinds=plan.site_kinds) if f.match.entry.kind in plan.site_kinds]
        return list(judging()(found)) if found else []

    def loops_of(view: FileView) -> list[Site]:
        found: list[Site] = []
        if view.facts.loops and (plan.loops or plan.plain_loops):
            found.extend(loop_sites(view, FileCallKinds(project, kinds, view), plain=plan.plain_loops))
        if plan.timers:
            from monitorlint.index.timers import timer_sites  # noqa: PLC0415 - only for a rule that is off by default

            found.extend(timer_sites(view, FileCallKinds(project, kinds, view), store.text))
        return found

    def tried(path: str, stage: str, work: Callable[[], Any]) -> Any:
        outcome = attempt(path, stage, work, debug=plan.debug)
        if isinstance(outcome, Failure):
            failures.append(outcome)
            return None
        return outcome

    def work(path: str) -> tuple[Any, list[tuple[str, str, str]]]:
        before = len(failures)
        project.resolver.memo.start_anew()
        found: Any = []
        if not path:
            found = tried(path, "setup", use) if use is not None else None
        elif (view := project.view(path)) is not None:
            for stage, sites_of in (("calls", calls_of), ("loops", loops_of)):
                found.extend(map(encode_site, tried(path, stage, partial(sites_of, view)) or ()))
        # Those of the files that were read on the way, too: this may be a child, whose list nobody sees.
        failed = [(one.path, one.where, one.error) for one in failures[before:]]
        del failures[before:]
        return found, failed

    paths = [p for p in project.kept if plan.only is None or p in plan.only]
    rows = share(["", *paths] if use is not None else paths, work, jobs=plan.jobs)
    failures.extend(Failure(*row) for _, failed in rows for row in failed)
    used = _use_of(rows.pop(0)[0]) if use is not None else None
    sites = [decode_site(row) for found, _ in rows for row in found]
    sites.sort(key=lambda s: (s.path, s.region.start, s.kind, s.region.end))
    return sites, used


def _use_of(row: Sequence[Any] | None) -> SentryUse | None:
    """What a process found of the use of Sentry, whether it is ours or another one."""
    if row is None:
        return None
    from monitorlint.model.setup import decoded_use  # noqa: PLC0415 - few projects have any

    return decoded_use(*row)


def _result(
    sites: list[Site], use: SentryUse | None, store: FactStore, project: Project, only: frozenset[str] | None
) -> Analysis:
    problems: list[tuple[str, SyntaxProblem]] = []
    suppressions: dict[str, list[Suppression]] = {}
    for path in project.kept:
        view = project.view(path) if only is None or path in only else None
        if view is None:
            continue
        problems.extend((view.path, p) for p in view.facts.problems)
        if view.facts.suppressions:
            suppressions[view.path] = view.facts.suppressions
    rows = store.rows.values()
    return Analysis(
        tuple(sites),
        tuple(problems),
        tuple((r.path, r.problem) for r in rows if r.problem),
        tuple((r.path, r.skipped) for r in rows if r.skipped),
        suppressions,
        tuple(sorted(set(store.failures), key=lambda failure: (failure.path, failure.where))),
        use,
    )
