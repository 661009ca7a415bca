"""What a file imports by a name that it makes up while it runs, and what it imports only for one of its commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.model.facts import ANYTHING, EVERYTHING
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOTS = (b"discord", b"disnake", b"nextcord")
LOADERS: Final = frozenset(
    {b"pkgutil", b"uvicorn", b"interactions", *_BOTS, *(name + b".ext.commands" for name in _BOTS)}
)
"""Modules that load others by name, besides those whose functions are called after ``import``."""
_INSTRUMENTATION = pattern(rb"[\"']([A-Za-z_]\w*\.instrumentation\.[\w.]*\w)[\"']")
"""Names of modules that instrument something: what is loaded by one of these matters wherever the name stands."""
_LOADS = pattern(rb"\b(?:import_module|__import__|import_string|uvicorn\.run|(?<!def )load_extension)\(\s*")
_LISTS = pattern(rb"\b(?:iter_modules|walk_packages)\(\s*(?:path\s*=\s*)?\[?\s*([\w.]*)([^\n]{0,120})")
_TEXT = pattern(rb"""([a-zA-Z]{0,2})("|')((?:(?!\2)[^\n\\])*)\2\s*([^\s]?)""")
_NAME = pattern(rb"([A-Za-z_]\w*)\s*([,)+]?)\s*")
_PACKAGE = pattern(rb"""\s*(?:package\s*=\s*)?["']([\w.]+)["']""")
_OWN = frozenset({b"__package__", b"__name__"})
_COMMAND = pattern(rb"[ \t]*@[\w.]*\b(?:command|callback|group)\b")
_DEFINITION = pattern(rb"(?:async[ \t]+)?def\b")
MAX_DECORATORS: Final = 40
"""Lines above a function in which its decorators are looked for."""


def loaded_modules(data: bytes, imports: Iterable[bytes]) -> set[bytes]:
    """The modules that a file loads by name: written out, by the package that they lie in, or `ANYTHING`.

    :param imports: What the import lines name.
    """
    found: set[bytes] = set()
    for place in _LOADS.finditer(data):
        loaded = _target(data, place.end(), 0)
        # `uvicorn.run(app)` and `def import_module(name)` load nothing.
        if loaded is not None or not place.group().startswith(b"uvicorn"):
            found.add(loaded or ANYTHING.encode())
    if ANYTHING.encode() in found:
        # The names may stand in a table, or where the function that loads is called.
        found.update(_INSTRUMENTATION.findall(data))
    for place in _LISTS.finditer(data):
        name = place.group(1)
        if name == b"__path__" or b"__file__" in place.group():
            found.add(b"." + EVERYTHING.encode())
        elif name.endswith(b".__path__"):
            package = name.removesuffix(b".__path__")
            alias = re.search(rb"\bimport\s+([\w.]+)\s+as\s+" + re.escape(package) + rb"\b", data)
            named = {alias.group(1)} if alias else {i for i in imports if i == package or i.endswith(b"." + package)}
            found.update(i + b"." + EVERYTHING.encode() for i in named)
    # A loop over a package's modules says what the names in it stand for.
    return found - {ANYTHING.encode()} if any(_LISTS.finditer(data)) else found


def _target(data: bytes, at: int, depth: int) -> bytes | None:
    """What the expression at ``at`` names; None where it says nothing."""
    text = _TEXT.match(data, at)
    if text is not None:
        return _literal(data, text, depth)
    name = _NAME.match(data, at)
    if name is None or depth > 1:
        return None
    if name.group(1) in _OWN:
        more = _TEXT.match(data, name.end()) if name.group(2) == b"+" else None
        return _below(b"." + more.group(3).lstrip(b".")) if more is not None else None
    head = _constant(data, name.group(1), depth)
    if head is None or name.group(2) != b"+" or head.endswith(EVERYTHING.encode()):
        return head
    more = _TEXT.match(data, name.end())
    return _below(head + (more.group(3) if more is not None else b""))


def _constant(data: bytes, name: bytes, depth: int) -> bytes | None:
    bound = re.search(rb"^[ \t]*" + re.escape(name) + rb"[ \t]*(?::[^=\n]*)?=[ \t]*", data, re.MULTILINE)
    return _target(data, bound.end(), depth + 1) if bound is not None else None


def _literal(data: bytes, text: re.Match[bytes], depth: int) -> bytes | None:
    flags, value, after = text.group(1).lower(), text.group(3), text.group(4)
    cut = -1
    if b"f" in flags:
        first = re.match(rb"\{(\w+)\}", value)
        if first is not None:
            head = b"" if first.group(1) in _OWN else _constant(data, first.group(1), depth)
            if head is None or head.endswith(EVERYTHING.encode()):
                return head
            value = head + value[first.end() :]
        cut = value.find(b"{")
    elif after in {b"%", b"."}:
        cut = min((i for i in (value.find(b"%"), value.find(b"{")) if i >= 0), default=-1)
    elif after == b"+":
        cut = len(value)
    if value.startswith(b".") and after == b"," and (package := _PACKAGE.match(data, text.end())):
        value, cut = package.group(1) + value, cut + len(package.group(1)) if cut >= 0 else cut
    if cut >= 0:
        return _below(value[:cut])
    value = value.partition(b":")[0]
    return value if re.fullmatch(rb"\.*[A-Za-z_][\w.]*", value) else None


def _below(prefix: bytes) -> bytes | None:
    """Every module that begins with a prefix, as far as it goes in whole parts."""
    package = prefix[: prefix.rfind(b".") + 1]
    return package + EVERYTHING.encode() if re.fullmatch(rb"\.*(?:[A-Za-z_]\w*\.)*", package) and package else None


def is_for_command(data: bytes, start: int) -> bool:
    """Whether the line at ``start`` stands in a function that is a command: one run of the program runs one of them."""
    indent = _indent(data, start)
    at = start
    while indent > 0 and at > 0:
        at = data.rfind(b"\n", 0, at - 1) + 1
        line = data[at : data.find(b"\n", at)]
        if not line.strip() or line.lstrip().startswith((b"#", b")", b"]")) or _indent(data, at) >= indent:
            continue
        indent = _indent(data, at)
        if _DEFINITION.match(line.lstrip()):
            return _is_command(data, at, indent)
    return False


def _is_command(data: bytes, at: int, indent: int) -> bool:
    for _ in range(MAX_DECORATORS):
        if at == 0:
            return False
        at = data.rfind(b"\n", 0, at - 1) + 1
        line = data[at : data.find(b"\n", at)]
        if not line.strip() or _indent(data, at) < indent:
            return False
        if _COMMAND.match(line):
            return True
    return False


def _indent(data: bytes, start: int) -> int:
    at = start
    while data[at : at + 1] in {b" ", b"\t"}:
        at += 1
    return at - start
