"""Files whose name says who loads them: what frameworks look for, and the configurations of bundlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern
from monitorlint.model.setup import Bundler, FrameworkFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitorlint.index.project import Project
    from monitorlint.index.sentry_programs import Loading
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_NAMED = pattern(
    r"(?:instrumentation|instrumentation-client|middleware|proxy|sentry\.(?:server|client|edge)\.config)\.[cm]?[jt]sx?"
)
_NAMED_WORDS = pattern(rb"(@sentry/|[sS]entry|SENTRY|onRequestError)")
_BUNDLER = pattern(r"(?:vite|next|webpack|astro|nuxt|rollup|craco)\.config\.[cm]?[jt]s")
_BUNDLER_WORDS = pattern(
    rb"\b(envPrefix|define|DefinePlugin|EnvironmentPlugin|process\.env|env|publicRuntimeConfig|\w*SENTRY\w*"
    rb"|sentry\w*Plugin|withSentryConfig|sourcemap|sourceMap|mergeConfig)\b"
)
_SOURCE_MAP = pattern(rb"\bsourcemap\b")
_SETTINGS: Final = {True: "true", False: "false", "inline": "inline", "hidden": "hidden"}


def framework_files(
    project: Project, loading: Loading, paths: Iterable[str], areas: Mapping[str, str], text: Callable[[str], bytes]
) -> Iterator[FrameworkFile]:
    """The files that Next.js or Sentry's SDK for it loads by their names."""
    for path in sorted(paths):
        view = project.view(path) if _NAMED.fullmatch(path.rpartition("/")[2]) else None
        if view is None:
            continue
        names = {row.name for row in view.facts.bindings if row.scope == 0}
        names.update(row.local for row in view.facts.imports if row.scope == 0 and row.local)
        words = sorted({word.decode("ascii") for word in _NAMED_WORDS.findall(text(path))})
        is_imported = next(loading.importers(path), None) is not None
        yield FrameworkFile(path, sorted(names), words, is_imported, areas.get(path, "app"))


def bundlers(project: Project, paths: Iterable[str], text: Callable[[str], bytes]) -> Iterator[Bundler]:
    """The configurations of bundlers, and what they speak of."""
    for path in sorted(paths):
        name = path.rpartition("/")[2]
        if _BUNDLER.fullmatch(name):
            data = text(path)
            words = sorted({word.decode("ascii", "replace") for word in _BUNDLER_WORDS.findall(data)})
            maps = _source_maps(project.view(path), data) if name.startswith("vite.") else ""
            yield Bundler(path, words, maps)


def _source_maps(view: FileView | None, data: bytes) -> str:
    """What Vite's `build.sourcemap` is set to; ``""`` where that is not written out in one place."""
    if view is None or b"mergeConfig" in data:
        return ""
    words = len(_SOURCE_MAP.findall(data))
    if not words:
        return "unset"
    if words > 1:
        return ""
    found = [setting for config in _configurations(view) if (setting := _member(config, "build", "sourcemap"))]
    setting = found[0] if len(found) == 1 else None
    if not isinstance(setting, (tuple, list)) or setting[0] != "lit":
        return ""
    return _SETTINGS.get(setting[1], "") if isinstance(setting[1], (bool, str)) else ""


def _configurations(view: FileView) -> Iterator[Expr]:
    """The object literals that a file exports, hands to a function, or returns."""
    for call in view.facts.calls:
        if call.callee == "defineConfig":
            yield from (arg for arg in call.args if isinstance(arg, (tuple, list)) and arg[:1] in (("map",), ["map"]))
    for scope in view.facts.scopes:
        yield from scope.returns
    yield from (row.value for row in view.facts.bindings if row.scope == 0)


def _member(expr: Expr, *keys: str) -> Expr:
    """What stands under keys in nested object literals; None where nothing does."""
    for key in keys:
        if not isinstance(expr, (tuple, list)) or not expr or expr[0] != "map":
            return None
        expr = next((value for name, value in expr[1] if name == key), None)
    return expr
