"""Bad input in TypeScript and JavaScript, and in the files around it: one line, and the other files still checked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import RunTool
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from test_bad_input import lines, posix

GOOD = "export async function load(url: string) {\n  return fetch(url, { signal: AbortSignal.timeout(1000) });\n}\n"
FETCH = b"fetch('https://a', { signal: AbortSignal.timeout(1000) });\n"
FOUND = "good.ts:2:10: MON201 "


@pytest.fixture
def good(tmp_path: Path) -> Path:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "good.ts").write_text(GOOD)
    return tmp_path


def about(tool: RunTool, name: str, *args: str) -> list[str]:
    """What a run says of a file, besides that the good one is still checked."""
    ran = tool("check", "--output-format", "concise", *args)
    said = lines(ran)
    assert any(line.startswith(FOUND) for line in said), ran
    assert ran.code == 1
    return [line for line in (*said, *ran.err.splitlines()) if line.startswith((f"{name}:", f"skipped {name}: "))]


@pytest.mark.parametrize("named", [False, True], ids=["in its folder", "named"])
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.ts", FETCH + b"x = '\xff\xfe'\n", "bad.ts:1:1: MON901 The file line 2 is not UTF-8; save it as UTF-8"),
        ("bad.ts", FETCH + b"x = '\xed\xa0\x80'\n", "bad.ts:1:1: MON901 The file line 2 is not UTF-8"),
        ("bad.mts", FETCH.decode().encode("utf-16"), "bad.mts:1:1: MON901 The file holds null bytes"),
        ("bad.js", bytes(range(256)) * 8, "bad.js:1:1: MON901 "),
        ("bad.vue", b"<script>\n" + FETCH + b"\xff</script>\n", "bad.vue:1:1: MON901 The file line 3 is not UTF-8"),
        ("bad.ts", FETCH + b"function broken( {\n", "bad.ts:2:18: MON902 The file does not parse: this { is"),
        ("bad.tsx", FETCH + b"f(1]);\n", "bad.tsx:2:4: MON902 The file does not parse: this ] closes nothing"),
        ("bad.js", FETCH + b"<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n", "bad.js:2:1: MON902 The file does not parse: a"),
        ("bad.svelte", b"<script>\n" + FETCH + b"f(\n</script>\n", "bad.svelte:3:2: MON902 The file does not parse: "),
        ("bad.js", b"x = [" + b"1," * 2_500_000 + b"]\n", "skipped bad.js: too large (5.0 MB; the limit is 2 MB)"),
        ("bad.js", FETCH.strip() * 2000 + b"\n", "skipped bad.js: minified"),
        ("lib.min.mjs", FETCH, "skipped lib.min.mjs: minified"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_whole(
    tool: RunTool, good: Path, name: str, content: bytes, said: str, *, named: bool
) -> None:
    (good / name).write_bytes(content)
    own = about(tool, name, *((name, "good.ts") if named else ()))
    assert any(line.startswith(said) for line in own), (said, own)
    assert sum("MON90" in line for line in own) <= 1


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("odd.ts", b"", ""),
        ("odd.ts", b"\xef\xbb\xbf", ""),
        ("odd.ts", b"\xef\xbb\xbf" + FETCH, "1:1"),
        ("odd.js", b"#!/usr/bin/env node\n" + FETCH, "2:1"),
        ("odd.ts", b"f();\n".replace(b"\n", b"\r\n") + FETCH.replace(b"\n", b"\r\n"), "2:1"),
        ("odd.ts", FETCH + b"const x = '\0';\n", "1:1"),
        ("odd.ts", "'ä€𝄞'; ".encode() + FETCH, "1:8"),
        ("odd.ts", "const x = '\u2028';\n".encode() + FETCH, "2:1"),
        ("odd.ts", FETCH + b"const x = 'never closed\n", "1:1"),
        ("odd.ts", FETCH + b"const x = `never closed\n", "1:1"),
        ("odd.ts", FETCH + b"const x = /never closed\n", "1:1"),
        ("odd.ts", FETCH + b"/* never closed\n", "1:1"),
        ("odd.ts", FETCH + b"const x = '" + b"a" * 1_500_000 + b"';\n", "1:1"),
        ("odd.ts", b"const x = '" + b"a" * 100_000 + b"'; " + FETCH, "1:100015"),
        ("odd.tsx", FETCH + b"const x = <a><b></a>;\n", "1:1"),
        ("odd.ts", FETCH + b"write('\0a\0b' + f(x) + '\\n');\n", "1:1"),
        ("odd.ts", FETCH + b"interface A {\n  instanceof(a: B): B\n  f(g: () => C): B & { by(n: D): B }\n}\n", "1:1"),
        ("odd.vue", b"<template><p></template>\n<script setup>\n" + FETCH + b"</script>\n", "3:1"),
        ("odd.vue", b"<!-- <script>\n" + FETCH + b"</script> -->\n<script>\n" + FETCH + b"</script>\n", "5:1"),
        ("odd.vue", b"<script>\n" + FETCH, ""),
        ("odd.svelte", b"</script><script lang='ts' generics='T extends A<B>'>\n" + FETCH + b"</script>", "2:1"),
    ],
)  # fmt: skip
def test_a_file_that_only_looks_odd(tool: RunTool, good: Path, name: str, content: bytes, place: str) -> None:
    (good / name).write_bytes(content)
    own = about(tool, name)
    assert [line.partition(" ")[0] for line in own if "MON201" in line] == ([f"{name}:{place}:"] if place else [])
    assert not any("MON90" in line for line in own)
    full = tool("check", "--output-format", "full")
    assert "Traceback" not in full.out + full.err
    assert max(map(len, full.out.splitlines())) < 1000, "a code frame shows a part of a long line"


@posix
def test_links_that_lead_nowhere_or_back(tool: RunTool, good: Path) -> None:
    (good / "self.ts").symlink_to("self.ts")
    (good / "gone.tsx").symlink_to("nowhere.tsx")
    (good / "loop").symlink_to(".")
    os.mkfifo(good / "pipe.js")
    assert about(tool, "self.ts") == ["skipped self.ts: symlink loop"]
    assert about(tool, "gone.tsx", "gone.tsx", "good.ts") == ["skipped gone.tsx: symlink that leads nowhere"]
    assert about(tool, "pipe.js", "pipe.js", "good.ts") == ["skipped pipe.js: not a regular file"]


@posix
def test_what_may_not_be_read_or_written(tool: RunTool, good: Path) -> None:
    (good / "closed.ts").write_bytes(FETCH)
    (good / "closed.ts").chmod(0)
    good.chmod(0o555)
    if os.access(good / "closed.ts", os.R_OK):
        good.chmod(0o755)
        pytest.skip("this user may read everything")
    try:
        for _ in range(2):
            assert about(tool, "closed.ts") == ["closed.ts:1:1: MON901 The file cannot be read: Permission denied"]
    finally:
        good.chmod(0o755)


def test_a_named_file_in_no_known_language(tool: RunTool, good: Path) -> None:
    for name in ("notes.txt", "types.d.rb", "script"):
        (good / name).write_bytes(FETCH)
        said = f"skipped {name}: not in a language that monitorlint reads"
        assert about(tool, name, name, "good.ts") == [said]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("sub/x.tsx", b"const f = <T,>(url: T) => <a>{fetch(url)}</a>;\n", "sub/x.tsx:1:31: MON201 "),
        ("x.ts", b"const f = <T>fetch(url);\n", "x.ts:1:14: MON201 "),
        ("x.vue", b"<script>fetch(url)</script>", "x.vue:1:9: MON201 "),
        ("x.ts", b"fetch(\xff", "x.ts:1:1: MON901 The file line 1 is not UTF-8"),
        ("x.ts", b"fetch(u)\0\0", "x.ts:1:1: MON901 The file holds null bytes"),
        ("x.jsx", b"fetch(", "x.jsx:1:6: MON902 The file does not parse: this ( is never closed"),
    ],
)
def test_standard_input(tool: RunTool, good: Path, name: str, text: bytes, said: str) -> None:
    ran = tool("check", "-", "--stdin-filename", name, "--output-format", "concise", text=text)
    assert ran.code == 1
    assert [line for line in lines(ran) if line.startswith(said)], ran
    assert good.exists()


@pytest.mark.parametrize("name", ["package.json", "tsconfig.json", "package-lock.json", "jsconfig.json"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"name": "x\x00"}',
        b'{"a": 1}}',
        b'{"a":' * 50_000,
        b'{"name": 1, "workspaces": 1, "type": [], "main": {}, "exports": 1, "imports": [], "scripts": [1], "bin": 3}',
        b'{"workspaces": [1, null, "[", "../..", "**"], "exports": {".": [1, {}]}, "dependencies": {"openai": {}}}',
        b'{"extends": ["./tsconfig.json", "./a.json", 1, null], "references": [1, {"path": 3}], "files": 3}',
        b'{"compilerOptions": {"paths": {"*": 1, "@/*": "x", "a*b*": ["*"], "": [""]}, "baseUrl": 3, "rootDirs": 4}}',
        b'{"packages": {"": 1, "node_modules/openai": []}, "lockfileVersion": "x"}',
    ],
)
def test_a_broken_file_around_the_code(good: Path, name: str, content: bytes) -> None:
    (good / name).write_bytes(content)
    (good / "other.ts").write_text("import { load } from '@/good';\nimport x from 'openai';\nload(x);\n")
    assert FOUND in findings_in(good)


OTHERS = (".env", ".env.local", "Dockerfile", "pnpm-lock.yaml", "yarn.lock", "bun.lock", ".nvmrc", "vite.config.ts")


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00A=1",
        b"=",
        b"A=${A}",
        b'A="never closed',
        b"A=1\x00",
        b"\r\r",
        b"A=${" * 50_000,
        b" " * 300_000,
        b"alias: {" * 50_000,
    ],
    ids=range(9),
)
def test_broken_files_of_other_kinds(good: Path, name: str, content: bytes) -> None:
    (good / name).write_bytes(content)
    assert FOUND in findings_in(good)


def findings_in(root: Path) -> list[str]:
    """The findings of a check with all rules, in which whatever we raise is let out."""
    result = run(Request(paths=(root,), isolated=True, select=("ALL",), cache=False, debug=True))
    return [f"{f.path}:{f.region.row}:{f.region.column}: {f.code} " for f in result.findings]
