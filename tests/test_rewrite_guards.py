"""Loop guards: their places in fixtures, and that the guarded code does what it did, which is tried out."""

from __future__ import annotations

import ast
import asyncio
import io
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitorlint.languages.python.rewrite.guards import LoopGuards
from monitorlint.languages.python.rewrite.imports import HelperImports
from monitorlint.languages.python.rewrite.place import Source
from monitorlint.model.finding import Edit, Region
from monitorlint.model.remedy import Refused, Remedy, Rewritten
from monitorlint.model.site import Site
from rewriting import applied, cases, checked, project, repairable, repaired

CASES = cases("guards")


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_fixtures(case: Path, tmp_path: Path) -> None:
    """What is fixed is what the neighbour says, is silent, and stays as it is in a second run."""
    wanted = case.with_name(f"{case.stem}.fixed.py")
    path = project(tmp_path, case.name, case.read_bytes())
    wishes = len(repairable(path, "guard"))
    was_guarded = len(guarded_loops(path))
    first = repaired(path, "guard")
    assert first.text == (wanted if wanted.exists() else case).read_bytes()
    ast.parse(first.text)
    path.write_bytes(first.text)
    assert repaired(path, "guard").text == first.text
    assert len(repairable(path, "guard")) == len(first.refused)
    assert len(guarded_loops(path)) == was_guarded + wishes - len(first.refused)


def guarded_loops(path: Path) -> list[Site]:
    return [s for s in checked(path).sites if s.kind == "loop" and s.status == "guarded"]


REFUSED = {
    "class_body": "class body",
    "comprehension": "a comprehension has no body",
    "generator": "the loop yields",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_why(name: str, tmp_path: Path) -> None:
    case = next(c for c in CASES if c.stem == name)
    (reason,) = repaired(project(tmp_path, case.name, case.read_bytes()), "guard").refused
    assert REFUSED[name] in reason


def test_where_local_names_are_looked_at_the_guard_is_unsafe(tmp_path: Path) -> None:
    case = next(c for c in CASES if c.stem == "locals_are_seen")
    assert repaired(project(tmp_path, case.name, case.read_bytes()), "guard").applicabilities == {"unsafe"}


def guarded(text: str, *, limit: int | None = None, only: Callable[[ast.AST], bool] = lambda _: True) -> str:
    """The text with a guard in every loop (that ``only`` lets through) that takes one."""
    source = Source("job.py", text.encode())
    names = HelperImports(source, "monitoring")
    guards = LoopGuards(source, names)
    edits: list[Edit] = []
    needs: list[str] = []
    for region in loops_of(text, only):
        match guards.guard(Remedy("guard", "MON305", "job.py", region, "detect_infinite_loop", limit=limit)):
            case Rewritten(made, _, _, wanted):
                edits.extend(made)
                needs.extend(wanted)
            case Refused(reason):
                assert reason
    return applied(source.text, [*edits, *names.edits(needs)]).decode()


def loops_of(text: str, only: Callable[[ast.AST], bool] = lambda _: True) -> Iterator[Region]:
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = [n for n in ast.walk(ast.parse(text)) if isinstance(n, (ast.While, ast.For, ast.AsyncFor)) and only(n)]
    for node in sorted(found, key=lambda n: (n.lineno, n.col_offset)):
        start = starts[node.lineno - 1] + node.col_offset
        yield Region(node.lineno, 1, node.lineno, 1, start, start + 1)


def snippet(text: str) -> Refused:
    source = Source("job.py", text.encode())
    (region,) = loops_of(text)
    found = LoopGuards(source, HelperImports(source, "monitoring")).guard(
        Remedy("guard", "MON320", "job.py", region, "detect_infinite_loop")
    )
    assert isinstance(found, Refused)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "class C:\n    for x in y():\n        x()\n",
        "def f():\n    for x in y():\n        yield x\n",
        "def f():\n    for x in y():\n        z((yield))\n",
        "async def f():\n    async for x in y():\n        yield x\n",
        "def f():\n    for x in y():\n        def g(): pass\n        yield from x\n",
        "def f():\n    \\\n    for x in y():\n        x()\n",
        "x = '''\r'''\nfor x in y():\n    x()\n",
    ],
)
def test_refused(text: str) -> None:
    refused = snippet(text)
    assert refused.reason
    assert refused.snippet.startswith("iterations = 0\n")
    ast.parse(refused.snippet.replace("async for", "for"))


