"""Frameworks that load files by where they lie, each with a server and a browser side.

Nothing imports a page, a route or an instrumentation file. Each side of such an application is a program of its own: it
runs the files that the framework loads there, and what they import, up to where a file says that it belongs to the
other side (``"use client"``, ``"use server"``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitorlint.index.surroundings import Surroundings

_CODE = r"\.(?:[cm]?[jt]sx?|vue|svelte|astro)"


class _Framework(NamedTuple):
    config: re.Pattern[str]
    """The file by which a folder is known to be an application."""
    server: re.Pattern[str]
    """What the server loads, relative to that folder."""
    browser: re.Pattern[str]
    names_sides: bool
    """``data.server.ts`` is never part of what the browser gets, nor ``view.client.ts`` of what runs on the server."""


def _framework(config: str, server: str, browser: str, *, names_sides: bool = False) -> _Framework:
    loads = pattern(rf"(?:{server}){_CODE}"), pattern(rf"(?:{browser}){_CODE}")
    return _Framework(pattern(config), *loads, names_sides)


# Sources: the file conventions in the documentation of Next.js 15, SvelteKit 2, Nuxt 4, Remix 2 / React Router 7,
# Astro 5 and Expo Router 5, and of Sentry's SDKs for them.
_FRAMEWORKS = (
    _framework(
        rf"next\.config{_CODE}",
        r"(?:src/)?app/(?:.*/)?(?:page|layout|route|template|loading|error|global-error|not-found|default|forbidden"
        r"|unauthorized|icon|apple-icon|opengraph-image|twitter-image|sitemap|robots|manifest)"
        r"|(?:src/)?pages/.*|(?:src/)?(?:middleware|proxy|instrumentation)|(?:src/)?sentry\.(?:server|edge)\.config",
        r"(?:src/)?pages/(?!api/).*|(?:src/)?instrumentation-client|(?:src/)?sentry\.client\.config",
    ),
    _framework(
        rf"svelte\.config{_CODE}",
        r"src/hooks(?:\.server)?|src/instrumentation\.server|src/routes/(?:.*/)?\+[^/]*",
        r"src/hooks(?:\.client)?|src/routes/(?:.*/)?\+(?!server)(?:(?!\.server\.)[^/])*",
        names_sides=True,
    ),
    _framework(
        rf"nuxt\.config{_CODE}",
        r"(?:(?:app|src)/)?(?:app|error)|(?:(?:app|src)/)?(?:pages|layouts|components|composables|middleware|plugins|utils|stores)/.*"
        r"|(?:src/)?server/.*|sentry\.server\.config",
        r"(?:(?:app|src)/)?(?:app|error)|(?:(?:app|src)/)?(?:pages|layouts|components|composables|middleware|plugins|utils|stores)/.*"
        r"|sentry\.client\.config",
    ),
    _framework(
        rf"(?:react-router|remix)\.config{_CODE}|app/entry\.(?:client|server){_CODE}",
        r"app/root|app/routes/.*|app/entry\.server|instrument(?:ation)?\.server",
        r"app/root|app/routes/.*|app/entry\.client",
        names_sides=True,
    ),
    _framework(
        rf"astro\.config{_CODE}",
        r"src/pages/.*|src/middleware|src/actions/.*|sentry\.server\.config",
        r"src/pages/.*|sentry\.client\.config",
    ),
    _framework(rf"metro\.config{_CODE}", r"(?!)", r"(?:src/)?app/.*|index|App"),
)
_NAMED = pattern(r"(?:.*/)?(?:[^/]+\.(server|client)\.[^/]+|(?:\.|lib/)(server|client)/.*)")
# What a server of the project's own imports to serve an application: what the framework builds of it, or Next itself.
_BUILT = pattern(
    r"virtual:[\w-]+/server-build|@remix-run/dev/server-build|(?:.*/)?build/(?:server(?:/index)?|handler)(?:\\js)?"
    r"|(?:.*/)?dist/server/entry(?:\\mjs)?"
)
_NEXT = pattern(rf"(?:.*/)?server(?:[-_/][\w-]+)?{_CODE}")
# A page that also holds what only the server runs imports for that from folders, or files, of this name.
_SERVERS = pattern(r"(?:^|[/.-])server(?:[/.-]|$)", re.IGNORECASE)
_NEXT_JS = _FRAMEWORKS[0]
# What Next finds beside the folder of its pages alone, and what Sentry's SDK loads where no such file imports it.
_BESIDE = pattern(rf"(?:middleware|proxy|instrumentation|(?:src/)?sentry\.(?:server|edge|client)\.config){_CODE}")
_INSTRUMENTATION = pattern(rf"(?:src/)?instrumentation{_CODE}")
# What Next loads for one address alone.
_LEAF = pattern(rf"(?:src/)?(?:app/(?:.*/)?(?:page|route)|pages/(?:.*/)?[^_/][^/]*){_CODE}")
_BOTH = "b"
_BROWSER_ALONE = "w"
_OF_SERVER = " (server)"
_CLIENT, _SERVER = "c", "s"


class Frame(NamedTuple):
    """One application of a framework."""

    folder: str
    framework: _Framework
    has_server: bool = True
    """A server renders its pages."""

    @property
    def server(self) -> str:
        """The name of its server side, which stands for a file that imports what that runs."""
        return f"{self.folder or '.'}{_OF_SERVER}"

    @property
    def browser(self) -> str:
        """The name of its browser side."""
        return f"{self.folder or '.'} (browser)"


def _inner(frame: Frame, path: str) -> str:
    """The path of a file in the folder of an application."""
    return path[len(frame.folder) + 1 :] if frame.folder else path


def _is_sources(frame: Frame, frames: Mapping[str, Frame]) -> bool:
    """Whether a folder holds the sources of an application of the same framework."""
    outer, _, name = frame.folder.rpartition("/")
    return name == "src" and outer in frames and frames[outer].framework is frame.framework


class Frames:
    """The applications of one project."""

    def __init__(self, paths: Iterable[str], marks: Callable[[str], str], around: Surroundings | None = None) -> None:
        """Take the project's files.

        :param marks: What a file's text shows: ``c`` for what runs in a browser, ``s`` for what a server runs, ``b``
            for a page with functions that only the server gets, ``w`` for the configuration of pages without a server.
        :param around: What tells how an application is built, and with which versions.
        """
        self._paths = tuple(paths)
        self._around = around
        self._marks = marks
        self._sides: dict[str, str] = {}
        self._beside: dict[str, tuple[bool, bool]] = {}
        """Of applications of Next's: whether all pages lie in ``src``, and whether there is an instrumentation file."""
        found = {frame.folder: frame for frame in self._found()}
        # A second configuration in the folder of an application's sources is read by nobody.
        self._by_folder = {f: frame for f, frame in found.items() if not _is_sources(frame, found)}

    def _found(self) -> Iterator[Frame]:
        for path in self._paths:
            folder, _, name = path.rpartition("/")
            for framework in _FRAMEWORKS:
                if framework.config.fullmatch(name):
                    yield Frame(folder, framework, _BROWSER_ALONE not in self._marks(path))
                elif name.startswith("entry.") and framework.config.fullmatch(f"app/{name}") and folder.endswith("app"):
                    yield Frame(folder.removesuffix("app").rstrip("/"), framework)

    def __bool__(self) -> bool:
        return bool(self._by_folder)

    @property
    def programs(self) -> frozenset[str]:
        """The names of all sides."""
        return frozenset(name for frame in self._by_folder.values() for name in (frame.server, frame.browser))

    def servers(self, folder: str) -> list[str]:
        """The server side of the application in a folder, if there is one."""
        frame = self._by_folder.get(folder)
        return [] if frame is None else [frame.server]

    def named_in(self, words: Iterable[str]) -> list[str]:
        """The server sides of the applications that words name by a path into their folders."""
        paths = [f"/{word.removeprefix('./')}" for word in words if "/" in word]
        folders = [folder for folder in self._by_folder if folder and any(f"/{folder}/" in path for path in paths)]
        return [self._by_folder[folder].server for folder in folders]

    def side_of(self, programs: Iterable[str]) -> str:
        """``server`` or ``browser``, when some programs are of that side alone; ``""`` otherwise."""
        sides = {"server" if name.endswith(_OF_SERVER) else "browser" for name in self.programs.intersection(programs)}
        return sides.pop() if len(sides) == 1 else ""

    def frame_of(self, path: str) -> Frame | None:
        """The innermost application that a file lies in."""
        folder = path.rpartition("/")[0]
        while True:
            if folder in self._by_folder:
                return self._by_folder[folder]
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    def configuring(self, path: str) -> str | None:
        """The folder of the application that a file is the configuration of; None where it is none."""
        folder, _, name = path.rpartition("/")
        frame = self._by_folder.get(folder)
        return folder if frame is not None and frame.framework.config.fullmatch(name) else None

    def loaded(self, layers: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
        """What the sides load: the side's name and the file.

        :param layers: The folders of the applications that are laid over another one, by the folder of that.
        """
        for path in self._paths if self._by_folder else ():
            frame = self.frame_of(path)
            if frame is None:
                continue
            yield from self._loaded_by(frame, path, _inner(frame, path))
            for over in layers.get(frame.folder, ()):
                yield from self._loaded_by(self._by_folder[over], path, _inner(frame, path))

    def _loaded_by(self, frame: Frame, path: str, inner: str) -> Iterator[tuple[str, str]]:
        if frame.framework is _NEXT_JS and self._is_passed_over(frame.folder, path, inner):
            return
        marks, side = self._marks(path), self._side(path)
        if _CLIENT in marks or (side != _SERVER and frame.framework.browser.fullmatch(inner)):
            yield frame.browser, path
        is_served = frame.has_server or inner.startswith("server/")
        if _SERVER in marks or (is_served and side != _CLIENT and frame.framework.server.fullmatch(inner)):
            yield frame.server, path

    def _is_passed_over(self, folder: str, path: str, inner: str) -> bool:
        """Whether Next looks elsewhere for a file: beside its pages, and from there for what is imported."""
        if _BESIDE.fullmatch(inner) is None:
            return False
        if ".config." in inner and self._around is not None:
            from monitorlint.index.next_builds import leaves_out  # noqa: PLC0415 - few applications have such files

            here = (p for p in self._paths if p.rpartition("/")[0] == folder)
            config = next((p for p in here if _NEXT_JS.config.fullmatch(p.rpartition("/")[2])), "")
            if leaves_out(self._around, path, config):
                return True
        if ".client." in inner:
            return False
        if folder not in self._beside:
            below = len(folder) + 1 if folder else 0
            inside = [path[below:] for path in self._paths if not folder or path.startswith(f"{folder}/")]
            in_sources = any(path.startswith(("src/app/", "src/pages/")) for path in inside)
            at_top = any(path.startswith(("app/", "pages/")) for path in inside)
            is_instrumented = any(map(_INSTRUMENTATION.fullmatch, inside))
            self._beside[folder] = (in_sources and not at_top), is_instrumented
        in_sources, is_instrumented = self._beside[folder]
        return is_instrumented if ".config." in inner else in_sources

    def apart(self, path: str, above: Iterable[str], under: Iterable[str]) -> str:
        """The first page or route of Next that runs a file without something else; ``""`` for none.

        A server of Next loads each of them when it is asked for. What is loaded with all of them lies elsewhere.

        :param above: What imports the file.
        :param under: What imports the other one.
        """
        frame = self.frame_of(path)
        if frame is None or frame.framework is not _NEXT_JS:
            return ""
        under = set(under)
        loading = [p for p in under if self._loads(frame, p)]
        if not loading or not all(self._is_leaf(frame, p) for p in loading):
            return ""
        return min((p for p in above if p not in under and self._is_leaf(frame, p)), default="")

    def _loads(self, frame: Frame, path: str) -> bool:
        """Whether an application loads a file on its server, or a program of another kind is one."""
        if path in self.programs:
            return False
        return self.frame_of(path) is not frame or frame.framework.server.fullmatch(_inner(frame, path)) is not None

    def _is_leaf(self, frame: Frame, path: str) -> bool:
        is_own = path not in self.programs and self.frame_of(path) is frame
        return is_own and _LEAF.fullmatch(_inner(frame, path)) is not None

    def served(self, path: str, target: str) -> str | None:
        """The side that a file serves which imports ``target``; None where it serves none."""
        if not self._by_folder or not (_BUILT.fullmatch(target) or (target == "next" and _NEXT.fullmatch(path))):
            return None
        frame = self.frame_of(path)
        return frame.server if frame is not None else None

    def crossing(self, importer: str, imported: str) -> tuple[str, str] | None:
        """What an import across the border of the sides comes to; None where it crosses none."""
        if not self._by_folder:
            return None
        side = self._side(imported)
        if not side and _BOTH in self._marks(importer) and _SERVERS.search(imported):
            side = _SERVER
        frame = (self.frame_of(importer) or self.frame_of(imported)) if side else None
        if frame is None or side == self._side(importer):
            return None
        return (frame.browser if side == _CLIENT else frame.server), imported

    def tell_server(self, path: str) -> bool:
        """Takes a file that says nothing of its side for one of the server's; whether that is new."""
        if self._side(path) or self.frame_of(path) is None:
            return False
        self._sides[path] = _SERVER
        return True

    def _side(self, path: str) -> str:
        """The side to which a file belongs by what it says, or by its name; ``""`` where it belongs to both."""
        if path not in self._sides:
            marks = self._marks(path)
            side = _CLIENT if _CLIENT in marks else _SERVER if _SERVER in marks else ""
            named = _NAMED.fullmatch(path) if not side else None
            frame = self.frame_of(path) if named is not None else None
            if named is not None and frame is not None and frame.framework.names_sides:
                side = (named[1] or named[2])[0]
            self._sides[path] = side
        return self._sides[path]
