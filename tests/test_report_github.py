"""Workflow commands: one line each, escaped."""

from __future__ import annotations

from conftest import MakeFinding
from monitorlint.model.finding import Confidence, Region, Severity
from monitorlint.model.run import RunResult
from monitorlint.report import ReportOptions, load


def rendered(result: RunResult) -> list[str]:
    return "".join(load("formats", "github").render(result, ReportOptions())).splitlines()


def test_one_command_per_finding(finding: MakeFinding) -> None:
    one_line = finding(region=Region(7, 12, 7, 20), severity=Severity.WARNING, message="m")
    result = RunResult(findings=(one_line, finding(suppressed="inline: x")))
    assert rendered(result) == [
        (
            "::warning title=MON101 unmonitored-ai-call,file=app/chat.py,line=7,endLine=7,col=12,endColumn=20"
            "::app/chat.py:7:12: MON101 m"
        )
    ]


def test_columns_are_left_out_over_several_lines(finding: MakeFinding) -> None:
    (line,) = rendered(RunResult(findings=(finding(message="m"),)))
    assert line.startswith("::error title=MON101 unmonitored-ai-call,file=app/chat.py,line=7,endLine=10::")


def test_low_confidence_is_a_notice(finding: MakeFinding) -> None:
    (line,) = rendered(RunResult(findings=(finding(confidence=Confidence.LOW),)))
    assert line.startswith("::notice ")


def test_escaping(finding: MakeFinding) -> None:
    (line,) = rendered(RunResult(findings=(finding(message="50%\r\nof: a, b", path="a,b:c%.py"),)))
    assert ",file=a%2Cb%3Ac%25.py," in line
    assert line.endswith("::a,b:c%25.py:7:12: MON101 50%25%0D%0Aof: a, b")