def test_the_snippet_shows_the_loop() -> None:
    assert snippet("class C:\n    for x in y():\n        x()\n").snippet == (
        "iterations = 0\n"
        "for x in y():\n"
        "    iterations += 1\n"
        "    if iterations % 100 == 0:\n"
        '        detect_infinite_loop("job", iterations)\n'
        "    ..."
    )


@pytest.mark.parametrize(
    ("body", "context"),
    [
        ("work(x.id)", '{"current_x": x.id}'),
        ("work(x.pk)", '{"current_x": x.pk}'),
        ("work(x.course_id)", '{"course_id": x.course_id}'),
        ("a = b[x.id]", '{"current_x": x.id}'),
        ("print(f'{x.id}')", '{"current_x": x.id}'),
        ("if x.id in seen:\n            continue", '{"current_x": x.id}'),
        ("with span(x.id):\n            pass", '{"current_x": x.id}'),
        ("for y in x.id:\n            pass", '{"current_x": x.id}'),
        ("log('start')\n        work(x.id)", '{"current_x": x.id}'),
        ("work(x.name, x.id)", '{"current_x": x.id}'),
        ("work(x.session_id)", ""),
        ("work(x.token)", ""),
        ("work(x.name)", ""),
        ("work(x)", ""),
        ("work(x); work(x.id)", ""),
        ("x.load(); work(x.id)", ""),
        ("x = new(x); work(x.id)", ""),
        ("x.id = 1; work(x.id)", ""),
        ("x.id = make(); work(x.id)", ""),
        ("work(lambda: x.id)", ""),
        ("work(a and x.id)", ""),
        ("work(x.id if a else b)", ""),
        ("work([x.id for b in a])", ""),
        ("if a:\n            work(x.id)", ""),
        ("if a:\n            continue\n        work(x.id)", ""),
        ("if a:\n            work(x)\n        work(x.id)", ""),
        ("try:\n            work(x.id)\n        except E:\n            pass", ""),
        ("assert a, x.id", ""),
        ("assert a\n        work(x.id)", ""),
        ("del x.id\n        work(x.id)", ""),
    ],
)
def test_an_id_goes_into_the_context_only_where_it_is_read_anyhow(body: str, context: str) -> None:
    text = guarded(f"def f(xs, a, b, seen):\n    for x in xs:\n        {body}\n")
    third = f", {context}" if context else ""
    assert f'detect_infinite_loop("f", iterations{third})' in text


def run_traced(code: str, *, turns: int = 400) -> tuple[list[object], list[tuple[object, ...]]]:
    """What a program does, step by step, and which guards were called; a program that runs on is stopped."""
    trace: list[object] = []
    calls: list[tuple[object, ...]] = []

    class Stop(BaseException):
        """Enough."""

    def step(mark: int) -> bool:
        trace.append(mark)
        if len(trace) > turns:
            raise Stop
        return (mark * 7919 + len(trace) * 104729) % 5 < 2

    def fail(mark: int) -> None:
        if step(mark):
            raise ValueError(mark)

    class Manager:
        def __init__(self, mark: int) -> None:
            self.mark = mark

        def __enter__(self) -> None:
            step(self.mark)

        def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
            trace.append(kind and kind.__name__)
            return kind is ValueError and self.mark % 2 == 0

    async def numbers(mark: int) -> Any:
        for number in range(4):
            await asyncio.sleep(0)
            step(mark)
            yield number

    namespace: dict[str, Any] = {"step": step, "fail": fail, "Manager": Manager, "numbers": numbers}
    lines = code.replace("from monitoring import detect_infinite_loop\n", "")
    namespace["detect_infinite_loop"] = lambda *a, **k: calls.append((*a, k))
    try:
        exec(compile(lines, "job.py", "exec"), namespace)  # noqa: S102 - the program was made here
        trace.append(("result", asyncio.run(namespace["main"]())))
    except (ValueError, Stop) as error:
        trace.append((type(error).__name__, error.args))
    return trace, calls


MARKS = st.integers(0, 99)


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


@st.composite
def statements(draw: st.DrawFn, depth: int, *, in_loop: bool) -> list[str]:
    """A block of a program, as lines."""
    found: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        found += draw(statement(depth, in_loop=in_loop))
    return found


