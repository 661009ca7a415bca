"""What a check says."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.model.remedy import Remedy


class Severity(str, Enum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Confidence(str, Enum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Applicability(str, Enum):
    """How freely a fix may be applied."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display-only"


class Region(NamedTuple):
    """A stretch of a file. Rows and columns are 1-based, columns count code points; offsets are bytes."""

    row: int
    column: int
    end_row: int
    end_column: int
    start: int = 0
    end: int = 0


class Evidence(NamedTuple):
    """A place that supports a verdict, and what it shows."""

    path: str
    row: int
    text: str


class Edit(NamedTuple):
    """Replace the bytes ``start:end`` by ``content``."""

    start: int
    end: int
    content: str


class Fix(NamedTuple):
    applicability: Applicability
    message: str
    edits: tuple[Edit, ...] | None = None


class Finding(NamedTuple):
    """One thing that is wrong at one place."""

    code: str
    name: str
    message: str
    severity: Severity
    confidence: Confidence
    kind: str
    """``ai``, ``http``, ``loop``, ``db``, ``email``, ``file``, ``setup`` or ``tool``."""
    target: str
    """Canonical dotted name of what is called, or the loop's class."""
    path: str
    """Relative to the project root, with ``/``."""
    region: Region
    symbol: str = ""
    """The enclosing function or class, dotted; ``""`` at module level."""
    text: str = ""
    """The call or loop header, white space folded: what the baseline's fingerprint is made of."""
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    suppressed: str | None = None
    """Why it is silenced (``inline: <reason>`` or ``baseline``); None when it is not."""
    area: str = "app"
    note: str = ""
    """One line of advice that the ``full`` format shows under the code frame."""
    remedy: Remedy | None = None
    """What would repair it; None where nothing does, or where the verdict is too uncertain to act upon."""
