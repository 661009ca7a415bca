"""The command line around the engine: flags to a request, a result to exit code and streams. The engine is replaced."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from conftest import MakeFinding, MakeSite, Ran
from monitorlint import __version__
from monitorlint.cli import main
from monitorlint.cli.terminal import wants_color
from monitorlint.engine.request import Request
from monitorlint.model.finding import Confidence, Severity
from monitorlint.model.run import Failure, RunResult, Skipped
from monitorlint.settings.values import UsageError

Outcome = RunResult | BaseException
Call = Callable[..., Ran]


class Engine(ModuleType):
    """Stands in for the engine and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__("monitorlint.engine.run")
        self.outcome: Outcome = RunResult(files=2)
        self.request = Request()

    def run(self, request: Request) -> RunResult:
        self.request = request
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    stand_in = Engine()
    monkeypatch.setitem(sys.modules, "monitorlint.engine.run", stand_in)
    return stand_in


@pytest.fixture
def call(engine: Engine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "MONITORLINT_OUTPUT_FORMAT"):
        monkeypatch.delenv(name, raising=False)

    def run(*args: str, outcome: Outcome | None = None) -> Ran:
        engine.outcome = outcome or engine.outcome
        monkeypatch.setattr(sys, "argv", ["monitorlint", *args])
        code = main()
        captured = capfd.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


def test_version(call: Call) -> None:
    assert call("--version") == Ran(0, f"monitorlint {__version__}\n", "")


def test_help_names_every_command(call: Call) -> None:
    ran = call("--help")
    assert ran.code == 0
    for name in ("check", "coverage", "rule", "config", "clean"):
        assert f"\n  {name} " in ran.out


def test_nothing_given_is_help_and_a_mistake(call: Call) -> None:
    ran = call()
    assert ran.code == 2
    assert ran.out == ""


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("chek",), "Did you mean 'check'?"),
        (("check", "--slect", "MON1"), "--select'"),
        (("check", "--fail-on", "fatal"), "'error', 'warning', 'info'"),
        (("check", "-j", "many"), "'many' is not a valid integer"),
        (("check", "-j", "-1"), "-1 is not in the range"),
        (("check", "--update-baseline"), "--update-baseline needs --baseline FILE"),
        (("check", "-", "a.py"), "'-' stands alone"),
        (("check", "--stdin-filename", "a.py"), "--stdin-filename needs '-'"),
        (("check", "--statistics", "--output-format", "sarif"), "--statistics has no sarif form"),
        (("coverage", "--fail-under", "101"), "101.0 is not in the range"),
        (("rule", "MON999"), "No such rule 'MON999'."),
    ],
)
def test_a_mistake_in_the_call_is_one_line(call: Call, args: tuple[str, ...], hint: str) -> None:
    ran = call(*args)
    assert ran.code == 2
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith("monitorlint: ")
    assert hint in line


def test_flags_make_the_request(call: Call, engine: Engine) -> None:
    flags = "--select MON1,MON2 --select MON3 --ignore MON102 --extend-select MON501 --exclude a/,b/ --force-exclude"
    more = "--no-cache --cache-dir c -j 3 --baseline base.json --update-baseline --config conf.toml"
    assert call("check", "x.py", "y", *flags.split(), *more.split()).code == 0
    assert engine.request == Request(
        paths=(Path("x.py"), Path("y")),
        config=Path("conf.toml"),
        select=("MON1", "MON2", "MON3"),
        extend_select=("MON501",),
        ignore=("MON102",),
        exclude=("a/", "b/"),
        force_exclude=True,
        cache=False,
        cache_dir=Path("c"),
        jobs=3,
        baseline=Path("base.json"),
        update_baseline=True,
    )


def test_no_flags_make_the_plain_request(call: Call, engine: Engine) -> None:
    call("check")
    assert engine.request == Request(paths=(Path(),))
    call("coverage", "--isolated")
    assert engine.request == Request(paths=(Path(),), isolated=True, purpose="coverage")


def test_findings_on_stdout_everything_else_on_stderr(call: Call, finding: MakeFinding) -> None:
    result = RunResult(findings=(finding(),), files=1, skipped=(Skipped("big.py", "too large"),))
    ran = call("check", outcome=result)
    assert ran.code == 1
    assert ran.out.splitlines() == [f"app/chat.py:7:12: MON101 {finding().message}"]
    assert ran.err.splitlines() == ["skipped big.py: too large", "Found 1 finding (1 error) in 1 file; 1 skipped"]
    assert call("check", "--quiet").err == ""


