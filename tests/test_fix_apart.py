"""Functions whose sources are taken by code in other files: nothing is put into them."""

from __future__ import annotations

import shutil
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
