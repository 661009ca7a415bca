"""Rule selectors: a code (``MON303``), a prefix (``MON3``), a name (``unmonitored-ai-call``) or ``ALL``.

As in ruff, the more specific selector wins, whatever list it stands in, and ``ignore`` wins a tie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitorlint.model.rule import Rule

ALL = "ALL"


class Selection(NamedTuple):
    """Normalised selectors of one configuration: codes, prefixes and ``ALL``, no names."""

    select: tuple[str, ...] | None = None
    """None: the rules that are on by default."""
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


def normalise(selector: str, known: Sequence[Rule]) -> str | None:
    """The selector as code, prefix or ``ALL``; None when it fits no known rule."""
    word = selector.strip()
    upper = word.upper()
    if upper == ALL:
        return ALL
    if upper.startswith("MON") and any(rule.code.startswith(upper) for rule in known):
        return upper
    lower = word.lower()
    return next((rule.code for rule in known if rule.name == lower), None)


def spellings(known: Iterable[Rule]) -> list[str]:
    """Every code and name, for did-you-mean."""
    return [word for rule in known for word in (rule.code, rule.name)]


def matches(selector: str, code: str) -> bool:
    """Whether the normalised ``selector`` speaks of ``code`` (a rule's, or another, narrower selector)."""
    return selector == ALL or code.startswith(selector)


def specificity(selectors: Iterable[str], code: str) -> int:
    """Length of the narrowest selector that speaks of ``code``; ``ALL`` is 0; -1 when none does."""
    return max(
        (0 if selector == ALL else len(selector) for selector in selectors if matches(selector, code)), default=-1
    )


def overlay(base: Selection, child: Selection) -> Selection:
    """What holds when ``child`` extends ``base`` (a configuration over the one it extends, flags over both).

    A ``select`` of the child starts afresh. Otherwise the child's lists are added, and selectors of the
    base that one of the child's opposite list covers go: the later word counts, as if the layers were
    applied one after the other.
    """
    if child.select is not None:
        return child
    return Selection(
        select=None if base.select is None else _without(base.select, child.ignore),
        extend_select=_without(base.extend_select, child.ignore) + child.extend_select,
        ignore=_without(base.ignore, child.extend_select) + child.ignore,
    )


def _without(selectors: tuple[str, ...], covering: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in selectors if not any(matches(wide, one) for wide in covering))
