"""Which programs in JavaScript a command starts, and what they load before anything else."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from monitorlint.languages.places import nearest
from monitorlint.languages.typescript.developers import is_by_hand, is_for_developers
from monitorlint.languages.typescript.folders import above, join
from monitorlint.languages.typescript.packages import source
from monitorlint.model.launch import Launch
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitorlint.languages.typescript.folders import Folders

_PROGRAM = pattern(r"[^=:*?]+\.[cm]?[jt]sx?")
_VALUED = frozenset(
    "--import -r --require --loader --experimental-loader --preload --env-file -C --conditions -e --eval --tsconfig "
    "--project -P --config -c --watch-path --filter -F --workspace -w --cwd --prefix".split()
)
"""Options whose value is the next word, and no program."""
_PRELOADING = frozenset(("--import", "-r", "--require", "--preload"))
_NODE = frozenset(("node", "nodejs", "tsx", "ts-node", "ts-node-dev", "nodemon", "bun", "deno", "NODE_OPTIONS"))
_NOT_DEPLOYED = pattern(r"(?:\w+[:-])?(?:dev|develop|watch|debug|test|e2e|build|lint|types?|typecheck|seed|migrat)")
"""Scripts of a ``package.json`` that start nothing where it is deployed."""
_RUNNERS = frozenset(("npm", "pnpm", "yarn", "bun", "turbo"))
_OF = frozenset(("--filter", "-F", "--workspace", "-w", "--cwd", "--prefix", "-C"))
"""Options of those that name the package whose script is run."""
_AND = pattern(r"&&|\|\|?|;")
_MANIFEST: Final = "package.json"
MAX_SCRIPTS: Final = 5
"""Scripts that one script leads through."""


class Programs:
    """Finds the files of a project that a command starts."""

    def __init__(
        self,
        folders: Folders,
        manifests: Mapping[str, str],
        scripts: Mapping[str, str],
        shell: Mapping[str, Sequence[Sequence[str]]],
        entries: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Take what a command's words may name.

        :param manifests: The names of the packages, by folder.
        :param scripts: The scripts of the packages: ``apps/web:start``.
        :param shell: The words of the lines of the project's shell scripts, by path.
        :param entries: The files by which packages are used or started, as they are written, with the folders of these.
        """
        self._folders = folders
        self._manifests = manifests
        self._scripts = scripts
        self._shell = shell
        self._entries = entries

    def for_developers(self) -> frozenset[str]:
        """The files that scripts start which those who write the project run alone; others may start them as well."""
        scripts = (key.partition(":") for key in self._scripts)
        lines = [(folder, self._scripts[f"{folder}:{name}"]) for folder, _, name in scripts if is_for_developers(name)]
        return frozenset(path for folder, line in lines for path in self._run_by(line, folder))

    def by_hand(self) -> Iterator[tuple[str, str]]:
        """The files that scripts start which are most likely run by hand, each with the name of its script."""
        for key, line in self._scripts.items():
            folder, _, name = key.partition(":")
            if is_by_hand(name) and not is_for_developers(name) and not self._is_run(name):
                yield from ((path, name) for path in self._run_by(line, folder))

    def _is_run(self, name: str) -> bool:
        """Whether a script runs another one by its name: ``npm run seed && node server.js``."""
        others = ((key.partition(":")[2], line) for key, line in self._scripts.items())
        lines = (line for other, line in others if not (is_by_hand(other) or is_for_developers(other)) and name in line)
        return any(name in line.split() for line in lines)

    def for_others(self) -> frozenset[str]:
        """The files that other scripts start, or name, and those by which packages are used or started."""
        found: set[str | None] = set()
        for key, line in self._scripts.items():
            folder, _, name = key.partition(":")
            if not is_for_developers(name) and (not is_by_hand(name) or self._is_run(name)):
                found.update(self._run_by(line, folder), self._named_in(line, folder))
        found.update(self._in_folder(folder, word.removeprefix("./")) for folder, word in self._entries)
        return frozenset(path for path in found if path is not None)

    def _run_by(self, line: str, folder: str) -> Iterator[str]:
        """The files that the commands of a script run; what a bundler or a linter is told of is not run by that."""
        for part in _AND.split(line):
            words = [word.strip("\"'") for word in part.split()]
            at = next((n for n, word in enumerate(words) if word.rpartition("/")[2] in _NODE), None)
            before = ""
            # `node --check app.js` reads it, and no more.
            for word in words[at + 1 :] if at is not None and "--check" not in words else ():
                if not word.startswith("-") and before not in _VALUED and word != "run":
                    # `tsx src/write-sdk` leaves the extension out.
                    is_path = "/" in word or _PROGRAM.fullmatch(word) is not None
                    found = self._in_folder(folder, word.removeprefix("./")) if is_path else None
                    yield from (found,) if found is not None else ()
                    break
                before = word

    def _named_in(self, line: str, folder: str) -> Iterator[str]:
        """The files that a script names, whatever becomes of them."""
        for word in line.split():
            found = self._in_folder(folder, word.strip("\"'").removeprefix("./")) if _PROGRAM.fullmatch(word) else None
            if found is not None:
                yield found

    def started(self, launch: Launch) -> frozenset[str]:
        """The files of the project that a launch starts. Empty: its words name none of them."""
        return frozenset(self._in_words(launch.words, launch.path, 0))

    def preloads(self, commands: Iterable[tuple[str, Sequence[str]]]) -> Iterator[tuple[str, str, bool]]:
        """What commands have a program load first: the program, the file, and whether nothing starts it without.

        A folder with a ``/`` behind stands for the programs in it, where a command names none.

        :param commands: The file that each stands in, and its words.
        """
        started: dict[str, list[frozenset[str]]] = defaultdict(list)
        for path, words in commands:
            at = next((n for n, w in enumerate(words) if w.partition("=")[0].rpartition("/")[2] in _NODE), None)
            if at is None or (path.endswith("package.json") and _NOT_DEPLOYED.match(words[0])):
                continue
            found = list(self._loaded([w.removeprefix("NODE_OPTIONS=") for w in words[at:]], path))
            programs = self.started(Launch(self._beside(found, path), 0, tuple(words[at:])))
            for program in programs or ({f"{path.rpartition('/')[0]}/"} if found else ()):
                started[program].append(frozenset(found))
        for program, loads in started.items():
            sure = frozenset.intersection(*loads)
            yield from ((program, file, file in sure) for file in sorted(frozenset.union(*loads)) if file != program)

    def _beside(self, found: Sequence[str], path: str) -> str:
        """Where a command stands, seen from the package of what it loads first, which is where an image calls it."""
        own = next((f for f in above(found[0].rpartition("/")[0]) if f in self._manifests), "") if found else ""
        if not own or path.endswith(_MANIFEST) or path.startswith(f"{own}/"):
            return path
        return join(own, path.rpartition("/")[2])

    def _loaded(self, words: Sequence[str], place: str) -> Iterator[str]:
        for number, word in enumerate(words):
            option, mark, value = word.partition("=")
            if option in _PRELOADING:
                named = value if mark else next(iter(words[number + 1 :]), "")
                if _PROGRAM.fullmatch(named) and (found := self.file(named, place)) is not None:
                    yield found

    def _in_words(self, words: Sequence[str], place: str, depth: int) -> Iterator[str]:
        if depth > MAX_SCRIPTS:
            return
        before = ""
        for number, word in enumerate(words):
            if word in _RUNNERS:
                yield from self._run(words[number + 1 :], place, depth)
            elif word.endswith(".sh"):
                for path in nearest((p for p in self._shell if p.endswith(word.lstrip("./"))), place):
                    for line in self._shell[path]:
                        yield from self._in_words(line, path, depth + 1)
            elif before not in _VALUED and _PROGRAM.fullmatch(word) and (found := self.file(word, place)):
                yield found
                return
            before = word

    def _run(self, words: Sequence[str], place: str, depth: int) -> Iterator[str]:
        """What ``npm run start`` starts, and ``pnpm --filter web start``."""
        named = ""
        rest: list[str] = []
        before = ""
        for word in words:
            option, mark, value = word.partition("=")
            if before in _OF:
                named = word
            elif mark and option in _OF:
                named = value
            elif not word.startswith("-") and word not in {"run", "run-script"}:
                rest.append(word)
            before = word
        for folder in self._packages(named, place)[:1]:
            for name in rest[:1]:
                line = self._scripts.get(f"{folder}:{name}")
                if line is not None:
                    yield from self._in_words(line.split(), join(folder, _MANIFEST), depth + 1)

    def _packages(self, named: str, place: str) -> list[str]:
        """The folders of the packages that a name or a path means; without one, those around a file, nearest first."""
        if not named:
            return [folder for folder in above(place.rpartition("/")[0]) if folder in self._manifests]
        path = named.removeprefix("./").rstrip("/.")
        return [f for f, name in self._manifests.items() if name == named or f == path or f.endswith(f"/{path}")]

    def file(self, word: str, place: str) -> str | None:
        """The source file that a path means which stands in a file: itself, or what it is built from.

        A path may start at the file's folder, at one above it, or, in an image, at a package.
        """
        word = word.removeprefix("./")
        around = above(place.rpartition("/")[0])
        for folder in around:
            if (found := self._in_folder(folder, word)) is not None:
                return found
        if word.startswith(".."):
            return None
        inner = {self._in_folder(folder, word) for folder in self._manifests} - {None}
        return inner.pop() if len(inner) == 1 else None

    def _in_folder(self, folder: str, word: str) -> str | None:
        parts = word.lstrip("/").split("/")
        # `/app/apps/api/dist/index.js` in an image is `apps/api/src/index.ts` here.
        for first in range(len(parts) if word.startswith("/") else 1):
            for number in range(first, len(parts)):
                inner = join(folder, "/".join(parts[first:number]))
                if number > first and inner not in self._manifests:
                    continue
                if (found := source(self._folders, inner, "/".join(parts[number:]))) is not None:
                    return found
        return None
