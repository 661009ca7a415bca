"""Names that a bundler's configuration gives to folders, read from its text: it is never run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.languages.typescript.folders import join
from monitorlint.languages.typescript.import_maps import MAPS, local_names
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.languages.typescript.folders import Folders

_CONFIGURATION = pattern(
    r"(?:(?:electron\.)?vite|vitest|webpack(?:\.\w+)*|vue|svelte|nuxt|astro|craco|babel|rspack|rsbuild|farm|quasar|metro|next)"
    r"\.config\.[cm]?[jt]s|craco\.config\.js|\.babelrc(?:\.js)?"
)
_ALIAS = pattern(r"\balias\s*[:=]")
MAX_ALIASES = 4000
"""Characters behind ``alias:`` that are read."""
# `'@': path.resolve(__dirname, './src')`, and `{ find: '@', replacement: … }`.
_PAIR = pattern(r"""(?:["']([@~#$\w/.*-]+)["']|([\w$]+))\s*:\s*([^\n]{0,200})""")
_FIND = pattern(
    r"""find:\s*(?:["']([^"'\n]+)["']|/\^([@~#$\w-]+)\\?/?[^\n]{0,20}?/)\s*,\s*replacement:\s*([^\n}]{0,100}\(\s*\n[^}]{0,300}|[^\n]{0,200}|\s[^}]{0,300})"""
)
_TEXT = pattern(r"""["'`]([^"'`\n]*)["'`]""")
_ROOTED = pattern(r"__dirname|import\.meta|process\.cwd|root|dir\b|rootDir|srcDir|\bresolve\(", re.IGNORECASE)
_DEFAULTS = {
    "$lib": ("src/lib",),
    "@": ("src", "", "app"),
    "~": ("src", "", "app"),
    "~~": ("",),
    "@@": ("",),
    "#": ("src", "app", ""),
}
"""What frameworks (SvelteKit, Nuxt, Vue, Remix) call the folders of their sources, where a project says nothing."""


class Aliases:
    """The aliases of one package."""

    def __init__(self, folders: Folders, folder: str) -> None:
        self._folders = folders
        self._folder = folder
        self._table: list[tuple[str, str]] | None = None

    def mapped(self, specifier: str) -> list[str]:
        """The paths from the root that a specifier may mean, the likeliest first."""
        if self._table is None:
            self._table = sorted(self._read(), key=lambda pair: -len(pair[0]))
        found = [
            join(place, specifier[len(name) :].lstrip("/"))
            for name, place in self._table
            if specifier == name or specifier.startswith(f"{name}/")
        ]
        head, _, rest = specifier.partition("/")
        return found + [join(join(self._folder, place), rest) for place in _DEFAULTS.get(head, ())]

    def _read(self) -> list[tuple[str, str]]:
        found: dict[str, str] = {}
        for name in sorted(self._folders.names(self._folder)):
            if name in MAPS:
                found.update(local_names(self._folders.json(join(self._folder, name)) or {}, self._folder))
            if not _CONFIGURATION.fullmatch(name):
                continue
            text = self._folders.text(join(self._folder, name)) or ""
            for start in _ALIAS.finditer(text):
                for key, place in _pairs(text[start.end() : start.end() + MAX_ALIASES]):
                    found.setdefault(key, join(self._folder, place))
        return list(found.items())


def _pairs(text: str) -> list[tuple[str, str]]:
    """Alias and folder of all that stands in an object, or a list of objects, at the start of a text."""
    text = text[: _end(text)]
    found: list[tuple[str, str]] = []
    if text.lstrip().startswith("["):
        rows = [(f.group(1) or f.group(2), f.group(3)) for f in _FIND.finditer(text)]
    else:
        rows = [(f.group(1) or f.group(2), f.group(3)) for f in _PAIR.finditer(text)]
    for key, value in rows:
        name = key.removesuffix("/*").rstrip("/").removesuffix("$")
        words = [w for w in _TEXT.findall(value) if w not in {"utf-8", "utf8"}]
        if name and words and (_ROOTED.search(value) or words[0].startswith((".", "/"))):
            place = "/".join(word.strip("/") for word in words).removesuffix("/*")
            found.append((name, place))
    return found


def _end(text: str) -> int:
    """Where the bracket that a text begins with is closed."""
    depth = 0
    for found in re.finditer(r"[\[{(]|[\]})]", text):
        depth += 1 if found.group() in "[{(" else -1
        if depth <= 0:
            return found.end()
    return len(text)
