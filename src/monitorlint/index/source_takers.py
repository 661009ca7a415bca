"""Who takes the source of a function: by the last name of what is called, the packages that have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.view import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def _table(**names: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for package, tails in names.items():
        for tail in tails.split():
            found[tail] = (*found.get(tail, ()), package)
    return found


SHIPPING: Final = _table(
    airflow="virtualenv external_python docker kubernetes branch_virtualenv branch_external_python "
    "PythonVirtualenvOperator ExternalPythonOperator BranchPythonVirtualenvOperator BranchExternalPythonOperator",
    autogen="with_requirements",
    autogen_core="with_requirements",
    clearml="component pipeline add_function_step create_function_task",
    execnet="remote_exec",
    fal="function cached",
    hera="script",
    kfp="component create_component_from_func create_component_from_func_v2 func_to_container_op "
    "func_to_component_text func_to_component_file",
    kubeflow="create_job train CustomTrainer",
    letta="create_tool upsert_from_function create_from_function",
    letta_client="upsert_from_function create_from_function",
    marimo="cell function class_definition",
    mldesigner="command_component",
    smolagents="tool Tool",
    snowflake="udf udtf udaf sproc pandas_udf",
    transformers="tool Tool",
    workerpool="exec",
)
"""They run it elsewhere, in an environment of its own."""
COMPILING: Final = _table(
    dace="program",
    numba="jit njit vectorize guvectorize cfunc stencil jitclass generated_jit",
    taichi="kernel func",
    tensorflow="function",
    torch="script script_method",
    triton="jit",
    warp="kernel func",
)
_BROWSERS: Final = (
    "playwright",
    "playwright-core",
    "@playwright/test",
    "puppeteer",
    "puppeteer-core",
    "puppeteer-extra",
    "@cloudflare/puppeteer",
    "@cloudflare/playwright",
    "@browserbasehq/stagehand",
    "crawlee",
    "selenium-webdriver",
    "taiko",
    "testcafe",
    "webdriverio",
    "@wdio/globals",
    "nightwatch",
)
_ALWAYS: Final = frozenset(
    "$eval $$eval evaluateHandle evaluateAll evaluateOnNewDocument addInitScript executeScript executeAsyncScript "
    "ClientFunction".split()
)
IN_PAGES: Final[Mapping[str, tuple[str, ...]]] = dict.fromkeys(
    (*_ALWAYS, "evaluate", "waitForFunction", "execute", "executeAsync"), _BROWSERS
)
"""They run it in a page, of a browser that they drive."""
_PAGES: Final = frozenset(
    "page frame tab popup handle element locator browser context window worker driver iframe el dialog".split()
)

WORDS: Final = tuple(
    word.encode()
    for word in (
        "getsource findsource VirtualenvOperator ExternalPythonOperator component_from_func func_to_co "
        "add_function_step create_function_task _from_function remote_exec CustomTrainer create_job .jit .njit njit( "
        ".evaluate executeScript executeAsyncScript waitForFunction addInitScript ClientFunction $eval "
        ".execute( .executeAsync( workerpool"
    ).split()
)
"""One of these stands in every file that hands functions to what takes their sources."""


def may_be_page(tail: str, receiver: str) -> bool:
    """Whether a method of this name, of something unknown with that name, may be one of a page's."""
    return tail in _ALWAYS or not _PAGES.isdisjoint(words_of(receiver))


def package_of(path: str, packages: Iterable[str]) -> str:
    """Which of some packages a catalogue path begins with; ``""``: none."""
    return next((p for p in packages if path.startswith(p) and path[len(p) : len(p) + 1] in {"", ".", "/", "("}), "")
