"""The Python helper as type checkers and old Pythons see it."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, quiet_environment
from monitorlint.scaffold.helper import PYTHON_NAMES, python_helper
from monitorlint.settings.values import Backend, Thresholds
from node_packages import Modules
from otlp_receiver import collecting
from python_packages import distributions
from sentry_receiver import receiving

BACKENDS = pytest.mark.parametrize("backend", PYTHON_NAMES)
SAMPLE = ROOT / "tests" / "fixtures" / "scaffold" / "helper_types.py"


def lay(folder: Path, backend: Backend) -> Path:
    """The helper, and code that says which types it expects, in a project that knows nothing of ours."""
    helper = folder / PYTHON_NAMES[backend]
    helper.write_text(python_helper(Thresholds(), backend), encoding="utf-8")
    sample = SAMPLE.read_text(encoding="utf-8")
    if backend == "opentelemetry":
        sample = sample.replace("sentry_monitoring", helper.stem).replace('environment="test", ', "")
        sample = sample.replace("init_sentry", "init_opentelemetry")
    (folder / SAMPLE.name).write_text(sample, encoding="utf-8")
    return helper


def typed(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    options = ["--config-file=", "--strict", "--warn-unreachable", "--cache-dir=cache"]
    more = ["--enable-error-code=possibly-undefined", "--enable-error-code=ignore-without-code"]
    return subprocess.run(
        [sys.executable, "-m", "mypy", *options, *more, *files],
        cwd=folder,
        env=quiet_environment(PYTHONPATH="", PYTHONWARNINGS="default"),
        capture_output=True,
        text=True,
        check=False,
    )


@BACKENDS
def test_wrapped_code_keeps_its_types(tmp_path: Path, backend: Backend) -> None:
    # As strict as can be: the helper itself has to pass, too.
    helper = lay(tmp_path, backend)
    done = typed(tmp_path, SAMPLE.name, helper.name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sample_says_when_types_get_lost(tmp_path: Path) -> None:
    helper = lay(tmp_path, "sentry")
    text = helper.read_text(encoding="utf-8")
    worse = text.replace(
        "def call(self, name: str, context: Context, fn: Callable[[], _T]) -> _T:",
        "def call(self, name: str, context: Context, fn: Callable[[], _T]) -> object:",
    )
    assert worse != text
    helper.write_text(worse, encoding="utf-8")
    assert "[assert-type]" in typed(tmp_path, SAMPLE.name).stdout


@BACKENDS
def test_it_is_written_for_python_3_9(backend: Backend) -> None:
    tree = ast.parse(python_helper(Thresholds(), backend), feature_version=(3, 9))
    imported = {
        (node.module, alias.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    # What the standard library has only had since.
    assert not imported & {("typing", name) for name in ("ParamSpec", "Self", "TypeAlias", "assert_never", "override")}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in {"anext", "aiter"}]


@BACKENDS
def test_it_needs_nothing_of_ours(backend: Backend) -> None:
    tree = ast.parse(python_helper(Thresholds(), backend))
    roots = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            roots.add(str(node.module).partition(".")[0])
    assert roots - sys.stdlib_module_names == {"sentry_sdk" if backend == "sentry" else "opentelemetry"}


@BACKENDS
def test_ruff_finds_it_as_it_is_written(tmp_path: Path, backend: Backend) -> None:
    helper = lay(tmp_path, backend)
    configuration = ROOT / "src" / "monitorlint" / "scaffold" / "python" / "ruff.toml"
    for command in (["check"], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--config", str(configuration), helper.name]
        done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", ["3.9", "3.13"])
def test_pyright_is_content_as_strict_as_can_be(tmp_path: Path, request: pytest.FixtureRequest, version: str) -> None:
    pyright = Modules(request.config)("pyright") / "pyright" / "index.js"
    written = {name: python_helper(Thresholds(), backend) for backend, name in PYTHON_NAMES.items()}
    for name, text in written.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "pyrightconfig.json").write_text(f'{{"typeCheckingMode": "strict", "pythonVersion": "{version}"}}')
    command = ["node", str(pyright), "--pythonpath", sys.executable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "0 errors, 0 warnings, 0 informations\n"), done.stderr
    # It says when something is wrong.
    (tmp_path / "worse.py").write_text("from sentry_monitoring import monitor_fetch\n\nmonitor_fetch.call(1)\n")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "worse.py:3" in done.stdout


def old_python() -> str:
    """A Python 3.9, which is the oldest that the helpers are for."""
    around = Path("~/.pyenv/versions").expanduser().glob("3.9.*/bin/python3.9")
    for name in (os.environ.get("MONITORLINT_PYTHON39", ""), shutil.which("python3.9") or "", *map(str, around)):
        asked = [name, "-c", "import sys; print(sys.version_info[:2])"]
        if name and subprocess.run(asked, capture_output=True, text=True, check=False).stdout == "(3, 9)\n":
            return name
    pytest.skip("NOT RUN: needs a Python 3.9 (python3.9 on the PATH, or MONITORLINT_PYTHON39)")


FORMS = """
import asyncio, sys
from {module} import detect_infinite_loop, monitor_ai_generation, monitor_fetch, monitor_operation, watch_memory
from {module} import {start}

