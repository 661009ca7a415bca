"""Which rules are on, and in which files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.engine.ignorefile import settings_patterns
from monitorlint.settings.selectors import matches, specificity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitorlint.model.rule import Rule
    from monitorlint.settings.values import Settings

ALWAYS_ON = frozenset(("MON901", "MON902"))
"""Unreadable files and syntax errors: a file that nobody could check must not look clean because of a ``select``."""


def selected_rules(settings: Settings, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that are on, in the order of ``rules``.

    As in ruff the narrower selector wins, and ``ignore`` wins a tie. A code, prefix or ``ALL`` turns on its opt-in
    rules too. MON901 and MON902 stay on unless they are ignored.
    """
    return tuple(rule for rule in rules if _is_on(rule, settings))


def ignored_in_file(settings: Settings, path: str) -> Callable[[str], bool]:
    """For the file ``path`` (relative to the project root): whether ``per-file-ignores`` switch a code off in it."""
    selectors = tuple(
        selector
        for glob, codes in settings.per_file_ignores
        if settings_patterns(glob).match_with_parents(path)
        for selector in codes
    )
    return lambda code: any(matches(selector, code) for selector in selectors)


def _is_on(rule: Rule, settings: Settings) -> bool:
    on = specificity((*(settings.select or ()), *settings.extend_select), rule.code)
    off = specificity(settings.ignore, rule.code)
    if on < 0 and off < 0:
        return rule.code in ALWAYS_ON or (settings.select is None and rule.default)
    return on > off
