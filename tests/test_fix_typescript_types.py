"""The compiler of TypeScript takes every fixed fixture, strictly, with the real types of the SDKs and the real helper.

It takes the fixtures before the fix, too: what is said of a result would otherwise mean nothing.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from shutil import copy

import pytest

from npm import installed
from rewriting_typescript import SCAFFOLD, around, cases, neighbour, project

PACKAGES = {
    "typescript": "5.9.3",
    "@types__node": "22.20.7",
    "@sentry__node": "10.63.0",
    "@anthropic-ai__sdk": "1.12.0",
    "@ai-sdk__openai": "3.0.141",
    "ai": "6.0.326",
    "axios": "1.21.1",
    "groq-sdk": "1.6.0",
    "ky": "2.1.0",
    "openai": "6.49.0",
    "zod": "4.6.7",
}
OPTIONS = {
    "strict": True,
    "noEmit": True,
    "noUncheckedIndexedAccess": True,
    "skipLibCheck": True,
    "target": "es2022",
    "lib": ["es2023", "dom", "dom.iterable"],
    "types": ["node"],
    "module": "esnext",
    "moduleResolution": "bundler",
    "moduleDetection": "force",
    "allowImportingTsExtensions": True,
    "jsx": "preserve",
}
DECLARED = """\
declare const Deno: { env: { get(name: string): string | undefined } };
declare module 'jsr:@std/csv' {
  export function parse(text: string): unknown;
}
declare module 'langsmith/evaluation';
declare module 'playwright' {
  export type Page = any;
}
declare module 'react';
declare module 'react-native-reanimated';
declare module 'react-query';
declare namespace JSX {
  interface IntrinsicElements {
    button: { onClick: () => void; formAction?: unknown; children?: unknown };
  }
  type Element = unknown;
}
"""
TYPED = [
    case
    for case in cases()
    if case.suffix in {".ts", ".tsx", ".mts", ".cts"}
    and neighbour(case).exists()
    and b"@ts-nocheck" not in case.read_bytes()
]


def aliases(root: Path, folder: str) -> list[str]:
    """Where an alias leads to in any of the projects."""
    return [f"./{found.relative_to(root)}/*" for found in root.glob(f"*/*/*/{folder}")]


@pytest.fixture(scope="module")
def errors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the compiler says of all fixtures, before and after."""
    packages = installed(request.config, **PACKAGES)
    root = tmp_path_factory.mktemp("typescript")
    (root / "node_modules").symlink_to(packages / "node_modules")
    for case in TYPED:
        for state, path in (("before", case), ("after", neighbour(case))):
            text = path.read_bytes()
            folder = root / state / case.parent.name / case.stem
            project(folder, case, text)
            # All of them have the one helper that is checked.
            up = "../" * (3 + around(case, text).helper.count("/"))
            (folder / around(case, text).helper).write_text(f"export * from '{up}sentryMonitoring';\n")
    copy(SCAFFOLD / "sentryMonitoring.ts", root)
    paths = {"@/*": [*aliases(root, "src"), *aliases(root, "app")], "~/*": aliases(root, "app")}
    config = {"compilerOptions": {**OPTIONS, "paths": paths}, "include": ["before", "after", "declared.d.ts"]}
    (root / "tsconfig.json").write_text(json.dumps(config), encoding="utf-8")
    compiler = packages / "node_modules" / "typescript" / "bin" / "tsc"
    (root / "declared.d.ts").write_text(DECLARED, encoding="utf-8")
    arguments = ["node", str(compiler), "-p", ".", "--pretty", "false"]
    ran = subprocess.run(arguments, cwd=root, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 or "error TS" in ran.stdout, ran.stdout + ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.parametrize("state", ["before", "after"])
def test_the_compiler_takes_every_fixture(errors: list[str], state: str) -> None:
    assert len(TYPED) >= 100
    assert [line for line in errors if line.startswith(f"{state}/")] == []


def test_the_compiler_says_nothing_else(errors: list[str]) -> None:
    assert [line for line in errors if not line.startswith(("before/", "after/"))] == []
