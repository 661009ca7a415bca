"""Members of JSON objects: taken out, or given another value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Refused, Rewritten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.languages.config.json_places import Member, Node
    from monitorlint.model.remedy import Remedy


def removed(text: str, root: Node, remedy: Remedy) -> Rewritten | Refused:
    """The edits that take the member at a remedy's region out, with its comma and its line."""
    found = _member_at(text, root, remedy)
    if found is None:
        return Refused("the entry is not there any more", "")
    siblings, number = found
    start, end = siblings[number].start, siblings[number].node.end
    is_last = number == len(siblings) - 1
    if not is_last:
        end = siblings[number + 1].start
        gap = text[siblings[number].node.end : end]
        if "//" in gap or "/*" in gap:
            return Refused("a comment stands behind the entry", "")
    elif number:
        # The comma before it goes, and the line that it stood on.
        start = siblings[number - 1].node.end
        gap = text[start : siblings[number].start]
        if "//" in gap or "/*" in gap:
            return Refused("a comment stands before the entry", "")
    edit = Edit(_offset(text, start), _offset(text, end), "")
    return Rewritten((edit,), Applicability.UNSAFE, f"Remove {remedy.target}; install again afterwards")


def replaced(text: str, root: Node, remedy: Remedy) -> Rewritten | Refused:
    """The edit that gives the member at a remedy's region another text for its value."""
    found = _member_at(text, root, remedy)
    if found is None:
        return Refused("the entry is not there any more", "")
    node = found[0][found[1]].node
    edit = Edit(_offset(text, node.start), _offset(text, node.end), json.dumps(remedy.value, ensure_ascii=False))
    message = f"Ask for {remedy.target} {remedy.value}; install again afterwards"
    return Rewritten((edit,), Applicability.UNSAFE, message)


def _member_at(text: str, root: Node, remedy: Remedy) -> tuple[list[Member], int] | None:
    """The object's members, and the number of the one at a region."""
    for siblings in _objects(root):
        for number, member in enumerate(siblings):
            if member.key == remedy.target and _offset(text, member.start) == remedy.region.start:
                return siblings, number
    return None


def _objects(node: Node) -> Iterator[list[Member]]:
    if isinstance(node.value, dict):
        members = list(node.value.values())
        yield members
        for member in members:
            yield from _objects(member.node)
    elif isinstance(node.value, list):
        for item in node.value:
            yield from _objects(item)


def _offset(text: str, at: int) -> int:
    return at if text.isascii() else len(text[:at].encode())
