"""Which calls leave the project: the sites."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from monitorlint.catalog.rows import SITE_KINDS
from monitorlint.index.chosen import is_chosen
from monitorlint.index.forwarders import FORWARDERS
from monitorlint.index.local_urls import is_local
from monitorlint.index.values import Collected, External, Literal
from monitorlint.index.view import tail_of
from monitorlint.model.facts import CallFlag
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from monitorlint.catalog import CallMatch, Condition
    from monitorlint.index.project import Project
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_CLIENTS = (["ky"], ["axios"], ["api"], ["http"], ["client"], ["fetcher"], ["session"])
"""Nobody calls a dictionary so."""


_FETCHES = frozenset({"fetchImpl", "fetchFn", "fetcher", "fetchFunction", "customFetch", "doFetch"})
"""What the options of a function call the ``fetch`` that it is to use."""

_TAKING_SPANS: Final = ("Exporter", "SpanProcessor")
_HOLDING_EXPORTERS: Final = frozenset({"BatchSpanProcessor", "SimpleSpanProcessor"})


class FoundCall(NamedTuple):
    """A call that leaves the project, and what it is known by."""

    view: FileView
    number: int
    """Number of the call in its file's facts."""
    match: CallMatch
    value: External
    certain: bool
    """Every possibility that is known agrees."""
    forwarded: bool
    """The function is handed over here, not called."""


def find_calls(
    project: Project, view: FileView, among: Iterable[int] | None = None, *, kinds: Iterable[str] = SITE_KINDS
) -> Iterator[FoundCall]:
    """The calls of one file that leave the project, in source order.

    :param among: Numbers of the calls to look at; None: all.
    :param kinds: The kinds that matter: a call whose last name is known for others only is not looked at.
    """
    tails, words = project.catalogue.tails_of(frozenset(kinds)), project.catalogue.takes_words
    aliases, instances = view.aliases(tails), project.calls_instances
    for number in range(len(view.facts.calls)) if among is None else among:
        call = view.facts.calls[number]
        if call.flags & CallFlag.DECORATOR:
            continue
        callee = call.callee
        tail = tail_of(callee)
        if (
            (tail in tails and (words or not _is_lookup(call, tail)))
            or (
                (tail in aliases or tail in _FETCHES)
                and isinstance(callee, str)
                and _may_be_alias(view, callee, call.scope, tails)
            )
            or (instances and (tail in view.holders or not tail) and _may_be_instance(view, call))
            # `require("node-fetch")(url)`
            or (not isinstance(callee, str) and callee is not None and callee[0] == "module")
            or is_chosen(view, callee)
        ):
            found = _matching(project, view, number, project.resolver.callee(view, number), called=True)
            if found is not None:
                yield found
                continue
        if tail in FORWARDERS:
            found = _forwarded(project, view, number, call, FORWARDERS[tail], tails)
            if found is not None:
                yield found


def _may_be_alias(view: FileView, name: str, scope: int, tails: frozenset[str]) -> bool:
    """Whether a name (or attribute of self) may stand for a call of the catalogue: told with nothing resolved."""
    first, _, rest = name.partition(".")
    if rest:
        owner = view.instance_of(scope, first) if "." not in rest else None
        rows = view.members.get(owner, {}).get(rest, ()) if owner is not None else ()
        values = [row.value for row in rows if row.how != "def"]
        if any(tail_of(value) in tails or is_chosen(view, value) for value in values):
            return True
        if any(isinstance(value, str) and value in view.parameters for value in values):
            return True
        # `options.fetchImpl`, which its type says is `fetch`
        last = rest.rpartition(".")[2]
        return owner is None and (last in _FETCHES or last in view.typed_calls(tails))
    while scope >= 0:
        here = view.facts.scopes[scope]
        rows = view.bindings.get((scope, name), ())
        values = [row.value for row in rows if row.how != "def"]
        if any(tail_of(value) in tails or isinstance(value, (tuple, list)) for value in values):
            return True
        if any(row.target.rpartition(".")[2] in tails for row in view.imports.get((scope, name), ())):
            return True
        if any(param.name == name for param in here.params):
            return True
        scope = here.parent
    return False


