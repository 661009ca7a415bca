"""Whole fixes over fixtures, as a user makes them: ``case.py`` becomes ``case.fixed.py``, or stays where there is none.

``# refused: words``: the finding on this line stays, and the words are in the reason. ``# option: …``: a line of the
settings. ``# unsafe``: with ``--unsafe-fixes``. Each result must parse, satisfy the check, and stay as it is when it is
fixed again.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.request import Request
from monitorlint.model.fixes import FixResult
from rewriting import FIXTURES, cases, project

CASES = cases("")
REFUSED = re.compile(rb"# refused: ([^\r\n]+)")
UNSAFE = re.compile(rb"^# unsafe\b", re.MULTILINE)
FIXED_CODES = ("MON101", "MON201", "MON3", "MON5", "MON602", "MON605")
"""Rules whose findings are either repaired or refused, and never merely left."""


SELECT = {"guards": ("MON3",), "imports": ("MON3",)}
"""Groups of cases that are about one thing."""
OTHERS = ("guards", "imports", "timeouts")
"""Groups whose refusals are asserted where those repairs are tested by themselves."""


def fixed(path: Path, group: str, *, unsafe: bool) -> FixResult:
    request = Request(paths=(path,), select=SELECT.get(group), cache=False, jobs=1, debug=True)
    return fix(request, FixOptions(unsafe=unsafe, write=True))


def neighbour(case: Path) -> Path:
    return case.with_suffix(".fixed.py")


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_is_repaired_as_its_neighbour_shows(case: Path, tmp_path: Path) -> None:
    before = case.read_bytes()
    path = project(tmp_path, case.name, before)
    expected = neighbour(case).read_bytes() if neighbour(case).exists() else before
    group = case.parent.name
    unsafe = group in OTHERS or UNSAFE.search(before) is not None

    result = fixed(path, group, unsafe=unsafe)

    after = path.read_bytes()
    assert after.decode("latin-1") == expected.decode("latin-1")
    ast.parse(after)
    lines = after.split(b"\n")
    wanted = {row: m[1].decode().strip() for row, line in enumerate(lines, 1) if (m := REFUSED.search(line))}
    said = {site.line: site.reason for site in result.refused if site.code.startswith(FIXED_CODES)}
    if group not in OTHERS:
        assert said.keys() == wanted.keys(), said
    assert [(row, words, said.get(row)) for row, words in wanted.items() if words not in said.get(row, "")] == []
    left = {f.region.row for f in result.left.findings if f.code.startswith(FIXED_CODES) and f.suppressed is None}
    assert left == set(said)

    again = fixed(path, group, unsafe=unsafe)

    assert again.files == ()
    assert path.read_bytes() == after


def test_there_are_enough_cases_and_a_third_changes_nothing() -> None:
    same = [case for case in CASES if not neighbour(case).exists()]
    assert len(CASES) >= 120
    assert len(same) >= len(CASES) / 3
    orphans = [p for p in FIXTURES.rglob("*.fixed.py") if not p.with_name(p.name.replace(".fixed.py", ".py")).exists()]
    assert orphans == []
