"""What the terminal can do, and what the user wants of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Literal, TextIO

ColorChoice = Literal["auto", "always", "never"]

_OFF = ("0", "false", "no", "off")


def wants_color(choice: ColorChoice, stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Decide on colours: ``--color``, then the environment, then whether a person is reading.

    ``NO_COLOR`` (https://no-color.org) outranks ``FORCE_COLOR`` (https://force-color.org) and ``CLICOLOR_FORCE``, which
    outrank ``CLICOLOR=0`` (http://bixense.com/clicolors) and ``TERM=dumb``. An empty variable is as good as none.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        value = environment.get(name)
        if value:
            return value.lower() not in _OFF
    if environment.get("CLICOLOR") == "0" or environment.get("TERM") == "dumb":
        return False
    return stream.isatty()


def width() -> int:
    """Columns of the terminal; 100 when there is none, or it does not know."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 100
    except (OSError, ValueError):
        return 100


def can_ask() -> bool:
    """Whether a person is there who reads a question and types an answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def say(line: str) -> None:
    """One line that is not a finding."""
    print(line, file=sys.stderr)
