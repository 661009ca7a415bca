"""Whether a file's text may hold a loop that is a site."""

from __future__ import annotations

import re

_LOOP = re.compile(rb"\bwhile\s*\(|\bfor\s+await\b|\bfor\s*\(\s*;|\bfor\s*\([^;\n]*;\s*;")
_PLAIN = re.compile(rb"\bfor\s*\(")


def may_loop(data: bytes) -> bool:
    """Whether the text may hold a loop that is a site."""
    return (b"while" in data or b"for" in data) and _LOOP.search(data) is not None


def may_loop_plainly(data: bytes) -> bool:
    """Whether the text may hold a loop over a collection."""
    return b"for" in data and _PLAIN.search(data) is not None
