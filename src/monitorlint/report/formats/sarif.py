"""SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

Paths are relative to ``%SRCROOT%``, the working directory: for code scanning, run in the root of the checkout.
Suppressed results are kept and marked, because a consumer closes an alert that disappears. The report holds no time
and no host name: two runs over the same files in the same place give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from monitorlint import __version__
from monitorlint.model.finding import Confidence, Finding, Region, Severity
from monitorlint.model.fingerprint import fingerprinted
from monitorlint.model.rule import Rule
from monitorlint.model.run import RunResult
from monitorlint.report import ReportOptions
from monitorlint.report.links import HOME, rule_page
from monitorlint.report.paths import displayed
from monitorlint.report.rules import markdown

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
FINGERPRINT = "monitorlint/v1"
"""Name of our fingerprint; the number rises when its recipe changes."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """The whole log as one JSON document."""
    rules = _rules(result)
    run = {
        "tool": {
            "driver": {
                "name": "monitorlint",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_descriptor(rule, options) for rule in rules],
            }
        },
        "invocations": [_invocation(result, options)],
        "originalUriBaseIds": {ROOT: _root(options.working_directory)},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(result, {rule.code: number for number, rule in enumerate(rules)})),
    }
    yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules(result: RunResult) -> list[Rule]:
    """The rules that were on, and those a finding names all the same."""
    rules = {rule.code: rule for rule in result.rules}
    for finding in result.findings:
        if finding.code not in rules:
            summary = finding.name.replace("-", " ")
            rules[finding.code] = Rule(
                finding.code, finding.name, summary, finding.kind, finding.severity, default=True
            )
    return sorted(rules.values(), key=lambda rule: rule.code)


def _descriptor(rule: Rule, options: ReportOptions) -> dict[str, Any]:
    help_text = options.documentation(rule.code).strip() or f"{rule.summary}."
    help_markdown = markdown(help_text)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": _first_paragraph(help_markdown)},
        "help": {"text": help_text, "markdown": help_markdown},
        "helpUri": rule_page(rule.code),
        "defaultConfiguration": {"level": _LEVELS[rule.severity], "enabled": rule.default},
        "properties": {
            "tags": ["monitoring", rule.kind],
            # The two names that GitHub code scanning reads.
            "precision": rule.confidence.value,
            "problem.severity": "recommendation" if rule.severity is Severity.INFO else rule.severity.value,
        },
    }


def _first_paragraph(text: str) -> str:
    paragraphs = (part for part in text.split("\n\n") if not part.startswith("#"))
    return " ".join(next(paragraphs, "").split())


def _results(result: RunResult, rule_index: dict[str, int]) -> Iterator[dict[str, Any]]:
    for finding, _, identity in fingerprinted(result.findings):
        yield _result(finding, result.prefix, rule_index[finding.code], identity)


def _result(finding: Finding, prefix: str, index: int, identity: str) -> dict[str, Any]:
    # A low-confidence finding does not fail the run, so it must not raise an alert either.
    level = "note" if finding.confidence is Confidence.LOW else _LEVELS[finding.severity]
    entry: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": level,
        "message": {"text": finding.message},
        "locations": [_location(displayed(prefix, finding.path), finding.region, finding.symbol)],
        "partialFingerprints": {FINGERPRINT: identity},
        "properties": {"confidence": finding.confidence.value, "target": finding.target, "area": finding.area},
    }
    related = [
        {
            "id": number,
            "physicalLocation": {
                "artifactLocation": _artifact(displayed(prefix, item.path)),
                "region": {"startLine": max(1, item.row)},
            },
            "message": {"text": item.text},
        }
        for number, item in enumerate(finding.evidence)
    ]
    if related:
        entry["relatedLocations"] = related
    if finding.suppressed is not None:
        entry["suppressions"] = [_suppression(finding.suppressed)]
    return entry


def _suppression(why: str) -> dict[str, str]:
    kind, _, reason = why.partition(":")
    if kind == "baseline":
        return {"kind": "external", "status": "accepted", "justification": "in the baseline"}
    suppression = {"kind": "inSource", "status": "accepted"}
    if reason.strip():
        suppression["justification"] = reason.strip()
    return suppression


def _location(path: str, region: Region, symbol: str) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(path),
            "region": {
                "startLine": max(1, region.row),
                "startColumn": max(1, region.column),
                "endLine": max(1, region.end_row),
                "endColumn": max(1, region.end_column),
            },
        }
    }
    if symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": symbol, "kind": "function"}]
    return location


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": ROOT}


def _root(directory: str) -> dict[str, Any]:
    root: dict[str, Any] = {"description": {"text": "The working directory of the run."}}
    if directory:
        root["uri"] = PurePath(directory).as_uri().rstrip("/") + "/"
    return root


def _invocation(result: RunResult, options: ReportOptions) -> dict[str, Any]:
    prefix = result.prefix
    notes = [_notification("note", f"not read: {item.reason}", displayed(prefix, item.path)) for item in result.skipped]
    notes += [
        _notification(
            "note",
            f"the baseline's entry for {item.code} matches nothing any more: {item.text}",
            displayed(prefix, item.path),
        )
        for item in result.stale
    ]
    notes += [
        _notification("error", f"internal error in {item.where}: {item.error}", displayed(prefix, item.path))
        for item in result.failures
    ]
    return {
        "executionSuccessful": not result.failures,
        "exitCode": options.exit_code,
        "toolExecutionNotifications": notes,
    }


def _notification(level: str, text: str, path: str) -> dict[str, Any]:
    location = {"physicalLocation": {"artifactLocation": _artifact(path)}}
    return {"level": level, "message": {"text": text}, "locations": [location]}
