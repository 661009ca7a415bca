"""Which part of a project a file belongs to, by where it lies and how it is named."""

from __future__ import annotations

import re

# Sources: pytest and unittest discovery names; directory names counted over public repositories.
_TEST_FOLDERS = frozenset(
    "test tests testing __tests__ unittests unit_tests integration_tests e2e test_suite testsuite".split()
)
_EXAMPLE_FOLDERS = frozenset(
    "example examples sample samples sample-app sample_app sample-apps sample_apps demo demos tutorial tutorials "
    "cookbook cookbooks quickstart quickstarts playground notebooks docs doc docs_src evals eval evaluation "
    "evaluations".split()
)
_BENCHMARK_FOLDERS = frozenset("bench benches benchmark benchmarks benchmarking perf".split())
_TEST_FILE = re.compile(r"(?:test_.*|.*_tests?|tests?|conftest)\.(?:py|[cm]?[jt]sx?)|.*\.(?:test|spec)\.[cm]?[jt]sx?")
_BENCHMARK_FILE = re.compile(r"(?:bench(?:mark)?_.*|.*_bench(?:mark)?s?|benchmarks?)\.(?:py|[cm]?[jt]sx?)")
_EXAMPLE_FILE = re.compile(r"(?:example|demo)(?:_.*)?\.(?:py|[cm]?[jt]sx?)|.*_(?:example|demo)\.(?:py|[cm]?[jt]sx?)")


def area_of(path: str) -> str:
    """``app``, ``test``, ``benchmark`` or ``example`` for a path relative to the project root."""
    *folders, name = path.lower().split("/")
    if _TEST_FILE.fullmatch(name) or not _TEST_FOLDERS.isdisjoint(folders):
        return "test"
    if _BENCHMARK_FILE.fullmatch(name) or not _BENCHMARK_FOLDERS.isdisjoint(folders):
        return "benchmark"
    if _EXAMPLE_FILE.fullmatch(name) or not _EXAMPLE_FOLDERS.isdisjoint(folders):
        return "example"
    return "app"
