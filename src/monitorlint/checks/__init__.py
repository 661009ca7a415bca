"""Rules, one module each: a docstring that is its documentation, ``RULE``, and ``check``.

A check sees sites and verdicts, never a syntax tree, and never asks for the language.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from monitorlint.model.finding import Confidence, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.remedy import Usage
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


REGISTER: Final = Path(__file__).with_name("register.json")
"""The ``RULE`` of every module, written by ``docs/generate.py``: a run needs few of the modules, all the rows."""


@cache
def _register() -> dict[str, tuple[str, Rule]]:
    """Module and rule by code, in the order of the codes."""
    rows = json.loads(REGISTER.read_bytes())
    return {
        row["code"]: (
            module,
            Rule(**{**row, "severity": Severity(row["severity"]), "confidence": Confidence(row["confidence"])}),
        )
        for module, row in rows.items()
    }


def _module(code: str) -> ModuleType:
    return import_module(f"{__name__}.{_register()[code][0]}")


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    return tuple(rule for _, rule in _register().values())


def documentation(code: str) -> str:
    """The documentation of a rule: the docstring of its module.

    :raises KeyError: there is no such rule.
    """
    return cleandoc(_module(code).__doc__ or "")


def run_check(code: str, judged: Judged) -> Iterable[Finding]:
    """What one rule finds; nothing for the rules that the engine itself speaks for (MON9xx)."""
    check = getattr(_module(code), "check", None)
    return check(judged) if check is not None else ()
