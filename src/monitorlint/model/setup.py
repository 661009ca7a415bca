"""What the files around the code say: environment variables, dependencies, how programs are started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitorlint.model.facts import Suppression
from monitorlint.model.finding import Region
from monitorlint.model.rows import NamedTuple
from monitorlint.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence


class EnvVariable(NamedTuple):
    """A variable of an environment file."""

    name: str
    value: Secret
    is_template: bool
    """Other variables are put into the value."""
    region: Region
    """From the name to the end of the value."""


class EnvFile(NamedTuple):
    path: str
    variables: tuple[EnvVariable, ...]
    suppressions: tuple[Suppression, ...]
    end: Region
    """The place behind the last character."""


class Dependency(NamedTuple):
    """One entry of ``package.json``'s dependencies."""

    name: str
    wanted: str
    """The range, or ``workspace:*``, ``catalog:`` …, as it stands there."""
    section: str
    """``dependencies``, ``devDependencies``, ``optionalDependencies`` or ``peerDependencies``."""
    region: Region
    """From the name to the end of the range."""


class Script(NamedTuple):
    name: str
    command: str
    region: Region


class Manifest(NamedTuple):
    """A ``package.json``."""

    path: str
    name: str
    is_module: bool
    """``"type": "module"``: its ``.js`` and ``.ts`` files are ES modules."""
    dependencies: tuple[Dependency, ...]
    scripts: tuple[Script, ...]
    node: str
    """The range of Node versions under ``engines``; ``""`` where there is none."""
    catalogs: dict[str, dict[str, str]]
    """Ranges that ``catalog:`` stands for, by the catalogue's name (``""``: the one without)."""

    @property
    def folder(self) -> str:
        """Where it lies, relative to the root; ``""``: in it."""
        return self.path.rpartition("/")[0]

    def dependency(self, name: str) -> Dependency | None:
        """The entry for a package, the one that is installed where the application runs before others."""
        return next((d for d in self.dependencies if d.name == name), None)


class Locked(NamedTuple):
    """A version that a lock file holds."""

    folder: str
    """Of the package that asks for it, relative to the lock file's; ``*``: any."""
    name: str
    wanted: str
    """The range that leads to it; ``""`` where the lock file does not say."""
    version: str


class LockFile(NamedTuple):
    path: str
    packages: tuple[Locked, ...]


class Declaration(NamedTuple):
    """A variable that a Dockerfile, compose file, workflow or platform configuration sets, without its value."""

    path: str
    name: str
    row: int
    """1-based."""


class Requirement(NamedTuple):
    """A Python distribution that a project asks for, or has locked."""

    path: str
    name: str
    """Normalised: small letters, hyphens."""
    specifier: str
    locked: str
    """The exact version; ``""`` where it is not fixed."""
    region: Region
    is_lock: bool
    """The file is written by a package manager."""


class Option(NamedTuple):
    """What an argument of a call may be. All fields are JSON."""

    literals: list[str | int | float | bool | None]
    """The literal values that are known of it."""
    variables: list[str]
    """Environment variables that it is read from; in JavaScript with their table (``import.meta.env.VITE_X``)."""
    is_whole: bool
    """There is nothing else that it may be."""
    is_text: bool = False
    """It may be the text of an environment variable, as it stands there."""
    returns: str = ""
    """It is a function, and gives back ``nothing`` or ``null`` whatever it is called with; ``""``: not known."""

    @property
    def only(self) -> str | int | float | bool | None:
        """Its one value; None where there is none, or more than one, or it is None."""
        return self.literals[0] if self.is_whole and len(self.literals) == 1 and not self.variables else None


class SentryCall(NamedTuple):
    """A call of a Sentry SDK in the project's code. All fields are JSON."""

    path: str
    target: str
    """Canonical dotted name: ``sentry_sdk.init``, ``@sentry/react.init``."""
    place: list[int]
    """The fields of a region."""
    options: dict[str, Option]
    """Keyword arguments, or the properties of an options object."""
    is_open: bool
    """Other options are unpacked into the call: what is missing may be in there."""
    function: str
    area: str
    is_handled: bool
    """It stands under a condition, or in a ``try``."""
    is_loading: bool = False
    """It runs once, when its file is loaded: it stands in no function and under no condition."""
    arguments: int = 0
    """How many are passed."""
    handler: str = ""
    """What makes the function around it one that runs for each request: its decorator, or its parameter."""
    is_asked: bool = False
    """The file asks whether the SDK has what is called: ``Sentry.Handlers?.errorHandler``, ``if (Sentry.metrics)``."""

    @property
    def region(self) -> Region:
        return Region(*self.place)

    @property
    def package(self) -> str:
        """The npm package or Python module that it comes from."""
        head, _, rest = self.target.partition("/") if self.target.startswith("@") else ("", "", self.target)
        return f"{head}/{rest.partition('.')[0]}" if head else rest.partition(".")[0]

    @property
    def name(self) -> str:
        """What is called, without its package."""
        return self.target[len(self.package) + 1 :]


class SentryImport(NamedTuple):
    """An import of a Sentry package. All fields are JSON."""

    path: str
    module: str
    row: int
    """1-based."""
    area: str


class ServerApp(NamedTuple):
    """An application of a web framework that the code makes. All fields are JSON."""

    path: str
    framework: str
    """``express``, ``koa``, ``fastify`` or ``react`` (a root that is rendered)."""
    place: list[int]
    area: str


class LateStart(NamedTuple):
    """A start of Sentry that comes after what it instruments was imported. All fields are JSON."""

    path: str
    place: list[int]
    """Of the call of ``init``, or of the import that leads to it."""
    starts: str
    """The file that calls ``init``; ``path`` itself where it is the call."""
    package: str
    """The SDK."""
    library: str
    """The first library that was imported before."""
    row: int
    """1-based: of that import."""
    area: str


