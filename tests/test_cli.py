"""The command line as users run it: a process, real files, the real engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, SOURCE, RunTool, quiet_environment

FETCH = "import requests\n\n\ndef get(url):\n    return requests.get(url, timeout=5)\n"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example of the README, where nothing else is."""
    return Path(shutil.copytree(ROOT / "examples" / "assistant", tmp_path / "assistant"))


def test_the_example_is_what_the_readme_says(tool: RunTool, example: Path) -> None:
    ran = tool("check", "--output-format", "json", ".", cwd=example)
    assert ran.code == 1, ran.err
    found = {(item["code"], item["filename"], item["location"]["row"]) for item in json.loads(ran.out)}
    lines = {path.name: path.read_text().splitlines() for path in (example / "assistant").glob("*.py")}

    def row(name: str, text: str, nth: int = 0) -> int:
        return [number for number, line in enumerate(lines[name], 1) if text in line][nth]

    answered, summarised = (row("answers.py", "chat.completions.create", nth) for nth in (0, 1))
    assert ("MON101", "assistant/answers.py", summarised) in found
    assert ("MON101", "assistant/answers.py", answered) not in found, "the decorator covers it"
    assert ("MON101", "assistant/answers.py", row("answers.py", "messages.create")) in found
    assert ("MON201", "assistant/pages.py", row("pages.py", "session.get")) in found
    assert ("MON202", "assistant/pages.py", row("pages.py", "session.get")) in found
    loops = {(name, line) for code, name, line in found if code.startswith("MON3")}
    assert ("assistant/agent.py", row("agent.py", "while True")) in loops
    assert ("assistant/pages.py", row("pages.py", "while True")) in loops
    assert ("assistant/worker.py", row("worker.py", "while True")) in loops
    assert ("assistant/worker.py", row("worker.py", "while not stopping")) not in loops, "a service loop"


def test_coverage_and_check_are_two_views(tool: RunTool, example: Path) -> None:
    document = json.loads(tool("coverage", "--select", "ALL", "--output-format", "json", cwd=example).out)
    bare = {
        (site["path"], site["line"], site["column"])
        for site in document["sites"]
        if site["status"] in ("unmonitored", "unbounded")
    }
    speaking = ("MON101", "MON201", "MON3", "MON501", "MON502", "MON503")
    found = {
        (item["filename"], item["location"]["row"], item["location"]["column"])
        for item in json.loads(tool("check", "--select", "ALL", "--output-format", "json", cwd=example).out)
        if item["code"].startswith(speaking) and item["confidence"] != "low"
    }
    assert bare == found
    assert bare


@pytest.mark.parametrize("name", ["full", "concise", "json", "sarif", "github"])
def test_every_format_runs(tool: RunTool, example: Path, name: str) -> None:
    ran = tool("check", "--output-format", name, cwd=example)
    assert ran.code == 1
    assert "MON101" in ran.out
    assert ran.err.startswith("Found ")


def test_paths_are_relative_to_where_the_user_stands(tool: RunTool, example: Path) -> None:
    inside = tool("check", ".", cwd=example / "assistant").out
    outside = tool("check", "assistant", cwd=example.parent).out
    assert inside.splitlines()[0].startswith("agent.py:")
    assert outside.splitlines()[0].startswith("assistant/assistant/agent.py:")


def test_standard_input(tool: RunTool, tmp_path: Path) -> None:
    ran = tool("check", "-", "--stdin-filename", "app/chat.py", text=SOURCE)
    assert ran.code == 1
    assert ran.out.startswith("app/chat.py:7:12: MON101 ")
    assert not (tmp_path / "app").exists()
    assert tool("check", "-", "--stdin-filename", "a.py", text="").code == 0


def test_a_clean_file(tool: RunTool, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('hello')\n")
    ran = tool("check", "a.py")
    assert (ran.code, ran.out, ran.err) == (0, "", "No findings in 1 file\n")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.py", b""),
        ("newline.py", b"\n"),
        ("bom.py", b"\xef\xbb\xbfprint(1)\n"),
        ("crlf.py", b"print(1)\r\n"),
        ("space in name.py", b"print(1)\n"),
    ],
)
def test_odd_and_clean(tool: RunTool, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert tool("check", name).code == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"import requests\nrequests.get(url\n\ndef broken(:\n", "MON902"),
        (b"import requests\nrequests.get('\xff\xfe')\n", "MON901"),
        (b"import requests\x00\nrequests.get(url)\n", "MON90"),
    ],
)
def test_a_file_that_cannot_be_understood_is_a_finding(
    tool: RunTool, tmp_path: Path, content: bytes, code: str
) -> None:
    (tmp_path / "a.py").write_bytes(content)
    ran = tool("check", "a.py")
    assert ran.code == 1
    assert f" {code}" in ran.out
    assert "could not be read" in ran.err


