"""Which names a call's context may hold: small, not secret, and bound for certain where the call stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.naming import is_client, is_identifier
from monitorlint.languages.typescript.rewrite.apart import directive_of
from monitorlint.languages.typescript.rewrite.operations import operation_of
from monitorlint.languages.typescript.rewrite.place import FUNCTIONS, LISTS
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.names import Binding, Names
    from monitorlint.languages.typescript.rewrite.place import Place, Source

_TIMERS: Final = frozenset(
    ("setTimeout", "setInterval", "setImmediate", "requestAnimationFrame", "requestIdleCallback")
)
_HOOK: Final = pattern(r"(?:^|\.)use[A-Z]\w*$")
_READING: Final = frozenset({"identifier", "shorthand_property_identifier"})
MOST: Final = 3
"""Names in one context: it is read by people, in a message that says what went wrong."""


def identifiers_of(source: Source, extra: Collection[str] = ()) -> tuple[str, ...]:
    """The words of a file that a context may hold.

    :param extra: Names that the settings allow besides ``id`` and ``…Id``.
    """
    words = source.words(None)
    return tuple(
        w for w in words if w.isidentifier() and (w in extra or (is_identifier(w) and not is_client(w, words)))
    )


def context_names(place: Place, names: Names, words: Iterable[str]) -> tuple[str, ...]:
    """The names whose values say which call it was: those of the innermost function first.

    What is bound further out than the function that monitoring knows the call by (the state of a component, around its
    handlers) says so only where that function reads it.

    :param words: What :func:`identifiers_of` gave for the file.
    """
    found: list[tuple[int, int, str]] = []
    for word in words:
        bindings = names.resolve(word, place.node)
        if len(bindings) == 1 and _holds(place, bindings[0]) and not _is_empty(place, names, bindings[0]):
            function = _function_of(bindings[0])
            if _is_captured_anew(place, names, word, function) or _is_of_others(place, names, word, function):
                continue
            found.append((-(function.start_byte if function is not None else -1), bindings[0].node.start_byte, word))
    return tuple(word for _, _, word in sorted(found))[:MOST]


def context_text(names: tuple[str, ...]) -> str:
    """The names as an object literal."""
    return "{ " + ", ".join(names) + " }" if names else "{}"


def _function_of(binding: Binding) -> Node | None:
    node: Node | None = binding.scope
    while node is not None and node.type not in FUNCTIONS:
        node = node.parent
    return node


def _is_captured_anew(place: Place, names: Names, word: str, outer: Node | None) -> bool:
    """A function for which it matters what it reads from outside does not read the name yet.

    What a hook of React is handed depends on what it reads; a server action sends that along, and `use cache` makes a
    key of it.
    """
    for node in place.ancestors:
        if node == outer:
            return False
        if node.type not in FUNCTIONS or _reads(place, names, word, node):
            continue
        if directive_of(place.source, node).startswith("use ") and directive_of(place.source, node) != "use strict":
            return True
        around = node.parent
        while around is not None and around.type in {"pair", "object"}:
            around = around.parent
        call = around.parent if around is not None and around.type == "arguments" else None
        callee = call.child_by_field_name("function") if call is not None else None
        if callee is not None and _HOOK.search(place.source.text_of(callee)):
            return True
    return False


def _is_of_others(place: Place, names: Names, word: str, outer: Node | None) -> bool:
    """The name is bound around the function that the call is known by, or around a handler, which does not read it."""
    named = operation_of(place)[1]
    known_by = next((n for n in place.ancestors if n == named or _is_handler(n)), None)
    if known_by is None or outer is None or outer not in place.ancestors:
        return False
    return outer.start_byte < known_by.start_byte and not _reads(place, names, word, known_by)


def _is_handler(node: Node) -> bool:
    """The function is given to an element: ``onClick={() => …}``."""
    return node.type in FUNCTIONS and node.parent is not None and node.parent.type == "jsx_expression"


def _reads(place: Place, names: Names, word: str, function: Node) -> bool:
    """Whether a function reads what the name means where the call stands: ``data.userId`` reads another one."""
    meant = names.resolve(word, place.node)
    return any(
        node.type in _READING and names.resolve(word, node) == meant
        for node in place.source.occurrences(word, function.start_byte, function.end_byte)
    )


def _is_empty(place: Place, names: Names, binding: Binding) -> bool:
    """The value says nothing of the call: there is none yet, or it is a timer."""
    value = binding.owner.child_by_field_name("value")
    if value is None or binding.how not in {"const", "let", "var"}:
        return False
    if value.type in {"null", "undefined"}:
        return all(writing.node.start_byte > place.start for writing in names.writings(binding))
    return _is_timer(place.source, value)


def _is_timer(source: Source, value: Node) -> bool:
    """``const id = setTimeout(…)``: an object in Node, and in no case one that says which call it was."""
    function = value.child_by_field_name("function")
    return function is not None and source.text_of(function).rpartition(".")[2] in _TIMERS


def _holds(place: Place, binding: Binding) -> bool:
    """Whether a binding has certainly got its value when the call is reached."""
    owner, start = binding.owner, place.start
    outer = _function_of(binding)
    if binding.how == "param":
        parameters = binding.scope.child_by_field_name("parameters")
        return parameters is None or not parameters.start_byte <= start < parameters.end_byte
    if outer is None and place.function is not None:
        return False
    if owner.type == "for_in_statement":
        body = owner.child_by_field_name("body")
        return body is not None and body.start_byte <= start < body.end_byte
    value = owner.child_by_field_name("value")
    if binding.how not in {"const", "let", "var"} or value is None or value.type in FUNCTIONS:
        return False
    declaration = owner.parent
    around = declaration.parent if declaration is not None else None
    if declaration is None or around is None or declaration.end_byte > place.statement.start_byte:
        return False
    if around.type == "export_statement":
        around = around.parent
    is_around = around is not None and around in place.ancestors
    if not is_around or around is None or (around.type not in LISTS and around.type != "for_statement"):
        return False
    # A function declaration may be called before the line that binds the name.
    between = [
        n for n in place.ancestors if n.type in FUNCTIONS and outer is not None and n.start_byte > outer.start_byte
    ]
    return not any(node.type.endswith("function_declaration") for node in between)
