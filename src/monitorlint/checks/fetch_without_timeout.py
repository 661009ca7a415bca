"""What it does
------------
Reports an outbound request that nothing limits in time: the library has no default, and neither the call nor its client
sets one.

Why is this bad?
----------------
``requests``, ``urllib`` and ``urllib3`` wait for ever unless they are told otherwise. One server that accepts the
connection and says nothing is enough to stop a worker.

Example
-------
::

    requests.get("https://api.example.com/lessons")

Use instead
-----------
::

    requests.get("https://api.example.com/lessons", timeout=10)

In TypeScript::

    await axios.get(url, { timeout: 10_000 });

How it decides
--------------
Only libraries whose default is no limit at all are meant (httpx has 5 s, aiohttp 300 s, and what goes out through
Node's ``fetch`` 300 s). ``timeout=None`` counts as none. ``asyncio.wait_for`` and ``asyncio.timeout`` around the call
count as a limit. Nothing is said where there may be one: an argument that cannot be read (``**options``), a call handed
to ``Promise.race`` or to something named like ``withTimeout``, a client whose ``defaults.timeout`` is set elsewhere.
Nor is anything said of code that only pages in browsers run (in React also what a component hands to others as a
handler or an effect): no worker is held there, and who waits can load the page again.

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
    code="MON202",
    name="fetch-without-timeout",
    summary="An outbound request that may wait for ever",
    kind="http",
    severity=Severity.WARNING,
    default=True,
    fixable="unsafe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every request without a limit."""
    return unlimited(RULE, judged)
