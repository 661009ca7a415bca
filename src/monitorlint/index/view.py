"""One file's facts, with the tables that resolution asks for. Built when a file is first looked at."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Binding, Call, FileFacts, Import, Scope

_STATIC = frozenset({"staticmethod"})
_PROPERTIES = frozenset({"property", "cached_property", "computed_field"})
_PLAIN = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "final", "overload"})
"""Decorators after which a method is still a method."""
_WORDS = pattern(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
OWN_NAMES = frozenset({"self", "cls", "this"})
"""What methods call the object, or the class, that they belong to."""


_COMPARING = frozenset({"useEffect", "useLayoutEffect", "useInsertionEffect", "useCallback", "useMemo"})


def handed(call: Call) -> list[str]:
    """The names that a call is handed, by themselves or in a list: ``Agent(tools=[search])``.

    What a hook of React is handed behind its function, it compares and no more.
    """
    found: list[str] = []
    given = call.args[:1] if tail_of(call.callee) in _COMPARING else (*call.args, *call.kwargs.values())
    for expr in given:
        if isinstance(expr, str):
            found.append(expr)
        elif expr and expr[0] == "seq":
            found.extend(part for part in expr[1] if isinstance(part, str))
    return found


class FileView:
    """The facts of ``path`` (relative to the project root), indexed."""

    def __init__(self, path: str, facts: FileFacts, area: str = "app") -> None:
        self.path = path
        self.area = area
        self.facts = facts
        self._aliases: dict[frozenset[str], frozenset[str]] = {}

    @cached_property
    def bindings(self) -> dict[tuple[int, str], list[Binding]]:
        """Bindings by scope and name, in source order."""
        table: dict[tuple[int, str], list[Binding]] = defaultdict(list)
        for binding in self.facts.bindings:
            table[binding.scope, binding.name].append(binding)
        return table

    @cached_property
    def calls_by_name(self) -> dict[str, list[Call]]:
        """Calls by the last name of their callee, in source order."""
        table: dict[str, list[Call]] = defaultdict(list)
        for call in self.facts.calls:
            table[tail_of(call.callee)].append(call)
        return table

    @cached_property
    def elements(self) -> dict[str, list[Binding]]:
        """Bindings of elements (``name[key] = …``) by the name of the collection."""
        table: dict[str, list[Binding]] = defaultdict(list)
        for binding in self.facts.bindings:
            name, mark, _ = binding.name.partition("[]")
            if mark:
                table[name].append(binding)
        return table

    @cached_property
    def imports(self) -> dict[tuple[int, str], list[Import]]:
        """Imports by scope and local name, in source order."""
        table: dict[tuple[int, str], list[Import]] = defaultdict(list)
        for row in self.facts.imports:
            table[row.scope, row.local].append(row)
        return table

    @cached_property
    def members(self) -> dict[int, dict[str, list[Binding]]]:
        """Per class scope: what its body binds, and what its methods bind on their first parameter."""
        table: dict[int, dict[str, list[Binding]]] = defaultdict(lambda: defaultdict(list))
        scopes = self.facts.scopes
        for binding in self.facts.bindings:
            if scopes[binding.scope].kind == "class":
                table[binding.scope][binding.name].append(binding)
                continue
            first, dot, attribute = binding.name.partition(".")
            if dot and (owner := self.instance_of(binding.scope, first)) is not None:
                table[owner][attribute].append(binding)
            scope = scopes[binding.scope]
            if dot and scope.name == "__new__" and scopes[scope.parent].kind == "class":
                # ``made = super().__new__(cls); made.client = …``, or ``cls._only.client = …``
                table[scope.parent][attribute.rpartition(".")[2]].append(binding)
        return table

    def aliases(self, tails: frozenset[str]) -> frozenset[str]:
        """The last names of whatever may hold a function called as one of ``tails``, wherever it stands.

        Nearly all names that are called are none of them, and need no look at scopes.
        """
        known = self._aliases.get(tails)
        if known is None:
            bound = {
                b.name.rpartition(".")[2]
                for b in self.facts.bindings
                if b.how != "def" and (isinstance(b.value, (tuple, list)) or tail_of(b.value) in tails)
            }
            bound.update(i.local for i in self.facts.imports if i.target.rpartition(".")[2] in tails)
            bound |= self.parameters | self.typed_calls(tails)
            known = self._aliases[tails] = frozenset(bound)
        return known

    def typed_calls(self, tails: frozenset[str]) -> frozenset[str]:
        """The names of properties that types of this file say hold a function called as one of ``tails``."""
        scopes = self.facts.scopes
        rows = [
            (b.name, b.value) for b in self.facts.bindings if b.how == "annotation" and scopes[b.scope].kind == "class"
        ]
        for scope in scopes:
            other = scope.returned_type if scope.kind == "class" else None
            if isinstance(other, (tuple, list)) and other[0] == "map":
                rows.extend(other[1])
        return frozenset(name for name, value in rows if tail_of(value) in tails)

    @cached_property
    def holders(self) -> frozenset[str]:
        """The last names of whatever may hold an instance, wherever it stands."""
        rows = self.facts.bindings
        return frozenset(b.name.rpartition(".")[2] for b in rows if b.how != "def" and not isinstance(b.value, str))

    def instance_of(self, scope: int, name: str) -> int | None:
        """The class that a method's first parameter, ``name``, is an instance of (or is itself)."""
        scopes = self.facts.scopes
        while scope > 0:
            here = scopes[scope]
            if here.kind == "function":
                first = here.params[0].name if here.params else ""
                if first == name and scopes[here.parent].kind == "class" and not self.is_static(scope):
                    return here.parent
                if any(p.name == name for p in here.params):
                    return None
            scope = here.parent
        return None

    def is_static(self, scope: int) -> bool:
        return any(d in _STATIC for d in self.facts.scopes[scope].decorators if isinstance(d, str))

    def is_class_method(self, scope: int) -> bool:
        return any(d == "classmethod" for d in self.facts.scopes[scope].decorators)

    def is_property(self, scope: int) -> bool:
        """Whether a method is known to be read like an attribute."""
        return not _PROPERTIES.isdisjoint(self.decorator_names(scope))

    def may_be_property(self, scope: int) -> bool:
        """Whether a decorator may make an attribute of a method; the method itself has none that matter."""
        here = self.facts.scopes[scope]
        in_class = here.kind == "function" and here.parent > 0 and self.facts.scopes[here.parent].kind == "class"
        return in_class and not _PLAIN.issuperset(self.decorator_names(scope))

    @cached_property
    def calls_by_tail(self) -> dict[str, list[int]]:
        """Numbers of the calls by the last name of their callee (``""`` where it has none)."""
        table: dict[str, list[int]] = defaultdict(list)
        for number, call in enumerate(self.facts.calls):
            table[tail_of(call.callee)].append(number)
        return table

    @cached_property
    def calls_by_function(self) -> dict[int, list[int]]:
        """Numbers of the calls by the named function, class or module that they stand in."""
        table: dict[int, list[int]] = defaultdict(list)
        for number, call in enumerate(self.facts.calls):
            table[self.function_of(call.scope)].append(number)
        return table

    @cached_property
    def handing(self) -> dict[int, tuple[int, int | str]]:
        """The call that a function without a name is handed to, and as which argument, by the function's scope."""
        table: dict[int, tuple[int, int | str]] = {}
        for number, call in enumerate(self.facts.calls):
            places: tuple[tuple[int | str, Expr], ...] = (*enumerate(call.args), *call.kwargs.items())
            for place, expr in places:
                if isinstance(expr, (tuple, list)) and expr[0] == "fn":
                    table.setdefault(expr[1], (number, place))
        return table

    @cached_property
    def references(self) -> dict[str, list[int]]:
        """Numbers of the calls that are handed a plain or dotted name, by its last part."""
        table: dict[str, list[int]] = defaultdict(list)
        for number, call in enumerate(self.facts.calls):
            if call.args or call.kwargs:
                for name in handed(call):
                    table[name.rpartition(".")[2]].append(number)
        return table

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names of the parameters of whatever function of the file."""
        return frozenset(param.name for scope in self.facts.scopes for param in scope.params)

    @cached_property
    def starred(self) -> list[str]:
        """Targets of the module's star imports."""
        return [i.target for i in self.imports.get((0, "*"), ())]

    def decorator_names(self, scope: int) -> list[str]:
        """Last names of the decorators of a scope."""
        return [tail_of(self.callee_of(d)) for d in self.facts.scopes[scope].decorators]

    def callee_of(self, expr: Expr) -> Expr:
        """The callee, when ``expr`` is a call; ``expr`` itself otherwise."""
        if isinstance(expr, (tuple, list)) and expr and expr[0] == "call":
            return self.facts.calls[expr[1]].callee
        return expr

    def scopes_around(self, scope: int) -> Iterator[int]:
        """A scope, and those that it stands in."""
        while scope >= 0:
            yield scope
            scope = self.facts.scopes[scope].parent

    def is_parameter(self, name: str, scope: int, kinds: Container[str] = ("", "k", "*", "**")) -> bool:
        """Whether a name is a parameter, of one of some kinds, of a scope or of one that it stands in."""
        return name in self.parameters and any(
            param.name == name and param.kind in kinds
            for around in self.scopes_around(scope)
            for param in self.facts.scopes[around].params
        )

    def class_around(self, scope: int) -> int | None:
        """The nearest class that a scope is, or stands in."""
        scopes = self.facts.scopes
        while scope > 0:
            if scopes[scope].kind == "class":
                return scope
            scope = scopes[scope].parent
        return None

    def function_of(self, scope: int) -> int:
        """The innermost named function, class or module around (or at) a scope."""
        scopes = self.facts.scopes
        while scopes[scope].kind == "lambda":
            scope = scopes[scope].parent
        return scope

    def symbol(self, scope: int) -> str:
        """Dotted name of the innermost named scope, ``""`` for the module."""
        parts: list[str] = []
        scopes = self.facts.scopes
        while scope > 0:
            here: Scope = scopes[scope]
            if here.kind != "lambda":
                parts.append(here.name)
            scope = here.parent
        return ".".join(reversed(parts))

    def blocks_around(self, call: Call) -> list[int]:
        """The blocks that hold a call, innermost first, up to the body of its named function, through lambdas."""
        blocks = self.facts.blocks
        found: list[int] = []
        number = call.block
        limit = self.function_of(call.scope)
        while number >= 0:
            found.append(number)
            block = blocks[number]
            if block.kind == "body" and block.scope == limit:
                break
            number = block.parent
        return found


