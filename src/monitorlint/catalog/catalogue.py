"""The catalogue: what a resolved dotted path is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, TypeVar

from monitorlint.catalog.monitors import MonitorTable
from monitorlint.catalog.patterns import Table, matches, regex
from monitorlint.catalog.rows import SITE_KINDS, Auto, CallMatch, ClientMatch, Cover, Entry, Form, Option
from monitorlint.catalog.sites import SiteTable, over_of, renames, versions_of
from monitorlint.model.site import Level

T = TypeVar("T")
_MAX_RENAMES: Final = 8
"""A chain of names for one thing; longer is a loop in a user's pack."""
_NOTHING: Final = frozenset[str]()
_SURROUNDING: Final = ("spans", "decorators", "calls", "callbacks")
"""The forms of a monitor that can stand around a call, or around a caller of it."""
REPORTING: Final = ("captureException", "captureError", "capture_exception", "onRequestError")
"""What SDKs of error trackers call that which they are told an error by."""
_ENVIRONMENT = frozenset({"window", "globalThis", "self", "global", "navigator"})
"""What holds the names that are there without an import."""


def _may_surround(table: Mapping[str, Any]) -> bool:
    # What a monitor takes on of the logs is nothing that a caller holds.
    sends = (isinstance(row, str) or not {"member", "covers"} & row.keys() for row in table.get("captures", ()))
    return any(map(table.get, _SURROUNDING)) or any(sends)


class _Source:
    """One language table of one rules file, and what is built of it when somebody asks."""

    __slots__ = ("_built", "_names", "kind", "name", "path", "promises", "table")

    def __init__(self, path: str, kind: str, name: str, table: Mapping[str, Any], *, promises: bool) -> None:
        self.path = path
        self.kind = kind
        self.name = name
        self.table = table
        self.promises = promises
        self._built: SiteTable | MonitorTable | None = None
        self._names: Table[str] | None = None

    @property
    def names(self) -> Table[str]:
        """What else things are called."""
        if self._names is None:
            self._names = Table()
            for path, target in renames(self.table):
                self._names.add(path, target)
        return self._names

    @property
    def sites(self) -> SiteTable | None:
        if self.kind == "monitor":
            return None
        if self._built is None:
            table = self.table
            errors = tuple(table.get("errors", ()))
            versions = versions_of(table)
            entry = Entry(self.kind, self.name, table["package"], versions, self.path, errors, over_of(table))
            # The functions of guards and the clients of look-alikes are looked up in the same way.
            self._built = SiteTable(entry, table, promises=self.promises)
        return self._built if isinstance(self._built, SiteTable) else None

    @property
    def monitor(self) -> MonitorTable | None:
        if self.kind != "monitor":
            return None
        if self._built is None:
            self._built = MonitorTable(self.name, self.table)
        return self._built if isinstance(self._built, MonitorTable) else None


