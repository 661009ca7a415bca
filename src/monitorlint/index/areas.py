"""Which part of a project a file belongs to, by where it lies, how it is named, and what lies beside it."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

# Sources: pytest and unittest discovery names; directory names counted over public repositories.
_TEST_FOLDERS = frozenset(
    "test tests testing __tests__ unittests unit_tests integration_tests e2e test_suite testsuite testapp testapps "
    ".semgrep".split()
)
_TEST_FOLDER = pattern(r"tests_.+|.*_tests|(?:smoke|system|functional|acceptance|regression|contract|ui|api)-?tests?")
_EXAMPLE_FOLDERS = frozenset(
    "example examples sample samples sample-app sample_app sample-apps sample_apps demo demos tutorial tutorials "
    "cookbook cookbooks quickstart quickstarts playground notebooks docs doc docs_src evals eval evaluation "
    "evaluations spike spikes poc pocs prototype prototypes workshop workshops".split()
)
_EXAMPLE_FOLDER = pattern(r"examples?_.+|.+[-_](?:evals?|cookbooks?|examples)")
# What builds and checks a project, or serves those who write it: no part of what is deployed.
_TOOL_FOLDERS = frozenset(
    ".github .gitlab .circleci .buildkite .ci .scripts .tools .claude .cursor .agents .codex .gemini .vscode .husky "
    ".changeset .devcontainer gitlint".split()
)
_BENCHMARK_FOLDERS = frozenset(
    "bench benches benchmark benchmarks benchmarking perf loadtest loadtests load_test load_tests load-test load-tests "
    "loadtesting load_testing stress locust locustfiles".split()
)
_BENCHMARK_FOLDER = pattern(r"bench(?:mark)?_.+|.+[_-](?:benchmarks?|perf)|.+-bench")
_TEST_FILE = pattern(
    r"(?:test_.*|.*_tests?|tests?|conftest)\.(?:py|[cm]?[jt]sx?)|.*\.(?:test|spec)\.[cm]?[jt]sx?|(?:test-.*|.*-tests?|smoketests?)\.py"
)
_BENCHMARK_FILE = pattern(r"(?:bench(?:mark)?_.*|.*_bench(?:mark)?s?|benchmarks?|locustfile.*)\.(?:py|[cm]?[jt]sx?)")
_EXAMPLE_FILE = pattern(
    r"(?:example|demo)(?:_.*)?\.(?:py|[cm]?[jt]sx?)|.*_(?:example|demo)\.(?:py|[cm]?[jt]sx?)"
    r"|(?:examples?|demos?)(?:[-_].*)?\.py|.*[-_](?:examples?|demos?)\.py"
)
# Run by hand, or where a project is built; a package of this name is part of what is installed.
_SCRIPTS = pattern(r"(?P<folder>(?:.*/)?(?:scripts?|[\w.]+[-_]scripts|contrib|hack|ci|bin|docker|deploy))/.*\.py")
# Beside so many times the files in other languages, a program in Python serves those who write them.
_MUCH = 10
_PROGRAMS = frozenset(
    "main app application server api bot worker run manage wsgi asgi handler lambda_function cli index start "
    "service".split()
)
# What is kept of code that was replaced: at the top, or beside what is in use, by a name that nothing else would have.
_PUT_ASIDE = pattern(r"(?:.*/)?_(?:[\w-]*[-_])?(?:archived?|unused|graveyard|trash)/.*\.(?:[cm]?[jt]sx?|vue|svelte)")
_ARCHIVES = frozenset("archive archives archived _archive _archived .archive attic".split())
_KEPT_FILE = pattern(r".+\.(?:backup|bak|old|orig)\.\w+")
# What an agent is taught: each skill has a folder, and in it the scripts that the agent runs, in a sandbox of its own.
_SKILL = pattern(r"(?:.*/)?skills/(?:.+/)?scripts(?:/.*)?")

# Likewise for JavaScript and TypeScript, counted over 96 public repositories; what follows holds there alone.
_WEB = pattern(r".*\.(?:[cm]?[jt]sx?|vue|svelte)")
_WEB_TEST_FOLDER = pattern(
    r"__(?:mocks|fixtures|snapshots)__|fixtures|mocks|cypress|playwright|detox|maestro|appium|step[-_]definitions|.*[-_]tests|e2e[-_].+|.+[-_]e2e"
    r"|tests?[-_](?:utils?|helpers?|support|setup|fixtures?|data)|testing[-_](?:utils?|platform)"
    r"|mock[-_](?:api|backend|server|service)s?|(?:api|backend|local|server|service)[-_]mocks?"
)
_WEB_TEST_FILE = pattern(
    r".*\.(?:[\w-]*(?:test|spec|e2e)|test-d|cy|mock|mocks|fixture|fixtures|setup)\.\w+"
    r"|(?:.*[-_])?(?:integration|smoke|e2e|acceptance|regression)[-_]tests?\.\w+"
    r"|(?:mocks?|fixtures?|mockserviceworker|(?:setup[-_]?tests?)|(?:jest|vitest|playwright|cypress|karma|wdio)[\w.-]*)\.\w+"
)
# At the top of a project, where no component of a page lies that is named after tests.
_WEB_TEST_SCRIPT = pattern(r"_?tests?[-_].+\.[cm]?[jt]s")
_WEB_EXAMPLE_FOLDER = pattern(r"\.?storybook|remix\.init|versioned_docs|documentation|.+[-_](?:examples?|demos?)")
_WEB_EXAMPLE_FILE = pattern(r".*\.(?:stories|story)\.\w+")
# A product that measures models, or lets people try them, has routes, pages and services that are named so.
_WEB_LAYERS = frozenset("api routes pages components views features services controllers domains hooks".split())
_WEB_FEATURES = frozenset("eval evals evaluation evaluations playground".split())
# Projects that somebody else will start from, and scripts that build, release or repair: no part of what is deployed.
_WEB_TEMPLATE = pattern(r"(?:.*/)?(?:create-[^/]+|cli|templates)/templates?(?:/.*)?|templates(?:/.*)?")
_WEB_SCRIPTS = _TOOL_FOLDERS | {"scripts", "script"}
# What is deployed of the folders whose names begin with a dot; others are those of tools, and of agents for coding.
_WEB_HIDDEN = frozenset(".server .client .well-known .netlify .api .vitepress .vuepress".split())
# What a bundler or a build tool loads: requests in it are those of a build, or of a server for development.
_BUILD_FILE = pattern(
    r"(?:[\w-]+\.)*(?:vite|webpack|rollup|rspack|rsbuild|esbuild|tsup|tsdown|next|nuxt|astro|svelte|metro|babel|tailwind|postcss|vue"
    r"|craco|forge|docusaurus|gatsby|remix|react-router|quasar|velite|contentlayer|codegen|orval)(?:[.-]\w+)*\.config\.[cm]?[jt]s"
    r"|(?:gulp|grunt|plop)file\.[cm]?[jt]s|(?:noxfile|hatch_build)\.py"
)
# What writes the first files of something new, for those who write the project.
_GENERATOR = pattern(r"(?:.*/)?turbo/generators/.+\.[cm]?[jt]s")
_SAMPLE = pattern(r"(?:^|[.\-_])(?:example|sample|template|dist|defaults?|schema|tpl)(?:$|[.\-_])", re.IGNORECASE)
_PACKAGES = frozenset({"apps", "packages", "services"})
_SOURCES = frozenset("src app lib static pages components resources api server client".split())
"""Folders below which one that is named ``scripts`` is part of the application."""
_SHARE: Final = 4
"""A package that is so many times as large as all else in Python is the application, whatever it is called."""


def area_of(path: str) -> str:
    """``app``, ``test``, ``benchmark`` or ``example`` for a path relative to the project root."""
    folder, _, name = path.lower().rpartition("/")
    is_web = _WEB.fullmatch(name) is not None
    around = _area_of_folder(_without_features(folder) if is_web else folder)
    if around == "test" or _TEST_FILE.fullmatch(name):
        return "test"
    web = _area_of_web_file(folder, name) if is_web else "app"
    if web == "test":
        return "test"
    if around == "benchmark" or _BENCHMARK_FILE.fullmatch(name):
        return "benchmark"
    is_tool = name.endswith(".py") and _is_for_tools(folder)
    return "example" if is_tool or "example" in {around, web} or _EXAMPLE_FILE.fullmatch(name) else "app"


@cache
def _is_for_tools(path: str) -> bool:
    folders = path.split("/")
    # Nobody can import what lies in a folder whose name begins with a dot.
    is_hidden = any(folder.startswith(".") for folder in folders)
    return is_hidden or not _TOOL_FOLDERS.isdisjoint(folders) or _SKILL.fullmatch(path) is not None


@cache
def _without_features(path: str) -> str:
    """A folder without those above it that are named like samples, and hold a feature of an application."""
    folders = path.split("/")
    if _WEB_FEATURES.isdisjoint(folders):
        return path
    first = next((at for at, folder in enumerate(folders) if folder in _WEB_LAYERS), len(folders))
    return "/".join((*folders[:first], *(folder for folder in folders[first:] if folder not in _WEB_FEATURES)))


@cache
def _area_of_folder(path: str) -> str:
    folders = path.split("/")
    if not _TEST_FOLDERS.isdisjoint(folders) or any(_TEST_FOLDER.fullmatch(folder) for folder in folders):
        return "test"
    if folders[0] == "acceptance":
        return "test"
    if not _BENCHMARK_FOLDERS.isdisjoint(folders) or any(_BENCHMARK_FOLDER.fullmatch(folder) for folder in folders):
        return "benchmark"
    is_example = not _EXAMPLE_FOLDERS.isdisjoint(folders) or any(map(_EXAMPLE_FOLDER.fullmatch, folders))
    return "example" if is_example else "app"


def _area_of_web_file(folder: str, name: str) -> str:
    around = _area_of_web_folder(folder)
    if around == "test" or _WEB_TEST_FILE.fullmatch(name) or (not folder and _WEB_TEST_SCRIPT.fullmatch(name)):
        return "test"
    return "example" if around == "example" or _WEB_EXAMPLE_FILE.fullmatch(name) else "app"


@cache
def _area_of_web_folder(path: str) -> str:
    folders = path.split("/")
    if any(_WEB_TEST_FOLDER.fullmatch(folder) for folder in folders):
        return "test"
    if any(_WEB_EXAMPLE_FOLDER.fullmatch(folder) for folder in folders) or _WEB_TEMPLATE.fullmatch(path):
        return "example"
    if any(folder.startswith(".") and folder not in _WEB_HIDDEN for folder in folders):
        return "example"
    first = next((at for at, folder in enumerate(folders) if folder in _WEB_SCRIPTS), None)
    # A package of a monorepo may be called `api`.
    sources = folders[2:first] if folders[0] in _PACKAGES else folders[:first]
    return "app" if first is None or not _SOURCES.isdisjoint(sources) else "example"


def area_of_calls(path: str, area: str) -> str:
    """The area of the calls in a file of some area: what sets a build up is no part of what is built."""
    is_build = path == "setup.py" or _BUILD_FILE.fullmatch(path.rpartition("/")[2].lower()) is not None
    is_build = is_build or _GENERATOR.fullmatch(path) is not None
    return "example" if is_build and area == "app" else area


def is_sample(path: str) -> bool:
    """Whether an environment file shows what one has to hold, and is not read by a program."""
    return _SAMPLE.search(path.rpartition("/")[2]) is not None


def _product_of(known: frozenset[str]) -> str:
    """The package that a project is, though it is named like a folder of examples or benchmarks; ``""``: none is.

    A web application for recipes may well be called ``cookbook``, and one for measuring models ``evals``.
    """
    packages = {path.removesuffix("/__init__.py") for path in known if path.endswith("/__init__.py")}
    tops = {package for package in packages if package.rpartition("/")[0] not in packages}
    named = sorted(top for top in tops if _is_misnamed(top.lower()))
    if not named:
        return ""
    sizes: Counter[str] = Counter()
    for path in known:
        if path.endswith(".py") or _WEB.fullmatch(path):
            top = next((top for top in named if path.startswith(f"{top}/")), "")
            if area_of(_without(path, top)) == "app":
                sizes[top or path.rpartition(".")[2]] += 1
    own, largest = max((sizes.pop(top), top) for top in named)
    others = sum(sizes.values()) - sizes["py"]
    return largest if own >= _SHARE * sizes["py"] and _SHARE * own >= others else ""


def _is_misnamed(package: str) -> bool:
    """Whether nothing but the name of a package says that it holds examples or benchmarks."""
    above = _area_of_folder(package.rpartition("/")[0])
    return above == "app" and _area_of_folder(package) in {"example", "benchmark"}


def _without(path: str, top: str) -> str:
    """The path of a file as if a folder above it had no name."""
    above = top.rpartition("/")[0]
    return f"{above}{path[len(top) :]}".lstrip("/") if top and path.startswith(f"{top}/") else path


class Areas:
    """The areas of the files of one project, where what lies beside a file and what it holds say more than its path."""

    def __init__(self, paths: Iterable[str], elsewhere: int = 0) -> None:
        """Take the paths of all files of the project that are of one language.

        :param elsewhere: How many it has of others.
        """
        known = frozenset(paths)
        suites = {p.removesuffix("/conftest.py") for p in known if p.endswith("/conftest.py")}
        suites -= {p.removesuffix("/__init__.py") for p in known if p.endswith("/__init__.py")}
        # The conftest.py of an application stands at its top: there is more of it further down.
        tops: set[str] = set()
        for path in known if suites else ():
            folder = path.rpartition("/")[0].rpartition("/")[0]
            if folder and folder not in tops and area_of(path) == "app":
                while folder and folder not in tops:
                    tops.add(folder)
                    folder = folder.rpartition("/")[0]
        # What the steps of Cucumber's features share lies in a folder beside theirs.
        steps = {p.partition("/step_definitions/")[0] for p in known if "/step_definitions/" in p}
        self._suites = frozenset((suites - tops) | {f"{folder}/support" for folder in steps})
        self._known = known
        code = [path for path in known if path.endswith(".py")]
        self._product = _product_of(known)
        # A project may be nothing but scripts.
        self._has_more = 2 * sum(_SCRIPTS.match(path) is not None for path in code) < len(code) + elsewhere
        self._is_beside = _MUCH * len(code) <= elsewhere
        self._areas: dict[str, str] = {}

    def of(self, path: str, marks: str) -> str:
        """The area of a file, one of those of `area_of`; for ``marks`` see the engine's scan: ``t`` is a test suite."""
        area = self._areas.get(path)
        if area is None:
            area = self._areas[path] = area_of(_without(path, self._product))
        scripts = _SCRIPTS.match(path) if area == "app" and path.endswith(".py") else None
        if scripts is not None and self._has_more and f"{scripts['folder']}/__init__.py" not in self._known:
            area = self._areas[path] = "example"
        if area == "app" and (self._is_put_away(path) or self._is_tool(path)):
            area = self._areas[path] = "example"
        if area == "app" and ("t" in marks or path.rpartition("/")[0] in self._suites):
            return "test"
        return area

    def _is_put_away(self, path: str) -> bool:
        """Whether a file is kept for the record: in a folder for that at the top, or beside what replaces it."""
        top, slash, _ = path.partition("/")
        is_archive = bool(slash) and top in _ARCHIVES and f"{top}/__init__.py" not in self._known
        is_archive = is_archive or _PUT_ASIDE.fullmatch(path.lower()) is not None
        return is_archive or _KEPT_FILE.fullmatch(path) is not None

    def _is_tool(self, path: str) -> bool:
        """Whether a file of Python's stands alone at the top of a project that is written in something else."""
        is_alone = self._is_beside and "/" not in path and path.endswith(".py")
        return is_alone and path.removesuffix(".py") not in _PROGRAMS
