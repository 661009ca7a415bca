"""The whole line over fixtures that say, call by call, what is to be found (in TypeScript with ``//`` for ``#``).

``# expect: MON101, MON903``: exactly these findings start on this line; ``MON101[unknown]``: and this one with low
confidence, for something could not be decided. ``# todo: MON101``: it should be found and is known not to be; the mark
goes when it is. ``# ok``: nothing is reported here; ``# ok: no site``: and it is no call of interest; ``# ok: span``:
and this is how it is monitored, or what its status is; ``# ok: auto/traced``: and to which level. A line without a mark
has no findings.

In TypeScript the comments begin with ``//``. A file is a project of its own, and so is a folder. Settings are those of
``monitorlint.toml``, or of a file's lines ``# option: areas = ["test"]``.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from monitorlint.engine.frontends import LANGUAGES
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.model.finding import Confidence
from monitorlint.model.site import Site

CASES = Path(__file__).parent / "fixtures" / "calls"
PROJECTS = sorted(path for language in ("python", "typescript") for path in (CASES / language).iterdir())
MARK = re.compile(r"(?:#|//|<!--)\s*(?P<verb>expect|todo|ok)(?::\s*(?P<what>[^#]+?))?\s*(?:-->)?$")
OPTION = re.compile(r"^(?:#|//) option: (.+)$", re.MULTILINE)
DEFAULT = ("MON101", "MON201")

Place = tuple[str, int]


class Mark(NamedTuple):
    verb: str
    what: str

    @property
    def codes(self) -> set[str]:
        return {code.strip() for code in self.what.split(",")}


def marks_of(project: Path) -> Iterator[tuple[Place, Mark]]:
    for path in [project] if project.is_file() else sorted(p for p in project.rglob("*.*") if p.suffix in LANGUAGES):
        name = path.name if project.is_file() else path.relative_to(project).as_posix()
        for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := MARK.search(line):
                yield (name, row), Mark(found["verb"], found["what"] or "")


def laid(project: Path, folder: Path) -> Request:
    """A copy of the project, where no configuration of ours is near, and what is to be run over it."""
    if project.is_dir():
        shutil.copytree(project, folder, dirs_exist_ok=True)
        options: list[str] = []
    else:
        shutil.copy(project, folder / project.name)
        options = OPTION.findall(project.read_text(encoding="utf-8"))
    settings = folder / "monitorlint.toml"
    if not settings.exists():
        settings.write_text("\n".join(options), encoding="utf-8")
    select = None if "select" in settings.read_text(encoding="utf-8") else DEFAULT
    return Request(paths=(folder,), select=select, cache=False, jobs=1, debug=True, purpose="coverage")


def said(site: Site | None) -> set[str]:
    """All that ``# ok: …`` may say of a site."""
    if site is None:
        return {"", "no site"}
    if site.monitored_by is None or site.status != "monitored":
        return {"", site.status}
    return {"", site.monitored_by.how, f"{site.monitored_by.how}/{site.monitored_by.level.value}"}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_each_call_is_judged_as_its_comment_says(project: Path, tmp_path: Path) -> None:
    result = run(laid(project, tmp_path))
    marks = dict(marks_of(project))
    sites: dict[Place, Site] = {(s.path, s.region.row): s for s in result.sites if s.kind != "loop"}
    found: dict[Place, set[str]] = {}
    for finding in result.findings:
        if finding.suppressed is None:
            place = (finding.path, finding.region.row)
            unknown = finding.confidence is Confidence.LOW
            found.setdefault(place, set()).add(f"{finding.code}[unknown]" if unknown else finding.code)
    assert found == {place: mark.codes for place, mark in marks.items() if mark.verb == "expect"}
    silent = {place: mark.what for place, mark in marks.items() if mark.verb == "ok"}
    wrong: dict[Place, Any] = {
        place: (what, said(sites.get(place))) for place, what in silent.items() if what not in said(sites.get(place))
    }
    assert wrong == {}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_facts_out_of_the_cache_say_the_same(project: Path, tmp_path: Path) -> None:
    """What has been JSON has lists where fresh facts have tuples."""
    code, cache = tmp_path / "code", tmp_path / "cache"
    code.mkdir()
    request = laid(project, code)._replace(cache=True, cache_dir=cache)
    fresh = run(request)
    for kept in cache.rglob("result-*.json"):
        kept.unlink()
    again = run(request)
    assert (again.findings, again.sites) == (fresh.findings, fresh.sites)


def test_there_are_as_many_silent_calls_as_reported_ones() -> None:
    marks = [mark.verb for project in PROJECTS for _, mark in marks_of(project)]
    assert len(marks) >= 150
    assert marks.count("ok") >= 0.45 * len(marks)
