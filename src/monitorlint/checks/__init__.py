"""Rules, one module each: a docstring that is its documentation, ``RULE``, and ``check``.

A check sees sites and verdicts, never a syntax tree, and never asks for the language.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from inspect import cleandoc
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.remedy import Usage
    from monitorlint.model.rule import Rule
    from monitorlint.model.site import Site


class Judged(Protocol):
    """What a check may look at."""

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every site of the files that are reported on, with its verdict."""

    @property
    def timeouts(self) -> Mapping[str, float]:
        """Seconds that a missing timeout is to be set to, by kind of call; a kind without is not repaired."""

    def usage(self, language: str, helper: str) -> Usage:
        """How a helper, by its name in a remedy, is used in a language."""

    @property
    def setup(self) -> ProjectSetup:
        """The files around the code, and what the code does with Sentry: for rules of the kind ``setup``."""


@cache
def _modules() -> dict[str, ModuleType]:
    found = {}
    for info in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        rule = getattr(module, "RULE", None)
        if rule is not None:
            found[rule.code] = module
    return dict(sorted(found.items()))


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    return tuple(module.RULE for module in _modules().values())


def documentation(code: str) -> str:
    """The documentation of a rule: the docstring of its module.

    :raises KeyError: there is no such rule.
    """
    return cleandoc(_modules()[code].__doc__ or "")


def run_check(code: str, judged: Judged) -> Iterable[Finding]:
    """What one rule finds; nothing for the rules that the engine itself speaks for (MON9xx)."""
    check = getattr(_modules()[code], "check", None)
    return check(judged) if check is not None else ()