class ProgramStart(NamedTuple):
    """A program for Node that starts Sentry by an import. All fields are JSON."""

    path: str
    """Its first file."""
    place: list[int]
    """Of the call of ``init``, or of the import that leads to it."""
    starts: str
    """The file that calls ``init``."""
    package: str
    libraries: list[str]
    """What the program loads of that which the SDK watches, sorted."""
    area: str


class SecondStart(NamedTuple):
    """A start of an SDK in a program that has started it before. All fields are JSON."""

    path: str
    place: list[int]
    first: str
    """The file of the other start."""
    row: int
    """1-based: of that start."""
    package: str
    area: str


class Misplaced(NamedTuple):
    """An error handler of Sentry that errors do not come by. All fields are JSON."""

    path: str
    place: list[int]
    what: str
    """``route``: one stands below; ``handler``: one above answers the errors."""
    row: int
    """1-based: of that route or handler."""
    function: str
    area: str


class FrameworkFile(NamedTuple):
    """A file whose name tells a framework when to load it. All fields are JSON."""

    path: str
    names: list[str]
    """What it defines or exports at its top."""
    words: list[str]
    """The words of its text that rules ask for."""
    is_imported: bool
    """Another file of the project loads it."""
    has_app_router: bool
    """Beside it lies the folder `app`, with a layout in it."""
    matchers: list[str] | None
    """Of a middleware: the paths that it runs for, as they are written; empty: all; None: not known."""
    area: str


class ContentPolicy(NamedTuple):
    """The hosts that a page may connect to, as the code sends them to browsers. All fields are JSON."""

    path: str
    place: list[int]
    sources: list[str]
    """What stands behind ``connect-src``."""
    area: str


class LostEvent(NamedTuple):
    """An exit that does not wait for an event that was captured right before. All fields are JSON."""

    path: str
    place: list[int]
    """Of the call that ends the process."""
    target: str
    """What captures."""
    row: int
    """1-based: of that call."""
    function: str
    area: str


class Bundler(NamedTuple):
    """A bundler's configuration. All fields are JSON."""

    path: str
    words: list[str]
    """The words of its text that rules ask for."""
    tokens: list[list[int]]
    """Where auth tokens of Sentry stand in it: the fields of regions."""
    source_maps: str = ""
    """What Vite's ``build.sourcemap`` is set to: ``unset``, ``true``, ``false``, ``inline`` or ``hidden``; ``""``: not
    known."""
    place: list[int] | None = None
    """Of the call of ``defineConfig`` that is handed the configuration; None where it is written in another way."""


class MissingHelper(NamedTuple):
    """An import of the helper module where there is none. All fields are JSON."""

    path: str
    place: list[int]
    module: str
    area: str


class SentryUse(NamedTuple):
    """What a project's code does with Sentry."""

    calls: tuple[SentryCall, ...] = ()
    imports: tuple[SentryImport, ...] = ()
    apps: tuple[ServerApp, ...] = ()
    late: tuple[LateStart, ...] = ()
    lost: tuple[LostEvent, ...] = ()
    bundlers: tuple[Bundler, ...] = ()
    missing: tuple[MissingHelper, ...] = ()
    programs: tuple[ProgramStart, ...] = ()
    hoisted: tuple[LateStart, ...] = ()
    seconds: tuple[SecondStart, ...] = ()
    misplaced: tuple[Misplaced, ...] = ()
    named: tuple[FrameworkFile, ...] = ()
    policies: tuple[ContentPolicy, ...] = ()


def joined_use(uses: Sequence[SentryUse]) -> SentryUse:
    """What the languages of one project do with Sentry, as one."""
    return SentryUse(*(tuple(row for rows in column for row in rows) for column in zip(*uses, strict=True)))


_ROWS: tuple[type[Any], ...] = (
    SentryImport,
    ServerApp,
    LateStart,
    LostEvent,
    Bundler,
    MissingHelper,
    ProgramStart,
    LateStart,
    SecondStart,
    Misplaced,
    FrameworkFile,
    ContentPolicy,
)
"""The types of what stands behind the calls in a `SentryUse`."""


def decoded_use(calls: list[list[Any]], *others: list[list[Any]]) -> SentryUse:
    """What JSON made of a ``SentryUse``, as one again.

    :raises TypeError, ValueError, AttributeError: it was written by another version.
    """
    found = []
    for row in calls:
        call = SentryCall._make(row)
        found.append(call._replace(options={name: Option._make(o) for name, o in call.options.items()}))
    columns = (tuple(kind._make(row) for row in rows) for kind, rows in zip(_ROWS, others, strict=True))
    return SentryUse(tuple(found), *columns)


class ConfigFile(NamedTuple):
    """What one of the files around the code says; most fields are empty for any one file."""

    path: str
    env: EnvFile | None = None
    manifest: Manifest | None = None
    lock: LockFile | None = None
    requirements: tuple[Requirement, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    node: str = ""
    """A version of Node that the file pins (``.nvmrc``, ``FROM node:20``)."""
    node_region: Region | None = None
    problem: str = ""
    """Why the file could not be read."""
    tokens: tuple[Region, ...] = ()
    """Where auth tokens of Sentry stand in it."""
    uploads: bool = False
    """It uploads source maps to Sentry."""
    preloads: bool = False
    """It starts Node with a module that is loaded before the application (``--import``, ``--require``)."""
    is_ignored: bool = False
    """Git leaves it out."""
    is_tracked: bool | None = None
    """Git has it under version control; None: there is no git to ask."""
    area: str = "app"
