"""Files whose name says who loads them: what frameworks look for, and the configurations of bundlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.places import column_of
from monitorlint.model.patterns import pattern
from monitorlint.model.setup import Bundler, ContentPolicy, FrameworkFile

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitorlint.index.project import Project
    from monitorlint.index.sentry_programs import Loading
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_NAMED = pattern(
    r"(?:instrumentation|instrumentation-client|middleware|proxy|sentry\.(?:server|client|edge)\.config)\.[cm]?[jt]sx?"
)
_LAYOUT = pattern(r"(?:^|/)app/(?:.*/)?layout\.[jt]sx?$")
_MIDDLEWARE = pattern(r"(?:^|/)(?:middleware|proxy)\.[cm]?[jt]sx?$")
_SENDS = pattern(r"next\.config\.[cm]?[jt]s|(?:middleware|proxy)\.[cm]?[jt]sx?")
_CONNECT = pattern(rb"\bconnect-src[ \t]+([^;\"`\r\n]*)")
_NAMED_WORDS = pattern(rb"(@sentry/|[sS]entry|SENTRY|onRequestError)")
_BUNDLER = pattern(r"(?:vite|next|webpack|astro|nuxt|rollup|craco)\.config\.[cm]?[jt]s")
_BUNDLER_WORDS = pattern(
    rb"\b(envPrefix|define|DefinePlugin|EnvironmentPlugin|process\.env|env|publicRuntimeConfig|\w*SENTRY\w*"
    rb"|sentry\w*Plugin|withSentryConfig|sourcemap|sourceMap|mergeConfig)\b"
)
_TOKEN = pattern(rb"\bsntry[su]_[\w+/=.-]{30,}")
_SOURCE_MAP = pattern(rb"\bsourcemap\b")
_SETTINGS: Final = {True: "true", False: "false", "inline": "inline", "hidden": "hidden"}


def framework_files(
    project: Project, loading: Loading, paths: Iterable[str], areas: Mapping[str, str], text: Callable[[str], bytes]
) -> Iterator[FrameworkFile]:
    """The files that Next.js or Sentry's SDK for it loads by their names."""
    paths = sorted(paths)
    apps = {f"/{path}".partition("/app/")[0][1:] + "/" for path in paths if _LAYOUT.search(path)}
    apps = {"" if folder == "/" else folder for folder in apps}
    for path in paths:
        view = project.view(path) if _NAMED.fullmatch(path.rpartition("/")[2]) else None
        if view is None:
            continue
        names = {row.name for row in view.facts.bindings if row.scope == 0}
        names.update(row.local for row in view.facts.imports if row.scope == 0 and row.local)
        words = sorted({word.decode("ascii") for word in _NAMED_WORDS.findall(text(path))})
        is_imported = bool(loading.importers(path))
        folder = path[: path.rfind("/") + 1]
        has_app = folder in apps or f"{folder.removesuffix('src/')}src/" in apps
        matchers = _matchers(view) if _MIDDLEWARE.search(path) else None
        yield FrameworkFile(path, sorted(names), words, is_imported, has_app, matchers, areas.get(path, "app"))


def _matchers(view: FileView) -> list[str] | None:
    """The paths that a middleware of Next.js runs for: none where it names none, None where they are made elsewhere."""
    config = [row.value for row in view.facts.bindings if row.scope == 0 and row.name == "config"]
    config.extend(row.target for row in view.facts.imports if row.local == "config")
    if not config:
        return []
    given = _member(config[0], "matcher") if len(config) == 1 else None
    parts = given[1] if isinstance(given, (tuple, list)) and given and given[0] == "seq" else (given,)
    found = [part[1] for part in parts if isinstance(part, (tuple, list)) and part[:1] in (("lit",), ["lit"])]
    return found if len(found) == len(parts) and all(isinstance(one, str) for one in found) else None


def content_policies(
    paths: Iterable[str], areas: Mapping[str, str], text: Callable[[str], bytes]
) -> Iterator[ContentPolicy]:
    """The policies in configurations and middlewares of Next.js; only those that stand in one line."""
    for path in sorted(paths):
        data = text(path) if _SENDS.fullmatch(path.rpartition("/")[2]) else b""
        found = list(_CONNECT.finditer(data))
        if len(found) == 1:
            start, end = found[0].span()
            row = data.count(b"\n", 0, start) + 1
            columns = (column_of(data, start), column_of(data, end))
            sources = found[0][1].decode("utf-8", "replace").split()
            yield ContentPolicy(path, [row, columns[0], row, columns[1], start, end], sources, areas.get(path, "app"))


def bundlers(project: Project, paths: Iterable[str], text: Callable[[str], bytes]) -> Iterator[Bundler]:
    """The configurations of bundlers, and what they speak of."""
    for path in sorted(paths):
        name = path.rpartition("/")[2]
        if _BUNDLER.fullmatch(name):
            data = text(path)
            words = sorted({word.decode("ascii", "replace") for word in _BUNDLER_WORDS.findall(data)})
            view = project.view(path) if name.startswith("vite.") else None
            tokens = [_region(data, found) for found in _TOKEN.finditer(data)]
            yield Bundler(path, words, tokens, _source_maps(view, data), _place(view))


def _region(data: bytes, found: re.Match[bytes]) -> list[int]:
    start, end = found.span()
    row, column = data.count(b"\n", 0, start) + 1, column_of(data, start)
    return [row, column, row, column + end - start, start, end]


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


def _place(view: FileView | None) -> list[int] | None:
    """The only call of `defineConfig` with an object literal."""
    calls = [call for call in view.facts.calls if call.callee == "defineConfig"] if view is not None else []
    if len(calls) != 1 or not calls[0].args or not _is_map(calls[0].args[0]):
        return None
    call = calls[0]
    return [call.row + 1, call.column + 1, call.end_row + 1, call.end_column + 1, call.start, call.end]


def _is_map(expr: Expr) -> bool:
    return isinstance(expr, (tuple, list)) and bool(expr) and expr[0] == "map"


def _configurations(view: FileView) -> Iterator[Expr]:
    """The object literals that a file exports, hands to a function, or returns."""
    for call in view.facts.calls:
        if call.callee == "defineConfig":
            yield from (arg for arg in call.args if _is_map(arg))
    for scope in view.facts.scopes:
        yield from scope.returns
    yield from (row.value for row in view.facts.bindings if row.scope == 0)


def _member(expr: Expr, *keys: str) -> Expr:
    """What stands under keys in nested object literals; None where nothing does."""
    for key in keys:
        if not isinstance(expr, (tuple, list)) or not _is_map(expr):
            return None
        expr = next((value for name, value in expr[1] if name == key), None)
    return expr
