"""From a configuration's table to typed values, each mistake with its line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, get_args

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level
from monitorlint.settings.selectors import normalise, spellings
from monitorlint.settings.suggest import did_you_mean
from monitorlint.settings.values import Backend, Thresholds, Timeouts, Wrapper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from monitorlint.model.rule import Rule
    from monitorlint.settings.document import Document, Key

AREAS = ("app", "test", "example", "benchmark")
REQUIRE = tuple(level.value for level in Level if level is not Level.NONE)
WRAPPER_KINDS = ("ai", "http", "db", "email", "file", "operation")
HELPER_KEYS = ("python", "typescript", "backend")
BACKENDS = get_args(Backend)

_HOLE = pattern(r"\{([^{}]*)\}")


class Reader(NamedTuple):
    """Reads one document's values. ``keys`` are the way from the monitorlint table to the value."""

    document: Document
    known: Sequence[Rule]
    root: Path

    def values(self) -> dict[str, Any]:
        """Every key of the document by its name in the file, checked; ``extend`` left out.

        :raises UsageError: at the first mistake.
        """
        table = self.document.table
        self._only(table, SETTING_KEYS, ())
        return {key: _READERS[key](self, table[key], (key,)) for key in table if key != "extend"}

    def wrong(self, keys: tuple[Key, ...], needs: str, got: object) -> Exception:
        """The error for a value of the wrong type or size."""
        name = ".".join(str(key) for key in keys if isinstance(key, str))
        return self.document.error(keys, f"{name} must be {needs}, not {_kind(got)}; correct the value")

    def text(self, value: Any, keys: tuple[Key, ...]) -> str:
        if not isinstance(value, str):
            raise self.wrong(keys, "a string", value)
        return value

    def texts(self, value: Any, keys: tuple[Key, ...]) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(keys, "a list of strings", value)
        return tuple(value)

    def selectors(self, value: Any, keys: tuple[Key, ...]) -> tuple[str, ...]:
        normal = []
        for item in self.texts(value, keys):
            selector = normalise(item, self.known)
            if selector is None:
                raise self.document.error(keys, unknown_rule(item, self.known), item)
            normal.append(selector)
        return tuple(normal)

    def one_of(self, value: Any, choices: Sequence[str], keys: tuple[Key, ...]) -> str:
        word = self.text(value, keys)
        if word not in choices:
            hint = did_you_mean(word, choices, otherwise=f"use one of {', '.join(choices)}")
            raise self.document.error(keys, f'unknown value "{word}"; {hint}', word)
        return word

    def table(self, value: Any, allowed: Sequence[str], keys: tuple[Key, ...]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.wrong(keys, "a table", value)
        self._only(value, allowed, keys)
        return value

    def positive(self, value: Any, keys: tuple[Key, ...], *, at_most: float = float("inf")) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= at_most:
            needs = "a positive number" if at_most == float("inf") else f"a number above 0 and at most {at_most:g}"
            raise self.wrong(keys, needs, value)
        return float(value)

    def _only(self, table: dict[str, Any], allowed: Sequence[str], keys: tuple[Key, ...]) -> None:
        for key in table:
            if key not in allowed:
                hint = did_you_mean(key, allowed, otherwise=f"the keys here are {', '.join(sorted(allowed))}")
                name = ".".join([*(str(part) for part in keys if isinstance(part, str)), key])
                raise self.document.error((*keys, key), f'unknown key "{name}"; {hint}')


def unknown_rule(word: str, known: Sequence[Rule]) -> str:
    """The message for a selector that fits no rule."""
    hint = did_you_mean(word.strip(), spellings(known), otherwise="`monitorlint rule` lists the codes and names")
    return f'unknown rule "{word.strip()}"; {hint}'


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "this list" if all(isinstance(item, str | int | float) for item in value) else "a list of such values"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float) else f'"{value}"'


def _areas(reader: Reader, value: Any, keys: tuple[Key, ...]) -> frozenset[str]:
    return frozenset(reader.one_of(item, AREAS, keys) for item in reader.texts(value, keys))


def _require(reader: Reader, value: Any, keys: tuple[Key, ...]) -> Level:
    return Level(reader.one_of(value, REQUIRE, keys))


def _per_file_ignores(reader: Reader, value: Any, keys: tuple[Key, ...]) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise reader.wrong(keys, "a table of glob = [codes]", value)
    return {glob: reader.selectors(codes, (*keys, glob)) for glob, codes in value.items()}


