"""Programs that are started through a command: ``ddtrace-run python -m shop.web`` instruments that program alone.

The command stands in a line of a shell, in a list of quoted words, or as an item of a YAML list, with a template's
lines between. No file is parsed: what is read is the words that follow the command, up to the end of the line or list.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MAX_WORDS: Final = 1500
"""Characters in which the words of one command are looked for."""
MAX_LINES: Final = 15
"""Lines after a command in which its arguments may stand by themselves (``CMD``, ``args:``)."""

_BREAKS = re.compile(r"""[\s"',\[\](){}]+""")
_SEPARATOR = re.compile(r"\s(?:&&|\|\|?|&|#)(?=\s|$)|;")
_ITEM = re.compile(r"(\s*)-\s+(.*?)\s*$")
_SKIPPED = re.compile(r"\s*(?:#.*|\{\{.*\}\}\s*|\{%.*%\}\s*)?$")
_KEY = re.compile(r"^\s*(?:-\s+)?(ENTRYPOINT|CMD|entrypoint|command|args)\b")
_ARGUMENTS = re.compile(r"\s*(CMD|args|command)\b\s*:?\s*(.*)$")
# What a container adds to the command that it is started with.
_FOLLOWING = {"ENTRYPOINT": "CMD", "entrypoint": "command", "command": "args"}
_COMMENTS = ("#", "//")
_PATH = re.compile(r"[\w.$@{}/-]*/$")

_ATTRIBUTE = re.compile(r"([A-Za-z_][\w.]*):[A-Za-z_][\w.]*")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_NAMING = frozenset({"-m", "-A", "-w", "--app", "--module", "--wsgi-file"})
_SETTINGS = frozenset({"-c", "--config", "--log-config"})
_FRONT: Final = 3
"""So many words after a command (``run-program``, ``poetry run``) may name a program that the project installs."""


class Launch(NamedTuple):
    """One place that starts a program through a command."""

    path: str
    row: int
    """0-based."""
    words: tuple[str, ...]
    """What follows the command there."""


def launches(path: str, text: str, command: str) -> Iterator[Launch]:
    """The places in a file's text that start something through ``command``."""
    for found in re.finditer(rf"(?<![\w.-]){re.escape(command)}(?=[\s\"',\]\\]|$)", text):
        first = text.rfind("\n", 0, found.start()) + 1
        if not text[first : found.start()].lstrip().startswith(_COMMENTS):
            yield Launch(path, text.count("\n", 0, first), tuple(_words(text, first, found.start(), found.end())))


def _words(text: str, first: int, start: int, end: int) -> list[str]:
    """The words that follow the command at ``start`` in the line that begins at ``first``."""
    before = _PATH.sub("", text[first:start])
    quote = before[-1:] if before[-1:] in {'"', "'"} else ""
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    item = _ITEM.match(text[first:last])
    if item is not None and item.group(2).strip("\"'").endswith(text[start:end]):
        words, at = _items(text, last + 1, len(item.group(1)))
        return [*words, *_apart(text, first, at)]
    if (quote or ",") == text[end : end + 1] or text[end : end + 1] == "]":
        listed, at = _listed(text, end + 1 if quote else end)
        return [*_split(listed), *_apart(text, first, text.find("\n", at) + 1)]
    if quote:
        closing = text.find(quote, end, end + MAX_WORDS)
        return _split(text[end:closing] if closing >= 0 else text[end:last])
    line, at = _line(text, end)
    return _split(line) or _split(_line(text, at)[0])


def _split(text: str) -> list[str]:
    cut = _SEPARATOR.search(text)
    return [w for w in _BREAKS.split(text[: cut.start()] if cut is not None else text) if w not in {"", "\\"}]


def _line(text: str, start: int) -> tuple[str, int]:
    """The rest of a line with those that a backslash joins to it, and where the next one begins."""
    at = start
    while True:
        last = text.find("\n", at)
        if last < 0:
            return text[start:], len(text)
        if not text[at:last].rstrip().endswith("\\") or last - start > MAX_WORDS:
            return text[start:last].replace("\\\n", " "), last + 1
        at = last + 1


def _listed(text: str, start: int) -> tuple[str, int]:
    """The text of a list up to its end, and where that is."""
    quote = ""
    for at in range(start, min(len(text), start + MAX_WORDS)):
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "])":
            return text[start:at], at
    return "", start


def _items(text: str, start: int, indent: int | None) -> tuple[list[str], int]:
    """The words of a YAML list's items from a line on, and where it ends."""
    words: list[str] = []
    at = start
    while at < len(text) and at - start < MAX_WORDS:
        last = text.find("\n", at)
        last = len(text) if last < 0 else last
        line = text[at:last]
        item = _ITEM.match(line)
        if item is not None and (indent is None or len(item.group(1)) == indent):
            indent = len(item.group(1))
            words += _split(item.group(2))
        elif not _SKIPPED.match(line):
            break
        at = last + 1
    return words, at


