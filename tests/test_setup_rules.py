"""The rules of the set-up over small projects.

A file of `fixtures/setup/` holds the cases of one rule: ``=== name`` begins a case, ``--- path`` one of its files, and
``--- git`` words of git that are run in its folder, one command a line. ``--- expect`` lists what is found, with all
rules of the set-up on: ``path:row:column CODE``. A case without it is silent. Rules that speak of what most starts
leave out are on in their own cases alone.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from monitorlint.checks import all_rules
from monitorlint.engine.request import Request
from monitorlint.engine.run import run

WIDE = frozenset({"MON415", "MON427", "MON431", "MON435", "MON436", "MON442", "MON457"})
FOLDER = Path(__file__).parent / "fixtures" / "setup"
KINDS = frozenset({"setup", "error"})


class Case(NamedTuple):
    rule: str
    name: str
    files: dict[str, str]
    commands: list[str]
    expected: set[str]


def cases() -> list[Case]:
    found: list[Case] = []
    for place in sorted(FOLDER.glob("*.txt")):
        for block in f"\n{place.read_text(encoding='utf-8')}".split("\n=== ")[1:]:
            name, _, body = block.partition("\n")
            parts = [part.partition("\n") for part in f"\n{body}".split("\n--- ")[1:]]
            files = {path: text for path, _, text in parts if path not in {"expect", "git"}}
            lines = {path: text.split("\n") for path, _, text in parts if path in {"expect", "git"}}
            expected = {line.strip() for line in lines.get("expect", ()) if line.strip()}
            found.append(Case(place.stem, name, files, [c for c in lines.get("git", ()) if c], expected))
    return found


def written(case: Case, folder: Path) -> None:
    for path, text in case.files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        # What ends a case in its file is no part of the last text.
        place.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for command in case.commands:
        subprocess.run(["git", *command.split()], cwd=folder, env=environment, check=True, capture_output=True)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.rule}: {case.name}")
def test_each_project_gets_the_findings_that_it_asks_for(case: Case, tmp_path: Path) -> None:
    written(case, tmp_path)
    chosen = (r for r in all_rules() if r.kind in KINDS and (r.code not in WIDE or r.code == case.rule))
    setup = tuple(rule.code for rule in chosen)
    result = run(Request(paths=(tmp_path,), select=setup, cache=False, jobs=1, debug=True, isolated=True))
    found = {f"{f.path}:{f.region.row}:{f.region.column} {f.code}" for f in result.findings if f.suppressed is None}
    assert found == case.expected


@pytest.mark.parametrize("code", [rule.code for rule in all_rules() if rule.kind in KINDS])
def test_each_rule_has_cases_that_speak_and_cases_that_are_silent(code: str) -> None:
    own = [case for case in cases() if case.rule == code]
    speaking = [case for case in own if any(line.endswith(code) for line in case.expected)]
    assert speaking
    assert len(own) - len(speaking) >= min(2, len(speaking))
