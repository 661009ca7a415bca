"""TypeScript and JavaScript source as bytes: what its text shows before anything is parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.languages.text import UndecodableError
from monitorlint.languages.typescript.specifiers import encode
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NULLS = 20
"""One null byte in so many is no text: UTF-16, or data. A few may stand in strings."""
_TEST_PACKAGES = frozenset(
    "vitest jest @jest/globals mocha ava tape node:test test @playwright/test cypress @testing-library/react "
    "supertest nock msw".split()
)
_TEST = pattern(rb"\b(?:describe|it|test)(?:\.\w+)?\s*\(")


def to_utf8(data: bytes) -> bytes:
    """The text of a file, which is UTF-8 (ECMAScript knows no other declaration).

    :raises UndecodableError: it is not.
    """
    if data.count(b"\0") * _NULLS > len(data):
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


_STARTS = pattern(
    rb"^#!|\brequire\.main\b|\bimport\.meta\.main\b|\.listen\(|\b(?:createRoot|hydrateRoot|hydrate)\("
    rb"|\b(?:Bun|Deno)\.serve\(|\bprocess\.argv\b|^(?:await |void )?(?:main|bootstrap|start|run)\(|^serve\("
    rb"|\bexport default \{\s*(?:async )?(?:fetch|scheduled|queue)\b|\bexport const handler\b|\bnew Worker\("
    rb"|\bprogram\.parse",
    re.MULTILINE,
)
_START_WORDS = (
    *(b"#!", b".main", b".listen(", b"Root(", b"hydrate(", b"serve(", b".argv", b"main(", b"bootstrap(", b"start("),
    *(b"run(", b"export default {", b"const handler", b"new Worker(", b"program.parse"),
)
"""One of them stands in whatever starts something: they are found ten times as fast as the pattern says no."""
# What a developer runs by hand, or a tool reads.
_BY_HAND = pattern(
    r"(?:^|/)(?:scripts?|bin|tools?|tooling|migrations?|seeds?|config|\.[^/]+)/"
    r"|(?:\.config|rc|[.-]setup|(?:^|/)seed|[.-]seed)\.[cm]?[jt]s$"
)
_DIRECTIVE = pattern(
    rb"""(?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*+\*/|"use strict";?|'use strict';?)*+["']use (client|server)["']"""
)
_SERVER_PART = pattern(
    rb"^export (?:async )?(?:const|function) (?:getServerSideProps|getStaticProps|getStaticPaths|loader|action)\b",
    re.MULTILINE,
)
_ONLY = pattern(rb"""^import\s*["'](client|server)-only["']""", re.MULTILINE)
_DIRECTIVE_BYTES = 4000
"""A directive stands at the top: behind comments at most."""


def is_program(path: str, data: bytes) -> bool:
    """Whether the file starts something of the application by itself: a server, a page, a handler of a platform."""
    if _BY_HAND.search(path) is not None or not any(word in data for word in _START_WORDS):
        return False
    return _STARTS.search(data) is not None


def has_server_part(path: str, data: bytes) -> bool:
    """Whether a page also holds functions of which a bundler keeps nothing, imports included, for the browser."""
    return ("pages/" in path or "routes/" in path) and _SERVER_PART.search(data) is not None


# Deeper in, it speaks of some pages.
_NO_SERVER = pattern(rb"""^(?:\t| {2})(?:ssr:[ ]?false\b|mode:[ ]?["']spa["'])""", re.MULTILINE)


def has_no_server(path: str, data: bytes) -> bool:
    """Whether it is the configuration of an application of Nuxt of which browsers run all pages."""
    return path.rpartition("/")[2].startswith("nuxt.config.") and _NO_SERVER.search(data) is not None


_EXTENDS = pattern(rb"""^\s*extends:\s*(\[[^\]]*\]|["'][^"'\n]+["'])""", re.MULTILINE)
_LAYER = pattern(rb"""["'](\.[^"'\n]*)["']""")


def layers(path: str, data: bytes) -> Iterator[str]:
    """The configurations of the applications that one of Nuxt is laid over: it runs what these run, too."""
    found = _EXTENDS.search(data) if path.rpartition("/")[2].startswith("nuxt.config.") else None
    for folder in _LAYER.findall(found[1]) if found is not None else ():
        yield encode(f"{folder.decode('utf-8', 'replace').rstrip('/')}/nuxt.config")


_RENDERERS = frozenset(
    """
    react-dom react-dom/client preact preact/compat vue svelte solid-js/web @angular/platform-browser
    @angular/platform-browser-dynamic
    """.split()
)
_RENDERS = pattern(
    rb"\b(?:createRoot|hydrateRoot|hydrate|render|mount|createApp|createSSRApp|bootstrapApplication|bootstrapModule)\s*[(<]"
    rb"|\.\$mount\("
)


def renders_page(data: bytes, imports: Iterable[str]) -> bool:
    """Whether the file renders the first element of a page, so that a bundler begins with it."""
    return not _RENDERERS.isdisjoint(imports) and _RENDERS.search(data) is not None


def side(data: bytes) -> str:
    """``c`` for a file that runs in a browser, ``s`` for one whose functions a server runs, by what it says itself."""
    only = _ONLY.search(data) if b"-only" in data else None
    if only is not None:
        return only.group(1)[:1].decode()
    if b"use client" not in data and b"use server" not in data:
        return ""
    found = _DIRECTIVE.match(data[:_DIRECTIVE_BYTES])
    return found.group(1)[:1].decode() if found is not None else ""
