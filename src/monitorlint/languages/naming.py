"""Names that all languages read alike: what monitoring calls a place, and which names may go into a context."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_CAPITAL = pattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])")
"""Where a word begins; the plural of letters goes on: ``getURLs``."""
_OAUTH = pattern(r"(?<![a-z])o_auth")
_NO_LETTER = pattern(r"\W+")
_IDENTIFIER = pattern(r"(?:.*_)?(?:id|pk|uuid)|.*[a-z0-9]I[dD]")
_SECRET = pattern(
    r"token|secret|passw|credential|cookie|session|api_?key|private|signature|prompt|csrf|jwt|bearer"
    r"|(?:^|_)(?:auth|oauth|pwd|keys?)(?:_|$)",
    re.IGNORECASE,
)
_SAME = pattern(r"app_?id", re.IGNORECASE)
"""The key of many services (OpenWeather, Wolfram Alpha, WeChat), and the same for all calls."""
_NO_VALUE = pattern(
    r"(?:get|set|is|has|use|on|handle|fetch|load|find|create|make|generate|parse|validate|to|by|with|next)[A-Z].*"
    r"|(?:.*_)?(?:timeout|interval|timer|frame|immediate)_?id"
    r"|.*(?:[tT]imeout|[iI]nterval|[tT]imer|[fF]rame|[iI]mmediate)I[dD]"
    r"|.*[a-z0-9]By(?!I[dD]$)[A-Z].*|.*(?<!ed)ById|.*_by_(?!id$).*|.*(?<!ed)_by_id"
)
"""Functions that do something with an identifier, what timers are called by, and tables (``videosByMeetingId``)."""

STEPS = frozenset(("wrapper", "wrapped", "call", "run", "attempt"))
"""What a function within another is called that only does the other's work, again or elsewhere."""


def snake_case(name: str) -> str:
    """``fetchUser`` and ``FetchUser`` as ``fetch_user``; leading and trailing underscores go.

    >>> snake_case("_getHTTPResponse")
    'get_http_response'
    >>> snake_case("getOAuthIDs")
    'get_oauth_ids'
    """
    words = _NO_LETTER.sub("_", _CAPITAL.sub("_", name)).strip("_").lower()
    return _OAUTH.sub("oauth", words) or name


_RESULTS = frozenset(("data", "response", "result", "results", "res", "query", "mutation"))
"""What people call that which a hook of a library answers, whatever it is about."""


def without_noun(name: str, makers: Iterable[str]) -> str:
    """A name without the word that only says which hook of a library made it; ``""`` where there is no other.

    >>> without_noun("remove_user_mutation", ["useMutation"]), without_noun("firms_response", ["useQuery"])
    ('remove_user', 'firms')
    >>> without_noun("response", ["useQuery"])
    ''
    """
    hooks = [maker.lower() for maker in makers if maker.startswith("use")]
    first, _, last = name.rpartition("_")
    if hooks and (last in _RESULTS or (first and any(hook.endswith(last) for hook in hooks))):
        return first
    return name


def is_identifier(name: str) -> bool:
    """Whether a name says that it holds an identifier, and nothing secret."""
    if _IDENTIFIER.fullmatch(name) is None or _SAME.fullmatch(name) or _NO_VALUE.fullmatch(name):
        return False
    return not is_secret(name)


def is_client(name: str, words: Collection[str]) -> bool:
    """Whether a name is that of an application's registration, in a file with these words, and the same for all calls.

    >>> is_client("clientId", {"client_secret"}), is_client("clientId", {"invoice"})
    (True, False)
    """
    if not name.lower().replace("_", "").endswith("clientid"):
        return False
    return any("clientsecret" in word.lower().replace("_", "") for word in words)


def is_secret(name: str) -> bool:
    """Whether a name says that it holds what nobody is to see."""
    return _SECRET.search(name) is not None
