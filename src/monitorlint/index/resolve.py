"""What the expressions of a project stand for.

Resolution is demand-driven: nothing is resolved until a check asks what a call's callee is, and a file is read
only when a name leads there. What is remembered for good does not depend on who asked first: see `Memo`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from monitorlint.index.ambient import means_global
from monitorlint.index.chosen import assigned, looked_up
from monitorlint.index.composed import composed
from monitorlint.index.elements import BUILTINS, Elements
from monitorlint.index.flow import is_certain, live_bindings
from monitorlint.index.heirs import given_by_heirs
from monitorlint.index.instances import entered, instances
from monitorlint.index.memo import Memo
from monitorlint.index.parameters import Parameters
from monitorlint.index.passing import RETURNS_RESULT, are_foreign, default_of, handed_back, imported_by_name, run_before
from monitorlint.index.stars import brings
from monitorlint.index.states import States
from monitorlint.index.values import (
    Collected,
    CollectionMethod,
    Defined,
    External,
    Generated,
    Instance,
    Literal,
    Module,
    Parent,
    Tag,
    frozen,
)
from monitorlint.index.wrapping import kept, wrapped, wraps_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitorlint.catalog import Catalogue
    from monitorlint.index.handed import Handed
    from monitorlint.index.modules import Modules
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding, Call, Param

_DEFAULT = "default"
"""What a module exports as a whole."""

_HOLDING = frozenset({"current", "value"})
"""Of a reference of React's or Vue's, which stands for what it holds."""
_CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})


class Project(Protocol):
    """What resolution needs of the project."""

    catalogue: Catalogue
    modules: Modules

    def view(self, path: str) -> FileView | None:
        """The file's view, read now if it was not yet; None when it cannot be read."""

    def views(self) -> Iterable[FileView]:
        """The views of the files that may hold sites, by path."""

    def helper(self, file: str, name: str) -> str | None:
        """The catalogue path that a name of a helper module of the project stands for."""

    def hides(self, package: str, name: str) -> bool:
        """Whether the file of a package gives the name of one of its modules to what it takes from that module."""

    def callers(self, file: str, scope: int, handed: Handed) -> Iterable[tuple[FileView, Call]]:
        """Calls that may call this function, or construct this class, and say something of an argument."""

    def subclasses(self, file: str, scope: int) -> Iterable[Defined]:
        """Classes of the project that name this class as a base."""


