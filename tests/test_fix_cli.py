"""``monitorlint fix`` and ``check --fix`` as users run them: a process, real files, git."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, RunTool

HELPER = ROOT / "src" / "monitorlint" / "scaffold" / "python" / "sentry_monitoring.py"
FETCH = "import requests\n\n\ndef load(url, user_id):\n    return requests.get(url, timeout=5)\n"
FIXED = """\
import requests

from sentry_monitoring import monitor_fetch


def load(url, user_id):
    with monitor_fetch("load", {"user_id": user_id}):
        return requests.get(url, timeout=5)
"""
REFUSED = """\
import requests


def load(url):
    if requests.get(f := url, timeout=5).ok:
        return f
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(HELPER, tmp_path)
    (tmp_path / "monitorlint.toml").write_text("")
    (tmp_path / "a.py").write_text(FETCH)
    return tmp_path


def test_a_file_is_fixed_once(tool: RunTool, folder: Path) -> None:
    ran = tool("fix", ".")
    assert (ran.code, ran.out, ran.err) == (0, "fixed a.py: MON201\n", "Fixed 1 finding in 1 file\n")
    assert (folder / "a.py").read_text() == FIXED
    again = tool("fix", ".")
    assert (again.code, again.out, again.err) == (0, "", "Nothing to fix\n")
    assert (folder / "a.py").read_text() == FIXED


def test_a_diff_changes_nothing_and_can_be_applied(tool: RunTool, folder: Path) -> None:
    ran = tool("fix", "--diff", ".")
    assert ran.code == 1
    assert (folder / "a.py").read_text() == FETCH
    subprocess.run(["patch", "-p1"], cwd=folder, input=ran.out.encode(), check=True, capture_output=True)
    assert (folder / "a.py").read_text() == FIXED
    assert tool("fix", "--diff", ".").code == 0
    assert tool("check", "--diff", ".").out == ""


def test_the_report_for_machines(tool: RunTool, folder: Path) -> None:
    (folder / "b.py").write_text(REFUSED)
    ran = tool("fix", "--output-format", "json", ".")
    assert ran.code == 1
    report = json.loads(ran.out)
    assert report["version"] == 1
    assert report["files"] == [{"path": "a.py", "fixed": ["MON201"]}]
    (refused,) = report["refused"]
    assert (refused["code"], refused["path"], refused["line"]) == ("MON201", "b.py", 5)
    assert refused["reason"] == "its arguments bind a name with :=, which a lambda would keep to itself"
    assert refused["snippet"] == 'with monitor_fetch("load"):\n    result = requests.get(f := url, timeout=5)\n'


def test_standard_input_goes_to_standard_output(tool: RunTool, folder: Path) -> None:
    ran = tool("fix", "-", "--stdin-filename", "new.py", text=FETCH)
    assert (ran.code, ran.out) == (0, FIXED)
    assert not (folder / "new.py").exists()
    refused = tool("fix", "-", "--stdin-filename", "new.py", text=REFUSED)
    assert (refused.code, refused.out) == (1, REFUSED)


@pytest.mark.usefixtures("folder")
def test_only_what_is_selected_is_fixed(tool: RunTool) -> None:
    assert tool("fix", "--select", "MON101", ".").err == "Nothing to fix\n"
    assert tool("fix", "--ignore", "MON201", ".").err == "Nothing to fix\n"


def test_check_fixes_and_reports_the_rest(tool: RunTool, folder: Path) -> None:
    (folder / "b.py").write_text(REFUSED)
    ran = tool("check", "--fix", "--output-format", "concise", ".")
    assert ran.code == 1
    assert ran.out.startswith("b.py:5:8: MON201 ")
    assert "Fixed 1 finding in 1 file; 1 refused" in ran.err
    assert (folder / "a.py").read_text() == FIXED


def test_check_shows_fixes(tool: RunTool, folder: Path) -> None:
    plain = json.loads(tool("check", "--output-format", "json", ".").out)
    assert plain[0]["fix"] == {"applicability": "safe", "message": "Put the call under `monitor_fetch`", "edits": None}
    shown = json.loads(tool("check", "--show-fixes", "--output-format", "json", ".").out)
    text = FETCH.encode()
    for edit in sorted(shown[0]["fix"]["edits"], key=lambda e: e["start"], reverse=True):
        text = text[: edit["start"]] + edit["content"].encode() + text[edit["end"] :]
    assert text.decode() == FIXED
    assert (
        '    +    with monitor_fetch("load", {"user_id": user_id}):'
        in tool("check", "--show-fixes", "--output-format", "full", ".").out
    )
    assert (folder / "a.py").read_text() == FETCH


def test_without_a_helper_nothing_is_changed(tool: RunTool, folder: Path) -> None:
    (folder / "sentry_monitoring.py").unlink()
    ran = tool("fix", ".")
    assert (ran.code, ran.out) == (2, "")
    assert "run `monitorlint init`, or set helpers.python" in ran.err
    assert (folder / "a.py").read_text() == FETCH
    (folder / "a.py").write_text("print(1)\n")
    assert tool("fix", ".").code == 0, "nothing to fix needs no helper"


def test_the_configured_helper(tool: RunTool, folder: Path) -> None:
    (folder / "watch").mkdir()
    (folder / "watch" / "__init__.py").touch()
    (folder / "sentry_monitoring.py").rename(folder / "watch" / "sentry.py")
    (folder / "monitorlint.toml").write_text('[helpers]\npython = "watch/sentry.py"\n')
    assert tool("fix", ".").code == 0
    assert "from watch.sentry import monitor_fetch\n" in (folder / "a.py").read_text()
    (folder / "monitorlint.toml").write_text('[helpers]\npython = "watch/none.py"\n')
    (folder / "a.py").write_text(FETCH)
    ran = tool("fix", ".")
    assert (ran.code, ran.err.count("helpers.python: no such file watch/none.py")) == (2, 1)


