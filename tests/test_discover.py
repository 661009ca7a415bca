"""Discovery, on real trees and against git itself."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from monitorlint.engine.discover import Discovery, discover, reason_to_skip
from monitorlint.engine.ignorefile import IgnorePatterns
from monitorlint.settings.values import Settings, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, *paths: str, text: str = "") -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def find(root: Path, *paths: str, exclude: tuple[str, ...] = (), force_exclude: bool = False) -> Discovery:
    return discover(
        root, Settings(root, exclude=exclude), paths=[root / path for path in paths], force_exclude=force_exclude
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    write(root, "pyproject.toml")
    return root


def test_finds_python_files_sorted(project: Path) -> None:
    write(project, "b.py", "a/x.py", "a/y.pyi", "a/z.txt", "Makefile", ".github/tool.py")
    assert find(project).project == (".github/tool.py", "a/x.py", "b.py")
    assert find(project).reported == {".github/tool.py", "a/x.py", "b.py"}
    source = find(project).source("a/x.py")
    assert (source.path, source.absolute, source.language) == ("a/x.py", str(project / "a/x.py"), "python")


def test_default_excludes(project: Path) -> None:
    write(project, "app.py", ".venv/a.py", "node_modules/m/a.py", "pkg/vendor/a.py", "site-packages/a.py", ".git/a.py")
    write(project, "env/pyvenv.cfg", "env/lib/a.py", "conf/env/a.py", "build/a.py", "dist/a.py")
    write(project, "src/build/__init__.py", "src/build/a.py")
    assert find(project).project == ("app.py", "conf/env/a.py", "src/build/__init__.py", "src/build/a.py")


def test_build_output_is_told_from_sources_in_a_folder_of_that_name(project: Path) -> None:
    write(project, "app.ts", "build/a.js", "dist/a.js", "packages/x/build/a.js", "srcs/build/a.js", "lib/dist/src/a.js")
    write(project, "packages/y/dist/a.js", "packages/y/dist/package.json", text='{"type": "module"}')
    write(project, "packages/build/package.json", text='{"name": "@acme/build"}')
    write(project, "src/web/package.json", "src/web/dist/a.js", "src/dist/b.ts")
    write(project, "packages/build/src/a.ts", "src/build/a.ts", "packages/x/src/cli/build/dist/a.ts")
    assert find(project).project == (
        "app.ts",
        "packages/build/src/a.ts",
        "packages/x/src/cli/build/dist/a.ts",
        "src/build/a.ts",
        "src/dist/b.ts",
    )


def test_excluded_folder_is_read_when_named(project: Path) -> None:
    write(project, "app.py", "build/a.py", "build/.gitignore", "vendor/sub/b.py")
    assert find(project, "build").reported == {"build/a.py"}
    assert find(project, "vendor/sub").reported == {"vendor/sub/b.py"}
    assert find(project, "vendor/sub").project == ("app.py", "vendor/sub/b.py")
    assert find(project, "build", force_exclude=True).reported == frozenset()


def test_named_file_is_read_unless_force_exclude(project: Path) -> None:
    write(project, "app.py", "gen/out.py", "ignored.py")
    (project / ".gitignore").write_text("ignored.py\n")
    found = find(project, "gen/out.py", "ignored.py", "app.py", exclude=("gen",))
    assert found.reported == {"gen/out.py", "ignored.py", "app.py"}
    found = find(project, "gen/out.py", "ignored.py", "app.py", exclude=("gen",), force_exclude=True)
    assert found.reported == {"app.py"}


def test_paths_choose_what_is_reported_not_what_is_read(project: Path) -> None:
    write(project, "a/x.py", "a/sub/y.py", "ab/z.py")
    found = find(project, "a")
    assert found.reported == {"a/x.py", "a/sub/y.py"}
    assert found.project == ("a/sub/y.py", "a/x.py", "ab/z.py")
    assert discover(project, Settings(project), paths=[project.parent]).reported == set(found.project)
    outside = project.parent / "other"
    outside.mkdir()
    assert discover(project, Settings(project), paths=[outside]).reported == frozenset()


def test_shebang_decides_for_named_files_without_suffix(project: Path) -> None:
    (project / "tool").write_text("#!/usr/bin/env python3\nprint()\n")
    (project / "script").write_text("#!/usr/bin/env -S uv run --script\n")
    (project / "other").write_text("#!/bin/sh\npython3 x\n")
    found = find(project, "tool", "script", "other")
    assert found.reported == {"tool", "script"}
    assert found.source("tool").language == "python"
    assert [(one.path, one.reason) for one in found.skipped] == [
        ("other", "not in a language that monitorlint reads"),
    ]


def test_missing_path_is_the_users_mistake(project: Path) -> None:
    with pytest.raises(UsageError, match=r"nope\.py: no such file or folder; check"):
        find(project, "nope.py")


def test_unsaved_file_need_not_exist_and_obeys_force_exclude(project: Path) -> None:
    write(project, "a/x.py", "gen/y.py")
    settings = Settings(project, exclude=("gen",))
    new = discover(project, settings, unsaved=project / "a/new.py", force_exclude=True)
    assert new.reported == {"a/new.py"}
    assert "a/new.py" in new.project
    assert discover(project, settings, unsaved=project / "gen/new.py").reported == {"gen/new.py"}
    assert not discover(project, settings, unsaved=project / "gen/new.py", force_exclude=True).reported


def test_unmarked_root_is_not_walked(tmp_path: Path) -> None:
    write(tmp_path, "a/one.py", "a/near.py", "a/deep/far.py", "b/two.py", "huge/x.py")
    found = find(tmp_path, "a/one.py", "b")
    assert found.project == ("a/near.py", "a/one.py", "b/two.py")
    assert found.reported == {"a/one.py", "b/two.py"}


def test_nested_project_is_left_to_itself(project: Path) -> None:
    write(project, "app.py", "pkg/one/x.py", "pkg/two/y.py", "pkg/three/z.py")
    write(project, "pkg/one/monitorlint.toml")
    write(project, "pkg/two/pyproject.toml", text="[tool.monitorlint]\n")
    write(project, "pkg/three/pyproject.toml", text="[project]\ndependencies = ['monitorlint']\n")
    found = find(project)
    assert found.project == ("app.py", "pkg/three/z.py")
    assert found.nested == (project / "pkg/one", project / "pkg/two")
    assert find(project, "pkg/two/y.py").nested == (project / "pkg/two",)
    assert find(project, "pkg/two/y.py").reported == frozenset()
    whole = discover(project, Settings(project), split=False)
    assert whole.project == ("app.py", "pkg/one/x.py", "pkg/three/z.py", "pkg/two/y.py")
    assert whole.nested == ()


def test_symlinks(project: Path) -> None:
    write(project, "src/a.py", "generated/b.py", ".gitignore", text="generated/\n")
    outside = project.parent / "outside"
    write(outside, "c.py", "d.py")
    (project / "src/loop").symlink_to(project)
    (project / "src/self.py").symlink_to("self.py")
    (project / "src/again").symlink_to(project / "src")
    (project / "copy").symlink_to(project / "src")
    (project / "zcopy").symlink_to(project / "src")
    (project / "same.py").symlink_to(project / "src/a.py")
    (project / "linked.py").symlink_to(outside / "c.py")
    (project / "linked_too.py").symlink_to(outside / "c.py")
    (project / "away").symlink_to(outside)
    (project / "broken.py").symlink_to(project / "nowhere.py")
    (project / "shown").symlink_to(project / "generated")
    found = find(project)
    assert found.project == ("linked.py", "shown/b.py", "src/a.py")
    assert [(one.path, one.reason) for one in found.skipped] == [
        ("away", "symlink to a folder outside the project"),
        ("src/again", "symlink loop"),
        ("src/loop", "symlink loop"),
        ("src/self.py", "symlink loop"),
    ]


def test_unreadable_folder_is_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "a.py", "closed/b.py")
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = find(project)
    assert found.project == ("a.py",)
    assert [(one.path, one.reason) for one in found.skipped] == [
        ("closed", "folder cannot be read (Permission denied)"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_odd_files(project: Path) -> None:
    write(project, "a b/ü.py", "new\nline.py", "folder.py/x.py")
    (project / os.fsdecode(b"bad\xff.py")).write_text("")
    os.mkfifo(project / "pipe.py")
    found = find(project)
    assert found.project == ("a b/ü.py", "folder.py/x.py", "new\nline.py")
    assert [(one.path, one.reason) for one in found.skipped] == [("bad\\udcff.py", "file name is not valid Unicode")]
    assert find(project, "pipe.py").skipped[-1].reason == "not a regular file"


def test_reason_to_skip() -> None:
    assert reason_to_skip("a.py", b"x = 1\n") is None
    assert reason_to_skip("a.py", b"x" * 2_500_000) == "too large (2.5 MB; the limit is 2 MB)"
    assert reason_to_skip("a.min.js", b"x") == "minified"
    assert reason_to_skip("a.js", b"x" * 60_000) == "minified"
    assert reason_to_skip("a.js", b"x" * 6_000) == "minified"
    bundle = b"x" * 40_000 + b"\n" + b"const css = `a`;\n" * 1_500
    assert reason_to_skip("a.js", bundle) == "minified"
    assert reason_to_skip("a.js", bundle + b"run();\n" * 3_000) is None
    library = b"var A=(()=>{var e=t=>{if(t){return n(t)}};" * 16 + b"\n"
    assert reason_to_skip("a.js", library * 12 + b"  // in `a`\n" * 300) == "minified"
    assert reason_to_skip("a.js", library * 12 + b"run();\n" * 3_000) is None
    assert reason_to_skip("a.js", library * 3 + b"  // in `a`\n" * 100) is None
    printed = b"function n(e) {\n  return (e.done = !0), t(e, !1)\n}\n"
    assert reason_to_skip("a.js", printed * 500) == "minified"
    assert reason_to_skip("a.js", (printed + b"load(true);\nshow(false);\n") * 500) is None
    assert reason_to_skip("a.js", printed * 100) is None
    assert reason_to_skip("a.js", b"const isEmpty = !1;\n" + b"load(total);\n" * 2_000) is None
    prompts = b"export const first = `" + b"Answer the question that you are asked, and no other. " * 60 + b"`;\n"
    assert reason_to_skip("a.js", prompts * 4 + b"export const ask = (text) => fetch('/ask');\n" * 20) is None
    shell = b"".join(b"var ENVIRONMENT_IS_%s = false;\n" % place for place in (b"WEB", b"WORKER", b"NODE"))
    assert reason_to_skip("a.mjs", b"var Module = {};\n" + shell) == "written by Emscripten"
    assert reason_to_skip("a.ts", shell) is None
    assert reason_to_skip("a.js", shell.replace(b"WORKER", b"SHELL")) is None
    glue = b"""let wasm;
