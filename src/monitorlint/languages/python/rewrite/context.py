"""Which names a call's context may hold: small, not secret, and bound for certain where the call stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.languages.naming import is_client, is_identifier

if TYPE_CHECKING:
    from collections.abc import Collection

    from monitorlint.languages.python.rewrite.place import Place, Source
    from monitorlint.model.facts import Binding

MOST = 3
"""Names in one context: it is read by people, in a message that says what went wrong."""
_NOTHING = ("lit", None)
"""What a name holds that is only set up: ``x_id = None``, and what it is to be comes of the call."""
_LASTING = frozenset({"assign", "with", "for"})
"""How a name may have got the value that it has for certain; an annotation alone gives none, ``def`` no identifier."""


def context_names(place: Place, extra: Collection[str] = ()) -> tuple[str, ...]:
    """The names whose values say which call it was, in the order in which they are bound.

    :param extra: Names that the settings allow besides ``id`` and ``…_id``.
    """
    source = place.source
    found: dict[str, None] = {}
    hidden: set[str] = set()
    offset = place.start
    number = source.block_of(offset)
    innermost = True
    while number >= 0:
        scope_number = source.facts.blocks[number].scope
        scope = source.facts.scopes[scope_number]
        blocks = source.blocks_around(offset)
        bindings = _bindings(source, scope_number)
        if scope.kind != "class" or innermost:
            params = [p.name for p in scope.params if p.kind in {"", "k"}]
            known = [b for b in bindings if b.start < place.start or not innermost]
            empty = {b.name for b in known if b.value == _NOTHING} - {b.name for b in known if b.value != _NOTHING}
            certain = [b.name for b in bindings if _holds(source, b, blocks, place, innermost=innermost)]
            certain = [name for name in certain if name not in empty]
            for name in (*params, *certain):
                if name not in hidden and _may_go(source, name, extra):
                    found.setdefault(name)
            hidden.update(b.name for b in bindings)
            hidden.update(p.name for p in scope.params)
        if scope.kind == "module" or (scope.kind == "class" and innermost):
            break
        innermost = False
        offset = scope.start
        number = source.facts.scopes[scope_number].block
    gone = _deleted(place)
    return tuple(name for name in found if name not in gone)[:MOST]


def _may_go(source: Source, name: str, extra: Collection[str]) -> bool:
    # `row["x_id"] = …` and `self.x_id = …` are bindings, too.
    if not name.isidentifier():
        return False
    if name in extra:
        return True
    return is_identifier(name) and not is_client(name, source.words(None))


def _bindings(source: Source, scope: int) -> list[Binding]:
    return source.bindings_by_scope.get(scope, [])


def _holds(source: Source, binding: Binding, blocks: list[int], place: Place, *, innermost: bool) -> bool:
    """Whether a binding has taken place whenever the call is reached."""
    if binding.how not in _LASTING or binding.block not in blocks:
        return False
    if not innermost and source.facts.scopes[binding.scope].kind == "module":
        return False
    kind = source.facts.blocks[binding.block].kind
    if kind in {"comprehension", "generator"}:
        return not any(node.type == "for_in_clause" for node in place.ancestors_to_statement)
    if binding.start >= place.statement.start_byte:
        return False
    if binding.how == "assign":
        return not _is_conditional(source, binding)
    # The target of a `for` is bound in its body alone, that of a `with` may be missing where the block swallows.
    return any(node.start_byte <= binding.start < node.end_byte for node in place.ancestors if node.type in _BODIED)


_BODIED = frozenset({"for_statement", "with_statement"})


def _is_conditional(source: Source, binding: Binding) -> bool:
    """``a and (x_id := f())`` may bind nothing."""
    node = source.tree.root_node.descendant_for_byte_range(binding.start, binding.start + 1)
    while node is not None and node.type not in {"assignment", "named_expression"}:
        node = node.parent
    return node is None or node.type != "assignment"


def _deleted(place: Place) -> frozenset[str]:
    """Names that the function deletes somewhere, or declares to be another scope's."""
    function = place.function
    source = place.source
    if not source.words(function) & {"del", "global", "nonlocal"}:
        return frozenset()
    start, end = (function.start_byte, function.end_byte) if function is not None else (0, len(source.text))
    found: set[str] = set()
    for statement in re.findall(rb"\b(?:del|global|nonlocal)\b([^\n;]*)", source.text[start:end]):
        found.update(re.findall(r"\w+", statement.decode("utf-8", "replace")))
    return frozenset(found)
