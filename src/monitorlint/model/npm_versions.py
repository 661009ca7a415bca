"""Versions and ranges as npm reads them (node-semver 7, without its ``loose`` and ``includePrerelease`` options)."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TypeAlias

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

_MAX_CHARACTERS = 256
"""What npm itself takes."""

_NUMBER = r"0|[1-9]\d*"
_PRE = rf"(?:{_NUMBER}|\d*[a-zA-Z-][a-zA-Z0-9-]*)"
_TAIL = rf"(?:-(?P<pre>{_PRE}(?:\.{_PRE})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
_VERSION = pattern(rf"v?(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})\.(?P<patch>{_NUMBER}){_TAIL}")
_X = rf"(?:{_NUMBER}|[xX*])"
_PARTIAL = rf"[v=\s]*{_X}(?:\.{_X}(?:\.{_X}(?:-{_PRE}(?:\.{_PRE})*)?(?:\+[0-9A-Za-z.-]+)?)?)?"
_HYPHEN = pattern(rf"\s*(?P<low>{_PARTIAL})\s+-\s+(?P<high>{_PARTIAL})\s*")
_COMPARATOR = pattern(
    rf"(?P<operator>~>?|\^|[<>]?=?)[v=\s]*"
    rf"(?P<major>{_X})(?:\.(?P<minor>{_X})(?:\.(?P<patch>{_X}){_TAIL})?)?"
)
_LENIENT = frozenset({"~", "~>", "^"})
_WILD = frozenset("xX*")
_SPACED = pattern(r"(~>?|\^|[<>]=?|=)\s+")

Identifier: TypeAlias = tuple[int, int, str]
_LOWEST: tuple[Identifier, ...] = ((0, 0, ""),)
"""``-0``: below every other version of the same three numbers."""


class Version(NamedTuple):
    """Compares as npm orders versions; what stands behind ``+`` is dropped."""

    major: int
    minor: int
    patch: int
    is_release: bool = True
    pre: tuple[Identifier, ...] = ()

    @property
    def numbers(self) -> tuple[int, int, int]:
        return self.major, self.minor, self.patch

    def __str__(self) -> str:
        shown = ".".join(text or str(number) for _, number, text in self.pre)
        return f"{self.major}.{self.minor}.{self.patch}" + (f"-{shown}" if self.pre else "")


class Comparator(NamedTuple):
    operator: str
    """``<``, ``<=``, ``>``, ``>=`` or ``=``."""
    version: Version


Range: TypeAlias = tuple[tuple[Comparator, ...], ...]
"""Alternatives; all comparators of one must hold, and an empty one takes every release."""


def parse_version(text: str) -> Version | None:
    """One exact version; None when npm would not take it for one."""
    found = _VERSION.fullmatch(text.strip()) if len(text) <= _MAX_CHARACTERS else None
    if found is None:
        return None
    pre = _identifiers(found["pre"])
    return Version(int(found["major"]), int(found["minor"]), int(found["patch"]), not pre, pre)


@cache
def parse_range(text: str) -> Range | None:
    """A range as it stands in ``dependencies`` or ``engines``; None for a tag, an address, or what is no range."""
    if len(text) > _MAX_CHARACTERS:
        return None
    alternatives: list[tuple[Comparator, ...]] = []
    for part in text.split("||"):
        comparators = _comparators(part.strip())
        if comparators is None:
            return None
        alternatives.append(comparators)
    return tuple(alternatives)


def satisfies(version: Version, wanted: Range) -> bool:
    """Whether a version lies in a range. A pre-release lies only in ranges that name one of the same three numbers."""
    return any(
        all(_holds(version, comparator) for comparator in alternative)
        and (version.is_release or any(c.version.pre and c.version.numbers == version.numbers for c in alternative))
        for alternative in wanted
    )


def lowest(wanted: Range) -> Version | None:
    """The lowest version of a range: its lower bound, or the number behind one that is left out.

    None where no bound is given from below (``*``, ``<3``).
    """
    found: list[Version] = []
    for alternative in wanted:
        bounds = [c.version for c in alternative if c.operator in {">=", "="}]
        bounds += [_next(c.version) for c in alternative if c.operator == ">"]
        if not bounds:
            return None
        found.append(max(bounds))
    return min(found, default=None)


def majors(wanted: Range) -> frozenset[int] | None:
    """The majors that a range takes; None where it has no upper bound, or none from below."""
    found: set[int] = set()
    for alternative in wanted:
        low = lowest((alternative,))
        above = [c for c in alternative if c.operator in {"<", "<=", "="}]
        if low is None or not above:
            return None
        top = min(c.version for c in above)
        is_open = all(c.operator == "<" for c in above if c.version == top)
        last = top.major - 1 if is_open and top.minor == top.patch == 0 and top.pre in {(), _LOWEST} else top.major
        found.update(range(low.major, last + 1))
    return frozenset(found)


def _next(version: Version) -> Version:
    return Version(*version.numbers[:2], version.patch + 1) if version.is_release else version._replace()


def _identifiers(text: str | None) -> tuple[Identifier, ...]:
    """Numbers come before words, and compare as numbers."""
    parts = text.split(".") if text else []
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def _holds(version: Version, comparator: Comparator) -> bool:
    match comparator.operator:
        case "<":
            return version < comparator.version
        case "<=":
            return version <= comparator.version
        case ">":
            return version > comparator.version
        case ">=":
            return version >= comparator.version
    return version == comparator.version


def _comparators(text: str) -> tuple[Comparator, ...] | None:
    """All comparators of one alternative; None when one of them is none.

    ``1.x.3`` is none, but ``^1.x.3`` is one, and means ``^1``.
    """
    hyphen = _HYPHEN.fullmatch(text)
    if hyphen is not None:
        return _between(hyphen["low"], hyphen["high"])
    found: list[Comparator] = []
    for word in _SPACED.sub(r"\1", text).split():
        partial = _COMPARATOR.fullmatch(word)
        if partial is None or (partial["operator"] not in _LENIENT and _has_number_behind_x(partial)):
            return None
        found.extend(_expanded(partial["operator"], *_parts(partial)))
    return tuple(found)


def _has_number_behind_x(found: re.Match[str]) -> bool:
    written = [text for text in found.group("major", "minor", "patch") if text is not None]
    return any(a in _WILD and b not in _WILD for a, b in pairwise(written))


def _parts(found: re.Match[str]) -> tuple[int | None, int | None, int | None, tuple[Identifier, ...]]:
    """The three numbers, None from the first that is left out or an ``x``, and the pre-release."""
    numbers: list[int | None] = []
    for name in ("major", "minor", "patch"):
        text = found[name]
        is_open = text is None or text in _WILD or (bool(numbers) and numbers[-1] is None)
        numbers.append(None if is_open else int(text))
    major, minor, patch = numbers
    return major, minor, patch, _identifiers(found["pre"]) if patch is not None else ()


def _between(low: str, high: str) -> tuple[Comparator, ...] | None:
    """``1.2 - 2.3.4``."""
    first, last = _COMPARATOR.fullmatch(low.strip()), _COMPARATOR.fullmatch(high.strip())
    if first is None or last is None:
        return None
    found: list[Comparator] = []
    major, minor, patch, pre = _parts(first)
    if major is not None:
        found.append(Comparator(">=", Version(major, minor or 0, patch or 0, not pre, pre)))
    major, minor, patch, pre = _parts(last)
    if major is None:
        return tuple(found)
    if minor is None or patch is None:
        found.append(Comparator("<", _below(major + 1) if minor is None else _below(major, minor + 1)))
    else:
        found.append(Comparator("<=", Version(major, minor, patch, not pre, pre)))
    return tuple(found)


def _below(major: int, minor: int = 0, patch: int = 0) -> Version:
    """An upper bound that keeps out the pre-releases of the version itself."""
    return Version(major, minor, patch, is_release=False, pre=_LOWEST)


def _expanded(
    operator: str, major: int | None, minor: int | None, patch: int | None, pre: tuple[Identifier, ...]
) -> tuple[Comparator, ...]:
    """What one comparator stands for."""
    if major is None:
        return (Comparator("<", _below(0)),) if operator in {"<", ">"} else ()
    version = Version(major, minor or 0, patch or 0, not pre, pre)
    if operator in _LENIENT:
        return Comparator(">=", version), Comparator("<", _limit(operator, major, minor, patch))
    if minor is not None and patch is not None:
        return (Comparator(operator or "=", version),)
    after = _below(major + 1) if minor is None else _below(major, minor + 1)
    match operator:
        case ">":
            return (Comparator(">=", Version(*after.numbers)),)
        case ">=":
            return (Comparator(">=", version),)
        case "<":
            return (Comparator("<", _below(*version.numbers)),)
        case "<=":
            return (Comparator("<", after),)
    return Comparator(">=", version), Comparator("<", after)


def _limit(operator: str, major: int, minor: int | None, patch: int | None) -> Version:
    """The first version that a tilde or caret leaves out."""
    if minor is None:
        return _below(major + 1)
    if operator != "^":
        return _below(major, minor + 1)
    if major > 0:
        return _below(major + 1)
    if patch is None or minor > 0:
        return _below(0, minor + 1)
    return _below(0, 0, patch + 1)