@st.composite
def statement(draw: st.DrawFn, depth: int, *, in_loop: bool) -> list[str]:
    mark = draw(MARKS)
    simple = ["step", "fail", "walrus", "comment", *(["break", "continue"] if in_loop else []), "return"]
    nested = ["while", "for", "async for", "one line", "if", "try", "with", "def"] if depth else []
    kind = draw(st.sampled_from(simple + nested * 2))
    if kind in {"step", "fail"}:
        return [f"{kind}({mark})"]
    if kind == "walrus":
        return [f"seen = (last := step({mark}))", "step(int(seen) + int(last))"]
    if kind == "comment":
        return ["# iterations of nothing", f"step({mark})  # {kind}"]
    if kind in {"break", "continue"}:
        return [f"if step({mark}): {kind}"]
    if kind == "return":
        return [f"if step({mark}): return {mark}"]
    if kind == "one line":
        loop = draw(st.sampled_from([f"while step({mark})", "for _ in range(3)"]))
        return [f"{loop}: step({mark}); step({mark + 1})  # all of it"]

    def block(*, loop: bool = in_loop) -> list[str]:
        return indented(draw(statements(depth - 1, in_loop=loop)))

    if kind == "if":
        return [f"if step({mark}):", *block(), "else:", *block()]
    if kind == "try":
        return ["try:", *block(), "except ValueError:", *block(), "else:", *block(), "finally:", f"    step({mark})"]
    if kind == "with":
        return [f"with Manager({mark}):", *block()]
    if kind == "def":
        # What is defined in a loop is called at once: it has loops and returns of its own.
        return [
            "async def inner():",
            "    iterations2 = 0",
            *block(loop=False),
            "    return iterations2",
            "step(bool(await inner()))",
        ]
    head = {
        "while": draw(
            st.sampled_from([f"while step({mark}):", f"while not step({mark}):  # on and on", "while True:"])
        ),
        # Every turn of every loop takes a step, so that each program is stopped: an empty loop in an endless one, too.
        "for": f"for item in range({draw(st.integers(0, 4))} * (1 + step({mark}))):",
        "async for": f"async for item in numbers({mark}):",
    }[kind]
    otherwise = ["else:", *block()] if draw(st.booleans()) else []
    comment = ["# what follows turns"] if draw(st.booleans()) else []
    return [*comment, head, *block(loop=True), *otherwise]


@st.composite
def programs(draw: st.DrawFn) -> str:
    body = indented(draw(statements(3, in_loop=False)))
    return "\n".join(["async def main():", *body, "    return 'end'", ""])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs(), st.sampled_from([None, 100]))
def test_guarded_programs_do_what_they_did(text: str, limit: int | None) -> None:
    after = guarded(text, limit=limit)
    assert run_traced(text)[0] == run_traced(after)[0]
    assert after.count(" += 1\n") == len(list(loops_of(text)))
    # Whatever was there is still there, in its order.
    assert subsequence(words(text), words(after))


def words(text: str) -> list[str]:
    return [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type in {tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING, tokenize.COMMENT}
    ]


def subsequence(few: list[str], many: list[str]) -> bool:
    rest = iter(many)
    return all(word in rest for word in few)


@pytest.mark.parametrize(("limit", "turns"), [(None, [100, 200]), (100, [10, 20, 30])])
def test_the_helper_is_called_every_so_often(limit: int | None, turns: list[int]) -> None:
    text = f"async def main():\n    for x in range({turns[-1] + 5}):\n        if x % 2: continue\n"
    calls = run_traced(guarded(text, limit=limit))[1]
    assert calls == [("main", turn, {} if limit is None else {"limit": limit}) for turn in turns]


def test_an_inner_counter_starts_anew() -> None:
    text = "async def main():\n    for x in range(2):\n        for y in range(150):\n            pass\n"
    assert [call[:2] for call in run_traced(guarded(text))[1]] == [("main_2", 100), ("main_2", 100)]


EXECUTED = {
    "while else": """
async def main():
    n = 0
    while n < 3:
        n += 1
    else:
        return 'else'
""",
    "break": """
async def main():
    while True:
        break
    else:
        return 'else'
    return 'broken'
""",
    "exception": """
async def main():
    for x in range(5):
        fail(x)
""",
    "exception in the header": """
async def main():
    while fail(3) is None:
        step(1)
""",
    "async": """
async def main():
    async for x in numbers(1):
        if step(x): continue
        step(x)
    return x
""",
    "finally": """
async def main():
    for x in range(3):
        try:
            return x
        finally:
            step(x)
""",
    "name of the counter": """
iterations = 'mine'

async def main():
    for x in range(2): step(x)
    return iterations
""",
    "module level": """
for x in range(3): step(x)

async def main():
    return x
""",
}


@pytest.mark.parametrize("name", EXECUTED)
def test_executed(name: str) -> None:
    text = EXECUTED[name]
    after = guarded(text)
    assert after != text
    assert run_traced(after)[0] == run_traced(text)[0]
