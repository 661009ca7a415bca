"""Findings in the files around the code go through all that findings in code go through."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import validate

from conftest import ROOT
from monitorlint.checks import documentation
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.model.run import RunResult
from monitorlint.report import ReportOptions, load

MANIFEST = '{\n  "name": "漢é",\n  "dependencies": {"ü": "1", "@sentry/node": "^8.0.0", "@sentry/hub": "7"}\n}\n'
ENV = "A=1\nSENTRY_DSN=https://YOUR_KEY@o0.ingest.sentry.io/0\n"


def project(folder: Path, settings: str = "") -> Path:
    (folder / "web").mkdir()
    (folder / "package.json").write_text(MANIFEST, encoding="utf-8")
    (folder / "web" / ".env").write_text(ENV)
    (folder / "monitorlint.toml").write_text(settings)
    return folder


def judged(folder: Path, *paths: str, **other: object) -> RunResult:
    places = tuple(folder / path for path in paths) or (folder,)
    return run(Request(paths=places, jobs=1, debug=True, cache=False, **other))  # type: ignore[arg-type]


def codes(result: RunResult) -> list[tuple[str, str]]:
    return [(finding.path, finding.code) for finding in result.findings if finding.suppressed is None]


def test_columns_count_code_points(tmp_path: Path) -> None:
    (finding,) = judged(project(tmp_path), "package.json").findings
    region = finding.region
    line = MANIFEST.split("\n")[region.row - 1]
    assert line[region.column - 1 : region.end_column - 1] == '"@sentry/hub": "7"'
    assert MANIFEST.encode()[region.start : region.end].decode() == '"@sentry/hub": "7"'


def test_paths_choose_what_is_reported(tmp_path: Path) -> None:
    project(tmp_path)
    assert codes(judged(tmp_path)) == [("package.json", "MON401"), ("web/.env", "MON417")]
    assert codes(judged(tmp_path, "web")) == [("web/.env", "MON417")]
    assert codes(judged(tmp_path, "web/.env")) == [("web/.env", "MON417")]
    assert codes(judged(tmp_path, "package.json")) == [("package.json", "MON401")]


def test_settings_silence(tmp_path: Path) -> None:
    project(tmp_path, '[per-file-ignores]\n"web/" = ["MON4"]\n')
    assert codes(judged(tmp_path)) == [("package.json", "MON401")]
    (tmp_path / "monitorlint.toml").write_text('exclude = ["package.json"]\n')
    assert codes(judged(tmp_path)) == [("web/.env", "MON417")]
    (tmp_path / "monitorlint.toml").write_text('ignore = ["MON4"]\n')
    assert codes(judged(tmp_path)) == []


def test_comments_silence_and_idle_ones_are_reported(tmp_path: Path) -> None:
    project(tmp_path)
    env = tmp_path / "web" / ".env"
    env.write_text("A=1 # monitorlint: ignore[MON417]\n# monitorlint: ignore[placeholder-dsn] known\n" + ENV[4:])
    assert codes(judged(tmp_path)) == [("package.json", "MON401"), ("web/.env", "MON903")]


def test_a_baseline_holds_them_back(tmp_path: Path) -> None:
    project(tmp_path)
    baseline = tmp_path / "baseline.json"
    first = judged(tmp_path, baseline=baseline, update_baseline=True)
    assert (first.baseline_debt, codes(first)) == (2, [])
    (tmp_path / "web" / ".env").write_text(f"B=2\n\n{ENV}")
    moved = judged(tmp_path, baseline=baseline)
    assert (moved.baseline_debt, codes(moved), moved.stale) == (2, [], ())
    (tmp_path / "web" / ".env").write_text("B=2\n")
    assert [entry.code for entry in judged(tmp_path, baseline=baseline).stale] == ["MON417"]


def test_machine_formats(tmp_path: Path) -> None:
    result = judged(project(tmp_path))
    options = ReportOptions(working_directory=str(tmp_path), documentation=documentation)
    first, second = json.loads("".join(load("formats", "json").render(result, options)))
    assert (first["kind"], first["location"]) == ("setup", {"row": 3, "column": 56})
    assert second["evidence"] == []
    log = json.loads("".join(load("formats", "sarif").render(result, options)))
    schema = json.loads((ROOT / "tests/data/sarif_emitted.schema.json").read_text(encoding="utf-8"))
    validate(log, schema)
    found = log["runs"][0]["results"][1]["locations"][0]["physicalLocation"]
    assert found["artifactLocation"]["uri"].endswith("web/.env")


def test_the_frame_of_an_environment_file_is_masked(tmp_path: Path) -> None:
    result = judged(project(tmp_path))
    text = "".join(load("formats", "full").render(result, ReportOptions()))
    assert "SENTRY_DSN=*****" in text
    assert "YOUR_KEY" not in text


def test_a_warm_run_says_the_same(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "app.py").write_text("import sentry_sdk\n\nsentry_sdk.init()\nsentry_sdk.start_span(op='x')\n")
    request = Request(paths=(tmp_path,), jobs=1, debug=True, cache_dir=tmp_path / "cache")
    cold, warm = run(request), run(request)
    assert cold.findings == warm.findings
    assert ("app.py", "MON424") in codes(warm)
    (tmp_path / "web" / ".env").write_text("A=1\n")
    assert ("web/.env", "MON417") not in codes(run(request))


def test_files_that_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    bad = b"\xff\xfe\0{\xe9" * 50
    for name in ("package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", ".env", "Dockerfile"):
        (tmp_path / name).write_bytes(b"sentry SENTRY_DSN=" + bad)
    for name in ("pyproject.toml", "uv.lock", "Pipfile", "Pipfile.lock", ".nvmrc", "requirements.txt", "compose.yaml"):
        (tmp_path / name).write_bytes(b"sentry [[[ " + bad)
    result = run(Request(paths=(tmp_path,), select=("MON4", "MON6"), jobs=1, isolated=True, cache=False))
    assert result.failures == ()
