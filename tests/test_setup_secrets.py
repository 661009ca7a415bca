"""A value that was read from an environment file reaches no output, no cache and no report of ours."""

from __future__ import annotations

import string
import subprocess
from pathlib import Path

import pytest  # noqa: TC002 - hypothesis reads the annotations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitorlint.checks import all_rules, documentation
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


@given(path=FILES, rows=st.lists(st.tuples(LINES, VARIABLES, SECRET), min_size=1, max_size=4), tracked=st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_secret_leaves(
    tmp_path_factory: pytest.TempPathFactory, path: str, rows: list[tuple[str, str, str]], tracked: bool
) -> None:
    folder = tmp_path_factory.mktemp("project")
    place = folder / path
    place.parent.mkdir(exist_ok=True)
    place.write_text("\n".join(form.format(name, value) for form, name, value in rows) + "\n", encoding="utf-8")
    (folder / "package.json").write_text('{"dependencies": {"@sentry/node": "^8", "@sentry/hub": "7"}}')
    code = "import os\nimport sentry_sdk\nsentry_sdk.init(os.environ['MY_DSN'])\nsentry_sdk.start_span()\n"
    (folder / "app.py").write_text(code)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    if tracked:
        subprocess.run(["git", "add", "-f", path], cwd=folder, check=True)
    said = everything_said(folder)
    known = place.as_posix()
    for form, _, value in rows:
        if "{}" in form and form.count("{}") > 1 and value not in known:
            assert value not in said, form


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
