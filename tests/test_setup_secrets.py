"""A value that was read from an environment file reaches no output, no cache and no report of ours."""

from __future__ import annotations

import io
import os
import string
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitorlint.checks import all_rules, documentation
from monitorlint.cli import main
from monitorlint.engine.baseline import write_baseline
from monitorlint.engine.fixer import FixOptions, fix, show
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.report import ReportOptions, fixes, load, names

SECRET = st.text(string.ascii_letters + string.digits + "+/=_-.:@é漢", min_size=6, max_size=40).map("zq7".__add__)
"""Nothing that monitorlint says of itself begins like that."""
LINES = st.sampled_from(
    [
        "{}={}",
        'export {}="{}"',
        "{} = '{}' # note",
        "{}=`{}`",
        "{}: {}",
        '{}="line\n{}\nline"',
        "{}=https://{}@sentry.io/1",
        "{}=${{OTHER}}{}",
        "{}=sntrys_{}",
        "# {}={}",
        "{}",
        '{}="{}',
    ]
)
VARIABLES = st.sampled_from(
    [
        "SENTRY_DSN",
        "VITE_SENTRY_DSN",
        "SENTRY_AUTH_TOKEN",
        "VITE_OPENAI_API_KEY",
        "DB_PASSWORD",
        "NEXT_PUBLIC_SECRET_KEY",
    ]
)
FILES = st.sampled_from([".env", ".env.production", "api/.env.local", ".env.example"])


def everything_said(folder: Path) -> str:
    """All that a run over a folder prints, writes or keeps, in every format and with every rule."""
    codes = tuple(rule.code for rule in all_rules())
    (folder / "cache").mkdir()
    request = Request(paths=(folder,), select=codes, cache_dir=folder / "cache", jobs=1, isolated=True)
    said = []
    options = ReportOptions(color=False, width=200, working_directory=str(folder), documentation=documentation)
    result = run(request)
    for one in (result, run(request), show(request)):
        said += ["".join(load("formats", name).render(one, options)) for name in names("formats")]
        said += [repr(one.findings), repr(one.failures), repr(one.skipped)]
    baseline = folder / "cache" / "baseline.json"
    write_baseline(baseline, list(result.findings), previous=None, judged=lambda _path, _code: True)
    said.append(b"".join(fixes.patch(fix(request, FixOptions(unsafe=True)))).decode("utf-8", "replace"))
    said += [path.read_text("utf-8", "replace") for path in (folder / "cache").rglob("*") if path.is_file()]
    return "\n".join(said)


COMMANDS = [
    *(["check", "--output-format", form] for form in ("full", "concise", "json", "sarif", "github")),
    *(["check", "--statistics", "--output-format", form] for form in ("concise", "json")),
    ["check", "--verbose", "--debug", "--no-cache", "--color", "always"],
    ["check", "--baseline", "baseline.json", "--update-baseline"],
    ["check", "--output-file", "report.sarif", "--output-format", "sarif"],
    ["check", "--show-fixes", "--unsafe-fixes"],
    ["check", "--diff", "--unsafe-fixes"],
    ["fix", "--diff", "--unsafe-fixes"],
    ["fix", "--diff", "--output-format", "json"],
    *(["coverage", "--output-format", form] for form in ("text", "json")),
    ["config"],
    ["init", "--dry-run"],
    ["init", "--diff"],
]
"""Every command that reads a project, in each of its forms."""


@contextmanager
def heard(folder: Path, *command: str) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """What a command writes to standard output and standard error, run in a folder."""
    outside = (os.getcwd(), sys.argv, sys.stdout, sys.stderr)  # noqa: PTH109 - as it is to be set again
    out, err = io.BytesIO(), io.BytesIO()
    os.chdir(folder)
    sys.argv = ["monitorlint", *command]
    sys.stdout, sys.stderr = io.TextIOWrapper(out, "utf-8"), io.TextIOWrapper(err, "utf-8")
    try:
        yield out, err
    finally:
        streams = (sys.stdout, sys.stderr)
        _, sys.argv, sys.stdout, sys.stderr = outside
        os.chdir(outside[0])
        for stream in streams:
            stream.detach()


def said_by(folder: Path, *command: str) -> str:
    """Both streams of a command as text; a mistake of the test's own in its arguments fails."""
    with heard(folder, *command) as (out, err):
        code = main()
        sys.stdout.flush()
        sys.stderr.flush()
    text = (out.getvalue() + err.getvalue()).decode("utf-8", "replace")
    assert code in {0, 1}, text
    return text


def project(folder: Path, path: str, rows: list[tuple[str, str, str]], *, tracked: bool) -> Path:
    """A project with an environment file of generated lines, and something for each kind of rule to speak of."""
    place = folder / path
    place.parent.mkdir(exist_ok=True)
    text = "\n".join(form.format(name, value) for form, name, value in rows)
    place.write_text(text + "\n" * tracked, encoding="utf-8")
    (folder / "package.json").write_text('{"dependencies": {"@sentry/node": "^8", "@sentry/hub": "7"}}')
    code = "import os\nimport sentry_sdk\nsentry_sdk.init(os.environ['MY_DSN'])\nsentry_sdk.start_span()\n"
    (folder / "app.py").write_text(code)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    if tracked:
        subprocess.run(["git", "add", "-f", path], cwd=folder, check=True)
    return place