def _may_be_instance(view: FileView, call: Call) -> bool:
    """Whether what is called may be an instance: ``chain = LLMChain(…); chain(x)``, ``self.predict(x)``."""
    if not isinstance(call.callee, str):
        # `LM("m")(x)`
        return call.callee is not None and call.callee[0] == "call"
    first, _, rest = call.callee.partition(".")
    if "." in rest:
        return False
    if rest:
        owner = view.instance_of(call.scope, first)
        rows = view.members.get(owner, {}).get(rest, ()) if owner is not None else ()
        return any(row.how != "def" and not isinstance(row.value, str) for row in rows)
    scope = call.scope
    while scope >= 0:
        rows = view.bindings.get((scope, first), ())
        if rows:
            return any(row.how != "def" and isinstance(row.value, (tuple, list)) for row in rows)
        scope = view.facts.scopes[scope].parent
    return False


def _is_lookup(call: Call, tail: str) -> bool:
    """``d.get("key")`` and ``d.get(key, default)`` are no requests: told by the arguments, with nothing resolved."""
    if tail != "get" or not isinstance(call.callee, str):
        return False
    if len(call.args) >= 2 and not call.kwargs:
        second = call.args[1]
        return not (isinstance(second, str) and "param" in second.lower())
    if call.callee.split(".")[-2:-1] in _CLIENTS:
        return False
    first = call.args[0] if call.args else None
    if isinstance(first, (tuple, list)) and first and first[0] == "lit" and isinstance(first[1], str):
        text = first[1]
        return "/" not in text and "." not in text and ":" not in text
    return False


def _forwarded(
    project: Project, view: FileView, number: int, call: Call, position: int, tails: Collection[str]
) -> FoundCall | None:
    expr: Expr = call.args[position] if position < len(call.args) else call.kwargs.get("func") or call.kwargs.get("fn")
    if not isinstance(expr, str) and not (expr and expr[0] == "attr"):
        return None
    if tail_of(expr) not in tails:
        return None
    # `session.request = partial(session.request, timeout=10)`: called is what has that name, elsewhere.
    if any(b.name == expr and b.value in (("call", number), ["call", number]) for b in view.facts.bindings):
        return None
    values = project.resolver.resolve(expr, view, call.scope, call.start)
    return _matching(project, view, number, values, called=False)


def _matching(project: Project, view: FileView, number: int, values: Values, *, called: bool) -> FoundCall | None:
    hits: list[tuple[str, CallMatch, External]] = []
    others = 0
    for value in values:
        if not isinstance(value, External):
            others += not isinstance(value, Literal)
            continue
        match = project.catalogue.match_call(value.path)
        if match is None:
            others += 1
        else:
            holding = (m for m in (match, *match.alternatives) if _holds(project, view, number, m, value))
            hits.extend((value.path, m, value) for m in islice(holding, 1))
    if not hits:
        return None
    hits.sort(key=lambda h: (not h[2].tags, len(h[0]), h[0]))
    _, match, value = hits[0]
    if match.entry.kind == "http" and is_local(view, view.facts.calls[number], lambda: project.beside(view.path)):
        return None
    return FoundCall(view, number, match, value, others == 0, not called)


def _holds(project: Project, view: FileView, number: int, match: CallMatch, value: External) -> bool:
    """Whether the conditions that the catalogue sets on the client, and on the call, hold."""
    if not match.when and not match.unless:
        return True
    made = value.origin if match.client else (view.path, number)
    return not any(_asked(project, view, number, made, c) is True for c in match.unless) and all(
        _asked(project, view, number, made, c) is True for c in match.when
    )


def _asked(
    project: Project, view: FileView, number: int, made: tuple[str, int] | None, condition: Condition
) -> bool | None:
    """Whether a condition holds for what it asks about: the call, or what made its client."""
    place = (view.path, number) if condition.on_call else made
    there = project.view(place[0]) if place is not None else None
    if place is None or there is None:
        return None
    return condition_holds(project, there, there.facts.calls[place[1]], condition)


