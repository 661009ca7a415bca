"""Which file an import means: what the fixture says on its lines, what monitorlint finds, and what TypeScript finds."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

import npm
from monitorlint.index.reach import Reach
from monitorlint.languages.typescript import specifiers
from monitorlint.languages.typescript.imports import imported_modules
from monitorlint.languages.typescript.modules import ModuleMap, own_packages

FIXTURE = Path(__file__).parent / "fixtures" / "modules" / "typescript"
SUFFIXES = {".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte"}
LINE = re.compile(r"""["']([^"']+)["'].*// ([-=])> (\S+)$""")
OUTSIDE = "outside"

RESOLVE = """
const ts = require("typescript");
const path = require("path");
const [root] = process.argv.slice(2);
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
const options = (file) => {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    for (const name of ["tsconfig.json", "jsconfig.json"]) {
      const config = path.join(folder, name);
      if (!ts.sys.fileExists(config)) continue;
      return ts.parseJsonConfigFileContent(ts.readConfigFile(config, ts.sys.readFile).config, ts.sys, folder).options;
    }
    if (folder === root) return {};
  }
};
const bundler = { moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext, allowJs: true };
console.log(JSON.stringify(cases.map(([importer, specifier]) => {
  const file = path.join(root, importer);
  const found = ts.resolveModuleName(specifier, file, { ...bundler, ...options(file) }, ts.sys).resolvedModule;
  const place = found && path.relative(root, ts.sys.realpath(found.resolvedFileName));
  return place && !place.includes("node_modules") && !place.endsWith(".json") ? place : "outside";
})));
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture as it is after an installation: its packages are linked."""
    root = tmp_path_factory.mktemp("workspace").resolve() / "shop"
    shutil.copytree(FIXTURE, root)
    (root / "installed").rename(root / "node_modules")
    (root / "node_modules" / "@shop").mkdir()
    for name in ("ui", "core", "rows", "tool"):
        (root / "node_modules" / "@shop" / name).symlink_to(root / "packages" / name)
    return root


def files_of(root: Path) -> list[str]:
    """The source files of a folder, relative."""
    found = []
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if name != "node_modules"]
        found += [(Path(folder) / n).relative_to(root).as_posix() for n in names if Path(n).suffix in SUFFIXES]
    return sorted(found)


class Case(NamedTuple):
    """One import of the fixture."""

    path: str
    line: int
    specifier: str
    mark: str
    """``=`` where TypeScript does not find what monitorlint finds, else ``-``."""
    expected: str


def cases() -> list[Case]:
    """All imports of the fixture."""
    found = []
    for path in files_of(FIXTURE):
        for number, line in enumerate((FIXTURE / path).read_text("utf-8").splitlines(), start=1):
            if case := LINE.search(line):
                found.append(Case(path, number, case.group(1), case.group(2), case.group(3)))
    return found


def test_every_import_of_the_fixture_is_found_where_its_line_says(workspace: Path) -> None:
    modules = ModuleMap(workspace, files_of(workspace), lambda name: name in {"openai", "axios"})
    wrong = []
    for path, line, specifier, _, expected in cases():
        found = modules.find(path, f"{specifiers.encode(specifier)}.name")
        if found != (None if expected == OUTSIDE else expected, ("name",)):
            wrong.append(f"{path}:{line}: {specifier} is {expected}, found {found[0]}")
    assert not wrong, "\n".join(wrong)
    assert len(cases()) > 80


