"""What the areas that the settings name change: findings, and what a coverage percentage counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.index.areas import Areas, area_of
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
        ("retrieval-bench/shop/ask.py", "benchmark"),
        ("eval_framework/benchmark_adapters/shop.py", "benchmark"),
        ("spikes/tracing/try.py", "example"),
        ("tools/test-api.py", "test"),
        ("tools/api-tests.py", "test"),
        ("test-orders.mjs", "test"),
        ("_test_orders.js", "test"),
        ("src/test-orders.ts", "app"),
        ("test-orders.tsx", "app"),
        ("testimonials.js", "app"),
        ("usage_examples.py", "example"),
        ("push-examples/python/index.py", "example"),
        ("agents-cookbook/mail/route.ts", "example"),
        ("shop/src/api/v1/evaluations/run.ts", "app"),
        ("shop/src/features/evals/run.ts", "app"),
        ("shop/src/features/evals/examples/run.ts", "example"),
        ("shop/src/evals/run.ts", "example"),
        ("evals/components/run.ts", "example"),
        ("shop/api/evals/run.py", "example"),
        ("shop/cookbook_pages/models.py", "app"),
        ("shop/example-free/models.py", "app"),
        (".github/scripts/label_issues.py", "example"),
        ("scripts/.archive/deploy.py", "example"),
        (".retired/shop/orders.py", "example"),
        ("archive/orders.py", "app"),
        (".github/workflows/ci.yml", "app"),
        (".claude/skills/search/search.py", "example"),
        ("skills/public/music/scripts/generate.py", "example"),
        ("skills/loader.py", "app"),
        ("smoketests/bin/load.py", "test"),
        ("js/testapps/menu/src/index.ts", "test"),
        ("systemtests/lib/client.py", "test"),
        ("shop/contests/load.py", "app"),
        ("github/scripts/label_issues.py", "app"),
        ("shop/example_jobs/nightly.py", "example"),
        ("tools/demo-of-search.py", "example"),
        ("shop/contest.py", "app"),
        ("shop/latest-prices.py", "app"),
        ("shop/demography.py", "app"),
        ("shop/benchmarking_report.py", "app"),
        ("workbench/ask.py", "app"),
        ("shop/workbench/app.py", "app"),
        ("shop/spiked.py", "app"),
    ],
)
def test_where_a_file_belongs(path: str, area: str) -> None:
    assert area_of(path) == area


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("src/chat.ts", "app"),
        ("src/chat.test.ts", "test"),
        ("web/chat.clienttest.tsx", "test"),
        ("api/app.e2e-spec.ts", "test"),
        ("src/__tests__/chat.ts", "test"),
        ("src/__mocks__/openai.ts", "test"),
        ("types/index.test-d.ts", "test"),
        ("cypress/support/commands.js", "test"),
        ("apps/web/playwright/api/users.ts", "test"),
        ("packages/test-utils/src/index.ts", "test"),
        ("packages/ecosystem-tests/node/index.ts", "test"),
        ("src/mocks/handlers.js", "test"),
        ("fixtures/valid/src/server.ts", "test"),
        ("public/mockServiceWorker.js", "test"),
        ("vitest.setup.mts", "test"),
        ("features/step_definitions/inbox.js", "test"),
        ("src/features/support/ticket.ts", "app"),
        ("apps/api/scripts/measure.js", "example"),
        ("acceptance/support/http.ts", "test"),
        ("src/acceptance/order.ts", "app"),
        ("packages/shop-eval/src/judge.ts", "example"),
        ("src/retrieval/index.ts", "app"),
        ("src/medieval/index.ts", "app"),
        ("detox/utils/report.js", "test"),
        ("src/detoxify/report.js", "app"),
        ("apps/web/src/scripts/measure.js", "app"),
        ("jest.config.js", "test"),
        ("src/services/ab-test.ts", "app"),
        ("src/services/speed-test.ts", "app"),
        ("api/src/integration-test.ts", "test"),
        ("api/src/run-smoke-tests.mjs", "test"),
        ("services/local-mock/src/answers.ts", "test"),
        ("tools/mock-server/index.js", "test"),
        ("src/mock-interview/ask.ts", "app"),
        ("src/mock/ask.ts", "app"),
        ("src/latest.ts", "app"),
        ("src/contest/index.ts", "app"),
        ("packages/test-client/src/agent.ts", "app"),
        ("src/pages/test-workflow/page.tsx", "app"),
        ("src/Card.stories.tsx", "example"),
        (".storybook/main.ts", "example"),
        ("apps/web/scripts/seed.ts", "example"),
        ("packages/scripts/src/cli.ts", "example"),
        (".github/actions/label.js", "example"),
        (".claude/skills/query/query.mjs", "example"),
        (".opencode/plugin/lib/chat.ts", "example"),
        ("packages/web/.utils/translate.ts", "example"),
        ("app/.server/orders.ts", "app"),
        ("src/app/.well-known/keys/route.ts", "app"),
        ("src/scripts/sync.ts", "app"),
        ("lms/static/scripts/app.js", "app"),
        ("client/api/resources/scripts/index.ts", "app"),
        ("templates/minimal/app/page.tsx", "example"),
        ("packages/create-shop/templates/basic/index.ts", "example"),
        ("packages/cli/templates/basic/index.ts", "example"),
        ("server/emails/templates/welcome.tsx", "app"),
        ("src/templates/chat.ts", "app"),
        ("oauth-client-browser-example/src/app.ts", "example"),
        ("src/Chat.vue", "app"),
        ("src/mocks/Chat.vue", "test"),
        ("scripts/load.py", "app"),
        ("fixtures/load.py", "app"),
        ("templates/load.py", "app"),
    ],
)
def test_the_area_of_a_path(path: str, area: str) -> None:
    assert area_of(path) == area


def test_what_the_steps_of_features_share_lies_beside_them() -> None:
    paths = [
        "api/features/step_definitions/inbox.js",
        "api/features/support/world.js",
        "web/features/support/ticket.ts",
    ]
    areas = Areas(paths)
    assert [areas.of(path, "") for path in paths] == ["test", "test", "app"]


@pytest.mark.parametrize(
    ("others", "area"),
    [
        ((), "app"),
        # It is not what the project is about.
        (("shop/a.py", "shop/b.py"), "example"),
        (tuple(f"web/src/page{n}.ts" for n in range(30)), "example"),
    ],
)
def test_the_package_that_a_project_is_may_be_called_like_a_folder_of_examples(
    others: tuple[str, ...], area: str
) -> None:
    package = [f"cookbook/{name}.py" for name in ("__init__", "models", "views", "urls", "forms")]
    demo, test = "cookbook/examples/try.py", "cookbook/tests/test_views.py"
    areas = Areas(["manage.py", *package, demo, test, *others])
    assert areas.of("cookbook/views.py", "") == area
    assert areas.of(demo, "") == "example"
    assert areas.of(test, "") == "test"


def test_a_folder_of_examples_that_is_no_package_stays_one() -> None:
    areas = Areas([f"examples/page{n}.py" for n in range(9)])
    assert areas.of("examples/page1.py", "") == "example"


@pytest.mark.parametrize(
    ("path", "beside", "elsewhere", "area"),
    [
        # A Python file alone at the top of a project of something else, and one that is a program by its name.
        ("update_locales.py", (), 10, "example"),
        ("update_locales.py", (), 9, "app"),
        ("server.py", (), 10, "app"),
        ("tools/update_locales.py", (), 10, "app"),
        # Scripts are part of what a project has in other languages, too.
        ("scripts/upload.py", (), 2, "example"),
        ("scripts/upload.py", (), 0, "app"),
        # What is put away, unless it is a package.
        ("archive/old.py", ("shop/a.py", "shop/b.py"), 0, "example"),
        ("archive/old.py", ("archive/__init__.py", "shop/b.py"), 0, "app"),
        ("shop/archive/old.py", ("shop/b.py",), 0, "app"),
        ("src/Page.backup.tsx", ("src/Page.tsx",), 0, "example"),
        ("src/backup.tsx", ("src/Page.tsx",), 0, "app"),
    ],
)
def test_what_lies_beside_the_product(path: str, beside: tuple[str, ...], elsewhere: int, area: str) -> None:
    assert Areas((path, *beside), elsewhere).of(path, "") == area
