"""Nothing raises on TypeScript and JavaScript either, and nothing but the code decides what is found."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from monitorlint.engine.codec import decode, encode
from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.run import run
from monitorlint.languages.text import UndecodableError
from monitorlint.languages.typescript import source
from monitorlint.languages.typescript.frontend import TypeScript
from test_robustness import fuzz, judging, mutated, verdicts

if TYPE_CHECKING:
    from monitorlint.model.finding import Finding
    from monitorlint.model.site import Site

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
FIXTURES = sorted(
    path
    for folder in ("calls", "loops", "fix", "modules")
    for path in (ROOT / "tests" / "fixtures" / folder / "typescript").rglob("*")
    if path.suffix in SUFFIXES
)
SOURCES = [path.read_bytes() for path in FIXTURES if path.stat().st_size < 20_000]
STRAY = [
    *(
        b"( ) [ ] { } : := , ; \\ ` ${ ? ?. ?? ! @ => * ** ... # ' \" / /* */ // < > </ /> <a> <!-- --> => | & ~".split(
            b" "
        )
    ),
    *(b"0x 1e 1n \xff \xe2\x80 \xed\xa0\x80 \x00 \r \x0c <script> </script> <script \xef\xbb\xbf".split(b" ")),
    *(b"await async function function* yield new typeof void delete in of as satisfies is keyof infer".split(b" ")),
    *(b"while( for( for(;;) do{ if( else switch( case default: break continue return throw try{ catch".split(b" ")),
    *(b"class extends static get set private readonly abstract enum namespace declare type interface".split(b" ")),
    *(b"import export from require( import( export* import* default let const var using".split(b" ")),
    *(b"\n", b"\r\n", b"\xe2\x80\xa8", b" let x: A<B", b"<<<<<<< a\n", b"=======\n", b">>>>>>> b\n", b"import type "),
    *(
        b"// monitorlint: ignore",
        b"// monitorlint: ignore[MON101",
        b"/* monitorlint: ignore-file[\n",
        b"'use client'\n",
    ),
]
BROKEN = mutated(SOURCES, STRAY)
HELPERS = "".join(
    f"export function {name}(...given: any[]): any {{}}\n"
    for name in ("monitorAIGeneration", "monitorAIGenerationStream", "monitorFetch", "detectInfiniteLoop")
)
GARBAGE = st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass"))


def read_all(name: str, data: bytes) -> None:
    """Everything that is asked of one file."""
    front = TypeScript()
    front.marks(name, data, front.imports(name, data))
    front.is_program(name, data)
    try:
        facts = encode(front.extract(name, data))
    except UndecodableError:
        return
    assert encode(decode(facts)) == facts


@fuzz
@given(st.from_regex(re.compile(source._STARTS.pattern, re.MULTILINE)))
def test_no_start_is_missed_for_want_of_its_word(text: bytes) -> None:
    assert source.is_program("src/server.ts", text), "add the word to _START_WORDS"


@fuzz
@given(GARBAGE, st.sampled_from(SUFFIXES))
def test_extraction_takes_any_bytes(data: bytes, suffix: str) -> None:
    read_all(f"module{suffix}", data)


@fuzz
@given(BROKEN, st.sampled_from(SUFFIXES))
def test_extraction_takes_broken_code(data: bytes, suffix: str) -> None:
    read_all(f"module{suffix}", data)


@fuzz
@given(BROKEN | GARBAGE.map(lambda data: b"while (true) fetch(u)\n" + data), st.sampled_from(SUFFIXES))
def test_the_whole_line_takes_broken_code(tmp_path: Path, data: bytes, suffix: str) -> None:
    run(judging(tmp_path, stdin=data, stdin_filename=str(tmp_path / f"module{suffix}")))


@fuzz
@given(BROKEN, st.sampled_from(SUFFIXES))
def test_fixes_take_broken_code(tmp_path: Path, data: bytes, suffix: str) -> None:
    (tmp_path / "sentryMonitoring.ts").write_text(HELPERS)
    request = judging(tmp_path, stdin=data, stdin_filename=str(tmp_path / f"module{suffix}"), purpose="check")
    fix(request, FixOptions(unsafe=True))


WIDE = 20_000


@pytest.mark.parametrize(
    "source",
    [
        "const " + "{a: " * WIDE + "b" + "}" * WIDE + " = c;",
        "const " + "[" * WIDE + "b" + "]" * WIDE + " = c;",
        "(() => {" * WIDE + "fetch(v)" + "})()" * WIDE,
        "while (x)" * WIDE + " f();",
        "do " * WIDE + "f();" + " while (x)" * WIDE,
        "for (;;)" * WIDE + " f();",
        "x = a" + ".b()" * WIDE + ";",
        "x = [" + "1," * 2 * WIDE + "];",
        "<<<<<<< a\n=======\n" * WIDE + "((",
        "'use client'\n" + "/**/" * WIDE,
        "// monitorlint: ignore[MON101]\n" * WIDE,
        "const r = /a/g;\n" + "while ((m = r.exec(s))) f();\n" * (WIDE // 4),
        "/*" + "*" * 20 * WIDE,
        'x = "' + "a" * 20 * WIDE,
        "x = `" + "${" * WIDE,
        "import " * 2 * WIDE,
        "from '" * 2 * WIDE,
        "require(" * 2 * WIDE,
        "for (a; b <" * WIDE,
        "<!--" * WIDE,
    ],
    ids=range(20),
)
@pytest.mark.parametrize("suffix", [".ts", ".jsx", ".vue"])
def test_what_nobody_writes_is_read_soon(source: str, suffix: str) -> None:
    """Each took minutes, or ran out of stack, while some step took the square of its input."""
    read_all(f"module{suffix}", f"<script>\n{source}\n</script>".encode() if suffix == ".vue" else source.encode())


@pytest.mark.parametrize("tag", ["<script>", "<script ", "<script a='", "<script></script "])
def test_broken_tags_of_components_are_read_soon(tag: str) -> None:
    read_all("module.vue", (tag * WIDE).encode())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixtures among so many modules that a second process pays off, with calls across them and a broken one."""
    root = tmp_path_factory.mktemp("project")
    (root / "package.json").write_text('{"name": "x", "dependencies": {"openai": "^4.0.0", "@sentry/node": "^9.0.0"}}')
    (root / "tsconfig.json").write_text('{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}')
    shutil.copytree(ROOT / "tests" / "fixtures" / "modules" / "typescript", root / "src" / "modules")
    for number, path in enumerate(FIXTURES):
        if path.parent.parent.name in {"calls", "loops"}:
            shutil.copy(path, root / "src" / f"case_{number}_{path.name}")
    (root / "src" / "clients.ts").write_text("import OpenAI from 'openai';\nexport const client = new OpenAI();\n")
    for number in range(70):
        (root / "src" / f"module_{number}.ts").write_text(
            "import { client } from '@/clients';\n"
            f"import {{ call as following }} from './module_{(number + 1) % 70}';\n"
            "export async function call(other: any, url: string): Promise<unknown> {\n  await fetch(url);\n"
            "  while (await other.more()) following(other, url);\n"
            "  return client.chat.completions.create({ model: 'm', messages: [] });\n}\n"
        )
    (root / "src" / "broken.ts").write_text("import OpenAI from 'openai';\nnew OpenAI().responses.create({\n")
    return root


