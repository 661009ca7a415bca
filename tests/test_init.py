"""``monitorlint init``: where the helper goes, what is in it, and that monitorlint knows it again."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import pty
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, RunTool, quiet_environment
from monitorlint.scaffold.helper import PYTHON_NAME, PYTHON_NAMES, python_helper, python_home
from monitorlint.settings.values import Thresholds

TEMPLATE = ROOT / "src" / "monitorlint" / "scaffold" / "python" / PYTHON_NAME
WHOLE = python_helper(Thresholds())


def on_terminal(folder: Path, answer: str, *args: str) -> str:
    """What a run of the tool shows on a terminal on which an answer is typed."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "monitorlint", *args],
        cwd=folder,
        env=quiet_environment(TERM="dumb"),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    os.write(controller, f"{answer}\n".encode())
    shown = b""
    with contextlib.suppress(OSError):  # Linux says so when the other end is closed
        while data := os.read(controller, 4096):
            shown += data
    os.close(controller)
    assert process.wait(30) == 0
    return shown.decode()


def make(root: Path, *files: str, **texts: str) -> None:
    for name in ("pyproject.toml", *files):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts.get(path.stem, ""), encoding="utf-8")


class TestWhere:
    @pytest.mark.parametrize(
        ("files", "path"),
        [
            ((), "sentry_monitoring.py"),
            (("main.py",), "sentry_monitoring.py"),
            (("shop/__init__.py", "shop/api/__init__.py"), "shop/sentry_monitoring.py"),
            (("shop/__init__.py", "tests/__init__.py", "docs/__init__.py"), "shop/sentry_monitoring.py"),
            (("shop/__init__.py", "tools/__init__.py"), "sentry_monitoring.py"),
            (("src/shop/__init__.py",), "src/shop/sentry_monitoring.py"),
            (("src/shop/__init__.py", "scripts/__init__.py"), "src/shop/sentry_monitoring.py"),
            (("src/shop/__init__.py", "src/worker/__init__.py"), "src/sentry_monitoring.py"),
            # A package of that name is run from the root, or from its own folder: what lies in it is found both ways.
            (("src/__init__.py", "src/api/__init__.py"), "src/sentry_monitoring.py"),
            # Beside the package that holds nearly everything, another one is a client of it, or holds scripts.
            (("sdk/__init__.py", "src/__init__.py", *(f"src/m{n}.py" for n in range(9))), "src/sentry_monitoring.py"),
            (("sdk/__init__.py", "src/__init__.py", *(f"src/m{n}.py" for n in range(5))), "sentry_monitoring.py"),
            (("shop/__init__.py", "src/main.py"), "shop/sentry_monitoring.py"),
            (("lib/shop/__init__.py", "lib/tool.py"), "sentry_monitoring.py"),
            # A package in folders that are none, as plug-ins of one name have it.
            (
                ("shop/plugins/mail/__init__.py", "shop/plugins/mail/v1/__init__.py"),
                "shop/plugins/mail/sentry_monitoring.py",
            ),
            (("shop/plugins/mail/__init__.py", "shop/plugins/web/__init__.py"), "sentry_monitoring.py"),
            (
                ("shop/plugins/mail/__init__.py", "shop/plugins/mail/a/b/__init__.py"),
                "shop/plugins/mail/sentry_monitoring.py",
            ),
            # A module of this name in a package says nothing of how the package is installed.
            (("shop/__init__.py", "shop/setup.py"), "shop/sentry_monitoring.py"),
        ],
    )
    def test_without_configuration(self, tool: RunTool, tmp_path: Path, files: tuple[str, ...], path: str) -> None:
        make(tmp_path, *files)
        done = tool("init")
        assert (done.code, done.out) == (0, "")
        assert done.err.splitlines()[:2] == ["Found Python: a script or package", f"Wrote {path}"]
        assert f"call init_sentry() of {path}" in done.err
        assert (tmp_path / path).read_bytes() == WHOLE.encode()
        assert sorted(p.name for p in (tmp_path / path).parent.iterdir() if ".tmp" in p.name) == []

    def test_where_the_configuration_says(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, "shop/__init__.py", pyproject='[tool.monitorlint]\nhelpers.python = "lib/watch/monitors.py"\n')
        assert "\nWrote lib/watch/monitors.py\n" in tool("init").err
        assert (tmp_path / "lib/watch/monitors.py").read_bytes() == WHOLE.encode()

    def test_of_another_folder_and_configuration(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path / "a", "b/c.py", pyproject='[tool.monitorlint]\nhelpers.python = "x.py"\n')
        assert "\nWrote a/x.py\n" in tool("init", "a/b").err
        assert "\nWrote a/sentry_monitoring.py\n" in tool("init", "a", "--isolated").err
        (tmp_path / "a" / "other.toml").write_text('helpers.python = "y.py"\n')
        assert "\nWrote a/y.py\n" in tool("init", "a", "--config", "a/other.toml").err

    @given(st.sets(st.sampled_from(["a", "b", "a/c", "src", "src/a", "src/b", "src/a/c", "lib/a"])))
    def test_it_lies_in_a_package_or_where_packages_lie(self, packages: set[str]) -> None:
        folder = python_home(sorted(packages)).rpartition("/")[0]
        assert python_home(sorted(packages)).endswith(PYTHON_NAME)
        assert folder in packages | {"", "src"}


