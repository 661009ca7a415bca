"""What the expressions of a project stand for.

Resolution is demand-driven: nothing is resolved until a check asks what a call's callee is, and a file is
read only when a name leads there. Results are remembered, except those that a cycle or the depth limit
cut short: what is remembered must not depend on who asked first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

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
)
from monitorlint.index.view import tail_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from monitorlint.catalog import Catalogue
    from monitorlint.index.modules import ModuleMap
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding, Call, Param

MAX_DEPTH = 40
MAX_VALUES = 48
"""A name that may stand for more things than this stands for nothing in particular."""
RUNNABLE = "langchain_core.runnables.RunnableSequence()"

_RETURNS_ARGUMENT = {
    "typing.cast": 1,
    "copy.copy": 0,
    "copy.deepcopy": 0,
    "asyncio.wait_for": 0,
    "asyncio.create_task": 0,
    "asyncio.ensure_future": 0,
    "asyncio.shield": 0,
    "asyncio.run": 0,
    "contextlib.nullcontext": 0,
    "contextlib.closing": 0,
    "contextlib.aclosing": 0,
    "weakref.proxy": 0,
    "enter_context": 0,
    "enter_async_context": 0,
}
_RETURNS_RESULT = {
    "fastapi.Depends": 0,
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
    "asgiref.sync.sync_to_async": 0,
}
_RETURNS_ITSELF = {"functools.lru_cache", "functools.cache", "functools.wraps"}
_CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_PROPERTIES = frozenset({"property", "cached_property", "computed_field"})
_COLLECTION_ELEMENT = frozenset({"get", "pop", "setdefault", "__getitem__"})
_COLLECTION_SAME = frozenset({"values", "copy", "keys", "items"})


class Project(Protocol):
    """What resolution needs of the project."""

    catalogue: Catalogue
    modules: ModuleMap

    def view(self, path: str) -> FileView | None:
        """The file's view, read now if it was not yet; None when it cannot be read."""

    def helper(self, file: str, name: str) -> str | None:
        """The catalogue path that a name of a helper module of the project stands for."""

    def callers(self, file: str, scope: int) -> Iterable[tuple[FileView, Call]]:
        """Calls that may call this function, or construct this class."""

    def subclasses(self, file: str, scope: int) -> Iterable[Defined]:
        """Classes of the project that name this class as a base."""


