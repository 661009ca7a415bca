"""Every entry of the catalogue shows an example, and the whole line is run over each.

Bare, each expected call is found and unmonitored, and nothing else is; under each form of a monitor, nothing is
unmonitored.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from monitorlint.catalog import store
from monitorlint.catalog.patterns import matches
from monitorlint.catalog.rows import SITE_KINDS
from monitorlint.catalog.schema import check_file
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.index.jobs import NEST_EVENTS, NEST_JOBS, NEST_QUEUE, PROCESSOR
from monitorlint.model.site import Site

RULES = store.rules_folder()
EXPECTED = re.compile(r"(?:#|//)\s*expect:\s*(\S+)")
CALL_SITES = frozenset(SITE_KINDS)
FILES = {"python": "app.py", "typescript": "app.tsx"}


class Example(NamedTuple):
    language: str
    file: str
    kind: str
    code: str
    level: str
    status: str
    files: dict[str, str]


def _examples() -> Iterator[Any]:
    for path in sorted(RULES.rglob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        name = path.relative_to(RULES).as_posix()
        for language in store.LANGUAGES:
            for number, table in enumerate(data.get(language, ())):
                for order, row in enumerate(table["example"]):
                    level, status, files = row.get("level", ""), row.get("status", "monitored"), row.get("files", {})
                    example = Example(language, name, data["kind"], row["code"], level, status, files)
                    yield pytest.param(example, id=f"{language}-{name}-{number}-{order}")


EXAMPLES = list(_examples())


def _sites(example: Example, folder: Path) -> tuple[Site, ...]:
    (folder / "monitorlint.toml").write_text("")
    code = folder / FILES[example.language]
    code.write_text(example.code)
    for name, text in example.files.items():
        (folder / name).write_text(text)
    request = Request(
        paths=(code,),
        select=("MON1", "MON2", "MON5"),
        cache=False,
        jobs=1,
        debug=True,
        purpose="coverage",
    )
    return tuple(site for site in run(request).sites if site.kind in CALL_SITES)


@pytest.mark.parametrize("path", sorted(RULES.rglob("*.toml")), ids=lambda path: path.relative_to(RULES).as_posix())
def test_every_rules_file_is_valid_and_shows_an_example(path: Path) -> None:
    data = check_file(path, path.read_text(encoding="utf-8"))
    folder = path.relative_to(RULES).parts[0].removesuffix("s")
    assert data["kind"] == folder
    for language in store.LANGUAGES:
        assert all(table["example"] for table in data.get(language, ()))


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_an_example_shows_is_what_is_found(example: Example, tmp_path: Path) -> None:
    sites = _sites(example, tmp_path)
    # A client used to show another one (httpx under httpx-sse) is not what the example is about.
    if example.kind in CALL_SITES:
        lines = example.code.splitlines()
        expected = [(row, hit[1]) for row, line in enumerate(lines, 1) if (hit := EXPECTED.search(line))]
        assert expected, "an example of calls expects some"
        found = [(site.region.row, site.target) for site in sites if site.kind == example.kind]
        assert sorted(found) == sorted(expected)
        # A gateway's own client is monitored by being what it is; its example says the level.
        levels = {site.monitored_by.level.value if site.monitored_by else "" for site in sites}
        assert levels == {example.level}
    elif example.kind == "monitor":
        assert sites, "an example of a monitor holds calls"
        assert [(site.target, site.status) for site in sites if site.status != example.status] == []
        if example.level:
            assert {site.monitored_by.level.value for site in sites if site.monitored_by} == {example.level}
    else:
        assert sites == ()


@pytest.mark.parametrize("language", store.LANGUAGES)
def test_the_catalogue_is_wide_enough(language: str) -> None:
    names: dict[str, set[str]] = {}
    for param in EXAMPLES:
        example = param.values[0]
        if example.language == language:
            names.setdefault(example.kind, set()).add(example.file)
    assert len(names["ai"]) >= 40
    assert len(names["http"]) >= 8
    assert len(names["monitor"]) >= 20


def _called(rows: dict[str, Any]) -> set[str]:
    """Everything that a coverage row of this package may name: methods, functions, and targets of each client."""
    calls = {row if isinstance(row, str) else row["path"] for row in rows.get("calls", ())}
    functions = {row if isinstance(row, str) else row["path"] for row in rows.get("functions", ())}
    methods = {"__call__" if call == "()" else call for call in calls}
    clients = [row if isinstance(row, str) else row["path"] for row in rows.get("clients", ())]
    targets = {f"{client}.{method}".replace("()", "") for client in clients for method in methods}
    return methods | functions | targets


@pytest.mark.parametrize("language", store.LANGUAGES)
def test_every_covered_method_is_a_call_of_the_catalogue(language: str) -> None:
    # A job is called by nobody: a row names the decorator that makes it one.
    known: dict[str, set[str]] = {NEST_QUEUE: {PROCESSOR}}
    for name, package in (*NEST_JOBS.items(), *NEST_EVENTS.items()):
        known.setdefault(package, set()).add(name)
    covers: list[tuple[str, str, str]] = []
    for path in sorted(RULES.rglob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for table in data.get(language, ()):
            if data["kind"] in CALL_SITES:
                known.setdefault(table["package"], set()).update(_called(table))
            for row in table.get("covers", ()):
                packages = row["package"] if isinstance(row["package"], list) else [row["package"]]
                covers.extend((path.name, package, method) for package in packages for method in row["methods"])
    unknown = [
        (name, package, method)
        for name, package, method in covers
        if "*" not in {package, method}
        and not any(matches(method, call) or matches(call, method) for call in known.get(package, ()))
    ]
    assert unknown == []
    assert {package for _, package, _ in covers} - known.keys() <= {"*"}
