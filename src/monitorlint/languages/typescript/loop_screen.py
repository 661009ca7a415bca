"""Whether a file's text may hold a loop that is a site.

``for (let i = 0; i < n; i++)`` and its like are in every tenth file and bounded by construction, and what ``for await``
goes through ends it: neither makes a file worth reading. Every repetition is limited, so that the time is linear.
"""

from __future__ import annotations

from monitorlint.model.patterns import pattern

# Patterns begin with a plain word: searching for one is several times faster than asking for a word's boundary first.
_WHILE = pattern(rb"while\s*\(")
_ODD_FOR = pattern(
    rb"for\s*\((?:[^;{}]|\{\}){0,300};(?:"
    rb"[^;<>{}]{0,300};"  # no condition, or one that orders nothing
    rb"|[^;{}]{1,300};\s*\)"  # no step
    rb"|[^;<>{}]{1,200}<[^;{}]{1,200};[^;(){},+]{0,80}-[-=]"  # a step away from the limit
    rb"|[^;<>{}]{1,200}>[^;{}]{1,200};[^;(){},-]{0,80}\+[+=]"
    rb")"
)
_PLAIN = pattern(rb"for\s*\(")


def may_loop(data: bytes) -> bool:
    """Whether the text may hold a loop that is a site."""
    return _WHILE.search(data) is not None or _ODD_FOR.search(data) is not None


def loop_places(data: bytes) -> list[int]:
    """Where the text may hold such loops, in their order."""
    return sorted(found.start() for sought in (_WHILE, _ODD_FOR) for found in sought.finditer(data))


def may_loop_plainly(data: bytes) -> bool:
    """Whether the text may hold a loop over a collection."""
    return _PLAIN.search(data) is not None
