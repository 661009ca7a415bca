"""What it does
------------
Reports a function that asks a model or a server and sets a timer for itself, and an interval of this kind that nobody
clears.

Why is this bad?
----------------
It is a loop without a loop statement: when the answer that would end it never comes, or nothing ends it, it asks for
ever, in every tab and in every process.

Example
-------
::

    async function poll() {
      const job = await fetch(`/api/jobs/${id}`).then((r) => r.json());
      if (job.state !== "done") setTimeout(poll, 2000);
    }

Use instead
-----------
::

    async function poll(turn = 0) {
      const job = await fetch(`/api/jobs/${id}`).then((r) => r.json());
      if (job.state !== "done" && turn < 100) setTimeout(() => poll(turn + 1), 2000);
    }

How it decides
--------------
``setTimeout``, ``threading.Timer`` and ``call_later`` are followed to the function that they run: by its name, or by
an arrow function or lambda that calls it. ``setInterval`` counts where its number is thrown away or never used.
Functions that count, compare a number, read a clock, or look at a flag that stops them are left alone. Off by
default: pages that refresh themselves are common, and mean to.

References
----------
- setTimeout: https://developer.mozilla.org/docs/Web/API/Window/setTimeout
- threading.Timer: https://docs.python.org/3/library/threading.html#timer-objects
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.unbounded import unbounded
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON328",
    name="timer-rearms-itself",
    summary="A timer that asks a model or a server again and again, without an end",
    kind="loop",
    severity=Severity.WARNING,
    default=False,
    fixable="no",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every timer that is set again without an end."""
    lacks = "nothing counts the turns or stops the timer"
    return unbounded(RULE, judged, lacks, "count the turns, set a deadline, or clear the timer")
