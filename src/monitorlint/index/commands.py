"""Command lines: what a parser runs of the project raises in the call that sets the parser to work.

``program.command('pull').action(pull)`` and ``await program.parseAsync()``; classes of commands, and oclif's ``run()``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from monitorlint.index.values import Defined, External
from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

    Calls: TypeAlias = tuple[tuple[FileView, int], ...]

_TAKING: Final = "action"
"""The method of a command that takes the function which runs it."""
_PARSERS: Final = ("commander", "@commander-js/extra-typings", "cac")
_CLASSES: Final = ("@oclif/core", "@oclif/command")
# `.parse()` gives no promise: what a command raises after its first `await` is nobody's.
_STARTING: Final = pattern(
    r"(?:commander|@commander-js/extra-typings)\..*\.parse(?:Async)?|cac\..*\.runMatchedCommand"
    r"|@oclif/(?:core|command)\.(?:default\.|Main\.)?(?:run|execute)"
)
_TAILS: Final = ("parseAsync", "parse", "runMatchedCommand", "run", "execute")
_LOST: Final = ".parse"
_FOLDER: Final = "/commands/"
_RUN: Final = "run"
"""The method of a class of a command that runs it."""


class Commands:
    """Tells which calls run the functions that a parser of command lines is handed."""

    def __init__(self, project: Project, reach: Reach) -> None:
        self._project = project
        self._reach = reach

    @cached_property
    def are_there(self) -> bool:
        """Whether anything imports such a parser."""
        return any(name in module for module in self._reach.modules for name in ("commander", "oclif", "cac"))

    def takes(self, view: FileView, scope: int) -> bool:
        """Whether a parser is handed a function where that stands."""
        return self.are_there and bool(self.running(view, scope))

    def running(self, view: FileView, scope: int) -> Calls:
        """The calls that run a function which a parser is handed where that stands."""
        handed = view.handing.get(scope)
        return self.run_by(view, handed[0]) if handed is not None else ()

    def run_by(self, view: FileView, number: int) -> Calls:
        """The calls that run what call ``number`` hands a command; none where it hands over none, or none is known."""
        if not self.are_there or tail_of(view.facts.calls[number].callee) != _TAKING:
            return ()
        names = (v.path for v in self._project.resolver.callee(view, number) if isinstance(v, External))
        package = next((p for name in names for p in _PARSERS if name.startswith(f"{p}.")), "")
        if not package:
            return ()
        together = self._reach.running_with(view.path)
        found = [start for start in self._starts if start[0] == package and start[1].path in together]
        return () if any(lost for *_, lost in found) else tuple((there, at) for _, there, at, _ in found)

    def of_class(self, view: FileView, scope: int) -> Calls:
        """The calls that run a method of a class of commands, which are loaded by the folder that they lie in."""
        here = view.facts.scopes[scope]
        if here.name != _RUN or not self.are_there or view.facts.scopes[here.parent].kind != "class":
            return ()
        package = self._base_of(Defined(view.path, here.parent))
        found = tuple((there, at) for name, there, at, _ in self._starts if name == package)
        # What starts it apart from them packs the commands up, or writes of them.
        beside = f"{view.path.rpartition(_FOLDER)[0]}/" if _FOLDER in view.path else ""
        return tuple(start for start in found if start[0].path.startswith(beside)) or found

    def _base_of(self, owner: Defined) -> str:
        """The package that a class of commands comes from, by the first of its bases that is not the project's."""
        todo, seen = [owner], {owner}
        while todo:
            here = todo.pop()
            for base in self._project.resolver.bases(here.file, here.scope):
                if isinstance(base, External):
                    return next((name for name in _CLASSES if base.path.startswith(f"{name}.")), "")
                if isinstance(base, Defined) and base not in seen:
                    seen.add(base)
                    todo.append(base)
        return ""

    @cached_property
    def _starts(self) -> tuple[tuple[str, FileView, int, bool], ...]:
        """The calls that set a parser to work: its package, the call, and whether it loses what commands raise."""
        return tuple(self._find_starts())

    def _find_starts(self) -> Iterator[tuple[str, FileView, int, bool]]:
        store = self._project.store
        known = {*_PARSERS, *_CLASSES}
        able = [p for p in self._reach.application() if any(n.partition(".")[0] in known for n in store.packages(p))]
        starting = {path for tail in _TAILS for path in store.calling(tail, able)}
        # `import { run as start } from '@oclif/core'`
        starting.update(path for path in able if any(b"%s as " % tail.encode() in store.text(path) for tail in _TAILS))
        for view in filter(None, map(self._project.view, sorted(starting))):
            renamed = (row.local for row in view.facts.imports if row.target.rpartition(".")[2] in _TAILS)
            for number in (n for tail in {*_TAILS, *renamed} for n in view.calls_by_tail.get(tail, ())):
                for value in self._project.resolver.callee(view, number):
                    if isinstance(value, External) and _STARTING.fullmatch(value.path):
                        package = next(n for n in (*_PARSERS, *_CLASSES) if value.path.startswith(f"{n}."))
                        yield package, view, number, value.path.endswith(_LOST)
