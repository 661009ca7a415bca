"""What rules of the set-up say of Sentry's packages, beside their published files (tests/parity/README.md)."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from conftest import ROOT
from monitorlint.checks.ai_version_unwatched import BEYOND
from monitorlint.checks.broken_next_setup import GONE
from monitorlint.model.npm_versions import parse_range, parse_version, satisfies

RECORD: dict[str, Any] = json.loads((ROOT / "tests/data/parity/sentry.json").read_text(encoding="utf-8"))
OPTIONS: dict[int, list[str]] = {int(version.split(".")[0]): names for version, names in RECORD["options"].items()}
RANGES: dict[int, dict[str, list[str]]] = {int(v.split(".")[0]): rows for v, rows in RECORD["ranges"].items()}


@pytest.mark.parametrize("name", GONE)
def test_an_option_of_next_went_with_the_major_that_the_rule_names(name: str) -> None:
    since = GONE[name][0]
    assert name in OPTIONS[since - 1]
    assert not [major for major, names in OPTIONS.items() if major >= since and name in names]


def test_no_option_that_went_is_left_out() -> None:
    majors = sorted(OPTIONS)
    inherited = {"org", "authToken", "bundleSizeOptimizations", "debug", "errorHandler", "headers", "sentryUrl"}
    inherited |= {"silent", "telemetry"}
    lost = {name for old, new in pairwise(majors) for name in {*OPTIONS[old]} - {*OPTIONS[new]}}
    assert lost - inherited == set(GONE)


@pytest.mark.parametrize(("major", "name"), [(major, name) for major, rows in BEYOND.items() for name in rows])
def test_the_first_version_beyond_is_in_no_range_and_the_one_before_is(major: int, name: str) -> None:
    ranges = [parse_range(text) for text in RANGES[major][name]]
    first = parse_version(f"{BEYOND[major][name]}.0.0")
    before = parse_version(f"{BEYOND[major][name] - 1}.999.0")
    assert first is not None
    assert before is not None
    assert not any(satisfies(first, one) for one in ranges if one is not None)
    assert any(satisfies(before, one) for one in ranges if one is not None)


def test_version_11_turns_maps_on_where_nothing_is_said_and_nowhere_else() -> None:
    assert {kind for kind, row in RECORD["maps"].items() if row["enableHidden"]} == {"unset"}