class Resolver:
    """Resolves expressions of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._catalogue = project.catalogue
        self.memo = Memo()
        self.once = self.memo.once
        self.elements = Elements(project, self)
        self.parameters = Parameters(project, self)
        self._states = States(project, self)

    def resolve(self, expr: Expr, view: FileView, scope: int, offset: int) -> Values:
        """What ``expr`` may stand for, read in ``scope`` at byte ``offset``. Empty: nothing is known."""
        if expr is None or isinstance(expr, str):
            return self._dotted(expr, view, scope, offset) if expr is not None else ()
        match expr[0]:
            case "call":
                return self.result(view, expr[1])
            case "attr":
                return self._path(self.resolve(expr[1], view, scope, offset), expr[2])
            case "any":
                return self._union(self.resolve(e, view, scope, offset) for e in expr[1])
            case "item":
                return self.elements.of(
                    self.resolve(expr[1], view, scope, offset), expr[2] if len(expr) > 2 else "", expr, view, scope
                )
            case "pipe":
                return composed(self._catalogue, [self.resolve(part, view, scope, offset) for part in expr[1]])
            case "seq" | "map":
                return (Collected(view.path, scope, offset, frozen(expr)),)
            case "lit":
                return (Literal(expr[1]),)
            case "fn":
                return (Defined(view.path, expr[1]),)
            case "module":
                return self.imported(view, expr[1])
            case "of":
                return instances(self, self._project, self.resolve(expr[1], view, scope, offset))
            case "entered":
                return entered(self, self.resolve(expr[1], view, scope, offset))
        return ()

    @staticmethod
    def _union(parts: Iterable[Values]) -> Values:
        return tuple(dict.fromkeys(v for values in parts for v in values))

    def callee(self, view: FileView, number: int) -> Values:
        """What call ``number`` of a file calls."""
        return self.once(("callee", view.path, number), lambda: self._callees(view, view.facts.calls[number]))

    def _callees(self, view: FileView, call: Call) -> Values:
        values = self.resolve(call.callee, view, call.scope, call.start)
        if not any(isinstance(v, Module) for v in values):
            return values
        return self._union(self._exported(v.file) if isinstance(v, Module) else (v,) for v in values)

    def result(self, view: FileView, number: int) -> Values:
        """What call ``number`` of a file gives."""
        call = view.facts.calls[number]
        return self.once(("result", view.path, number), lambda: self._results(view, number, call))

    def external(self, path: str, origin: tuple[str, int] | None = None, tags: tuple[Tag, ...] = ()) -> External:
        """The value for a path of some package, its other names reduced to the one the catalogue uses."""
        return External(self._catalogue.reduce(path), origin, tags)

    def argument(self, view: FileView, call: Call, position: int, keyword: str = "") -> Values:
        """What is handed to a call at a position, or under a keyword."""
        expr = call.kwargs.get(keyword) if keyword else None
        if expr is None and 0 <= position < len(call.args):
            expr = call.args[position]
        return self.resolve(expr, view, call.scope, call.start)

    def _dotted(self, text: str, view: FileView, scope: int, offset: int) -> Values:
        root, _, rest = text.partition(".")
        if rest:
            bound = self._bound_path(text, view, scope, offset)
            if bound:
                return bound
        if ".state." in text:
            kept, below = self._states.of(text)
            if kept:
                return self._path(kept, below) if below else kept
        values = self.name(root, view, scope, offset)
        if not values and root == "this" and rest.startswith("$"):
            # What plugins of Vue give to every component.
            root, _, rest = rest.partition(".")
            values = (self.external(root),) if root in self._catalogue.globals else ()
        return self._path(values, rest) if rest else values

    def _bound_path(self, text: str, view: FileView, scope: int, offset: int) -> Values:
        """``obj.client = OpenAI()`` in this very function speaks for ``obj.client`` after it."""
        root = text.partition(".")[0]
        if view.instance_of(scope, root) is not None:
            return ()
        path = text
        while "." in path:
            if (scope, path) in view.bindings:
                values = self._bindings(view, view.bindings[scope, path], offset)
                if values:
                    return self._path(values, text[len(path) + 1 :]) if path != text else values
            path = path.rpartition(".")[0]
        return ()

    def name(self, name: str, view: FileView, scope: int, offset: int) -> Values:
        """What a plain name stands for at ``offset`` in ``scope``."""
        return self.once(("name", view.path, scope, name, offset), lambda: self._name(name, view, scope, offset))

    def _name(self, name: str, view: FileView, scope: int, offset: int) -> Values:
        scopes = view.facts.scopes
        current, first = scope, True
        while current >= 0:
            here = scopes[current]
            if here.kind != "class" or first:
                at = offset if first else len(name) + here.end
                values, found = self._in_scope(name, view, current, at, first)
                if found and not values and name in self._catalogue.globals and means_global(view, current, name):
                    break
                if found:
                    return values
            if here.kind != "lambda":
                first = False
            current = here.parent
        if name == "super":
            return (External("builtins.super"),)
        if name in self._catalogue.globals:
            return (self.external(name),)
        brought: Values = ()
        for target in view.starred:
            module = self.imported(view, target)
            values = self._path(module, name)
            if values and not are_foreign(self._catalogue, values):
                return values
            brought = brought or (values if brings(self._project, self, module, name) else ())
        return brought

    def _in_scope(self, name: str, view: FileView, scope: int, offset: int, flow: bool) -> tuple[Values, bool]:
        here = view.facts.scopes[scope]
        bindings = view.bindings.get((scope, name))
        imports = view.imports.get((scope, name))
        param = next((p for p in here.params if p.name == name), None)
        if bindings is None and imports is None and param is None:
            return (), False
        values: list[Value] = []
        if bindings is not None:
            live = live_bindings(view, bindings, offset) if flow else bindings
            values.extend(self._bindings(view, live, offset, all_live=True))
            if param is not None and (not live or (flow and not is_certain(view, live, offset))):
                values.extend(self._param(view, scope, param))
        elif param is not None:
            values.extend(self._param(view, scope, param))
        for row in imports or ():
            values.extend(self.imported(view, row.target))
        return tuple(dict.fromkeys(values)), True

    def _bindings(self, view: FileView, bindings: Iterable[Binding], offset: int, *, all_live: bool = False) -> Values:
        live = list(bindings) if all_live else live_bindings(view, list(bindings), offset)
        found: list[Value] = []
        for binding in live:
            found.extend(self.bound(view, binding))
        return tuple(dict.fromkeys(found))

    def bound(self, view: FileView, binding: Binding) -> Values:
        """What one binding gives its name."""
        key = ("binding", view.path, binding.start, binding.name)
        scope = view.facts.blocks[binding.block].scope
        return self.once(key, lambda: self.resolve(binding.value, view, scope, binding.start))

    def imported(self, view: FileView, target: str) -> Values:
        """What an import of a file gives: a module, or what it has by a name."""
        return self.once(("import", view.path.rpartition("/")[0], target), lambda: self._looked_up(view.path, target))

    def _looked_up(self, importer: str, target: str) -> Values:
        module, names = self._project.modules.find(importer, target)
        if module is None:
            if target.startswith("."):
                return ()
            return (self._client(self.external(self._project.modules.external(target))),)
        package = self._project.modules.package(module) if not names else None
        values: Values = (Module(module),)
        if package is not None and self._project.hides(package, name := self._project.modules.names(module)[-1]):
            return self.attribute(Module(package), name) or values
        for name in names:
            values = self._attribute(values, name)
        return values

    def _client(self, value: External) -> External:
        """A class that is another package's client with a monitor on it becomes that client, tagged."""
        form = self._catalogue.monitored_client(value.path)
        if form is None:
            return value
        tag = Tag("client", form.vendor, form.path, form.group, form.level.value, "", 0)
        return External(self._catalogue.reduce(form.target), value.origin, (*value.tags, tag))

    def _path(self, values: Values, path: str) -> Values:
        for name in path.split("."):
            if not values:
                return ()
            values = self._attribute(values, name)
        return values

    def _attribute(self, values: Values, name: str) -> Values:
        if len(values) == 1:
            return self.attribute(values[0], name)
        return self._union(self.attribute(v, name) for v in values)

    def attribute(self, value: Value, name: str) -> Values:
        """What ``name`` of a value is."""
        match value:
            case External(path, origin, tags):
                if name in _HOLDING and self._catalogue.client(path) is not None:
                    return (value,)
                return (self._client(self.external(f"{path}.{name}", origin, tags)),)
            case Module(file):
                return self.once(("module", file, name), lambda: self._module_member(file, name))
            case Defined(file, scope):
                view = self._project.view(file)
                if view is not None and view.may_be_property(scope):
                    read = ("read", file, scope, name)  # a property may give itself
                    return self.once(read, lambda: self._attribute(self.returned(value), name))
                if view is None or view.facts.scopes[scope].kind != "class":
                    return ()
                return self.once(("static", file, scope, name), lambda: self._member(file, scope, name))
            case Instance(file, scope):
                return self.once(("member", file, scope, name), lambda: self._instance_member(file, scope, name))
            case Parent(file, scope):
                return self.once(("parent", file, scope, name), lambda: self._inherited(file, scope, name))
            case Collected():
                # An object's properties are its elements; a dictionary has methods besides.
                return self.elements.property(value, name) or (CollectionMethod(value, name),)
        return ()

    def _module_member(self, file: str, name: str) -> Values:
        helper = self._project.helper(file, name)
        if helper is not None:
            return (External(helper),)
        child = self._project.modules.child(file, name)
        if file.endswith("/"):
            return (Module(child),) if child else ()
        view = self._project.view(file)
        if view is not None:
            end = view.facts.scopes[0].end + 1
            values, found = self._in_scope(name, view, 0, end, False)
            if found:
                return values
            for target in view.starred:
                values = self._path(self.imported(view, target), name)
                if values:
                    return values
        if child:
            return (Module(child),)
        # CommonJS: what a module exports is its only value, and has the properties that it has.
        exported = self._exported(file) if name != self._only(file) else ()
        return self._attribute(exported, name) if exported else ()

    def _only(self, file: str) -> str:
        """What a module is where none is meant, by name: a package's ``from .client import client`` hides it."""
        return _DEFAULT if self._catalogue.takes_words else file.rpartition("/")[2].partition(".")[0]

    def _exported(self, file: str) -> Values:
        return self.attribute(Module(file), self._only(file))

    def _instance_member(self, file: str, scope: int, name: str) -> Values:
        values = self._member(file, scope, name)
        if values:
            return values
        found: list[Value] = []
        for heir in self._project.subclasses(file, scope):
            view = self._project.view(heir.file)
            if view is not None:
                found.extend(self._own_member(view, heir.scope, name, found=[]))
        return tuple(dict.fromkeys(found))

    def _member(self, file: str, scope: int, name: str) -> Values:
        view = self._project.view(file)
        if view is None:
            return ()
        present: list[bool] = []
        values = self._own_member(view, scope, name, present)
        if values or (present and name != "__init__"):
            return values or (self._inherited(file, scope, name) if present else ())
        return self._inherited(file, scope, name)

    def _own_member(self, view: FileView, scope: int, name: str, found: list[bool]) -> Values:
        rows = view.members.get(scope, {}).get(name)
        if not rows:
            return ()
        found.append(True)
        values: list[Value] = []
        for row in assigned(self, view, rows):
            for value in self.bound(view, row):
                if isinstance(value, Defined) and row.how == "def" and view.is_property(value.scope):
                    values.extend(self.returned(value))
                else:
                    values.append(value)
            if row.how == "annotation" and not values:
                values.extend(self.parameters.field(view, scope, name))
        return tuple(dict.fromkeys(values))

    def _inherited(self, file: str, scope: int, name: str) -> Values:
        found: list[Value] = []
        for base in self.bases(file, scope):
            match base:
                case Defined(base_file, base_scope):
                    found.extend(self.attribute(Instance(base_file, base_scope), name))
                case External(path, origin, tags):
                    found.append(self.external(f"{path}().{name}", origin, tags))
        return tuple(dict.fromkeys(found))

    def bases(self, file: str, scope: int) -> Values:
        """The classes that a class names as its bases."""
        return self.once(("bases", file, scope), lambda: self._bases(file, scope))

    def _bases(self, file: str, scope: int) -> Iterator[Value]:
        view = self._project.view(file)
        if view is None:
            return
        here = view.facts.scopes[scope]
        for base in here.bases:
            for value in self.resolve(base, view, here.parent, here.start):
                if value != Defined(file, scope):
                    yield value

    def _param(self, view: FileView, scope: int, param: Param) -> Values:
        return self.once(("param", view.path, scope, param.name), lambda: self.parameters.of(view, scope, param))

    def _results(self, view: FileView, number: int, call: Call) -> Values:
        if call.callee == "super":
            owner = view.class_around(call.scope)
            return (Parent(view.path, owner),) if owner is not None else ()
        if call.callee in ("getattr", "__import__"):
            return looked_up(self, self._catalogue, view, call)
        if isinstance(call.callee, str) and call.callee in BUILTINS and not view.is_parameter(call.callee, call.scope):
            own = self.callee(view, number)
            return self._union(self._called(v, view, number, call) for v in own) or self.elements.by_builtin(view, call)
        called = self._union(self._called(v, view, number, call) for v in self.callee(view, number))
        return called or default_of(self, view, call)

    def _called(self, value: Value, view: FileView, number: int, call: Call) -> Values:
        match value:
            case External():
                return self._external_result(value, view, number, call)
            case Defined(file, scope):
                there = self._project.view(file)
                if there is None:
                    return ()
                return (Instance(file, scope),) if there.facts.scopes[scope].kind == "class" else self.returned(value)
            case Instance(file, scope):
                return self._union(
                    self.returned(m) if isinstance(m, Defined) else self._called(m, view, number, call)
                    for m in self.attribute(value, "__call__")
                )
            case CollectionMethod(collection, name):
                return self.elements.by_method(collection, name, view, call)
            case Module(file):
                own = (v for v in self._exported(file) if not isinstance(v, Module))
                return self._union(self._called(v, view, number, call) for v in own)
        return ()

    def _external_result(self, value: External, view: FileView, number: int, call: Call) -> Values:
        path = value.path
        back = handed_back(self, self._catalogue, path, view, call)
        if back is not None:
            return back
        position = RETURNS_RESULT.get(path)
        if position is not None:
            values = self._union(self._called(v, view, number, call) for v in self.argument(view, call, position))
            return entered(self, values) if any(isinstance(v, Generated) for v in values) else values
        wrapper = self._catalogue.wrapper(path)
        if wrapper is not None:
            tag = Tag("client", wrapper.vendor, wrapper.path, wrapper.group, wrapper.level.value, view.path, call.row)
            return tuple(
                v._replace(tags=(*v.tags, tag)) if isinstance(v, External) else v
                for v in self.argument(view, call, wrapper.argument)
            )
        if wraps_function(self._catalogue, path, call):
            monitored = wrapped(self._catalogue, path, self.argument(view, call, 0), view, call)
            if monitored:
                return monitored
        if (loaded := imported_by_name(self, path, view, call)) is not None:
            return loaded
        if path.endswith(".bind") and self._catalogue.match_call(path[: -len(".bind")]) is not None:
            return (value._replace(path=path[: -len(".bind")]),)
        made = self._catalogue.reduce(f"{path}()")
        is_client = self._catalogue.client(made) is not None
        origin = (view.path, number) if is_client and not value.origin else value.origin
        tags = kept(self._catalogue, value, made, view, call)
        return (External(made, origin, (*tags, *run_before(path, view, number))),)

    def returned(self, value: Defined) -> Values:
        """What calling a function of the project gives."""
        return self.once(("returned", value.file, value.scope), lambda: self._returned_by(value))

    def _returned_by(self, value: Defined) -> Iterator[Value]:
        view = self._project.view(value.file)
        if view is None:
            return
        here = view.facts.scopes[value.scope]
        # An abstract context manager has no body to yield from.
        if here.is_generator or not _CONTEXT_MANAGERS.isdisjoint(view.decorator_names(value.scope)):
            yield Generated(value.file, value.scope)
            return
        given = [v for expr in here.returns for v in self.resolve(expr, view, value.scope, here.end)]
        yield from given
        said = [v for v in given if not isinstance(v, Literal)]
        if not said:
            typed = self.resolve(here.returned_type, view, here.parent, here.start)
            yield from typed or given_by_heirs(self._project, self, value)
        elif here.returned_type is not None and are_foreign(self._catalogue, said):
            typed = self.resolve(here.returned_type, view, here.parent, here.start)
            yield from (v for v in typed if not are_foreign(self._catalogue, (v,)))

    def yielded(self, value: Generated) -> Iterator[Value]:
        """What a generator of the project yields."""
        view = self._project.view(value.file)
        if view is not None:
            here = view.facts.scopes[value.scope]
            for expr in here.yields:
                yield from self.resolve(expr, view, value.scope, here.end)
