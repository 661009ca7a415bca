"""Methods that are chosen while the program runs: ``getattr(session, method)(url)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.passing import modules_named
from monitorlint.index.values import External, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.catalog import Catalogue
    from monitorlint.index.resolve import Resolver
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_WHICHEVER = "request"
"""What HTTP clients call the method that takes the name of another one."""
_LISTED = 3
"""The position at which ``__import__`` takes the names that are asked for."""
_NONE: Expr = ("seq", ())


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


def whichever(catalogue: Catalogue, values: Iterable[object]) -> Values:
    """A request on those of some values that are HTTP clients."""
    paths = [v._replace(path=catalogue.reduce(f"{v.path}.{_WHICHEVER}")) for v in values if isinstance(v, External)]
    return tuple(v for v in paths if (match := catalogue.match_call(v.path)) and match.entry.kind == "http")


def _switches_below(catalogue: Catalogue, module: str) -> bool:
    """Whether a module of a package has something to call that switches on project-wide instrumentation."""
    return any(auto.how == "call" and auto.target.startswith(f"{module}.") for auto in catalogue.autos)