def values(rows: list[tuple[str, str, str]], place: Path) -> Iterator[str]:
    """The secrets in what was written that are no part of a path."""
    for form, _, value in rows:
        if "{}" in form and form.count("{}") > 1 and value not in place.as_posix():
            yield value


ROWS = st.lists(st.tuples(LINES, VARIABLES, SECRET), min_size=1, max_size=4)


@given(path=FILES, rows=ROWS, tracked=st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_secret_leaves(
    tmp_path_factory: pytest.TempPathFactory, path: str, rows: list[tuple[str, str, str]], tracked: bool
) -> None:
    folder = tmp_path_factory.mktemp("project")
    place = project(folder, path, rows, tracked=tracked)
    said = everything_said(folder)
    assert [value for value in values(rows, place) if value in said] == []


@given(path=FILES, rows=ROWS, tracked=st.booleans())
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
def test_no_command_lets_a_secret_out(
    tmp_path_factory: pytest.TempPathFactory, path: str, rows: list[tuple[str, str, str]], tracked: bool
) -> None:
    folder = tmp_path_factory.mktemp("project")
    place = project(folder, path, rows, tracked=tracked)
    before = place.read_bytes()
    (folder / "monitorlint.toml").write_text('extend-select = ["ALL"]\n')
    said = "\n".join(said_by(folder, *command) for command in COMMANDS)
    assert "MON424" in said
    # What was written: the cache, the baseline, the report.
    said += "".join(
        found.read_text("utf-8", "replace")
        for found in folder.rglob("*")
        if found.is_file() and found != place and ".git" not in found.parts
    )
    assert "baseline" in {found.stem for found in folder.iterdir()}
    assert any(part.name.startswith(".monitorlint") for part in folder.iterdir())
    assert [value for value in values(rows, place) if value in said] == []
    assert place.read_bytes() == before


TOKEN = "sntrys_eyJpYXQiOjE3MDAwMDAwMDAuMCwidXJsIjoiaHR0cHM6Ly9zZW50cnkuaW8ifQ_hunter2"  # noqa: S105 - nobody's
PLACES = {
    "package.json": '{{"scripts": {{"up": "sentry-cli --auth-token {} x"}}, "dependencies": {{"@sentry/node": "8"}}}}',
    "Dockerfile": "FROM node:22\nENV SENTRY_AUTH_TOKEN={}\n",
    "vite.config.ts": 'import {{ sentryVitePlugin }} from "@sentry/vite-plugin";\n'
    'sentryVitePlugin({{ authToken: "{}" }});\n',
    ".sentryclirc": "[auth]\ntoken={}\n",
    "sentry.properties": "auth.token={}\n",
}


@pytest.mark.parametrize("name", PLACES)
def test_a_token_in_another_file_is_found_and_not_shown(name: str, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"@sentry/node": "^8", "@sentry/hub": "7"}}')
    (tmp_path / "main.ts").write_text("export const started = true;\n")
    (tmp_path / name).write_text(PLACES[name].format(TOKEN))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    said = "\n".join(said_by(tmp_path, *command) for command in COMMANDS)
    assert "MON423" in said
    assert "hunter2" not in said


def test_a_patch_shows_no_token_that_it_does_not_change(tmp_path: Path) -> None:
    lines = ["{", f'"x": "{TOKEN}",', '"dependencies": {', '"@sentry/node": "^8",', '"@sentry/hub": "7"', "}", "}", ""]
    (tmp_path / "package.json").write_text("\n".join(lines))
    said = said_by(tmp_path, "fix", "--diff", "--unsafe-fixes")
    assert '-"@sentry/hub": "7"' in said
    assert "hunter2" not in said


def test_what_is_found_is_found_though_it_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SENTRY_DSN=https://YOUR_KEY_hunter2@o0.ingest.sentry.io/0\n")
    said = everything_said(tmp_path)
    assert "MON417" in said
    assert "SENTRY_DSN=*" in said
    assert "hunter2" not in said


def test_a_failure_of_ours_quotes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: str, data: bytes, dialect: str) -> None:
        raise ValueError(f"{path} {dialect} {data!r}")

    monkeypatch.setattr("monitorlint.languages.config.read.read_config", fails)
    (tmp_path / ".env").write_text("SENTRY_DSN=hunter2\n")
    result = run(Request(paths=(tmp_path,), select=("MON417",), cache=False, jobs=1, isolated=True))
    assert [(failure.path, failure.error) for failure in result.failures] == [(".env", "ValueError")]


def test_a_traceback_of_ours_quotes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: str, data: bytes, dialect: str) -> None:
        raise ValueError(f"{path} {dialect} {data!r}")

    monkeypatch.setattr("monitorlint.languages.config.read.read_config", fails)
    (tmp_path / ".env").write_text("SENTRY_DSN=hunter2\n")
    with heard(tmp_path, "check", "--debug", "--select", "MON417", "--no-cache") as (out, err):
        with pytest.raises(RuntimeError, match="ValueError") as raised:
            main()
        sys.stdout.flush()
        sys.stderr.flush()
    said = "".join(traceback.format_exception(raised.value))
    assert "read_config" in said or "fails" in said
    assert "hunter2" not in said + (out.getvalue() + err.getvalue()).decode()
