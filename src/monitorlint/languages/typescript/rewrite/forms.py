"""Which form of a helper suits a call: decided from where the call stands, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from monitorlint.languages.typescript.rewrite.captures import lost_narrowing
from monitorlint.languages.typescript.rewrite.chains import (
    PROMISE_METHODS,
    Use,
    awaited_operand,
    has_optional_step,
    links_of,
    misplaced_await,
    use_of,
)
from monitorlint.languages.typescript.rewrite.place import CLASSES, FUNCTIONS, is_async
from monitorlint.languages.typescript.rewrite.promises import SETTLING, UNWRAPPING, is_lazy, is_of, is_plain_promise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.chains import Link
    from monitorlint.languages.typescript.rewrite.names import Names
    from monitorlint.languages.typescript.rewrite.place import Place, Source
    from monitorlint.model.remedy import Remedy

_PARAMETERS = frozenset({"required_parameter", "optional_parameter"})
_DEFAULTS = frozenset({"assignment_pattern", "object_assignment_pattern"})
_UNREADABLE = ("ai",)
"""Packages whose streams are members of what their calls give, where no helper sees them."""
_HARMLESS = frozenset(
    "JSON.stringify String Number Boolean encodeURIComponent Date.now Math.random Math.round Math.floor Math.min "
    "Math.max AbortSignal.timeout AbortController Date Headers FormData URLSearchParams Map Set Array Array.from "
    "Object.fromEntries Object.entries Object.keys crypto.randomUUID".split()
) | {"new Date().toISOString", "new Date().getTime"}
"""What is called on the way to a request and does not throw as it is used there."""
_HARMLESS_METHODS = frozenset({"toString", "trim", "toLowerCase", "toUpperCase", "join"})
"""What strings, arrays and parameters of URLs are asked for, likewise."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes into a closure, or why nothing does."""

    node: Node | None
    """The expression that becomes the closure's body."""
    reason: str = ""
    """Why there is none, one line."""
    is_async: bool = False
    """The closure is an ``async`` one."""
    is_awaited: bool = False
    is_stream: bool = False
    """The helper's stream form is the one that measures the call."""
    doubt: str = ""
    """Why the rewritten code may not do or be the same, one line; ``""``: it surely does and is."""
    is_at_once: bool = False
    """There is no promise at all, so that waiting for a helper says nothing."""


def choose(place: Place, names: Names, remedy: Remedy, *, has_streams: bool) -> Choice:
    """The form for the call at ``place``.

    :param has_streams: The helper module has the stream form of the remedy's helper.
    """
    obstacle = _position(place) or _contents(place)
    if obstacle:
        return Choice(None, obstacle)
    if (other := _hands_over(place, remedy)) is not None:
        return Choice(None, f"the function is handed to {other}, which decides when it runs")
    links = links_of(place.source, place.node)
    settles = bool(links) and links[0].is_call and links[0].name in SETTLING
    if not remedy.is_async and awaited_operand(place.node) is None and not settles:
        return _synchronous(place, names, remedy, links, has_streams=has_streams)
    chosen = _waited(place, links) or _unwaited(place, names, remedy, links, has_streams=has_streams)
    if chosen.node is None:
        return chosen
    is_stream = chosen.is_stream or (remedy.stream != "no" and has_streams and not settles)
    return replace(
        chosen,
        # The stream form gives what the closure gives, which is to stay what it is.
        is_async=_awaits(chosen.node) or (chosen.is_awaited and not is_stream),
        is_stream=is_stream,
        doubt=chosen.doubt or lost_narrowing(place, names, (chosen.node,)),
    )


def _waited(place: Place, links: list[Link]) -> Choice | None:
    """The form where the call, or what is asked of it, is awaited on the spot."""
    if len(_before_promise(links)) < len(links):
        # `a?.b().then(…)` gives undefined as a whole where there is no a.
        whole = links[-1].node if has_optional_step(place.node) else None
        return Choice(whole, is_awaited=True) if whole is not None and awaited_operand(whole) is not None else None
    operand = awaited_operand(links[-1].node if links else place.node)
    return Choice(operand, is_awaited=True) if operand is not None else None


def _unwaited(place: Place, names: Names, remedy: Remedy, links: list[Link], *, has_streams: bool) -> Choice:
    """The form where the promise itself is what the program goes on with.

    The helper's plain form gives a plain promise, and turns what the arguments throw into a rejection. Where the
    program can tell, the stream form is the one: it gives and throws what the call gives and throws.
    """
    until_promise = _before_promise(links)
    last = until_promise[-1] if until_promise else None
    body = last.node if last is not None else place.node
    is_chained = len(until_promise) < len(links)
    use = Use.PROMISE if is_chained else use_of(place.source, names, body)
    is_plain = is_plain_promise(remedy.target) if last is None else last.is_call and last.name in UNWRAPPING | SETTLING
    if last is not None and not is_plain:
        return Choice(None, f"what is asked of it, {_step(last)}, needs more than a promise")
    if not is_plain and use is Use.ASKED:
        return Choice(None, "what it gives is more than a promise, and asked for more than that")
    if is_lazy(remedy.target) and not (is_chained or use is Use.AWAITED):
        return Choice(None, "it is a query that runs when it is awaited, and the helper would run it at once")
    if _awaits(body):
        leaves = use is Use.AWAITED and _leaves_at_once(place, body)
        reason = "its arguments await something, and the call itself is not awaited"
        return Choice(body) if leaves else Choice(None, reason)
    visible = has_optional_step(body) and (is_chained or use not in {Use.AWAITED, Use.DROPPED})
    if visible and not has_streams:
        return Choice(None, "where the chain stops short it gives undefined, and would give a promise")
    richer = not is_plain and use in {Use.RETURNED, Use.PASSED, Use.KEPT}
    throws = use is not Use.AWAITED and _may_throw(place, links)
    # `json()` gets its type from where its promise goes to; the plain form's type is in between.
    inferred = last is not None and last.name == "json" and place.source.is_typed
    if has_streams:
        return Choice(body, is_stream=visible or richer or throws or inferred)
    doubts = (
        (richer, "what it gives may be more than a promise, and the helper's is none"),
        (throws, "what its arguments throw would be a rejection"),
        (inferred, "its type may be inferred from where it goes to"),
    )
    return Choice(body, doubt=next((doubt for holds, doubt in doubts if holds), ""))


