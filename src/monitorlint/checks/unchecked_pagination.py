"""What it does
------------
Reports a loop that fetches page after page as long as the answers ask for it.

Why is this bad?
----------------
A server that repeats a cursor, ignores the offset or always says "more" never ends the loop; memory grows with it.

Example
-------
::

    while True:
        page = session.get(url, params={"cursor": cursor}).json()
        items += page["items"]
        if not page["next_cursor"]:
            break
        cursor = page["next_cursor"]

Use instead
-----------
::

    for _ in range(MAX_PAGES):
        page = session.get(url, params={"cursor": cursor}).json()
        items += page["items"]
        if not page["next_cursor"]:
            break
        cursor = page["next_cursor"]
    else:
        raise TooManyPagesError(url)

In TypeScript::

    for (let page = 0; page < MAX_PAGES; page++) {
      const { items, next } = await (await fetch(`${url}?cursor=${cursor}`)).json();
      all.push(...items);
      if (!next) return all;
      cursor = next;
    }
    throw new TooManyPagesError(url);

How it decides
--------------
A request reads a name that its own answer (or a page counter) writes, an exit depends on the answer, and nothing
compares the number of pages or items with a limit or remembers the cursors it has seen. For calls that are not known to
be requests the answer must speak of pages (``next_cursor``, ``has_more``, ``nextPageToken`` ...). Queries of the
project's own database that move on, pages compared with their total, generators, and other exchanges with a server that
feed an answer back are silent.

References
----------
- botocore issue 3778: https://github.com/boto/botocore/issues/3778
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
    code="MON306",
    name="unchecked-pagination",
    summary="A loop over pages that trusts the server to end it",
    kind="loop",
    severity=Severity.WARNING,
    default=True,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every loop over pages without a cap."""
    return unbounded(
        RULE,
        judged,
        "nothing limits the pages or remembers the cursors",
        "cap the pages, or stop when a cursor comes back",
    )
