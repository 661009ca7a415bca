"""Rewritten programs, run beside the originals against stub SDKs: what they do must be the same.

Observed are the calls of the SDK with their arguments and order, what the program logs, the result, and an exception
with its type, its arguments and the functions of the program and the SDK that its traceback leads through.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import inspect
import sys
import traceback
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import sentry_sdk
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sentry_sdk.transport import Transport

from conftest import ROOT
from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.request import Request
from rewriting import project

HELPER = ROOT / "src" / "monitorlint" / "scaffold" / "python" / "sentry_monitoring.py"
DSN = "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1"
HEAD = """\
import asyncio
import contextlib

import httpx
import requests
from openai import AsyncOpenAI, OpenAI

client = OpenAI()
patient = AsyncOpenAI()


"""
Log = list[Any]


class Nowhere(Transport):
    def capture_envelope(self, envelope: Any) -> None:
        """Keeps nothing."""


class ApiError(Exception):
    """What the stub SDKs raise."""


class Chunks:
    """A stream of an SDK: iterator, asynchronous iterator, context manager, and closable."""

    def __init__(self, log: Log, name: str) -> None:
        self._log = log
        self.name = name
        self._left = [1, 2, 3]

    def __repr__(self) -> str:
        return f"Chunks({self.name})"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        self._log.append(f"next {self.name}")
        if not self._left:
            raise StopIteration
        if "broken" in self.name and len(self._left) == 1:
            raise ApiError(self.name)
        return self._left.pop(0)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> int:
        await asyncio.sleep(0)
        try:
            return self.__next__()
        except StopIteration:
            raise StopAsyncIteration from None

    def close(self) -> None:
        self._log.append(f"close {self.name}")

    def __enter__(self) -> Self:
        self._log.append(f"enter {self.name}")
        return self

    def __exit__(self, *details: object) -> None:
        self._log.append(f"exit {self.name} {details[0] and details[0].__name__}")  # type: ignore[attr-defined]

    async def __aenter__(self) -> Self:
        await asyncio.sleep(0)
        return self.__enter__()

    async def __aexit__(self, *details: object) -> None:
        await asyncio.sleep(0)
        self.__exit__(*details)


def stubs(log: Log) -> dict[str, types.ModuleType]:
    """SDKs that log what they are asked, and fail where the question says so."""

    def answer(name: str, *, stream: bool) -> Any:
        log.append(f"ask {name}")
        if "fail" in name:
            raise ApiError(name)
        return Chunks(log, name) if stream else f"<{name}>"

    def create(*, input: str, model: str = "", stream: bool = False) -> Any:  # noqa: A002, ARG001 - the SDK's names
        return answer(input, stream=stream)

    async def acreate(*, input: str, model: str = "", stream: bool = False) -> Any:  # noqa: A002, ARG001
        log.append(f"begin {input}")
        await asyncio.sleep(1000 if "slow" in input else 0)
        return answer(input, stream=stream)

    def get(url: str, timeout: float = 0, stream: bool = False) -> Any:  # noqa: ARG001
        return answer(url, stream=stream)

    openai, requests, httpx = (types.ModuleType(name) for name in ("openai", "requests", "httpx"))
    openai.OpenAI = lambda: types.SimpleNamespace(responses=types.SimpleNamespace(create=create))  # type: ignore[attr-defined]
    openai.AsyncOpenAI = lambda: types.SimpleNamespace(responses=types.SimpleNamespace(create=acreate))  # type: ignore[attr-defined]
    requests.get = get  # type: ignore[attr-defined]
    httpx.stream = lambda method, url: answer(url, stream=True)  # type: ignore[attr-defined]  # noqa: ARG005
    httpx.Client = httpx.AsyncClient = lambda: types.SimpleNamespace(stream=httpx.stream)  # type: ignore[attr-defined]
    return {"openai": openai, "requests": requests, "httpx": httpx}


def observed(source: bytes, *, file: str) -> tuple[list[str], Any]:
    """What a program does: all that it logs, and how ``run(log)`` ends."""
    log: Log = []
    spec = importlib.util.spec_from_file_location("sentry_monitoring", HELPER)
    assert spec is not None
    assert spec.loader is not None
    helper = importlib.util.module_from_spec(spec)
    modules = {**stubs(log), "sentry_monitoring": helper}
    known = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        spec.loader.exec_module(helper)
        program = types.ModuleType("program")
        exec(compile(source, file, "exec", dont_inherit=True), program.__dict__)  # noqa: S102 - the test's own text
        try:
            result = program.run(log)
            if inspect.iscoroutine(result):
                result = asyncio.run(result)
        except BaseException as error:  # noqa: BLE001 - whatever it is
            places = [f.name for f in traceback.extract_tb(error.__traceback__) if f.filename in {file, __file__}]
            # A lambda around a call is one step more.
            return [repr(entry) for entry in log], (
                "raised",
                type(error).__name__,
                error.args,
                [p for p in places if p != "<lambda>"],
            )
        return [repr(entry) for entry in log], ("returned", repr(result))
    finally:
        for name, module in known.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


@contextlib.contextmanager
def sentry(*, is_on: bool) -> Iterator[None]:
    with sentry_sdk.isolation_scope():
        if is_on:
            sentry_sdk.init(DSN, transport=Nowhere, default_integrations=False, traces_sample_rate=1.0)
        try:
            yield
        finally:
            sentry_sdk.get_global_scope().set_client(None)


def fixed(folder: Path, source: bytes) -> bytes:
    path = project(folder, "program.py", source)
    result = fix(Request(paths=(path,), cache=False, jobs=1, debug=True), FixOptions(write=True))
    assert [s for s in result.refused if not s.code.endswith("02")] == []
    return path.read_bytes()


def assert_same(folder: Path, program: str) -> bytes:
    before = (HEAD + program).encode()
    after = fixed(folder, before)
    assert after != before
    for is_on in (False, True):
        with sentry(is_on=is_on):
            assert observed(after, file="program.py") == observed(before, file="program.py"), after.decode()
    return after


PROGRAMS = {
    "a statement": """
