"""Which part of a project a file belongs to, by where it lies, how it is named, and what lies beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Sources: pytest and unittest discovery names; directory names counted over public repositories.
_TEST_FOLDERS = frozenset(
    "test tests testing __tests__ unittests unit_tests integration_tests e2e test_suite testsuite .semgrep".split()
)
_TEST_FOLDER = re.compile(r"tests_.+|.*_tests")
_EXAMPLE_FOLDERS = frozenset(
    "example examples sample samples sample-app sample_app sample-apps sample_apps demo demos tutorial tutorials "
    "cookbook cookbooks quickstart quickstarts playground notebooks docs doc docs_src evals eval evaluation "
    "evaluations spike spikes poc pocs prototype prototypes workshop workshops".split()
)
_BENCHMARK_FOLDERS = frozenset(
    "bench benches benchmark benchmarks benchmarking perf loadtest loadtests load_test load_tests load-test load-tests "
    "loadtesting load_testing stress locust locustfiles".split()
)
_BENCHMARK_FOLDER = re.compile(r"bench(?:mark)?_.+|.+_benchmarks?")
_TEST_FILE = re.compile(r"(?:test_.*|.*_tests?|tests?|conftest)\.(?:py|[cm]?[jt]sx?)|.*\.(?:test|spec)\.[cm]?[jt]sx?")
_BENCHMARK_FILE = re.compile(r"(?:bench(?:mark)?_.*|.*_bench(?:mark)?s?|benchmarks?|locustfile.*)\.(?:py|[cm]?[jt]sx?)")
_EXAMPLE_FILE = re.compile(r"(?:example|demo)(?:_.*)?\.(?:py|[cm]?[jt]sx?)|.*_(?:example|demo)\.(?:py|[cm]?[jt]sx?)")


def area_of(path: str) -> str:
    """``app``, ``test``, ``benchmark`` or ``example`` for a path relative to the project root."""
    *folders, name = path.lower().split("/")
    if _TEST_FILE.fullmatch(name) or not _TEST_FOLDERS.isdisjoint(folders):
        return "test"
    if any(_TEST_FOLDER.fullmatch(folder) for folder in folders):
        return "test"
    if _BENCHMARK_FILE.fullmatch(name) or not _BENCHMARK_FOLDERS.isdisjoint(folders):
        return "benchmark"
    if any(_BENCHMARK_FOLDER.fullmatch(folder) for folder in folders):
        return "benchmark"
    if _EXAMPLE_FILE.fullmatch(name) or not _EXAMPLE_FOLDERS.isdisjoint(folders):
        return "example"
    return "app"


class Areas:
    """The areas of the files of one project, where what lies beside a file and what it holds say more than its path."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Take the paths of all files of the project."""
        known = frozenset(paths)
        suites = {p.removesuffix("/conftest.py") for p in known if p.endswith("/conftest.py")}
        suites -= {p.removesuffix("/__init__.py") for p in known if p.endswith("/__init__.py")}
        # The conftest.py of an application stands at its top: there is more of it further down.
        for path in known if suites else ():
            folder = path.rpartition("/")[0].rpartition("/")[0]
            while folder and area_of(path) == "app":
                suites.discard(folder)
                folder = folder.rpartition("/")[0]
        self._suites = frozenset(suites)

    def of(self, path: str, marks: str) -> str:
        """The area of a file, one of those of `area_of`; for ``marks`` see the engine's scan: ``t`` is a test suite."""
        area = area_of(path)
        if area == "app" and ("t" in marks or path.rpartition("/")[0] in self._suites):
            return "test"
        return area
