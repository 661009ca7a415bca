"""The files of one project: what is known of them, from the cache or by reading them."""

from __future__ import annotations

import marshal
import os
from typing import TYPE_CHECKING

from monitorlint.catalog.catalogue import REPORTING
from monitorlint.engine.attempt import attempt
from monitorlint.engine.codec import pack, unpack
from monitorlint.engine.frontends import surroundings
from monitorlint.engine.pool import Wire, share
from monitorlint.engine.scan import Scanned, Screen, read_file, scan
from monitorlint.index.areas import Areas, area_of
from monitorlint.languages.text import UndecodableError
from monitorlint.model.rows import NamedTuple
from monitorlint.model.run import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from monitorlint.engine.cache import Cache
    from monitorlint.engine.plan import Analysis, Plan
    from monitorlint.index.modules import Modules
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.model.facts import FileFacts

_USED = ("{}(", "{}<", "typeof {}", "globalThis.{}", "?? {}", "|| {}", "= {},", "= {})", "= {};", "{}.bind(")
"""What stands around the name of a function that is called, with type arguments or without, or handed on."""
MAX_DEPTH = 3
"""Folders deeper than this declare no packages of the project's own."""


def module_map(plan: Plan, renames: Mapping[str, str]) -> Modules:
    """Which file of the project a module's name stands for."""
    discovery = plan.discovery
    return plan.front.modules(discovery.root, discovery.project, plan.catalogue.is_package, renames)


def surroundings_of(plan: Plan, rows: list[Scanned]) -> Surroundings:
    """The files around the code of a project."""
    folders: set[str] = set()
    for path in plan.discovery.project:
        parts = path.split("/")[:-1][:MAX_DEPTH]
        folders.update("/".join(parts[:count]) for count in range(len(parts) + 1))
    # What an example imports is not there when the application runs.
    app = [r for r in rows if area_of(r.path) == "app"] or rows
    return surroundings(
        plan.front.name, plan.discovery.root, sorted(folders), lambda: (m for r in app for m in r.imports)
    )


def manifests_of(plan: Plan) -> list[tuple[str, int, int]]:
    """Path, size and time (ns) of every file that says where the project's modules lie."""
    found: list[tuple[str, int, int]] = []
    for path in plan.discovery.manifests:
        try:
            status = os.stat(os.path.join(plan.discovery.root, path))  # noqa: PTH116, PTH118 - asked in every run
        except OSError:
            continue
        found.append((path, status.st_size, status.st_mtime_ns))
    return found


def screen_of(plan: Plan) -> Screen:
    """The screen that a plan asks for."""
    discovery = plan.discovery
    own = plan.front.own_packages(discovery.root, discovery.project)
    areas, of = plan.areas, Areas(discovery.project, discovery.elsewhere).of
    return Screen(
        plan.front,
        plan.catalogue.roots_match,
        {form: kinds for word, kinds in plan.catalogue.global_words.items() for form in _forms(word)},
        tuple(_by_part(plan.catalogue.global_words)),
        tuple(_shortest({auto.target for auto in plan.catalogue.autos if auto.how == "command"})),
        tuple(name.encode() for name in REPORTING),
        plan.site_kinds,
        own,
        plan.loops,
        plan.silent_loops,
        plan.plain_loops,
        plan.timers,
        of,
        (lambda path, marks: of(path, marks) in areas) if areas is not None else (lambda _path, _marks: True),
        {},
        plan.front.renames(discovery.root, discovery.manifests, plan.catalogue.is_package),
    )


def _forms(word: str) -> list[bytes]:
    """How a global is used: a function may be handed on, a class or a method is called."""
    forms = _USED if word.isidentifier() and word[0].islower() else _USED[:2]
    return [form.format(word).encode() for form in forms]


