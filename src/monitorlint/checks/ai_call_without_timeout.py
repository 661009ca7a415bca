"""What it does
------------
Reports an AI call that nothing limits in time: the library has no default, and neither the call nor its client sets
one.

Why is this bad?
----------------
A request to a model that has stopped answering holds its worker until somebody restarts the process.

Example
-------
::

    client = genai.Client()
    client.models.generate_content(model="gemini-3", contents=prompt)

Use instead
-----------
::

    client = genai.Client(http_options=HttpOptions(timeout=30_000))
    client.models.generate_content(model="gemini-3", contents=prompt)

In TypeScript::

    await replicate.run(model, { input, signal: AbortSignal.timeout(60_000) });

How it decides
--------------
Only libraries whose default is no limit at all are meant; the catalogue names each one's default and the keywords that
set a limit. What goes out through Node's ``fetch`` is given up after 300 s without an answer, and is not meant either.
``asyncio.wait_for`` and ``asyncio.timeout`` around the call count. Nothing is said where there may be a limit: an
argument that cannot be read (``**options``), a call handed to ``Promise.race`` or to something named like
``withTimeout``.

References
----------
- The defaults of each library: docs/catalogue.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.unlimited import unlimited
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON102",
    name="ai-call-without-timeout",
    summary="An AI call that may wait for ever",
    kind="ai",
    severity=Severity.WARNING,
    default=True,
    fixable="unsafe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every AI call without a limit."""
    return unlimited(RULE, judged)
