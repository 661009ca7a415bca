"""``full``, ``concise``, the summary and the statistics."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SOURCE, MakeFinding
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.model.finding import Applicability, Confidence, Fix, Region, Severity
from monitorlint.model.run import Failure, RunResult, Skipped, StaleEntry
from monitorlint.report import ReportOptions, load, names
from monitorlint.report.frame import frame
from monitorlint.report.paths import displayed
from monitorlint.report.style import printable
from monitorlint.report.summary import failures, remarks, statistics, summary


def text_of(name: str, result: RunResult, *, color: bool = False, width: int = 100) -> str:
    return "".join(load("formats", name).render(result, ReportOptions(color=color, width=width)))


def test_the_formats_are_the_files() -> None:
    assert names("formats") == ("concise", "full", "github", "json", "sarif")
    assert names("coverage") == ("json", "text")


def test_concise_is_one_line_per_finding(finding: MakeFinding) -> None:
    result = RunResult(findings=(finding(), finding(confidence=Confidence.LOW), finding(suppressed="baseline")))
    assert text_of("concise", result).splitlines() == [
        "app/chat.py:7:12: MON101 nothing monitors this call of openai.OpenAI.chat.completions.create",
        "app/chat.py:7:12: MON101 nothing monitors this call of openai.OpenAI.chat.completions.create (low confidence)",
    ]


def test_concise_stays_one_line_whatever_the_message_holds(finding: MakeFinding) -> None:
    result = RunResult(findings=(finding(message="a\nb\x1b[31m", path="od\nd\x07.py"),))
    assert text_of("concise", result) == "od d\u2407.py:7:12: MON101 a b\u241b[31m\n"


def test_full_shows_source_evidence_and_advice(finding: MakeFinding) -> None:
    fix = Fix(Applicability.SAFE, "wrap the call")
    result = RunResult(
        findings=(finding(note="wrap it", fix=fix, confidence=Confidence.LOW),),
        sources={"app/chat.py": SOURCE.encode()},
        prefix="service",
    )
    assert text_of("full", result) == (
        "MON101 unmonitored-ai-call: nothing monitors this call of openai.OpenAI.chat.completions.create\n"
        "  --> service/app/chat.py:7:12\n"
        "   |\n"
        " 6 | def ask(question: str) -> str:\n"
        " 7 |     return client.chat.completions.create(\n"
        "   |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        ' 8 |         model="m",\n'
        ' 9 |         messages=[{"role": "user", "content": question}],\n'
        "10 |     ).choices[0].message.content\n"
        "   |\n"
        "   = evidence: service/app/chat.py:3 client is openai.OpenAI()\n"
        "   = confidence: low; this finding does not fail the run unless --strict is given\n"
        "   = help: wrap it\n"
        "   = fix (safe): wrap the call\n\n"
    )


def test_full_without_the_source_still_says_where(finding: MakeFinding) -> None:
    text = text_of("full", RunResult(findings=(finding(evidence=()),)))
    assert text.splitlines()[1:] == ["  --> app/chat.py:7:12", ""]


def test_colours_only_when_asked_for(finding: MakeFinding) -> None:
    result = RunResult(findings=(finding(),), sources={"app/chat.py": SOURCE.encode()})
    for name in ("full", "concise"):
        assert "\x1b[" not in text_of(name, result)
        assert "\x1b[1;31mMON101\x1b[0m" in text_of(name, result, color=True)


@pytest.mark.parametrize(
    ("line", "region", "shown", "carets"),
    [
        ("\tx = get(url)", Region(1, 6, 1, 14), "    x = get(url)", "        ^^^^^^^^"),
        ("s = '日本' + get(u)", Region(1, 12, 1, 18), "s = '日本' + get(u)", "             ^^^^^^"),
        ("e\u0301 = get(u)", Region(1, 6, 1, 12), "e\u0301 = get(u)", "    ^^^^^^"),
        ("x = get(u)\r", Region(1, 5, 1, 11), "x = get(u)", "    ^^^^^^"),
        ("get(u)", Region(1, 1, 1, 1), "get(u)", "^"),
        ("get(u)", Region(1, 99, 1, 120), "get(u)", "      ^"),
        ("a\x1b[2J = get(u)", Region(1, 9, 1, 15), "a\u241b[2J = get(u)", "        ^^^^^^"),
    ],
)
def test_carets_stand_under_the_call(line: str, region: Region, shown: str, carets: str) -> None:
    assert [item.text for item in frame(line.encode(), region, 80)] == [shown, carets]


def test_a_very_long_line_is_clipped_around_the_finding() -> None:
    line = "x" * 500_000 + "get(url)" + "y" * 500_000
    text, carets = (item.text for item in frame(line.encode(), Region(1, 500_001, 1, 500_009), 80))
    assert len(text) <= 80
    assert len(carets) <= 80
    assert text.startswith("…")
    assert text.endswith("…")
    assert text[carets.index("^") : carets.index("^") + 8] == "get(url)"


def test_a_long_call_is_cut_short() -> None:
    source = b"\n".join([b"f("] + [b"    1,"] * 50 + [b")", b"after"])
    lines = list(frame(source, Region(1, 1, 52, 2), 80))
    assert [line.number for line in lines] == [1, None, 2, 3, 4, None]
    assert lines[-1].text == "…"


@given(
    st.binary(max_size=300),
    st.integers(0, 9),
    st.integers(0, 400),
    st.integers(0, 9),
    st.integers(0, 400),
    st.integers(0, 90),
)
def test_no_source_and_no_region_breaks_the_frame(
    source: bytes, row: int, column: int, rows: int, end: int, width: int
) -> None:
    for line in frame(source, Region(row, column, row + rows, end), width):
        assert "\n" not in line.text
        assert "\x1b" not in line.text


@given(st.text())
def test_printable_text_is_printable_and_keeps_what_is(text: str) -> None:
    shown = printable(text)
    assert all(char.isprintable() or char.isspace() for char in shown)
    assert not set(shown) & set("\n\r\x1b\u2028\u2029")
    assert printable(shown) == shown


def test_paths_are_relative_to_the_working_directory(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    here = str(tmp_path).rsplit("/", 1)[-1]
    assert displayed("", "app/a.py") == "app/a.py"
    assert displayed("service", "app/a.py") == "service/app/a.py"
    assert displayed("..", f"{here}/a.py") == "a.py"
    assert displayed("..", "other/a.py") == "../other/a.py"


def test_summary_counts_everything(finding: MakeFinding) -> None:
    result = RunResult(
        findings=(
            *(finding() for _ in range(9)),
            *(finding(severity=Severity.WARNING, confidence=Confidence.LOW) for _ in range(2)),
            finding(severity=Severity.WARNING),
            *(finding(suppressed="inline: known") for _ in range(2)),
            *(finding(suppressed="baseline") for _ in range(5)),
        ),
        files=214,
        unreadable=3,
        skipped=(Skipped("big.py", "too large"),),
        baseline_debt=5,
    )
    assert summary(result) == (
        "Found 12 findings (9 errors, 3 warnings; 2 of low confidence; 2 suppressed, 5 in the baseline) in 214 files; "
        "3 files could not be read; 1 skipped"
    )


def test_summary_of_nothing() -> None:
    assert summary(RunResult(files=1)) == "No findings in 1 file"


def test_what_was_left_out_is_said_line_by_line() -> None:
    result = RunResult(
        skipped=(Skipped("a.py", "too large"),),
        stale=(StaleEntry("b.py", "MON101", "f(…)"),),
        failures=(Failure("c.py", "extract", "KeyError: 'x'\nmore"),),
        prefix="sub",
    )
    first, second = remarks(result)
    assert first == "skipped sub/a.py: too large"
    assert second.startswith("stale baseline entry sub/b.py: MON101 f(…)")
    (line,) = failures(result)
    assert line.startswith("internal error in extract: KeyError: 'x' more; sub/c.py")


def test_statistics_are_sorted_by_count(finding: MakeFinding) -> None:
    other = {"code": "MON201", "name": "unmonitored-fetch"}
    result = RunResult(findings=(finding(), finding(**other), finding(**other), finding(suppressed="baseline")))
    assert statistics(result) == [(2, "MON201", "unmonitored-fetch"), (1, "MON101", "unmonitored-ai-call")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "m.py",
            "import requests\ndef f(url):\n    while True:\n        if requests.get(url).ok:\n            break\n",
            ("with monitor_fetch(name, context):", "`monitor_fetch`", "`detect_infinite_loop`"),
        ),
        (
            "m.ts",
            "export async function f(url) {\n  while (true) {\n    if ((await fetch(url)).ok) break;\n  }\n}\n",
            ("monitorFetch(name, context, () => …)", "`monitorFetch`", "`detectInfiniteLoop`"),
        ),
    ],
)
def test_advice_is_given_in_the_language_of_the_code(
    name: str, text: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    found = run(Request(paths=(tmp_path,), isolated=True, cache=False, select=("MON201", "MON3"))).findings
    advice = " ".join(f"{f.note} {f.fix.message if f.fix is not None else ''}" for f in found)
    assert [words for words in said if words not in advice] == []


def test_of_many_skipped_files_the_first_are_named() -> None:
    skipped = (*(Skipped(f"{n}.js", "minified") for n in range(9)), Skipped("big.js", "too large"))
    said = list(remarks(RunResult(skipped=skipped)))
    assert said[:5] == [f"skipped {n}.js: minified" for n in range(5)]
    assert said[5:] == ["skipped big.js: too large", "skipped 4 more files: minified"]
