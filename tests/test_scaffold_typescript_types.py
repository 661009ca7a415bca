"""The TypeScript helper as compilers and linters see it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from monitorlint.scaffold.typescript_helper import STEMS, Flavour, typescript_helper
from monitorlint.settings.values import Backend, Thresholds
from node_packages import Modules

TEMPLATES = ROOT / "src" / "monitorlint" / "scaffold" / "typescript"
SAMPLE = ROOT / "tests" / "fixtures" / "scaffold" / "helperTypes.ts"

REACT = Flavour("@sentry/react", "browser", is_react=True)
TYPED = {
    "node": Flavour(),
    "react": REACT,
    "browser": Flavour("@sentry/browser", "browser"),
    "cra": REACT._replace(prefix="REACT_APP_", is_vite=False),
    "universal": Flavour("@sentry/react", "universal", is_react=True),
    "next": Flavour("@sentry/react", "universal", prefix="NEXT_PUBLIC_", is_vite=False, is_react=True),
    "worker": Flavour("@sentry/cloudflare", "worker"),
}
"""For the universal ones stands an SDK that is installed here: their own export the same of it."""

OTEL = Flavour(backend="opentelemetry")

STRICT: dict[str, Any] = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "noImplicitReturns": True,
    "noImplicitOverride": True,
    "noFallthroughCasesInSwitch": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "isolatedModules": True,
    "verbatimModuleSyntax": True,
    "skipLibCheck": True,
    "noEmit": True,
    "target": "ES2020",
    "lib": ["ES2020", "DOM", "DOM.AsyncIterable"],
    "module": "esnext",
    "moduleResolution": "bundler",
    "types": ["node"],
}


@pytest.fixture(scope="module")
def modules(request: pytest.FixtureRequest) -> Modules:
    return Modules(request.config)


def project(
    folder: Path, modules: Modules, flavour: Flavour, files: list[str], *, packages: str = "sentry11", **options: Any
) -> Path:
    (folder / "node_modules").symlink_to(modules(packages))
    (folder / f"{STEMS[flavour.backend]}.ts").write_text(typescript_helper(Thresholds(), flavour))
    configuration = {"compilerOptions": {**STRICT, **options}, "files": files}
    (folder / "tsconfig.json").write_text(json.dumps(configuration))
    return folder


def compiled(folder: Path, modules: Modules, *, tools: str = "tools") -> str:
    """What the compiler says."""
    tsc = modules(tools) / "typescript" / "bin" / "tsc"
    done = subprocess.run(["node", tsc], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("version", ["2", "3"])
def test_the_one_for_opentelemetry_does(tmp_path: Path, modules: Modules, version: str) -> None:
    files = ["openTelemetryMonitoring.ts", SAMPLE.name]
    folder = project(tmp_path, modules, OTEL, files, packages=f"otel{version}")
    sample = SAMPLE.read_text().replace("./sentryMonitoring", "./openTelemetryMonitoring")
    (folder / SAMPLE.name).write_text(sample.replace("initSentry", "initOpenTelemetry"))
    assert compiled(folder, modules) == ""


@pytest.mark.parametrize("version", ["10", "11"])
def test_it_compiles_as_strictly_as_can_be(tmp_path: Path, modules: Modules, version: str) -> None:
    every_flavour(tmp_path, modules, packages=f"sentry{version}")
    assert compiled(tmp_path, modules) == ""


def test_it_compiles_with_the_oldest_compiler(tmp_path: Path, modules: Modules) -> None:
    """The oldest that version 11 of the SDK is made for."""
    every_flavour(tmp_path, modules, packages="sentry11", lib=["ES2020", "DOM"])
    assert compiled(tmp_path, modules, tools="oldest") == ""


@pytest.mark.parametrize("backend", ["sentry", "opentelemetry"])
def test_it_compiles_where_no_target_is_set(tmp_path: Path, modules: Modules, backend: Backend) -> None:
    """As the templates of Next.js up to 14 have it: that is ES5, and what the compiler makes of it runs nowhere."""
    flavour = Flavour(backend=backend)
    packages = "sentry11" if backend == "sentry" else "otel3"
    folder = project(
        tmp_path, modules, flavour, [f"{STEMS[backend]}.ts"], packages=packages, target="ES5", lib=["DOM", "ESNext"]
    )
    assert compiled(folder, modules) == ""


def every_flavour(tmp_path: Path, modules: Modules, **options: Any) -> None:
    for name, flavour in TYPED.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "sentryMonitoring.ts").write_text(typescript_helper(Thresholds(), flavour))
    files = [f"{name}/sentryMonitoring.ts" for name in TYPED]
    project(tmp_path, modules, TYPED["node"], files, **options)


def test_it_compiles_to_old_modules_and_for_old_targets(tmp_path: Path, modules: Modules) -> None:
    old: dict[str, Any] = {"target": "ES2017", "lib": ["ES2020"], "module": "commonjs", "moduleResolution": "node10"}
    folder = project(
        tmp_path, modules, Flavour(), ["sentryMonitoring.ts"], packages="sentry10", verbatimModuleSyntax=False, **old
    )
    assert compiled(folder, modules) == ""


def test_wrapped_code_keeps_its_types(tmp_path: Path, modules: Modules) -> None:
    folder = project(tmp_path, modules, Flavour(), [SAMPLE.name])
    shutil.copy(SAMPLE, folder)
    assert compiled(folder, modules) == ""
    # The sample says when types get lost.
    helper = folder / "sentryMonitoring.ts"
    text = helper.read_text()
    for promised in ("Promise<T>;", "Promise<Awaited<T>>;"):
        worse = text.replace(promised, "Promise<any>;")
        assert worse != text
        helper.write_text(worse)
        assert "helperTypes.ts" in compiled(folder, modules)


def test_the_javascript_is_the_typescript_without_its_types(tmp_path: Path, modules: Modules) -> None:
    shutil.copy(ROOT / "tests" / "node" / "strip.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(modules("tools"))
    names = sorted(path.stem for path in TEMPLATES.glob("*.ts"))
    paths = [str(TEMPLATES / f"{name}.ts") for name in names]
    done = subprocess.run(["node", "strip.mjs", *paths], cwd=tmp_path, capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert sorted(found) == names == ["browser", "otelRegions", "sentryMonitoring", "universal", "worker"]
    for name, made in found.items():
        assert (TEMPLATES / f"{name}.js").read_text() == made["stripped"], f"write {name}.js anew"
        assert made["isFormatted"]
        # By another hand: the compiler sees the same program in both.
        assert made["compiled"][0] == made["compiled"][1]
        assert "function" in made["compiled"][0]


LINTER = """
import js from '@eslint/js';
import ts from 'typescript-eslint';

