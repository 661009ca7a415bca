"""The rules of the house: floors, start-up, documentation, sizes."""

from __future__ import annotations

import gc
import importlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from conftest import ROOT, quiet_environment
from monitorlint import __version__
from monitorlint.checks import all_rules, documentation
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule
from monitorlint.report.links import HOME
from monitorlint.report.rules import markdown

SOURCES = sorted((ROOT / "src").rglob("*.py"))
LONGEST = 500
"""Lines a file may have before it must be asked whether it still does one thing."""

HEAVY = {
    "tree_sitter",
    "tree_sitter_python",
    "tomlkit",
    "pathspec",
    "multiprocessing",
    "difflib",
    "unicodedata",
    "json",
}
"""What costs start-up time and is imported where it is needed, and not before."""

HEADINGS = ["What it does", "Why is this bad?", "Example", "Use instead", "How it decides", "References"]


def imported_by(*args: str, cwd: Path) -> set[str]:
    """Names of the modules that a run of the command line has imported when it ends."""
    code = (
        "import sys; sys.argv = ['monitorlint', *sys.argv[1:]]\n"
        "from monitorlint.cli import main\n"
        "main(); loaded = sorted(sys.modules)\n"
        "import json; print('\\n' + json.dumps(loaded))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        cwd=cwd,
        env=quiet_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_every_pattern_compiles() -> None:
    for path in SOURCES:
        name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        if "scaffold" not in name and not name.endswith("__main__"):
            importlib.import_module(name.removesuffix(".__init__"))
    kind = type(pattern(""))
    found = [one for one in gc.get_objects() if type(one) is kind]
    assert len(found) > 100
    for one in found:
        assert isinstance(one.pattern, (str, bytes))


def test_the_floors_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_importing_the_command_line_imports_nothing() -> None:
    code = "import sys; import monitorlint.cli; print(*(n for n in sys.modules if n.partition('.')[0] in sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "click", *HEAVY],
        env=quiet_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("args", [("--version",), ("--help",), ("rule",), ("check", "--help")])
def test_nothing_heavy_without_files(args: tuple[str, ...], tmp_path: Path) -> None:
    loaded = imported_by(*args, cwd=tmp_path)
    assert not (loaded & HEAVY) - ({"json"} if args[0] == "rule" else set())  # the register of rules
    assert not {
        name for name in loaded if name.startswith(("monitorlint.engine", "monitorlint.catalog", "monitorlint.index"))
    }


def test_version_imports_no_command(tmp_path: Path) -> None:
    own = {name for name in imported_by("--version", cwd=tmp_path) if name.startswith("monitorlint")}
    assert own == {"monitorlint", "monitorlint.cli", "monitorlint.cli.app"}


def test_a_file_without_calls_needs_nothing_that_judges_them(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("import requests\n\nwhile True:\n    pass\n")
    loaded = imported_by("check", ".", cwd=tmp_path)
    assert "monitorlint.index.calls" in loaded
    assert not loaded & {"monitorlint.index.auto", "monitorlint.index.monitored", "dataclasses"}
    assert "monitorlint.checks.loop_without_exit" in loaded
    assert "monitorlint.checks.unmonitored_fetch" not in loaded


def test_a_file_without_needles_needs_no_parser(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("def add(a, b):\n    return a + b\n")
    loaded = imported_by("check", ".", cwd=tmp_path)
    assert not loaded & {"tree_sitter", "tree_sitter_python", "tomlkit", "multiprocessing", "difflib"}


def test_a_finding_needs_no_rewriter(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import requests\n\nprint(requests.get('https://example.com'))\n")
    loaded = imported_by("check", "--output-format", "concise", "a.py", cwd=tmp_path)
    assert "tree_sitter" in loaded
    assert not loaded & {"tomlkit", "multiprocessing", "difflib"}


OURS = [path for path in SOURCES if (path.parent.parent.name, path.parent.name) != ("scaffold", "python")]
"""Without the templates: a helper has to be one file, so that a project can own it."""


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_files_do_one_thing(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_rules_are_in_order_and_named_once() -> None:
    rules = all_rules()
    codes = [rule.code for rule in rules]
    assert codes == sorted(set(codes))
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(re.fullmatch(r"MON\d{3}", code) for code in codes)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_every_rule_is_documented(rule: Rule) -> None:
    assert re.findall(r"^## (.+)$", markdown(documentation(rule.code)), flags=re.MULTILINE) == HEADINGS
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", rule.name)
    assert rule.summary
    assert not rule.summary.endswith(".")
    assert rule.code in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_documentation_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        env=quiet_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), "run: python docs/generate.py"


def test_the_project_file_agrees_with_the_code() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["urls"]["Homepage"] == HOME
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_machine_paths() -> None:
    texts = [*SOURCES, *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), ROOT / "pyproject.toml"]
    pattern = re.compile(r"(?<![\w.])/(?:home|root|Users)/")
    assert [path.name for path in texts if pattern.search(path.read_text(encoding="utf-8"))] == []
