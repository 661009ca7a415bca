"""The schema of a rules file, version 1 (``docs/catalogue.md``), and the check of one file against it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from monitorlint.catalog.locate import RulesFile
from monitorlint.catalog.rows import SITE_KINDS
from monitorlint.catalog.store import LANGUAGES
from monitorlint.model.patterns import pattern
from monitorlint.settings.values import UsageError

VERSION: Final = 1
KINDS: Final = (*SITE_KINDS, "monitor", "lookalike", "guard")
SHAPES: Final = ("value", "context", "iterator", "await-iterator", "job", "socket", "sync", "lazy")
LEVELS: Final = ("none", "errors", "traced", "alerted")

_PATH = pattern(r"(?:\*\*\.)*[\w*@/:$-]+(?:\(\))*(?:\.(?:\*\*|[\w*$#-]+(?:\(\))*(?:\[\])?))*")
_RELATIVE = pattern(rf"\(\)|{_PATH.pattern}")
# The parts stand behind a comma (PEP 440) or a space (npm).
_RANGE = pattern(
    r"\s*+(?:(?:[<>]=?|[=!~]=|\^|~)\s*+)?\d[\w.*+-]*+(?:(?:\s*,\s*+|\s++)(?:[<>]=?|[=!~]=)\s*+\d[\w.*+-]*+)*+\s*+"
)

Table = Mapping[str, Any]
Problem = tuple[str, str]
"""What is wrong, and the text that leads to its line."""
Check = Callable[[object], "Problem | None"]


def check_file(path: Path, text: str) -> dict[str, Any]:
    """Parse and validate one rules file.

    Raises:
        UsageError: on the first mistake, as ``file:line: what; what to do``.
    """
    file = RulesFile(path, text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        row = re.search(r"line (\d+)", str(error))
        # Without a position, the text ended too early.
        line = int(row.group(1)) if row else len(text.splitlines())
        raise UsageError(f"{path}:{line}: not valid TOML: {error}; mend the file") from None
    if data.get("schema") != VERSION:
        message = f"schema is {data.get('schema')!r}; write schema = {VERSION} at the top"
        raise file.error(message, line=file.key_line("schema"))
    if data.get("kind") not in KINDS:
        message = f"unknown kind {data.get('kind')!r}; use one of {', '.join(KINDS)}"
        raise file.error(message, line=file.key_line("kind"))
    _check_table(file, data, _FILE, 1)
    if not any(data.get(language) for language in LANGUAGES):
        raise file.error("the file describes nothing; add a [[python]] table")
    for language in LANGUAGES:
        for number, table in enumerate(data.get(language, ())):
            line = file.table_line(language, number)
            _check_table(file, table, _TABLES[data["kind"]], line)
            for order, example in enumerate(table.get("example", ())):
                _check_table(file, example, _EXAMPLE, file.table_line(f"{language}.example", order, line))
            for order, cover in enumerate(table.get("covers", ())):
                _check_table(file, cover, _COVER, file.table_line(f"{language}.covers", order, line))
            _check_groups(file, table, line)
            if "roots" not in table and "globals" not in table:
                raise file.error("key 'roots' is missing; add it", line=line)
    return data


def _check_table(file: RulesFile, table: Table, spec: Mapping[str, tuple[Check, bool]], line: int) -> None:
    for key in table:
        if key not in spec:
            raise file.error(f"unknown key {key!r}; {_did_you_mean(key, spec)}", line=file.key_line(key, line))
    for key, (check, required) in spec.items():
        if key not in table:
            if required:
                raise file.error(f"key {key!r} is missing; add it", line=line)
            continue
        problem = check(table[key])
        if problem:
            message, clue = problem
            raise file.error(f"{key}: {message}", clue, line=file.key_line(key, line))


def _check_groups(file: RulesFile, table: Table, line: int) -> None:
    taken = {row["covers"] for row in table.get("captures", ()) if isinstance(row, dict) and "covers" in row}
    known = {cover["group"] for cover in table.get("covers", ())} | taken | {"*"}
    for key in ("auto", "wrappers", "clients", "options"):
        for row in table.get(key, ()):
            group = row.get("covers") if isinstance(row, dict) else None
            if group is not None and group not in known and "/" not in group:
                choice = ", ".join(sorted(known))
                message = f"{key}: no covers row has the group {group!r}; add one, or name one of {choice}"
                raise file.error(message, f'"{group}"', line=line)
    switched = {row["covers"] for row in table.get("auto", ())}
    for group in sorted(taken - switched):
        message = f"captures: no auto row has the group {group!r}; add one that switches it on"
        raise file.error(message, f'"{group}"', line=line)


def _did_you_mean(key: str, spec: Mapping[str, Any]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for the message

    close = get_close_matches(key, spec, 1)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(spec)}"


def _show(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text(value: object) -> Problem | None:
    return (
        None
        if isinstance(value, str) and value
        else ("must be a text that is not empty; put it in quotes", _show(value))
    )


def _flag(value: object) -> Problem | None:
    return None if isinstance(value, bool) else ("must be a truth value; write true or false", _show(value))


def _index(value: object) -> Problem | None:
    return (
        None
        if type(value) is int and value >= 0
        else ("must be a position; write a number, counted from 0", _show(value))
    )


def _path(value: object) -> Problem | None:
    if isinstance(value, str) and _PATH.fullmatch(value):
        return None
    return f"{value!r} is no dotted path; write something like pkg.Class().method", _show(value)


def _relative(value: object) -> Problem | None:
    if not (isinstance(value, str) and _RELATIVE.fullmatch(value)):
        return f"{value!r} is no method of a client; write something like chat.completions.create, or ()", _show(value)
    if "*" in value.rpartition(".")[2]:
        return f"{value!r} ends in a glob; the last name of a call must be written out", value
    return None


def _function(value: object) -> Problem | None:
    return _path(value) or _relative(value)


def _versions(value: object) -> Problem | None:
    if isinstance(value, str) and _RANGE.fullmatch(value):
        return None
    return f"{value!r} is no range of versions; write something like >=1,<3", _show(value)


def _one_of(*allowed: str) -> Check:
    def check(value: object) -> Problem | None:
        return None if value in allowed else (f"{value!r} is not known; use one of {', '.join(allowed)}", _show(value))

    return check


def _list(check: Check) -> Check:
    def each(value: object) -> Problem | None:
        if not isinstance(value, list):
            return "must be a list; write [ … ]", ""
        return next((problem for item in value if (problem := check(item))), None)

    return each


def _one_or_list(check: Check) -> Check:
    return lambda value: _list(check)(value) if isinstance(value, list) else check(value)


def _row(short: Check | None = None, /, **keys: tuple[Check, bool]) -> Check:
    """Check a table of a list; ``short`` allows a bare text in its place."""
    spec = {key.rstrip("_"): rule for key, rule in keys.items()}

    def check(value: object) -> Problem | None:
        if short is not None and isinstance(value, str):
            return short(value)
        if not isinstance(value, dict):
            return "must be a table; write { … }" + (" or a text" if short else ""), _show(value)
        clue = next((v for v in value.values() if isinstance(v, str)), "")
        for key in value:
            if key not in spec:
                return f"unknown key {key!r}; {_did_you_mean(key, spec)}", clue
        for key, (rule, required) in spec.items():
            if key in value:
                problem = rule(value[key])
                if problem:
                    return f"{key}: {problem[0]}", problem[1] or clue
            elif required:
                return f"key {key!r} is missing; add it", clue
        return None

    return check


def _literal(value: object) -> Problem | None:
    return (
        None
        if isinstance(value, str | int | float | bool)
        else ("must be a literal; write a text, number, true or false", "")
    )


def _default(value: object) -> Problem | None:
    if value == "none" or (isinstance(value, int | float) and not isinstance(value, bool) and value > 0):
        return None
    return 'must be a limit; write seconds, or "none"', _show(value)


def _stream(value: object) -> Problem | None:
    if isinstance(value, str) and (not value or value.replace(".", "_").isidentifier()):
        return None
    return f'{value!r} is no keyword; write "", "always", or the name of one', _show(value)


def _must(check: Check) -> tuple[Check, bool]:
    return check, True


def _may(check: Check) -> tuple[Check, bool]:
    return check, False


_CONDITION: Final = _row(
    keyword=_may(_text),
    argument=_may(_index),
    is_=_may(_one_or_list(_literal)),
    paths=_may(_list(_path)),
    beside=_may(_list(_path)),
    on=_may(_one_of("client", "call", "maker")),
)
_CONDITIONS: Final = _one_or_list(_CONDITION)
_TIMEOUT: Final = _row(
    call=_may(_one_or_list(_text)),
    client=_may(_one_or_list(_text)),
    position=_may(_index),
    client_position=_may(_index),
    client_options=_may(_index),
    default=_may(_default),
    versions=_may(_versions),
    elsewhere=_may(_list(_path)),
    unit=_may(_one_of("s", "ms")),
    takes=_may(_one_of("number", "object")),
)
_ASYNC: Final[Check] = lambda value: None if value == "awaited" else _flag(value)  # noqa: E731
_PATHS: Final = _list(_path)
_CALL_KEYS: Final = {
    "async_": _may(_ASYNC),
    "stream": _may(_stream),
    "shape": _may(_one_of(*SHAPES)),
    "fails": _may(_one_of("event", "stream")),
    "timeout": _may(_TIMEOUT),
    "options_at": _may(_index),
    "through": _may(_PATHS),
    "confidence": _may(_one_of("high", "medium", "low")),
    "when": _may(_CONDITIONS),
    "unless": _may(_CONDITIONS),
}
_TEXTS: Final = _list(_text)
_CARRIER: Final = _row(_text, package=_may(_text), argument=_may(_index), methods=_may(_TEXTS))
_BELOW: Final = _list(_row(_text, package=_must(_text), methods=_must(_TEXTS)))
_RENAMES: Final = _list(_row(path=_must(_path), is_=_must(_path)))
_CLIENT: Final = _row(
    _path,
    path=_must(_path),
    is_=_may(_path),
    async_=_may(_ASYNC),
    module=_may(_flag),
    unless=_may(_CONDITIONS),
    timeout=_may(_TIMEOUT),
    carrier=_may(_CARRIER),
)


def _over(value: object) -> Problem | None:
    return _text(value) if isinstance(value, str) else _BELOW(value)


def _files(value: object) -> Problem | None:
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
        return None
    return "must map file names to texts; write { name = 'text' }", ""


_EXAMPLE: Final = {
    "code": _must(_text),
    "level": _may(_one_of(*LEVELS)),
    "status": _may(_one_of("unknown")),
    "files": _may(_files),
}
_COVER: Final = {
    "group": _must(_text),
    "package": _must(_one_or_list(_text)),
    "methods": _must(_list(_path)),
    "level": _may(_one_of(*LEVELS)),
    "versions": _may(_versions),
    "monitor_versions": _may(_versions),
    "traced_if": _may(_TEXTS),
    "unless_importable": _may(_TEXTS),
    "unless_monitor_versions": _may(_versions),
    "if_importable": _may(_TEXTS),
    "distribution": _may(_text),
    "member": _may(_path),
    "direct": _may(_flag),
    "opt_in": _may(_flag),
    "unless": _may(_CONDITIONS),
    "at_load": _may(_versions),
    "by_channel": _may(_flag),
    "off_by": _may(_PATHS),
    "called": _may(_TEXTS),
    "within": _may(_PATHS),
    "named": _may(_TEXTS),
}
_COMMON: Final = {
    "package": _must(_text),
    "versions": _may(_versions),
    "roots": _may(_list(_path)),
    "globals": _may(_list(_path)),
    "aliases": _may(_RENAMES),
    "returns": _may(_RENAMES),
    "example": _must(_list(lambda _value: None)),
}
_SITE: Final = {
    **_COMMON,
    "clients": _may(_list(_CLIENT)),
    "not_clients": _may(_PATHS),
    "derive": _may(_list(_row(_relative, path=_must(_relative), shape=_may(_one_of(*SHAPES))))),
    "timeout": _may(_TIMEOUT),
    "options_at": _may(_index),
    "through": _may(_PATHS),
    "calls": _may(_list(_row(_relative, path=_must(_relative), **_CALL_KEYS))),
    "functions": _may(_list(_row(_function, path=_must(_function), **_CALL_KEYS))),
    "not_calls": _may(_list(_path)),
    "carrier": _may(_CARRIER),
    "over": _may(_over),
    "errors": _may(_PATHS),
}
_FORM_KEYS: Final = {"path": _must(_path), "level": _may(_one_of(*LEVELS))}
_FORMS: Final = _list(_row(_path, **_FORM_KEYS, covers=_may(_text)))
_AUTO: Final = _row(
    call=_may(_path),
    import_=_may(_path),
    env=_may(_text),
    assign=_may(_path),
    command=_may(_text),
    setting=_may(_path),
    declared=_may(_text),
    is_=_may(_one_or_list(_literal)),
    covers=_must(_text),
    level=_may(_one_of(*LEVELS)),
    when=_may(_CONDITIONS),
    unless=_may(_CONDITIONS),
    adds=_may(_one_or_list(_text)),
    only=_may(_text),
    drops=_may(_text),
    doubt=_may(_text),
    side=_may(_one_of("server", "browser")),
)
_OPTION: Final = _row(
    keyword=_must(_text),
    contains=_may(_text),
    is_=_may(_one_or_list(_literal)),
    not_=_may(_one_or_list(_literal)),
    on=_may(_one_of("client", "call")),
    paths=_may(_PATHS),
    covers=_must(_text),
    level=_may(_one_of(*LEVELS)),
    to_others=_may(_flag),
)
_MONITOR: Final = {
    **_COMMON,
    "level": _may(_one_of(*LEVELS)),
    "spans": _may(_FORMS),
    "decorators": _may(_list(_row(_path, **_FORM_KEYS, covers=_may(_text), at_return=_may(_flag)))),
    "callbacks": _may(_FORMS),
    "wrappers": _may(_list(_row(**_FORM_KEYS, argument=_may(_index), covers=_must(_text), in_place=_may(_flag)))),
    "clients": _may(_list(_row(**_FORM_KEYS, is_=_must(_path), covers=_must(_text)))),
    "calls": _may(_list(_row(**_FORM_KEYS, argument=_must(_index)))),
    "captures": _may(
        _list(
            _row(
                _path,
                path=_must(_path),
                when=_may(_CONDITIONS),
                member=_may(_path),
                unless=_may(_CONDITIONS),
                given=_may(_CONDITIONS),
                catches=_may(_flag),
                covers=_may(_text),
                if_called=_may(_path),
                otherwise=_may(_text),
            )
        )
    ),
    "hooks": _may(_PATHS),
    "starts": _may(_list(_text)),
    "auto": _may(_list(_AUTO)),
    "options": _may(_list(_OPTION)),
    "covers": _may(_list(lambda _value: None)),
}
_LOOKALIKE: Final = {**_COMMON, "clients": _must(_list(_CLIENT))}
_GUARD: Final = {**_COMMON, "functions": _must(_PATHS)}
_TABLES: Final[Mapping[str, Mapping[str, tuple[Check, bool]]]] = {
    **dict.fromkeys(SITE_KINDS, _SITE),
    "monitor": _MONITOR,
    "lookalike": _LOOKALIKE,
    "guard": _GUARD,
}


def _tables(value: object) -> Problem | None:
    if isinstance(value, list) and all(isinstance(table, dict) for table in value):
        return None
    return "must be a list of tables; write [[python]], in two brackets", ""


_FILE: Final = {
    "schema": _must(lambda _value: None),
    "kind": _must(_text),
    "name": _must(_text),
    **dict.fromkeys(LANGUAGES, _may(_tables)),
}