def may_hold(project: Project, view: FileView, call: Call, part: Expr, keyword: str) -> bool:
    """Whether what is unpacked into a call may hold a keyword: not where all that it can be is written out."""
    if not keyword or part is None:
        return True
    if isinstance(part, str):
        values = project.resolver.resolve(part, view, call.scope, call.start)
        is_known = bool(values) and not added_later(view, part, (keyword,))
        return not is_known or any(not isinstance(v, Collected) or _names(v.expr, keyword) for v in values)
    if part[0] == "any":
        return any(may_hold(project, view, call, other, keyword) for other in part[1])
    if part[0] == "call" and tail_of(view.facts.calls[part[1]].callee) == "freeze":
        return any(may_hold(project, view, call, frozen, keyword) for frozen in view.facts.calls[part[1]].args)
    if part[0] == "call":
        values = project.resolver.resolve(part, view, call.scope, call.start)
        return not values or any(not isinstance(v, Collected) or _names(v.expr, keyword) for v in values)
    return part[0] != "lit" and _names(part, keyword)


def _names(expr: Expr, keyword: str) -> bool:
    """Whether a literal of a mapping has a key, or may have it."""
    if not isinstance(expr, (tuple, list)) or expr[0] != "map":
        return True
    return any(key in {"", "**", keyword, keyword.partition(".")[0]} for key, _ in expr[1])


def added_later(view: FileView, expr: Expr, keywords: Collection[str]) -> bool:
    """``kwargs["timeout"] = 5``, or anything else that the dict gets after its literal."""
    if not isinstance(expr, str):
        return False
    written = any(
        b.name.startswith(f"{expr}[]") and b.name[len(expr) + 2 :] in {"", *keywords} for b in view.facts.bindings
    )
    return written or any(c.callee == f"{expr}.update" for c in view.facts.calls)


def _is_off(expr: Expr) -> bool:
    """Whether an argument says no more than one that is left out: ``exc_info=False``."""
    return isinstance(expr, (tuple, list)) and expr[0] == "lit" and (expr[1] is False or expr[1] is None)


def condition_holds(project: Project, view: FileView, call: Call, condition: Condition) -> bool | None:
    """Whether a condition on a call's argument holds; None where it is not decidable."""
    if condition.beside:
        return _takes_spans_on(project, view) in condition.beside
    if condition.on_maker:
        made = call.callee[1] if isinstance(call.callee, (tuple, list)) and call.callee[0] == "attr" else None
        if not isinstance(made, (tuple, list)) or made[0] != "call":
            return None
        call = view.facts.calls[made[1]]
    expr: Expr = call.kwargs.get(condition.keyword) if condition.keyword else None
    given = bool(condition.keyword) and condition.keyword in call.kwargs
    if not given and condition.argument is not None and condition.argument < len(call.args):
        expr, given = call.args[condition.argument], True
    if not given:
        may_be_there = any(may_hold(project, view, call, part, condition.keyword) for part in call.spread)
        return None if may_be_there else False
    if not condition.values and not condition.paths:
        return not _is_off(expr)
    values = project.resolver.resolve(expr, view, call.scope, call.start)
    if not values:
        return None
    for value in values:
        if isinstance(value, Literal) and (
            value.value in condition.values or (value.value is None and "None" in condition.paths)
        ):
            return True
        if isinstance(value, External) and value.path in condition.paths:
            return True
    return False


def _takes_spans_on(project: Project, view: FileView) -> str:
    """The one thing that a file makes which takes spans on: an exporter, or a processor of spans with one inside.

    ``""``: there is none, or there are several.
    """
    made: set[str] = set()
    for tail in view.calls_by_tail:
        if tail.endswith(_TAKING_SPANS) and tail not in _HOLDING_EXPORTERS:
            for number in view.calls_by_tail[tail]:
                values = project.resolver.callee(view, number)
                made.update(f"{project.catalogue.reduce(v.path)}()" for v in values if isinstance(v, External))
    return made.pop() if len(made) == 1 else ""
