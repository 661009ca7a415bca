"""Functions whose source is taken: it is run, or compiled, where the imports of their file are not.

What reads ``inspect.getsource(function)``, a page of a browser that is handed a function, a compiler: none of them sees
the helper that the file imports. Only repairs ask for it.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.index.source_takers import COMPILING, IN_PAGES, SHIPPING, WORDS, may_be_page, package_of
from monitorlint.index.values import Defined, External
from monitorlint.index.view import OWN_NAMES, tail_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_READERS = frozenset({"getsource", "getsourcelines", "findsource"})
"""Of Python's ``inspect``, and of what imitates it."""
_LOOKING = frozenset(
    "sha md hash hashed digest checksum fingerprint blake crc adler xxh print debug info warning log len count".split()
)
"""Words in the names of what runs nothing of a source that it is handed."""
_SHIPPED = "{} takes the source of the function, which then runs where the imports of this file are unknown"
_COMPILED = "{} compiles the function, and cannot compile the call of a helper"
_PAGE = "{} runs the function in a page, where the helper is not"
_MAX_TAKERS = 200


class TakenSources:
    """Tells for places of a project whether the source of a function around them is taken."""

    def __init__(self, project: Project, paths: Iterable[str], among: Iterable[str]) -> None:
        """Take a project.

        :param paths: The files in which sources may be taken: those in whose text `may_take` finds something.
        :param among: The files that may call what takes them.
        """
        self._project = project
        self._paths = sorted(paths)
        self._among = tuple(among)

    def reason(self, path: str, offset: int) -> str:
        """Why no helper can be called at a byte offset of a file, as one line; ``""`` when one can."""
        view = self._project.view(path)
        number = _scope_at(view, offset) if view is not None else 0
        while view is not None and number > 0:
            found = self._taken.get(Defined(path, number)) or self._by_definition(view, number)
            if found:
                return found
            number = view.facts.scopes[number].parent
        return ""

    def _by_definition(self, view: FileView, scope: int) -> str:
        """Why, by the decorators of a function or a class, and by the bases of a class."""
        here = view.facts.scopes[scope]
        for decorator in here.decorators:
            callee = view.callee_of(decorator)
            values = self._resolve(callee, view, here.parent, here.start)
            reason = _foreign(values)
            for value in values:
                if isinstance(value, Defined):
                    reason = reason or self._takers.get(value, "")
            if reason or (self._may_be_own(values) and (reason := self._names.get(tail_of(callee), ""))):
                return reason
        for base in here.bases:
            if reason := _foreign(self._resolve(base, view, here.parent, here.start)):
                return reason
        return ""

    def _may_be_own(self, values: Values) -> bool:
        """Whether nothing is known of what a name stands for, or only that a folder of the project may have it."""
        tops = [value.path.partition(".")[0] for value in values if isinstance(value, External)]
        return len(tops) == len(values) and self._folders.issuperset(tops)

    @cached_property
    def _folders(self) -> frozenset[str]:
        """The names of all folders of the project: from one of them, Python may be told to start."""
        return frozenset(name for path in self._among for name in path.split("/")[:-1])

    def _resolve(self, expr: Expr, view: FileView, scope: int, offset: int) -> Values:
        return self._project.resolver.resolve(expr, view, scope, offset)

    @property
    def _taken(self) -> dict[Defined, str]:
        return self._found[0]

    @property
    def _takers(self) -> dict[Defined, str]:
        return self._found[1]

    @cached_property
    def _names(self) -> dict[str, str]:
        """The functions of the project that take sources, by their names: for what nobody knows more of."""
        return {name: reason for taker, reason in self._takers.items() if (name := self._name(taker))}

    def _name(self, taker: Defined) -> str:
        view = self._project.view(taker.file)
        here = view.facts.scopes[taker.scope] if view is not None else None
        if view is None or here is None or view.facts.scopes[here.parent].kind in {"function", "lambda"}:
            return ""
        return "" if here.name.startswith(("__", "<")) else here.name

    @cached_property
    def _found(self) -> tuple[dict[Defined, str], dict[Defined, str]]:
        """The functions whose sources are taken, and those of the project that take what they are handed."""
        taken: dict[Defined, str] = {}
        takers: dict[Defined, str] = {}
        for path in self._paths:
            view = self._project.view(path)
            if view is not None:
                for number, reason in self._takings(view):
                    self._hand(view, number, reason, taken, takers)
        done = 0
        while done < min(len(takers), _MAX_TAKERS):
            taker, reason = list(takers.items())[done]
            done += 1
            for view, number in self._calls_of(taker):
                self._hand(view, number, reason, taken, takers)
                scope, passed_on = view.facts.calls[number].scope, view.facts.calls[number].spread
                if passed_on and any(_is_call(given, number) for given in view.facts.scopes[scope].returns):
                    takers.setdefault(Defined(view.path, scope), reason)
                for outer, call in enumerate(view.facts.calls):
                    if _is_call(call.callee, number):
                        self._hand(view, outer, reason, taken, takers)
        return taken, takers

    def _takings(self, view: FileView) -> Iterator[tuple[int, str]]:
        """The calls of a file that take the source of what they are handed, and why that matters."""
        for tail in sorted(_READERS & view.calls_by_tail.keys()):
            for number in view.calls_by_tail[tail]:
                if not _is_looked_at(view, number):
                    yield number, _SHIPPED.format(_text(view, number))
        for tail in sorted(view.calls_by_tail.keys() & (SHIPPING.keys() | COMPILING.keys() | IN_PAGES.keys())):
            for number in view.calls_by_tail[tail]:
                values = self._project.resolver.callee(view, number)
                reason = _foreign(values)
                callee = view.facts.calls[number].callee
                is_unknown = not values or any(isinstance(v, External) for v in values)
                if not reason and is_unknown and tail in IN_PAGES and may_be_page(tail, _receiver(view, callee)):
                    reason = _PAGE.format(_text(view, number))
                if reason:
                    yield number, reason

    def _hand(
        self,
        view: FileView,
        number: int,
        reason: str,
        taken: dict[Defined, str],
        takers: dict[Defined, str],
    ) -> None:
        """What a call that takes sources is handed: functions, or parameters, by which the one around takes them."""
        call = view.facts.calls[number]
        for expr in _handed(view, number):
            root = expr.partition(".")[0] if isinstance(expr, str) else ""
            owner = _owner(view, call.scope, root)
            if owner:
                for scope in owner:
                    takers.setdefault(Defined(view.path, scope), reason)
                continue
            for value in self._resolve(expr, view, call.scope, call.start):
                if isinstance(value, Defined):
                    taken.setdefault(value, reason)

    def _calls_of(self, taker: Defined) -> Iterator[tuple[FileView, int]]:
        """The calls of a function of the project, and those by its name of which nobody knows more."""
        name = self._name(taker)
        project = self._project
        for path in project.store.calling(name, self._among) if name else ():
            view = project.view(path)
            if view is None:
                continue
            for number in view.calls_by_tail.get(name, ()):
                values = project.resolver.callee(view, number)
                if taker in values or self._may_be_own(values):
                    yield view, number


