"""Which files there are, and which of them are reported on.

Folders are read with ``os.scandir`` and paths stay strings: ``pathlib`` takes three times as long.
"""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from monitorlint.engine.frontends import LANGUAGES
from monitorlint.engine.walk import Walk, is_marked
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.settings.document import shown
from monitorlint.settings.values import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from monitorlint.model.run import Skipped
    from monitorlint.settings.values import Settings

MAX_SOURCE_BYTES = 2_000_000
"""Larger files are data or generated; nobody monitors calls in them by hand."""
_MINIFIED = ((50_000, 400), (5_000, 1_000))
"""From so many bytes on, so many characters per line, on average. A bundler writes thousands, a person below 60."""
_BUNDLED, _LONG_LINE = 50_000, 500
"""A file of so many bytes, half of which stand in lines of so many: a bundler's, with the lines of its templates."""
_PACKED, _PER_BLOCK = 10_000, 200
"""A smaller one of so many: likewise, where its long lines have a block or a function in every so many bytes.
Long texts, and what is written as base64, have none."""

_ONE_LINE = 1_000
"""An even smaller one, likewise, where its lines are long on average."""
_PRINTED, _SHORT, _BOOLEANS = 20_000, (b"!0", b"!1"), (b"true", b"false")
"""A minifier's output with the lines of a formatter, from so many bytes on: it has few booleans but its short ones."""
_LEAST_SHORT = 10

_WEBPACK = b"/******/"
"""What the lines of its own begin with, in a bundle that is not minified."""
_ESBUILD = (b"var __defProp = Object.defineProperty;", b"var __getOwnPropNames = ")
"""What stands at the head of a bundle of esbuild's that is not minified."""
_EMSCRIPTEN = (b"ENVIRONMENT_IS_WORKER", b"ENVIRONMENT_IS_NODE", b"ENVIRONMENT_IS_WEB")
"""What its output begins with, minified or not."""
_WASM_BINDGEN = (b"__wbindgen_", b"__wbg_", b"wasm.")
"""Likewise, of what stands between a page and a module of Rust."""
_BANNER = 2_000
"""So many bytes may hold a licence in front of what a bundler writes."""

_SHEBANGS = {
    "python": pattern(rb"#![^\n]*?[/\s](?:python[\d.]*|uv\s+run)(?:\s|$)"),
    "typescript": pattern(rb"#![^\n]*?[/\s](?:node|nodejs|bun|deno|tsx|ts-node)(?:\s|$)"),
}
_SHEBANG_BYTES = 256


class SourceFile(NamedTuple):
    path: str
    """Relative to the project root, with ``/``."""
    absolute: str
    language: str


class Discovery(NamedTuple):
    root: Path
    project: tuple[str, ...] = ()
    """Every source file of the project that the index may read, relative, sorted."""
    reported: frozenset[str] = frozenset()
    """Those that PATHS choose."""
    skipped: tuple[Skipped, ...] = ()
    nested: tuple[Path, ...] = ()
    """Projects of their own below the root that PATHS reach; their files are not in ``project``."""
    languages: Mapping[str, str] = MappingProxyType({})
    """Languages of files whose suffix does not tell it (shebang)."""
    configs: Mapping[str, bool] = MappingProxyType({})
    """The files around the code, and whether git leaves them out."""
    manifests: tuple[str, ...] = ()
    """What says where modules lie (``package.json``, ``tsconfig.json``): a stored result depends on them."""
    reported_configs: frozenset[str] = frozenset()
    """Those that PATHS choose."""
    elsewhere: int = 0
    """How many files of other languages the project has, where it stands for the files of one."""

    def source(self, path: str) -> SourceFile:
        """The file of ``project`` at ``path``."""
        return SourceFile(path, os.path.join(self.root, path), self.language_of(path))  # noqa: PTH118

    def language_of(self, path: str) -> str:
        """The language of a file of ``project``."""
        return self.languages.get(path) or LANGUAGES[path[path.rfind(".") :]]

    def of_language(self, language: str) -> Discovery:
        """The files of one language; what was skipped and nested projects are left to the whole."""
        project = tuple(path for path in self.project if self.language_of(path) == language)
        elsewhere = len(self.project) - len(project)
        reported = self.reported.intersection(project)
        return self._replace(project=project, reported=reported, skipped=(), nested=(), elsewhere=elsewhere)


def discover(
    root: Path,
    settings: Settings,
    *,
    paths: Sequence[Path] = (),
    force_exclude: bool = False,
    unsaved: Path | None = None,
    split: bool = True,
) -> Discovery:
    """Find the source files of the project at ``root`` (absolute) and those that ``paths`` choose.

    No ``paths`` means the whole project. A path at or above ``root`` means all of it, one outside means
    nothing. Files and folders that are named explicitly are chosen though they are excluded or ignored,
    unless ``force_exclude``. ``unsaved`` is a file whose text comes from elsewhere (standard input) and
    that need not exist; it is chosen as if it were named. ``split=False`` takes nested projects as part
    of this one (``--config``, ``--isolated``).

    :raises UsageError: a path does not exist; the configuration of a nested project is broken.
    """
    places = [_place(path, root) for path in paths]
    if unsaved is not None:
        places.append(_place(unsaved, root, must_exist=False))
    named = [place for place in places if place is not None]
    extra = named[-1].path if unsaved is not None and named else ""
    walk = Walk(root, settings.exclude, split=split, extra=extra)
    walk.run(_starts(root, named))
    languages: dict[str, str] = {}
    reported: set[str] = set() if places else set(walk.files)
    chosen: set[str] = set() if places else set(walk.configs)
    for place in named:
        if place.is_folder:
            walk.run_passed_over(place.path, force_exclude=force_exclude)
            prefix = place.path + "/" if place.path else ""
            reported.update(path for path in walk.files if path.startswith(prefix))
            chosen.update(path for path in walk.configs if path.startswith(prefix))
        elif place.path in walk.configs:
            chosen.add(place.path)
        elif place.path in walk.files or (
            not force_exclude and not walk.is_in_nested(place.path) and _take_file(place, walk, languages)
        ):
            reported.add(place.path)
    return Discovery(
        root=root,
        project=tuple(sorted(walk.files)),
        reported=frozenset(reported),
        skipped=tuple(sorted(walk.skipped, key=lambda skipped: skipped.path)),
        nested=tuple(root / path for path in sorted(walk.nested) if not places or _reaches(named, path)),
        languages=languages,
        configs=dict(sorted(walk.configs.items())),
        manifests=tuple(sorted(walk.manifests)),
        reported_configs=frozenset(chosen),
    )


