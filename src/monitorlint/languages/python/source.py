"""Python source as bytes: its encoding, and what its import lines name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.languages.python.loading import is_for_command, loaded_modules
from monitorlint.languages.text import UndecodableError
from monitorlint.model.facts import LAZILY

if TYPE_CHECKING:
    from collections.abc import Iterable

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_WHILE = re.compile(rb"while\b[^\n]*[:(\\\[{]")
_ASYNC_FOR = re.compile(rb"async[ \t]+for\b")
_FOR = re.compile(rb"for\b")
_ITER = re.compile(rb"\biter\([^\n]*,")
_ENDLESS = re.compile(rb"\b(?:count|cycle|repeat)\(")
_TEST = re.compile(rb"^[ \t]*(?:async[ \t]+)?def[ \t]+test_|^class[ \t]+Test", re.MULTILINE)


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
    has_commands = b"command" in data
    at = data.find(b"import")
    while at >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        head = data[start:at].strip()
        names = _named(data, at, head)
        if names and has_commands and data[start : start + 1] in {b" ", b"\t"} and is_for_command(data, start):
            lazy |= names
        else:
            found |= names
        at = data.find(b"import", at + 6)
    lazy -= found
    found |= loaded_modules(data, found) | lazy | {LAZILY.encode() + name for name in lazy}
    return frozenset(n.decode("utf-8", "replace") for n in found if n)


def _named(data: bytes, at: int, head: bytes) -> set[bytes]:
    """What the import line names whose ``import`` stands at ``at``, behind ``head``."""
    if not head or head.endswith((b";", b":")):
        end = data.find(b"\n", at)
        names = data[at + 6 : end if end >= 0 else len(data)].partition(b"#")[0].partition(b";")[0]
        return {n.split()[0] for n in names.split(b",") if n.split()}
    if head.startswith(b"from ") or b" from " in head[-200:]:
        module = b"".join(head.rpartition(b"from ")[2].split())
        return {module, *_names_from(data, at + 6, module)}
    return set()


def _names_from(data: bytes, at: int, module: bytes) -> set[bytes]:
    line = data.find(b"\n", at)
    text = data[at : line if line >= 0 else len(data)]
    if text.lstrip()[:1] == b"(":
        end = data.find(b")", at)
        text = data[at : end if end >= 0 else len(data)].replace(b"(", b"")
    prefix = module if module.endswith(b".") else module + b"."
    names: set[bytes] = set()
    for part in text.split(b"\n"):
        for name in part.partition(b"#")[0].partition(b";")[0].split(b","):
            words = name.split()
            if words:
                names.add(prefix + words[0])
    return names


def may_loop(data: bytes) -> bool:
    """Whether the text may hold a loop that is a site."""
    return (
        _begins_a_line(data, b"while", _WHILE)
        or _begins_a_line(data, b"async", _ASYNC_FOR)
        or (b"iter(" in data and _ITER.search(data) is not None)
        or (b"itertools" in data and _ENDLESS.search(data) is not None)
    )


def may_loop_plainly(data: bytes) -> bool:
    """Whether the text may hold a loop over a collection."""
    return _begins_a_line(data, b"for ", _FOR)


def _begins_a_line(data: bytes, word: bytes, pattern: re.Pattern[bytes]) -> bool:
    """Whether ``pattern``, which begins with ``word``, is the first on some line.

    Looks at the places of the word, which is several times faster than an expression that looks at every line.
    """
    at = data.find(word)
    while at >= 0:
        if not data[data.rfind(b"\n", 0, at) + 1 : at].strip(b" \t") and pattern.match(data, at):
            return True
        at = data.find(word, at + len(word))
    return False


def is_suite(data: bytes, imports: Iterable[str]) -> bool:
    """Whether the file holds tests for pytest, whatever it is called."""
    return (
        b"pytest" in data and any(i.partition(".")[0] == "pytest" for i in imports) and _TEST.search(data) is not None
    )
