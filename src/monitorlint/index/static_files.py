"""Scripts among the files that pages are served from, which nothing of the project is seen to load.

Samples that came with a library, demos, what an older version of a page was made of: they lie in ``public/`` or
``static/``, can be asked for by their address, and no page does. What a page, a template, a worker or a manifest has
the name of is loaded; so may be what others are given for their pages (``embed.js``), and what registers itself by a
name that a library knows (``firebase-messaging-sw.js``).
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.verdict import Verdict
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.model.site import Site

_SERVED: Final = pattern(r"(?:.*/)?(?:public|static|assets|wwwroot)/.+\.[cm]?js")
# What is made for pages of others, or is found by its name.
_GIVEN: Final = pattern(
    r"(?:.*[-_.])?(?:embed|widget|sdk|loader|snippet|tracker|tracking|analytics|pixel|plugin|client|bookmarklet|inject|sw"
    r"|service-?worker|worker|\w*sdkworker)s?(?:[-_.].*)?"
)
_TEXT: Final = pattern(
    r".*\.(?:[sx]?html?|ejs|hbs|handlebars|pug|jade|mustache|njk|nunjucks|twig|j2|jinja2?|liquid|erb|haml|slim|php|cshtml|razor"
    r"|jsp|ftl|vue|svelte|astro|mdx?|[cm]?[jt]sx?|py|rb|go|java|kt|cs|rs|ex|exs|heex|webmanifest|ya?ml|toml|tf|conf|txt)"
    r"|(?:[\w.-]*manifest|package|angular|project|workspace|vercel|firebase)\.json"
)
_PASSED_OVER: Final = frozenset(
    ".git node_modules .venv venv .next .nuxt .svelte-kit dist build out coverage vendor bower_components".split()
)
"""Folders of which the project writes no page; what is built has the names of what it is built from."""
_NAMED: Final = pattern(rb"""[\w@.-]+\.[cm]?jsx?\b|(?<=["'`/])[\w@.-]+(?=["'`?])""")
# A build that takes whatever lies in a folder: ``gulp.src("static/js/**/*.js")``.
_BUILD: Final = pattern(r"(?:.*/)?(?:gulpfile|gruntfile|webpack|rollup|vite|esbuild|settings|pipeline|assets)[\w.-]*")
_SUFFIX: Final = pattern(r"(?:\.min)?\.[cm]?jsx?$")
_CALLS: Final = frozenset({"ai", "http"})
MAX_TEXTS: Final = 20_000
"""In a project with more of them, every script is taken to be named."""
_LARGE: Final = 1_000_000
"""A larger text is no page, and no source that somebody writes."""


class StaticFiles:
    """Tells whether a call stands in such a script."""

    def __init__(self, project: Project, reach: Reach, surroundings: Surroundings) -> None:
        self._project = project
        self._reach = reach
        self._surroundings = surroundings
        self._known: dict[str, bool] = {}

    def of(self, found: FoundCall) -> Verdict:
        """What may see to a call: the page of somebody else's that loads it, if any does."""
        path = found.view.path
        if self._project.store.loads_by_name or not self._project.is_app(path):
            return Verdict(None)
        if path not in self._known:
            self._known[path] = self._is_left(path)
        if not self._known[path]:
            return Verdict(None)
        row = found.view.facts.calls[found.number].row
        monitor = Monitor("callers", Level.ERRORS, "what loads it", path, row)
        return Verdict(monitor, (), "nothing of the project is seen to load this script")

    def _is_left(self, path: str) -> bool:
        """Whether a script, and all that imports it, is served and named by nothing else."""
        above = {path} | {p for p in self._reach.importers(path) if self._project.is_app(p)}
        return all(_SERVED.fullmatch(p.lower()) and not self._is_loaded(p) for p in above)

    def _is_loaded(self, path: str) -> bool:
        stem = _SUFFIX.sub("", path.rpartition("/")[2])
        if _GIVEN.fullmatch(stem.lower()) is not None or self._reach.loaders(path):
            return True
        return not self._names.get(stem.encode(), frozenset()) <= {path}

    @cached_property
    def _names(self) -> dict[bytes, set[str]]:
        """The files of the project that have the name of a script, by the name."""
        served = (p.rpartition("/")[2] for p in self._reach.application() if _SERVED.fullmatch(p.lower()))
        wanted = {_SUFFIX.sub("", name).encode() for name in served}
        found: dict[bytes, set[str]] = {}
        for count, (path, place) in enumerate(_texts(self._surroundings.root)):
            if count == MAX_TEXTS:
                return {key: {path} for key in wanted}
            try:
                text = place.read_bytes() if place.stat().st_size <= _LARGE else b""
            except OSError:
                continue
            if b"*.js" in text and _BUILD.fullmatch(path.lower()) is not None:
                return {key: {path} for key in wanted}
            for word in set(_NAMED.findall(text)):
                name = _SUFFIX.sub("", word.decode("ascii", "replace")).encode()
                if name in wanted:
                    found.setdefault(name, set()).add(path)
        return found


def stands_on_pages(sites: Iterable[Site]) -> bool:
    """Whether pages that no file of the project's languages is may have had a say in what is told of some sites."""
    return any(s.kind in _CALLS and s.status != "monitored" and _SERVED.fullmatch(s.path.lower()) for s in sites)


def _texts(root: Path) -> Iterator[tuple[str, Path]]:
    """The texts of a project that may name a script, with their paths in it."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _PASSED_OVER)
        for name in names:
            place = root.__class__(folder, name)
            # Of other JSON, reports and caches list all files that there are.
            if _TEXT.fullmatch(name.lower()):
                yield place.relative_to(root).as_posix(), place