@pytest.mark.parametrize(
    ("fields", "flags", "code"),
    [
        ({}, (), 1),
        ({}, ("--exit-zero",), 0),
        ({"severity": Severity.INFO}, (), 1),
        ({"severity": Severity.WARNING}, ("--fail-on", "error"), 0),
        ({"severity": Severity.WARNING}, ("--fail-on", "warning"), 1),
        ({"severity": Severity.INFO}, ("--fail-on", "warning"), 0),
        ({"confidence": Confidence.LOW}, (), 0),
        ({"confidence": Confidence.LOW}, ("--strict",), 1),
        ({"confidence": Confidence.LOW}, ("--strict", "--exit-zero"), 0),
        ({"confidence": Confidence.MEDIUM}, (), 1),
        ({"suppressed": "inline: x"}, ("--strict",), 0),
        ({"suppressed": "baseline"}, (), 0),
    ],
)
def test_exit_codes(
    call: Call, finding: MakeFinding, fields: dict[str, object], flags: tuple[str, ...], code: int
) -> None:
    assert call("check", *flags, outcome=RunResult(findings=(finding(**fields),))).code == code


def test_a_bug_of_ours_is_2_whatever_else_was_found(call: Call, finding: MakeFinding) -> None:
    result = RunResult(findings=(finding(),), failures=(Failure("a.py", "extract", "KeyError: 'x'"),))
    ran = call("check", "--exit-zero", "--quiet", outcome=result)
    assert ran.code == 2
    assert ran.out
    assert "internal error in extract: KeyError: 'x'; a.py" in ran.err
    assert call("coverage", outcome=result).code == 2


def test_the_users_mistake_is_one_line(call: Call) -> None:
    ran = call("check", outcome=UsageError("monitorlint.toml:3: unknown key 'slect'; did you mean 'select'?"))
    assert ran == Ran(2, "", "monitorlint: monitorlint.toml:3: unknown key 'slect'; did you mean 'select'?\n")


def test_our_error_is_one_line_and_no_traceback(call: Call) -> None:
    ran = call("check", outcome=KeyError("one\ntwo"))
    assert ran.code == 2
    (line,) = ran.err.splitlines()
    assert line.startswith("monitorlint: internal error in test_cli_flags.py:")
    assert "KeyError" in line
    assert "--debug" in line


def test_debug_shows_the_traceback(call: Call) -> None:
    with pytest.raises(KeyError):
        call("check", "--debug", outcome=KeyError("x"))


def test_interrupted(call: Call) -> None:
    ran = call("check", outcome=KeyboardInterrupt())
    assert ran.code == 130
    assert "Traceback" not in ran.err


def test_the_format_comes_from_flag_or_environment(
    call: Call, finding: MakeFinding, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = RunResult(findings=(finding(),))
    monkeypatch.setenv("MONITORLINT_OUTPUT_FORMAT", "json")
    assert json.loads(call("check", outcome=result).out)[0]["code"] == "MON101"
    assert call("check", "--output-format", "github").out.startswith("::error ")
    monkeypatch.setenv("MONITORLINT_OUTPUT_FORMAT", "yaml")
    assert call("check").code == 2
    monkeypatch.delenv("MONITORLINT_OUTPUT_FORMAT")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert call("check").out.startswith("app/chat.py:7:12: ")


def test_statistics(call: Call, finding: MakeFinding) -> None:
    result = RunResult(findings=(finding(), finding()))
    assert call("check", "--statistics", outcome=result).out == "2  MON101  unmonitored-ai-call\n"
    assert json.loads(call("check", "--statistics", "--output-format", "json").out) == [
        {"count": 2, "code": "MON101", "name": "unmonitored-ai-call"}
    ]


def test_output_file(call: Call, finding: MakeFinding, tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    ran = call("check", "-o", str(target), "--color", "never", outcome=RunResult(findings=(finding(),), files=1))
    assert (ran.code, ran.out) == (1, "")
    assert target.read_text().startswith("app/chat.py:7:12: MON101 ")
    assert list(tmp_path.iterdir()) == [target]


def test_output_file_that_cannot_be_written(call: Call, tmp_path: Path) -> None:
    ran = call("check", "-o", str(tmp_path / "no" / "such" / "report.json"), outcome=RunResult())
    assert ran.code == 2
    assert "--output-file" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_colours_by_flag(call: Call, finding: MakeFinding) -> None:
    result = RunResult(findings=(finding(),))
    assert "\x1b[" not in call("check", outcome=result).out
    assert "\x1b[" in call("check", "--color", "always").out


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "expected"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, True, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"CLICOLOR": "0"}, True, False),
        ("auto", {"CLICOLOR": "1"}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colours_by_environment(
    choice: str, environment: dict[str, str], *, terminal: bool, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert wants_color(choice, sys.stdout, environment) is expected  # type: ignore[arg-type]


def test_coverage_passes_and_fails_by_the_percentage(call: Call, site: MakeSite) -> None:
    result = RunResult(sites=(site(status="monitored"), site()))
    assert call("coverage", outcome=result).code == 0
    assert call("coverage", "--fail-under", "50").code == 0
    ran = call("coverage", "--fail-under", "50.1")
    assert ran.code == 1
    assert ran.err == "Monitored: 50.0% (1 of 2), below --fail-under 50.1\n"
    assert call("coverage", "--fail-under", "100", outcome=RunResult()).code == 0


def test_coverage_json(call: Call, site: MakeSite) -> None:
    document = json.loads(call("coverage", "--output-format", "json", outcome=RunResult(sites=(site(),))).out)
    assert document["sites"][0]["status"] == "unmonitored"
