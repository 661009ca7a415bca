"""Names that all languages read alike: what monitoring calls a place, and which names may go into a context."""

from __future__ import annotations

import re

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_LETTER = re.compile(r"\W+")
_IDENTIFIER = re.compile(r"(?:.*_)?(?:id|pk|uuid)|.*[a-z0-9]I[dD]")
_SECRET = re.compile(
    r"token|secret|passw|credential|cookie|session|api_?key|private|signature|prompt|csrf|jwt|bearer"
    r"|(?:^|_)(?:auth|oauth|pwd|keys?)(?:_|$)",
    re.IGNORECASE,
)
_SAME = re.compile(r"app_?id", re.IGNORECASE)
"""The key of many services (OpenWeather, Wolfram Alpha, WeChat), and the same for all calls."""


def snake_case(name: str) -> str:
    """``fetchUser`` and ``FetchUser`` as ``fetch_user``; leading and trailing underscores go.

    >>> snake_case("_getHTTPResponse")
    'get_http_response'
    """
    words = _NO_LETTER.sub("_", _CAPITAL.sub("_", name)).strip("_").lower()
    return words or name


def is_identifier(name: str) -> bool:
    """Whether a name says that it holds an identifier, and nothing secret."""
    return _IDENTIFIER.fullmatch(name) is not None and not is_secret(name) and not _SAME.fullmatch(name)


def is_secret(name: str) -> bool:
    """Whether a name says that it holds what nobody is to see."""
    return _SECRET.search(name) is not None
