"""JSON with comments and trailing commas, read with the place of every key and value.

For ``package.json``, ``tsconfig.json`` and their like. Lock files are megabytes of plain JSON: read those with
``json``, which is many times faster and knows no places.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, loads
from typing import TYPE_CHECKING, Any, TypeAlias

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 100
"""Deeper nesting is refused: no file that people write comes near it."""

_SPACE = pattern(r"[\s\ufeff]+|//[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = pattern(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD = pattern(r"-?[\w.+-]+")
_CONSTANTS = {"true": True, "false": False, "null": None}

Scalar: TypeAlias = "str | int | float | bool | None"


class Node(NamedTuple):
    """One value. ``start`` and ``end`` count characters of the text, not bytes."""

    value: Scalar | list[Node] | dict[str, Member]
    start: int
    end: int

    def get(self, *keys: str) -> Node | None:
        """The value under a path of keys; None where an object or a key is missing."""
        node: Node | None = self
        for key in keys:
            if node is None or not isinstance(node.value, dict):
                return None
            member = node.value.get(key)
            node = member.node if member is not None else None
        return node

    def members(self, *keys: str) -> Iterator[Member]:
        """The members of the object under a path of keys; none where it is no object."""
        node = self.get(*keys)
        if node is not None and isinstance(node.value, dict):
            yield from node.value.values()

    def text(self, *keys: str) -> str:
        """The string under a path of keys; ``""`` where it is none."""
        node = self.get(*keys)
        return node.value if node is not None and isinstance(node.value, str) else ""


class Member(NamedTuple):
    """A key and its value. ``start`` and ``end`` are those of the key, its quotes included."""

    key: str
    start: int
    end: int
    node: Node


class JsoncError(Exception):
    """The text is not JSON with comments; ``offset`` says where, in characters."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def parse(text: str) -> Node:
    """The whole text as one value. Of a key that stands twice, the last one counts.

    :raises JsoncError: it is none.
    """
    reader = _Reader(text)
    node = reader.value(0)
    if reader.at < len(text):
        raise JsoncError("more text behind the end", reader.at)
    return node


def plain(node: Node) -> Any:
    """The value without places, as ``json.loads`` would give it."""
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain(member.node) for key, member in node.value.items()}
    return node.value


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0
        self._skip()

    def _skip(self) -> None:
        while found := _SPACE.match(self._text, self.at):
            self.at = found.end()

    def _takes(self, sign: str) -> bool:
        if not self._text.startswith(sign, self.at):
            return False
        self.at += 1
        self._skip()
        return True

    def value(self, depth: int) -> Node:
        """The value that starts here, and the space behind it."""
        start = self.at
        if depth > MAX_DEPTH:
            raise JsoncError("nested too deep", start)
        sign = self._text[start : start + 1]
        if sign == "{":
            return self._object(start, depth)
        if sign == "[":
            return self._array(start, depth)
        if sign == '"':
            text, end = self._string()
            return Node(text, start, end)
        word = _WORD.match(self._text, start)
        if word is None:
            raise JsoncError("a value is missing", start)
        self.at = word.end()
        self._skip()
        return Node(_scalar(word.group(), start), start, word.end())

    def _string(self) -> tuple[str, int]:
        found = _STRING.match(self._text, self.at)
        if found is None:
            raise JsoncError("a string is missing or does not end", self.at)
        try:
            text: str = loads(found.group())
        except JSONDecodeError as error:
            raise JsoncError("a string holds an escape that JSON does not know", self.at) from error
        self.at = found.end()
        self._skip()
        return text, found.end()

    def _object(self, start: int, depth: int) -> Node:
        members: dict[str, Member] = {}
        self.at += 1
        self._skip()
        while not self._text.startswith("}", self.at):
            key_start = self.at
            key, key_end = self._string()
            if not self._takes(":"):
                raise JsoncError("a colon is missing", self.at)
            members[key] = Member(key, key_start, key_end, self.value(depth + 1))
            if not self._takes(",") and not self._text.startswith("}", self.at):
                raise JsoncError("a comma is missing", self.at)
        return self._closed(members, start)

    def _array(self, start: int, depth: int) -> Node:
        items: list[Node] = []
        self.at += 1
        self._skip()
        while not self._text.startswith("]", self.at):
            items.append(self.value(depth + 1))
            if not self._takes(",") and not self._text.startswith("]", self.at):
                raise JsoncError("a comma is missing", self.at)
        return self._closed(items, start)

    def _closed(self, value: list[Node] | dict[str, Member], start: int) -> Node:
        self.at += 1
        end = self.at
        self._skip()
        return Node(value, start, end)


def _scalar(word: str, offset: int) -> Scalar:
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    try:
        number: int | float = loads(word)
    except (JSONDecodeError, ValueError) as error:
        raise JsoncError("a value is no number, string or constant", offset) from error
    return number
