"""``.env`` files, as npm's dotenv and as python-dotenv read them, with the place of every name and value.

The two agree on what people write. They differ in where a bare value ends (``a#b`` is ``a`` to npm, and whole to
Python) and in what a backslash does; a project is read the way its own language does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

Dialect = Literal["npm", "python"]

_LINE_END = pattern(r"\r\n|\r|\n")
_EXPORT = pattern(r"export\s+(?=[\w.-])")
_NPM_NAME = pattern(r"[\w.-]+", re.ASCII)
_NPM_EQUALS = pattern(r"\s*=|:(?=\s)")
_PYTHON_NAME = pattern(r"'([^']+)'|([^'=#\s][^=#\s]*)")
_PYTHON_EXPORT = pattern(r"export[^\S\r\n]+")
_PYTHON_QUOTED = {
    "'": pattern(r"'((?:\\.|[^'\\])*)'[^\S\r\n]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)", re.DOTALL),
    '"': pattern(r'"((?:\\.|[^"\\])*)"', re.DOTALL),
}
_BEHIND = pattern(r"[^\S\r\n]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_ESCAPES = {
    "'": pattern(r"\\([\\'])"),
    '"': pattern(r"\\([\\'\"abfnrtv])"),
}
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Entry(NamedTuple):
    """One variable. Offsets count characters of the text."""

    name: str
    value: Secret
    """Without quotes; variables in it are not put in."""
    name_start: int
    name_end: int
    value_start: int
    value_end: int
    """From quote to quote, where there are any; equal to ``value_start`` for an empty value."""
    quote: str
    """``'``, ``"``, a back quote, or ``""``."""

    @property
    def is_template(self) -> bool:
        """Whether other variables are put into the value."""
        return self.quote != "'" and "$" in self.value.reveal()


def parse(text: str, dialect: Dialect = "npm") -> list[Entry]:
    """The variables in order; of one that stands twice the last one counts."""
    return list(_npm(text) if dialect == "npm" else _python(text))


def masked(text: str) -> str:
    """The text with all but names, signs and line ends made unreadable; every character keeps its place and width.

    Comments are masked too: a key that was commented out is still a key.
    """
    plain: set[int] = set()
    npm = {(e.name_start, e.name_end) for e in parse(text, "npm")}
    for entry in parse(text, "python"):
        # Only what both take for a name: to one of them it may be a line of a value.
        if (entry.name_start, entry.name_end) in npm:
            plain.update(range(entry.name_start, entry.name_end))
            plain.update(at for at in range(entry.name_end, entry.value_start) if text[at] == "=")
    return "".join(c if at in plain or c.isspace() or c in "#'\"`" else _mask(c) for at, c in enumerate(text))


def _mask(char: str) -> str:
    """A character that says nothing, of as many bytes."""
    return "*\u00b7\u2022\U0001d7ce"[len(char.encode("utf-8", "surrogatepass")) - 1]


def _next_line(text: str, at: int) -> int:
    found = _LINE_END.search(text, at)
    return found.end() if found else len(text)


def _line_end(text: str, at: int) -> int:
    found = _LINE_END.search(text, at)
    return found.start() if found else len(text)


def _blank_end(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace() and text[at] not in "\r\n":
        at += 1
    return at


def _npm(text: str) -> Iterator[Entry]:
    at = 1 if text.startswith("\ufeff") else 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        exported = _EXPORT.match(text, at)
        entry, after = _npm_entry(text, exported.end() if exported else at)
        if entry is None and exported:
            entry, after = _npm_entry(text, at)
        if entry is not None:
            yield entry
        at = after


def _npm_entry(text: str, at: int) -> tuple[Entry | None, int]:
    """The variable at a place, and where to go on."""
    name = _NPM_NAME.match(text, at)
    equals = _NPM_EQUALS.match(text, name.end()) if name else None
    if name is None or equals is None:
        return None, _next_line(text, at)
    value, start, end, quote, after = _npm_quoted(text, equals.end()) or _npm_bare(text, equals.end())
    if quote == '"':
        value = value.replace("\\n", "\n").replace("\\r", "\r")
    return Entry(name.group(), Secret(value), name.start(), name.end(), start, end, quote), after


def _npm_quoted(text: str, at: int) -> tuple[str, int, int, str, int] | None:
    """Value, start, end, quote and where to go on. The value may begin on a later line, as npm's dotenv has it."""
    start = at
    while start < len(text) and text[start].isspace():
        start += 1
    quote = text[start : start + 1]
    if not quote or quote not in "'\"`":
        return None
    found = -1
    close = text.find(quote, start + 1)
    while close >= 0:
        behind = _blank_end(text, close + 1)
        if behind == len(text) or text[behind] in "\r\n#":
            found = close
        if text[close - 1] != "\\":
            break
        close = text.find(quote, close + 1)
    if found < 0:
        return None
    value = text[start + 1 : found].replace("\r\n", "\n").replace("\r", "\n")
    return value, start, found + 1, quote, _next_line(text, found)


def _npm_bare(text: str, at: int) -> tuple[str, int, int, str, int]:
    stop = _line_end(text, at)
    line = text[at:stop]
    cut = line.find("#")
    line = line if cut < 0 else line[:cut]
    value = line.strip()
    start = at + len(line) - len(line.lstrip()) if value else at
    end = start + len(value)
    quote = value[:1] if value[:1] in {"'", '"', "`"} else ""
    if quote and len(value) > 1 and value[-1] == quote:
        value = value[1:-1]
    return value, start, end, quote, _next_line(text, at)


def _python(text: str) -> Iterator[Entry]:
    at = 1 if text.startswith("\ufeff") else 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        exported = _PYTHON_EXPORT.match(text, at)
        name = None if text[at] == "#" else _PYTHON_NAME.match(text, exported.end() if exported else at)
        if name is None:
            at = _next_line(text, at)
            continue
        group = 1 if name.group(1) is not None else 2
        equals = _blank_end(text, name.end())
        if not text.startswith("=", equals):
            at = _next_line(text, equals)
            continue
        start = _blank_end(text, equals + 1)
        found = ("", start, "") if start > equals + 1 and text.startswith("#", start) else _python_value(text, start)
        if found is None:
            at = _next_line(text, start)
            continue
        value, end, quote = found
        if _BEHIND.match(text, end):
            yield Entry(name.group(group), Secret(value), name.start(group), name.end(group), start, end, quote)
        at = _next_line(text, end)


def _python_value(text: str, start: int) -> tuple[str, int, str] | None:
    """Value, end and quote; None when a quote is not closed."""
    quote = text[start : start + 1]
    if quote in _PYTHON_QUOTED:
        found = _PYTHON_QUOTED[quote].match(text, start)
        if found is None:
            return None
        return _ESCAPES[quote].sub(_unescaped, found.group(1)), found.end(), quote
    line = text[start : _line_end(text, start)]
    value = line[: _comment_in(line)].rstrip()
    return value, start + len(value), ""


def _unescaped(escape: re.Match[str]) -> str:
    return _ESCAPED.get(escape.group(1), escape.group(1))


def _comment_in(line: str) -> int:
    """Where the first ``#`` with white space before it stands; the length of the line without one."""
    at = line.find("#")
    while at >= 0 and not line[at - 1 : at].isspace():
        at = line.find("#", at + 1)
    return at if at >= 0 else len(line)
