"""Methods that are chosen while the program runs: ``getattr(session, method)(url)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import External, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.catalog import Catalogue
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_WHICHEVER = "request"
"""What HTTP clients call the method that takes the name of another one."""


def is_chosen(view: FileView, expr: Expr) -> bool:
    """Whether an expression is a method looked up by a name or key: told with nothing resolved."""
    if not isinstance(expr, (tuple, list)):
        return False
    return expr[0] == "item" or (expr[0] == "call" and view.facts.calls[expr[1]].callee == "getattr")


def names_in(values: Values) -> list[str]:
    """The names of attributes among what an expression may be."""
    texts = [v.value for v in values if isinstance(v, Literal)]
    return [text for text in texts if isinstance(text, str) and text.isidentifier()]


def whichever(catalogue: Catalogue, values: Iterable[object]) -> Values:
    """What a method of unknown name is: of an HTTP client, a request."""
    paths = [v._replace(path=catalogue.reduce(f"{v.path}.{_WHICHEVER}")) for v in values if isinstance(v, External)]
    return tuple(v for v in paths if (match := catalogue.match_call(v.path)) and match.entry.kind == "http")
