"""Files that ask nobody but the machine they run on: what they name is ``localhost``, written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_URL: Final = pattern(rb"""["'](?:http|ws)s?://([^"'/]*)""")
_OWN: Final = pattern(rb"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::.*)?")
_CONFIGURED: Final = pattern(rb"getenv|environ|env\(|config|settings|Field\(")
"""Lines with these are told another address where the file is deployed; the one they name is a developer's."""


def asks_it_alone(text: bytes) -> bool:
    """Whether the addresses that a file's code names are all of the machine that it runs on, and it names one."""
    hosts = list(_hosts(text))
    return bool(hosts) and all(map(_OWN.fullmatch, hosts))


def _hosts(text: bytes) -> Iterator[bytes]:
    """What follows the scheme in the addresses of a file, up to its path; ``b""`` for one that a setting replaces."""
    if b"://" not in text:
        return
    before = b""
    for line in text.splitlines():
        if b"://" in line and not line.lstrip().startswith(b"#"):
            is_configured = _CONFIGURED.search(before + line) is not None
            yield from (b"" if is_configured else host for host in _URL.findall(line))
        before = line if line.endswith((b"(", b",")) else b""
