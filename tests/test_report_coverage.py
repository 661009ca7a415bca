"""The coverage ledger: the percentage, the JSON interface and the text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import MakeSite
from monitorlint.model.finding import Confidence, Evidence, Severity
from monitorlint.model.rule import Rule
from monitorlint.model.run import RunResult
from monitorlint.model.site import MonitoredBy
from monitorlint.report import ReportOptions, load
from monitorlint.report.ledger import percentage

FIELDS = [
    "kind",
    "path",
    "line",
    "column",
    "end_line",
    "language",
    "area",
    "confidence",
    "target",
    "async",
    "stream",
    "status",
    "monitored_by",
    "function",
    "timeout",
]


def rendered(name: str, result: RunResult) -> str:
    return "".join(load("coverage", name).render(result, ReportOptions()))


def ledger(result: RunResult) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(rendered("json", result))
    return parsed


def test_nothing_is_still_a_whole_document() -> None:
    document = ledger(RunResult())
    assert list(document) == ["version", "sites", "summary"]
    assert document["version"] == 1
    assert document["sites"] == []
    assert document["summary"]["percent"] is None


def test_fields_order_and_nulls(site: MakeSite, sentry: MonitoredBy) -> None:
    loop = site(kind="loop", status="unbounded", target="agent-loop", code="MON301")
    document = ledger(RunResult(sites=(site(status="monitored", monitored_by=sentry), loop), prefix="web"))
    call, turn = document["sites"]
    assert list(call) == FIELDS == list(turn)
    assert call["path"] == "web/app/chat.py"
    assert (call["line"], call["column"], call["end_line"]) == (7, 12, 10)
    assert call["monitored_by"] == {
        "how": "auto",
        "level": "errors",
        "name": "sentry_sdk.init",
        "path": "web/app/main.py",
        "line": 4,
    }
    assert list(call["monitored_by"]) == ["how", "level", "name", "path", "line"]
    assert call["timeout"] == "default"
    assert turn["monitored_by"] is None
    assert turn["timeout"] is None


def test_unknown_counts_and_suppressed_does_not(site: MakeSite) -> None:
    sites = [site(status=status) for status in ("monitored", "monitored", "unmonitored", "unknown", "suppressed")]
    loops = [site(kind="loop", status="unbounded"), site(kind="loop", status="bounded")]
    elsewhere = [site(status="unmonitored", area="test"), site(status="unmonitored", kind="db")]
    assert percentage(RunResult(sites=(*sites, *loops, *elsewhere))) == (50.0, 2, 4)


def test_areas_and_selected_operations_count(site: MakeSite) -> None:
    query = Rule("MON501", "unmonitored-database-query", "…", "db", Severity.WARNING, default=False)
    result = RunResult(
        sites=(site(status="monitored"), site(kind="db"), site(area="test")), rules=(query,), areas=("app", "test")
    )
    assert percentage(result) == (33.3, 1, 3)


@pytest.mark.parametrize(
    ("monitored", "total", "expected"), [(999, 1000, 99.9), (9999, 10_000, 99.9), (3, 3, 100.0), (0, 2, 0.0)]
)
def test_a_hundred_means_all(site: MakeSite, monitored: int, total: int, expected: float) -> None:
    covered, bare = site(status="monitored"), site()
    sites = (covered,) * monitored + (bare,) * (total - monitored)
    assert percentage(RunResult(sites=sites))[0] == expected


def test_the_text_has_a_table_per_area_and_every_site(site: MakeSite, sentry: MonitoredBy) -> None:
    result = RunResult(
        sites=(
            site(status="monitored", monitored_by=sentry, evidence=(Evidence("app/main.py", 4, "covers openai"),)),
            site(status="unknown", reason="a caller is not resolved", confidence=Confidence.LOW),
            site(kind="loop", target="agent-loop", status="unbounded"),
            site(area="test", status="suppressed"),
        )
    )
    text = rendered("text", result)
    assert text.splitlines() == [
        "app code",
        "  kind          sites    monitored  unmonitored      unknown   suppressed      percent",
        "  ai                2            1            0            1            0        50.0%",
        "  kind          sites      bounded      guarded      service    unbounded   suppressed",
        "  loop              1            0            0            0            1            0",
        "",
        "test code",
        "  kind          sites    monitored  unmonitored      unknown   suppressed      percent",
        "  ai                1            0            0            0            1            -",
        "",
        (
            "app/chat.py:7:12: ai openai.OpenAI.chat.completions.create: monitored (errors), auto sentry_sdk.init "
            "at app/main.py:4"
        ),
        "    = app/main.py:4 covers openai",
        "app/chat.py:7:12: ai openai.OpenAI.chat.completions.create: unknown (a caller is not resolved)",
        "app/chat.py:7:12: loop agent-loop: unbounded",
        "app/chat.py:7:12: ai openai.OpenAI.chat.completions.create: suppressed",
        "",
        "Monitored: 50.0% (1 of 2 ai/http calls in app code)",
    ]
