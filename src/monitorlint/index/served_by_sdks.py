"""Functions that a framework calls on its server, around which the SDK of a monitor puts handlers in the build.

Sentry's ``withSentryConfig`` has webpack wrap what Next.js calls for an address (Turbopack wraps nothing), its module
for Nuxt listens to the errors of Nitro, and that for Astro adds a middleware. A plug-in of the project's own may
listen to Nitro as well: ``nitroApp.hooks.hook("error", report)``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.conventions import Convention, serves
from monitorlint.index.forms import Monitor
from monitorlint.index.safe_actions import SafeActions
from monitorlint.index.values import External
from monitorlint.index.verdict import Verdict
from monitorlint.index.view import tail_of
from monitorlint.model.next_builds import TURBOPACK_SINCE, run_turbopack
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

# Source: @sentry/nextjs 7.120, 8.55, 9.47 and 10.40 of npm, read (`config/webpack`, `config/loaders`, `common/wrap*`):
# each of these captures what the function raises, and raises it again. Server actions are wrapped by hand alone.
_METHODS: Final = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())
_WRAPPED: Final = (
    (
        rb"autoInstrumentAppDirectory",
        Convention(pattern(r".*"), "", pattern(r"(?:src/)?app/(?:.*/)?route\.[jt]sx?"), _METHODS),
    ),
    (
        rb"autoInstrumentAppDirectory",
        Convention(
            pattern(r".*"),
            "",
            pattern(r"(?:src/)?app/(?:.*/)?(?:page|layout|loading|not-found)\.[jt]sx?"),
            frozenset({"default", "generateMetadata"}),
        ),
    ),
    (
        rb"autoInstrumentServerFunctions",
        Convention(pattern(r".*"), "", pattern(r"(?:src/)?pages/api/.*\.[jt]sx?"), frozenset({"default"})),
    ),
    (
        rb"autoInstrumentServerFunctions",
        Convention(
            pattern(r".*"),
            "",
            pattern(r"(?:src/)?pages/(?!api/).*\.[jt]sx?"),
            frozenset({"getServerSideProps", "getStaticProps", "getInitialProps"}),
        ),
    ),
)
_DRAWN: Final = Convention(
    pattern(r".*"),
    "",
    pattern(r"(?:src/)?app/(?:.*/)?(?:page|layout|template|default)\.[jt]sx"),
    frozenset({"default", "generateMetadata"}),
)
"""What a server draws, in the place of which a page for errors is shown."""
_ERROR_PAGE: Final = pattern(
    r"((?:.*/)?(?:src/)?app/)(?=(?:.*/)?(global-)?error\.[jt]sx)((?:.*/)?)(?:global-)?error\.[jt]sx"
)
_BY_PAGE: Final = "the page that is shown in its place tells of an error, without what the server knows of it"
_OFF: Final = rb"\b%s\s*:\s*false\b"
_BY_WEBPACK: Final = "Sentry's loader wraps what Next.js calls, where webpack builds the application"
_BY_MODULE: Final = "the module of Sentry's listens to Nitro, and passes over answers of 3xx and 4xx"
_NEXT: Final = "@sentry/nextjs.init"
_NUXT: Final = "@sentry/nuxt.init"
_ASTRO: Final = "@sentry/astro.init"
# Source: @sentry/astro 10.40 of npm, read (`integration/index`, `server/middleware`): from Astro 3.5.2 on, it adds one.
_ENDPOINTS: Final = Convention(pattern(r".*"), "", pattern(r"src/pages/.*\.[cm]?[jt]s"), _METHODS | {"ALL"})
_BY_MIDDLEWARE: Final = "the middleware that Sentry's integration adds tells of it, where a server answers"
_NITRO: Final = pattern(r"(?:.*/)?server/(?:api|routes|middleware)/.*")
_PLUGINS: Final = pattern(r"(?:.*/)?server/plugins/.*")
_HANDLING: Final = frozenset("defineEventHandler eventHandler defineCachedEventHandler cachedEventHandler".split())
_HANDLED: Final = pattern(rb"\brequestHandler\s*:\s*false\b")
_HOOK: Final = "hook"
_ERROR: Final = ["lit", "error"]


class ServedBySdks:
    """Tells who hears of what such a function raises."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        sends: Callable[[FileView, Expr, int, int], str],
    ) -> None:
        """:param sends: What a handler tells a monitor by; ``""``: it tells none."""
        self._project = project
        self._auto = auto
        self._sends = sends
        self._actions = SafeActions(project, auto, sends)
        self._wraps: dict[str, tuple[Convention, ...]] = {}

    @cached_property
    def are_there(self) -> bool:
        """Whether the application has any."""
        return bool(self._started or self._listening or self._shown or self._actions.are_there)

    def around(self, view: FileView, call: Call) -> Verdict:
        """Who hears of what the function raises in which a call stands, if a framework calls it."""
        if not self.are_there:
            return Verdict(None)
        if _NITRO.fullmatch(view.path) is not None and self._is_handler(view, call):
            for monitor in self._listening:
                # Without pages that it renders (`ssr: false`), the server is one all the same.
                is_beside = _above_server(monitor.path) == _above_server(view.path)
                if is_beside or self._auto.doubt_at(monitor.path, view.path) is not None:
                    return Verdict(monitor)
            return self._told(view, _NUXT, _BY_MODULE)
        told = self._actions.around(view, call)
        if told.monitor is not None:
            return told
        frames = self._auto.reach.frames
        frame = frames.frame_of(view.path) if self._started or self._shown else None
        if frame is None:
            return Verdict(None)
        folder = f"{frame.folder}/" if frame.folder else ""
        text = self._project.store.text(view.path)
        if self._is_started(_ASTRO):
            is_added = serves(_ENDPOINTS, folder, view, call, text) and self._is_integrated(folder)
            return self._told(view, _ASTRO, _BY_MIDDLEWARE) if is_added else Verdict(None)
        for convention in self._wrapping(frame.folder):
            if serves(convention, folder, view, call, text):
                return self._told(view, _NEXT, _BY_WEBPACK)
        shown = next((page for page in self._shown if view.path.startswith(page[0])), None)
        if shown is not None and serves(_DRAWN, folder, view, call, text):
            return Verdict(shown[1], (), _BY_PAGE)
        return Verdict(None)

    def _told(self, view: FileView, name: str, doubt: str) -> Verdict:
        """The SDK of a name that runs where a file does, as that which may hear of its errors."""
        for monitor in self._started:
            if monitor.name == name and self._auto.doubt_at(monitor.path, view.path) is not None:
                return Verdict(monitor, (), doubt)
        return Verdict(None)

    def _is_started(self, name: str) -> bool:
        return any(monitor.name == name for monitor in self._started)

    @cached_property
    def _started(self) -> tuple[Monitor, ...]:
        """The SDKs that are started, apart from those of browsers."""
        return tuple(self._find_started())

    def _find_started(self) -> Iterator[Monitor]:
        reach = self._auto.reach
        for path in sorted(filter(self._project.is_app, self._auto.monitoring_files)):
            packages = self._project.store.packages(path)
            if packages.isdisjoint({"@sentry/nextjs", "@sentry/nuxt", "@sentry/astro"}):
                continue
            view = self._project.view(path)
            if view is None or reach.frames.side_of(reach.importers(path)) == "browser":
                continue
            for number, call in enumerate(view.facts.calls):
                if tail_of(call.callee) != "init":
                    continue
                for value in self._project.resolver.callee(view, number):
                    if isinstance(value, External) and value.path in {_NEXT, _NUXT, _ASTRO}:
                        yield Monitor("auto", Level.ERRORS, value.path, path, call.row)

    @cached_property
    def _shown(self) -> tuple[tuple[str, Monitor], ...]:
        """Pages of Next's that are shown errors and tell a monitor of them, and the start of what they stand for."""
        return tuple(self._find_shown())

    def _find_shown(self) -> Iterator[tuple[str, Monitor]]:
        for path in sorted(self._auto.beside_monitors):
            found = _ERROR_PAGE.fullmatch(path)
            view = self._project.view(path) if found is not None else None
            if found is None or view is None:
                continue
            name = self._sends(view, "default", 0, view.facts.scopes[0].end + 1)
            if name:
                folder = found[1] if found[2] else found[1] + found[3]
                yield folder, Monitor("auto", Level.ERRORS, name, path, 0)

    @cached_property
    def _listening(self) -> tuple[Monitor, ...]:
        """What plug-ins of Nitro's tell a monitor of errors by."""
        return tuple(self._find_listening())

    def _find_listening(self) -> Iterator[Monitor]:
        for path in sorted(self._auto.beside_monitors):
            view = self._project.view(path) if _PLUGINS.fullmatch(path) is not None else None
            for call in view.facts.calls if view is not None else ():
                if view is None or tail_of(call.callee) != _HOOK or len(call.args) < 2:
                    continue
                name = self._sends(view, call.args[1], call.scope, call.start) if _says_error(call) else ""
                if name:
                    yield Monitor("auto", Level.ERRORS, name, path, call.row)

    def _wrapping(self, folder: str) -> tuple[Convention, ...]:
        """The functions that Sentry's loader wraps in the application of a folder."""
        if folder not in self._wraps:
            self._wraps[folder] = tuple(self._find_wrapping(folder))
        return self._wraps[folder]

    def _find_wrapping(self, folder: str) -> Iterator[Convention]:
        around = self._auto.surroundings
        prefix = f"{folder}/" if folder else ""
        texts = [around.code(f"{prefix}next.config.{end}") for end in ("js", "mjs", "ts", "mts", "cjs")]
        text = b"\n".join(texts)
        inside = f"{prefix}package.json"
        # Where no version is known, it satisfies whatever is asked for.
        is_default = not around.satisfies("next", f"<{TURBOPACK_SINCE}", inside)
        if b"withSentryConfig" not in text or is_default or run_turbopack(around.scripts(inside), is_default=False):
            return
        for option, convention in _WRAPPED:
            if pattern(_OFF % option).search(text) is None:
                yield convention

    def _is_integrated(self, folder: str) -> bool:
        """Whether the configuration of an application of Astro's names the SDK, and leaves its middleware on."""
        around = self._auto.surroundings
        text = b"\n".join(around.code(f"{folder}astro.config.{end}") for end in ("mjs", "ts", "js", "mts", "cjs"))
        return b"@sentry/astro" in text and _HANDLED.search(text) is None

    def _is_handler(self, view: FileView, call: Call) -> bool:
        """Whether a call stands in a function that is handed to what makes a handler of Nitro's of it."""
        scope = call.scope
        if scope <= 0 or view.facts.scopes[scope].parent != 0:
            return False
        made = (one for one in view.facts.calls if one.scope == 0 and tail_of(one.callee) in _HANDLING)
        return any(list(arg) == ["fn", scope] for one in made for arg in one.args[:1] if isinstance(arg, (tuple, list)))


def _above_server(path: str) -> str:
    """The folder in which Nitro finds its server."""
    return f"/{path}".rpartition("/server/")[0]


def _says_error(call: Call) -> bool:
    first = call.args[0]
    return isinstance(first, (tuple, list)) and list(first) == _ERROR
