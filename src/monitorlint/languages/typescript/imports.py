"""What a file's text imports, read without a tree because it is asked of every file."""

from __future__ import annotations

import re

from monitorlint.languages.typescript.specifiers import encode

_SPECIFIER = re.compile(rb"""(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*(["'])([^"'\n]+)\1""")


def imported_modules(data: bytes) -> frozenset[str]:
    """The specifiers of a file's imports, encoded."""
    if b"import" not in data and b"require(" not in data and b"export" not in data:
        return frozenset()
    return frozenset(encode(found.group(2).decode("utf-8", "replace")) for found in _SPECIFIER.finditer(data))
