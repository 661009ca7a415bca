"""What leaves a function when a call in it fails: the error itself, or what a handler makes of it.

``except RequestException as error: raise UpstreamError(…) from error``: whoever calls the function, and the handlers of
the application, meet an ``UpstreamError``.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Final

from monitorlint.index.values import Defined, External
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.catalog import Entry
    from monitorlint.index.project import Project
    from monitorlint.index.raised_later import RaisedLater
    from monitorlint.index.values import Value
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

ANSWERED: Final = "an answer"
"""Stands among the errors of what a framework makes an answer of, so that no handler for everything meets it."""
_ANSWERS: Final = pattern(
    r"HTTP\w*|Http404|APIException|\w*Exit|CommandError|\w*UsageError|ClickException|Retry|Reject|Ignore"
)
_ERRORS: Final = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, Exception) and value is not Exception
)
_MAX_BASES: Final = 8


def key_of(owner: Defined) -> str:
    """How a class of the project stands among the errors of an entry."""
    return f"{owner.file}\0{owner.scope}"


class Leaving:
    """Tells what handlers in a function make of an error."""

    def __init__(
        self,
        project: Project,
        handlers_of: Callable[[FileView, int], Iterator[int]],
        is_wide: Callable[[FileView, int, Entry], bool],
        is_settled: Callable[[FileView, Call], bool],
        later: RaisedLater,
    ) -> None:
        self._later = later
        self._project = project
        self._handlers_of = handlers_of
        self._is_wide = is_wide
        self._is_settled = is_settled

    def of(self, view: FileView, number: int, entry: Entry) -> Entry | None:
        """The package, with the errors that leave the function of a call; None: none, or it is not known which.

        Only what raises an error of the project's own, or of the language, in place of the one that it caught is read.
        """
        call = view.facts.calls[number]
        if self._is_settled(view, call):
            return None
        for at in view.blocks_around(call):
            if view.facts.blocks[at].kind != "try":
                continue
            wide = next((h for h in self._handlers_of(view, at) if self._is_wide(view, h, entry)), None)
            kind = view.facts.blocks[wide].kind if wide is not None else "rethrow"
            if wide is None or kind == "rethrow":
                continue
            block = view.facts.blocks[wide]
            place: tuple[int, int] | None = (block.start, block.end) if kind == "reraise" else None
            if kind == "except" and (later := self._later.of(view, wide)) is not None:
                if later.is_same:
                    continue
                place = later.start, later.end
            errors = self._raised(view, *place) if place is not None else ()
            if not errors:
                return None
            entry = entry._replace(package=f"{entry.package} as {' '.join(errors)}", errors=errors)
        return entry

    def _raised(self, view: FileView, start: int, end: int) -> tuple[str, ...]:
        """The errors that are made in a place: classes, and what these are made from; none where that is not known."""
        found: dict[str, None] = {}
        for number, call in enumerate(view.facts.calls):
            if not start <= call.start < end:
                continue
            callee = call.callee
            if isinstance(callee, str) and callee in _ERRORS:
                found[callee] = None
            for value in self._project.resolver.callee(view, number):
                found.update(dict.fromkeys(self._errors(value)))
        return tuple(found)

    def _errors(self, value: Value) -> Iterator[str]:
        if isinstance(value, External):
            if _ANSWERS.fullmatch(value.path.rpartition(".")[2]):
                yield ANSWERED
            return
        todo: list[Value] = [value]
        keys: list[str] = []
        is_error = False
        while todo and len(keys) < _MAX_BASES:
            here = todo.pop()
            view = self._project.view(here.file) if isinstance(here, Defined) else None
            if view is None or not isinstance(here, Defined) or view.facts.scopes[here.scope].kind != "class":
                continue
            keys.append(key_of(here))
            names = [base for base in view.facts.scopes[here.scope].bases if isinstance(base, str)]
            is_error = is_error or any(name in _ERRORS or name in {"Exception", "BaseException"} for name in names)
            for base in self._project.resolver.bases(here.file, here.scope):
                todo.append(base)
                if isinstance(base, External) and base.path.rpartition(".")[2].endswith(("Error", "Exception")):
                    is_error = True
                if isinstance(base, External) and _ANSWERS.fullmatch(base.path.rpartition(".")[2]):
                    yield ANSWERED
        if is_error:
            yield from keys
