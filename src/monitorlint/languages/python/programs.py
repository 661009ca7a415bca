"""Which programs in Python a command starts."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.languages.places import ending, ends, nearest
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitorlint.model.launch import Launch

_ATTRIBUTE = pattern(r"([A-Za-z_][\w.]*):[A-Za-z_][\w.]*")
_MODULE = pattern(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_NAMING = frozenset({"-m", "-A", "-w", "--app", "--module", "--wsgi-file"})
_APPLICATION = frozenset({"-A", "--app"})
"""What a queue's worker takes its application by: a module, or an attribute of one (``jobs.queue``)."""
_SETTINGS = frozenset({"-c", "--config", "--log-config"})
_SERVERS = frozenset({"gunicorn", "hypercorn"})
"""Servers that know by themselves what the application in a module is called."""
_ALONE = frozenset("-D -R --daemon --reload --preload --debug --spew --capture-output --no-sendfile".split())
"""Options of these servers that take no value."""
_FRONT: Final = 3
"""So many words after a command (``run-program``, ``poetry run``) may name a program that the project installs."""


class Programs:
    """Finds the files of a project that a command starts."""

    def __init__(
        self, files: Iterable[str], scripts: Mapping[str, str], shell: Mapping[str, Sequence[Sequence[str]]]
    ) -> None:
        """Take what a command's words may name.

        :param files: The project's Python files.
        :param scripts: The modules behind the commands that the project installs, by the commands' names.
        :param shell: The words of the lines of its shell scripts, by path.
        """
        self._files = tuple(files)
        self._scripts = scripts
        self._shell = shell

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """Files by the last part of their path, and by the name of the folder they lie in."""
        table: dict[str, list[str]] = defaultdict(list)
        for path in self._files:
            folder, _, name = path.rpartition("/")
            table[name].append(path)
            if folder:
                table[folder.rpartition("/")[2]].append(path)
        return table

    def by_hand(self) -> Iterator[tuple[str, str]]:
        """Scripts have no names."""
        yield from ()

    def for_developers(self) -> frozenset[str]:
        """The files that those who write the project start: not told."""
        return frozenset()

    def for_others(self) -> frozenset[str]:
        """The files that others start: not told."""
        return frozenset()

    def started(self, launch: Launch) -> frozenset[str]:
        """The files of the project that a launch starts. Empty: its words name none of them."""
        found: set[str] = set()
        for word in launch.words:
            if word.endswith(".sh"):
                for script in nearest(ending(word, self._shell), launch.path):
                    for line in self._shell[script]:
                        found.update(self._in_words(line, script))
        found.update(self._in_words(launch.words, launch.path))
        return frozenset(found)

    def preloads(self, commands: Iterable[tuple[str, Sequence[str]]]) -> tuple[tuple[str, str, bool], ...]:  # noqa: ARG002
        """Nothing: a command of Python's loads no other module first."""
        return ()

    def _in_words(self, words: Sequence[str], place: str) -> Iterator[str]:
        before = ""
        serves = False
        for number, word in enumerate(words):
            option, mark, value = word.partition("=")
            if before not in _SETTINGS:
                is_module = before in _NAMING or (mark == "=" and option in _NAMING)
                is_free = before == "-" or "=" in before or before in _ALONE or not before.startswith("-")
                named = value if mark and is_module else word
                yield from self._named(named, place, is_module=is_module or (serves and is_free))
                if before in _APPLICATION or option in _APPLICATION:
                    yield from self._holding(named, place)
            serves = serves or word.rpartition("/")[2] in _SERVERS
            if number < _FRONT and word in self._scripts:
                yield from self._module(self._scripts[word], place)
            before = word

    def _named(self, word: str, place: str, *, is_module: bool) -> Iterable[str]:
        if word.endswith(".py"):
            return nearest(ending(word, self._by_name.get(word.rpartition("/")[2], ())), place)
        attribute = _ATTRIBUTE.fullmatch(word)
        if attribute is not None:
            return self._module(attribute.group(1), place)
        if _MODULE.fullmatch(word) and (is_module or "." in word):
            return self._module(word, place)
        return ()

    def _holding(self, word: str, place: str) -> Iterable[str]:
        """The module of which a dotted word names an attribute, where it names no module."""
        module = word.rpartition(".")[0]
        return self._module(module, place) if _MODULE.fullmatch(module) and not self._module(word, place) else ()

    def _module(self, name: str, place: str) -> list[str]:
        """The files that running a module, or handing it to a server, begins with."""
        path = name.replace(".", "/")
        tail = path.rpartition("/")[2]
        files = [f for f in self._by_name.get(f"{tail}.py", ()) if ends(f, f"{path}.py")]
        if not files:
            inside = tuple(f"{path}/{n}.py" for n in ("__main__", "__init__", "celery"))
            files = [f for f in self._by_name.get(tail, ()) if any(ends(f, i) for i in inside)]
        return nearest(files, place)
