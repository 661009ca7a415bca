"""Files that a program has written, and will write again."""

from __future__ import annotations

from monitorlint.model.patterns import pattern

_HEAD = 3000
"""Bytes in which such a file says so."""
_SAYS = pattern(
    rb"(?im)^[ \t]*(?:#|//|/?\*|\"\"\"|''')[^\n]{0,200}?(?:@generated\b"
    rb"|\bgenerated\b[^\n]{0,100}\bdo not (?:edit|modify)\b|\bdo not (?:edit|modify)\b[^\n]{0,100}\bgenerated\b"
    rb"|\bauto-?generated (?:by|from|file|code)\b"
    rb"|\b(?:file|code|module|client) (?:is|was|has been) (?:auto-?|automatically )?generated\b)"
)


def is_generated(data: bytes) -> bool:
    """Whether a comment at the top of a file says that a program writes it.

    The phrases are those that protoc, OpenAPI Generator, GraphQL Code Generator, Prisma and Go's convention use.
    """
    return _SAYS.search(data, 0, _HEAD) is not None
