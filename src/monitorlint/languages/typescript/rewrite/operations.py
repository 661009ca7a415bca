"""The name under which monitoring knows a place, and the function that gives it.

That is the nearest function that somebody has named. Functions that are handed over have no name of their own: what
receives what is made of them has one (``const removeUser = useMutation({ mutationFn: async () => … })``,
``const load = useCallback(async () => …)``, ``users: procedure.query(async () => …)``). In a function that runs, a
constant more often holds a *result* (``const users = await Promise.all(ids.map(async (id) => …))``), so that it counts
there only where the call is known to make a function of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.naming import STEPS, snake_case, without_noun
from monitorlint.languages.typescript.rewrite.place import CALLS, CLASSES, FUNCTIONS, name_of, named_by, word_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Place, Source

_OPTIONS: Final = frozenset("queryFn mutationFn fetcher callback cb fn func handler".split())
"""What libraries call a function that they are handed: TanStack Query, SWR, and the rest."""
_GROUPS: Final = ("queries", "mutations", "options", "config", "defaultOptions")
_MEMBERS: Final = frozenset({*_OPTIONS, *"execute run resolve handle perform".split(), *_GROUPS})
"""What they call the one function of an object besides: the AI SDK, GraphQL, Trigger.dev."""
_EVENT: Final = pattern(r"on[A-Z]\w*")
_MAKES: Final = pattern(
    r"use[A-Z]\w*|(?:create|make|define|build|with|wrap|debounce|throttle|memo|cache|once|async|safe|catch)[\w$]*"
    r"|tool|task|action|query|mutation|procedure|subscription|handler|fn|\w+(?:Handler|Action|Procedure|Callback)"
)
"""Calls that make a function, or an object that holds one, of a function."""
_AT_ONCE: Final = frozenset(
    (
        *("map", "flatMap", "forEach", "filter", "find", "findIndex", "some", "every", "reduce", "reduceRight", "sort"),
        *("from", "then", "catch", "finally", "all", "allSettled", "race", "any", "Promise", "apply", "call"),
        *("setTimeout", "setInterval", "setImmediate", "requestAnimationFrame", "requestIdleCallback", "nextTick"),
        *("on", "once", "off", "subscribe", "addEventListener", "addListener", "listen", "watch", "observe"),
        *("useEffect", "useLayoutEffect", "useInsertionEffect", "useMemo", "transaction", "$transaction", "startSpan"),
    )
)
"""Calls whose result is not the function that they are handed: what it answers, or a timer, or an end of listening."""
_PASSED: Final = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "object", "array"}
)


def operation_of(place: Place) -> tuple[str, Node | None]:
    """The name in snake_case, and the function that it is the name of; where none has one, the file's stem and None."""
    source = place.source
    option: tuple[str, Node] | None = None
    for node in place.ancestors:
        if node.type not in FUNCTIONS:
            continue
        name = name_of(source, node)
        if name and (_is_method(node) or not _says_nothing(name, node)):
            return snake_case(name), node
        received = _received(source, node)
        if received:
            return received, node
        if name and option is None:
            option = snake_case(name), node
    if option is not None:
        return option
    parts = source.path.split("/")
    stem = parts[-1].partition(".")[0] or parts[-1]
    if stem == "index" and len(parts) > 1:
        stem = parts[-2]
    return snake_case(stem), None


def _is_method(function: Node) -> bool:
    """A member of a class: a named function, however little the name says."""
    around = function.parent
    if around is not None and around.type == "public_field_definition":
        around = around.parent
    return around is not None and around.type == "class_body"


def _says_nothing(name: str, function: Node) -> bool:
    """What somebody else calls the function, and not what it does."""
    if name in _OPTIONS or name in STEPS:
        return True
    node = function.parent
    if node is None or node.type not in {"pair", *_PASSED}:
        return False
    if name in _MEMBERS:
        return True
    if _EVENT.fullmatch(name) is None:
        return False
    # `useMutation({ onSuccess: … })`, `items={[{ onClick: … }]}`; the `onSave` of an object that is kept has a name.
    while node is not None and node.type in {"pair", *_PASSED} and node.type != "array":
        node = node.parent
    return node is not None and node.type in {"arguments", "array", "jsx_expression"}


def _received(source: Source, function: Node) -> str:
    """What holds that which is made of a function; ``""`` where nothing does, or it is the result of calling it."""
    node, makers = function, list[str]()
    while (around := node.parent) is not None:
        if around.type == "arguments" and around.parent is not None and around.parent.type in CALLS:
            node = around.parent
            callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
            maker = _last_word(source, callee)
            if not maker or maker in _AT_ONCE:
                return ""
            makers.append(maker)
        elif around.type == "member_expression" and around.child_by_field_name("object") == node:
            # `procedure.use(…).query(…)`: what the chain comes to.
            call = around.parent
            if call is None or call.type != "call_expression" or call.child_by_field_name("function") != around:
                return ""
            maker = _last_word(source, around)
            if maker in _AT_ONCE:
                return ""
            makers.append(maker)
            node = call
        elif around.type == "pair":
            key = named_by(around)
            name = word_of(source, key) if key is not None else ""
            if name and name not in _MEMBERS and _EVENT.fullmatch(name) is None:
                return snake_case(name)
            node = around
        elif around.type in _PASSED:
            node = around
        else:
            return _holder(source, around, node, makers)
    return ""


def _holder(source: Source, around: Node, value: Node, makers: list[str]) -> str:
    """The name of the variable or field that is given a value."""
    named = named_by(around)
    if named is None or named == value:
        return ""
    if named.type == "object_pattern":
        named = _first_renamed(named)
        if named is None:
            return ""
    name = word_of(source, named)
    if not name or name == "exports" or name in _MEMBERS:
        return ""
    is_kept = around.type == "public_field_definition" or _function_around(around) is None
    if not is_kept and not any(_MAKES.fullmatch(maker) for maker in makers):
        return ""
    return without_noun(snake_case(name), makers)


def _first_renamed(destructured: Node) -> Node | None:
    """``mutate: removeUser`` of ``const { mutate: removeUser, isPending } = useMutation(…)``."""
    for child in destructured.named_children:
        if child.type == "pair_pattern":
            value = child.child_by_field_name("value")
            if value is not None and value.type == "assignment_pattern":
                value = value.child_by_field_name("left")
            if value is not None and value.type == "identifier":
                return value
    return None


def _function_around(node: Node) -> Node | None:
    current = node.parent
    while current is not None and current.type not in FUNCTIONS:
        if current.type in CLASSES:
            return None
        current = current.parent
    return current


def _last_word(source: Source, callee: Node | None) -> str:
    if callee is None:
        return ""
    if callee.type == "member_expression":
        named = callee.child_by_field_name("property")
        return word_of(source, named) if named is not None else ""
    if callee.type == "call_expression":
        # `retrying({ times: 3 })(async () => …)`
        return _last_word(source, callee.child_by_field_name("function"))
    return source.text_of(callee) if callee.type == "identifier" else ""
