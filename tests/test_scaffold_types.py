"""The Python helper as type checkers and old Pythons see it."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, quiet_environment

HELPER = ROOT / "src" / "monitorlint" / "scaffold" / "python" / "sentry_monitoring.py"
SAMPLE = ROOT / "tests" / "fixtures" / "scaffold" / "helper_types.py"


def test_wrapped_code_keeps_its_types(tmp_path: Path) -> None:
    # In a project that knows nothing of ours, as strict as can be: the helper itself has to pass, too.
    for path in (HELPER, SAMPLE):
        shutil.copy(path, tmp_path)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--config-file=", "--strict", "--warn-unreachable", "--cache-dir=cache"),
            *("--enable-error-code=possibly-undefined", "--enable-error-code=ignore-without-code"),
            *(SAMPLE.name, HELPER.name),
        ],
        cwd=tmp_path,
        env=quiet_environment(PYTHONPATH="", PYTHONWARNINGS="default"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sample_says_when_types_get_lost(tmp_path: Path) -> None:
    text = HELPER.read_text(encoding="utf-8")
    worse = text.replace(
        "def call(self, name: str, context: Context, fn: Callable[[], _T]) -> _T:",
        "def call(self, name: str, context: Context, fn: Callable[[], _T]) -> object:",
    )
    assert worse != text
    (tmp_path / HELPER.name).write_text(worse, encoding="utf-8")
    shutil.copy(SAMPLE, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--cache-dir=cache", SAMPLE.name],
        cwd=tmp_path,
        env=quiet_environment(PYTHONPATH="", PYTHONWARNINGS="default"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "[assert-type]" in done.stdout


def test_it_is_written_for_python_3_9() -> None:
    tree = ast.parse(HELPER.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        (node.module, alias.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    # What the standard library has only had since.
    assert not imported & {("typing", name) for name in ("ParamSpec", "Self", "TypeAlias", "assert_never", "override")}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in {"anext", "aiter"}]


def test_it_needs_nothing_of_ours() -> None:
    tree = ast.parse(HELPER.read_text(encoding="utf-8"))
    roots = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            roots.add(str(node.module).partition(".")[0])
    assert roots - sys.stdlib_module_names == {"sentry_sdk"}
