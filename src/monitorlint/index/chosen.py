"""What is chosen while the program runs: methods by name (``getattr(session, method)(url)``), modules, clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.passing import modules_named
from monitorlint.index.values import External, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitorlint.catalog import Catalogue
    from monitorlint.index.resolve import Resolver
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding, Call

_WHICHEVER = "request"
"""What HTTP clients call the method that takes the name of another one."""
_LISTED = 3
"""The position at which ``__import__`` takes the names that are asked for."""
_NONE: Expr = ("seq", ())
_NOTHING: Expr = ("lit", None)


def is_chosen(view: FileView, expr: Expr) -> bool:
    """Whether an expression is a method looked up by a name or key: told with nothing resolved."""
    if not isinstance(expr, (tuple, list)):
        return False
    return expr[0] == "item" or (expr[0] == "call" and view.facts.calls[expr[1]].callee == "getattr")


def looked_up(resolver: Resolver, catalogue: Catalogue, view: FileView, call: Call) -> Values:
    """What ``getattr(value, name)`` gives; of an HTTP client, a request, where the name is not known.

    And what ``__import__(module, fromlist=[name])`` gives: without names, it is the package that the module lies in.
    """
    if call.callee == "__import__":
        return _imported(resolver, view, call)
    if len(call.args) < 2:
        return ()
    values = resolver.resolve(call.args[0], view, call.scope, call.start)
    texts = [v.value for v in resolver.argument(view, call, 1) if isinstance(v, Literal)]
    if not texts and any(isinstance(v, External) and _switches_below(catalogue, v.path) for v in values):
        texts = list(resolver.parameters.texts(view, call, 1))
    names = [text for text in texts if isinstance(text, str) and text.isidentifier()]
    if not names:
        return whichever(catalogue, values)
    return tuple(dict.fromkeys(found for name in names for v in values for found in resolver.attribute(v, name)))


def _imported(resolver: Resolver, view: FileView, call: Call) -> Values:
    listed = call.kwargs.get("fromlist", call.args[_LISTED] if len(call.args) > _LISTED else _NONE)
    is_empty = isinstance(listed, (tuple, list)) and listed[0] == "seq" and not listed[1]
    return (modules_named(resolver, view, call, is_whole=not is_empty) or ()) if call.args else ()


def assigned(resolver: Resolver, view: FileView, rows: Sequence[Binding]) -> Sequence[Binding]:
    """What a class assigns to an attribute, without a declaration of its type alone: ``client: OpenAI | None = None``.

    That says nothing more where whatever is assigned besides is made in the open.
    """
    rest = [row for row in rows if not _declares(row.value)] if len(rows) > 1 else ()
    if not rest or len(rest) == len(rows):
        return rows
    given = [resolver.bound(view, row) for row in rest if not _is_nothing(row.value)]
    is_made = all(any(isinstance(v, External) and v.origin for v in values) for values in given)
    return rest if given and is_made else rows


def _declares(expr: Expr) -> bool:
    """Whether an expression is nothing yet, of some type."""
    parts = expr[1] if isinstance(expr, (tuple, list)) and expr[0] == "any" else ()
    rest = [part for part in parts if not _is_nothing(part)]
    return bool(rest) and all(isinstance(part, (tuple, list)) and part[0] == "of" for part in rest)


def _is_nothing(expr: Expr) -> bool:
    return isinstance(expr, (tuple, list)) and tuple(expr) == _NOTHING


def whichever(catalogue: Catalogue, values: Iterable[object]) -> Values:
    """A request on those of some values that are HTTP clients."""
    paths = [v._replace(path=catalogue.reduce(f"{v.path}.{_WHICHEVER}")) for v in values if isinstance(v, External)]
    return tuple(v for v in paths if (match := catalogue.match_call(v.path)) and match.entry.kind == "http")


def _switches_below(catalogue: Catalogue, module: str) -> bool:
    """Whether a module of a package has something to call that switches on project-wide instrumentation."""
    return any(auto.how == "call" and auto.target.startswith(f"{module}.") for auto in catalogue.autos)