const imports = { __wbg_fetch_1: function(arg0) { return addHeapObject(fetch(getObject(arg0))); } };
export function start(text) { wasm.start(passString(text, wasm.__wbindgen_export)); }
"""
    assert reason_to_skip("a.js", glue) == "written by wasm-bindgen"
    assert reason_to_skip("a.js", glue.replace(b"__wbg_", b"import_")) is None
    assert reason_to_skip("a.js", library[:-1] * 3 + b"\n//# sourceMappingURL=a.js.map\n") == "minified"
    assert reason_to_skip("a.js", prompts.replace(b"`;", b"`; fetch('/ask', {});")) is None
    unpacked = b"(() => { // webpackBootstrap\n  'use strict';\n  load();\n})();\n"
    assert reason_to_skip("a.js", b"/*! Licence */\n" + unpacked) == "written by webpack"
    assert (
        reason_to_skip("a.js", b"/******/ " + unpacked.replace(b"webpackBootstrap", b"start")) == "written by webpack"
    )
    assert reason_to_skip("a.ts", unpacked) is None
    packed = b"""var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() { return mod.exports; };
"""
    assert reason_to_skip("a.cjs", b'"use strict";\n' + packed) == "written by esbuild"
    assert reason_to_skip("a.cjs", b"var __defProp = Object.defineProperty;\nload();\n") is None
    assert reason_to_skip("a.cjs", b"load();\n" * 300 + packed) is None
    assert reason_to_skip("a.js", b"x" * 4_000) is None
    assert reason_to_skip("a.js", (b"x" * 600 + b"\n") * 12) is None
    assert reason_to_skip("a.js", b"x = 1\n" * 10_000) is None


# Not here, for pathspec reads them otherwise than git: POSIX classes and escapes in brackets, a tab at the end.
PATTERNS = """
*.py[cod]
/top.py
build/
!keep.py
docs/_build/
**/deep
a/**/z.py
x/**
!x/y.py
sp\\ ace.py
trailing.py\\\x20
\\#hash.py
\\!bang.py
# comment
[!a-c]1.py
[]q].py
[unclosed.py
b?.py
*foo*
/q/*/r.py
c**d.py
e\\*.py
lone\\
w/
!w/
/v/*
!/v/u/
**/m/n.py
"""
NAMES = [
    *("top.py", "keep.py", "build", "docs", "_build", "deep", "a", "x", "y.py", "z.py", "sp ace.py", "#hash.py"),
    *("!bang.py", "a1.py", "d1.py", "3n.py", "].py", "q.py", "[unclosed.py", "bc.py", "myfoo.py", "q", "r.py", "cd.py"),
    *("c-d.py", "e*.py", "ef.py", "k.py", "w", "v", "u", "m", "n.py", "one.pyc", "plain.py", "trailing.py "),
]


@pytest.mark.parametrize("seed", range(12))
def test_same_as_git(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a reproducible tree
    repository = tmp_path / "repository"
    project = repository / "work" / "project"
    lines = [line for line in PATTERNS.split("\n") if line]

    def patterns() -> str:
        return "\r\n".join(chance.sample(lines, chance.randint(0, 9))) + "\n"

    project.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    (project / "pyproject.toml").touch()
    for _ in range(150):
        parts = [chance.choice(NAMES) for _ in range(chance.randint(1, 4))]
        file = project.joinpath(*(part.removesuffix(".py") for part in parts[:-1]), parts[-1])
        if not any(parent.is_file() for parent in file.parents) and not file.exists():
            write(project, str(file.relative_to(project)))
    folders = [repository, repository / "work", project, *sorted(path for path in project.rglob("*") if path.is_dir())]
    for folder in folders[:3] + chance.sample(folders, min(6, len(folders))):
        (folder / ".gitignore").write_text(patterns(), newline="")
    (repository / ".git/info/exclude").write_text(patterns(), newline="")

    listed = subprocess.run(
        ["git", "-c", "core.excludesFile=/dev/null", "ls-files", "-z", "-co", "--exclude-standard", "."],
        cwd=project, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    expected = {path for path in listed.split("\0") if path.endswith(".py")}
    # Build output without an __init__.py is never read, ignored or not.
    expected = {path for path in expected if "build" not in path.split("/")[:-1]}
    assert set(find(project).project) == expected


@pytest.mark.parametrize("path", ["deep/a1.py", "w", "x/a/b/c.py", "q/t/r.py", "a/z.py", "a/b/c/z.py", "ab/z.py", "x"])
def test_each_pattern_as_git(tmp_path: Path, path: str) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for pattern in (line for line in PATTERNS.split("\n") if line):
        (tmp_path / ".gitignore").write_text(pattern + "\n")
        code = subprocess.run(
            ["git", "check-ignore", "-q", "--no-index", path], cwd=tmp_path, check=False
        ).returncode  # fmt: skip
        assert IgnorePatterns(pattern).match_with_parents(path) is (code == 0), pattern


@pytest.mark.parametrize(
    "nonsense", ["lone\\", "[z-a].py", "[[:digit:]].py", "[", "!", "/", "!/", "//", "\\", "\x00", "(?P<x", "***/**/*"]
)
def test_odd_patterns_are_no_error(tmp_path: Path, nonsense: str) -> None:
    write(tmp_path, "pyproject.toml", "keep.py", "drop.py")
    write(tmp_path, ".gitignore", text=f"{nonsense}\ndrop.py\n!keep.py\n")
    assert find(tmp_path, exclude=(nonsense,)).project in {("keep.py",), ()}


def test_ignore_file_need_not_be_text(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "keep.py")
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe\n*.pyc\n")
    assert find(tmp_path).project == ("keep.py",)


def test_pathspec_is_not_imported_without_patterns(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "a.py")
    write(tmp_path, ".gitignore", text="# nothing yet\n\n")
    code = (
        "import sys; from pathlib import Path; from monitorlint.engine.discover import discover;"
        "from monitorlint.settings.values import Settings; root = Path(sys.argv[1]);"
        "assert discover(root, Settings(root)).project == ('a.py',); print('pathspec' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "False\n"


def test_worktree_uses_the_main_repositorys_exclude_file(tmp_path: Path) -> None:
    main, tree = tmp_path / "main", tmp_path / "tree"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(main)]
    subprocess.run(["git", "init", "-q", str(main)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    subprocess.run([*git, "worktree", "add", "-q", str(tree)], check=True, capture_output=True)
    (main / ".git/info/exclude").write_text("secret.py\n")
    write(tree, "a.py", "secret.py")
    assert find(tree).project == ("a.py",)


def test_settings_of_other_peoples_code_are_the_projects_own(project: Path) -> None:
    write(project, "app/settings/third_party/sentry.py", "app/third_party/lib.py", "third_party/lib.py")
    assert [path for path in find(project).project if "third_party" in path] == ["app/settings/third_party/sentry.py"]
