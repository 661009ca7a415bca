"""Versions and ranges as npm reads them (semver 2.0, node-semver's ranges)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_NUMBER: Final = r"(?:0|[1-9]\d*)"
_PART: Final = rf"(?:{_NUMBER}|[xX*])"
_LABEL: Final = rf"(?:{_NUMBER}|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_PRERELEASE: Final = rf"(?:-({_LABEL}(?:\.{_LABEL})*))"
_BUILD: Final = r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)"
_VERSION = re.compile(rf"[v=\s]*({_NUMBER})\.({_NUMBER})\.({_NUMBER}){_PRERELEASE}?{_BUILD}?\s*")
_PLAIN: Final = rf"[v=\s]*({_PART})(?:\.({_PART})(?:\.({_PART})(?:{_PRERELEASE})?{_BUILD}?)?)?"
_COMPARATOR = re.compile(rf"(\^|~>?|<=|>=|<|>|=)?{_PLAIN}")
_HYPHEN = re.compile(rf"\s*({_PLAIN})\s+-\s+({_PLAIN})\s*")
_SPACED = re.compile(r"(\^|~>?|<=|>=|<|>|=)\s+")
MAX_LENGTH: Final = 256
"""Characters of a range or version; npm has the same limit for versions."""
_SAFE: Final = 2**53 - 1


class Version(NamedTuple):
    """One version. The build behind ``+`` tells nothing apart."""

    numbers: tuple[int, int, int]
    labels: tuple[int | str, ...] = ()
    """Of a prerelease."""

    @property
    def order(self) -> tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]:
        """What versions are compared by: numbers before words, and a prerelease before its release."""
        labels = tuple((isinstance(p, str), 0 if isinstance(p, str) else p, str(p)) for p in self.labels)
        return self.numbers, not self.labels, labels


class _Comparator(NamedTuple):
    operator: str
    """``""`` (the version itself), ``<``, ``<=``, ``>`` or ``>=``."""
    version: Version

    def holds(self, version: Version) -> bool:
        mine, theirs = self.version.order, version.order
        match self.operator:
            case "<":
                return theirs < mine
            case "<=":
                return theirs <= mine
            case ">":
                return theirs > mine
            case ">=":
                return theirs >= mine
        return theirs == mine


_Comparators = tuple[_Comparator, ...]
_ZERO = Version((0, 0, 0))
_NOTHING = _Comparator("<", Version((0, 0, 0), (0,)))


def version_of(text: str) -> Version | None:
    """The version that a text is; None where it is none."""
    found = _VERSION.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        return None
    numbers = (int(found[1]), int(found[2]), int(found[3]))
    return Version(numbers, _labels(found[4])) if max(numbers) <= _SAFE else None


class Range:
    """A range of versions."""

    def __init__(self, alternatives: tuple[_Comparators, ...], *, prereleases: bool = False) -> None:
        self._alternatives = alternatives
        self._prereleases = prereleases

    def admits(self, version: Version) -> bool:
        """Whether a version lies in the range."""
        return any(self._holds(one, version) for one in self._alternatives)

    def _holds(self, comparators: _Comparators, version: Version) -> bool:
        if not all(one.holds(version) for one in comparators):
            return False
        if not version.labels or self._prereleases:
            return True
        return any(one.version.labels and one.version.numbers == version.numbers for one in comparators)

    def least(self) -> Version | None:
        """The lowest version in the range; None where there is none."""
        for version in (_ZERO, Version((0, 0, 0), (0,))):
            if self.admits(version):
                return version
        found: Version | None = None
        for alternative in self._alternatives:
            bounds = [
                _after(v) if operator == ">" else v for operator, v in alternative if not operator.startswith("<")
            ]
            lowest = max(bounds, key=lambda v: v.order, default=None)
            if lowest is not None and (found is None or found.order > lowest.order):
                found = lowest
        return found if found is not None and self.admits(found) else None


def range_of(text: str, *, prereleases: bool = False) -> Range | None:
    """The range that a text is; None where it is none (a tag, an address, a path).

    :param prereleases: A prerelease counts like any version, and is one of its release: ``>=11`` admits
        ``11.0.0-beta.1``, ``<11`` does not. By itself npm takes one only where the range names one of the same release.
    """
    alternatives = [_comparators(part, prereleases) for part in text.split("||")] if len(text) <= MAX_LENGTH else [None]
    known = tuple(one for one in alternatives if one is not None)
    return Range(known, prereleases=prereleases) if len(known) == len(alternatives) else None


def _comparators(text: str, lowest: bool) -> _Comparators | None:
    hyphen = _HYPHEN.fullmatch(text)
    words = _SPACED.sub(r"\1", text.strip()).split()
    matches = list(filter(None, map(_COMPARATOR.fullmatch, words)))
    try:
        if hyphen is not None:
            low, high = _bound(hyphen.groups()[1:5]), _bound(hyphen.groups()[6:10])
            return (*_from(*low, lowest), *_to(*high, lowest))
        if len(matches) < len(words):
            return None
        return tuple(one for m in matches for one in _meant(m[1] or "", *_bound(m.groups()[1:5]), lowest))
    except ValueError:
        return None


def _bound(parts: tuple[str | None, ...]) -> tuple[list[int], str | None]:
    """The numbers up to the first that is left open, and the prerelease.

    :raises ValueError: a number is too large, or stands behind one that is left open.
    """
    numbers = [None if part is None or part in {"x", "X", "*"} else int(part) for part in parts[:3]]
    known = [number for number in numbers if number is not None]
    if numbers[: len(known)] != known or max(known, default=0) >= _SAFE:
        raise ValueError(parts)
    return known, parts[3]


def _meant(operator: str, known: list[int], pre: str | None, lowest: bool) -> list[_Comparator]:
    """What one word of a range comes to."""
    if operator == "^":
        return _caret(known, pre, lowest)
    if operator.startswith("~"):
        return _between(known, pre, 2, lowest=lowest and len(known) < 3)
    if len(known) == 3:
        return [_Comparator(operator.removeprefix("=") if operator == "=" else operator, _filled(known, pre))]
    if not known:
        return [_NOTHING] if operator in {"<", ">"} else []
    match operator:
        case ">":
            return [_Comparator(">=", _filled(_raised(known), lowest=lowest))]
        case "<=":
            return [_Comparator("<", _filled(_raised(known), lowest=True))]
        case "<":
            return [_Comparator("<", _filled(known, lowest=True))]
        case ">=":
            return [_Comparator(">=", _filled(known, lowest=lowest))]
    return _between(known, None, len(known), lowest=lowest)


def _caret(known: list[int], pre: str | None, lowest: bool) -> list[_Comparator]:
    """Up to the next change of the first number that is not 0."""
    place = next((at for at, number in enumerate(known) if number), len(known) - 1)
    return _between(known, pre, place + 1, lowest=lowest and len(known) < 3)


def _between(known: list[int], pre: str | None, same: int, *, lowest: bool) -> list[_Comparator]:
    """From a version up to the next one in which the first ``same`` numbers are no longer those."""
    if not known:
        return []
    high = _filled(_raised(known[:same]), lowest=True)
    return [_Comparator(">=", _filled(known, pre, lowest=lowest)), _Comparator("<", high)]


def _from(known: list[int], pre: str | None, lowest: bool) -> list[_Comparator]:
    return [_Comparator(">=", _filled(known, pre, lowest=lowest))] if known else []


def _to(known: list[int], pre: str | None, lowest: bool) -> list[_Comparator]:
    if not known:
        return []
    if len(known) == 3 and (pre or not lowest):
        return [_Comparator("<=", _filled(known, pre))]
    return [_Comparator("<", _filled(_raised(known), lowest=True))]


def _raised(known: list[int]) -> list[int]:
    return [*known[:-1], known[-1] + 1]


def _filled(known: list[int], pre: str | None = None, *, lowest: bool = False) -> Version:
    """A version from its first numbers; ``lowest``: the prerelease before all others, where none is named."""
    major, minor, patch = (*known, 0, 0, 0)[:3]
    return Version((major, minor, patch), _labels(pre) or ((0,) if lowest else ()))


def _after(version: Version) -> Version:
    if version.labels:
        return Version(version.numbers, (*version.labels, 0))
    major, minor, patch = version.numbers
    return Version((major, minor, patch + 1))


def _labels(text: str | None) -> tuple[int | str, ...]:
    return tuple(int(p) if p.isdigit() else p for p in text.split(".")) if text else ()
