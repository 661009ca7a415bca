"""The grammars' own code, without what their packages import beside it."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def grammar(package: str) -> ModuleType:
    """What makes the languages of a grammar.

    Its package imports `importlib.resources` beside it, for queries that nobody asks for; that takes 4 ms.
    """
    found = PathFinder.find_spec(package)
    folders = found.submodule_search_locations if found is not None else None
    spec = PathFinder.find_spec(f"{package}._binding", folders) if folders else None
    if spec is None or spec.loader is None or package in sys.modules:
        return import_module(package)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