class TestWhat:
    def test_the_thresholds_of_the_configuration(self, tool: RunTool, tmp_path: Path) -> None:
        text = "[tool.monitorlint.thresholds]\nai = 12\nfetch = [1, 2.5]\noperation = [3, 4]\nloop = 50\nmemory = 0.5\n"
        make(tmp_path, pyproject=text)
        assert tool("init").code == 0
        written = (tmp_path / PYTHON_NAME).read_text()
        values = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in ast.parse(written).body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper()
            if not node.targets[0].id.startswith("_")
        }
        assert values == {
            "AI_SECONDS": 12.0,
            "FETCH_SECONDS": (1.0, 2.5),
            "OPERATION_SECONDS": (3.0, 4.0),
            "LOOP_LIMIT": 50,
            "LOOP_SECONDS": 300.0,
            "MEMORY_LIMIT": 0.5,
        }

    def test_the_defaults_are_the_templates(self) -> None:
        marks = re.compile(r"(?m)^# (?:region \w+|endregion)\n")
        template = marks.sub("", TEMPLATE.read_text(encoding="utf-8"))
        assert re.sub(r"\n{4,}", "\n\n\n", template) == WHOLE
        # The same for both, but for the parts that report.
        other = python_helper(Thresholds(), "opentelemetry")
        shared = set(WHOLE.splitlines()) & set(other.splitlines())
        assert len([line for line in other.splitlines() if line in shared]) > 1000
        for text in (WHOLE, other):
            assert not marks.search(text)
            assert ("sentry" in text.lower()) is (text is WHOLE)

    @settings(deadline=None)
    @given(
        ai=st.floats(0.001, 1e9),
        pair=st.tuples(st.floats(0.001, 1e9), st.floats(0.001, 1e9)),
        loop=st.integers(1, 10**12),
    )
    def test_any_threshold_gives_a_module(self, ai: float, pair: tuple[float, float], loop: int) -> None:
        text = python_helper(Thresholds(ai=ai, fetch=pair, operation=pair, loop=loop))
        compile(text, PYTHON_NAME, "exec")
        assert len(text.splitlines()) == len(WHOLE.splitlines())

    def test_to_standard_output(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path)
        done = tool("init", "--stdout")
        assert (done.code, done.out, done.err) == (0, WHOLE, "")
        assert not (tmp_path / PYTHON_NAME).exists()


