"""What a finding is, apart from where its line stands: the identity that baselines and SARIF use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from monitorlint.model.digests import blake2b

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.model.finding import Finding

_BYTES = 12
"""96 bits: no two of a million findings share them, and a line of the baseline stays short."""


def fingerprint(finding: Finding, occurrence: int) -> str:
    """Hexadecimal digest of code, path, enclosing symbol, normalised text and ``occurrence``.

    ``occurrence`` counts the findings before this one, from 0, that are alike in all of these.
    """
    return fingerprint_of(finding.code, finding.path, finding.symbol, finding.text, occurrence)


def fingerprint_of(code: str, path: str, symbol: str, text: str, occurrence: int) -> str:
    """:func:`fingerprint` from its parts."""
    parts = (code, path, symbol, normalised(text), str(occurrence))
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=_BYTES).hexdigest()


def fingerprinted(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int, str]]:
    """Each finding, in order of place, with its occurrence and fingerprint.

    Suppressed findings take part: a comment above the first of two equal calls does not rename the second.
    """
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for finding in sorted(findings, key=lambda one: (one.path, one.region.row, one.region.column, one.code)):
        kind = (finding.code, finding.path, finding.symbol, normalised(finding.text))
        yield finding, seen[kind], fingerprint(finding, seen[kind])
        seen[kind] += 1


def normalised(text: str) -> str:
    """The text without what formatters change: white space, quotes, the comma behind the last argument."""
    bare = "".join(text.split()).replace("'", '"')
    for bracket in ")]}":
        bare = bare.replace("," + bracket, bracket)
    return bare