def _by_part(words: Iterable[str]) -> Iterator[tuple[bytes, list[list[bytes]]]]:
    """The forms of globals by what these have in common: ``$http`` of ``$http.get``, ``fetch`` of ``$fetch``."""
    parts = {word: f"{word.partition('.')[0]}." if "." in word else word for word in words}
    common = sorted(set(parts.values()), key=len)
    found: dict[str, list[list[bytes]]] = {}
    for word, part in parts.items():
        shortest = next(other for other in common if other in part)
        found.setdefault(shortest, []).append(_forms(word))
    for part, names in found.items():
        yield part.encode(), names


def _shortest(words: set[str]) -> list[bytes]:
    """Those that no other one is a part of: where they are not, none is."""
    return [word.encode() for word in sorted(words) if not any(o != word and o in word for o in words)]


class Scan(NamedTuple):
    """What is known of the files of a project."""

    rows: list[Scanned]
    is_new: bool
    """Something of it was not in the cache."""
    facts: dict[str, FileFacts]
    """Those that this process has read itself."""


def scan_project(plan: Plan, screen: Screen) -> Scan:
    """Finds out what the cache does not know of the files of a project."""
    discovery, cache = plan.discovery, plan.cache
    rows: dict[str, Scanned] = {}
    todo: list[str] = []
    read: dict[str, FileFacts] = {}
    for path in discovery.project:
        row = None
        if cache is not None and path not in plan.texts:
            row = cache.unchanged(path, discovery.source(path).absolute)
            if row is not None and row.is_read and not _is_enough(row, screen, cache):
                row = None
        if row is None:
            todo.append(path)
        else:
            rows[path] = row

    def work(path: str) -> Scanned:
        absolute, text = discovery.source(path).absolute, plan.texts.get(path)
        outcome = attempt(path, "extract", lambda: scan(path, absolute, screen, read, text), debug=plan.debug)
        if isinstance(outcome, Failure):
            return Scanned(path, 0, 0, "", [], "", "", "", "", (outcome.where, outcome.error))
        return outcome

    for row in share(todo, work, jobs=plan.jobs, progress=plan.progress, wire=_wire(read)):
        rows[row.path] = row
    return Scan([rows[path] for path in discovery.project], bool(todo), read)


def _is_enough(row: Scanned, screen: Screen, cache: Cache) -> bool:
    """Whether what an earlier run has stored of a file answers what this one asks."""
    if screen.must_look(row.path, row.imports, row.marks):
        return False
    return cache.has_facts(row.path) or not screen.wants(row.path, row.imports, row.marks)


def _wire(read: dict[str, FileFacts]) -> Wire[Scanned]:
    """Rows and facts, on the way from a child that has read files to its parent: the memory of a process of our own.

    :param read: The facts that each process has read, by path; those of a child are added to its parent's.
    """

    def dump(results: list[tuple[int, Scanned]]) -> bytes:
        return marshal.dumps(
            [(at, tuple(row), pack(read[row.path]) if row.path in read else None) for at, row in results]
        )

    def load(content: bytes) -> Iterator[tuple[int, Scanned]]:
        for at, parts, facts in marshal.loads(content):  # noqa: S302 - written by our own child
            row = Scanned._make(parts)
            if facts is not None:
                read[row.path] = unpack(facts)
            yield at, row

    return Wire(dump, load)


def with_named(plan: Plan, screen: Screen, rows: list[Scanned], analysis: Analysis) -> Analysis:
    """The analysis, and the syntax of the files that the user named and the screen passed over."""
    known = {path for path, _ in analysis.problems} | analysis.suppressions.keys()
    for row in rows:
        path = row.path
        if path not in plan.named or path in known or not row.is_read or screen.wants(path, row.imports, row.marks):
            continue
        try:
            text = plan.texts[path] if path in plan.texts else read_file(plan.discovery.source(path).absolute)[0]
            facts = plan.front.extract(path, text)
        except (OSError, UndecodableError) as error:
            analysis = analysis._replace(unreadable=(*analysis.unreadable, (path, str(error))))
            continue
        analysis = analysis._replace(
            problems=(*analysis.problems, *((path, problem) for problem in facts.problems)),
            suppressions={**analysis.suppressions, path: facts.suppressions},
        )
    return analysis
