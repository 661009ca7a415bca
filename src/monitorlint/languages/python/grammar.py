"""The parser, and the numbers of node kinds and fields: they are asked for faster than names."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING, Final

import tree_sitter

if TYPE_CHECKING:
    from types import ModuleType


def _binding() -> ModuleType:
    """The grammar's own code. Its package imports `importlib.resources` beside it, for queries that nobody asks for."""
    package = PathFinder.find_spec("tree_sitter_python")
    folders = package.submodule_search_locations if package is not None else None
    spec = PathFinder.find_spec("tree_sitter_python._binding", folders) if folders else None
    if spec is None or spec.loader is None or "tree_sitter_python" in sys.modules:
        import tree_sitter_python  # noqa: PLC0415

        return tree_sitter_python
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LANGUAGE: Final = tree_sitter.Language(_binding().language())
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