def _apart(text: str, first: int, start: int) -> list[str]:
    """The words of the ``CMD``, or of the ``args:``, that belong to the list in the line at ``first``."""
    key = next((k for k in map(_KEY.search, _lines_up(text, first)) if k is not None), None)
    wanted = _FOLLOWING.get(key.group(1), "") if key is not None else ""
    at = start
    for _ in range(MAX_LINES if wanted and start else 0):
        last = text.find("\n", at)
        last = len(text) if last < 0 else last
        found = _ARGUMENTS.match(text[at:last])
        if found is not None and found.group(1) == wanted:
            if found.group(2).startswith("["):
                return _split(_listed(text, at + found.start(2) + 1)[0])
            return _split(found.group(2)) or _items(text, last + 1, None)[0]
        if last == len(text) or _ITEM.match(text[at:last]):
            break
        at = last + 1
    return []


def _lines_up(text: str, first: int) -> Iterator[str]:
    """The line at ``first`` and those above it, from below."""
    at = first
    for _ in range(MAX_LINES):
        last = text.find("\n", at)
        yield text[at : last if last >= 0 else len(text)]
        if at == 0:
            return
        at = text.rfind("\n", 0, at - 1) + 1


class Programs:
    """Finds the files of a project that a command starts."""

    def __init__(self, files: Iterable[str], scripts: Mapping[str, str], shell: Mapping[str, str]) -> None:
        """Take what a command's words may name.

        :param files: The project's Python files.
        :param scripts: The modules behind the commands that the project installs, by the commands' names.
        :param shell: The texts of its shell scripts, by path.
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

    def started(self, launch: Launch) -> frozenset[str]:
        """The files of the project that a launch starts. Empty: its words name none of them."""
        found: set[str] = set()
        for word in launch.words:
            if word.endswith(".sh"):
                for script in _nearest(_ending(word, self._shell), launch.path):
                    for line in self._shell[script].splitlines():
                        if not line.lstrip().startswith(_COMMENTS):
                            found.update(self._in_words(_split(line), script))
        found.update(self._in_words(launch.words, launch.path))
        return frozenset(found)

    def _in_words(self, words: Sequence[str], place: str) -> Iterator[str]:
        before = ""
        for number, word in enumerate(words):
            option, mark, value = word.partition("=")
            if before not in _SETTINGS:
                is_module = before in _NAMING or (mark == "=" and option in _NAMING)
                yield from self._named(value if mark and is_module else word, place, is_module=is_module)
            if number < _FRONT and word in self._scripts:
                yield from self._module(self._scripts[word], place)
            before = word

    def _named(self, word: str, place: str, *, is_module: bool) -> Iterable[str]:
        if word.endswith(".py"):
            return _nearest(_ending(word, self._by_name.get(word.rpartition("/")[2], ())), place)
        attribute = _ATTRIBUTE.fullmatch(word)
        if attribute is not None:
            return self._module(attribute.group(1), place)
        if _MODULE.fullmatch(word) and (is_module or "." in word):
            return self._module(word, place)
        return ()

    def _module(self, name: str, place: str) -> list[str]:
        """The files that running a module, or handing it to a server, begins with."""
        path = name.replace(".", "/")
        tail = path.rpartition("/")[2]
        files = [f for f in self._by_name.get(f"{tail}.py", ()) if _ends(f, f"{path}.py")]
        if not files:
            inside = tuple(f"{path}/{n}.py" for n in ("__main__", "__init__", "celery"))
            files = [f for f in self._by_name.get(tail, ()) if any(_ends(f, i) for i in inside)]
        return _nearest(files, place)


def _ends(path: str, end: str) -> bool:
    return path == end or path.endswith(f"/{end}")


def _ending(word: str, among: Iterable[str]) -> list[str]:
    """The files that a path means; what is copied into an image may lie deeper there, or less deep, than here."""
    candidates = list(among)
    path = word.lstrip("./")
    while path:
        found = [f for f in candidates if _ends(f, path)]
        if found:
            return found
        path = path.partition("/")[2]
    return []


def _shared(one: list[str], other: list[str]) -> int:
    """How many folders two places have in common."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _nearest(paths: Iterable[str], place: str) -> list[str]:
    """Those of some files whose folders share most with the folder of another; of these, the ones least deep."""
    here = place.split("/")[:-1]
    shared = {path: _shared(path.split("/")[:-1], here) for path in paths}
    best = [path for path, count in shared.items() if count == max(shared.values())]
    depths = {path: path.count("/") for path in best}
    return [path for path, depth in depths.items() if depth == min(depths.values())]
