"""Named wrappers: the user's own helper for the requests to one URL (``[[wrappers]]``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.languages.url_patterns import HELPERS, HOLE, matched, placeholder
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Place, Source
    from monitorlint.settings.values import Wrapper

_NAMES = pattern(r"[^\W\d][\w$]*(?:\??\.#?[^\W\d][\w$]*|\[(?:[0-9]+|\"[^\"\\]*\"|'[^'\\]*')\])*")
"""What can be evaluated twice without a difference worth the name."""
_ENCODED = pattern(r"(?:encodeURIComponent|encodeURI|String)\((.*)\)", re.DOTALL)


def url_wrapper(place: Place, helper: str, wrappers: Sequence[Wrapper]) -> tuple[str, tuple[str, ...]] | None:
    """Name (dotted: with its module) and arguments of the wrapper for the URL that a call requests.

    :param helper: The helper that the call would get otherwise.
    """
    fitting = [w for w in wrappers if w.url and w.typescript and HELPERS.get(w.kind, "monitor_operation") == helper]
    if not fitting:
        return None
    for text, expressions in _urls(place):
        for wrapper in fitting:
            values = _matched(place.source, wrapper.url, text, expressions)
            if values is not None:
                return wrapper.typescript, tuple(_argument(place.source, a, values) for a in wrapper.args)
    return None


def _urls(place: Place) -> Iterator[tuple[str, list[str]]]:
    """The texts that may be the URL, with placeholders for expressions, and those expressions."""
    arguments = place.node.child_by_field_name("arguments")
    if arguments is None:
        return
    source = place.source
    given = [c for c in arguments.named_children if c.type != "comment"][:2]
    named = [
        value
        for options in given
        if options.type == "object"
        for pair in options.named_children
        if pair.type == "pair"
        and (key := pair.child_by_field_name("key")) is not None
        and source.text_of(key) == "url"
        and (value := pair.child_by_field_name("value")) is not None
    ]
    for node in (*named, *given):
        expressions: list[str] = []
        text = _text(source, node, expressions)
        if text is not None and "/" in text:
            yield text, expressions


def _text(source: Source, node: Node, expressions: list[str]) -> str | None:
    """A string, template or sum of them as text with placeholders; None for anything else."""
    if node.type == "string":
        return source.text_of(node)[1:-1]
    if node.type == "template_string":
        parts = []
        at = node.start_byte + 1
        for child in node.named_children:
            if child.type == "template_substitution":
                parts.append(source.slice(at, child.start_byte))
                parts.append(placeholder(source.text_of(child)[2:-1].strip(), expressions))
                at = child.end_byte
        return "".join((*parts, source.slice(at, node.end_byte - 1)))
    if node.type == "parenthesized_expression":
        return _operand(source, node.named_children[0], expressions)
    if node.type == "binary_expression":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if operator is None or operator.type != "+" or left is None or right is None:
            return None
        return _operand(source, left, expressions) + _operand(source, right, expressions)
    return None


def _operand(source: Source, node: Node, expressions: list[str]) -> str:
    text = _text(source, node, expressions)
    return text if text is not None else placeholder(source.text_of(node), expressions)


def _matched(source: Source, url: str, text: str, expressions: list[str]) -> dict[str, str] | None:
    """The expression for each hole of a URL pattern; None where the text is another URL."""
    values = matched(url, text)
    if values is None:
        return None
    found: dict[str, str] = {}
    for hole, value in values.items():
        if isinstance(value, str):
            found[hole] = f"{source.quote}{value}{source.quote}"
            continue
        encoded = _ENCODED.fullmatch(expressions[value])
        found[hole] = encoded[1].strip() if encoded is not None else expressions[value]
        if not _NAMES.fullmatch(found[hole]):
            return None
    return found


def _argument(source: Source, argument: str, values: dict[str, str]) -> str:
    """An argument of a wrapper: a hole alone is its expression, anything else is text."""
    alone = HOLE.fullmatch(argument)
    if alone is not None:
        return values[alone.group(1)]
    if not HOLE.search(argument):
        return f"{source.quote}{argument}{source.quote}"
    return "`" + HOLE.sub(lambda hole: "${" + values[hole.group(1)] + "}", argument) + "`"
