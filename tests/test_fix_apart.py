"""Functions whose sources are taken by code in other files: nothing is put into them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from conftest import ROOT
from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.request import Request

SCAFFOLD = ROOT / "src" / "monitorlint" / "scaffold"

REGISTRATION = """\
import inspect

class Registrar:
    def __init__(self, store):
        self.store = store

    def register(self, **options):
        def decorator(function):
            self.store.add(function.__name__, inspect.getsource(function), options)
            return function
        return decorator
"""
FRAMEWORK = """\
from .registration import Registrar

class Framework:
    def __init__(self):
        self.registrar = Registrar(set())

    def register(self, **options):
        return self.registrar.register(**options)

framework = Framework()

def tool(**options):
    def keep(function):
        framework.register(**options)(function)
        return function
    return keep
"""
TOOL = """\
import requests
{imports}

@{decorator}
def page(url):
    return requests.get(url, timeout=10).text
"""
DECORATORS = {
    "resolved": ("from app.core.framework import tool", "tool()"),
    "through_an_instance": ("from app.core.framework import framework", "framework.register(name='page')"),
    "from_a_folder_on_the_path": ("from core.framework import framework", "framework.register(name='page')"),
    "given_when_it_is_loaded": ("", "framework.register(name='page')"),
}
OTHERS = {
    "of_another_package": ("from flask_plugins import framework", "framework.register(name='page')"),
    "of_another_name": ("from core.framework import framework", "framework.note(name='page')"),
}


def repaired(folder: Path, files: Mapping[str, str]) -> tuple[set[str], dict[str, str]]:
    """The files of a project that ``fix`` changes, and why it does not change others."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    request = Request(paths=(folder,), cache=False, jobs=1, debug=True)
    result = fix(request, FixOptions(write=True))
    return {file.path for file in result.files}, {site.path: site.reason for site in result.refused}


def test_a_function_is_left_alone_whose_source_is_taken_by_the_project(tmp_path: Path) -> None:
    cases = {**DECORATORS, **OTHERS}
    files = {f"app/{name}.py": TOOL.format(imports=i, decorator=d) for name, (i, d) in cases.items()}
    (tmp_path / "app" / "core").mkdir(parents=True)
    shutil.copy(SCAFFOLD / "python" / "sentry_monitoring.py", tmp_path / "app")
    core = {"app/core/registration.py": REGISTRATION, "app/core/framework.py": FRAMEWORK}

    changed, refused = repaired(tmp_path, {"app/__init__.py": "", "app/core/__init__.py": "", **core, **files})

    assert changed == {f"app/{name}.py" for name in OTHERS}
    assert refused.keys() == {f"app/{name}.py" for name in DECORATORS}
    assert {reason for reason in refused.values() if "inspect.getsource takes the source" not in reason} == set()


def test_a_function_is_left_alone_that_another_file_hands_to_a_page(tmp_path: Path) -> None:
    functions = "export async function {0}(url: string) {{\n  return (await fetch(url)).status;\n}}\n"
    shutil.copy(SCAFFOLD / "typescript" / "sentryMonitoring.ts", tmp_path)
    changed, refused = repaired(
        tmp_path,
        {
            "package.json": '{"name": "x"}',
            "inPage.ts": functions.format("inPage"),
            "inNode.ts": functions.format("inNode"),
            "run.ts": "import { inNode } from './inNode';\nimport { inPage } from './inPage';\n"
            "export async function run(page: any) {\n"
            "  await inNode('https://example.org');\n  return page.evaluate(inPage, '/api');\n}\n",
        },
    )

    assert changed == {"inNode.ts"}
    assert refused == {"inPage.ts": "page.evaluate runs the function in a page, where the helper is not"}


SCRIPT = """\
import os
import sys

import requests

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def page(url):
    from app.names import name

    return name + requests.get(url, timeout=10)


print(page("https://example.org"))
"""


def test_a_script_still_finds_what_it_puts_on_the_path_itself(tmp_path: Path) -> None:
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    (stubs / "requests.py").write_text("def get(url, timeout):\n    return url\n", encoding="utf-8")
    project = tmp_path / "project"
    (project / "app").mkdir(parents=True)
    shutil.copy(SCAFFOLD / "python" / "sentry_monitoring.py", project / "app")
    files = {"app/__init__.py": "", "app/names.py": "name = 'page of '\n", "jobs/run.py": SCRIPT}

    changed, _ = repaired(project, files)

    assert changed == {"jobs/run.py"}
    command = [sys.executable, str(project / "jobs" / "run.py")]
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env={"PYTHONPATH": str(stubs)}
    )
    assert (run.stdout, run.returncode) == ("page of https://example.org\n", 0), run.stderr


def test_a_function_that_is_run_from_its_source_still_runs(tmp_path: Path) -> None:
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    stub = "class Answer:\n    text = 'the page'\n\n\ndef get(url, timeout):\n    return Answer()\n"
    (stubs / "requests.py").write_text(stub, encoding="utf-8")
    kept = (ROOT / "tests/fixtures/fix/python/apart/source_kept_by_a_decorator.py").read_text(encoding="utf-8")
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(SCAFFOLD / "python" / "sentry_monitoring.py", project)

    changed, _ = repaired(project, {"run.py": f"{kept}\n\nprint(page('u'), other('u'))\n"})

    assert changed == {"run.py"}
    command = [sys.executable, str(project / "run.py")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(stubs)})
    assert (run.stdout.splitlines()[-1:], run.returncode) == (["the page the page"], 0), run.stderr
