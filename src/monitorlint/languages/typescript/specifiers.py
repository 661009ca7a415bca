r"""Module specifiers, as imports write them, and as facts carry them.

Facts name what is imported by dotted paths, and so a specifier is encoded: ``.`` becomes ``\``, and a relative
specifier gets one ``.`` in front. ``./db/client.js`` is ``.\/db/client\js``, and what is imported from there follows
behind a ``.``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from monitorlint.model.patterns import pattern

RELATIVE: Final = "."
"""In front of an encoded specifier that is relative to its file."""
_DOT: Final = "\\"
# Of a version, a range or a tag (`@4`, `@^4.1`, `@next`): what begins with an `@` inside of a name.
_VERSION = pattern(r"(?<=[^/])@[^/]*")
# Deno and the edge import packages by address: what follows is the package's name, and its version.
_ADDRESS = pattern(
    r"https?://(?:esm\.sh|deno\.land/x|cdn\.skypack\.dev|esm\.run|unpkg\.com|(?:cdn\.)?jsdelivr\.net/npm|jspm\.dev|esm\.town)/"
    r"(?:v\d+/|gh/|\*|pin/|npm:)*"
)
_NO_PACKAGE = frozenset(("", ".", "/", "#", "~", "$"))
"""First letters of paths, and of what only an alias of the project can mean."""
_SCHEME = pattern(r"(?:npm|jsr):/*")
_FILE = pattern(r"(?:(?:^|/)(?:index|mod))?(?:\.d)?\.[cm]?[jt]s$")


def encode(specifier: str) -> str:
    """A specifier as facts carry it; ``node:`` and what follows a ``?`` (of a bundler) is dropped."""
    encoded = specifier.removeprefix("node:").replace(".", _DOT)
    return RELATIVE + encoded if specifier.startswith(("./", "../")) or specifier in {".", ".."} else encoded


def split(target: str) -> tuple[str, tuple[str, ...]]:
    """The specifier of an encoded target, decoded, and the names behind it."""
    at = target.find(".", 1)
    head, rest = (target, "") if at < 0 else (target[:at], target[at + 1 :])
    return head.removeprefix(RELATIVE).replace(_DOT, "."), tuple(rest.split(".")) if rest else ()


def package_of(specifier: str) -> str:
    """The package that a bare specifier belongs to: ``@scope/name`` or ``name``; ``""`` for a path or an address."""
    if specifier[:1] in _NO_PACKAGE or specifier.startswith("@/") or "://" in specifier:
        return ""
    first, _, rest = specifier.partition("/")
    return f"{first}/{rest.partition('/')[0]}" if first[:1] == "@" else first


def roots_of(specifier: str) -> str:
    """The dotted catalogue path of a bare specifier: ``openai/resources/chat`` is ``openai.resources.chat``."""
    name = plain(specifier)
    package = package_of(name)
    inner = name[len(package) + 1 :] if package else ""
    inner = _FILE.sub("", inner).replace("/", ".")
    return f"{package}.{inner}" if inner else package or name


@lru_cache(maxsize=20_000)
def external(target: str) -> str:
    """The catalogue path of an encoded target that is not in the project."""
    specifier, names = split(target)
    return ".".join((roots_of(specifier), *names))


def plain(specifier: str) -> str:
    """A specifier without the parts that only a runtime other than Node, or a bundler, reads."""
    if ":" in specifier:
        address = _ADDRESS.match(specifier)
        scheme = _SCHEME.match(specifier) if address is None else None
        start = address or scheme
        if start is None:
            return specifier
        return _VERSION.sub("", specifier[start.end() :].partition("?")[0], count=1)
    return specifier.partition("?")[0] if "?" in specifier else specifier
