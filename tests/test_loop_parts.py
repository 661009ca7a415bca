"""Files that only loops make worth reading: what is told from the functions around the loops alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import pytest

from monitorlint.engine.frontends import FrontEnd
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.index.loop_settled import loops_ask
from monitorlint.languages.python.frontend import Python
from monitorlint.languages.typescript.frontend import TypeScript

CASES = Path(__file__).parent / "fixtures" / "loops"
LOOPS = tuple(f"MON3{n:02}" for n in range(1, 12))
FRONTS: dict[str, FrontEnd] = {"python": Python(), "typescript": TypeScript()}
NAMES = {"python": "m.py", "typescript": "m.ts"}


def loops_of(language: str, text: str) -> list[str] | None:
    """The headers of the loops that are found in what is cut out of a file."""
    front = FRONTS[language]
    facts = front.extract_loops(NAMES[language], text.encode(), front.imports(NAMES[language], text.encode()))
    return None if facts is None else [loop.header for loop in facts.loops if not loop.plain]


def asked_of(language: str, text: str) -> frozenset[str] | None:
    front = FRONTS[language]
    facts = front.extract_loops(NAMES[language], text.encode(), front.imports(NAMES[language], text.encode()))
    assert facts is not None
    return loops_ask(facts)


def pieces(text: str) -> list[str]:
    """The imports of a file with each of its top-level statements by itself."""
    blocks = re.split(r"\n\n+(?=\S)", text)
    imports = [b for b in blocks if re.match(r"(?:import|from)\b", b)]
    return ["\n".join((*imports, b)) + "\n" for b in blocks if b not in imports]


@pytest.mark.parametrize("language", FRONTS)
def test_no_loop_that_is_reported_is_passed_over(language: str, tmp_path: Path) -> None:
    for case in sorted((CASES / language).iterdir()):
        for number, piece in enumerate(pieces(case.read_text())):
            (tmp_path / f"{case.stem}_{number}{case.suffix}").write_text(piece)
    request = Request(paths=(tmp_path,), isolated=True, cache=False, jobs=1, select=LOOPS)
    found = {(f.path, f.region.row) for f in run(request).findings}
    every = run(request._replace(purpose="coverage")).sites
    wanted = {(s.path, s.region.row) for s in every if s.kind == "loop" and s.code in LOOPS and s.status == "unbounded"}
    assert len(wanted) > 30
    assert found == wanted


@pytest.mark.parametrize("language", FRONTS)
def test_most_files_with_a_bounded_loop_are_not_read(language: str) -> None:
    """Else looking at the loops first would be work for nothing."""
    front = FRONTS[language]
    silent = read = 0
    for case in sorted((CASES / language).iterdir()):
        for piece in pieces(case.read_text()):
            data = piece.encode()
            imports = front.imports(case.name, data)
            if "l" not in front.marks(case.name, data, imports) or "expect:" in piece:
                continue
            facts = front.extract_loops(case.name, data, imports)
            is_silent = facts is not None and loops_ask(facts) is not None
            silent, read = silent + is_silent, read + (not is_silent)
    assert silent > 2 * read


PYTHON = '''\
import time


def before() -> int:
    return len([1])


class Worker(
    Base,
):
    """Works."""

    limit = 3

    @traced
    def run(
        self,
        queue,
    ) -> None:
        def inner():
            while queue:
                queue.pop()
# what is commented out
            return 1

        return inner

    def other(self):
        return self.limit
'''
TYPESCRIPT = """\
import { setTimeout } from "node:timers/promises";

export function before(): number {
  return 1;
}

