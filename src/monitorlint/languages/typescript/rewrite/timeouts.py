"""Missing timeouts: one more option, from the configured limit.

A limit changes what happens when a server is slow, which is its purpose: every such edit is unsafe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.rewrite.options import added, key_of, members_of
from monitorlint.languages.typescript.rewrite.promises import gives_response, is_of
from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Refused, Rewritten

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Place
    from monitorlint.model.remedy import Remedy

_OPTIONS_SECOND = (
    "openai",
    "@anthropic-ai",
    "groq-sdk",
    "together-ai",
    "@cerebras",
    "portkey-ai",
    "cohere-ai",
    "@mistralai",
    "ky",
    "ofetch",
    "$fetch",
)
"""Libraries whose calls take what they send first, and their options second."""
_AXIOS_WITH_BODY = frozenset({"post", "put", "patch", "postForm", "putForm", "patchForm", "query"})
_AXIOS_WITHOUT_BODY = frozenset({"get", "delete", "head", "options"})


def set_timeout(place: Place, remedy: Remedy) -> Rewritten | Refused:
    """The edits that limit a call, or why there are none.

    :param place: The call.
    :param remedy: Of kind ``timeout``.
    """
    source = place.source
    arguments, function = place.node.child_by_field_name("arguments"), place.node.child_by_field_name("function")
    if arguments is None or function is None or place.node.has_error or arguments.type != "arguments":
        return Refused("the call does not parse", "")
    seconds = remedy.seconds
    assert seconds is not None, "only a configured limit makes a remedy"
    key, addition = remedy.keyword, ""
    if gives_response(remedy.target):
        key, addition = "signal", f"signal: AbortSignal.timeout({round(seconds * 1000)})"
    elif key and "." not in key:
        addition = f"{key}: {_number(round(seconds * 1000) if remedy.milliseconds else seconds)}"
    given = members_of(arguments)
    snippet = f"{source.text_of(function)}(..., {{ {addition} }})" if addition else ""
    position = _position(remedy, given) if addition else None
    if position is None:
        return Refused("the call has no argument for a limit that could be added; limit its client", snippet)
    if any(argument.type == "spread_element" for argument in given[: position + 1]) or len(given) < position:
        return Refused("where its options go is not written here", snippet)
    if position == len(given):
        return Rewritten(added(source, arguments, f"{{ {addition} }}"), Applicability.UNSAFE, f"Add {addition}")
    return _into(place, given[position], key, addition, snippet)


def _into(place: Place, options: Node, key: str, addition: str, snippet: str) -> Rewritten | Refused:
    """The option put into what is there."""
    source = place.source
    if options.type != "object":
        return Refused("its options are made elsewhere", snippet)
    members = members_of(options)
    if any(member.type == "spread_element" for member in members):
        return Refused(f"an unpacked object may hold {key} already", snippet)
    if key in {key_of(source, member) for member in members}:
        return Refused(f"the call sets {key} itself", snippet)
    edits: tuple[Edit, ...] = added(source, options, addition)
    return Rewritten(edits, Applicability.UNSAFE, f"Add {addition}")


def _position(remedy: Remedy, given: list[Node]) -> int | None:
    """Which argument holds the options of a call; None where that is not known."""
    target, method = remedy.target, remedy.target.rpartition(".")[2]
    if gives_response(target) or is_of(target, _OPTIONS_SECOND):
        return 1
    if is_of(target, ("axios",)):
        if method in _AXIOS_WITH_BODY:
            return 2
        if method in _AXIOS_WITHOUT_BODY:
            return 1
        return 0 if given and given[0].type == "object" else 1
    return None


def _number(value: float) -> str:
    """The shortest literal."""
    return str(int(value)) if value == int(value) else repr(value)