print({start}())

class RateLimitError(Exception):
    status_code = 429

@monitor_operation("work")
def work():
    with monitor_fetch("load", {{"lesson_id": 3}}):
        return 1

@monitor_ai_generation("groq", "achunks")
async def achunks():
    yield 1
    yield 2

def chunks():
    yield {{"model": "m-1", "usage": {{"input_tokens": 3, "output_tokens": 5}}}}

async def main():
    async def answer():
        return 4
    return [item async for item in achunks()] + [await monitor_ai_generation.acall("groq", "ask", None, answer)]

def fail():
    raise RateLimitError("slow down")

for turn in range(100, 1100, 100):
    detect_infinite_loop("poll", turn)
watch_memory()()
print(work(), asyncio.run(main()), len(list(monitor_ai_generation.stream("groq", "stream", None, chunks))))
try:
    monitor_ai_generation.call("groq", "fail", None, fail)
except RateLimitError as error:
    print(error)
"""


@BACKENDS
def test_it_runs_on_the_oldest_python_with_the_oldest_sdk(
    tmp_path: Path, request: pytest.FixtureRequest, backend: Backend
) -> None:
    python = old_python()
    packages = {
        "sentry": ["sentry-sdk==2.15.0"],
        "opentelemetry": [
            "opentelemetry-sdk==1.16.0",
            "opentelemetry-exporter-otlp-proto-http==1.16.0",
            "setuptools==80.9.0",
        ],
    }[backend]
    folder = distributions(request.config, *packages, python=python)
    name = PYTHON_NAMES[backend]
    (tmp_path / name).write_text(python_helper(Thresholds(), backend), encoding="utf-8")
    start = "init_sentry" if backend == "sentry" else "init_opentelemetry"
    (tmp_path / "main.py").write_text(FORMS.format(module=name.removesuffix(".py"), start=start))
    with receiving() as sentry, collecting() as collector:
        environment = quiet_environment(
            PYTHONPATH=str(folder), SENTRY_DSN=sentry.dsn, OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint
        )
        environment["PYTHONWARNINGS"] = "default"
        done = subprocess.run(
            [python, "main.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    assert (done.returncode, done.stdout) == (0, "True\n1 [1, 2, 4] 1\nslow down\n"), done.stderr
    if backend == "sentry":
        found = {event["tags"]["alert"] for event in sentry.events}
    else:
        found = {str(span.attributes["alert"]) for span in collector.received if "alert" in span.attributes}
        (stream,) = [span for span in collector.received if span.name == "groq stream"]
        assert stream.attributes["gen_ai.usage.output_tokens"] == 5
    assert found == {"loop", "rate_limit"}
