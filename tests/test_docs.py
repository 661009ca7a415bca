"""What the pages say is what the tool does."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, RunTool
from monitorlint.checks import all_rules
from monitorlint.settings.load import load_settings
from monitorlint.settings.validate import HELPER_KEYS, SETTING_KEYS
from monitorlint.settings.values import Thresholds, Timeouts

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"<!-- example (\w+): begin -->\n```text\n(.*?)```\n<!-- example \1: end -->", re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize(
    ("name", "args"), [("output", ()), ("frame", ("--output-format", "full", "--select", "MON303"))]
)
def test_the_example_in_the_readme_is_what_the_tool_says(tool: RunTool, name: str, args: tuple[str, ...]) -> None:
    assert ".venv/bin/monitorlint check examples/assistant" in README
    ran = tool("check", "--no-cache", *args, "examples/assistant", cwd=ROOT)
    assert ran.out + ran.err == dict(SHOWN.findall(README))[name]


@pytest.mark.parametrize("text", TOML.findall(README) + TOML.findall(CONFIGURATION))
def test_every_configuration_shown_is_valid(text: str, tmp_path: Path) -> None:
    own = "tool.monitorlint" not in text
    path = tmp_path / ("monitorlint.toml" if own else "pyproject.toml")
    path.write_text(text, encoding="utf-8")
    table = tomllib.loads(text)
    for pack in (table if own else table["tool"]["monitorlint"]).get("rule-packs", ()):
        (tmp_path / pack).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / pack).touch()
    assert load_settings(tmp_path, path, known=all_rules()).source == path


def test_every_key_is_described() -> None:
    tables = {"helpers": HELPER_KEYS, "thresholds": Thresholds._fields, "timeouts": Timeouts._fields}
    keys = {f"{key}.{part}" for key, parts in tables.items() for part in parts} | set(SETTING_KEYS) - tables.keys()
    described = re.findall(r"`([a-z.-]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", CONFIGURATION, re.MULTILINE)))
    assert keys - set(described) == set()


def test_every_key_of_the_catalogue_is_described() -> None:
    text = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    used = {key for path in (ROOT / "rules").rglob("*.toml") for key in _keys(tomllib.loads(path.read_text("utf-8")))}
    assert {key for key in used if not re.search(rf"(?<![\w-]){key}(?![\w-])", text)} == set()


def _keys(value: Any) -> Iterator[str]:
    """The keys of every table, but those of `files`, which are names of files."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner) if key != "files" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (page.parent / link.partition("#")[0]).exists()]
    assert gone == []


def test_references_to_pages_of_the_repository_exist() -> None:
    for page in sorted((ROOT / "docs" / "rules").glob("MON*.md")):
        for name in re.findall(r"docs/[\w/.-]+\.md", page.read_text(encoding="utf-8")):
            assert (ROOT / name).exists(), (page.name, name)