def ask(text):
    answer = client.responses.create(input=text)
    return answer


def run(log):
    log.append(ask("a"))
    try:
        ask("fail b")
    except Exception as error:
        log.append(type(error))
    return ask("fail c")
""",
    "returned from try and finally": """
def ask(log, text):
    try:
        return client.responses.create(input=text)
    except ValueError:
        log.append("no")
    else:
        log.append("else")
    finally:
        log.append("finally")


def run(log):
    return ask(log, "a"), ask(log, "fail")
""",
    "break and continue": """
def run(log):
    for name in "abcd":
        answer = requests.get(name, timeout=1)
        if answer == "<b>":
            continue
        if answer == "<c>":
            break
        log.append(answer)
    else:
        log.append("never")
    return name
""",
    "awaited": """
async def ask(text):
    return await patient.responses.create(input=text)


async def run(log):
    log.append(await ask("a"))
    return await ask("fail")
""",
    "cancelled": """
async def ask(log, text):
    try:
        return await patient.responses.create(input=text)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise
    finally:
        log.append("finally")


async def run(log):
    task = asyncio.create_task(ask(log, "slow"))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log.append("outside")
    return await asyncio.wait_for(ask(log, "slow again"), 0.001)
""",
    "gathered and wait_for": """
async def run(log):
    first = await asyncio.gather(patient.responses.create(input="a"), patient.responses.create(input="b"))
    log.append(first)
    tasks = [patient.responses.create(input=name) for name in "cd"]
    log.append(await asyncio.gather(*tasks))
    lazily = (patient.responses.create(input=name) for name in ("e", "fail f"))
    log.append(await asyncio.gather(*lazily, return_exceptions=True))
    log.append(await asyncio.gather(*(patient.responses.create(input=name) for name in "hi")))
    task = asyncio.create_task(patient.responses.create(input="g"))
    log.append(await task)
    return await asyncio.wait_for(patient.responses.create(input="slow"), 0.001)
""",
    "comprehensions": """
def run(log):
    pages = [requests.get(name, timeout=1) for name in "ab"]
    sizes = {name: len(requests.get(name, timeout=1)) for name in "cd" if requests.get("http://e", timeout=1)}
    lazy = (requests.get(name, timeout=1) for name in ("f", "fail", "g"))
    log.append((pages, sizes, next(lazy)))
    try:
        next(lazy)
    except Exception as error:
        log.append(type(error).__name__)
    return list(lazy)
""",
    "awaited comprehension": """
async def run(log):
    return [await patient.responses.create(input=name) for name in ("a", "b", "fail c")]
""",
    "conditions": """
def run(log):
    count = 0
    while count < 3 and requests.get("http://a", timeout=1):
        count += 1
    if requests.get("http://b", timeout=1) == "<http://x>":
        log.append("x")
    elif (page := requests.get("http://c", timeout=1)) == "<http://c>":
        log.append(page)
    match requests.get("http://d", timeout=1):
        case "<http://d>" if requests.get("http://e", timeout=1):
            log.append("matched")
    assert requests.get("http://fail", timeout=1)
""",
    "lambdas and defaults": """
def run(log):
    later = lambda name: requests.get(name, timeout=1)

    def inner(page=requests.get("http://default", timeout=1)):
        return page

    log.append(sorted("ba", key=lambda name: requests.get(name, timeout=1)))
    return inner(), later("a"), later("fail")
""",
    "a fetch in a prompt": """
def run(log):
    return client.responses.create(input=requests.get("http://a", timeout=1) + "b")