def family_of(view: FileView, scope: int) -> Iterator[int]:
    """A function, and what stands in it."""
    inside = {scope}
    yield scope
    for number in range(scope + 1, len(view.facts.scopes)):
        if view.facts.scopes[number].parent in inside:
            inside.add(number)
            yield number


def words_of(name: str) -> set[str]:
    """The words of a name, in lower case: ``withTimeout``, ``with_timeout``."""
    return {word.lower() for word in _WORDS.findall(name)}


def tail_of(expr: Expr) -> str:
    """The last name of a dotted expression, ``""`` where there is none."""
    if isinstance(expr, str):
        return expr.rpartition(".")[2]
    if expr and expr[0] == "attr":
        return str(expr[2]).rpartition(".")[2]
    return ""


def module_of(path: str) -> str:
    """The last two names of the module in a file."""
    folder, _, name = path.rpartition("/")
    return f"{folder.rpartition('/')[2]}.{name.rpartition('.')[0]}"


_AT_ONCE = frozenset("then catch finally all allSettled race any map flatMap forEach filter reduce".split())
"""These run what they are handed as soon as they can."""
_IN_PART = "partial"
"""This makes a function of one and of its first arguments, and runs neither."""


def runs_on_import(view: FileView, call: Call) -> bool:
    """Whether a call runs while its module is imported.

    What a lambda holds that is handed to something does not, nor what only gets its first arguments.
    """
    if view.function_of(call.scope) != 0 or tail_of(call.callee) == _IN_PART:
        return False
    outer = call
    while outer.parent >= 0:
        outer = view.facts.calls[outer.parent]
    return call.scope == 0 or outer is call or tail_of(outer.callee) in _AT_ONCE
