"""Gateways that a client's calls of models go through, by the names of the settings that say where they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Literal
from monitorlint.index.verdict import Verdict
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.calls import FoundCall
    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

_KEYWORDS = ("base_url", "api_base", "openai_api_base", "anthropic_api_url", "endpoint", "azure_endpoint", "provider")
# Products that record what passes through them, and what teams call one of their own.
_GATEWAY = pattern(
    r"gateway|litellm_?(?:proxy|base|url|host|api)|helicone|portkey|openpipe|(?:llm|ai|model)_?proxy", re.IGNORECASE
)
# Of these alone it is known that models stand behind them, where a plain HTTP client asks.
_OF_MODELS = pattern(r"litellm|helicone|portkey|openpipe|(?:llm|ai|model)s?_?(?:proxy|gateway)", re.IGNORECASE)
MAX_NAMES = 3
"""Names that stand for other names are followed this far."""


class Gateways:
    """Tells whether a client's address is that of a gateway, as far as names tell.

    A gateway may record what passes through it. Whether it does is set up outside the code, so nothing is proved.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, found: FoundCall) -> Verdict:
        """What may monitor a call of a model on its way; one by hand, over HTTP, too."""
        origin = found.value.origin
        named = {"ai": _GATEWAY, "http": _OF_MODELS}.get(found.match.entry.kind)
        view = self._project.view(origin[0]) if origin is not None and named is not None else None
        if origin is None or named is None or view is None:
            return Verdict(None)
        made = view.facts.calls[origin[1]]
        for keyword in _KEYWORDS:
            for word in self._words(made.kwargs.get(keyword), view, made.scope, made.start, MAX_NAMES):
                if named.search(word):
                    monitor = Monitor("option", Level.TRACED, keyword, view.path, made.row)
                    return Verdict(
                        monitor, (), f"{view.path}:{made.row + 1} sends it through {word}, which may record it"
                    )
        return Verdict(None)

    def _words(self, expr: Expr, view: FileView, scope: int, offset: int, left: int) -> Iterator[str]:
        """The names and texts that an address is made of."""
        if isinstance(expr, str):
            yield expr.rpartition(".")[2]
            for value in self._project.resolver.resolve(expr, view, scope, offset):
                if isinstance(value, Literal) and isinstance(value.value, str):
                    yield value.value
            for row in view.bindings.get((view.function_of(scope), expr), ()) if left else ():
                yield from self._words(row.value, view, scope, row.start, left - 1)
        elif isinstance(expr, (tuple, list)) and expr:
            if expr[0] == "lit" and isinstance(expr[1], str):
                yield expr[1]
            elif expr[0] == "any":
                for part in expr[1]:
                    yield from self._words(part, view, scope, offset, left)
            elif expr[0] == "call" and left:
                call = view.facts.calls[expr[1]]
                if isinstance(call.callee, str):
                    yield call.callee.rpartition(".")[2]
                # `os.getenv("AI_GATEWAY_URL")`, `OpenAIProvider(base_url=settings.ai_gateway_url)`
                for part in (*call.args, *(call.kwargs[k] for k in _KEYWORDS if k in call.kwargs)):
                    yield from self._words(part, view, scope, call.start, left - 1)