def test_a_missing_path_is_the_users_mistake(tool: RunTool) -> None:
    ran = tool("check", "no/such/file.py")
    assert (ran.code, ran.out) == (2, "")
    assert "no/such/file.py" in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slect = ['MON1']\n", "monitorlint.toml:1: "),
        ("select = ['MON999']\n", "monitorlint.toml:1: "),
        ("select = [\n", "monitorlint.toml:"),
        ("areas = 'app'\n", "monitorlint.toml:1: "),
    ],
)
@pytest.mark.parametrize("command", ["check", "coverage", "config"])
def test_a_mistake_in_the_settings_names_its_line(
    tool: RunTool, tmp_path: Path, command: str, text: str, said: str
) -> None:
    (tmp_path / "monitorlint.toml").write_text(text)
    ran = tool(command)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"monitorlint: {said}")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("flag", ["--select", "--ignore", "--extend-select"])
def test_an_unknown_code_on_the_command_line(tool: RunTool, flag: str) -> None:
    ran = tool("check", flag, "MON11O")
    assert (ran.code, ran.out) == (2, "")
    assert flag in ran.err
    assert len(ran.err.splitlines()) == 1


def test_the_reader_may_leave(example: Path) -> None:
    """``monitorlint check | head -1`` ends without a word about it."""
    with subprocess.Popen(
        [sys.executable, "-m", "monitorlint", "check", "--quiet", "--output-format", "full"],
        cwd=example,
        env=quiet_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def test_output_in_a_terminal_that_knows_only_ascii(tool: RunTool, tmp_path: Path) -> None:
    (tmp_path / "é.py").write_text(FETCH)
    ran = tool("check", "--output-format", "full", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ran.code == 1
    assert "\\xe9.py" in ran.out


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="file names are text there")
def test_a_file_name_that_is_not_text(tool: RunTool, tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.py")).write_text(FETCH)
    ran = tool("check")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("skipped bad\\udcff.py: ")


def test_config_shows_what_holds(tool: RunTool, tmp_path: Path) -> None:
    assert tool("config").out.splitlines()[1] == "# configuration: none, these are the defaults"
    (tmp_path / "monitorlint.toml").write_text('select = ["MON1"]\n[per-file-ignores]\n"tests/**" = ["MON3"]\n')
    shown = tool("config")
    assert shown.code == 0
    assert shown.out.splitlines()[1] == "# configuration: monitorlint.toml"
    assert 'select = ["MON1"]' in shown.out
    (tmp_path / "again.toml").write_text(shown.out)
    again = tool("config", "--config", "again.toml")
    assert again.out.splitlines()[2:] == shown.out.splitlines()[2:]


def test_rule_explains(tool: RunTool) -> None:
    listed = tool("rule").out
    assert "unmonitored-ai-call" in listed
    page = tool("rule", "unmonitored-ai-call").out
    assert page == tool("rule", "mon101").out
    assert page.startswith("MON101 unmonitored-ai-call: ")
    markdown = tool("rule", "MON101", "--output-format", "markdown").out
    assert markdown.startswith("# unmonitored-ai-call (MON101)\n")
    assert "\n## Why is this bad?\n" in markdown
    assert json.loads(tool("rule", "MON101", "--output-format", "json").out)["name"] == "unmonitored-ai-call"
    assert len(json.loads(tool("rule", "--output-format", "json").out)) == len(listed.splitlines())
    assert tool("rule", "--all").out.count("\nWhy is this bad?\n") == len(listed.splitlines())
    assert "Did you mean 'unmonitored-ai-call'?" in tool("rule", "unmonitored-ai-cal").err


def test_clean_removes_the_cache_and_nothing_else(tool: RunTool, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a.py").write_text(FETCH)
    before = set(tmp_path.rglob("*"))
    tool("check")
    assert set(tmp_path.rglob("*")) > before
    assert tool("clean").code == 0
    assert set(tmp_path.rglob("*")) == before
    assert tool("clean").code == 0
