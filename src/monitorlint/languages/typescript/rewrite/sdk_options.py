"""One more option, or one more integration, of the call that starts an SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.rewrite.options import added, key_of, members_of
from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Refused, Rewritten

if TYPE_CHECKING:
    from tree_sitter import Node

    from monitorlint.languages.typescript.rewrite.place import Place, Source
    from monitorlint.model.remedy import Remedy

_LIST = "integrations"


def set_option(place: Place, remedy: Remedy) -> Rewritten | Refused:
    """The edits for a remedy of kind ``option``: a property of the options object, which the call has not."""
    addition = f"{remedy.keyword}: {remedy.value}"
    options = _options(place)
    if options is None:
        return Refused("its options are made elsewhere", addition)
    if remedy.keyword in {key_of(place.source, member) for member in members_of(options)}:
        return Refused(f"the call sets {remedy.keyword} itself", addition)
    return Rewritten(added(place.source, options, addition), Applicability.UNSAFE, f"Add {addition}")


def set_value(place: Place, remedy: Remedy) -> Rewritten | Refused:
    """The edits for a remedy of kind ``value``: another value for an option, or (``a.b``) for a member of one.

    An option that is not there is added, but not where only its member is to be set.
    """
    source, options = place.source, _options(place)
    first, dot, rest = remedy.keyword.partition(".")
    whole = f"{first}: {{ {rest}: {remedy.value} }}" if dot else f"{first}: {remedy.value}"
    if options is None:
        return Refused("its options are made elsewhere", whole)
    given = _member(source, options, first)
    if given is None:
        return Rewritten(added(source, options, whole), Applicability.UNSAFE, f"Add {whole}")
    value = given.child_by_field_name("value")
    if dot:
        if value is None or value.type != "object" or _has_spread(value):
            return Refused(f"{first} is made elsewhere", whole)
        given = _member(source, value, rest)
        if given is None:
            addition = f"{rest}: {remedy.value}"
            return Rewritten(added(source, value, addition), Applicability.UNSAFE, f"Add {addition} to {first}")
        value = given.child_by_field_name("value")
    if value is None:
        return Refused(f"{remedy.keyword} is a name that is made elsewhere", whole)
    edit = Edit(value.start_byte, value.end_byte, remedy.value)
    return Rewritten((edit,), Applicability.UNSAFE, f"Set {remedy.keyword} to {remedy.value}")


def _member(source: Source, options: Node, name: str) -> Node | None:
    """The property of a name."""
    return next((member for member in members_of(options) if key_of(source, member) == name), None)


def _has_spread(options: Node) -> bool:
    return any(member.type == "spread_element" for member in members_of(options))


def add_integration(place: Place, remedy: Remedy) -> Rewritten | Refused:
    """The edits for a remedy of kind ``integration``: one more member of the list of integrations."""
    source, options = place.source, _options(place)
    function = place.node.child_by_field_name("function")
    owner = source.text_of(function).rpartition(".")[0] if function is not None else ""
    call = f"{owner}.{remedy.value}()" if owner else f"{remedy.value}()"
    if options is None:
        return Refused("its options are made elsewhere", f"{_LIST}: [{call}]")
    if not owner:
        return Refused(f"{remedy.value} has to be imported", f"{_LIST}: [{call}]")
    message = f"Add {call}"
    given = next((member for member in members_of(options) if key_of(source, member) == _LIST), None)
    if given is None:
        return Rewritten(added(source, options, f"{_LIST}: [{call}]"), Applicability.UNSAFE, message)
    value = given.child_by_field_name("value")
    if value is None or value.type != "array":
        return Refused("its integrations are made elsewhere", f"{_LIST}: [{call}]")
    return Rewritten(added(source, value, call), Applicability.UNSAFE, message)


def _options(place: Place) -> Node | None:
    """The object literal of options, with nothing unpacked into it; None where there is none."""
    arguments = place.node.child_by_field_name("arguments")
    if arguments is None or place.node.has_error or arguments.type != "arguments":
        return None
    given = members_of(arguments)
    if len(given) != 1 or given[0].type != "object":
        return None
    return None if _has_spread(given[0]) else given[0]
