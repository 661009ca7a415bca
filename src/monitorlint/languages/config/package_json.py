"""``package.json`` as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.config.json_places import JsoncError, parse
from monitorlint.languages.config.places import Places
from monitorlint.model.setup import Dependency, Manifest, Script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.languages.config.json_places import Node

SECTIONS: Final = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def read_manifest(path: str, text: str) -> Manifest | None:
    """The manifest; None where the text is no JSON object."""
    try:
        root = parse(text)
    except JsoncError:
        return None
    if not isinstance(root.value, dict):
        return None
    places = Places(text)
    dependencies = tuple(
        Dependency(member.key, member.node.value, section, places.region(member.start, member.node.end))
        for section in SECTIONS
        for member in root.members(section)
        if isinstance(member.node.value, str)
    )
    scripts = tuple(
        Script(member.key, member.node.value, places.region(member.node.start, member.node.end))
        for member in root.members("scripts")
        if isinstance(member.node.value, str)
    )
    return Manifest(
        path,
        root.text("name"),
        root.text("type") == "module",
        dependencies,
        scripts,
        root.text("engines", "node"),
        dict(_catalogs(root)),
    )


def _catalogs(root: Node) -> Iterator[tuple[str, dict[str, str]]]:
    """Those of Bun, which keeps them in the manifest of the workspace."""
    for place in ((), ("workspaces",)):
        if ranges := _ranges(root.get(*place, "catalog")):
            yield "", ranges
        for member in root.members(*place, "catalogs"):
            yield member.key, _ranges(member.node)


def _ranges(node: Node | None) -> dict[str, str]:
    if node is None:
        return {}
    return {m.key: m.node.value for m in node.members() if isinstance(m.node.value, str)}
