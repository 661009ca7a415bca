"""Configuration files as read: the table that is ours, and where in the text each key stands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.settings.values import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

Key = str | int
"""One step into a document: a table's key or a list's index."""

CONFIGURATION_NAMES = ("monitorlint.toml", "pyproject.toml", "package.json")
"""In the order in which a folder's files are asked."""

_HEADER = pattern(r"\s*\[(\[?)\s*([^\]]+?)\s*\]")
_ASSIGNMENT = pattern(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY_PART = pattern(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_TOML_PLACE = pattern(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


class Document(NamedTuple):
    """One configuration file that has a monitorlint table."""

    path: Path
    text: str
    table: dict[str, Any]
    prefix: tuple[str, ...]
    """Where in the file the table stands: ``("tool", "monitorlint")`` in ``pyproject.toml``."""

    def error(self, keys: tuple[Key, ...], message: str, value: str | None = None) -> UsageError:
        """The user's mistake at ``keys`` (below the monitorlint table), at ``value`` in it where it is given."""
        line = _line_of(self.text, (*self.prefix, *keys), value, is_json=self.path.suffix == ".json")
        return UsageError(f"{shown(self.path)}:{line}: {message}")


def shown(path: Path) -> str:
    """The path as messages name it: relative to the working directory where it lies below, with ``/``."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


def read_document(path: Path) -> Document | None:
    """Read ``path`` as a monitorlint configuration; None when the file has no table of ours.

    A ``monitorlint.toml`` (or a file of any other name) is a configuration as a whole.

    :raises UsageError: the file cannot be read, or is not TOML or JSON.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{shown(path)}: cannot be read ({reason}); check the path and its permissions") from None
    if path.name in CONFIGURATION_NAMES[1:] and b"monitorlint" not in data:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{shown(path)}:{line}: not valid UTF-8; save the file as UTF-8") from None
    whole = _parse_json(path, text) if path.suffix == ".json" else _parse_toml(path, text)
    return _own_table(path, text, whole)


def _own_table(path: Path, text: str, whole: dict[str, Any]) -> Document | None:
    prefix = {"pyproject.toml": ("tool", "monitorlint"), "package.json": ("monitorlint",)}.get(path.name, ())
    table: Any = whole
    for key in prefix:
        if not isinstance(table, dict) or key not in table:
            return None
        table = table[key]
    document = Document(path, text, table, prefix)
    if not isinstance(table, dict):
        raise document.error((), f"{'.'.join(prefix)} must be a table; write its settings as key and value")
    return document


def _parse_toml(path: Path, text: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - 5 ms, and many projects have no configuration

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _TOML_PLACE.search(message)
        line = int(place[1]) if place and place[1] else max(text.count("\n") + (not text.endswith("\n")), 1)
        what = _TOML_PLACE.sub("", message)
        raise UsageError(f"{shown(path)}:{line}: not valid TOML ({what}); correct the syntax") from None
    except RecursionError:
        raise UsageError(f"{shown(path)}:1: not valid TOML (nested too deeply); correct the syntax") from None


def _parse_json(path: Path, text: str) -> dict[str, Any]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{shown(path)}:{error.lineno}: not valid JSON ({error.msg}); correct the syntax") from None
    except RecursionError:
        raise UsageError(f"{shown(path)}:1: not valid JSON (nested too deeply); correct the syntax") from None
    return whole if isinstance(whole, dict) else {}


def _line_of(text: str, keys: tuple[Key, ...], value: str | None, *, is_json: bool) -> int:
    """The 1-based line where ``keys`` (as much of it as can be found) stands.

    Neither parser says where a key was; errors are rare and files short, so the text is searched again.
    """
    offset = _json_offset(text, keys) if is_json else _toml_offset(text, keys)
    if value is not None:
        quoted = re.compile(f"[\"']{re.escape(value)}[\"']")
        hit = quoted.search(text, offset)
        offset = hit.start() if hit else offset
    return text.count("\n", 0, offset) + 1


def _json_offset(text: str, keys: tuple[Key, ...]) -> int:
    offset = 0
    for key in keys:
        if isinstance(key, int):
            for _ in range(key):
                following = text.find("{", text.find("}", offset))
                offset = following if following >= 0 else offset
            continue
        hit = re.compile(rf"{re.escape(json.dumps(key))}\s*:").search(text, offset)
        if hit is None:
            break
        offset = hit.start()
    return offset


def _toml_offset(text: str, keys: tuple[Key, ...]) -> int:
    best, depth = 0, 0
    for path, offset in _toml_places(text):
        shared = len(path) if path == keys[: len(path)] else 0
        if shared > depth:
            best, depth = offset, shared
    return best


def _toml_places(text: str) -> Iterator[tuple[tuple[Key, ...], int]]:
    table: tuple[Key, ...] = ()
    seen: dict[tuple[Key, ...], int] = {}
    offset = 0
    for line in text.splitlines(keepends=True):
        if header := _HEADER.match(line):
            table = _key_path(header[2])
            if header[1]:
                number = seen.get(table, -1) + 1
                seen[table] = number
                table = (*table, number)
            yield table, offset + header.start(2)
        elif assignment := _ASSIGNMENT.match(line):
            yield (*table, *_key_path(assignment[1])), offset + assignment.start(1)
        offset += len(line)


def _key_path(text: str) -> tuple[Key, ...]:
    return tuple(part.strip("\"'") for part in _KEY_PART.findall(text))
