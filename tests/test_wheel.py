"""The wheel holds all that a user needs: built, installed into a bare environment, and run there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT


def run(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command without the code under test on its path."""
    unwanted = ("PYTHONPATH", "MONITORLINT_OUTPUT_FORMAT", "FORCE_COLOR")
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as pip builds it, from a copy so that the checkout stays clean."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignored = shutil.ignore_patterns(
        ".*", "__pycache__", "dist", "build", "tests", "bench", "node_modules", "_compiled.json"
    )
    shutil.copytree(ROOT, source, ignore=ignored)
    hatch = "import sys; from hatchling.cli import hatchling; sys.exit(hatchling())"
    run(sys.executable, "-c", hatch, "build", "-t", "wheel", "-d", folder, cwd=source)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment that holds the wheel and its dependencies; the path of its command."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=folder)
    return scripts / "monitorlint"


def test_it_holds_the_rules_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        f"monitorlint/rules/{path.relative_to(ROOT / 'rules').as_posix()}" for path in (ROOT / "rules").rglob("*.toml")
    }
    assert expected
    assert expected <= names
    assert {"monitorlint/py.typed", "monitorlint/catalog/_compiled.json"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "docs", "bench", "examples"))]


def test_it_runs_where_nothing_else_is(installed: Path, tmp_path: Path) -> None:
    app = tmp_path / "app"
    shutil.copytree(ROOT / "examples" / "assistant", app)
    done = run(installed, "check", "--output-format", "json", "--no-cache", ".", cwd=app, check=False)
    assert done.returncode == 1, done.stderr
    found = {(item["code"], item["filename"]) for item in json.loads(done.stdout)}
    assert ("MON101", "assistant/answers.py") in found
    assert ("MON201", "assistant/pages.py") in found
    assert {code[:4] for code, _ in found} >= {"MON1", "MON2", "MON3"}


def test_it_writes_the_helpers(wheel: Path, installed: Path, tmp_path: Path) -> None:
    scaffold = ROOT / "src" / "monitorlint" / "scaffold"
    names = [name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("monitorlint/scaffold/python/")]
    folder = "monitorlint/scaffold/python"
    assert sorted(names) == [f"{folder}/otel_regions.py", f"{folder}/sentry_monitoring.py"]
    (tmp_path / "main.py").touch()
    (tmp_path / "requirements.txt").write_text("requests\n")
    (tmp_path / "package.json").write_text('{"dependencies": {"express": "*"}}')
    (tmp_path / "main.ts").write_text("export {};\n")
    run(installed, "init", cwd=tmp_path)
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    (other / "main.py").touch()
    whole = (tmp_path / "sentry_monitoring.py").read_text().splitlines()
    assert set(whole) < set((scaffold / "python/sentry_monitoring.py").read_text().splitlines())
    assert "from '@sentry/node'" in (tmp_path / "sentryMonitoring.ts").read_text()
    assert (tmp_path / ".env.example").is_file()
    run(installed, "init", "--isolated", "--backend", "opentelemetry", cwd=other)
    assert "opentelemetry" in (other / "opentelemetry_monitoring.py").read_text()


def test_its_rules_are_explained(installed: Path, tmp_path: Path) -> None:
    assert "MON101" in run(installed, "rule", cwd=tmp_path).stdout
    assert "unmonitored-ai-call" in run(installed, "rule", "MON101", cwd=tmp_path).stdout
