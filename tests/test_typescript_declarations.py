"""What package.json and lock files say: versions for a file, commands, and the programs that they start."""

from __future__ import annotations

import json

import pytest

from monitorlint.languages.typescript.declarations import Declarations, declares
from monitorlint.model.launch import Launch

PNPM = """\
lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

importers:

  .:
    devDependencies:
      turbo:
        specifier: ^2.10.7
        version: 2.10.7

  apps/web:
    dependencies:
      '@ai-sdk/openai':
        specifier: 'catalog:'
        version: 3.0.23(zod@4.4.3)
      ai:
        specifier: ^6.0.0
        version: 6.0.64(zod@4.4.3)
      shared:
        specifier: workspace:*
        version: link:../../packages/shared

packages:

  ai@6.0.64:
    resolution: {integrity: sha512-x}
"""
PNPM_5 = """\
lockfileVersion: 5.4
specifiers:
  ai: ^6.0.0
dependencies:
  ai: 6.0.64_zod@4.4.3
"""
NPM = json.dumps(
    {
        "lockfileVersion": 3,
        "packages": {
            "": {"workspaces": ["apps/*"]},
            "node_modules/ai": {"version": "5.0.1"},
            "apps/web/node_modules/ai": {"version": "6.0.64"},
        },
    }
)
NPM_1 = json.dumps({"lockfileVersion": 1, "dependencies": {"ai": {"version": "6.0.64"}}})
YARN_1 = """\
# yarn lockfile v1


ai@^5.0.0:
  version "5.0.1"

ai@^6.0.0, ai@^6.0.1:
  version "6.0.64"
  resolved "x"
"""
YARN_4 = """\
__metadata:
  version: 8

"ai@npm:^5.0.0":
  version: 5.0.1

"ai@npm:^6.0.0, ai@npm:^6.1.0":
  version: 6.0.64
"""
BUN = """\
{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "shop",
    },
    "apps/web": {
      "name": "@shop/web",
      "dependencies": {
        "ai": "^6.0.0",
      },
    },
  },
  "packages": {
    "@shop/web/ai": ["ai@6.0.64", "", { "dependencies": { "@ai-sdk/gateway": "2.0.0" } }, "sha512-x=="],

    "ai": ["ai@5.0.1", "", {}, "sha512-y=="],
  }
}
"""


def declarations(**files: str) -> Declarations:
    texts = {path.replace("__", "/").replace("_json", ".json"): text for path, text in files.items()}
    return Declarations("/nowhere", texts, lambda: ["openai", "@shop/ui/button", ".\\/local"])


def package(**sections: dict[str, str]) -> str:
    return json.dumps({"name": "x", **sections})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pnpm-lock.yaml", PNPM),
        ("apps/web/pnpm-lock.yaml", PNPM_5),
        ("package-lock.json", NPM),
        ("apps/web/package-lock.json", NPM_1),
        ("yarn.lock", YARN_1),
        ("yarn.lock", YARN_4),
        ("bun.lock", BUN),
    ],
)
def test_the_lock_file_says_which_version_a_package_of_the_workspace_gets(name: str, text: str) -> None:
    texts = {"package.json": "{}", "apps/web/package.json": package(dependencies={"ai": "^6.0.0"}), name: text}
    found = Declarations("/nowhere", texts, list)
    assert found.satisfies("ai", ">=6.0.64,<6.0.65", "apps/web/src/chat.ts")
    assert not found.satisfies("ai", "<6.0.64", "apps/web/src/chat.ts")
    assert declares(name.rpartition("/")[2])


@pytest.mark.parametrize("name", ["pnpm-lock.yaml", "package-lock.json", "yarn.lock", "bun.lock"])
@pytest.mark.parametrize(
    "text", ["", "{", "[]", "importers:\n  .:\n    dependencies:\n      ai:\n", "[" * 100_000, "ai@" * 99_999]
)
def test_a_broken_lock_file_says_nothing(name: str, text: str) -> None:
    texts = {"package.json": package(dependencies={"ai": "^6.0.0"}), name: text}
    assert not Declarations("/nowhere", texts, list).satisfies("ai", "<6", "a.ts")


@pytest.mark.parametrize(
    ("declared", "wanted", "holds"),
    [
        ("^10.2.0", ">=10,<11", True),
        ("^10.2.0", ">=11", False),
        ("^10.2.0", ">=10.57", False),
        ("~4.1 || ^5", ">=4", True),
        ("5.0.0-beta.3", ">=5", True),
        ("npm:other@^3.1.0", ">=4", False),
        ("latest", ">=99", True),
        ("*", ">=99", True),
        ("git+https://example.com/x.git", ">=99", True),
        ("workspace:*", ">=99", True),
        ("^1", "", True),
    ],
)
def test_without_a_lock_file_the_least_version_that_is_declared_counts(declared: str, wanted: str, holds: bool) -> None:
    found = declarations(package_json=package(dependencies={"ai": declared}))
    assert found.satisfies("ai", wanted, "src/a.ts") is holds