@pytest.fixture(scope="module")
def expected(project: Path) -> tuple[tuple[Finding, ...], tuple[Site, ...]]:
    found = verdicts(run(judging(project)))
    assert len(found[0]) > 200
    assert {site.kind for site in found[1]} >= {"ai", "http", "loop"}
    return found


def files_of(project: Path) -> list[Path]:
    return sorted(path for path in project.rglob("*") if path.suffix in SUFFIXES and not path.name.endswith(".d.ts"))


def test_the_number_of_processes_decides_nothing(project: Path, expected: object) -> None:
    for jobs in (0, 2, 3):
        assert verdicts(run(judging(project, jobs=jobs))) == expected


def test_the_cache_decides_nothing(project: Path, expected: object, tmp_path: Path) -> None:
    cached = judging(project, cache=True, cache_dir=tmp_path)
    for _ in range(3):
        assert verdicts(run(cached)) == expected
    for result in tmp_path.rglob("result-*.json"):
        result.unlink()
    assert verdicts(run(cached)) == expected, "from the facts of the files"


def test_the_cache_follows_the_files_around_the_code(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "src" / "clients.ts").write_text("import OpenAI from 'openai';\nexport const client = new OpenAI();\n")
    (tmp_path / "src" / "app.ts").write_text("import { client } from '#app/clients';\nclient.responses.create({});\n")
    cached = judging(tmp_path, cache=True, cache_dir=tmp_path / "cache")
    assert run(cached).sites == ()
    (tmp_path / "tsconfig.json").write_text('{"compilerOptions": {"paths": {"#app/*": ["./src/*"]}}}')
    assert [site.kind for site in run(cached).sites] == ["ai"]
    (tmp_path / "tsconfig.json").write_text("{")
    assert run(cached).sites == ()


def test_the_cache_follows_the_pages_that_name_a_script(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "package.json").write_text('{"dependencies": {"@sentry/browser": "^9.0.0"}}')
    (tmp_path / "public" / "prices.js").write_text("export const load = () => fetch('/prices').catch(() => null);\n")
    start = "import * as Sentry from '@sentry/browser';\nSentry.init({ dsn: 'https://k@o1.ingest.sentry.io/1' });\n"
    (tmp_path / "src" / "main.ts").write_text(start)
    cached = judging(tmp_path, cache=True, cache_dir=tmp_path / "cache")
    assert [site.status for site in run(cached).sites] == ["unknown"]
    (tmp_path / "public" / "index.html").write_text('<script type="module" src="/prices.js"></script>')
    assert [site.status for site in run(cached).sites] == ["unmonitored"]
    (tmp_path / "public" / "index.html").unlink()
    assert [site.status for site in run(cached).sites] == ["unknown"]


def test_the_order_of_paths_decides_nothing(project: Path, expected: object) -> None:
    paths = files_of(project)
    random.Random(1).shuffle(paths)  # noqa: S311 - a reproducible order
    found = verdicts(run(judging(project, paths=(*paths, project / "package.json"))))
    assert found == expected


def test_a_file_alone_is_judged_as_with_all_others(
    project: Path, expected: tuple[tuple[Finding, ...], tuple[Site, ...]]
) -> None:
    for path in files_of(project)[::25]:
        name = path.relative_to(project).as_posix()
        for request in (
            judging(project, paths=(path,)),
            judging(project, paths=(), stdin=path.read_bytes(), stdin_filename=str(path)),
        ):
            findings, sites = verdicts(run(request))
            assert findings == tuple(finding for finding in expected[0] if finding.path == name)
            assert sites == tuple(site for site in expected[1] if site.path == name)
