"""Code that runs after the block it is written in: lambdas and generator expressions that leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding, Call

# These keep what they are handed for later. So do classes, which are told by their capital.
_KEEPING = frozenset(
    "partial append add insert put put_nowait add_done_callback add_task call_later call_soon register subscribe "
    "setattr setdefault update setTimeout setInterval setImmediate queueMicrotask addEventListener on once useEffect "
    "useLayoutEffect useCallback useMemo useMutation useQuery use".split()
)
# These give something that is as lazy as what they are handed.
_LAZY = frozenset("map filter chain zip enumerate islice from_iterable starmap imap".split())


def leaves(view: FileView, call: Call, block: int) -> bool:
    """Whether a block around a call is a lambda or a generator expression that outlives the statement it stands in.

    One that is handed to a call is taken to run there, unless the callee is known to keep it.
    """
    here = view.facts.blocks[block]
    scope = view.facts.scopes[here.scope]
    if here.kind == "generator":
        start, end, around = here.start, here.end, here.scope
    elif here.kind == "body" and scope.kind == "lambda":
        start, end, around = scope.start, scope.end, scope.parent
    else:
        return False
    parent = call.parent
    while parent >= 0:
        outer = view.facts.calls[parent]
        if outer.start < start and outer.end >= end:
            tail = tail_of(outer.callee)
            if tail not in _LAZY:
                return keeps(outer)
            start, end = outer.start, outer.end
        parent = outer.parent
    return _is_kept(view, around, start, end) or (here.kind == "body" and stored_as(view, here.scope) is not None)


def stored_as(view: FileView, scope: int) -> Binding | None:
    """The variable of a module or class, or the attribute, that holds a function without a name, or a table of such."""
    here = view.facts.scopes[scope]
    is_shared = view.facts.scopes[here.parent].kind in {"module", "class"}
    rows = (row for row in view.facts.bindings if row.scope == here.parent and row.start < here.start)
    for row in rows:
        parts = parts_of(row.value) if is_shared or "." in row.name else ()
        if any(isinstance(part, (tuple, list)) and list(part) == ["fn", scope] for part in parts):
            return row
    return None


_CALLED_BY_FRAMEWORKS = frozenset("fetch scheduled queue email tail setup data install loader action handler".split())


def member_name(view: FileView, scope: int) -> str:
    """The name by which an object that the module holds has a function: ``export default { run() { … } }``."""
    if view.facts.scopes[scope].parent != 0:
        return ""
    for row in view.facts.bindings:
        if row.scope == 0 and isinstance(row.value, (tuple, list)) and row.value and row.value[0] == "map":
            for key, value in row.value[1]:
                if isinstance(value, (tuple, list)) and list(value) == ["fn", scope]:
                    return key if isinstance(key, str) and key not in _CALLED_BY_FRAMEWORKS else ""
    return ""


def keeps(call: Call) -> bool:
    """Whether a call keeps a function that it is handed for later. A promise runs what it is made of at once."""
    tail = tail_of(call.callee)
    return tail in _KEEPING or (tail[:1].isupper() and tail != "Promise")


def _is_kept(view: FileView, scope: int, start: int, end: int) -> bool:
    """Whether what stands at a place is returned from a scope, or stored where others find it."""
    here = view.facts.scopes[scope]
    if any(_holds(view, e, start, end) for e in here.returns):
        return True
    for binding in view.facts.bindings:
        if binding.scope == scope and here.start <= binding.start < end and _holds(view, binding.value, start, end):
            return "." in binding.name or "[]" in binding.name or any(names(e, binding.name) for e in here.returns)
    return False


def _holds(view: FileView, expr: Expr, start: int, end: int) -> bool:
    for part in parts_of(expr):
        if isinstance(part, (tuple, list)):
            row = view.facts.scopes[part[1]] if part[0] == "fn" else view.facts.calls[part[1]]
            if start <= row.start < end:
                return True
    return False


def names(expr: Expr, name: str) -> bool:
    """Whether a plain or dotted name is a part of an expression."""
    return any(part == name for part in parts_of(expr))


def parts_of(expr: Expr) -> Iterator[Expr]:
    """The names, calls and functions that an expression is put together from."""
    if isinstance(expr, str):
        yield expr
    elif isinstance(expr, (tuple, list)) and expr:
        match expr[0]:
            case "call" | "fn":
                yield expr
            case "map":
                for _, part in expr[1]:
                    yield from parts_of(part)
            case "any" | "seq" | "pipe":
                for part in expr[1]:
                    yield from parts_of(part)
            case "attr" | "item" | "entered" | "of":
                yield from parts_of(expr[1])