export default [
  js.configs.recommended,
  ...ts.configs.recommended,
  ...ts.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: true } } },
  { files: ['**/*.js'], languageOptions: { globals: Object.fromEntries(
    ['process', 'performance', 'console', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Response',
    ].map((name) => [name, 'readonly'])) } },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
];
"""


def test_linters_find_nothing(tmp_path: Path, modules: Modules) -> None:
    (tmp_path / "eslint.config.mjs").write_text(LINTER)
    (tmp_path / "node_modules").mkdir()
    for package in modules("tools").iterdir():
        (tmp_path / "node_modules" / package.name).symlink_to(package)
    for name, flavour in {**{name: TYPED[name] for name in ("node", "react", "next", "worker")}, "otel": OTEL}.items():
        folder = tmp_path / name
        folder.mkdir()
        stem = STEMS[flavour.backend]
        project(folder, modules, flavour, [f"{stem}.ts"], packages="otel2" if flavour == OTEL else "sentry11")
        plain = typescript_helper(Thresholds(), flavour._replace(is_typed=False))
        (folder / f"{stem}.js").write_text(plain)
    done = subprocess.run(
        ["node", modules("tools") / "eslint" / "bin" / "eslint.js", "--max-warnings=0", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


class TestWhat:
    @pytest.mark.parametrize("typed", [True, False])
    def test_thresholds(self, typed: bool) -> None:
        thresholds = Thresholds(ai=12.5, fetch=(1, 2.5), operation=(3, 4), loop=50, memory=0.5)
        text = typescript_helper(thresholds, Flavour(is_typed=typed))
        const = " as const" if typed else ""
        assert re.findall(r"(?m)^const ([A-Z]+_(?:SECONDS|LIMIT)) = (.*);$", text) == [
            ("AI_SECONDS", "12.5"),
            ("FETCH_SECONDS", f"[1, 2.5]{const}"),
            ("OPERATION_SECONDS", f"[3, 4]{const}"),
            ("LOOP_LIMIT", "50"),
            ("LOOP_SECONDS", "300"),
            ("MEMORY_LIMIT", "0.5"),
        ]

    def test_the_example_is_live_where_the_configuration_names_it(self) -> None:
        live = "\nexport function monitorLessonLoading<T>("
        assert live not in typescript_helper(Thresholds(), Flavour())
        assert live in typescript_helper(Thresholds(), Flavour(), {"monitorLessonLoading"})

    @pytest.mark.parametrize("name", TYPED)
    def test_no_trace_of_the_template_is_left(self, name: str) -> None:
        text = typescript_helper(Thresholds(), TYPED[name])
        assert "region" not in text
        assert ("VITE_" in text) is (TYPED[name].is_vite and name not in {"node", "worker"})
        assert ("node:" in text) is (name == "node")
        assert text.count(f"from '{TYPED[name].sdk}'") == 1
        assert ("ErrorBoundary" in text) is TYPED[name].is_react