def _synchronous(place: Place, names: Names, remedy: Remedy, links: list[Link], *, has_streams: bool) -> Choice:
    """The form for a call that gives its result at once, and works on behind it."""
    if remedy.stream == "no" or links or not has_streams or is_of(remedy.target, _UNREADABLE):
        reason = "it gives its result at once, and no promise that a helper could wait for"
        return Choice(None, reason, is_at_once=True)
    if _awaits(place.node):
        return Choice(None, "it gives its result at once, and its arguments await something", is_at_once=True)
    return Choice(place.node, is_stream=True, doubt=lost_narrowing(place, names, (place.node,)))


def _may_throw(place: Place, links: list[Link]) -> bool:
    """The arguments call something that may throw before there is a promise."""
    own = {place.node, *(link.node for link in links)}
    for node in own_nodes(place.node):
        if node.type == "new_expression":
            constructor = node.child_by_field_name("constructor")
            if constructor is None or place.source.text_of(constructor) not in _HARMLESS:
                return True
        elif node.type == "call_expression" and node not in own:
            function = node.child_by_field_name("function")
            if function is None or not _is_harmless(place.source, function):
                return True
    return False


def _is_harmless(source: Source, function: Node) -> bool:
    """What is called throws nothing; where the compiler reads the file, what is asked for its text is there."""
    if source.text_of(function) in _HARMLESS:
        return True
    named = function.child_by_field_name("property") if function.type == "member_expression" else None
    return source.is_typed and named is not None and source.text_of(named) in _HARMLESS_METHODS


def _before_promise(links: list[Link]) -> list[Link]:
    """The steps before the first that every promise has."""
    found: list[Link] = []
    for link in links:
        if link.is_call and link.name in PROMISE_METHODS:
            break
        found.append(link)
    return found


def _step(link: Link) -> str:
    return f".{link.name}{'()' if link.is_call else ''}" if link.name else "a call"


def _position(place: Place) -> str:
    """Why no closure may stand where the call does; ``""`` when one may."""
    for node, parent in pairwise((place.node, *place.ancestors)):
        kind = parent.type
        if kind == "decorator":
            return "it stands in a decorator, which is evaluated when the class is made"
        if kind in _PARAMETERS and parent.child_by_field_name("value") == node:
            return "it stands in a parameter's default value"
        if kind in _DEFAULTS and parent.child_by_field_name("right") == node and _is_parameter(parent):
            return "it stands in a parameter's default value"
        if kind == "enum_assignment":
            return "it stands in an enumeration"
        if kind == "public_field_definition" and parent.child_by_field_name("value") == node:
            return "it stands in the initial value of a class field"
        if kind == "class_heritage":
            return "it stands in the head of a class"
        if kind == "new_expression" and parent.child_by_field_name("constructor") == node:
            return "what it gives is constructed"
        if kind in {*FUNCTIONS, *CLASSES}:
            break
    if place.node.type == "new_expression":
        return "it gives an object, and no promise that a helper could wait for"
    return ""


def _is_parameter(pattern: Node) -> bool:
    node: Node | None = pattern
    while node is not None and node.type.endswith("pattern"):
        node = node.parent
    return node is not None and node.type in _PARAMETERS


def _contents(place: Place) -> str:
    """Why the call cannot become the body of a closure; ``""`` when it can."""
    for node in own_nodes(place.node):
        if node.type == "yield_expression":
            return "its arguments yield, which a closure cannot"
    return ""


def own_nodes(node: Node) -> Iterator[Node]:
    """A node and those in it, outside of functions and classes within it."""
    todo = [node]
    while todo:
        current = todo.pop()
        yield current
        if current is node or current.type not in {*FUNCTIONS, *CLASSES}:
            todo.extend(current.named_children)


def _awaits(node: Node) -> bool:
    """Something within the closure is awaited; an ``await`` in front of it stays outside."""
    outside = misplaced_await(node)
    return any(n.type == "await_expression" and n != outside for n in own_nodes(node))


def _hands_over(place: Place, remedy: Remedy) -> str | None:
    """What the function is handed to, where it is an argument and not called: ``retry(client.create)``."""
    source = place.source
    tail = remedy.target.rpartition(".")[2]
    function = place.node.child_by_field_name("function")
    arguments = place.node.child_by_field_name("arguments")
    if function is None or arguments is None or source.text_of(function).rpartition(".")[2] == tail:
        return None
    for child in arguments.named_children:
        if child.type in {"identifier", "member_expression"} and source.text_of(child).rpartition(".")[2] == tail:
            return f"{source.text_of(function)}()"
    return None


def _leaves_at_once(place: Place, node: Node) -> bool:
    """The function is done with this value: nothing of it runs, or catches, while the arguments are awaited."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    if parent is None or parent.type not in {"return_statement", "arrow_function"}:
        return False
    for around in place.ancestors:
        if around.type in FUNCTIONS:
            return is_async(around)
        if around.type == "try_statement":
            return False
    return False
