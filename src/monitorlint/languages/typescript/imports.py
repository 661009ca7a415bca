"""What a file imports, read from its text and not from a tree, because it is asked of every file.

A comment or a string that looks like an import is taken for one. What stands in a template literal is not: applications
hold whole files as text there, for their users to copy.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from monitorlint.languages.typescript.specifiers import encode
from monitorlint.model.facts import ANYTHING, ENDING, EVERYTHING, TYPES
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTED = rb"""(?:"([^"\\\n]{1,300})"|'([^'\\\n]{1,300})')"""
_FROM = pattern(rb"from\s*" + _QUOTED)
_IMPORT = pattern(rb"import(?:\s*" + _QUOTED + rb"|\s*(\()|\.meta\.(glob)(?:Eager)?\b)")
_REQUIRE = pattern(rb"require(?:\.(context)\b)?\(")
_GAP: Final = rb"(?:\s++|/\*[^*]{0,200}+(?:\*(?!/)[^*]{0,200}+){0,9}+\*/|//[^\n]{0,200}+\n){0,9}+"
"""White space and comments (``/* webpackChunkName: "x" */``)."""
_TEXT = pattern(_GAP + rb"""(?:"([^"\\\n]{0,300})"|'([^'\\\n]{0,300})'|`([^`\\\n]{0,300})`)\s*([+,)]?)""")
_JOINED = pattern(
    _GAP
    + rb"""(?:[\w$]+\.)?(?:join|resolve)\(\s*(?:__dirname|import\.meta\.dirname)\s*,"""
    + rb"""\s*["']([^"'\\\n]{1,300})["']\s*(.?)"""
)
_ADDRESS = pattern(_GAP + rb"""new URL\(\s*["']([^"'\\\n]{1,300})["']\s*,\s*import\.meta\.url""")
_NAME = pattern(_GAP + rb"([A-Za-z_$][\w$]*)\s*([.(\[+)])")
MAX_CONSTANTS: Final = 20
"""Names in a file of which it is looked up what text they stand for."""
_TRANSPORT = pattern(rb"\btarget:\s*" + _QUOTED)
"""What pino loads in a thread of its own, to hand it what is logged."""
_GLOB = pattern(rb"""\s*(?:<[^<>]{0,80}>)?\(\s*\[?\s*["'`]([^"'`\n*]{0,300})""")
_BEFORE_NAME = pattern(rb"""(?:[\w$.#]|\bfunction\s*\*?\s|\bnew\s|["']\s*return\s+)$""")
# The last is the text of a function that hides an import from a compiler, and is handed the name later.
_TYPE = pattern(rb"\s*(?:import|export)\s+type\s+[\w$*]")
_LONGEST: Final = 4000
"""Bytes between the beginning of an import and its ``from``."""
_LINE: Final = 200
"""Bytes before a backtick in which a comment may begin that it stands in."""
_BLANKS: Final = 40
"""Bytes in which what stands before a bracket or a ``from`` is looked for."""
_STARTS = frozenset((b"import", b"export"))
_SUFFIX = pattern(r"\.[cm]?[jt]sx?$")
_PLAIN = pattern(r"[\w@/-]+")
_ASSETS = tuple(
    ".css .scss .sass .less .json .svg .png .jpg .jpeg .gif .webp .avif .ico .md .mdx .txt .html .yaml .yml .wasm "
    ".graphql .gql .woff .woff2 .ttf .mp3 .mp4 .webm .csv .po .sql".split()
)
"""Ends of what a bundler loads and that is no module of the language."""


def imported_modules(data: bytes) -> frozenset[str]:
    """The specifiers, encoded, that a file imports, exports from, requires, or names the types of.

    What is loaded by a name that is made up while the program runs: the folder that it lies in, followed by
    `EVERYTHING`, or `ANYTHING`. What only types are imported from has `TYPES` before it.
    """
    found: set[str | None] = set()
    types: set[str] = set()
    constants: dict[bytes, bytes] = {}
    templates = _Templates(data)
    at = data.find(b"from")
    while at >= 0:
        if (match := _FROM.match(data, at)) and not templates.hold(at):
            module = _encoded(match[1] or match[2])
            if module is not None and _has_only_types(data, at):
                types.add(TYPES + module)
            else:
                found.add(module)
        at = data.find(b"from", at + 4)
    templates = _Templates(data)
    at = data.find(b"import")
    while at >= 0:
        if (match := _IMPORT.match(data, at)) and not templates.hold(at):
            if match[4]:
                found.update(_globbed(data, match.end()))
            elif match[3]:
                found.update(_loaded(data, at, match.end(), constants))
            else:
                found.add(_encoded(match[1] or match[2]))
        at = data.find(b"import", at + 6)
    templates = _Templates(data)
    at = data.find(b"require")
    while at >= 0:
        if (match := _REQUIRE.match(data, at)) and not templates.hold(at):
            found.update(_globbed(data, match.end() - 1) if match[1] else _loaded(data, at, match.end(), constants))
        at = data.find(b"require", at + 7)
    if b"pino" in data:
        found.update(_encoded(match[1] or match[2]) for match in _TRANSPORT.finditer(data))
    return frozenset([*(one for one in found if one), *(one for one in types if one[1:] not in found)])


