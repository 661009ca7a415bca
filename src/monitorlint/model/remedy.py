"""What repairs a finding: the intent, in words that hold for every language, and what a front end makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.model.finding import Applicability, Edit, Region

RemedyKind = Literal[
    "wrap",
    "guard",
    "timeout",
    "option",
    "value",
    "integration",
    "capture",
    "add-line",
    "remove-member",
    "set-member",
]


PARAMETERS: Final = {
    "monitor_ai_generation": ("provider", "operation", "context"),
    "monitor_fetch": ("name", "context"),
    "monitor_operation": ("name", "context"),
}
"""Of the helpers that stand around a call, in every language; a function that makes the call may follow."""


class Usage(NamedTuple):
    """How a helper is used in one language."""

    name: str
    """``monitor_fetch``, ``monitorFetch``."""
    around: str
    """How it stands around a call: code, with the names of its parameters; ``""`` for one that does not."""
    waits: bool = False
    """It measures what gives a promise, and no call that gives its result at once."""


class Remedy(NamedTuple):
    """What is to be inserted for one finding. It names the place and the helper, never the text of an edit."""

    kind: RemedyKind
    code: str
    """The rule whose finding it repairs."""
    path: str
    """Relative to the project root, with ``/``."""
    region: Region
    """The call expression, the loop's keyword and header, or the handler's keyword, in the text that was checked."""
    helper: str
    """Name in the helper module: ``monitor_ai_generation``, ``monitor_fetch``, ``monitor_operation``,
    ``detect_infinite_loop`` or a wrapper of the user's; ``""`` for a timeout, which needs none."""
    target: str = ""
    """Canonical dotted name of what is called, as the finding says; for captures: of what is to be called."""
    provider: str = ""
    """For AI calls: the catalogue's name of who answers."""
    is_async: bool = False
    stream: str = "no"
    """``no``, ``yes`` or ``maybe``, as the site says."""
    is_connection: bool = False
    """As the site says."""
    limit: int | None = None
    """For loop guards: the limit to pass on where it is not the helper's own."""
    seconds: float | None = None
    """For timeouts: the configured limit; None: none is configured."""
    keyword: str = ""
    """For timeouts: the argument that takes the limit as a plain number; ``""`` where the call has none.
    For captures: what the handler calls what it caught, likewise."""
    milliseconds: bool = False
    """That number is one of milliseconds."""
    value: str = ""
    """For members of objects (``target`` is the key) and options of calls (``keyword``): what they are to be.
    For integrations: the function that makes it; for lines: the line."""


class Rewritten(NamedTuple):
    """Edits that carry a remedy out."""

    edits: tuple[Edit, ...]
    applicability: Applicability
    message: str
    """One line: what the edits do."""
    needs: tuple[str, ...] = ()
    """What the edits call the helpers that they use: the file must import them under these names."""
    doubt: str = ""
    """One line: why the edits are unsafe, where there is more to say than that they are."""


class Refused(NamedTuple):
    """Why a remedy is not carried out, and what to do by hand."""

    reason: str
    """One line."""
    snippet: str
    """Code to paste: what the place should look like."""


class Outcome(NamedTuple):
    """What becomes of some remedies: those of calls that share a ``with`` are carried out together."""

    remedies: tuple[Remedy, ...]
    result: Rewritten | Refused
