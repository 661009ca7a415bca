"""What the areas that the settings name change: findings, and what a coverage percentage counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.index.areas import area_of
from monitorlint.report.ledger import percentage

CALL = 'import requests\n\n\ndef load():\n    return requests.get("https://example.com/a", timeout=5)\n'


@pytest.mark.parametrize(("setting", "counted"), [("", 1), ('areas = ["app", "test"]\n', 2)])
def test_the_percentage_counts_the_areas_that_are_reported(tmp_path: Path, setting: str, counted: int) -> None:
    (tmp_path / "monitorlint.toml").write_text(setting, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    for name in ("load.py", "tests/test_load.py"):
        (tmp_path / name).write_text(CALL, encoding="utf-8")
    result = run(Request(paths=(tmp_path,), cache=False, purpose="coverage"))
    assert len(result.sites) == 2
    assert percentage(result)[2] == counted


def test_several_projects_count_all_their_areas(tmp_path: Path) -> None:
    for folder, areas in (("one", '["app"]'), ("two", '["app", "test"]')):
        (tmp_path / folder / "tests").mkdir(parents=True)
        (tmp_path / folder / "monitorlint.toml").write_text(f"areas = {areas}\n", encoding="utf-8")
        (tmp_path / folder / "tests" / "test_load.py").write_text(CALL, encoding="utf-8")
    result = run(Request(paths=(tmp_path / "one", tmp_path / "two"), cache=False, purpose="coverage"))
    assert result.areas == ("app", "test")


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("locust/shop.py", "benchmark"),
        ("ops/locustfile.py", "benchmark"),
        ("eval_framework/benchmark_adapters/shop.py", "benchmark"),
        ("spikes/tracing/try.py", "example"),
        ("shop/benchmarking_report.py", "app"),
        ("shop/workbench/app.py", "app"),
        ("shop/spiked.py", "app"),
    ],
)
def test_where_a_file_belongs(path: str, area: str) -> None:
    assert area_of(path) == area