def test_two_helpers_that_are_equally_near(tool: RunTool, folder: Path) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        shutil.copy(HELPER, folder / name)
    (folder / "one" / "b.py").write_text(FETCH)
    (folder / "sentry_monitoring.py").unlink()
    ran = tool("fix", "a.py")
    assert ran.code == 2
    assert "one/sentry_monitoring.py and two/sentry_monitoring.py are equally near" in ran.err
    assert tool("fix", "one").code == 0


def test_a_helper_without_the_function(tool: RunTool, folder: Path) -> None:
    (folder / "sentry_monitoring.py").write_text("def monitor_operation(name): ...\n")
    ran = tool("fix", ".")
    assert ran.code == 1
    assert "refused a.py:5: MON201 the helper module has no monitor_fetch" in ran.out
    assert (folder / "a.py").read_text() == FETCH


def git(folder: Path, *args: str) -> None:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *args]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def test_uncommitted_changes_are_not_mixed_with_fixes(tool: RunTool, folder: Path) -> None:
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "all")
    (folder / "new.py").write_text("a new file is no reason to wait = 1\n"[-6:])
    (folder / "monitorlint.toml").write_text("# changed\n")
    ran = tool("fix", ".")
    assert ran.code == 2
    assert "uncommitted changes (monitorlint.toml)" in ran.err
    assert (folder / "a.py").read_text() == FETCH
    assert tool("check", "--fix", ".").code == 2
    assert tool("fix", "--diff", ".").code == 1, "a diff changes nothing"
    assert tool("fix", "a.py").code == 0, "a file that is named is meant"
    git(folder, "checkout", "a.py")
    assert tool("fix", "--allow-dirty", ".").code == 0
    assert (folder / "a.py").read_text() == FIXED


def test_mode_bits_and_links_stay(tool: RunTool, folder: Path) -> None:
    (folder / "a.py").chmod(0o751)
    real = folder / "real"
    real.mkdir()
    (folder / "a.py").rename(real / "there.txt")
    (folder / "a.py").symlink_to("real/there.txt")
    assert tool("fix", "a.py").code == 0
    assert (folder / "a.py").is_symlink()
    assert (real / "there.txt").read_text() == FIXED
    assert (real / "there.txt").stat().st_mode & 0o777 == 0o751
    assert sorted(p.name for p in real.iterdir()) == ["there.txt"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_folder_that_may_not_be_written(tool: RunTool, folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir()
    (closed / "b.py").write_text(FETCH)
    closed.chmod(0o555)
    try:
        ran = tool("fix", ".")
    finally:
        closed.chmod(0o755)
    assert ran.code == 2
    assert "not written closed/b.py: Permission denied" in ran.out
    assert (folder / "a.py").read_text() == FIXED


def test_mistakes_in_the_call(tool: RunTool, folder: Path) -> None:
    assert "needs a terminal" in tool("fix", "--interactive", ".").err
    assert "one of --fix, --diff and --show-fixes" in tool("check", "--fix", "--diff", ".").err
    assert tool("check", "--fix", "-", text=FETCH).code == 2
    assert (folder / "a.py").read_text() == FETCH


def test_unsafe_fixes_are_made_on_request(tool: RunTool, folder: Path) -> None:
    (folder / "a.py").write_text("import requests\n\n\ndef load(url):\n    return requests.get(url)\n")
    (folder / "monitorlint.toml").write_text("[timeouts]\nhttp = 7\n")
    ran = tool("fix", "--select", "MON202", ".")
    assert ran.code == 1
    assert "Nothing to fix; 1 more with --unsafe-fixes" in ran.err
    assert tool("fix", "--select", "MON202", "--unsafe-fixes", ".").code == 0
    assert "requests.get(url, timeout=7)" in (folder / "a.py").read_text()


def test_a_project_in_a_project(tool: RunTool, folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    shutil.copy(HELPER, inner)
    (inner / "monitorlint.toml").write_text("")
    (inner / "b.py").write_text(FETCH)
    ran = tool("fix", ".")
    assert (ran.code, ran.out) == (0, "fixed a.py: MON201\nfixed inner/b.py: MON201\n")
    assert (inner / "b.py").read_text() == FIXED


def test_a_file_that_cannot_import_the_helper_still_gets_what_needs_none(tool: RunTool, folder: Path) -> None:
    (folder / "monitorlint.toml").write_text("[timeouts]\nhttp = 7\n")
    (folder / "sentry_monitoring.py").write_text("import a\n" + HELPER.read_text())
    (folder / "a.py").write_text("import requests\n\n\ndef load(url):\n    return requests.get(url)\n")
    ran = tool("fix", "--unsafe-fixes", ".")
    assert ran.code == 1
    assert "refused a.py:5: MON201 the helper module imports this file" in ran.out
    assert "requests.get(url, timeout=7)" in (folder / "a.py").read_text()


def test_a_language_without_a_helper_does_not_stop_the_other(tool: RunTool, folder: Path) -> None:
    (folder / "a.ts").write_text("export async function load(url: string) {\n  return fetch(url);\n}\n")
    ran = tool("fix", ".")
    assert ran.code == 1
    assert (folder / "a.py").read_text() == FIXED
    assert "refused a.ts:2: MON201 no helper module: the project has no sentryMonitoring.ts; run" in ran.out
