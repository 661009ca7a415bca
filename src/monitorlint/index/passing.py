"""Calls of libraries that give back what they are handed, or its result, by the position of the argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import External, Instance, Literal, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.catalog import Catalogue
    from monitorlint.index.resolve import Resolver
    from monitorlint.index.values import Value, Values
    from monitorlint.index.view import FileView
    from monitorlint.model.facts import Call

_IMPORTING = frozenset({"importlib.import_module"})
_RETURNS_ARGUMENT = {
    "typing.cast": 1,
    "copy.copy": 0,
    "copy.deepcopy": 0,
    "asyncio.wait_for": 0,
    "asyncio.create_task": 0,
    "asyncio.ensure_future": 0,
    "asyncio.shield": 0,
    "asyncio.run": 0,
    "itertools.cycle": 0,
    "itertools.islice": 0,
    "itertools.chain": 0,
    "random.sample": 0,
    "random.choices": 0,
    "contextlib.nullcontext": 0,
    "contextlib.closing": 0,
    "contextlib.aclosing": 0,
    "weakref.proxy": 0,
    "tenacity.retry()": 0,
    "backoff.on_exception()": 0,
    "backoff.on_predicate()": 0,
    "react.useCallback": 0,
    "react.cache": 0,
    "react.memo": 0,
    "react.forwardRef": 0,
    "react.useRef": 0,
    "react.default.useCallback": 0,
    "react.default.cache": 0,
    "react.default.memo": 0,
    "react.default.forwardRef": 0,
    "react.default.useRef": 0,
    "next.cache.unstable_cache": 0,
    "util.promisify": 0,
    "axios-cache-interceptor.setupCache": 0,
    "axios-cookiejar-support.wrapper": 0,
    "axios-case-converter.default": 0,
    "axios-rate-limit.default": 0,
    "fetch-cookie.default": 0,
    "fetch-retry.default": 0,
    "vue.ref": 0,
    "vue.shallowRef": 0,
    "vue.reactive": 0,
    "vue.markRaw": 0,
    # of an exit stack, whatever it is called
    ".enter_context": 0,
    ".enter_async_context": 0,
}
RETURNS_RESULT = {
    "fastapi.Depends": 0,
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
    "asyncio.get_event_loop().run_in_executor": 1,
    "asyncio.get_running_loop().run_in_executor": 1,
    "asyncio.new_event_loop().run_in_executor": 1,
    "starlette.concurrency.run_in_threadpool": 0,
    "fastapi.concurrency.run_in_threadpool": 0,
    "asgiref.sync.sync_to_async": 0,
    "react.useMemo": 0,
    "react.default.useMemo": 0,
}
_GIVES_ELEMENT = frozenset({"random.choice", "secrets.choice", "lodash.sample", "lodash.default.sample"})
_PROCEDURES = ("@trpc/server.", "@orpc/server.", "next-safe-action.")
"""Packages whose procedures are made in steps: ``procedure.use(middleware).input(schema).mutation(handler)``."""
_WITH_DEFAULT = (".get", ".pop", ".setdefault")
_RETURNS_ITSELF = {"functools.lru_cache", "functools.cache", "functools.wraps"}


def handed_back(resolver: Resolver, catalogue: Catalogue, path: str, view: FileView, call: Call) -> Values | None:
    """What a call of ``path`` gives back of what it is handed; None: it gives something else."""
    position = _returned_argument(path)
    if position is not None:
        given = resolver.argument(view, call, position)
        if path == "typing.cast" and call.args and are_foreign(catalogue, given):
            return resolver.resolve(("of", call.args[0]), view, call.scope, call.start)
        return given
    if path in _RETURNS_ITSELF:
        return resolver.argument(view, call, 0)
    if path in _GIVES_ELEMENT:
        return resolver.elements.of(resolver.argument(view, call, 0), "", None, view, call.scope)
    if path == "functools.partial":
        # A request that is handed over is a site where it is.
        made = resolver.argument(view, call, 0)
        return tuple(v for v in made if isinstance(v, External) and catalogue.match_call(v.path) is None)
    return None


def _returned_argument(path: str) -> int | None:
    """The position of the argument that a call of ``path`` gives back; None: it gives something else."""
    if path.startswith(_PROCEDURES) and path.endswith(".middleware"):
        return 0
    return _RETURNS_ARGUMENT.get(path, _RETURNS_ARGUMENT.get(f".{path.rpartition('.')[2]}"))


def are_foreign(catalogue: Catalogue, values: Iterable[Value]) -> bool:
    """Whether all of it is something of packages of which the catalogue says nothing: types say more."""
    return all(
        isinstance(v, External)
        and catalogue.match_call(v.path) is None
        and all(catalogue.client(path) is None for path in (v.path, f"{v.path}()"))
        for v in values
    )


def default_of(resolver: Resolver, view: FileView, call: Call) -> Values:
    """What ``options.pop("client", OpenAI())`` gives where nothing is known of the options.

    The default is made there: ``api.get(url, session)`` gives no session.
    """
    if not isinstance(call.callee, str) or not call.callee.endswith(_WITH_DEFAULT):
        return ()
    default = call.args[1] if len(call.args) == len(("key", "default")) else None
    if not isinstance(default, (tuple, list)) or default[0] != "call":
        return ()
    return tuple(v for v in resolver.argument(view, call, 1) if isinstance(v, (External, Instance)))


def run_before(path: str, view: FileView, number: int) -> tuple[Tag, ...]:
    """What a procedure keeps of call ``number`` of ``path``: the middleware that it is handed."""
    if not path.startswith(_PROCEDURES) or not path.endswith(".use") or not view.facts.calls[number].args:
        return ()
    return (Tag("before", "", "", "before", "", view.path, number),)


def imported_by_name(resolver: Resolver, path: str, view: FileView, call: Call) -> Values | None:
    """The modules that a call of ``path`` imports, where their names are written out; None: none is known.

    A name out of a table, or from callers, is looked up among packages alone: it stands for many, and a file of the
    project would get callers that it does not have.
    """
    return modules_named(resolver, view, call) if path in _IMPORTING and len(call.args) == 1 else None


def modules_named(resolver: Resolver, view: FileView, call: Call, *, is_whole: bool = True) -> Values | None:
    """The modules whose names are the first argument of a call, which loads them.

    :param is_whole: Whether it gives the module of a dotted name itself, and not the package that it lies in.
    """
    first = call.args[0]
    if isinstance(first, (tuple, list)) and first[0] == "lit":
        name = first[1] if isinstance(first[1], str) else ""
        return resolver.imported(view, name if is_whole else name.partition(".")[0]) if name else None
    names = [v.value for v in resolver.argument(view, call, 0) if isinstance(v, Literal)]
    names.extend(resolver.parameters.texts(view, call, 0))
    texts = [n if is_whole else n.partition(".")[0] for n in names if isinstance(n, str) and n]
    found = [v for text in texts for v in resolver.imported(view, text)]
    return tuple(dict.fromkeys(v for v in found if isinstance(v, External))) or None