class Resolver:
    """Resolves expressions of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._catalogue = project.catalogue
        self._memo: dict[tuple[object, ...], Values] = {}
        self._stack: dict[tuple[object, ...], int] = {}
        self._provisional: dict[tuple[object, ...], tuple[Values, int]] = {}
        self._order: list[tuple[object, ...]] = []
        self._lowest = MAX_DEPTH + 1
        """Depth of the outermost key that an answer since the innermost key began had to do without."""

    def _once(self, key: tuple[object, ...], compute: Callable[[], Iterable[Value]]) -> Values:
        """The values for ``key``, computed once.

        A key that is asked for while it is being computed has no values yet. What was computed with the help
        of such an answer is provisional: it holds until the key that began the cycle is done, and is then
        forgotten, so that the next one who asks gets the whole answer.
        """
        known = self._memo.get(key)
        if known is not None:
            return known
        provisional = self._provisional.get(key)
        if provisional is not None:
            self._lowest = min(self._lowest, provisional[1])
            return provisional[0]
        depth = len(self._stack)
        if key in self._stack:
            self._lowest = min(self._lowest, self._stack[key])
            return ()
        if depth >= MAX_DEPTH:
            self._lowest = -1
            return ()
        outer, self._lowest = self._lowest, MAX_DEPTH + 1
        mark = len(self._order)
        self._stack[key] = depth
        try:
            values = tuple(dict.fromkeys(compute()))
        finally:
            del self._stack[key]
        if len(values) > MAX_VALUES:
            values = ()
        if self._lowest >= depth or depth == 0:
            for done in self._order[mark:]:
                del self._provisional[done]
            del self._order[mark:]
            if self._lowest >= depth:
                self._memo[key] = values
            self._lowest = outer
        else:
            self._provisional[key] = (values, self._lowest)
            self._order.append(key)
            self._lowest = min(outer, self._lowest)
        return values

    def resolve(self, expr: Expr, view: FileView, scope: int, offset: int) -> Values:
        """What ``expr`` may stand for, read in ``scope`` at byte ``offset``. Empty: nothing is known."""
        if expr is None:
            return ()
        if isinstance(expr, str):
            return self._dotted(expr, view, scope, offset)
        match expr[0]:
            case "call":
                return self.result(view, expr[1])
            case "attr":
                return self._path(self.resolve(expr[1], view, scope, offset), expr[2])
            case "any":
                return self._union(self.resolve(e, view, scope, offset) for e in expr[1])
            case "item":
                return self._elements(
                    self.resolve(expr[1], view, scope, offset), expr[2] if len(expr) > 2 else "", expr, view, scope
                )
            case "pipe":
                return self._pipe(expr, view, scope, offset)
            case "seq" | "map":
                return (Collected(view.path, scope, offset, _frozen(expr)),)
            case "lit":
                return (Literal(expr[1]),)
            case "fn":
                return (Defined(view.path, expr[1]),)
            case "of":
                return self._instances(self.resolve(expr[1], view, scope, offset))
            case "entered":
                return self._entered(self.resolve(expr[1], view, scope, offset))
        return ()

    @staticmethod
    def _union(parts: Iterable[Values]) -> Values:
        return tuple(dict.fromkeys(v for values in parts for v in values))

    def callee(self, view: FileView, number: int) -> Values:
        """What call ``number`` of a file calls."""
        call = view.facts.calls[number]
        return self._once(
            ("callee", view.path, number), lambda: self.resolve(call.callee, view, call.scope, call.start)
        )

    def result(self, view: FileView, number: int) -> Values:
        """What call ``number`` of a file gives."""
        call = view.facts.calls[number]
        return self._once(("result", view.path, number), lambda: self._results(view, number, call))

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
        values = self.name(root, view, scope, offset)
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
        return self._once(("name", view.path, scope, name, offset), lambda: self._name(name, view, scope, offset))

    def _name(self, name: str, view: FileView, scope: int, offset: int) -> Values:
        scopes = view.facts.scopes
        current, first = scope, True
        while current >= 0:
            here = scopes[current]
            if here.kind != "class" or first:
                at = offset if first else len(name) + here.end
                values, found = self._in_scope(name, view, current, at, first)
                if found:
                    return values
            if here.kind != "lambda":
                first = False
            current = here.parent
        if name == "super":
            return (External("builtins.super"),)
        for target in view.starred:
            values = self._path(self._import(view, target), name)
            if values and not all(isinstance(v, External) and not self._known(v) for v in values):
                return values
        return ()

    def _known(self, value: External) -> bool:
        return self._catalogue.match_call(value.path) is not None or any(
            self._catalogue.client(path) is not None for path in (value.path, f"{value.path}()")
        )

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
            if param is not None and (not live or (flow and not _dominated(view, live, offset))):
                values.extend(self._param(view, scope, param))
        elif param is not None:
            values.extend(self._param(view, scope, param))
        for row in imports or ():
            values.extend(self._import(view, row.target))
        return tuple(dict.fromkeys(values)), True

    def _bindings(
        self, view: FileView, bindings: Iterable[Binding], offset: int, *, all_live: bool = False
    ) -> Values:
        live = list(bindings) if all_live else live_bindings(view, list(bindings), offset)
        found: list[Value] = []
        for binding in live:
            found.extend(self._binding(view, binding))
        return tuple(dict.fromkeys(found))

    def _binding(self, view: FileView, binding: Binding) -> Values:
        key = ("binding", view.path, binding.start, binding.name)
        scope = view.facts.blocks[binding.block].scope
        return self._once(key, lambda: self.resolve(binding.value, view, scope, binding.start))

    def _import(self, view: FileView, target: str) -> Values:
        return self._once(("import", view.path.rpartition("/")[0], target), lambda: self._imported(view.path, target))

    def _imported(self, importer: str, target: str) -> Values:
        module, names = self._project.modules.find(importer, target)
        if module is None:
            return () if target.startswith(".") else (self._client(self.external(target)),)
        values: Values = (Module(module),)
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
                return (self._client(self.external(f"{path}.{name}", origin, tags)),)
            case Module(file):
                return self._once(("module", file, name), lambda: self._module_member(file, name))
            case Defined(file, scope):
                view = self._project.view(file)
                if view is None or view.facts.scopes[scope].kind != "class":
                    return ()
                return self._once(("static", file, scope, name), lambda: self._member(file, scope, name))
            case Instance(file, scope):
                return self._once(("member", file, scope, name), lambda: self._instance_member(file, scope, name))
            case Parent(file, scope):
                return self._once(("parent", file, scope, name), lambda: self._inherited(file, scope, name))
            case Collected():
                return (CollectionMethod(value, name),)
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
                values = self._path(self._import(view, target), name)
                if values:
                    return values
        return (Module(child),) if child else ()

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
        for row in rows:
            for value in self._binding(view, row):
                if isinstance(value, Defined) and row.how == "def" and self._is_property(view, value):
                    values.extend(self._returned(value))
                else:
                    values.append(value)
            if row.how == "annotation" and not values:
                values.extend(self._field(view, scope, name))
        return tuple(dict.fromkeys(values))

    def _field(self, view: FileView, scope: int, name: str) -> Iterator[Value]:
        """A dataclass field that the annotation says nothing of: what the constructor's callers hand over."""
        for caller, call in self._project.callers(view.path, scope):
            if name in call.kwargs:
                yield from self.resolve(call.kwargs[name], caller, call.scope, call.start)

    def _is_property(self, view: FileView, value: Defined) -> bool:
        return value.file == view.path and bool(_PROPERTIES.intersection(view.decorator_names(value.scope)))

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
        return self._once(("bases", file, scope), lambda: self._bases(file, scope))

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
        return self._once(("param", view.path, scope, param.name), lambda: self._parameter(view, scope, param))

    def _parameter(self, view: FileView, scope: int, param: Param) -> Values:
        here = view.facts.scopes[scope]
        if (
            here.params
            and here.params[0].name == param.name
            and (owner := view.instance_of(scope, param.name)) is not None
        ):
            is_class = view.is_class_method(scope) or here.name in {"__new__", "__init_subclass__", "__class_getitem__"}
            return (Defined(view.path, owner) if is_class else Instance(view.path, owner),)
        if param.kind in {"*", "**"}:
            return ()
        annotated = self.resolve(param.annotation, view, here.parent, here.start)
        if any(not isinstance(v, Literal) for v in annotated):
            return annotated
        values = list(self.resolve(param.default, view, here.parent, here.start))
        position = [p.name for p in here.params].index(param.name)
        values.extend(self._from_callers(view, scope, param.name, position))
        return tuple(dict.fromkeys(v for v in values if not isinstance(v, Literal)))

    def _from_callers(self, view: FileView, scope: int, name: str, position: int) -> Iterator[Value]:
        here = view.facts.scopes[scope]
        is_method = view.facts.scopes[here.parent].kind == "class" if here.parent >= 0 else False
        shift = 1 if is_method and not view.is_static(scope) else 0
        for caller, call in self._project.callers(view.path, scope):
            place = position - shift
            if name in call.kwargs:
                yield from self.resolve(call.kwargs[name], caller, call.scope, call.start)
            elif 0 <= place < len(call.args):
                yield from self.resolve(call.args[place], caller, call.scope, call.start)

    def _results(self, view: FileView, number: int, call: Call) -> Values:
        if call.callee == "super":
            owner = self._enclosing_class(view, call.scope)
            return (Parent(view.path, owner),) if owner is not None else ()
        if call.callee == "getattr":
            return self._getattr(view, call)
        if call.callee == "next" and call.args:
            return self._elements(self.resolve(call.args[0], view, call.scope, call.start), "", None, view, call.scope)
        return self._union(self._called(v, view, number, call) for v in self.callee(view, number))

    def _called(self, value: Value, view: FileView, number: int, call: Call) -> Values:
        match value:
            case External():
                return self._external_result(value, view, number, call)
            case Defined(file, scope):
                there = self._project.view(file)
                if there is None:
                    return ()
                return (Instance(file, scope),) if there.facts.scopes[scope].kind == "class" else self._returned(value)
            case Instance(file, scope):
                return self._union(
                    self._returned(m) if isinstance(m, Defined) else self._called(m, view, number, call)
                    for m in self.attribute(value, "__call__")
                )
            case CollectionMethod(collection, name):
                if name in _COLLECTION_ELEMENT:
                    key = call.args[0] if call.args else None
                    literal = (
                        key[1] if isinstance(key, (tuple, list)) and key[0] == "lit" and isinstance(key[1], str) else ""
                    )
                    found = self._elements((collection,), literal, None, view, call.scope)
                    default = self.argument(view, call, 1)
                    return self._union((found, tuple(v for v in default if not isinstance(v, Literal))))
                if name in _COLLECTION_SAME:
                    return (collection,)
        return ()

    def _external_result(self, value: External, view: FileView, number: int, call: Call) -> Values:
        path = value.path
        tail = path.rpartition(".")[2]
        position = _RETURNS_ARGUMENT.get(path, _RETURNS_ARGUMENT.get(tail) if tail.startswith("enter_") else None)
        if position is not None:
            return self.argument(view, call, position)
        position = _RETURNS_RESULT.get(path)
        if position is not None:
            return self._union(self._called(v, view, number, call) for v in self.argument(view, call, position))
        wrapper = self._catalogue.wrapper(path)
        if wrapper is not None:
            tag = Tag("client", wrapper.vendor, wrapper.path, wrapper.group, wrapper.level.value, view.path, call.row)
            return tuple(
                v._replace(tags=(*v.tags, tag)) if isinstance(v, External) else v
                for v in self.argument(view, call, wrapper.argument)
            )
        if path in _RETURNS_ITSELF:
            return self.argument(view, call, 0)
        made = self._catalogue.reduce(f"{path}()")
        is_client = self._catalogue.client(made) is not None
        origin = (view.path, number) if is_client and not value.origin else value.origin
        tags = tuple(t if t.path else t._replace(path=view.path, row=call.row) for t in value.tags)
        return (External(made, origin, tags),)

    def _getattr(self, view: FileView, call: Call) -> Values:
        if len(call.args) < 2:
            return ()
        name = call.args[1]
        if isinstance(name, (tuple, list)) and name[0] == "lit" and isinstance(name[1], str) and name[1].isidentifier():
            return self._attribute(self.resolve(call.args[0], view, call.scope, call.start), name[1])
        return ()

    def _enclosing_class(self, view: FileView, scope: int) -> int | None:
        scopes = view.facts.scopes
        while scope > 0:
            if scopes[scope].kind == "class":
                return scope
            scope = scopes[scope].parent
        return None

    def _returned(self, value: Defined) -> Values:
        return self._once(("returned", value.file, value.scope), lambda: self._returned_by(value))

    def _returned_by(self, value: Defined) -> Iterator[Value]:
        view = self._project.view(value.file)
        if view is None:
            return
        here = view.facts.scopes[value.scope]
        if here.is_generator:
            yield Generated(value.file, value.scope)
            return
        known = False
        for expr in here.returns:
            for found in self.resolve(expr, view, value.scope, here.end):
                known = known or not isinstance(found, Literal)
                yield found
        if not known:
            yield from self.resolve(here.returned_type, view, here.parent, here.start)

    def _yielded(self, value: Generated) -> Iterator[Value]:
        view = self._project.view(value.file)
        if view is not None:
            here = view.facts.scopes[value.scope]
            for expr in here.yields:
                yield from self.resolve(expr, view, value.scope, here.end)

    def _instances(self, values: Values) -> Values:
        found: list[Value] = []
        for value in values:
            match value:
                case External(path, origin, tags):
                    found.append(self.external(f"{path}()", origin, tags))
                case Defined(file, scope):
                    found.append(Instance(file, scope))
        return tuple(found)

    def _entered(self, values: Values) -> Values:
        found: list[Value] = []
        for value in values:
            match value:
                case Generated():
                    found.extend(self._once(("yielded", value.file, value.scope), lambda v=value: self._yielded(v)))  # type: ignore[misc]
                case Instance():
                    entered: list[Value] = []
                    for method in ("__enter__", "__aenter__"):
                        for member in self.attribute(value, method):
                            entered.extend(self._returned(member) if isinstance(member, Defined) else ())
                    found.extend(entered or [value])
                case _:
                    found.append(value)
        return tuple(dict.fromkeys(found))

    def _elements(self, values: Values, key: str, expr: Expr, view: FileView, scope: int) -> Values:
        found: list[Value] = []
        for value in values:
            match value:
                case Collected():
                    found.extend(self._once(("element", value, key), lambda v=value: self._element(v, key)))  # type: ignore[misc]
                case Generated():
                    found.extend(self._once(("yielded", value.file, value.scope), lambda v=value: self._yielded(v)))  # type: ignore[misc]
                case External(path, origin, tags) if self._catalogue.client(path) is None and not key.startswith("#"):
                    found.append(External(f"{path}[]", origin, tags))
        if expr is not None and isinstance(expr[1], str):
            found.extend(self._stored(expr[1], view, scope))
        return tuple(dict.fromkeys(found))

    def _stored(self, name: str, view: FileView, scope: int) -> Iterator[Value]:
        """``cache[key] = client`` speaks for every ``cache[…]`` of the scopes that see the same ``cache``."""
        root, _, attribute = name.partition(".")
        owner = view.instance_of(scope, root) if attribute else None
        if owner is not None:
            for stored, rows in view.members.get(owner, {}).items():
                if stored.startswith(f"{attribute}[]"):
                    for row in rows:
                        yield from self._binding(view, row)
            return
        for binding in view.elements.get(name, ()):
            yield from self._binding(view, binding)

    def _element(self, value: Collected, key: str) -> Iterator[Value]:
        view = self._project.view(value.file)
        if view is None or not isinstance(value.expr, tuple):
            return
        kind, parts = value.expr
        if kind == "map":
            exact = [e for k, e in parts if k == key] if key else []
            chosen = exact or [e for _, e in parts]
        elif key.startswith("#"):
            number = int(key[1:])
            chosen = [parts[number]] if number < len(parts) else list(parts)
        else:
            chosen = list(parts)
        for expr in chosen:
            yield from self.resolve(expr, view, value.scope, value.offset)

    def _pipe(self, expr: Expr, view: FileView, scope: int, offset: int) -> Values:
        assert expr is not None
        for part in expr[1]:
            for value in self.resolve(part, view, scope, offset):
                if isinstance(value, External):
                    client = self._catalogue.client(value.path)
                    if client is not None and client.entry.provider == "langchain":
                        return (External(RUNNABLE, value.origin, value.tags),)
        return ()


