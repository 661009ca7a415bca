"""What runs a program, or is made of it, where a monitor sees nothing of packages or of `fetch`.

Monitors for Node replace the exports of a package while it is loaded, and hear of `fetch` on a channel of Node's. Bun
loads ES modules past the one and sends nothing on the other, and a bundle has the packages inside of itself. Run with
Bun 1.4: OpenTelemetry and Sentry, started first, saw what went over `http`, and neither `fetch` nor an imported SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.catalog.rows import Cover
    from monitorlint.index.reach import Reach
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.switches import Switch

_FILE: Final = pattern(r"(?<![\w./-])(?:\./)?([\w./-]+\.[cm]?[jt]sx?)(?![\w./-])")
_BUN: Final = pattern(r"(?:^|[\s;&|(])bun\s+(?!build|test|install|add|x\s)([^;&|]*)")
# What starts the same package under Node: `bun` is what its developers run it with.
_NODE: Final = pattern(r"(?:^|[\s;&|(\"'])(?:node|nodemon|nest start|next (?:start|dev|build))(?=[\s\"']|$)")
_BUNDLING: Final = pattern(r"(?:^|[\s;&|(/])(?:esbuild\s(?=[^;&|]*--bundle)|ncc\s+build\s)([^;&|]*)")
_OVER_HTTP: Final = frozenset(
    "http http2 axios got node-fetch cross-fetch superagent needle apisauce simple-get phin bent request "
    "@actions/http-client".split()
)
_LEFT_OUT: Final = ("--packages=external", "--packages external", "--external:*", "--external:./node_modules")


class Runtimes:
    """Tells whether one of these runs a switch."""

    def __init__(self, reach: Reach, surroundings: Surroundings) -> None:
        self._reach = reach
        self._surroundings = surroundings
        self._bun: dict[str, bool] = {}

    def doubt(self, switch: Switch, row: Cover) -> str:
        """Says that a row holds for programs of Node's whose packages are loaded one by one; ``""``: nothing is seen.

        What goes over `http` is patched in Bun as well, and is part of no bundle.
        """
        is_package = bool(row.at_load) and not row.within and row.package not in _OVER_HTTP
        if not is_package and not row.by_channel:
            return ""
        if self._is_run_by_bun(switch.path):
            return f"Bun runs {switch.path}, and tells monitors of Node's nothing of {row.package}"
        if is_package and self._is_bundled(switch.path, row.package):
            return f"{row.package} is bundled with {switch.path}, where nothing patches it"
        return ""

    def _is_run_by_bun(self, path: str) -> bool:
        if path not in self._bun:
            lines = list(self._surroundings.scripts(path)) if path.endswith("s") else []
            started = [words for line in lines for words in _BUN.findall(line)]
            is_node = any(map(_NODE.search, lines))
            self._bun[path] = bool(started) and not is_node and any(self._begins(words, path) for words in started)
        return self._bun[path]

    def _is_bundled(self, path: str, package: str) -> bool:
        """Whether a script makes one file of what runs a switch, and of a package with it."""
        left_out = (*_LEFT_OUT, f"--external:{package}")
        made = (words for line in self._surroundings.scripts(path) for words in _BUNDLING.findall(line))
        return any(self._begins(words, path) and not any(one in words for one in left_out) for words in made)

    def _begins(self, words: str, path: str) -> bool:
        """Whether some words of a command name a file, or what imports that."""
        above = self._reach.importers(path) | {path}
        return any(f"/{one}".endswith(f"/{named}") for named in _FILE.findall(words) for one in above)
