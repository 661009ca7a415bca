"""TypeScript and JavaScript source as bytes: what its text shows before anything is parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.languages.text import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEST_PACKAGES = frozenset(
    "vitest jest @jest/globals mocha ava tape node:test test @playwright/test cypress @testing-library/react "
    "supertest nock msw".split()
)
_TEST = re.compile(rb"\b(?:describe|it|test)(?:\.\w+)?\s*\(")


def to_utf8(data: bytes) -> bytes:
    """The text of a file, which is UTF-8 (ECMAScript knows no other declaration).

    :raises UndecodableError: it is not.
    """
    if b"\0" in data:
        raise UndecodableError("holds null bytes, so it is not source text; exclude it or save it as UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UndecodableError(f"line {line} is not UTF-8; save it as UTF-8") from None
    return data


def is_suite(data: bytes, imports: Iterable[str]) -> bool:
    """Whether the file holds tests, whatever it is called."""
    return not _TEST_PACKAGES.isdisjoint(imports) and _TEST.search(data) is not None


def is_program(data: bytes) -> bool:
    """Whether the file says that it is started by itself."""
    return data.startswith(b"#!") or b"require.main" in data or b"import.meta.main" in data