""",
    "a failing fetch in a prompt": """
def run(log):
    return client.responses.create(input=requests.get("http://fail", timeout=1) + "b")
""",
    "names of the class body": """
def run(log):
    class Page:
        name = "a"
        text = requests.get(name, timeout=1)

        def again(self, *, loaded=requests.get("http://b", timeout=1)):
            return loaded

    return Page.text, Page().again()
""",
    "generator that is driven": """
def pages():
    got = None
    try:
        while True:
            got = yield requests.get(got or "http://a", timeout=1)
    except KeyError:
        yield requests.get("http://thrown", timeout=1)
    finally:
        requests.get("http://closed", timeout=1)


def run(log):
    first = pages()
    log.append((next(first), first.send("b"), first.throw(KeyError)))
    first.close()
    second = pages()
    next(second)
    return second.send("fail")
""",
    "delegated generator": """
def pages():
    result = yield from client.responses.create(input="a", stream=True)
    return result


def run(log):
    return list(pages())
""",
    "stream to its end": """
def run(log):
    for chunk in client.responses.create(input="a", stream=True):
        log.append(chunk)
    stream = client.responses.create(input="b", stream=True)
    log.append((stream.name, list(stream), isinstance(stream, type(iter(stream)))))
    return None
""",
    "stream with an early break": """
def run(log):
    stream = client.responses.create(input="a", stream=True)
    for chunk in stream:
        break
    stream.close()
    with client.responses.create(input="b", stream=True) as other:
        return next(other)
""",
    "stream that breaks": """
def run(log):
    for chunk in client.responses.create(input="broken", stream=True):
        log.append(chunk)
""",
    "stream that fails at once": """
def run(log):
    for chunk in client.responses.create(input="fail", stream=True):
        log.append(chunk)
""",
    "asynchronous streams": """
async def run(log):
    async for chunk in await patient.responses.create(input="a", stream=True):
        log.append(chunk)
    stream = await patient.responses.create(input="b", stream=True)
    async for chunk in stream:
        break
    log.append([chunk async for chunk in stream])
    async with await patient.responses.create(input="c", stream=True) as other:
        log.append(await other.__anext__())
    async for chunk in await patient.responses.create(input="broken", stream=True):
        log.append(chunk)
""",
    "perhaps a stream": """
def ask(text, live):
    return client.responses.create(input=text, stream=live)


def run(log):
    log.append(ask("a", False))
    return list(ask("b", True))
""",
    "items of a with": """
def run(log):
    with httpx.stream("GET", "a") as response:
        log.append(next(response))
    with contextlib.suppress(KeyError), httpx.stream("GET", "b") as response:
        raise KeyError
    with (contextlib.nullcontext(log) if not log else httpx.stream("GET", "e")) as response:
        log.append(next(response))
    with contextlib.closing(httpx.stream("GET", "c")) as response:
        log.append(next(response))
    with httpx.stream("GET", "d"), httpx.stream("GET", "fail"):
        log.append("never")
""",
    "items of an asynchronous with": """
async def load(log):
    async with httpx.AsyncClient().stream("GET", "a") as response:
        log.append(await response.__anext__())
        return await response.__anext__()


async def run(log):
    log.append(await load(log))
    async with httpx.AsyncClient().stream("GET", "b") as response:
        raise KeyError("mine")
""",
    "an exit stack": """
def run(log):
    with contextlib.ExitStack() as stack:
        response = stack.enter_context(httpx.stream("GET", "a"))
        log.append(next(response))
        raise KeyError("mine")
""",
    "one line and semicolons": """
def run(log):
    if log is not None: page = requests.get("http://a", timeout=1)
    else: page = None
    log.append(page); page = requests.get("http://b", timeout=1); log.append(page)
    for name in "cd": log.append(requests.get(name, timeout=1))
    try: requests.get("http://fail", timeout=1)
    except Exception as error: return type(error).__name__, requests.get("http://e", timeout=1)
""",
    "strings of several lines": '''
def run(log):
    page = requests.get(
        """http://a
  b
c""", timeout=1
    ) + """
    d"""
    return page
''',
    "a guarded loop": """
def run(log):
    turns = 0
    while True:
        turns += 1
        answer = client.responses.create(input=str(turns))
        if turns % 2:
            continue
        log.append(answer)
        if answer == "<204>":
            break
    else:
        log.append("never")
    return turns
""",
    "in a thread": """
async def run(log):
    log.append(await asyncio.to_thread(requests.get, "http://a", timeout=1))
    return await asyncio.to_thread(requests.get, "http://fail", timeout=1)
""",
    "global, nonlocal and deleted": """
page = None


def run(log):
    global page
    text = "a"
    page = requests.get(text, timeout=1)

    def inner():
        nonlocal text
        text = requests.get(text, timeout=1)

    inner()
    log.append((page, text))
    pages = {page: 1}
    del pages[requests.get("http://a", timeout=1)]
    del text
    return pages
