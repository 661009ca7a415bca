"""What it does
------------
Reports a loop that asks for a state again and again, with no deadline.

Why is this bad?
----------------
A job that never finishes, a file that never appears or a task that died keeps the caller waiting for ever, and nobody
learns of it.

Example
-------
::

    while client.jobs.get(job).status != "done":
        time.sleep(5)

Use instead
-----------
::

    deadline = time.monotonic() + 600
    while client.jobs.get(job).status != "done":
        if time.monotonic() > deadline:
            raise TimeoutError(job)
        time.sleep(5)

In TypeScript::

    const deadline = Date.now() + 600_000;
    while ((await client.jobs.get(job)).status !== "done") {
      if (Date.now() > deadline) throw new Error(`${job} takes too long`);
      await sleep(5000);
    }

How it decides
--------------
An exit depends on what a call in the loop answers, or on a field that other code sets, and the loop only asks and
pauses. A comparison with a clock or a counter, a surrounding timeout (also one around the function's calls in the same
file), a stop flag or stop file, a condition variable or a worker waiting for its queue keeps it silent; so do a wait
for the program's own thread, process, task, lock or free place in a pool, a predicate of the same file that looks at a
clock, and Ctrl-C caught around the loop. A field that only other code of the same process sets gives a finding of low
confidence.

References
----------
- Megatron-LM pull request 5076: https://github.com/NVIDIA/Megatron-LM/pull/5076
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
    code="MON305",
    name="poll-without-deadline",
    summary="A loop that waits for something and never stops waiting",
    kind="loop",
    severity=Severity.WARNING,
    default=True,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every poll without a deadline."""
    return unbounded(
        RULE, judged, "no deadline ends the wait", "compare with a clock, and say what happens when time is up"
    )