class _Templates:
    """Tells which places of a text stand in a template literal. They are asked for from the first to the last."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._read = 0
        self._last = -1
        """The last backtick before what was read."""
        self._is_open = False

    def hold(self, at: int) -> bool:
        """Whether a place, which lies behind those that were asked for, stands in a template literal."""
        data = self._data
        if count := data.count(b"`", self._read, at):
            self._last = data.rfind(b"`", self._read, at)
            escaped = data.count(b"\\`", self._read, at) - data.count(b"\\\\`", self._read, at)
            self._is_open ^= bool((count - escaped) & 1)
        self._read = at
        if self._is_open:
            # A backtick without a partner most often stands in a comment.
            start = max(data.rfind(b"\n", max(0, self._last - _LINE), self._last) + 1, self._last - _LINE, 0)
            line = data[start : self._last].lstrip()
            self._is_open = not line.startswith((b"*", b"//", b"/*"))
        return self._is_open


def _has_only_types(data: bytes, end: int) -> bool:
    """Whether the import (or export) whose ``from`` is at ``end`` names types and nothing that runs."""
    if not data[max(0, end - _BLANKS) : end].rstrip().endswith(b"}"):
        return _TYPE.match(data, data.rfind(b"\n", max(0, end - _LONGEST), end) + 1, end) is not None
    brace = data.rfind(b"{", max(0, end - _LONGEST), end)
    if brace < 0 or data.find(b"type", max(0, brace - _BLANKS), end) < 0:
        return False
    before = data[max(0, brace - _BLANKS) : brace].split()[-2:]
    if before[-1:] == [b"type"]:
        return before[0] in _STARTS
    names = data[brace + 1 : end]
    if b"type" not in names or not before or before[-1] not in _STARTS:
        return False
    listed = [name.split() for name in names.rpartition(b"}")[0].split(b",") if name.strip()]
    return bool(listed) and all(len(words) > 1 and words[0] == b"type" and words[1] != b"as" for words in listed)


@lru_cache(maxsize=20_000)
def _encoded(specifier: bytes) -> str | None:
    text = specifier.decode("utf-8", "replace")
    return None if text.endswith(_ASSETS) else encode(text)


def _loaded(data: bytes, start: int, at: int, constants: dict[bytes, bytes]) -> Iterator[str | None]:
    """What ``import(`` or ``require(``, whose arguments begin at ``at``, loads.

    :param constants: The texts that names stand for, as far as they were looked up; ``b""`` for none.
    """
    text = _TEXT.match(data, at)
    if text is not None:
        literal, after = text[1] or text[2], text[4]
        if text[3] is not None:
            head, mark, tail = text[3].partition(b"${")
            if mark:
                yield _below(head, tail.rpartition(b"}")[2])
            elif after != b"+":
                yield _encoded(head)
        elif literal and after == b"+":
            yield _below(literal, b"")
        elif literal:
            yield _encoded(literal)
        return
    joined = _JOINED.match(data, at)
    if joined is not None:
        inside = joined[1] if joined[1].startswith(b".") else b"./" + joined[1]
        yield _encoded(inside) if joined[2] == b")" else _below(inside + b"/", b"")
        return
    address = _ADDRESS.match(data, at)
    if address is not None:
        yield _encoded(address[1])
    elif (name := _NAME.match(data, at)) and not _BEFORE_NAME.search(data, max(0, start - 20), start):
        constant = _constant(data, name[1], constants) if name[2] == b")" else b""
        yield _encoded(constant) if constant else ANYTHING


def _constant(data: bytes, name: bytes, known: dict[bytes, bytes]) -> bytes:
    if name not in known and len(known) < MAX_CONSTANTS:
        bound = re.search(
            rb"\bconst\s+" + re.escape(name) + rb"""\s*(?::\s*string\s*)?=\s*["']([^"'\\\n]{1,300})["']""", data
        )
        known[name] = bound[1] if bound is not None else b""
    return known.get(name, b"")


def _below(head: bytes, tail: bytes) -> str | None:
    """What a name means that is known up to, and from, the part that is made up."""
    if tail.decode("utf-8", "replace").endswith(_ASSETS) or head.startswith((b"http:", b"https:", b"data:")):
        return None
    if not head or head.startswith((b"/", b"file:")):
        return ANYTHING
    folder, slash, _ = head.rpartition(b"/")
    if not slash:
        return None
    ending = _SUFFIX.sub("", tail.decode("utf-8", "replace"))
    # `./${name}/check`: of what lies there, what ends like this.
    known = f"{ENDING}{ending}." if ending and _PLAIN.fullmatch(ending) else ""
    return f"{encode(folder.decode('utf-8', 'replace'))}.{known}{EVERYTHING}"


def _globbed(data: bytes, at: int) -> Iterator[str | None]:
    """The folder of which a bundler loads the files that fit a pattern."""
    pattern = _GLOB.match(data, at)
    if pattern is not None:
        yield _below(pattern[1] if pattern[1].endswith(b"/") else pattern[1] + b"/", b"")
