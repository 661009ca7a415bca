"""The helpers' names in TypeScript: remedies use those of Python."""

from __future__ import annotations

import re

_OWN = {"monitor_ai_generation": "monitorAIGeneration"}
_STREAM = "Stream"


def helper_name(name: str, *, is_stream: bool = False) -> str:
    """``monitorFetch`` for ``monitor_fetch``; names of the user's own wrappers stay.

    :param is_stream: The form that watches what the call gives until it has been read.
    """
    known = _OWN.get(name) or re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
    return known + _STREAM if is_stream else known
