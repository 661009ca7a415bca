"""What ``prompt | model | parser`` is: the parts of a chain as one thing that is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import External

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.catalog import Catalogue
    from monitorlint.index.values import Values

RUNNABLE = "langchain_core.runnables.RunnableSequence()"


def composed(catalogue: Catalogue, parts: Iterable[Values]) -> Values:
    """The chain that some parts make: one with a model of LangChain in it; empty where there is none."""
    for values in parts:
        for value in values:
            if isinstance(value, External):
                client = catalogue.client(value.path)
                if client is not None and client.entry.provider == "langchain":
                    return (External(RUNNABLE, value.origin, value.tags),)
    return ()