def _scope_at(view: FileView, offset: int) -> int:
    """The innermost scope in whose body an offset lies."""
    blocks = view.facts.blocks
    number = bisect_right(blocks, offset, key=lambda block: block.start) - 1
    while number > 0 and not blocks[number].start <= offset < blocks[number].end:
        number = blocks[number].parent
    return blocks[number].scope if number >= 0 else 0


def _foreign(values: Values) -> str:
    """Why the source of a function matters to what some package has; ``""`` when it does not."""
    for value in values:
        if not isinstance(value, External):
            continue
        tail = value.path.rpartition(".")[2]
        for table, reason in ((SHIPPING, _SHIPPED), (COMPILING, _COMPILED), (IN_PAGES, _PAGE)):
            package = package_of(value.path, table.get(tail, ()))
            if package:
                return reason.format(f"{package}'s {tail}")
    return ""


def _is_call(expr: Expr, number: int) -> bool:
    return isinstance(expr, (tuple, list)) and tuple(expr) == ("call", number)


def _is_looked_at(view: FileView, number: int) -> bool:
    """Whether the source goes into what only looks at it: a checksum, a line of the log."""
    if _is_in_looking(view, number):
        return True
    scope = view.facts.calls[number].scope
    kept = {b.name for b in view.facts.bindings if b.scope == scope and _is_call(b.value, number)}
    uses = [
        use
        for use, call in enumerate(view.facts.calls)
        if call.scope == scope and not kept.isdisjoint(_roots((call.callee, *call.args, *call.kwargs.values())))
    ]
    return bool(uses) and all(_is_in_looking(view, use) for use in uses)


def _is_in_looking(view: FileView, number: int) -> bool:
    while number >= 0:
        call = view.facts.calls[number]
        if not _LOOKING.isdisjoint(words_of(tail_of(call.callee))):
            return True
        number = call.parent
    return False


def _roots(exprs: Iterable[Expr]) -> set[str]:
    return {expr.partition(".")[0] for expr in exprs if isinstance(expr, str)}


def _handed(view: FileView, number: int) -> Iterator[Expr]:
    """What a call is handed, through the calls that stand in it: ``getsource(unwrap(function))``."""
    call = view.facts.calls[number]
    for expr in (*call.args, *call.kwargs.values()):
        if isinstance(expr, (tuple, list)) and expr and expr[0] == "call" and expr[1] > number:
            yield from _handed(view, expr[1])
        elif expr is not None:
            yield expr


def _owner(view: FileView, scope: int, root: str) -> list[int]:
    """The functions that are handed what ``root`` names, and the class whose instances keep it; none: it is no such.

    The function that a decorator gives belongs to that, so the functions around are among them.
    """
    scopes = view.facts.scopes
    if root in OWN_NAMES:
        kept_by = view.instance_of(scope, root)
        return [kept_by] if kept_by is not None else []
    while scope > 0 and not any(p.name == root for p in scopes[scope].params):
        scope = scopes[scope].parent
    found: list[int] = []
    while root and scope > 0 and scopes[scope].kind != "class":
        found.append(scope)
        scope = scopes[scope].parent
    if found and scopes[found[-1]].name in {"__init__", "__call__"} and scope > 0:
        found.append(scope)
    return found


def _receiver(view: FileView, callee: Expr) -> str:
    """The last name of what a method is called on."""
    if isinstance(callee, str):
        return callee.rpartition(".")[0].rpartition(".")[2]
    if callee and callee[0] == "attr":
        return tail_of(view.callee_of(callee[1]))
    return ""


def _text(view: FileView, number: int) -> str:
    callee = view.facts.calls[number].callee
    return callee if isinstance(callee, str) else tail_of(callee)


def may_take(text: bytes) -> bool:
    """Whether the sources of functions may be taken in a file."""
    return any(word in text for word in WORDS)
