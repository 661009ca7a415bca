"""Calls in modules of Nuxt's, which run while the application is built, or begins to be developed."""

from __future__ import annotations

from typing import Final

from monitorlint.index.calls import FoundCall
from monitorlint.index.forms import Monitor
from monitorlint.index.verdict import Verdict
from monitorlint.model.site import Level

_MAKING: Final = frozenset({"defineNuxtModule"})


class BuildModules:
    """Tells whether a call stands in what such a module is made of."""

    def of(self, found: FoundCall) -> Verdict:
        """Whoever builds the application, who sees that."""
        view, call = found.view, found.view.facts.calls[found.number]
        made = (view.facts.calls[number] for tail in _MAKING for number in view.calls_by_tail.get(tail, ()))
        if not any(one.start < call.start and call.end <= one.end for one in made):
            return Verdict(None)
        monitor = Monitor("callers", Level.ERRORS, "whoever builds it", view.path, call.row)
        return Verdict(monitor, (), "it runs while the application is built", by_hand=True)
