"""Programs that are started through a command: ``ddtrace-run python -m shop.web`` instruments that program alone.

The command stands in a line of a shell, in a list of quoted words, or as an item of a YAML list, with a template's
lines between. No file is parsed: what is read is the words that follow the command, up to the end of the line or list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.model.launch import Launch
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WORDS: Final = 1500
"""Characters in which the words of one command are looked for."""
MAX_PATH: Final = 300
"""Characters of the folder that a command is named with."""
MAX_LINES: Final = 15
"""Lines after a command in which its arguments may stand by themselves (``CMD``, ``args:``)."""

_BREAKS = pattern(r"""[\s"',\[\](){}]+""")
_SEPARATOR = pattern(r"\s(?:&&|\|\|?|&|#)(?=\s|$)|;")
_ITEM = pattern(r"(\s*)-\s+((?:.*\S)?)\s*$")
_SKIPPED = pattern(r"\s*(?:#.*|\{\{.*\}\}\s*|\{%.*%\}\s*)?$")
_KEY = pattern(r"^\s*(?:-\s+)?(ENTRYPOINT|CMD|entrypoint|command|args)\b")
_ARGUMENTS = pattern(r"\s*(CMD|args|command)\b\s*:?\s*(.*)$")
# What a container adds to the command that it is started with.
_FOLLOWING = {"ENTRYPOINT": "CMD", "entrypoint": "command", "command": "args"}
_COMMENTS = ("#", "//")
_DEVELOPING = pattern(r'\s*"(?:\w+[:-])?(?:dev|develop|watch|debug|test|e2e)(?:[:-][\w:-]*)?"\s*:')
_PATH = pattern(r"[\w.$@{}/-]*/$")


def launches(path: str, text: str, command: str) -> Iterator[Launch]:
    """The places in a file's text that start something through ``command``."""
    for found in re.finditer(rf"(?<![\w.-]){re.escape(command)}(?=[\s\"',\]\\]|$)", text):
        first = text.rfind("\n", 0, found.start()) + 1
        if not text[first : found.start()].lstrip().startswith(_COMMENTS):
            words = tuple(_words(text, first, found.start(), found.end()))
            develops = path.endswith("package.json") and _DEVELOPING.match(text, first) is not None
            yield Launch(path, text.count("\n", 0, first), words, develops)


def _words(text: str, first: int, start: int, end: int) -> list[str]:
    """The words that follow the command at ``start`` in the line that begins at ``first``."""
    before = _PATH.sub("", text[max(first, start - MAX_PATH) : start])
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
    words = _BREAKS.split(text[: cut.start()] if cut is not None else text)
    # `"node -r agent index.js"` in a script of JSON ends with a quote that is written `\"`.
    return [word for word in (w.rstrip("\\") for w in words) if word]


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


def commands(text: str) -> list[tuple[str, ...]]:
    """The words of every command in a text: of each line, between ``&&`` and the like."""
    lines = (line for line in text.replace("\\\n", " ").splitlines() if not line.lstrip().startswith(_COMMENTS))
    return [words for line in lines for part in _SEPARATOR.split(line) if (words := tuple(_split(part)))]


def script_lines(text: str) -> list[tuple[str, ...]]:
    """The words of the lines of a shell script."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith(_COMMENTS))
    return [words for line in lines if (words := tuple(_split(line)))]
