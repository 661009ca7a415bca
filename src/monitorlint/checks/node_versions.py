"""Which Node a package of a project runs on, as far as files beside it say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Region
    from monitorlint.model.npm_versions import Version
    from monitorlint.model.setup import Manifest


_ANY = 999
"""Stands for the highest number that there may be."""


class Pin(NamedTuple):
    path: str
    region: Region
    text: str
    """``20``, ``20.11`` or ``20.11.1``."""

    @property
    def major(self) -> int:
        return int(self.text.partition(".")[0])

    @property
    def highest(self) -> Version:
        """The highest version that it may be."""
        from monitorlint.model.npm_versions import Version  # noqa: PLC0415 - every run imports every check

        major, minor, patch = (*map(int, self.text.split(".")), _ANY, _ANY)[:3]
        return Version(major, minor, patch)


def node_pins(setup: ProjectSetup, manifest: Manifest) -> Iterator[Pin]:
    """The pins that hold for a package: in its folder, or in the nearest folder above that has one of the kind."""
    for is_image in (False, True):
        folder = manifest.folder
        while True:
            found = [
                Pin(file.path, file.node_region, file.node)
                for file in setup.files
                if file.node and file.node_region is not None and file.area == "app"
                if file.path.rpartition("/")[0] == folder and _is_image(file.path) is is_image
            ]
            if found or not folder:
                yield from found
                break
            folder = folder.rpartition("/")[0]


def _is_image(path: str) -> bool:
    return not path.rpartition("/")[2].startswith(".")
