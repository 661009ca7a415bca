"""The conditions that are kept: whether the program runs for those who develop it, and whether monitoring is asked for.

No other condition says anything here, and most files have none: what they are called is looked for in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_NAMED = (b"DEBUG", b"debug", b"DEV_", b"_DEV", b"dev_", b"_dev")
_IF = (b"if ", b"if(", b"elif ", b"elif(")
_LONGEST = 120
"""Bytes of a line, before such a name, that are looked at."""
_BARE = pattern(rb"if ([A-Za-z_]\w*):")
_BODY = 300
"""Bytes after such a condition in which something is to be set up."""
_SETTING_UP = (b"nstrument", b"init", b"set_up", b"setup", b"configure", b"enable")
_OFF = (b": bool = False", b"=False", b" = False", b"=None", b": bool | None = None", b": Optional[bool] = None")
"""How a parameter is written that is off."""


def tests_for_development(source: bytes) -> frozenset[int]:
    """Where the ``if`` and ``elif`` stand whose line has such a name."""
    found: set[int] = set()
    for name in _NAMED:
        at = source.find(name)
        while at >= 0:
            before = source[max(0, at - _LONGEST) : at]
            words = before[before.rfind(b"\n") + 1 :].lstrip()
            if words.startswith(_IF):
                found.add(at - len(words))
            at = source.find(name, at + len(name))
    return frozenset(found)


def tests_of_options(source: bytes) -> frozenset[int]:
    """Where the ``if`` statements stand that set something up, if a name says so that is off by default."""
    found = set()
    for match in _BARE.finditer(source):
        at, name = match.start(), match[1]
        body = source[match.end() : match.end() + _BODY]
        if any(word in body for word in _SETTING_UP) and any(name + off in source for off in _OFF):
            found.add(at)
    return frozenset(found)


def conjuncts(statement: Node) -> Iterator[Node]:
    """What must hold for the body of an ``if``: the parts of its condition between ``and``."""
    todo = [statement.child_by_field_name("condition")]
    while todo:
        node = todo.pop()
        if node is None:
            continue
        operator = node.child_by_field_name("operator") if node.type == "boolean_operator" else None
        if operator is not None and operator.type == "and":
            todo += (node.child_by_field_name("right"), node.child_by_field_name("left"))
        elif node.type == "parenthesized_expression" and node.named_children:
            todo.append(node.named_children[0])
        else:
            yield node