""",
    "raised on purpose": """
def run(log):
    raise ValueError(requests.get("http://a", timeout=1))
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_rewritten_program_does_the_same(name: str, tmp_path: Path) -> None:
    assert_same(tmp_path, PROGRAMS[name].lstrip("\n"))


NAMES = st.sampled_from(["http://a", "http://b", "http://fail", "http://c"])


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """An expression with a fetch somewhere in it, whatever it may stand in."""
    call = f'requests.get("{draw(NAMES)}", timeout=1)'
    for _ in range(draw(st.integers(0, depth))):
        other = f'requests.get("{draw(NAMES)}", timeout=1)'
        call = draw(
            st.sampled_from(
                [
                    f"[{call} for _ in range(2)]",
                    f"[i for i in {call}]",
                    f"({call} if x else {other})",
                    f"(x or {call})",
                    f"(lambda v: {call})(x)",
                    f"tuple({call} for y in range(2) if y)",
                    f"requests.get(str({call})[:3], timeout=1)",
                    f"({call}, {other})",
                    f"(z := {call})",
                    f"client.responses.create(input=str({call}))",
                    f'f"{{{call.replace(chr(34), chr(39))}}}"',
                    f"{{{call!r}: {call}}}",
                ]
            )
        )
    return call


@st.composite
def blocks(draw: st.DrawFn, depth: int = 2, *, in_loop: bool = False) -> list[str]:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        kinds = ["assign", "expression", "augmented", "log"]
        kinds += ["if", "for", "while", "try", "with", "one line", "semicolons", "inner", "match"] if depth else []
        kinds += ["continue", "break"] if in_loop else []
        lines += draw(statements(draw(st.sampled_from(kinds)), depth, in_loop=in_loop))
    return lines


@st.composite
def statements(draw: st.DrawFn, kind: str, depth: int, *, in_loop: bool) -> list[str]:  # noqa: PLR0912 - a table
    value = draw(expressions())

    def inner(*, loop: bool = in_loop) -> list[str]:
        return indented(draw(blocks(depth - 1, in_loop=loop)))

    match kind:
        case "assign":
            return [f"x = {value}"]
        case "expression":
            return [value]
        case "augmented":
            return [f"x = [x, {value}]  # kept", "x += [1]"]
        case "log":
            return ["log.append(", f"    {value}", ")"]
        case "if":
            return [f"if {value}:", *inner(), f"elif {draw(expressions())}:", *inner(), "else:", *inner()]
        case "for":
            return [f"for x in {value}:", *inner(loop=True), "else:", *inner()]
        case "while":
            # A counter for each depth: a loop within another one must not set the outer one's back for ever.
            return [f"n{depth} = 0", f"while n{depth} < 2 and {value}:", f"    n{depth} += 1", *inner(loop=True)]
        case "try":
            handler = ["except Exception as error:", "    log.append(type(error).__name__)", *inner()]
            return ["try:", *inner(), *handler, "finally:", "    log.append('finally')"]
        case "with":
            return [f"with contextlib.nullcontext({value}) as x:", *inner()]
        case "one line":
            return [f"if x: x = {value}", f"else: log.append({draw(expressions())})"]
        case "semicolons":
            return [f"log.append(1); x = {value}; log.append(x)"]
        case "inner":
            return ["def nested(x=x):", *inner(loop=False), f"    return {value}", "log.append(nested())"]
        case "match":
            return [
                f"match {value}:",
                "    case str():",
                *indented(inner()),
                f"    case _ if {draw(expressions())}:",
                *indented(inner()),
            ]
        case _:
            return [f"if x: {kind}"]


def is_valid(source: bytes) -> bool:
    """The expressions were put together blindly: a comprehension takes no ``:=`` in what it goes through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "program.py", "exec", dont_inherit=True)
        except SyntaxError:
            return False
    return True


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=blocks(), last=expressions())
def test_generated_programs_do_the_same(body: list[str], last: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    lines = ["def run(log):", "    x = 0", "    z = None", *indented(body), f"    return x, {last}"]
    before = (HEAD + "\n".join(lines) + "\n").encode()
    assume(is_valid(before))
    path = project(tmp_path_factory.mktemp("generated"), "program.py", before)
    result = fix(Request(paths=(path,), cache=False, jobs=1, debug=True), FixOptions(write=True))
    after = path.read_bytes()
    assert result.fixed + len([s for s in result.refused if not s.code.endswith("02")]) > 0
    for is_on in (False, True):
        with sentry(is_on=is_on):
            assert observed(after, file="program.py") == observed(before, file="program.py"), after.decode()
    again = fix(Request(paths=(path,), cache=False, jobs=1, debug=True), FixOptions(write=True))
    assert again.files == ()
