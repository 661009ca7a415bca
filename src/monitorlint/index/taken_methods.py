"""Methods of clients that one file hands to a function of another: ``retrying(client.messages.create, …)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from monitorlint.index.modules import Modules
    from monitorlint.model.facts import FileFacts

_MAX_FILES_BETWEEN = 3
"""Files that only import the function from each other, between the one that calls it and the one that defines it."""


def takers_of_methods(
    sources: Iterable[str],
    among: Container[str],
    facts_of: Callable[[str], FileFacts | None],
    modules: Modules,
    tails: frozenset[str],
) -> set[str]:
    """The files whose functions are handed what may be a method of a client: that is called there, under another name.

    :param sources: Files that import packages of the catalogue.
    :param among: All files of the project that may be read.
    :param tails: Last names of the catalogue's calls.
    """
    found: set[str] = set()
    for path in sources:
        facts = facts_of(path)
        if facts is None:
            continue
        imports = {row.local: row.target for row in facts.imports if row.local}
        for callee in _takers(facts, imports, tails):
            root, _, rest = callee.partition(".")
            file = _defining(path, f"{imports[root]}.{rest}" if rest else imports[root], facts_of, modules)
            if file is not None and file in among:
                found.add(file)
    return found


def _takers(facts: FileFacts, imports: Container[str], tails: frozenset[str]) -> Iterator[str]:
    """What is called with such a method, of what a file imports."""
    for call in facts.calls:
        callee = call.callee
        if not isinstance(callee, str) or callee.partition(".")[0] not in imports:
            continue
        for handed in (*call.args, *call.kwargs.values()):
            if isinstance(handed, str) and handed.rpartition(".")[2] in tails and "." in handed:
                yield callee
                break


def _defining(path: str, target: str, facts_of: Callable[[str], FileFacts | None], modules: Modules) -> str | None:
    """The file of the project that defines what ``target`` names, as a file imports it; None: it is no such thing."""
    for _ in range(_MAX_FILES_BETWEEN):
        file, names = modules.find(path, target)
        if file is None or file.endswith("/"):
            return None
        if not names:
            # Of a package's, the name is that of a module as well.
            return file
        facts = facts_of(file)
        again = [row for row in facts.imports if row.local == names[0] and row.scope == 0] if facts is not None else []
        if not again:
            return file
        path, target = file, ".".join((again[0].target, *names[1:]))
    return None
