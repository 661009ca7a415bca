"""Ranges of versions, compared with npm's own reading of them."""

from __future__ import annotations

import itertools
import json

import pytest

import npm
from monitorlint.languages.typescript.semver import range_of, version_of

RANGES = (
    """
^10.2.0 | ~1.2.3 | ~1.2 | ~1 | ~> 1.4 | 1.2.x | 1.X | * | x |  | 1 | 1.2 | =1.2.3 | = 1.2.3 | v1.2.3 | >=1.2.3
> 1.2.3 | >1.2 | >1 | <=1.2 | <=1 | <1.2 | <2 | >=1.x | >=1 <2 | >=1.2.3 <2.0.0 | 1.2.3 - 2.3.4 | 1.2 - 2
1 - 2.3 | 1.2.3 - 2.3.x | ^0.2.3 | ^0.0.3 | ^0.0 | ^0 | ^0.x | ^1.x | ^1.2.x | ^1.2.3-beta.2 | ^0.0.3-beta
~1.2.3-beta.2 | >=1.2.3-rc.1 | 1.2.3-rc.1 | >1.2.3-alpha.1 | <1.2.3-alpha | >=4 || <2 | ^1 ^1.5 | >=11
>=10 <11 | <0.0.0 | >x | <x | >=x | <=x | 1.2.3+build | >=1.2.3+b | latest | next | workspace:* | file:../x
^1.2.3.4 | >=a | 1.2.3 1.2.4 | ^1.2.3 || nonsense | 01.2.3 | ~0 | ~0.0.1 | >1.2.3 <=2 | ^5.0.0-0
>=5.0.0-beta.1 <5.0.0 | 1.x.3 | x.2.3 | ^9007199254740991.0.0 | 2.0.0 - 1.0.0 | <1.0.0 || >2 | ~1.2.3-1.x-y.0
""".strip()
    .replace("\n", " | ")
    .split(" | ")
)
VERSIONS = """
0.0.0 0.0.0-0 0.2.3-beta 1.0.0-0 1.2.0-0 0.1.0-0 0.0.1 0.0.3 0.0.3-beta 0.0.4 0.1.0 0.2.3 0.2.9 0.3.0 1.0.0
1.2.0 1.2.2 1.2.3 1.2.3-alpha 1.2.3-alpha.1 1.2.3-beta.2 1.2.3-beta.10 1.2.3-rc.1 1.2.4-beta.1 1.2.4 1.3.0
1.4.9 1.5.0 2.0.0 2.0.0-0 2.0.0-rc.1 2.3.4 2.3.5 2.4.0 3.0.0 4.0.0 5.0.0 5.0.0-beta.7 5.0.0-0 10.1.9 10.2.0
10.54.0 11.0.0 11.0.0-alpha.1 11.12.0 1.2.3-1.x-y.0 1.2.3+build.5 9007199254740991.0.0 v1.2.3
""".split()
ASK = """
const semver = require("semver");
const { ranges, versions } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const least = (range) => { try { const v = semver.minVersion(range); return v && v.version } catch { return null } };
console.log(JSON.stringify({
  least: ranges.map(least),
  plain: ranges.map((r) => versions.map((v) => semver.satisfies(v, r))),
  all: ranges.map((r) => versions.map((v) => semver.satisfies(v, r, { includePrerelease: true }))),
  order: versions.map((v) => versions.map((w) => semver.compare(v, w))),
}));
"""


def text_of(range_text: str) -> str | None:
    found = range_of(range_text)
    least = found.least() if found is not None else None
    if least is None:
        return None
    return ".".join(map(str, least.numbers)) + ("-" + ".".join(map(str, least.labels)) if least.labels else "")


def admits(range_text: str, version_text: str, *, prereleases: bool) -> bool:
    found, version = range_of(range_text, prereleases=prereleases), version_of(version_text)
    return found is not None and version is not None and found.admits(version)


def test_npm_reads_ranges_the_same(request: pytest.FixtureRequest) -> None:
    packages = npm.installed(request.config, semver="7.8.5")
    question = json.dumps({"ranges": RANGES, "versions": VERSIONS})
    answer = json.loads(npm.node(ASK, packages=packages, text=question))
    differing = [
        f"{r!r} begins with {theirs}, found {text_of(r)}"
        for r, theirs in zip(RANGES, answer["least"], strict=True)
        if text_of(r) != theirs
    ]
    for key, (at, text) in itertools.product(("plain", "all"), enumerate(RANGES)):
        differing += [
            f"{text!r} {'admits' if theirs else 'does not admit'} {version} ({key})"
            for version, theirs in zip(VERSIONS, answer[key][at], strict=True)
            if admits(text, version, prereleases=key == "all") != theirs
        ]
    for (i, one), (j, other) in itertools.product(enumerate(VERSIONS), repeat=2):
        mine, theirs = version_of(one), version_of(other)
        assert mine is not None
        assert theirs is not None
        if (mine.order > theirs.order) - (mine.order < theirs.order) != answer["order"][i][j]:
            differing.append(f"{one} and {other} are ordered {answer['order'][i][j]}")
    assert not differing, "\n".join(differing)


@pytest.mark.parametrize(
    ("text", "version", "holds"),
    [
        (">=4 <6", "5.0.0-beta.7", True),
        (">=5.0.0", "5.0.0-beta.7", False),
        (">=10 <11", "10.54.0", True),
        (">=11", "10.54.0", False),
        ("<11", "11.0.0-alpha.1", False),
        (">=11", "11.0.0-alpha.1", True),
    ],
)
def test_a_prerelease_counts_where_that_is_asked(text: str, version: str, holds: bool) -> None:
    assert admits(text, version, prereleases=True) is holds


@pytest.mark.parametrize(
    "text", ["1." * 50_000, ">" * 50_000, "||" * 50_000, "1 - " * 50_000, "-" * 200, " " * 250, "0" * 250]
)
def test_what_is_no_range_is_none_or_admits_nothing_strange(text: str) -> None:
    assert version_of(text) is None
    found = range_of(text)
    assert found is None or found.least() in {None, version_of("0.0.0")}