def reason_to_skip(path: str, data: bytes) -> str | None:
    """Why ``data``, read from ``path``, is not worth analysing; None when it is."""
    if len(data) > MAX_SOURCE_BYTES:
        return f"too large ({len(data) / 1e6:.1f} MB; the limit is {MAX_SOURCE_BYTES / 1e6:.0f} MB)"
    if not path.endswith((".js", ".mjs", ".cjs")):
        return None
    if all(name in data for name in _EMSCRIPTEN):
        return "written by Emscripten"
    if all(name in data for name in _WASM_BINDGEN):
        return "written by wasm-bindgen"
    if data.startswith(_WEBPACK) or b"webpackBootstrap" in data[:_BANNER]:
        return "written by webpack"
    if all(name in data[:_BANNER] for name in _ESBUILD):
        return "written by esbuild"
    if (
        path.endswith((".min.js", ".min.mjs", ".min.cjs"))
        or any(len(data) > least and len(data) > line * (data.count(b"\n") + 1) for least, line in _MINIFIED)
        or (len(data) > _PACKED and _is_bundled(data))
        or (len(data) > _ONE_LINE and len(data) > _LONG_LINE * (data.count(b"\n") + 1) and _is_bundled(data))
        or (len(data) > _PRINTED and sum(map(data.count, _SHORT)) > max(_LEAST_SHORT, sum(map(data.count, _BOOLEANS))))
    ):
        return "minified"
    return None


def _is_bundled(data: bytes) -> bool:
    """Whether half of a file stands in long lines, in a small one in long lines of code."""
    lines = [line for line in data.split(b"\n") if len(line) > _LONG_LINE]
    total = sum(map(len, lines))
    if 2 * total <= len(data):
        return False
    blocks = sum(line.count(b"){") + line.count(b"=>") + line.count(b"},") for line in lines)
    return len(data) > _BUNDLED or _PER_BLOCK * blocks > total


class _Place(NamedTuple):
    """One of PATHS that concerns this project."""

    path: str
    """From the root; ``""`` is all of it."""
    absolute: str
    is_folder: bool
    is_unsaved: bool


def _place(path: Path, root: Path, *, must_exist: bool = True) -> _Place | None:
    absolute = os.path.abspath(path)  # noqa: PTH100 - lexical: links keep the name the user gave
    if must_exist and not os.path.lexists(absolute):
        raise UsageError(f"{shown(path)}: no such file or folder; check the spelling and the working directory")
    top = str(root).rstrip(os.sep) + os.sep
    is_folder = must_exist and os.path.isdir(absolute)  # noqa: PTH112
    if absolute.startswith(top):
        relative = absolute[len(top) :].replace(os.sep, "/")
        return _Place(relative, absolute, is_folder, is_unsaved=not must_exist)
    if top.startswith(absolute.rstrip(os.sep) + os.sep):
        return _Place("", absolute, is_folder, is_unsaved=False)
    return None


def _starts(root: Path, named: Sequence[_Place]) -> list[tuple[str, bool]]:
    """Folders to walk, and whether with what lies below them.

    Without any mark of a project the root is only where PATHS happen to meet, which may be the home folder
    or ``/``: then just the named folders are read, and the direct neighbours of named files.
    """
    if not named or any(not place.path for place in named) or is_marked(root):
        return [("", True)]
    return [(place.path, True) if place.is_folder else (place.path.rpartition("/")[0], False) for place in named]


def _reaches(named: Sequence[_Place], folder: str) -> bool:
    return any(
        not place.path or f"{folder}/".startswith(f"{place.path}/") or place.path.startswith(f"{folder}/")
        for place in named
    )


def _take_file(place: _Place, walk: Walk, languages: dict[str, str]) -> bool:
    """Add a file that the walk has not found but the user has named; False, and a reason, when it is none of ours."""
    suffix = os.path.splitext(place.path)[1]  # noqa: PTH122 - a string
    if not place.is_unsaved and not os.path.isfile(place.absolute):  # noqa: PTH113
        if not any(skipped.path == place.path for skipped in walk.skipped):
            dangling = os.path.islink(place.absolute) and not os.path.exists(place.absolute)  # noqa: PTH110, PTH114
            walk.skip(place.path, "symlink that leads nowhere" if dangling else "not a regular file")
    elif suffix in LANGUAGES:
        walk.keep(place.path)
    elif not suffix and (language := _language_of_shebang(place.absolute)):
        languages[place.path] = language
        walk.keep(place.path)
    else:
        walk.skip(place.path, "not in a language that monitorlint reads")
    return place.path in walk.files


def _language_of_shebang(absolute: str) -> str:
    try:
        with open(absolute, "rb") as file:  # noqa: PTH123 - a string
            first = file.readline(_SHEBANG_BYTES)
    except OSError:
        return ""
    return next((language for language, pattern in _SHEBANGS.items() if pattern.match(first)), "")
