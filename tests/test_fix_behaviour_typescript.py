"""What a program does is the same before and after a fix: random programs, run both ways under Node, with Sentry on."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.request import Request
from npm import installed
from programs_typescript import programs

HELPER = ROOT / "src" / "monitorlint" / "scaffold" / "typescript" / "sentryMonitoring.js"
DATA = ROOT / "tests" / "data" / "node"
NUMBERS = st.lists(st.integers(-2, 4), max_size=14)
PACKAGES = {
    "openai": "export { OpenAI as default, OpenAI } from '../../world.mjs';\n",
    "axios": "export { axios as default } from '../../world.mjs';\n",
}


class Runner:
    """A process of Node that runs programs beside each other."""

    def __init__(self, folder: Path, packages: Path) -> None:
        self._folder = folder
        self._count = 0
        modules = folder / "node_modules"
        for name, text in PACKAGES.items():
            (modules / name).mkdir(parents=True)
            (modules / name / "index.mjs").write_text(text)
            (modules / name / "package.json").write_text(json.dumps({"name": name, "exports": "./index.mjs"}))
        (modules / "@sentry").symlink_to(packages / "node_modules" / "@sentry")
        for file in DATA.iterdir():
            shutil.copy(file, folder)
        shutil.copy(HELPER, folder / "sentryMonitoring.mjs")
        self.process = subprocess.Popen(
            ["node", "run.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, before: str, after: str, script: list[int]) -> Any:
        """What is seen of both programs."""
        self._count += 1
        asked: dict[str, object] = {"script": script}
        for name, text in (("before", before), ("after", after)):
            path = self._folder / f"program{self._count}_{name}.mjs"
            path.write_text(text, encoding="utf-8")
            asked[name] = f"./{path.name}"
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "Node has ended"
        return json.loads(answer)


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    packages = installed(request.config, **{"@sentry__node": "10.63.0"})
    runner = Runner(tmp_path_factory.mktemp("programs"), packages)
    with runner.process:
        yield runner
    assert runner.process.returncode == 0


def fixed(source: str) -> tuple[str, int]:
    """A program after its repair, and how many findings that repaired."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "package.json").write_text('{"name": "programs", "type": "module"}')
        (root / "monitorlint.toml").write_text('extend-select = ["MON320"]')
        shutil.copy(HELPER, root / "sentryMonitoring.mjs")
        path = root / "program.mjs"
        path.write_text(source, encoding="utf-8")
        result = fix(Request(paths=(path,), cache=False, jobs=1, debug=True), FixOptions(write=True))
        return path.read_text(encoding="utf-8"), result.fixed


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(source=programs(), script=NUMBERS)
def test_a_fixed_program_does_what_it_did(node: Runner, source: str, script: list[int]) -> None:
    after, count = fixed(source)
    assume(count)

    seen = node.run(source, after, script)

    assert seen["after"] == seen["before"], after
    assert seen["sent"] or not seen["after"]["seen"]
