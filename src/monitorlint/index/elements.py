"""What stands in lists, dicts and generators."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from monitorlint.index.chosen import whichever
from monitorlint.index.values import Collected, Defined, External, Generated, Instance, Literal, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.index.resolve import Project, Resolver
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_ELEMENT = frozenset("get pop setdefault __getitem__ at shift find findLast".split())
_SAME = frozenset("values copy keys items entries filter slice concat reverse sort toSorted toReversed".split())
_PASSING = frozenset(
    "sorted reversed list tuple set frozenset iter Object.values Object.freeze Object.seal Array.from".split()
)
_PAIRING = frozenset({"enumerate", "Object.entries"})
_ITEMS = frozenset({"items", "entries"})
BUILTINS = _PASSING | _PAIRING | {"next", "zip", "filter", "dict"}
"""Functions of the languages themselves that give back what collections hold."""


class Elements:
    """Resolves elements of collections, for a resolver."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project = project
        self._catalogue = project.catalogue
        self._resolver = resolver
        self._once = resolver.once

    def of(self, values: Values, key: str, expr: Expr, view: FileView, scope: int) -> Values:
        """The elements under a key (``#0``: at a position; ``""``: any), and what is stored in ``expr`` later on."""
        found: list[Value] = []
        for value in values:
            match value:
                case Collected():
                    found.extend(self._once(("element", value, key), partial(self._element, value, key)))
                case Instance():
                    found.extend(self._of_instance(value, key))
                case Generated():
                    key_of_all = ("yielded", value.file, value.scope)
                    found.extend(self._once(key_of_all, partial(self._resolver.yielded, value)))
                case External() if not key and (requests := whichever(self._catalogue, (value,))):
                    # `axios[method](url)`
                    found.extend(requests)
                case External(path, origin, tags) if self._catalogue.client(path) is None:
                    element = self._resolver.external(f"{path}[]", origin, tags)
                    # Of what a package gives, one place may hold something else than the others.
                    if not key.startswith("#") or self._catalogue.client(element.path) is not None:
                        found.append(element)
        if expr is not None and isinstance(expr[1], str):
            found.extend(self._stored(expr[1], view, scope))
        return tuple(dict.fromkeys(found))

    def _of_instance(self, value: Instance, key: str) -> Values:
        """What ``box["key"]`` gives: by a method of the class, or, of a typed dict, by its type."""
        methods = [m for m in self._resolver.attribute(value, "__getitem__") if isinstance(m, Defined)]
        if methods:
            return tuple(found for method in methods for found in self._resolver.returned(method))
        return self._resolver.attribute(value, key) if key.isidentifier() else ()

    def property(self, value: Collected, name: str) -> Values:
        """The element that a literal has under a name; empty where it has none."""
        if not isinstance(value.expr, tuple) or value.expr[0] != "map":
            return ()
        if (name in _ELEMENT or name in _SAME) and not self._catalogue.takes_words:
            return ()
        if not any(key == name for key, _ in value.expr[1]):
            return ()
        return self._once(("element", value, name), partial(self._element, value, name))

    def by_method(self, collection: Collected, name: str, view: FileView, call: Call) -> Values:
        """What a method of a collection gives, such as ``clients.get("fast", default)``."""
        if name in _ELEMENT:
            key = call.args[0] if call.args else None
            literal = key[1] if isinstance(key, (tuple, list)) and key[0] == "lit" and isinstance(key[1], str) else ""
            found = self.of((collection,), literal, None, view, call.scope)
            default = self._resolver.argument(view, call, 1)
            return tuple(dict.fromkeys((*found, *(v for v in default if not isinstance(v, Literal)))))
        if name in _ITEMS and isinstance(collection.expr, tuple):
            kind, parts = collection.expr
            pairs = [(key, value) for key, value in parts] if kind == "map" else [(None, value) for value in parts]
            return (collection._replace(expr=("seq", tuple(("seq", (("lit", key), value)) for key, value in pairs))),)
        return (collection,) if name in _SAME else ()

    def by_builtin(self, view: FileView, call: Call) -> Values:
        """What one of `BUILTINS` gives: the collection that it is handed, an element of it, or pairs with such."""
        name, first = call.callee, call.args[0] if call.args else None
        if name == "dict":
            merged = [("**", part) for part in (*call.args, *call.spread)]
            return (Collected(view.path, call.scope, call.start, frozen(("map", (*call.kwargs.items(), *merged)))),)
        if name in _PASSING:
            return self._resolver.argument(view, call, 0)
        if name == "filter":
            return self._resolver.argument(view, call, 1)
        if name == "next":
            return self.of(self._resolver.argument(view, call, 0), "", None, view, call.scope)
        row = (None, ("item", first, "")) if name in _PAIRING else tuple(("item", part, "") for part in call.args)
        return (Collected(view.path, call.scope, call.start, frozen(("seq", (("seq", row),)))),)

    def _stored(self, name: str, view: FileView, scope: int) -> Iterator[Value]:
        """``cache[key] = client`` speaks for every ``cache[…]`` of the scopes that see the same ``cache``."""
        root, _, attribute = name.partition(".")
        owner = view.instance_of(scope, root) if attribute else None
        if owner is not None:
            for stored, rows in view.members.get(owner, {}).items():
                if stored.startswith(f"{attribute}[]"):
                    for row in rows:
                        yield from self._resolver.bound(view, row)
            return
        for binding in view.elements.get(name, ()):
            yield from self._resolver.bound(view, binding)

    def _element(self, value: Collected, key: str) -> Iterator[Value]:
        view = self._project.view(value.file)
        if view is None or not isinstance(value.expr, tuple):
            return
        kind, parts = value.expr
        if kind == "map":
            exact = [e for k, e in parts if k == key] if key else []
            for spread in (e for k, e in parts if k == "**" and not exact):
                values = self._resolver.resolve(spread, view, value.scope, value.offset)
                yield from self.of(values, key, None, view, value.scope)
            chosen = exact or [e for k, e in parts if k != "**"]
        elif key.startswith("#"):
            number = int(key[1:])
            chosen = [parts[number]] if number < len(parts) else list(parts)
        else:
            chosen = list(parts)
        for expr in chosen:
            yield from self._resolver.resolve(expr, view, value.scope, value.offset)
