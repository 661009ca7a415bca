"""What a run produced, told to people and machines: pure functions from a ``RunResult`` to text.

A format of findings is one module in ``formats/`` with ``render(result, options)``, a format of the coverage ledger
one in ``coverage/``; the command line finds them by name, so that a new format is a new file and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Protocol, cast

from monitorlint.model.finding import Finding
from monitorlint.model.rows import NamedTuple
from monitorlint.model.run import RunResult


def _no_documentation(_code: str) -> str:
    return ""


class ReportOptions(NamedTuple):
    """What a report needs to know beyond the result."""

    color: bool = False
    width: int = 100
    """Columns a code frame may fill."""
    exit_code: int = 0
    """The code the run will end with (SARIF records it)."""
    working_directory: str = ""
    """Absolute; what reported paths are relative to."""
    documentation: Callable[[str], str] = _no_documentation
    """Markdown text of a rule, by its code; ``""`` when there is none."""


class Format(Protocol):
    """What a format module offers."""

    def render(self, result: RunResult, options: ReportOptions) -> Iterator[str]: ...


def names(family: str) -> tuple[str, ...]:
    """The formats of ``formats`` or ``coverage``, sorted."""
    folder = os.path.join(os.path.dirname(__file__), family)  # noqa: PTH118, PTH120 - pathlib costs start-up time
    return tuple(sorted(name[:-3] for name in os.listdir(folder) if name.endswith(".py") and name[0] != "_"))  # noqa: PTH208


def load(family: str, name: str) -> Format:
    """Import one format; only the one that is asked for."""
    return cast("Format", import_module(f"monitorlint.report.{family}.{name}"))


def visible(result: RunResult) -> Iterator[Finding]:
    """The findings that nothing silences."""
    return (finding for finding in result.findings if finding.suppressed is None)
