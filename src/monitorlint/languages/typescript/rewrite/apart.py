"""Functions that run without what their file imports: as text that is handed on, or in a runtime of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.typescript.rewrite.place import FUNCTIONS, name_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.names import Names
    from monitorlint.languages.typescript.rewrite.place import Source

_AS_TEXT: Final = "the text of the function is handed on, and what runs it has no imports of this file"
_DIRECTIVES: Final = {
    "worklet": "the function is a worklet: it runs in a runtime that has no imports of this file",
    "use workflow": "the function is a workflow, which is replayed where no module of Node can be loaded",
}
_ANIMATING: Final = frozenset(
    "runOnUI runOnRuntime scheduleOnUI useAnimatedStyle useAnimatedProps useDerivedValue useAnimatedScrollHandler "
    "useAnimatedReaction useFrameCallback useFrameProcessor useSkiaFrameProcessor".split()
)
"""What runs as a worklet the function that it is handed."""
_WORKERS: Final = frozenset(("useWorker", "useWebWorkerFn", "workerize", "greenlet"))
"""What makes a worker of the text of a function."""
_BRACKETS: Final = frozenset({"parenthesized_expression", "as_expression", "non_null_expression"})


def reason_at(source: Source, names: Names, offset: int) -> str:
    """Why no helper can be called at a byte offset, as one line; ``""`` when one can."""
    node = source.tree.root_node.descendant_for_byte_range(offset, offset + 1)
    while node is not None:
        if node.type in FUNCTIONS and (reason := _reason_of(source, names, node)):
            return reason
        node = node.parent
    return ""


def handing_call(source: Source, offset: int) -> str:
    """The call around a place that is handed a function with it, without its arguments; ``""``: none is."""
    node = source.tree.root_node.descendant_for_byte_range(offset, offset + 1)
    found = ""
    while node is not None:
        call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
        callee = call.child_by_field_name("function") if call is not None else None
        if callee is not None and node.type in FUNCTIONS:
            found = source.text_of(callee)
        node = node.parent
    return found


def _reason_of(source: Source, names: Names, function: Node) -> str:
    directive = directive_of(source, function)
    if directive in _DIRECTIVES:
        return _DIRECTIVES[directive]
    if _is_text(source, function):
        return _AS_TEXT
    given_to = _given_to(source, function)
    if given_to in _ANIMATING:
        return _DIRECTIVES["worklet"]
    if given_to in _WORKERS:
        return _AS_TEXT
    name = name_of(source, function)
    if name and any(_is_use(source, names, node, function) for node in source.occurrences(name)):
        return _AS_TEXT
    return ""


def directive_of(source: Source, function: Node) -> str:
    """The directive that a function begins with."""
    body = function.child_by_field_name("body")
    first = next((n for n in body.named_children if n.type != "comment"), None) if body is not None else None
    if body is None or body.type != "statement_block" or first is None or first.type != "expression_statement":
        return ""
    value = first.named_children[0]
    return source.text_of(value)[1:-1] if value.type == "string" else ""


def _is_text(source: Source, node: Node) -> bool:
    """The text of what a node stands for is asked for: ``f.toString()``, ``String(f)``, ``${f}``."""
    parent = node.parent
    while parent is not None and parent.type in _BRACKETS:
        node, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type == "member_expression":
        asked = parent.child_by_field_name("property")
        return (
            parent.child_by_field_name("object") == node and asked is not None and source.text_of(asked) == "toString"
        )
    return parent.type == "template_substitution" or (
        parent.type == "arguments" and _given_to(source, node) in {"String", *_WORKERS}
    )


def _is_use(source: Source, names: Names, node: Node, function: Node) -> bool:
    """The text of just this function is asked for by its name, or a worker is made of it."""
    if node.type != "identifier" or not _is_text(source, node):
        return False
    bindings = names.resolve(source.text_of(node), node)
    return any(
        b.owner.start_byte <= function.start_byte and function.end_byte <= b.owner.end_byte and b.how != "param"
        for b in bindings
    )


def _given_to(source: Source, node: Node) -> str:
    """The last name of what is called with a node among its arguments."""
    parent = node.parent
    call = parent.parent if parent is not None and parent.type == "arguments" else None
    callee = call.child_by_field_name("function") if call is not None else None
    return source.text_of(callee).rpartition(".")[2] if callee is not None else ""
