"""Functions of a package that the project replaces by its own, in a file that has a monitor at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.catalog.rows import Auto
from monitorlint.index.values import Defined, External, Literal
from monitorlint.index.view import tail_of
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_WRAPPING = frozenset({"wrap_function_wrapper", "patch_function_wrapper", "wrap_object"})
# Namespaces that packages of different owners share.
_SHARED = frozenset({"google", "azure"})


class Patch(NamedTuple):
    """One place that replaces something of a package."""

    auto: Auto
    path: str
    row: int
    """0-based."""


class Patches:
    """Finds the patches of one project.

    What a patch does is not looked at: it may trace, or only set a header. A file that imports a monitor and replaces
    a call of an SDK leaves in doubt whether calls of that SDK are monitored, and proves nothing.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def all(self) -> Iterator[Patch]:
        """Every place that replaces something of a package."""
        for view in self._project.views():
            if not any("monitor" in self._project.catalogue.roots_match(row.target) for row in view.facts.imports):
                continue
            for row, path in (*self._wrapped(view), *self._assigned(view), *self._set(view)):
                auto = Auto(
                    "project",
                    "",
                    "patch",
                    _package(path),
                    "",
                    Level.TRACED,
                    doubt=f"{view.path}:{row + 1} replaces {path.replace('()', '')}",
                )
                yield Patch(auto, view.path, row)

    def _wrapped(self, view: FileView) -> Iterator[tuple[int, str]]:
        """``wrapt.wrap_function_wrapper("openai.resources.chat.completions", "Completions.create", wrapper)``."""
        for tail in sorted(_WRAPPING & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                call = view.facts.calls[number]
                expr = call.args[0] if call.args else call.kwargs.get("module", call.kwargs.get("target"))
                for value in self._project.resolver.resolve(expr, view, call.scope, call.start):
                    path = (
                        value.value if isinstance(value, Literal) else value.path if isinstance(value, External) else ""
                    )
                    if isinstance(path, str) and path:
                        yield call.row, path

    def _assigned(self, view: FileView) -> Iterator[tuple[int, str]]:
        """``Completions.create = traced(Completions.create)``."""
        for binding in view.facts.bindings:
            base, dot, attribute = binding.name.rpartition(".")
            if dot and "[]" not in binding.name and binding.how == "assign" and self._is_call(attribute):
                scope = view.facts.blocks[binding.block].scope
                if self._is_function(binding.value, view, scope, binding.start):
                    yield from ((binding.row, p) for p in self._packaged(base, view, scope, binding.start))

    def _set(self, view: FileView) -> Iterator[tuple[int, str]]:
        """``setattr(Completions, "create", traced)``."""
        for number in view.calls_by_tail.get("setattr", ()):
            call = view.facts.calls[number]
            if len(call.args) == 3:
                yield from ((call.row, p) for p in self._packaged(call.args[0], view, call.scope, call.start))

    def _packaged(self, expr: Expr, view: FileView, scope: int, offset: int) -> Iterator[str]:
        for value in self._project.resolver.resolve(expr, view, scope, offset):
            if isinstance(value, External) and self._project.catalogue.is_package(value.path.partition(".")[0]):
                yield value.path

    def _is_call(self, name: str) -> bool:
        return name in self._project.catalogue.tails

    def _is_function(self, expr: Expr, view: FileView, scope: int, offset: int) -> bool:
        if isinstance(expr, (tuple, list)):
            # `session.request = partial(session.request, timeout=10)` only fills in an argument.
            return bool(expr) and expr[0] in {"call", "fn"} and tail_of(view.callee_of(expr)) != "partial"
        return any(isinstance(v, Defined) for v in self._project.resolver.resolve(expr, view, scope, offset))


def _package(path: str) -> str:
    """The package of a dotted path, with its namespace where that is shared."""
    names = path.replace("()", "").split(".")
    return ".".join(names[:2] if names[0] in _SHARED else names[:1])


def family_of(target: str) -> str:
    """What a patch of a path reaches: classes of ``langchain_openai`` inherit what ``langchain_core`` defines."""
    head, dot, rest = target.partition(".")
    return f"langchain{dot}{rest}" if head.startswith("langchain_") else target
