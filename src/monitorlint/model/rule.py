"""What a rule is, apart from how it finds things."""

from __future__ import annotations

from monitorlint.model.finding import Confidence, Severity
from monitorlint.model.rows import NamedTuple


class Rule(NamedTuple):
    code: str
    """``MON`` and three digits; never used again for another rule."""
    name: str
    """Kebab-case; names the bad thing."""
    summary: str
    """One line, no full stop."""
    kind: str
    """``ai``, ``http``, ``loop``, ``db``, ``email``, ``file``, ``error``, ``setup`` or ``tool``."""
    severity: Severity
    default: bool
    """On unless the settings say otherwise. Decided by measured precision."""
    confidence: Confidence = Confidence.HIGH
    """The confidence of a finding that does not say its own."""
    fixable: str = "no"
    """``safe``, ``unsafe``, ``display-only`` or ``no``."""