def test_without_an_installation_workspaces_answer_for_their_packages(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    shutil.copytree(FIXTURE, root)
    modules = ModuleMap(root, files_of(root), lambda _: False)
    assert modules.find("apps/web/src/main.ts", "@shop/ui.Button") == ("packages/ui/src/index.ts", ("Button",))
    assert modules.find("apps/web/src/main.ts", "@/local.a") == ("apps/web/src/local.ts", ("a",))


def test_typescript_finds_the_same(workspace: Path, request: pytest.FixtureRequest) -> None:
    packages = npm.installed(request.config, typescript="5.9.3")
    asked = [case for case in cases() if not case.path.endswith((".vue", ".svelte"))]
    answer = npm.node(
        RESOLVE, str(workspace), packages=packages, text=json.dumps([(c.path, c.specifier) for c in asked])
    )
    differing = [
        f"{case.path}:{case.line}: {case.specifier} is {case.expected}, TypeScript finds {found}"
        for case, found in zip(asked, json.loads(answer), strict=True)
        if (found != case.expected) is (case.mark == "-")
    ]
    assert not differing, "\n".join(differing)


def test_the_packages_of_a_workspace_are_its_own() -> None:
    own = own_packages(FIXTURE, files_of(FIXTURE))
    assert {"shop", "@shop/web", "@shop/ui", "bundled", "kit"} <= own
    assert not {"@shop/retired", "@shop/linked", "@acme/tsconfig"} & own


@pytest.mark.parametrize(
    "listing",
    [
        {"pnpm-workspace.yaml": "# all\npackages:\n  - 'libs/**'  # deep\n  - \"!libs/old\"\ncatalog:\n  - x\n"},
        {"pnpm-workspace.yaml": 'packages: ["libs/**", "!libs/old"]\n'},
        {"pnpm-workspace.yaml": 'packages:\n  - libs/**/*\n  - "!libs/**/old"\n'},
        {"pnpm-workspace.yaml": "packages:\n  - libs/*\n  - libs/**/a\n  - '!libs/ol*'\n"},
        {"lerna.json": '{"packages": ["./libs/**/", "!libs/old"]}'},
        {"package.json": '{"workspaces": {"packages": ["libs/**", "!libs/old"]}}'},
        {"rush.json": '{"projects": [{"projectFolder": "libs/deep/a"}, {"projectFolder": "libs/flat"}]}'},
    ],
)
def test_workspaces_are_listed_in_many_ways(tmp_path: Path, listing: dict[str, str]) -> None:
    files = {
        **listing,
        "libs/deep/a/package.json": '{"name": "a"}',
        "libs/deep/a/index.ts": "",
        "libs/flat/package.json": '{"name": "flat"}',
        "libs/flat/index.ts": "",
        "libs/old/package.json": '{"name": "old"}',
        "libs/old/index.ts": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    modules = ModuleMap(tmp_path, files_of(tmp_path), lambda _: False)
    assert modules.find("main.ts", "a")[0] == "libs/deep/a/index.ts"
    assert modules.find("main.ts", "flat")[0] == "libs/flat/index.ts"
    assert modules.find("main.ts", "old")[0] is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"compilerOptions": []}',
        '{"compilerOptions": {"paths": [], "baseUrl": 3}}',
        '{"compilerOptions": {"paths": {"@/*": "src/*", "x": [null, 3]}}}',
        '{"extends": "./tsconfig.json"}',
        '{"extends": [null, 4, "nowhere/at/all", ""]}',
        '{"references": [3, {"path": 4}, {"path": "."}]}',
        "[" * 100_000,
        "/*" * 100_000,
        '{"a": "' + "\\" * 99_999,
    ],
)
@pytest.mark.parametrize(
    "name", ["tsconfig.json", "package.json", "lerna.json", "pnpm-workspace.yaml", "vite.config.ts"]
)
def test_a_broken_configuration_is_none(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    modules = ModuleMap(tmp_path, ["main.ts", "other.ts"], lambda _: False)
    assert modules.find("main.ts", ".\\/other") == ("other.ts", ())
    assert modules.find("main.ts", "#other") == (None, ())
    assert modules.find("main.ts", "other") == (None, ())


@pytest.mark.parametrize(
    "text",
    [
        '{"name": 3, "exports": [[[["./a.ts"]]], 5, null], "imports": 4, "main": {}}',
        '{"name": "own", "exports": {"./*": {"import": [{"default": 4}]}, "*": 3}, "workspaces": 4}',
        '{"exports": ' + '{"default": ' * 500 + '"./a.ts"' + "}" * 501,
        '{"workspaces": ["*", "**", "[", "", "!"], "dependencies": {"own": "file:"}}',
    ],
)
def test_a_strange_package_is_read_as_far_as_it_goes(tmp_path: Path, text: str) -> None:
    (tmp_path / "package.json").write_text(text)
    modules = ModuleMap(tmp_path, ["main.ts"], lambda _: False)
    assert modules.find("main.ts", "own/x") == (None, ())
    assert modules.find("main.ts", ".\\/main") == ("main.ts", ())
    assert own_packages(tmp_path, ["main.ts"]) <= {"own"}


@pytest.mark.parametrize(
    ("specifier", "path"),
    [
        ("openai", "openai.X"),
        ("openai/resources/chat", "openai.resources.chat.X"),
        ("openai/index.mjs", "openai.X"),
        ("openai/resources/index.js", "openai.resources.X"),
        ("@ai-sdk/openai", "@ai-sdk/openai.X"),
        ("@langchain/core/messages", "@langchain/core.messages.X"),
        ("node:fs/promises", "fs.promises.X"),
        ("socket.io", "socket.io.X"),
        ("npm:openai@4.20.1", "openai.X"),
        ("npm:@ai-sdk/openai@1.0.0/internal", "@ai-sdk/openai.internal.X"),
        ("jsr:@std/http@1", "@std/http.X"),
        ("https://esm.sh/openai@4.20.0?target=deno", "openai.X"),
        ("https://esm.sh/v135/@ai-sdk/openai@1", "@ai-sdk/openai.X"),
        ("https://deno.land/x/openai@v4.20.1/mod.ts", "openai.X"),
    ],
)
def test_the_catalogue_path_of_what_is_not_in_the_project(specifier: str, path: str) -> None:
    assert specifiers.external(f"{specifiers.encode(specifier)}.X") == path


@pytest.mark.parametrize(
    ("specifier", "package"),
    [
        ("openai", "openai"),
        ("openai/x", "openai"),
        ("@a/b/c", "@a/b"),
        *[(path, "") for path in ("./x", "..", "/x", "#x", "~/x", "@/x", "$lib/x", "https://a.b/c")],
    ],
)
def test_the_package_of_a_specifier(specifier: str, package: str) -> None:
    assert specifiers.package_of(specifier) == package


def test_the_names_of_a_module_are_its_folders_and_its_file() -> None:
    modules = ModuleMap(".", [], lambda _: False)
    assert modules.names("src/utils/sentryMonitoring.ts") == ("src", "utils", "sentryMonitoring")
    assert modules.names("src/utils/index.ts") == ("src", "utils")
    assert modules.names("index.ts") == ("index",)


def test_the_import_graph_follows_aliases_and_folders_that_are_loaded_by_name(tmp_path: Path) -> None:
    texts = {
        "src/main.ts": b'import "~/lib/a"; import("./jobs/" + name); import(`@/tasks/${name}`);',
        "src/lib/a.ts": b"",
        "src/jobs/index.ts": b"",
        "src/jobs/send.ts": b"",
        "src/tasks/clean.ts": b"",
        "src/other.ts": b"",
    }
    modules = ModuleMap(tmp_path, texts, lambda _: False)
    reach = Reach(modules, lambda path: imported_modules(texts[path]), dict.fromkeys(texts, "app"))
    assert reach.run_by(["src/main.ts"]) == set(texts) - {"src/other.ts"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("tsconfig.server.json", "src/server/user.ts"),
        ("tsconfig.test.json", None),
        ("tsconfig.base.json", None),
        ("settings.json", None),
    ],
)
def test_a_configuration_that_only_a_command_names_maps_what_no_other_does(
    tmp_path: Path, name: str, found: str | None
) -> None:
    files = {
        "tsconfig.json": '{"files": [], "references": [{"path": "./tsconfig.client.json"}]}',
        "tsconfig.client.json": '{"compilerOptions": {"paths": {"@shared/*": ["src/shared/*"]}}}',
        name: '{"compilerOptions": {"paths": {"@server/*": ["src/server/*"], "@shared/*": ["src/server/*"]}}}',
        "src/server/user.ts": "",
        "src/shared/user.ts": "",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    modules = ModuleMap(tmp_path, files_of(tmp_path), lambda _: False)
    assert modules.find("src/server/main.ts", "@server/user.one")[0] == found
    assert modules.find("src/server/main.ts", "@shared/user.one")[0] == "src/shared/user.ts"
