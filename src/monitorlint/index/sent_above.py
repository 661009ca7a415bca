"""Who is told of what a call raises, at the calls above it: handlers that send it on, and hooks of frameworks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import Defined
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.catalog import Entry
    from monitorlint.index.captures import Captures
    from monitorlint.index.error_hooks import ErrorHooks
    from monitorlint.index.forms import Monitor
    from monitorlint.index.steps import Caller, Key
    from monitorlint.index.view import FileView


class SentAbove:
    """Asks them, one call at a time, and keeps what was in doubt on the way."""

    def __init__(self, captures: Captures, hooks: Callable[[], ErrorHooks]) -> None:
        self._captures = captures
        self._hooks = hooks
        self.counts_doubts = False
        """While it is on, a handler counts that may send what it catches."""
        self.met = ""
        """What leaves in doubt that some handler above a call of the file sends an error; ``""``: none was met."""

    def by_whom(self, call: tuple[FileView, int], handed: Key, caught: Entry) -> Monitor | None:
        """The handler that sends what a function raises that is handed to a call, which runs it or has it run."""
        catching = self._captures.catching
        place = catching.place(*call, Defined(*handed))
        if place is None:
            return None
        run = catching.run_by(*call, place, caught)
        if run is not None and self._counts(run.monitor, run.doubt):
            return run.monitor
        hook = self._hooks().handed(*call, place)
        return hook.monitor if self._counts(hook.monitor, hook.undecided) else None

    def around(self, call: tuple[FileView, int], caught: Entry | None) -> Monitor | None:
        """The handler around a call that sends what it catches; None where no exceptions are looked for."""
        if caught is None:
            return None
        view, number = call
        sent = self._captures.around(view, view.facts.calls[number], caught)
        if sent is not None and self._counts(sent.monitor, sent.doubt):
            return sent.monitor
        hook = self._hooks().at(view, number, caught)
        return hook.monitor if self._counts(hook.monitor, hook.undecided) else None

    def _counts(self, monitor: Monitor | None, doubt: str) -> bool:
        if monitor is not None and doubt:
            self.met = self.met or doubt
        return not doubt or (self.counts_doubts and monitor is not None)

    def hears(self, row: Caller, caught: Entry | None) -> bool:
        """Whether the monitor of the function in which a call stands is told of what the call raises, or times it."""
        if caught is None or row.near is None or row.near.how != "decorator" or row.near.level is not Level.ERRORS:
            return True
        view, number = row.call
        return not self._captures.swallowed(view, view.facts.calls[number], caught)
