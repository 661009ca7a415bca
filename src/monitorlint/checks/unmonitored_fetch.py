"""What it does
------------
Reports an outbound HTTP request that no monitoring covers.

Why is this bad?
----------------
A remote service that slows down or fails takes the caller with it. Without a span or wrapper around the request,
neither its errors nor its duration are seen.

Example
-------
::

    def load_lesson(lesson_id: str) -> dict:
        return requests.get(f"{API}/lessons/{lesson_id}", timeout=10).json()

Use instead
-----------
::

    def load_lesson(lesson_id: str) -> dict:
        with monitor_fetch("load_lesson", {"lesson_id": lesson_id}):
            return requests.get(f"{API}/lessons/{lesson_id}", timeout=10).json()

In TypeScript::

    export function loadLesson(lessonId: string): Promise<Lesson> {
      return monitorFetch("load_lesson", { lesson_id: lessonId }, async () => {
        const response = await fetch(`${API}/lessons/${lessonId}`);
        return response.json();
      });
    }

How it decides
--------------
As ``unmonitored-ai-call`` does, for the HTTP clients of the catalogue. In-process transports, test clients, mocks,
route decorators and dictionary look-ups are no requests.

References
----------
- What counts as monitored: docs/decisions/0006-monitored-by-callers.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.unmonitored import unmonitored
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON201",
    name="unmonitored-fetch",
    summary="An outbound request that no monitoring covers",
    kind="http",
    severity=Severity.WARNING,
    default=True,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every request without a monitor."""
    return unmonitored(RULE, judged)