def test_the_nearest_package_that_declares_it_counts() -> None:
    found = declarations(
        package_json=package(devDependencies={"ai": "^3.0.0", "zod": "^3.0.0"}),
        apps__web__package_json=package(dependencies={"ai": "^6.0.0"}),
        apps__api__package_json=package(dependencies={"ai": "^5.0.0"}),
        packages__ui__package_json=package(peerDependencies={"ai": ">=3"}, devDependencies={"ai": "^4.0.0"}),
    )
    majors = {place: [m for m in range(8) if found.satisfies("ai", f">={m},<{m + 1}", place)] for place in (
        "apps/web/src/a.ts", "apps/api/a.ts", "packages/ui/a.ts", "scripts/a.ts"
    )}  # fmt: skip
    assert majors == {"apps/web/src/a.ts": [6], "apps/api/a.ts": [5], "packages/ui/a.ts": [4], "scripts/a.ts": [3]}
    assert found.satisfies("zod", "<4", "apps/web/src/a.ts")
    assert found.satisfies("unheard-of", ">=1", "apps/web/src/a.ts")


def test_what_only_others_declare_is_taken_from_them() -> None:
    found = declarations(package_json="{}", apps__web__package_json=package(dependencies={"ai": "^6.0.0"}))
    assert not found.satisfies("ai", "<6", "packages/shared/a.ts")


@pytest.mark.parametrize(
    ("declared", "holds"),
    [
        ({"@sentry/nextjs": "^10.1.0"}, False),
        ({"@sentry/cli": "^2.0.0", "@sentry/vite-plugin": "^4.0.0", "@sentry/react": "^11.1.0"}, True),
        ({"@sentry/cli": "^2.0.0"}, True),
        ({"@sentry/node": "^9.0.0", "@sentry/react": "^11.1.0"}, False),
    ],
)
def test_sdks_of_sentry_are_released_together(declared: dict[str, str], holds: bool) -> None:
    found = declarations(package_json=package(dependencies=declared))
    assert found.satisfies("@sentry/node", ">=11", "src/instrument.ts") is holds


def test_a_catalog_says_what_a_workspace_means() -> None:
    web = package(dependencies={"ai": "catalog:", "react": "catalog:old"})
    for files in (
        {"pnpm-workspace.yaml": 'catalog:\n  "ai": ^6.0.0\ncatalogs:\n  old:\n    react: ^17.0.0\n'},
        {"package.json": '{"catalog": {"ai": "^6.0.0"}, "catalogs": {"old": {"react": "^17.0.0"}}}'},
        {"package.json": '{"workspaces": {"catalog": {"ai": "^6.0.0"}, "catalogs": {"old": {"react": "^17.0.0"}}}}'},
    ):
        found = Declarations("/nowhere", {**files, "apps/web/package.json": web}, list)
        assert not found.satisfies("ai", "<6", "apps/web/a.ts")
        assert not found.satisfies("react", ">=18", "apps/web/a.ts")


def test_what_is_declared_or_imported_is_there() -> None:
    found = declarations(
        package_json=package(dependencies={"langchain": "^1"}),
        apps__web__package_json=package(dependencies={"ai": "^6"}),
    )
    assert found.is_importable("ai", "apps/web/src/a.ts")
    assert found.is_importable("langchain", "apps/web/src/a.ts")
    assert not found.is_importable("ai", "src/a.ts")
    assert found.is_importable("ai")
    assert found.is_importable("openai", "src/a.ts")
    assert found.is_importable("@shop/ui")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"dependencies": []}', '{"dependencies": {"ai": 3}, "scripts": [], "name": 4}', "[" * 99_999],
)
def test_a_broken_package_declares_nothing(text: str) -> None:
    found = declarations(package_json=text)
    assert found.satisfies("ai", ">=1", "a.ts")
    assert not found.is_importable("ai")
    assert found.programs(["a.ts"], {}).started(Launch("package.json", 0, ("npm", "start"))) == frozenset()


