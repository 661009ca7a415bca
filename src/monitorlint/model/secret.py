"""Values that no output may show."""

from __future__ import annotations

from typing import final

from monitorlint.model.patterns import pattern

FORMS = (
    r"sntry[su]_[\w+/=.-]{20,}|sk-(?:proj-|ant-)?[\w-]{20,}|gh[pousr]_\w{30,}|github_pat_\w{30,}|AKIA[0-9A-Z]{16}"
    r"|xox[abprs]-[\w-]{20,}|[rs]k_live_\w{20,}"
)
"""The forms that give a token away: Sentry, OpenAI, Anthropic, GitHub, AWS, Slack, Stripe."""
_TOKEN = pattern((FORMS + r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*").encode())
_BEGINNINGS = b"sntry sk- ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ AKIA xox k_live_ -----BEGIN".split()


def holds_token(data: bytes) -> bool:
    """Whether a file's bytes have something in them that has the form of a token."""
    return any(text in data for text in _BEGINNINGS) and _TOKEN.search(data) is not None


def without_tokens(data: bytes) -> bytes:
    """The bytes of a file as they may be shown: tokens are made unreadable, and everything keeps its place."""
    if not any(text in data for text in _BEGINNINGS):
        return data
    return _TOKEN.sub(lambda found: b"".join(b if b.isspace() else b"*" for b in _bytes(found[0])), data)


def _bytes(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@final
class Secret:
    """A value from an environment file. Printing, formatting or logging it shows that there is one, and no more."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: to judge it, never to show it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(***)" if self._value else "Secret()"
