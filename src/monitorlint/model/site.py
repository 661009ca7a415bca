"""A call or loop that the product cares about, monitored or not, and the verdict on it."""

from __future__ import annotations

from enum import Enum

from monitorlint.model.finding import Confidence, Evidence, Region
from monitorlint.model.rows import NamedTuple


class Level(str, Enum):
    """What reaches people when the call fails or hangs. Ordered by ``rank``."""

    NONE = "none"
    ERRORS = "errors"
    TRACED = "traced"
    ALERTED = "alerted"

    @property
    def rank(self) -> int:
        return ("none", "errors", "traced", "alerted").index(self.value)


class MonitoredBy(NamedTuple):
    how: str
    """``wrapper``, ``span``, ``decorator``, ``client``, ``callback``, ``option``, ``auto`` or ``callers``."""
    level: Level
    name: str
    """Canonical dotted name of the monitor."""
    path: str
    line: int
    """1-based line of the place that proves it."""


class Swallowed(NamedTuple):
    """A handler around a site that keeps what it caught from the monitor of errors that runs with it."""

    region: Region
    """The keyword that begins it."""
    how: str
    """Where what it caught goes: ``console`` or ``nothing``."""
    name: str
    """What it calls what it caught; ``""`` where it has no name."""
    monitor: MonitoredBy
    """The monitor that does not see it."""


class Site(NamedTuple):
    """One call or loop that the product cares about, and its verdict."""

    kind: str
    """``ai``, ``http``, ``loop``, ``db``, ``email`` or ``file``."""
    path: str
    """Relative to the project root, with ``/``."""
    region: Region
    language: str
    area: str
    """``app``, ``test``, ``example`` or ``benchmark``."""
    confidence: Confidence
    target: str
    is_async: bool
    stream: str
    """``no``, ``yes`` or ``maybe``."""
    status: str
    """``monitored unmonitored unknown`` (calls), ``bounded guarded service unbounded`` (loops), or ``suppressed``."""
    function: str
    """Dotted name of the enclosing function, ``""`` at module level."""
    text: str
    """The call's or loop header's source, white space folded, at most 200 characters."""
    provider: str = ""
    monitored_by: MonitoredBy | None = None
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    """For loops: the class of the decision. For calls with status ``unknown``: what could not be decided."""
    code: str = ""
    """For unbounded loops: the rule that speaks of it."""
    timeout: str = "default"
    """``set``, ``none`` (nothing limits the call) or ``default`` (the client's own limit)."""
    timeout_seconds: float | None = None
    """The limit where it is known: the literal argument, or the library's default."""
    timeout_keyword: str = ""
    """The keyword that limits this call, or would, and takes a plain number; ``""`` where there is none."""
    timeout_milliseconds: bool = False
    """That number is one of milliseconds, not of seconds."""
    identity: Confidence = Confidence.HIGH
    """How sure it is that the call is what ``target`` says, and of the project's programs, whatever monitors it."""
    is_connection: bool = False
    """What it gives stays open for as long as the program talks over it."""
    swallowed: Swallowed | None = None
    """The handler that swallows what the call raises: only where a rule asks for it."""
