"""Python source as bytes: its encoding, and what its import lines name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.languages.python.loading import LOADERS, is_for_command, loaded_modules
from monitorlint.languages.text import UndecodableError
from monitorlint.model.facts import LAZILY
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COOKIE = pattern(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BEFORE_IMPORT = (b";", b":")
_BLANK = frozenset({b" ", b"\t"})
_BEHIND_IMPORT = frozenset({b" ", b"\t", b"\\", b"(", b"*"})
_LOADING = (b"_module(", b"__(", b"_string(")
"""Behind ``import``, where it is the name of a function that imports."""
WHILE = pattern(rb"while\b[^\n]*[:(\\\[{]")
ASYNC_FOR = pattern(rb"async[ \t]+for\b")
_FOR = pattern(rb"for\b")
_ITER = pattern(rb"\biter\([^\n]*,")
_ENDLESS = pattern(rb"\b(?:count|cycle|repeat)\(")
_TEST = pattern(
    rb"^[ \t]*(?:async[ \t]+)?def[ \t]+test_|^class[ \t]+Test|^@pytest(?:_asyncio)?\.fixture\b", re.MULTILINE
)


def to_utf8(data: bytes) -> bytes:
    """The text of a Python file as UTF-8, whatever encoding it declares (PEP 263).

    :raises UndecodableError: it is neither UTF-8 nor in the encoding that it declares.
    """
    if b"\0" in data:
        raise UndecodableError("holds null bytes, so it is not Python source; exclude it or save it as UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        encoding = declared_encoding(data)
        if encoding is None:
            line = data[: error.start].count(b"\n") + 1
            raise UndecodableError(
                f"line {line} is not UTF-8, and no encoding is declared; save it as UTF-8 or declare the encoding"
            ) from None
        try:
            return data.decode(encoding).encode("utf-8")
        except (LookupError, UnicodeError):
            raise UndecodableError(f"is not text in the encoding that it declares, {encoding}") from None
    return data


def declared_encoding(data: bytes) -> str | None:
    """The encoding that a comment in the first two lines names; None when there is none."""
    for line in data.split(b"\n", 2)[:2]:
        found = _COOKIE.match(line)
        if found:
            return found.group(1).decode("ascii")
    return None


def imported_modules(data: bytes) -> frozenset[str]:
    """The modules (and names from them) that import lines of a file name; relative ones keep their dots.

    Then what is loaded by name (`loading`), and once more, with `LAZILY` before, what only a command of a command line
    imports.

    Read from the text, not from a tree, because it is asked of every file: a line in a string that looks
    like an import is taken for one, which costs time and never a verdict.
    """
    found: set[bytes] = set()
    lazy: set[bytes] = set()
    loads = False
    at = data.find(b"import")
    has_commands = at >= 0 and b"command" in data
    while at >= 0:
        end = at + 6
        behind = data[end : end + 1]
        if behind in _BEHIND_IMPORT:
            start = data.rfind(b"\n", 0, at) + 1
            words = data[start:at].split()
            if len(words) == 2 and words[0] == b"from":
                names = _imported_from(data, end, words[1])
            elif not words or words[-1].endswith(_BEFORE_IMPORT):
                names = _imported(data, end)
            else:
                names = _imported_inside(data, start, at)
            is_lazy = has_commands and names and data[start : start + 1] in _BLANK and is_for_command(data, start)
            (lazy if is_lazy else found).update(names)
        elif behind == b"_":
            loads = loads or data.startswith(_LOADING, end)
        at = data.find(b"import", end)
    lazy -= found
    if loads or not found.isdisjoint(LOADERS):
        found |= loaded_modules(data, found)
    found |= lazy | {LAZILY.encode() + name for name in lazy}
    return frozenset([n.decode("utf-8", "replace") for n in found if n])


def _imported(data: bytes, at: int) -> list[bytes]:
    """What ``import a, b.c as d`` names, behind its ``import``."""
    end = data.find(b"\n", at)
    names = data[at : end if end >= 0 else len(data)].partition(b"#")[0].partition(b";")[0]
    return [words[0] for name in names.split(b",") if (words := name.split())]


def _imported_from(data: bytes, at: int, module: bytes) -> list[bytes]:
    """What ``from a import b, c as d`` names: the module, and names of it, which stand at ``at``."""
    line = data.find(b"\n", at)
    text = data[at : line if line >= 0 else len(data)]
    if b"(" in text and text.lstrip()[:1] == b"(":
        end = data.find(b")", at)
        text = data[at : end if end >= 0 else len(data)].replace(b"(", b"")
    if b"#" in text or b";" in text:
        text = b",".join([part.partition(b"#")[0].partition(b";")[0] for part in text.split(b"\n")])
    prefix = module if module.endswith(b".") else module + b"."
    names = [prefix + words[0] for name in text.split(b",") if (words := name.split())]
    names.append(module)
    return names


def _imported_inside(data: bytes, start: int, at: int) -> list[bytes]:
    """Likewise, where something stands in front of ``from`` on the line, or blanks within the module's name."""
    head = data[start:at].strip()
    if head.startswith(b"from ") or b" from " in head[-200:]:
        return _imported_from(data, at + 6, b"".join(head.rpartition(b"from ")[2].split()))
    return []


def may_loop(data: bytes, imports: Iterable[str]) -> bool:
    """Whether the text may hold a loop that is a site.

    :param imports: What the file imports.
    """
    return (
        any(True for _ in places_in_lines(data, b"while", WHILE))
        or any(True for _ in places_in_lines(data, b"async", ASYNC_FOR))
        or may_count(data, imports)
    )


def may_count(data: bytes, imports: Iterable[str]) -> bool:
    """Whether the text may hold a loop over what never ends.

    :param imports: What the file imports.
    """
    return (b"iter(" in data and _ITER.search(data) is not None) or (
        any("itertools" in module for module in imports) and _ENDLESS.search(data) is not None
    )


def may_loop_plainly(data: bytes) -> bool:
    """Whether the text may hold a loop over a collection."""
    return any(True for _ in places_in_lines(data, b"for ", _FOR))


def places_in_lines(data: bytes, word: bytes, pattern: re.Pattern[bytes]) -> Iterator[int]:
    """Where ``pattern``, which begins with ``word``, is the first on a line.

    Looks at the places of the word, which is several times faster than an expression that looks at every line.
    """
    at = data.find(word)
    while at >= 0:
        if not data[data.rfind(b"\n", 0, at) + 1 : at].strip(b" \t") and pattern.match(data, at):
            yield at
        at = data.find(word, at + len(word))


def is_suite(data: bytes, imports: Iterable[str]) -> bool:
    """Whether the file holds tests for pytest or what they are given, as plug-ins of it do, whatever it is called."""
    is_asked = any(i.partition(".")[0] in {"pytest", "pytest_asyncio"} for i in imports)
    return is_asked and _TEST.search(data) is not None
