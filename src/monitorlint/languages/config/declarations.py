"""Which environment variables a Dockerfile, compose file, workflow or platform configuration sets: names, no values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern
from monitorlint.model.setup import Declaration

if TYPE_CHECKING:
    from collections.abc import Iterator

# `ENV A=1 B=2`, `ARG A`, `A: 1`, `- A=1`, `- name: A`, `export A=1`, `A = "1"`, `A=1 command`.
_NAME = pattern(
    r"""(?:^\s*+(?:-\s++)?(?:ENV|ARG|export|name:|key:)?\s*+["']?|\s(?:ENV|ARG|-e|--env|--build-arg)\s+|\s)"""
    r"""([A-Z][A-Z0-9_]{2,})["']?\s*(?:[:=]|$)"""
)
_NODE_IMAGE = pattern(r"^\s*FROM\s+(?:--\S+\s+)?(?:\S*/)?node:(\d+(?:\.\d+){0,2})\S*", re.IGNORECASE)


def read_declarations(path: str, text: str) -> tuple[Declaration, ...]:
    """The variables that a file declares, each once, by its first place."""
    found: dict[str, Declaration] = {}
    for row, line in enumerate(text.split("\n"), 1):
        for name in _names(line):
            found.setdefault(name, Declaration(path, name, row))
    return tuple(found.values())


def _names(line: str) -> Iterator[str]:
    if "_" in line and not line.lstrip().startswith(("#", "//")) and len(line) < 1000:
        for match in _NAME.finditer(line):
            yield match.group(1)


def read_node_images(text: str) -> Iterator[tuple[str, int, int]]:
    """The versions of Node that a Dockerfile starts from, with the place of each in the text: start and end."""
    at = 0
    for line in text.split("\n"):
        if found := _NODE_IMAGE.match(line):
            yield found.group(1), at + found.start(1), at + found.end(1)
        at += len(line) + 1
