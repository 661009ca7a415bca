"""Projects in TypeScript and JavaScript around one file that is to be repaired, as the fixtures describe them.

Lines at the end of a fixture say what is around it: ``// at: path`` (of the file; else its own name),
``// helper: path`` (of the helper module; else ``sentryMonitoring.ts`` beside it), ``// file: path content`` (one more
file of one line), ``// runtime: universal`` (of the helper module; else it is for Node), ``// option: …`` (a line of
the settings), ``// unsafe`` (with ``--unsafe-fixes``).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from conftest import ROOT
from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.request import Request
from monitorlint.languages.typescript.rewrite.runtimes import requires_modules
from monitorlint.model.fixes import FixResult
from monitorlint.scaffold.typescript_helper import Flavour, typescript_helper
from monitorlint.settings.values import Thresholds

FIXTURES = ROOT / "tests" / "fixtures" / "fix" / "typescript"
SCAFFOLD = ROOT / "src" / "monitorlint" / "scaffold" / "typescript"
SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
_SAID = re.compile(rb"^(?://|<!--) (at|helper|file|runtime|option): ([^\r\n]+?)(?: -->)?\r?$", re.MULTILINE)
_UNSAFE = re.compile(rb"^(?://|<!--) unsafe\b", re.MULTILINE)


class Around(NamedTuple):
    """What a fixture says of its project."""

    at: str
    helper: str
    files: dict[str, str]
    runtime: str
    options: list[str]
    is_unsafe: bool


def cases(folder: str = "") -> list[Path]:
    """The files of a folder that are to be repaired."""
    found = (p for p in (FIXTURES / folder).rglob("*") if p.suffix in SUFFIXES)
    return sorted(p for p in found if not p.stem.endswith(".fixed"))


def neighbour(case: Path) -> Path:
    """What the case becomes; it exists where the case changes."""
    return case.with_name(f"{case.stem}.fixed{case.suffix}")


def around(case: Path, text: bytes) -> Around:
    """What stands around a fixture."""
    said: dict[str, list[str]] = {"at": [], "helper": [], "file": [], "runtime": [], "option": []}
    for key, value in _SAID.findall(text):
        said[key.decode()].append(value.decode())
    at = said["at"][0] if said["at"] else case.name
    folder = at.rpartition("/")[0]
    standard = "sentryMonitoring" + (".js" if case.suffix in {".js", ".jsx", ".mjs", ".cjs"} else ".ts")
    helper = said["helper"][0] if said["helper"] else f"{folder}/{standard}" if folder else standard
    files = dict(line.split(" ", 1) for line in said["file"])
    runtime = said["runtime"][0] if said["runtime"] else ""
    return Around(at, helper, files, runtime, said["option"], _UNSAFE.search(text) is not None)


def project(folder: Path, case: Path, text: bytes) -> Path:
    """The fixture's project; gives the path of the file."""
    place = around(case, text)
    suffix = ".ts" if place.helper.endswith("ts") else ".js"
    helper = (SCAFFOLD / f"sentryMonitoring{suffix}").read_text(encoding="utf-8")
    if suffix == ".js" and requires_modules(case.name, text.decode("utf-8")):
        helper = typescript_helper(Thresholds(), Flavour(is_typed=False, is_commonjs=True))
    if place.runtime:
        helper = typescript_helper(Thresholds(), Flavour(sdk="@sentry/nextjs", runtime=place.runtime))
    settings = [*place.options]
    if not place.helper.rpartition("/")[2].startswith("sentryMonitoring"):
        settings += ["[helpers]", f'typescript = "{place.helper}"']
    files = {"package.json": '{"name": "case"}', place.helper: helper, **place.files}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (folder / "monitorlint.toml").write_text("\n".join(settings), encoding="utf-8")
    path = folder / place.at
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return path


def fixed(path: Path, *, unsafe: bool) -> FixResult:
    """One file of a project, repaired in place."""
    request = Request(paths=(path,), cache=False, jobs=1, debug=True)
    return fix(request, FixOptions(unsafe=unsafe, write=True))
