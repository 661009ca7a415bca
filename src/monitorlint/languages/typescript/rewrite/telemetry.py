"""Streams of the AI SDK: made at once, and traced by an option of the call instead of a helper around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.typescript.rewrite.options import added, key_of, members_of
from monitorlint.model.finding import Applicability
from monitorlint.model.remedy import Refused, Rewritten

if TYPE_CHECKING:
    from monitorlint.languages.typescript.rewrite.place import Place
    from monitorlint.model.remedy import Remedy

_PACKAGE = "ai."
_OPTION: Final = "experimental_telemetry"
"""Understood by every version of the SDK that has telemetry; later ones call it ``telemetry`` as well."""
_ADDITION: Final = f"{_OPTION}: {{ isEnabled: true, recordInputs: false, recordOutputs: false }}"
"""Without the two it would send prompts and answers, which the helpers never do."""


def set_telemetry(place: Place, remedy: Remedy) -> Rewritten | Refused | None:
    """The edits that switch the telemetry of one call on; None where the call is of another library.

    They are unsafe: spans go where the application's tracing sends them, and nowhere if it has none.
    """
    if remedy.is_async or not remedy.target.startswith(_PACKAGE):
        return None
    source = place.source
    arguments = place.node.child_by_field_name("arguments")
    given = members_of(arguments) if arguments is not None else []
    if len(given) != 1 or given[0].type != "object":
        return Refused("its options are made elsewhere", _ADDITION)
    members = members_of(given[0])
    if any(member.type == "spread_element" for member in members):
        return Refused(f"an unpacked object may hold {_OPTION} already", _ADDITION)
    if {key_of(source, member) for member in members} & {_OPTION, "telemetry"}:
        return Refused("the call sets its telemetry itself", "")
    return Rewritten(added(source, given[0], _ADDITION), Applicability.UNSAFE, "Switch the call's telemetry on")
