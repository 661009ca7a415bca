"""Versions and ranges, beside what npm's own semver says of them (tests/parity/README.md)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import ROOT
from monitorlint.model.npm_versions import lowest, majors, parse_range, parse_version, satisfies

RECORD: dict[str, Any] = json.loads((ROOT / "tests/data/parity/semver.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", RECORD["valid"])
def test_a_version_is_one_where_npm_takes_it_for_one(text: str) -> None:
    version = parse_version(text)
    assert (None if version is None else str(version)) == RECORD["valid"][text]


@pytest.mark.parametrize("text", RECORD["satisfied"])
def test_a_range_takes_the_versions_that_npm_takes(text: str) -> None:
    wanted = parse_range(text)
    versions = {version: parse_version(version) for version in RECORD["versions"]}
    found = None if wanted is None else [name for name, v in versions.items() if v is not None and satisfies(v, wanted)]
    assert found == RECORD["satisfied"][text]


def test_versions_are_ordered_as_npm_orders_them() -> None:
    versions = sorted(version for text in RECORD["versions"] if (version := parse_version(text)) is not None)
    assert [str(version) for version in versions] == RECORD["order"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^8", {8}),
        ("~8.1", {8}),
        ("8.1.0", {8}),
        (">=8 <11", {8, 9, 10}),
        ("8 - 10", {8, 9, 10}),
        ("7 || ^9.1", {7, 9}),
        (">=8", None),
        ("*", None),
        ("<9", None),
    ],
)
def test_majors_of_a_range(text: str, expected: set[int] | None) -> None:
    wanted = parse_range(text)
    assert wanted is not None
    assert majors(wanted) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("^8.2", "8.2.0"), (">7.1.2", "7.1.3"), ("9 || ^8.4", "8.4.0"), ("<9", None), ("*", None)]
)
def test_the_lowest_version_of_a_range(text: str, expected: str | None) -> None:
    wanted = parse_range(text)
    assert wanted is not None
    found = lowest(wanted)
    assert (None if found is None else str(found)) == expected
