"""What it does
------------
Reports a loop that tries again after every failure and never counts the attempts.

Why is this bad?
----------------
A failure that does not go away (a revoked key, a full disk, a closed standard input) keeps the loop busy for ever;
without a pause it also hammers the other side.

Example
-------
::

    while True:
        try:
            return fetch(url)
        except RequestException:
            time.sleep(1)

Use instead
-----------
::

    for attempt in range(MAX_ATTEMPTS):
        try:
            return fetch(url)
        except RequestException:
            time.sleep(2**attempt)
    raise GaveUpError(url)

In TypeScript::

    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      try {
        return await load(url);
      } catch {
        await sleep(1000 * 2 ** attempt);
      }
    }
    throw new GaveUpError(url);

How it decides
--------------
The next turn is reached only through a handler, or only through ``if not ok: continue``, and success leaves the loop. A
handler for errors of the program's own data (``ValueError``, ``KeyError``, ``StopIteration``), an attempt that changes
from turn to turn (the next port, the next name, another server), and a counted or timed retry are silent. So are a
system call made again after ``EINTR`` and its kin, an attempt before which a person is asked, a worker that hands its
message back, and one step of a service of the same file. An unknown call that is tried again without a pause gives a
finding of low confidence.

References
----------
- AWS, timeouts, retries and backoff with jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
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
    code="MON304",
    name="unbounded-retry",
    summary="A retry loop that never gives up",
    kind="loop",
    severity=Severity.ERROR,
    default=True,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every retry without a cap."""
    return unbounded(
        RULE, judged, "nothing counts the attempts", "cap the attempts or set a deadline, and wait longer each time"
    )
