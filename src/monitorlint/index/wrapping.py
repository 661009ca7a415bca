"""Clients and functions that code wraps in a monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import External, Tag

if TYPE_CHECKING:
    from monitorlint.catalog import Catalogue
    from monitorlint.index.values import Values
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call


def wraps_function(catalogue: Catalogue, path: str, call: Call) -> bool:
    """Whether a call of ``path`` is a decorator that is handed something: ``trace(client.chat.completions.create)``."""
    first = call.args[0] if call.args else None
    return isinstance(first, str) and "." in first and catalogue.decorator(path) is not None


def wrapped(catalogue: Catalogue, path: str, handed: Values, view: FileView, call: Call) -> Values:
    """The package's functions among what a decorator is handed, with the monitor on them."""
    form = catalogue.decorator(path)
    if form is None:
        return ()
    tag = Tag("wrapper", form.vendor, form.path, "", form.level.value, view.path, call.row)
    return tuple(
        v._replace(tags=(*v.tags, tag))
        for v in handed
        if isinstance(v, External) and catalogue.match_call(v.path) is not None
    )