@pytest.mark.parametrize(
    ("commands", "loads"),
    [
        ([("Dockerfile", "node --import ./instrument.mjs dist/index.js")], {("src/index.ts", "instrument.mjs", True)}),
        ([("Procfile", "web: node -r ./dist/tracing.js dist/index.js")], {("src/index.ts", "src/tracing.ts", True)}),
        ([("Dockerfile", "NODE_OPTIONS=--import=./instrument.mjs next start")], {("/", "instrument.mjs", True)}),
        (
            [("package.json", "start bun --preload ./instrument.mjs src/index.ts")],
            {("src/index.ts", "instrument.mjs", True)},
        ),
        ([("package.json", "dev node --import ./instrument.mjs src/index.ts")], set()),
        ([("Dockerfile", "node -r dotenv/config dist/index.js")], set()),
        ([("Dockerfile", "cp -r ./dist/tracing.js dist/index.js")], set()),
        (
            [
                ("package.json", "start node dist/index.js"),
                ("package.json", "start:traced node -r ./dist/tracing.js dist/index.js"),
            ],
            {("src/index.ts", "src/tracing.ts", False)},
        ),
    ],
)
def test_what_programs_load_first(commands: list[tuple[str, str]], loads: set[tuple[str, str, bool]]) -> None:
    programs = declarations(package_json="{}").programs(["src/index.ts", "src/tracing.ts", "instrument.mjs"], {})
    assert set(programs.preloads((path, line.split()) for path, line in commands)) == loads


def test_what_a_program_loads_first_lies_in_its_own_package() -> None:
    files = ["src/index.ts", "server/index.ts", "server/instrument.cjs"]
    found = declarations(package_json="{}", server__package_json='{"name": "server"}').programs(files, {})
    words = ["node", "--require=./instrument.cjs", "dist/index.cjs"]
    assert list(found.preloads([("Dockerfile", words)])) == [("server/index.ts", "server/instrument.cjs", True)]
    # The package's own command is read where it stands.
    assert list(found.preloads([("package.json", ["start", *words])])) == [
        ("src/index.ts", "server/instrument.cjs", True)
    ]


FILES = [
    "apps/api/src/index.ts",
    "apps/api/src/worker/main.ts",
    "apps/web/server.ts",
    "apps/cli/src/cli.mts",
    "scripts/seed.js",
    "packages/shared/src/index.ts",
]


@pytest.mark.parametrize(
    ("words", "path", "started"),
    [
        ("./dist/index.js", "apps/api/package.json", {"apps/api/src/index.ts"}),
        (
            "node --import ./instrument.mjs dist/worker/main.js --once",
            "apps/api/Dockerfile",
            {"apps/api/src/worker/main.ts"},
        ),
        ("node --env-file=.env -r dotenv/config src/index.ts", "apps/api/package.json", {"apps/api/src/index.ts"}),
        ("node apps/api/dist/index.js", "Dockerfile", {"apps/api/src/index.ts"}),
        ("node /app/apps/api/dist/index.js", "Dockerfile", {"apps/api/src/index.ts"}),
        ("node dist/worker/main.js", "Dockerfile", {"apps/api/src/worker/main.ts"}),
        ("node dist/index.js", "Dockerfile", set()),
        ("tsx watch src/cli.mts", "apps/cli/package.json", {"apps/cli/src/cli.mts"}),
        ("node scripts/seed.js", "package.json", {"scripts/seed.js"}),
        ("npm run start", "apps/api/Dockerfile", {"apps/api/src/index.ts"}),
        ("npm start -- --port 80", "apps/api/Dockerfile", {"apps/api/src/index.ts"}),
        ("pnpm --filter @shop/api start", "Dockerfile", {"apps/api/src/index.ts"}),
        ("pnpm --filter=./apps/api run start", "Dockerfile", {"apps/api/src/index.ts"}),
        ("yarn --cwd apps/api again", "Dockerfile", {"apps/api/src/index.ts"}),
        ("bun run loop", "apps/api/package.json", set()),
        ("bun run src/index.ts", "apps/api/package.json", {"apps/api/src/index.ts"}),
        ("sh bin/start.sh", "Dockerfile", {"apps/web/server.ts"}),
        ("next start", "apps/web/package.json", set()),
        ("node ../../../outside/index.js", "apps/web/package.json", set()),
        ("$START", "Procfile", set()),
    ],
)
def test_the_files_that_words_start(words: str, path: str, started: set[str]) -> None:
    texts = {
        "package.json": '{"name": "shop"}',
        "apps/api/package.json": json.dumps(
            {
                "name": "@shop/api",
                "scripts": {"start": "node dist/index.js", "again": "npm run start", "loop": "npm run loop"},
            }
        ),
        "apps/web/package.json": '{"name": "web"}',
        "apps/cli/package.json": '{"name": "cli"}',
        "packages/shared/package.json": '{"name": "shared"}',
    }
    programs = Declarations("/nowhere", texts, list).programs(FILES, {"bin/start.sh": [("node", "apps/web/server.js")]})
    assert programs.started(Launch(path, 0, tuple(words.split()))) == started