class TestWhatIsThere:
    def test_is_never_overwritten(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, PYTHON_NAME, sentry_monitoring="mine = 1\n")
        done = tool("init")
        assert done.code == 0
        assert "\nKept sentry_monitoring.py, which differs: --diff shows how, --force writes it anew\n" in done.err
        assert (tmp_path / PYTHON_NAME).read_text() == "mine = 1\n"

    def test_a_helper_anywhere_in_the_project_is_the_helper(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, "shop/__init__.py", f"lib/{PYTHON_NAME}", f"tests/{PYTHON_NAME}")
        done = tool("init", "--isolated")
        assert (done.code, "Kept lib/sentry_monitoring.py" in done.err) == (0, True)
        make(tmp_path, f"other/{PYTHON_NAME}")
        done = tool("init", "--isolated", "--force", "--yes")
        assert done.code == 2
        assert "set helpers.python" in done.err

    def test_force_shows_and_asks_and_nobody_is_there_to_ask(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, PYTHON_NAME, sentry_monitoring="mine = 1\n")
        done = tool("init", "--force")
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "sentry_monitoring.py differs, and nobody is there to ask; --yes overwrites it" in done.err
        assert sorted(path.name for path in tmp_path.iterdir()) == ["pyproject.toml", PYTHON_NAME]
        assert (tmp_path / PYTHON_NAME).read_text() == "mine = 1\n"

    @pytest.mark.parametrize(("answer", "code"), [("y", "Overwrote"), ("n", "Kept")])
    def test_on_a_terminal_it_is_asked(self, tmp_path: Path, answer: str, code: str) -> None:
        make(tmp_path, PYTHON_NAME, sentry_monitoring="mine = 1\n")
        shown = on_terminal(tmp_path, answer, "init", "--force")
        assert "-mine = 1" in shown
        assert "Overwrite sentry_monitoring.py?" in shown
        assert f"{code} sentry_monitoring.py" in shown
        assert ((tmp_path / PYTHON_NAME).read_text() == "mine = 1\n") is (answer == "n")

    def test_force_overwrites_and_keeps_the_mode(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, PYTHON_NAME, sentry_monitoring="mine = 1\n")
        (tmp_path / PYTHON_NAME).chmod(0o640)
        done = tool("init", "--force", "--yes")
        assert (done.code, "\nOverwrote sentry_monitoring.py\n" in done.err) == (0, True)
        assert (tmp_path / PYTHON_NAME).read_bytes() == WHOLE.encode()
        assert stat.S_IMODE((tmp_path / PYTHON_NAME).stat().st_mode) == 0o640

    def test_a_new_file_has_the_usual_mode(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path)
        (tmp_path / "usual.py").touch()
        assert tool("init").code == 0
        assert (tmp_path / PYTHON_NAME).stat().st_mode == (tmp_path / "usual.py").stat().st_mode

    def test_the_difference_is_shown(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path)
        done = tool("init", "--diff")
        assert (done.code, done.err) == (1, "")
        assert done.out.startswith("--- sentry_monitoring.py\n+++ sentry_monitoring.py\n@@ -0,0 +1,")
        assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]
        tool("init")
        assert tool("init", "--diff").code == 0
        configuration = tmp_path / "monitorlint.toml"
        configuration.write_text(configuration.read_text().replace("ai = 30", "ai = 12"))
        done = tool("init", "--diff")
        assert done.code == 1
        assert "-AI_SECONDS = 30.0\n+AI_SECONDS = 12.0\n" in done.out


