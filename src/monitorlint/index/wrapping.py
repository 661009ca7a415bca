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


def kept(catalogue: Catalogue, value: External, made: str, view: FileView, call: Call) -> tuple[Tag, ...]:
    """The monitors on what a call of ``value`` gives, with the place of that call where they have none.

    A copy of a client (``client.with_options()``) is made anew: it has nothing of what one instance was wrapped in.
    """
    tags = tuple(t if t.path else t._replace(path=view.path, row=call.row) for t in value.tags)
    if value.path.rpartition(".")[0] != made:
        return tags
    return tuple(tag for tag in tags if tag.how != "client" or catalogue.wrapper(tag.name) is None)


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
