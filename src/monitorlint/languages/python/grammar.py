"""The parser, and the numbers of node kinds and fields: they are asked for faster than names."""

from __future__ import annotations

from typing import Final

import tree_sitter

from monitorlint.languages.grammars import grammar

LANGUAGE: Final = tree_sitter.Language(grammar("tree_sitter_python").language())
PARSER: Final = tree_sitter.Parser(LANGUAGE)


def kind(name: str) -> int:
    """The number of a named node kind; one that no node has where the grammar does not know it."""
    number = LANGUAGE.id_for_node_kind(name, True)
    return number if number is not None else -1


def field(name: str) -> int:
    """The number of a field.

    :raises ValueError: the grammar has no such field.
    """
    number = LANGUAGE.field_id_for_name(name)
    if number is None:
        raise ValueError(name)
    return number
