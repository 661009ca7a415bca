"""Whole fixes over fixtures, as a user makes them: ``case.ts`` becomes ``case.fixed.ts``, or stays where there is none.

``// refused: words``: the finding on this line stays, and the words are in the reason. ``rewriting_typescript`` says
what else a fixture says. Each result must parse, satisfy the check, and stay as it is when it is fixed again.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitorlint.languages.typescript.grammar import grammar_of, script_of
from rewriting_typescript import FIXTURES, around, cases, fixed, neighbour, project

CASES = cases()
REFUSED = re.compile(rb"// refused: ([^\r\n]+)")
FIXED_CODES = ("MON101", "MON201", "MON3", "MON5", "MON602", "MON605")
"""Rules whose findings are either repaired or refused, and never merely left."""


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_is_repaired_as_its_neighbour_shows(case: Path, tmp_path: Path) -> None:
    before = case.read_bytes()
    path = project(tmp_path, case, before)
    expected = neighbour(case).read_bytes() if neighbour(case).exists() else before
    unsafe = around(case, before).is_unsafe

    result = fixed(path, unsafe=unsafe)

    after = path.read_bytes()
    assert after.decode() == expected.decode()
    tree = grammar_of(case.name, after).parser.parse(script_of(case.name, after))
    broken = grammar_of(case.name, before).parser.parse(script_of(case.name, before)).root_node.has_error
    assert tree.root_node.has_error == broken
    lines = after.split(b"\n")
    wanted = {row: m[1].decode().strip() for row, line in enumerate(lines, 1) if (m := REFUSED.search(line))}
    said = {site.line: site.reason for site in result.refused if site.code.startswith(FIXED_CODES)}
    assert said.keys() == wanted.keys(), said
    assert [(row, words, said.get(row)) for row, words in wanted.items() if words not in said.get(row, "")] == []
    left = {f.region.row for f in result.left.findings if f.code.startswith(FIXED_CODES) and f.suppressed is None}
    assert left == set(said)

    again = fixed(path, unsafe=unsafe)

    assert again.files == ()
    assert path.read_bytes() == after


def test_there_are_enough_cases_and_a_third_changes_nothing() -> None:
    same = [case for case in CASES if not neighbour(case).exists()]
    assert len(CASES) >= 120
    assert len(same) >= len(CASES) / 3
    fixed_ones = [p for p in FIXTURES.rglob("*") if p.stem.endswith(".fixed")]
    assert [p for p in fixed_ones if not p.with_name(p.name.replace(".fixed.", ".")).exists()] == []
