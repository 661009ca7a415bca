"""The fields of the JSON format are an interface: names, order and nulls."""

from __future__ import annotations

import json

from conftest import MakeFinding
from monitorlint.model.finding import Applicability, Edit, Fix
from monitorlint.model.run import RunResult
from monitorlint.report import ReportOptions, load

FIELDS = [
    "code",
    "name",
    "message",
    "severity",
    "confidence",
    "kind",
    "target",
    "filename",
    "location",
    "end_location",
    "fix",
    "evidence",
    "url",
]


def rendered(result: RunResult) -> list[dict[str, object]]:
    text = "".join(load("formats", "json").render(result, ReportOptions()))
    assert text.endswith("]\n")
    parsed = json.loads(text)
    assert isinstance(parsed, list)
    return parsed


def test_nothing_is_an_empty_array(finding: MakeFinding) -> None:
    assert rendered(RunResult()) == []
    assert rendered(RunResult(findings=(finding(suppressed="baseline"),))) == []


def test_fields_and_order(finding: MakeFinding) -> None:
    first, second = rendered(RunResult(findings=(finding(), finding(evidence=())), prefix="web"))
    assert list(first) == FIELDS == list(second)
    assert first["filename"] == "web/app/chat.py"
    assert first["severity"] == "error"
    assert first["confidence"] == "high"
    assert first["location"] == {"row": 7, "column": 12}
    assert first["end_location"] == {"row": 10, "column": 6}
    assert first["fix"] is None
    assert first["evidence"] == [{"filename": "web/app/chat.py", "row": 3, "text": "client is openai.OpenAI()"}]
    assert second["evidence"] == []
    assert str(first["url"]).endswith("/MON101.md")


def test_a_fix_without_edits_says_null(finding: MakeFinding) -> None:
    facts_only = finding(fix=Fix(Applicability.UNSAFE, "wrap"))
    worked_out = finding(fix=Fix(Applicability.SAFE, "wrap", (Edit(3, 5, "x"),)))
    first, second = rendered(RunResult(findings=(facts_only, worked_out)))
    assert first["fix"] == {"applicability": "unsafe", "message": "wrap", "edits": None}
    assert second["fix"] == {
        "applicability": "safe",
        "message": "wrap",
        "edits": [{"start": 3, "end": 5, "content": "x"}],
    }


def test_any_text_survives(finding: MakeFinding) -> None:
    message = 'тишина \N{SNOWMAN} "quoted" \\ \n \udcff'
    text = "".join(load("formats", "json").render(RunResult(findings=(finding(message=message),)), ReportOptions()))
    assert text.isascii()
    assert json.loads(text)[0]["message"] == message
