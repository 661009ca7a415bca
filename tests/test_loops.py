from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.languages.python.extract import extract as extract_python
from monitorlint.languages.typescript.extract import extract as extract_typescript
from monitorlint.model.facts import FileFacts
from monitorlint.model.loops import Loop

CASES = Path(__file__).parent / "fixtures" / "loops"
FILES = sorted(f"{p.parent.name}/{p.name}" for p in CASES.glob("*/*.*"))
LANGUAGES = ("python", "typescript")
MARK = re.compile(r"(?:#|//)\s*(?:expect: (?P<code>MON\d+)|ok(?:: (?P<reason>[\w-]+))?)")


def extract(name: str, source: bytes) -> FileFacts:
    return extract_python(source) if name.endswith(".py") else extract_typescript(name, source)


def marks(path: Path) -> dict[int, re.Match[str]]:
    lines = path.read_text().splitlines()
    return {row: found for row, line in enumerate(lines, 1) if (found := MARK.search(line))}


@pytest.mark.parametrize("name", FILES)
def test_each_loop_is_judged_as_its_comment_says(name: str, tmp_path: Path) -> None:
    shutil.copy(CASES / name, tmp_path)
    wanted = marks(CASES / name)
    result = run(Request(paths=(tmp_path,), isolated=True, cache=False, jobs=1, select=("MON3",), debug=True))
    found = {f.region.row: f.code for f in result.findings if f.kind == "loop"}
    assert found == {row: m["code"] for row, m in wanted.items() if m["code"]}
    by_row = {s.region.row: s for s in result.sites if s.kind == "loop"}
    said = {row: m["reason"] for row, m in wanted.items() if m["reason"]}
    got = {row: "guarded" if by_row[row].status == "guarded" else by_row[row].target for row in said if row in by_row}
    assert got == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fixtures_hold_as_many_silent_loops_as_reported_ones(language: str) -> None:
    found = [m for name in FILES if name.startswith(language) for m in marks(CASES / name).values()]
    assert len(found) >= 80
    assert sum(m["code"] is None for m in found) >= len(found) / 2


def test_every_loop_rule_has_a_fixture() -> None:
    reported = {m["code"] for name in FILES for m in marks(CASES / name).values() if m["code"]}
    assert reported == {f"MON3{n:02}" for n in (*range(1, 12), 20, 28)}


def test_messages_name_what_decides_and_what_is_missing(tmp_path: Path) -> None:
    shutil.copy(CASES / "python" / "outside.py", tmp_path / "agent.py")
    result = run(Request(paths=(tmp_path,), isolated=True, cache=False, jobs=1, select=("MON303",)))
    message = result.findings[0].message
    assert message == (
        "`while True` asks the model (`client.chat.completions.create`) again as long as its answer meets "
        "`answer.choices[0].message.tool_calls`; nothing counts the turns"
    )


WAITS = """\
import time
import requests


def until_done(url, state):
    while state == "busy":
        time.sleep(1)
        state = requests.get(url).json()


def until_served(url):
    while True:
        answer = requests.get(url)
        if answer.status_code != 503:
            return answer
        time.sleep(1)


def while_busy(url):
    while True:
        answer = requests.get(url)
        if answer.status_code == 503:
            time.sleep(1)
        else:
            return answer


def while_limited(url):
    while True:
        answer = requests.get(url)
        if answer.ok:
            return answer
        if answer.status_code == 404:
            raise LookupError
        if answer.status_code == 429:
            time.sleep(1)
            continue
        raise OSError
"""


def test_a_message_tells_what_goes_on_from_what_ends(tmp_path: Path) -> None:
    (tmp_path / "wait.py").write_text(WAITS)
    result = run(Request(paths=(tmp_path,), isolated=True, cache=False, jobs=1, select=("MON304", "MON305")))
    assert [f.message.partition(";")[0] for f in result.findings] == [
        '`while state == "busy"` asks `requests.get().json` again and again',
        "`while True` asks `requests.get` again until `answer.status_code != 503` lets it go",
        "`while True` asks `requests.get` again as long as `answer.status_code == 503` holds",
        "`while True` sends `requests.get` again as long as `answer.status_code == 429` asks for it",
    ]


PAGES = """\
import requests


def rows_of(url):
    number, found = 1, []
    while True:
        answer = requests.get(url, params={"page": number}, timeout=5)
        if answer.status_code != 200:
            break
        data = answer.json()
        found += data["rows"]
        number += 1
        if %s:
            break
    return found
"""


@pytest.mark.parametrize("ends", ['data["next"] is None', 'len(data["rows"]) < 50', 'not data["rows"]'])
def test_of_several_ends_a_message_names_the_one_about_pages(tmp_path: Path, ends: str) -> None:
    (tmp_path / "rows.py").write_text(PAGES.replace("number", "page") % ends)
    result = run(Request(paths=(tmp_path,), isolated=True, cache=False, jobs=1, select=("MON306",)))
    until = "as long as the answer meets" if ends.startswith("not") else "until the answer meets"
    told = ends.removeprefix("not ")
    assert [f.message.partition(";")[0] for f in result.findings] == [
        f"`while True` fetches page after page with `requests.get` {until} `{told}`"
    ]


def test_a_message_names_no_condition_where_a_pattern_decides(tmp_path: Path) -> None:
    (tmp_path / "wait.py").write_text(
        "import time\nimport requests\n\n\ndef wait(url):\n    while True:\n"
        "        answer = requests.get(url, timeout=5)\n        match answer.json():\n            case 'done':\n"
        "                return\n            case _:\n                time.sleep(1)\n"
    )
    result = run(Request(paths=(tmp_path,), isolated=True, cache=False, jobs=1, select=("MON305",)))
    assert [f.message for f in result.findings] == [
        "`while True` asks `requests.get` again until a matching answer lets it go; no deadline ends the wait"
    ]


def test_a_retry_names_what_is_asked_again_and_not_the_error_that_is_raised(tmp_path: Path) -> None:
    shutil.copy(CASES / "python" / "outside.py", tmp_path / "agent.py")
    result = run(Request(paths=(tmp_path,), isolated=True, cache=False, jobs=1, select=("MON304",)))
    said = {f.symbol: f.message for f in result.findings}
    assert "tries `complete` again" in said["asks_again_after_a_bad_answer"]
    assert [message for message in said.values() if "Error` again" in message] == []


@pytest.mark.parametrize("name", FILES)
def test_loop_facts_survive_json(name: str) -> None:
    loops = extract(name, (CASES / name).read_bytes()).loops
    assert [Loop.decode(row) for row in json.loads(json.dumps(loops))] == loops


@pytest.mark.parametrize("name", ["python/outside.py", "typescript/outside.ts", "typescript/bounded.ts"])
def test_broken_code_does_not_stop_the_reader(name: str) -> None:
    source = (CASES / name).read_bytes()
    for cut in range(0, len(source), 997):
        extract(name, source[:cut])
        extract(name, source[cut:])