class TestMistakes:
    @pytest.mark.parametrize(
        ("args", "configuration", "message"),
        [
            (("nowhere",), "", "nowhere: no such folder"),
            (("pyproject.toml",), "", "pyproject.toml: is no folder"),
            (("--diff", "--stdout"), "", "Give one of --dry-run, --diff and --stdout"),
            (("--yes",), "", "--yes answers what --force asks"),
            (("--what",), "", "No such option"),
            ((), "[tool.monitorlint]\nhelpers = 3\n", "pyproject.toml:2: "),
            ((), '[tool.monitorlint]\nhelpers.python = "../x.py"\n', "lies outside the project"),
            ((), '[tool.monitorlint]\nhelpers.python = "lib"\n', "cannot be imported"),
            ((), '[tool.monitorlint]\nhelpers.python = "my-helper.py"\n', "cannot be imported"),
            ((), '[tool.monitorlint]\nhelpers.python = "main.py/x.py"\n', "cannot be written"),
            (("--force",), '[tool.monitorlint]\nhelpers.python = "shop.py"\n', "shop.py: cannot be read"),
            ((), "[tool.monitorlint.thresholds]\nai = -1\n", "pyproject.toml:2: "),
            (("--config", "nowhere.toml"), "", "--config"),
        ],
    )
    def test_each_is_one_line(
        self, tool: RunTool, tmp_path: Path, args: tuple[str, ...], configuration: str, message: str
    ) -> None:
        make(tmp_path, "main.py", pyproject=configuration)
        (tmp_path / "shop.py").mkdir()
        before = sorted(p.name for p in tmp_path.iterdir())
        done = tool("init", *args)
        assert (done.code, done.out) == (2, "")
        assert done.err.count("\n") == 1
        assert message in done.err
        assert sorted(p.name for p in tmp_path.iterdir()) == before

    @pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere")
    def test_a_folder_that_may_not_be_written(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path)
        tmp_path.chmod(0o555)
        try:
            done = tool("init")
        finally:
            tmp_path.chmod(0o755)
        assert (done.code, done.err.count("\n")) == (2, 1)

    def test_a_link_that_leads_nowhere_is_left(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path)
        (tmp_path / PYTHON_NAME).symlink_to("elsewhere.py")
        assert tool("init").code == 2
        assert not (tmp_path / "elsewhere.py").exists()


CALLS = """\
import asyncio

import httpx
import requests
from anthropic import Anthropic
from openai import AsyncOpenAI, OpenAI

from shop.sentry_monitoring import (
    detect_infinite_loop,
    monitor_ai_generation,
    monitor_fetch,
    monitor_lesson_loading,
    monitor_operation,
)

client, other = OpenAI(), AsyncOpenAI()
third = Anthropic()


def ask():
    with monitor_ai_generation("openai", "ask", {"id": 1}):
        return client.responses.create(model="m", input="")


async def aask():
    async with monitor_ai_generation("openai", "aask"):
        await other.responses.create(model="m", input="")
    with monitor_ai_generation("openai", "aask"):
        await other.responses.create(model="m", input="")


@monitor_ai_generation("openai", "decorated")
def decorated():
    return client.responses.create(model="m", input="")


@monitor_ai_generation("openai", "adecorated")
async def adecorated():
    return await other.responses.create(model="m", input="")


@monitor_ai_generation("openai", "chunks")
def chunks():
    yield from client.responses.create(model="m", input="", stream=True)


@monitor_ai_generation("openai", "achunks")
async def achunks():
    async for chunk in await other.responses.create(model="m", input="", stream=True):
        yield chunk


def called(urls):
    texts = [monitor_fetch.call("called", None, lambda url=url: requests.get(url, timeout=9)) for url in urls]
    return monitor_ai_generation.call("openai", "called", None, lambda: client.responses.create(model="m", input=texts))


async def acalled(session: httpx.AsyncClient):
    await monitor_fetch.acall("acalled", None, lambda: session.get("https://example.com"))
    await monitor_ai_generation.acall("openai", "acalled", None, lambda: other.responses.create(model="m", input=""))
    await asyncio.gather(monitor_fetch.astream("acalled", None, lambda: session.get("https://example.com")))
    async with monitor_fetch("acalled"), session.stream("GET", "https://example.com") as response:
        await response.aread()


def streamed():
    for chunk in monitor_ai_generation.stream(
        "openai", "streamed", None, lambda: client.responses.create(model="m", input="", stream=True)
    ):
        print(chunk)
    with monitor_ai_generation.stream(
        "anthropic", "streamed", None, lambda: third.messages.stream(model="m", max_tokens=1, messages=[])
    ) as stream:
        print(stream.get_final_text())


async def astreamed():
    async for chunk in await monitor_ai_generation.astream(
        "openai", "astreamed", None, lambda: other.responses.create(model="m", input="", stream=True)
    ):
        print(chunk)


def others(lesson_id):
    with monitor_lesson_loading(lesson_id):
        requests.get(f"https://example.com/lessons/{lesson_id}", timeout=9)
    with monitor_operation("others"):
        requests.post("https://example.com", timeout=9)


def agent():
    iterations = 0
    while True:
        iterations += 1
        if iterations % 10 == 0:
            detect_infinite_loop("agent", iterations, limit=100)
        if ask().output_text == "done":
            break
"""


