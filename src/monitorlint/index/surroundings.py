"""What the files around the code say: declared packages, commands that start programs, environment variables."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatch
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from monitorlint.index.launchers import commands, launches, script_lines
from monitorlint.index.view import module_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from monitorlint.model.launch import Launch

_MAIN = "/__main__.py"
_DEPLOYING = pattern(
    r"(?:(?:Docker|Container)file.*|.*\.(?:Docker|Container)file|Procfile|(?:docker-)?compose.*\.ya?ml|.*\.sh|(?:docker-)?entrypoint|supervisor.*\.conf"
    r"|fly\.toml|render\.yaml|(?:app|cron)\.ya?ml|.*\.service|crontab.*|.*\.cron|serverless\.ya?ml|(?:sam[-_]?)?template\.ya?ml)"
)
# What a folder holds that describes a deployment: charts, manifests, task definitions.
_MANIFEST = pattern(r".*\.(?:ya?ml|tpl|json|tf)")
# What a deployment reads, not what shows how one is written, or what a developer has.
_ENVIRONMENT = pattern(r"(?:[\w-]+)?\.env(?:\.(?:prod|production|staging|deploy|docker))?")
_VALUE = pattern(r"""\s*value:\s*["']?([^"'\s]+)""")
_QUOTED_NAME = pattern(rb"""["']([A-Za-z_][A-Za-z0-9_.]*)["']""")
# What shows how an environment is written.
_SAMPLE = pattern(
    r"(?:[\w-]+)?\.?env(?:[._-][\w-]+)?[._-](?:example|sample|template|dist|default|defaults)"
    r"|(?:example|sample|template)\.env"
)
# What installs packages of a family for whatever else is installed.
_INSTALLING = {"opentelemetry-bootstrap": "opentelemetry-instrumentation-"}
# What brings a file into an image and makes it one that can be run, and what checks the health of a container by one.
_COPYING = pattern(r"\s*(?:#|(?:COPY|ADD|RUN\s+chmod)\b)", re.IGNORECASE)
_CHECKING = pattern(r"\s*(?:HEALTHCHECK\b|test:)", re.IGNORECASE)
# The configuration of New Relic's agent, and the commands of Django that it makes transactions of.
_AGENT = pattern(r"newrelic[\w.-]*\.ini")
_NAMED_COMMANDS = pattern(r"^\s*instrumentation\.scripts\.django_admin\s*[=:](.*)$", re.MULTILINE)
_MAX_BYTES = 8_000_000
_FOLDERS = (
    "",
    "requirements",
    "docker",
    "deploy",
    "deployment",
    "scripts",
    "bin",
    ".docker",
    "docker-compose",
    "compose",
    "container",
    "containers",
)
_DEPLOYMENTS = frozenset(
    "chart charts helm k8s kubernetes kustomize manifests deploy deployment deployments docker docker-compose compose "
    "hosting infra infrastructure ops terraform ecs .aws".split()
)
"""Folders that are read with what lies below them, in the root and beside code."""
DEPLOYING_FOLDERS = _DEPLOYMENTS.union(_FOLDERS) - {""}
"""Folders of which the files speak of the folder that they lie in."""
_WORKFLOWS = ".github/workflows"
"""What lies there is run on a machine for builds, which tells those who write the project of a run that fails."""
_MAX_DEPTH = 4
_MAX_MANIFESTS = 400
"""So many files of such folders are read; a project with more describes more than its own deployment."""
_MAX_MANIFEST_BYTES = 300_000


class Programs(Protocol):
    """The programs of a project."""

    def started(self, launch: Launch) -> frozenset[str]:
        """The files of the project that a launch starts. Empty: its words name none of them."""

    def for_developers(self) -> frozenset[str]:
        """The files that scripts start which those who write the project run alone; others may start them as well."""

    def by_hand(self) -> Iterable[tuple[str, str]]:
        """The files that scripts start which are most likely run by hand, each with the name of its script."""

    def for_others(self) -> frozenset[str]:
        """The files that other scripts start, or name, and those by which packages are used or started."""

    def preloads(self, commands: Iterable[tuple[str, Sequence[str]]]) -> Iterable[tuple[str, str, bool]]:
        """What commands have a program load first: the program, the file, and whether nothing starts it without.

        A folder with a ``/`` behind stands for the programs in it, where a command names none.

        :param commands: The file that each stands in, and its words.
        """


class Declarations(Protocol):
    """What a project declares in files of its language."""

    def is_importable(self, name: str, place: str = "") -> bool:
        """Whether a package of this name is there for a file; without one, for any."""

    def is_declared(self, prefix: str, place: str) -> bool:
        """Whether the package that a file belongs to asks for one whose name begins so; True where it asks for none."""

    def satisfies(self, package: str, specifier: str, place: str = "") -> bool:
        """Whether the version of a package that a file gets lies in a range; True where nothing says which it gets."""

    def links_first(self, path: str) -> bool:
        """Whether all that a file imports is linked before a line of any of it runs, as ES modules are."""

    def tells(self, package: str, place: str) -> bool:
        """Whether something says which version a file gets of a package, at most; True where nothing asks for it."""

    def scripts(self, path: str) -> Iterable[str]:
        """The commands by which the package that a file lies in is built and started, where it declares them."""

    def place(self, name: str) -> tuple[str, int] | None:
        """Where the project itself asks for a package: path and 0-based line."""

    def programs(self, files: Iterable[str], shell: Mapping[str, Sequence[Sequence[str]]]) -> Programs:
        """The programs among some files.

        :param shell: The words of the lines of the project's shell scripts, by path.
        """

    def tools(self) -> frozenset[str]:
        """The folders of packages that are tools for those who write the project, as far as these tell."""


class Language(Protocol):
    """How a language declares packages and programs."""

    def declares(self, path: str) -> bool:
        """Whether a file declares packages, or says where modules lie."""

    def launches(self, name: str) -> bool:
        """Whether such a file holds commands that start programs."""

    def declarations(self, root: Path, texts: Mapping[str, str], imported: Callable[[], Iterable[str]]) -> Declarations:
        """What files declare, by their paths and texts; ``imported`` is what the project's code imports."""


class Surroundings:
    """The files beside the code, read when somebody asks."""

    def __init__(
        self, root: Path, folders: Iterable[str], language: Language, imported: Callable[[], Iterable[str]]
    ) -> None:
        """Take where to look; nothing is read yet.

        :param folders: Folders of the project that may hold a package's declaration.
        :param imported: The modules that the project's code imports.
        """
        self.root = root
        self._folders = tuple(dict.fromkeys((*_FOLDERS, *folders, _WORKFLOWS)))
        self._language = language
        self._imported = imported

    @cached_property
    def _declared(self) -> Declarations:
        return self._language.declarations(self.root, self._texts, self._imported)

    def is_importable(self, name: str, place: str = "") -> bool:
        """Whether the project has a package of this name: for one of its files, where that makes a difference."""
        return self._declared.is_importable(name, place) or any(name.startswith(f) for f in self._installed)

    def is_declared(self, prefix: str, place: str) -> bool:
        """Whether the package that a file belongs to asks for one whose name begins so; True where it asks for none."""
        return self._declared.is_declared(prefix, place)

    def is_installed(self, path: str) -> bool:
        """Whether the package that a file lies in is installed for a command of its own, by its ``package.json``."""
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            text = self._texts.get(f"{folder}/package.json" if folder else "package.json")
            if text is not None:
                return '"bin"' in text
        return False

    @cached_property
    def _installed(self) -> frozenset[str]:
        """The families of packages that a deployment installs by a command of their own."""
        texts = [text for path, text in self._texts.items() if self._deploys(path)]
        return frozenset(family for tool, family in _INSTALLING.items() if any(tool in text for text in texts))

    def satisfies(self, package: str, specifier: str, place: str = "") -> bool:
        """Whether the version that a file gets of a package lies in a range; True where nothing says which it gets."""
        return self._declared.satisfies(package, specifier, place)

    def links_first(self, path: str) -> bool:
        """Whether all that a file imports is linked before a line of any of it runs, as ES modules are."""
        return self._declared.links_first(path)

    def tells(self, package: str, place: str) -> bool:
        """Whether something says which version a file gets of a package, at most; True where nothing asks for it."""
        return self._declared.tells(package, place)

    def code(self, path: str) -> bytes:
        """What stands in a file of the project; nothing where it cannot be read."""
        try:
            return (self.root / path).read_bytes()
        except OSError:
            return b""

    def scripts(self, path: str) -> Iterable[str]:
        """The commands by which the package that a file lies in is built and started, where it declares them."""
        return self._declared.scripts(path)

    def preloads(self, files: Iterable[str]) -> list[tuple[str, str, bool]]:
        """What commands of a deployment have the programs among some files load before themselves; see `Programs`."""
        deployed = ((path, text) for path, text in self._texts.items() if self._deploys(path))
        return list(self.programs(files).preloads((path, words) for path, text in deployed for words in commands(text)))

    def programs(self, files: Iterable[str]) -> Programs:
        """The programs among some files."""
        shell = {path: script_lines(text) for path, text in self._texts.items() if path.endswith(".sh")}
        return self._declared.programs(files, shell)

    def _is_read(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return self._language.declares(path) or bool(
            name == ".gitignore"
            or folder == _WORKFLOWS
            or _AGENT.fullmatch(name)
            or _DEPLOYING.fullmatch(name)
            or _ENVIRONMENT.fullmatch(name)
            or _SAMPLE.fullmatch(name)
        )

    def _deploys(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        if folder == _WORKFLOWS:
            return False
        if _DEPLOYING.fullmatch(name) or self._language.launches(name):
            return True
        return _MANIFEST.fullmatch(name) is not None and not _DEPLOYMENTS.isdisjoint(folder.lower().split("/"))

    def _files(self) -> Iterator[tuple[str, Path]]:
        seen: set[str] = set()
        for folder in self._folders:
            names, inner = _entries(self.root / folder)
            for name in names:
                path = f"{folder}/{name}" if folder else name
                if self._is_read(path) and path not in seen:
                    seen.add(path)
                    yield path, self.root / path
            for name in inner:
                if name.lower() in _DEPLOYMENTS:
                    for path in self._manifests(f"{folder}/{name}" if folder else name, _MAX_DEPTH):
                        if path not in seen and len(seen) < _MAX_MANIFESTS:
                            seen.add(path)
                            yield path, self.root / path

    def _manifests(self, folder: str, left: int) -> Iterator[str]:
        names, inner = _entries(self.root / folder)
        yield from (f"{folder}/{n}" for n in names if self._is_read(f"{folder}/{n}") or _MANIFEST.fullmatch(n))
        for name in inner if left else ():
            yield from self._manifests(f"{folder}/{name}", left - 1)

    def signature(self) -> list[tuple[str, int, int]]:
        """Path, size and time of every file that is read here: what a stored result depends on."""
        found: list[tuple[str, int, int]] = []
        for path, place in self._files():
            status = place.stat()
            found.append((path, status.st_size, status.st_mtime_ns))
        return found

    @cached_property
    def _texts(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, place in self._files():
            try:
                if place.stat().st_size <= (_MAX_BYTES if self._is_read(path) else _MAX_MANIFEST_BYTES):
                    found[path] = place.read_text("utf-8", "replace")
            except OSError:
                continue
        return found

    def mentions(self, name: str) -> bool:
        """Whether a file that deploys the project, or starts its programs, has a word in it."""
        return any(name in text for path, text in self._texts.items() if self._deploys(path))

    @cached_property
    def watched_commands(self) -> frozenset[str]:
        """Which commands of Django an agent is told to watch as it watches requests: the names of their files."""
        told = (text for path, text in self._texts.items() if _AGENT.fullmatch(path.rpartition("/")[2]))
        lists = (names for text in told for names in _NAMED_COMMANDS.findall(text))
        return frozenset(f"{name}.py" for names in lists for name in names.split())

    def starts(self, path: str) -> bool:
        """Whether something that deploys the project names a file, by its name or as a module."""
        package = path.removesuffix(_MAIN)
        if package != path and self.runs_package(package.rpartition("/")[2]):
            return True
        if "/" not in path and self.serves_module(path.rpartition(".")[0]):
            return True
        module = module_of(path)
        return any(map(self.mentions, (path.rpartition("/")[2], module, f"{module.replace('.', '/')}.")))

    def runs_package(self, name: str) -> bool:
        """Whether a file that deploys the project runs a package: ``python -m shop``, its words in lists or not."""
        said = re.compile(rf"""-m[\s"',\[\]]+(?:CMD[\s\["']+)?{re.escape(name)}(?![\w.])""")
        return any(said.search(text) for path, text in self._texts.items() if name in text and self._deploys(path))

    def serves_module(self, name: str) -> bool:
        """Whether a file that deploys the project names something in a module: ``handler: shop.main``, ``shop:app``."""
        said = re.compile(
            rf"""\b[Hh]andler:\s*["']?{re.escape(name)}\.\w|(?:^|[\s"'=]){re.escape(name)}:[A-Za-z_]\w*""", re.MULTILINE
        )
        return any(said.search(text) for path, text in self._texts.items() if name in text and self._deploys(path))

    def deploys(self, name: str) -> bool:
        """Likewise, in those that declare nothing besides."""
        texts = ((path, text) for path, text in self._texts.items() if not self._language.declares(path))
        return any(name in text for path, text in texts if self._deploys(path))

    def runs_script(self, name: str) -> bool:
        """Whether something that deploys the project runs a script of a package by its name."""
        run = re.compile(rf"\b(?:npm|pnpm|yarn|bun|turbo)\b[^\n]*[\s\"',]{re.escape(name)}(?![\w:-])")
        texts = ((path, text) for path, text in self._texts.items() if name in text and self._deploys(path))
        return any(run.search(text) for path, text in texts if not self._language.declares(path))

    def builds_with(self, path: str) -> bool:
        """Whether a workflow of the repository's names a file."""
        named = re.compile(rf"(?:^|[\s\"'=(]|\./){re.escape(path)}(?:[\s\"')]|$)", re.MULTILINE)
        texts = (text for place, text in self._texts.items() if place.startswith(f"{_WORKFLOWS}/") and path in text)
        return any(map(named.search, texts))

    def checks_health(self, name: str) -> bool:
        """Whether a health check of a container runs a file of this name, and nothing else that deploys does."""
        texts = (text for path, text in self._texts.items() if name in text and self._deploys(path))
        lines = [line for text in texts for line in text.replace("\\\n", " ").splitlines() if name in line]
        lines = [line for line in lines if not _COPYING.match(line)]
        return bool(lines) and all(map(_CHECKING.match, lines))

    def tools(self) -> frozenset[str]:
        """The folders of packages that are tools for those who write the project, of which nothing is deployed."""
        return frozenset(folder for folder in self._declared.tools() if not self.is_deployed(folder))

    def is_deployed(self, folder: str, name: str = "") -> bool:
        """Whether a file that deploys something lies in a folder, or one elsewhere names it.

        :param name: How that would name the folder, where its path may stand for something else.
        """
        below = f"{folder}/"
        return self.deploys(name or folder) or any(
            path.startswith(below) and self._deploys(path) and not self._language.declares(path) for path in self._texts
        )

    def installs(self, module: str) -> bool:
        """Whether a package makes a command of a function in a module, by the module's last names."""
        word = f"{module}:"
        return any(word in text for path, text in self._texts.items() if self._language.declares(path))

    def asks_for(self, named: re.Pattern[str]) -> bool:
        """Whether a ``package.json`` names a package that looks like some; True where there is none."""
        texts = [text for path, text in self._texts.items() if self._language.launches(path.rpartition("/")[2])]
        return not texts or any(named.search(text) for text in texts)

    def declared(self, name: str) -> tuple[str, int] | None:
        """Where the project itself asks for a distribution: path and 0-based line."""
        return self._declared.place(name)

    def sampled(self, name: str) -> Iterator[tuple[str, str, int]]:
        """Likewise `variable`, in the files that show how an environment is written."""
        return self._values(name, lambda path: _SAMPLE.fullmatch(path.rpartition("/")[2]) is not None)

    def variable(self, name: str) -> Iterator[tuple[str, str, int]]:
        """Values that deployment files give an environment variable: value, path, 0-based line."""
        return self._values(name, self._sets_variables)

    def _sets_variables(self, path: str) -> bool:
        return self._deploys(path) or (_is_environment(path) and not self._is_ignored(path))

    def _values(self, name: str, counts: Callable[[str], bool]) -> Iterator[tuple[str, str, int]]:
        pattern = re.compile(rf"(?:^|[\s\"'-]){re.escape(name)}\s*[=:]\s*[\"']?([^\"'\s]+)")
        apart = re.compile(rf"^\s*+(?:-\s*+)?(?:name|key):\s*[\"']?{re.escape(name)}[\"']?\s*$")
        for path, text in self._texts.items():
            if name in text and counts(path):
                lines = text.splitlines()
                for number, line in enumerate(lines):
                    found = pattern.search(line)
                    if apart.match(line) and number + 1 < len(lines):
                        found = _VALUE.match(lines[number + 1])
                    if found and not line.lstrip().startswith("#"):
                        yield found.group(1), path, number

    def _is_ignored(self, path: str) -> bool:
        """Whether git leaves a file out: then it is a developer's own, and says nothing of what is deployed."""
        folder, _, name = path.rpartition("/")
        lines = [
            line.strip().removeprefix("**/").removeprefix("/")
            for place in {"", folder}
            for line in self._texts.get(f"{place}/.gitignore" if place else ".gitignore", "").splitlines()
        ]
        return any(fnmatch(name, line) or fnmatch(path, line) for line in lines)

    def launches(self, command: str) -> Iterator[Launch]:
        """The places in deployment files that start a program through a command."""
        for path, text in self._texts.items():
            if command in text and self._deploys(path):
                yield from launches(path, text, command)

    def launches_in_code(self, command: str, files: Iterable[str]) -> Iterator[Launch]:
        """The places in code that hold a command's words: a program that starts others."""
        for path in files:
            try:
                text = (self.root / path).read_bytes()
            except OSError:
                continue
            if command.encode() in text:
                yield from launches(path, text.decode("utf-8", "replace"), command)

    def quoted(self, names: frozenset[str], files: Iterable[str]) -> Iterator[tuple[str, int, str]]:
        """The places in code that hold one of some names as a text of its own: path, 0-based row, name."""
        for path in files:
            try:
                lines = (self.root / path).read_bytes().splitlines()
            except OSError:
                continue
            for row, line in enumerate(lines):
                for text in _QUOTED_NAME.findall(line.partition(b"#")[0]):
                    name = text.decode()
                    if name in names:
                        yield path, row, name


def _entries(folder: Path) -> tuple[list[str], list[str]]:
    """The names of the files, and of the folders, in a folder. Both sorted; empty where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            found = [(e.name, e.is_dir()) for e in entries if e.is_file() or e.is_dir(follow_symlinks=False)]
    except OSError:
        return [], []
    return sorted(n for n, is_folder in found if not is_folder), sorted(n for n, is_folder in found if is_folder)


def _is_environment(path: str) -> bool:
    return _ENVIRONMENT.fullmatch(path.rpartition("/")[2]) is not None
