"""Several calls that are waited for together, and of which the failures are given back as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

_TRUE: Final = ("lit", True)


def is_settled(view: FileView, call: Call) -> bool:
    """Whether a call is one of several of which the failures are given back as values."""
    parent = call.parent
    while parent >= 0:
        outer = view.facts.calls[parent]
        tail = tail_of(outer.callee)
        if tail == "allSettled" or (tail == "gather" and outer.kwargs.get("return_exceptions") in (_TRUE, list(_TRUE))):
            return True
        parent = outer.parent
    return False


def settling(view: FileView, call: Call) -> int:
    """The scope in which several are waited for, of which a call is one."""
    while call.parent >= 0 and tail_of(call.callee) != "allSettled":
        call = view.facts.calls[call.parent]
    return call.scope