class TestRecognition:
    """What ``init`` writes and ``fix`` inserts is monitoring to ``check`` and ``coverage``."""

    @pytest.fixture(params=["sentry", "opentelemetry"])
    def project(self, tool: RunTool, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
        name = PYTHON_NAMES[request.param]
        calls = CALLS.replace("sentry_monitoring", name.removesuffix(".py"))
        make(tmp_path, "shop/__init__.py", "shop/calls.py", calls=calls)
        (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
        assert tool("init", "--backend", request.param).code == 0
        helper = tmp_path / "shop" / name
        lines = helper.read_text(encoding="utf-8").splitlines()
        start = next(n for n, line in enumerate(lines) if line.startswith("# def monitor_lesson_loading"))
        lines[start : start + 2] = [line.removeprefix("# ") for line in lines[start : start + 2]]
        helper.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return tmp_path

    def sites(self, tool: RunTool) -> list[dict[str, Any]]:
        done = tool("coverage", "--no-cache", "--output-format", "json")
        assert done.code == 0, done.err
        sites: list[dict[str, Any]] = json.loads(done.out)["sites"]
        return sites

    def test_every_form_is_alerted(self, tool: RunTool, project: Path) -> None:
        calls = [site for site in self.sites(tool) if site["kind"] in {"ai", "http"}]
        assert {site["path"] for site in calls} == {"shop/calls.py"}
        missed = [
            (site["line"], site["target"])
            for site in calls
            if site["status"] != "monitored" or site["monitored_by"]["level"] != "alerted"
        ]
        assert missed == []
        assert len(calls) == CALLS.count(".create(") + CALLS.count(".get(") + CALLS.count(".post(") + 2
        assert {site["monitored_by"]["how"] for site in calls} == {"span", "decorator", "wrapper"}
        assert project.exists()

    @pytest.mark.usefixtures("project")
    def test_a_guarded_loop_is_guarded(self, tool: RunTool) -> None:
        (agent,) = [site for site in self.sites(tool) if site["function"] == "agent"]
        assert (agent["kind"], agent["status"]) == ("loop", "guarded")

    @pytest.mark.usefixtures("project")
    def test_nothing_is_found(self, tool: RunTool) -> None:
        done = tool("check", "--no-cache", "--select", "ALL", "--ignore", "MON102", "--ignore", "MON202")
        assert (done.code, done.out) == (0, "")

    @pytest.mark.usefixtures("project")
    def test_the_highest_bar_is_reached(self, tool: RunTool, tmp_path: Path) -> None:
        (tmp_path / "monitorlint.toml").write_text('require = "alerted"\n')
        assert tool("check", "--no-cache", "--select", "MON1,MON2,MON3", "--ignore", "MON102,MON202").code == 0

    def test_under_another_name(self, tool: RunTool, tmp_path: Path, project: Path) -> None:
        (helper,) = (project / "shop").glob("*_monitoring.py")
        helper.rename(project / "shop" / "watch.py")
        calls = tmp_path / "shop" / "calls.py"
        calls.write_text(CALLS.replace("shop.sentry_monitoring", "shop.watch"))
        (tmp_path / "monitorlint.toml").write_text('helpers.python = "shop/watch.py"\n')
        self.test_every_form_is_alerted(tool, project)
