"""Templates that differ in parts: the parts are regions, and another file has them for another backend."""

from __future__ import annotations

import re

from monitorlint.model.patterns import pattern

_REGION = pattern(r"(?ms)^(?:#|//) ?#?region (\w+)\n(.*?)^(?:#|//) ?#?endregion\n")


def regions(text: str) -> dict[str, str]:
    """The regions of a template, by name."""
    return dict(_REGION.findall(text))


def composed(template: str, parts: dict[str, str] | None = None) -> str:
    """A template as users get it: without the marks, and with other parts in the place of its own.

    :raises KeyError: the other parts lack one.
    """
    text = _REGION.sub(lambda found: found[2] if parts is None else parts[found[1]], template)
    return re.sub(r"\n{4,}", "\n\n\n", text)
