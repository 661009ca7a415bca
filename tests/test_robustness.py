"""Nothing raises, and nothing but the code decides what is found.

``MONITORLINT_FUZZ=20000 pytest tests/test_robustness.py`` tries more examples of each property than the default 60.
"""

from __future__ import annotations

import builtins
import keyword
import os
import random
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from monitorlint.engine import analysis
from monitorlint.engine.attempt import attempt
from monitorlint.engine.codec import decode, encode
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.index.late_loading import LateLoading
from monitorlint.languages.python.extract import extract
from monitorlint.model.finding import Finding
from monitorlint.model.run import Failure, RunResult
from monitorlint.model.site import Site

fuzz = settings(
    max_examples=int(os.environ.get("MONITORLINT_FUZZ", "60")),
    deadline=None,
    # What passes once passes always; a longer run looks elsewhere.
    derandomize="MONITORLINT_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

SOURCES = [
    path.read_bytes()
    for folder in (ROOT / "examples", ROOT / "tests" / "fixtures")
    for path in sorted(folder.rglob("*.py"))
    if path.stat().st_size < 20_000
]
TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
STRAY = [
    *(b'( ) [ ] { } : := , ; \\ ` $ ? ! @ -> * ** ... \' " """ f\'{ 0x 1e \xff \xe2\x80 \x00 \r \x0c'.split(b" ")),
    *(b"\n", b"\n\t", b"\n        ", b"lambda ", b"await ", b"yield ", b"async ", b"global x\n", b"nonlocal x\n"),
    *(b"while ", b"while True:\n", b"for ", b" in ", b"if ", b"elif x:", b"else:", b"try:", b"except ", b"finally:"),
    *(
        b"with ",
        b" as ",
        b"def ",
        b"class ",
        b"import ",
        b"from ",
        b"from . import ",
        b"print ",
        b"exec ",
        b"match x:\n",
    ),
    *(
        b"# monitorlint: ignore",
        b"# monitorlint: ignore[MON101",
        b"# monitorlint: ignore-file[\n",
        b"# coding: rot13\n",
    ),
]


@st.composite
def mutated(draw: st.DrawFn, sources: Sequence[bytes] = SOURCES, stray: Sequence[bytes] = STRAY) -> bytes:
    """A source with a few tokens deleted, doubled, swapped or put in, perhaps cut off at either end."""
    tokens = TOKEN.findall(draw(st.sampled_from(sources)))
    for _ in range(draw(st.integers(1, 6))):
        at, other = draw(st.integers(0, len(tokens))), draw(st.integers(0, len(tokens)))
        match draw(st.sampled_from(("delete", "double", "swap", "insert", "replace", "cut", "cut front"))):
            case "delete":
                del tokens[at : at + 1]
            case "double":
                tokens[at:at] = tokens[at : at + 1]
            case "swap" if max(at, other) < len(tokens):
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case "replace":
                tokens[at : at + 1] = [draw(st.sampled_from(stray))]
            case "cut":
                del tokens[at:]
            case "cut front":
                del tokens[:at]
            case _:
                tokens.insert(at, draw(st.sampled_from(stray)))
    return b"".join(tokens)


@fuzz
@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_extraction_takes_any_bytes(data: bytes) -> None:
    decode(encode(extract(data)))


@fuzz
@given(mutated())
def test_extraction_takes_broken_code(data: bytes) -> None:
    decode(encode(extract(data)))


@fuzz
@given(mutated() | st.binary(max_size=200).map(lambda data: b"import openai\nwhile True: f()\n" + data))
def test_the_whole_line_takes_broken_code(tmp_path: Path, data: bytes) -> None:
    run(judging(tmp_path, stdin=data, stdin_filename=str(tmp_path / "module.py")))


DEEP = 3000


@pytest.mark.parametrize(
    "source",
    [
        "while " + "(" * DEEP + "x" + ")" * DEEP + ": f()\n",
        "while " + "not " * DEEP + "x: f()\n",
        "while " + " and ".join(["f(1)"] * DEEP) + ": f()\n",
        "while " + "-" * DEEP + "x: f()\n",
        "while True:\n x = " + " + ".join(["f(1)"] * DEEP) + "\n",
        "while True:\n if x: f()\n" + " elif y: f()\n" * DEEP,
        "".join(" " * depth + "while x:\n" for depth in range(DEEP // 10)),
        "".join(" " * depth + "def f():\n" for depth in range(DEEP // 4)),
        "import requests\nrequests.get" + "()" * DEEP + "\n",
        "import requests\n" + "requests.get(" * DEEP + ")" * DEEP + "\n",
        "import requests\nx = requests" + ".a" * DEEP + "()\n",
        "import requests\nx = requests" + "[0]" * DEEP + ".get()\n",
        "import requests\nx = " + "lambda: " * DEEP + "requests.get()\n",
        "import requests\ndef f(a: " + "list[" * DEEP + "int" + "]" * DEEP + "): a.get()\n",
        "import requests\nx0 = requests\n" + "".join(f"x{n + 1} = x{n}\n" for n in range(DEEP)) + f"x{DEEP}.get(u)\n",
        "import requests\n" + "".join(f"def f{n}(): return f{n + 1}()\n" for n in range(DEEP)) + "f0().get(u)\n",
        "import requests\nx = requests\n" + "x = x or x\n" * DEEP + "x.get(u)\n",
        "import requests\nclass A0: pass\n"
        + "".join(f"class A{n + 1}(A{n}): pass\n" for n in range(DEEP // 4))
        + f"A{DEEP // 4}().get(u)\n",
        "import requests\n@" + "\n@".join(["a()"] * DEEP) + "\ndef f(): requests.get(u)\n",
        "import requests\nwith " + ", ".join(["a()"] * DEEP) + ": requests.get(u)\n",
        "import requests\nf(**" + "{1: " * DEEP + "1" + "}" * DEEP + ")\n",
    ],
    ids=range(21),
)
def test_depth_is_survived_and_soon(tmp_path: Path, source: str) -> None:
    run(judging(tmp_path, stdin=source.encode(), stdin_filename=str(tmp_path / "module.py")))


@pytest.mark.parametrize(
    "source",
    [
        "fetch(u);" + "(" * DEEP * 4 + "fetch(v)" + ")" * DEEP * 4 + ";\n",
        "fetch(u);" + "f(" * DEEP * 4 + "fetch(v)" + ")" * DEEP * 4 + ";\n",
        "fetch(u);" + "[" * DEEP * 4 + "]" * DEEP * 4 + ";\n",
        "fetch(u);" + "{" * DEEP * 4 + "fetch(v)" + "}" * DEEP * 4 + "\n",
        "fetch(u);" + "() => " * DEEP * 4 + "fetch(v);\n",
        "fetch(u)" + ".then(f)" * (DEEP // 2) + ";\n",
        "fetch(u);" + "while (x) {" * DEEP + "fetch(v)" + "}" * DEEP + "\n",
        "fetch(u);" + "if (x) f(); else " * DEEP + "fetch(v);\n",
        "fetch(u);" + "function f() {" * DEEP + "fetch(v)" + "}" * DEEP + "\n",
        "fetch(u);let x = " + "`${" * DEEP + "fetch(v)" + "}`" * DEEP + ";\n",
        "fetch(u);let x = " + " + ".join(["fetch(v)"] * DEEP * 4) + ";\n",
        "fetch(u);" + "<a>" * DEEP + "</a>" * DEEP + ";\n",
        "fetch(u);type T = " + "A<" * DEEP + "B" + ">" * DEEP + ";\n",
    ],
    ids=range(13),
)
def test_depth_is_survived_and_soon_in_typescript(tmp_path: Path, source: str) -> None:
    ran = run(judging(tmp_path, stdin=source.encode(), stdin_filename=str(tmp_path / "module.tsx")))
    assert not ran.failures
    assert (1, 1, "MON201") in {(f.region.row, f.region.column, f.code) for f in ran.findings}


def test_what_lies_too_deep_is_said(tmp_path: Path) -> None:
    source = "f(" * DEEP + "fetch(v)" + ")" * DEEP + ";\nfetch(u);\n"
    ran = run(judging(tmp_path, stdin=source.encode(), stdin_filename=str(tmp_path / "module.ts")))
    assert [(f.region.row, f.code) for f in ran.findings] == [(1, "MON902"), (2, "MON201")]
    assert "nested too deeply" in ran.findings[0].message


@pytest.mark.parametrize(
    "loop",
    [
        "while {}:\n    f()\n".format(" or ".join(f"(a{n} and b{n})" for n in range(40))),
        "while {}:\n    f()\n".format(" and ".join(f"(a{n} or b{n})" for n in range(40))),
        "while True:\n" + "".join(f"    if a{n} and b{n}: return\n" for n in range(40)),
        "while True:\n" + "".join(f"    if a{n} or b{n}: x = {n}\n" for n in range(40)) + "    if x: break\n",
    ],
    ids=range(4),
)
def test_alternatives_do_not_multiply(loop: str) -> None:
    assert len(encode(extract(loop.encode()))) < 1_000_000


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example among so many modules that a second process pays off, with calls across them and a broken one."""
    root = tmp_path_factory.mktemp("modules")
    shutil.copytree(ROOT / "examples" / "assistant", root, dirs_exist_ok=True)
    for number in range(70):
        (root / "assistant" / f"module_{number}.py").write_text(
            "import requests\nfrom assistant.clients import openai_client\n"
            f"from assistant.module_{(number + 1) % 70} import call as following\n\n\n"
            "def call(client, url):\n    requests.get(url)\n    while client.more():\n        following(client, url)\n"
            "    return client.chat.completions.create(model='m')\n\n\ncall(openai_client, 'https://a')\n"
        )
    (root / "assistant" / "broken.py").write_text("import openai\nopenai.OpenAI().responses.create(\n")
    return root


@pytest.fixture(scope="module")
def project(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """These modules, and every fixture."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(modules, root, dirs_exist_ok=True)
    for number, path in enumerate(sorted((ROOT / "tests" / "fixtures").rglob("*.py"))):
        shutil.copy(path, root / "assistant" / f"case_{number}_{path.name}")
    return root


def judging(root: Path, **more: object) -> Request:
    fields = {"isolated": True, "select": ("ALL",), "cache": False, "purpose": "coverage", "debug": True, "jobs": 1}
    if "stdin" not in more:
        fields["paths"] = (root,)
    return Request(**{**fields, **more})  # type: ignore[arg-type]


def verdicts(result: RunResult) -> tuple[tuple[Finding, ...], tuple[Site, ...]]:
    assert not result.failures
    return result.findings, result.sites


@pytest.fixture(scope="module")
def expected(project: Path) -> tuple[tuple[Finding, ...], tuple[Site, ...]]:
    found = verdicts(run(judging(project)))
    assert len(found[0]) > 200
    assert {site.kind for site in found[1]} >= {"ai", "http", "loop"}
    return found


def test_the_number_of_processes_decides_nothing(project: Path, expected: object) -> None:
    for jobs in (0, 3):
        assert verdicts(run(judging(project, jobs=jobs))) == expected


def test_the_cache_decides_nothing(project: Path, expected: object, tmp_path: Path) -> None:
    cached = judging(project, cache=True, cache_dir=tmp_path)
    for _ in range(3):
        assert verdicts(run(cached)) == expected
    result = next(tmp_path.rglob("result-*.json"))
    result.unlink()
    assert verdicts(run(cached)) == expected, "from the facts of the files"


def test_a_damaged_cache_decides_nothing(tmp_path: Path) -> None:
    example, cache = tmp_path / "example", tmp_path / "cache"
    shutil.copytree(ROOT / "examples" / "assistant", example)
    expected = verdicts(run(judging(example)))
    cached = judging(example, cache=True, cache_dir=cache)
    assert verdicts(run(cached)) == expected
    files = sorted(path for path in cache.rglob("*.*") if path.is_file())
    assert len(files) > 3
    for file in files:
        for damage in (b"", b"[]", b"{}", file.read_bytes()[:-7]):
            file.write_bytes(damage)
            for other in cache.rglob("result-*.json"):
                if other != file:
                    other.unlink()
            assert verdicts(run(cached)) == expected, (file.name, damage[:20])


def test_the_cache_follows_the_files(tmp_path: Path) -> None:
    (tmp_path / "clients.py").write_text("import openai\nclient = openai.OpenAI()\n")
    (tmp_path / "app.py").write_text("from clients import client\nclient.responses.create()\n")
    cached = judging(tmp_path, cache=True, cache_dir=tmp_path / "cache")
    assert [site.kind for site in run(cached).sites] == ["ai"]
    (tmp_path / "clients.py").write_text("import myown0\nclient = myown0.OpenAI()\n")
    os.utime(tmp_path / "clients.py", ns=(1, 1))
    assert run(cached).sites == ()
    (tmp_path / "clients.py").unlink()
    assert run(cached).sites == ()


def test_the_cache_follows_what_says_where_modules_lie(tmp_path: Path) -> None:
    deep = tmp_path / "packages" / "shop" / "apps" / "web"
    for folder, client in (("one", "import OpenAI from 'openai';\n"), ("two", "import { OpenAI } from './own';\n")):
        (deep / folder).mkdir(parents=True)
        (deep / folder / "client.ts").write_text(f"{client}export const client = new OpenAI();\n")
    (deep / "two" / "own.ts").write_text("export class OpenAI {}\n")
    (deep / "app.ts").write_text("import { client } from '@/client';\nawait client.responses.create({ input: 'q' });\n")
    paths = '{"compilerOptions": {"paths": {"@/*": ["./%s/*"]}}}'
    (deep / "tsconfig.json").write_text(paths % "one")
    cached = judging(tmp_path, cache=True, cache_dir=tmp_path / "cache")
    assert [site.kind for site in run(cached).sites] == ["ai"]
    assert [site.kind for site in run(cached).sites] == ["ai"]
    (deep / "tsconfig.json").write_text(paths % "two")
    os.utime(deep / "tsconfig.json", ns=(1, 1))
    assert run(cached).sites == ()


def test_the_order_of_paths_decides_nothing(project: Path, expected: object) -> None:
    paths = sorted(path for path in project.rglob("*") if path.suffix in {".py", ".ts"})
    random.Random(0).shuffle(paths)  # noqa: S311 - a reproducible order
    assert verdicts(run(judging(project, paths=tuple(paths)))) == expected


def test_a_file_alone_is_judged_as_with_all_others(
    project: Path, expected: tuple[tuple[Finding, ...], tuple[Site, ...]]
) -> None:
    # Each is a run over the whole project, without a cache.
    for path in sorted(project.rglob("*.py"))[::150]:
        name = path.relative_to(project).as_posix()
        for request in (
            judging(project, paths=(path,)),
            judging(project, paths=(), stdin=path.read_bytes(), stdin_filename=str(path)),
        ):
            findings, sites = verdicts(run(request))
            assert findings == tuple(finding for finding in expected[0] if finding.path == name)
            assert sites == tuple(site for site in expected[1] if site.path == name)


WALK = """\
import requests
import {1}


def {0}(n):
    requests.get("https://example.com/{0}", timeout=5)
    {1}.{1}(n)
"""
WALK_IN_PAGE = """\
import {{ {1} }} from './{1}';

export async function {0}(n: number) {{
  await fetch('/{0}');
  await {1}(n);
}}
"""
KEPT = "def keep():\n    try:\n        a.a(1)\n    except Exception:\n        return None\n"
REPORT = """\
import requests
import a


def send(error):
    headers = {"X-Sentry-Auth": "key"}
    requests.post("https://example.com/api/1/store/", json={"error": str(error)}, headers=headers, timeout=5)


def tell():
    try:
        a.a(1)
    except Exception as error:
        send(error)


"""
PAGE = """\
import { a } from './a';

export const Page = () => <b onClick={async () => { await a(1); }} />;

export async function keep() {
  try {
    await a(2);
  } catch {
    return null;
  }
}
"""
START = """\
import * as Sentry from '@sentry/react';
import './c';

Sentry.init({ dsn: 'https://k@o1.ingest.sentry.io/1' });
"""
IN_PYTHON = {"a.py": WALK.format("a", "b"), "b.py": WALK.format("b", "a")}
CIRCLES = {
    "uncaught": {
        **IN_PYTHON,
        "main.py": "import sentry_sdk\nimport a, b, c\n\nsentry_sdk.init()\na.a(3)\n",
        "c.py": f"import a\n\n\n{KEPT}",
    },
    "unhandled": {
        "a.tsx": WALK_IN_PAGE.format("a", "b"),
        "b.tsx": WALK_IN_PAGE.format("b", "a"),
        "c.tsx": PAGE,
        "main.tsx": START,
        "package.json": '{"dependencies": {"@sentry/react": "^10.0.0"}}',
    },
    "reported": {**IN_PYTHON, "main.py": "import c\n\nc.tell()\nc.keep()\n", "c.py": REPORT + KEPT},
}


def judged_in_both_orders(folder: Path, files: dict[str, str]) -> tuple[Site, ...]:
    """The sites of a project, which are the same whether its files are judged forwards or backwards."""
    for name, text in files.items():
        (folder / name).write_text(text)
    _, forwards = verdicts(run(judging(folder, select=("MON2",))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis, "share", lambda items, work, **_: [work(item) for item in reversed(items)][::-1])
        _, backwards = verdicts(run(judging(folder, select=("MON2",))))
    assert backwards == forwards
    return forwards


@pytest.mark.parametrize("files", CIRCLES.values(), ids=CIRCLES)
def test_functions_that_call_each_other_are_judged_alike_in_any_order(tmp_path: Path, files: dict[str, str]) -> None:
    """One of two ways into a circle loses the error: nothing in it is in doubt, whoever is asked first."""
    forwards = judged_in_both_orders(tmp_path, files)
    in_circle = [site.status for site in forwards if site.path[:2] in {"a.", "b."}]
    assert in_circle == ["unmonitored", "unmonitored"]


def test_a_circle_of_functions_below_one_way_is_in_doubt_as_a_whole(tmp_path: Path) -> None:
    forwards = judged_in_both_orders(tmp_path, {**IN_PYTHON, "main.py": "import c\n\nc.tell()\n", "c.py": REPORT})
    assert [site.status for site in forwards] == ["unknown"] * 3


PART = """\
import json

import requests


class Part{0}:
    def do_part{0}(self, text):
        requests.get("https://example.com", timeout=5)
        for each in json.loads(text):
            {1}
"""
MAIN = """\
import json

import sentry_sdk
{0}
sentry_sdk.init(traces_sample_rate=1.0)
KNOWN = [{1}]
"""
WAY_IN = """

def way{0}(text):
    for each in json.loads(text):
        each.do_part{1}(text)
"""


def parts_calling_each_other(calls: list[set[int]], ways: list[tuple[int, bool]]) -> dict[str, str]:
    """Files of classes whose methods call one another on something unknown, and of a program that calls some.

    :param calls: The parts that each part calls.
    :param ways: The part that each function of the program calls, and whether that is called in a span.
    """
    names = range(len(calls))
    imports = "".join(f"from part{one} import Part{one}\n" for one in names)
    main = MAIN.format(imports, ", ".join(f"Part{one}" for one in names))
    main += "".join(WAY_IN.format(number, part) for number, (part, _) in enumerate(ways)) + "\n\n"
    for number, (_, is_in_span) in enumerate(ways):
        main += f"with sentry_sdk.start_span():\n    way{number}('')\n" if is_in_span else f"way{number}('')\n"
    bodies = ("\n            ".join(f"each.do_part{one}(text)" for one in sorted(called)) for called in calls)
    return {
        "main.py": main,
        **{f"part{number}.py": PART.format(number, body or "print(each)") for number, body in enumerate(bodies)},
    }


@fuzz
@given(
    st.lists(st.sets(st.integers(0, 3), max_size=3), min_size=4, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=3),
)
@example([{2}, {3, 2, 0}, {1, 0, 3}, {1}], [(0, True)])
def test_who_is_judged_before_decides_nothing(
    tmp_path: Path, calls: list[set[int]], ways: list[tuple[int, bool]]
) -> None:
    files = parts_calling_each_other(calls, ways)
    forwards = judged_in_both_orders(tmp_path, files)
    assert len(forwards) == len(calls)


def test_functions_that_may_call_each_other_have_what_is_above_either(tmp_path: Path) -> None:
    files = parts_calling_each_other([{2}, {3, 2, 0}, {1, 0, 3}, {1}], [(0, True)])
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    _, sites = verdicts(run(judging(tmp_path, select=("MON2",))))
    assert [site.status for site in sites] == ["unknown"] * 4


IMPORTS = """\
import openai as {0}
import requests as {1}
from anthropic import Anthropic as {2}
from langfuse import observe as {3}
from httpx import AsyncClient as {4}

CLIENT_ = {0}.OpenAI()


@{3}()
def covered_():
    return CLIENT_.responses.create()


async def bare_(url_):
    {1}.get(url_)
    {2}().messages.create()
    async with {4}() as SESSION_:
        await SESSION_.post(url_)
    while True:
        CLIENT_.responses.create()
"""
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name) and not hasattr(builtins, name)
)


@settings(fuzz, max_examples=20)
@given(st.lists(NAMES, min_size=5, max_size=5, unique=True))
def test_an_alias_decides_nothing(tmp_path: Path, names: list[str]) -> None:
    def found(*aliases: str) -> list[tuple[object, ...]]:
        text = IMPORTS.format(*aliases)
        result = run(judging(tmp_path, stdin=text.encode(), stdin_filename=str(tmp_path / "module.py")))
        return [(finding.code, finding.region.row, finding.target, finding.confidence) for finding in result.findings]

    plain = found("openai", "requests", "Anthropic", "observe", "AsyncClient")
    assert {code for code, *_ in plain} >= {"MON101", "MON201", "MON202"}
    assert found(*names) == plain


def test_a_bug_of_ours_costs_one_file(modules: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = (modules / "assistant" / "module_7.py").read_bytes()

    def failing(source: bytes) -> object:
        if source == broken:
            raise KeyError("one\ntwo")
        return extract(source)

    monkeypatch.setattr("monitorlint.languages.python.extract.extract", failing)
    request = judging(modules, cache=True, cache_dir=tmp_path, debug=False)
    for jobs in (1, 2):
        for _ in range(2):
            result = run(request._replace(jobs=jobs))
            (failure,) = result.failures
            assert failure.path == "assistant/module_7.py"
            assert re.fullmatch(r"extract \(test_robustness\.py:\d+\)", failure.where)
            assert failure.error == r"KeyError: 'one\ntwo'"
            assert len(result.sites) > 200
    with pytest.raises(KeyError):
        run(request._replace(debug=True))
    monkeypatch.undo()
    assert not run(request).failures, "a failure is not remembered"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_bug_of_ours_in_a_file_that_is_read_late(modules: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """The screen passes over a module without imports; it is read when a call leads there."""
    root = modules.parent / f"late{jobs}"
    shutil.copytree(modules, root)
    (root / "assistant" / "late.py").write_text("def given_late(client):\n    return client\n")
    for number in range(3):
        (root / "assistant" / f"early_{number}.py").write_text(
            "import openai\nfrom assistant.late import given_late\ngiven_late(openai.OpenAI()).responses.create()\n"
        )

    def failing(source: bytes) -> object:
        if b"def given_late" in source:
            raise KeyError("late")
        return extract(source)

    monkeypatch.setattr("monitorlint.languages.python.extract.extract", failing)
    result = run(judging(root, jobs=jobs, debug=False))
    assert [failure.path for failure in result.failures] == ["assistant/late.py"]
    assert len(result.sites) > 200


def test_an_attempt_says_where_it_failed_in_one_line() -> None:
    def failing() -> int:
        raise ValueError("a\n\nb" * 500)

    assert attempt("a.py", "index", lambda: 1, debug=False) == 1
    failure = attempt("a.py", "index", failing, debug=False)
    assert isinstance(failure, Failure)
    assert "\n" not in failure.error
    assert len(failure.error) <= 300


def test_each_import_above_the_start_of_a_monitor_is_followed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide, layers = 6, 5
    (tmp_path / "package.json").write_text('{"dependencies": {"@sentry/node": "10.20.0", "openai": "5.0.0"}}')
    (tmp_path / "start.js").write_text(
        "const Sentry = require('@sentry/node');\nSentry.init({ tracesSampleRate: 1 });\n"
    )
    below = ["start"]
    for layer in range(layers):
        names = [f"part{layer}_{number}" for number in range(wide)]
        for name in names:
            first = "const OpenAI = require('openai');\n" if layer == layers - 1 else ""
            loading = "".join(f"require('./{one}');\n" for one in below)
            (tmp_path / f"{name}.js").write_text(f"{first}{loading}module.exports = 1;\n")
        below = names
    (tmp_path / "main.js").write_text(
        "const OpenAI = require('openai');\nconst http = require('http');\n"
        + "".join(f"require('./{one}');\n" for one in below)
        + "http.createServer(async () => new OpenAI().responses.create({ input: '' })).listen(1);\n"
    )
    looked: list[object] = []
    before = LateLoading._before

    def counted(*args: Any) -> str:
        looked.append(args)
        return before(*args)

    monkeypatch.setattr(LateLoading, "_before", counted)
    _, sites = verdicts(run(judging(tmp_path, select=("MON1",))))
    assert [site.status for site in sites] == ["unknown"]
    assert 0 < len(looked) <= wide * wide * layers
