"""Programs for the codemod: random ones, the packages that they call, and what can be seen of a run."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import inspect
import random
import sys
import textwrap
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from conftest import ROOT

HELPER = ROOT / "src" / "monitorlint" / "scaffold" / "python" / "sentry_monitoring.py"
FOLDER = ROOT / "tests" / "data" / "packages"
PACKAGES = ("world", "requests", "openai", "own")


class Seen(NamedTuple):
    """All that is to be the same before and after a fix."""

    calls: list[str]
    """What reached the packages, and the order in which the program's own functions ran."""
    outcome: str
    """The value, or the exception with its causes and the functions that its traceback goes through."""


def helper() -> types.ModuleType:
    """The helper module as a user has it."""
    return _loaded("sentry_monitoring", HELPER)


def _loaded(name: str, path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def packages(script: list[int]) -> Iterator[list[str]]:
    """Stand-ins for the packages that the programs import; gives the list of what is called."""
    before = {name: sys.modules.get(name) for name in PACKAGES}
    try:
        world = _loaded("world", FOLDER / "world.py")
        world.script.extend(script)
        for name in PACKAGES[1:]:
            _loaded(name, FOLDER / f"{name}.py")
        yield world.calls
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def observe(source: str, script: list[int], drive: list[int]) -> Seen:
    """Run ``job(1, 2)`` of a program.

    :param script: What the requests give; a negative number stands for an exception.
    :param drive: What a generator is sent: a positive number is sent, 0 is a plain step, a negative one is thrown in,
        and after the last it is closed.
    """
    space: dict[str, Any] = {"__name__": "program"}
    with packages(script) as calls:
        try:
            exec(compile(source, "program.py", "exec"), space)  # noqa: S102 - a program of our own making
            outcome = f"value {_value(space['job'](1, 2), drive)!r}"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is to be the same
            outcome = _described(error)
    return Seen(calls, outcome)


def _value(result: Any, drive: list[int]) -> object:
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    if inspect.isasyncgen(result):
        return asyncio.run(_driven_async(result, drive))
    return _driven(result, drive) if inspect.isgenerator(result) else result


def _driven(generator: Any, drive: list[int]) -> object:
    got: list[object] = []
    try:
        got.append(next(generator))
        for number in drive:
            step = generator.throw(KeyError(number)) if number < 0 else generator.send(number or None)
            got.append(step)
        generator.close()
    except StopIteration as stop:
        return got, stop.value
    return got


async def _driven_async(generator: Any, drive: list[int]) -> object:
    got: list[object] = []
    try:
        got.append(await generator.__anext__())
        for number in drive:
            step = generator.athrow(KeyError(number)) if number < 0 else generator.asend(number or None)
            got.append(await step)
        await generator.aclose()
    except StopAsyncIteration:
        return got
    return got


def _described(error: BaseException | None) -> str:
    parts: list[str] = []
    while error is not None:
        frames = [f.name for f in traceback.extract_tb(error.__traceback__) if f.filename == "program.py"]
        # A lambda of the call form is a frame more.
        through = " ".join(name for name in frames if name != "<lambda>")
        parts.append(f"{type(error).__name__}{error.args!r} via {through}, cause {type(error.__cause__).__name__}")
        error = error.__context__
    return " during ".join(parts)


class Programs:
    """Writes random programs. Their shapes are those in which calls stand in real code."""

    def __init__(self, rng: random.Random, *, is_async: bool, is_generator: bool) -> None:
        self._rng = rng
        self._async = is_async
        self._generator = is_generator
        self._count = 0
        self._awaits = is_async

    def program(self) -> str:
        """The text of a module with a function ``job(a, b)``."""
        keyword = "async def" if self._async else "def"
        body = [line for _ in range(self._rng.randint(1, 4)) for line in self.statement(3)]
        if self._generator:
            body.append(f"yield {self.expression(1)}")
        end = "" if self._generator and self._async else "return (a, b, c)"
        top = "client = AsyncOpenAI()" if self._async else "client = OpenAI()"
        lines = [
            "import requests",
            "from openai import AsyncOpenAI, OpenAI, OpenAIError",
            "from own import entered, note, through",
            "",
            top,
            "",
            "",
            f"{keyword} job(a, b):",
            "    c = 0",
            *(f"    {line}" if line else "" for line in body),
            *([f"    {end}"] if end else []),
        ]
        return "\n".join(lines) + "\n"

    def call(self) -> str:
        """A request, as an expression without the value it gives."""
        rng = self._rng
        inner = rng.choice(["a", "b", "c", "1", "note(a)"])
        if rng.random() < 0.5:
            more = rng.choice(["", ", params=b", ', params={"q": c}', ",\n    params=[\n        a,\n    ],\n"])
            return f'requests.get(f"https://shop.example.com/{{{inner}}}", timeout=5{more})'
        create = f'client.chat.completions.create(model="m", messages=[{inner}])'
        if not self._async:
            return create
        return f"(await {create})" if self._awaits else f'requests.get("https://shop.example.com/", params={inner})'

    def expression(self, depth: int) -> str:
        """An expression that gives a number."""
        rng = self._rng
        if depth <= 0:
            return rng.choice(["a", "b", "c", "1", f"{self.call()}.n", f"{self.call()}.n"])

        def one() -> str:
            return self.expression(depth - 1)

        def two() -> str:
            return self.expression(depth - 2)

        choice = rng.randrange(14)
        if choice < 3:
            return f"{self.call()}.n"
        if choice == 3:
            return f"({one()} + {two()})"
        if choice == 4:
            return f"({one()} if {self.call()}.ok else {two()})"
        if choice == 5:
            return f"({self.call()}.ok and {one()})"
        if choice == 6:
            return f"note({one()})"
        if choice == 7:
            return f"max({one()}, {two()})"
        if choice == 8:
            return f'{self.call()}.json()["n"]'
        if choice == 9:
            return f"sum([{self.call()}.n for c in range(2)])"
        if choice == 10:
            return f"len({{d: {self.call()}.n for d in range(2) if {self.call()}.ok}})"
        if choice == 11:
            with self._nothing_awaited():
                return f"(lambda e: {self.call()}.n + e)({two()})"
        if choice == 12:
            return f"(c := {self.call()}.n)"
        return f"len(f\"{{requests.get('https://shop.example.com/', params={rng.choice('abc')}).n}}\")"

    def statement(self, depth: int) -> list[str]:
        """One statement, as lines without their outer indentation."""
        rng = self._rng
        kinds = ["assign", "assign", "bare", "return", "if", "try", "with", "for", "while", "assert", "augmented"]
        kinds += ["unpack", "chain", "one line", "semicolon", "raise", "delete", "annotated", "stream"]
        kinds += ["nested", "class", "lambda"]
        if self._generator:
            kinds += ["yield", "received"]
        kind = rng.choice(kinds if depth > 0 else kinds[:2] + kinds[9:15])
        return getattr(self, f"_{kind.replace(' ', '_')}")(depth)  # type: ignore[no-any-return]

    def block(self, depth: int) -> list[str]:
        """The body of a statement, indented."""
        lines = [line for _ in range(self._rng.randint(1, 2)) for line in self.statement(depth - 1)]
        return textwrap.indent("\n".join(lines), "    ").split("\n")

    def _assign(self, depth: int) -> list[str]:
        return self._lines(f"{self._rng.choice('abc')} = {self.expression(depth)}")

    def _augmented(self, depth: int) -> list[str]:
        return self._lines(f"c += {self.expression(depth)}")

    def _annotated(self, depth: int) -> list[str]:
        return self._lines(f"d: int = {self.expression(depth)}  # a comment")

    def _unpack(self, depth: int) -> list[str]:
        return self._lines(f"a, (b, *rest) = {self.expression(depth - 1)}, ({self.call()}.n, {self.call()}.n, 3)")

    def _chain(self, depth: int) -> list[str]:
        return self._lines(f"a = b = {self.expression(depth)}")

    def _bare(self, _depth: int) -> list[str]:
        return self._lines(self.call())

    def _delete(self, depth: int) -> list[str]:
        return self._lines(f"d = {{0: 1, 1: 1, 2: 1, 3: 1}}\ndel d[{self.expression(depth - 1)} % 4]")

    def _return(self, depth: int) -> list[str]:
        if self._async and self._generator:
            return self._lines(f"if {self.expression(depth)} > 2:\n    return")
        return self._lines(f"if a > 1:\n    return {self.expression(depth)}")

    def _raise(self, depth: int) -> list[str]:
        return self._lines(f"if b > 2:\n    raise ValueError({self.expression(depth)})")

    def _assert(self, depth: int) -> list[str]:
        return self._lines(f"assert {self.expression(depth)} >= 0, {self.call()}.n")

    def _one_line(self, depth: int) -> list[str]:
        return self._lines(f"if {self.expression(depth)} > 0: c = {self.call()}.n  # a comment")

    def _semicolon(self, depth: int) -> list[str]:
        return self._lines(f"c = {self.expression(depth)}; note(c); a = {self.call()}.n")

    def _if(self, depth: int) -> list[str]:
        return [
            *self._lines(f"if {self.expression(depth)} > 1:"),
            *self.block(depth),
            *self._lines(f"elif {self.expression(depth - 1)} > 0:"),
            *self.block(depth),
            "else:",
            *self.block(depth),
        ]

    def _try(self, depth: int) -> list[str]:
        handler = self._rng.choice(["OpenAIError", "requests.RequestException", "Exception"])
        end = self._rng.choice(["", "raise", f"raise RuntimeError({self.call()}.n) from error"])
        return [
            "try:",
            *self.block(depth),
            f"except {handler} as error:",
            "    note(type(error).__name__)",
            *(textwrap.indent(end, "    ").split("\n") if end else []),
            *self._rng.choice([[], ["else:", *self.block(depth)]]),
            *self._rng.choice([[], ["finally:", *self.block(1)]]),
        ]

    def _with(self, depth: int) -> list[str]:
        swallow = self._rng.choice(["", ", swallow=True"])
        return [*self._lines(f"with entered({self.expression(depth)}{swallow}) as d:"), *self.block(depth)]

    def _for(self, depth: int) -> list[str]:
        over = self._rng.choice(
            [f"range({self.expression(depth)} % 4)", f"[{self.expression(depth)}, {self.call()}.n]"]
        )
        ends = self._rng.choice([[], ["    if a > 3: continue"], [f"    if {self.call()}.ok: break"]])
        return [
            *self._lines(f"for c in {over}:"),
            *(line for end in ends for line in end.split("\n")),
            *self.block(depth),
            *self._rng.choice([[], ["else:", "    note(a)"]]),
        ]

    def _while(self, depth: int) -> list[str]:
        self._count += 1
        turns = f"turns{self._count}"
        return [
            f"{turns} = 0",
            *self._lines(f"while {turns} < 3 and {self.expression(depth - 1)} >= 0:"),
            f"    {turns} += 1",
            *self.block(depth),
        ]

    def _stream(self, depth: int) -> list[str]:
        if self._async:
            create = 'await client.chat.completions.create(model="m", messages=[a], stream=True)'
            loop = f"async for d in {create}:"
        else:
            loop = 'for d in client.chat.completions.create(model="m", messages=[a], stream=True):'
        return [loop, "    if d > 1: break", *self.block(depth)]

    def _nested(self, depth: int) -> list[str]:
        self._count += 1
        name = f"inner{self._count}"
        decorator = self._lines(f"@through({self.call()}.n)") if self._rng.random() < 0.5 else []
        head = self._lines(f"def {name}(p, q={self.call()}.n):")
        with self._nothing_awaited():
            body = self._lines(f"return {self.expression(depth)} + p + q")
        return [*decorator, *head, "    a, b, c = 1, 2, p", *(f"    {line}" for line in body), f"note({name}(1))"]

    def _class(self, _depth: int) -> list[str]:
        with self._nothing_awaited():
            inner = self._lines(f"kept = {self.call()}.n")
        return ["class Kept:", *(f"    {line}" for line in inner), "c = Kept.kept"]

    def _lambda(self, depth: int) -> list[str]:
        with self._nothing_awaited():
            inner = self.expression(depth - 1)
        return self._lines(f"d = lambda a, b=2, c=3: {inner}\nc = d(a)" if ":=" not in inner else f"c = {inner}")

    def _yield(self, depth: int) -> list[str]:
        return self._lines(f"yield {self.expression(depth)}")

    def _received(self, depth: int) -> list[str]:
        return self._lines(f"c = (yield {self.expression(depth)}) or 0")

    @contextmanager
    def _nothing_awaited(self) -> Iterator[None]:
        before, self._awaits = self._awaits, False
        try:
            yield
        finally:
            self._awaits = before

    @staticmethod
    def _lines(text: str) -> list[str]:
        return text.split("\n")


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Modules with a function ``job(a, b)`` of any kind, that compile."""
    writer = Programs(
        draw(st.randoms(use_true_random=False)), is_async=draw(st.booleans()), is_generator=draw(st.booleans())
    )
    for _ in range(20):
        source = writer.program()
        try:
            compile(source, "program.py", "exec")
        except SyntaxError:
            continue
        return source
    return ast.unparse(ast.parse("def job(a, b):\n    return a\n"))
