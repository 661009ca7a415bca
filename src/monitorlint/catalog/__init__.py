"""What the rules say: which calls leave the process, and what counts as monitoring."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from monitorlint.catalog.catalogue import Catalogue
from monitorlint.catalog.rows import (
    Auto,
    CallMatch,
    Carrier,
    ClientMatch,
    Condition,
    Cover,
    Entry,
    Form,
    Option,
    Timeout,
)
from monitorlint.catalog.store import compile_rules, load_packs, load_shipped
from monitorlint.model.digests import blake2b

__all__ = [
    "Auto",
    "CallMatch",
    "Carrier",
    "Catalogue",
    "ClientMatch",
    "Condition",
    "Cover",
    "Entry",
    "Form",
    "Option",
    "Timeout",
    "compile_rules",
    "load_catalogue",
]


def load_catalogue(packs: Sequence[Path] = (), *, language: str = "python") -> Catalogue:
    """Load the rules that ship, and the user's packs before them.

    Raises:
        UsageError: for a pack that is missing or holds a mistake.
    """
    digest, files = load_shipped(language)
    if packs:
        extra, own = load_packs(packs)
        # The user's entries are asked first.
        files = {**own, **files}
        digest = blake2b(f"{digest}{extra}".encode(), digest_size=16).hexdigest()
    return Catalogue(digest, files, language)