def _rule_packs(reader: Reader, value: Any, keys: tuple[Key, ...]) -> tuple[Path, ...]:
    packs = []
    for item in reader.texts(value, keys):
        pack = reader.document.path.parent / item
        if not pack.exists():
            message = f'no such rule pack "{item}"; paths are relative to this file'
            raise reader.document.error(keys, message, item)
        packs.append(pack)
    return tuple(packs)


def _helpers(reader: Reader, value: Any, keys: tuple[Key, ...]) -> dict[str, str]:
    table = reader.table(value, HELPER_KEYS, keys)
    folder = reader.document.path.parent
    helpers = {}
    for language, item in table.items():
        if language == "backend":
            helpers[language] = reader.one_of(item, BACKENDS, (*keys, language))
            continue
        path = folder / reader.text(item, (*keys, language))
        helpers[language] = os.path.relpath(path, reader.root).replace(os.sep, "/")
    return helpers


def _wrappers(reader: Reader, value: Any, keys: tuple[Key, ...]) -> tuple[Wrapper, ...]:
    if not isinstance(value, list):
        raise reader.wrong(keys, "a list of tables ([[wrappers]])", value)
    return tuple(_wrapper(reader, item, (*keys, number)) for number, item in enumerate(value))


def _wrapper(reader: Reader, value: Any, keys: tuple[Key, ...]) -> Wrapper:
    table = reader.table(value, Wrapper._fields, keys)
    if "kind" not in table:
        raise reader.document.error(keys, f"a wrapper needs a kind; use one of {', '.join(WRAPPER_KINDS)}")
    if not (table.get("python") or table.get("typescript")):
        raise reader.document.error(keys, "a wrapper needs a name; give python or typescript, or both")
    url = reader.text(table.get("url", ""), (*keys, "url"))
    args = reader.texts(table.get("args", []), (*keys, "args"))
    holes = _HOLE.findall(url)
    for argument in args:
        for hole in _HOLE.findall(argument):
            if hole not in holes:
                message = f'args name "{{{hole}}}", which url does not have; use a {{name}} of the url'
                raise reader.document.error((*keys, "args"), message, argument)
    return Wrapper(
        kind=reader.one_of(table["kind"], WRAPPER_KINDS, (*keys, "kind")),
        url=url,
        python=reader.text(table.get("python", ""), (*keys, "python")),
        typescript=reader.text(table.get("typescript", ""), (*keys, "typescript")),
        args=args,
    )


def _thresholds(reader: Reader, value: Any, keys: tuple[Key, ...]) -> dict[str, Any]:
    table = reader.table(value, Thresholds._fields, keys)
    return {name: _THRESHOLDS[name](reader, item, (*keys, name)) for name, item in table.items()}


def _seconds(reader: Reader, value: Any, keys: tuple[Key, ...]) -> float:
    return reader.positive(value, keys)


def _warn_and_alert(reader: Reader, value: Any, keys: tuple[Key, ...]) -> tuple[float, float]:
    """Two seconds values: slow, and too slow."""
    pair = value if isinstance(value, list) else [None]
    if len(pair) != 2:
        raise reader.wrong(keys, "two numbers of seconds, such as [5, 10]", value)
    slow, too_slow = (reader.positive(item, keys) for item in pair)
    if slow > too_slow:
        raise reader.wrong(keys, "two rising numbers of seconds, such as [5, 10]", value)
    return slow, too_slow


def _turns(reader: Reader, value: Any, keys: tuple[Key, ...]) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise reader.wrong(keys, "a positive whole number", value)
    return value


def _share(reader: Reader, value: Any, keys: tuple[Key, ...]) -> float:
    return reader.positive(value, keys, at_most=1)


def _timeouts(reader: Reader, value: Any, keys: tuple[Key, ...]) -> dict[str, float]:
    table = reader.table(value, Timeouts._fields, keys)
    return {name: reader.positive(item, (*keys, name)) for name, item in table.items()}


_THRESHOLDS: dict[str, Callable[[Reader, Any, tuple[Key, ...]], object]] = {
    "ai": _seconds,
    "fetch": _warn_and_alert,
    "operation": _warn_and_alert,
    "loop": _turns,
    "memory": _share,
}

_READERS: dict[str, Callable[[Reader, Any, tuple[Key, ...]], object]] = {
    "select": Reader.selectors,
    "extend-select": Reader.selectors,
    "ignore": Reader.selectors,
    "per-file-ignores": _per_file_ignores,
    "exclude": Reader.texts,
    "areas": _areas,
    "require": _require,
    "rule-packs": _rule_packs,
    "context": Reader.texts,
    "helpers": _helpers,
    "wrappers": _wrappers,
    "thresholds": _thresholds,
    "timeouts": _timeouts,
}

SETTING_KEYS = (*_READERS, "extend")
"""Every key of a configuration."""
