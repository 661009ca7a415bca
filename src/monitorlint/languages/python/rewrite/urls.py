"""Named wrappers: the user's own helper for the requests to one URL (``[[wrappers]]``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.url_patterns import HELPERS, HOLE, matched, placeholder
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Place, Source
    from monitorlint.settings.values import Wrapper

_NAMES = pattern(r"[^\W\d]\w*(?:\.[^\W\d]\w*|\[(?:[0-9]+|\"[^\"\\]*\"|'[^'\\]*')\])*")
"""What can be evaluated twice without a difference worth the name."""


def url_wrapper(place: Place, helper: str, wrappers: Sequence[Wrapper]) -> tuple[str, tuple[str, ...]] | None:
    """Name (dotted: with its module) and arguments of the wrapper for the URL that a call requests.

    :param helper: The helper that the call would get otherwise.
    """
    fitting = [w for w in wrappers if w.url and w.python and HELPERS.get(w.kind, "monitor_operation") == helper]
    if not fitting:
        return None
    for text, expressions in _urls(place):
        for wrapper in fitting:
            values = _matched(wrapper.url, text, expressions)
            if values is not None:
                return wrapper.python, tuple(_argument(argument, values) for argument in wrapper.args)
    return None


def _urls(place: Place) -> Iterator[tuple[str, list[str]]]:
    """The texts that may be the URL, with placeholders for expressions, and those expressions."""
    arguments = place.node.child_by_field_name("arguments")
    if arguments is None:
        return
    positional = [c for c in arguments.named_children if c.type not in {"comment", "keyword_argument"}][:2]
    named = [
        value
        for c in arguments.named_children
        if c.type == "keyword_argument"
        and (name := c.child_by_field_name("name")) is not None
        and place.source.text_of(name) == "url"
        and (value := c.child_by_field_name("value")) is not None
    ]
    for node in (*named, *positional):
        expressions: list[str] = []
        text = _text(place.source, node, expressions)
        if text is not None and "/" in text:
            yield text, expressions


def _text(source: Source, node: Node, expressions: list[str]) -> str | None:
    """A string, f-string or sum of them as text with placeholders; None for anything else."""
    if node.type == "string":
        return _string(source, node, expressions)
    if node.type in {"concatenated_string", "binary_operator", "parenthesized_expression"}:
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type != "+":
            return None
        parts = [_operand(source, child, expressions) for child in node.named_children if child.type != "comment"]
        return "".join(parts)
    return None


def _operand(source: Source, node: Node, expressions: list[str]) -> str:
    text = _text(source, node, expressions)
    return text if text is not None else placeholder(source.text_of(node), expressions)


def _string(source: Source, node: Node, expressions: list[str]) -> str | None:
    text = ""
    for child in node.named_children:
        if child.type == "string_start" and "b" in source.text_of(child).lower():
            return None
        if child.type == "string_content":
            text += source.text_of(child)
        elif child.type == "interpolation":
            plain = child.child_by_field_name("expression")
            whole = plain is not None and source.text_of(child) == "{" + source.text_of(plain) + "}"
            text += placeholder(source.text_of(plain) if plain is not None and whole else "", expressions)
    return text


def _matched(url: str, text: str, expressions: list[str]) -> dict[str, str] | None:
    """The expression for each hole of a URL pattern; None where the text is another URL."""
    values = matched(url, text)
    if values is None:
        return None
    found = {hole: expressions[v] if isinstance(v, int) else f'"{v}"' for hole, v in values.items()}
    repeatable = all(_NAMES.fullmatch(found[hole]) for hole, v in values.items() if isinstance(v, int))
    return found if repeatable else None


def _argument(argument: str, values: dict[str, str]) -> str:
    """An argument of a wrapper: a hole alone is its expression, anything else is text."""
    alone = HOLE.fullmatch(argument)
    if alone is not None:
        return values[alone.group(1)]
    if not HOLE.search(argument):
        return f'"{argument}"'
    return 'f"' + HOLE.sub(lambda hole: "{" + values[hole.group(1)].replace('"', "'") + "}", argument) + '"'
