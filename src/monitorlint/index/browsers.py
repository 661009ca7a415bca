"""Which code runs in browsers alone."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from monitorlint.index.callers import CallSite
from monitorlint.index.pages import runs_in_pages_alone
from monitorlint.index.values import Defined
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.callers import CallGraph
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.view import FileView

_HOOK: Final = pattern("use[A-Z][A-Za-z]*")
_REACT: Final = pattern(r"(?:.*[/@.-])?react(?:[/.-].*)?|next/(?:router|navigation)|swr(?:/.*)?|wagmi|@apollo/client")
"""What has hooks of React: `react`, `react-intl`, `@tanstack/react-query`, `next-auth/react`."""
_TERMINAL: Final = "ink"
MAX_CALLERS: Final = 24
"""A function that more places call is any program's."""
MAX_STEPS: Final = 3
"""Functions are followed to those that call them so many times."""


class Browsers:
    """The files whose only programs are pages, and the functions that pages alone run."""

    def __init__(
        self,
        project: Project,
        reach: Reach,
        graph: CallGraph,
        text: Callable[[str], bytes],
    ) -> None:
        """Take the project.

        :param graph: Tells who calls a function.
        :param text: The text of a file.
        """
        self._project = project
        self._reach = reach
        self._graph = graph
        self._text = text
        self._texts: dict[str, bytes] = {}
        self._known: dict[str, bool] = {}
        self._components: dict[str, frozenset[int]] = {}

    def handle(self, view: FileView, number: int) -> bool:
        """Whether handlers and effects of components of React alone run a call, wherever their pages are rendered.

        Servers render components: they run neither handlers nor effects. Components for Ink show in terminals.
        """
        return self._has_components and self._waits_in_page(view, view.facts.calls[number].scope, 0)

    @cached_property
    def _has_components(self) -> bool:
        return any(map(_REACT.fullmatch, self._reach.modules))

    def _waits_in_page(self, view: FileView, scope: int, steps: int) -> bool:
        if self._is_handler(view, scope):
            return True
        scopes = view.facts.scopes
        function = scope
        while scopes[function].parent > 0:
            function = scopes[function].parent
        if function <= 0 or steps == MAX_STEPS or scopes[function].kind != "function" or not scopes[function].name:
            return False
        # What a function returns runs where that is handed to, as what a hook returns does.
        is_returned = scope != function and not scopes[function].is_async
        sites = list(islice(self._graph.callers(view, function), MAX_CALLERS + 1))
        return (
            0 < len(sites) <= MAX_CALLERS
            and all(self._is_of_page(site, steps, is_returned) for site in sites)
            and all(self._is_of_page(site, steps, is_returned) for site in self._unseen(view, function, sites))
        )

    def _unseen(self, view: FileView, function: int, sites: list[CallSite]) -> Iterator[CallSite]:
        """The uses of a function in files that have its name, and in which none was seen yet."""
        name = view.facts.scopes[function].name
        alone = re.compile(rb"(?<![\w$.])%s(?![\w$])" % re.escape(name.encode()))
        seen = {view.path, *(site.view.path for site in sites)}
        for path in sorted(self._reach.knowing(view.path) - self._reach.frames.programs - seen):
            if not self._project.is_app(path) or name.encode() not in self._text_of(path):
                continue
            there = self._project.view(path)
            found = list(self._graph.in_file(path, view, function))
            yield from found
            if not found and there is not None and alone.search(self._text_of(path)):
                # What becomes of it there is not read.
                yield CallSite(there, -1, "may call")

    def _text_of(self, path: str) -> bytes:
        if path not in self._texts:
            self._texts[path] = self._text(path)
        return self._texts[path]

    def _is_of_page(self, site: CallSite, steps: int, is_returned: bool) -> bool:
        if site.how == "may call":
            return False
        scope = site.view.facts.calls[site.number].scope
        if site.how == "hands on" or is_returned:
            return self._is_handler(site.view, scope, itself=True)
        return self._waits_in_page(site.view, scope, steps + 1)

    def _is_handler(self, view: FileView, scope: int, *, itself: bool = False) -> bool:
        """Whether a scope lies in a component or a hook.

        :param itself: Or is one: what is handed on there runs later.
        """
        components = self._components_of(view)
        if not components:
            return False
        scope = scope if itself else view.facts.scopes[scope].parent
        while scope > 0 and scope not in components:
            scope = view.facts.scopes[scope].parent
        if scope <= 0:
            return False
        return not any(_TERMINAL in self._project.store.imports(path) for path in self._reach.importers(view.path))

    def _components_of(self, view: FileView) -> frozenset[int]:
        """The functions that call hooks: components, and hooks of the project's own."""
        if view.path not in self._components:
            calls, scopes = view.facts.calls, view.facts.scopes
            hooks = [tail for tail in view.calls_by_tail if _HOOK.fullmatch(tail)]
            used = [
                i
                for hook in hooks
                for i in view.calls_by_tail[hook]
                if isinstance(calls[i].callee, str)
                and calls[i].callee.removeprefix("React.") == hook  # type: ignore[union-attr]
                # Components that are awaited run on servers alone, and have no hooks.
                and not scopes[calls[i].scope].is_async
            ]
            is_react = bool(used) and (self._imports_react(view.path) or self._are_of_react(view, used))
            self._components[view.path] = frozenset(calls[i].scope for i in used) if is_react else frozenset()
        return self._components[view.path]

    def _imports_react(self, path: str) -> bool:
        return any(_REACT.fullmatch(module) for module in self._project.store.imports(path))

    def _are_of_react(self, view: FileView, used: list[int]) -> bool:
        """Whether some of the hooks that a file calls are the project's own, and made of React's."""
        values = (value for i in used for value in self._project.resolver.callee(view, i))
        return any(isinstance(v, Defined) and v.file != view.path and self._imports_react(v.file) for v in values)

    def run_alone(self, path: str) -> bool:
        """Whether some page runs a file, and no other program that is known of does."""
        if path not in self._known:
            self._known[path] = runs_in_pages_alone(self._project, self._reach, path)
        return self._known[path]
