"""Errors that a handler keeps for a while: what follows the ``try``, or the loop around it, raises in the end.

``for _ in range(3): try: return load() except Exception as error: last = error`` and then ``raise last``: when every
attempt has failed, whoever called the function hears of it, as where nothing is caught.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView

_BOUND: Final = pattern(rb"\bas\s+(\w+)\s*\)?\s*:|\bcatch\s*\(\s*([\w$]+)\s*[:)]")
_HANDLING: Final = pattern(rb"\b(?:except|catch)\b")
_RAISING: Final = pattern(rb"\b(?:raise|throw)\b")
_LEAVING: Final = pattern(rb"(?:return|raise|continue|break)\b")
_OF_TRY: Final = pattern(rb"(?:except|finally)\b")
_ELSE: Final = pattern(rb"else\s*:")
_RETURNING: Final = pattern(rb"(?:^|[;{:])[ \t]*(?:return|yield)\b", re.MULTILINE)
_PASSED: Final = frozenset({"loop", "with", "if", "else", "case"})
"""Blocks at whose ends what stands behind them goes on."""
_MAX_HEAD: Final = 300
"""Bytes in front of a handler's body that its head may take."""


class Later(NamedTuple):
    """A statement that raises what was caught before, or another error in place of it."""

    start: int
    end: int
    is_same: bool
    """It raises what was caught itself."""


class RaisedLater:
    """Finds them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._memo: dict[tuple[str, int], Later | None] = {}

    def of(self, view: FileView, handler: int) -> Later | None:
        """What raises in the end what a handler caught that raises nothing itself; None where nothing surely does."""
        key = (view.path, handler)
        if key not in self._memo:
            self._memo[key] = self._find(view, handler)
        return self._memo[key]

    def _find(self, view: FileView, handler: int) -> Later | None:
        block = view.facts.blocks[handler]
        text = self._project.store.text(view.path)
        end = view.facts.scopes[block.scope].end if block.scope else block.end
        body = text[block.start : block.end]
        if _RAISING.search(text, block.end, end) is None or _RETURNING.search(body) is not None:
            return None
        if names := b"|".join(map(re.escape, _kept(text, block.start, body))):
            again = re.search(
                rb"\b(?:raise|throw)\b([^\n;]*?[^\w.$])(?:%b)\b(?![.(\[])[^\n;]*" % names, text[block.end : end]
            )
            if again is not None:
                is_same = not again[1].strip()
                return Later(block.end + again.start(), block.end + again.end(), is_same)
        return _behind(view, handler, text, end) if view.path.endswith(".py") else None


def _kept(text: bytes, start: int, body: bytes) -> list[bytes]:
    """The names under which a handler keeps what it caught: those that it sets to what its head calls that."""
    first = max(0, start - _MAX_HEAD)
    words = [word.start() for word in _HANDLING.finditer(text, first, start)]
    bound = _BOUND.search(text, words[-1], start + 1) if words else None
    if bound is None:
        return []
    name = re.escape(bound[1] or bound[2])
    return re.findall(rb"(?:^|[;{])\s*([\w$]+)(?:\s*:[^=\n]+)?\s*=\s*(?:%b)\b(?!\s*[.(\[])" % name, body, re.MULTILINE)


def _behind(view: FileView, handler: int, text: bytes, end: int) -> Later | None:
    """The ``raise`` to which a handler leads that leaves its ``try``, and the blocks around that, at their ends.

    One that goes on to the next turn at once comes there as well, when there are no more.
    """
    blocks = view.facts.blocks
    at = handler
    while True:
        found = _first(text, blocks[at].end, end, _column(text, blocks[at].start), is_loop=blocks[at].kind == "loop")
        word = found[0] if found is not None else b""
        if found is not None and word == b"raise":
            return Later(found[1], found[2], is_same=False)
        if word == b"return":
            return None
        at = blocks[at].parent
        while word and at >= 0 and blocks[at].kind in _PASSED - {"loop"}:
            at = blocks[at].parent
        if at < 0 or blocks[at].kind not in _PASSED:
            return None


def _column(text: bytes, start: int) -> int:
    """The column of the head of a block whose body begins at ``start``."""
    colon = text.rfind(b":", 0, start)
    first = text.rfind(b"\n", 0, max(colon, 0)) + 1
    return len(text[first:start]) - len(text[first:start].lstrip(b" \t"))


def _first(text: bytes, behind: int, end: int, column: int, *, is_loop: bool) -> tuple[bytes, int, int] | None:
    """The first statement at a column, behind a block, that leaves what it stands in: its word, start and end.

    Where something else may give something back before, that counts. A branch of a loop that was never left counts
    where it raises at once.
    """
    at = text.find(b"\n", behind)
    is_else = is_of_try = False
    while 0 <= at < end:
        start = at + 1
        at = text.find(b"\n", start)
        at = at if at >= 0 else len(text)
        words = text[start:at].lstrip(b" \t")
        indent = at - start - len(words)
        if not words.strip() or words.startswith(b"#"):
            continue
        if indent < column:
            return None
        if indent > column:
            if is_else and words.startswith(b"raise"):
                return b"raise", start, at
            if not is_of_try and _RETURNING.match(words) is not None:
                return b"return", start, at
            continue
        is_else = is_loop and _ELSE.match(words) is not None
        is_of_try = _OF_TRY.match(words) is not None
        word = _LEAVING.match(words)
        if word is not None:
            return word.group(), start, _end(text, at, end, column)
    return None


def _end(text: bytes, at: int, end: int, column: int) -> int:
    """Where a statement ends of which the first line ends at ``at``."""
    while at < end:
        stop = text.find(b"\n", at + 1)
        stop = stop if stop >= 0 else len(text)
        words = text[at + 1 : stop].lstrip(b" \t")
        if not words or (stop - at - 1 - len(words) <= column and not words.startswith((b")", b"]", b"}"))):
            break
        at = stop
    return min(at, end)