class Catalogue:
    """All entries of one language.

    Paths are dotted names, with ``()`` where a call stands between; every method reduces them first.
    Answers are cached.
    """

    def __init__(self, digest: str, files: Mapping[str, Mapping[str, Any]], language: str) -> None:
        self.digest = digest
        """Changes with any rule file or pack."""
        self._is_typescript = language == "typescript"
        self.takes_words = self._is_typescript
        """Clients made with a base URL are common: ``api.get("items")`` may be a request, not a look-up by a key."""
        self._sources = [
            _Source(path, data["kind"], data["name"], table, promises=self._is_typescript)
            for path, data in files.items()
            for table in data.get(language, ())
        ]
        self._by_head: dict[str, list[_Source]] = {}
        self._glob_heads: list[tuple[re.Pattern[str], _Source]] = []
        for source in self._sources:
            for head in source.table["heads"]:
                if "*" in head:
                    self._glob_heads.append((regex(head if head != "**" else "*"), source))
                else:
                    self._by_head.setdefault(head, []).append(source)
        self._heads: dict[str, tuple[_Source, ...]] = {}
        self._reduced: dict[str, str] = {}
        self._modules: dict[str, frozenset[str]] = {}
        self._memo: dict[tuple[str, str], Any] = {}
        self._tails: dict[frozenset[str], frozenset[str]] = {}
        self._covering: dict[tuple[str, ...], tuple[Cover, ...]] = {}

    @cached_property
    def roots(self) -> Mapping[str, frozenset[str]]:
        """Import roots (globs included) and the kinds of what they lead to."""
        return self._kinds("roots")

    @cached_property
    def globals(self) -> frozenset[str]:
        """Names that are the environment's where no scope of a file binds them, such as ``fetch`` and ``window``."""
        return frozenset(path.partition(".")[0] for source in self._sources for path in source.table.get("globals", ()))

    @property
    def has_keywords(self) -> bool:
        """Whether calls of the language take arguments by name; else options come in an object, the last argument."""
        return not self._is_typescript

    @cached_property
    def global_words(self) -> Mapping[str, frozenset[str]]:
        """Words without which a file uses none of these (``fetch`` for ``window.fetch``), and the kinds behind them.

        What is no object of the environment's belongs to the word: many things are called ``get``, and few ``$.get``.
        """
        kinds: dict[str, set[str]] = {}
        for source in self._sources:
            for path in source.table.get("globals", ()):
                word = path.rpartition(".")[2] if path.partition(".")[0] in _ENVIRONMENT else path
                kinds.setdefault(word, set()).add(source.kind)
        return {word: frozenset(found) for word, found in kinds.items()}

    @cached_property
    def tails(self) -> Mapping[str, frozenset[str]]:
        """Last names of calls and their kinds; ``()`` for instances that are called themselves."""
        return self._kinds("tails")

    def tails_of(self, kinds: frozenset[str]) -> frozenset[str]:
        """Give the last names of the calls that may be of some kinds."""
        if kinds not in self._tails:
            others = frozenset(SITE_KINDS) - kinds
            self._tails[kinds] = frozenset(name for name, of in self.tails.items() if not of <= others)
        return self._tails[kinds]

    def is_package(self, name: str) -> bool:
        """Tell whether a top-level import name is a package of the catalogue, or the namespace of one (``google``)."""
        return name in self._packages or any(pattern.fullmatch(name) for pattern, _ in self._root_globs)

    @cached_property
    def through(self) -> tuple[frozenset[str], frozenset[str]]:
        """Last names of the methods that calls of clients are made through, and of those calls."""
        tables = [source.table for source in self._sources if "through" in source.table]
        names = frozenset(name for table in tables for name in table["through"])
        return names, frozenset(tail for table in tables for tail in table["tails"])

    @cached_property
    def _packages(self) -> frozenset[str]:
        return frozenset(root.partition(".")[0] for root in self.roots)

    @cached_property
    def instance_roots(self) -> frozenset[str]:
        """Import roots of the entries whose instances are called themselves (``predictor(question)``)."""
        tables = (source.table for source in self._sources)
        return frozenset(root for table in tables if "()" in table["tails"] for root in table.get("roots", ()))

    def roots_match(self, module: str) -> frozenset[str]:
        """Give the kinds that importing a dotted module (or a name of it) leads to."""
        kinds = self._modules.get(module)
        if kinds is not None:
            return kinds
        # Most modules of a project share what stands in front of their last name.
        kinds = _NOTHING
        names = module.split(".")
        for length in range(1, len(names) + 1):
            prefix = ".".join(names[:length])
            known = self._modules.get(prefix)
            if known is None:
                known = kinds | self.roots.get(prefix, _NOTHING)
                if self._any_root_glob.fullmatch(prefix):
                    known = known.union(*(more for pattern, more in self._root_globs if pattern.fullmatch(prefix)))
                self._modules[prefix] = known
            kinds = known
        return kinds

    def surrounds(self, module: str) -> bool:
        """Tell whether importing a dotted module (or a name of it) leads to a monitor that stands around calls.

        Instrumentation, options and classes of clients that report do not: they are nothing that a caller holds.
        """
        return self._leads_to_monitor(module, self._surrounding)

    def takes_errors(self, module: str) -> bool:
        """Likewise, or to one that may take on what handlers send, or log."""
        return self._leads_to_monitor(module, self._hearing)

    def _leads_to_monitor(self, module: str, roots: frozenset[str]) -> bool:
        return "monitor" in self.roots_match(module) and any(
            f"{module}.".startswith(f"{root}.") or ("*" in root and self._starts_with(module, root)) for root in roots
        )

    @cached_property
    def _surrounding(self) -> frozenset[str]:
        return self._roots_of(_may_surround)

    @cached_property
    def _hearing(self) -> frozenset[str]:
        return self._surrounding | self._roots_of(lambda table: bool(table.get("captures")))

    def _roots_of(self, is_one: Callable[[Mapping[str, Any]], bool]) -> frozenset[str]:
        monitors = (source.table for source in self._sources if source.kind == "monitor")
        return frozenset(root for table in monitors if is_one(table) for root in table.get("roots", ()))

    @staticmethod
    def _starts_with(module: str, pattern: str) -> bool:
        names = module.split(".")
        return any(matches(pattern, ".".join(names[:length])) for length in range(1, len(names) + 1))

    def reduce(self, path: str) -> str:
        """Give the canonical spelling of a path.

        Other names of a thing are replaced, and steps that give the same client back are left out.
        """
        reduced = self._reduced.get(path)
        if reduced is None and path.endswith("[]"):
            reduced = self._reduced[path] = self._rename(f"{self.reduce(path[:-2])}[]")
        if reduced is None:
            head, dot, last = path.rpartition(".")
            name = last.rstrip("()")
            reduced = self._rename(f"{self.reduce(head)}.{name}" if dot else name)
            if self._is_typescript and name != last:
                # What `require` gives is called as the default export is.
                exported = f"{reduced}.default"
                called = self._rename(exported)
                reduced = reduced if called == exported else called
            for _ in range(last.count("()")):
                reduced = self._rename(f"{reduced}()")
            self._reduced[path] = reduced
        return reduced

    def match_call(self, path: str) -> CallMatch | None:
        """Tell what calling ``path`` does, such as ``openai.OpenAI().chat.completions.create``.

        A path that ends in ``()`` is an instance that is called itself.
        """
        return self._remember("call", path, self._match_call)

    def client(self, path: str) -> ClientMatch | None:
        """Tell which client a path such as ``openai.OpenAI()`` is."""
        return self._remember("client", path, self._client)

    def span(self, path: str) -> Form | None:
        """Tell which span a ``with`` item is, such as ``sentry_sdk.start_span()``."""
        return self._remember("span", path, lambda path: self._form(path, lambda monitor: monitor.spans))

    def decorator(self, path: str) -> Form | None:
        """Tell which monitor a decorator is, bare or called."""
        return self._remember("decorator", path, lambda path: self._form(path, lambda monitor: monitor.decorators))

    def wrapper(self, path: str) -> Form | None:
        """Tell which wrapper of clients a callee is (without the ``()`` of the call)."""
        return self._remember("wrapper", path, lambda path: self._form(path, lambda monitor: monitor.wrappers))

    def monitored_client(self, path: str) -> Form | None:
        """Tell which monitor's client class a callee is, such as ``langfuse.openai.OpenAI``."""
        return self._remember("monitored", path, lambda path: self._form(path, lambda monitor: monitor.clients))

    def callback(self, path: str) -> Form | None:
        """Tell which monitor's handler an instance is, such as ``langfuse.langchain.CallbackHandler()``."""
        return self._remember("callback", path, lambda path: self._form(path, lambda monitor: monitor.callbacks))

    def call_form(self, path: str) -> Form | None:
        """Tell which monitor a callee is that runs a function it is handed."""
        return self._remember("runner", path, lambda path: self._form(path, lambda monitor: monitor.calls))

    def capture(self, path: str) -> Form | None:
        """Tell which monitor a callee sends an exception to by itself, such as ``sentry_sdk.capture_exception``."""
        return next((form for form in self.captures(path) if not form.is_taken), None)

    def captures(self, path: str) -> tuple[Form, ...]:
        """Likewise, with the monitors that may take it on, as they do what is told a logger."""
        return self._remember("capture", path, self._captures)

    def may_capture(self, path: str) -> Form | None:
        """Tell what a callee may send an exception to that has the name for it, of a package that is not known."""
        return self._remember("reporting", path, self._may_capture)

    def hook(self, path: str) -> Form | None:
        """Tell which monitor a callee sends all to that the handlers of an application do not catch."""
        return self._remember("hook", path, lambda path: self._form(path, lambda monitor: monitor.hooks))

    @cached_property
    def hook_tails(self) -> frozenset[str]:
        """Last names of such callees."""
        return frozenset(path.rpartition(".")[2] for path, _ in self._forms_of("hooks"))

    @cached_property
    def capture_tails(self) -> frozenset[str]:
        """Last names of the callees that send an exception to a monitor, however that is set up."""
        return frozenset(path.rpartition(".")[2] for path, row in self._forms_of("captures") if "given" not in row)

    @cached_property
    def given_tails(self) -> frozenset[str]:
        """Likewise, where the monitor is told to listen to what it does not by itself."""
        return frozenset(path.rpartition(".")[2] for path, row in self._forms_of("captures") if "given" in row)

    def _forms_of(self, key: str) -> list[tuple[str, Mapping[str, Any]]]:
        rows = (row for source in self._sources for row in source.table.get(key, ()))
        return [(row, {}) if isinstance(row, str) else (row["path"], row) for row in rows]

    @cached_property
    def log_captures(self) -> tuple[Form, ...]:
        """One form for each way to set up a monitor that takes on what is logged, whoever logs it."""
        forms = [f for path in dict(self._forms_of("captures")) for f in self.captures(path) if f.is_taken]
        # One that is asked for a further call may not be set up where the others are.
        kinds = {(f.vendor, f.member, f.group, f.unless, f.given, f.if_called, f.catches): f for f in forms}
        return tuple(kinds.values())

    @cached_property
    def in_place_tails(self) -> frozenset[str]:
        """Last names of the wrappers that put a monitor on the very client they are handed."""
        return frozenset(path.rpartition(".")[2] for path, row in self._forms_of("wrappers") if row.get("in_place"))

    def guard(self, path: str) -> bool:
        """Tell whether a callee counts or limits the turns of a loop."""
        return self._remember("guard", path, self._guard)

    @cached_property
    def autos(self) -> tuple[Auto, ...]:
        """All project-wide switches."""
        return tuple(auto for source in self._sources if source.monitor for auto in source.monitor.autos())

    def auto_calls(self, path: str) -> tuple[Auto, ...]:
        """Give the project-wide switches that calling ``path`` turns on."""
        return tuple(auto for auto in self.autos if auto.how == "call" and matches(auto.target, self.reduce(path)))

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """All constructor arguments that send a client's traffic through a monitor."""
        return tuple(option for source in self._sources if source.monitor for option in source.monitor.options())

    def traced_on_request(self, vendor: str) -> Cover | None:
        """Give a coverage row of a monitor that has spans only where its switch asks for them."""
        return next((row for row in self._covers.get(vendor, ()) if row.traced_if), None)

    def covers(self, vendor: str, group: str, package: str, method: str, target: str = "") -> tuple[Cover, ...]:
        """Give the coverage rows of a monitor's group that speak of a call.

        Args:
            vendor: the monitor's name.
            group: what a form or a switch names; ``*`` for every group, ``vendor/group`` for another vendor's.
            package: distribution of the call's entry.
            method: `CallMatch.method`.
            target: `CallMatch.target`, for rows that name a class.
        """
        key = (vendor, group, package, method, target)
        if key not in self._covering:
            self._covering[key] = self._covering_rows(*key)
        return self._covering[key]

    def _covering_rows(self, vendor: str, group: str, package: str, method: str, target: str) -> tuple[Cover, ...]:
        other, slash, name = group.partition("/")
        if slash:
            vendor, group = other, name
        rows = (
            cover
            for cover in self._covers.get(vendor, ())
            if group in {cover.group, "*"}
            and cover.package in {package, "*"}
            and any(matches(pattern, method) or (target and matches(pattern, target)) for pattern in cover.methods)
        )
        if group != "*":
            return tuple(rows)
        # Whoever turns on all that is installed turns on nothing that is not.
        return tuple(
            row._replace(if_importable=(*row.if_importable, row.distribution)) if row.distribution else row
            for row in rows
        )

    @cached_property
    def _covers(self) -> dict[str, list[Cover]]:
        rows: dict[str, list[Cover]] = {}
        for source in self._sources:
            rows.setdefault(source.name, []).extend(source.monitor.covers() if source.monitor else ())
        return rows

    @cached_property
    def _root_globs(self) -> list[tuple[re.Pattern[str], frozenset[str]]]:
        return [(regex(root), kinds) for root, kinds in self.roots.items() if "*" in root]

    @cached_property
    def _any_root_glob(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in self._root_globs) or "(?!)")

    def _kinds(self, key: str) -> dict[str, frozenset[str]]:
        kinds: dict[str, set[str]] = {}
        for source in self._sources:
            for name in source.table.get(key, ()):
                kinds.setdefault(name, set()).add(source.kind)
        return {name: frozenset(found) for name, found in kinds.items()}

    def _remember(self, question: str, path: str, answer: Callable[[str], T]) -> T:
        key = question, path
        if key not in self._memo:
            self._memo[key] = answer(self.reduce(path))
        known: T = self._memo[key]
        return known

    def _about(self, path: str) -> tuple[_Source, ...]:
        """Give the sources that may know a path, the exact ones first."""
        head = path.partition(".")[0].removesuffix("()")
        found = self._heads.get(head)
        if found is None:
            exact = self._by_head.get(head, [])
            globs = [source for pattern, source in self._glob_heads if pattern.fullmatch(head)]
            found = self._heads[head] = tuple(dict.fromkeys((*exact, *globs)))
        return found

    def _rename(self, path: str) -> str:
        for _ in range(_MAX_RENAMES):
            renamed = self._renamed(path)
            if renamed is None:
                break
            path = renamed
        return path

    def _renamed(self, path: str) -> str | None:
        client, _, step = path.rpartition(".")
        is_call = step.endswith("()")
        for source in self._about(path):
            target = source.names.get(path)
            if target is not None and target != path:
                return target
            if is_call and client and source.sites and source.sites.derives(client, step):
                return client
        return None

    def _sites(self, path: str, *kinds: str) -> Iterator[SiteTable]:
        for source in self._about(path):
            if source.sites and (source.kind in kinds if kinds else source.kind not in {"lookalike", "guard"}):
                yield source.sites

    def _match_call(self, path: str) -> CallMatch | None:
        for sites in self._sites(path):
            found = sites.match(path)
            if found:
                return found
        form, plain = self._plain(path)
        if form is None:
            return None
        return next(filter(None, (sites.match(plain, form) for sites in self._sites(plain))), None)

    def _client(self, path: str) -> ClientMatch | None:
        for sites in self._sites(path):
            found = sites.client(path)
            if found:
                return found
        form, plain = self._plain(path)
        if form is None:
            return None
        return next(filter(None, (sites.client(plain, form) for sites in self._sites(plain))), None)

    def _plain(self, path: str) -> tuple[Form | None, str]:
        """Replace a monitor's client class by the plain one it stands for."""
        names = path.split(".")
        for length in range(len(names), 0, -1):
            last = names[length - 1]
            prefix = ".".join([*names[: length - 1], last.rstrip("()")])
            form = self._form(prefix, lambda monitor: monitor.clients)
            if form is not None:
                calls = "()" * last.count("()")
                return form, self.reduce(".".join([f"{form.target}{calls}", *names[length:]]))
        return None, path

    def _form(self, path: str, forms: Callable[[MonitorTable], Table[Form]]) -> Form | None:
        for source in self._about(path):
            form = forms(source.monitor).get(path) if source.monitor else None
            if form is not None:
                return form
        return None

    def _captures(self, path: str) -> tuple[Form, ...]:
        found = (source.monitor.captures.get(path) for source in self._about(path) if source.monitor)
        return tuple(form for form in found if form is not None)

    def _may_capture(self, path: str) -> Form | None:
        module, _, name = path.rpartition(".")
        package = module.partition(".")[0].removesuffix("()")
        if name not in REPORTING or not package or package in _ENVIRONMENT or "monitor" in self.roots_match(package):
            return None
        return Form(package, package, path, Level.ERRORS) if not self._captures(path) else None

    def _guard(self, path: str) -> bool:
        return any(sites.match(path) for sites in self._sites(path, "guard"))