export class Worker
  extends Base
{
  limit = 3;

  async run(
    queue: string[],
  ): Promise<void> {
    const inner = () => {
      while (queue.length) {
        queue.pop();
      }
    };
    // inner();
    return inner();
  }

  other() {
    return this.limit;
  }
}
"""


@pytest.mark.parametrize(("language", "text"), [("python", PYTHON), ("typescript", TYPESCRIPT)])
def test_the_function_around_a_loop_is_cut_out(language: str, text: str) -> None:
    front = FRONTS[language]
    facts = front.extract_loops(NAMES[language], text.encode(), front.imports(NAMES[language], text.encode()))
    assert facts is not None
    assert [scope.name for scope in facts.scopes] == ["", "Worker", "run", "inner"]
    assert len(facts.loops) == 1
    assert [row.local for row in facts.imports if row.local] == [{"python": "time"}.get(language, "setTimeout")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "import itertools\nfor n in itertools.count():\n    print(n)\n"),
        ("python", "for line in iter(read, ''):\n    print(line)\n"),
        ("python", "try:\n    a()\nexcept OSError:\n    while a():\n        b()\n"),
        (
            "python",
            "def f():\n    text = '''\nwhile it stands here: see\n'''\n    while text:\n        g()\n",
        ),
        ("python", "while (\n"),
        ("typescript", "if (a) {\n  b();\n} else {\n  while (a) {\n    b();\n  }\n}}\n"),
        ("typescript", "const t = `\nwhile (it) stands here\n${f(() => {\n`;\n"),
    ],
)
def test_what_cannot_be_cut_out_is_read_whole(language: str, text: str) -> None:
    assert loops_of(language, text) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [("typescript", "// while (waiting)\nexport const a = 1;\n"), ("typescript", "/*\n * while (waiting)\n */\n")],
)
def test_a_comment_at_the_top_holds_no_loop(language: str, text: str) -> None:
    assert loops_of(language, text) == []


@pytest.mark.parametrize("language", FRONTS)
@pytest.mark.parametrize(
    ("python", "typescript", "asked"),
    [
        ("while n < 3:\n    n += 1\n", "while (n < 3) {\n  n += 1;\n}\n", set()),
        ("while rest:\n    rest.pop()\n", "while (rest.length) {\n  rest.pop();\n}\n", set()),
        (
            "while True:\n    task = queue.get()\n    work(task)\n",
            "while (true) {\n  const task = await queue.receive();\n  work(task);\n}\n",
            {"python": {"get", "work"}, "typescript": {"receive", "work"}},
        ),
        ("while n > 0:\n    n += 1\n", "while (n > 0) {\n  n += 1;\n}\n", None),
    ],
)
def test_what_the_silence_of_a_loop_depends_on(language: str, python: str, typescript: str, asked: object) -> None:
    body = {"python": python, "typescript": typescript}[language]
    indented = body.replace("\n", "\n    ").rstrip()
    text = f"def f(n, rest, queue):\n    {indented}\n"
    if language == "typescript":
        text = f"async function f(n, rest, queue) {{\n    {indented}\n}}\n"
    assert asked_of(language, text) == (asked[language] if isinstance(asked, dict) else asked)


def test_a_call_that_turns_out_to_leave_the_project_makes_the_loop_speak(tmp_path: Path) -> None:
    (tmp_path / "site.py").write_text(
        "import requests\ndef ready():\n    return requests.get('https://x.example').ok\n"
    )
    loop = "def wait():\n    while not ready():\n        pass\n"
    (tmp_path / "job.py").write_text(f"from site import ready\n{loop}")
    (tmp_path / "other.py").write_text(f"from elsewhere import ready\n{loop.replace('ready', 'done')}")
    request = Request(paths=(tmp_path,), isolated=True, cache=False, select=LOOPS)
    assert {f.path for f in run(request).findings} == {"job.py"}


@pytest.mark.parametrize("first", ["check", "coverage"])
def test_what_one_command_has_looked_at_serves_the_other(first: Literal["check", "coverage"], tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("import requests\nrequests.get('https://x.example')\n")
    (project / "b.py").write_text("def f(n):\n    while n < 3:\n        n += 1\n")
    (project / "c.py").write_text("def f(n):\n    while n > 0:\n        n += 1\n")
    request = Request(paths=(project,), isolated=True, cache_dir=tmp_path / "cache")
    cold = [(s.path, s.kind) for s in run(request._replace(purpose="coverage", cache=False)).sites]
    run(request._replace(purpose=first))
    for _ in range(2):
        assert [(s.path, s.kind) for s in run(request._replace(purpose="coverage")).sites] == cold
        assert [f.path for f in run(request).findings if f.kind == "loop"] == ["c.py"]


def test_files_whose_loops_are_silent_are_not_read_in_full(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "silent.py").write_text("def f(n):\n    while n < 3:\n        n += 1\n")
    (project / "speaks.py").write_text("def f(n):\n    while n > 0:\n        n += 1\n")
    (project / "asks.py").write_text("def f(q):\n    while True:\n        work(q.get_nowait())\n")
    run(Request(paths=(project,), isolated=True, cache_dir=tmp_path / "cache"))
    rows = json.loads((tmp_path / "cache" / "python" / "files.json").read_bytes())["files"]
    facts, asked = {path: row[9] > 0 for path, row in rows.items()}, {path: row[10] for path, row in rows.items()}
    assert facts == {"silent.py": False, "speaks.py": True, "asks.py": False}
    assert asked == {"silent.py": [], "speaks.py": [], "asks.py": ["get_nowait", "work"]}


def test_a_file_that_was_read_for_another_reason_is_looked_at_again(tmp_path: Path) -> None:
    """Else what is known of it, and so what is judged, would depend on which rules ran before."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("import sqlite3\ndef f(n):\n    while n < 3:\n        n += 1\n")
    request = Request(paths=(project,), isolated=True, cache_dir=tmp_path / "cache")

    def marks() -> str:
        rows = json.loads((tmp_path / "cache" / "python" / "files.json").read_bytes())["files"]
        return str(rows["a.py"][5])

    run(request._replace(select=("MON501", "MON3")))
    assert "e" not in marks()
    run(request)
    assert "e" in marks()
