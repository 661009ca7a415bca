"""Type annotations, read as the value that a name so annotated holds."""

from __future__ import annotations

from functools import lru_cache

from monitorlint.model.expr import Expr
from monitorlint.model.patterns import pattern

_TOKEN = pattern(r"\s*([A-Za-z_][\w.]*|[\[\],|()]|\.\.\.|-?\d[\w.]*|(?P<q>['\"])(?:(?!(?P=q)).)*(?P=q))")
_ELEMENTS = frozenset(
    "list List tuple Tuple set Set frozenset FrozenSet Sequence MutableSequence Iterable Iterator Collection "
    "AsyncIterable AsyncIterator Generator AsyncGenerator Deque deque Queue".split()
)
_SAME = frozenset(
    "Optional Annotated Final ClassVar Required NotRequired InitVar Awaitable ContextManager "
    "AsyncContextManager".split()
)
_ALIASES = frozenset({"Annotated", "Optional", "Union"})
_MAPPINGS = frozenset(
    "dict Dict Mapping MutableMapping DefaultDict defaultdict OrderedDict WeakValueDictionary".split()
)
_HOLDERS = {"RunContext": "deps", "RunContextWrapper": "context"}
"""Objects of agent frameworks that are nothing but what a function is handed under one name, which their type tells."""
_NOTHING = frozenset("None Any str int float bool bytes object Literal Callable NoReturn Self".split())


@lru_cache(maxsize=4096)
def value_of_annotation(text: str) -> Expr:
    """The expression for an instance of the annotated type; None where the text says nothing of use.

    ``Optional[OpenAI]`` is an instance of ``OpenAI``, ``list[OpenAI]`` a sequence of them, ``type[OpenAI]``
    the class itself.
    """
    tokens: list[str] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            if text[at:].strip():
                return None
            break
        tokens.append(found.group(1))
        at = found.end()
    if not tokens or len(tokens) > 200:
        return None
    try:
        value, rest = _union(tokens, 0, 0)
    except (IndexError, RecursionError):
        return None
    return value if rest == len(tokens) else None


def class_of_alias(text: str) -> Expr:
    """The class, or classes, that a name for a type stands for: ``Client = Annotated[OpenAI, Depends(make)]``."""
    return _named(value_of_annotation(text))


def is_alias(generic: str) -> bool:
    """Whether a generic type is one of its arguments, by the dotted name that stands before the bracket."""
    return generic.rpartition(".")[2] in _ALIASES


def _union(tokens: list[str], at: int, depth: int) -> tuple[Expr, int]:
    value, at = _one(tokens, at, depth)
    several = [value]
    while at < len(tokens) and tokens[at] == "|":
        value, at = _one(tokens, at + 1, depth)
        several.append(value)
    return _any(several), at


def _any(several: list[Expr]) -> Expr:
    known = [v for v in several if v is not None]
    if len(known) <= 1:
        return known[0] if known else None
    return ("any", tuple(known))


def _one(tokens: list[str], at: int, depth: int) -> tuple[Expr, int]:
    token = tokens[at]
    if token[0] in "'\"":
        return (value_of_annotation(token[1:-1]) if depth < 8 else None), at + 1
    if token in {"[", "("}:
        _, at = _arguments(tokens, at, depth)
        return None, at
    last = token.rpartition(".")[2]
    if at + 1 < len(tokens) and tokens[at + 1] == "[":
        arguments, at = _arguments(tokens, at + 1, depth + 1)
        return _generic(token, last, arguments), at
    if last in _NOTHING or not token[0].isidentifier():
        return None, at + 1
    return ("of", token), at + 1


def _generic(token: str, last: str, arguments: list[Expr]) -> Expr:
    first = arguments[0] if arguments else None
    if last in _SAME:
        return first
    if last == "Union":
        return _any(arguments)
    if last in _ELEMENTS:
        return ("seq", (_any(arguments),)) if last in {"tuple", "Tuple"} else ("seq", (first,))
    if last in _MAPPINGS:
        return ("map", (("", arguments[-1]),)) if arguments else None
    if last in {"type", "Type"}:
        return _named(first)
    if last in _HOLDERS and first is not None:
        return ("map", ((_HOLDERS[last], first),))
    if last == "Coroutine":
        return arguments[-1] if arguments else None
    return None if last in _NOTHING else ("of", token)


def _named(value: Expr) -> Expr:
    if value and value[0] == "of":
        return value[1]
    if value and value[0] == "any":
        return _any([_named(v) for v in value[1]])
    return None


def _arguments(tokens: list[str], at: int, depth: int) -> tuple[list[Expr], int]:
    close = "]" if tokens[at] == "[" else ")"
    at += 1
    found: list[Expr] = []
    while tokens[at] != close:
        if tokens[at] == ",":
            at += 1
            continue
        value, at = _union(tokens, at, depth + 1)
        found.append(value)
    return found, at + 1
