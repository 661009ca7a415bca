"""Options of calls and of clients that make a monitor see the traffic."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from monitorlint.index.forms import Monitor
from monitorlint.index.values import Collected, External, Literal
from monitorlint.index.verdict import Verdict
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.catalog import Option
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.carriers import Carriers
    from monitorlint.index.project import Project
    from monitorlint.index.surroundings import Surroundings
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call


_MODEL = "model"
"""The option by which a call that needs no client is told of the model."""
_UNDER_CONDITION = "it is told so only under a condition"
# What takes spans on, or may, has some such word in the name of its package. The interface of OpenTelemetry alone, what
# asks for a provider, and what sends by itself do not: nobody is told of a span where these are all there is.
_TAKING = pattern(
    r"""["'](?!(?:@opentelemetry/(?:api|api-logs|semantic-conventions)|langfuse(?:-core|-langchain)?|@langfuse/(?:client|core|langchain|openai|tracing)"""
    r"""|posthog-(?:js|node|react-native)|rollbar|@rollbar/[\w-]+|@bugsnag/[\w-]+|@datadog/browser-[\w-]+|@sentry/(?:browser|react|vue|svelte|angular|cli|[\w-]+-plugin)"""
    r""")["'])[^"'\s]{0,80}(?:telemetry|otel|trac(?:e|ing)|observ|monitor|insight|apm|relic|datadog|sentry|rollbar|bugsnag|langfuse|langsmith"""
    r"""|langwatch|braintrust|lmnr|laminar|honeycomb|axiom|logfire|logtail|arize|phoenix|posthog|helicone|hyperdx|highlight|signoz|mlflow"""
    r"""|weave|wandb|openlit|literal|agentops|humanloop|latitude|raindrop|evlog|grafana|dynatrace|instana|splunk|opik|mastra|voltagent"""
    r"""|portkey|maxim|galileo|parea|lunary|respan|keywordsai|deepeval|patronus|baselime|uptrace|lightstep|inngest|trigger)[^"'\s]{0,80}["']\s*:"""
)


class _Place(NamedTuple):
    """A call whose arguments are looked at."""

    view: FileView
    call: Call


_Given: TypeAlias = "tuple[Expr, tuple[FileView, int, int]]"
"""An expression, and where it is read: file, scope, byte offset."""


class Options:
    """Finds the arguments by which a monitor is told of a call, or of all calls of a client."""

    def __init__(self, project: Project, carriers: Carriers, surroundings: Surroundings) -> None:
        self._project = project
        self._carriers = carriers
        self._surroundings = surroundings

    def of(self, found: FoundCall) -> Iterator[Verdict]:
        """What the options of a call, of its client and of the model that it is handed switch on."""
        own = _Place(found.view, found.view.facts.calls[found.number])
        makers = [place for place in (self._made(found.value), *self._models(own)) if place is not None]
        for option in self._project.catalogue.options:
            for place in (own,) if option.on_call else makers:
                given = list(self._given(place, option.keyword))
                perhaps = "" if given else _UNDER_CONDITION
                given = given or list(self._perhaps(place, option.keyword))
                if given and self._carriers.rows(found, option.vendor, option.group) and self._holds(given, option):
                    name = f"{option.vendor}:{option.keyword}"
                    is_lost = option.to_others and not self._is_taken_on
                    doubt = "no package that this project asks for is known to take it on" if is_lost else perhaps
                    yield Verdict(Monitor("option", option.level, name, place.view.path, place.call.row), (), doubt)

    @cached_property
    def _is_taken_on(self) -> bool:
        """Whether the project asks for a package that may take spans on."""
        return self._surroundings.asks_for(_TAKING)

    def _made(self, value: External) -> _Place | None:
        """What made the client that a value hangs on."""
        view = self._project.view(value.origin[0]) if value.origin is not None else None
        return None if value.origin is None or view is None else _Place(view, view.facts.calls[value.origin[1]])

    def _models(self, place: _Place) -> Iterator[_Place | None]:
        """What made the provider of the model that a call is handed: ``generateText({ model: provider('m') })``."""
        view, call = place
        model = call.kwargs.get(_MODEL)
        for row in view.bindings.get((view.function_of(call.scope), model), ()) if isinstance(model, str) else ():
            model = row.value if isinstance(row.value, (tuple, list)) and row.value[0] == "call" else model
        if isinstance(model, (tuple, list)) and model[0] == "call":
            # `wrapLanguageModel({ model: provider('m'), middleware })` is that model, with something before it.
            wrapped = view.facts.calls[model[1]]
            model = wrapped.kwargs.get(_MODEL, model)
        for value in self._project.resolver.resolve(model, view, call.scope, call.start):
            if isinstance(value, External):
                yield self._made(value)

    def _holds(self, given: list[_Given], option: Option) -> bool:
        if not (option.contains or option.values or option.paths or option.excluded):
            return True
        values = [v for expr, place in given for v in self._project.resolver.resolve(expr, *place)]
        if option.excluded:
            # Whatever is not known to switch it off was written to switch it on.
            return not values or any(not (isinstance(v, Literal) and v.value in option.excluded) for v in values)
        for value in values:
            if isinstance(value, Literal):
                if (option.contains and option.contains in str(value.value)) or value.value in option.values:
                    return True
            elif isinstance(value, External):
                if value.path in option.paths:
                    return True
            elif isinstance(value, Collected) and option.contains and option.contains in repr(value.expr):
                return True
        return False

    def _given(self, place: _Place, keyword: str) -> Iterator[_Given]:
        """What stands under a keyword, and where; of a dotted one, in the object that stands under its first part."""
        view, call = place
        here = (view, call.scope, call.start)
        if keyword in call.kwargs:
            yield call.kwargs[keyword], here
            return
        first, _, rest = keyword.partition(".")
        if first in call.kwargs:
            # An object that is not known may hold it.
            yield from list(self._within(call.kwargs[first], rest, here)) or [(None, here)]
            return
        # An object that is handed over by its name, and gets some of its properties later on.
        for name in (*call.args[-1:], *call.spread):
            if isinstance(name, str):
                for binding in view.bindings.get((view.function_of(call.scope), f"{name}.{keyword}"), ()):
                    yield binding.value, (view, view.facts.blocks[binding.block].scope, binding.start)
                yield from self._within(name, keyword, here)
        # `generateText({ …, ...telemetry('ask') })`
        for part in call.spread:
            if isinstance(part, (tuple, list)) and part[0] == "call":
                yield from self._within(part, keyword, here)

    def _perhaps(self, place: _Place, keyword: str) -> Iterator[_Given]:
        """What is unpacked into a call where a condition holds: ``...(telemetry ? { telemetry } : {})``."""
        view, call = place
        for part in call.spread:
            if isinstance(part, (tuple, list)) and part[0] == "any":
                for either in part[1]:
                    yield from self._within(either, keyword, (view, call.scope, call.start))

    def _within(self, expr: Expr, key: str, place: tuple[FileView, int, int]) -> Iterator[_Given]:
        """What objects that an expression may stand for hold under a key."""
        for value in self._project.resolver.resolve(expr, *place):
            there = self._project.view(value.file) if isinstance(value, Collected) else None
            if isinstance(value, Collected) and there is not None and isinstance(value.expr, tuple):
                for name, part in value.expr[1] if value.expr[0] == "map" else ():
                    inside = (there, value.scope, value.offset)
                    if name == key:
                        yield part, inside
                    elif name and key.startswith(f"{name}."):
                        # An object that is not known may hold it.
                        yield from list(self._within(part, key[len(name) + 1 :], inside)) or [(None, inside)]
