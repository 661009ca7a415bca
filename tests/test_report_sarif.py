"""SARIF: valid by the published schema, and what code scanning needs of it.

The published schema is not ours to copy, so it comes from the npm package that ships it, pinned by digest, where npm is
there to fetch it. Everywhere ``data/sarif_emitted.schema.json`` holds the report to exactly the part that we write.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft7Validator

from conftest import ROOT, MakeFinding
from monitorlint.model.finding import Confidence, Finding, Severity
from monitorlint.model.rule import Rule
from monitorlint.model.run import Failure, RunResult, Skipped, StaleEntry
from monitorlint.report import ReportOptions, load
from npm import missing

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"
DIGEST = "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8"


@pytest.fixture(scope="session")
def published_schema(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The 2.1.0 schema, from the test cache or from npm."""
    kept = request.config.cache.mkdir("sarif") / f"{DIGEST[:16]}.json"
    if not kept.exists():
        kept.write_bytes(_from_npm(tmp_path_factory.mktemp("npm")))
    text = kept.read_bytes()
    assert hashlib.sha256(text).hexdigest() == DIGEST
    schema: dict[str, Any] = json.loads(text)
    return schema


def _from_npm(folder: Path) -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        missing("npm is not installed: the published schema cannot be fetched")
    done = subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, timeout=120, check=False)
    if done.returncode:
        missing(f"npm cannot fetch {PACKAGE}")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        return member.read()


def log_of(result: RunResult, **options: Any) -> dict[str, Any]:
    given = {
        "working_directory": "/srv/a project",
        "documentation": lambda code: f"What it does\n------------\nFinds {code}.\n\nMore.",
        **options,
    }
    log: dict[str, Any] = json.loads("".join(load("formats", "sarif").render(result, ReportOptions(**given))))
    return log


@pytest.fixture
def everything(finding: MakeFinding, rule: Rule) -> RunResult:
    """A result with all that a report can hold."""
    return RunResult(
        findings=(
            finding(),
            finding(),
            finding(suppressed="inline: known to fail"),
            finding(suppressed="inline:", evidence=()),
            finding(suppressed="baseline", symbol=""),
            finding(severity=Severity.INFO, path="with space/ü:#?.py"),
            finding(severity=Severity.WARNING, confidence=Confidence.LOW, path="bad\udcff.py"),
            finding(code="MON901", name="unreadable-file", kind="tool", target=""),
        ),
        rules=(rule,),
        files=3,
        skipped=(Skipped("big.py", "too large"),),
        stale=(StaleEntry("old.py", "MON101", "f(…)"),),
        failures=(Failure("c.py", "extract", "KeyError: 'x'"),),
        prefix="sub",
    )


def test_it_is_what_we_mean_to_write(everything: RunResult) -> None:
    schema = json.loads((ROOT / "tests/data/sarif_emitted.schema.json").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    for result in (RunResult(), everything):
        Draft7Validator(schema).validate(log_of(result, exit_code=1))


def test_it_is_valid_by_the_published_schema(everything: RunResult, published_schema: dict[str, Any]) -> None:
    for result in (RunResult(), everything):
        Draft4Validator(published_schema).validate(log_of(result, exit_code=1))


def test_rules_carry_their_documentation(everything: RunResult) -> None:
    run = log_of(everything)["runs"][0]
    first, second = run["tool"]["driver"]["rules"]
    assert first["id"] == "MON101"
    assert first["fullDescription"]["text"] == "Finds MON101."
    assert first["help"]["markdown"] == "## What it does\n\nFinds MON101.\n\nMore.\n"
    assert first["helpUri"].endswith("MON101.md")
    assert second["id"] == "MON901"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_paths_are_relative_and_encoded(everything: RunResult) -> None:
    run = log_of(everything)["runs"][0]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert uris[0] == "sub/app/chat.py"
    assert "sub/with%20space/%C3%BC%3A%23%3F.py" in uris
    assert "sub/bad%FF.py" in uris
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///srv/a%20project/"


def test_levels(everything: RunResult) -> None:
    results = log_of(everything)["runs"][0]["results"]
    assert [result["level"] for result in results] == [*["error"] * 6, "note", "note"], "information, low confidence"


def test_suppressed_results_are_kept(everything: RunResult) -> None:
    results = log_of(everything)["runs"][0]["results"]
    assert [result.get("suppressions") for result in results[:5]] == [
        None,
        None,
        [{"kind": "inSource", "status": "accepted", "justification": "known to fail"}],
        [{"kind": "inSource", "status": "accepted"}],
        [{"kind": "external", "status": "accepted", "justification": "in the baseline"}],
    ]


def fingerprints(*findings: Finding) -> list[str]:
    results = log_of(RunResult(findings=findings))["runs"][0]["results"]
    return [result["partialFingerprints"]["monitorlint/v1"] for result in results]


def test_fingerprints_tell_findings_apart_and_survive_moves(finding: MakeFinding) -> None:
    first, second, other = fingerprints(finding(), finding(), finding(symbol="tell"))
    assert len({first, second, other}) == 3
    moved = finding(region=finding().region.__class__(90, 1, 91, 1))
    assert fingerprints(moved, moved) == [first, second]


def test_what_was_not_read_is_in_the_log(everything: RunResult) -> None:
    (invocation,) = log_of(everything, exit_code=2)["runs"][0]["invocations"]
    assert invocation["exitCode"] == 2
    assert invocation["executionSuccessful"] is False
    notes = [(note["level"], note["message"]["text"]) for note in invocation["toolExecutionNotifications"]]
    assert notes[0] == ("note", "not read: too large")
    assert notes[2] == ("error", "internal error in extract: KeyError: 'x'")


def test_the_same_result_gives_the_same_bytes(everything: RunResult) -> None:
    assert log_of(everything) == log_of(everything)
