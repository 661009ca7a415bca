"""Bad input, as users meet it: one line, the exit code of the house, and the other files still checked."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from conftest import Ran, RunTool

GOOD = "import requests\n\n\ndef get(url):\n    return requests.get(url, timeout=5)\n"
FOUND = "good.py:5:12: MON201 "
FETCH = b"import requests\nrequests.get('https://a', timeout=5)\n"

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX file system")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "good.py").write_text(GOOD)
    return tmp_path


def lines(ran: Ran) -> list[str]:
    """What a run said, when it is all single lines of known kinds and no traceback."""
    assert "Traceback" not in ran.out + ran.err
    assert "internal error" not in ran.err
    for line in ran.err.splitlines():
        assert line.startswith(("skipped ", "Found ", "No findings", "monitorlint: ")), line
    return ran.out.splitlines()


def about(path: str, ran: Ran) -> list[str]:
    """What is said of the file, besides that the good one is still checked."""
    said = lines(ran)
    assert any(line.startswith(FOUND) for line in said), ran
    return [line for line in (*said, *ran.err.splitlines()) if line.startswith((f"{path}:", f"skipped {path}: "))]


def is_one_line_and_2(ran: Ran, said: str) -> None:
    lines(ran)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert said in ran.err


@pytest.mark.parametrize(
    ("args", "text", "said"),
    [
        (("--slect", "MON1"), "", "No such option '--slect'. (Did you mean"),
        (("--output-format", "xml"), "", "'xml' is not one of"),
        (("--select", "MON11"), "", '--select: unknown rule "MON11"; did you mean'),
        (("--ignore", "unmonitored-fetsh"), "", 'did you mean "unmonitored-fetch"?'),
        (("no/such.py",), "", "no/such.py: no such file or folder; check the spelling"),
        (("--config", "no.toml"), "", "--config: no such file no.toml"),
        (("--config", "good.py"), "", "good.py:"),
        (("-j", "two"), "", "'two' is not a valid integer"),
        ((), "select = [\n", "monitorlint.toml:"),
        ((), "select = ['MON1']\nslect = 1\n", 'monitorlint.toml:2: unknown key "slect"; did you mean "select"?'),
        ((), "[thresholds]\nlop = 5\n", 'monitorlint.toml:2: unknown key "thresholds.lop"; did you mean "loop"?'),
        ((), "select = ['MON999']\n", "monitorlint.toml:1: "),
        ((), "areas = 'app'\n", "monitorlint.toml:1: "),
        ((), "extend = 'monitorlint.toml'\n", "monitorlint.toml:1: "),
        ((), "extend = 'no.toml'\n", "monitorlint.toml:1: "),
        ((), "rule-packs = ['no/']\n", "monitorlint.toml:1: "),
        ((), "\x00", "monitorlint.toml:1: "),
        ((), "a = " + "[" * 5000, "monitorlint.toml:1: "),
    ],
)
@pytest.mark.parametrize("command", ["check", "coverage"])
def test_a_mistake_of_the_user_is_one_line_and_2(
    tool: RunTool, good: Path, command: str, args: tuple[str, ...], text: str, said: str
) -> None:
    if text:
        (good / "monitorlint.toml").write_text(text)
    is_one_line_and_2(tool(command, *args), said)


@pytest.mark.parametrize(
    ("name", "said"), [("no.json", "no.json: no such baseline"), ("good.py", "good.py:1: not valid JSON")]
)
def test_a_baseline_that_is_none_is_a_mistake_of_the_user(tool: RunTool, good: Path, name: str, said: str) -> None:
    is_one_line_and_2(tool("check", "--baseline", str(good / name)), said)


@pytest.mark.parametrize("named", [False, True], ids=["in its folder", "named"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (FETCH + b"x = '\xff\xfe'\n", "bad.py:1:1: MON901 The file line 3 is not UTF-8, and no encoding is declared"),
        (b"x = '\xff'\n", "bad.py:1:1: MON901 "),
        (b"# coding: ascii\n" + FETCH + b"x = '\xff'\n", "bad.py:1:1: MON901 The file is not text in the encoding"),
        (b"# coding: rot13\n" + FETCH + b"x = '\xff'\n", "bad.py:1:1: MON901 The file is not text in the encoding"),
        (b"# coding: no-such\n" + FETCH + b"x = '\xff'\n", "bad.py:1:1: MON901 The file is not text in the encoding"),
        (FETCH + b"\x00\n", "bad.py:1:1: MON901 The file holds null bytes"),
        (bytes(range(256)) * 8, "bad.py:1:1: MON901 "),
        (FETCH.decode().encode("utf-16"), "bad.py:1:1: MON901 "),
        (FETCH + b"def broken(:\n", "bad.py:3:12: MON902 The file does not parse: "),
        (FETCH + b"print 'two'\n", "bad.py:3:1: MON902 The file does not parse: "),
        (FETCH + b"x = '''never closed\n", "bad.py:3:5: MON902 The file does not parse: "),
        (FETCH + b"if x:\nf()\n", "bad.py:4:1: MON902 The file does not parse: "),
        (FETCH + b"<<<<<<< ours\n=======\n>>>>>>> theirs\n", "bad.py:3:"),
        (b"x = [" + b"1," * 2_500_000 + b"]\n", "skipped bad.py: too large (5.0 MB; the limit is 2 MB)"),
    ],
)
def test_a_file_that_cannot_be_read_whole(tool: RunTool, good: Path, content: bytes, said: str, *, named: bool) -> None:
    (good / "bad.py").write_bytes(content)
    ran = tool("check", *(("bad.py", "good.py") if named else ()))
    assert ran.code == 1
    own = about("bad.py", ran)
    assert any(line.startswith(said) for line in own), (said, own)
    assert sum("MON90" in line for line in own) <= 1


@pytest.mark.parametrize("named", [False, True], ids=["in its folder", "named"])
@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", ""),
        (b"\n\n", ""),
        (b"\xef\xbb\xbf", ""),
        (b"#", ""),
        (b"\\", ""),
        (FETCH, "2:1"),
        (b"\xef\xbb\xbf" + FETCH, "2:1"),
        (b"\xef\xbb\xbfimport requests; requests.get('https://a', timeout=5)\n", "1:18"),
        (FETCH.replace(b"\n", b"\r\n"), "2:1"),
        (FETCH.rstrip(), "2:1"),
        (FETCH + b"\x0c\n", "2:1"),
        (b"# coding: latin-1\n" + FETCH.replace(b"https://a", b"https://\xe4"), "3:1"),
        (b"#!/usr/bin/python\n# -*- coding: cp1252 -*-\n" + FETCH + b"x = '\x80'\n", "4:1"),
        ("import requests\n'ä€𝄞'; requests.get('https://a', timeout=5)\n".encode(), "2:8"),
        (FETCH + b"x = " + b"(" * 1000 + b"1" + b")" * 1000 + b"\n", "2:1"),
        (FETCH + b"x = " + b" + ".join([b"1"] * 3000) + b"\n", "2:1"),
        (FETCH + b"x = '" + b"a" * 1_500_000 + b"'\n", "2:1"),
        (b"import requests\nx = '" + b"a" * 100_000 + b"'; requests.get('https://a', timeout=5)\n", "2:100009"),
    ],
)
def test_a_file_that_only_looks_odd(tool: RunTool, good: Path, content: bytes, place: str, *, named: bool) -> None:
    (good / "odd.py").write_bytes(content)
    for output in ("concise", "full"):
        ran = tool("check", "--output-format", output, *(("odd.py", "good.py") if named else ()))
        assert ran.code == 1
        if output == "concise":
            fetches = [line.partition(" ")[0] for line in about("odd.py", ran) if "MON201" in line]
            assert fetches == ([f"odd.py:{place}:"] if place else [])
            assert not any("MON902" in line for line in about("odd.py", ran)) or content == b"\\"
        else:
            assert "Traceback" not in ran.out + ran.err
            assert max(map(len, ran.out.splitlines())) < 1000, "a code frame shows a part of a long line"


def test_a_folder_named_like_a_file(tool: RunTool, good: Path) -> None:
    (good / "x.py").mkdir()
    (good / "x.py" / "inner.py").write_bytes(FETCH)
    assert [line.partition(" ")[0] for line in lines(tool("check"))] == ["good.py:5:12:", "x.py/inner.py:2:1:"]
    assert [line.partition(" ")[0] for line in lines(tool("check", "x.py"))] == ["x.py/inner.py:2:1:"]


@posix
@pytest.mark.parametrize("named", [False, True], ids=["in its folder", "named"])
def test_what_is_no_regular_file(tool: RunTool, good: Path, *, named: bool) -> None:
    os.mkfifo(good / "pipe.py")
    with socket.socket(socket.AF_UNIX) as server:
        # The name of a socket has to be short.
        here = Path.cwd()
        os.chdir(good)
        try:
            server.bind("socket.py")
        finally:
            os.chdir(here)
        ran = tool("check", *(("pipe.py", "socket.py", "good.py") if named else ()))
    assert ran.code == 1
    expected = ["skipped pipe.py: not a regular file"] if named else []
    assert about("pipe.py", ran) == expected
    assert len(about("socket.py", ran)) == len(expected)


@posix
def test_links_that_lead_nowhere_or_back(tool: RunTool, good: Path) -> None:
    (good / "self.py").symlink_to("self.py")
    (good / "gone.py").symlink_to("nowhere.py")
    (good / "loop").symlink_to(".")
    (good / "a").mkdir()
    (good / "a" / "b").symlink_to("../a")
    ran = tool("check")
    assert ran.code == 1
    assert about("self.py", ran) == ["skipped self.py: symlink loop"]
    assert about("loop", ran) == ["skipped loop: symlink loop"]
    assert about("gone.py", ran) == []
    named = tool("check", "self.py", "gone.py", "good.py")
    assert named.code == 1
    assert about("self.py", named) == ["skipped self.py: symlink loop"]
    assert about("gone.py", named) == ["skipped gone.py: symlink that leads nowhere"]


@posix
def test_a_file_that_may_not_be_read(tool: RunTool, good: Path) -> None:
    (good / "closed.py").write_bytes(FETCH)
    (good / "closed.py").chmod(0)
    if os.access(good / "closed.py", os.R_OK):
        pytest.skip("this user may read everything")
    for args in ((), ("closed.py", "good.py")):
        ran = tool("check", *args)
        assert ran.code == 1
        assert about("closed.py", ran) == ["closed.py:1:1: MON901 The file cannot be read: Permission denied"]


@posix
def test_a_folder_that_may_not_be_written(tool: RunTool, good: Path) -> None:
    good.chmod(0o555)
    if os.access(good, os.W_OK):
        pytest.skip("this user may write everywhere")
    try:
        for _ in range(2):
            ran = tool("check")
            assert ran.code == 1
            assert any(line.startswith(FOUND) for line in lines(ran))
    finally:
        good.chmod(0o755)


@pytest.mark.parametrize("where", [".monitorlint_cache", "elsewhere/cache"])
def test_a_cache_that_cannot_be_written(tool: RunTool, good: Path, where: str) -> None:
    (good / "elsewhere").touch()
    (good / ".monitorlint_cache").touch()
    for _ in range(2):
        ran = tool("check", "--cache-dir", where)
        assert ran.code == 1
        assert any(line.startswith(FOUND) for line in lines(ran))


@posix
@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("closed",), ""),
        (("-o", "closed/x"), ""),
        (("--baseline", "closed/x"), ""),
        (("--update-baseline", "--baseline", "closed/x"), ""),
        (("--config", "closed/x"), ""),
        (("closed/x.py",), ""),
        (("a" * 300 + ".py",), ""),
        (("--cache-dir", "closed/x"), ""),
        ((), 'rule-packs = ["closed/x"]\n'),
        ((), 'extend = "closed/x"\n'),
    ],
)
def test_what_lies_in_a_closed_folder(tool: RunTool, good: Path, args: tuple[str, ...], text: str) -> None:
    if text:
        (good / "monitorlint.toml").write_text(text)
    closed = good / "closed"
    closed.mkdir()
    closed.chmod(0)
    is_closed = not os.access(closed, os.R_OK)
    try:
        ran = tool("check", *args)
    finally:
        closed.chmod(0o755)
    lines(ran)
    assert ran.code == 2 or not is_closed or args[0] in ("closed", "--cache-dir")
    assert ran.code != 2 or len(ran.err.splitlines()) == 1


def test_a_cache_that_is_damaged(tool: RunTool, good: Path) -> None:
    expected = lines(tool("check"))
    for name in ("files.json", "facts.bin"):
        for damage in (b"", b"\x00\xff", b"[]", b'{"identity": 1}'):
            (good / ".monitorlint_cache" / "python" / name).write_bytes(damage)
            for stored in (good / ".monitorlint_cache" / "python").glob("result-*"):
                stored.write_bytes(damage)
            assert lines(tool("check")) == expected


def test_a_file_that_goes_while_it_is_read(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from monitorlint.engine.request import Request  # noqa: PLC0415
    from monitorlint.engine.run import run  # noqa: PLC0415

    (good / "going.py").write_bytes(FETCH)
    opened = os.open

    def open_or_not(path: str, *args: int) -> int:
        if str(path).endswith("going.py"):
            raise FileNotFoundError(2, "No such file or directory")
        return opened(path, *args)

    monkeypatch.setattr(os, "open", open_or_not)
    result = run(Request(paths=(good,), cache=False, jobs=1))
    assert [(finding.path, finding.code) for finding in result.findings] == [
        ("going.py", "MON901"),
        ("good.py", "MON201"),
    ]


def test_standard_input_that_is_no_text(tool: RunTool, good: Path) -> None:
    ran = tool("check", "-", "--stdin-filename", "bad.py", text=FETCH + b"\xff\x00")
    assert ran.code == 1
    assert lines(ran) == [
        "bad.py:1:1: MON901 The file holds null bytes, so it is not Python source; exclude it or save it as UTF-8"
    ]
    assert good.exists()


def test_a_named_file_that_its_neighbours_make_worth_reading_is_spoken_of_once(good: Path, tool: RunTool) -> None:
    (good / "client.py").write_text("from openai import OpenAI\nclient = OpenAI()\n")
    (good / "use.py").write_text(
        "from client import client\ndef ask(m):\n    return client.chat.completions.create(messages=m)\ndef broken(:\n"
    )
    ran = tool("check", "--no-cache", "--output-format", "concise", "use.py", "good.py")
    assert [line for line in lines(ran) if "MON902" in line] == [
        "use.py:4:12: MON902 The file does not parse: invalid syntax"
    ]