def live_bindings(view: FileView, bindings: list[Binding], offset: int) -> list[Binding]:
    """The bindings of one name that may still hold at ``offset``: back to the last one that every path passes."""
    blocks = view.facts.blocks
    live: list[Binding] = []
    # `client = wrap(client)` reads what the name stood for before.
    others = [b for b in bindings if b.how != "augmented" and not _is_inside(view, b.value, offset)]
    for binding in reversed(others):
        if binding.start >= offset:
            continue
        live.append(binding)
        block = blocks[binding.block]
        if block.start <= offset < block.end and binding.how != "annotation":
            return live
    # A loop's body also sees what a later statement of the body bound on the turn before.
    return live or others


def _is_inside(view: FileView, value: Expr, offset: int) -> bool:
    """Whether a value is a call (or one of several) in which ``offset`` lies."""
    if not isinstance(value, (tuple, list)) or not value:
        return False
    if value[0] == "call":
        call = view.facts.calls[value[1]]
        return call.start <= offset < call.end
    return value[0] == "any" and any(_is_inside(view, part, offset) for part in value[1])


def _dominated(view: FileView, live: list[Binding], offset: int) -> bool:
    block = view.facts.blocks[live[-1].block]
    return live[-1].start < offset and block.start <= offset < block.end


def _frozen(expr: Expr) -> Expr:
    """``expr`` with tuples for lists, so that it can be a key."""
    if isinstance(expr, (list, tuple)):
        return tuple(_frozen(e) for e in expr)
    return expr


__all__ = ["Project", "Resolver", "live_bindings", "tail_of"]
